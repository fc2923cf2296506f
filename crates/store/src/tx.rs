//! A change: statements of one clinic that end in a ledger entry, or in nothing.
//!
//! Invariant: [`Tx::commit`] with its siblings and [`crate::Store::session_record`] are the only ways in which the application's
//! role commits, and each appends an entry as the last thing before. Dropping a `Tx` rolls it back.

use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;
use ledger::{ClinicId, Entry, EntryRef, Grant, Issuer, Receipt, Units};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::error::StoreError;
use crate::scope::Scope;
use crate::watch::NewWatch;

const APPEND: &str = "SELECT generation, first_index FROM ledger_append($1, $2, $3, $4)";

/// Appends an `opened` entry and keeps the watch that it stands for, in one statement: so the watch names the entry's
/// place without the head having been locked before.
const APPEND_WATCH: &str =
    "WITH place AS (SELECT generation, first_index FROM ledger_append($1, $2, $3, $4))
     INSERT INTO watch (clinic, id, sign_in, person, purpose, units, generation, entry, expires_at)
     SELECT $1, $5, $6, $7, $8, $9, place.generation, place.first_index, $10 FROM place
     RETURNING generation, entry";

/// Appends an `epoch.closed` entry and keeps the epoch's heads with its place, in one statement.
const APPEND_EPOCH: &str =
    "WITH place AS (SELECT generation, first_index FROM ledger_append($1, $2, $3, $4))
     INSERT INTO epoch (clinic, generation, index, heads, closed_at)
     SELECT $1, place.generation, place.first_index, $5, $6 FROM place
     RETURNING generation, index";

/// A change that has not been committed.
pub struct Tx {
    scope: Scope,
    issuer: Arc<Issuer>,
}

impl Tx {
    pub(crate) fn new(scope: Scope, issuer: Arc<Issuer>) -> Self {
        Self { scope, issuer }
    }

    /// Commits the change with its entry: the entry is a leaf of the clinic's tree in this same transaction.
    ///
    /// The commit runs in a task of its own, so that a client who hangs up cannot cut it off half-way.
    ///
    /// # Errors
    /// When nothing was committed. A lost connection is the one case in which that is not known; callers repeat under the
    /// same idempotency key.
    pub async fn commit(self, entry: Entry) -> Result<EntryRef, StoreError> {
        self.commit_all(vec![entry]).await
    }

    /// Commits several entries, in order; answers with the place of the first.
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub async fn commit_all(self, entries: Vec<Entry>) -> Result<EntryRef, StoreError> {
        let append = Append::of(self.scope.clinic(), &entries)?;
        detached(append_and_commit(self.scope, append)).await
    }

    /// Commits an `opened` entry and gives the receipt for exactly what that entry says.
    ///
    /// # Errors
    /// As [`Tx::commit`]; and when the entry names no purpose or no end.
    pub async fn commit_opened(self, entry: Entry) -> Result<Receipt, StoreError> {
        let issuer = Arc::clone(&self.issuer);
        let grant = grant_of(self.scope.clinic(), &entry)?;
        let place = self.commit(entry).await?;
        Ok(issuer.issue(Grant {
            entry: place,
            ..grant
        }))
    }

    /// As [`Tx::commit_opened`], and keeps the receipt as a watch that the page can come back under.
    ///
    /// # Errors
    /// As [`Tx::commit_opened`].
    pub async fn commit_watch(self, entry: Entry, watch: NewWatch) -> Result<Receipt, StoreError> {
        let issuer = Arc::clone(&self.issuer);
        let grant = grant_of(self.scope.clinic(), &entry)?;
        let append = Append::of(self.scope.clinic(), std::slice::from_ref(&entry))?;
        let expires_at = Timestamp::from_microsecond(grant.expires.0)
            .map_err(|_| lacks("an opening that ends outside of time"))?;
        let (person, purpose) = (grant.actor.0, grant.purpose.as_str().to_owned());
        let units: Vec<Uuid> = entry.units.iter().map(|unit| unit.0).collect();
        let scope = self.scope;
        let place = detached(async move {
            let rows = scope
                .query_and_commit(
                    APPEND_WATCH,
                    &[
                        &append.clinic,
                        &append.bodies,
                        &append.subjects,
                        &append.subject_of,
                        &watch.id,
                        &watch.sign_in,
                        &person,
                        &purpose,
                        &units,
                        &expires_at,
                    ],
                )
                .await?;
            place_from(&rows)
        })
        .await?;
        Ok(issuer.issue(Grant {
            entry: place,
            ..grant
        }))
    }
}

