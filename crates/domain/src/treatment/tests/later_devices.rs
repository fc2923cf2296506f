//! What stands against the next device by what the patient shows, and what the prescriber answered with "not today".

use super::super::*;
use super::day::*;

fn decision(concern: &Concern) -> Lack {
    Lack::Decision {
        concern: concern.clone(),
    }
}

#[test]
fn symptoms_of_a_crisis_wait_for_the_prescriber() {
    let mut day = Day::dosing();
    day.take(14, &symptoms());
    let seq = day.last_seq();
    let concern = Concern::CrisisSymptoms { seq };
    assert_eq!(day.lacks(17, &device(17)), [decision(&concern)]);
    assert_eq!(
        day.session.open_concerns(&day.protocol),
        std::slice::from_ref(&concern)
    );
    let mut given = day.clone();
    let marks = given.take(17, &device_already(17, "the word came too late"));
    let lack = decision(&concern);
    assert!(marks.contains(&Mark::DeviceLacking {
        seq: given.last_seq(),
        lack
    }));

    let go_on = decide_on(concern, DecisionChoice::Proceed);
    assert_eq!(day.refuse_late(13, 17, &go_on).kind(), "out_of_order");
    day.take(17, &go_on);
    day.take(18, &device(18));

    // Before the first device they stand against the clearing.
    let mut early = Day::checked();
    early.take(8, &symptoms());
    let seq = early.last_seq();
    let concern = Concern::CrisisSymptoms { seq };
    assert_eq!(early.lacks(10, &clear()), [decision(&concern)]);
    // Struck, they ask nothing any more.
    early.take(10, &strike(seq));
    early.take(11, &clear());

    let none = decide_on(Concern::CrisisSymptoms { seq: 1 }, DecisionChoice::Proceed);
    assert_eq!(early.refuse(12, &none).kind(), "unknown");
}

#[test]
fn depressed_breathing_waits_for_its_resolution() {
    let mut day = Day::dosing();
    day.take(14, &open(EpisodeKind::RespiratoryDepression));
    let episode = day.last_seq();
    let kind = EpisodeKind::RespiratoryDepression;
    let lack = Lack::Resolution { episode, kind };
    assert_eq!(day.lacks(17, &device(17)), std::slice::from_ref(&lack));
    let mut given = day.clone();
    let marks = given.take(17, &device_already(17, "seen too late"));
    assert!(marks.contains(&Mark::DeviceLacking {
        seq: given.last_seq(),
        lack: lack.clone()
    }));
    day.take(18, &resolve(episode));
    day.take(19, &device(19));

    // Sedation and dissociation are looked for after the last device; they do not stand against it.
    let mut day = Day::dosing();
    day.take(14, &open(EpisodeKind::Sedation));
    day.take(15, &open(EpisodeKind::Dissociation));
    day.take(17, &device(17));

    let mut early = Day::checked();
    early.take(8, &open(kind));
    let episode = early.last_seq();
    assert_eq!(
        early.lacks(10, &clear()),
        [Lack::Resolution { episode, kind }]
    );
}

#[test]
fn not_today_is_taken_back_by_the_prescriber_alone() {
    let mut day = Day::arrived();
    day.take(5, &answers(&[]));
    day.take(6, &pressure(150, 95));
    let concern = Concern::Reading {
        seq: day.last_seq(),
        kind: VitalKind::BloodPressure,
    };
    // "Wait, and look again": a recheck in range clears.
    let mut waiting = day.clone();
    waiting.take(7, &decide_on(concern.clone(), DecisionChoice::Wait));
    waiting.take(20, &pressure(130, 80));
    waiting.take(21, &clear());

    day.take(7, &decide_on(concern.clone(), DecisionChoice::Delay));
    day.take(20, &pressure(130, 80));
    assert_eq!(day.lacks(21, &clear()), [decision(&concern)]);
    let mut decided = day.clone();
    decided.take(21, &decide_on(concern, DecisionChoice::Proceed));
    decided.take(22, &clear());
    decided.take(23, &device(23));

    // The word about a later reading of the same kind is the later word.
    day.take(22, &pressure(145, 85));
    let later = Concern::Reading {
        seq: day.last_seq(),
        kind: VitalKind::BloodPressure,
    };
    day.take(23, &decide_on(later, DecisionChoice::Proceed));
    day.take(24, &clear());
}

