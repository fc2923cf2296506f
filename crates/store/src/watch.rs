//! Watches: a live page's receipt, kept as a row so that any node can honour it, until it ends.

use jiff::Timestamp;
use ledger::{ActorId, ClinicId, EntryRef, Grant, Purpose, Receipt, UnitId, Units, UnixMicros};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::Store;
use crate::error::StoreError;
use crate::scope::{Scope, ask_once};
use crate::sign_in::{self, SignInRow};
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

/// What a step's form finds: who is signed in, and the session that it is for.
pub struct StepFound {
    /// The sign-in.
    pub sign_in: SignInRow,
    /// The session, unless it does not exist in this clinic or its destruction was intended.
    pub session: Option<Watched>,
}

impl Store {
    /// The sign-in of this cookie secret's hash, as [`Store::sign_in_find`] finds it, and a session of its clinic with the
    /// receipt of a watch that this sign-in holds: one question.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn step_find(
        &self,
        clinic: ClinicId,
        token_hash: &[u8; 32],
        session: Uuid,
        watch: Uuid,
        now: Timestamp,
    ) -> Result<Option<StepFound>, StoreError> {
        let rows = ask_once(
            &self.app,
            clinic,
            "SELECT id, person, role, time_zone, expires_at, seen_at, patient, day, version, open, sealed,
                    watch_person, purpose, units, generation, entry, watch_expires_at
               FROM step_find($1, $2, $3, $4, $5)",
            &[&token_hash.as_slice(), &session, &watch, &now],
        )
        .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let session = match treatment::session_whole(session, row)? {
            Some((session_row, events)) => Some(Watched {
                row: session_row,
                events,
                receipt: grant_from(clinic, row)?.map(|grant| self.issuer.issue(grant)),
            }),
            None => None,
        };
        Ok(Some(StepFound {
            sign_in: sign_in::row_from(row),
            session,
        }))
    }
}

/// What a watch grants, from the columns of `step_find`; they are null where there is none.
fn grant_from(clinic: ClinicId, row: &Row) -> Result<Option<Grant>, StoreError> {
    let impossible = |what| StoreError::Impossible {
        table: "watch",
        what,
    };
    let Some(person) = row.get::<_, Option<Uuid>>(11) else {
        return Ok(None);
    };
    let purpose: String = row.get(12);
    let units: Vec<Uuid> = row.get(13);
    let (generation, index): (i32, i64) = (row.get(14), row.get(15));
    let expires_at: Timestamp = row.get(16);
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
