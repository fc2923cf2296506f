//! A day to test with: steps with sound values, and a session that is checked at each of them.

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};

use super::super::*;

pub(super) const NURSE: PersonId = PersonId(1);
pub(super) const PRESCRIBER: PersonId = PersonId(2);
pub(super) const PATIENT: PatientId = PatientId(3);

/// So many seconds after 20 November 2026, 14:00 UTC, the hour at which these days begin.
pub(super) fn second(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
    start
        .checked_add(SignedDuration::from_secs(seconds))
        .unwrap()
}

pub(super) fn minute(minutes: i64) -> Timestamp {
    second(minutes * 60)
}

pub(super) fn text(text: &str) -> String {
    text.to_owned()
}

pub(super) fn plan(dose_mg: u32) -> Command {
    Command::Plan(Plan {
        patient: PATIENT,
        indication: Indication::TreatmentResistant,
        dose_mg,
        prescriber: PRESCRIBER,
        monitor: NURSE,
        room: text("Room 2"),
        first_treatment: FirstTreatment::Later,
        enrolment: Enrolment::Confirmed,
        follows: None,
    })
}

/// Every item answered as expected, apart from these.
pub(super) fn answers(apart: &[(&str, Answer)]) -> Command {
    let answers = Protocol::standard().checklist.into_iter().map(|item| {
        let fine = if item.expected == Expected::Yes {
            Answer::Yes
        } else {
            Answer::No
        };
        let other = apart
            .iter()
            .find(|(id, _)| *id == item.id)
            .map(|(_, answer)| *answer);
        ChecklistAnswer {
            item: item.id,
            answer: other.unwrap_or(fine),
            note: String::new(),
        }
    });
    Command::AnswerChecklist(answers.collect())
}

pub(super) fn pressure(systolic: i32, diastolic: i32) -> Command {
    Command::RecordVitals(Vitals {
        pressure: Some(Pressure {
            systolic,
            diastolic,
        }),
        ..Vitals::default()
    })
}

pub(super) fn all_vitals() -> Vitals {
    Vitals {
        pressure: Some(Pressure {
            systolic: 124,
            diastolic: 78,
        }),
        pulse: Some(71),
        spo2: Some(98),
        respiration: Some(15),
        moaas: Some(5),
        absent: Vec::new(),
    }
}

pub(super) fn absent(occasion: Occasion) -> Command {
    Command::RecordVitals(Vitals {
        absent: vec![Absence {
            kind: VitalKind::BloodPressure,
            why: AbsenceKind::Declined,
            reason: text("did not want the cuff"),
            occasion,
        }],
        ..Vitals::default()
    })
}

pub(super) fn clear() -> Command {
    Command::Clear(Clearing {
        basis: Basis::Now,
        prescriber_on_site: Some(PRESCRIBER),
    })
}

pub(super) fn decide_on(concern: Concern, choice: DecisionChoice) -> Command {
    Command::RecordDecision(Decision {
        about: vec![concern],
        choice,
        reason: text("weighed"),
    })
}

pub(super) fn already(reason: &str) -> Basis {
    Basis::Already {
        reason: text(reason),
    }
}

/// A whole device, given with one tap.
pub(super) fn device_use(at: Timestamp, basis: Basis) -> DeviceUse {
    DeviceUse {
        basis,
        lot: text("LOT7"),
        expires: Some(date(2027, 3, 31)),
        given_on: date(2026, 11, 20),
        dots_before: 2,
        dots_after: 0,
        sprays: 2,
        first_spray_at: at,
        last_spray_at: at,
        outcome: DeviceOutcome::Complete,
    }
}

pub(super) fn disposal() -> Disposal {
    Disposal {
        how: text("sharps container"),
        witness: Some(PRESCRIBER),
    }
}

/// A device that gave fewer sprays than two.
pub(super) fn device_partly(at: Timestamp, basis: Basis, sprays: u8) -> DeviceUse {
    let outcome = if sprays == 0 {
        DeviceOutcome::Failed(disposal())
    } else {
        DeviceOutcome::PartlyUsed(disposal())
    };
    DeviceUse {
        sprays,
        dots_after: 2 - sprays,
        outcome,
        ..device_use(at, basis)
    }
}

pub(super) fn device(at_minute: i64) -> Command {
    Command::GiveDevice(device_use(minute(at_minute), Basis::Now))
}

pub(super) fn device_already(at_minute: i64, reason: &str) -> Command {
    Command::GiveDevice(device_use(minute(at_minute), already(reason)))
}

pub(super) fn open(kind: EpisodeKind) -> Command {
    Command::OpenEpisode(Episode {
        kind,
        severity: Some(text("mild")),
        note: String::new(),
    })
}

pub(super) fn resolve(episode: u32) -> Command {
    Command::ResolveEpisode(EpisodeResolution {
        episode,
        worst_severity: None,
    })
}

pub(super) const READY: Readiness = Readiness {
    alert: YesNo::Yes,
    no_dissociation: YesNo::Yes,
    breathing_in_range: YesNo::Yes,
    pressure_safe: YesNo::Yes,
};

pub(super) fn discharge(basis: Basis) -> Command {
    Command::Discharge(Discharge {
        basis,
        escort: text("her sister"),
        instructions_given: YesNo::Yes,
        clinically_stable: YesNo::Yes,
    })
}

