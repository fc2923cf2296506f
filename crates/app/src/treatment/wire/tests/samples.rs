//! Each kind of event with the JSON that it has and keeps: what stands here was sealed, and is read again for years.

use domain::treatment::*;
use jiff::Timestamp;
use jiff::civil::date;
use serde_json::{Value, json};

pub(super) const NURSE: PersonId = PersonId(0xa1);
pub(super) const PRESCRIBER: PersonId = PersonId(0xb2);
pub(super) const NURSE_TEXT: &str = "00000000-0000-0000-0000-0000000000a1";
pub(super) const PRESCRIBER_TEXT: &str = "00000000-0000-0000-0000-0000000000b2";

pub(super) fn time() -> Timestamp {
    "2026-11-20T14:03:09Z".parse().unwrap()
}

fn text(text: &str) -> String {
    text.to_owned()
}

pub(super) fn samples() -> Vec<(Event, Value)> {
    let mut all = before_dosing();
    all.extend(devices());
    all.extend(observations());
    all.extend(endings());
    all.extend(afterwards());
    all
}

fn before_dosing() -> Vec<(Event, Value)> {
    let plan = Plan {
        patient: PatientId(0xc3),
        indication: Indication::TreatmentResistant,
        dose_mg: 56,
        prescriber: PRESCRIBER,
        monitor: NURSE,
        room: text("Room 2"),
        first_treatment: FirstTreatment::First,
        enrolment: Enrolment::Confirmed,
        follows: None,
    };
    let linked = Plan {
        indication: Indication::AcuteSuicidality,
        first_treatment: FirstTreatment::Later,
        enrolment: Enrolment::NotConfirmed,
        follows: Some(SessionId(0xd4)),
        ..plan.clone()
    };
    let planned = |plan| {
        Event::Planned(Planned {
            plan,
            protocol: text("v1"),
            spray_mg: 14,
        })
    };
    vec![
        (
            planned(plan),
            json!({"kind": "planned", "protocol": "v1", "spray_mg": 14, "plan": {
                "patient": "00000000-0000-0000-0000-0000000000c3", "indication": "treatment_resistant", "dose_mg": 56,
                "prescriber": PRESCRIBER_TEXT, "monitor": NURSE_TEXT, "room": "Room 2", "first_treatment": "first",
                "enrolment": "confirmed", "follows": null}}),
        ),
        (
            planned(linked),
            json!({"kind": "planned", "protocol": "v1", "spray_mg": 14, "plan": {
                "patient": "00000000-0000-0000-0000-0000000000c3", "indication": "acute_suicidality", "dose_mg": 56,
                "prescriber": PRESCRIBER_TEXT, "monitor": NURSE_TEXT, "room": "Room 2", "first_treatment": "later",
                "enrolment": "not_confirmed", "follows": "00000000-0000-0000-0000-0000000000d4"}}),
        ),
        (
            Event::PlanChanged(PlanChange {
                dose_mg: Some(84),
                prescriber: None,
                room: Some(text("Room 3")),
                reason: text("r"),
            }),
            json!({"kind": "plan_changed", "dose_mg": 84, "prescriber": null, "room": "Room 3", "reason": "r"}),
        ),
        (Event::Arrived, json!({"kind": "arrived"})),
        (
            Event::ChecklistAnswered(
                [
                    ("food", Answer::Yes, "08:00"),
                    ("ride", Answer::No, ""),
                    ("maois", Answer::NotAsked, ""),
                ]
                .map(|(item, answer, note)| ChecklistAnswer {
                    item: text(item),
                    answer,
                    note: text(note),
                })
                .to_vec(),
            ),
            json!({"kind": "checklist_answered", "answers": [
                {"item": "food", "answer": "yes", "note": "08:00"}, {"item": "ride", "answer": "no", "note": ""},
                {"item": "maois", "answer": "not_asked", "note": ""}]}),
        ),
        (vitals(), vitals_json()),
        (
            Event::DecisionRecorded(Decision {
                about: vec![
                    Concern::Reading {
                        seq: 7,
                        kind: VitalKind::BloodPressure,
                    },
                    Concern::NotMeasured {
                        seq: 8,
                        kind: VitalKind::Spo2,
                    },
                    Concern::Checklist { item: text("ride") },
                    Concern::CrisisSymptoms { seq: 9 },
                    Concern::FirstTreatmentDose,
                    Concern::NoPrescriberOnSite,
                ],
                choice: DecisionChoice::Proceed,
                reason: text("r"),
            }),
            json!({"kind": "decision_recorded", "choice": "proceed", "reason": "r", "about": [
                {"kind": "reading", "seq": 7, "vital": "blood_pressure"},
                {"kind": "not_measured", "seq": 8, "vital": "spo2"}, {"kind": "checklist", "item": "ride"},
                {"kind": "crisis_symptoms", "seq": 9},
                {"kind": "first_treatment_dose"}, {"kind": "no_prescriber_on_site"}]}),
        ),
        (
            Event::Cleared(Clearing {
                basis: Basis::Now,
                prescriber_on_site: Some(PRESCRIBER),
            }),
            json!({"kind": "cleared", "basis": {"kind": "now"}, "prescriber_on_site": PRESCRIBER_TEXT}),
        ),
        (
            Event::Cleared(Clearing {
                basis: Basis::Already {
                    reason: text("written on paper"),
                },
                prescriber_on_site: None,
            }),
            json!({"kind": "cleared", "basis": {"kind": "already", "reason": "written on paper"}, "prescriber_on_site": null}),
        ),
    ]
}

