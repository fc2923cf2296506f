//! After a point-in-time restore or a lossy failover: a new generation in every tree, whose first leaf names the gap.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ledger::{
    Actor, Checkpoint, ClinicId, Entry, EntryRef, EpochClosed, GenerationOpened, HeadLeaf, Leaf,
    consistency_path, heads_tree, inclusion_path, nodes_for_consistency, nodes_for_inclusion,
    root_from_frontier, verify_consistency,
};
use store::tree::HeadRow;
use vault::{Recovery, SignRefused};

use crate::App;
use crate::entries::micros;
use crate::epoch::{Nodes, head_leaf, platform_head, proof};
use crate::error::AppError;

/// Why there is no recovery. Nothing has been written then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoverRefused {
    /// The anchor is empty.
    #[error(
        "nothing is anchored, so there is nothing to recover from; if something was, `anchor.folder` names another folder than before: name the old one"
    )]
    NothingAnchored,
    /// The anchor is another installation's, or a demo's where this is none.
    #[error(
        "what is anchored is of another installation than this database; restore this installation's own database, or name its own anchor folder"
    )]
    OtherLog,
    /// The clinics' heads of the last anchor are gone: no gap could be named, and each clinic's tree would pass for whole.
    #[error(
        "the file of clinic heads beside the last checkpoint in the anchor's folder is gone, so nobody could say what is missing; put it back from a copy of that folder"
    )]
    HeadsGone,
    /// Each tree begins with what was anchored of it.
    #[error(
        "the database holds everything that is anchored, so there is nothing to recover from; whether every entry and event is whole, `clerestory check` says"
    )]
    NothingLost,
}

/// What a recovery found and did, or found and would do.
#[derive(Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The platform's new generation.
    pub generation: u32,
    /// Platform leaves that were anchored and are gone.
    pub platform_leaves_lost: u64,
    /// For each clinic of the database: its new generation, and how many anchored entries are gone.
    pub clinics: Vec<RecoveredClinic>,
    /// Clinics that were anchored and are not in the database at all.
    pub clinics_absent: Vec<AbsentClinic>,
}

/// What becomes of one clinic.
#[derive(Debug, PartialEq, Eq)]
pub struct RecoveredClinic {
    /// The clinic's pseudonym.
    pub clinic: uuid::Uuid,
    /// Its new generation.
    pub generation: u32,
    /// Entries that were anchored and are gone.
    pub entries_lost: u64,
}

/// A clinic that is gone as a whole: no tree of the database can name its gap.
#[derive(Debug, PartialEq, Eq)]
pub struct AbsentClinic {
    /// The clinic's pseudonym.
    pub clinic: uuid::Uuid,
    /// The generation that was anchored.
    pub generation: u32,
    /// Entries of it that were anchored: all are gone.
    pub entries_lost: u64,
}

/// What the anchor holds: each head is what the database's tree has to begin with.
struct AnchoredHeads {
    platform: HeadLeaf,
    clinics: HashMap<ClinicId, HeadLeaf>,
}

/// What the database holds.
struct FoundHeads {
    platform: HeadRow,
    clinics: Vec<HeadRow>,
}

/// What becomes of one tree.
struct Opening {
    found: HeadRow,
    /// Its new generation.
    generation: u32,
    /// What that generation's first entry says.
    says: GenerationOpened,
    /// Whether an earlier attempt, which did not come to its end, has opened it.
    is_open: bool,
}

/// What becomes of every tree.
struct Openings {
    clinics: Vec<Opening>,
    platform: Opening,
    clinics_absent: Vec<AbsentClinic>,
}

impl Openings {
    fn summary(self) -> Recovered {
        let of_clinic = |opening: Opening| RecoveredClinic {
            clinic: opening.found.clinic,
            generation: opening.generation,
            entries_lost: opening.says.entries_lost(),
        };
        Recovered {
            generation: self.platform.generation,
            platform_leaves_lost: self.platform.says.entries_lost(),
            clinics: self.clinics.into_iter().map(of_clinic).collect(),
            clinics_absent: self.clinics_absent,
        }
    }
}

impl App {
    /// What [`App::recover`] would find and do. Looks at all that it looks at, and writes nothing.
    ///
    /// # Errors
    /// As [`App::recover`].
    pub async fn recover_look(&self) -> Result<Recovered, AppError> {
        let _one_at_a_time = self.epoch.lock().await;
        Ok(self.openings().await?.summary())
    }

