//! Why a step was refused, with the facts that a sentence needs.

use jiff::Timestamp;
use jiff::civil::Date;

use super::mark::Mark;
use super::observation::{EpisodeKind, ReadinessPart};
use super::plan::Concern;
use super::reading::{Occasion, VitalKind};
use super::readout::Phase;

/// A step that has preconditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Recording anything about a patient who is in the house.
    Record,
    /// Planning.
    Plan,
    /// Clearing for dosing.
    Clear,
    /// The next device.
    Device,
    /// Discharge.
    Discharge,
}

/// Something that a step lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The patient's enrolment is not confirmed.
    Enrolment,
    /// The patient is not recorded as arrived.
    Arrival,
    /// A required checklist item without its expected answer.
    ChecklistItem {
        /// The item's id in the protocol.
        item: String,
    },
    /// A wanted reading before dosing.
    ReadingBeforeDosing {
        /// Which.
        kind: VitalKind,
    },
    /// The prescriber's decision to go on.
    Decision {
        /// About what.
        concern: Concern,
    },
    /// The clearing.
    Clearing,
    /// The rest between two devices.
    Rest {
        /// When it is over.
        until: Timestamp,
    },
    /// There is no room left in the intended dose.
    DoseLeft {
        /// Given so far, milligrams.
        given_mg: u32,
        /// What this device would add, milligrams.
        adding_mg: u32,
        /// Intended, milligrams.
        intended_mg: u32,
    },
    /// Dosing was stopped.
    DosingStopped {
        /// The event that says so.
        seq: u32,
    },
    /// The device is past its expiry date.
    DeviceInDate {
        /// Its expiry date.
        expires: Date,
    },
    /// The device did not show all its green dots before use.
    UnusedDevice {
        /// What it showed.
        dots: u8,
        /// What it should show.
        expected: u8,
    },
    /// The lot number.
    LotNumber,
    /// The expiry date.
    ExpiryDate,
    /// How a device that is not empty was disposed of.
    Disposal,
    /// Who saw the disposal.
    Witness,
    /// Either the rest of the dose, or the word that dosing stopped.
    DoseCompleteOrStopped {
        /// Given so far, milligrams.
        given_mg: u32,
        /// Intended, milligrams.
        intended_mg: u32,
    },
    /// The shortest monitoring is not over.
    MinimumTime {
        /// When it is over.
        until: Timestamp,
    },
    /// The reading at about 40 minutes, or why there is none.
    FortyMinuteReading {
        /// From when a reading counts.
        from: Timestamp,
        /// Until when a reading counts; later, only "not obtained" or "declined" helps.
        until: Timestamp,
    },
    /// The last blood pressure, or why there is none.
    LastPressure {
        /// From when a reading counts as the last.
        from: Timestamp,
    },
    /// An episode without its resolution.
    Resolution {
        /// The onset's `seq`.
        episode: u32,
        /// What it is.
        kind: EpisodeKind,
    },
    /// A readiness judgement that holds beside the readings before it and everything after it.
    ReadinessJudgement {
        /// The event beside which the last judgement does not hold; `None` when nobody has judged yet.
        overtaken_by: Option<u32>,
    },
    /// A part of the last readiness judgement that was "no".
    ReadinessPart {
        /// Which.
        part: ReadinessPart,
    },
    /// The judgement "clinically stable and ready to leave".
    ClinicallyStable,
    /// The instructions.
    Instructions,
    /// The escort.
    Escort,
}

impl Lack {
    /// When this lack ends by time alone.
    #[must_use]
    pub const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Rest { until } | Self::MinimumTime { until } => Some(*until),
            Self::Enrolment
            | Self::Arrival
            | Self::ChecklistItem { .. }
            | Self::ReadingBeforeDosing { .. }
            | Self::Decision { .. }
            | Self::Clearing
            | Self::DoseLeft { .. }
            | Self::DosingStopped { .. }
            | Self::DeviceInDate { .. }
            | Self::UnusedDevice { .. }
            | Self::LotNumber
            | Self::ExpiryDate
            | Self::Disposal
            | Self::Witness
            | Self::DoseCompleteOrStopped { .. }
            | Self::FortyMinuteReading { .. }
            | Self::LastPressure { .. }
            | Self::Resolution { .. }
            | Self::ReadinessJudgement { .. }
            | Self::ReadinessPart { .. }
            | Self::ClinicallyStable
            | Self::Instructions
            | Self::Escort => None,
        }
    }

    /// The stable name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Enrolment => "enrolment",
            Self::Arrival => "arrival",
            Self::ChecklistItem { .. } => "checklist_item",
            Self::ReadingBeforeDosing { .. } => "reading_before_dosing",
            Self::Decision { .. } => "decision",
            Self::Clearing => "clearing",
            Self::Rest { .. } => "rest",
            Self::DoseLeft { .. } => "dose_left",
            Self::DosingStopped { .. } => "dosing_stopped",
            Self::DeviceInDate { .. } => "device_in_date",
            Self::UnusedDevice { .. } => "unused_device",
            Self::LotNumber => "lot_number",
            Self::ExpiryDate => "expiry_date",
            Self::Disposal => "disposal",
            Self::Witness => "witness",
            Self::DoseCompleteOrStopped { .. } => "dose_complete_or_stopped",
            Self::MinimumTime { .. } => "minimum_time",
            Self::FortyMinuteReading { .. } => "forty_minute_reading",
            Self::LastPressure { .. } => "last_pressure",
            Self::Resolution { .. } => "resolution",
            Self::ReadinessJudgement { .. } => "readiness_judgement",
            Self::ReadinessPart { .. } => "readiness_part",
            Self::ClinicallyStable => "clinically_stable",
            Self::Instructions => "instructions",
            Self::Escort => "escort",
        }
    }
}

