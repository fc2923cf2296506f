//! Corrections before the end.

use super::super::*;
use super::day::*;

#[test]
fn replaced_reading_counts_and_the_original_stays_recorded() {
    let mut day = Day::checked();
    day.take(7, &pressure(190, 100));
    let seq = day.last_seq();
    let Command::RecordVitals(right) = pressure(119, 80) else {
        unreachable!()
    };
    let marks = day.take(8, &replace(seq, minute(7), Event::VitalsRecorded(right)));
    assert_eq!(
        marks,
        [Mark::Corrected {
            seq,
            correction: seq + 1
        }]
    );
    let latest = day.session.latest_vitals().pressure.unwrap();
    assert_eq!((latest.seq, latest.value.systolic), (seq, 119));
    assert_eq!(day.session.recorded().len(), 6);
    assert_eq!(day.session.effective().len(), 5);
    day.take(9, &clear());
}

#[test]
fn struck_event_no_longer_counts_and_can_come_back() {
    let mut day = Day::checked();
    day.take(7, &strike(3));
    assert!(day.session.latest_vitals().pressure.is_none());
    assert_eq!(day.refuse(8, &strike(3)), Refusal::AlreadyDone { seq: 4 });
    let back = Event::VitalsRecorded(all_vitals());
    day.take(8, &replace(3, minute(6), back));
    assert_eq!(day.session.latest_vitals().pressure.unwrap().seq, 3);
    assert!(
        day.session
            .effective()
            .windows(2)
            .all(|pair| pair[0].seq < pair[1].seq)
    );
    day.take(9, &clear());
}

#[test]
fn last_correction_counts() {
    let mut day = Day::checked();
    for systolic in [118, 119, 121] {
        let Command::RecordVitals(right) = pressure(systolic, 80) else {
            unreachable!()
        };
        day.take(7, &replace(3, minute(6), Event::VitalsRecorded(right)));
    }
    assert_eq!(
        day.session.latest_vitals().pressure.unwrap().value.systolic,
        121
    );
    let Command::RecordVitals(same) = pressure(121, 80) else {
        unreachable!()
    };
    let refusal = day.refuse(8, &replace(3, minute(6), Event::VitalsRecorded(same)));
    assert_eq!(
        refusal,
        Refusal::Incomplete {
            fields: vec![Field::Replacement]
        }
    );
}

#[test]
fn correction_that_breaks_another_event_is_refused_and_names_it() {
    let mut day = Day::dosing();
    let why = Box::new(Refusal::BeforeArrival {
        happened_at: minute(5),
        arrived_at: minute(6),
        arrival: 1,
    });
    let refusal = day.refuse(20, &replace(1, minute(6), Event::Arrived));
    assert_eq!(refusal, Refusal::CorrectionBreaks { seq: 2, why });
    let Refusal::CorrectionBreaks { seq, why } = day.refuse(20, &strike(1)) else {
        panic!("refused for another reason");
    };
    assert_eq!((seq, why.kind()), (2, "lacks"));
    day.take(
        21,
        &Command::StopDosing {
            reason: text("nausea"),
        },
    );
    let Refusal::CorrectionBreaks { seq, why } = day.refuse(22, &strike(5)) else {
        panic!("refused for another reason");
    };
    assert_eq!((seq, why.kind()), (6, "wrong_phase"));
    day.take(22, &strike(6));
    day.take(22, &strike(5));
    assert_eq!(day.session.phase(), Phase::Cleared);
}

#[test]
fn replacement_is_checked_like_an_entry() {
    let mut day = Day::checked();
    let Command::RecordVitals(wrong) = pressure(80, 120) else {
        unreachable!()
    };
    let refusal = day.refuse(8, &replace(3, minute(6), Event::VitalsRecorded(wrong)));
    assert_eq!(refusal.kind(), "impossible");
    let fine = Event::VitalsRecorded(Vitals {
        pulse: Some(80),
        ..Vitals::default()
    });
    assert_eq!(
        day.refuse(8, &replace(3, minute(9), fine.clone())).kind(),
        "in_future"
    );
    assert_eq!(
        day.refuse(8, &replace(3, minute(-1), fine.clone())).kind(),
        "before_arrival"
    );
    assert_eq!(
        day.refuse(8, &replace(2, minute(6), fine.clone())).kind(),
        "contradiction"
    );
    let change = Change::Replace(Box::new(Replacement {
        happened_at: minute(6),
        taken_by: NURSE,
        event: fine,
    }));
    let silent = Command::Correct(Correction {
        corrects: 3,
        reason: text(""),
        change,
    });
    assert_eq!(
        day.refuse(8, &silent),
        Refusal::Incomplete {
            fields: vec![Field::Reason]
        }
    );
}

