//! Anchors: where signed checkpoints lie so that the log cannot quietly go back.

mod folder;
mod signer;

pub use folder::{AnchorError, AnchorFile, FolderAnchor, HEADS_KEPT};
pub use signer::{Anchored, AnchoredSigner, Extension, Recovery, SignRefused};
