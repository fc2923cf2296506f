//! What was written into the wrong patient's session moves into the right one.

use super::super::*;
use super::day::*;

/// The wrong patient's session with an episode, and the right patient's, both arrived.
fn mistaken() -> (Day, Day) {
    let mut wrong = Day::monitoring();
    let device = wrong.last_seq();
    wrong.take(30, &open(EpisodeKind::Sedation));
    let onset = wrong.last_seq();
    wrong.take(45, &resolve(onset));
    assert_eq!(onset, device + 1);
    (wrong, Day::checked())
}

fn taken_in(wrong: &Day, right: &Day, now: i64) -> Result<Vec<Recorded>, Refusal> {
    right
        .session
        .decide_taking_in(&right.protocol, &wrong.session, PRESCRIBER, minute(now))
}

#[test]
fn what_moves_to_the_right_patient_keeps_its_times_and_its_onset() {
    let (wrong, mut right) = mistaken();
    let moved = taken_in(&wrong, &right, 50).unwrap();
    let kinds: Vec<_> = moved.iter().map(|event| event.event.kind()).collect();
    assert_eq!(
        kinds,
        [
            "vitals_recorded",
            "device_given",
            "device_given",
            "episode_opened",
            "episode_resolved"
        ]
    );
    for event in &moved {
        right.session.apply(event);
        assert_eq!(event.received_at, minute(50));
        assert_eq!((event.taken_by, event.entered_by), (NURSE, PRESCRIBER));
    }
    let happened: Vec<_> = moved.iter().map(|event| event.happened_at).collect();
    assert_eq!(happened, [6, 12, 17, 30, 45].map(minute));
    let episode = &right.session.episodes()[0];
    assert_eq!(episode.onset, minute(30));
    assert!(right.session.open_episodes().is_empty());
    // It was never cleared there: that stands out, and is not refused.
    let marks = right.session.marks(&right.protocol);
    assert!(marks.iter().any(Mark::is_device_deviation));
    assert_eq!(right.session.phase(), Phase::Monitoring);
}

#[test]
fn nothing_moves_out_of_or_into_a_session_that_is_over_or_not_begun() {
    let (wrong, right) = mistaken();
    assert_eq!(
        taken_in(&wrong, &Day::planned(), 50).unwrap_err().kind(),
        "lacks"
    );
    let mut locked = Day::watched();
    locked.take(140, &discharge(Basis::Now));
    assert_eq!(taken_in(&wrong, &locked, 150).unwrap_err().kind(), "locked");
    assert_eq!(taken_in(&locked, &right, 150).unwrap_err().kind(), "locked");
    // The right patient arrived after the reading was taken.
    let mut late = Day::planned();
    late.take(20, &Command::Arrive);
    assert_eq!(
        taken_in(&wrong, &late, 50).unwrap_err().kind(),
        "before_arrival"
    );
}

#[test]
fn what_was_done_about_the_patient_moves_along() {
    let (mut wrong, mut right) = mistaken();
    right.take(7, &pressure(128, 80));
    let note = String::new();
    wrong.take(50, &adverse(Seriousness::NotYetAnswered));
    let fainted = wrong.last_seq();
    wrong.take(51, &Command::CallEmergency { note: note.clone() });
    wrong.take(55, &Command::EmergencyArrive { note });
    let about = SeriousSubject::AdverseEvent(fainted);
    let seriousness = serious();
    wrong.take(
        56,
        &Command::AnswerSerious(SeriousAnswer { about, seriousness }),
    );
    let report = text("fda");
    wrong.take(
        57,
        &Command::TickReport {
            report: report.clone(),
        },
    );
    let moved = taken_in(&wrong, &right, 60).unwrap();
    let kinds: Vec<_> = moved.iter().map(|event| event.event.kind()).collect();
    assert_eq!(
        kinds[5..],
        [
            "adverse_event_recorded",
            "emergency_called",
            "emergency_arrived",
            "serious_answered",
            "report_ticked"
        ]
    );
    moved.iter().for_each(|event| right.session.apply(event));
    // The answer is about the event in its new place.
    let subject = SeriousSubject::AdverseEvent(moved[5].seq);
    assert_ne!(subject, about);
    assert_eq!(right.session.seriousness(subject), Some(serious()));
    assert!(right.session.report_ticked(&report).is_some());
}

#[test]
fn stopped_dosing_moves_along_and_a_second_stop_does_not() {
    let stop = Command::StopDosing {
        reason: text("feels sick"),
    };
    let mut wrong = Day::dosing();
    wrong.take(14, &stop);
    let mut right = Day::checked();
    let moved = taken_in(&wrong, &right, 15).unwrap();
    moved.iter().for_each(|event| right.session.apply(event));
    assert_eq!(right.session.phase(), Phase::Monitoring);

    let mut stopped = Day::dosing();
    stopped.take(15, &stop);
    let refused = taken_in(&wrong, &stopped, 16).unwrap_err();
    let seq = stopped.last_seq();
    assert_eq!(refused, Refusal::AlreadyDone { seq });
}

#[test]
fn what_was_asked_and_decided_about_the_other_patient_stays_there() {
    for recorded in Day::watched().session.recorded() {
        let stays = matches!(
            recorded.event,
            Event::Planned(_)
                | Event::Arrived
                | Event::ChecklistAnswered(_)
                | Event::Cleared(_)
                | Event::ReadinessJudged(_)
        );
        assert_eq!(recorded.event.is_movable(), !stays, "{recorded:?}");
    }
}
