//! Units that are being destroyed: from the intention, which closes them, until their rows are gone.

use jiff::Timestamp;
use ledger::{ClinicId, UnitId};
use uuid::Uuid;

use crate::Store;
use crate::error::StoreError;
use crate::scope::Scope;

/// Closes a session that stands at `version`, to be destroyed once every receipt for it has run out.
///
/// # Errors
/// [`StoreError::Moved`] when the session stands elsewhere by now.
pub async fn intend_session(
    scope: &Scope,
    session: Uuid,
    version: u32,
    receipts_until: Timestamp,
) -> Result<(), StoreError> {
    let version = i32::try_from(version).map_err(|_| StoreError::Impossible {
        table: "session",
        what: "more events than a session can have",
    })?;
    scope
        .query_both(
            ("SELECT session_close($1, $2)", &[&session, &version]),
            (
                "INSERT INTO destruction (clinic, unit, receipts_until) VALUES (clinic_now(), $1, $2)",
                &[&session, &receipts_until],
            ),
        )
        .await?;
    Ok(())
}

/// Whether a session was closed to be destroyed, and its rows are still there.
///
/// # Errors
/// When the database is away.
pub async fn session_is_closed(scope: &Scope, session: Uuid) -> Result<bool, StoreError> {
    let row = scope
        .query_opt(
            "SELECT 1 FROM session WHERE clinic = clinic_now() AND id = $1 AND closed",
            &[&session],
        )
        .await?;
    Ok(row.is_some())
}

/// Deletes the rows of a session whose key is destroyed, and the intention; answers with how many events there were.
///
/// # Errors
/// When the database is away.
pub async fn session_rows_delete(scope: &Scope, session: Uuid) -> Result<u64, StoreError> {
    let events = scope
        .execute(
            "DELETE FROM session_event WHERE clinic = clinic_now() AND session = $1",
            &[&session],
        )
        .await?;
    scope
        .query_both(
            (
                "DELETE FROM session WHERE clinic = clinic_now() AND id = $1",
                &[&session],
            ),
            (
                "DELETE FROM destruction WHERE clinic = clinic_now() AND unit = $1",
                &[&session],
            ),
        )
        .await?;
    Ok(events)
}

/// The units of this clinic that rows name: everything that is not an orphan.
///
/// # Errors
/// When the database is away.
pub async fn units_named(scope: &Scope) -> Result<Vec<UnitId>, StoreError> {
    let rows = scope
        .query(
            "SELECT id FROM session WHERE clinic = clinic_now()
              UNION ALL SELECT id FROM patient WHERE clinic = clinic_now()",
            &[],
        )
        .await?;
    Ok(rows.iter().map(|row| UnitId(row.get(0))).collect())
}

/// The sessions that no destruction is intended for.
///
/// # Errors
/// When the database is away.
pub async fn sessions_not_closed(scope: &Scope) -> Result<Vec<UnitId>, StoreError> {
    let rows = scope
        .query(
            "SELECT id FROM session WHERE clinic = clinic_now() AND NOT closed",
            &[],
        )
        .await?;
    Ok(rows.iter().map(|row| UnitId(row.get(0))).collect())
}

impl Store {
    /// The units of all clinics whose destruction is due.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn destructions_due(
        &self,
        now: Timestamp,
    ) -> Result<Vec<(ClinicId, UnitId)>, StoreError> {
        let scope = self.read(crate::PLATFORM).await?;
        let rows = scope
            .query("SELECT clinic, unit FROM destructions_due($1)", &[&now])
            .await?;
        Ok(rows
            .iter()
            .map(|row| (ClinicId(row.get(0)), UnitId(row.get(1))))
            .collect())
    }
}
