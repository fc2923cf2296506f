//! Every step's form read, well filled and badly filled; and the description held against the parser.

use domain::treatment::*;

use super::read::person_value;
use super::*;
use crate::samples::{NURSE, PRESCRIBER, at, zone};

fn read_pairs(name: &str, pairs: &[(&str, &str)]) -> Result<Entered, Problems> {
    let values = Values::from_pairs(pairs.iter().copied());
    read(step(name).unwrap(), &values, &zone(), at(9, 0, 0))
}

fn command(name: &str, pairs: &[(&str, &str)]) -> Command {
    match read_pairs(name, pairs) {
        Ok(entered) => entered.command,
        Err(problems) => panic!("{name}: {problems:?}"),
    }
}

fn wrong(name: &str, pairs: &[(&str, &str)]) -> Vec<String> {
    match read_pairs(name, pairs) {
        Ok(_) => panic!("{name} was read"),
        Err(problems) => {
            assert!(
                problems.values().all(|sentence| sentence.ends_with('.')),
                "{name}: {problems:?}"
            );
            problems.into_keys().collect()
        }
    }
}

/// A well filled form of every step.
fn samples() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let nurse = person_value(NURSE);
    let prescriber = person_value(PRESCRIBER);
    let text = |pairs: &[(&'static str, &str)]| {
        pairs
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect::<Vec<_>>()
    };
    vec![
        ("arrival", vec![]),
        (
            "checklist",
            text(&[
                ("item_ride", "yes"),
                ("note_ride", "Her brother"),
                ("item_food", "not_asked"),
            ]),
        ),
        (
            "vitals",
            text(&[
                ("systolic", "128"),
                ("diastolic", "82"),
                ("pulse", "72"),
                ("spo2", "98"),
                ("respiration", "14"),
                ("moaas", "5"),
            ]),
        ),
        (
            "decision",
            text(&[
                ("about", "reading:4:pressure"),
                ("about", "checklist:ride"),
                ("choice", "proceed"),
                ("reason", "Weighed"),
            ]),
        ),
        ("clearing", vec![("prescriber_on_site", prescriber.clone())]),
        (
            "plan-change",
            text(&[
                ("dose_mg", "84"),
                ("room", "Room 3"),
                ("reason", "Room is free"),
            ]),
        ),
        (
            "device",
            text(&[
                ("lot", "7K3301"),
                ("expires", "2027-06-30"),
                ("dots_before", "2"),
                ("sprays", "2"),
                ("dots_after", "0"),
            ]),
        ),
        ("dosing-stop", text(&[("reason", "Nausea")])),
        (
            "episode",
            text(&[("kind", "dissociation"), ("severity", "mild")]),
        ),
        (
            "episode-resolution",
            text(&[("episode", "7"), ("worst_severity", "moderate")]),
        ),
        (
            "none-observed",
            text(&[("kinds", "sedation"), ("kinds", "dissociation")]),
        ),
        ("hand-over", vec![("to", nurse.clone())]),
        (
            "readiness",
            text(&[
                ("alert", "yes"),
                ("no_dissociation", "yes"),
                ("breathing_in_range", "yes"),
                ("pressure_safe", "no"),
            ]),
        ),
        ("vomiting", text(&[("note", "Once")])),
        (
            "crisis-symptoms",
            text(&[("symptoms", "chest_pain"), ("note", "")]),
        ),
        (
            "medicine",
            vec![
                ("drug", "Ondansetron".to_owned()),
                ("dose", "4 mg".to_owned()),
                ("route", "by mouth".to_owned()),
                ("ordered_by", prescriber.clone()),
            ],
        ),
        (
            "adverse-event",
            text(&[
                ("description", "Fell"),
                ("serious", "yes"),
                ("serious_kinds", "hospitalisation"),
            ]),
        ),
        ("emergency-call", text(&[("note", "911")])),
        ("emergency-arrival", text(&[("note", "")])),
        (
            "discharge",
            text(&[
                ("clinically_stable", "yes"),
                ("instructions_given", "yes"),
                ("escort", "Her brother"),
            ]),
        ),
        (
            "departure",
            text(&[
                ("how", "found_gone"),
                ("last_seen_time", "08:55"),
                ("escort", "alone"),
                ("signature", "not_asked"),
            ]),
        ),
        (
            "emergency-care",
            text(&[
                ("reason", "Chest pain"),
                ("destination", "County"),
                ("serious", "later"),
            ]),
        ),
        ("delay", text(&[("reason", "Blood pressure")])),
        ("cancellation", text(&[("reason", "Moved away")])),
        ("no-show", text(&[("note", "No call")])),
        (
            "seriousness",
            text(&[("about", "emergency_care"), ("serious", "no")]),
        ),
        ("report", text(&[("report", "maker")])),
        ("addendum", text(&[("text", "The escort called back.")])),
        (
            "correction",
            text(&[
                ("corrects", "4"),
                ("change", "strike"),
                ("correction_reason", "Wrong patient"),
            ]),
        ),
    ]
}

