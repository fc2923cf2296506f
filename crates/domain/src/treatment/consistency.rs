//! Whether a list of effective events can all be true together: what must exist for what, and the
//! order of times. A new event and a correction both have to pass it.

use jiff::Timestamp;

use super::ending::LeftAgainstAdvice;
use super::event::{Event, Recorded};
use super::observation::{EpisodeKind, SeriousSubject};
use super::plan::Concern;
use super::readout::Phase;
use super::refusal::{Field, Lack, Refusal, Step, Unknown};
use super::state::State;

/// The first event that cannot be true beside the others, and why.
pub(super) struct Broken {
    pub(super) seq: u32,
    pub(super) why: Refusal,
}

pub(super) fn check(state: &State<'_>) -> Result<(), Broken> {
    for recorded in &state.events {
        if let Some(earlier) = same_before(state, recorded) {
            let why = Refusal::AlreadyDone { seq: earlier };
            return Err(Broken {
                seq: recorded.seq,
                why,
            });
        }
        check_event(state, recorded).map_err(|why| Broken {
            seq: recorded.seq,
            why,
        })?;
    }
    Ok(())
}

/// An earlier event that takes the one place which this kind of event has in a session.
fn same_before(state: &State<'_>, recorded: &Recorded) -> Option<u32> {
    let place = only_place(&recorded.event)?;
    let same =
        |other: &&&Recorded| other.seq < recorded.seq && only_place(&other.event) == Some(place);
    state.events.iter().find(same).map(|other| other.seq)
}

/// Kinds of which a session has one at the most; all endings share one place.
const fn only_place(event: &Event) -> Option<u8> {
    match event {
        Event::Planned(_) => Some(0),
        Event::Arrived => Some(1),
        Event::Cleared(_) => Some(2),
        Event::DosingStopped { .. } => Some(3),
        Event::Discharged(_)
        | Event::LeftAgainstAdvice(_)
        | Event::SentToEmergencyCare(_)
        | Event::Delayed { .. }
        | Event::Cancelled { .. }
        | Event::NoShow { .. } => Some(4),
        Event::PlanChanged(_)
        | Event::ChecklistAnswered(_)
        | Event::VitalsRecorded(_)
        | Event::DecisionRecorded(_)
        | Event::DeviceGiven(_)
        | Event::EpisodeOpened(_)
        | Event::EpisodeResolved(_)
        | Event::NoneObserved { .. }
        | Event::VomitingRecorded { .. }
        | Event::CrisisSymptomsRecorded(_)
        | Event::MedicineGiven(_)
        | Event::AdverseEventRecorded(_)
        | Event::EmergencyCalled { .. }
        | Event::EmergencyArrived { .. }
        | Event::HandedOver { .. }
        | Event::ReadinessJudged(_)
        | Event::Corrected(_)
        | Event::AddendumAdded(_)
        | Event::SeriousAnswered(_)
        | Event::ReportTicked { .. } => None,
    }
}

/// The time at which an event's matter began: a device is written down after its last spray.
const fn began_at(recorded: &Recorded) -> Timestamp {
    if let Event::DeviceGiven(device) = &recorded.event {
        device.first_spray_at
    } else {
        recorded.happened_at
    }
}

fn check_event(state: &State<'_>, recorded: &Recorded) -> Result<(), Refusal> {
    if needs_arrival(&recorded.event) {
        after_arrival(state, began_at(recorded))?;
    }
    match &recorded.event {
        Event::DeviceGiven(device) => not_before(recorded.happened_at, device.last_spray_at, None),
        Event::DosingStopped { .. } | Event::ReadinessJudged(_) => {
            after_first_device(state, recorded.happened_at)
        }
        Event::NoneObserved { kinds } => {
            after_first_device(state, recorded.happened_at)?;
            none_observed(state, recorded.seq, kinds)
        }
        Event::VitalsRecorded(vitals) => absences_have_occasion(state, vitals),
        Event::EpisodeOpened(episode) => episode_opened(state, recorded, episode.kind),
        Event::EpisodeResolved(resolution) => episode_resolved(state, recorded, resolution.episode),
        Event::EmergencyArrived { .. } => {
            // A call that is written down after it may be another one.
            let called = state.events.iter().find(|other| {
                other.seq < recorded.seq && matches!(other.event, Event::EmergencyCalled { .. })
            });
            called.map_or(Ok(()), |called| {
                not_before(recorded.happened_at, called.happened_at, Some(called.seq))
            })
        }
        Event::Discharged(_) | Event::SentToEmergencyCare(_) => ends_last(state, recorded),
        Event::LeftAgainstAdvice(departure) => {
            ends_last(state, recorded)?;
            found_gone(state, recorded, departure)
        }
        Event::Delayed { .. } | Event::Cancelled { .. } => {
            no_device(state)?;
            ends_last(state, recorded)
        }
        Event::NoShow { .. } => match state.arrival {
            Some(arrival) => Err(Refusal::Contradiction {
                field: Field::Note,
                seq: Some(arrival.seq),
            }),
            None => Ok(()),
        },
        Event::AddendumAdded(_) => match state.ending {
            Some((ending, _)) if ending.seq < recorded.seq => {
                not_before(recorded.happened_at, ending.happened_at, Some(ending.seq))
            }
            // The end that it was added to was struck since; what was added stays.
            Some(_) | None => Ok(()),
        },
        Event::DecisionRecorded(decision) => decided_after(state, recorded, &decision.about),
        Event::SeriousAnswered(answer) => serious_subject(state, recorded, answer.about),
        Event::Planned(_)
        | Event::PlanChanged(_)
        | Event::Arrived
        | Event::ChecklistAnswered(_)
        | Event::Cleared(_)
        | Event::VomitingRecorded { .. }
        | Event::CrisisSymptomsRecorded(_)
        | Event::MedicineGiven(_)
        | Event::AdverseEventRecorded(_)
        | Event::EmergencyCalled { .. }
        | Event::HandedOver { .. }
        | Event::Corrected(_)
        | Event::ReportTicked { .. } => Ok(()),
    }
}

