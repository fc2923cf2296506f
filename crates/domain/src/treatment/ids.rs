//! Names of things that live outside the session: pseudonyms, never people's names.

/// A person who works at the clinic (128-bit, as a UUID elsewhere).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u128);

/// A patient of the clinic (128-bit, as a UUID elsewhere).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PatientId(pub u128);

/// A treatment session (128-bit, as a UUID elsewhere).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u128);