#[test]
fn plan_is_never_struck_nor_moved_to_another_patient() {
    let mut day = Day::arrived();
    let refusal = Refusal::NotCorrectable { seq: 0 };
    assert_eq!(day.refuse(5, &strike(0)), refusal);
    let Command::Plan(plan) = plan(56) else {
        unreachable!()
    };
    let planned = |plan| Planned {
        plan,
        protocol: text("esketamine-2026-11"),
        spray_mg: 14,
    };
    let moved = Plan {
        patient: PatientId(77),
        ..plan.clone()
    };
    assert_eq!(
        day.refuse(5, &replace(0, minute(-60), Event::Planned(planned(moved)))),
        refusal
    );
    let heavier = Planned {
        spray_mg: 28,
        ..planned(plan.clone())
    };
    assert_eq!(
        day.refuse(5, &replace(0, minute(-60), Event::Planned(heavier))),
        refusal
    );
    let other = Plan {
        dose_mg: 84,
        ..plan
    };
    day.take(5, &replace(0, minute(-60), Event::Planned(planned(other))));
    assert_eq!(day.session.plan().unwrap().dose_mg, 84);
}

#[test]
fn corrections_cannot_be_corrected() {
    let mut day = Day::checked();
    day.take(7, &strike(3));
    assert_eq!(
        day.refuse(8, &strike(4)),
        Refusal::NotCorrectable { seq: 4 }
    );
}

#[test]
fn no_show_can_be_taken_back_when_the_patient_comes() {
    let mut day = Day::planned();
    day.take(
        30,
        &Command::MarkNoShow {
            note: text("15 minutes late"),
        },
    );
    let seq = day.last_seq();
    day.take(
        30,
        &Command::AddAddendum(Addendum {
            text: text("called home"),
            departure: None,
        }),
    );
    assert_eq!(day.refuse(40, &Command::Arrive).kind(), "wrong_phase");
    day.take(40, &strike(seq));
    day.take(40, &Command::Arrive);
    assert_eq!(day.session.phase(), Phase::Arrived);
    // And the no-show does not come back beside the arrival.
    let back = Event::NoShow { note: text("gone") };
    assert_eq!(
        day.refuse(41, &replace(seq, minute(30), back)).kind(),
        "contradiction"
    );
}

#[test]
fn addendum_to_a_struck_end_does_not_stand_in_the_way_of_the_real_one() {
    let mut day = Day::arrived();
    day.take(
        5,
        &Command::Delay {
            reason: text("fever"),
        },
    );
    let delay = day.last_seq();
    let addendum = Addendum {
        text: text("fever was an error"),
        departure: None,
    };
    day.take(10, &Command::AddAddendum(addendum));
    day.take(11, &strike(delay));
    day.take_late(
        8,
        12,
        &Command::Cancel {
            reason: text("went home"),
        },
    );
    assert_eq!(day.session.phase(), Phase::Cancelled);
}

#[test]
fn second_arrival_cannot_be_brought_back() {
    let mut day = Day::arrived();
    day.take(1, &strike(1));
    day.take(2, &Command::Arrive);
    let back = day.refuse(3, &replace(1, minute(0), Event::Arrived));
    let why = Box::new(Refusal::AlreadyDone { seq: 1 });
    assert_eq!(back, Refusal::CorrectionBreaks { seq: 3, why });
}

#[test]
fn corrected_sprays_move_dose_clocks_and_phase() {
    let mut day = Day::monitoring();
    let partly = device_partly(minute(17), Basis::Now, 1);
    day.take(20, &replace(6, minute(17), Event::DeviceGiven(partly)));
    assert_eq!(day.session.phase(), Phase::Dosing);
    assert_eq!(day.session.dose(&day.protocol).given_mg, 42);
    let later = device_partly(minute(18), Basis::Now, 1);
    day.take(20, &replace(6, minute(18), Event::DeviceGiven(later)));
    let clocks = day.session.clocks(&day.protocol, minute(20));
    assert_eq!(clocks.last_device_at, Some(minute(18)));
    assert_eq!(clocks.minimum_until, Some(minute(138)));
}
