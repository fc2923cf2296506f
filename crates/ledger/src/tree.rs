//! An RFC 6962 Merkle tree that only grows, kept as the nodes that each leaf completes.
//!
//! A node of level `l` is the root of a perfect subtree of `2^l` leaves that begins at a multiple of
//! `2^l`. It is named by its level and its last leaf, and kept in that leaf's row: leaf `i` keeps one node
//! for each level from 0 to the number of trailing ones of `i`. A node never changes once it is there, so
//! a proof is a few point reads of rows that are never written again.
//!
//! Invariant: nothing here holds the leaves, and nothing reads a store; nodes are handed in.

use crate::hash::{Hash, node_hash, sha256};

mod memory;
mod proof;

pub use memory::MemoryTree;
pub use proof::{
    ProofError, consistency_path, inclusion_path, nodes_for_consistency, nodes_for_inclusion,
    verify_consistency, verify_inclusion,
};

/// Most leaves of a tree: the largest integer that JSON carries safely (RFC 8785), because sizes stand
/// in a bundle's JSON. A path has at most [`PATH_NODES_MAX`] hashes because of it.
pub const TREE_SIZE_MAX: u64 = (1 << 53) - 1;

/// Most hashes of an inclusion path; a consistency path has at most one more.
pub const PATH_NODES_MAX: usize = 53;

/// A node by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeAt {
    /// Level: 0 is a leaf's hash, `l` the root of a perfect subtree of `2^l` leaves.
    pub level: u32,
    /// Index of the last leaf below the node: the row that keeps it.
    pub last_leaf: u64,
}

/// Where nodes come from: rows of a database that were read before, or memory.
pub trait NodeSource {
    /// The node of that level that leaf `last_leaf` completed, if it is there.
    fn node(&self, level: u32, last_leaf: u64) -> Option<Hash>;
}

/// The tree cannot be like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// A frontier needs one hash for each set bit of the size.
    #[error("a tree of {size} leaves has a frontier of {needed} hashes, not {found}")]
    Frontier {
        /// The size named.
        size: u64,
        /// One hash for each set bit of it.
        needed: u32,
        /// What was handed in.
        found: usize,
    },
    /// More than [`TREE_SIZE_MAX`] leaves.
    #[error("the tree is full")]
    Full,
    /// An index or size lies outside of the tree.
    #[error("no such leaf or size in a tree of {size} leaves")]
    Outside {
        /// The tree's size.
        size: u64,
    },
    /// A node is not there.
    #[error("node of level {} that ends at leaf {} is missing", .0.level, .0.last_leaf)]
    MissingNode(NodeAt),
}

/// How many nodes leaf `index` completes, its own hash among them: the length of its row's array.
pub fn nodes_completed(index: u64) -> u32 {
    index.trailing_ones() + 1
}

/// Root of the tree without leaves: SHA-256 of nothing (RFC 6962, section 2.1).
pub fn empty_root() -> Hash {
    sha256(b"")
}

/// Root of a tree from the roots of its perfect subtrees, largest first.
pub fn root_from_frontier(hashes: &[Hash]) -> Hash {
    let joined = hashes
        .iter()
        .rev()
        .copied()
        .reduce(|right, left| node_hash(&left, &right));
    joined.unwrap_or_else(empty_root)
}

/// What must be kept of a tree to go on appending: its size and the roots of its perfect subtrees,
/// largest first, one for each set bit of the size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

impl Frontier {
    /// The tree without leaves.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A frontier that was kept.
    ///
    /// # Errors
    /// If the number of hashes does not belong to the size, or the size is too large.
    pub fn from_parts(size: u64, hashes: Vec<Hash>) -> Result<Self, TreeError> {
        if size > TREE_SIZE_MAX {
            return Err(TreeError::Full);
        }
        let needed = size.count_ones();
        if hashes.len() != needed as usize {
            return Err(TreeError::Frontier {
                size,
                needed,
                found: hashes.len(),
            });
        }
        Ok(Self { size, hashes })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the perfect subtrees, largest first.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// Root of the whole tree.
    pub fn root(&self) -> Hash {
        root_from_frontier(&self.hashes)
    }

    /// Appends a leaf by its hash; gives the nodes that it completes, level 0 (the leaf's own hash)
    /// first: the array that its row keeps.
    ///
    /// # Errors
    /// If the tree is full.
    pub fn append(&mut self, leaf: Hash) -> Result<Vec<Hash>, TreeError> {
        if self.size >= TREE_SIZE_MAX {
            return Err(TreeError::Full);
        }
        let mut completed = vec![leaf];
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self
                .hashes
                .pop()
                .expect("one hash for each set bit of the size");
            node = node_hash(&left, &node);
            completed.push(node);
        }
        self.hashes.push(node);
        self.size += 1;
        Ok(completed)
    }
}
