//! Ciphertext and commitments, as types.

use std::fmt;

use crate::hash::{Hash, sha256, sha256_of};

/// Ciphertext: an envelope of the vault. `store` keeps it and cannot look inside.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Bytes that are an envelope; whether they open is the vault's to say.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The envelope's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The envelope's bytes, given up.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// SHA-256 of the envelope, as a record's entry carries it.
    pub fn digest(&self) -> Hash {
        sha256(&self.0)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// Tag of a commitment to a record.
pub const RECORD_TAG: &str = "clerestory-record-1";

/// Tag of a commitment to a typed reason.
pub const REASON_TAG: &str = "clerestory-reason-1";

/// Length of a salt in bytes: as long as the digest, so that guessing it is as hard as inverting it.
pub const SALT_BYTES: usize = 32;

/// Commitment: `SHA-256(length of tag (u8) ‖ tag ‖ salt (32) ‖ plaintext)`.
///
/// It hides the plaintext as long as the salt is secret, and binds to it for ever. The length of the
/// tag stands first and the salt has a fixed length, so that no two inputs run together.
///
/// # Panics
/// If the tag is longer than 255 bytes; tags are constants of the code.
pub fn commit(tag: &str, salt: &[u8; SALT_BYTES], plaintext: &[u8]) -> Hash {
    let length = u8::try_from(tag.len()).expect("a tag is a short constant");
    sha256_of(&[&[length], tag.as_bytes(), salt, plaintext])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_shows_its_length_alone() {
        let sealed = Sealed::from_bytes(b"canary".to_vec());
        assert_eq!(format!("{sealed:?}"), "Sealed(6 bytes)");
        assert_eq!(sealed.digest(), sha256(b"canary"));
    }

    #[test]
    fn every_part_of_a_commitment_counts() {
        let base = commit(RECORD_TAG, &[7; 32], b"text");
        assert_ne!(base, commit(REASON_TAG, &[7; 32], b"text"));
        assert_ne!(base, commit(RECORD_TAG, &[8; 32], b"text"));
        assert_ne!(base, commit(RECORD_TAG, &[7; 32], b"texts"));
        let by_hand = [b"\x13clerestory-record-1".as_slice(), &[7; 32], b"text"].concat();
        assert_eq!(base, sha256(&by_hand));
    }
}
