//! What comes up between devices and after them: it stands against the next one, and what has happened is recorded as it was.

use super::super::*;
use super::day::*;

fn kinds(marks: &[Mark]) -> Vec<&'static str> {
    marks.iter().map(Mark::kind).collect()
}

fn contraindicated() -> Lack {
    Lack::ChecklistItem {
        item: text("aneurysm"),
    }
}

#[test]
fn contraindication_between_devices_stands_against_the_next() {
    let mut day = Day::dosing();
    day.take(15, &answers(&[("aneurysm", Answer::Yes)]));
    assert_eq!(day.lacks(17, &device(17)), [contraindicated()]);
    let marks = day.take(17, &device_already(17, "given before it was asked"));
    let found = Mark::DeviceLacking {
        seq: day.last_seq(),
        lack: contraindicated(),
    };
    assert!(marks.contains(&found) && found.is_deviation());

    // Found after the device, it says nothing of that one.
    let mut day = Day::monitoring();
    day.take(18, &answers(&[("aneurysm", Answer::Yes)]));
    let marks = day.session.marks(&day.protocol);
    assert!(!kinds(&marks).contains(&"device_lacking"));
}

#[test]
fn contraindication_shows_beside_a_missing_clearing() {
    let mut day = Day::arrived();
    day.take(5, &answers(&[("aneurysm", Answer::Yes)]));
    day.take(6, &pressure(150, 95));
    let marks = day.take(12, &device_already(12, "given in a hurry"));
    assert_eq!(
        kinds(&marks),
        [
            "device_without_clearing",
            "device_lacking",
            "device_lacking"
        ]
    );
    // What was not asked at all is said by the missing clearing.
    let mut day = Day::arrived();
    let marks = day.take(12, &device_already(12, "given in a hurry"));
    assert_eq!(kinds(&marks), ["device_without_clearing"]);
}

#[test]
fn dose_raised_in_a_first_treatment_waits_for_the_prescriber() {
    let Command::Plan(base) = plan(56) else {
        unreachable!()
    };
    let mut day = Day::new();
    let first = Plan {
        first_treatment: FirstTreatment::First,
        ..base
    };
    day.take(-60, &Command::Plan(first));
    day.take(0, &Command::Arrive);
    day.take(5, &answers(&[]));
    day.take(6, &Command::RecordVitals(all_vitals()));
    day.take(10, &clear());
    day.take(12, &device(12));
    let raised = Command::ChangePlan(PlanChange {
        dose_mg: Some(84),
        prescriber: None,
        room: None,
        reason: text("little effect so far"),
    });
    day.take(14, &raised);
    let concern = Concern::FirstTreatmentDose;
    assert_eq!(
        day.session.open_concerns(&day.protocol),
        std::slice::from_ref(&concern)
    );
    assert_eq!(
        day.lacks(17, &device(17)),
        [Lack::Decision {
            concern: concern.clone()
        }]
    );
    day.take(17, &decide_on(concern, DecisionChoice::Proceed));
    day.take(18, &device(18));
}

#[test]
fn reading_beyond_the_limits_between_devices_waits_for_the_prescriber() {
    let mut day = Day::dosing();
    day.take(14, &pressure(170, 105));
    let concern = Concern::Reading {
        seq: day.last_seq(),
        kind: VitalKind::BloodPressure,
    };
    assert_eq!(
        day.lacks(17, &device(17)),
        [Lack::Decision {
            concern: concern.clone()
        }]
    );
    let mut recheck = day.clone();
    recheck.take(17, &pressure(150, 95));
    recheck.take(18, &device(18));
    day.take(17, &decide_on(concern, DecisionChoice::Proceed));
    day.take(18, &device(18));
}

