//! The way up: from the clinic's entries through its heads, the epoch and the platform's tree to the
//! signed checkpoint.

use std::collections::BTreeMap;

use super::failure::{Failure, Problem, at};
use super::proof::{Proof, TreeProof};
use super::{OriginProof, Trust};
use crate::checkpoint::{Checkpoint, CheckpointError, Origin};
use crate::entry::Entry;
use crate::events::{EPOCH_CLOSED, EpochClosed, GENERATION_OPENED, GenerationOpened};
use crate::hash::leaf_hash;
use crate::ids::{ClinicId, EntryRef, UnixMicros};
use crate::key::VerifierKey;
use crate::leaf::{HeadLeaf, Leaf};
use crate::note::{Note, NoteSignature};
use crate::tree::{verify_consistency, verify_inclusion};

const CHECKPOINT_TXT: &str = "checkpoint.txt";
const HELD: &str = "the checkpoint that you named";

/// The checkpoint, its signature checked against the key that came with it and against `trust`.
pub(super) struct Signed {
    pub(super) checkpoint: Checkpoint,
    pub(super) origin_proof: OriginProof,
    /// Names of the keys whose signatures were not checked.
    pub(super) unchecked: Vec<String>,
}

pub(super) fn checkpoint_check(
    bytes: &[u8],
    proof: &Proof,
    trust: &Trust,
) -> Result<Signed, Failure> {
    let here = |problem| Failure::new(CHECKPOINT_TXT, problem);
    let note = Note::parse(bytes)
        .map_err(CheckpointError::from)
        .map_err(at(CHECKPOINT_TXT))?;
    let checkpoint = Checkpoint::of_note(&note).map_err(at(CHECKPOINT_TXT))?;
    if proof.key.name() != checkpoint.origin.to_string() {
        return Err(Failure::new("proof.json, key", Problem::KeyName));
    }
    if let Trust::Key(trusted) = trust {
        let is_same_log = Origin::parse(trusted.name()).is_ok_and(|origin| {
            Origin {
                generation: checkpoint.origin.generation,
                ..origin
            } == checkpoint.origin
        });
        if !is_same_log || trusted.public_key() != proof.key.public_key() {
            return Err(here(Problem::OtherKey));
        }
    }
    note.verify(&proof.key)
        .map_err(CheckpointError::from)
        .map_err(at(CHECKPOINT_TXT))?;
    one_key_check(&note, &proof.key, CHECKPOINT_TXT)?;
    extensions_check(proof, &checkpoint)?;
    let origin_proof = match trust {
        Trust::Key(_) => OriginProof::Key,
        Trust::Checkpoint(held) => held_check(held, proof, &checkpoint)?,
        Trust::None => OriginProof::NotProved,
    };
    let is_other =
        |line: &&NoteSignature| line.name() != proof.key.name() || line.key_id() != proof.key.id();
    let others = note.signatures().iter().filter(is_other);
    let unchecked = others.map(|line| line.name().to_owned()).collect();
    Ok(Signed {
        checkpoint,
        origin_proof,
        unchecked,
    })
}

fn extensions_check(proof: &Proof, checkpoint: &Checkpoint) -> Result<(), Failure> {
    for (index, extension) in proof.extends.iter().enumerate() {
        let (old, new) = (extension, checkpoint);
        verify_consistency(old.size, &old.root, new.size, &new.root, &old.path)
            .map_err(at(&format!("proof.json, extends {}", index + 1)))?;
    }
    Ok(())
}

/// Under the log's own name there is one key. Nobody checks other keys' lines, so that a second one under this name
/// could be slipped into a true checkpoint and vouch for a forged bundle later.
fn one_key_check(note: &Note, key: &VerifierKey, place: &str) -> Result<(), Failure> {
    let is_second = |line: &NoteSignature| line.name() == key.name() && line.key_id() != key.id();
    match note.signatures().iter().any(is_second) {
        true => Err(Failure::new(place, Problem::SecondKey)),
        false => Ok(()),
    }
}

/// Whether the bundle's checkpoint continues the one that whoever verifies has kept, under the same key. Sizes, roots
/// and paths are no secrets: with one true bundle anybody can extend the tree, and sign that with a key of their own.
fn held_check(note: &Note, proof: &Proof, ours: &Checkpoint) -> Result<OriginProof, Failure> {
    let held = Checkpoint::of_note(note).map_err(at(HELD))?;
    let here = |problem| Failure::new(CHECKPOINT_TXT, problem);
    if held.origin != ours.origin {
        return Err(here(Problem::OtherLog));
    }
    note.verify(&proof.key)
        .map_err(|_| Failure::new(HELD, Problem::HeldKey))?;
    one_key_check(note, &proof.key, HELD)?;
    let same_size = (held.size == ours.size).then_some(ours.root);
    let extension = proof
        .extends
        .iter()
        .find(|extension| extension.size == held.size);
    match same_size.or(extension.map(|extension| extension.root)) {
        Some(root) if root == held.root => Ok(OriginProof::Checkpoint { size: held.size }),
        Some(_) => Err(here(Problem::Contradiction)),
        None => Err(here(Problem::NotConnected(held.size))),
    }
}

