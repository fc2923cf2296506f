//! What was recorded: one event a step, never changed afterwards.

use jiff::Timestamp;

use super::device::DeviceUse;
use super::ending::{Addendum, Discharge, EmergencyTransfer, LeftAgainstAdvice};
use super::ids::PersonId;
use super::observation::{
    AdverseEvent, CrisisSymptoms, Episode, EpisodeKind, EpisodeResolution, MedicineGiven,
    Readiness, SeriousAnswer,
};
use super::plan::{ChecklistAnswer, Clearing, Decision, Plan, PlanChange};
use super::reading::Vitals;

/// An event with its place and its attribution.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Recorded {
    /// Its place in the session: 0, 1, 2, … without a gap.
    pub seq: u32,
    /// When it happened, in whole seconds.
    pub happened_at: Timestamp,
    /// When we received it.
    pub received_at: Timestamp,
    /// Who did or saw it.
    pub taken_by: PersonId,
    /// Who entered it.
    pub entered_by: PersonId,
    /// What happened.
    pub event: Event,
}

impl Recorded {
    /// Whether it came after the other; within one second, what was recorded first came first.
    pub(super) fn is_after(&self, other: &Self) -> bool {
        (self.happened_at, self.seq) > (other.happened_at, other.seq)
    }
}

/// A plan with what the record needs in order to be read without the protocol's file.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// The version of the protocol that governs the session.
    pub protocol: String,
    /// Milligrams in one spray.
    pub spray_mg: u32,
}

/// What happened. Names of the kinds ([`Event::kind`]) are stable: records carry them.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Event {
    /// The treatment was planned.
    Planned(Planned),
    /// Dose, prescriber or room were changed.
    PlanChanged(PlanChange),
    /// The patient arrived.
    Arrived,
    /// Items of the pre-treatment checklist were answered.
    ChecklistAnswered(Vec<ChecklistAnswer>),
    /// Vital signs were taken, or could not be had.
    VitalsRecorded(Vitals),
    /// The prescriber decided.
    DecisionRecorded(Decision),
    /// Cleared for dosing.
    Cleared(Clearing),
    /// A device was given, wholly, partly, or failed.
    DeviceGiven(DeviceUse),
    /// No more devices are given.
    DosingStopped {
        /// Why.
        reason: String,
    },
    /// Onset of an episode.
    EpisodeOpened(Episode),
    /// Resolution of an episode.
    EpisodeResolved(EpisodeResolution),
    /// None of these was observed.
    NoneObserved {
        /// Which.
        kinds: Vec<EpisodeKind>,
    },
    /// Vomiting.
    VomitingRecorded {
        /// A remark; may be empty.
        note: String,
    },
    /// Symptoms of a hypertensive crisis.
    CrisisSymptomsRecorded(CrisisSymptoms),
    /// A medicine was given.
    MedicineGiven(MedicineGiven),
    /// An adverse event.
    AdverseEventRecorded(AdverseEvent),
    /// Emergency services were called.
    EmergencyCalled {
        /// A remark; may be empty.
        note: String,
    },
    /// Emergency services arrived.
    EmergencyArrived {
        /// A remark; may be empty.
        note: String,
    },
    /// Somebody else monitors from now on.
    HandedOver {
        /// Who.
        to: PersonId,
    },
    /// Readiness was judged.
    ReadinessJudged(Readiness),
    /// Discharged; locks.
    Discharged(Discharge),
    /// Left against medical advice; locks.
    LeftAgainstAdvice(LeftAgainstAdvice),
    /// Sent to emergency care; locks.
    SentToEmergencyCare(EmergencyTransfer),
    /// Delayed to another day.
    Delayed {
        /// Why.
        reason: String,
    },
    /// Cancelled.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// The patient did not come.
    NoShow {
        /// A remark; may be empty.
        note: String,
    },
    /// An earlier event was corrected.
    Corrected(Correction),
    /// Something was added after the end.
    AddendumAdded(Addendum),
    /// It was answered whether something was serious.
    SeriousAnswered(SeriousAnswer),
    /// A report that was owed was made.
    ReportTicked {
        /// The report's id in the protocol.
        report: String,
    },
}

/// A correction names what it corrects; the corrected event stays in the record.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Correction {
    /// The `seq` of the event that it corrects; never that of a correction. The last correction counts.
    pub corrects: u32,
    /// Why.
    pub reason: String,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of a corrected event.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Change {
    /// It did not happen.
    Strike,
    /// It happened otherwise.
    Replace(Box<Replacement>),
}