fn vitals() -> Event {
    let absence = |kind, why, occasion| Absence {
        kind,
        why,
        reason: text("r"),
        occasion,
    };
    Event::VitalsRecorded(Vitals {
        pressure: Some(Pressure {
            systolic: 128,
            diastolic: 81,
        }),
        pulse: Some(72),
        spo2: None,
        respiration: Some(15),
        moaas: Some(5),
        absent: vec![
            absence(VitalKind::Spo2, AbsenceKind::NotObtained, Occasion::Other),
            absence(
                VitalKind::BloodPressure,
                AbsenceKind::Declined,
                Occasion::FortyMinutes,
            ),
            absence(
                VitalKind::Pulse,
                AbsenceKind::Declined,
                Occasion::BeforeDosing,
            ),
            absence(
                VitalKind::Moaas,
                AbsenceKind::Declined,
                Occasion::BeforeDischarge,
            ),
            absence(
                VitalKind::Respiration,
                AbsenceKind::Declined,
                Occasion::Other,
            ),
        ],
    })
}

pub(super) fn vitals_json() -> Value {
    json!({"kind": "vitals_recorded", "pressure": {"systolic": 128, "diastolic": 81}, "pulse": 72, "spo2": null,
        "respiration": 15, "moaas": 5, "absent": [
            {"kind": "spo2", "why": "not_obtained", "reason": "r", "occasion": "other"},
            {"kind": "blood_pressure", "why": "declined", "reason": "r", "occasion": "forty_minutes"},
            {"kind": "pulse", "why": "declined", "reason": "r", "occasion": "before_dosing"},
            {"kind": "moaas", "why": "declined", "reason": "r", "occasion": "before_discharge"},
            {"kind": "respiration", "why": "declined", "reason": "r", "occasion": "other"}]})
}

fn devices() -> Vec<(Event, Value)> {
    let whole = DeviceUse {
        basis: Basis::Now,
        lot: text("L1"),
        expires: Some(date(2027, 3, 31)),
        given_on: date(2026, 11, 20),
        dots_before: 2,
        dots_after: 0,
        sprays: 2,
        first_spray_at: time(),
        last_spray_at: time(),
        outcome: DeviceOutcome::Complete,
    };
    let json = |basis: Value, expires: Value, outcome: Value| {
        json!({"kind": "device_given", "basis": basis, "lot": "L1", "expires": expires, "given_on": "2026-11-20",
            "dots_before": 2, "dots_after": 0, "sprays": 2, "first_spray_at": "2026-11-20T14:03:09Z",
            "last_spray_at": "2026-11-20T14:03:09Z", "outcome": outcome})
    };
    let already = Basis::Already { reason: text("r") };
    let partly = DeviceOutcome::PartlyUsed(Disposal {
        how: text("bin"),
        witness: Some(PRESCRIBER),
    });
    let failed = DeviceOutcome::Failed(Disposal {
        how: text("bin"),
        witness: None,
    });
    vec![
        (
            Event::DeviceGiven(whole.clone()),
            json(
                json!({"kind": "now"}),
                json!("2027-03-31"),
                json!({"kind": "complete"}),
            ),
        ),
        (
            Event::DeviceGiven(DeviceUse {
                basis: already,
                expires: None,
                outcome: partly,
                ..whole.clone()
            }),
            json(
                json!({"kind": "already", "reason": "r"}),
                Value::Null,
                json!({"kind": "partly_used", "how": "bin", "witness": PRESCRIBER_TEXT}),
            ),
        ),
        (
            Event::DeviceGiven(DeviceUse {
                outcome: failed,
                ..whole
            }),
            json(
                json!({"kind": "now"}),
                json!("2027-03-31"),
                json!({"kind": "failed", "how": "bin", "witness": null}),
            ),
        ),
        (
            Event::DosingStopped { reason: text("r") },
            json!({"kind": "dosing_stopped", "reason": "r"}),
        ),
    ]
}