/// A field of a form, to point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Systolic pressure.
    Systolic,
    /// Diastolic pressure.
    Diastolic,
    /// Pulse.
    Pulse,
    /// SpO2.
    Spo2,
    /// Respiratory rate.
    Respiration,
    /// MOAA/S.
    Moaas,
    /// At least one reading, or why there is none.
    AnyReading,
    /// Green dots before use.
    DotsBefore,
    /// Green dots after use.
    DotsAfter,
    /// Sprays delivered.
    Sprays,
    /// How a device's use ended.
    Outcome,
    /// First spray.
    FirstSprayAt,
    /// Last spray.
    LastSprayAt,
    /// Lot number.
    Lot,
    /// Disposal.
    Disposal,
    /// The dose in milligrams.
    DoseMg,
    /// The room.
    Room,
    /// A reason.
    Reason,
    /// A note.
    Note,
    /// Checklist answers.
    Answers,
    /// What a decision is about.
    About,
    /// A kind from a list.
    Kinds,
    /// Symptoms.
    Symptoms,
    /// A medicine's name.
    Drug,
    /// A medicine's dose.
    MedicineDose,
    /// A medicine's route.
    Route,
    /// On whose order a medicine was given.
    Order,
    /// A description.
    Description,
    /// The escort.
    Escort,
    /// A destination.
    Destination,
    /// The last time seen.
    LastSeenAt,
    /// A text.
    Text,
    /// What a plan changes.
    PlanChange,
    /// The replacement of a corrected event.
    Replacement,
    /// The occasion that an absent reading stands for.
    Occasion,
    /// A report.
    Report,
}

/// An id that is not known.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Unknown {
    /// A checklist item.
    ChecklistItem(String),
    /// A severity.
    Severity(String),
    /// A symptom.
    Symptom(String),
    /// A kind of serious adverse event.
    SeriousKind(String),
    /// A report.
    Report(String),
    /// A recorded event, by `seq`.
    Event(u32),
    /// An episode, by the `seq` of its onset.
    Episode(u32),
    /// A dose that the protocol does not have, milligrams.
    DoseMg(u32),
    /// A concern that nothing raised.
    Concern(Concern),
}

