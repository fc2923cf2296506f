//! What a step lacks: for clearing, for the next device, for discharge.

use jiff::Timestamp;

use super::clocks::{check_answer, check_times, minutes_after, seconds_after};
use super::concerns::{
    concerns_before_dosing, concerns_while_dosing, crisis_symptoms_unweighed, is_decided,
    is_unexpected, reading_concerns,
};
use super::device::{DeviceOutcome, DeviceUse};
use super::ending::Discharge;
use super::ids::PersonId;
use super::last_pressure::{last_pressure_from, last_pressure_lacked};
use super::observation::EpisodeKind;
use super::plan::{Clearing, Concern, YesNo};
use super::protocol::{ChecklistItem, ChecklistKind, Protocol};
use super::readiness::lacks_of_readiness;
use super::reading::{Occasion, VitalKind};
use super::readout::Phase;
use super::refusal::Lack;
use super::session::Session;
use super::state::State;

/// When the shortest monitoring is over.
pub(super) fn minimum_until(state: &State<'_>, protocol: &Protocol) -> Option<Timestamp> {
    let anchor = state.anchor(protocol.timing.minimum_counts_from.value)?;
    Some(minutes_after(
        anchor,
        i64::from(protocol.timing.minimum_minutes.value),
    ))
}

pub(super) fn has_answer_before_dosing(state: &State<'_>, kind: VitalKind) -> bool {
    state.last_reading(kind, true).is_some()
        || state
            .vitals
            .iter()
            .any(|held| held.what.absence(kind, Occasion::BeforeDosing).is_some())
}

/// What clearing lacks. `None` for the clearing: who is on site is not known, and is not looked at.
pub(super) fn lacks_for_clearing(
    state: &State<'_>,
    protocol: &Protocol,
    clearing: Option<&Clearing>,
) -> Vec<Lack> {
    if state.arrival.is_none() {
        return vec![Lack::Arrival];
    }
    let mut lacks = Vec::new();
    for kind in &protocol.readings.before_dosing.value {
        if !has_answer_before_dosing(state, *kind) {
            lacks.push(Lack::ReadingBeforeDosing { kind: *kind });
        }
    }
    for item in &protocol.checklist {
        let answer = state.answer(&item.id).map(|held| held.what.answer);
        let lacking = match item.kind {
            ChecklistKind::Required => answer.is_none_or(|answer| is_unexpected(item, answer)),
            ChecklistKind::PrescriberDecides => answer.is_none(),
            ChecklistKind::Asked => false,
        };
        if lacking {
            lacks.push(Lack::ChecklistItem {
                item: item.id.clone(),
            });
        }
    }
    lacks.extend(breathing_unresolved(state));
    let mut concerns = concerns_before_dosing(state, protocol);
    if clearing.is_some_and(|clearing| clearing.prescriber_on_site.is_none()) {
        concerns.push(Concern::NoPrescriberOnSite);
    }
    concerns.retain(|concern| !is_decided(state, concern));
    lacks.extend(
        concerns
            .into_iter()
            .map(|concern| Lack::Decision { concern }),
    );
    lacks
}

/// Nobody is given more while their breathing is depressed.
fn breathing_unresolved(state: &State<'_>) -> impl Iterator<Item = Lack> {
    state
        .episodes_open()
        .filter(|episode| episode.kind == EpisodeKind::RespiratoryDepression)
        .map(|episode| Lack::Resolution {
            episode: episode.seq,
            kind: episode.kind,
        })
}

