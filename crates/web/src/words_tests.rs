//! Sentences: every refusal, lack and mark has one that ends with a full stop and names nobody's blame.

use app::words::{Say, lack_words, mark_words, phase_words, refusal_words, sprays_counted};
use domain::treatment::*;
use jiff::civil::date;

use crate::samples::{self, at};

fn is_sentence(text: &str) -> bool {
    text.ends_with('.')
        && !text.contains("..")
        && !text.contains("  ")
        && text
            .chars()
            .next()
            .is_some_and(|first| !first.is_lowercase())
}

fn with_say(check: impl Fn(&Say<'_>)) {
    let day = samples::discharged();
    let people = samples::people();
    let zone = samples::zone();
    check(&Say {
        protocol: &day.protocol,
        people: &people,
        zone: &zone,
        events: &day.events,
        effective: day.session.effective(),
        now: at(9, 50, 0),
        today: date(2026, 11, 22),
    });
}

fn concerns() -> Vec<Concern> {
    vec![
        Concern::Reading {
            seq: 3,
            kind: VitalKind::BloodPressure,
        },
        Concern::NotMeasured {
            seq: 3,
            kind: VitalKind::Spo2,
        },
        Concern::Checklist {
            item: "ride".to_owned(),
        },
        Concern::CrisisSymptoms { seq: 4 },
        Concern::FirstTreatmentDose,
        Concern::NoPrescriberOnSite,
    ]
}

fn lacks() -> Vec<Lack> {
    let mut lacks = vec![
        Lack::Enrolment,
        Lack::Arrival,
        Lack::ChecklistItem {
            item: "benzodiazepines".to_owned(),
        },
        Lack::ChecklistItem {
            item: "no such item".to_owned(),
        },
        Lack::Clearing,
        Lack::Rest {
            until: at(9, 5, 40),
        },
        Lack::DoseLeft {
            given_mg: 56,
            adding_mg: 28,
            intended_mg: 56,
        },
        Lack::DosingStopped { seq: 3 },
        Lack::DeviceInDate {
            expires: date(2026, 6, 30),
        },
        Lack::UnusedDevice {
            dots: 1,
            expected: 2,
        },
        Lack::LotNumber,
        Lack::ExpiryDate,
        Lack::Disposal,
        Lack::Witness,
        Lack::DoseCompleteOrStopped {
            given_mg: 28,
            intended_mg: 56,
        },
        Lack::MinimumTime {
            until: at(11, 5, 0),
        },
        Lack::FortyMinuteReading {
            from: at(9, 35, 0),
            until: at(9, 55, 0),
        },
        Lack::LastPressure { from: at(11, 0, 0) },
        Lack::ReadinessJudgement { overtaken_by: None },
        Lack::ReadinessJudgement {
            overtaken_by: Some(3),
        },
        Lack::ClinicallyStable,
        Lack::Instructions,
        Lack::Escort,
    ];
    lacks.extend(VitalKind::ALL.map(|kind| Lack::ReadingBeforeDosing { kind }));
    lacks.extend(EpisodeKind::ALL.map(|kind| Lack::Resolution { episode: 7, kind }));
    lacks.extend(
        concerns()
            .into_iter()
            .map(|concern| Lack::Decision { concern }),
    );
    let parts = [
        ReadinessPart::Alert,
        ReadinessPart::NoDissociation,
        ReadinessPart::BreathingInRange,
        ReadinessPart::PressureSafe,
    ];
    lacks.extend(parts.map(|part| Lack::ReadinessPart { part }));
    lacks
}

fn readings_outside() -> Vec<Mark> {
    let reading = |kind, value, limit, side, diastolic| Mark::ReadingOutsideLimits {
        seq: 3,
        kind,
        value,
        limit,
        side,
        diastolic,
    };
    vec![
        reading(VitalKind::BloodPressure, 150, 140, LimitSide::Above, false),
        reading(VitalKind::BloodPressure, 95, 90, LimitSide::Above, true),
        reading(VitalKind::Spo2, 92, 94, LimitSide::Below, false),
        reading(VitalKind::Spo2, 85, 90, LimitSide::Critical, false),
        reading(VitalKind::Respiration, 8, 10, LimitSide::Below, false),
        reading(VitalKind::Moaas, 3, 4, LimitSide::Below, false),
        reading(VitalKind::Pulse, 140, 120, LimitSide::Above, false),
    ]
}

fn marks() -> Vec<Mark> {
    let mut marks = readings_outside();
    for occasion in [
        Occasion::BeforeDosing,
        Occasion::FortyMinutes,
        Occasion::BeforeDischarge,
        Occasion::Other,
    ] {
        marks.push(Mark::NotMeasured {
            seq: 3,
            kind: VitalKind::Spo2,
            why: AbsenceKind::Declined,
            occasion,
        });
    }
    marks.extend([
        Mark::ChecklistAnswer {
            seq: 2,
            item: "ride".to_owned(),
            answer: Answer::No,
        },
        Mark::DeviceWithoutClearing { seq: 5 },
        Mark::RestTooShort {
            seq: 6,
            rest_s: 250,
            required_s: 300,
        },
        Mark::DeviceBeyondDose {
            seq: 6,
            given_mg: 84,
            intended_mg: 56,
        },
        Mark::DeviceAfterStop { seq: 6 },
        Mark::DeviceExpired {
            seq: 6,
            expires: date(2026, 6, 30),
            given_on: date(2026, 11, 22),
        },
        Mark::DeviceNotUnused { seq: 6, dots: 1 },
        Mark::IndicatorMismatch {
            seq: 6,
            dots: 1,
            sprays: 2,
        },
        Mark::DevicePartlyUsed { seq: 6, sprays: 1 },
        Mark::DeviceFailed { seq: 6, sprays: 0 },
        Mark::DosingStopped {
            seq: 6,
            given_mg: 28,
            intended_mg: 56,
        },
        Mark::FortyMinuteReadingMissed {
            from: at(9, 35, 0),
            until: at(9, 55, 0),
        },
        Mark::Episode {
            seq: 7,
            kind: EpisodeKind::Sedation,
        },
        Mark::EpisodeUnresolved {
            seq: 7,
            kind: EpisodeKind::RespiratoryDepression,
        },
        Mark::Vomiting { seq: 7 },
        Mark::CrisisSymptoms { seq: 7 },
        Mark::MedicineGiven { seq: 7 },
        Mark::AdverseEvent { seq: 7 },
        Mark::SeriousnessOpen { seq: 7 },
        Mark::ReportOwed {
            report: "maker".to_owned(),
        },
        Mark::EmergencyCalled { seq: 7 },
        Mark::DischargedEarly {
            seq: 12,
            possible_from: at(11, 5, 0),
        },
        Mark::LeftAgainstAdvice { seq: 12 },
        Mark::FoundGone {
            seq: 12,
            last_seen_at: at(10, 0, 0),
        },
        Mark::SentToEmergencyCare { seq: 12 },
        Mark::Corrected {
            seq: 3,
            correction: 8,
        },
        Mark::LateEntry { seq: 3, minutes: 1 },
        Mark::LateEntry {
            seq: 3,
            minutes: 47,
        },
        Mark::LateEntry {
            seq: 3,
            minutes: 300,
        },
    ]);
    marks.extend(VitalKind::ALL.map(|kind| Mark::NeverMeasured { kind }));
    marks.extend(
        concerns()
            .into_iter()
            .map(|concern| Mark::DecidedToProceed { seq: 4, concern }),
    );
    for lack in lacks() {
        marks.push(Mark::DeviceLacking {
            seq: 5,
            lack: lack.clone(),
        });
        marks.push(Mark::DeviceDetailMissing {
            seq: 6,
            lack: lack.clone(),
        });
        marks.push(Mark::DischargedLacking { seq: 12, lack });
    }
    marks
}

const FIELDS: [Field; 34] = [
    Field::Systolic,
    Field::Diastolic,
    Field::Pulse,
    Field::Spo2,
    Field::Respiration,
    Field::Moaas,
    Field::AnyReading,
    Field::DotsBefore,
    Field::DotsAfter,
    Field::Sprays,
    Field::Outcome,
    Field::FirstSprayAt,
    Field::LastSprayAt,
    Field::Lot,
    Field::Disposal,
    Field::DoseMg,
    Field::Room,
    Field::Reason,
    Field::Note,
    Field::Answers,
    Field::About,
    Field::Kinds,
    Field::Symptoms,
    Field::Drug,
    Field::MedicineDose,
    Field::Route,
    Field::Order,
    Field::Description,
    Field::Escort,
    Field::Destination,
    Field::LastSeenAt,
    Field::Text,
    Field::PlanChange,
    Field::Replacement,
];

fn refusals() -> Vec<Refusal> {
    let mut refusals = vec![
        Refusal::Locked { at: at(11, 8, 0) },
        Refusal::AlreadyDone { seq: 1 },
        Refusal::AfterDevice { seq: 5 },
        Refusal::ReasonNeeded { marks: marks() },
        Refusal::Incomplete {
            fields: vec![Field::Lot, Field::Reason],
        },
        Refusal::InFuture {
            happened_at: at(12, 0, 0),
            now: at(11, 0, 0),
        },
        Refusal::BeforeArrival {
            happened_at: at(8, 0, 0),
            arrived_at: at(8, 30, 0),
            arrival: 1,
        },
        Refusal::OutOfOrder {
            happened_at: at(8, 0, 0),
            not_before: at(8, 30, 0),
            after: Some(1),
        },
        Refusal::OutOfOrder {
            happened_at: at(8, 0, 0),
            not_before: at(8, 30, 0),
            after: None,
        },
        Refusal::EpisodesOverlap {
            episode: 8,
            kind: EpisodeKind::Sedation,
        },
        Refusal::MeasuredAndAbsent {
            kind: VitalKind::BloodPressure,
            occasion: Occasion::FortyMinutes,
        },
        Refusal::EpisodeOpen {
            episode: 7,
            kind: EpisodeKind::Dissociation,
        },
        Refusal::ReadingContradicts {
            part: ReadinessPart::Alert,
            kind: VitalKind::Moaas,
            seq: 3,
        },
        Refusal::ReadingContradicts {
            part: ReadinessPart::BreathingInRange,
            kind: VitalKind::Spo2,
            seq: 3,
        },
        Refusal::ReadingContradicts {
            part: ReadinessPart::PressureSafe,
            kind: VitalKind::BloodPressure,
            seq: 3,
        },
        Refusal::NotCorrectable { seq: 1 },
        Refusal::PrescribersAlone { seq: 4 },
        Refusal::OwnNameNeeded { seq: 4 },
        Refusal::CorrectionBreaks {
            seq: 3,
            why: Box::new(Refusal::BeforeArrival {
                happened_at: at(8, 0, 0),
                arrived_at: at(8, 30, 0),
                arrival: 1,
            }),
        },
        Refusal::Full { limit: 2000 },
    ];
    refusals.extend(Phase::ALL.map(|phase| Refusal::WrongPhase { phase }));
    refusals.extend(
        [Step::Plan, Step::Clear, Step::Device, Step::Discharge].map(|step| Refusal::Lacks {
            step,
            lacks: lacks(),
        }),
    );
    for field in FIELDS {
        refusals.push(Refusal::Impossible {
            field,
            given: 400,
            low: 20,
            high: 250,
        });
        refusals.push(Refusal::Incomplete {
            fields: vec![field],
        });
        refusals.push(Refusal::TooLong { field, limit: 2000 });
        refusals.push(Refusal::Contradiction { field, seq: None });
        refusals.push(Refusal::Contradiction {
            field,
            seq: Some(3),
        });
    }
    refusals.extend(
        [
            Unknown::ChecklistItem("x".to_owned()),
            Unknown::Severity("x".to_owned()),
            Unknown::Symptom("x".to_owned()),
            Unknown::SeriousKind("x".to_owned()),
            Unknown::Report("x".to_owned()),
            Unknown::Event(99),
            Unknown::Episode(99),
            Unknown::DoseMg(70),
        ]
        .map(Refusal::Unknown),
    );
    refusals.extend(
        concerns()
            .into_iter()
            .map(|concern| Refusal::Unknown(Unknown::Concern(concern))),
    );
    refusals
}

#[test]
fn every_lack_and_mark_is_a_sentence() {
    with_say(|say| {
        for lack in lacks() {
            let words = lack_words(say, &lack);
            assert!(is_sentence(&words), "{}: {words}", lack.kind());
        }
        for mark in marks() {
            let words = mark_words(say, &mark);
            assert!(is_sentence(&words), "{}: {words}", mark.kind());
        }
    });
}

#[test]
fn every_refusal_says_why_and_where() {
    with_say(|say| {
        for refusal in refusals() {
            let words = refusal_words(say, &refusal);
            assert!(
                is_sentence(&words.sentence),
                "{}: {}",
                refusal.kind(),
                words.sentence
            );
            for line in words
                .missing
                .iter()
                .chain(words.places.iter().map(|(_, line)| line))
            {
                assert!(is_sentence(line), "{}: {line}", refusal.kind());
            }
        }
    });
}

#[test]
fn one_of_something_is_in_the_singular() {
    assert_eq!(sprays_counted(0), "0 sprays");
    assert_eq!(sprays_counted(1), "1 spray");
    assert_eq!(sprays_counted(4), "4 sprays");
    with_say(|say| {
        let mismatch = |dots, sprays| Mark::IndicatorMismatch {
            seq: 6,
            dots,
            sprays,
        };
        assert_eq!(
            mark_words(say, &mismatch(1, 2)),
            "The device showed 1 green dot after 2 sprays."
        );
        assert_eq!(
            mark_words(say, &mismatch(2, 1)),
            "The device showed 2 green dots after one spray."
        );
        let lack = Lack::UnusedDevice {
            dots: 1,
            expected: 2,
        };
        assert_eq!(
            lack_words(say, &lack),
            "The device shows 1 green dot; an unused one shows 2: take another."
        );
    });
}

#[test]
fn phases_have_their_words() {
    for phase in Phase::ALL {
        assert!(!phase_words(phase).is_empty());
    }
}

#[test]
fn the_fields_words_read_as_a_person_would_say_them() {
    with_say(|say| {
        let rest = Refusal::Lacks {
            step: Step::Device,
            lacks: vec![Lack::Rest {
                until: at(9, 5, 40),
            }],
        };
        let words = refusal_words(say, &rest);
        assert_eq!(words.sentence, "This device cannot be given now.");
        assert_eq!(
            words.missing,
            ["The rest between two devices ends at 09:05:40."]
        );
        let mark = Mark::RestTooShort {
            seq: 6,
            rest_s: 250,
            required_s: 300,
        };
        assert_eq!(
            mark_words(say, &mark),
            "The rest before this device was 4:10 instead of 5:00."
        );
        let from = at(11, 10, 40);
        assert_eq!(
            lack_words(say, &Lack::LastPressure { from }),
            "The last blood pressure is missing: take it from 11:10:40 on and at most 30 minutes before discharge, or record “not obtained” or “declined” with its reason."
        );
        let overtaken_by = Some(3);
        assert_eq!(
            lack_words(say, &Lack::ReadinessJudgement { overtaken_by }),
            "Judge again whether the patient is ready to leave: the last judgment does not hold beside “Vitals” of 08:40."
        );
        let contradiction = Refusal::ReadingContradicts {
            part: ReadinessPart::Alert,
            kind: VitalKind::Moaas,
            seq: 3,
        };
        assert_eq!(
            refusal_words(say, &contradiction).sentence,
            "“Alert (MOAA/S 5)” cannot be yes beside the MOAA/S of 08:40 (5). Look again and record it, or answer no."
        );
        assert_eq!(
            refusal_words(say, &Refusal::PrescribersAlone { seq: 4 }).sentence,
            "Only a prescriber can correct a prescriber’s decision."
        );
    });
}

mod facts;
