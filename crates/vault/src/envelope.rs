//! The envelope: how one value is sealed. Bytes and test vectors: `docs/formats/envelope.md`.
//!
//! ```text
//! version 1 ‖ unit (16) ‖ key commitment (32) ‖ nonce (12) ‖ ciphertext ‖ tag (16)
//! ```
//!
//! The plaintext inside is `salt (32) ‖ value`. The version fixes the suite; nothing is negotiated.

use ledger::{ClinicId, RECORD_TAG, SALT_BYTES, Sealed, UnitId};
use zeroize::Zeroizing;

use crate::error::EnvelopeFault;
use crate::random::Random;
use crate::secret::{
    Derivation, Gcm, KEY_LEN, Mac, NONCE_BYTES, Secret, TAG_LEN, equal, length_prefixed,
};
use crate::{SealedRecord, VaultError};

const VERSION: u8 = 1;
const DOMAIN: &[u8] = b"clerestory/envelope/1";
const SEAL_LABEL: &str = "clerestory/unit/seal/1";
const COMMIT_LABEL: &str = "clerestory/unit/commit/1";
const TOKEN_LABEL: &str = "clerestory/unit/token/1";

const UNIT_AT: usize = 1;
const COMMITMENT_AT: usize = UNIT_AT + 16;
const NONCE_AT: usize = COMMITMENT_AT + KEY_LEN;
const SHORTEST: usize = NONCE_AT + NONCE_BYTES + SALT_BYTES + TAG_LEN;

/// Bytes by which an envelope is longer than the value in it.
pub const ENVELOPE_OVERHEAD: usize = SHORTEST;
/// Longest envelope: a value is held in memory whole, and none of ours comes near this (records have kilobytes,
/// recordings come in segments).
pub const ENVELOPE_LIMIT: usize = 16 * 1024 * 1024;

/// Where a value belongs. All of it is bound into the envelope.
#[derive(Debug, Clone, Copy)]
pub struct Slot<'a> {
    /// The table's name.
    pub table: &'static str,
    /// The row's key, as bytes.
    pub row: &'a [u8],
    /// The column's name.
    pub column: &'static str,
    /// Version of the plaintext's layout.
    pub schema: u16,
}

/// A unit's key, as the keys derived from it.
pub(crate) struct UnitKeys {
    clinic: ClinicId,
    unit: UnitId,
    seal: Gcm,
    commitment: Secret,
    derivation: Derivation,
}

impl UnitKeys {
    /// Each derived key is bound to clinic and unit, so that a key under another name derives others.
    pub(crate) fn derive(
        clinic: ClinicId,
        unit: UnitId,
        key: &Secret,
    ) -> Result<UnitKeys, VaultError> {
        let derivation = key.derivation();
        let context: [&[u8]; 2] = [clinic.0.as_bytes(), unit.0.as_bytes()];
        Ok(UnitKeys {
            clinic,
            unit,
            seal: derivation.expand_gcm(SEAL_LABEL, &context)?,
            commitment: derivation.expand(COMMIT_LABEL, &context)?,
            derivation,
        })
    }

    pub(crate) fn clinic(&self) -> ClinicId {
        self.clinic
    }

    pub(crate) fn unit(&self) -> UnitId {
        self.unit
    }

    pub(crate) fn mac(&self) -> Result<Mac, VaultError> {
        self.derivation.expand_mac(
            TOKEN_LABEL,
            &[self.clinic.0.as_bytes(), self.unit.0.as_bytes()],
        )
    }

    fn aad(&self, slot: &Slot<'_>) -> Vec<u8> {
        length_prefixed(&[
            DOMAIN,
            self.clinic.0.as_bytes(),
            self.unit.0.as_bytes(),
            slot.table.as_bytes(),
            slot.row,
            slot.column.as_bytes(),
            &slot.schema.to_be_bytes(),
        ])
    }

    pub(crate) fn seal(
        &self,
        random: &dyn Random,
        slot: &Slot<'_>,
        value: &[u8],
    ) -> Result<SealedRecord, VaultError> {
        if value.len() > ENVELOPE_LIMIT - ENVELOPE_OVERHEAD {
            return Err(fault(slot, EnvelopeFault::TooLong));
        }
        let mut plaintext = Zeroizing::new(Vec::with_capacity(SALT_BYTES + value.len()));
        plaintext.resize(SALT_BYTES, 0);
        random.fill(&mut plaintext);
        let commitment = commitment_of(&plaintext[..], value);
        plaintext.extend_from_slice(value);
        let mut out = Vec::with_capacity(ENVELOPE_OVERHEAD + value.len());
        out.push(VERSION);
        out.extend_from_slice(self.unit.0.as_bytes());
        out.extend_from_slice(self.commitment.bytes());
        self.seal
            .seal(random, &self.aad(slot), &plaintext, &mut out)?;
        let sealed = Sealed::from_bytes(out);
        let digest = sealed.digest();
        Ok(SealedRecord {
            sealed,
            commitment,
            digest,
        })
    }

    /// `salt ‖ value`.
    pub(crate) fn open(
        &self,
        slot: &Slot<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let bytes = sealed.as_bytes();
        let refuse = |why| Err(fault(slot, why));
        if bytes.first().is_some_and(|version| *version != VERSION) {
            return refuse(EnvelopeFault::Version);
        }
        if bytes.len() < SHORTEST {
            return refuse(EnvelopeFault::CutOff);
        }
        if bytes.len() > ENVELOPE_LIMIT {
            return refuse(EnvelopeFault::TooLong);
        }
        if bytes[UNIT_AT..COMMITMENT_AT] != *self.unit.0.as_bytes() {
            return refuse(EnvelopeFault::OtherUnit);
        }
        // Before decryption: AES-GCM alone lets one ciphertext open under two keys that a forger chose.
        if !equal(&bytes[COMMITMENT_AT..NONCE_AT], self.commitment.bytes()) {
            return refuse(EnvelopeFault::KeyCommitment);
        }
        let mut plaintext = Zeroizing::new(vec![0; bytes.len() - SHORTEST + SALT_BYTES]);
        match self
            .seal
            .open(&self.aad(slot), &bytes[NONCE_AT..], &mut plaintext)
        {
            Some(()) => Ok(plaintext),
            None => refuse(EnvelopeFault::Altered),
        }
    }
}

/// The commitment to `value` under the salt that stands first in `salted`.
pub(crate) fn commitment_of(salted: &[u8], value: &[u8]) -> ledger::Hash {
    let mut salt = Zeroizing::new([0; SALT_BYTES]);
    salt.copy_from_slice(&salted[..SALT_BYTES]);
    ledger::commit(RECORD_TAG, &salt, value)
}

pub(crate) fn fault(slot: &Slot<'_>, why: EnvelopeFault) -> VaultError {
    VaultError::Envelope {
        table: slot.table,
        column: slot.column,
        why,
    }
}