#[test]
fn word_that_there_is_no_reading_counts_once_it_could_be_taken() {
    // The last device at 17: the reading at about 40 minutes counts from 47 on.
    let mut day = Day::monitoring();
    day.attempt(
        second(47 * 60 - 1),
        minute(47),
        &absent(Occasion::FortyMinutes),
    )
    .unwrap();
    let standing = day.session.forty_minutes(&day.protocol, minute(47));
    assert!(!matches!(standing, FortyMinutes::Absent { .. }));
    day.take(47, &absent(Occasion::FortyMinutes));
    let standing = day.session.forty_minutes(&day.protocol, minute(47));
    assert!(matches!(standing, FortyMinutes::Absent { .. }));

    // The two hours end at 137: the last pressure counts from 122 on, and for half an hour.
    let mut day = Day::monitoring();
    day.take(57, &pressure(130, 80));
    day.take(121, &absent(Occasion::BeforeDischarge));
    day.take(125, &Command::JudgeReadiness(READY));
    let missing = [Lack::LastPressure { from: minute(122) }];
    assert_eq!(day.lacks(137, &discharge(Basis::Now)), missing);
    let mut late = day.clone();
    late.take(122, &absent(Occasion::BeforeDischarge));
    let missing = [Lack::LastPressure { from: minute(123) }];
    assert_eq!(late.lacks(153, &discharge(Basis::Now)), missing);
    day.take(122, &absent(Occasion::BeforeDischarge));
    day.take(152, &discharge(Basis::Now));
}

#[test]
fn missed_reading_is_a_deviation_with_its_reason_as_well() {
    let missed = |why| {
        let mut day = Day::monitoring();
        let Command::RecordVitals(mut vitals) = absent(Occasion::FortyMinutes) else {
            unreachable!()
        };
        vitals.absent[0].why = why;
        day.take(70, &Command::RecordVitals(vitals))
    };
    let not_obtained = missed(AbsenceKind::NotObtained);
    assert_eq!(kinds(&not_obtained), ["not_measured"]);
    assert!(not_obtained[0].is_deviation());
    assert!(!missed(AbsenceKind::Declined)[0].is_deviation());
}

#[test]
fn patient_has_left_when_they_left_whatever_was_written_down_since() {
    let left = Command::LeaveAgainstAdvice(LeftAgainstAdvice::Left(DepartureDetails::default()));
    let mut day = Day::monitoring();
    day.take(60, &pressure(130, 80));
    day.take(72, &Command::HandOver { to: PRESCRIBER });
    day.take(73, &absent(Occasion::Other));
    day.take_late(70, 75, &left);
    assert_eq!(day.session.ended_at(), Some(minute(70)));

    // Who was measured then was still there.
    let mut day = Day::monitoring();
    day.take(72, &pressure(130, 80));
    assert_eq!(day.refuse_late(70, 75, &left).kind(), "out_of_order");
}

#[test]
fn patient_who_was_judged_was_not_gone_before() {
    let gone = |last_seen_at| {
        Command::LeaveAgainstAdvice(LeftAgainstAdvice::FoundGone {
            last_seen_at,
            details: DepartureDetails::default(),
        })
    };
    let mut day = Day::monitoring();
    day.take(90, &Command::JudgeReadiness(READY));
    assert_eq!(day.refuse(100, &gone(minute(60))).kind(), "out_of_order");
    day.take(100, &gone(minute(90)));
}

#[test]
fn order_to_raise_the_dose_counts_when_it_was_given() {
    let raised = Command::ChangePlan(PlanChange {
        dose_mg: Some(84),
        prescriber: None,
        room: None,
        reason: text("ordered between the devices"),
    });
    let mut day = Day::monitoring();
    assert_eq!(day.refuse(20, &raised).kind(), "wrong_phase");
    day.take_late(15, 20, &raised);
    day.take(23, &device(23));
    assert_eq!(day.session.dose(&day.protocol).given_mg, 84);
}

#[test]
fn stop_says_what_had_been_given_by_then() {
    let mut day = Day::dosing();
    let marks = day.take(
        14,
        &Command::StopDosing {
            reason: text("feels sick"),
        },
    );
    let stopped = Mark::DosingStopped {
        seq: day.last_seq(),
        given_mg: 28,
        intended_mg: 56,
    };
    assert_eq!(marks, std::slice::from_ref(&stopped));
    day.take(17, &device_already(17, "the word came too late"));
    assert!(day.session.marks(&day.protocol).contains(&stopped));
}

