//! Day files, well and badly written.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::play::day::Given;
use crate::play::reference::{SESSION_KEYS, STEP_KEYS};

const HEAD: &str = "day = \"next\"\nexpect = \"accepted\"\n[[session]]\nname = \"a\"\nby = \"mara\"\npatient = \"Brookhollow\"\n";

fn error(rest: &str) -> String {
    read("day.toml", &format!("{HEAD}{rest}"))
        .err()
        .unwrap()
        .to_string()
}

#[test]
fn a_file_is_read_in_its_order() {
    let text = format!(
        "{HEAD}[[step]]\nat = \"09:02:10\"\nby = \"mara\"\nsession = \"a\"\ndo = \"vitals\"\nsystolic = 128\ndiastolic = 82\nspo2 = 97.5\n\
         [[step]]\nat = \"+00:04:10\"\nby = \"mara\"\nsession = \"a\"\ndo = \"device\"\nname = \"first\"\nexpect = \"refused\"\n\
         expires = 2027-06-30\nwhen = 09:01:00\n\
         [[step]]\nat = \"+00:01\"\nby = \"mara\"\nsession = \"a\"\ndo = \"readiness\"\nalert = true\npressure_safe = false\n\
         [[step]]\nat = \"12:00\"\nby = \"mara\"\nsession = \"a\"\ndo = \"none-observed\"\nkinds = [\"sedation\", \"dissociation\"]\n\
         [[step]]\nat = \"12:00\"\nby = \"mara\"\nsession = \"a\"\ndo = \"export\"\nkind = \"pdf\"\nto = \"record-{{day}}.pdf\"\n\
         [[step]]\nat = \"12:01\"\nby = \"mara\"\ndo = \"sign-out\"\n[[step]]\nat = \"13:00\"\ndo = \"wait\"\n"
    );
    let file = read("day.toml", &text).unwrap();
    assert_eq!(file.sessions[0].expect, Some(Outcome::Accepted));
    assert_eq!(file.sessions[0].fields[0].name, "patient");
    let words: Vec<&str> = file.steps.iter().map(DayStep::word).collect();
    assert_eq!(
        words,
        [
            "vitals",
            "device",
            "readiness",
            "none-observed",
            "export",
            "sign-out",
            "wait"
        ]
    );
    assert_eq!(file.steps[0].at, At::Clock(9 * 3600 + 130));
    assert_eq!(file.steps[1].at, At::After(250));
    assert_eq!(
        (file.steps[0].expect, file.steps[1].expect),
        (Some(Outcome::Accepted), Some(Outcome::Refused))
    );
    let fields = |index: usize| match &file.steps[index].act {
        Act::Take(taken) => taken
            .fields
            .iter()
            .map(|field| (field.line, field.name.as_str(), field.given.clone()))
            .collect::<Vec<_>>(),
        Act::WrongPatient(_) | Act::Export(_) | Act::SignOut { .. } | Act::Wait => Vec::new(),
    };
    let given = |value: &str| Given::One(value.to_owned());
    assert_eq!(
        fields(0),
        [
            (12, "systolic", given("128")),
            (13, "diastolic", given("82")),
            (14, "spo2", given("97.5"))
        ]
    );
    assert_eq!(
        fields(1),
        [
            (22, "expires", given("2027-06-30")),
            (23, "when", given("09:01:00"))
        ]
    );
    assert_eq!(fields(2)[1].2, given("no"));
    assert_eq!(
        fields(3)[0].2,
        Given::Many(vec!["sedation".to_owned(), "dissociation".to_owned()])
    );
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let step = "[[step]]\nat = \"09:00\"\nby = \"mara\"\nsession = \"a\"\n";
    let wrong = [
        (
            format!("{step}do = \"dance\"\n"),
            "day.toml:11: there is no step \"dance\". There are: arrival, checklist,",
        ),
        (
            format!("{step}do = \"vitals\"\nsystolicc = 1\n"),
            "day.toml:12: the step vitals has no field \"systolicc\". It has: systolic, diastolic,",
        ),
        (
            format!("{step}do = \"checklist\"\nitem_ = true\n"),
            "day.toml:12: the step checklist has no field \"item_\". It has: item_…, note_…, when,",
        ),
        (
            format!("{step}do = \"vitals\"\nsystolic = {{ a = 1 }}\n"),
            "day.toml:12: `systolic` is a text, a number,",
        ),
        (step.to_owned(), "day.toml:7: `do` is missing."),
        (
            format!("{step}do = 7\n"),
            "day.toml:11: `do` is a text in quotes.",
        ),
        (
            format!("{step}do = \"wait\"\n"),
            "day.toml:9: `by` does not belong here",
        ),
        (
            format!("{step}do = \"export\"\nkind = \"csv\"\nto = \"x\"\n"),
            "day.toml:12: `kind` is",
        ),
        (
            format!("{step}do = \"export\"\nkind = \"pdf\"\nto = \"../x\"\n"),
            "day.toml:13: `to` is a file under",
        ),
        (
            format!("{step}do = \"export\"\nkind = \"pdf\"\nto = \"/etc/x\"\n"),
            "day.toml:13: `to` is a file under",
        ),
        (
            format!("{step}do = \"arrival\"\nexpect = \"fine\"\n"),
            "day.toml:12: `expect` is",
        ),
        (
            "[[step]]\nat = \"25:61\"\ndo = \"wait\"\n".to_owned(),
            "day.toml:8: `at` is a time of day",
        ),
        (
            "[[step]]\nat = \"09:00\"\nby = \"mara\"\nsession = \"b\"\ndo = \"arrival\"\n"
                .to_owned(),
            "day.toml:7: step 1 (arrival) names session \"b\"",
        ),
        (
            "[[session]]\nname = \"a\"\nby = \"mara\"\n".to_owned(),
            "day.toml:7: there is a session \"a\" already.",
        ),
        (
            "[[session]]\nname = \"b\"\nby = \"mara\"\nfollows = \"c\"\n".to_owned(),
            "day.toml:7: no session \"c\"",
        ),
        (
            "[[session]]\nname = \"b\"\nby = \"mara\"\ndose = 56\n".to_owned(),
            "day.toml:10: a session has no field \"dose\"",
        ),
        (
            "[sesion]\nx = 1\n".to_owned(),
            "day.toml:7: `sesion` does not belong here",
        ),
    ];
    for (rest, sentence) in wrong {
        let error = error(&rest);
        assert!(error.starts_with(sentence), "{error}\n{sentence}");
    }
    let error = error("[x\n");
    assert!(error.contains(": this is no TOML: "), "{error}");
    let zone = read("day.toml", "day = \"next\"\ntime_zone = \"Mars/Olympus\"\n")
        .err()
        .unwrap()
        .to_string();
    assert!(zone.contains("no time zone"), "{zone}");
    assert!(
        read("day.toml", "day = \"monday\"\n")
            .err()
            .unwrap()
            .to_string()
            .starts_with("day.toml:1: `day` is")
    );
}

#[test]
fn times_are_read_strictly() {
    assert_eq!(seconds_parse("09:02:10"), Some(32_530));
    assert_eq!(seconds_parse("9:02"), Some(32_520));
    assert_eq!(at_parse("47:59:59"), Some(At::Clock(172_799)));
    for wrong in [
        "",
        "9",
        "09:60",
        "09:00:60",
        "09:00:00:00",
        "-1:00",
        "0x:00",
        "+9:00",
        "009:00",
    ] {
        assert_eq!(seconds_parse(wrong), None, "{wrong}");
    }
    assert_eq!(at_parse("48:00"), None);
}

#[test]
fn no_field_of_a_form_is_called_like_a_key_of_a_step() {
    for step in web::steps::catalogue() {
        for name in field_names(step) {
            assert!(!STEP_KEYS.contains(&name.as_str()), "{}: {name}", step.name);
        }
        assert!(!OTHER_WORDS.contains(&step.name));
    }
    assert!(PLAN_FIELDS.iter().all(|name| !SESSION_KEYS.contains(name)));
}
