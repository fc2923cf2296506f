//! The rules of planning, clearing and devices.

use jiff::civil::date;

use super::super::*;
use super::day::*;

fn decision_lack(concern: Concern) -> Lack {
    Lack::Decision { concern }
}

#[test]
fn clearing_names_everything_that_it_lacks() {
    let mut day = Day::arrived();
    let lacks = day.lacks(
        10,
        &Command::Clear(Clearing {
            basis: Basis::Now,
            prescriber_on_site: None,
        }),
    );
    let items = lacks
        .iter()
        .filter(|lack| matches!(lack, Lack::ChecklistItem { .. }))
        .count();
    assert_eq!(items, 10); // Six required and four that the prescriber decides.
    assert!(lacks.contains(&Lack::ReadingBeforeDosing {
        kind: VitalKind::BloodPressure
    }));
    assert!(lacks.contains(&decision_lack(Concern::NoPrescriberOnSite)));
    assert_eq!(lacks.len(), 12);
}

#[test]
fn planning_without_enrolment_is_refused() {
    let Command::Plan(sound) = plan(56) else {
        unreachable!()
    };
    let mut day = Day::new();
    let unsure = Plan {
        enrolment: Enrolment::NotConfirmed,
        ..sound
    };
    let lacks = day.lacks(0, &Command::Plan(unsure));
    assert_eq!(lacks, [Lack::Enrolment]);
}

#[test]
fn contraindication_is_no_matter_of_decision() {
    let mut day = Day::checked();
    day.take(7, &answers(&[("aneurysm", Answer::Yes)]));
    let item = text("aneurysm");
    assert_eq!(
        day.lacks(8, &clear()),
        [Lack::ChecklistItem { item: item.clone() }]
    );
    let decision = decide_on(Concern::Checklist { item }, DecisionChoice::Proceed);
    assert_eq!(day.refuse(9, &decision).kind(), "unknown");
}

#[test]
fn prescriber_decides_on_food_ride_and_first_dose() {
    let Command::Plan(later) = plan(84) else {
        unreachable!()
    };
    let first = Plan {
        first_treatment: FirstTreatment::First,
        ..later
    };
    let mut day = Day::new();
    day.take(-60, &Command::Plan(first));
    day.take(0, &Command::Arrive);
    day.take(
        5,
        &answers(&[("food", Answer::No), ("ride", Answer::NotAsked)]),
    );
    day.take(6, &pressure(120, 80));
    let concerns = vec![
        Concern::Checklist { item: text("food") },
        Concern::Checklist { item: text("ride") },
        Concern::FirstTreatmentDose,
    ];
    assert_eq!(day.session.open_concerns(&day.protocol), concerns);
    let lacks: Vec<Lack> = concerns.iter().cloned().map(decision_lack).collect();
    assert_eq!(day.lacks(7, &clear()), lacks);
    let decision = |choice| {
        let about = concerns.clone();
        Command::RecordDecision(Decision {
            about,
            choice,
            reason: text("weighed"),
        })
    };
    day.take(8, &decision(DecisionChoice::Wait));
    assert_eq!(day.lacks(8, &clear()), lacks);
    day.take(9, &decision(DecisionChoice::Proceed));
    day.take(9, &clear());
}

#[test]
fn first_dose_concern_is_for_first_treatments_in_trd_alone() {
    for (first_treatment, indication, dose_mg, asked) in [
        (
            FirstTreatment::First,
            Indication::TreatmentResistant,
            84,
            true,
        ),
        (
            FirstTreatment::First,
            Indication::TreatmentResistant,
            56,
            false,
        ),
        (
            FirstTreatment::First,
            Indication::AcuteSuicidality,
            84,
            false,
        ),
        (
            FirstTreatment::Later,
            Indication::TreatmentResistant,
            84,
            false,
        ),
    ] {
        let Command::Plan(base) = plan(dose_mg) else {
            unreachable!()
        };
        let mut day = Day::new();
        day.take(
            -60,
            &Command::Plan(Plan {
                first_treatment,
                indication,
                ..base
            }),
        );
        day.take(0, &Command::Arrive);
        let concerns = day.session.open_concerns(&day.protocol);
        assert_eq!(concerns.contains(&Concern::FirstTreatmentDose), asked);
    }
}

