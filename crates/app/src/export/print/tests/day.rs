//! A made-up day of a made-up clinic. No person in it is real.

use std::sync::Arc;

use domain::treatment::{
    Addendum, Answer, Basis, Change, ChecklistAnswer, Clearing, Concern, Correction, Decision,
    DecisionChoice, DeviceOutcome, DeviceUse, Discharge, Disposal, Enrolment, Episode, EpisodeKind,
    EpisodeResolution, Event, FirstTreatment, Indication, MedicineGiven, MedicineOrder, PatientId,
    PersonId, Plan, Planned, Pressure, Protocol, Readiness, Recorded, Replacement, Session,
    VitalKind, Vitals, YesNo,
};
use jiff::civil::date;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use ledger::EntryRef;
use press::RecordPrint;
use uuid::Uuid;

use crate::Role;
use crate::export::PrintInput;
use crate::export::print::record_print;
use crate::treatment::{ClinicProfile, Patient, Person};

pub(super) const NURSE: PersonId = PersonId(1);
pub(super) const PRESCRIBER: PersonId = PersonId(2);

/// A moment of 14 March 2026 in the clinic's time, five hours behind UTC.
pub(super) fn at(clock: &str) -> Timestamp {
    format!("2026-03-14T{clock}-05:00").parse().unwrap()
}

/// The events of a day, each with its number.
pub(super) struct Day(pub(super) Vec<Recorded>);

impl Day {
    pub(super) fn add(&mut self, clock: &str, taken_by: PersonId, event: Event) -> u32 {
        let seq = u32::try_from(self.0.len()).unwrap();
        self.0.push(Recorded {
            seq,
            happened_at: at(clock),
            received_at: at(clock)
                .saturating_add(SignedDuration::from_secs(2))
                .unwrap(),
            taken_by,
            entered_by: NURSE,
            event,
        });
        seq
    }

    pub(super) fn vitals(&mut self, clock: &str, systolic: i32, diastolic: i32) -> u32 {
        let vitals = Vitals {
            pressure: Some(Pressure {
                systolic,
                diastolic,
            }),
            pulse: Some(80),
            spo2: Some(98),
            respiration: Some(14),
            moaas: Some(5),
            absent: Vec::new(),
        };
        self.add(clock, NURSE, Event::VitalsRecorded(vitals))
    }

    /// The pressure of this reading was really another one.
    pub(super) fn correct_pressure(&mut self, clock: &str, wrong: u32, really: (i32, i32)) {
        let mut replaced = self.0[usize::try_from(wrong).unwrap()].clone();
        if let Event::VitalsRecorded(vitals) = &mut replaced.event {
            let (systolic, diastolic) = really;
            vitals.pressure = Some(Pressure {
                systolic,
                diastolic,
            });
        }
        let replacement = Replacement {
            happened_at: replaced.happened_at,
            taken_by: replaced.taken_by,
            event: replaced.event,
        };
        self.correct(clock, wrong, Change::Replace(Box::new(replacement)));
    }

    pub(super) fn correct(&mut self, clock: &str, wrong: u32, change: Change) {
        let correction = Correction {
            corrects: wrong,
            reason: "Mistyped.".into(),
            change,
        };
        self.add(clock, NURSE, Event::Corrected(correction));
    }

    /// The prescriber goes on in spite of the pressure of this reading.
    pub(super) fn decide(&mut self, clock: &str, about: u32) {
        let decision = Decision {
            about: vec![Concern::Reading {
                seq: about,
                kind: VitalKind::BloodPressure,
            }],
            choice: DecisionChoice::Proceed,
            reason: "Rested; benefit outweighs the risk.".into(),
        };
        self.add(clock, PRESCRIBER, Event::DecisionRecorded(decision));
    }

    pub(super) fn device(&mut self, clock: &str, sprays: u8, basis: Basis) -> u32 {
        let disposal = Disposal {
            how: "drug disposal box".into(),
            witness: Some(PRESCRIBER),
        };
        let device = DeviceUse {
            basis,
            lot: "25JG018X".into(),
            expires: Some(date(2027, 8, 31)),
            given_on: date(2026, 3, 14),
            dots_before: 2,
            dots_after: 2 - sprays,
            sprays,
            first_spray_at: at(clock),
            last_spray_at: at(clock),
            outcome: match sprays {
                2 => DeviceOutcome::Complete,
                1 => DeviceOutcome::PartlyUsed(disposal),
                _ => DeviceOutcome::Failed(disposal),
            },
        };
        self.add(clock, NURSE, Event::DeviceGiven(device))
    }

    /// From the plan to the clearing.
    pub(super) fn begun(dose_mg: u32) -> Self {
        let mut day = Self(Vec::new());
        let plan = Plan {
            patient: PatientId(9),
            indication: Indication::TreatmentResistant,
            dose_mg,
            prescriber: PRESCRIBER,
            monitor: NURSE,
            room: "2".into(),
            first_treatment: FirstTreatment::Later,
            enrolment: Enrolment::Confirmed,
            follows: None,
        };
        let protocol = "esketamine-2026-11".into();
        day.add(
            "08:00:00",
            NURSE,
            Event::Planned(Planned {
                plan,
                protocol,
                spray_mg: 14,
            }),
        );
        day.add("09:31:00", NURSE, Event::Arrived);
        day
    }
}

