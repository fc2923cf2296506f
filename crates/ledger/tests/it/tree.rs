//! Roots and proofs against ct-merkle, and the checks against tampering.

use std::collections::BTreeMap;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ledger::{
    Frontier, Hash, MemoryTree, NodeSource, ProofError, TreeError, consistency_path,
    inclusion_path, leaf_hash, nodes_completed, nodes_for_consistency, nodes_for_inclusion,
    verify_consistency, verify_inclusion,
};
use proptest::prelude::*;
use sha2::Sha256;

const SIZE_MAX: u64 = 1_000;

fn leaf(index: u64) -> Hash {
    leaf_hash(&index.to_be_bytes())
}

fn tree(size: u64) -> MemoryTree {
    MemoryTree::of((0..size).map(leaf)).unwrap()
}

/// Fetches the nodes that a proof names, and nothing else, as the store does.
fn fetched(tree: &MemoryTree, nodes: Vec<ledger::NodeAt>) -> BTreeMap<ledger::NodeAt, Hash> {
    nodes
        .into_iter()
        .map(|at| (at, tree.node(at.level, at.last_leaf).unwrap()))
        .collect()
}

#[test]
fn roots_and_proofs_equal_ct_merkle() {
    let mut theirs = MemoryBackedTree::<Sha256, [u8; 8]>::new();
    let mut frontier = Frontier::empty();
    let ours = tree(SIZE_MAX);
    assert_eq!(frontier.root(), <Hash>::from(*theirs.root().as_bytes()));
    for size in 1..=SIZE_MAX {
        let index = size - 1;
        theirs.push(index.to_be_bytes());
        let completed = frontier.append(leaf(index)).unwrap();
        assert_eq!(completed.len(), nodes_completed(index) as usize);
        let root = <Hash>::from(*theirs.root().as_bytes());
        assert_eq!(frontier.root(), root, "size {size}");
        assert_eq!(ours.root_at(size).unwrap(), root, "size {size}");
        // All pairs would be half a million; every leaf of small trees, and a stride through large ones.
        let stride = if size <= 130 { 1 } else { 37 };
        for index in (0..size).step_by(stride).chain([size - 1]) {
            inclusion_compare(&ours, &theirs, index, size, &root);
            consistency_compare(&ours, &theirs, index + 1, size, &root);
        }
    }
}

fn inclusion_compare(
    ours: &MemoryTree,
    theirs: &MemoryBackedTree<Sha256, [u8; 8]>,
    index: u64,
    size: u64,
    root: &Hash,
) {
    let nodes = fetched(ours, nodes_for_inclusion(index, size).unwrap());
    let path = inclusion_path(index, size, &nodes).unwrap();
    let their_path = theirs.prove_inclusion(usize::try_from(index).unwrap());
    assert_eq!(
        path.concat(),
        their_path.as_bytes(),
        "leaf {index} of {size}"
    );
    verify_inclusion(&leaf(index), index, size, &path, root).unwrap();
}

fn consistency_compare(
    ours: &MemoryTree,
    theirs: &MemoryBackedTree<Sha256, [u8; 8]>,
    old: u64,
    new: u64,
    root: &Hash,
) {
    let nodes = fetched(ours, nodes_for_consistency(old, new).unwrap());
    let path = consistency_path(old, new, &nodes).unwrap();
    if old < new {
        let their_path = theirs.prove_consistency(usize::try_from(new - old).unwrap());
        assert_eq!(path.concat(), their_path.as_bytes(), "from {old} to {new}");
    }
    let old_root = ours.root_at(old).unwrap();
    verify_consistency(old, &old_root, new, root, &path).unwrap();
}

#[test]
fn the_empty_tree_is_the_beginning_of_every_tree() {
    let ours = tree(5);
    assert_eq!(ours.root_at(0).unwrap(), ledger::empty_root());
    verify_consistency(0, &ledger::empty_root(), 5, &ours.root(), &[]).unwrap();
    let wrong = verify_consistency(0, &[0; 32], 5, &ours.root(), &[]);
    assert_eq!(wrong, Err(ProofError::Root));
    assert_eq!(
        verify_inclusion(&leaf(0), 0, 0, &[], &[0; 32]),
        Err(ProofError::Outside)
    );
}

