//! Fills in a form.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Zoned};

use super::{Choice, Control, ControlKind, Form};
use crate::play::day::{Field, Given};
use crate::play::read::seconds_parse;

/// A part of a label has to have as many letters to stand for it.
const PART_LETTERS_MIN: usize = 4;

/// What values can refer to.
pub(crate) struct Filling<'a> {
    /// The time of the step at the clinic.
    pub(crate) now: Zoned,
    /// Names of people by their sign-in names.
    pub(crate) people: &'a BTreeMap<String, String>,
    /// Numbers of entries by the names of the steps that made them.
    pub(crate) entries: &'a BTreeMap<String, u32>,
}

/// A field of the file that does not fit the form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    pub(crate) line: usize,
    pub(crate) sentence: String,
}

impl Form {
    /// Fills in what the file gives; everything else stays as the page has it.
    ///
    /// # Errors
    /// A field that the form does not have, or a choice that it does not offer.
    pub(crate) fn fill<'f>(
        &mut self,
        fields: impl IntoIterator<Item = &'f Field>,
        with: &Filling<'_>,
    ) -> Result<(), Misfit> {
        for field in fields {
            self.field_fill(field, with).map_err(|sentence| Misfit {
                line: field.line,
                sentence,
            })?;
        }
        Ok(())
    }

    fn field_fill(&mut self, field: &Field, with: &Filling<'_>) -> Result<(), String> {
        if let Given::One(value) = &field.given
            && self.has(&format!("{}_time", field.name))
            && let Some(moment) = moment(value, with)
        {
            return self.moment_fill(&field.name, &moment);
        }
        let names = self.names();
        let Some(control) = self
            .controls
            .iter_mut()
            .find(|control| control.name == field.name)
        else {
            let expected = if self.has(&format!("{}_time", field.name)) {
                format!(
                    "`{}` is a time such as \"09:02:10\", or one before now such as \"-00:04:10\"",
                    field.name
                )
            } else {
                format!("the form has no field `{}`; it has {names}", field.name)
            };
            return Err(expected);
        };
        control.fill(&field.given, with)
    }

    /// “Another time”, where the form asks “now or another time”, and the time.
    fn moment_fill(&mut self, name: &str, moment: &(String, Option<String>)) -> Result<(), String> {
        for control in &mut self.controls {
            let own = control.name.strip_prefix(name);
            match (&mut control.kind, own) {
                (ControlKind::One(choices), Some("")) => {
                    choices
                        .iter_mut()
                        .for_each(|choice| choice.chosen = choice.value == "other");
                }
                (ControlKind::Typed { value, .. }, Some("_time")) => value.clone_from(&moment.0),
                (ControlKind::Typed { value, .. }, Some("_date")) => {
                    if let Some(date) = &moment.1 {
                        value.clone_from(date);
                    }
                }
                (
                    ControlKind::Hidden(_)
                    | ControlKind::Typed { .. }
                    | ControlKind::One(_)
                    | ControlKind::Any(_),
                    _,
                ) => {}
            }
        }
        Ok(())
    }

    fn names(&self) -> String {
        let names = self
            .controls
            .iter()
            .filter(|control| !matches!(control.kind, ControlKind::Hidden(_)));
        let names: Vec<&str> = names.map(|control| control.name.as_str()).collect();
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    }
}