pub(super) fn protocol() -> Protocol {
    crate::protocol_file::standard().unwrap()
}

pub(super) fn print(day: Day) -> RecordPrint {
    record_print(&input(day))
}

fn input(day: Day) -> PrintInput {
    let person = |id, name: &str, credential: &str, role| Person {
        id,
        name: name.into(),
        credential: credential.into(),
        role,
    };
    let people = [
        person(NURSE, "Tobin Marrowby", "RN", Role::FloorClinician),
        person(PRESCRIBER, "Isolde Fennimarch", "MD", Role::Prescriber),
        person(PersonId(3), "Corin Wexelby", "", Role::Owner),
    ];
    PrintInput {
        id: Uuid::from_u128(7),
        patient: Patient {
            id: Uuid::from_u128(9),
            first_name: "Mara".into(),
            middle_initial: String::new(),
            last_name: "Quillfeather".into(),
            birthdate: date(1981, 2, 2),
            sex: "female".into(),
            enrolled: true,
        },
        people: people
            .into_iter()
            .map(|person| (person.id, person))
            .collect(),
        clinic: ClinicProfile {
            name: "Harrowgate Lantern Clinic".into(),
            address: "4100 Example Avenue".into(),
            city: "Springfield".into(),
            state: "IL".into(),
            zip: "62700".into(),
            telephone: "(217) 555-0142".into(),
        },
        session: Session::fold(day.0.iter()),
        places: (100..)
            .zip(&day.0)
            .map(|(index, _)| EntryRef {
                generation: 1,
                index,
            })
            .collect(),
        events: day.0,
        protocol: Arc::new(protocol()),
        zone: TimeZone::fixed(Offset::constant(-5)),
        now: at("18:05:09"),
        demo: true,
        deployment: "5f0c9a1be2d34c7796a1d20b3e4f8c55".into(),
        key: "clerestory/5f0c/demo/g1+9f3ac1d2+AW5v".into(),
        bundle: "session-7.zip".into(),
    }
}

/// A whole day: a high reading with its decision, a rest that was too short, an episode, a correction, an addendum.
pub(super) fn whole_day() -> Day {
    let mut day = Day::begun(84);
    let item = protocol().checklist[0].id.clone();
    let answer = ChecklistAnswer {
        item,
        answer: Answer::Yes,
        note: "two cards".into(),
    };
    day.add("09:42:00", NURSE, Event::ChecklistAnswered(vec![answer]));
    let high = day.vitals("09:44:00", 148, 88);
    day.decide("09:58:00", high);
    let clearing = Clearing {
        basis: Basis::Now,
        prescriber_on_site: Some(PRESCRIBER),
    };
    day.add("10:00:00", NURSE, Event::Cleared(clearing));
    day.device("10:02:00", 2, Basis::Now);
    let reason = "The patient was quicker than told.".to_owned();
    day.device("10:06:10", 2, Basis::Already { reason });
    day.device("10:13:05", 2, Basis::Now);
    let (kind, severity, note) = (EpisodeKind::Dissociation, None, "floating, calm".into());
    let onset = day.add(
        "10:25:00",
        NURSE,
        Event::EpisodeOpened(Episode {
            kind,
            severity,
            note,
        }),
    );
    day.vitals("10:54:30", 156, 96);
    let wrong = day.vitals("11:20:00", 182, 96);
    let medicine = MedicineGiven {
        drug: "Ondansetron".into(),
        dose: "4 mg".into(),
        route: "oral".into(),
        order: MedicineOrder::Prescriber { person: PRESCRIBER },
    };
    day.add("11:22:00", NURSE, Event::MedicineGiven(medicine));
    day.correct_pressure("11:30:00", wrong, (128, 96));
    let resolution = EpisodeResolution {
        episode: onset,
        worst_severity: None,
    };
    day.add("11:40:00", NURSE, Event::EpisodeResolved(resolution));
    let kinds = vec![EpisodeKind::Sedation, EpisodeKind::RespiratoryDepression];
    day.add("11:41:00", NURSE, Event::NoneObserved { kinds });
    day.vitals("12:04:00", 132, 84);
    end(&mut day);
    day
}

pub(super) fn end(day: &mut Day) {
    let yes = YesNo::Yes;
    let readiness = Readiness {
        alert: yes,
        no_dissociation: yes,
        breathing_in_range: yes,
        pressure_safe: yes,
    };
    day.add("12:05:30", NURSE, Event::ReadinessJudged(readiness));
    let discharge = Discharge {
        basis: Basis::Now,
        escort: "Osric Quillfeather, brother".into(),
        instructions_given: yes,
        clinically_stable: yes,
    };
    day.add("12:26:00", NURSE, Event::Discharged(discharge));
    let addendum = Addendum {
        text: "Called at 17:00: well.\nSlept.".into(),
        departure: None,
    };
    day.add("17:10:00", PRESCRIBER, Event::AddendumAdded(addendum));
}

/// `label: value` lines of a list of pairs.
pub(super) fn lines(pairs: &[press::LabelledPrint]) -> Vec<String> {
    pairs
        .iter()
        .map(|pair| format!("{}: {}", pair.label, pair.value))
        .collect()
}
