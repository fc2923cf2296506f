//! Reads a day file. Whatever is wrong with it is said with its line, before anything is played.

mod table;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use web::steps::{self, FieldKind, FieldSpec, Step};

use super::day::{
    Act, At, DayFile, DayStep, DayWanted, ExportKind, Exported, Field, Mistaken, Outcome,
    SessionPlanned, Taken, WRONG_PATIENT,
};
use table::{Source, Table};

/// The demo clinic's time zone, for files that do not name one.
pub(crate) const TIME_ZONE_USUAL: &str = "America/Chicago";

/// Sessions of one day: more than any clinic has rooms.
const SESSIONS_MAX: usize = 100;
/// Steps of one day.
const STEPS_MAX: usize = 5_000;

/// The fields of the form that plans a session.
pub(crate) const PLAN_FIELDS: [&str; 8] = [
    "patient",
    "day",
    "indication",
    "first_treatment",
    "dose_mg",
    "prescriber",
    "monitor",
    "room",
];
/// What `do` can be besides the steps of the catalogue.
pub(crate) const OTHER_WORDS: [&str; 4] = [WRONG_PATIENT, "export", "sign-out", "wait"];

/// Reads a day file; `file` is its name in messages.
///
/// # Errors
/// The first thing that is wrong, with its line.
pub(crate) fn read(file: &str, text: &str) -> anyhow::Result<DayFile> {
    let source = Source { file, text };
    let mut top = source.parse()?;
    let day = day_wanted(&mut top)?;
    let zone_name = top
        .text("time_zone")?
        .unwrap_or_else(|| TIME_ZONE_USUAL.to_owned());
    let zone = TimeZone::get(&zone_name)
        .with_context(|| format!("{file}: `time_zone` is no time zone: {zone_name}"))?;
    let expect = outcome(&mut top)?;
    let sessions = top
        .tables("session", SESSIONS_MAX)?
        .into_iter()
        .map(|table| session(table, expect))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let steps = top
        .tables("step", STEPS_MAX)?
        .into_iter()
        .enumerate()
        .map(|(index, table)| step(table, index + 1, expect))
        .collect::<anyhow::Result<Vec<_>>>()?;
    top.finish("`day`, `time_zone`, `expect`, [[session]] and [[step]]")?;
    let read = DayFile {
        file: file.to_owned(),
        day,
        zone,
        sessions,
        steps,
    };
    names_check(&read)?;
    Ok(read)
}

fn day_wanted(top: &mut Table<'_>) -> anyhow::Result<DayWanted> {
    let line = top.line_of("day");
    let day = top.text_needed("day")?;
    if day == "next" {
        return Ok(DayWanted::Next);
    }
    match day.parse() {
        Ok(date) => Ok(DayWanted::On(date)),
        Err(_) => Err(top.wrong(line, "`day` is \"next\" or a date such as 2026-03-02.")),
    }
}

fn outcome(table: &mut Table<'_>) -> anyhow::Result<Option<Outcome>> {
    let line = table.line_of("expect");
    let Some(word) = table.text("expect")? else {
        return Ok(None);
    };
    match Outcome::parse(&word) {
        Some(outcome) => Ok(Some(outcome)),
        None => Err(table.wrong(line, "`expect` is \"accepted\", \"marked\" or \"refused\".")),
    }
}

fn session(mut table: Table<'_>, expect: Option<Outcome>) -> anyhow::Result<SessionPlanned> {
    let at_line = table.line_of("at");
    let at_s = match table.text("at")? {
        None => None,
        Some(text) => match at_parse(&text) {
            Some(At::Clock(s)) => Some(s),
            Some(At::After(_)) | None => {
                return Err(table.wrong(
                    at_line,
                    "`at` of a session is a time of day such as \"08:30\".",
                ));
            }
        },
    };
    Ok(SessionPlanned {
        line: table.line(),
        name: table.text_needed("name")?,
        at_s,
        by: table.text_needed("by")?,
        follows: table.text("follows")?,
        expect: outcome(&mut table)?.or(expect),
        fields: fields(table, "a session", &PLAN_FIELDS.map(str::to_owned))?,
    })
}

