//! The shapes in which pages read a session. Times are instants; durations are whole seconds.

use jiff::Timestamp;

use super::observation::EpisodeKind;
use super::plan::Answer;
use super::protocol::CountsFrom;
use super::reading::{AbsenceKind, Pressure, VitalKind};

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Nothing is recorded yet.
    Empty,
    /// Planned.
    Planned,
    /// The patient is here.
    Arrived,
    /// Cleared for dosing.
    Cleared,
    /// At least one spray was given and the dose is not complete.
    Dosing,
    /// The dose is complete, or dosing was stopped.
    Monitoring,
    /// Discharged; locked.
    Discharged,
    /// Left against medical advice; locked.
    LeftAgainstAdvice,
    /// Sent to emergency care; locked.
    EmergencyCare,
    /// Delayed; ended without a device.
    Delayed,
    /// Cancelled; ended without a device.
    Cancelled,
    /// The patient did not come; ended without a device.
    NoShow,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::Planned,
        Self::Arrived,
        Self::Cleared,
        Self::Dosing,
        Self::Monitoring,
        Self::Discharged,
        Self::LeftAgainstAdvice,
        Self::EmergencyCare,
        Self::Delayed,
        Self::Cancelled,
        Self::NoShow,
    ];

    /// The stable name.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Planned => "planned",
            Self::Arrived => "arrived",
            Self::Cleared => "cleared",
            Self::Dosing => "dosing",
            Self::Monitoring => "monitoring",
            Self::Discharged => "discharged",
            Self::LeftAgainstAdvice => "left_against_advice",
            Self::EmergencyCare => "emergency_care",
            Self::Delayed => "delayed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }

    /// Whether the record is locked: only addenda, answers about seriousness and ticks are taken.
    #[must_use]
    pub const fn is_locked(self) -> bool {
        matches!(
            self,
            Self::Discharged | Self::LeftAgainstAdvice | Self::EmergencyCare
        )
    }

    /// Whether the session is over, locked or not.
    #[must_use]
    pub const fn is_ended(self) -> bool {
        self.is_locked() || matches!(self, Self::Delayed | Self::Cancelled | Self::NoShow)
    }

    /// Whether the patient is in the house: arrived, and the session not over.
    #[must_use]
    pub const fn is_present(self) -> bool {
        matches!(
            self,
            Self::Arrived | Self::Cleared | Self::Dosing | Self::Monitoring
        )
    }
}

/// Both clocks. They stand still once the session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// The first spray of the first device.
    pub first_device_at: Option<Timestamp>,
    /// The last spray of the last device so far.
    pub last_device_at: Option<Timestamp>,
    /// Seconds since the first device.
    pub since_first_s: Option<i64>,
    /// Seconds since the last device.
    pub since_last_s: Option<i64>,
    /// From which of them the shortest monitoring counts.
    pub minimum_counts_from: CountsFrom,
    /// When the shortest monitoring is over.
    pub minimum_until: Option<Timestamp>,
    /// Seconds until then; 0 once it is over.
    pub minimum_left_s: Option<i64>,
}

/// The rest between two devices; only while another device is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestTimer {
    /// The last spray of the device before.
    pub from: Timestamp,
    /// From when the next device may be given.
    pub until: Timestamp,
    /// Seconds left; 0 once it is over.
    pub left_s: i64,
}

/// Something that is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// What.
    pub what: DueWhat,
    /// From when it is due.
    pub from: Timestamp,
    /// After when it is overdue, if it can be.
    pub overdue_after: Option<Timestamp>,
    /// How that stands to `now`.
    pub status: DueStatus,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueWhat {
    /// A value before dosing.
    ReadingBeforeDosing(VitalKind),
    /// The next device, after the rest.
    NextDevice,
    /// The blood pressure at about 40 minutes.
    FortyMinutePressure,
    /// The missed reading's "not obtained" or "declined".
    FortyMinuteReason,
    /// The resolution of an open episode (`seq` of its onset).
    EpisodeResolution(u32),
    /// The last blood pressure.
    LastPressure,
    /// The readiness judgement.
    ReadinessJudgement,
    /// The discharge.
    Discharge,
}

