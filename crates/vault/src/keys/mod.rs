//! The key store: key places taken together, and the tombstones that stand above them.

mod store;
mod tend;
mod tombstones;
mod writing;

pub use store::{Destruction, KeyStore};
pub use tend::Tended;

pub(crate) use tombstones::Tombstone;
pub(crate) use writing::Writing;
