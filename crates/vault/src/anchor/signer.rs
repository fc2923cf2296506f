//! The only way to a signature: what is signed extends what was anchored last.
//!
//! Invariant: the signing key is not lent out, so nothing is signed that is not stored by compare-and-swap, and no
//! caller's word is taken for what the last anchor was.

use ledger::{
    Checkpoint, CheckpointError, ClinicId, Entry, EntryRef, GenerationOpened, Hash, HeadLeaf, Leaf,
    Note, ProofError, SignError, Signer, leaf_hash, verify_consistency, verify_inclusion,
};

use super::folder::{AnchorError, FolderAnchor};
use crate::log_key::LogKey;

/// Why nothing was signed. All but what [`SignRefused::is_passing`] names mean that the database is not what was
/// anchored, or that nobody can tell: signing and new opens stop until somebody has looked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignRefused {
    /// Nothing is anchored yet, but an extension was asked for.
    #[error(
        "nothing is anchored yet; if something was, put the anchor's folder back from a copy of it"
    )]
    NothingAnchored,
    /// A first checkpoint was asked for, but there is one already.
    #[error("anchor {number} is stored already, with {size} entries")]
    AlreadyBegun {
        /// The last anchor.
        number: u64,
        /// Its size.
        size: u64,
    },
    /// The last anchor does not bear this key's signature, or is no checkpoint.
    #[error(
        "anchor {number} is not a checkpoint of this key: {why}; put back the anchor's own files, or the key that signed them"
    )]
    Foreign {
        /// The anchor.
        number: u64,
        /// What is wrong with it.
        why: CheckpointError,
    },
    /// The last anchor is of another deployment, or of a demo where this is none.
    #[error("the last anchor is of {anchored}, this log is {asked}")]
    OtherLog {
        /// The anchored origin.
        anchored: String,
        /// The origin that was to be signed.
        asked: String,
    },
    /// The last anchor is of another generation: that takes [`AnchoredSigner::recover`].
    #[error("generation {anchored} is anchored, generation {asked} was to be signed")]
    OtherGeneration {
        /// The anchored generation.
        anchored: u32,
        /// The generation that was to be signed.
        asked: u32,
    },
    /// Entries that were anchored are gone.
    #[error("{anchored} entries are anchored, only {asked} are left")]
    Smaller {
        /// The anchored size.
        anchored: u64,
        /// The size that was to be signed.
        asked: u64,
    },
    /// As many entries as anchored, but not the same.
    #[error("the {size} entries are not those that were anchored")]
    Forked {
        /// The size of both.
        size: u64,
    },
    /// The proof does not show that the tree extends the anchored one.
    #[error("the tree does not extend the one that was anchored: {0}")]
    NotAnExtension(ProofError),
    /// A clinic's tree is not what was anchored of it.
    #[error("the tree of clinic {clinic} does not extend what was anchored of it", clinic = clinic.0)]
    ClinicNotExtended {
        /// Whose tree.
        clinic: ClinicId,
    },
    /// The clinics' heads of the last anchor are gone, so nobody can say whether their trees extend what was anchored.
    #[error(
        "the file of clinic heads beside the last checkpoint in the anchor's folder is gone; put it back from a copy of that folder"
    )]
    HeadsGone,
    /// The first entry of a new generation does not say what was anchored.
    #[error("the new generation does not follow from the anchored one: {0}")]
    NotARecovery(&'static str),
    /// Another signer was faster. Read the last anchor and try again.
    #[error("another signer has stored anchor {number}")]
    Raced {
        /// The number that was taken.
        number: u64,
    },
    /// The anchor cannot be read or written.
    #[error(transparent)]
    Anchor(AnchorError),
    /// The key could not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl SignRefused {
    /// Whether it says nothing about the log: another signer was faster, or the disk or the key was away. A damaged or
    /// removed anchor is not of these: what the log has to extend is then not known.
    pub fn is_passing(&self) -> bool {
        match self {
            SignRefused::Raced { .. }
            | SignRefused::Sign(_)
            | SignRefused::Anchor(AnchorError::Taken { .. } | AnchorError::Disk { .. }) => true,
            SignRefused::NothingAnchored
            | SignRefused::AlreadyBegun { .. }
            | SignRefused::Foreign { .. }
            | SignRefused::OtherLog { .. }
            | SignRefused::OtherGeneration { .. }
            | SignRefused::Smaller { .. }
            | SignRefused::Forked { .. }
            | SignRefused::NotAnExtension(_)
            | SignRefused::ClinicNotExtended { .. }
            | SignRefused::HeadsGone
            | SignRefused::NotARecovery(_)
            | SignRefused::Anchor(AnchorError::Damaged { .. }) => false,
        }
    }
}

