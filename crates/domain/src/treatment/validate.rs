//! Whether a form's values can be at all, by themselves and against the protocol's lists.

use super::device::{DeviceOutcome, DeviceUse};
use super::ending::{Addendum, LeftAgainstAdvice};
use super::event::{Event, Planned};
use super::observation::{MedicineOrder, Seriousness};
use super::plan::{ChecklistAnswer, Enrolment, Plan, PlanChange};
use super::protocol::{Choice, Protocol, Range};
use super::reading::{AbsenceKind, VitalKind, Vitals};
use super::refusal::{Field, Lack, Refusal, Step, Unknown};

/// The longest free text, characters: a page of writing; more belongs into the clinic's own chart.
pub const TEXT_CHARS_MAX: u32 = 4_000;
/// The longest name, lot or label, characters.
pub const LABEL_CHARS_MAX: u32 = 200;
/// The longest list in one form: far above any checklist.
pub const LIST_MAX: u32 = 200;

type Checked = Result<(), Refusal>;

fn text(field: Field, value: &str) -> Checked {
    length(field, value, TEXT_CHARS_MAX)
}

fn label(field: Field, value: &str) -> Checked {
    length(field, value, LABEL_CHARS_MAX)
}

fn length(field: Field, value: &str, limit: u32) -> Checked {
    if value.chars().count() > limit as usize {
        return Err(Refusal::TooLong { field, limit });
    }
    Ok(())
}

fn list<T>(field: Field, values: &[T]) -> Checked {
    if values.len() > LIST_MAX as usize {
        return Err(Refusal::TooLong {
            field,
            limit: LIST_MAX,
        });
    }
    if values.is_empty() {
        return Err(Refusal::Incomplete {
            fields: vec![field],
        });
    }
    Ok(())
}

/// All the fields of these that are empty, in one refusal.
fn filled(fields: &[(Field, &str)]) -> Checked {
    let empty: Vec<Field> = fields
        .iter()
        .filter(|(_, value)| value.trim().is_empty())
        .map(|(field, _)| *field)
        .collect();
    if empty.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Incomplete { fields: empty })
    }
}

fn known(choices: &[Choice], id: &str, unknown: fn(String) -> Unknown) -> Checked {
    if choices.iter().any(|choice| choice.id == id) {
        Ok(())
    } else {
        Err(Refusal::Unknown(unknown(id.to_owned())))
    }
}

fn within(field: Field, given: i32, range: Range) -> Checked {
    if (range.low..=range.high).contains(&given) {
        return Ok(());
    }
    let (given, low, high) = (
        i64::from(given),
        i64::from(range.low),
        i64::from(range.high),
    );
    Err(Refusal::Impossible {
        field,
        given,
        low,
        high,
    })
}

fn at_most(field: Field, given: u8, high: u8) -> Checked {
    within(
        field,
        i32::from(given),
        Range {
            low: 0,
            high: i32::from(high),
        },
    )
}