#[test]
fn high_pressure_waits_for_recheck_or_decision() {
    let mut day = Day::checked();
    let marks = day.take(7, &pressure(141, 90));
    assert_eq!(marks.len(), 1);
    let seq = day.last_seq();
    let concern = Concern::Reading {
        seq,
        kind: VitalKind::BloodPressure,
    };
    assert_eq!(day.lacks(8, &clear()), [decision_lack(concern.clone())]);

    let mut rechecked = day.clone();
    rechecked.take(20, &pressure(140, 90)); // On the limit is inside.
    rechecked.take(21, &clear());
    assert!(
        rechecked
            .session
            .marks(&rechecked.protocol)
            .contains(&marks[0])
    );

    day.take(9, &decide_on(concern.clone(), DecisionChoice::Delay));
    assert_eq!(day.lacks(9, &clear()), [decision_lack(concern.clone())]);
    day.take(10, &decide_on(concern, DecisionChoice::Proceed));
    day.take(11, &clear());
}

#[test]
fn decision_about_a_reading_lapses_when_the_reading_is_corrected() {
    let mut day = Day::checked();
    day.take(7, &pressure(150, 95));
    let seq = day.last_seq();
    let concern = Concern::Reading {
        seq,
        kind: VitalKind::BloodPressure,
    };
    day.take(8, &decide_on(concern.clone(), DecisionChoice::Proceed));
    let Command::RecordVitals(higher) = pressure(190, 110) else {
        unreachable!()
    };
    day.take(9, &replace(seq, minute(7), Event::VitalsRecorded(higher)));
    assert_eq!(day.lacks(10, &clear()), [decision_lack(concern)]);
}

#[test]
fn declined_pressure_before_dosing_is_the_prescribers_matter() {
    let mut day = Day::arrived();
    day.take(5, &answers(&[]));
    day.take(6, &absent(Occasion::BeforeDosing));
    let concern = Concern::NotMeasured {
        seq: day.last_seq(),
        kind: VitalKind::BloodPressure,
    };
    assert_eq!(day.lacks(7, &clear()), [decision_lack(concern.clone())]);
    day.take(8, &decide_on(concern, DecisionChoice::Proceed));
    day.take(9, &clear());
}

#[test]
fn something_new_after_clearing_stops_the_first_device() {
    let mut day = Day::cleared();
    day.take(11, &pressure(160, 95));
    let concern = Concern::Reading {
        seq: day.last_seq(),
        kind: VitalKind::BloodPressure,
    };
    assert_eq!(day.lacks(12, &device(12)), [decision_lack(concern.clone())]);
    assert_eq!(
        day.refuse(12, &device_already(12, "")).kind(),
        "reason_needed"
    );
    let marks = day.take(12, &device_already(12, "was in her nose already"));
    let lack = decision_lack(concern);
    assert_eq!(
        marks,
        [Mark::DeviceLacking {
            seq: day.last_seq(),
            lack
        }]
    );
}

#[test]
fn device_may_follow_the_clearing_within_the_same_second() {
    let mut day = Day::checked();
    day.take(10, &clear());
    let marks = day.take(10, &device(10));
    assert!(marks.is_empty());
}

#[test]
fn second_device_rests_five_minutes() {
    let mut day = Day::dosing();
    let command = |seconds, basis| Command::GiveDevice(device_use(second(seconds), basis));
    let early = 12 * 60 + 250;
    let refusal = day.attempt(second(early), second(early), &command(early, Basis::Now));
    let refusal = refusal.unwrap_err();
    let until = minute(17);
    let lacks = vec![Lack::Rest { until }];
    assert_eq!(
        refusal,
        Refusal::Lacks {
            step: Step::Device,
            lacks
        }
    );
    assert_eq!(refusal.possible_from(), Some(until));

    let silent = day.attempt(second(early), second(early), &command(early, already(" ")));
    let mark = Mark::RestTooShort {
        seq: 6,
        rest_s: 250,
        required_s: 300,
    };
    assert_eq!(
        silent.unwrap_err(),
        Refusal::ReasonNeeded {
            marks: vec![mark.clone()]
        }
    );
    let marks = day
        .attempt(
            second(early),
            second(early),
            &command(early, already("she was handed it")),
        )
        .unwrap();
    assert_eq!(marks, [mark]);
    assert_eq!(day.session.phase(), Phase::Monitoring);
}