#[test]
fn late_entry_stays_late_when_its_values_are_corrected() {
    let late = |marks: &[Mark]| kinds(marks).contains(&"late_entry");
    let mut day = Day::monitoring();
    day.take_late(57, 101, &pressure(130, 80));
    let seq = day.last_seq();
    let Command::RecordVitals(vitals) = pressure(132, 80) else {
        unreachable!()
    };
    day.take(
        102,
        &replace(seq, minute(57), Event::VitalsRecorded(vitals.clone())),
    );
    assert!(late(&day.session.marks(&day.protocol)));
    day.take(
        103,
        &replace(seq, minute(100), Event::VitalsRecorded(vitals)),
    );
    assert!(!late(&day.session.marks(&day.protocol)));
}

#[test]
fn nobody_decides_about_a_reading_before_it_is_taken() {
    let mut day = Day::arrived();
    day.take(6, &pressure(150, 95));
    let concern = Concern::Reading {
        seq: day.last_seq(),
        kind: VitalKind::BloodPressure,
    };
    let decision = decide_on(concern, DecisionChoice::Proceed);
    assert_eq!(day.refuse_late(5, 8, &decision).kind(), "out_of_order");
    day.take_late(6, 8, &decision);
}

#[test]
fn nobody_is_their_own_witness() {
    let mut day = Day::cleared();
    let witnessed_by = |witness| {
        let outcome = DeviceOutcome::PartlyUsed(Disposal {
            how: text("sharps container"),
            witness: Some(witness),
        });
        Command::GiveDevice(DeviceUse {
            outcome,
            ..device_partly(minute(12), Basis::Now, 1)
        })
    };
    assert_eq!(day.lacks(12, &witnessed_by(NURSE)), [Lack::Witness]);
    day.take(12, &witnessed_by(PRESCRIBER));
}

#[test]
fn call_for_a_second_ambulance_is_recorded_after_the_first_came() {
    let note = String::new();
    let mut day = Day::monitoring();
    day.take(30, &Command::EmergencyArrive { note: note.clone() });
    day.take(35, &Command::CallEmergency { note: note.clone() });
    day.take(36, &Command::EmergencyArrive { note: note.clone() });
    let early = Command::EmergencyArrive { note };
    assert_eq!(day.refuse_late(34, 40, &early).kind(), "out_of_order");
}

#[test]
fn answer_about_seriousness_and_a_tick_can_be_taken_back_before_the_end() {
    let mut day = Day::monitoring();
    day.take(30, &adverse(Seriousness::NotYetAnswered));
    let event = day.last_seq();
    let about = SeriousSubject::AdverseEvent(event);
    let answer = |seriousness| Command::AnswerSerious(SeriousAnswer { about, seriousness });
    day.take(31, &answer(serious()));
    let answered = day.last_seq();
    let report = day.session.reports_owed(&day.protocol).remove(0);
    day.take(
        32,
        &Command::TickReport {
            report: report.clone(),
        },
    );
    let ticked = day.last_seq();
    assert!(!day.session.reports_owed(&day.protocol).contains(&report));
    day.take(33, &strike(ticked));
    assert!(day.session.reports_owed(&day.protocol).contains(&report));

    // The last answer counts; so does a correction of the event itself that came after it.
    let mut again = day.clone();
    again.take(34, &answer(Seriousness::NotSerious));
    again.take(35, &answer(serious()));
    assert!(again.session.has_serious());
    let Command::RecordAdverseEvent(fainted) = adverse(Seriousness::NotSerious) else {
        unreachable!()
    };
    again.take(
        36,
        &replace(event, minute(30), Event::AdverseEventRecorded(fainted)),
    );
    assert!(!again.session.has_serious());

    assert_eq!(day.refuse(34, &strike(event)).kind(), "correction_breaks");
    day.take(35, &strike(answered));
    assert!(!day.session.has_serious());
    day.take(36, &strike(event));
}
