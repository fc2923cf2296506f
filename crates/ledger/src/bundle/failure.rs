//! Why a bundle is refused, and at which place.

use std::fmt;

use crate::checkpoint::CheckpointError;
use crate::entry::EntryError;
use crate::json::JsonError;
use crate::key::KeyError;
use crate::leaf::LeafError;
use crate::tree::ProofError;

/// A bundle is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where: `record.json, record 7 (session_event 0192…)`.
    pub place: String,
    /// What is wrong there.
    pub problem: Problem,
}

impl Failure {
    pub(super) fn new(place: impl Into<String>, problem: Problem) -> Self {
        Self {
            place: place.into(),
            problem,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.problem)
    }
}

/// What is wrong with a bundle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file could not be read.
    #[error("cannot be read ({0})")]
    Unreadable(std::io::ErrorKind),
    /// It does not begin as a zip file does.
    #[error("this is no record bundle (it is not a zip file)")]
    NotAnArchive,
    /// It ends too early.
    #[error("the bundle is cut off; get it again from where it came from")]
    CutOff,
    /// A file, or the whole, is larger than a bundle may be.
    #[error("larger than a record bundle can be")]
    TooLarge,
    /// A zip file, but not laid out as a bundle.
    #[error(
        "this zip file is no record bundle as it was written: other files, compressed, or packed \
         again; check the file as it was first given"
    )]
    Repacked,
    /// A byte of the archive itself, or of a file in it, is another.
    #[error(
        "damaged, altered or packed again by another program: byte {0} is not as it was written"
    )]
    Damaged(usize),
    /// Bytes after the end.
    #[error("something was appended to the bundle")]
    Trailing,
    /// `README.txt` says something else.
    #[error("the text is not the one that every bundle carries")]
    Readme,
    /// Not canonical JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A member is missing, or one too many, or not what it should be.
    #[error("{0}")]
    Field(String),
    /// The format's name is another.
    #[error("this is another format, or a later version: {0:?} was expected")]
    Format(&'static str),
    /// The checkpoint cannot be read, or its signature is wrong.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The key that came with the bundle cannot be read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key that came with the bundle is not the log's own.
    #[error("the key's name is not the log's origin")]
    KeyName,
    /// Signed by a key that is not the one that was named.
    #[error(
        "not signed by the key that you named: this bundle does not come from that clinic's log"
    )]
    OtherKey,
    /// Signed under the log's name by two keys.
    #[error(
        "signed in the log's name by a second key: somebody has added a signature of their own"
    )]
    SecondKey,
    /// The checkpoint that was named is not signed by the key that signed the bundle's.
    #[error(
        "not signed by the key that signed this bundle: one of the two does not come from that log"
    )]
    HeldKey,
    /// The checkpoint that was named is another log's.
    #[error(
        "belongs to another log, or another generation of it, than the checkpoint that you named"
    )]
    OtherLog,
    /// The checkpoint that was named is not an earlier state of this log.
    #[error(
        "contradicts the checkpoint that you named: one of the two logs is forged or rewritten"
    )]
    Contradiction,
    /// No proof leads from the checkpoint that was named to the bundle's.
    #[error(
        "carries no proof from the checkpoint that you named (size {0}); name the key, or a \
         checkpoint that was current at one of this clinic's exports"
    )]
    NotConnected(u64),
    /// A path does not lead where it should.
    #[error("the proof does not hold: {0}")]
    Proof(#[from] ProofError),
    /// Bytes that are no leaf.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// Bytes that are no entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The leaf is of another clinic, generation or place than claimed.
    #[error("the leaf is of another clinic, generation or place")]
    OtherLeaf,
    /// The entry is of another kind or lacks what its kind has.
    #[error("the entry is not a whole {0:?} entry")]
    OtherKind(String),
    /// An older generation is not the one that the next one in the bundle names.
    #[error("the next generation does not name this one as it is")]
    Generation,
    /// Deployment, or demo and live, differ between record and checkpoint.
    #[error("record and checkpoint are of different deployments, or one is a demo")]
    Deployment,
    /// An entry that nothing refers to.
    #[error("nothing in the record refers to this entry")]
    Unused,
    /// The entry that a record names is not in the proof.
    #[error("proof.json has no {0}")]
    NoEntry(String),
    /// The entry is about other rows.
    #[error("its entry commits to another row, not to this one")]
    OtherRow,
    /// Body or salt is not what the entry commits to.
    #[error("its salt or its body is not what the log committed to")]
    Commitment,
    /// Records that are not in their order, or one twice.
    #[error("records are not in order, or one stands twice")]
    Order,
    /// An event is missing or of another session.
    #[error("event {expected} was expected here: events are missing, out of order or foreign")]
    Event {
        /// Its number within the session, from 0.
        expected: u32,
    },
    /// Not as many events as were exported.
    #[error("{found} events, but {exported} were exported")]
    Events {
        /// In the record.
        found: u64,
        /// By the `exported` entry.
        exported: u64,
    },
    /// An event's entry comes before that of the event before, or after the export.
    #[error("its entry is out of order in the log")]
    EntryOrder,
    /// Not exactly one of those that there must be one of.
    #[error("there must be exactly one {0} record")]
    NotOne(&'static str),
    /// The `exported` entry is about another session or patient.
    #[error("the exported entry is about another session or patient")]
    OtherSubject,
    /// A file is not the one that was exported.
    #[error("not the file that was exported: altered since")]
    File,
}

/// For `map_err`: the error at this place.
pub(super) fn at<E: Into<Problem>>(place: &str) -> impl FnOnce(E) -> Failure {
    move |error| Failure::new(place, error.into())
}
