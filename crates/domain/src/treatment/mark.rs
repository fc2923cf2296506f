//! What stands out in a session, or broke the protocol.

use jiff::Timestamp;
use jiff::civil::Date;

use super::observation::EpisodeKind;
use super::plan::{Answer, Concern};
use super::reading::{AbsenceKind, Occasion, VitalKind};
use super::refusal::Lack;

/// On which side of a limit a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitSide {
    /// Above the highest.
    Above,
    /// Below the lowest.
    Below,
    /// Below the critical limit.
    Critical,
}

/// One thing that stands out. `seq` is always the event that it is about; that event holds the reason, if one was given.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Mark {
    /// A value outside the limits that held when it was taken.
    ReadingOutsideLimits {
        /// The event.
        seq: u32,
        /// Which value; a pressure that is outside on both sides has one mark for each.
        kind: VitalKind,
        /// The value.
        value: i32,
        /// The limit that it passed.
        limit: i32,
        /// Which way. For a pressure, `Above`; see `diastolic`.
        side: LimitSide,
        /// For a pressure: whether it is the diastolic value.
        diastolic: bool,
    },
    /// A value was not obtained or declined.
    NotMeasured {
        /// The event.
        seq: u32,
        /// Which value.
        kind: VitalKind,
        /// Not obtained, or declined.
        why: AbsenceKind,
        /// For which reading.
        occasion: Occasion,
    },
    /// A checklist item that was answered otherwise than expected.
    ChecklistAnswer {
        /// The event.
        seq: u32,
        /// The item's id.
        item: String,
        /// The answer.
        answer: Answer,
    },
    /// The prescriber decided to go on in spite of something.
    DecidedToProceed {
        /// The decision.
        seq: u32,
        /// In spite of what.
        concern: Concern,
    },
    /// Deviation: cleared for dosing while something lacked.
    ClearedLacking {
        /// The clearing.
        seq: u32,
        /// What lacked.
        lack: Lack,
    },
    /// Deviation: a device was given before, or without, clearing.
    DeviceWithoutClearing {
        /// The device.
        seq: u32,
    },
    /// Deviation: the first device was given while something for the clearing lacked.
    DeviceLacking {
        /// The device.
        seq: u32,
        /// What.
        lack: Lack,
    },
    /// Deviation: a device was given too soon after the one before.
    RestTooShort {
        /// The device.
        seq: u32,
        /// The rest, seconds.
        rest_s: i64,
        /// The protocol's rest, seconds.
        required_s: u32,
    },
    /// Deviation: a device beyond the intended dose.
    DeviceBeyondDose {
        /// The device.
        seq: u32,
        /// The dose with it, milligrams.
        given_mg: u32,
        /// Intended, milligrams.
        intended_mg: u32,
    },
    /// Deviation: a device was given after dosing had been stopped.
    DeviceAfterStop {
        /// The device.
        seq: u32,
    },
    /// Deviation: a device past its expiry date.
    DeviceExpired {
        /// The device.
        seq: u32,
        /// Its expiry date.
        expires: Date,
        /// The date of use.
        given_on: Date,
    },
    /// Deviation: the device did not show all its green dots before use.
    DeviceNotUnused {
        /// The device.
        seq: u32,
        /// What it showed.
        dots: u8,
    },
    /// The green dots after use do not fit the sprays.
    IndicatorMismatch {
        /// The device.
        seq: u32,
        /// What it showed.
        dots: u8,
        /// Sprays delivered.
        sprays: u8,
    },
    /// Deviation: something about the device was not written down (lot, expiry date, disposal, witness).
    DeviceDetailMissing {
        /// The device.
        seq: u32,
        /// What.
        lack: Lack,
    },
    /// A device was partly used.
    DevicePartlyUsed {
        /// The device.
        seq: u32,
        /// Sprays delivered.
        sprays: u8,
    },
    /// A device failed.
    DeviceFailed {
        /// The device.
        seq: u32,
        /// Sprays delivered.
        sprays: u8,
    },
    /// Dosing was stopped before the dose was complete.
    DosingStopped {
        /// The event.
        seq: u32,
        /// Given, milligrams.
        given_mg: u32,
        /// Intended, milligrams.
        intended_mg: u32,
    },
    /// Deviation: no blood pressure at about 40 minutes, and the time for it has passed.
    FortyMinuteReadingMissed {
        /// From when it would have counted.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// A value that every session wants was never measured, though a device was given.
    NeverMeasured {
        /// Which value.
        kind: VitalKind,
    },
    /// Onset of an episode.
    Episode {
        /// The onset.
        seq: u32,
        /// What it is.
        kind: EpisodeKind,
    },
    /// The session ended with an episode unresolved.
    EpisodeUnresolved {
        /// The onset.
        seq: u32,
        /// What it is.
        kind: EpisodeKind,
    },
    /// Vomiting.
    Vomiting {
        /// The event.
        seq: u32,
    },
    /// Symptoms of a hypertensive crisis.
    CrisisSymptoms {
        /// The event.
        seq: u32,
    },
    /// A medicine was given.
    MedicineGiven {
        /// The event.
        seq: u32,
    },
    /// An adverse event.
    AdverseEvent {
        /// The event.
        seq: u32,
    },
    /// It is not yet answered whether an adverse event or the emergency transfer was serious.
    SeriousnessOpen {
        /// The event.
        seq: u32,
    },
    /// A serious adverse event whose report is still owed.
    ReportOwed {
        /// The report's id in the protocol.
        report: String,
    },
    /// Emergency services were called.
    EmergencyCalled {
        /// The event.
        seq: u32,
    },
    /// Deviation: discharged before the shortest monitoring was over.
    DischargedEarly {
        /// The discharge.
        seq: u32,
        /// From when it would have been possible.
        possible_from: Timestamp,
    },
    /// Deviation: discharged while something lacked.
    DischargedLacking {
        /// The discharge.
        seq: u32,
        /// What.
        lack: Lack,
    },
    /// Left against medical advice.
    LeftAgainstAdvice {
        /// The event.
        seq: u32,
    },
    /// Found gone.
    FoundGone {
        /// The event.
        seq: u32,
        /// Last seen.
        last_seen_at: Timestamp,
    },
    /// Sent to emergency care.
    SentToEmergencyCare {
        /// The event.
        seq: u32,
    },
    /// An event was corrected.
    Corrected {
        /// The corrected event.
        seq: u32,
        /// The correction.
        correction: u32,
    },
    /// An entry came in late.
    LateEntry {
        /// The event.
        seq: u32,
        /// Whole minutes between happening and receipt.
        minutes: i64,
    },
}

