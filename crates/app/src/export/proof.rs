//! The way from each of the record's entries up to the checkpoint.

use std::collections::{BTreeMap, BTreeSet};

use ledger::bundle::{
    EXTENSIONS_MAX, EntryProof, EpochProof, Extension, HeadProof, Proof, TreeProof,
};
use ledger::{
    ClinicId, Entry, EntryRef, GenerationOpened, HeadLeaf, Leaf, Origin, consistency_path,
    heads_tree, inclusion_path, nodes_for_consistency, nodes_for_inclusion,
};
use store::Scope;

use crate::App;
use crate::ctx::Ctx;
use crate::epoch::{Epoch, Nodes, proof};
use crate::error::AppError;

impl App {
    /// The proof for these entries and the `exported` one, under the epoch that covers them.
    pub(super) async fn proof(
        &self,
        ctx: &Ctx,
        places: &[EntryRef],
        exported: EntryRef,
        epoch: &Epoch,
    ) -> Result<Proof, AppError> {
        let (ordinal, head) = head_of(epoch, ctx.clinic)?;
        let heads = heads_tree(&epoch.heads).map_err(proof)?;
        let origin = Origin {
            generation: epoch.anchored.checkpoint.origin.generation,
            deployment: self.deployment,
            mode: self.mode,
        };
        let scope = self.store.read(ctx.clinic).await?;
        let trees = trees(&scope, places, exported, &head).await?;
        drop(scope);
        let scope = self.store.read(store::PLATFORM).await?;
        Ok(Proof {
            key: origin.key(self.signer.public_key()).map_err(proof)?,
            exported,
            trees,
            head: HeadProof {
                ordinal,
                path: heads.inclusion(ordinal, heads.size()).map_err(proof)?,
            },
            epoch: epoch_proof(&scope, epoch).await?,
            extends: self.extensions(ctx, &scope, epoch).await?,
        })
    }

    /// Shows that the checkpoint continues those that this clinic's earlier bundles carried.
    async fn extensions(
        &self,
        ctx: &Ctx,
        scope: &Scope,
        epoch: &Epoch,
    ) -> Result<Vec<Extension>, AppError> {
        let checkpoint = &epoch.anchored.checkpoint;
        let generation = checkpoint.origin.generation;
        let earlier = self
            .store
            .export_checkpoints(
                ctx.clinic,
                generation,
                i64::try_from(EXTENSIONS_MAX).unwrap_or(i64::MAX),
            )
            .await?;
        let mut extensions = Vec::with_capacity(earlier.len());
        for (size, root) in earlier {
            if size >= checkpoint.size {
                continue;
            }
            let wanted = nodes_for_consistency(size, checkpoint.size).map_err(proof)?;
            let nodes = Nodes::fetch(scope, generation, &wanted).await?;
            let path = consistency_path(size, checkpoint.size, &nodes).map_err(proof)?;
            extensions.push(Extension { size, root, path });
        }
        Ok(extensions)
    }
}

fn head_of(epoch: &Epoch, clinic: ClinicId) -> Result<(u64, HeadLeaf), AppError> {
    (0..)
        .zip(&epoch.heads)
        .find(|(_, head)| head.clinic == clinic)
        .map(|(ordinal, head)| (ordinal, *head))
        .ok_or_else(|| AppError::Proof("the epoch does not cover this clinic".into()))
}

/// Each generation that the entries stand in, and every one on the way to it from the epoch's. The way goes by what each
/// generation's first entry names as the one before: numbers may be missing, where a restore went further back than the
/// last recovery.
async fn trees(
    scope: &Scope,
    places: &[EntryRef],
    exported: EntryRef,
    head: &HeadLeaf,
) -> Result<Vec<TreeProof>, AppError> {
    let mut wanted: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
    for place in places.iter().chain([&exported]) {
        wanted
            .entry(place.generation)
            .or_default()
            .insert(place.index);
    }
    let (mut generation, mut size, mut root) = (head.generation, head.size, head.root);
    let mut trees = Vec::new();
    loop {
        let mut indexes = wanted.remove(&generation).unwrap_or_default();
        let is_last = wanted.is_empty();
        if !is_last {
            indexes.insert(0);
        }
        let entries = entries(scope, generation, &indexes, size).await?;
        let opened = entries.first().map(opened_by).transpose()?.flatten();
        trees.push(TreeProof {
            generation,
            size,
            root,
            entries,
        });
        if is_last {
            return Ok(trees);
        }
        // It goes down, so it ends.
        let before = opened
            .filter(|opened| opened.previous < generation)
            .ok_or_else(|| {
                AppError::Proof(format!(
                    "an entry of the record is in no generation that generation {generation} continues"
                ))
            })?;
        (generation, size, root) = (before.previous, before.found_size, before.found_root);
    }
}

async fn entries(
    scope: &Scope,
    generation: u32,
    indexes: &BTreeSet<u64>,
    size: u64,
) -> Result<Vec<EntryProof>, AppError> {
    let mut nodes_wanted = Vec::new();
    for index in indexes {
        nodes_wanted.extend(nodes_for_inclusion(*index, size).map_err(proof)?);
    }
    let nodes = Nodes::fetch(scope, generation, &nodes_wanted).await?;
    let indexes: Vec<u64> = indexes.iter().copied().collect();
    let leaves = store::tree::leaves_at(scope, generation, &indexes).await?;
    leaves
        .into_iter()
        .map(|leaf| {
            Ok(EntryProof {
                index: leaf.place.index,
                leaf: Leaf {
                    clinic: scope.clinic(),
                    entry: leaf.place,
                    body: &leaf.body,
                }
                .encode(),
                path: inclusion_path(leaf.place.index, size, &nodes).map_err(proof)?,
            })
        })
        .collect()
}

/// What an entry says of the generation before, if it opens one.
fn opened_by(entry: &EntryProof) -> Result<Option<GenerationOpened>, AppError> {
    let leaf = Leaf::decode(&entry.leaf).map_err(proof)?;
    let decoded = Entry::decode(leaf.body).map_err(proof)?;
    Ok(GenerationOpened::of_entry(&decoded))
}

async fn epoch_proof(scope: &Scope, epoch: &Epoch) -> Result<EpochProof, AppError> {
    let size = epoch.anchored.checkpoint.size;
    let one = BTreeSet::from([epoch.place.index]);
    let entry = entries(scope, epoch.place.generation, &one, size)
        .await?
        .into_iter()
        .next()
        .ok_or_else(|| AppError::Proof("the epoch's leaf is not there".into()))?;
    Ok(EpochProof {
        index: entry.index,
        leaf: entry.leaf,
        path: entry.path,
    })
}
