//! What a use case can answer besides success.

use domain::treatment::{Recorded, Refusal};

use crate::treatment::SessionPage;

/// Why a use case did not do what was asked. `web` turns each into a status and a sentence.
#[derive(thiserror::Error)]
pub enum AppError {
    /// It does not exist, or is not yours: the same answer (404).
    #[error("not found")]
    NotFound,
    /// The code, the name or the PIN is wrong, or signing in is locked for a while: one answer for all (401).
    #[error("sign-in refused")]
    SignInRefused,
    /// A rule refuses this step (422). The page is as it stands now, to show the form again.
    #[error("refused by a rule")]
    Refused {
        /// What the rule says.
        refusal: Refusal,
        /// The session as it stands.
        page: Box<SessionPage>,
    },
    /// Somebody else recorded something since the page was shown (409): show it, keep what was typed, ask again.
    #[error("the session has changed since the page was shown")]
    Stale {
        /// What came since, oldest first.
        changed: Vec<Recorded>,
        /// The session as it stands.
        page: Box<SessionPage>,
    },
    /// The form's key was already used with other content (409): what was typed is not saved yet.
    #[error("this form was already saved with other content")]
    KeyReused {
        /// The session as it stands.
        page: Box<SessionPage>,
    },
    /// Input that no form of ours would send (400); the sentence says what is wrong.
    #[error("bad input: {0}")]
    BadInput(&'static str),
    /// A part is away (503): what was not acknowledged was not saved.
    #[error("unavailable: {0}")]
    Unavailable(&'static str),
    /// A fault of ours (500). Logged where it is handled; carries no patient data.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// A fault in opening or sealing (500).
    #[error(transparent)]
    Vault(#[from] vault::VaultError),
    /// A row or record that cannot be what it is (500).
    #[error("impossible record: {0}")]
    Impossible(String),
    /// The record could not be printed (500).
    #[error("the record could not be printed: {0}")]
    Press(#[from] press::PressError),
    /// The bundle or proof could not be made (500).
    #[error("the proof could not be made: {0}")]
    Proof(String),
}

impl std::fmt::Debug for AppError {
    /// Never the page or the refusal's facts: they may be patient data.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "AppError({self})")
    }
}
