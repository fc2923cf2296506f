//! What the effective events add up to; built anew for each question, since a session is short.
//!
//! Order is by the time that things happened, then by `seq`: a phone without a network delivers late.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::device::DeviceUse;
use super::ending::LeftAgainstAdvice;
use super::event::{Event, Planned, Recorded};
use super::observation::{EpisodeKind, Readiness};
use super::plan::{ChecklistAnswer, Clearing, Decision, Plan};
use super::protocol::CountsFrom;
use super::reading::{VitalKind, Vitals};
use super::readout::{EpisodeState, Phase};

/// A payload with the event that holds it.
pub(super) struct Held<'a, T> {
    pub(super) by: &'a Recorded,
    pub(super) what: &'a T,
}

impl<T> Clone for Held<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Held<'_, T> {}

#[derive(Default)]
pub(super) struct State<'a> {
    /// All effective events in the order of their time.
    pub(super) events: Vec<&'a Recorded>,
    pub(super) planned: Option<Held<'a, Planned>>,
    /// The plan with its changes and the present monitor.
    pub(super) plan: Option<Plan>,
    pub(super) arrival: Option<&'a Recorded>,
    pub(super) clearing: Option<Held<'a, Clearing>>,
    /// Every device, by its first spray.
    pub(super) devices: Vec<Held<'a, DeviceUse>>,
    pub(super) stop: Option<&'a Recorded>,
    pub(super) vitals: Vec<Held<'a, Vitals>>,
    pub(super) decisions: Vec<Held<'a, Decision>>,
    pub(super) answers: Vec<Held<'a, ChecklistAnswer>>,
    pub(super) episodes: Vec<EpisodeState>,
    pub(super) judgements: Vec<Held<'a, Readiness>>,
    pub(super) ending: Option<(&'a Recorded, Phase)>,
    /// Corrected event to the `seq` of its last correction.
    pub(super) corrected: BTreeMap<u32, u32>,
}

impl<'a> State<'a> {
    pub(super) fn build(
        effective: impl Iterator<Item = &'a Recorded>,
        corrected: &BTreeMap<u32, u32>,
    ) -> Self {
        let mut state = State {
            corrected: corrected.clone(),
            ..State::default()
        };
        state.events = effective.collect();
        // The plan comes first whatever its time: a walk-in is planned after the patient came.
        state.events.sort_by_key(|recorded| {
            (
                !matches!(recorded.event, Event::Planned(_)),
                recorded.happened_at,
                recorded.seq,
            )
        });
        for recorded in state.events.clone() {
            state.take(recorded);
        }
        state
            .devices
            .sort_by_key(|device| (device.what.first_spray_at, device.by.seq));
        state.resolve_episodes();
        state
    }

    fn take(&mut self, by: &'a Recorded) {
        match &by.event {
            Event::Planned(what) => {
                self.plan = Some(what.plan.clone());
                self.planned = Some(Held { by, what });
            }
            Event::PlanChanged(change) => {
                if let Some(plan) = &mut self.plan {
                    plan.dose_mg = change.dose_mg.unwrap_or(plan.dose_mg);
                    plan.prescriber = change.prescriber.unwrap_or(plan.prescriber);
                    plan.room = change.room.clone().unwrap_or_else(|| plan.room.clone());
                }
            }
            Event::HandedOver { to } => {
                if let Some(plan) = &mut self.plan {
                    plan.monitor = *to;
                }
            }
            Event::Arrived => self.arrival = Some(by),
            Event::ChecklistAnswered(answers) => {
                self.answers
                    .extend(answers.iter().map(|what| Held { by, what }));
            }
            Event::VitalsRecorded(what) => self.vitals.push(Held { by, what }),
            Event::DecisionRecorded(what) => self.decisions.push(Held { by, what }),
            Event::Cleared(what) => self.clearing = Some(Held { by, what }),
            Event::DeviceGiven(what) => self.devices.push(Held { by, what }),
            Event::DosingStopped { .. } => self.stop = self.stop.or(Some(by)),
            Event::EpisodeOpened(episode) => self.episodes.push(EpisodeState {
                seq: by.seq,
                kind: episode.kind,
                onset: by.happened_at,
                resolved_at: None,
                severity: episode.severity.clone(),
                worst_severity: episode.severity.clone(),
            }),
            Event::ReadinessJudged(what) => self.judgements.push(Held { by, what }),
            Event::Discharged(_) => self.ending = Some((by, Phase::Discharged)),
            Event::LeftAgainstAdvice(_) => self.ending = Some((by, Phase::LeftAgainstAdvice)),
            Event::SentToEmergencyCare(_) => self.ending = Some((by, Phase::EmergencyCare)),
            Event::Delayed { .. } => self.ending = Some((by, Phase::Delayed)),
            Event::Cancelled { .. } => self.ending = Some((by, Phase::Cancelled)),
            Event::NoShow { .. } => self.ending = Some((by, Phase::NoShow)),
            Event::EpisodeResolved(_)
            | Event::NoneObserved { .. }
            | Event::VomitingRecorded { .. }
            | Event::CrisisSymptomsRecorded(_)
            | Event::MedicineGiven(_)
            | Event::AdverseEventRecorded(_)
            | Event::EmergencyCalled { .. }
            | Event::EmergencyArrived { .. }
            | Event::Corrected(_)
            | Event::AddendumAdded(_)
            | Event::SeriousAnswered(_)
            | Event::ReportTicked { .. } => {}
        }
    }

