//! A made-up day, for tests of pages and sentences.

use std::sync::Arc;

use app::Role;
use app::treatment::{
    Board, BoardSession, ClinicProfile, Patient, People, Person, PlanPage, SessionPage, Setting,
};
use domain::treatment::*;
use jiff::civil::{Date, date};
use jiff::{Timestamp, tz::TimeZone};
use uuid::Uuid;

pub(crate) const NURSE: PersonId = PersonId(11);
pub(crate) const PRESCRIBER: PersonId = PersonId(12);
pub(crate) const OWNER: PersonId = PersonId(13);

/// The clinic's time: fixed, five hours behind.
pub(crate) fn zone() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(-5))
}

/// A time of the sample day, on the clinic's clock.
pub(crate) fn at(hour: i8, minute: i8, second: i8) -> Timestamp {
    date(2026, 11, 22)
        .at(hour, minute, second, 0)
        .to_zoned(zone())
        .unwrap()
        .timestamp()
}

fn sourced<T>(value: T) -> Sourced<T> {
    Sourced {
        value,
        source: "clinic: a sample".to_owned(),
    }
}

fn choices(pairs: &[(&str, &str)]) -> Vec<Choice> {
    pairs
        .iter()
        .map(|(id, wording)| Choice {
            id: (*id).to_owned(),
            wording: (*wording).to_owned(),
            source: "clinic: a sample".to_owned(),
        })
        .collect()
}

fn item(id: &str, wording: &str, kind: ChecklistKind, expected: Expected) -> ChecklistItem {
    ChecklistItem {
        id: id.to_owned(),
        wording: wording.to_owned(),
        kind,
        expected,
        source: "clinic: a sample".to_owned(),
    }
}

fn limits(systolic: i32, diastolic: i32) -> Limits {
    Limits {
        systolic_max: sourced(systolic),
        diastolic_max: sourced(diastolic),
        spo2_min: sourced(94),
        spo2_critical: sourced(90),
        respiration_min: sourced(10),
        moaas_min: sourced(4),
    }
}

fn range(low: i32, high: i32) -> Sourced<Range> {
    sourced(Range { low, high })
}

fn timing() -> Timing {
    Timing {
        rest_s: sourced(300),
        minimum_minutes: sourced(120),
        minimum_counts_from: sourced(CountsFrom::LastDevice),
        check_minutes: sourced(40),
        check_counts_from: sourced(CountsFrom::LastDevice),
        check_due_from_minutes: sourced(35),
        check_overdue_after_minutes: sourced(45),
        check_counted_within_minutes: sourced(10),
        last_pressure_before_minimum_minutes: sourced(15),
        last_pressure_before_discharge_minutes: sourced(30),
        late_entry_minutes: sourced(15),
    }
}

fn dosing() -> Dosing {
    let dose = |dose_mg, devices| DoseDevices {
        dose_mg,
        devices,
        source: "official: a sample".to_owned(),
    };
    Dosing {
        spray_mg: sourced(14),
        sprays_per_device: sourced(2),
        dots_unused: sourced(2),
        doses: vec![dose(56, 2), dose(84, 3)],
        first_treatment_trd_mg: sourced(56),
    }
}

/// A short protocol with something of everything.
pub(crate) fn protocol() -> Protocol {
    Protocol {
        version: "sample-1".to_owned(),
        name: "Sample".to_owned(),
        timing: timing(),
        dosing: dosing(),
        readings: WantedReadings {
            before_dosing: sourced(vec![VitalKind::BloodPressure, VitalKind::Spo2]),
            every_session: sourced(vec![VitalKind::Spo2]),
        },
        limits_before: limits(140, 90),
        limits_after: limits(160, 100),
        plausible: Plausible {
            systolic: range(50, 280),
            diastolic: range(20, 180),
            pulse: range(20, 250),
            spo2: range(50, 100),
            respiration: range(2, 60),
            moaas: range(0, 5),
        },
        checklist: vec![
            item(
                "identity",
                "Name and birthdate checked",
                ChecklistKind::Required,
                Expected::Yes,
            ),
            item(
                "food",
                "No food for two hours",
                ChecklistKind::PrescriberDecides,
                Expected::Yes,
            ),
            item(
                "ride",
                "A ride home is arranged",
                ChecklistKind::PrescriberDecides,
                Expected::Yes,
            ),
            item(
                "benzodiazepines",
                "Currently taking benzodiazepines?",
                ChecklistKind::Asked,
                Expected::Either,
            ),
        ],
        severities: choices(&[
            ("mild", "Mild"),
            ("moderate", "Moderate"),
            ("severe", "Severe"),
        ]),
        crisis_symptoms: choices(&[
            ("chest_pain", "Chest pain"),
            ("headache", "Sudden severe headache"),
        ]),
        serious_kinds: choices(&[
            ("hospitalisation", "Hospitalisation"),
            ("life_threatening", "Life-threatening event"),
        ]),
        serious_reports: choices(&[
            ("maker", "Report to the maker"),
            ("fda", "Report to the FDA"),
        ]),
        form: Form {
            version: "sample".to_owned(),
            days_to_submit: sourced(7),
            minutes_count_from: sourced(CountsFrom::FirstDevice),
            fax: sourced("555-0101".to_owned()),
            telephone: sourced("555-0102".to_owned()),
            fields: Vec::new(),
        },
        kits: Vec::new(),
    }
}

