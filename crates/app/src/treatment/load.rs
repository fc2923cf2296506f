//! A session's rows, and opening them.

use std::collections::BTreeMap;

use domain::treatment::Session;
use ledger::{Receipt, UnitId};
use store::treatment::{EventRow, SessionRow};
use uuid::Uuid;
use vault::{Opened, Unlocked};

use super::form::Forms;
use super::view::{BoardSession, Patient, UnreadableSession};
use super::wire::{self, Json};
use crate::App;
use crate::ctx::Ctx;
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

/// These sessions with their sealed events, in the order of the rows.
///
/// # Errors
/// When the database is away.
pub(crate) async fn rows_with_events(
    scope: &store::Scope,
    rows: Vec<SessionRow>,
) -> Result<Vec<SessionRows>, AppError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut by_session: BTreeMap<Uuid, Vec<EventRow>> = BTreeMap::new();
    for event in store::treatment::events_of(scope, &ids).await? {
        by_session.entry(event.session).or_default().push(event);
    }
    let with_events = |row: SessionRow| {
        let mut events = by_session.remove(&row.id).unwrap_or_default();
        // What was appended after the row was read is left out.
        events.retain(|event| event.seq < row.version);
        SessionRows { row, events }
    };
    Ok(rows.into_iter().map(with_events).collect())
}

/// Opens a session's events, each bound to its place, and folds them. Its row has to name the patient of its plan.
pub(crate) fn events_open(unit: &Unlocked<'_>, rows: SessionRows) -> Result<Session, AppError> {
    events_read(unit, rows, |_, _| Ok(()))
}

/// As [`events_open`], and the forms that the events were made by.
pub(crate) fn events_open_with_forms(
    unit: &Unlocked<'_>,
    rows: SessionRows,
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
    rows: SessionRows,
) -> Result<(Session, Vec<OpenedRecord>), AppError> {
    let mut records = Vec::with_capacity(rows.events.len());
    let session = events_read(unit, rows, |_, opened| {
        records.push(OpenedRecord::of(opened, Place::SESSION_EVENT)?);
        Ok(())
    })?;
    Ok((session, records))
}

fn events_read(
    unit: &Unlocked<'_>,
    rows: SessionRows,
    mut each: impl FnMut(&Json<'_>, &Opened<'_>) -> Result<(), AppError>,
) -> Result<Session, AppError> {
    let mut session = Session::new();
    for row in rows.events {
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
    // The row says whose session it is in plain, and could be changed; its first event says it under seal.
    let patient = rows.row.patient.as_u128();
    match session.plan() {
        Some(plan) if plan.patient.0 != patient => Err(AppError::Impossible(
            "a session's row names another patient than its plan".into(),
        )),
        Some(_) | None => Ok(session),
    }
}

/// Sessions that were opened together, in the order of their rows.
pub(crate) struct OpenedSessions {
    pub(crate) sessions: Vec<BoardSession>,
    /// Those that could not be opened.
    pub(crate) unreadable: Vec<UnreadableSession>,
}

impl App {
    /// Opens sessions of these patients under one receipt. One that is damaged takes no other with it.
    pub(crate) fn sessions_open(
        &self,
        ctx: &Ctx,
        receipt: &Receipt,
        sessions: Vec<SessionRows>,
        patients: &BTreeMap<Uuid, Patient>,
    ) -> Result<OpenedSessions, AppError> {
        let mut opened = OpenedSessions {
            sessions: Vec::with_capacity(sessions.len()),
            unreadable: Vec::new(),
        };
        for rows in sessions {
            let SessionRow {
                id, day, patient, ..
            } = rows.row;
            let session = self
                .unlock(ctx, receipt, UnitId(id))
                .and_then(|unit| events_open(&unit, rows));
            match session {
                // A restored row of a unit that was destroyed since: it opens nothing, and the next sweep deletes it.
                Err(AppError::NotFound) => {}
                Err(error) => {
                    error.tell_if_of_one_record()?;
                    opened.unreadable.push(UnreadableSession { id, day });
                }
                Ok(session) => match patients.get(&patient).cloned() {
                    Some(patient) => opened.sessions.push(BoardSession {
                        id,
                        day,
                        patient,
                        session,
                    }),
                    None => opened.unreadable.push(UnreadableSession { id, day }),
                },
            }
        }
        Ok(opened)
    }
}