#[test]
fn impossible_sizes_are_refused() {
    let hashes = vec![[0; 32]; 2];
    assert!(Frontier::from_parts(3, hashes.clone()).is_ok());
    assert!(matches!(
        Frontier::from_parts(7, hashes),
        Err(TreeError::Frontier { .. })
    ));
    assert_eq!(
        Frontier::from_parts(u64::MAX, vec![[0; 32]; 64]),
        Err(TreeError::Full)
    );
    let full = Frontier::from_parts(ledger::TREE_SIZE_MAX, vec![[0; 32]; 53]);
    assert_eq!(full.unwrap().append([0; 32]), Err(TreeError::Full));
    assert!(nodes_for_inclusion(5, 5).is_err());
    assert!(nodes_for_inclusion(0, u64::MAX).is_err());
    assert!(nodes_for_consistency(6, 5).is_err());
    assert!(tree(5).root_at(6).is_err());
    let empty = BTreeMap::new();
    assert!(matches!(
        inclusion_path(0, 2, &empty),
        Err(TreeError::MissingNode(_))
    ));
    let longest = nodes_for_inclusion(0, ledger::TREE_SIZE_MAX).unwrap();
    assert!(
        longest
            .iter()
            .all(|node| node.last_leaf < ledger::TREE_SIZE_MAX)
    );
}

#[test]
fn a_node_in_a_row_is_the_root_of_its_subtree() {
    let ours = tree(64);
    for index in 0..64_u64 {
        for level in 0..nodes_completed(index) {
            let first = index + 1 - (1 << level);
            let alone = MemoryTree::of((first..=index).map(leaf)).unwrap();
            assert_eq!(ours.node(level, index), Some(alone.root()));
        }
        assert_eq!(ours.node(nodes_completed(index), index), None);
    }
}

proptest! {
    #[test]
    fn a_bent_inclusion_proof_is_refused(
        size in 1..300_u64, pick in any::<u64>(), flip in any::<(u16, u8)>(),
    ) {
        let ours = tree(size);
        let index = pick % size;
        let (root, path) = (ours.root(), ours.inclusion(index, size).unwrap());
        let check = |leaf: Hash, index, path: &[Hash]| {
            verify_inclusion(&leaf, index, size, path, &root)
        };
        prop_assert!(check(leaf(index), index, &path).is_ok());
        let other = (index + 1) % size;
        if other != index {
            prop_assert!(check(leaf(index), other, &path).is_err(), "another place");
            prop_assert!(check(leaf(other), index, &path).is_err(), "another leaf");
        }
        let longer = [&path[..], &[[0; 32]]].concat();
        prop_assert!(check(leaf(index), index, &longer).is_err(), "one too many");
        if let Some(shorter) = path.split_last() {
            prop_assert!(check(leaf(index), index, shorter.1).is_err(), "one too few");
            let mut bent = path.clone();
            let place = usize::from(flip.0) % bent.len();
            bent[place][usize::from(flip.1) % 32] ^= 1;
            prop_assert!(check(leaf(index), index, &bent).is_err(), "a bit");
        }
    }

    #[test]
    fn a_bent_consistency_proof_is_refused(
        new in 2..300_u64, pick in any::<u64>(), flip in any::<(u16, u8)>(),
    ) {
        let ours = tree(new);
        let old = 1 + pick % (new - 1);
        let (old_root, root) = (ours.root_at(old).unwrap(), ours.root());
        let path = ours.consistency(old, new).unwrap();
        prop_assert!(verify_consistency(old, &old_root, new, &root, &path).is_ok());
        prop_assert!(verify_consistency(old, &[7; 32], new, &root, &path).is_err());
        prop_assert!(verify_consistency(old, &old_root, new, &[7; 32], &path).is_err());
        prop_assert!(verify_consistency(old + 1, &old_root, new, &root, &path).is_err());
        prop_assert!(verify_consistency(old, &old_root, new, &root, &path[1..]).is_err());
        let longer = [&path[..], &[[0; 32]]].concat();
        prop_assert!(verify_consistency(old, &old_root, new, &root, &longer).is_err());
        let mut bent = path.clone();
        let place = usize::from(flip.0) % bent.len();
        bent[place][usize::from(flip.1) % 32] ^= 1;
        prop_assert!(verify_consistency(old, &old_root, new, &root, &bent).is_err());
    }
}
