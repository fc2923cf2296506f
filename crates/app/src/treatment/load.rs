//! A session's rows, and opening them.

use domain::treatment::Session;
use store::treatment::{EventRow, SessionRow};
use uuid::Uuid;
use vault::{Opened, Unlocked};

use super::form::Forms;
use super::wire::{self, Json};
use crate::error::AppError;
use crate::sealing::{OpenedRecord, Place};

/// A session as it stands in the database: sealed.
pub(crate) struct SessionRows {
    pub(crate) row: SessionRow,
    pub(crate) events: Vec<EventRow>,
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
pub(crate) fn events_open(unit: &Unlocked<'_>, rows: Vec<EventRow>) -> Result<Session, AppError> {
    events_read(unit, rows, |_, _| Ok(()))
}

/// As [`events_open`], and the forms that the events were made by.
pub(crate) fn events_open_with_forms(
    unit: &Unlocked<'_>,
    rows: Vec<EventRow>,
) -> Result<(Session, Forms), AppError> {
    let mut forms = Forms::default();
    let session = events_read(unit, rows, |body, _| {
        forms.note(body);
        Ok(())
    })?;
    Ok((session, forms))
}

/// As [`events_open`], and each event's body and salt as sealed: what an export carries.
pub(crate) fn events_open_whole(
    unit: &Unlocked<'_>,
    rows: Vec<EventRow>,
) -> Result<(Session, Vec<OpenedRecord>), AppError> {
    let mut records = Vec::with_capacity(rows.len());
    let session = events_read(unit, rows, |_, opened| {
        records.push(OpenedRecord::of(opened, Place::SESSION_EVENT)?);
        Ok(())
    })?;
    Ok((session, records))
}

fn events_read(
    unit: &Unlocked<'_>,
    rows: Vec<EventRow>,
    mut each: impl FnMut(&Json<'_>, &Opened<'_>) -> Result<(), AppError>,
) -> Result<Session, AppError> {
    let mut session = Session::new();
    for row in rows {
        let place = Place::session_event(row.session, row.seq);
        let opened = unit.open(&place.slot(), &ledger::Sealed::from_bytes(row.sealed))?;
        let body = Json::read(opened.bytes())
            .map_err(|_| AppError::Impossible("a sealed event is no JSON".into()))?;
        let recorded = wire::recorded_from_json(&body)
            .map_err(|error| AppError::Impossible(format!("a sealed event: {error}")))?;
        if recorded.seq != row.seq {
            return Err(AppError::Impossible(
                "a sealed event of another number".into(),
            ));
        }
        each(&body, &opened)?;
        session.push(recorded);
    }
    Ok(session)
}
