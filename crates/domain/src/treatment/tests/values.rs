//! Values and times that cannot be.

use super::super::*;
use super::day::*;

fn vitals(change: impl FnOnce(&mut Vitals)) -> Command {
    let mut vitals = Vitals::default();
    change(&mut vitals);
    Command::RecordVitals(vitals)
}

fn impossible(refusal: Refusal) -> (Field, i64, i64, i64) {
    let Refusal::Impossible {
        field,
        given,
        low,
        high,
    } = refusal
    else {
        panic!("refused for another reason");
    };
    (field, given, low, high)
}

#[test]
fn impossible_vitals_are_refused_with_their_range() {
    let mut day = Day::arrived();
    for (command, expected) in [
        (pressure(120, 120), (Field::Diastolic, 120, 20, 119)),
        (pressure(80, 120), (Field::Diastolic, 120, 20, 79)),
        (pressure(301, 80), (Field::Systolic, 301, 40, 300)),
        (pressure(-120, 80), (Field::Systolic, -120, 40, 300)),
        (pressure(120, 19), (Field::Diastolic, 19, 20, 200)),
        (vitals(|v| v.spo2 = Some(101)), (Field::Spo2, 101, 30, 100)),
        (vitals(|v| v.moaas = Some(6)), (Field::Moaas, 6, 0, 5)),
        (vitals(|v| v.moaas = Some(-1)), (Field::Moaas, -1, 0, 5)),
        (vitals(|v| v.pulse = Some(7)), (Field::Pulse, 7, 20, 300)),
        (
            vitals(|v| v.respiration = Some(81)),
            (Field::Respiration, 81, 0, 80),
        ),
        (
            vitals(|v| v.pulse = Some(i32::MAX)),
            (Field::Pulse, 2_147_483_647, 20, 300),
        ),
    ] {
        assert_eq!(impossible(day.refuse(5, &command)), expected);
    }
    for command in [
        pressure(300, 20),
        vitals(|v| v.spo2 = Some(100)),
        vitals(|v| v.moaas = Some(0)),
    ] {
        day.take(5, &command);
    }
}

#[test]
fn each_vital_sign_may_stand_alone_but_not_none() {
    let mut day = Day::arrived();
    let fields = vec![Field::AnyReading];
    assert_eq!(
        day.refuse(5, &vitals(|_| {})),
        Refusal::Incomplete { fields }
    );
    for command in [
        vitals(|v| v.pulse = Some(70)),
        vitals(|v| v.spo2 = Some(97)),
        vitals(|v| v.respiration = Some(14)),
        vitals(|v| v.moaas = Some(5)),
        pressure(120, 80),
        absent(Occasion::Other),
    ] {
        day.take(5, &command);
    }
}

#[test]
fn absence_needs_a_reason_and_no_reading_beside_it() {
    let absence = |reason: &str, occasion| Absence {
        kind: VitalKind::Pulse,
        why: AbsenceKind::NotObtained,
        reason: text(reason),
        occasion,
    };
    let mut day = Day::arrived();
    let silent = vitals(|v| v.absent = vec![absence(" ", Occasion::Other)]);
    assert_eq!(
        day.refuse(5, &silent),
        Refusal::Incomplete {
            fields: vec![Field::Reason]
        }
    );
    let contradiction = Refusal::Contradiction {
        field: Field::Pulse,
        seq: None,
    };
    let both = vitals(|v| {
        v.pulse = Some(70);
        v.absent = vec![absence("cold hands", Occasion::Other)];
    });
    let measured = |kind, occasion| Refusal::MeasuredAndAbsent { kind, occasion };
    assert_eq!(
        day.refuse(5, &both),
        measured(VitalKind::Pulse, Occasion::Other)
    );
    let twice = vitals(|v| {
        v.absent = vec![
            absence("cold", Occasion::Other),
            absence("cold", Occasion::Other),
        ];
    });
    assert_eq!(day.refuse(5, &twice), contradiction);
    let early = day.refuse(5, &absent(Occasion::FortyMinutes));
    assert_eq!(
        early,
        Refusal::Contradiction {
            field: Field::Occasion,
            seq: None
        }
    );
}

