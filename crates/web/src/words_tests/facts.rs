//! Sentences about what is known: as it counts, by its name, and with what can still be done.

use app::words::{Say, lack_words, mark_words, refusal_words, refusal_words_of};
use domain::treatment::*;

use super::with_say;
use crate::samples::{self, at};

#[test]
fn an_entry_is_named_as_it_counts() {
    let mut day = samples::arrived();
    day.step(at(8, 40, 0), &samples::vitals(130, 80, 98));
    let Command::RecordVitals(strong) = samples::vitals(170, 99, 98) else {
        panic!("vitals");
    };
    let strong = Event::VitalsRecorded(strong);
    let correct = |change| {
        Command::Correct(Correction {
            corrects: 2,
            reason: "Typed at the wrong line".to_owned(),
            change,
        })
    };
    day.step(
        at(8, 50, 0),
        &correct(Change::Replace(Box::new(Replacement {
            happened_at: at(8, 44, 0),
            taken_by: samples::NURSE,
            event: strong,
        }))),
    );
    let page = day.page(at(8, 51, 0));
    let say = crate::view::say_of(&page);
    let about = Concern::Reading {
        seq: 2,
        kind: VitalKind::BloodPressure,
    };
    let words = lack_words(&say, &Lack::Decision { concern: about });
    assert!(words.contains("of 08:44 (170/99)"), "{words}");
    let words = refusal_words(&say, &Refusal::NotCorrectable { seq: 2 }).sentence;
    assert!(words.starts_with("“Vitals” of 08:44"), "{words}");
    let correction = app::words::event_words(&say, &day.events[3]).details;
    assert_eq!(
        correction[..2],
        ["“Vitals” of 08:40", "really at 08:44"],
        "the correction's own line names what it corrects"
    );
    day.step(at(8, 52, 0), &correct(Change::Strike));
    let page = day.page(at(8, 53, 0));
    assert_eq!(
        crate::view::say_of(&page).event_name(2),
        "“Vitals” of 08:40",
        "what was struck keeps its name"
    );
}

#[test]
fn two_times_of_one_form_are_called_by_their_names() {
    let mut day = samples::cleared();
    let Command::GiveDevice(mut device) = samples::device(at(9, 2, 0), Basis::Now) else {
        panic!("a device");
    };
    device.first_spray_at = at(9, 3, 0);
    let refusal = day
        .try_step(at(9, 2, 0), &Command::GiveDevice(device))
        .unwrap_err();
    let page = day.page(at(9, 3, 0));
    let say = crate::view::say_of(&page);
    let words = refusal_words_of(&say, "device", &refusal);
    assert_eq!(
        words.sentence,
        "The first spray at 09:03 would come after the last spray at 09:02. Please check both times."
    );
    let places: Vec<&str> = words.places.iter().map(|(name, _)| *name).collect();
    assert_eq!(places, ["first_spray", "when"]);
    assert_eq!(
        refusal_words_of(&say, "departure", &refusal).sentence,
        "Last seen at 09:03 would come after found gone at 09:02. Please check both times."
    );
    assert!(
        refusal_words(&say, &refusal)
            .sentence
            .contains("09:03 has to come first")
    );
}

#[test]
fn devices_that_overlap_have_no_rest_of_nothing() {
    with_say(|say| {
        let mark = Mark::RestTooShort {
            seq: 6,
            rest_s: -40,
            required_s: 300,
        };
        assert_eq!(
            mark_words(say, &mark),
            "This device was begun 0:40 before the last spray of the one before; a rest of 5:00 belongs between them."
        );
    });
}

#[test]
fn a_reading_whose_time_is_over_is_asked_for_in_another_way() {
    let lack = Lack::FortyMinuteReading {
        from: at(9, 36, 0),
        until: at(9, 56, 0),
    };
    with_say(|say| {
        assert!(lack_words(say, &lack).contains("take it between 09:36 and 09:56"));
        let late = Say {
            now: at(9, 56, 1),
            ..*say
        };
        assert_eq!(
            lack_words(&late, &lack),
            "The blood pressure at 40 minutes is missing, and no reading counts for it after 09:56: record it as “not obtained” or “declined”, with its reason."
        );
        let mark = Mark::DischargedLacking {
            seq: 12,
            lack: lack.clone(),
        };
        assert_eq!(
            mark_words(&late, &mark),
            "Discharged while something lacked: the blood pressure at 40 minutes, which counts from 09:36 to 09:56."
        );
    });
}

#[test]
fn what_lacked_is_a_fact_once_it_is_over() {
    for (lack, fact) in [
        (
            Lack::LastPressure {
                from: at(10, 42, 0),
            },
            "a last blood pressure, which counts from 10:42 on.",
        ),
        (Lack::Escort, "the name of whoever took the patient home."),
        (
            Lack::DoseCompleteOrStopped {
                given_mg: 28,
                intended_mg: 56,
            },
            "28 of 56 mg were given, and nobody recorded that dosing stopped.",
        ),
        (
            Lack::ReadinessJudgement { overtaken_by: None },
            "the judgment whether the patient was ready to leave.",
        ),
    ] {
        let mark = Mark::DischargedLacking { seq: 12, lack };
        let words = format!("Discharged while something lacked: {fact}");
        with_say(|say| assert_eq!(mark_words(say, &mark), words));
    }
}
