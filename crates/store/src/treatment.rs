//! Rows of treatment sessions and their sealed events.

use jiff::civil::Date;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::error::StoreError;
use crate::scope::Scope;

/// A session's row: what finding it needs, and nothing of its content.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Its id.
    pub id: Uuid,
    /// Its patient's pseudonym.
    pub patient: Uuid,
    /// The day it is planned for.
    pub day: Date,
    /// How many events it has.
    pub version: u32,
    /// Still on the board.
    pub open: bool,
}

/// A sealed event.
pub struct EventRow {
    /// Its session.
    pub session: Uuid,
    /// Its number in the session, from 0.
    pub seq: u32,
    /// The envelope.
    pub sealed: Vec<u8>,
}

/// A session with its sealed events, oldest first, unless it does not exist here or its destruction was intended.
///
/// # Errors
/// When the database is away.
pub async fn find(
    scope: &Scope,
    session: Uuid,
) -> Result<Option<(SessionRow, Vec<EventRow>)>, StoreError> {
    // The row first: what is appended in between then shows as an event more, which is left out, never as one that lacks.
    let (rows, events) = scope
        .query_both(
            (
                "SELECT id, patient, day, version, open FROM session
                  WHERE clinic = clinic_now() AND id = $1 AND NOT closed",
                &[&session],
            ),
            (
                "SELECT session, seq, sealed FROM session_event
                  WHERE clinic = clinic_now() AND session = $1 ORDER BY seq",
                &[&session],
            ),
        )
        .await?;
    let Some(row) = rows.first().map(session_from).transpose()? else {
        return Ok(None);
    };
    let mut events = events
        .iter()
        .map(event_from)
        .collect::<Result<Vec<_>, _>>()?;
    events.retain(|event| event.seq < row.version);
    if events.len() != row.version as usize {
        return Err(StoreError::Impossible {
            table: "session_event",
            what: "an event that lacks",
        });
    }
    Ok(Some((row, events)))
}

/// Whether there is such a session in this clinic.
///
/// # Errors
/// When the database is away.
pub async fn exists(scope: &Scope, session: Uuid) -> Result<bool, StoreError> {
    let row = scope
        .query_opt(
            "SELECT 1 FROM session WHERE clinic = clinic_now() AND id = $1",
            &[&session],
        )
        .await?;
    Ok(row.is_some())
}