impl Mark {
    /// The event that it is about; `None` where it is about the session as a whole.
    #[must_use]
    pub const fn seq(&self) -> Option<u32> {
        match self {
            Self::ReadingOutsideLimits { seq, .. }
            | Self::NotMeasured { seq, .. }
            | Self::ChecklistAnswer { seq, .. }
            | Self::DecidedToProceed { seq, .. }
            | Self::ClearedLacking { seq, .. }
            | Self::DeviceWithoutClearing { seq }
            | Self::DeviceLacking { seq, .. }
            | Self::RestTooShort { seq, .. }
            | Self::DeviceBeyondDose { seq, .. }
            | Self::DeviceAfterStop { seq }
            | Self::DeviceExpired { seq, .. }
            | Self::DeviceNotUnused { seq, .. }
            | Self::IndicatorMismatch { seq, .. }
            | Self::DeviceDetailMissing { seq, .. }
            | Self::DevicePartlyUsed { seq, .. }
            | Self::DeviceFailed { seq, .. }
            | Self::DosingStopped { seq, .. }
            | Self::Episode { seq, .. }
            | Self::EpisodeUnresolved { seq, .. }
            | Self::Vomiting { seq }
            | Self::CrisisSymptoms { seq }
            | Self::MedicineGiven { seq }
            | Self::AdverseEvent { seq }
            | Self::SeriousnessOpen { seq }
            | Self::EmergencyCalled { seq }
            | Self::DischargedEarly { seq, .. }
            | Self::DischargedLacking { seq, .. }
            | Self::LeftAgainstAdvice { seq }
            | Self::FoundGone { seq, .. }
            | Self::SentToEmergencyCare { seq }
            | Self::Corrected { seq, .. }
            | Self::LateEntry { seq, .. } => Some(*seq),
            Self::FortyMinuteReadingMissed { .. }
            | Self::NeverMeasured { .. }
            | Self::ReportOwed { .. } => None,
        }
    }

