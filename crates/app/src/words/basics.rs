//! Single words and short phrases: phases, vital signs, roles, kinds.

use crate::Role;
use domain::treatment::{
    AbsenceKind, Answer, DecisionChoice, EpisodeKind, Event, FirstTreatment, Indication, Occasion,
    Phase, ReadinessPart, VitalKind, YesNo,
};

/// A phase as a chip shows it.
pub fn phase_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Empty => "Not planned",
        Phase::Planned => "Planned",
        Phase::Arrived => "Arrived",
        Phase::Cleared => "Cleared",
        Phase::Dosing => "Dosing",
        Phase::Monitoring => "Monitoring",
        Phase::Discharged => "Discharged",
        Phase::LeftAgainstAdvice => "Left against medical advice",
        Phase::EmergencyCare => "Sent to emergency care",
        Phase::Delayed => "Delayed",
        Phase::Cancelled => "Cancelled",
        Phase::NoShow => "No-show",
    }
}

/// A vital sign within a sentence.
pub fn vital_words(kind: VitalKind) -> &'static str {
    match kind {
        VitalKind::BloodPressure => "blood pressure",
        VitalKind::Pulse => "pulse",
        VitalKind::Spo2 => "SpO₂",
        VitalKind::Respiration => "respiration",
        VitalKind::Moaas => "MOAA/S",
    }
}

/// The unit of a vital sign; empty where it has none.
pub fn vital_unit(kind: VitalKind) -> &'static str {
    match kind {
        VitalKind::BloodPressure => "mmHg",
        VitalKind::Pulse | VitalKind::Respiration => "/min",
        VitalKind::Spo2 => "%",
        VitalKind::Moaas => "",
    }
}

/// `1 spray`, `4 sprays`.
pub fn sprays_counted(sprays: u32) -> String {
    counted(sprays, "spray")
}

/// `1 green dot`, `2 green dots`.
pub fn dots_counted(dots: u8) -> String {
    counted(u32::from(dots), "green dot")
}

fn counted(count: u32, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// Why a value is not there.
pub fn absence_words(kind: AbsenceKind) -> &'static str {
    match kind {
        AbsenceKind::NotObtained => "not obtained",
        AbsenceKind::Declined => "declined",
    }
}

/// Which wanted reading something stands for.
pub fn occasion_words(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::BeforeDosing => "before dosing",
        Occasion::FortyMinutes => "at 40 minutes",
        Occasion::BeforeDischarge => "before the end of monitoring",
        Occasion::Other => "at another time",
    }
}

/// An episode's kind within a sentence.
pub fn episode_words(kind: EpisodeKind) -> &'static str {
    match kind {
        EpisodeKind::Sedation => "sedation",
        EpisodeKind::Dissociation => "dissociation",
        EpisodeKind::RespiratoryDepression => "respiratory depression",
    }
}

/// A part of the readiness judgment, as it is asked.
pub fn readiness_words(part: ReadinessPart) -> &'static str {
    match part {
        ReadinessPart::Alert => "alert (MOAA/S 5)",
        ReadinessPart::NoDissociation => "no dissociation",
        ReadinessPart::BreathingInRange => "breathing and SpO₂ in range",
        ReadinessPart::PressureSafe => "blood pressure safe",
    }
}

/// An answer on the checklist.
pub fn answer_words(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "yes",
        Answer::No => "no",
        Answer::NotAsked => "not asked",
    }
}

/// Yes or no.
pub fn yes_no_words(answer: YesNo) -> &'static str {
    match answer {
        YesNo::Yes => "yes",
        YesNo::No => "no",
    }
}

/// What the prescriber decided.
pub fn choice_words(choice: DecisionChoice) -> &'static str {
    match choice {
        DecisionChoice::Proceed => "go on",
        DecisionChoice::Wait => "wait and look again",
        DecisionChoice::Delay => "not today",
    }
}

/// What the treatment is given for.
pub fn indication_words(indication: Indication) -> &'static str {
    match indication {
        Indication::TreatmentResistant => "Treatment-resistant depression",
        Indication::AcuteSuicidality => "Depression with acute suicidality",
    }
}

/// First treatment or a later one.
pub fn first_words(first: FirstTreatment) -> &'static str {
    match first {
        FirstTreatment::First => "first treatment",
        FirstTreatment::Later => "later treatment",
    }
}

/// A role as pages name it.
pub fn role_words(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Prescriber => "Prescriber",
        Role::FloorClinician => "Floor clinician",
    }
}

/// An event's title on the timeline.
pub fn event_title(event: &Event) -> &'static str {
    match event {
        Event::Planned(_) => "Planned",
        Event::PlanChanged(_) => "Plan changed",
        Event::Arrived => "Arrived",
        Event::ChecklistAnswered(_) => "Pre-treatment checklist",
        Event::VitalsRecorded(_) => "Vitals",
        Event::DecisionRecorded(_) => "Prescriber’s decision",
        Event::Cleared(_) => "Cleared for dosing",
        Event::DeviceGiven(_) => "Device",
        Event::DosingStopped { .. } => "Dosing stopped",
        Event::EpisodeOpened(_) => "Onset",
        Event::EpisodeResolved(_) => "Resolved",
        Event::NoneObserved { .. } => "None observed",
        Event::VomitingRecorded { .. } => "Vomiting",
        Event::CrisisSymptomsRecorded(_) => "Symptoms of hypertensive crisis",
        Event::MedicineGiven(_) => "Medicine given",
        Event::AdverseEventRecorded(_) => "Adverse event",
        Event::EmergencyCalled { .. } => "Emergency services called",
        Event::EmergencyArrived { .. } => "Emergency services arrived",
        Event::HandedOver { .. } => "Handed over",
        Event::ReadinessJudged(_) => "Readiness judged",
        Event::Discharged(_) => "Discharged",
        Event::LeftAgainstAdvice(_) => "Left against medical advice",
        Event::SentToEmergencyCare(_) => "Sent to emergency care",
        Event::Delayed { .. } => "Delayed",
        Event::Cancelled { .. } => "Cancelled",
        Event::NoShow { .. } => "No-show",
        Event::Corrected(_) => "Correction",
        Event::AddendumAdded(_) => "Addendum",
        Event::SeriousAnswered(_) => "Seriousness answered",
        Event::ReportTicked { .. } => "Report made",
    }
}