impl Tx {
    /// Commits an epoch: its entry in the platform's tree, and the heads that its root was made from.
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub async fn commit_epoch(
        self,
        entry: Entry,
        heads: Vec<u8>,
        closed_at: Timestamp,
    ) -> Result<EntryRef, StoreError> {
        let append = Append::of(self.scope.clinic(), &[entry])?;
        let scope = self.scope;
        detached(async move {
            let rows = scope
                .query_and_commit(
                    APPEND_EPOCH,
                    &[
                        &append.clinic,
                        &append.bodies,
                        &append.subjects,
                        &append.subject_of,
                        &heads,
                        &closed_at,
                    ],
                )
                .await?;
            place_from(&rows)
        })
        .await
    }
}

impl Deref for Tx {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}

/// What `ledger_append` is given.
struct Append {
    clinic: Uuid,
    bodies: Vec<Vec<u8>>,
    subjects: Vec<Uuid>,
    subject_of: Vec<i32>,
}

impl Append {
    fn of(clinic: ClinicId, entries: &[Entry]) -> Result<Self, StoreError> {
        let bodies = entries
            .iter()
            .map(Entry::encode)
            .collect::<Result<_, _>>()?;
        let (subjects, subject_of) = (0_i32..)
            .zip(entries)
            .flat_map(|(number, entry)| {
                entry.subjects.iter().map(move |subject| (*subject, number))
            })
            .unzip();
        Ok(Self {
            clinic: clinic.0,
            bodies,
            subjects,
            subject_of,
        })
    }
}

/// What the receipt for this entry says; its place is filled in once the entry has one.
fn grant_of(clinic: ClinicId, entry: &Entry) -> Result<Grant, StoreError> {
    Ok(Grant {
        clinic,
        actor: entry.actor.id,
        entry: EntryRef {
            generation: 0,
            index: 0,
        },
        purpose: entry
            .purpose
            .clone()
            .ok_or_else(|| lacks("an opening without a purpose"))?,
        units: Units::Some(entry.units.clone()),
        expires: entry
            .expires
            .ok_or_else(|| lacks("an opening without an end"))?,
    })
}

pub(crate) fn lacks(what: &'static str) -> StoreError {
    StoreError::Impossible {
        table: "ledger_leaf",
        what,
    }
}

/// Runs a commit in a task of its own.
async fn detached<T: Send + 'static>(
    commit: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(commit)
        .await
        .map_err(|error| StoreError::Away(error.to_string()))?
}

async fn append_and_commit(scope: Scope, append: Append) -> Result<EntryRef, StoreError> {
    let rows = scope
        .query_and_commit(
            APPEND,
            &[
                &append.clinic,
                &append.bodies,
                &append.subjects,
                &append.subject_of,
            ],
        )
        .await?;
    place_from(&rows)
}

fn place_from(rows: &[Row]) -> Result<EntryRef, StoreError> {
    let row = rows
        .first()
        .ok_or_else(|| lacks("an append without a place"))?;
    let (generation, index): (i32, i64) = (row.get(0), row.get(1));
    place(i64::from(generation), index)
}

/// An entry's place, as the database counts.
pub(crate) fn place(generation: i64, index: i64) -> Result<EntryRef, StoreError> {
    Ok(EntryRef {
        generation: u32::try_from(generation).map_err(|_| lacks("a negative generation"))?,
        index: u64::try_from(index).map_err(|_| lacks("a negative index"))?,
    })
}