/// The epoch that the checkpoint covers, and when the log says that it was closed.
pub(super) struct Epoch {
    pub(super) closed: EpochClosed,
    pub(super) at: UnixMicros,
}

pub(super) fn epoch_check(proof: &Proof, checkpoint: &Checkpoint) -> Result<Epoch, Failure> {
    const PLACE: &str = "proof.json, epoch";
    let epoch = &proof.epoch;
    let claimed = EntryRef {
        generation: checkpoint.origin.generation,
        index: epoch.index,
    };
    let entry = leaf_read(&epoch.leaf, ClinicId::PLATFORM, claimed, PLACE)?;
    let (size, root) = (checkpoint.size, &checkpoint.root);
    verify_inclusion(
        &leaf_hash(&epoch.leaf),
        epoch.index,
        size,
        &epoch.path,
        root,
    )
    .map_err(at(PLACE))?;
    let closed = EpochClosed::of_entry(&entry)
        .ok_or_else(|| Failure::new(PLACE, Problem::OtherKind(EPOCH_CLOSED.to_string())))?;
    Ok(Epoch {
        closed,
        at: entry.at,
    })
}

/// All entries of the clinic that the bundle holds, each shown to stand in its tree, and each tree shown
/// to stand under the epoch.
pub(super) fn entries_check(
    proof: &Proof,
    epoch: &Epoch,
    clinic: ClinicId,
) -> Result<BTreeMap<EntryRef, Entry>, Failure> {
    let mut entries = BTreeMap::new();
    for tree in &proof.trees {
        entries.extend(tree_check(tree, clinic)?);
    }
    if let Some(last) = proof.trees.last() {
        let head = HeadLeaf {
            clinic,
            generation: last.generation,
            size: last.size,
            root: last.root,
        };
        let (ordinal, path) = (proof.head.ordinal, &proof.head.path);
        let (clinics, heads) = (epoch.closed.clinics, &epoch.closed.heads);
        verify_inclusion(&head.hash(), ordinal, clinics, path, heads)
            .map_err(at("proof.json, head"))?;
    }
    for pair in proof.trees.windows(2) {
        generation_check(&pair[0], &pair[1], &entries)?;
    }
    Ok(entries)
}

fn tree_check(tree: &TreeProof, clinic: ClinicId) -> Result<Vec<(EntryRef, Entry)>, Failure> {
    let mut entries = Vec::with_capacity(tree.entries.len());
    for found in &tree.entries {
        let claimed = EntryRef {
            generation: tree.generation,
            index: found.index,
        };
        let place = format!("proof.json, {claimed}");
        let entry = leaf_read(&found.leaf, clinic, claimed, &place)?;
        let hash = leaf_hash(&found.leaf);
        verify_inclusion(&hash, found.index, tree.size, &found.path, &tree.root)
            .map_err(at(&place))?;
        entries.push((claimed, entry));
    }
    Ok(entries)
}

/// An older generation is shown by the first entry of the one that continues it, which names its number, size and
/// root. The numbers may leave some out: generations that a restore cut off.
fn generation_check(
    older: &TreeProof,
    newer: &TreeProof,
    entries: &BTreeMap<EntryRef, Entry>,
) -> Result<(), Failure> {
    let place = format!("proof.json, tree of generation {}", older.generation);
    let first = opening_of(newer.generation);
    let entry = entries
        .get(&first)
        .ok_or_else(|| Failure::new(place.clone(), Problem::NoEntry(first.to_string())))?;
    let opened = GenerationOpened::of_entry(entry).ok_or_else(|| {
        let problem = Problem::OtherKind(GENERATION_OPENED.to_string());
        Failure::new(format!("proof.json, {first}"), problem)
    })?;
    let named = (opened.previous, opened.found_size, opened.found_root);
    match named == (older.generation, older.size, older.root) {
        true => Ok(()),
        false => Err(Failure::new(place, Problem::Generation)),
    }
}

/// The entry that opens a generation is its first.
pub(super) fn opening_of(generation: u32) -> EntryRef {
    EntryRef {
        generation,
        index: 0,
    }
}

fn leaf_read(
    bytes: &[u8],
    clinic: ClinicId,
    claimed: EntryRef,
    place: &str,
) -> Result<Entry, Failure> {
    let leaf = Leaf::decode(bytes).map_err(at(place))?;
    if (leaf.clinic, leaf.entry) != (clinic, claimed) {
        return Err(Failure::new(place, Problem::OtherLeaf));
    }
    Entry::decode(leaf.body).map_err(at(place))
}
