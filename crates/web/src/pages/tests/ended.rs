//! What was called off can be taken back, planned again, and a plan corrected.

use domain::treatment::{Change, Correction, Event, Replacement};

use super::*;

fn record(day: &Day, name: &str) -> String {
    let page = day.page(at(9, 30, 0));
    shown(
        name,
        &record_html(&page, frame("Session record", page.now), None),
    )
}

#[test]
fn what_was_called_off_can_be_taken_back() {
    let reason = || "Fever".to_owned();
    let calls = [
        (
            "no-show",
            Command::MarkNoShow {
                note: String::new(),
            },
            "The patient came after all: take this back",
        ),
        (
            "cancellation",
            Command::Cancel { reason: reason() },
            "It takes place after all: take this back",
        ),
        (
            "delay",
            Command::Delay { reason: reason() },
            "It goes on as planned after all: take this back",
        ),
    ];
    for (step, command, words) in calls {
        let mut day = samples::planned();
        day.step(at(9, 0, 0), &command);
        let html = record(&day, &format!("record-{step}"));
        assert!(
            html.contains(words) && html.contains("corrects=1&#38;change=strike"),
            "{step}"
        );
        assert!(html.contains("data-step=\"correction\""), "{step}");
        let id = day.page(at(9, 0, 0)).id;
        let again = format!(
            "/floor/sessions/new?patient={}&#38;follows={id}",
            samples::patient().id
        );
        assert_eq!(html.contains(&again), step == "delay", "{step}");

        let form = step_page(
            &day,
            at(9, 30, 0),
            "correction",
            &[("corrects", "1"), ("change", "strike")],
            &Again::No,
        );
        assert!(
            form.contains(&format!("name=\"step\" value=\"{step}\"")),
            "{step}"
        );
        assert!(
            form.contains("value=\"strike\" id=\"f-change-strike\" checked"),
            "{step}"
        );
        day.step(
            at(9, 31, 0),
            &Command::Correct(Correction {
                corrects: 1,
                reason: "She came late".to_owned(),
                change: Change::Strike,
            }),
        );
        day.step(at(9, 32, 0), &Command::Arrive);
        assert!(!record(&day, "record-taken-back").contains("take this back"));
    }
}

#[test]
fn a_locked_record_is_not_taken_back() {
    let html = record(&discharged(), "record-locked");
    assert!(!html.contains("take-back") && !html.contains("data-step=\"correction\""));
}

#[test]
fn a_plan_can_be_corrected_on_its_own_form() {
    let day = arrived();
    let now = at(8, 31, 0);
    let html = step_page(&day, now, "correction", &[("corrects", "0")], &Again::No);
    assert!(html.contains("name=\"step\" value=\"plan\""));
    for (name, value) in [
        ("indication", "treatment_resistant"),
        ("first_treatment", "later"),
        ("dose_mg", "56"),
    ] {
        let checked = format!("value=\"{value}\" id=\"f-{name}-{value}\" checked");
        assert!(html.contains(&checked), "{name}");
    }
    assert!(html.contains("value=\"Room 2\""));

    let page = day.page(now);
    let step = steps::step("correction").unwrap();
    let query = Values::from_pairs([("corrects", "0")]);
    let mut values = prefilled(&page, step, query);
    values.replace("dose_mg", "84");
    values.push("correction_reason", "Typed at the wrong line");
    let entered = steps::read(step, &values, &page.zone, now).ok().unwrap();
    let Command::Correct(Correction {
        change: Change::Replace(with),
        ..
    }) = entered.command
    else {
        panic!("a replacement");
    };
    let Replacement {
        event: Event::Planned(planned),
        happened_at,
        ..
    } = *with
    else {
        panic!("a plan");
    };
    assert!(planned.plan.dose_mg == 84 && planned.plan.room == "Room 2");
    assert_eq!(happened_at, at(8, 0, 0), "planned when it was planned");
}
