//! The ways in which a session ends, and what may still be added.

use super::super::*;
use super::day::*;

fn addendum(departure: Option<DepartureDetails>) -> Command {
    Command::AddAddendum(Addendum {
        text: text("added later"),
        departure,
    })
}

#[test]
fn leaving_against_advice_is_recorded_at_once_and_stays_asked() {
    let mut day = Day::dosing();
    let left = LeftAgainstAdvice::Left(DepartureDetails {
        prescriber_told: Some(PRESCRIBER),
        ..DepartureDetails::default()
    });
    day.take(40, &Command::LeaveAgainstAdvice(left));
    assert_eq!(day.session.phase(), Phase::LeftAgainstAdvice);
    assert_eq!(day.session.locked_at(), Some(minute(40)));
    assert_eq!(
        day.session.departure_open(),
        [
            DepartureQuestion::LastVitals,
            DepartureQuestion::Orientation,
            DepartureQuestion::Escort,
            DepartureQuestion::Signature
        ]
    );
    let locked = day.session.effective().to_vec();
    day.take(
        50,
        &addendum(Some(DepartureDetails {
            prescriber_told: Some(NURSE), // What was answered stays.
            last_vitals: Some(LastVitals::Declined),
            orientation: Some(Orientation::Oriented),
            escort: Some(text("alone")),
            signature: Some(Signature::Refused),
        })),
    );
    assert!(day.session.departure_open().is_empty());
    assert_eq!(
        day.session.departure().unwrap().prescriber_told,
        Some(PRESCRIBER)
    );
    assert_eq!(day.session.effective()[..locked.len()], locked[..]);
}

#[test]
fn found_gone_ends_monitoring_when_last_seen() {
    let mut day = Day::monitoring();
    day.take(40, &Command::RecordVitals(all_vitals()));
    day.take(60, &absent(Occasion::FortyMinutes)); // Nobody there to measure.
    let gone = |last_seen_at| {
        let details = DepartureDetails::default();
        Command::LeaveAgainstAdvice(LeftAgainstAdvice::FoundGone {
            last_seen_at,
            details,
        })
    };
    assert_eq!(day.refuse(61, &gone(minute(39))).kind(), "out_of_order");
    assert_eq!(day.refuse(61, &gone(minute(62))).kind(), "out_of_order");
    assert_eq!(day.refuse(61, &gone(minute(-5))).kind(), "before_arrival");
    let marks = day.take(61, &gone(minute(45)));
    assert!(marks.contains(&Mark::FoundGone {
        seq: day.last_seq(),
        last_seen_at: minute(45)
    }));
    assert_eq!(day.session.ended_at(), Some(minute(45)));
    assert_eq!(day.session.locked_at(), Some(minute(61)));
    assert_eq!(day.session.form_minutes(&day.protocol), Some(33));
    let clocks = day.session.clocks(&day.protocol, minute(300));
    assert_eq!(clocks.since_first_s, Some(33 * 60));
}

#[test]
fn nothing_ends_before_what_was_recorded() {
    let mut day = Day::watched();
    day.take(150, &Command::RecordVitals(all_vitals()));
    for command in [
        discharge(already("left")),
        transfer(Seriousness::NotYetAnswered),
        Command::LeaveAgainstAdvice(LeftAgainstAdvice::Left(DepartureDetails::default())),
    ] {
        let refusal = day.refuse_late(149, 160, &command);
        let (happened_at, not_before) = (minute(149), minute(150));
        let after = Some(day.last_seq());
        assert_eq!(
            refusal,
            Refusal::OutOfOrder {
                happened_at,
                not_before,
                after
            }
        );
    }
}

