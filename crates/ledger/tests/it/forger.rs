//! What somebody can make who has one true bundle, no key of the log, and this crate.

use std::collections::BTreeMap;

use ledger::bundle::{EpochProof, Extension};
use ledger::{
    Checkpoint, ClinicId, Entry, EntryRef, EpochClosed, Frontier, Hash, Leaf, NodeAt, Note, Signer,
    consistency_path, inclusion_path, leaf_hash, node_hash,
};

use crate::fixture::{Made, Plan, signer, time};

/// A bundle of a made-up record that goes on where `made`'s platform tree ends, signed by a key of the forger's own.
/// Taken from `made` is only what its `proof.json` and `checkpoint.txt` show.
pub(crate) fn extended(made: &Made) -> Made {
    let mut forged = Plan {
        seed: 2,
        seqs: vec![0, 1, 2, 3],
        events_named: 4,
        ..Plan::default()
    }
    .make();
    let note = Note::parse(&made.parts.checkpoint).unwrap();
    let last = Checkpoint::of_note(&note).unwrap();
    let leaf = epoch_leaf(&forged, &last);
    let (nodes, root) = nodes_after(made, &last, leaf_hash(&leaf));
    let (index, size) = (last.size, last.size + 1);
    let extension = |size_then: u64, root_then: Hash| Extension {
        size: size_then,
        root: root_then,
        path: consistency_path(size_then, size, &nodes).unwrap(),
    };
    let earlier = &made.proof.extends[0];
    let forger = signer(2);
    forged.proof.key = last.origin.key(forger.public_key()).unwrap();
    forged.proof.epoch = EpochProof {
        index,
        leaf,
        path: inclusion_path(index, size, &nodes).unwrap(),
    };
    forged.proof.extends = vec![
        extension(earlier.size, earlier.root),
        extension(last.size, last.root),
    ];
    let checkpoint = Checkpoint { size, root, ..last };
    forged.parts.proof_json = forged.proof.to_json().unwrap();
    forged.parts.checkpoint = checkpoint.sign(&forger).unwrap().encode().into_bytes();
    forged.key = forged.proof.key.clone();
    forged
}

/// The forged heads in an epoch of their own, at the next place of the true tree.
fn epoch_leaf(forged: &Made, last: &Checkpoint) -> Vec<u8> {
    let epoch = Leaf::decode(&forged.proof.epoch.leaf).unwrap();
    let closed = EpochClosed::of_entry(&Entry::decode(epoch.body).unwrap()).unwrap();
    Leaf {
        clinic: ClinicId::PLATFORM,
        entry: EntryRef {
            generation: last.origin.generation,
            index: last.size,
        },
        body: &EpochClosed { epoch: 4, ..closed }
            .entry(time(135))
            .encode()
            .unwrap(),
    }
    .encode()
}

/// The true tree's nodes that its bundle shows (of four leaves, the epoch's path), one leaf more, and the new root.
fn nodes_after(made: &Made, last: &Checkpoint, appended: Hash) -> (BTreeMap<NodeAt, Hash>, Hash) {
    let epoch = &made.proof.epoch;
    assert_eq!((epoch.index, last.size), (2, 4), "the fixture's tree");
    let right = node_hash(&leaf_hash(&epoch.leaf), &epoch.path[0]);
    let root = node_hash(&epoch.path[1], &right);
    assert_eq!(root, last.root);
    let at = |level, last_leaf| NodeAt { level, last_leaf };
    let nodes = [
        (at(1, 1), epoch.path[1]),
        (at(1, 3), right),
        (at(2, 3), root),
        (at(0, 4), appended),
    ];
    let mut frontier = Frontier::from_parts(last.size, vec![root]).unwrap();
    frontier.append(appended).unwrap();
    (nodes.into(), frontier.root())
}