/// Checks what an event says, apart from every other event.
pub(super) fn event(event: &Event, protocol: &Protocol) -> Checked {
    match event {
        Event::Planned(planned) => planned_event(planned, protocol),
        Event::PlanChanged(change) => plan_change(change, protocol),
        Event::ChecklistAnswered(answers) => checklist(answers, protocol),
        Event::VitalsRecorded(vitals) => readings(vitals, protocol),
        Event::DecisionRecorded(decision) => {
            list(Field::About, &decision.about)?;
            reason(&decision.reason)
        }
        Event::DeviceGiven(device) => device_use(device, protocol),
        Event::DosingStopped { reason: why }
        | Event::Delayed { reason: why }
        | Event::Cancelled { reason: why } => reason(why),
        Event::EpisodeOpened(episode) => {
            severity(episode.severity.as_deref(), protocol)?;
            text(Field::Note, &episode.note)
        }
        Event::EpisodeResolved(resolution) => {
            severity(resolution.worst_severity.as_deref(), protocol)
        }
        Event::NoneObserved { kinds } => list(Field::Kinds, kinds),
        Event::VomitingRecorded { note }
        | Event::EmergencyCalled { note }
        | Event::EmergencyArrived { note }
        | Event::NoShow { note } => text(Field::Note, note),
        Event::CrisisSymptomsRecorded(symptoms) => {
            list(Field::Symptoms, &symptoms.symptoms)?;
            text(Field::Note, &symptoms.note)?;
            symptoms
                .symptoms
                .iter()
                .try_for_each(|id| known(&protocol.crisis_symptoms, id, Unknown::Symptom))
        }
        Event::MedicineGiven(medicine) => {
            let fields = [
                (Field::Drug, medicine.drug.as_str()),
                (Field::MedicineDose, medicine.dose.as_str()),
                (Field::Route, medicine.route.as_str()),
            ];
            let mut fields = fields.to_vec();
            if let MedicineOrder::Other { words } = &medicine.order {
                fields.push((Field::Order, words));
            }
            filled(&fields)?;
            fields
                .iter()
                .try_for_each(|(field, value)| label(*field, value))
        }
        Event::AdverseEventRecorded(adverse) => {
            filled(&[(Field::Description, &adverse.description)])?;
            text(Field::Description, &adverse.description)?;
            seriousness(&adverse.seriousness, protocol)
        }
        Event::Discharged(discharge) => {
            basis(&discharge.basis)?;
            label(Field::Escort, &discharge.escort)
        }
        Event::LeftAgainstAdvice(
            LeftAgainstAdvice::Left(details) | LeftAgainstAdvice::FoundGone { details, .. },
        ) => label(Field::Escort, details.escort.as_deref().unwrap_or_default()),
        Event::SentToEmergencyCare(transfer) => {
            reason(&transfer.reason)?;
            label(Field::Destination, &transfer.destination)?;
            seriousness(&transfer.seriousness, protocol)
        }
        Event::Corrected(correction) => reason(&correction.reason),
        Event::AddendumAdded(what) => addendum(what),
        Event::SeriousAnswered(answer) => {
            if answer.seriousness == Seriousness::NotYetAnswered {
                return Err(Refusal::Incomplete {
                    fields: vec![Field::Kinds],
                });
            }
            seriousness(&answer.seriousness, protocol)
        }
        Event::ReportTicked { report } => known(&protocol.serious_reports, report, Unknown::Report),
        Event::Cleared(clearing) => basis(&clearing.basis),
        Event::Arrived | Event::HandedOver { .. } | Event::ReadinessJudged(_) => Ok(()),
    }
}

fn basis(basis: &super::device::Basis) -> Checked {
    match basis {
        super::device::Basis::Now => Ok(()),
        super::device::Basis::Already { reason } => text(Field::Reason, reason),
    }
}

fn reason(value: &str) -> Checked {
    filled(&[(Field::Reason, value)])?;
    text(Field::Reason, value)
}

fn planned_event(planned: &Planned, protocol: &Protocol) -> Checked {
    let Plan {
        dose_mg,
        room,
        enrolment,
        ..
    } = &planned.plan;
    if *enrolment == Enrolment::NotConfirmed {
        return Err(Refusal::Lacks {
            step: Step::Plan,
            lacks: vec![Lack::Enrolment],
        });
    }
    dose(*dose_mg, protocol)?;
    filled(&[(Field::Room, room)])?;
    label(Field::Room, room)
}

fn dose(dose_mg: u32, protocol: &Protocol) -> Checked {
    match protocol.devices_for(dose_mg) {
        Some(_) => Ok(()),
        None => Err(Refusal::Unknown(Unknown::DoseMg(dose_mg))),
    }
}

fn plan_change(change: &PlanChange, protocol: &Protocol) -> Checked {
    if change.dose_mg.is_none() && change.prescriber.is_none() && change.room.is_none() {
        return Err(Refusal::Incomplete {
            fields: vec![Field::PlanChange],
        });
    }
    if let Some(dose_mg) = change.dose_mg {
        dose(dose_mg, protocol)?;
    }
    if let Some(room) = &change.room {
        filled(&[(Field::Room, room)])?;
        label(Field::Room, room)?;
    }
    reason(&change.reason)
}

fn checklist(answers: &[ChecklistAnswer], protocol: &Protocol) -> Checked {
    list(Field::Answers, answers)?;
    for answer in answers {
        if protocol.checklist_item(&answer.item).is_none() {
            return Err(Refusal::Unknown(Unknown::ChecklistItem(
                answer.item.clone(),
            )));
        }
        text(Field::Note, &answer.note)?;
        if answers
            .iter()
            .filter(|other| other.item == answer.item)
            .count()
            > 1
        {
            return Err(Refusal::Contradiction {
                field: Field::Answers,
                seq: None,
            });
        }
    }
    Ok(())
}