    /// Opens a new generation in every clinic's tree and in the platform's, and anchors it. Entries that were committed
    /// after the last anchor and are gone too cannot be counted by anybody: the gap named is the least that is missing.
    ///
    /// It may be repeated after a crash: trees that are already in the new generation stay there.
    ///
    /// # Errors
    /// [`RecoverRefused`] when nothing is anchored, or the database is not behind what was anchored: a new generation
    /// would say for good that entries are missing where none is.
    pub async fn recover(&self) -> Result<Recovered, AppError> {
        let _one_at_a_time = self.epoch.lock().await;
        let openings = self.openings().await?;
        for opening in openings.clinics.iter().chain([&openings.platform]) {
            self.generation_open(opening).await?;
        }
        self.recovery_anchor().await?;
        self.halted
            .store(false, std::sync::atomic::Ordering::Relaxed);
        Ok(openings.summary())
    }

    async fn openings(&self) -> Result<Openings, AppError> {
        // The anchor first: what the database got in between is then more than was anchored, never less.
        let anchored = self.anchored_heads().await?;
        let scope = self.store.read(store::PLATFORM).await?;
        let found = FoundHeads {
            clinics: store::tree::heads(&scope).await?,
            platform: platform_head(&scope).await?,
        };
        drop(scope);
        let clinics_absent = clinics_absent(&found, &anchored);
        if clinics_absent.is_empty() && self.continues_all(&found, &anchored).await? {
            return Err(RecoverRefused::NothingLost.into());
        }
        let mut clinics = Vec::with_capacity(found.clinics.len());
        for head in found.clinics {
            // A clinic that was made after the last anchor is measured against itself.
            let anchored = anchored.clinics.get(&ClinicId(head.clinic)).copied();
            let anchored = anchored.unwrap_or_else(|| head_leaf(&head));
            clinics.push(self.opening(head, &anchored).await?);
        }
        Ok(Openings {
            clinics,
            platform: self.opening(found.platform, &anchored.platform).await?,
            clinics_absent,
        })
    }

    async fn anchored_heads(&self) -> Result<AnchoredHeads, AppError> {
        let signer = Arc::clone(&self.signer);
        let (last, clinics) = self
            .blocking(move || (signer.last(), signer.heads_last()))
            .await?;
        let Checkpoint { origin, size, root } = last
            .map_err(proof)?
            .ok_or(RecoverRefused::NothingAnchored)?
            .checkpoint;
        if (origin.deployment, origin.mode) != (self.deployment, self.mode) {
            return Err(RecoverRefused::OtherLog.into());
        }
        if matches!(clinics, Err(SignRefused::HeadsGone)) {
            return Err(RecoverRefused::HeadsGone.into());
        }
        let clinics = clinics.map_err(proof)?.unwrap_or_default().into_iter();
        Ok(AnchoredHeads {
            platform: HeadLeaf {
                clinic: ClinicId::PLATFORM,
                generation: origin.generation,
                size,
                root,
            },
            clinics: clinics.map(|head| (head.clinic, head)).collect(),
        })
    }

    async fn continues_all(
        &self,
        found: &FoundHeads,
        anchored: &AnchoredHeads,
    ) -> Result<bool, AppError> {
        let clinics: Vec<HeadLeaf> = anchored.clinics.values().copied().collect();
        Ok(self.continues(&found.platform, &anchored.platform).await?
            && self
                .clinics_broken(&found.clinics, &clinics)
                .await?
                .is_empty())
    }

    /// The clinics whose trees are not what was anchored of them, or are gone.
    pub(crate) async fn clinics_broken(
        &self,
        found: &[HeadRow],
        anchored: &[HeadLeaf],
    ) -> Result<Vec<ClinicId>, AppError> {
        let found: HashMap<ClinicId, &HeadRow> = found
            .iter()
            .map(|head| (ClinicId(head.clinic), head))
            .collect();
        let mut broken = Vec::new();
        for anchored in anchored {
            let continues = match found.get(&anchored.clinic) {
                // It has not moved.
                Some(head) if head_leaf(head) == *anchored => true,
                Some(head) => self.continues(head, anchored).await?,
                None => false,
            };
            if !continues {
                broken.push(anchored.clinic);
            }
        }
        Ok(broken)
    }

    /// Whether a tree of the database begins with what was anchored of it, by the nodes that it has.
    pub(crate) async fn continues(
        &self,
        found: &HeadRow,
        anchored: &HeadLeaf,
    ) -> Result<bool, AppError> {
        if found.generation != anchored.generation || found.size < anchored.size {
            return Ok(false);
        }
        let scope = self.store.read(ClinicId(found.clinic)).await?;
        let wanted = nodes_for_consistency(anchored.size, found.size).map_err(proof)?;
        let nodes = Nodes::fetch(&scope, found.generation, &wanted).await?;
        drop(scope);
        // A node that is gone is a tree that was cut.
        let Ok(path) = consistency_path(anchored.size, found.size, &nodes) else {
            return Ok(false);
        };
        let root = root_from_frontier(&found.frontier);
        let shown = verify_consistency(anchored.size, &anchored.root, found.size, &root, &path);
        Ok(shown.is_ok())
    }

