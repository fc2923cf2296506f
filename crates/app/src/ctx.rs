//! Who asks, for which clinic, and when: the first parameter of every use case.

use domain::treatment::PersonId;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use ledger::{ActorId, ClinicId};
use uuid::Uuid;

/// What a person is to the clinic. Roles decide what each person sees and does (promise A6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Runs the clinic: its code, its people, its records and exports; takes no clinical step.
    Owner,
    /// Decides, on site; also works on the floor.
    Prescriber,
    /// Follows patients on the floor.
    FloorClinician,
}

impl Role {
    /// The word that the database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Prescriber => "prescriber",
            Self::FloorClinician => "floor_clinician",
        }
    }

    /// The role of a database word; `None` for a word that is no role.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Owner, Self::Prescriber, Self::FloorClinician]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

/// One request of one signed-in person. It is made by [`crate::App::authenticate`] and its like, so that holding one means that
/// the sign-in was checked against the database at `now`; or by [`crate::App::record_held`], which lets nothing be seen with it
/// and asks the database in the write itself.
pub struct Ctx {
    pub(crate) clinic: ClinicId,
    pub(crate) sign_in: Uuid,
    pub(crate) presence: Presence,
    /// The signed-in person.
    pub person: PersonId,
    /// That person's role.
    pub role: Role,
    /// The request's id: stands in its ledger entries and in the operational log.
    pub request: Uuid,
    /// The time of the request; every rule of this request takes this one.
    pub now: Timestamp,
    /// The clinic's time zone.
    pub zone: TimeZone,
}

/// What a later request of the same sign-in is held against.
#[derive(Clone)]
pub(crate) struct Presence {
    /// SHA-256 of the cookie's secret.
    pub(crate) token_hash: [u8; 32],
    /// When the sign-in ends in any case.
    pub(crate) ends_at: Timestamp,
    /// When its use was last written down.
    pub(crate) touched_at: Timestamp,
}

impl Ctx {
    /// The clinic's day.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone()).date()
    }

    pub(crate) fn actor(&self) -> ActorId {
        ActorId(Uuid::from_u128(self.person.0))
    }
}