/// How something due stands to the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueStatus {
    /// Its time has passed.
    Overdue,
    /// It is time.
    Due,
    /// It will come.
    Upcoming,
}

/// The readings whose blood pressures the monitoring form asks for, by their events' `seq`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormPressures {
    /// The last before the first device.
    pub before_dosing: Option<u32>,
    /// The one at about 40 minutes.
    pub forty_minutes: Option<u32>,
    /// The last after it: before completion.
    pub last: Option<u32>,
}

/// How the reading at about 40 minutes stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FortyMinutes {
    /// No device was given yet.
    NoDevice,
    /// It is not due yet.
    Upcoming {
        /// From when it is due.
        due_from: Timestamp,
    },
    /// It is due.
    Due {
        /// After when it is overdue.
        overdue_after: Timestamp,
    },
    /// It is overdue, and a reading still counts.
    Overdue {
        /// Until when a reading counts.
        counted_until: Timestamp,
    },
    /// It was taken.
    Taken {
        /// The event.
        seq: u32,
    },
    /// Somebody said why there is none.
    Absent {
        /// The event.
        seq: u32,
        /// Not obtained, or declined.
        why: AbsenceKind,
    },
    /// No reading counts any more, and nobody has said why there is none.
    Missed {
        /// Until when a reading would have counted.
        counted_until: Timestamp,
    },
}

/// An episode.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct EpisodeState {
    /// The `seq` of its onset.
    pub seq: u32,
    /// What it is.
    pub kind: EpisodeKind,
    /// Its onset.
    pub onset: Timestamp,
    /// Its resolution.
    pub resolved_at: Option<Timestamp>,
    /// The severity's id at the onset.
    pub severity: Option<String>,
    /// The worst severity's id.
    pub worst_severity: Option<String>,
}

/// Something that a page offers after a value beyond the limits; only a person takes it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Open an episode.
    OpenEpisode {
        /// Which kind.
        kind: EpisodeKind,
        /// The reading that suggests it.
        reading: u32,
        /// Whether the value is beyond the critical limit.
        critical: bool,
    },
}

/// One point of the plot.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct PressurePoint {
    /// The event.
    pub seq: u32,
    /// When.
    pub at: Timestamp,
    /// The pressure.
    pub pressure: Pressure,
}

/// A value with its event and time.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Latest<T> {
    /// The event.
    pub seq: u32,
    /// When it was taken.
    pub at: Timestamp,
    /// The value.
    pub value: T,
}

/// The latest value of each kind.
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct LatestVitals {
    /// Blood pressure.
    pub pressure: Option<Latest<Pressure>>,
    /// Pulse.
    pub pulse: Option<Latest<i32>>,
    /// SpO2.
    pub spo2: Option<Latest<i32>>,
    /// Respiratory rate.
    pub respiration: Option<Latest<i32>>,
    /// MOAA/S.
    pub moaas: Option<Latest<i32>>,
}

/// The dose so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dose {
    /// Milligrams given.
    pub given_mg: u32,
    /// Milligrams intended.
    pub intended_mg: u32,
    /// Devices of which at least one spray was delivered.
    pub devices: u32,
    /// Sprays delivered.
    pub sprays: u32,
    /// Devices that the intended dose takes.
    pub devices_intended: u32,
    /// Whether the milligrams given are none of the protocol's doses: the form's "other", with the sum.
    pub is_other: bool,
}

/// The last answer to a checklist item.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct ChecklistState {
    /// The item's id.
    pub item: String,
    /// The last answer; `NotAsked` where there is none.
    pub answer: Answer,
    /// The remark with it.
    pub note: String,
    /// The event that holds it, if any.
    pub seq: Option<u32>,
}

/// A question about a departure against advice that is still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepartureQuestion {
    /// Which prescriber was told?
    PrescriberTold,
    /// The last vitals?
    LastVitals,
    /// Was the patient oriented?
    Orientation,
    /// Who went along?
    Escort,
    /// Signed, or refused?
    Signature,
}