#[test]
fn value_and_the_word_that_there_is_none_exclude_each_other() {
    let both = |occasion| {
        vitals(|v| {
            v.pressure = all_vitals().pressure;
            v.absent = vec![Absence {
                kind: VitalKind::BloodPressure,
                why: AbsenceKind::Declined,
                reason: text("did not want the cuff"),
                occasion,
            }];
        })
    };
    let refused = |occasion| Refusal::MeasuredAndAbsent {
        kind: VitalKind::BloodPressure,
        occasion,
    };
    let before = both(Occasion::BeforeDosing);
    assert_eq!(
        Day::arrived().refuse(5, &before),
        refused(Occasion::BeforeDosing)
    );
    // The last device at 17: a reading counts as that of 40 minutes from 47 to 67, as the last one from 122 on.
    let missed = both(Occasion::FortyMinutes);
    let mut day = Day::monitoring();
    for at in [47, 67] {
        assert_eq!(day.refuse(at, &missed), refused(Occasion::FortyMinutes));
    }
    day.take(68, &missed);
    let last = both(Occasion::BeforeDischarge);
    assert_eq!(day.refuse(122, &last), refused(Occasion::BeforeDischarge));
    day.take(121, &last);

    // A correction does not bring it about either.
    let mut day = Day::monitoring();
    day.take(57, &absent(Occasion::FortyMinutes));
    let Command::RecordVitals(vitals) = missed else {
        unreachable!()
    };
    let corrected = replace(7, minute(57), Event::VitalsRecorded(vitals));
    assert_eq!(day.refuse(58, &corrected), refused(Occasion::FortyMinutes));
}

#[test]
fn devices_cannot_give_three_sprays_or_contradict_themselves() {
    let mut day = Day::cleared();
    let base = device_use(minute(12), already("x"));
    let refuse = |day: &mut Day, device| day.refuse(12, &Command::GiveDevice(device));
    let refusal = refuse(
        &mut day,
        DeviceUse {
            sprays: 3,
            ..base.clone()
        },
    );
    assert_eq!(impossible(refusal), (Field::Sprays, 3, 0, 2));
    let refusal = refuse(
        &mut day,
        DeviceUse {
            dots_before: 3,
            ..base.clone()
        },
    );
    assert_eq!(impossible(refusal), (Field::DotsBefore, 3, 0, 2));
    let refusal = refuse(
        &mut day,
        DeviceUse {
            dots_after: 9,
            ..base.clone()
        },
    );
    assert_eq!(impossible(refusal), (Field::DotsAfter, 9, 0, 2));
    for device in [
        DeviceUse {
            sprays: 1,
            ..base.clone()
        },
        DeviceUse {
            outcome: DeviceOutcome::PartlyUsed(disposal()),
            ..base.clone()
        },
        DeviceUse {
            outcome: DeviceOutcome::Failed(disposal()),
            ..base.clone()
        },
        DeviceUse {
            sprays: 0,
            outcome: DeviceOutcome::PartlyUsed(disposal()),
            ..base.clone()
        },
    ] {
        let contradiction = Refusal::Contradiction {
            field: Field::Outcome,
            seq: None,
        };
        assert_eq!(refuse(&mut day, device), contradiction);
    }
    let reversed = DeviceUse {
        first_spray_at: minute(12),
        last_spray_at: minute(11),
        ..base.clone()
    };
    assert_eq!(refuse(&mut day, reversed).kind(), "out_of_order");
    let unfinished = DeviceUse {
        last_spray_at: minute(13),
        ..base
    };
    assert_eq!(refuse(&mut day, unfinished).kind(), "out_of_order");
}

#[test]
fn future_and_time_before_arrival_are_refused() {
    let mut day = Day::cleared();
    let refusal = day.refuse_late(31, 30, &pressure(120, 80));
    assert_eq!(
        refusal,
        Refusal::InFuture {
            happened_at: minute(31),
            now: minute(30)
        }
    );
    assert_eq!(refusal.possible_from(), Some(minute(31)));
    let before = Refusal::BeforeArrival {
        happened_at: minute(-1),
        arrived_at: minute(0),
        arrival: 1,
    };
    assert_eq!(day.refuse_late(-1, 30, &pressure(120, 80)), before);
    // The device's own sprays count, not the time of the tap.
    let early = DeviceUse {
        last_spray_at: minute(12),
        ..device_use(minute(-1), already("x"))
    };
    assert_eq!(day.refuse(12, &Command::GiveDevice(early)), before);
    // The offer: correct the arrival first.
    day.take(30, &replace(1, minute(-2), Event::Arrived));
    day.take_late(-1, 30, &pressure(120, 80));
}

