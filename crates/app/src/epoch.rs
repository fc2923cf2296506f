//! Epochs: the clinics' heads become one leaf of the platform's tree, and its checkpoint is signed and anchored.
//!
//! Invariant: nothing is signed that does not extend the last anchor. When it does not, signing and new opens stop; what
//! pages already show can still be recorded.

use std::collections::HashMap;
use std::sync::Arc;

use ledger::{
    Checkpoint, DeploymentId, Entry, EntryRef, EpochClosed, Hash, HeadLeaf, Mode, Name, NodeAt,
    NodeSource, Origin, consistency_path, heads_tree, nodes_for_consistency, root_from_frontier,
};
use store::Store;
use store::tree::HeadRow;
use uuid::Uuid;
use vault::{Anchored, Extension, SignRefused};

use crate::App;
use crate::clock::Clock;
use crate::entries::{EntryKind, micros};
use crate::error::AppError;

/// How many epochs back the heads are kept, so that a proof that is being made still finds those it began with.
const EPOCHS_KEPT: u64 = 64;

/// In the first leaf of a deployment: whether it is a demo.
const DEMO: Name = Name::literal("demo");

/// A closed and anchored epoch.
pub(crate) struct Epoch {
    /// Its leaf in the platform's tree.
    pub(crate) place: EntryRef,
    /// The clinics' heads, in order.
    pub(crate) heads: Vec<HeadLeaf>,
    /// The checkpoint that covers it.
    pub(crate) anchored: Anchored,
}

/// Finds out which deployment a database belongs to, or makes it one: that is fixed for good in the platform's first leaf.
///
/// # Errors
/// When the database is of the other mode: a demo cannot become live, nor the other way round.
pub async fn deployment_open(
    store: &Store,
    id_if_new: Uuid,
    clock: &dyn Clock,
    mode: Mode,
) -> Result<DeploymentId, AppError> {
    let scope = store.read(store::PLATFORM).await?;
    let first = store::tree::leaves(&scope, 1, 0, 1)
        .await?
        .into_iter()
        .next();
    drop(scope);
    let Some(leaf) = first else {
        let mut entry = Entry::new(
            EntryKind::DeploymentCreated.word(),
            micros(clock.now()),
            ledger::Actor::SYSTEM,
        );
        entry.subjects.insert(id_if_new);
        entry.numbers.insert(DEMO, u64::from(mode == Mode::Demo));
        let tx = store.begin(store::PLATFORM).await?;
        store::tree::begin(&tx).await?;
        tx.commit(entry).await?;
        return Ok(DeploymentId(id_if_new));
    };
    let entry = Entry::decode(&leaf.body).map_err(|error| AppError::Proof(error.to_string()))?;
    let found = match entry.numbers.get(&DEMO) {
        Some(1) => Mode::Demo,
        Some(_) | None => Mode::Live,
    };
    if found != mode {
        return Err(AppError::Unavailable(match found {
            Mode::Demo => {
                "this database was made as a demo and stays one; make a new one for real patients"
            }
            Mode::Live => "this database was made for real patients and cannot be run as a demo",
        }));
    }
    let id = entry.subjects.first().copied();
    id.map(DeploymentId)
        .ok_or_else(|| AppError::Impossible("a first leaf that names no deployment".into()))
}

