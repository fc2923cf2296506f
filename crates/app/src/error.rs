//! What a use case can answer besides success.

use domain::treatment::{Recorded, Refusal};
use uuid::Uuid;

use crate::recover::RecoverRefused;
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
    /// The session is still going on, so there is no record of it to be taken out yet (409).
    #[error("the session has not ended")]
    NotEnded {
        /// The session.
        session: Uuid,
    },
    /// A part is away (503): what was not acknowledged was not saved.
    #[error("unavailable: {0}")]
    Unavailable(&'static str),
    /// The database is away (503): nobody can say whether what was asked was done, since the answer to a commit can be
    /// lost as well. The same form can be sent again, for it is saved only once.
    #[error("the database is away: {0}")]
    Away(String),
    /// A fault of ours (500). Logged where it is handled; carries no patient data.
    #[error(transparent)]
    Store(store::StoreError),
    /// A fault in opening or sealing (500).
    #[error(transparent)]
    Vault(vault::VaultError),
    /// A row or record that cannot be what it is (500).
    #[error("impossible record: {0}")]
    Impossible(String),
    /// The record could not be printed (500).
    #[error("the record could not be printed: {0}")]
    Press(#[from] press::PressError),
    /// There is nothing to recover, or nothing to recover from. Only the command can meet it.
    #[error(transparent)]
    Recover(#[from] RecoverRefused),
    /// The bundle or proof could not be made (500).
    #[error("the proof could not be made: {0}")]
    Proof(String),
}

impl AppError {
    /// Of several records that a page shows, the rest is shown where one cannot be opened: then this is where its fault is
    /// handled, and is logged.
    ///
    /// # Errors
    /// What is no fault of that one record: then there is no page.
    pub(crate) fn tell_if_of_one_record(self) -> Result<(), Self> {
        use vault::VaultError::{Envelope, KeyDamaged, KeyUnwrap, UnitUnknown};
        // A restored row of what was destroyed since: it opens nothing, and the next sweep deletes it.
        if matches!(self, Self::NotFound) {
            return Ok(());
        }
        let is_of_one_record = matches!(
            self,
            Self::Impossible(_)
                | Self::Vault(
                    Envelope { .. } | KeyDamaged { .. } | KeyUnwrap { .. } | UnitUnknown { .. }
                )
        );
        if !is_of_one_record {
            return Err(self);
        }
        tracing::error!(error = %self, "one record could not be opened; the page shows the others. `clerestory check` names what is damaged");
        Ok(())
    }
}

impl From<store::StoreError> for AppError {
    fn from(error: store::StoreError) -> Self {
        if let store::StoreError::Away(why) = error {
            return Self::Away(why);
        }
        Self::Store(error)
    }
}

impl From<vault::VaultError> for AppError {
    /// What was destroyed does not exist any more, and is answered like what never did.
    fn from(error: vault::VaultError) -> Self {
        if matches!(error, vault::VaultError::UnitDestroyed { .. }) {
            return Self::NotFound;
        }
        Self::Vault(error)
    }
}

impl std::fmt::Debug for AppError {
    /// Never the page or the refusal's facts: they may be patient data.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "AppError({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::{ClinicId, UnitId};
    use store::StoreError;
    use uuid::Uuid;
    use vault::VaultError;

    #[test]
    fn a_database_that_is_away_is_no_fault_of_ours() {
        let away = AppError::from(StoreError::Away("no connection came free in time".into()));
        assert!(matches!(away, AppError::Away(_)));
        let moved = AppError::from(StoreError::Moved);
        assert!(matches!(moved, AppError::Store(StoreError::Moved)));
    }

    #[test]
    fn what_was_destroyed_does_not_exist() {
        let (clinic, unit) = (ClinicId(Uuid::from_u128(1)), UnitId(Uuid::from_u128(2)));
        let destroyed = AppError::from(VaultError::UnitDestroyed { clinic, unit });
        assert!(matches!(destroyed, AppError::NotFound));
        // A key that should be there and is not is a fault of ours, and stays one.
        let unknown = AppError::from(VaultError::UnitUnknown { clinic, unit });
        assert!(matches!(unknown, AppError::Vault(_)));
    }
}
