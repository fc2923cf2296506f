//! From a command to events, or to a typed refusal.

mod correction;
mod gate;
mod moved;
mod readings;
mod steps;

use jiff::Timestamp;

use super::command::{Attribution, Command};
use super::consistency;
use super::event::{Change, Correction, Event, Planned, Recorded};
use super::protocol::Protocol;
use super::refusal::Refusal;
use super::session::Session;
use super::state::State;
use super::validate;

/// The most events in one session: a day has fewer than a hundred, and a runaway client is stopped.
pub const EVENTS_MAX: u32 = 10_000;

impl Session {
    /// What recording this command would add, or why it is refused. Nothing is changed.
    ///
    /// `protocol` is the version that the session was planned under. The events take `by` as their
    /// attribution and `now` as the time of their receipt.
    ///
    /// # Errors
    /// A [`Refusal`] with its facts. What already happened ([`super::Basis::Already`]) with a reason
    /// is refused only for values and times that cannot be, and once the session is over.
    pub fn decide(
        &self,
        protocol: &Protocol,
        command: &Command,
        by: &Attribution,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let before = self.state();
        gate::check(&before, command)?;
        if self.next_seq() >= EVENTS_MAX {
            return Err(Refusal::Full { limit: EVENTS_MAX });
        }
        not_in_future(by.happened_at, now)?;
        let event = event_of(command, protocol);
        validate::event(&event, protocol)?;
        if let Event::Corrected(correction) = &event {
            correction::check(self, protocol, correction, now)?;
            return Ok(vec![event]);
        }
        let candidate = Recorded {
            seq: self.next_seq(),
            happened_at: by.happened_at,
            received_at: now,
            taken_by: by.taken_by,
            entered_by: by.entered_by,
            event,
        };
        self.candidate_check(protocol, &before, &candidate)?;
        Ok(vec![candidate.event])
    }

    /// Whether this event can still be corrected as far as the lock goes: before it any, after it a tick that came later.
    #[must_use]
    pub fn is_open_to_correction(&self, seq: u32) -> bool {
        let strike = Command::Correct(Correction {
            corrects: seq,
            reason: String::new(),
            change: Change::Strike,
        });
        gate::check(&self.state(), &strike).is_ok()
    }

    /// Whether the candidate fits what is recorded, and keeps the rules of its step.
    fn candidate_check(
        &self,
        protocol: &Protocol,
        before: &State<'_>,
        candidate: &Recorded,
    ) -> Result<(), Refusal> {
        let after = State::build(self.effective().iter().chain([candidate]), self.corrected());
        consistency::check(&after).map_err(|broken| broken.why)?;
        let step = steps::Step {
            session: self,
            before,
            after: &after,
            protocol,
        };
        step.check(candidate)
    }
}

fn not_in_future(happened_at: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if happened_at > now {
        Err(Refusal::InFuture { happened_at, now })
    } else {
        Ok(())
    }
}

/// The event that a command becomes when nothing stands against it.
fn event_of(command: &Command, protocol: &Protocol) -> Event {
    match command.clone() {
        Command::Plan(plan) => Event::Planned(Planned {
            plan,
            protocol: protocol.version.clone(),
            spray_mg: protocol.dosing.spray_mg.value,
        }),
        Command::ChangePlan(change) => Event::PlanChanged(change),
        Command::Arrive => Event::Arrived,
        Command::AnswerChecklist(answers) => Event::ChecklistAnswered(answers),
        Command::RecordVitals(vitals) => Event::VitalsRecorded(vitals),
        Command::RecordDecision(decision) => Event::DecisionRecorded(decision),
        Command::Clear(clearing) => Event::Cleared(clearing),
        Command::GiveDevice(device) => Event::DeviceGiven(device),
        Command::StopDosing { reason } => Event::DosingStopped { reason },
        Command::OpenEpisode(episode) => Event::EpisodeOpened(episode),
        Command::ResolveEpisode(resolution) => Event::EpisodeResolved(resolution),
        Command::ReportNoneObserved { kinds } => Event::NoneObserved { kinds },
        Command::RecordVomiting { note } => Event::VomitingRecorded { note },
        Command::RecordCrisisSymptoms(symptoms) => Event::CrisisSymptomsRecorded(symptoms),
        Command::GiveMedicine(medicine) => Event::MedicineGiven(medicine),
        Command::RecordAdverseEvent(adverse) => Event::AdverseEventRecorded(adverse),
        Command::CallEmergency { note } => Event::EmergencyCalled { note },
        Command::EmergencyArrive { note } => Event::EmergencyArrived { note },
        Command::HandOver { to } => Event::HandedOver { to },
        Command::JudgeReadiness(readiness) => Event::ReadinessJudged(readiness),
        Command::Discharge(discharge) => Event::Discharged(discharge),
        Command::LeaveAgainstAdvice(departure) => Event::LeftAgainstAdvice(departure),
        Command::SendToEmergencyCare(transfer) => Event::SentToEmergencyCare(transfer),
        Command::Delay { reason } => Event::Delayed { reason },
        Command::Cancel { reason } => Event::Cancelled { reason },
        Command::MarkNoShow { note } => Event::NoShow { note },
        Command::Correct(correction) => Event::Corrected(correction),
        Command::AddAddendum(addendum) => Event::AddendumAdded(addendum),
        Command::AnswerSerious(answer) => Event::SeriousAnswered(answer),
        Command::TickReport { report } => Event::ReportTicked { report },
    }
}
