//! What a recorded event looked like as a form: for correcting it, so that only what was wrong is typed again.

use domain::treatment::{
    DeviceOutcome, DeviceUse, Event, MedicineOrder, Plan, Recorded, SeriousSubject, Seriousness,
    Vitals, YesNo,
};
use jiff::tz::TimeZone;

use super::before::{ABSENCE_STEMS, ABSENCES, ANSWERS, CHOICES, NOBODY, OCCASIONS, concern_value};
use super::events::{EMERGENCY_CARE, EPISODES};
use super::planned::{FIRSTS, INDICATIONS};
use super::read::{moment_write, person_value};
use crate::form::Values;

/// The name of the step whose form an event came from; `None` for events that no form replaces.
pub(crate) fn step_of(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::Planned(_) => "plan",
        Event::PlanChanged(_) => "plan-change",
        Event::Arrived => "arrival",
        Event::ChecklistAnswered(_) => "checklist",
        Event::VitalsRecorded(_) => "vitals",
        Event::DecisionRecorded(_) => "decision",
        Event::Cleared(_) => "clearing",
        Event::DeviceGiven(_) => "device",
        Event::DosingStopped { .. } => "dosing-stop",
        Event::EpisodeOpened(_) => "episode",
        Event::EpisodeResolved(_) => "episode-resolution",
        Event::NoneObserved { .. } => "none-observed",
        Event::VomitingRecorded { .. } => "vomiting",
        Event::CrisisSymptomsRecorded(_) => "crisis-symptoms",
        Event::MedicineGiven(_) => "medicine",
        Event::AdverseEventRecorded(_) => "adverse-event",
        Event::EmergencyCalled { .. } => "emergency-call",
        Event::EmergencyArrived { .. } => "emergency-arrival",
        Event::HandedOver { .. } => "hand-over",
        Event::ReadinessJudged(_) => "readiness",
        Event::SeriousAnswered(_) => "seriousness",
        Event::ReportTicked { .. } => "report",
        Event::Delayed { .. } => "delay",
        Event::Cancelled { .. } => "cancellation",
        Event::NoShow { .. } => "no-show",
        Event::Discharged(_)
        | Event::LeftAgainstAdvice(_)
        | Event::SentToEmergencyCare(_)
        | Event::Corrected(_)
        | Event::AddendumAdded(_) => return None,
    })
}

/// The values of the form that would record this event again.
pub(crate) fn values_of(recorded: &Recorded, zone: &TimeZone) -> Values {
    let mut values = Values::default();
    values.push("when", "other");
    moment_write(&mut values, "when", recorded.happened_at, zone);
    values.push("taken_by", person_value(recorded.taken_by));
    event_push(&mut values, &recorded.event, zone);
    values
}

fn event_push(values: &mut Values, event: &Event, zone: &TimeZone) {
    match event {
        Event::Planned(planned) => plan_push(values, &planned.plan),
        Event::PlanChanged(change) => {
            option_push(
                values,
                "dose_mg",
                change.dose_mg.map(|dose| dose.to_string()),
            );
            option_push(values, "prescriber", change.prescriber.map(person_value));
            option_push(values, "room", change.room.clone());
            values.push("reason", change.reason.clone());
        }
        Event::ChecklistAnswered(answers) => {
            for answer in answers {
                values.push(
                    format!("item_{}", answer.item),
                    name_of(&ANSWERS, answer.answer),
                );
                values.push(format!("note_{}", answer.item), answer.note.clone());
            }
        }
        Event::VitalsRecorded(vitals) => vitals_push(values, vitals),
        Event::DecisionRecorded(decision) => {
            for concern in &decision.about {
                values.push("about", concern_value(concern));
            }
            values.push("choice", name_of(&CHOICES, decision.choice));
            values.push("reason", decision.reason.clone());
        }
        Event::Cleared(clearing) => {
            values.push(
                "prescriber_on_site",
                clearing
                    .prescriber_on_site
                    .map_or_else(|| NOBODY.to_owned(), person_value),
            );
        }
        Event::DeviceGiven(device) => device_push(values, device, zone),
        Event::DosingStopped { reason }
        | Event::Delayed { reason }
        | Event::Cancelled { reason } => values.push("reason", reason.clone()),
        Event::EpisodeOpened(episode) => {
            values.push("kind", name_of(&EPISODES, episode.kind));
            option_push(values, "severity", episode.severity.clone());
            values.push("note", episode.note.clone());
        }
        Event::EpisodeResolved(resolution) => {
            values.push("episode", resolution.episode.to_string());
            option_push(values, "worst_severity", resolution.worst_severity.clone());
        }
        Event::NoneObserved { kinds } => {
            for kind in kinds {
                values.push("kinds", name_of(&EPISODES, *kind));
            }
        }
        Event::VomitingRecorded { note }
        | Event::EmergencyCalled { note }
        | Event::EmergencyArrived { note }
        | Event::NoShow { note } => {
            values.push("note", note.clone());
        }
        Event::CrisisSymptomsRecorded(symptoms) => {
            for symptom in &symptoms.symptoms {
                values.push("symptoms", symptom.clone());
            }
            values.push("note", symptoms.note.clone());
        }
        Event::MedicineGiven(medicine) => {
            values.push("drug", medicine.drug.clone());
            values.push("dose", medicine.dose.clone());
            values.push("route", medicine.route.clone());
            match &medicine.order {
                MedicineOrder::Prescriber { person } => {
                    values.push("ordered_by", person_value(*person));
                }
                MedicineOrder::Other { words } => values.push("other_order", words.clone()),
            }
        }
        Event::AdverseEventRecorded(adverse) => {
            values.push("description", adverse.description.clone());
            seriousness_push(values, &adverse.seriousness);
        }
        Event::HandedOver { to } => values.push("to", person_value(*to)),
        Event::ReadinessJudged(readiness) => {
            values.push("alert", yes_no(readiness.alert));
            values.push("no_dissociation", yes_no(readiness.no_dissociation));
            values.push("breathing_in_range", yes_no(readiness.breathing_in_range));
            values.push("pressure_safe", yes_no(readiness.pressure_safe));
        }
        Event::SeriousAnswered(answer) => {
            let about = match answer.about {
                SeriousSubject::AdverseEvent(seq) => seq.to_string(),
                SeriousSubject::EmergencyCare => EMERGENCY_CARE.to_owned(),
            };
            values.push("about", about);
            seriousness_push(values, &answer.seriousness);
        }
        Event::ReportTicked { report } => values.push("report", report.clone()),
        Event::Arrived
        | Event::Discharged(_)
        | Event::LeftAgainstAdvice(_)
        | Event::SentToEmergencyCare(_)
        | Event::Corrected(_)
        | Event::AddendumAdded(_) => {}
    }
}

