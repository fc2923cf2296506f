//! The documentation's tables of steps, made from the catalogue, and the example files, held against the reader.
#![expect(clippy::unwrap_used, reason = "tests")]

use web::steps::{self, FieldKind, FieldSpec, Group, Need, Source, Step};

use super::day::Outcome;
use super::read::{OTHER_WORDS, PLAN_FIELDS, read};
use super::schedule::schedule;

/// The keys of a step that are no fields of its form.
pub(crate) const STEP_KEYS: [&str; 6] = ["at", "by", "session", "do", "name", "expect"];
/// The keys of a session that are no fields of the form that plans it.
pub(crate) const SESSION_KEYS: [&str; 5] = ["name", "at", "by", "follows", "expect"];

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/day-file.md");
const BEGIN: &str = "<!-- steps: made from the catalogue by `cargo test -p server -- --ignored day_file_reference_write` -->\n";
const END: &str = "<!-- steps: end -->\n";

fn table() -> String {
    let mut text = String::new();
    for group in Group::ALL {
        text.push_str(&format!("\n### {}\n", group.title()));
        for step in steps::catalogue().iter().filter(|step| step.group == group) {
            step_push(&mut text, step);
        }
    }
    text.push_str("\n### On every form\n\n");
    text.push_str("| field | asks | takes | needed |\n|---|---|---|---|\n");
    let already = steps::already_field();
    for field in steps::common_fields() {
        // A form has a choice made for each already: now, and you.
        field_push(
            &mut text,
            &FieldSpec {
                need: Need::Optional,
                ..field
            },
        );
    }
    text.push_str("\n### On `clearing`, `device` and `discharge`, beside a refusal\n\n");
    text.push_str("| field | asks | takes | needed |\n|---|---|---|---|\n");
    field_push(
        &mut text,
        &FieldSpec {
            need: Need::Optional,
            ..already
        },
    );
    text
}

fn step_push(text: &mut String, step: &Step) {
    text.push_str(&format!("\n#### `{}`: {}\n\n", step.name, step.title));
    if !step.lead.is_empty() {
        text.push_str(&format!("{}\n\n", step.lead));
    }
    if step.fields().next().is_none() {
        text.push_str("No fields of its own.\n");
        return;
    }
    text.push_str("| field | asks | takes | needed |\n|---|---|---|---|\n");
    for field in step.fields() {
        field_push(text, field);
    }
}

fn field_push(text: &mut String, field: &FieldSpec) {
    let names = match field.kind {
        FieldKind::Time | FieldKind::Moment => format!("`{}`", field.name),
        FieldKind::Checklist => "`item_ID`, `note_ID`".to_owned(),
        FieldKind::Pressure => "`systolic`, `diastolic`".to_owned(),
        FieldKind::Text { .. }
        | FieldKind::Note { .. }
        | FieldKind::Number { .. }
        | FieldKind::Choice(_)
        | FieldKind::Several(_)
        | FieldKind::One { .. }
        | FieldKind::Many(_)
        | FieldKind::Date => format!("`{}`", field.name),
    };
    let need = match field.need {
        Need::Required => "yes",
        Need::Optional => "",
    };
    text.push_str(&format!(
        "| {names} | {} | {} | {need} |\n",
        field.label,
        takes(&field.kind)
    ));
}

fn takes(kind: &FieldKind) -> String {
    match *kind {
        FieldKind::Text { longest } => format!("a line, at most {longest} characters"),
        FieldKind::Note { longest } => format!("text, at most {longest} characters"),
        FieldKind::Number { unit: "" } => "a whole number".to_owned(),
        FieldKind::Number { unit } => format!("a whole number, {unit}"),
        FieldKind::Pressure => "two whole numbers, mmHg".to_owned(),
        FieldKind::Choice(choices) => fixed(choices),
        FieldKind::Several(choices) => format!("a list of {}; or `all`", fixed(choices)),
        FieldKind::One { source, none } => one(source, none),
        FieldKind::Many(source) => format!("a list of {}; or `all`", from(source)),
        FieldKind::Date => "a date".to_owned(),
        FieldKind::Time => "a time".to_owned(),
        FieldKind::Moment => "`now`, or a time".to_owned(),
        FieldKind::Checklist => {
            "`yes`, `no` or `not_asked` for each item of the protocol; a remark".to_owned()
        }
    }
}

fn fixed(choices: &[steps::Chosen]) -> String {
    let values: Vec<String> = choices
        .iter()
        .filter(|choice| !choice.value.is_empty())
        .map(|choice| format!("`{}`", choice.value))
        .collect();
    values.join(", ")
}

fn one(source: Source, none: &str) -> String {
    if none.is_empty() {
        from(source).to_owned()
    } else {
        format!("{}; or {none:?}", from(source))
    }
}

fn from(source: Source) -> &'static str {
    match source {
        Source::Clinicians => "a clinician or prescriber",
        Source::Prescribers => "a prescriber",
        Source::Doses => "a dose of the protocol, mg",
        Source::Severities => "a severity of the protocol",
        Source::CrisisSymptoms => "symptoms of the protocol",
        Source::SeriousKinds => "kinds of the protocol",
        Source::Reports => "a report that is owed",
        Source::OpenEpisodes => "an open episode",
        Source::Concerns => "what the page asks a decision about",
        Source::Correctable => "an entry",
        Source::SeriousSubjects => "an adverse event, or `emergency_care`; the last answer counts",
    }
}

fn document() -> (String, String, String) {
    let text = std::fs::read_to_string(DOCUMENT).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (tables, after) = rest.split_once(END).unwrap();
    (before.to_owned(), tables.to_owned(), after.to_owned())
}

#[test]
fn day_file_reference_says_what_the_catalogue_has() {
    let (_, tables, _) = document();
    assert!(
        tables == table(),
        "docs/day-file.md is not what the catalogue has: run `cargo test -p server -- --ignored day_file_reference_write`"
    );
}

#[test]
#[ignore = "writes the documentation; run it when a step or field has changed"]
fn day_file_reference_write() {
    let (before, _, after) = document();
    std::fs::write(DOCUMENT, format!("{before}{BEGIN}{}{END}{after}", table())).unwrap();
}

#[test]
fn day_file_reference_names_every_key() {
    let (before, _, after) = document();
    let prose = before + &after;
    let outcomes = [Outcome::Accepted, Outcome::Marked, Outcome::Refused].map(Outcome::as_str);
    for key in STEP_KEYS
        .iter()
        .chain(&SESSION_KEYS)
        .chain(&PLAN_FIELDS)
        .chain(&OTHER_WORDS)
        .chain(&outcomes)
    {
        assert!(
            prose.contains(&format!("`{key}`")),
            "docs/day-file.md does not say what `{key}` is"
        );
    }
}

#[test]
fn the_example_files_can_be_read_and_put_on_the_clock() {
    let examples = [
        ("demo/day.toml", include_str!("../../../../demo/day.toml")),
        (
            "demo/two-rooms.toml",
            include_str!("../../../../demo/two-rooms.toml"),
        ),
    ];
    for (name, text) in examples {
        let file = read(name, text).unwrap();
        let scheduled = schedule(&file, "2026-03-02T13:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(scheduled.cues.len(), file.sessions.len() + file.steps.len());
        assert_eq!(
            scheduled.day.to_string(),
            "2026-03-02",
            "{name} fits the day on which a new demo begins"
        );
    }
}
