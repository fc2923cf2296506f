//! Inclusion and consistency: which nodes a proof needs, the proof, and the check.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{NodeAt, NodeSource, PATH_NODES_MAX, TREE_SIZE_MAX, TreeError, empty_root};
use crate::hash::{Hash, node_hash};

/// A proof does not show what it is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Index or size cannot be.
    #[error("there is no such leaf or size")]
    Outside,
    /// Too few or too many hashes for this index and size.
    #[error("the path has the wrong length")]
    Length,
    /// The path leads to another root.
    #[error("the path leads to another root")]
    Root,
}

/// The stored nodes that the inclusion path of leaf `index` in a tree of `size` needs.
///
/// # Errors
/// If there is no such leaf.
pub fn nodes_for_inclusion(index: u64, size: u64) -> Result<Vec<NodeAt>, TreeError> {
    Ok(inclusion_ranges(index, size)?
        .into_iter()
        .flat_map(nodes_of)
        .collect())
}

/// The stored nodes that the consistency path from `old` to `new` leaves needs.
///
/// # Errors
/// If `old` is larger than `new`.
pub fn nodes_for_consistency(old: u64, new: u64) -> Result<Vec<NodeAt>, TreeError> {
    Ok(consistency_ranges(old, new)?
        .into_iter()
        .flat_map(nodes_of)
        .collect())
}

/// The inclusion path of leaf `index` in a tree of `size`, lowest sibling first (RFC 6962, 2.1.1).
///
/// # Errors
/// If there is no such leaf, or a node is missing.
pub fn inclusion_path(
    index: u64,
    size: u64,
    nodes: &impl NodeSource,
) -> Result<Vec<Hash>, TreeError> {
    let ranges = inclusion_ranges(index, size)?;
    ranges
        .into_iter()
        .map(|range| subtree_root(range.start, range.end, nodes))
        .collect()
}

/// The consistency path from `old` to `new` leaves (RFC 6962, 2.1.2). Empty when `old` is 0 or `new`.
///
/// # Errors
/// If `old` is larger than `new`, or a node is missing.
pub fn consistency_path(
    old: u64,
    new: u64,
    nodes: &impl NodeSource,
) -> Result<Vec<Hash>, TreeError> {
    let ranges = consistency_ranges(old, new)?;
    ranges
        .into_iter()
        .map(|range| subtree_root(range.start, range.end, nodes))
        .collect()
}

/// Root over the leaves `start..end`, where `start` is a multiple of the largest power of two below.
pub(super) fn subtree_root(
    start: u64,
    end: u64,
    nodes: &impl NodeSource,
) -> Result<Hash, TreeError> {
    let found = nodes_of(start..end).into_iter().map(|at| {
        let node = nodes.node(at.level, at.last_leaf);
        node.ok_or(TreeError::MissingNode(at))
    });
    let hashes: Vec<Hash> = found.collect::<Result<_, _>>()?;
    Ok(super::root_from_frontier(&hashes))
}

/// The perfect subtrees that the leaves `range` fall into, largest first.
fn nodes_of(range: Range<u64>) -> Vec<NodeAt> {
    let mut nodes = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let level = (range.end - start).ilog2();
        start += 1 << level;
        nodes.push(NodeAt {
            level,
            last_leaf: start - 1,
        });
    }
    nodes
}

/// Largest power of two smaller than `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// `PATH(m, D[n])` of RFC 6962, section 2.1.1, as ranges of leaves.
fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<Range<u64>>, TreeError> {
    if index >= size || size > TREE_SIZE_MAX {
        return Err(TreeError::Outside { size });
    }
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    ranges.reverse();
    Ok(ranges)
}

/// `PROOF(m, D[n])` of RFC 6962, section 2.1.2, as ranges of leaves.
fn consistency_ranges(old: u64, new: u64) -> Result<Vec<Range<u64>>, TreeError> {
    if old > new || new > TREE_SIZE_MAX {
        return Err(TreeError::Outside { size: new });
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, new);
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    // The old tree's own root is known to whoever checks, unless its last part began further right.
    if start > 0 {
        ranges.push(start..end);
    }
    ranges.reverse();
    Ok(ranges)
}

/// Checks that the leaf of hash `leaf` stands at `index` in the tree of `size` leaves and root `root`
/// (RFC 9162, section 2.1.3.2).
///
/// # Errors
/// If the path does not show it.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size || size > TREE_SIZE_MAX {
        return Err(ProofError::Outside);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    match last {
        0 if hash == *root => Ok(()),
        0 => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// Checks that the tree of `old` leaves with `old_root` is the beginning of that of `new` leaves with
/// `new_root` (RFC 9162, section 2.1.4.2). The empty tree is the beginning of every tree.
///
/// # Errors
/// If the path does not show it.
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    path: &[Hash],
) -> Result<(), ProofError> {
    if old > new || new > TREE_SIZE_MAX {
        return Err(ProofError::Outside);
    }
    if path.len() > PATH_NODES_MAX + 1 {
        return Err(ProofError::Length);
    }
    if old == 0 || old == new {
        let known = if old == 0 {
            *old_root == empty_root()
        } else {
            old_root == new_root
        };
        return match (path.is_empty(), known) {
            (false, _) => Err(ProofError::Length),
            (true, true) => Ok(()),
            (true, false) => Err(ProofError::Root),
        };
    }
    let (from_old, from_new) = consistency_roots(old, old_root, new, path)?;
    if from_old == *old_root && from_new == *new_root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// Both roots, as the path rebuilds them.
fn consistency_roots(
    old: u64,
    old_root: &Hash,
    new: u64,
    path: &[Hash],
) -> Result<(Hash, Hash), ProofError> {
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    let (first, rest) = match old.is_power_of_two() {
        true => (old_root, path),
        false => path.split_first().ok_or(ProofError::Length)?,
    };
    let (mut from_old, mut from_new) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            from_old = node_hash(sibling, &from_old);
            from_new = node_hash(sibling, &from_new);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            from_new = node_hash(&from_new, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last == 0 {
        Ok((from_old, from_new))
    } else {
        Err(ProofError::Length)
    }
}

/// Nodes that were read beforehand, by their place.
impl NodeSource for BTreeMap<NodeAt, Hash> {
    fn node(&self, level: u32, last_leaf: u64) -> Option<Hash> {
        self.get(&NodeAt { level, last_leaf }).copied()
    }
}