    /// Whether it broke the protocol, as against only standing out.
    #[must_use]
    pub const fn is_deviation(&self) -> bool {
        self.is_device_deviation()
            || matches!(
                self,
                Self::FortyMinuteReadingMissed { .. }
                    // Missed, with its reason. That the patient declined is no fault of the day's.
                    | Self::NotMeasured {
                        why: AbsenceKind::NotObtained,
                        occasion: Occasion::FortyMinutes,
                        ..
                    }
                    | Self::ClearedLacking { .. }
                    | Self::DischargedEarly { .. }
                    | Self::DischargedLacking { .. }
            )
    }

    /// Whether it is a broken rule about a device: that asks for a reason when the device is written down.
    #[must_use]
    pub const fn is_device_deviation(&self) -> bool {
        matches!(
            self,
            Self::DeviceWithoutClearing { .. }
                | Self::DeviceLacking { .. }
                | Self::RestTooShort { .. }
                | Self::DeviceBeyondDose { .. }
                | Self::DeviceAfterStop { .. }
                | Self::DeviceExpired { .. }
                | Self::DeviceNotUnused { .. }
                | Self::DeviceDetailMissing { .. }
        )
    }

    /// The stable name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ReadingOutsideLimits { .. } => "reading_outside_limits",
            Self::NotMeasured { .. } => "not_measured",
            Self::ChecklistAnswer { .. } => "checklist_answer",
            Self::DecidedToProceed { .. } => "decided_to_proceed",
            Self::ClearedLacking { .. } => "cleared_lacking",
            Self::DeviceWithoutClearing { .. } => "device_without_clearing",
            Self::DeviceLacking { .. } => "device_lacking",
            Self::RestTooShort { .. } => "rest_too_short",
            Self::DeviceBeyondDose { .. } => "device_beyond_dose",
            Self::DeviceAfterStop { .. } => "device_after_stop",
            Self::DeviceExpired { .. } => "device_expired",
            Self::DeviceNotUnused { .. } => "device_not_unused",
            Self::IndicatorMismatch { .. } => "indicator_mismatch",
            Self::DeviceDetailMissing { .. } => "device_detail_missing",
            Self::DevicePartlyUsed { .. } => "device_partly_used",
            Self::DeviceFailed { .. } => "device_failed",
            Self::DosingStopped { .. } => "dosing_stopped",
            Self::FortyMinuteReadingMissed { .. } => "forty_minute_reading_missed",
            Self::NeverMeasured { .. } => "never_measured",
            Self::Episode { .. } => "episode",
            Self::EpisodeUnresolved { .. } => "episode_unresolved",
            Self::Vomiting { .. } => "vomiting",
            Self::CrisisSymptoms { .. } => "crisis_symptoms",
            Self::MedicineGiven { .. } => "medicine_given",
            Self::AdverseEvent { .. } => "adverse_event",
            Self::SeriousnessOpen { .. } => "seriousness_open",
            Self::ReportOwed { .. } => "report_owed",
            Self::EmergencyCalled { .. } => "emergency_called",
            Self::DischargedEarly { .. } => "discharged_early",
            Self::DischargedLacking { .. } => "discharged_lacking",
            Self::LeftAgainstAdvice { .. } => "left_against_advice",
            Self::FoundGone { .. } => "found_gone",
            Self::SentToEmergencyCare { .. } => "sent_to_emergency_care",
            Self::Corrected { .. } => "corrected",
            Self::LateEntry { .. } => "late_entry",
        }
    }
}

#[cfg(not(test))]
impl std::fmt::Debug for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}