#[test]
fn unknown_ids_are_refused() {
    let mut day = Day::monitoring();
    let answer = ChecklistAnswer {
        item: text("x"),
        answer: Answer::Yes,
        note: String::new(),
    };
    let kinds = Seriousness::Serious {
        kinds: vec![text("x")],
    };
    for (command, unknown) in [
        (
            Command::AnswerChecklist(vec![answer]),
            Unknown::ChecklistItem(text("x")),
        ),
        (
            Command::OpenEpisode(Episode {
                kind: EpisodeKind::Sedation,
                severity: Some(text("x")),
                note: String::new(),
            }),
            Unknown::Severity(text("x")),
        ),
        (
            Command::RecordCrisisSymptoms(CrisisSymptoms {
                symptoms: vec![text("x")],
                note: String::new(),
            }),
            Unknown::Symptom(text("x")),
        ),
        (adverse(kinds), Unknown::SeriousKind(text("x"))),
        (
            Command::TickReport { report: text("x") },
            Unknown::Report(text("x")),
        ),
        (strike(99), Unknown::Event(99)),
        (resolve(2), Unknown::Episode(2)),
        (
            decide_on(Concern::FirstTreatmentDose, DecisionChoice::Proceed),
            Unknown::Concern(Concern::FirstTreatmentDose),
        ),
        (
            decide_on(
                Concern::Reading {
                    seq: 3,
                    kind: VitalKind::BloodPressure,
                },
                DecisionChoice::Proceed,
            ),
            Unknown::Concern(Concern::Reading {
                seq: 3,
                kind: VitalKind::BloodPressure,
            }),
        ),
    ] {
        assert_eq!(day.refuse(30, &command), Refusal::Unknown(unknown));
    }
}

#[test]
fn empty_and_endless_texts_are_refused() {
    let mut day = Day::monitoring();
    let medicine = Command::GiveMedicine(MedicineGiven {
        drug: text(""),
        dose: text("4 mg"),
        route: text("  "),
        order: MedicineOrder::Prescriber { person: PRESCRIBER },
    });
    let fields = vec![Field::Drug, Field::Route];
    assert_eq!(day.refuse(30, &medicine), Refusal::Incomplete { fields });
    let endless = Command::RecordVomiting {
        note: "ä".repeat(TEXT_CHARS_MAX as usize + 1),
    };
    let too_long = Refusal::TooLong {
        field: Field::Note,
        limit: TEXT_CHARS_MAX,
    };
    assert_eq!(day.refuse(30, &endless), too_long);
    day.take(
        30,
        &Command::RecordVomiting {
            note: "ä".repeat(TEXT_CHARS_MAX as usize),
        },
    );
    let none = Command::ReportNoneObserved { kinds: Vec::new() };
    assert_eq!(
        day.refuse(30, &none),
        Refusal::Incomplete {
            fields: vec![Field::Kinds]
        }
    );
    let twice = [("food", Answer::Yes)].map(|(item, answer)| ChecklistAnswer {
        item: text(item),
        answer,
        note: String::new(),
    });
    let twice = Command::AnswerChecklist([twice.clone(), twice].concat());
    assert_eq!(day.refuse(30, &twice).kind(), "contradiction");
    let many: Vec<EpisodeKind> = vec![EpisodeKind::Sedation; LIST_MAX as usize + 1];
    let refusal = day.refuse(30, &Command::ReportNoneObserved { kinds: many });
    assert_eq!(
        refusal,
        Refusal::TooLong {
            field: Field::Kinds,
            limit: LIST_MAX
        }
    );
}

#[test]
fn session_holds_so_many_events_and_no_more() {
    let mut day = Day::arrived();
    let event = Event::VomitingRecorded {
        note: String::new(),
    };
    let at = minute(5);
    for seq in day.session.next_seq()..EVENTS_MAX {
        let (taken_by, entered_by) = (NURSE, NURSE);
        let event = event.clone();
        let recorded = Recorded {
            seq,
            happened_at: at,
            received_at: at,
            taken_by,
            entered_by,
            event,
        };
        day.session.apply(&recorded);
    }
    assert_eq!(
        day.refuse(6, &pressure(120, 80)),
        Refusal::Full { limit: EVENTS_MAX }
    );
}