#[test]
fn rest_runs_from_last_spray_to_first_spray() {
    let mut day = Day::cleared();
    let first = DeviceUse {
        last_spray_at: minute(14),
        ..device_use(minute(12), Basis::Now)
    };
    day.take(14, &Command::GiveDevice(first));
    assert_eq!(
        day.lacks(18, &device(18)),
        [Lack::Rest { until: minute(19) }]
    );
    let second = DeviceUse {
        last_spray_at: minute(21),
        ..device_use(minute(19), Basis::Now)
    };
    day.take(21, &Command::GiveDevice(second));
    assert_eq!(
        day.session.discharge_possible_from(&day.protocol),
        Some(minute(141))
    );
}

#[test]
fn one_device_more_than_the_dose() {
    let mut day = Day::monitoring();
    let lack = Lack::DoseLeft {
        given_mg: 56,
        adding_mg: 28,
        intended_mg: 56,
    };
    assert_eq!(day.lacks(30, &device(30)), [lack]);
    let marks = day.take(30, &device_already(30, "opened by mistake"));
    assert_eq!(
        marks,
        [Mark::DeviceBeyondDose {
            seq: 7,
            given_mg: 84,
            intended_mg: 56
        }]
    );
    let dose = day.session.dose(&day.protocol);
    assert_eq!((dose.given_mg, dose.devices, dose.is_other), (84, 3, false));
}

#[test]
fn device_without_clearing_and_after_stop() {
    let mut day = Day::checked();
    assert_eq!(day.lacks(8, &device(8)), [Lack::Clearing]);
    let marks = day.take(8, &device_already(8, "not tapped"));
    assert_eq!(marks, [Mark::DeviceWithoutClearing { seq: 4 }]);
    day.take(
        10,
        &Command::StopDosing {
            reason: text("nausea"),
        },
    );
    assert_eq!(
        day.lacks(20, &device(20)),
        [Lack::Clearing, Lack::DosingStopped { seq: 5 }]
    );
    let marks = day.take(20, &device_already(20, "she took it herself"));
    assert!(marks.contains(&Mark::DeviceAfterStop { seq: 6 }));
}

#[test]
fn device_itself_is_looked_at() {
    let mut day = Day::cleared();
    let poor = DeviceUse {
        lot: String::new(),
        expires: None,
        // One dot before and none after one spray: what it delivered fits its dots.
        dots_before: 1,
        dots_after: 0,
        ..device_partly(minute(12), Basis::Now, 1)
    };
    let poor = DeviceUse {
        outcome: DeviceOutcome::PartlyUsed(Disposal {
            how: text(""),
            witness: None,
        }),
        ..poor
    };
    assert_eq!(
        day.lacks(12, &Command::GiveDevice(poor.clone())),
        [
            Lack::LotNumber,
            Lack::ExpiryDate,
            Lack::UnusedDevice {
                dots: 1,
                expected: 2
            },
            Lack::Disposal,
            Lack::Witness
        ]
    );
    let old = DeviceUse {
        expires: Some(date(2026, 11, 19)),
        ..device_use(minute(12), Basis::Now)
    };
    let expires = date(2026, 11, 19);
    assert_eq!(
        day.lacks(12, &Command::GiveDevice(old.clone())),
        [Lack::DeviceInDate { expires }]
    );
    let today = DeviceUse {
        expires: Some(date(2026, 11, 20)),
        ..old
    };
    day.clone().take(12, &Command::GiveDevice(today));

    let basis = already("dropped, then found");
    let marks = day.take(12, &Command::GiveDevice(DeviceUse { basis, ..poor }));
    let kinds: Vec<&str> = marks.iter().map(Mark::kind).collect();
    let missing = "device_detail_missing";
    assert_eq!(
        kinds,
        [
            missing,
            missing,
            "device_not_unused",
            missing,
            missing,
            "device_partly_used"
        ]
    );
}

#[test]
fn failed_device_may_be_replaced_within_the_dose() {
    let mut day = Day::dosing();
    day.take(
        17,
        &Command::GiveDevice(device_partly(minute(17), Basis::Now, 0)),
    );
    assert_eq!(day.session.phase(), Phase::Dosing);
    day.take(18, &device(18)); // The rest counts from the device that gave something.
    assert_eq!(day.session.phase(), Phase::Monitoring);
    assert_eq!(day.session.dose(&day.protocol).given_mg, 56);
}

