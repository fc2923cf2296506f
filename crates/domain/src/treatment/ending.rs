//! How a session ends, and what may still be added.

use jiff::Timestamp;

use super::device::Basis;
use super::ids::PersonId;
use super::plan::YesNo;

/// The discharge; its time is the event's `happened_at`, its judge the event's `taken_by`.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Discharge {
    /// Now, or the patient has already left with the provider's consent.
    pub basis: Basis,
    /// Who takes the patient home.
    pub escort: String,
    /// Whether the instructions were given (no driving until the next day after restful sleep).
    pub instructions_given: YesNo,
    /// The judgement "clinically stable and ready to leave".
    pub clinically_stable: YesNo,
}

/// Left against medical advice; recorded at once, what lacks stays asked.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum LeftAgainstAdvice {
    /// The patient said so and left at the event's `happened_at`.
    Left(DepartureDetails),
    /// The patient was found gone; monitoring ended when last seen.
    FoundGone {
        /// When the patient was last seen.
        last_seen_at: Timestamp,
        /// What else is known.
        details: DepartureDetails,
    },
}

/// What is asked about a departure against advice. `None` is "not yet answered".
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct DepartureDetails {
    /// The prescriber who was told.
    pub prescriber_told: Option<PersonId>,
    /// The last vitals.
    pub last_vitals: Option<LastVitals>,
    /// Whether the patient was oriented.
    pub orientation: Option<Orientation>,
    /// Who went with the patient; "alone" is an answer.
    pub escort: Option<String>,
    /// The patient's signature.
    pub signature: Option<Signature>,
}

/// The last vitals before a departure against advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastVitals {
    /// Taken: they are among the readings.
    Taken,
    /// The patient declined.
    Declined,
    /// Not obtained.
    NotObtained,
}

/// Whether the patient was oriented when leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orientation {
    /// Oriented.
    Oriented,
    /// Not oriented.
    NotOriented,
    /// It could not be seen.
    NotAssessed,
}

/// The patient's signature under "against medical advice".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// Signed.
    Signed,
    /// Refused to sign.
    Refused,
    /// Nobody could ask.
    NotAsked,
}

/// Sent to emergency care; locks the session.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct EmergencyTransfer {
    /// Why.
    pub reason: String,
    /// Where to; may be empty.
    pub destination: String,
    /// Whether it was a serious adverse event: asked, never inferred.
    pub seriousness: super::observation::Seriousness,
}

/// A signed addendum after the end; it leaves the locked record untouched.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Addendum {
    /// The text.
    pub text: String,
    /// Answers about a departure against advice that were still asked.
    pub departure: Option<DepartureDetails>,
}

impl DepartureDetails {
    /// Fills what is not yet answered; what was answered stays.
    pub(super) fn fill(&mut self, more: &Self) {
        self.prescriber_told = self.prescriber_told.or(more.prescriber_told);
        self.last_vitals = self.last_vitals.or(more.last_vitals);
        self.orientation = self.orientation.or(more.orientation);
        self.escort = self.escort.take().or_else(|| more.escort.clone());
        self.signature = self.signature.or(more.signature);
    }
}