    /// A second pass, so that a resolution finds its onset whatever the order of delivery.
    fn resolve_episodes(&mut self) {
        for recorded in &self.events {
            let Event::EpisodeResolved(resolution) = &recorded.event else {
                continue;
            };
            if let Some(episode) = self
                .episodes
                .iter_mut()
                .find(|episode| episode.seq == resolution.episode)
            {
                episode.resolved_at = Some(recorded.happened_at);
                if let Some(worst) = &resolution.worst_severity {
                    episode.worst_severity = Some(worst.clone());
                }
            }
        }
    }

    /// Devices of which at least one spray was delivered.
    pub(super) fn given(&self) -> impl DoubleEndedIterator<Item = &Held<'a, DeviceUse>> {
        self.devices.iter().filter(|device| device.what.sprays > 0)
    }

    pub(super) fn first_device(&self) -> Option<&Held<'a, DeviceUse>> {
        self.given().next()
    }

    pub(super) fn first_device_at(&self) -> Option<Timestamp> {
        self.first_device().map(|device| device.what.first_spray_at)
    }

    pub(super) fn last_device_at(&self) -> Option<Timestamp> {
        self.given().map(|device| device.what.last_spray_at).max()
    }

    pub(super) fn anchor(&self, from: CountsFrom) -> Option<Timestamp> {
        match from {
            CountsFrom::FirstDevice => self.first_device_at(),
            CountsFrom::LastDevice => self.last_device_at(),
        }
    }

    pub(super) fn spray_mg(&self) -> u32 {
        self.planned.map_or(0, |planned| planned.what.spray_mg)
    }

    pub(super) fn sprays(&self) -> u32 {
        self.devices
            .iter()
            .map(|device| u32::from(device.what.sprays))
            .sum()
    }

    pub(super) fn given_mg(&self) -> u32 {
        self.sprays().saturating_mul(self.spray_mg())
    }

    pub(super) fn intended_mg(&self) -> u32 {
        self.plan.as_ref().map_or(0, |plan| plan.dose_mg)
    }

    pub(super) fn phase(&self) -> Phase {
        if let Some((_, phase)) = self.ending {
            return phase;
        }
        if self.first_device().is_some() {
            let complete = self.stop.is_some() || self.given_mg() >= self.intended_mg();
            return if complete {
                Phase::Monitoring
            } else {
                Phase::Dosing
            };
        }
        if self.arrival.is_some() {
            return if self.clearing.is_some() {
                Phase::Cleared
            } else {
                Phase::Arrived
            };
        }
        if self.planned.is_some() {
            Phase::Planned
        } else {
            Phase::Empty
        }
    }

    /// When monitoring ended: a patient who was found gone was watched until last seen.
    pub(super) fn ended_at(&self) -> Option<Timestamp> {
        let (by, _) = self.ending?;
        if let Event::LeftAgainstAdvice(LeftAgainstAdvice::FoundGone { last_seen_at, .. }) =
            &by.event
        {
            return Some(*last_seen_at);
        }
        Some(by.happened_at)
    }

    /// Whether an event lies before the first device; within one second, what was recorded first.
    pub(super) fn is_before_dosing(&self, by: &Recorded) -> bool {
        self.first_device().is_none_or(|device| {
            (by.happened_at, by.seq) < (device.what.first_spray_at, device.by.seq)
        })
    }

    /// The last reading of a kind on one side of the first device.
    pub(super) fn last_reading(
        &self,
        kind: VitalKind,
        before_dosing: bool,
    ) -> Option<&Held<'a, Vitals>> {
        self.vitals
            .iter()
            .rev()
            .find(|held| held.what.has(kind) && self.is_before_dosing(held.by) == before_dosing)
    }

    /// The last answer to a checklist item.
    pub(super) fn answer(&self, item: &str) -> Option<&Held<'a, ChecklistAnswer>> {
        self.answers
            .iter()
            .rev()
            .find(|held| held.what.item == item)
    }

    pub(super) fn episodes_open(&self) -> impl Iterator<Item = &EpisodeState> {
        self.episodes
            .iter()
            .filter(|episode| episode.resolved_at.is_none())
    }

    pub(super) fn episode_at(&self, kind: EpisodeKind, at: Timestamp) -> Option<&EpisodeState> {
        self.episodes.iter().find(|episode| {
            episode.kind == kind
                && episode.onset <= at
                && episode.resolved_at.is_none_or(|resolved| resolved > at)
        })
    }

    /// The latest time that any event speaks of.
    pub(super) fn latest_at(&self) -> Option<Timestamp> {
        self.events
            .iter()
            .map(|recorded| recorded.happened_at)
            .max()
    }
}