    /// The generation after the anchored one, unless the tree is there already.
    async fn opening(&self, found: HeadRow, anchored: &HeadLeaf) -> Result<Opening, AppError> {
        if found.generation > anchored.generation {
            return Ok(Opening {
                generation: found.generation,
                says: self.generation_opened(&found).await?,
                is_open: true,
                found,
            });
        }
        let generation = anchored
            .generation
            .checked_add(1)
            .ok_or_else(|| AppError::Impossible("a generation without a next one".into()))?;
        let says = GenerationOpened {
            previous: found.generation,
            found_size: found.size,
            found_root: root_from_frontier(&found.frontier),
            anchored_generation: anchored.generation,
            anchored_size: anchored.size,
            anchored_root: anchored.root,
        };
        Ok(Opening {
            found,
            generation,
            says,
            is_open: false,
        })
    }

    async fn generation_open(&self, opening: &Opening) -> Result<(), AppError> {
        if opening.is_open {
            return Ok(());
        }
        let found = &opening.found;
        let tx = self.store.begin(ClinicId(found.clinic)).await?;
        store::tree::generation_open(&tx, found.generation, opening.generation).await?;
        // What was ended after the backup was taken came back with it.
        store::sign_in::end_all(&tx, self.now()).await?;
        let entry = opening.says.entry(micros(self.now()), Actor::SYSTEM);
        tx.commit(entry).await?;
        Ok(())
    }

    /// What the first entry of a tree's generation says, opened by an earlier attempt that did not come to its end.
    async fn generation_opened(&self, found: &HeadRow) -> Result<GenerationOpened, AppError> {
        let scope = self.store.read(ClinicId(found.clinic)).await?;
        let first = store::tree::leaves(&scope, found.generation, 0, 1).await?;
        let entry = first
            .first()
            .map(|leaf| Entry::decode(&leaf.body))
            .transpose()
            .map_err(proof)?;
        entry
            .and_then(|entry| GenerationOpened::of_entry(&entry))
            .ok_or_else(|| AppError::Impossible("a generation that no entry opens".into()))
    }

    /// Closes the first epoch of the new generation and anchors it by the signer's way for recoveries.
    async fn recovery_anchor(&self) -> Result<(), AppError> {
        let tx = self.store.begin(store::PLATFORM).await?;
        let heads: Vec<HeadLeaf> = store::tree::heads(&tx)
            .await?
            .iter()
            .map(head_leaf)
            .collect();
        let platform = platform_head(&tx).await?;
        let closed = EpochClosed {
            epoch: platform.size,
            clinics: heads.len() as u64,
            heads: heads_tree(&heads).map_err(proof)?.root(),
        };
        let now = self.now();
        let encoded = heads.iter().flat_map(HeadLeaf::encode).collect();
        tx.commit_epoch(closed.entry(micros(now)), encoded, now)
            .await?;

        let scope = self.store.read(store::PLATFORM).await?;
        let platform = platform_head(&scope).await?;
        let first = store::tree::leaves(&scope, platform.generation, 0, 1).await?;
        let first = first
            .first()
            .ok_or_else(|| AppError::Impossible("a generation without a first leaf".into()))?;
        let wanted = nodes_for_inclusion(0, platform.size).map_err(proof)?;
        let nodes = Nodes::fetch(&scope, platform.generation, &wanted).await?;
        let inclusion = inclusion_path(0, platform.size, &nodes).map_err(proof)?;
        let place = EntryRef {
            generation: platform.generation,
            index: 0,
        };
        let first_leaf = Leaf {
            clinic: ClinicId::PLATFORM,
            entry: place,
            body: &first.body,
        }
        .encode();
        let (signer, checkpoint) = (Arc::clone(&self.signer), self.checkpoint_of(&platform));
        self.blocking(move || {
            signer.recover(&Recovery {
                checkpoint,
                first_leaf: &first_leaf,
                inclusion: &inclusion,
                heads: &heads,
            })
        })
        .await?
        .map_err(proof)?;
        Ok(())
    }
}

fn clinics_absent(found: &FoundHeads, anchored: &AnchoredHeads) -> Vec<AbsentClinic> {
    let present: HashSet<ClinicId> = found
        .clinics
        .iter()
        .map(|head| ClinicId(head.clinic))
        .collect();
    let absent = anchored
        .clinics
        .values()
        .filter(|head| !present.contains(&head.clinic));
    let mut absent: Vec<AbsentClinic> = absent
        .map(|head| AbsentClinic {
            clinic: head.clinic.0,
            generation: head.generation,
            entries_lost: head.size,
        })
        .collect();
    absent.sort_by_key(|clinic| clinic.clinic);
    absent
}