impl Control {
    fn fill(&mut self, given: &Given, with: &Filling<'_>) -> Result<(), String> {
        let name = &self.name;
        match (&mut self.kind, given) {
            (ControlKind::Hidden(_), _) => Err(format!("`{name}` is filled in by the page itself")),
            (
                ControlKind::Typed {
                    longest: Some(longest),
                    ..
                },
                Given::One(typed),
            ) if typed.chars().count() > *longest => Err(format!(
                "`{name}` takes {longest} characters, and here are {}",
                typed.chars().count()
            )),
            (ControlKind::Typed { value, .. }, Given::One(typed)) => {
                value.clone_from(typed);
                Ok(())
            }
            (ControlKind::One(choices), Given::One(wanted)) => {
                let index = find(name, choices, wanted, with)?;
                choices
                    .iter_mut()
                    .enumerate()
                    .for_each(|(own, choice)| choice.chosen = own == index);
                Ok(())
            }
            (ControlKind::Typed { .. } | ControlKind::One(_), Given::Many(_)) => {
                Err(format!("`{name}` takes one value, and here is a list"))
            }
            (ControlKind::Any(choices), Given::One(wanted)) if wanted == "all" => {
                choices.iter_mut().for_each(|choice| choice.chosen = true);
                Ok(())
            }
            (ControlKind::Any(choices), Given::One(wanted)) => {
                tick(name, choices, std::slice::from_ref(wanted), with)
            }
            (ControlKind::Any(choices), Given::Many(wanted)) => tick(name, choices, wanted, with),
        }
    }
}

fn tick(
    name: &str,
    choices: &mut [Choice],
    wanted: &[String],
    with: &Filling<'_>,
) -> Result<(), String> {
    let found = wanted
        .iter()
        .map(|wanted| find(name, choices, wanted, with))
        .collect::<Result<Vec<_>, _>>()?;
    choices
        .iter_mut()
        .enumerate()
        .for_each(|(index, choice)| choice.chosen = found.contains(&index));
    Ok(())
}

/// The choice that is meant: its value, an entry's name after `@`, a sign-in name, its label, or a part of one label alone.
fn find(name: &str, choices: &[Choice], wanted: &str, with: &Filling<'_>) -> Result<usize, String> {
    let by = |is: &dyn Fn(&Choice) -> bool| choices.iter().position(is);
    if let Some(entry) = wanted.strip_prefix('@') {
        let number = with
            .entries
            .get(entry)
            .ok_or_else(|| format!("no step before has made an entry named {entry:?}"))?;
        return by(&|choice| choice.value == number.to_string()).ok_or_else(|| {
            format!(
                "`{name}` does not offer the entry of {entry:?}; it offers {}",
                offered(choices)
            )
        });
    }
    let person = with.people.get(wanted);
    let part = wanted.to_lowercase();
    let parts: Vec<usize> = match part.chars().count() < PART_LETTERS_MIN {
        true => Vec::new(),
        false => {
            let holds = |choice: &Choice| choice.label.to_lowercase().contains(&part);
            choices
                .iter()
                .enumerate()
                .filter(|(_, choice)| holds(choice))
                .map(|(index, _)| index)
                .collect()
        }
    };
    by(&|choice| choice.value == wanted)
        .or_else(|| {
            person.and_then(|person| by(&|choice| choice.label.split(',').next() == Some(person)))
        })
        .or_else(|| by(&|choice| choice.label.to_lowercase() == part))
        .or_else(|| parts.first().copied().filter(|_| parts.len() == 1))
        .ok_or_else(|| {
            format!(
                "`{name}` does not offer {wanted:?}; it offers {}",
                offered(choices)
            )
        })
}

fn offered(choices: &[Choice]) -> String {
    let words = |choice: &Choice| match (choice.value.as_str(), choice.label.as_str()) {
        (value, "") => value.to_owned(),
        // Ids are for machines.
        (value, label) if value.len() > 32 || value.is_empty() => format!("“{label}”"),
        (value, label) => format!("{value} (“{label}”)"),
    };
    let offered: Vec<String> = choices.iter().map(words).collect();
    if offered.is_empty() {
        "nothing".to_owned()
    } else {
        offered.join(", ")
    }
}

/// A time of day, or one before now (`-00:04:10`), as a form takes it: time, and date where it is known.
fn moment(text: &str, with: &Filling<'_>) -> Option<(String, Option<String>)> {
    if let Some(before) = text.strip_prefix('-') {
        let at = with
            .now
            .checked_sub(SignedDuration::from_secs(i64::from(seconds_parse(before)?)))
            .ok()?;
        return Some((at.strftime("%T").to_string(), Some(at.date().to_string())));
    }
    // Whether there is such a time of day is the server's to say.
    seconds_parse(text).map(|_| (text.to_owned(), None))
}