impl From<AnchorError> for SignRefused {
    fn from(error: AnchorError) -> SignRefused {
        match error {
            AnchorError::Taken { number } => SignRefused::Raced { number },
            AnchorError::Damaged { .. } | AnchorError::Disk { .. } => SignRefused::Anchor(error),
        }
    }
}

/// A checkpoint that is signed by this key and stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchored {
    /// Its number in the anchor, from 1.
    pub number: u64,
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: Note,
}

/// How a checkpoint follows from the last anchor.
#[derive(Debug, Clone, Copy)]
pub enum Extension<'a> {
    /// It is the first of this deployment; the anchor has to be empty.
    First,
    /// The consistency path from the anchored size to the new one.
    From(&'a [Hash]),
}

/// What a new generation of the platform's tree has to show.
#[derive(Debug, Clone, Copy)]
pub struct Recovery<'a> {
    /// The new generation's checkpoint.
    pub checkpoint: Checkpoint,
    /// The bytes of its first leaf: a `generation.opened` entry that names what was anchored.
    pub first_leaf: &'a [u8],
    /// The inclusion path of that leaf (index 0) in the checkpoint.
    pub inclusion: &'a [Hash],
    /// The clinic heads to be kept beside it.
    pub heads: &'a [HeadLeaf],
}

/// Signs checkpoints, each only if it extends the last anchor, and anchors what it signs.
pub struct AnchoredSigner {
    anchor: FolderAnchor,
    key: LogKey,
}

impl AnchoredSigner {
    /// A signer over an opened anchor.
    pub fn new(anchor: FolderAnchor, key: LogKey) -> AnchoredSigner {
        AnchoredSigner { anchor, key }
    }

    /// The Ed25519 public key.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.public_key()
    }

    /// The folder, to be read.
    pub fn anchor(&self) -> &FolderAnchor {
        &self.anchor
    }

    /// Reads the last anchor back from the disk and verifies this key's signature on it. Its size is where the
    /// next consistency path begins.
    ///
    /// # Errors
    /// If it is not this key's checkpoint.
    pub fn last(&self) -> Result<Option<Anchored>, SignRefused> {
        let Some(file) = self.anchor.last()? else {
            return Ok(None);
        };
        let (checkpoint, note) =
            Checkpoint::open(&file.note, self.public_key()).map_err(|why| {
                SignRefused::Foreign {
                    number: file.number,
                    why,
                }
            })?;
        Ok(Some(Anchored {
            number: file.number,
            checkpoint,
            note,
        }))
    }

    /// The clinic heads that are anchored last; `None` before the first anchor.
    ///
    /// # Errors
    /// If they are damaged, or gone.
    pub fn heads_last(&self) -> Result<Option<Vec<HeadLeaf>>, SignRefused> {
        match self.anchor.last()? {
            Some(file) => {
                let heads = self.anchor.heads(file.number)?;
                heads.map(Some).ok_or(SignRefused::HeadsGone)
            }
            None => Ok(None),
        }
    }

    /// Signs and anchors a checkpoint that extends the last one. If that is the very same, it is returned and
    /// nothing is signed: a call that stored its anchor but could not say so may be repeated.
    ///
    /// # Errors
    /// If it does not extend the last anchor.
    pub fn sign_next(
        &self,
        checkpoint: &Checkpoint,
        extension: Extension<'_>,
        heads: &[HeadLeaf],
    ) -> Result<Anchored, SignRefused> {
        let (last, path) = match (self.last()?, extension) {
            (None, Extension::First) => return self.store(0, checkpoint, heads),
            (None, Extension::From(_)) => return Err(SignRefused::NothingAnchored),
            (Some(last), Extension::First) if last.checkpoint == *checkpoint => return Ok(last),
            (Some(last), Extension::First) => {
                return Err(SignRefused::AlreadyBegun {
                    number: last.number,
                    size: last.checkpoint.size,
                });
            }
            (Some(last), Extension::From(path)) => (last, path),
        };
        if last.checkpoint == *checkpoint {
            return Ok(last);
        }
        same_log(&last.checkpoint, checkpoint)?;
        let (anchored, asked) = (
            last.checkpoint.origin.generation,
            checkpoint.origin.generation,
        );
        if anchored != asked {
            return Err(SignRefused::OtherGeneration { anchored, asked });
        }
        extends(&last.checkpoint, checkpoint, path)?;
        self.store(last.number, checkpoint, heads)
    }

    /// Opens a new generation after entries were lost. Its first leaf has to name the anchored head, so that the
    /// gap stands in the log for good. Repeating a call that was stored returns it.
    ///
    /// # Errors
    /// If the new generation does not follow from the last anchor.
    pub fn recover(&self, recovery: &Recovery<'_>) -> Result<Anchored, SignRefused> {
        let last = self.last()?.ok_or(SignRefused::NothingAnchored)?;
        if last.checkpoint == recovery.checkpoint {
            return Ok(last);
        }
        same_log(&last.checkpoint, &recovery.checkpoint)?;
        let (anchored, asked) = (
            last.checkpoint.origin.generation,
            recovery.checkpoint.origin.generation,
        );
        if anchored.checked_add(1) != Some(asked) {
            return Err(SignRefused::OtherGeneration { anchored, asked });
        }
        names_anchored(&last.checkpoint, recovery).map_err(SignRefused::NotARecovery)?;
        self.store(last.number, &recovery.checkpoint, recovery.heads)
    }

    fn store(
        &self,
        last: u64,
        checkpoint: &Checkpoint,
        heads: &[HeadLeaf],
    ) -> Result<Anchored, SignRefused> {
        let note = checkpoint.sign(&self.key)?;
        let number = self.anchor.append(last, note.encode().as_bytes(), heads)?;
        Ok(Anchored {
            number,
            checkpoint: *checkpoint,
            note,
        })
    }
}

