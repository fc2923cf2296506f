//! One nasal spray device.

use jiff::Timestamp;
use jiff::civil::Date;

use super::ids::PersonId;

/// Whether a step is being taken now, or was already taken and is only written down.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Basis {
    /// It is being done now: the rules can still stop it.
    Now,
    /// It was done: the rules can only mark it.
    Already {
        /// The reason; needed only where a rule was broken, else it may be empty.
        reason: String,
    },
}

/// How the use of a device ended.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum DeviceOutcome {
    /// Both sprays were delivered.
    Complete,
    /// Fewer sprays than two were delivered.
    PartlyUsed(Disposal),
    /// The device did not work.
    Failed(Disposal),
}

/// What became of a device that is not empty (schedule CIII: disposal with a witness).
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Disposal {
    /// How it was disposed of; may be empty only when written down afterwards.
    pub how: String,
    /// Who saw it; may be missing only when written down afterwards.
    pub witness: Option<PersonId>,
}

/// The use of one device.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct DeviceUse {
    /// Now, or already given.
    pub basis: Basis,
    /// The lot number; may be empty only when already given.
    pub lot: String,
    /// The expiry date; may be missing only when already given. The device may be used on that day.
    pub expires: Option<Date>,
    /// The clinic's date at the first spray (the caller knows the time zone), to hold against `expires`.
    pub given_on: Date,
    /// Green dots before use, 0 to 2 (two on an unused device).
    pub dots_before: u8,
    /// Green dots after use, 0 to 2.
    pub dots_after: u8,
    /// Sprays delivered, 0 to 2.
    pub sprays: u8,
    /// The first spray; with no spray delivered, the attempt.
    pub first_spray_at: Timestamp,
    /// The last spray; one tap stands for both. Not after the event's `happened_at`.
    pub last_spray_at: Timestamp,
    /// How it ended.
    pub outcome: DeviceOutcome,
}
