//! Watches: a live page's receipt, kept as a row so that any node can honour it, until it ends.

use jiff::Timestamp;
use ledger::{ActorId, ClinicId, EntryRef, Grant, Purpose, Receipt, UnitId, Units, UnixMicros};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::Store;
use crate::error::StoreError;
use crate::scope::{Scope, ask_once};
use crate::treatment::{self, EventRow, SessionRow};

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

/// A session under a watch: its row, its sealed events in their order, and the watch's receipt, if it still holds.
pub struct Watched {
    /// The session's row.
    pub row: SessionRow,
    /// Its sealed events.
    pub events: Vec<EventRow>,
    /// The receipt of the watch: it names the committed `opened` entry that the watch was stored with. `None` when the
    /// sign-in does not hold that watch, or it has ended.
    pub receipt: Option<Receipt>,
}

impl Store {
    /// A session of this clinic, unless its destruction was intended, with the receipt of a watch that this sign-in holds.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn session_under_watch(
        &self,
        clinic: ClinicId,
        session: Uuid,
        watch: Uuid,
        sign_in: Uuid,
        now: Timestamp,
    ) -> Result<Option<Watched>, StoreError> {
        let rows = ask_once(
            &self.app,
            clinic,
            "SELECT patient, day, version, open, sealed, person, purpose, units, generation, entry, expires_at
               FROM session_under_watch($1, $2, $3, $4, $5)",
            &[&session, &watch, &sign_in, &now],
        )
        .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let (session_row, events) = treatment::session_whole(session, row)?;
        let grant = grant_from(clinic, row)?;
        Ok(Some(Watched {
            row: session_row,
            events,
            receipt: grant.map(|grant| self.issuer.issue(grant)),
        }))
    }
}

/// What a watch grants; its columns are null where there is none.
fn grant_from(clinic: ClinicId, row: &Row) -> Result<Option<Grant>, StoreError> {
    let impossible = |what| StoreError::Impossible {
        table: "watch",
        what,
    };
    let Some(person) = row.get::<_, Option<Uuid>>(5) else {
        return Ok(None);
    };
    let purpose: String = row.get(6);
    let units: Vec<Uuid> = row.get(7);
    let (generation, index): (i32, i64) = (row.get(8), row.get(9));
    let expires_at: Timestamp = row.get(10);
    Ok(Some(Grant {
        clinic,
        actor: ActorId(person),
        entry: EntryRef {
            generation: u32::try_from(generation)
                .map_err(|_| impossible("a negative generation"))?,
            index: u64::try_from(index).map_err(|_| impossible("a negative index"))?,
        },
        purpose: Purpose::new(&purpose).map_err(|_| impossible("a purpose that is no word"))?,
        units: Units::Some(units.into_iter().map(UnitId).collect()),
        expires: UnixMicros(expires_at.as_microsecond()),
    }))
}
