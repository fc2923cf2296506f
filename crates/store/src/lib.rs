//! PostgreSQL: the only place with SQL.
//!
//! It keeps ciphertext and the little that finding needs. It cannot open anything: it has no keys. What it can do is give
//! out a [`ledger::Receipt`], and only for an `opened` entry that it has committed.
//!
//! Invariant: the application's role commits by [`Tx::commit`] and its two siblings alone, each of which appends a ledger
//! entry. The second role ([`attempts`], [`counters`]) commits without one and can write counters, idle times and the demo's
//! clock.

use std::sync::Arc;

use ledger::{ClinicId, Issuer};

pub mod attempts;
pub mod counters;
pub mod destruction;
pub mod epoch;
mod error;
pub mod failed_totals;
mod migrate;
pub mod people;
mod pool;
mod scope;
pub mod sign_in;
mod steps;
pub mod treatment;
pub mod tree;
mod tx;
pub mod watch;

pub use error::StoreError;
pub use migrate::migrate;
pub use pool::Place;
pub use scope::Scope;
pub use steps::{SessionEvents, WatchHeld};
pub use tx::Tx;

/// The platform's own tree, and the scope in which no clinic is known yet.
pub const PLATFORM: ClinicId = ClinicId::PLATFORM;

/// The role of the application.
pub const ROLE_APP: &str = "clerestory_app";
/// The role of counters.
pub const ROLE_AUX: &str = "clerestory_aux";

/// The database, by its two roles.
pub struct Store {
    app: pool::Pool,
    aux: pool::Pool,
    waiting: Arc<steps::Waiting>,
    pub(crate) issuer: Arc<Issuer>,
}

impl Store {
    /// Connects lazily: nothing is asked of the database here.
    ///
    /// # Errors
    /// When a pool cannot be built.
    pub fn new(place: &Place, connections_max: usize, issuer: Issuer) -> Result<Self, StoreError> {
        Ok(Self {
            app: pool::Pool::new(place, ROLE_APP, connections_max)?,
            aux: pool::Pool::new(place, ROLE_AUX, connections_max.div_ceil(4))?,
            waiting: Arc::default(),
            issuer: Arc::new(issuer),
        })
    }

    /// Begins a change of one clinic.
    ///
    /// # Errors
    /// When no connection comes free.
    pub async fn begin(&self, clinic: ClinicId) -> Result<Tx, StoreError> {
        let scope = Scope::begin(&self.app, clinic, "BEGIN").await?;
        Ok(Tx::new(scope, Arc::clone(&self.issuer)))
    }

    /// Begins a reading of one clinic. It ends when dropped.
    ///
    /// # Errors
    /// When no connection comes free.
    pub async fn read(&self, clinic: ClinicId) -> Result<Scope, StoreError> {
        Scope::begin(&self.app, clinic, "BEGIN READ ONLY").await
    }

    /// As [`Store::read`], and all of its queries see the clinic as the first of them saw it.
    ///
    /// # Errors
    /// When no connection comes free.
    pub async fn read_snapshot(&self, clinic: ClinicId) -> Result<Scope, StoreError> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Scope::begin(&self.app, clinic, begin).await
    }

    pub(crate) async fn begin_aux(&self, clinic: ClinicId) -> Result<Scope, StoreError> {
        Scope::begin(&self.aux, clinic, "BEGIN").await
    }

    /// Lets go of every connection.
    pub fn close(&self) {
        self.app.close();
        self.aux.close();
    }
}