/// Whose session this is, unless it does not exist here or its destruction was intended.
///
/// # Errors
/// When the database is away.
pub async fn patient_of(scope: &Scope, session: Uuid) -> Result<Option<Uuid>, StoreError> {
    let row = scope
        .query_opt(
            "SELECT patient FROM session WHERE clinic = clinic_now() AND id = $1 AND NOT closed",
            &[&session],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

/// The rows of a question for sessions.
async fn sessions(
    scope: &Scope,
    question: &'static str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Vec<SessionRow>, StoreError> {
    let rows = scope.query(question, parameters).await?;
    rows.iter().map(session_from).collect()
}

/// The board: sessions that are open on or before `day`, those of `day` that have ended, and those of a later day of which more
/// than the plan is recorded; at most `rows_max`.
///
/// # Errors
/// When the database is away.
pub async fn board(scope: &Scope, day: Date, rows_max: i64) -> Result<Vec<SessionRow>, StoreError> {
    sessions(
        scope,
        "SELECT id, patient, day, version, open FROM session
              WHERE clinic = clinic_now() AND NOT closed AND (day = $1 OR (open AND (day < $1 OR version > 1)))
              ORDER BY day, id LIMIT $2",
        &[&day, &rows_max],
    )
    .await
}

/// A session's place in the order of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionPlace {
    /// The day that it is planned for.
    pub day: Date,
    /// Its id.
    pub id: Uuid,
}

/// Sessions behind this place, the next first, at most `rows_max`.
///
/// # Errors
/// When the database is away.
pub async fn coming(
    scope: &Scope,
    after: SessionPlace,
    rows_max: i64,
) -> Result<Vec<SessionRow>, StoreError> {
    sessions(
        scope,
        "SELECT id, patient, day, version, open FROM session
              WHERE clinic = clinic_now() AND NOT closed AND (day, id) > ($1, $2)
              ORDER BY day, id LIMIT $3",
        &[&after.day, &after.id, &rows_max],
    )
    .await
}

/// Sessions before this place that have ended, the latest first, at most `rows_max`.
///
/// # Errors
/// When the database is away.
pub async fn ended(
    scope: &Scope,
    before: SessionPlace,
    rows_max: i64,
) -> Result<Vec<SessionRow>, StoreError> {
    sessions(
        scope,
        "SELECT id, patient, day, version, open FROM session
              WHERE clinic = clinic_now() AND NOT closed AND NOT open AND (day, id) < ($1, $2)
              ORDER BY day DESC, id DESC LIMIT $3",
        &[&before.day, &before.id, &rows_max],
    )
    .await
}

/// A patient's sessions that are planned for `day` or later, at most `rows_max`.
///
/// # Errors
/// When the database is away.
pub async fn of_patient_from(
    scope: &Scope,
    patient: Uuid,
    day: Date,
    rows_max: i64,
) -> Result<Vec<SessionRow>, StoreError> {
    sessions(
        scope,
        "SELECT id, patient, day, version, open FROM session
              WHERE clinic = clinic_now() AND patient = $1 AND day >= $2 AND NOT closed
              ORDER BY day, id LIMIT $3",
        &[&patient, &day, &rows_max],
    )
    .await
}

/// Those of these ids that are sessions of this clinic whose destruction was not intended.
///
/// # Errors
/// When the database is away.
pub async fn among(scope: &Scope, ids: &[Uuid]) -> Result<Vec<SessionRow>, StoreError> {
    sessions(
        scope,
        "SELECT id, patient, day, version, open FROM session
              WHERE clinic = clinic_now() AND id = ANY($1) AND NOT closed ORDER BY day, id",
        &[&ids],
    )
    .await
}

/// The sealed events of several sessions, by session and number.
///
/// # Errors
/// When the database is away.
pub async fn events_of(scope: &Scope, sessions: &[Uuid]) -> Result<Vec<EventRow>, StoreError> {
    scope
        .query(
            "SELECT session, seq, sealed FROM session_event
              WHERE clinic = clinic_now() AND session = ANY($1) ORDER BY session, seq",
            &[&sessions],
        )
        .await?
        .iter()
        .map(event_from)
        .collect()
}

/// The clinic's sealed events after this one, by session and number, at most `rows_max`: for going through all of them.
///
/// # Errors
/// When the database is away.
pub async fn events_after(
    scope: &Scope,
    after: (Uuid, i32),
    rows_max: i64,
) -> Result<Vec<EventRow>, StoreError> {
    scope
        .query(
            "SELECT session, seq, sealed FROM session_event
              WHERE clinic = clinic_now() AND (session, seq) > ($1, $2) ORDER BY session, seq LIMIT $3",
            &[&after.0, &after.1, &rows_max],
        )
        .await?
        .iter()
        .map(event_from)
        .collect()
}

/// A session that a plan takes up, and what was looked at before.
pub struct TakenUp {
    /// The session, as it was read.
    pub row: SessionRow,
    /// The other sessions of its patient from its day on.
    pub others: Vec<Uuid>,
}

/// Holds a session for the plan that takes it up, until the transaction ends: of two such plans the second one waits here
/// for the first, and then sees the session that the first one has written.
///
/// # Errors
/// [`StoreError::Moved`] when it was written to since it was read, or its patient has a session that was not looked at.
pub async fn take_up(scope: &Scope, taken_up: &TakenUp) -> Result<(), StoreError> {
    let (row, others) = (&taken_up.row, &taken_up.others);
    let version = i32::try_from(row.version).map_err(|_| StoreError::Impossible {
        table: "session",
        what: "more events than a session can have",
    })?;
    // Two statements: the second one looks anew, after the wait for the first one's lock.
    let (held, unseen) = scope
        .query_both(
            (
                "SELECT 1 FROM session
                  WHERE clinic = clinic_now() AND id = $1 AND version = $2 AND NOT closed FOR NO KEY UPDATE",
                &[&row.id, &version],
            ),
            (
                "SELECT 1 FROM session
                  WHERE clinic = clinic_now() AND patient = $1 AND day >= $2 AND NOT closed
                    AND id <> $3 AND id <> ALL($4) LIMIT 1",
                &[&row.patient, &row.day, &row.id, others],
            ),
        )
        .await?;
    if held.is_empty() || !unseen.is_empty() {
        return Err(StoreError::Moved);
    }
    Ok(())
}

/// Holds a patient for a plan, until the transaction ends: of two plans for one patient the second one waits here for the
/// first, and then sees the session that the first one has written.
///
/// # Errors
/// [`StoreError::Moved`] when the patient has a session on that day that was not looked at.
pub async fn plan_beside(
    scope: &Scope,
    patient: Uuid,
    day: Date,
    looked_at: &[Uuid],
) -> Result<(), StoreError> {
    // Two statements, as in `take_up`.
    let (_held, unseen) = scope
        .query_both(
            (
                "SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))) AS held",
                &[&patient.to_string()],
            ),
            (
                "SELECT 1 FROM session
                  WHERE clinic = clinic_now() AND patient = $1 AND day = $2 AND NOT closed AND id <> ALL($3) LIMIT 1",
                &[&patient, &day, &looked_at],
            ),
        )
        .await?;
    if unseen.is_empty() {
        Ok(())
    } else {
        Err(StoreError::Moved)
    }
}

/// A new session, before its first event.
///
/// # Errors
/// [`StoreError::Exists`] when the id is taken.
pub async fn insert(
    scope: &Scope,
    session: Uuid,
    patient: Uuid,
    day: Date,
) -> Result<(), StoreError> {
    scope
        .execute(
            "INSERT INTO session (clinic, id, patient, day, version, open) VALUES (clinic_now(), $1, $2, $3, 0, true)",
            &[&session, &patient, &day],
        )
        .await?;
    Ok(())
}

/// Appends sealed events to a session that stands at `version`; `open` says whether it stays on the board.
///
/// # Errors
/// [`StoreError::Moved`] when the session stands elsewhere by now; nothing is lost then, the caller decides again.
pub async fn append(
    scope: &Scope,
    session: Uuid,
    version: u32,
    sealed: &[Vec<u8>],
    open: bool,
) -> Result<(), StoreError> {
    let too_many = |_| StoreError::Impossible {
        table: "session",
        what: "more events than a session can have",
    };
    let from = i32::try_from(version).map_err(too_many)?;
    let count = i32::try_from(sealed.len()).map_err(too_many)?;
    scope
        .query_both(
            (
                "SELECT session_advance($1, $2, $3, $4)",
                &[&session, &from, &count, &open],
            ),
            (
                "INSERT INTO session_event (clinic, session, seq, sealed)
                 SELECT clinic_now(), $1, $2 + e.number::integer - 1, e.sealed
                   FROM unnest($3::bytea[]) WITH ORDINALITY AS e (sealed, number)",
                &[&session, &from, &sealed],
            ),
        )
        .await?;
    Ok(())
}

/// A session's row and events from the columns patient, day, version, open, sealed of `step_find`; they are null where there
/// is none.
pub(crate) fn session_whole(
    session: Uuid,
    row: &tokio_postgres::Row,
) -> Result<Option<(SessionRow, Vec<EventRow>)>, StoreError> {
    let Some(version) = row.get::<_, Option<i32>>(8) else {
        return Ok(None);
    };
    let sealed: Vec<Vec<u8>> = row.get(10);
    if usize::try_from(version) != Ok(sealed.len()) {
        return Err(StoreError::Impossible {
            table: "session_event",
            what: "an event that lacks",
        });
    }
    let events = (0..)
        .zip(sealed)
        .map(|(seq, sealed)| EventRow {
            session,
            seq,
            sealed,
        })
        .collect();
    let session_row = SessionRow {
        id: session,
        patient: row.get(6),
        day: row.get(7),
        version: version.unsigned_abs(),
        open: row.get(9),
    };
    Ok(Some((session_row, events)))
}

fn session_from(row: &tokio_postgres::Row) -> Result<SessionRow, StoreError> {
    let version: i32 = row.get(3);
    Ok(SessionRow {
        id: row.get(0),
        patient: row.get(1),
        day: row.get(2),
        version: u32::try_from(version).map_err(|_| StoreError::Impossible {
            table: "session",
            what: "a negative version",
        })?,
        open: row.get(4),
    })
}

fn event_from(row: &tokio_postgres::Row) -> Result<EventRow, StoreError> {
    let seq: i32 = row.get(1);
    Ok(EventRow {
        session: row.get(0),
        seq: u32::try_from(seq).map_err(|_| StoreError::Impossible {
            table: "session_event",
            what: "a negative number",
        })?,
        sealed: row.get(2),
    })
}