#[test]
fn emergency_care_locks_and_asks_until_every_report_is_ticked() {
    let mut day = Day::monitoring();
    day.take(
        30,
        &Command::CallEmergency {
            note: String::new(),
        },
    );
    let early = Command::EmergencyArrive {
        note: String::new(),
    };
    assert_eq!(day.refuse_late(29, 35, &early).kind(), "out_of_order");
    day.take(35, &early);
    let marks = day.take(36, &transfer(Seriousness::NotYetAnswered));
    let seq = day.last_seq();
    assert!(marks.contains(&Mark::SeriousnessOpen { seq }));
    assert!(marks.contains(&Mark::SentToEmergencyCare { seq }));
    assert_eq!(
        day.session.seriousness_open(),
        [SeriousSubject::EmergencyCare]
    );
    assert!(day.session.reports_owed(&day.protocol).is_empty());

    let tick = |report: &str| Command::TickReport {
        report: text(report),
    };
    assert_eq!(day.refuse(40, &tick("fda")).kind(), "contradiction");
    let answer = |seriousness| {
        let about = SeriousSubject::EmergencyCare;
        Command::AnswerSerious(SeriousAnswer { about, seriousness })
    };
    assert_eq!(
        day.refuse(40, &answer(Seriousness::NotYetAnswered)).kind(),
        "incomplete"
    );
    day.take(40, &answer(serious()));
    assert_eq!(
        day.session.reports_owed(&day.protocol),
        ["rems", "maker", "fda"]
    );
    day.take(50, &tick("maker"));
    assert_eq!(
        day.refuse(51, &tick("maker")),
        Refusal::AlreadyDone {
            seq: day.last_seq()
        }
    );
    assert_eq!(day.session.reports_owed(&day.protocol), ["rems", "fda"]);
    day.take(52, &tick("rems"));
    day.take(53, &tick("fda"));
    assert!(day.session.reports_owed(&day.protocol).is_empty());
    assert!(day.session.seriousness_open().is_empty());
}

#[test]
fn adverse_event_is_asked_and_never_inferred() {
    let mut day = Day::monitoring();
    day.take(30, &adverse(Seriousness::NotYetAnswered));
    let about = SeriousSubject::AdverseEvent(day.last_seq());
    assert_eq!(day.session.seriousness_open(), [about]);
    let answer = |about, seriousness| Command::AnswerSerious(SeriousAnswer { about, seriousness });
    let early = day.refuse_late(29, 31, &answer(about, Seriousness::NotSerious));
    assert_eq!(early.kind(), "out_of_order");
    let none = SeriousSubject::AdverseEvent(1);
    assert_eq!(
        day.refuse(31, &answer(none, Seriousness::NotSerious)),
        Refusal::Unknown(Unknown::Event(1))
    );
    day.take(31, &answer(about, Seriousness::NotSerious));
    assert!(day.session.seriousness_open().is_empty());
    assert!(!day.session.has_serious());
    day.take(32, &answer(about, serious()));
    assert!(day.session.has_serious());
}

#[test]
fn locked_record_takes_addenda_and_nothing_else() {
    let mut day = Day::watched();
    day.take(140, &discharge(Basis::Now));
    let locked = day.session.clone();
    assert_eq!(
        day.refuse(150, &pressure(120, 80)),
        Refusal::Locked { at: minute(140) }
    );
    assert_eq!(
        day.refuse(150, &strike(7)),
        Refusal::Locked { at: minute(140) }
    );
    assert_eq!(
        day.refuse_late(139, 150, &addendum(None)).kind(),
        "out_of_order"
    );
    let empty = Command::AddAddendum(Addendum {
        text: text(" "),
        departure: None,
    });
    assert_eq!(
        day.refuse(150, &empty),
        Refusal::Incomplete {
            fields: vec![Field::Text]
        }
    );
    day.take(150, &addendum(None));
    assert_eq!(day.session.phase(), Phase::Discharged);
    assert_eq!(
        day.session.effective()[..locked.effective().len()],
        *locked.effective()
    );
}

