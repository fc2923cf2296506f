//! Reads corrections and addenda.

use domain::treatment::{
    Addendum, Change, Command, Correction, DepartureDetails, Event, Planned, Replacement,
};

use super::ending::departure_details;
use super::form_of;
use super::read::Reader;

pub(super) fn addendum(reader: &mut Reader<'_>) -> Option<Command> {
    let departure = departure_details(reader);
    let departure = (departure != DepartureDetails::default()).then_some(departure);
    Some(Command::AddAddendum(Addendum {
        text: reader.text("text"),
        departure,
    }))
}

/// `corrects` names the entry, `change` is `strike` or `replace`, `correction_reason` says why. With `replace`,
/// `step` names the step of the corrected entry, whose own fields (with `when` and `taken_by`) say how it really was.
pub(super) fn correction(reader: &mut Reader<'_>) -> Option<Command> {
    let corrects = reader.entry_needed("corrects", "which entry is corrected");
    let strike = reader.choice_needed(
        "change",
        "what is right",
        &[("strike", true), ("replace", false)],
    )?;
    let change = if strike {
        Some(Change::Strike)
    } else {
        replacement(reader).map(|with| Change::Replace(Box::new(with)))
    };
    Some(Command::Correct(Correction {
        corrects: corrects?,
        reason: reader.text("correction_reason"),
        change: change?,
    }))
}

fn replacement(reader: &mut Reader<'_>) -> Option<Replacement> {
    let name = reader.values.get("step").to_owned();
    let Some(own) = form_of(&name).filter(|own| own.kind != "correct") else {
        reader.wrong(
            "corrects",
            "Please choose the entry first, then say how it was.",
        );
        return None;
    };
    let happened_at = reader.moment("when").unwrap_or(reader.now);
    let taken_by = reader.person_needed("taken_by", "who did or saw it");
    let command = (own.read)(reader);
    let event = event_of(command?);
    if event.is_none() {
        reader.wrong(
            "corrects",
            "This entry cannot be replaced: strike it, or record anew.",
        );
    }
    Some(Replacement {
        happened_at,
        taken_by: taken_by?,
        event: event?,
    })
}

/// The event that a command records; `None` for a command that no correction can stand for.
fn event_of(command: Command) -> Option<Event> {
    Some(match command {
        // Under which protocol it was planned stays as it was: `app` puts it in.
        Command::Plan(plan) => Event::Planned(Planned {
            plan,
            protocol: String::new(),
            spray_mg: 0,
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
        Command::AnswerSerious(answer) => Event::SeriousAnswered(answer),
        Command::TickReport { report } => Event::ReportTicked { report },
        Command::Delay { reason } => Event::Delayed { reason },
        Command::Cancel { reason } => Event::Cancelled { reason },
        Command::MarkNoShow { note } => Event::NoShow { note },
        Command::Discharge(_)
        | Command::LeaveAgainstAdvice(_)
        | Command::SendToEmergencyCare(_)
        | Command::Correct(_)
        | Command::AddAddendum(_) => return None,
    })
}
