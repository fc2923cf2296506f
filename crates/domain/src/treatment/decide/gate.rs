//! Which steps belong to which phase, before anything else is looked at.

use super::super::command::Command;
use super::super::event::{Change, Event, Recorded};
use super::super::ids::PersonId;
use super::super::readout::Phase;
use super::super::refusal::{Lack, Refusal, Step};
use super::super::state::State;

pub(super) fn check(state: &State<'_>, command: &Command) -> Result<(), Refusal> {
    let phase = state.phase();
    match phase {
        Phase::Empty => allow(matches!(command, Command::Plan(_)), phase),
        Phase::Planned => planned(state, command),
        Phase::Arrived | Phase::Cleared | Phase::Dosing | Phase::Monitoring => {
            present(state, command)
        }
        Phase::Delayed | Phase::Cancelled | Phase::NoShow => allow(
            is_after_end(command) || matches!(command, Command::Correct(_)),
            phase,
        ),
        Phase::Discharged | Phase::LeftAgainstAdvice | Phase::EmergencyCare => match state.ending {
            Some((ending, _)) if !is_after_lock(state, ending.seq, command) => {
                Err(Refusal::Locked {
                    at: ending.received_at,
                })
            }
            Some(_) | None => Ok(()),
        },
    }
}

/// Whether observations of another session can be taken in: the patient has to be in the house.
pub(super) fn check_taking_in(state: &State<'_>) -> Result<(), Refusal> {
    check(
        state,
        &Command::RecordVomiting {
            note: String::new(),
        },
    )
}

/// Whether a session may give its observations away and go: only one that is not over.
pub(super) fn check_giving_away(state: &State<'_>) -> Result<(), Refusal> {
    check(state, &Command::HandOver { to: PersonId(0) })
}

fn allow(allowed: bool, phase: Phase) -> Result<(), Refusal> {
    if allowed {
        Ok(())
    } else {
        Err(Refusal::WrongPhase { phase })
    }
}

fn is_after_end(command: &Command) -> bool {
    matches!(
        command,
        Command::AddAddendum(_) | Command::AnswerSerious(_) | Command::TickReport { .. }
    )
}

/// What leaves a locked record as it is: what is added after any end, a "no" that nobody said yet, and taking back a tick
/// that itself came after the lock.
fn is_after_lock(state: &State<'_>, locked_by: u32, command: &Command) -> bool {
    if let Command::Correct(correction) = command {
        let is_later_tick = |event: &&Recorded| {
            event.seq == correction.corrects
                && event.seq > locked_by
                && matches!(event.event, Event::ReportTicked { .. })
        };
        return correction.change == Change::Strike && state.events.iter().any(is_later_tick);
    }
    let is_no = matches!(command, Command::ReportNoneObserved { .. });
    is_after_end(command) || (is_no && state.first_device().is_some())
}

fn already(seq: Option<u32>, phase: Phase) -> Refusal {
    seq.map_or(Refusal::WrongPhase { phase }, |seq| Refusal::AlreadyDone {
        seq,
    })
}

fn planned(state: &State<'_>, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::Plan(_) => Err(already(
            state.planned.map(|held| held.by.seq),
            Phase::Planned,
        )),
        Command::ChangePlan(_)
        | Command::Arrive
        | Command::HandOver { .. }
        | Command::Delay { .. }
        | Command::Cancel { .. }
        | Command::MarkNoShow { .. }
        | Command::Correct(_)
        | Command::AnswerSerious(_)
        | Command::TickReport { .. } => Ok(()),
        Command::AddAddendum(_) => Err(Refusal::WrongPhase {
            phase: Phase::Planned,
        }),
        Command::AnswerChecklist(_)
        | Command::RecordVitals(_)
        | Command::RecordDecision(_)
        | Command::Clear(_)
        | Command::GiveDevice(_)
        | Command::StopDosing { .. }
        | Command::OpenEpisode(_)
        | Command::ResolveEpisode(_)
        | Command::ReportNoneObserved { .. }
        | Command::RecordVomiting { .. }
        | Command::RecordCrisisSymptoms(_)
        | Command::GiveMedicine(_)
        | Command::RecordAdverseEvent(_)
        | Command::CallEmergency { .. }
        | Command::EmergencyArrive { .. }
        | Command::JudgeReadiness(_)
        | Command::Discharge(_)
        | Command::LeaveAgainstAdvice(_)
        | Command::SendToEmergencyCare(_) => Err(Refusal::Lacks {
            step: Step::Record,
            lacks: vec![Lack::Arrival],
        }),
    }
}

/// The patient is in the house.
fn present(state: &State<'_>, command: &Command) -> Result<(), Refusal> {
    let phase = state.phase();
    let device = state.first_device().map(|held| held.by.seq);
    match command {
        Command::Plan(_) => Err(already(state.planned.map(|held| held.by.seq), phase)),
        Command::Arrive => Err(already(state.arrival.map(|arrival| arrival.seq), phase)),
        Command::Clear(_) => match state.clearing {
            Some(held) => Err(Refusal::AlreadyDone { seq: held.by.seq }),
            None => Ok(()),
        },
        Command::StopDosing { .. } if phase == Phase::Dosing => Ok(()),
        Command::StopDosing { .. } => Err(already(state.stop.map(|stop| stop.seq), phase)),
        Command::ReportNoneObserved { .. } | Command::JudgeReadiness(_) | Command::Discharge(_) => {
            allow(device.is_some(), phase)
        }
        Command::Delay { .. } | Command::Cancel { .. } => match device {
            Some(seq) => Err(Refusal::AfterDevice { seq }),
            None => Ok(()),
        },
        Command::MarkNoShow { .. } => Err(match device {
            Some(seq) => Refusal::AfterDevice { seq },
            None => Refusal::WrongPhase { phase },
        }),
        Command::AddAddendum(_) => Err(Refusal::WrongPhase { phase }),
        Command::ChangePlan(_)
        | Command::AnswerChecklist(_)
        | Command::RecordVitals(_)
        | Command::RecordDecision(_)
        | Command::GiveDevice(_)
        | Command::OpenEpisode(_)
        | Command::ResolveEpisode(_)
        | Command::RecordVomiting { .. }
        | Command::RecordCrisisSymptoms(_)
        | Command::GiveMedicine(_)
        | Command::RecordAdverseEvent(_)
        | Command::CallEmergency { .. }
        | Command::EmergencyArrive { .. }
        | Command::HandOver { .. }
        | Command::LeaveAgainstAdvice(_)
        | Command::SendToEmergencyCare(_)
        | Command::Correct(_)
        | Command::AnswerSerious(_)
        | Command::TickReport { .. } => Ok(()),
    }
}
