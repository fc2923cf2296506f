//! Entries whose shape others rely on: an epoch's close, a generation's opening, an export.

use uuid::Uuid;

use crate::entry::{Actor, Entry, FileRef};
use crate::hash::Hash;
use crate::ids::UnixMicros;
use crate::leaf::HeadLeaf;
use crate::tree::{MemoryTree, TreeError};
use crate::word::{Kind, Name};

/// Sealed data was opened: what a receipt names.
pub const OPENED: Kind = Kind::literal("opened");
/// A record left as a bundle.
pub const EXPORTED: Kind = Kind::literal("exported");
/// The clinic heads of an epoch, in the platform's tree.
pub const EPOCH_CLOSED: Kind = Kind::literal("epoch.closed");
/// First leaf of a generation after the first one, in each tree.
pub const GENERATION_OPENED: Kind = Kind::literal("generation.opened");

/// Name of the record as JSON, in a bundle and in its `exported` entry.
pub const RECORD_JSON: Name = Name::literal("record.json");
/// Name of the record as PDF, in a bundle and in its `exported` entry.
pub const RECORD_PDF: Name = Name::literal("record.pdf");

const EPOCH: Name = Name::literal("epoch");
const CLINICS: Name = Name::literal("clinics");
const HEADS: Name = Name::literal("heads");
const PREVIOUS: Name = Name::literal("previous");
const FOUND_SIZE: Name = Name::literal("found_size");
const FOUND_ROOT: Name = Name::literal("found_root");
const ANCHORED_GENERATION: Name = Name::literal("anchored_generation");
const ANCHORED_SIZE: Name = Name::literal("anchored_size");
const ANCHORED_ROOT: Name = Name::literal("anchored_root");
const EVENTS: Name = Name::literal("events");

/// The tree of clinic heads, in the order of the clinics' ordinals. It is made anew for each epoch.
///
/// # Errors
/// If there are more heads than a tree can hold.
pub fn heads_tree(heads: &[HeadLeaf]) -> Result<MemoryTree, TreeError> {
    MemoryTree::of(heads.iter().map(HeadLeaf::hash))
}

/// What the platform's `epoch.closed` entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochClosed {
    /// Number of the epoch.
    pub epoch: u64,
    /// How many clinics: the size of the tree of heads.
    pub clinics: u64,
    /// Root of the tree of heads.
    pub heads: Hash,
}

impl EpochClosed {
    /// The entry that says it.
    pub fn entry(&self, at: UnixMicros) -> Entry {
        let mut entry = Entry::new(EPOCH_CLOSED, at, Actor::SYSTEM);
        entry
            .numbers
            .extend([(EPOCH, self.epoch), (CLINICS, self.clinics)]);
        entry.hashes.insert(HEADS, self.heads);
        entry
    }

    /// What an entry says, if it is of this kind and whole.
    pub fn of_entry(entry: &Entry) -> Option<Self> {
        if entry.kind != EPOCH_CLOSED {
            return None;
        }
        Some(Self {
            epoch: *entry.numbers.get(&EPOCH)?,
            clinics: *entry.numbers.get(&CLINICS)?,
            heads: *entry.hashes.get(&HEADS)?,
        })
    }
}

/// What the first entry of a later generation says of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenerationOpened {
    /// The generation that was found after the restore: the one that this one continues. A backup from before an
    /// earlier recovery brings back an older one than was anchored.
    pub previous: u32,
    /// How many leaves of it were found.
    pub found_size: u64,
    /// Root over these.
    pub found_root: Hash,
    /// The generation that was anchored; this one is the next.
    pub anchored_generation: u32,
    /// How many leaves of that one were anchored.
    pub anchored_size: u64,
    /// Root that was anchored.
    pub anchored_root: Hash,
}

impl GenerationOpened {
    /// The entry that says it.
    pub fn entry(&self, at: UnixMicros, actor: Actor) -> Entry {
        let mut entry = Entry::new(GENERATION_OPENED, at, actor);
        entry.numbers.extend([
            (PREVIOUS, u64::from(self.previous)),
            (FOUND_SIZE, self.found_size),
            (ANCHORED_GENERATION, u64::from(self.anchored_generation)),
            (ANCHORED_SIZE, self.anchored_size),
        ]);
        entry.hashes.extend([
            (FOUND_ROOT, self.found_root),
            (ANCHORED_ROOT, self.anchored_root),
        ]);
        entry
    }

    /// What an entry says, if it is of this kind and whole.
    pub fn of_entry(entry: &Entry) -> Option<Self> {
        if entry.kind != GENERATION_OPENED {
            return None;
        }
        Some(Self {
            previous: generation_of(entry, &PREVIOUS)?,
            found_size: *entry.numbers.get(&FOUND_SIZE)?,
            found_root: *entry.hashes.get(&FOUND_ROOT)?,
            anchored_generation: generation_of(entry, &ANCHORED_GENERATION)?,
            anchored_size: *entry.numbers.get(&ANCHORED_SIZE)?,
            anchored_root: *entry.hashes.get(&ANCHORED_ROOT)?,
        })
    }

    /// How many anchored entries are gone, at the least: of a generation that was not found at all, every one.
    pub fn entries_lost(&self) -> u64 {
        match self.previous == self.anchored_generation {
            true => self.anchored_size.saturating_sub(self.found_size),
            false => self.anchored_size,
        }
    }
}

fn generation_of(entry: &Entry, name: &Name) -> Option<u32> {
    u32::try_from(*entry.numbers.get(name)?).ok()
}

/// What the `exported` entry of a record bundle says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The session.
    pub session: Uuid,
    /// The patient whose session it is.
    pub patient: Uuid,
    /// Number of events of the session: all of them.
    pub events: u64,
    /// The bundle's `record.json`.
    pub record_json: FileRef,
    /// The bundle's `record.pdf`.
    pub record_pdf: FileRef,
}

impl Exported {
    /// The entry that says it. The caller adds sign-in, request, `under` and units.
    pub fn entry(&self, at: UnixMicros, actor: Actor) -> Entry {
        let mut entry = Entry::new(EXPORTED, at, actor);
        entry.files.extend([
            (RECORD_JSON, self.record_json),
            (RECORD_PDF, self.record_pdf),
        ]);
        entry.subjects.extend([self.session, self.patient]);
        entry.numbers.insert(EVENTS, self.events);
        entry
    }

    /// Number of events that an `exported` entry names.
    pub(crate) fn events_of(entry: &Entry) -> Option<u64> {
        entry.numbers.get(&EVENTS).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_is_counted_within_a_generation_and_whole_across_one() {
        let opened = GenerationOpened {
            previous: 2,
            found_size: 7,
            found_root: [1; 32],
            anchored_generation: 2,
            anchored_size: 9,
            anchored_root: [2; 32],
        };
        assert_eq!(opened.entries_lost(), 2);
        let older = GenerationOpened {
            previous: 1,
            ..opened
        };
        assert_eq!(older.entries_lost(), 9);
        let entry = older.entry(UnixMicros(0), Actor::SYSTEM);
        assert_eq!(GenerationOpened::of_entry(&entry), Some(older));
    }
}