pub(super) fn transfer(seriousness: Seriousness) -> Command {
    Command::SendToEmergencyCare(EmergencyTransfer {
        reason: text("pressure stays high"),
        destination: text("county hospital"),
        seriousness,
    })
}

pub(super) fn serious() -> Seriousness {
    Seriousness::Serious {
        kinds: vec![text("hospitalization")],
    }
}

pub(super) fn adverse(seriousness: Seriousness) -> Command {
    Command::RecordAdverseEvent(AdverseEvent {
        description: text("fainted"),
        seriousness,
    })
}

pub(super) fn strike(corrects: u32) -> Command {
    Command::Correct(Correction {
        corrects,
        reason: text("mistyped"),
        change: Change::Strike,
    })
}

pub(super) fn replace(corrects: u32, happened_at: Timestamp, event: Event) -> Command {
    let replacement = Replacement {
        happened_at,
        taken_by: NURSE,
        event,
    };
    let change = Change::Replace(Box::new(replacement));
    Command::Correct(Correction {
        corrects,
        reason: text("mistyped"),
        change,
    })
}

pub(super) fn symptoms() -> Command {
    Command::RecordCrisisSymptoms(CrisisSymptoms {
        symptoms: vec![text("headache")],
        note: String::new(),
    })
}

/// A session under test.
#[derive(Clone)]
pub(super) struct Day {
    pub(super) session: Session,
    pub(super) protocol: Protocol,
}

impl Day {
    pub(super) fn new() -> Self {
        Self {
            session: Session::new(),
            protocol: Protocol::standard(),
        }
    }

    /// Decides and applies; what was accepted brings its marks, and the fold is checked.
    pub(super) fn attempt(
        &mut self,
        happened_at: Timestamp,
        now: Timestamp,
        command: &Command,
    ) -> Result<Vec<Mark>, Refusal> {
        let by = Attribution {
            happened_at,
            taken_by: NURSE,
            entered_by: NURSE,
        };
        let events = self.session.decide(&self.protocol, command, &by, now)?;
        let before = self.session.clone();
        for event in events {
            let seq = self.session.next_seq();
            let (taken_by, entered_by) = (NURSE, NURSE);
            let recorded = Recorded {
                seq,
                happened_at,
                received_at: now,
                taken_by,
                entered_by,
                event,
            };
            self.session.apply(&recorded);
        }
        assert_eq!(Session::fold(self.session.recorded().iter()), self.session);
        Ok(self.session.marks_brought(&before, &self.protocol))
    }

    /// A step that is accepted, at the minute at which it is entered.
    #[track_caller]
    pub(super) fn take(&mut self, at_minute: i64, command: &Command) -> Vec<Mark> {
        self.take_late(at_minute, at_minute, command)
    }

    #[track_caller]
    pub(super) fn take_late(&mut self, at: i64, now: i64, command: &Command) -> Vec<Mark> {
        self.attempt(minute(at), minute(now), command).unwrap()
    }

    #[track_caller]
    pub(super) fn refuse(&mut self, at_minute: i64, command: &Command) -> Refusal {
        self.refuse_late(at_minute, at_minute, command)
    }

    #[track_caller]
    pub(super) fn refuse_late(&mut self, at: i64, now: i64, command: &Command) -> Refusal {
        self.attempt(minute(at), minute(now), command).unwrap_err()
    }

    #[track_caller]
    pub(super) fn lacks(&mut self, at_minute: i64, command: &Command) -> Vec<Lack> {
        let Refusal::Lacks { lacks, .. } = self.refuse(at_minute, command) else {
            panic!("refused for another reason");
        };
        lacks
    }

    pub(super) fn last_seq(&self) -> u32 {
        self.session.next_seq() - 1
    }

    pub(super) fn planned() -> Self {
        let mut day = Self::new();
        day.take(-60, &plan(56));
        day
    }

    /// Arrived at minute 0 as event 1.
    pub(super) fn arrived() -> Self {
        let mut day = Self::planned();
        day.take(0, &Command::Arrive);
        day
    }

    /// Checklist as event 2, vitals as event 3: nothing lacks for clearing.
    pub(super) fn checked() -> Self {
        let mut day = Self::arrived();
        day.take(5, &answers(&[]));
        day.take(6, &Command::RecordVitals(all_vitals()));
        day
    }

    /// Cleared at minute 10 as event 4.
    pub(super) fn cleared() -> Self {
        let mut day = Self::checked();
        day.take(10, &clear());
        day
    }

    /// The first of two devices at minute 12 as event 5.
    pub(super) fn dosing() -> Self {
        let mut day = Self::cleared();
        day.take(12, &device(12));
        day
    }

    /// The last device at minute 17 as event 6.
    pub(super) fn monitoring() -> Self {
        let mut day = Self::dosing();
        day.take(17, &device(17));
        day
    }

    /// All that a discharge needs but the time: events 7 (minute 57), 8 and 9 (minute 125).
    pub(super) fn watched() -> Self {
        let mut day = Self::monitoring();
        day.take(57, &Command::RecordVitals(all_vitals()));
        day.take(125, &Command::RecordVitals(all_vitals()));
        day.take(125, &Command::JudgeReadiness(READY));
        day
    }
}