const fn needs_arrival(event: &Event) -> bool {
    match event {
        Event::ChecklistAnswered(_)
        | Event::VitalsRecorded(_)
        | Event::DecisionRecorded(_)
        | Event::Cleared(_)
        | Event::DeviceGiven(_)
        | Event::DosingStopped { .. }
        | Event::EpisodeOpened(_)
        | Event::EpisodeResolved(_)
        | Event::NoneObserved { .. }
        | Event::VomitingRecorded { .. }
        | Event::CrisisSymptomsRecorded(_)
        | Event::MedicineGiven(_)
        | Event::AdverseEventRecorded(_)
        | Event::EmergencyCalled { .. }
        | Event::EmergencyArrived { .. }
        | Event::ReadinessJudged(_)
        | Event::Discharged(_)
        | Event::LeftAgainstAdvice(_)
        | Event::SentToEmergencyCare(_) => true,
        Event::Planned(_)
        | Event::PlanChanged(_)
        | Event::Arrived
        | Event::HandedOver { .. }
        | Event::Delayed { .. }
        | Event::Cancelled { .. }
        | Event::NoShow { .. }
        | Event::Corrected(_)
        | Event::AddendumAdded(_)
        | Event::SeriousAnswered(_)
        | Event::ReportTicked { .. } => false,
    }
}

fn after_arrival(state: &State<'_>, happened_at: Timestamp) -> Result<(), Refusal> {
    let Some(arrival) = state.arrival else {
        return Err(Refusal::Lacks {
            step: Step::Record,
            lacks: vec![Lack::Arrival],
        });
    };
    if happened_at < arrival.happened_at {
        let (arrived_at, arrival) = (arrival.happened_at, arrival.seq);
        return Err(Refusal::BeforeArrival {
            happened_at,
            arrived_at,
            arrival,
        });
    }
    Ok(())
}

fn not_before(
    happened_at: Timestamp,
    not_before: Timestamp,
    after: Option<u32>,
) -> Result<(), Refusal> {
    if happened_at < not_before {
        return Err(Refusal::OutOfOrder {
            happened_at,
            not_before,
            after,
        });
    }
    Ok(())
}

fn after_first_device(state: &State<'_>, happened_at: Timestamp) -> Result<(), Refusal> {
    match state.first_device() {
        Some(device) => not_before(happened_at, device.what.first_spray_at, Some(device.by.seq)),
        None => Err(Refusal::WrongPhase {
            phase: state.phase(),
        }),
    }
}

/// "None" said after an onset was recorded contradicts it; an onset after a "none" only overtakes it.
fn none_observed(state: &State<'_>, seq: u32, kinds: &[EpisodeKind]) -> Result<(), Refusal> {
    let known = state
        .episodes
        .iter()
        .find(|episode| episode.seq < seq && kinds.contains(&episode.kind));
    match known {
        Some(episode) => Err(Refusal::Contradiction {
            field: Field::Kinds,
            seq: Some(episode.seq),
        }),
        None => Ok(()),
    }
}

fn absences_have_occasion(
    state: &State<'_>,
    vitals: &super::reading::Vitals,
) -> Result<(), Refusal> {
    use super::reading::Occasion;
    let needs_device = vitals.absent.iter().any(|absence| match absence.occasion {
        Occasion::FortyMinutes | Occasion::BeforeDischarge => true,
        Occasion::BeforeDosing | Occasion::Other => false,
    });
    if needs_device && state.first_device().is_none() {
        return Err(Refusal::Contradiction {
            field: Field::Occasion,
            seq: None,
        });
    }
    Ok(())
}