fn step(mut table: Table<'_>, number: usize, expect: Option<Outcome>) -> anyhow::Result<DayStep> {
    let line = table.line();
    let at_line = table.line_of("at");
    let at_text = table.text_needed("at")?;
    let Some(at) = at_parse(&at_text) else {
        let sentence = format!(
            "`at` is a time of day such as \"09:02:10\", or one after the step before such as \"+00:04:10\", and not {at_text:?}."
        );
        return Err(table.wrong(at_line, &sentence));
    };
    let expect = outcome(&mut table)?.or(expect);
    let do_line = table.line_of("do");
    let act = match table.text_needed("do")?.as_str() {
        WRONG_PATIENT => wrong_patient(table)?,
        "export" => export(table)?,
        "sign-out" => {
            let by = table.text_needed("by")?;
            table.finish("`at`, `do`, `by` and `expect`")?;
            Act::SignOut { by }
        }
        "wait" => {
            table.finish("`at`, `do` and `expect`")?;
            Act::Wait
        }
        word => match steps::step(word) {
            Some(step) => take(table, step)?,
            None => return Err(table.wrong(do_line, &unknown_word(word))),
        },
    };
    Ok(DayStep {
        line,
        number,
        at,
        act,
        expect,
    })
}

fn unknown_word(word: &str) -> String {
    let mut known: Vec<&str> = steps::catalogue().iter().map(|step| step.name).collect();
    known.extend(OTHER_WORDS);
    format!(
        "there is no step {word:?}. There are: {}.",
        known.join(", ")
    )
}

fn wrong_patient(mut table: Table<'_>) -> anyhow::Result<Act> {
    let mistaken = Mistaken {
        by: table.text_needed("by")?,
        session: table.text_needed("session")?,
        to: table.text("to")?,
    };
    table.finish("`at`, `do`, `by`, `session`, `to` and `expect`")?;
    Ok(Act::WrongPatient(mistaken))
}

fn export(mut table: Table<'_>) -> anyhow::Result<Act> {
    let (by, session) = (table.text_needed("by")?, table.text_needed("session")?);
    let kind_line = table.line_of("kind");
    let kind = match table.text_needed("kind")?.as_str() {
        "pdf" => ExportKind::Pdf,
        "bundle" => ExportKind::Bundle,
        _ => return Err(table.wrong(kind_line, "`kind` is \"pdf\" or \"bundle\".")),
    };
    let to_line = table.line_of("to");
    let to = table.text_needed("to")?;
    let path = std::path::Path::new(&to);
    let plain = path
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)));
    if to.is_empty() || !plain {
        return Err(table.wrong(
            to_line,
            "`to` is a file under the folder for exports: no \"..\", and no \"/\" at its beginning.",
        ));
    }
    table.finish("`at`, `do`, `by`, `session`, `kind`, `to` and `expect`")?;
    Ok(Act::Export(Exported {
        by,
        session,
        kind,
        to,
    }))
}

fn take(mut table: Table<'_>, step: &'static Step) -> anyhow::Result<Act> {
    let (by, session) = (table.text_needed("by")?, table.text_needed("session")?);
    let name = table.text("name")?;
    let fields = fields(
        table,
        &format!("the step {}", step.name),
        &field_names(step),
    )?;
    Ok(Act::Take(Taken {
        step: step.name,
        by,
        session,
        name,
        fields,
    }))
}

/// Every key that can stand for a field of a step's form. `_` at the end stands for any ending.
pub(crate) fn field_names(step: &Step) -> Vec<String> {
    let mut names = names_of(step.fields());
    if step.name == "correction" {
        // The corrected entry's own fields.
        names.extend(names_of(steps::correction_forms().flat_map(Step::fields)));
    }
    let common = steps::common_fields();
    names.extend(names_of(common.iter()));
    if matches!(step.name, "clearing" | "device" | "discharge") {
        names.push(steps::already_field().name.to_owned());
    }
    names
}

