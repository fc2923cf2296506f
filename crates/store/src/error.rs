//! What can go wrong between the program and PostgreSQL.

use ledger::EntryError;

/// An error of the store. Messages name tables, statements and codes, never values.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// PostgreSQL could not be reached, or no connection came free in time.
    #[error("the database is away: {0}")]
    Away(String),
    /// The session was changed by somebody else since it was read: read again and decide again.
    #[error("the session has moved on since it was read")]
    Moved,
    /// A row of that identity exists already.
    #[error("it exists already ({constraint})")]
    Exists {
        /// The constraint's name.
        constraint: String,
    },
    /// PostgreSQL refused a statement. The code is its SQLSTATE; the message is left out, for it may carry values.
    #[error("the database refused a statement (SQLSTATE {code})")]
    Refused {
        /// SQLSTATE.
        code: String,
    },
    /// A row that cannot be: names table and what is wrong with it.
    #[error("impossible row in {table}: {what}")]
    Impossible {
        /// The table.
        table: &'static str,
        /// What is wrong.
        what: &'static str,
    },
    /// The entry could not be encoded.
    #[error("the ledger entry is not well formed: {0}")]
    Entry(#[from] EntryError),
    /// A migration failed.
    #[error("migration failed: {0}")]
    Migration(String),
}

/// Beginnings of the SQLSTATEs with which PostgreSQL says that it goes down, is not up yet, or has lost the connection
/// (class 08, and 57P of class 57).
const AWAY_SQLSTATES: [&str; 2] = ["08", "57P"];

/// The SQLSTATE that `session_advance` raises for a session that has moved on.
const MOVED_SQLSTATE: &str = "CL001";

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refusal) = error.as_db_error() else {
            return Self::Away(error.to_string());
        };
        let code = refusal.code().code();
        if code == MOVED_SQLSTATE {
            return Self::Moved;
        }
        if AWAY_SQLSTATES.iter().any(|start| code.starts_with(start)) {
            return Self::Away(format!("SQLSTATE {code}"));
        }
        if *refusal.code() == tokio_postgres::error::SqlState::UNIQUE_VIOLATION {
            return Self::Exists {
                constraint: refusal.constraint().unwrap_or_default().to_owned(),
            };
        }
        Self::Refused {
            code: code.to_owned(),
        }
    }
}
