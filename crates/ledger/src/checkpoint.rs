//! Checkpoints: what the log signs (C2SP tlog-checkpoint). Origin, size, root.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use crate::hash::{Hash, hex_decode};
use crate::ids::DeploymentId;
use crate::key::{KeyError, SignError, Signer, VerifierKey};
use crate::note::{Note, NoteError};
use crate::tree::TREE_SIZE_MAX;

/// Whether a deployment holds real patients. Fixed when its database is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Made-up patients, a clock that can be set.
    Demo,
    /// The real thing.
    Live,
}

/// Why a text is no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not three lines.
    #[error("a checkpoint has three lines: origin, size, root")]
    Shape,
    /// Not `clerestory/{32 hex}/{demo|live}/g{generation}`.
    #[error("the checkpoint's origin is not that of a Clerestory log")]
    Origin,
    /// Not a decimal number in its one spelling, or too large.
    #[error("the checkpoint's size is no number")]
    Size,
    /// Not 32 bytes in base64.
    #[error("the checkpoint's root is not 32 bytes in base64")]
    Root,
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
}

/// Which log: deployment, demo or live, generation of the platform's tree.
/// Prints and parses as `clerestory/{deployment}/{demo|live}/g{generation}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The installation.
    pub deployment: DeploymentId,
    /// Demo or live.
    pub mode: Mode,
    /// Generation of the platform's tree.
    pub generation: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            Mode::Demo => "demo",
            Mode::Live => "live",
        };
        write!(
            f,
            "clerestory/{}/{mode}/g{}",
            self.deployment, self.generation
        )
    }
}

impl Origin {
    /// The origin that a text names.
    ///
    /// # Errors
    /// If it names none, or spells one in another way.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let read = || {
            let mut parts = text.split('/');
            let (name, deployment) = (parts.next()?, parts.next()?);
            let mode = match parts.next()? {
                "demo" => Mode::Demo,
                "live" => Mode::Live,
                _ => return None,
            };
            let generation = parts.next()?.strip_prefix('g')?.parse().ok()?;
            let deployment: [u8; 16] = hex_decode(deployment)?.try_into().ok()?;
            let deployment = DeploymentId(Uuid::from_bytes(deployment));
            (name == "clerestory").then_some(Self {
                deployment,
                mode,
                generation,
            })
        };
        // Printing it again refuses what was left over, and every other spelling.
        read()
            .filter(|origin| origin.to_string() == text)
            .ok_or(CheckpointError::Origin)
    }

    /// The verifier key of this log: its name is the origin.
    ///
    /// # Errors
    /// Never in practice: an origin is a valid key name.
    pub fn key(&self, public_key: [u8; 32]) -> Result<VerifierKey, KeyError> {
        VerifierKey::new(&self.to_string(), public_key)
    }
}

/// The state of the platform's tree, as it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: Origin,
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
}

impl Checkpoint {
    /// The three lines that are signed, the last newline included.
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root)
        )
    }

    /// The checkpoint that these three lines are. Accepts exactly what [`Checkpoint::text`] writes;
    /// extension lines are refused.
    ///
    /// # Errors
    /// If they are none.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let lines: Vec<&str> = text
            .strip_suffix('\n')
            .ok_or(CheckpointError::Shape)?
            .split('\n')
            .collect();
        let [origin, size, root] = lines[..] else {
            return Err(CheckpointError::Shape);
        };
        let origin = Origin::parse(origin)?;
        let number: u64 = size.parse().map_err(|_| CheckpointError::Size)?;
        if number > TREE_SIZE_MAX || number.to_string() != size {
            return Err(CheckpointError::Size);
        }
        let root = STANDARD.decode(root).map_err(|_| CheckpointError::Root)?;
        let root = root.try_into().map_err(|_| CheckpointError::Root)?;
        Ok(Self {
            origin,
            size: number,
            root,
        })
    }

    /// Signs it, under the origin as the key's name.
    ///
    /// # Errors
    /// If the key cannot sign.
    pub fn sign(&self, signer: &dyn Signer) -> Result<Note, SignError> {
        Note::sign(self.text(), &self.origin.to_string(), signer)
    }

    /// The checkpoint within a note. Says nothing about who signed it.
    ///
    /// # Errors
    /// If the note's text is no checkpoint.
    pub fn of_note(note: &Note) -> Result<Self, CheckpointError> {
        Self::parse(note.text())
    }

    /// Reads a note and checks that `public_key` signed it for the origin that it names.
    ///
    /// # Errors
    /// If it is no checkpoint, or not signed by that key.
    pub fn open(bytes: &[u8], public_key: [u8; 32]) -> Result<(Self, Note), CheckpointError> {
        let note = Note::parse(bytes)?;
        let checkpoint = Self::of_note(&note)?;
        let key = checkpoint
            .origin
            .key(public_key)
            .map_err(|_| CheckpointError::Origin)?;
        note.verify(&key)?;
        Ok((checkpoint, note))
    }
}