fn episode_opened(
    state: &State<'_>,
    recorded: &Recorded,
    kind: EpisodeKind,
) -> Result<(), Refusal> {
    let at = recorded.happened_at;
    let open = state.episodes.iter().find(|episode| {
        episode.kind == kind
            && episode.seq < recorded.seq
            && episode.onset <= at
            && episode.resolved_at.is_none_or(|resolved| at < resolved)
    });
    match open {
        Some(episode) => Err(Refusal::EpisodeOpen {
            episode: episode.seq,
            kind,
        }),
        None => Ok(()),
    }
}

fn episode_resolved(state: &State<'_>, recorded: &Recorded, episode: u32) -> Result<(), Refusal> {
    let Some(known) = state.episodes.iter().find(|known| known.seq == episode) else {
        return Err(Refusal::Unknown(Unknown::Episode(episode)));
    };
    let earlier = state.events.iter().find(|other| {
        other.seq < recorded.seq
            && matches!(&other.event, Event::EpisodeResolved(resolution) if resolution.episode == episode)
    });
    if let Some(earlier) = earlier {
        return Err(Refusal::AlreadyDone { seq: earlier.seq });
    }
    not_before(recorded.happened_at, known.onset, Some(episode))?;
    let next = state.episodes.iter().find(|other| {
        other.kind == known.kind
            && other.seq != known.seq
            && known.onset <= other.onset
            && other.onset < recorded.happened_at
    });
    match next {
        Some(next) => Err(Refusal::EpisodesOverlap {
            episode: next.seq,
            kind: next.kind,
        }),
        None => Ok(()),
    }
}

/// Whether the patient has to be there for it. What is only written down can come after a patient who has left.
fn needs_patient(event: &Event) -> bool {
    matches!(event, Event::Arrived | Event::ReadinessJudged(_))
        || (event.is_observation() && was_seen(event))
}

/// Nothing that needs the patient lies after the session's end.
fn ends_last(state: &State<'_>, recorded: &Recorded) -> Result<(), Refusal> {
    let last = state
        .events
        .iter()
        .filter(|other| needs_patient(&other.event))
        .max_by_key(|other| other.happened_at);
    match last {
        Some(last) => not_before(recorded.happened_at, last.happened_at, Some(last.seq)),
        None => Ok(()),
    }
}

/// A patient whom somebody observed was still there then.
fn found_gone(
    state: &State<'_>,
    recorded: &Recorded,
    departure: &LeftAgainstAdvice,
) -> Result<(), Refusal> {
    let LeftAgainstAdvice::FoundGone { last_seen_at, .. } = departure else {
        return Ok(());
    };
    after_arrival(state, *last_seen_at)?;
    not_before(recorded.happened_at, *last_seen_at, None)?;
    let seen = state
        .events
        .iter()
        .filter(|other| needs_patient(&other.event))
        .max_by_key(|other| other.happened_at);
    seen.map_or(Ok(()), |seen| {
        not_before(*last_seen_at, seen.happened_at, Some(seen.seq))
    })
}

/// "Not obtained" and "none observed" can be written down without the patient.
fn was_seen(event: &Event) -> bool {
    if let Event::VitalsRecorded(vitals) = event {
        vitals.has_any()
    } else {
        !matches!(event, Event::NoneObserved { .. })
    }
}

fn no_device(state: &State<'_>) -> Result<(), Refusal> {
    match state.first_device() {
        Some(device) => Err(Refusal::AfterDevice { seq: device.by.seq }),
        None => Ok(()),
    }
}

/// Nobody decides about a reading before it is taken.
fn decided_after(state: &State<'_>, recorded: &Recorded, about: &[Concern]) -> Result<(), Refusal> {
    for concern in about {
        let (Concern::Reading { seq, .. }
        | Concern::NotMeasured { seq, .. }
        | Concern::CrisisSymptoms { seq }) = concern
        else {
            continue;
        };
        if let Some(reading) = state.events.iter().find(|other| other.seq == *seq) {
            not_before(recorded.happened_at, reading.happened_at, Some(*seq))?;
        }
    }
    Ok(())
}

fn serious_subject(
    state: &State<'_>,
    recorded: &Recorded,
    about: SeriousSubject,
) -> Result<(), Refusal> {
    match about {
        SeriousSubject::AdverseEvent(seq) => {
            let subject = state.events.iter().find(|other| {
                other.seq == seq && matches!(other.event, Event::AdverseEventRecorded(_))
            });
            match subject {
                Some(subject) => not_before(recorded.happened_at, subject.happened_at, Some(seq)),
                None => Err(Refusal::Unknown(Unknown::Event(seq))),
            }
        }
        SeriousSubject::EmergencyCare => match state.ending {
            Some((ending, Phase::EmergencyCare)) => {
                not_before(recorded.happened_at, ending.happened_at, Some(ending.seq))
            }
            Some(_) | None => Err(Refusal::WrongPhase {
                phase: state.phase(),
            }),
        },
    }
}