#[test]
fn cancelling_after_a_device_points_to_watching() {
    let mut day = Day::dosing();
    for command in [
        Command::Cancel { reason: text("x") },
        Command::Delay { reason: text("x") },
    ] {
        assert_eq!(day.refuse(13, &command), Refusal::AfterDevice { seq: 5 });
    }
    // A device that gave nothing does not stand in the way.
    let mut day = Day::cleared();
    day.take(
        12,
        &Command::GiveDevice(device_partly(minute(12), Basis::Now, 0)),
    );
    day.take(
        13,
        &Command::Cancel {
            reason: text("no device left"),
        },
    );
    assert_eq!(day.session.phase(), Phase::Cancelled);
    assert_eq!(day.session.locked_at(), None);
}

#[test]
fn device_found_out_after_cancelling_asks_to_take_the_cancelling_back() {
    let mut day = Day::cleared();
    day.take(
        12,
        &Command::Cancel {
            reason: text("fever"),
        },
    );
    let seq = day.last_seq();
    assert_eq!(
        day.refuse(13, &device_already(11, "not tapped")).kind(),
        "wrong_phase"
    );
    day.take(13, &strike(seq));
    day.take(13, &device_already(11, "not tapped"));
    assert_eq!(day.session.phase(), Phase::Dosing);
}

#[test]
fn delayed_treatment_is_taken_up_as_a_new_linked_session() {
    let Command::Plan(base) = plan(56) else {
        unreachable!()
    };
    let follows = Some(SessionId(99));
    let mut next = Day::new();
    next.take(0, &Command::Plan(Plan { follows, ..base }));
    assert_eq!(next.session.plan().unwrap().follows, follows);
    let asked = next.session.checklist(&next.protocol);
    assert!(
        asked
            .iter()
            .all(|item| item.seq.is_none() && item.answer == Answer::NotAsked)
    );
}

#[test]
fn tick_that_came_after_the_lock_can_be_taken_back() {
    let mut day = Day::monitoring();
    day.take(30, &adverse(serious()));
    day.take(
        31,
        &Command::TickReport {
            report: text("maker"),
        },
    );
    let before = day.last_seq();
    day.take(40, &transfer(serious()));
    day.take(
        50,
        &Command::TickReport {
            report: text("fda"),
        },
    );
    let after = day.last_seq();
    let owed = |day: &Day| day.session.reports_owed(&day.protocol);
    assert_eq!(owed(&day), ["rems"]);
    // What was locked with the record stays as it is.
    assert_eq!(day.refuse(51, &strike(before)).kind(), "locked");
    assert_eq!(day.refuse(51, &strike(before - 1)).kind(), "locked");
    day.take(51, &strike(after));
    assert_eq!(owed(&day), ["rems", "fda"]);
    assert_eq!(day.refuse(52, &strike(after)).kind(), "locked");
    day.take(
        53,
        &Command::TickReport {
            report: text("fda"),
        },
    );
}

#[test]
fn no_that_nobody_said_can_be_said_after_the_end() {
    let none = |kinds: &[EpisodeKind]| Command::ReportNoneObserved {
        kinds: kinds.to_vec(),
    };
    let mut day = Day::watched();
    day.take(60, &open(EpisodeKind::Sedation));
    day.take_late(70, 126, &resolve(10));
    day.take(127, &Command::JudgeReadiness(READY));
    day.take(140, &discharge(Basis::Now));
    let open = [
        EpisodeKind::Dissociation,
        EpisodeKind::RespiratoryDepression,
    ];
    assert_eq!(day.session.kinds_unanswered(), open);
    let refused = day.refuse(150, &none(&[EpisodeKind::Sedation]));
    assert_eq!(refused.kind(), "contradiction");
    day.take(150, &none(&open));
    assert!(day.session.kinds_unanswered().is_empty());
    assert_eq!(day.session.ended_at(), Some(minute(140)));
    // Without a device there was nothing to look for.
    let mut gone = Day::arrived();
    let left = LeftAgainstAdvice::Left(DepartureDetails::default());
    gone.take(5, &Command::LeaveAgainstAdvice(left));
    assert_eq!(gone.refuse(6, &none(&open)).kind(), "locked");
}
