//! What was observed, given and done in the wrong patient's session moves into the right one.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::device::Basis;
use super::super::event::{Event, Recorded};
use super::super::ids::PersonId;
use super::super::observation::SeriousSubject;
use super::super::protocol::Protocol;
use super::super::refusal::Refusal;
use super::super::session::Session;
use super::super::validate;
use super::{EVENTS_MAX, gate};

/// Why a device stands in the record as already given, when it moved.
const DEVICE_MOVED: &str = "Entered in another session by mistake and moved here";

impl Session {
    /// Whether this session's observations may be moved away, which ends it.
    ///
    /// # Errors
    /// A [`Refusal`] once it is over: a locked record is nobody's to change.
    pub fn check_giving_away(&self) -> Result<(), Refusal> {
        gate::check_giving_away(&self.state())
    }

    /// The events that take the observations of `wrong` in, with the times at which they happened and who took them;
    /// received `now`, entered by `entered_by`. Nothing is changed.
    ///
    /// What was seen and given has happened, so no rule of a step not yet taken stands against it: what breaks the
    /// protocol is marked. What names another event names its new place: an episode's resolution its onset, an answer about
    /// seriousness its adverse event.
    ///
    /// # Errors
    /// A [`Refusal`] when either session is over, when this one's patient has not arrived or arrived later than
    /// something that is to be moved, or when what is moved contradicts what is recorded here.
    pub fn decide_taking_in(
        &self,
        protocol: &Protocol,
        wrong: &Session,
        entered_by: PersonId,
        now: Timestamp,
    ) -> Result<Vec<Recorded>, Refusal> {
        wrong.check_giving_away()?;
        gate::check_taking_in(&self.state())?;
        let mut after = self.clone();
        let mut places = BTreeMap::new();
        let mut taken_in = Vec::new();
        for moved in wrong.movable_events() {
            if after.next_seq() >= EVENTS_MAX {
                return Err(Refusal::Full { limit: EVENTS_MAX });
            }
            let candidate = Recorded {
                seq: after.next_seq(),
                received_at: now,
                entered_by,
                event: event_moved(&moved.event, &places),
                ..moved.clone()
            };
            validate::event(&candidate.event, protocol)?;
            after.candidate_check(protocol, &after.state(), &candidate)?;
            places.insert(moved.seq, candidate.seq);
            after.apply(&candidate);
            taken_in.push(candidate);
        }
        Ok(taken_in)
    }
}

fn event_moved(event: &Event, places: &BTreeMap<u32, u32>) -> Event {
    let mut event = event.clone();
    if let Event::DeviceGiven(device) = &mut event {
        let has_reason =
            matches!(&device.basis, Basis::Already { reason } if !reason.trim().is_empty());
        if !has_reason {
            device.basis = Basis::Already {
                reason: DEVICE_MOVED.to_owned(),
            };
        }
    }
    let new_place = |seq: u32| places.get(&seq).copied().unwrap_or(seq);
    if let Event::EpisodeResolved(resolution) = &mut event {
        resolution.episode = new_place(resolution.episode);
    } else if let Event::SeriousAnswered(answer) = &mut event
        && let SeriousSubject::AdverseEvent(seq) = answer.about
    {
        answer.about = SeriousSubject::AdverseEvent(new_place(seq));
    }
    event
}