#[test]
fn every_step_is_read_into_its_own_command() {
    let samples = samples();
    assert_eq!(samples.len(), catalogue().len(), "a sample for every step");
    for (name, pairs) in samples {
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        assert_eq!(
            command(name, &pairs).kind(),
            step(name).unwrap().kind,
            "{name}"
        );
    }
}

#[test]
fn every_field_that_a_sample_sends_is_described() {
    for (name, pairs) in samples() {
        let known: Vec<String> = step(name)
            .unwrap()
            .fields()
            .flat_map(FieldSpec::names)
            .collect();
        for (field, _) in pairs {
            let described = known.iter().any(|own| own == field)
                || (name == "checklist"
                    && (field.starts_with("item_") || field.starts_with("note_")));
            assert!(described, "{name}: {field}");
        }
    }
}

#[test]
fn names_and_kinds_are_unique() {
    for key in [
        |step: &super::Step| step.name,
        |step: &super::Step| step.kind,
    ] {
        let mut keys: Vec<&str> = catalogue().iter().map(key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), catalogue().len());
    }
    for step in catalogue() {
        let mut names: Vec<String> = step.fields().flat_map(FieldSpec::names).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{}", step.name);
    }
}

/// A step, what is sent, and the fields that are wrong.
type Bad = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

#[test]
fn what_is_no_form_of_ours_is_refused_with_sentences() {
    let bad: &[Bad] = &[
        (
            "vitals",
            &[("systolic", "1z8"), ("diastolic", "82")],
            &["systolic"],
        ),
        ("vitals", &[("systolic", "128")], &["systolic"]),
        (
            "vitals",
            &[("pulse", "7,2"), ("spo2", "98%")],
            &["pulse", "spo2"],
        ),
        ("vitals", &[("pulse_absent", "declined")], &["occasion"]),
        (
            "vitals",
            &[("pulse_absent", "declined"), ("occasion", "other")],
            &["pulse_reason"],
        ),
        ("vitals", &[("moaas_absent", "forgot")], &["moaas_absent"]),
        ("checklist", &[("item_ride", "perhaps")], &["item_ride"]),
        (
            "decision",
            &[("choice", "proceed"), ("about", "reading:x:pressure")],
            &["about"],
        ),
        ("decision", &[("about", "checklist:ride")], &["choice"]),
        ("clearing", &[], &["prescriber_on_site"]),
        (
            "clearing",
            &[("prescriber_on_site", "somebody")],
            &["prescriber_on_site"],
        ),
        (
            "device",
            &[("lot", "x")],
            &["dots_after", "dots_before", "sprays"],
        ),
        (
            "device",
            &[("dots_before", "2"), ("dots_after", "0"), ("sprays", "1")],
            &["outcome"],
        ),
        (
            "device",
            &[
                ("dots_before", "2"),
                ("dots_after", "0"),
                ("sprays", "2"),
                ("expires", "6/30/27"),
            ],
            &["expires"],
        ),
        ("episode", &[], &["kind"]),
        (
            "episode-resolution",
            &[("episode", "the second")],
            &["episode"],
        ),
        ("none-observed", &[("kinds", "joy")], &["kinds"]),
        ("hand-over", &[], &["to"]),
        (
            "readiness",
            &[("alert", "yes")],
            &["breathing_in_range", "no_dissociation", "pressure_safe"],
        ),
        ("medicine", &[("drug", "x")], &["ordered_by"]),
        (
            "medicine",
            &[
                ("ordered_by", "00000000-0000-4000-8000-000000000001"),
                ("other_order", "standing order"),
            ],
            &["other_order"],
        ),
        ("adverse-event", &[("description", "x")], &["serious"]),
        (
            "adverse-event",
            &[("description", "x"), ("serious", "yes")],
            &["serious_kinds"],
        ),
        (
            "adverse-event",
            &[
                ("description", "x"),
                ("serious", "no"),
                ("serious_kinds", "death"),
            ],
            &["serious"],
        ),
        (
            "discharge",
            &[("escort", "x")],
            &["clinically_stable", "instructions_given"],
        ),
        ("departure", &[], &["how"]),
        ("departure", &[("how", "found_gone")], &["last_seen"]),
        ("seriousness", &[("serious", "no")], &["about"]),
        ("report", &[], &["report"]),
        (
            "correction",
            &[("corrects", "4"), ("change", "replace")],
            &["corrects"],
        ),
        ("correction", &[("change", "strike")], &["corrects"]),
        ("arrival", &[("when", "other")], &["when"]),
        ("arrival", &[("taken_by", "me")], &["taken_by"]),
    ];
    for (name, pairs, fields) in bad {
        assert_eq!(wrong(name, pairs), fields.to_vec(), "{name} {pairs:?}");
    }
}

