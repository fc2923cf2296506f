//! The session: its events in order, and what they add up to.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::ending::{DepartureDetails, LeftAgainstAdvice};
use super::event::{Change, Correction, Event, Recorded};
use super::observation::EpisodeKind;
use super::plan::{Answer, Plan};
use super::protocol::Protocol;
use super::readout::{
    ChecklistState, DepartureQuestion, Dose, EpisodeState, Latest, LatestVitals, Phase,
    PressurePoint,
};
use super::state::State;

/// A session's record and the state that it adds up to.
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct Session {
    recorded: Vec<Recorded>,
    /// With corrections applied; in the order of `seq`; without the corrections themselves.
    effective: Vec<Recorded>,
    /// Corrected event to the `seq` of its last correction.
    corrected: BTreeMap<u32, u32>,
}

impl Session {
    /// A session of which nothing is recorded.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The session that these events add up to. They are in order of `seq`, from 0, without a gap.
    #[must_use]
    pub fn fold<'a>(recorded: impl Iterator<Item = &'a Recorded>) -> Self {
        let mut session = Self::new();
        for event in recorded {
            session.apply(event);
        }
        session
    }

    /// Takes in one more event, which has to be the next.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.push(recorded.clone());
    }

    /// As [`Session::apply`], for an event that nobody else needs.
    pub fn push(&mut self, recorded: Recorded) {
        if let Event::Corrected(correction) = &recorded.event {
            let original = self
                .recorded
                .iter()
                .find(|event| event.seq == correction.corrects);
            correction_apply(&mut self.effective, original, correction);
            self.corrected.insert(correction.corrects, recorded.seq);
        } else {
            self.effective.push(recorded.clone());
        }
        self.recorded.push(recorded);
    }

    /// Everything recorded, in order.
    #[must_use]
    pub fn recorded(&self) -> &[Recorded] {
        &self.recorded
    }

    /// The events as they count: replaced ones with what replaced them, struck ones and the
    /// corrections left out. `seq` is that of the original.
    #[must_use]
    pub fn effective(&self) -> &[Recorded] {
        &self.effective
    }

    /// The `seq` of the next event.
    #[must_use]
    pub fn next_seq(&self) -> u32 {
        u32::try_from(self.recorded.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn corrected(&self) -> &BTreeMap<u32, u32> {
        &self.corrected
    }

    pub(super) fn state(&self) -> State<'_> {
        State::build(self.effective.iter(), &self.corrected)
    }

    /// Where the session stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.state().phase()
    }

    /// The plan with its changes; `monitor` is who monitors now.
    #[must_use]
    pub fn plan(&self) -> Option<Plan> {
        self.state().plan
    }

    /// The version of the protocol that governs the session.
    #[must_use]
    pub fn protocol_version(&self) -> Option<&str> {
        self.effective.iter().find_map(|recorded| {
            let Event::Planned(planned) = &recorded.event else {
                return None;
            };
            Some(planned.protocol.as_str())
        })
    }

    /// When the patient arrived.
    #[must_use]
    pub fn arrived_at(&self) -> Option<Timestamp> {
        self.state().arrival.map(|recorded| recorded.happened_at)
    }

    /// When it was cleared for dosing.
    #[must_use]
    pub fn cleared_at(&self) -> Option<Timestamp> {
        self.state().clearing.map(|held| held.by.happened_at)
    }

    /// When the session ended; for a patient who was found gone, when last seen.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.state().ended_at()
    }

    /// Since when the record is locked: from the receipt of what ended it.
    #[must_use]
    pub fn locked_at(&self) -> Option<Timestamp> {
        self.state()
            .ending
            .filter(|(_, phase)| phase.is_locked())
            .map(|(by, _)| by.received_at)
    }

    /// The dose so far.
    #[must_use]
    pub fn dose(&self, protocol: &Protocol) -> Dose {
        let state = self.state();
        let given_mg = state.given_mg();
        let intended_mg = state.intended_mg();
        Dose {
            given_mg,
            intended_mg,
            devices: u32::try_from(state.given().count()).unwrap_or(u32::MAX),
            sprays: state.sprays(),
            devices_intended: protocol.devices_for(intended_mg).unwrap_or(0),
            is_other: given_mg > 0 && protocol.devices_for(given_mg).is_none(),
        }
    }

    /// Every checklist item of the protocol with its last answer.
    #[must_use]
    pub fn checklist(&self, protocol: &Protocol) -> Vec<ChecklistState> {
        let state = self.state();
        protocol
            .checklist
            .iter()
            .map(|item| match state.answer(&item.id) {
                Some(held) => ChecklistState {
                    item: item.id.clone(),
                    answer: held.what.answer,
                    note: held.what.note.clone(),
                    seq: Some(held.by.seq),
                },
                None => ChecklistState {
                    item: item.id.clone(),
                    answer: Answer::NotAsked,
                    note: String::new(),
                    seq: None,
                },
            })
            .collect()
    }

    /// The latest value of each kind.
    #[must_use]
    pub fn latest_vitals(&self) -> LatestVitals {
        let mut latest = LatestVitals::default();
        for held in &self.state().vitals {
            let (seq, at, vitals) = (held.by.seq, held.by.happened_at, held.what);
            if let Some(value) = vitals.pressure {
                latest.pressure = Some(Latest { seq, at, value });
            }
            for (slot, value) in [
                (&mut latest.pulse, vitals.pulse),
                (&mut latest.spo2, vitals.spo2),
                (&mut latest.respiration, vitals.respiration),
                (&mut latest.moaas, vitals.moaas),
            ] {
                if let Some(value) = value {
                    *slot = Some(Latest { seq, at, value });
                }
            }
        }
        latest
    }

    /// Every blood pressure in the order of its time, for the plot.
    #[must_use]
    pub fn pressure_series(&self) -> Vec<PressurePoint> {
        self.state()
            .vitals
            .iter()
            .filter_map(|held| {
                let pressure = held.what.pressure?;
                Some(PressurePoint {
                    seq: held.by.seq,
                    at: held.by.happened_at,
                    pressure,
                })
            })
            .collect()
    }

    /// Every episode in the order of its onset.
    #[must_use]
    pub fn episodes(&self) -> Vec<EpisodeState> {
        self.state().episodes
    }

    /// The episodes without a resolution.
    #[must_use]
    pub fn open_episodes(&self) -> Vec<EpisodeState> {
        self.state().episodes_open().cloned().collect()
    }

    /// Kinds of episode of which there is neither an onset nor a "none observed".
    #[must_use]
    pub fn kinds_unanswered(&self) -> Vec<EpisodeKind> {
        let mut answered = Vec::new();
        for recorded in &self.effective {
            if let Event::EpisodeOpened(episode) = &recorded.event {
                answered.push(episode.kind);
            } else if let Event::NoneObserved { kinds } = &recorded.event {
                answered.extend(kinds);
            }
        }
        EpisodeKind::ALL
            .into_iter()
            .filter(|kind| !answered.contains(kind))
            .collect()
    }

    /// What is known about a departure against advice, with the answers of later addenda.
    #[must_use]
    pub fn departure(&self) -> Option<DepartureDetails> {
        let mut known: Option<DepartureDetails> = None;
        for recorded in &self.effective {
            if let Event::LeftAgainstAdvice(
                LeftAgainstAdvice::Left(details) | LeftAgainstAdvice::FoundGone { details, .. },
            ) = &recorded.event
            {
                known = Some(details.clone());
            } else if let Event::AddendumAdded(addendum) = &recorded.event
                && let (Some(known), Some(more)) = (&mut known, &addendum.departure)
            {
                known.fill(more);
            }
        }
        known
    }

    /// What is still asked about a departure against advice.
    #[must_use]
    pub fn departure_open(&self) -> Vec<DepartureQuestion> {
        let Some(known) = self.departure() else {
            return Vec::new();
        };
        [
            (
                known.prescriber_told.is_none(),
                DepartureQuestion::PrescriberTold,
            ),
            (known.last_vitals.is_none(), DepartureQuestion::LastVitals),
            (known.orientation.is_none(), DepartureQuestion::Orientation),
            (known.escort.is_none(), DepartureQuestion::Escort),
            (known.signature.is_none(), DepartureQuestion::Signature),
        ]
        .into_iter()
        .filter_map(|(open, question)| open.then_some(question))
        .collect()
    }

    /// What moves along when it was written into the wrong patient's session.
    #[must_use]
    pub fn movable_events(&self) -> Vec<&Recorded> {
        self.effective
            .iter()
            .filter(|recorded| recorded.event.is_movable())
            .collect()
    }
}

/// Applies one correction to the effective events. A replaced event keeps its `seq`, receipt and
/// typist; a struck one that is replaced later comes back in its place.
pub(super) fn correction_apply(
    effective: &mut Vec<Recorded>,
    original: Option<&Recorded>,
    correction: &Correction,
) {
    let place = effective.partition_point(|event| event.seq < correction.corrects);
    let present = effective
        .get(place)
        .is_some_and(|event| event.seq == correction.corrects);
    match &correction.change {
        Change::Strike => {
            if present {
                effective.remove(place);
            }
        }
        Change::Replace(replacement) => {
            if !present {
                let Some(original) = original else { return };
                effective.insert(place, original.clone());
            }
            let event = &mut effective[place];
            event.happened_at = replacement.happened_at;
            event.taken_by = replacement.taken_by;
            event.event = replacement.event.clone();
        }
    }
}
