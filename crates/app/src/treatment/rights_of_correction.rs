//! Whose entries a person may correct: whoever may take a step may correct it, and nobody else.

use domain::treatment::{Change, Command, Event, Recorded, Refusal};

use crate::ctx::Ctx;
use crate::rights::{Action, may};

/// Why this person may not make this correction. What is no correction, or corrects nothing that is there, is left to
/// the rules.
pub(super) fn refused(ctx: &Ctx, events: &[Recorded], command: &Command) -> Option<Refusal> {
    let Command::Correct(correction) = command else {
        return None;
    };
    let seq = correction.corrects;
    let original = events.iter().find(|recorded| recorded.seq == seq)?;
    if !may(ctx.role, Action::Step(step_kind(&original.event))) {
        return Some(Refusal::PrescribersAlone { seq });
    }
    let Change::Replace(replacement) = &correction.change else {
        return None;
    };
    // Whoever puts a decision in the place of another one has decided.
    let is_decision = matches!(original.event, Event::DecisionRecorded(_));
    (is_decision && replacement.taken_by != ctx.person).then_some(Refusal::OwnNameNeeded { seq })
}

/// The kind of the command ([`Command::kind`]) that records such an event.
const fn step_kind(event: &Event) -> &'static str {
    match event {
        Event::Planned(_) => "plan",
        Event::PlanChanged(_) => "change_plan",
        Event::Arrived => "arrive",
        Event::ChecklistAnswered(_) => "answer_checklist",
        Event::VitalsRecorded(_) => "record_vitals",
        Event::DecisionRecorded(_) => "record_decision",
        Event::Cleared(_) => "clear",
        Event::DeviceGiven(_) => "give_device",
        Event::DosingStopped { .. } => "stop_dosing",
        Event::EpisodeOpened(_) => "open_episode",
        Event::EpisodeResolved(_) => "resolve_episode",
        Event::NoneObserved { .. } => "report_none_observed",
        Event::VomitingRecorded { .. } => "record_vomiting",
        Event::CrisisSymptomsRecorded(_) => "record_crisis_symptoms",
        Event::MedicineGiven(_) => "give_medicine",
        Event::AdverseEventRecorded(_) => "record_adverse_event",
        Event::EmergencyCalled { .. } => "call_emergency",
        Event::EmergencyArrived { .. } => "emergency_arrive",
        Event::HandedOver { .. } => "hand_over",
        Event::ReadinessJudged(_) => "judge_readiness",
        Event::Discharged(_) => "discharge",
        Event::LeftAgainstAdvice(_) => "leave_against_advice",
        Event::SentToEmergencyCare(_) => "send_to_emergency_care",
        Event::Delayed { .. } => "delay",
        Event::Cancelled { .. } => "cancel",
        Event::NoShow { .. } => "mark_no_show",
        Event::Corrected(_) => "correct",
        Event::AddendumAdded(_) => "add_addendum",
        Event::SeriousAnswered(_) => "answer_serious",
        Event::ReportTicked { .. } => "tick_report",
    }
}
