//! What a person can ask the session to record, one variant a step.

use jiff::Timestamp;

use super::device::DeviceUse;
use super::ending::{Addendum, Discharge, EmergencyTransfer, LeftAgainstAdvice};
use super::event::Correction;
use super::ids::PersonId;
use super::observation::{
    AdverseEvent, CrisisSymptoms, Episode, EpisodeKind, EpisodeResolution, MedicineGiven,
    Readiness, SeriousAnswer,
};
use super::plan::{ChecklistAnswer, Clearing, Decision, Plan, PlanChange};
use super::reading::Vitals;

/// When it happened, who took it, who typed it in.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Attribution {
    /// When it happened, in whole seconds.
    pub happened_at: Timestamp,
    /// Who did or saw it.
    pub taken_by: PersonId,
    /// Who entered it.
    pub entered_by: PersonId,
}

/// A step. Names of the kinds ([`Command::kind`]) are stable: forms, files and tests use them.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Command {
    /// Plan the treatment.
    Plan(Plan),
    /// Change dose, prescriber or room.
    ChangePlan(PlanChange),
    /// The patient is here.
    Arrive,
    /// Answer items of the pre-treatment checklist; the last answer to an item counts.
    AnswerChecklist(Vec<ChecklistAnswer>),
    /// Record vital signs, or that they could not be had.
    RecordVitals(Vitals),
    /// Record the prescriber's decision.
    RecordDecision(Decision),
    /// Clear for dosing.
    Clear(Clearing),
    /// Record a device.
    GiveDevice(DeviceUse),
    /// Give no more devices.
    StopDosing {
        /// Why.
        reason: String,
    },
    /// Open an episode: its onset.
    OpenEpisode(Episode),
    /// Close an episode: its resolution.
    ResolveEpisode(EpisodeResolution),
    /// Say once that none of these was observed.
    ReportNoneObserved {
        /// Which; at least one.
        kinds: Vec<EpisodeKind>,
    },
    /// Vomiting.
    RecordVomiting {
        /// A remark; may be empty.
        note: String,
    },
    /// Symptoms of a hypertensive crisis.
    RecordCrisisSymptoms(CrisisSymptoms),
    /// A medicine was given.
    GiveMedicine(MedicineGiven),
    /// An adverse event.
    RecordAdverseEvent(AdverseEvent),
    /// Emergency services were called.
    CallEmergency {
        /// A remark; may be empty.
        note: String,
    },
    /// Emergency services arrived.
    EmergencyArrive {
        /// A remark; may be empty.
        note: String,
    },
    /// Hand the watching over to somebody else.
    HandOver {
        /// Who monitors from now on.
        to: PersonId,
    },
    /// The provider judges readiness.
    JudgeReadiness(Readiness),
    /// Discharge; locks.
    Discharge(Discharge),
    /// Left against medical advice; locks.
    LeaveAgainstAdvice(LeftAgainstAdvice),
    /// Sent to emergency care; locks.
    SendToEmergencyCare(EmergencyTransfer),
    /// Not today: taken up as a new session.
    Delay {
        /// Why.
        reason: String,
    },
    /// Cancelled.
    Cancel {
        /// Why.
        reason: String,
    },
    /// The patient did not come.
    MarkNoShow {
        /// A remark; may be empty.
        note: String,
    },
    /// Correct a recorded event before the lock.
    Correct(Correction),
    /// Add to an ended session.
    AddAddendum(Addendum),
    /// Answer whether something was a serious adverse event.
    AnswerSerious(SeriousAnswer),
    /// A report that is owed after a serious adverse event was made.
    TickReport {
        /// The report's id in the protocol.
        report: String,
    },
}

impl Command {
    /// The stable name of the step.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Plan(_) => "plan",
            Self::ChangePlan(_) => "change_plan",
            Self::Arrive => "arrive",
            Self::AnswerChecklist(_) => "answer_checklist",
            Self::RecordVitals(_) => "record_vitals",
            Self::RecordDecision(_) => "record_decision",
            Self::Clear(_) => "clear",
            Self::GiveDevice(_) => "give_device",
            Self::StopDosing { .. } => "stop_dosing",
            Self::OpenEpisode(_) => "open_episode",
            Self::ResolveEpisode(_) => "resolve_episode",
            Self::ReportNoneObserved { .. } => "report_none_observed",
            Self::RecordVomiting { .. } => "record_vomiting",
            Self::RecordCrisisSymptoms(_) => "record_crisis_symptoms",
            Self::GiveMedicine(_) => "give_medicine",
            Self::RecordAdverseEvent(_) => "record_adverse_event",
            Self::CallEmergency { .. } => "call_emergency",
            Self::EmergencyArrive { .. } => "emergency_arrive",
            Self::HandOver { .. } => "hand_over",
            Self::JudgeReadiness(_) => "judge_readiness",
            Self::Discharge(_) => "discharge",
            Self::LeaveAgainstAdvice(_) => "leave_against_advice",
            Self::SendToEmergencyCare(_) => "send_to_emergency_care",
            Self::Delay { .. } => "delay",
            Self::Cancel { .. } => "cancel",
            Self::MarkNoShow { .. } => "mark_no_show",
            Self::Correct(_) => "correct",
            Self::AddAddendum(_) => "add_addendum",
            Self::AnswerSerious(_) => "answer_serious",
            Self::TickReport { .. } => "tick_report",
        }
    }
}

#[cfg(not(test))]
impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}