#[test]
fn a_device_at_another_time_was_already_given() {
    let base = [
        ("lot", "a"),
        ("dots_before", "2"),
        ("dots_after", "0"),
        ("sprays", "2"),
    ];
    let given = |more: &[(&'static str, &'static str)]| {
        let pairs: Vec<_> = base.iter().chain(more).copied().collect();
        let Command::GiveDevice(device) = command("device", &pairs) else {
            panic!("device");
        };
        device
    };
    let now = given(&[]);
    assert!(
        now.basis == Basis::Now
            && now.last_spray_at == at(9, 0, 0)
            && now.first_spray_at == at(9, 0, 0)
    );
    let before = given(&[
        ("when", "other"),
        ("when_time", "08:58:20"),
        ("first_spray_time", "08:57"),
        ("already_reason", "Phone was away"),
    ]);
    assert!(
        before.basis
            == Basis::Already {
                reason: "Phone was away".to_owned()
            }
    );
    assert!(before.last_spray_at == at(8, 58, 20) && before.first_spray_at == at(8, 57, 0));
    assert!(
        given(&[("basis", "already")]).basis
            == Basis::Already {
                reason: String::new()
            }
    );
    assert!(
        given(&[("basis", "now"), ("when", "other"), ("when_time", "08:58")]).basis == Basis::Now
    );
}

#[test]
fn what_was_held_up_is_of_the_time_of_its_tap() {
    let read_at = |name: &str, pairs: &[(&str, &str)]| {
        let values = Values::from_pairs(pairs.iter().copied());
        let tapped = read::tapped_at(&values, at(9, 0, 0)).unwrap();
        read(step(name).unwrap(), &values, &zone(), tapped)
            .ok()
            .unwrap()
    };
    let vitals = |age_s| {
        let pairs = [("pulse", "72"), ("when", "now"), ("age_s", age_s)];
        read_at("vitals", &pairs).happened_at
    };
    assert!(vitals("0") == Some(at(9, 0, 0)) && vitals("900") == Some(at(8, 45, 0)));

    let sprays = |more: &[(&'static str, &'static str)]| {
        let base = [
            ("lot", "a"),
            ("dots_before", "2"),
            ("dots_after", "0"),
            ("sprays", "2"),
            ("age_s", "900"),
        ];
        let pairs: Vec<_> = base.iter().chain(more).copied().collect();
        let entered = read_at("device", &pairs);
        let Command::GiveDevice(device) = entered.command else {
            panic!("device");
        };
        (
            entered.happened_at,
            device.first_spray_at,
            device.last_spray_at,
            device.basis,
        )
    };
    let tap = at(8, 45, 0);
    assert!(sprays(&[("when", "now")]) == (Some(tap), tap, tap, Basis::Now));
    let first = sprays(&[("when", "now"), ("first_spray_time", "08:43")]);
    assert!(first == (Some(tap), at(8, 43, 0), tap, Basis::Now));
    // Another time is what it says, however old the tap is.
    let named = at(8, 58, 20);
    let other = sprays(&[("when", "other"), ("when_time", "08:58:20")]);
    assert!((other.0, other.1, other.2) == (Some(named), named, named));
}