/// What stands against giving any device at that time.
pub(super) fn lacks_for_device(
    state: &State<'_>,
    protocol: &Protocol,
    at: Timestamp,
    adding_mg: u32,
) -> Vec<Lack> {
    if state.arrival.is_none() {
        return vec![Lack::Arrival];
    }
    let mut lacks = Vec::new();
    let cleared = state.clearing.filter(|held| held.by.happened_at <= at);
    if cleared.is_none() {
        lacks.push(Lack::Clearing);
    } else if state.first_device().is_none() {
        // Something may have come up since the clearing.
        lacks.extend(lacks_for_clearing(state, protocol, None));
    }
    if state.first_device().is_some() {
        lacks.extend(lacks_for_further_device(state, protocol));
    }
    let before = state
        .given()
        .rfind(|device| device.what.first_spray_at <= at);
    if let Some(before) = before {
        let rest_s = i64::from(protocol.timing.rest_s.value);
        let until = seconds_after(before.what.last_spray_at, rest_s);
        if at < until {
            lacks.push(Lack::Rest { until });
        }
    }
    if let Some(stop) = state.stop {
        lacks.push(Lack::DosingStopped { seq: stop.seq });
    }
    let (given_mg, intended_mg) = (state.given_mg(), state.intended_mg());
    if given_mg >= intended_mg || given_mg.saturating_add(adding_mg) > intended_mg {
        lacks.push(Lack::DoseLeft {
            given_mg,
            adding_mg,
            intended_mg,
        });
    }
    lacks
}

/// What stands against one more device after the first, by what came up: a contraindication, depressed breathing, and what
/// the prescriber has not decided about.
pub(super) fn lacks_for_further_device(state: &State<'_>, protocol: &Protocol) -> Vec<Lack> {
    let contraindicated = protocol
        .checklist
        .iter()
        .filter(|item| is_contraindicated(state, item))
        .map(|item| Lack::ChecklistItem {
            item: item.id.clone(),
        });
    let undecided = concerns_while_dosing(state, protocol)
        .into_iter()
        .filter(|concern| !is_decided(state, concern))
        .map(|concern| Lack::Decision { concern });
    contraindicated
        .chain(breathing_unresolved(state))
        .chain(undecided)
        .collect()
}

/// A required item that was answered otherwise than it has to be.
fn is_contraindicated(state: &State<'_>, item: &ChecklistItem) -> bool {
    let answer = state.answer(&item.id).map(|held| held.what.answer);
    item.kind == ChecklistKind::Required && answer.is_some_and(|answer| is_unexpected(item, answer))
}

/// Of what clearing lacks, that which was known to stand against it, as against what was not answered yet.
pub(super) fn lacks_known_before_dosing(state: &State<'_>, protocol: &Protocol) -> Vec<Lack> {
    let mut lacks = lacks_for_clearing(state, protocol, None);
    lacks.retain(|lack| {
        if let Lack::ChecklistItem { item } = lack {
            protocol
                .checklist_item(item)
                .is_some_and(|item| is_contraindicated(state, item))
        } else {
            matches!(lack, Lack::Decision { .. } | Lack::Resolution { .. })
        }
    });
    lacks
}

/// What this one device lacks in itself.
pub(super) fn lacks_of_device(
    device: &DeviceUse,
    protocol: &Protocol,
    given_by: PersonId,
) -> Vec<Lack> {
    let mut lacks = Vec::new();
    if device.lot.trim().is_empty() {
        lacks.push(Lack::LotNumber);
    }
    match device.expires {
        None => lacks.push(Lack::ExpiryDate),
        Some(expires) if device.given_on > expires => lacks.push(Lack::DeviceInDate { expires }),
        Some(_) => {}
    }
    let expected = protocol.dosing.dots_unused.value;
    if device.dots_before != expected {
        lacks.push(Lack::UnusedDevice {
            dots: device.dots_before,
            expected,
        });
    }
    if let DeviceOutcome::PartlyUsed(disposal) | DeviceOutcome::Failed(disposal) = &device.outcome {
        if disposal.how.trim().is_empty() {
            lacks.push(Lack::Disposal);
        }
        // Nobody is their own witness.
        if disposal.witness.is_none_or(|witness| witness == given_by) {
            lacks.push(Lack::Witness);
        }
    }
    lacks
}

/// What a discharge at that time lacks, the form's own answers apart.
pub(super) fn lacks_for_discharge(
    state: &State<'_>,
    protocol: &Protocol,
    at: Timestamp,
) -> Vec<Lack> {
    lacks_besides(state, protocol, at, last_pressure_from(state, protocol, at))
}

