//! Leaves: an entry's in a clinic's tree or the platform's, and a clinic head's in the tree of heads.
//!
//! Invariant: the first byte tells the two apart, and each leaf names its clinic, generation and place,
//! so that no leaf can stand for another anywhere.

use crate::hash::{Hash, leaf_hash};
use crate::ids::{ClinicId, EntryRef};
use crate::read::{Reader, Short};
use uuid::Uuid;

const ENTRY_LEAF: u8 = 0x01;
const HEAD_LEAF: u8 = 0x02;

/// Length of what stands before the body in an entry's leaf.
pub const LEAF_PREFIX_BYTES: usize = 29;

/// Bytes that are no leaf of the wanted sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no leaf of this sort")]
pub struct LeafError;

/// What stands before the body of an entry's leaf:
/// `0x01 ‖ clinic (16) ‖ generation (u32 BE) ‖ index (u64 BE)`.
pub fn leaf_prefix(clinic: ClinicId, entry: EntryRef) -> [u8; LEAF_PREFIX_BYTES] {
    let mut prefix = [ENTRY_LEAF; LEAF_PREFIX_BYTES];
    prefix[1..17].copy_from_slice(clinic.0.as_bytes());
    prefix[17..21].copy_from_slice(&entry.generation.to_be_bytes());
    prefix[21..].copy_from_slice(&entry.index.to_be_bytes());
    prefix
}

/// An entry's leaf: the prefix and the body, which is [`Entry::encode`](crate::Entry::encode).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// Whose tree; the nil id is the platform's.
    pub clinic: ClinicId,
    /// Where in that tree.
    pub entry: EntryRef,
    /// The encoded entry.
    pub body: &'a [u8],
}

impl<'a> Leaf<'a> {
    /// The leaf's bytes.
    pub fn encode(&self) -> Vec<u8> {
        [&leaf_prefix(self.clinic, self.entry)[..], self.body].concat()
    }

    /// The leaf that these bytes are; the body is not looked at.
    ///
    /// # Errors
    /// If the prefix is short or begins with another byte.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, LeafError> {
        let mut reader = Reader::new(bytes);
        let mut read = || {
            let first = reader.array()?;
            let clinic = ClinicId(Uuid::from_bytes(reader.array()?));
            let generation = u32::from_be_bytes(reader.array()?);
            let index = u64::from_be_bytes(reader.array()?);
            Ok((first, clinic, EntryRef { generation, index }))
        };
        match read().map_err(|Short| LeafError)? {
            ([ENTRY_LEAF], clinic, entry) => Ok(Self {
                clinic,
                entry,
                body: reader.rest(),
            }),
            _ => Err(LeafError),
        }
    }

    /// The leaf's hash in its tree.
    pub fn hash(&self) -> Hash {
        leaf_hash(&self.encode())
    }
}

/// The head of one clinic's tree, as a leaf of the tree of heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLeaf {
    /// Whose tree.
    pub clinic: ClinicId,
    /// Its generation.
    pub generation: u32,
    /// How many leaves it has.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

impl HeadLeaf {
    /// Length of a head leaf.
    pub const BYTES: usize = 61;

    /// `0x02 ‖ clinic (16) ‖ generation (u32 BE) ‖ size (u64 BE) ‖ root (32)`.
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = [HEAD_LEAF; Self::BYTES];
        bytes[1..17].copy_from_slice(self.clinic.0.as_bytes());
        bytes[17..21].copy_from_slice(&self.generation.to_be_bytes());
        bytes[21..29].copy_from_slice(&self.size.to_be_bytes());
        bytes[29..].copy_from_slice(&self.root);
        bytes
    }

    /// The head leaf that these bytes are.
    ///
    /// # Errors
    /// If length or first byte is another.
    pub fn decode(bytes: &[u8]) -> Result<Self, LeafError> {
        let mut reader = Reader::new(bytes);
        let mut read = || {
            let first = reader.array()?;
            let clinic = ClinicId(Uuid::from_bytes(reader.array()?));
            let generation = u32::from_be_bytes(reader.array()?);
            let size = u64::from_be_bytes(reader.array()?);
            Ok((
                first,
                Self {
                    clinic,
                    generation,
                    size,
                    root: reader.array()?,
                },
            ))
        };
        match read().map_err(|Short| LeafError)? {
            ([HEAD_LEAF], head) if reader.is_empty() => Ok(head),
            _ => Err(LeafError),
        }
    }

    /// The leaf's hash in the tree of heads.
    pub fn hash(&self) -> Hash {
        leaf_hash(&self.encode())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn leaves_go_there_and_back() {
        let clinic = ClinicId(Uuid::from_u128(7));
        let leaf = Leaf {
            clinic,
            entry: EntryRef {
                generation: 2,
                index: 300,
            },
            body: b"body",
        };
        assert_eq!(Leaf::decode(&leaf.encode()).unwrap(), leaf);
        assert_eq!(&leaf.encode()[LEAF_PREFIX_BYTES..], b"body");

        let head = HeadLeaf {
            clinic,
            generation: 2,
            size: 301,
            root: leaf.hash(),
        };
        assert_eq!(HeadLeaf::decode(&head.encode()).unwrap(), head);
        assert_eq!(head.hash(), leaf_hash(&head.encode()));
    }

    #[test]
    fn the_two_sorts_are_never_taken_for_each_other() {
        let clinic = ClinicId(Uuid::from_u128(7));
        let head = HeadLeaf {
            clinic,
            generation: 1,
            size: 1,
            root: [1; 32],
        };
        assert_eq!(Leaf::decode(&head.encode()), Err(LeafError));
        let leaf = Leaf {
            clinic,
            entry: EntryRef {
                generation: 1,
                index: 1,
            },
            body: &[1; 32],
        };
        assert_eq!(HeadLeaf::decode(&leaf.encode()), Err(LeafError));
        assert_eq!(Leaf::decode(&leaf.encode()[..28]), Err(LeafError));
        assert_eq!(HeadLeaf::decode(&head.encode()[..60]), Err(LeafError));
        assert_eq!(
            HeadLeaf::decode(&[&head.encode()[..], &[0]].concat()),
            Err(LeafError)
        );
    }
}