#[test]
fn absences_carry_kind_reason_and_occasion() {
    let pairs = [
        ("occasion", "forty_minutes"),
        ("pressure_absent", "declined"),
        ("pressure_reason", "Asleep"),
        ("spo2", "97"),
    ];
    let Command::RecordVitals(vitals) = command("vitals", &pairs) else {
        panic!("vitals");
    };
    assert_eq!(vitals.spo2, Some(97));
    let absence = vitals.absent.first().unwrap();
    assert!(absence.kind == VitalKind::BloodPressure && absence.why == AbsenceKind::Declined);
    assert!(absence.occasion == Occasion::FortyMinutes && absence.reason == "Asleep");
}

#[test]
fn a_correction_replaces_an_entry_with_its_own_form() {
    let nurse = person_value(NURSE);
    let pairs = [
        ("corrects", "4"),
        ("change", "replace"),
        ("step", "vitals"),
        ("correction_reason", "Digits swapped"),
        ("systolic", "128"),
        ("diastolic", "82"),
        ("when", "other"),
        ("when_time", "08:40"),
        ("taken_by", nurse.as_str()),
    ];
    let entered = read_pairs("correction", &pairs).ok().unwrap();
    assert!(
        entered.happened_at.is_none() && entered.taken_by.is_none(),
        "the correction itself is made now, by who enters it"
    );
    let Command::Correct(correction) = entered.command else {
        panic!("correction");
    };
    let Change::Replace(replacement) = correction.change else {
        panic!("replacement");
    };
    assert!(correction.corrects == 4 && correction.reason == "Digits swapped");
    assert!(replacement.happened_at == at(8, 40, 0) && replacement.taken_by == NURSE);
    assert!(
        matches!(replacement.event, Event::VitalsRecorded(vitals) if vitals.pressure == Some(Pressure { systolic: 128, diastolic: 82 }))
    );
}

#[test]
fn what_was_recorded_fills_the_form_that_would_record_it_again() {
    let day = crate::samples::discharged();
    let mut filled = 0;
    for recorded in &day.events {
        let Some(name) = step_of(&recorded.event) else {
            continue;
        };
        let mut values = values_of(recorded, &zone());
        values.push("corrects", recorded.seq.to_string());
        values.push("change", "replace");
        values.push("step", name);
        let entered = read(step("correction").unwrap(), &values, &zone(), at(12, 0, 0))
            .ok()
            .unwrap();
        let Command::Correct(Correction {
            change: Change::Replace(replacement),
            ..
        }) = entered.command
        else {
            panic!("{name}");
        };
        assert!(
            replacement.happened_at == recorded.happened_at
                && replacement.taken_by == recorded.taken_by,
            "{name}"
        );
        let same = match (&replacement.event, &recorded.event) {
            // The form names another time, so it says “already given”; everything else is the same. What counts is kept
            // by `app`.
            (Event::Cleared(one), Event::Cleared(other)) => {
                one.prescriber_on_site == other.prescriber_on_site
            }
            (Event::DeviceGiven(one), Event::DeviceGiven(other)) => {
                DeviceUse {
                    basis: Basis::Now,
                    ..one.clone()
                } == DeviceUse {
                    basis: Basis::Now,
                    ..other.clone()
                }
            }
            // Patient, enrolment and protocol stay as they were: they are no fields.
            (Event::Planned(one), Event::Planned(other)) => {
                let (one, other) = (one.plan.clone(), other.plan.clone());
                Plan {
                    patient: other.patient,
                    enrolment: other.enrolment,
                    ..one
                } == other
            }
            (one, other) => one == other,
        };
        assert!(same, "{name}");
        filled += 1;
    }
    assert!(filled >= 10);
}
