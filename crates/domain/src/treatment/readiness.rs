//! Whether a readiness judgement holds: what the readings before it say, and what came up after it.

use super::concerns::{is_decided, outside};
use super::event::{Event, Recorded};
use super::observation::{Readiness, ReadinessPart};
use super::plan::{Concern, YesNo};
use super::protocol::Protocol;
use super::reading::{VitalKind, Vitals};
use super::refusal::Lack;
use super::state::{Held, State};

/// A reading beside which a part of a judgement cannot be "yes".
pub(super) struct Contradicting {
    pub(super) part: ReadinessPart,
    pub(super) kind: VitalKind,
    pub(super) seq: u32,
}

/// The latest reading before a judgement that a part answered "yes" contradicts. A prescriber's decision answers for a
/// reading outside the limits, but whether somebody is alert is no matter of decision.
pub(super) fn contradicting(
    state: &State<'_>,
    protocol: &Protocol,
    by: &Recorded,
    readiness: Readiness,
) -> Option<Contradicting> {
    use ReadinessPart::{Alert, BreathingInRange, PressureSafe};
    [
        (readiness.alert, Alert, VitalKind::Moaas),
        (
            readiness.breathing_in_range,
            BreathingInRange,
            VitalKind::Spo2,
        ),
        (
            readiness.breathing_in_range,
            BreathingInRange,
            VitalKind::Respiration,
        ),
        (
            readiness.pressure_safe,
            PressureSafe,
            VitalKind::BloodPressure,
        ),
    ]
    .into_iter()
    .filter(|(answer, ..)| *answer == YesNo::Yes)
    .find_map(|(_, part, kind)| {
        let held = latest_before(state, kind, by)?;
        let seq = held.by.seq;
        let is_outside = outside(held.what, &protocol.limits_after)
            .iter()
            .any(|found| found.kind == kind);
        let is_answered = part != Alert && is_decided(state, &Concern::Reading { seq, kind });
        (is_outside && !is_answered).then_some(Contradicting { part, kind, seq })
    })
}

fn latest_before<'s, 'a>(
    state: &'s State<'a>,
    kind: VitalKind,
    by: &Recorded,
) -> Option<&'s Held<'a, Vitals>> {
    state
        .vitals
        .iter()
        .rev()
        .find(|held| held.what.has(kind) && by.is_after(held.by))
}

/// Whether an event makes an earlier judgement void: it could not know of it.
fn voids(protocol: &Protocol, event: &Recorded, judgement: &Recorded) -> bool {
    match &event.event {
        Event::VitalsRecorded(vitals) => {
            event.is_after(judgement) && !outside(vitals, &protocol.limits_after).is_empty()
        }
        Event::EpisodeOpened(_) | Event::EpisodeResolved(_) => event.is_after(judgement),
        Event::DeviceGiven(device) => {
            device.sprays > 0 && device.last_spray_at > judgement.happened_at
        }
        // No later reading takes these back: one that was written down late was not known either.
        Event::CrisisSymptomsRecorded(_) | Event::AdverseEventRecorded(_) => {
            event.is_after(judgement) || event.seq > judgement.seq
        }
        Event::Planned(_)
        | Event::PlanChanged(_)
        | Event::Arrived
        | Event::ChecklistAnswered(_)
        | Event::DecisionRecorded(_)
        | Event::Cleared(_)
        | Event::DosingStopped { .. }
        | Event::NoneObserved { .. }
        | Event::VomitingRecorded { .. }
        | Event::MedicineGiven(_)
        | Event::EmergencyCalled { .. }
        | Event::EmergencyArrived { .. }
        | Event::HandedOver { .. }
        | Event::ReadinessJudged(_)
        | Event::Discharged(_)
        | Event::LeftAgainstAdvice(_)
        | Event::SentToEmergencyCare(_)
        | Event::Delayed { .. }
        | Event::Cancelled { .. }
        | Event::NoShow { .. }
        | Event::Corrected(_)
        | Event::AddendumAdded(_)
        | Event::SeriousAnswered(_)
        | Event::ReportTicked { .. } => false,
    }
}

/// The event beside which a judgement does not hold, if there is one. Looked at anew each time: what a phone without a
/// network delivers late, and what is corrected, counts too.
pub(super) fn overtaken_by(
    state: &State<'_>,
    protocol: &Protocol,
    held: &Held<'_, Readiness>,
) -> Option<u32> {
    state
        .events
        .iter()
        .find(|event| voids(protocol, event, held.by))
        .map(|event| event.seq)
        .or_else(|| contradicting(state, protocol, held.by, *held.what).map(|reading| reading.seq))
}

/// What a discharge lacks of the judgement: one that holds, with all its parts "yes".
pub(super) fn lacks_of_readiness(state: &State<'_>, protocol: &Protocol) -> Vec<Lack> {
    let Some(held) = state.judgements.last() else {
        return vec![Lack::ReadinessJudgement { overtaken_by: None }];
    };
    let overtaken_by = overtaken_by(state, protocol, held);
    if overtaken_by.is_some() {
        return vec![Lack::ReadinessJudgement { overtaken_by }];
    }
    held.what
        .parts_lacking()
        .into_iter()
        .map(|part| Lack::ReadinessPart { part })
        .collect()
}