#[test]
fn partly_used_device_makes_the_dose_other() {
    let mut day = Day::dosing();
    day.take(
        17,
        &Command::GiveDevice(device_partly(minute(17), Basis::Now, 1)),
    );
    assert_eq!(day.session.phase(), Phase::Dosing);
    let dose = day.session.dose(&day.protocol);
    assert_eq!((dose.given_mg, dose.sprays, dose.is_other), (42, 3, true));
    let lack = Lack::DoseLeft {
        given_mg: 42,
        adding_mg: 28,
        intended_mg: 56,
    };
    assert_eq!(day.lacks(25, &device(25)), [lack]);
    day.take(
        25,
        &Command::StopDosing {
            reason: text("dose stays at 42 mg"),
        },
    );
    assert_eq!(day.session.phase(), Phase::Monitoring);
}

#[test]
fn device_entered_late_breaks_the_rest_of_the_next_one() {
    let mut day = Day::cleared();
    day.take(18, &device(18));
    let refusal = day.refuse_late(15, 19, &device_already(15, ""));
    let mark = Mark::RestTooShort {
        seq: 5,
        rest_s: 180,
        required_s: 300,
    };
    assert_eq!(refusal, Refusal::ReasonNeeded { marks: vec![mark] });
    let refusal = day.refuse_late(15, 19, &device(15));
    assert_eq!(refusal.kind(), "reason_needed");
}

#[test]
fn dose_can_be_changed_while_it_is_given() {
    let change = |dose_mg| {
        Command::ChangePlan(PlanChange {
            dose_mg: Some(dose_mg),
            prescriber: None,
            room: None,
            reason: text("less this time"),
        })
    };
    let mut day = Day::new();
    day.take(-60, &plan(84));
    day.take(0, &Command::Arrive);
    day.take(5, &answers(&[]));
    day.take(6, &pressure(120, 80));
    day.take(10, &clear());
    for at in [12, 17] {
        day.take(at, &device(at));
    }
    assert_eq!(day.session.phase(), Phase::Dosing);
    let mut more = day.clone();
    more.take(22, &device(22));
    assert_eq!(more.refuse(23, &change(56)).kind(), "wrong_phase");
    day.take(20, &change(56));
    assert_eq!(day.session.phase(), Phase::Monitoring);
    assert_eq!(day.session.plan().unwrap().dose_mg, 56);
    let mut few = Day::new();
    few.take(-60, &plan(56));
    assert_eq!(
        few.refuse(0, &change(70)),
        Refusal::Unknown(Unknown::DoseMg(70))
    );
}

#[test]
fn a_clearing_that_has_happened_is_recorded_with_what_it_lacked() {
    let cleared = |basis| {
        Command::Clear(Clearing {
            basis,
            prescriber_on_site: Some(PRESCRIBER),
        })
    };
    // The pressure was never taken, and the devices are given: the clearing is written down after them.
    let mut day = Day::arrived();
    day.take(5, &answers(&[]));
    day.take(12, &device_already(12, "cleared on paper"));
    let lack = Lack::ReadingBeforeDosing {
        kind: VitalKind::BloodPressure,
    };
    let (at, now) = (minute(10), minute(20));
    let refusal = day.clone().attempt(at, now, &cleared(Basis::Now));
    assert_eq!(refusal.unwrap_err().kind(), "lacks");
    let refusal = day.clone().attempt(at, now, &cleared(already("")));
    assert_eq!(refusal.unwrap_err().kind(), "reason_needed");
    let marks = day
        .attempt(at, now, &cleared(already("cleared on paper")))
        .unwrap();
    let seq = day.last_seq();
    let found = Mark::ClearedLacking {
        seq,
        lack: lack.clone(),
    };
    assert!(marks.contains(&found) && found.is_deviation(), "{marks:?}");
    // The device was given after a clearing, and with the same lack.
    let marks = day.session.marks(&day.protocol);
    let kinds: Vec<_> = marks.iter().map(Mark::kind).collect();
    assert!(!kinds.contains(&"device_without_clearing"), "{kinds:?}");
    assert!(marks.contains(&Mark::DeviceLacking { seq: seq - 1, lack }));

    // Without an arrival nobody was cleared.
    let mut planned = Day::new();
    planned.take(-10, &plan(56));
    let refused = planned.attempt(minute(0), minute(1), &cleared(already("on paper")));
    assert_eq!(refused.unwrap_err().kind(), "lacks");
}