fn severity(id: Option<&str>, protocol: &Protocol) -> Checked {
    id.map_or(Ok(()), |id| {
        known(&protocol.severities, id, Unknown::Severity)
    })
}

fn seriousness(answer: &Seriousness, protocol: &Protocol) -> Checked {
    let Seriousness::Serious { kinds } = answer else {
        return Ok(());
    };
    list(Field::Kinds, kinds)?;
    kinds
        .iter()
        .try_for_each(|id| known(&protocol.serious_kinds, id, Unknown::SeriousKind))
}

/// The field that a kind of value stands in.
const fn field_of(kind: VitalKind) -> Field {
    match kind {
        VitalKind::BloodPressure => Field::Systolic,
        VitalKind::Pulse => Field::Pulse,
        VitalKind::Spo2 => Field::Spo2,
        VitalKind::Respiration => Field::Respiration,
        VitalKind::Moaas => Field::Moaas,
    }
}

fn readings(vitals: &Vitals, protocol: &Protocol) -> Checked {
    if !vitals.has_any() && vitals.absent.is_empty() {
        return Err(Refusal::Incomplete {
            fields: vec![Field::AnyReading],
        });
    }
    let plausible = &protocol.plausible;
    if let Some(pressure) = vitals.pressure {
        within(Field::Systolic, pressure.systolic, plausible.systolic.value)?;
        within(
            Field::Diastolic,
            pressure.diastolic,
            plausible.diastolic.value,
        )?;
        let high = pressure.systolic - 1;
        within(
            Field::Diastolic,
            pressure.diastolic,
            Range {
                low: plausible.diastolic.value.low,
                high,
            },
        )?;
    }
    for (field, value, range) in [
        (Field::Pulse, vitals.pulse, plausible.pulse.value),
        (Field::Spo2, vitals.spo2, plausible.spo2.value),
        (
            Field::Respiration,
            vitals.respiration,
            plausible.respiration.value,
        ),
        (Field::Moaas, vitals.moaas, plausible.moaas.value),
    ] {
        if let Some(value) = value {
            within(field, value, range)?;
        }
    }
    absences(vitals)
}

fn absences(vitals: &Vitals) -> Checked {
    for (place, absence) in vitals.absent.iter().enumerate() {
        match absence.why {
            AbsenceKind::NotObtained | AbsenceKind::Declined => reason(&absence.reason)?,
        }
        let twice = vitals.absent[..place]
            .iter()
            .any(|other| other.kind == absence.kind && other.occasion == absence.occasion);
        if twice {
            return Err(Refusal::Contradiction {
                field: field_of(absence.kind),
                seq: None,
            });
        }
    }
    Ok(())
}

fn device_use(device: &DeviceUse, protocol: &Protocol) -> Checked {
    let dosing = &protocol.dosing;
    let sprays = dosing.sprays_per_device.value;
    at_most(Field::Sprays, device.sprays, sprays)?;
    at_most(
        Field::DotsBefore,
        device.dots_before,
        dosing.dots_unused.value,
    )?;
    at_most(
        Field::DotsAfter,
        device.dots_after,
        dosing.dots_unused.value,
    )?;
    label(Field::Lot, &device.lot)?;
    basis(&device.basis)?;
    match &device.outcome {
        DeviceOutcome::Complete if device.sprays == sprays => {}
        DeviceOutcome::PartlyUsed(disposal) if device.sprays > 0 && device.sprays < sprays => {
            text(Field::Disposal, &disposal.how)?;
        }
        DeviceOutcome::Failed(disposal) if device.sprays < sprays => {
            text(Field::Disposal, &disposal.how)?;
        }
        DeviceOutcome::Complete | DeviceOutcome::PartlyUsed(_) | DeviceOutcome::Failed(_) => {
            return Err(Refusal::Contradiction {
                field: Field::Outcome,
                seq: None,
            });
        }
    }
    if device.last_spray_at < device.first_spray_at {
        let (happened_at, not_before) = (device.last_spray_at, device.first_spray_at);
        return Err(Refusal::OutOfOrder {
            happened_at,
            not_before,
            after: None,
        });
    }
    Ok(())
}

fn addendum(addendum: &Addendum) -> Checked {
    if addendum.departure.is_none() {
        filled(&[(Field::Text, &addendum.text)])?;
    }
    text(Field::Text, &addendum.text)
}
