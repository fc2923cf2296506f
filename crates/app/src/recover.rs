//! After a point-in-time restore or a lossy failover: a new generation in every tree, whose first leaf names the gap.

use std::collections::HashMap;
use std::sync::Arc;

use ledger::{
    Actor, ClinicId, EntryRef, EpochClosed, GenerationOpened, HeadLeaf, Leaf, heads_tree,
    inclusion_path, nodes_for_inclusion, root_from_frontier,
};
use store::tree::HeadRow;
use vault::Recovery;

use crate::App;
use crate::entries::micros;
use crate::epoch::{Nodes, head_leaf, platform_head, proof};
use crate::error::AppError;

/// What a recovery found and did.
pub struct Recovered {
    /// The platform's new generation.
    pub generation: u32,
    /// Platform leaves that were anchored and are gone.
    pub platform_leaves_lost: u64,
    /// For each clinic: its ordinal in the epoch, its new generation, and how many anchored entries are gone.
    pub clinics: Vec<RecoveredClinic>,
}

/// What became of one clinic.
pub struct RecoveredClinic {
    /// The clinic's pseudonym.
    pub clinic: uuid::Uuid,
    /// Its new generation.
    pub generation: u32,
    /// Entries that were anchored and are gone.
    pub entries_lost: u64,
}

impl App {
    /// Opens a new generation in every clinic's tree and in the platform's, and anchors it. Entries that were committed
    /// after the last anchor and are gone too cannot be counted by anybody: the gap named is the least that is missing.
    ///
    /// It may be repeated after a crash: trees that are already in the new generation stay there.
    ///
    /// # Errors
    /// When nothing is anchored, or the database is not behind what was anchored.
    pub async fn recover(&self) -> Result<Recovered, AppError> {
        let _one_at_a_time = self.epoch.lock().await;
        let signer = Arc::clone(&self.signer);
        let (last, anchored_heads) = self
            .blocking(move || {
                signer
                    .last()
                    .and_then(|last| Ok((last, signer.heads_last()?)))
            })
            .await?
            .map_err(proof)?;
        let last = last.ok_or(AppError::Unavailable(
            "nothing is anchored, so there is nothing to recover from",
        ))?;
        let scope = self.store.read(store::PLATFORM).await?;
        let found = store::tree::heads(&scope).await?;
        let platform = platform_head(&scope).await?;
        drop(scope);
        let anchored: HashMap<ClinicId, HeadLeaf> = anchored_heads
            .unwrap_or_default()
            .into_iter()
            .map(|head| (head.clinic, head))
            .collect();
        let mut clinics = Vec::with_capacity(found.len());
        for head in &found {
            clinics.push(
                self.clinic_recover(head, anchored.get(&ClinicId(head.clinic)))
                    .await?,
            );
        }
        let origin = last.checkpoint.origin;
        let platform_anchored = HeadLeaf {
            clinic: ClinicId::PLATFORM,
            generation: origin.generation,
            size: last.checkpoint.size,
            root: last.checkpoint.root,
        };
        self.generation_open(&platform, &platform_anchored).await?;
        let generation = self.recovery_anchor().await?;
        self.halted
            .store(false, std::sync::atomic::Ordering::Relaxed);
        Ok(Recovered {
            generation,
            platform_leaves_lost: last.checkpoint.size.saturating_sub(platform.size),
            clinics,
        })
    }

    async fn clinic_recover(
        &self,
        found: &HeadRow,
        anchored: Option<&HeadLeaf>,
    ) -> Result<RecoveredClinic, AppError> {
        // A clinic that was made after the last anchor is measured against itself.
        let anchored = anchored.copied().unwrap_or_else(|| head_leaf(found));
        let generation = self.generation_open(found, &anchored).await?;
        Ok(RecoveredClinic {
            clinic: found.clinic,
            generation,
            entries_lost: anchored.size.saturating_sub(found.size),
        })
    }

    /// Opens the generation after the anchored one, unless the tree is there already.
    async fn generation_open(&self, found: &HeadRow, anchored: &HeadLeaf) -> Result<u32, AppError> {
        if found.generation > anchored.generation {
            return Ok(found.generation);
        }
        let next = anchored.generation + 1;
        let opened = GenerationOpened {
            previous: found.generation,
            found_size: found.size,
            found_root: root_from_frontier(&found.frontier),
            anchored_size: anchored.size,
            anchored_root: anchored.root,
        };
        let tx = self.store.begin(ClinicId(found.clinic)).await?;
        store::tree::generation_open(&tx, found.generation, next).await?;
        tx.commit(opened.entry(micros(self.now()), Actor::SYSTEM))
            .await?;
        Ok(next)
    }

    /// Closes the first epoch of the new generation and anchors it by the signer's way for recoveries.
    async fn recovery_anchor(&self) -> Result<u32, AppError> {
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
        Ok(platform.generation)
    }
}