fn plan_push(values: &mut Values, plan: &Plan) {
    values.push("indication", name_of(&INDICATIONS, plan.indication));
    values.push("first_treatment", name_of(&FIRSTS, plan.first_treatment));
    values.push("dose_mg", plan.dose_mg.to_string());
    values.push("prescriber", person_value(plan.prescriber));
    values.push("monitor", person_value(plan.monitor));
    values.push("room", plan.room.clone());
}

fn vitals_push(values: &mut Values, vitals: &Vitals) {
    option_push(
        values,
        "systolic",
        vitals
            .pressure
            .map(|pressure| pressure.systolic.to_string()),
    );
    option_push(
        values,
        "diastolic",
        vitals
            .pressure
            .map(|pressure| pressure.diastolic.to_string()),
    );
    for (name, value) in [
        ("pulse", vitals.pulse),
        ("spo2", vitals.spo2),
        ("respiration", vitals.respiration),
        ("moaas", vitals.moaas),
    ] {
        option_push(values, name, value.map(|value| value.to_string()));
    }
    for absence in &vitals.absent {
        let stem = ABSENCE_STEMS
            .iter()
            .find(|(_, kind)| *kind == absence.kind)
            .map_or("", |(stem, _)| *stem);
        values.push(format!("{stem}_absent"), name_of(&ABSENCES, absence.why));
        values.push(format!("{stem}_reason"), absence.reason.clone());
        values.push("occasion", name_of(&OCCASIONS, absence.occasion));
    }
}

fn device_push(values: &mut Values, device: &DeviceUse, zone: &TimeZone) {
    values.push("lot", device.lot.clone());
    option_push(
        values,
        "expires",
        device.expires.map(|date| date.to_string()),
    );
    values.push("dots_before", device.dots_before.to_string());
    values.push("dots_after", device.dots_after.to_string());
    values.push("sprays", device.sprays.to_string());
    if device.first_spray_at != device.last_spray_at {
        moment_write(values, "first_spray", device.first_spray_at, zone);
    }
    match &device.outcome {
        DeviceOutcome::Complete => values.push("outcome", "complete"),
        DeviceOutcome::PartlyUsed(disposal) => {
            values.push("outcome", "partly_used");
            values.push("disposal", disposal.how.clone());
            option_push(values, "witness", disposal.witness.map(person_value));
        }
        DeviceOutcome::Failed(disposal) => {
            values.push("outcome", "failed");
            values.push("disposal", disposal.how.clone());
            option_push(values, "witness", disposal.witness.map(person_value));
        }
    }
}

fn seriousness_push(values: &mut Values, seriousness: &Seriousness) {
    match seriousness {
        Seriousness::Serious { kinds } => {
            values.push("serious", "yes");
            for kind in kinds {
                values.push("serious_kinds", kind.clone());
            }
        }
        Seriousness::NotSerious => values.push("serious", "no"),
        Seriousness::NotYetAnswered => values.push("serious", "later"),
    }
}

fn option_push(values: &mut Values, name: &str, value: Option<String>) {
    if let Some(value) = value {
        values.push(name, value);
    }
}

fn yes_no(answer: YesNo) -> &'static str {
    match answer {
        YesNo::Yes => "yes",
        YesNo::No => "no",
    }
}

/// The form's word for a typed value.
fn name_of<T: Copy + PartialEq>(names: &[(&'static str, T)], value: T) -> &'static str {
    names
        .iter()
        .find(|(_, own)| *own == value)
        .map_or("", |(name, _)| *name)
}
