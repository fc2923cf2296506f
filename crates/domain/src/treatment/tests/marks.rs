//! What stands out.

use super::super::*;
use super::day::*;

#[test]
fn readings_are_held_against_the_limits_of_their_time() {
    let mut day = Day::monitoring();
    assert!(day.take(30, &pressure(160, 100)).is_empty());
    let marks = day.take(31, &pressure(161, 101));
    let mark = |value, limit, diastolic| Mark::ReadingOutsideLimits {
        seq: day.last_seq(),
        kind: VitalKind::BloodPressure,
        value,
        limit,
        side: LimitSide::Above,
        diastolic,
    };
    assert_eq!(marks, [mark(161, 160, false), mark(101, 100, true)]);
    // Delivered late, but taken before the first device.
    let marks = day.take_late(11, 32, &pressure(150, 80));
    assert!(
        marks
            .iter()
            .any(|mark| mark.kind() == "reading_outside_limits")
    );
    assert!(marks.contains(&Mark::LateEntry {
        seq: day.last_seq(),
        minutes: 21
    }));
}

#[test]
fn saturation_has_a_limit_and_a_critical_limit_and_offers_an_episode() {
    for (spo2, side, limit) in [
        (93, LimitSide::Below, 94),
        (90, LimitSide::Below, 94),
        (89, LimitSide::Critical, 90),
    ] {
        let mut day = Day::monitoring();
        let vitals = Vitals {
            spo2: Some(spo2),
            ..Vitals::default()
        };
        let marks = day.take(30, &Command::RecordVitals(vitals));
        let (seq, kind, diastolic) = (7, VitalKind::Spo2, false);
        let mark = Mark::ReadingOutsideLimits {
            seq,
            kind,
            value: spo2,
            limit,
            side,
            diastolic,
        };
        assert_eq!(marks, [mark]);
        let (kind, reading) = (EpisodeKind::RespiratoryDepression, 7);
        let critical = side == LimitSide::Critical;
        let offer = Offer::OpenEpisode {
            kind,
            reading,
            critical,
        };
        assert_eq!(day.session.offers(&day.protocol), [offer]);
        assert!(day.session.episodes().is_empty()); // Only a person opens one.
        day.take(31, &open(kind));
        assert!(day.session.offers(&day.protocol).is_empty());
    }
}

#[test]
fn drowsy_reading_offers_sedation_and_asks_no_decision() {
    let mut day = Day::monitoring();
    day.take(
        30,
        &Command::RecordVitals(Vitals {
            moaas: Some(4),
            ..Vitals::default()
        }),
    );
    let (kind, reading, critical) = (EpisodeKind::Sedation, 7, false);
    let offer = Offer::OpenEpisode {
        kind,
        reading,
        critical,
    };
    assert_eq!(day.session.offers(&day.protocol), [offer]);
    assert!(day.session.open_concerns(&day.protocol).is_empty());
    day.take(
        40,
        &Command::RecordVitals(Vitals {
            moaas: Some(5),
            ..Vitals::default()
        }),
    );
    assert!(day.session.offers(&day.protocol).is_empty());
}

#[test]
fn offer_comes_again_after_an_episode_was_resolved() {
    let mut day = Day::monitoring();
    let drowsy = Command::RecordVitals(Vitals {
        moaas: Some(3),
        ..Vitals::default()
    });
    day.take(30, &drowsy);
    day.take(31, &open(EpisodeKind::Sedation));
    let episode = day.last_seq();
    day.take(50, &resolve(episode));
    assert!(day.session.offers(&day.protocol).is_empty());
    day.take(60, &drowsy);
    assert_eq!(day.session.offers(&day.protocol).len(), 1);
}

#[test]
fn sound_day_has_no_marks() {
    let mut day = Day::watched();
    day.take(137, &discharge(Basis::Now));
    assert!(day.session.marks(&day.protocol).is_empty());
}