/// Why a step was refused.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Refusal {
    /// The session is locked; only addenda, answers about seriousness and ticks are taken.
    Locked {
        /// Since when.
        at: Timestamp,
    },
    /// The step does not belong to this phase.
    WrongPhase {
        /// The phase.
        phase: Phase,
    },
    /// It was already done.
    AlreadyDone {
        /// The event that says so.
        seq: u32,
    },
    /// A device was given: stop dosing, then watch.
    AfterDevice {
        /// The first device's `seq`.
        seq: u32,
    },
    /// The step lacks something.
    Lacks {
        /// The step.
        step: Step,
        /// What it lacks; at least one.
        lacks: Vec<Lack>,
    },
    /// It breaks the protocol, so writing it down needs its reason.
    ReasonNeeded {
        /// What it breaks; at least one.
        marks: Vec<Mark>,
    },
    /// A value that cannot be.
    Impossible {
        /// Which.
        field: Field,
        /// The value given.
        given: i64,
        /// The lowest possible.
        low: i64,
        /// The highest possible.
        high: i64,
    },
    /// Something that has to be filled in is empty.
    Incomplete {
        /// Which; at least one.
        fields: Vec<Field>,
    },
    /// A text or list is too long.
    TooLong {
        /// Which.
        field: Field,
        /// The most that is taken (characters or items).
        limit: u32,
    },
    /// Two statements that cannot both be true.
    Contradiction {
        /// The field that contradicts.
        field: Field,
        /// The earlier event that it contradicts, if it is not within the same form.
        seq: Option<u32>,
    },
    /// An id that is not known.
    Unknown(Unknown),
    /// It has not happened yet.
    InFuture {
        /// The time given.
        happened_at: Timestamp,
        /// The true time.
        now: Timestamp,
    },
    /// It is said to have happened before the patient arrived. Offer: correct the arrival first.
    BeforeArrival {
        /// The time given.
        happened_at: Timestamp,
        /// The recorded arrival.
        arrived_at: Timestamp,
        /// The arrival's `seq`, to be corrected.
        arrival: u32,
    },
    /// It is said to have happened before something that must come before it.
    OutOfOrder {
        /// The time given.
        happened_at: Timestamp,
        /// The earliest possible time.
        not_before: Timestamp,
        /// The event that sets it, if it is not within the same form.
        after: Option<u32>,
    },
    /// An episode of that kind is open already, or was at that time.
    EpisodeOpen {
        /// The onset's `seq`.
        episode: u32,
        /// What it is.
        kind: EpisodeKind,
    },
    /// This resolution would make an episode run into a later one of its kind.
    EpisodesOverlap {
        /// The later onset's `seq`.
        episode: u32,
        /// What it is.
        kind: EpisodeKind,
    },
    /// A value, and the word that there is none, for one and the same wanted reading.
    MeasuredAndAbsent {
        /// Which value.
        kind: VitalKind,
        /// For which wanted reading.
        occasion: Occasion,
    },
    /// A part of the readiness judgement cannot be "yes" beside the latest reading of its kind.
    ReadingContradicts {
        /// The part.
        part: ReadinessPart,
        /// Which value contradicts it.
        kind: VitalKind,
        /// The reading's `seq`.
        seq: u32,
    },
    /// That event cannot be corrected in that way.
    NotCorrectable {
        /// The event.
        seq: u32,
    },
    /// A prescriber's decision is corrected by a prescriber alone. Roles are not known here: whoever knows them says so.
    PrescribersAlone {
        /// The decision.
        seq: u32,
    },
    /// A corrected decision is that of the prescriber who enters it, and of nobody else.
    OwnNameNeeded {
        /// The decision.
        seq: u32,
    },
    /// The correction would leave another event impossible.
    CorrectionBreaks {
        /// The event that would become impossible.
        seq: u32,
        /// Why.
        why: Box<Refusal>,
    },
    /// The session holds as many events as it can.
    Full {
        /// The most.
        limit: u32,
    },
}

impl Refusal {
    /// From when the step would be possible, as far as time alone decides. Other lacks may stand besides.
    #[must_use]
    pub fn possible_from(&self) -> Option<Timestamp> {
        match self {
            Self::Lacks { lacks, .. } => lacks.iter().filter_map(Lack::until).max(),
            Self::InFuture { happened_at, .. } => Some(*happened_at),
            Self::CorrectionBreaks { why, .. } => why.possible_from(),
            Self::Locked { .. }
            | Self::WrongPhase { .. }
            | Self::AlreadyDone { .. }
            | Self::AfterDevice { .. }
            | Self::ReasonNeeded { .. }
            | Self::Impossible { .. }
            | Self::Incomplete { .. }
            | Self::TooLong { .. }
            | Self::Contradiction { .. }
            | Self::Unknown(_)
            | Self::BeforeArrival { .. }
            | Self::OutOfOrder { .. }
            | Self::EpisodeOpen { .. }
            | Self::EpisodesOverlap { .. }
            | Self::MeasuredAndAbsent { .. }
            | Self::ReadingContradicts { .. }
            | Self::NotCorrectable { .. }
            | Self::PrescribersAlone { .. }
            | Self::OwnNameNeeded { .. }
            | Self::Full { .. } => None,
        }
    }

    /// The stable name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "locked",
            Self::WrongPhase { .. } => "wrong_phase",
            Self::AlreadyDone { .. } => "already_done",
            Self::AfterDevice { .. } => "after_device",
            Self::Lacks { .. } => "lacks",
            Self::ReasonNeeded { .. } => "reason_needed",
            Self::Impossible { .. } => "impossible",
            Self::Incomplete { .. } => "incomplete",
            Self::TooLong { .. } => "too_long",
            Self::Contradiction { .. } => "contradiction",
            Self::Unknown(_) => "unknown",
            Self::InFuture { .. } => "in_future",
            Self::BeforeArrival { .. } => "before_arrival",
            Self::OutOfOrder { .. } => "out_of_order",
            Self::EpisodeOpen { .. } => "episode_open",
            Self::EpisodesOverlap { .. } => "episodes_overlap",
            Self::MeasuredAndAbsent { .. } => "measured_and_absent",
            Self::ReadingContradicts { .. } => "reading_contradicts",
            Self::NotCorrectable { .. } => "not_correctable",
            Self::PrescribersAlone { .. } => "prescribers_alone",
            Self::OwnNameNeeded { .. } => "own_name_needed",
            Self::CorrectionBreaks { .. } => "correction_breaks",
            Self::Full { .. } => "full",
        }
    }
}

#[cfg(not(test))]
impl std::fmt::Debug for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}