#[test]
fn what_was_put_off_can_be_decided_again_when_it_is_mended() {
    let mut day = Day::arrived();
    day.take(5, &answers(&[("ride", Answer::No)]));
    day.take(6, &pressure(130, 80));
    let concern = Concern::Checklist { item: text("ride") };
    day.take(7, &decide_on(concern.clone(), DecisionChoice::Delay));
    day.take(10, &answers(&[("ride", Answer::Yes)]));
    assert_eq!(day.lacks(11, &clear()), [decision(&concern)]);
    day.take(11, &decide_on(concern, DecisionChoice::Proceed));
    day.take(12, &clear());
}

#[test]
fn not_today_about_a_first_dose_falls_when_less_is_planned() {
    let mut day = Day::new();
    let Command::Plan(base) = plan(84) else {
        unreachable!()
    };
    let first = Plan {
        first_treatment: FirstTreatment::First,
        ..base
    };
    day.take(-10, &Command::Plan(first.clone()));
    day.take(0, &Command::Arrive);
    day.take(5, &answers(&[]));
    day.take(6, &pressure(130, 80));
    let concern = Concern::FirstTreatmentDose;
    day.take(7, &decide_on(concern.clone(), DecisionChoice::Delay));
    assert_eq!(day.lacks(8, &clear()), [decision(&concern)]);
    let change = |dose_mg| {
        Command::ChangePlan(PlanChange {
            dose_mg: Some(dose_mg),
            prescriber: None,
            room: None,
            reason: text("the usual first dose"),
        })
    };
    let mut changed = day.clone();
    changed.take(9, &change(56));
    changed.clone().take(10, &clear());
    // Planned higher again, the answer stands that it had.
    changed.take(10, &change(84));
    assert_eq!(changed.lacks(11, &clear()), [decision(&concern)]);

    let Event::Planned(planned) = day.session.recorded()[0].event.clone() else {
        unreachable!()
    };
    let plan = Plan {
        first_treatment: FirstTreatment::Later,
        ..first
    };
    let corrected = Event::Planned(Planned { plan, ..planned });
    day.take(9, &replace(0, minute(-10), corrected));
    day.take(10, &clear());
}

#[test]
fn not_today_about_a_mistyped_reading_falls_with_it() {
    let mut day = Day::arrived();
    day.take(5, &answers(&[]));
    day.take(6, &pressure(150, 95));
    let seq = day.last_seq();
    let kind = VitalKind::BloodPressure;
    let concern = Concern::Reading { seq, kind };
    day.take(7, &decide_on(concern, DecisionChoice::Delay));
    let Command::RecordVitals(vitals) = pressure(130, 80) else {
        unreachable!()
    };
    day.take(8, &replace(seq, minute(6), Event::VitalsRecorded(vitals)));
    day.take(9, &clear());
}

#[test]
fn earlier_onset_that_comes_late_ends_before_the_next_begins() {
    let mut day = Day::monitoring();
    day.take(40, &open(EpisodeKind::Sedation));
    let later = day.last_seq();
    day.take_late(30, 45, &open(EpisodeKind::Sedation));
    let earlier = day.last_seq();
    let kind = EpisodeKind::Sedation;
    let overlap = Refusal::EpisodesOverlap {
        episode: later,
        kind,
    };
    assert_eq!(day.refuse(50, &resolve(earlier)), overlap);
    // Another kind may go on beside it.
    day.take_late(32, 50, &open(EpisodeKind::Dissociation));
    day.take_late(40, 50, &resolve(earlier));
    day.take(52, &resolve(later));
    // A correction does not let it run on either.
    let Command::ResolveEpisode(resolution) = resolve(earlier) else {
        unreachable!()
    };
    let on = replace(
        day.last_seq() - 1,
        minute(41),
        Event::EpisodeResolved(resolution),
    );
    assert_eq!(day.refuse(53, &on), overlap);
}