/// What stands in the place of a corrected event.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Replacement {
    /// When it really happened.
    pub happened_at: Timestamp,
    /// Who really did or saw it.
    pub taken_by: PersonId,
    /// What really happened; of the same kind as the corrected event.
    pub event: Event,
}

impl Event {
    /// The stable name of the event.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Planned(_) => "planned",
            Self::PlanChanged(_) => "plan_changed",
            Self::Arrived => "arrived",
            Self::ChecklistAnswered(_) => "checklist_answered",
            Self::VitalsRecorded(_) => "vitals_recorded",
            Self::DecisionRecorded(_) => "decision_recorded",
            Self::Cleared(_) => "cleared",
            Self::DeviceGiven(_) => "device_given",
            Self::DosingStopped { .. } => "dosing_stopped",
            Self::EpisodeOpened(_) => "episode_opened",
            Self::EpisodeResolved(_) => "episode_resolved",
            Self::NoneObserved { .. } => "none_observed",
            Self::VomitingRecorded { .. } => "vomiting_recorded",
            Self::CrisisSymptomsRecorded(_) => "crisis_symptoms_recorded",
            Self::MedicineGiven(_) => "medicine_given",
            Self::AdverseEventRecorded(_) => "adverse_event_recorded",
            Self::EmergencyCalled { .. } => "emergency_called",
            Self::EmergencyArrived { .. } => "emergency_arrived",
            Self::HandedOver { .. } => "handed_over",
            Self::ReadinessJudged(_) => "readiness_judged",
            Self::Discharged(_) => "discharged",
            Self::LeftAgainstAdvice(_) => "left_against_advice",
            Self::SentToEmergencyCare(_) => "sent_to_emergency_care",
            Self::Delayed { .. } => "delayed",
            Self::Cancelled { .. } => "cancelled",
            Self::NoShow { .. } => "no_show",
            Self::Corrected(_) => "corrected",
            Self::AddendumAdded(_) => "addendum_added",
            Self::SeriousAnswered(_) => "serious_answered",
            Self::ReportTicked { .. } => "report_ticked",
        }
    }
}

#[cfg(not(test))]
impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

#[cfg(not(test))]
impl std::fmt::Debug for Recorded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.seq, self.event.kind())
    }
}

impl Event {
    /// Whether it was seen on the patient or given to the patient, as against decided or administered.
    #[must_use]
    pub const fn is_observation(&self) -> bool {
        match self {
            Self::VitalsRecorded(_)
            | Self::DeviceGiven(_)
            | Self::EpisodeOpened(_)
            | Self::EpisodeResolved(_)
            | Self::NoneObserved { .. }
            | Self::VomitingRecorded { .. }
            | Self::CrisisSymptomsRecorded(_)
            | Self::MedicineGiven(_)
            | Self::AdverseEventRecorded(_) => true,
            Self::Planned(_)
            | Self::PlanChanged(_)
            | Self::Arrived
            | Self::ChecklistAnswered(_)
            | Self::DecisionRecorded(_)
            | Self::Cleared(_)
            | Self::DosingStopped { .. }
            | Self::EmergencyCalled { .. }
            | Self::EmergencyArrived { .. }
            | Self::HandedOver { .. }
            | Self::ReadinessJudged(_)
            | Self::Discharged(_)
            | Self::LeftAgainstAdvice(_)
            | Self::SentToEmergencyCare(_)
            | Self::Delayed { .. }
            | Self::Cancelled { .. }
            | Self::NoShow { .. }
            | Self::Corrected(_)
            | Self::AddendumAdded(_)
            | Self::SeriousAnswered(_)
            | Self::ReportTicked { .. } => false,
        }
    }

    /// Whether it belongs to the patient before the nurse whatever name the session bears: what was observed and given, and
    /// what was done about it. Answers, clearing, decisions and judgments were asked or made about the other patient.
    #[must_use]
    pub const fn is_movable(&self) -> bool {
        self.is_observation()
            || matches!(
                self,
                Self::DosingStopped { .. }
                    | Self::EmergencyCalled { .. }
                    | Self::EmergencyArrived { .. }
                    | Self::SeriousAnswered(_)
                    | Self::ReportTicked { .. }
            )
    }
}
