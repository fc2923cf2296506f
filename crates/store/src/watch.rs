//! Watches: a live page's receipt, kept as a row so that any node can honour it, until it ends.

use jiff::Timestamp;
use ledger::{ActorId, EntryRef, Grant, Purpose, Receipt, UnitId, Units, UnixMicros};
use uuid::Uuid;

use crate::Store;
use crate::error::StoreError;
use crate::scope::Scope;

/// A watch to be kept; it is stored by the statement that appends its `opened` entry ([`crate::Tx::commit_watch`]).
pub struct NewWatch {
    /// Its id: what the page sends back.
    pub id: Uuid,
    /// The sign-in that it is bound to.
    pub sign_in: Uuid,
}

/// Forgets watches that have ended.
///
/// # Errors
/// When the database is away.
pub async fn delete_ended(scope: &Scope, now: Timestamp) -> Result<u64, StoreError> {
    scope
        .execute(
            "DELETE FROM watch WHERE clinic = clinic_now() AND expires_at <= $1",
            &[&now],
        )
        .await
}

impl Store {
    /// The receipt of a watch that this sign-in holds and that has not ended: it names the committed `opened` entry that
    /// the watch was stored with.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn watch_receipt(
        &self,
        scope: &Scope,
        watch: Uuid,
        sign_in: Uuid,
        now: Timestamp,
    ) -> Result<Option<Receipt>, StoreError> {
        let Some(row) = scope
            .query_opt(
                "SELECT w.person, w.purpose, w.units, w.generation, w.entry, w.expires_at
                   FROM watch w JOIN sign_in s ON s.clinic = w.clinic AND s.id = w.sign_in
                  WHERE w.clinic = clinic_now() AND w.id = $1 AND w.sign_in = $2 AND w.expires_at > $3
                    AND s.ended_at IS NULL",
                &[&watch, &sign_in, &now],
            )
            .await?
        else {
            return Ok(None);
        };
        let impossible = |what| StoreError::Impossible {
            table: "watch",
            what,
        };
        let purpose: String = row.get(1);
        let units: Vec<Uuid> = row.get(2);
        let (generation, index): (i32, i64) = (row.get(3), row.get(4));
        let expires_at: Timestamp = row.get(5);
        Ok(Some(self.issuer.issue(Grant {
            clinic: scope.clinic(),
            actor: ActorId(row.get(0)),
            entry: EntryRef {
                generation:
                    u32::try_from(generation).map_err(|_| impossible("a negative generation"))?,
                index: u64::try_from(index).map_err(|_| impossible("a negative index"))?,
            },
            purpose: Purpose::new(&purpose).map_err(|_| impossible("a purpose that is no word"))?,
            units: Units::Some(units.into_iter().map(UnitId).collect()),
            expires: UnixMicros(expires_at.as_microsecond()),
        })))
    }
}