fn observations() -> Vec<(Event, Value)> {
    vec![
        (
            Event::EpisodeOpened(Episode {
                kind: EpisodeKind::Dissociation,
                severity: Some(text("mild")),
                note: text("n"),
            }),
            json!({"kind": "episode_opened", "episode": "dissociation", "severity": "mild", "note": "n"}),
        ),
        (
            Event::EpisodeResolved(EpisodeResolution {
                episode: 9,
                worst_severity: None,
            }),
            json!({"kind": "episode_resolved", "onset": 9, "worst_severity": null}),
        ),
        (
            Event::NoneObserved {
                kinds: EpisodeKind::ALL.to_vec(),
            },
            json!({"kind": "none_observed", "kinds": ["sedation", "dissociation", "respiratory_depression"]}),
        ),
        (
            Event::VomitingRecorded { note: text("n") },
            json!({"kind": "vomiting_recorded", "note": "n"}),
        ),
        (
            Event::CrisisSymptomsRecorded(CrisisSymptoms {
                symptoms: vec![text("headache")],
                note: text(""),
            }),
            json!({"kind": "crisis_symptoms_recorded", "symptoms": ["headache"], "note": ""}),
        ),
        (
            Event::MedicineGiven(MedicineGiven {
                drug: text("ondansetron"),
                dose: text("4 mg"),
                route: text("by mouth"),
                order: MedicineOrder::Prescriber { person: PRESCRIBER },
            }),
            json!({"kind": "medicine_given", "drug": "ondansetron", "dose": "4 mg", "route": "by mouth",
                "order": {"kind": "prescriber", "person": PRESCRIBER_TEXT}}),
        ),
        (
            Event::MedicineGiven(MedicineGiven {
                drug: text("ondansetron"),
                dose: text("4 mg"),
                route: text("by mouth"),
                order: MedicineOrder::Other {
                    words: text("standing order"),
                },
            }),
            json!({"kind": "medicine_given", "drug": "ondansetron", "dose": "4 mg", "route": "by mouth",
                "order": {"kind": "other", "words": "standing order"}}),
        ),
        (
            Event::AdverseEventRecorded(AdverseEvent {
                description: text("d"),
                seriousness: Seriousness::Serious {
                    kinds: vec![text("disability")],
                },
            }),
            json!({"kind": "adverse_event_recorded", "description": "d",
                "seriousness": {"kind": "serious", "kinds": ["disability"]}}),
        ),
        (
            Event::EmergencyCalled { note: text("n") },
            json!({"kind": "emergency_called", "note": "n"}),
        ),
        (
            Event::EmergencyArrived { note: text("n") },
            json!({"kind": "emergency_arrived", "note": "n"}),
        ),
        (
            Event::HandedOver { to: PRESCRIBER },
            json!({"kind": "handed_over", "to": PRESCRIBER_TEXT}),
        ),
        (
            Event::ReadinessJudged(Readiness {
                alert: YesNo::Yes,
                no_dissociation: YesNo::No,
                breathing_in_range: YesNo::Yes,
                pressure_safe: YesNo::No,
            }),
            json!({"kind": "readiness_judged", "alert": "yes", "no_dissociation": "no", "breathing_in_range": "yes",
                "pressure_safe": "no"}),
        ),
    ]
}

