//! A connection inside one transaction of one clinic: the only thing that a query can be asked of.
//!
//! Invariant: there is no query without a clinic. `BEGIN` and the clinic's setting are sent before anything else can be, or
//! the statement is a function that sets it first ([`ask_once`]). The statement texts are `&'static str`, so that none is
//! built from input.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Waker};

use deadpool_postgres::Object;
use ledger::ClinicId;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::error::StoreError;
use crate::pool::Pool;

/// A statement with its parameters.
pub(crate) type Asked<'a> = (&'static str, &'a [&'a (dyn ToSql + Sync)]);

const SET_CLINIC: &str = "SELECT set_config('app.clinic', $1, true)";

/// A transaction's connection. What it was begun for decides how it ends: a reading ends by itself when dropped.
pub struct Scope {
    object: Option<Object>,
    clinic: ClinicId,
    /// Statements whose answer is still awaited. A scope dropped with one under way gives its connection up.
    under_way: AtomicU32,
}

impl Scope {
    /// Begins a transaction for `clinic`. It costs no round trip: the two statements travel with the first query, and if
    /// one of them failed, the transaction is aborted and that query fails.
    pub(crate) async fn begin(
        pool: &Pool,
        clinic: ClinicId,
        begin: &'static str,
    ) -> Result<Self, StoreError> {
        let object = pool.get().await?;
        let statement = object.prepare_cached(SET_CLINIC).await?;
        let text = clinic.0.to_string();
        send(object.batch_execute(begin));
        send(object.query(&statement, &[&text]));
        Ok(Self {
            object: Some(object),
            clinic,
            under_way: AtomicU32::new(0),
        })
    }

    /// The clinic of this transaction.
    #[must_use]
    pub fn clinic(&self) -> ClinicId {
        self.clinic
    }

    fn object(&self) -> &Object {
        self.object
            .as_ref()
            .expect("taken only by finish and drop, which end the scope")
    }

    /// Rows of a statement.
    pub(crate) async fn query(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StoreError> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let object = self.object();
        let statement = object.prepare_cached(sql).await?;
        let rows = object.query(&statement, parameters).await;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        Ok(rows?)
    }

    /// Rows of two statements in one round trip, the first of which runs first.
    pub(crate) async fn query_both(
        &self,
        first: Asked<'_>,
        second: Asked<'_>,
    ) -> Result<(Vec<Row>, Vec<Row>), StoreError> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let object = self.object();
        // Both are prepared before either is sent: otherwise one that is prepared already would overtake the other.
        let (one, two) = (
            object.prepare_cached(first.0).await?,
            object.prepare_cached(second.0).await?,
        );
        let (first, second) =
            tokio::join!(object.query(&one, first.1), object.query(&two, second.1));
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        Ok((first?, second?))
    }

    /// The one row of a statement, if there is one.
    pub(crate) async fn query_opt(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, parameters).await?.into_iter().next())
    }

    /// How many rows a statement touched.
    pub(crate) async fn execute(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, StoreError> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let object = self.object();
        let statement = object.prepare_cached(sql).await?;
        let count = object.execute(&statement, parameters).await;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        Ok(count?)
    }

    /// Runs a last statement and `COMMIT` in one round trip. If the statement fails, the transaction is aborted and the
    /// `COMMIT` behind it rolls back.
    pub(crate) async fn query_and_commit(
        self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StoreError> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let object = self.object();
        let statement = object.prepare_cached(sql).await?;
        let (rows, committed) = tokio::join!(
            object.query(&statement, parameters),
            object.batch_execute("COMMIT")
        );
        let rows = rows?;
        committed?;
        self.release();
        Ok(rows)
    }

    /// `COMMIT` alone: for the second role, whose writes need no entry.
    pub(crate) async fn commit_plain(self) -> Result<(), StoreError> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        self.object().batch_execute("COMMIT").await?;
        self.release();
        Ok(())
    }

    /// Gives the connection back with its transaction ended.
    fn release(mut self) {
        drop(self.object.take());
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else {
            return;
        };
        if self.under_way.load(Ordering::Relaxed) == 0 {
            // Statements keep their order on a connection, so the next user's come after this one.
            send(object.batch_execute("ROLLBACK"));
        } else {
            // A statement was given up half-way: nobody knows in what state, so this connection ends here.
            drop(Object::take(object));
        }
    }
}

/// Asks one statement that is a transaction by itself: a function of the database whose first parameter is the clinic, and
/// which sets it before it looks at anything. One that did not would see no row: the walls stand in front of every table.
pub(crate) async fn ask_once(
    pool: &Pool,
    clinic: ClinicId,
    sql: &'static str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, StoreError> {
    ask_on(&pool.get().await?, clinic, sql, parameters).await
}

/// As [`ask_once`], on a connection that the caller has.
pub(crate) async fn ask_on(
    object: &Object,
    clinic: ClinicId,
    sql: &'static str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, StoreError> {
    let statement = object.prepare_cached(sql).await?;
    let mut all: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(parameters.len() + 1);
    all.push(&clinic.0);
    all.extend(parameters);
    Ok(object.query(&statement, &all).await?)
}

/// Sends a statement without waiting for its answer. The first poll writes it to the connection's queue; the answer is
/// dropped when it comes.
fn send(statement: impl Future) {
    let mut context = Context::from_waker(Waker::noop());
    let _sent = pin!(statement).poll(&mut context).is_ready();
}
