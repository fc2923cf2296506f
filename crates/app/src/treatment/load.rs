//! A session's rows, and opening them.

use domain::treatment::{Recorded, Session};
use serde_json::Value;
use store::treatment::{EventRow, SessionRow};
use uuid::Uuid;
use vault::Unlocked;

use crate::error::AppError;
use crate::sealing::{Place, open};

/// A session as it stands in the database: sealed.
pub(crate) struct SessionRows {
    pub(crate) row: SessionRow,
    pub(crate) events: Vec<EventRow>,
}

/// A session, opened.
pub(crate) struct Loaded {
    pub(crate) session: Session,
    pub(crate) events: Vec<Recorded>,
    /// Each event's body and salt as sealed: what an export carries.
    pub(crate) bodies: Vec<(Value, [u8; ledger::SALT_BYTES])>,
}

/// A session's row and sealed events.
///
/// # Errors
/// [`AppError::NotFound`] when it does not exist in this clinic, or is being destroyed.
pub(crate) async fn session_rows(
    scope: &store::Scope,
    session: Uuid,
) -> Result<SessionRows, AppError> {
    let (row, events) = store::treatment::find(scope, session)
        .await?
        .ok_or(AppError::NotFound)?;
    Ok(SessionRows { row, events })
}

/// Opens a session's events, each bound to its place, and folds them.
pub(crate) fn events_open(unit: &Unlocked<'_>, rows: Vec<EventRow>) -> Result<Loaded, AppError> {
    let mut loaded = Loaded {
        session: Session::new(),
        events: Vec::with_capacity(rows.len()),
        bodies: Vec::with_capacity(rows.len()),
    };
    for row in rows {
        let record = open(
            unit,
            &Place::session_event(row.session, row.seq),
            row.sealed,
        )?;
        let recorded = super::wire::recorded_from_json(&record.body)
            .map_err(|error| AppError::Impossible(format!("a sealed event: {error}")))?;
        if recorded.seq != row.seq {
            return Err(AppError::Impossible(
                "a sealed event of another number".into(),
            ));
        }
        loaded.session.apply(&recorded);
        loaded.events.push(recorded);
        loaded.bodies.push((record.body, record.salt));
    }
    Ok(loaded)
}