impl App {
    /// Whether new opens are stopped because the database is not what was anchored.
    #[must_use]
    pub fn halted(&self) -> bool {
        self.halted.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Closes an epoch if a clinic's head has moved since the last one, and anchors it.
    ///
    /// # Errors
    /// When the platform's tree does not extend what was anchored: then [`App::halted`] holds from now on, until
    /// `clerestory recover` has been run.
    pub async fn epoch_tick(&self) -> Result<(), AppError> {
        self.epoch_close().await.map(|_epoch| ())
    }

    pub(crate) async fn epoch_close(&self) -> Result<Epoch, AppError> {
        let _one_at_a_time = self.epoch.lock().await;
        self.not_behind().await?;
        let heads = self.heads_continuing().await?;
        let place = self.epoch_append(&heads).await?;
        let anchored = self.anchor(&heads).await?;
        Ok(Epoch {
            place,
            heads,
            anchored,
        })
    }

    /// The turn to add to the platform's tree outside of an epoch. It comes after the first anchor: an anchor that is missing
    /// is told from one that was taken away by the tree's size.
    pub(crate) async fn platform_turn(&self) -> Result<tokio::sync::MutexGuard<'_, ()>, AppError> {
        let signer = Arc::clone(&self.signer);
        let last = self
            .blocking(move || signer.last())
            .await?
            .map_err(|error| self.refused(error))?;
        if last.is_none() {
            self.epoch_close().await?;
        }
        let turn = self.epoch.lock().await;
        self.not_behind().await?;
        Ok(turn)
    }

    /// Before anything is added to the platform's tree: it is of the anchored generation and has at least what was
    /// anchored.
    async fn not_behind(&self) -> Result<(), AppError> {
        let signer = Arc::clone(&self.signer);
        let last = self
            .blocking(move || signer.last())
            .await?
            .map_err(|error| self.refused(error))?;
        let platform = platform_head(&self.store.read(store::PLATFORM).await?).await?;
        let Some(Checkpoint { origin, size, .. }) = last.map(|last| last.checkpoint) else {
            return Ok(());
        };
        if platform.generation != origin.generation {
            return Err(self.refused(SignRefused::OtherGeneration {
                anchored: origin.generation,
                asked: platform.generation,
            }));
        }
        if platform.size < size {
            return Err(self.refused(SignRefused::Smaller {
                anchored: size,
                asked: platform.size,
            }));
        }
        Ok(())
    }

    /// The clinics' heads as they stand, each of which extends what was anchored of it: else its tree was cut or rewritten
    /// beneath us, and a signature would say that it was not.
    async fn heads_continuing(&self) -> Result<Vec<HeadLeaf>, AppError> {
        // The anchor first: what the database got in between is then more than was anchored, never less.
        let anchored = self.clinics_anchored().await?;
        let found = store::tree::heads(&self.store.read(store::PLATFORM).await?).await?;
        if let Some(clinic) = self.clinics_broken(&found, &anchored).await?.first() {
            return Err(self.refused(SignRefused::ClinicNotExtended { clinic: *clinic }));
        }
        Ok(found.iter().map(head_leaf).collect())
    }

    /// The clinics' heads of the last anchor; none before the first.
    pub(crate) async fn clinics_anchored(&self) -> Result<Vec<HeadLeaf>, AppError> {
        let signer = Arc::clone(&self.signer);
        let heads = self.blocking(move || signer.heads_last()).await?;
        let heads = heads.map_err(|error| self.refused(error))?;
        Ok(heads.unwrap_or_default())
    }

    /// The newest epoch's place; a new one if a head has moved.
    async fn epoch_append(&self, heads: &[HeadLeaf]) -> Result<EntryRef, AppError> {
        let tx = self.store.begin(store::PLATFORM).await?;
        let encoded: Vec<u8> = heads.iter().flat_map(HeadLeaf::encode).collect();
        let platform = platform_head(&tx).await?;
        if let Some((place, newest)) = store::epoch::newest(&tx).await?
            && newest == encoded
            && place.generation == platform.generation
        {
            return Ok(place);
        }
        let closed = EpochClosed {
            epoch: platform.size,
            clinics: heads.len() as u64,
            heads: heads_tree(heads).map_err(proof)?.root(),
        };
        let now = self.now();
        let kept_from = EntryRef {
            generation: platform.generation,
            index: platform.size.saturating_sub(EPOCHS_KEPT),
        };
        store::epoch::delete_before(&tx, kept_from).await?;
        let place = tx
            .commit_epoch(closed.entry(micros(now)), encoded, now)
            .await?;
        Ok(place)
    }

