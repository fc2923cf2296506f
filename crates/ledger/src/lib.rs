#![doc = include_str!("../README.md")]
//!
//! Invariant: no clock, no randomness, no private key, no cipher, no I/O. Everything is handed in.

pub mod bundle;

mod checkpoint;
mod entry;
mod events;
mod hash;
mod ids;
mod json;
mod key;
mod leaf;
mod note;
mod read;
mod receipt;
mod sealed;
mod tree;
mod word;

pub use checkpoint::{Checkpoint, CheckpointError, Mode, Origin};
pub use entry::{
    Actor, ActorClass, ENTRY_BYTES_MAX, Entry, EntryError, FileRef, ROW_BYTES_MAX, RecordDigests,
    RecordKey, RowLength,
};
pub use events::{
    EPOCH_CLOSED, EXPORTED, EpochClosed, Exported, GENERATION_OPENED, GenerationOpened, OPENED,
    RECORD_JSON, RECORD_PDF, heads_tree,
};
pub use hash::{Hash, hex, hex_decode, leaf_hash, node_hash, sha256};
pub use ids::{ActorId, ClinicId, DeploymentId, EntryRef, UnitId, UnixMicros};
pub use json::{
    JSON_DEPTH_MAX, JSON_INTEGER_MAX, JSON_VALUES_MAX, JsonError, canonical, canonical_parse,
};
pub use key::{KEY_NAME_BYTES_MAX, KeyError, SignError, Signature, Signer, VerifierKey};
pub use leaf::{HeadLeaf, LEAF_PREFIX_BYTES, Leaf, LeafError, leaf_prefix};
pub use note::{NOTE_BYTES_MAX, Note, NoteError, NoteSignature, SIGNATURES_MAX};
pub use receipt::{Checker, Denied, Grant, Issuer, Receipt, Units, WATCH_MAX_S, receipts};
pub use sealed::{REASON_TAG, RECORD_TAG, SALT_BYTES, Sealed, commit};
pub use tree::{
    Frontier, MemoryTree, NodeAt, NodeSource, PATH_NODES_MAX, ProofError, TREE_SIZE_MAX, TreeError,
    consistency_path, empty_root, inclusion_path, nodes_completed, nodes_for_consistency,
    nodes_for_inclusion, root_from_frontier, verify_consistency, verify_inclusion,
};
pub use word::{Kind, Name, Purpose, WORD_BYTES_MAX, WordError};
