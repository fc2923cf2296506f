//! A tree held in memory: the tree of clinic heads, tests, and tools that replay a log.

use super::{Frontier, NodeSource, TreeError, consistency_path, inclusion_path};
use crate::hash::Hash;

/// A tree with all its nodes in memory, about 64 bytes a leaf.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    rows: Vec<Vec<Hash>>,
    frontier: Frontier,
}

impl MemoryTree {
    /// The tree of these leaf hashes.
    ///
    /// # Errors
    /// If there are more than a tree can hold.
    pub fn of(leaves: impl IntoIterator<Item = Hash>) -> Result<Self, TreeError> {
        let mut tree = Self::default();
        for leaf in leaves {
            tree.append(leaf)?;
        }
        Ok(tree)
    }

    /// Appends a leaf by its hash; gives the nodes that it completes.
    ///
    /// # Errors
    /// If the tree is full.
    pub fn append(&mut self, leaf: Hash) -> Result<&[Hash], TreeError> {
        let row = self.frontier.append(leaf)?;
        Ok(self.rows.push_mut(row))
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Root of the tree.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// What must be kept to go on appending.
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Root that the tree had when it had `size` leaves.
    ///
    /// # Errors
    /// If it never had so many.
    pub fn root_at(&self, size: u64) -> Result<Hash, TreeError> {
        if size > self.size() {
            return Err(TreeError::Outside { size: self.size() });
        }
        super::proof::subtree_root(0, size, self)
    }

    /// Path that shows leaf `index` in the tree of the first `size` leaves.
    ///
    /// # Errors
    /// If there is no such leaf or the tree never had that size.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, TreeError> {
        inclusion_path(index, size, self)
    }

    /// Path that shows the tree of `old` leaves as the beginning of that of `new`.
    ///
    /// # Errors
    /// If the tree never had these sizes in this order.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, TreeError> {
        consistency_path(old, new, self)
    }
}

impl NodeSource for MemoryTree {
    fn node(&self, level: u32, last_leaf: u64) -> Option<Hash> {
        let row = self.rows.get(usize::try_from(last_leaf).ok()?)?;
        row.get(usize::try_from(level).ok()?).copied()
    }
}