    async fn anchor(&self, heads: &[HeadLeaf]) -> Result<Anchored, AppError> {
        let signer = Arc::clone(&self.signer);
        let last = self
            .blocking(move || signer.last())
            .await?
            .map_err(|error| self.refused(error))?;
        let scope = self.store.read(store::PLATFORM).await?;
        let platform = platform_head(&scope).await?;
        let checkpoint = self.checkpoint_of(&platform);
        let path = match &last {
            Some(last) if last.checkpoint.size <= platform.size => {
                let (old, new) = (last.checkpoint.size, platform.size);
                let wanted = nodes_for_consistency(old, new).map_err(proof)?;
                let nodes = Nodes::fetch(&scope, platform.generation, &wanted).await?;
                consistency_path(old, new, &nodes).map_err(proof)?
            }
            Some(_) | None => Vec::new(),
        };
        drop(scope);
        let (signer, heads) = (Arc::clone(&self.signer), heads.to_vec());
        let is_first =
            last.is_none() && platform.generation == 1 && platform.size <= FIRST_SIZE_MAX;
        let signed = self
            .blocking(move || {
                let extension = match is_first {
                    true => Extension::First,
                    false => Extension::From(&path),
                };
                signer.sign_next(&checkpoint, extension, &heads)
            })
            .await?;
        let anchored = signed.map_err(|error| self.refused(error))?;
        // What was signed extends the anchor, so whatever had stopped new opens has been cleared up.
        self.halted
            .store(false, std::sync::atomic::Ordering::Relaxed);
        Ok(anchored)
    }

    pub(crate) fn checkpoint_of(&self, platform: &HeadRow) -> Checkpoint {
        Checkpoint {
            origin: Origin {
                deployment: self.deployment,
                mode: self.mode,
                generation: platform.generation,
            },
            size: platform.size,
            root: root_from_frontier(&platform.frontier),
        }
    }

    /// Signing was refused. Unless it was only a race or a disk that is away, the database is not what was anchored, or
    /// the anchor is damaged and nobody can tell: no new opens.
    fn refused(&self, error: SignRefused) -> AppError {
        if !error.is_passing() {
            self.halted
                .store(true, std::sync::atomic::Ordering::Relaxed);
            tracing::error!(reason = %error, "signing and new opens have stopped: find out why; then put back what is missing, or run `clerestory recover`");
        }
        AppError::Proof(error.to_string())
    }
}

/// The deployment's own leaf and its first epoch: with more than these, an empty anchor means that it was taken away.
const FIRST_SIZE_MAX: u64 = 2;

pub(crate) async fn platform_head(scope: &store::Scope) -> Result<HeadRow, AppError> {
    store::tree::head(scope)
        .await?
        .ok_or_else(|| AppError::Impossible("a database without a platform tree".into()))
}

pub(crate) fn head_leaf(row: &HeadRow) -> HeadLeaf {
    HeadLeaf {
        clinic: ledger::ClinicId(row.clinic),
        generation: row.generation,
        size: row.size,
        root: root_from_frontier(&row.frontier),
    }
}

pub(crate) fn proof(error: impl std::fmt::Display) -> AppError {
    AppError::Proof(error.to_string())
}

/// Nodes fetched from the database for one proof.
pub(crate) struct Nodes(HashMap<u64, Vec<Hash>>);

impl Nodes {
    pub(crate) async fn fetch(
        scope: &store::Scope,
        generation: u32,
        wanted: &[NodeAt],
    ) -> Result<Self, AppError> {
        let mut leaves: Vec<u64> = wanted.iter().map(|node| node.last_leaf).collect();
        leaves.sort_unstable();
        leaves.dedup();
        let rows = store::tree::nodes(scope, generation, &leaves).await?;
        Ok(Self(rows.into_iter().collect()))
    }
}

impl NodeSource for Nodes {
    fn node(&self, level: u32, last_leaf: u64) -> Option<Hash> {
        self.0
            .get(&last_leaf)?
            .get(usize::try_from(level).ok()?)
            .copied()
    }
}