fn names_of<'a>(fields: impl Iterator<Item = &'a FieldSpec>) -> Vec<String> {
    let mut names = Vec::new();
    for field in fields {
        match field.kind {
            FieldKind::Checklist => names.extend(["item_".to_owned(), "note_".to_owned()]),
            // `first_spray = "09:01"` says what `first_spray_time` says.
            FieldKind::Time => {
                names.push(field.name.to_owned());
                names.extend(field.names());
            }
            FieldKind::Text { .. }
            | FieldKind::Note { .. }
            | FieldKind::Number { .. }
            | FieldKind::Pressure
            | FieldKind::Choice(_)
            | FieldKind::Several(_)
            | FieldKind::One { .. }
            | FieldKind::Many(_)
            | FieldKind::Date
            | FieldKind::Moment => names.extend(field.names()),
        }
    }
    names
}

fn fields(table: Table<'_>, what: &str, known: &[String]) -> anyhow::Result<Vec<Field>> {
    let is_known = |name: &str| {
        known.iter().any(|own| match own.ends_with('_') {
            true => name.len() > own.len() && name.starts_with(own.as_str()),
            false => own == name,
        })
    };
    let file = table.file();
    let fields = table.into_fields()?;
    match fields.iter().find(|field| !is_known(&field.name)) {
        None => Ok(fields),
        Some(field) => {
            let list: Vec<String> = known
                .iter()
                .map(|name| {
                    if name.ends_with('_') {
                        format!("{name}…")
                    } else {
                        name.clone()
                    }
                })
                .collect();
            anyhow::bail!(
                "{file}:{}: {what} has no field {:?}. It has: {}.",
                field.line,
                field.name,
                list.join(", ")
            )
        }
    }
}

/// Names are used as they were declared: sessions once, steps of planned sessions.
fn names_check(file: &DayFile) -> anyhow::Result<()> {
    for (index, session) in file.sessions.iter().enumerate() {
        let before = &file.sessions[..index];
        let known = |name: &str| before.iter().any(|other| other.name == name);
        if known(&session.name) {
            anyhow::bail!(
                "{}:{}: there is a session {:?} already.",
                file.file,
                session.line,
                session.name
            );
        }
        if let Some(follows) = session.follows.as_deref().filter(|follows| !known(follows)) {
            anyhow::bail!(
                "{}:{}: no session {follows:?} stands before this one.",
                file.file,
                session.line
            );
        }
    }
    for step in &file.steps {
        let to = match &step.act {
            Act::WrongPatient(mistaken) => mistaken.to.as_deref(),
            Act::Take(_) | Act::Export(_) | Act::SignOut { .. } | Act::Wait => None,
        };
        if let Some(name) = step
            .session()
            .into_iter()
            .chain(to)
            .find(|name| !file.sessions.iter().any(|session| session.name == *name))
        {
            anyhow::bail!(
                "{}:{}: step {} ({}) names session {name:?}, and there is no [[session]] of that name.",
                file.file,
                step.line,
                step.number,
                step.word()
            );
        }
    }
    Ok(())
}

/// `09:02`, `09:02:10`, past midnight `24:10`, or after the step before `+00:04:10`.
fn at_parse(text: &str) -> Option<At> {
    match text.strip_prefix('+') {
        Some(after) => seconds_parse(after).map(At::After),
        None => seconds_parse(text)
            .filter(|s| *s < 48 * 3600)
            .map(At::Clock),
    }
}

/// Hours, minutes and, if given, seconds.
pub(crate) fn seconds_parse(text: &str) -> Option<u32> {
    let mut parts = text.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next());
    let number = |part: &str, most: u32| {
        let digits =
            (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .then(|| part.parse::<u32>().ok())
            .flatten()
            .filter(|number| *number <= most)
    };
    let seconds = seconds.map_or(Some(0), |seconds| number(seconds, 59))?;
    parts
        .next()
        .is_none()
        .then_some(number(hours, 99)? * 3600 + number(minutes, 59)? * 60 + seconds)
}

#[cfg(test)]
mod tests;