fn same_log(anchored: &Checkpoint, asked: &Checkpoint) -> Result<(), SignRefused> {
    let (left, right) = (anchored.origin, asked.origin);
    if left.deployment == right.deployment && left.mode == right.mode {
        return Ok(());
    }
    Err(SignRefused::OtherLog {
        anchored: left.to_string(),
        asked: right.to_string(),
    })
}

fn extends(last: &Checkpoint, next: &Checkpoint, path: &[Hash]) -> Result<(), SignRefused> {
    if next.size < last.size {
        return Err(SignRefused::Smaller {
            anchored: last.size,
            asked: next.size,
        });
    }
    if next.size == last.size {
        // The same root was answered before: it is the anchored checkpoint itself.
        return Err(SignRefused::Forked { size: last.size });
    }
    verify_consistency(last.size, &last.root, next.size, &next.root, path)
        .map_err(SignRefused::NotAnExtension)
}

fn names_anchored(last: &Checkpoint, recovery: &Recovery<'_>) -> Result<(), &'static str> {
    let checkpoint = &recovery.checkpoint;
    let leaf = Leaf::decode(recovery.first_leaf).map_err(|_| "its first leaf cannot be read")?;
    let first = EntryRef {
        generation: checkpoint.origin.generation,
        index: 0,
    };
    if leaf.clinic != ClinicId::PLATFORM || leaf.entry != first {
        return Err("the leaf is not the first of the platform's new generation");
    }
    let opened = Entry::decode(leaf.body)
        .ok()
        .and_then(|entry| GenerationOpened::of_entry(&entry));
    let opened = opened.ok_or("its first entry does not open a generation")?;
    // What a restore brought back may be older: a backup from before the last recovery.
    if opened.previous > last.origin.generation {
        return Err("its first entry goes on from a later generation than the anchored one");
    }
    if opened.anchored_generation != last.origin.generation {
        return Err("its first entry names another generation as the anchored one");
    }
    if opened.anchored_size != last.size || opened.anchored_root != last.root {
        return Err("its first entry names another anchor than the last one");
    }
    let hash = leaf_hash(recovery.first_leaf);
    verify_inclusion(
        &hash,
        0,
        checkpoint.size,
        recovery.inclusion,
        &checkpoint.root,
    )
    .map_err(|_| "its first entry is not shown to be in the checkpoint")
}
