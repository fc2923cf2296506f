//! The use cases. Each takes a [`Ctx`], does one thing, and leaves its entry in the ledger.
//!
//! Invariant: no HTTP, no HTML and no SQL. What a page needs goes out as plain values of [`treatment`]; what is opened is
//! opened under a receipt, after the entry that says so was committed.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]

use std::sync::Arc;

use jiff::Timestamp;
use ledger::{DeploymentId, Mode, UnitId};
use uuid::Uuid;

mod audit;
mod check;
mod clinic;
pub mod clock;
mod ctx;
pub mod demo;
mod destroy;
mod directory;
mod entries;
mod epoch;
mod error;
mod export;
mod failures;
mod protocol_file;
mod recover;
mod rights;
mod sealing;
mod sign_in;
pub mod treatment;
pub mod words;

pub use check::Checked;
pub use clinic::{NewClinic, NewPatient, NewPerson};
pub use ctx::{Ctx, Role};
pub use destroy::{Destroyed, Swept};
pub use entries::{EntryKind, OpenedFor};
pub use epoch::deployment_open;
pub use error::AppError;
pub use recover::{AbsentClinic, RecoverRefused, Recovered, RecoveredClinic};
pub use rights::{Action, may};
pub use sign_in::{SignInAttempt, SignedIn};

use clock::{Clock, HeldClock};
use domain::treatment::Protocol;
use store::Store;
use vault::{AnchoredSigner, PinHasher, Random, Vault};

/// How many PINs are checked at once: each takes a core and 19 MiB for tens of milliseconds.
pub(crate) const PIN_CHECKS_MAX: u32 = 2;

/// What the program is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Keys and ciphers.
    pub vault: Arc<Vault>,
    /// Argon2id behind the pepper.
    pub pins: PinHasher,
    /// Signs and anchors the platform's checkpoints.
    pub signer: AnchoredSigner,
    /// Ids and codes.
    pub random: Arc<dyn Random>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The held clock, in a demo alone.
    pub held: Option<Arc<HeldClock>>,
    /// Which installation this is.
    pub deployment: DeploymentId,
    /// A demo says so in every checkpoint.
    pub mode: Mode,
}

/// The use cases of one installation.
pub struct App {
    pub(crate) store: Store,
    pub(crate) vault: Arc<Vault>,
    pub(crate) pins: Arc<PinHasher>,
    pub(crate) pin_checks: Arc<tokio::sync::Semaphore>,
    /// What is being written beside the answers.
    pub(crate) beside: std::sync::Mutex<tokio::task::JoinSet<()>>,
    pub(crate) signer: Arc<AnchoredSigner>,
    /// Sessions of live pages, until their forms come back.
    pub(crate) held_sessions: treatment::HeldSessions,
    /// One epoch at a time in this process; the anchor's compare-and-swap stands between processes.
    pub(crate) epoch: tokio::sync::Mutex<()>,
    /// Set when the database turned out not to be what was anchored: no new opens.
    pub(crate) halted: std::sync::atomic::AtomicBool,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) held: Option<Arc<HeldClock>>,
    pub(crate) deployment: DeploymentId,
    pub(crate) mode: Mode,
    pub(crate) protocol: Arc<Protocol>,
}

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When the protocol file that the program carries cannot be read.
    pub fn new(parts: Parts) -> Result<Self, AppError> {
        Ok(Self {
            store: parts.store,
            vault: parts.vault,
            pins: Arc::new(parts.pins),
            pin_checks: Arc::new(tokio::sync::Semaphore::new(PIN_CHECKS_MAX as usize)),
            beside: std::sync::Mutex::default(),
            signer: Arc::new(parts.signer),
            held_sessions: treatment::HeldSessions::default(),
            epoch: tokio::sync::Mutex::new(()),
            halted: std::sync::atomic::AtomicBool::new(false),
            random: parts.random,
            clock: parts.clock,
            held: parts.held,
            deployment: parts.deployment,
            mode: parts.mode,
            protocol: Arc::new(protocol_file::standard()?),
        })
    }

    /// Whether this is a demo: made-up patients, a held clock, and DEMO on every page and in every proof.
    #[must_use]
    pub fn demo(&self) -> bool {
        self.mode == Mode::Demo
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The rules that apply.
    #[must_use]
    pub fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// Lets go of every database connection: the last thing that is asked of it.
    pub fn close(&self) {
        self.store.close();
    }

    /// A new random id (version 4).
    #[must_use]
    pub fn id(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// Runs what blocks (key files, anchors, Argon2) where it holds nobody else up.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AppError> {
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| AppError::Unavailable("a background task ended early"))
    }
}

/// The unit that a clinic's own data (profile, people, codes) lies under: its id is the clinic's.
pub(crate) fn directory_unit(clinic: ledger::ClinicId) -> UnitId {
    UnitId(clinic.0)
}