fn endings() -> Vec<(Event, Value)> {
    let details = |last_vitals, orientation, signature| DepartureDetails {
        prescriber_told: Some(PRESCRIBER),
        last_vitals: Some(last_vitals),
        orientation: Some(orientation),
        escort: Some(text("alone")),
        signature: Some(signature),
    };
    let json = |kind: &str, last_vitals: &str, orientation: &str, signature: &str| {
        json!({"kind": "left_against_advice", "departure": {"kind": kind, "details": {
            "prescriber_told": PRESCRIBER_TEXT, "last_vitals": last_vitals, "orientation": orientation,
            "escort": "alone", "signature": signature}}})
    };
    let left = |details| Event::LeftAgainstAdvice(LeftAgainstAdvice::Left(details));
    vec![
        (
            Event::Discharged(Discharge {
                basis: Basis::Now,
                escort: text("e"),
                instructions_given: YesNo::Yes,
                clinically_stable: YesNo::Yes,
            }),
            json!({"kind": "discharged", "basis": {"kind": "now"}, "escort": "e", "instructions_given": "yes",
                "clinically_stable": "yes"}),
        ),
        (
            left(details(
                LastVitals::Taken,
                Orientation::Oriented,
                Signature::Signed,
            )),
            json("left", "taken", "oriented", "signed"),
        ),
        (
            left(details(
                LastVitals::Declined,
                Orientation::NotOriented,
                Signature::Refused,
            )),
            json("left", "declined", "not_oriented", "refused"),
        ),
        (
            left(details(
                LastVitals::NotObtained,
                Orientation::NotAssessed,
                Signature::NotAsked,
            )),
            json("left", "not_obtained", "not_assessed", "not_asked"),
        ),
        (
            Event::LeftAgainstAdvice(LeftAgainstAdvice::FoundGone {
                last_seen_at: time(),
                details: DepartureDetails::default(),
            }),
            json!({"kind": "left_against_advice", "departure": {"kind": "found_gone",
                "last_seen_at": "2026-11-20T14:03:09Z", "details": {"prescriber_told": null, "last_vitals": null,
                "orientation": null, "escort": null, "signature": null}}}),
        ),
        (
            Event::SentToEmergencyCare(EmergencyTransfer {
                reason: text("r"),
                destination: text("d"),
                seriousness: Seriousness::NotYetAnswered,
            }),
            json!({"kind": "sent_to_emergency_care", "reason": "r", "destination": "d",
                "seriousness": {"kind": "not_yet_answered"}}),
        ),
        (
            Event::Delayed { reason: text("r") },
            json!({"kind": "delayed", "reason": "r"}),
        ),
        (
            Event::Cancelled { reason: text("r") },
            json!({"kind": "cancelled", "reason": "r"}),
        ),
        (
            Event::NoShow { note: text("n") },
            json!({"kind": "no_show", "note": "n"}),
        ),
    ]
}

fn afterwards() -> Vec<(Event, Value)> {
    let replacement = Replacement {
        happened_at: time(),
        taken_by: NURSE,
        event: vitals(),
    };
    let corrected = |change| {
        Event::Corrected(Correction {
            corrects: 3,
            reason: text("r"),
            change,
        })
    };
    let answered = |about| {
        Event::SeriousAnswered(SeriousAnswer {
            about,
            seriousness: Seriousness::NotSerious,
        })
    };
    vec![
        (
            corrected(Change::Strike),
            json!({"kind": "corrected", "corrects": 3, "reason": "r", "change": {"kind": "strike"}}),
        ),
        (
            corrected(Change::Replace(Box::new(replacement))),
            json!({"kind": "corrected", "corrects": 3, "reason": "r", "change": {"kind": "replace",
                "happened_at": "2026-11-20T14:03:09Z", "taken_by": NURSE_TEXT, "event": vitals_json()}}),
        ),
        (
            Event::AddendumAdded(Addendum {
                text: text("t"),
                departure: None,
            }),
            json!({"kind": "addendum_added", "text": "t", "departure": null}),
        ),
        (
            Event::AddendumAdded(Addendum {
                text: text("t"),
                departure: Some(DepartureDetails::default()),
            }),
            json!({"kind": "addendum_added", "text": "t", "departure": {"prescriber_told": null, "last_vitals": null,
                "orientation": null, "escort": null, "signature": null}}),
        ),
        (
            answered(SeriousSubject::AdverseEvent(5)),
            json!({"kind": "serious_answered", "about": {"kind": "adverse_event", "seq": 5},
                "seriousness": {"kind": "not_serious"}}),
        ),
        (
            answered(SeriousSubject::EmergencyCare),
            json!({"kind": "serious_answered", "about": {"kind": "emergency_care"},
                "seriousness": {"kind": "not_serious"}}),
        ),
        (
            Event::ReportTicked {
                report: text("fda"),
            },
            json!({"kind": "report_ticked", "report": "fda"}),
        ),
    ]
}
