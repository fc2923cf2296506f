//! The steps of the day: their names, their forms, and how each form becomes a command.
//!
//! One description ([`Step`]) serves the page, the parser and whoever fills the form from outside: a file of a day
//! names a step and its fields exactly as [`catalogue`] lists them.

mod asked;
mod before;
mod dosing;
mod ending;
mod events;
mod planned;
mod prefill;
pub(crate) mod read;
mod record;
mod spec;
mod table;
mod vocabulary;

use domain::treatment::{Command, PersonId};
use jiff::{Timestamp, tz::TimeZone};

pub(crate) use asked::{ASKED, MISSED, WANTED, is_asked};
pub(crate) use before::{NOBODY, concern_parse, concern_value};
pub(crate) use events::EMERGENCY_CARE;
pub(crate) use planned::plan_read_fields;
pub(crate) use prefill::{step_of, values_of};
pub use spec::{
    Chosen, FieldKind, FieldSpec, Group, Need, SectionShape, SectionSpec, Source, Step,
};
pub(crate) use table::{ALREADY_REASON, CORRECTION_SECTION, TAKEN_BY, WHEN};

use crate::form::Values;
use read::{Problems, Reader};

/// Every step with its fields.
#[must_use]
pub fn catalogue() -> &'static [Step] {
    table::STEPS
}

/// The fields that every step's form has besides its own: when it happened, and who did or saw it.
#[must_use]
pub fn common_fields() -> [FieldSpec; 2] {
    [WHEN, TAKEN_BY]
}

/// The field with the reason beside “it was already done”; a clearing, device or discharge that breaks a rule needs it. With it
/// goes `basis` (`now` or `already`); a form that names another time means `already`.
#[must_use]
pub fn already_field() -> FieldSpec {
    ALREADY_REASON
}

/// The step of a name.
#[must_use]
pub fn step(name: &str) -> Option<&'static Step> {
    table::STEPS.iter().find(|step| step.name == name)
}

/// The form of an entry, by the name that [`step_of`] gives: a step's, or that of the plan, which no step has.
pub(crate) fn form_of(name: &str) -> Option<&'static Step> {
    step(name).or_else(|| Some(&planned::PLAN).filter(|plan| plan.name == name))
}

/// Every form that a correction can be made with.
pub fn correction_forms() -> impl Iterator<Item = &'static Step> {
    table::STEPS.iter().chain([&planned::PLAN])
}

/// A form that could be read.
pub(crate) struct Entered {
    pub(crate) command: Command,
    /// `None`: now (a correction's own time).
    pub(crate) happened_at: Option<Timestamp>,
    /// `None`: the person who enters it.
    pub(crate) taken_by: Option<PersonId>,
}

/// Reads a step's form; `tapped` is what “now” means on it ([`read::tapped_at`]).
///
/// # Errors
/// What is wrong, by field.
pub(crate) fn read(
    step: &Step,
    values: &Values,
    zone: &TimeZone,
    tapped: Timestamp,
) -> Result<Entered, Problems> {
    let mut reader = Reader::new(values, zone, tapped);
    // A correction's own time is now and its author the one who enters it: `when` and `taken_by` of its form belong to
    // the entry that it corrects.
    let own = step.kind == "correct";
    let happened_at = (!own).then(|| reader.moment("when").unwrap_or(reader.now));
    let taken_by = if own { None } else { reader.person("taken_by") };
    let command = (step.read)(&mut reader);
    match command {
        Some(command) if reader.problems.is_empty() => Ok(Entered {
            command,
            happened_at,
            taken_by,
        }),
        Some(_) | None => Err(reader.problems),
    }
}

#[cfg(test)]
mod tests;