fn person(id: PersonId, name: &str, credential: &str, role: Role) -> (PersonId, Person) {
    (
        id,
        Person {
            id,
            name: name.to_owned(),
            credential: credential.to_owned(),
            role,
        },
    )
}

pub(crate) fn people() -> People {
    [
        person(NURSE, "Ines Farrow", "RN", Role::FloorClinician),
        person(PRESCRIBER, "Tobias Wrenfield", "MD", Role::Prescriber),
        person(OWNER, "Imogen Fairwether", "", Role::Owner),
    ]
    .into_iter()
    .collect()
}

pub(crate) fn clinic() -> ClinicProfile {
    ClinicProfile {
        name: "Larkspur Lane Clinic".to_owned(),
        address: "14 Larkspur Lane".to_owned(),
        city: "Maplewick".to_owned(),
        state: "IL".to_owned(),
        zip: "60000".to_owned(),
        telephone: "555-0142".to_owned(),
    }
}

pub(crate) fn patient() -> Patient {
    Patient {
        id: Uuid::from_u128(77),
        first_name: "Mara".to_owned(),
        middle_initial: "J".to_owned(),
        last_name: "Quillfeather".to_owned(),
        birthdate: date(1984, 3, 12),
        sex: "female".to_owned(),
        enrolled: true,
    }
}

pub(crate) fn plan() -> Plan {
    Plan {
        patient: PatientId(77),
        indication: Indication::TreatmentResistant,
        dose_mg: 56,
        prescriber: PRESCRIBER,
        monitor: NURSE,
        room: "Room 2".to_owned(),
        first_treatment: FirstTreatment::Later,
        enrolment: Enrolment::Confirmed,
        follows: None,
    }
}

pub(crate) fn vitals(systolic: i32, diastolic: i32, spo2: i32) -> Command {
    Command::RecordVitals(Vitals {
        pressure: Some(Pressure {
            systolic,
            diastolic,
        }),
        pulse: Some(72),
        spo2: Some(spo2),
        respiration: Some(14),
        moaas: Some(5),
        absent: Vec::new(),
    })
}

pub(crate) fn device(last_spray_at: Timestamp, basis: Basis) -> Command {
    Command::GiveDevice(DeviceUse {
        basis,
        lot: "7K3301".to_owned(),
        expires: Some(Date::constant(2027, 6, 30)),
        given_on: last_spray_at.to_zoned(zone()).date(),
        dots_before: 2,
        dots_after: 0,
        sprays: 2,
        first_spray_at: last_spray_at,
        last_spray_at,
        outcome: DeviceOutcome::Complete,
    })
}

/// A session that is played step by step.
pub(crate) struct Day {
    pub(crate) protocol: Protocol,
    pub(crate) session: Session,
    pub(crate) events: Vec<Recorded>,
}

impl Day {
    pub(crate) fn new() -> Self {
        Self {
            protocol: protocol(),
            session: Session::new(),
            events: Vec::new(),
        }
    }

    /// Takes a step at its time, or says why it is refused.
    pub(crate) fn try_step(&mut self, at: Timestamp, command: &Command) -> Result<(), Refusal> {
        let by = Attribution {
            happened_at: at,
            taken_by: NURSE,
            entered_by: NURSE,
        };
        for event in self.session.decide(&self.protocol, command, &by, at)? {
            let recorded = Recorded {
                seq: self.session.next_seq(),
                happened_at: at,
                received_at: at,
                taken_by: NURSE,
                entered_by: NURSE,
                event,
            };
            self.session.apply(&recorded);
            self.events.push(recorded);
        }
        Ok(())
    }

    pub(crate) fn step(&mut self, at: Timestamp, command: &Command) -> &mut Self {
        let refusal = self.try_step(at, command).err();
        assert!(refusal.is_none(), "{} refused: {refusal:?}", command.kind());
        self
    }