/// What a discharge lacked that has happened, the form's own answers apart.
pub(super) fn lacked_at_discharge(
    state: &State<'_>,
    protocol: &Protocol,
    at: Timestamp,
) -> Vec<Lack> {
    lacks_besides(
        state,
        protocol,
        at,
        last_pressure_lacked(state, protocol, at),
    )
}

/// With the time from which the last pressure counts, if it lacks.
fn lacks_besides(
    state: &State<'_>,
    protocol: &Protocol,
    at: Timestamp,
    last_pressure: Option<Timestamp>,
) -> Vec<Lack> {
    let (Some(times), Some(until)) = (check_times(state, protocol), minimum_until(state, protocol))
    else {
        return Vec::new();
    };
    let mut lacks = Vec::new();
    if state.stop.is_none() && state.given_mg() < state.intended_mg() {
        let (given_mg, intended_mg) = (state.given_mg(), state.intended_mg());
        lacks.push(Lack::DoseCompleteOrStopped {
            given_mg,
            intended_mg,
        });
    }
    if at < until {
        lacks.push(Lack::MinimumTime { until });
    }
    if check_answer(state, &times).is_none() {
        let (from, until) = (times.counted_from, times.counted_until);
        lacks.push(Lack::FortyMinuteReading { from, until });
    }
    if let Some(from) = last_pressure {
        lacks.push(Lack::LastPressure { from });
    }
    let undecided = reading_concerns(state, protocol, false)
        .into_iter()
        .filter(|concern| !is_decided(state, concern))
        .chain(crisis_symptoms_unweighed(state));
    lacks.extend(undecided.map(|concern| Lack::Decision { concern }));
    for episode in state.episodes_open() {
        lacks.push(Lack::Resolution {
            episode: episode.seq,
            kind: episode.kind,
        });
    }
    lacks.extend(lacks_of_readiness(state, protocol));
    lacks
}

/// What the discharge's own form lacks.
pub(super) fn lacks_of_discharge(discharge: &Discharge) -> Vec<Lack> {
    let mut lacks = Vec::new();
    if discharge.clinically_stable == YesNo::No {
        lacks.push(Lack::ClinicallyStable);
    }
    if discharge.instructions_given == YesNo::No {
        lacks.push(Lack::Instructions);
    }
    if discharge.escort.trim().is_empty() {
        lacks.push(Lack::Escort);
    }
    lacks
}

impl Session {
    /// What clearing for dosing lacks now; empty once it is cleared or over.
    #[must_use]
    pub fn missing_for_clearing(&self, protocol: &Protocol, clearing: &Clearing) -> Vec<Lack> {
        let state = self.state();
        match state.phase() {
            Phase::Planned | Phase::Arrived => lacks_for_clearing(&state, protocol, Some(clearing)),
            Phase::Empty
            | Phase::Cleared
            | Phase::Dosing
            | Phase::Monitoring
            | Phase::Discharged
            | Phase::LeftAgainstAdvice
            | Phase::EmergencyCare
            | Phase::Delayed
            | Phase::Cancelled
            | Phase::NoShow => Vec::new(),
        }
    }

    /// What stands against a whole device at that time; empty once the session is over.
    #[must_use]
    pub fn missing_for_next_device(&self, protocol: &Protocol, at: Timestamp) -> Vec<Lack> {
        let state = self.state();
        if state.phase().is_ended() || state.planned.is_none() {
            return Vec::new();
        }
        let sprays = u32::from(protocol.dosing.sprays_per_device.value);
        lacks_for_device(
            &state,
            protocol,
            at,
            sprays.saturating_mul(state.spray_mg()),
        )
    }

    /// What a discharge at that time lacks, besides escort, instructions and the last judgement on
    /// its own form; empty before the first device and once the session is over.
    #[must_use]
    pub fn missing_for_discharge(&self, protocol: &Protocol, at: Timestamp) -> Vec<Lack> {
        let state = self.state();
        if state.phase().is_ended() {
            return Vec::new();
        }
        lacks_for_discharge(&state, protocol, at)
    }

    /// When the shortest monitoring is over; `None` before the first device.
    #[must_use]
    pub fn discharge_possible_from(&self, protocol: &Protocol) -> Option<Timestamp> {
        minimum_until(&self.state(), protocol)
    }
}