#[test]
fn checklist_decisions_and_events_stand_out() {
    let mut day = Day::arrived();
    let item = text("food");
    let marks = day.take(
        5,
        &answers(&[("food", Answer::No), ("opioids", Answer::NotAsked)]),
    );
    let answer = Answer::No;
    assert_eq!(
        marks,
        [Mark::ChecklistAnswer {
            seq: 2,
            item: item.clone(),
            answer
        }]
    );
    let concern = Concern::Checklist { item };
    let marks = day.take(6, &decide_on(concern.clone(), DecisionChoice::Proceed));
    assert_eq!(marks, [Mark::DecidedToProceed { seq: 3, concern }]);
    let note = String::new;
    for (command, kind) in [
        (Command::RecordVomiting { note: note() }, "vomiting"),
        (adverse(Seriousness::NotSerious), "adverse_event"),
        (Command::CallEmergency { note: note() }, "emergency_called"),
        (open(EpisodeKind::Dissociation), "episode"),
        (absent(Occasion::Other), "not_measured"),
    ] {
        let marks = day.take(7, &command);
        assert_eq!(marks.iter().map(Mark::kind).collect::<Vec<_>>(), [kind]);
        assert_eq!(marks[0].seq(), Some(day.last_seq()));
        assert!(!marks[0].is_deviation());
    }
}

#[test]
fn end_without_oximetry_and_with_an_open_episode_stands_out() {
    let mut day = Day::arrived();
    day.take(5, &answers(&[]));
    day.take(6, &pressure(120, 80));
    day.take(10, &clear());
    day.take(12, &device(12));
    day.take(14, &open(EpisodeKind::Sedation));
    let episode = day.last_seq();
    let marks = day.take(20, &transfer(Seriousness::NotSerious));
    assert_eq!(
        marks,
        [
            Mark::EpisodeUnresolved {
                seq: episode,
                kind: EpisodeKind::Sedation
            },
            Mark::SentToEmergencyCare {
                seq: day.last_seq()
            },
            Mark::NeverMeasured {
                kind: VitalKind::Spo2
            },
        ]
    );
}

#[test]
fn stopped_and_partly_used_doses_stand_out() {
    let mut day = Day::dosing();
    let marks = day.take(
        17,
        &Command::GiveDevice(device_partly(minute(17), Basis::Now, 1)),
    );
    assert_eq!(marks, [Mark::DevicePartlyUsed { seq: 6, sprays: 1 }]);
    let mismatch = DeviceUse {
        dots_after: 1,
        ..device_partly(minute(18), already("x"), 0)
    };
    let marks = day.take(18, &Command::GiveDevice(mismatch));
    assert_eq!(
        marks,
        [
            Mark::IndicatorMismatch {
                seq: 7,
                dots: 1,
                sprays: 0
            },
            Mark::DeviceFailed { seq: 7, sprays: 0 }
        ]
    );
    let marks = day.take(20, &Command::StopDosing { reason: text("x") });
    assert_eq!(
        marks,
        [Mark::DosingStopped {
            seq: 8,
            given_mg: 42,
            intended_mg: 56
        }]
    );
}

#[test]
fn limits_change_with_the_second_of_the_first_spray() {
    let mut day = Day::dosing();
    assert!(day.take(12, &pressure(150, 95)).is_empty());
    let before = second(12 * 60 - 1);
    let marks = day.attempt(before, minute(13), &pressure(150, 95)).unwrap();
    let kinds: Vec<&str> = marks.iter().map(Mark::kind).collect();
    // The device was given while that reading waited for a decision.
    assert_eq!(
        kinds,
        [
            "device_lacking",
            "reading_outside_limits",
            "reading_outside_limits"
        ]
    );
}

#[test]
fn entry_is_late_after_the_protocols_minutes() {
    let mut day = Day::monitoring();
    assert!(day.take_late(30, 45, &pressure(130, 80)).is_empty());
    let marks = day.take_late(30, 46, &pressure(130, 80));
    assert_eq!(
        marks,
        [Mark::LateEntry {
            seq: day.last_seq(),
            minutes: 16
        }]
    );
}

#[test]
fn device_in_the_second_of_the_stop_was_not_given_after_it() {
    let mut day = Day::dosing();
    day.take(
        17,
        &Command::StopDosing {
            reason: text("nausea"),
        },
    );
    let marks = day.take(17, &device_already(17, ""));
    assert!(marks.iter().all(|mark| !mark.is_deviation()));
    let marks = day.take(30, &device_already(30, "by mistake"));
    assert!(marks.contains(&Mark::DeviceAfterStop {
        seq: day.last_seq()
    }));
}