    pub(crate) fn page(&self, now: Timestamp) -> SessionPage {
        SessionPage {
            id: Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0001),
            day: date(2026, 11, 22),
            patient: patient(),
            people: people(),
            clinic: clinic(),
            session: self.session.clone(),
            events: self.events.clone(),
            version: self.session.next_seq(),
            protocol: Arc::new(self.protocol.clone()),
            watch: "a-watch".to_owned(),
            now,
            zone: zone(),
            viewer: NURSE,
            role: Role::FloorClinician,
        }
    }
}

/// Answers every item as expected, but the ride.
pub(crate) fn checklist(ride: Answer) -> Command {
    let answer = |item: &str, answer| ChecklistAnswer {
        item: item.to_owned(),
        answer,
        note: String::new(),
    };
    Command::AnswerChecklist(vec![
        answer("identity", Answer::Yes),
        answer("food", Answer::Yes),
        answer("ride", ride),
        answer("benzodiazepines", Answer::No),
    ])
}

pub(crate) fn planned() -> Day {
    let mut day = Day::new();
    day.step(at(8, 0, 0), &Command::Plan(plan()));
    day
}

pub(crate) fn arrived() -> Day {
    let mut day = planned();
    day.step(at(8, 30, 0), &Command::Arrive);
    day
}

pub(crate) fn cleared() -> Day {
    let mut day = arrived();
    day.step(at(8, 35, 0), &checklist(Answer::Yes))
        .step(at(8, 40, 0), &vitals(128, 82, 98))
        .step(
            at(8, 45, 0),
            &Command::Clear(Clearing {
                basis: Basis::Now,
                prescriber_on_site: Some(PRESCRIBER),
            }),
        );
    day
}

pub(crate) fn monitoring() -> Day {
    let mut day = cleared();
    day.step(at(9, 0, 0), &device(at(9, 0, 0), Basis::Now))
        .step(at(9, 5, 0), &device(at(9, 5, 0), Basis::Now))
        .step(
            at(9, 22, 0),
            &Command::OpenEpisode(Episode {
                kind: EpisodeKind::Dissociation,
                severity: Some("mild".to_owned()),
                note: "Calm".to_owned(),
            }),
        );
    day
}

/// The whole day, to its locked record.
pub(crate) fn discharged() -> Day {
    let mut day = monitoring();
    day.step(at(9, 45, 0), &vitals(146, 88, 97))
        .step(
            at(10, 20, 0),
            &Command::ResolveEpisode(EpisodeResolution {
                episode: 7,
                worst_severity: None,
            }),
        )
        .step(at(11, 0, 0), &vitals(130, 84, 98))
        .step(
            at(11, 2, 0),
            &Command::JudgeReadiness(Readiness {
                alert: YesNo::Yes,
                no_dissociation: YesNo::Yes,
                breathing_in_range: YesNo::Yes,
                pressure_safe: YesNo::Yes,
            }),
        )
        .step(at(11, 6, 0), &vitals(128, 82, 98))
        .step(
            at(11, 8, 0),
            &Command::Discharge(Discharge {
                basis: Basis::Now,
                escort: "Her brother".to_owned(),
                instructions_given: YesNo::Yes,
                clinically_stable: YesNo::Yes,
            }),
        );
    day
}

/// The nurse's floor at a time of the day.
pub(crate) fn setting(now: Timestamp) -> Setting {
    Setting {
        clinic: clinic(),
        people: people(),
        protocol: Arc::new(protocol()),
        today: date(2026, 11, 22),
        now,
        zone: zone(),
        viewer: NURSE,
        role: Role::FloorClinician,
    }
}

pub(crate) fn board() -> Board {
    let session = |number: u128, day: Day, first: &str, last: &str| BoardSession {
        id: Uuid::from_u128(number),
        day: date(2026, 11, 22),
        patient: Patient {
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            ..patient()
        },
        session: day.session,
    };
    Board {
        setting: setting(at(9, 52, 0)),
        unreadable: Vec::new(),
        sessions: vec![
            session(1, monitoring(), "Mara", "Quillfeather"),
            session(2, cleared(), "Cassius", "Merriden"),
            session(3, arrived(), "Petra", "Lindqvale"),
            session(4, planned(), "Emrys", "Tallowby"),
            session(5, discharged(), "Adalyn", "Brookhollow"),
        ],
    }
}

pub(crate) fn plan_page() -> PlanPage {
    PlanPage {
        setting: setting(at(8, 0, 0)),
        unreadable: 0,
        patients: vec![
            patient(),
            Patient {
                id: Uuid::from_u128(78),
                first_name: "Rowan".to_owned(),
                last_name: "Ashgrove".to_owned(),
                enrolled: false,
                ..patient()
            },
        ],
    }
}
