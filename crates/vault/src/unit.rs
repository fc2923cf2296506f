//! What callers hold of a unit: the right to seal, the right to open, and what was opened.

use std::marker::PhantomData;
use std::sync::Arc;

use ledger::{ClinicId, Hash, Receipt, SALT_BYTES, Sealed, UnitId};
use zeroize::Zeroizing;

use crate::VaultError;
use crate::envelope::{Slot, UnitKeys, commitment_of, fault};
use crate::error::EnvelopeFault;
use crate::random::Random;
use crate::secret::equal;

/// A sealed value with what its ledger entry says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRecord {
    /// The envelope.
    pub sealed: Sealed,
    /// `ledger::commit` of salt and value: what a bundle is checked against.
    pub commitment: Hash,
    /// SHA-256 of the envelope: an old row put back is seen.
    pub digest: Hash,
}

/// Seals values under one unit's key. Takes no receipt, and cannot open.
pub struct UnitSealer<'k> {
    keys: Keys<'k>,
    random: Arc<dyn Random>,
}

enum Keys<'k> {
    Own(Box<UnitKeys>),
    Of(&'k UnitKeys),
}

impl<'k> UnitSealer<'k> {
    pub(crate) fn owning(keys: UnitKeys, random: Arc<dyn Random>) -> UnitSealer<'static> {
        UnitSealer {
            keys: Keys::Own(Box::new(keys)),
            random,
        }
    }

    pub(crate) fn of(keys: &'k UnitKeys, random: &Arc<dyn Random>) -> UnitSealer<'k> {
        UnitSealer {
            keys: Keys::Of(keys),
            random: Arc::clone(random),
        }
    }

    fn keys(&self) -> &UnitKeys {
        match &self.keys {
            Keys::Own(keys) => keys,
            Keys::Of(keys) => keys,
        }
    }

    /// The unit under whose key this seals.
    pub fn unit(&self) -> UnitId {
        self.keys().unit()
    }

    /// The unit's clinic.
    pub fn clinic(&self) -> ClinicId {
        self.keys().clinic()
    }

    /// Seals a value for its place in the database, under a fresh nonce and salt.
    ///
    /// # Errors
    /// If the value is longer than an envelope may be.
    pub fn seal(&self, slot: &Slot<'_>, value: &[u8]) -> Result<SealedRecord, VaultError> {
        self.keys().seal(self.random.as_ref(), slot, value)
    }

    /// A keyed digest that dies with the unit: for a search index that is a unit of its own.
    ///
    /// # Errors
    /// Only if the cipher library fails.
    pub fn token(&self, label: &str, bytes: &[u8]) -> Result<[u8; 32], VaultError> {
        Ok(self.keys().mac()?.token(label, bytes))
    }
}

/// A unit that a receipt has unlocked. Its key is wiped when this is dropped.
///
/// ```compile_fail,E0599
/// fn copied<'r>(unlocked: vault::Unlocked<'r>) -> vault::Unlocked<'r> { unlocked.clone() }
/// ```
/// ```compile_fail,E0515
/// fn outlived(vault: &vault::Vault, receipt: ledger::Receipt, unit: ledger::UnitId) -> vault::Unlocked<'static> {
///     vault.unlock(&receipt, unit, ledger::UnixMicros(0)).unwrap()
/// }
/// ```
pub struct Unlocked<'r> {
    keys: UnitKeys,
    random: Arc<dyn Random>,
    receipt: PhantomData<&'r Receipt>,
}

impl<'r> Unlocked<'r> {
    pub(crate) fn new(
        _receipt: &'r Receipt,
        keys: UnitKeys,
        random: Arc<dyn Random>,
    ) -> Unlocked<'r> {
        Unlocked {
            keys,
            random,
            receipt: PhantomData,
        }
    }

    /// The unit.
    pub fn unit(&self) -> UnitId {
        self.keys.unit()
    }

    /// The unit's clinic.
    pub fn clinic(&self) -> ClinicId {
        self.keys.clinic()
    }

    /// Opens what was sealed for `slot` of this unit.
    ///
    /// # Errors
    /// If the envelope was altered, moved or cut.
    pub fn open(&self, slot: &Slot<'_>, sealed: &Sealed) -> Result<Opened<'r>, VaultError> {
        Ok(Opened {
            salted: self.keys.open(slot, sealed)?,
            receipt: PhantomData,
        })
    }

    /// Opens, and checks that the value is the one that a ledger entry commits to.
    ///
    /// # Errors
    /// As [`Unlocked::open`], or if it is another value or salt.
    pub fn open_committed(
        &self,
        slot: &Slot<'_>,
        sealed: &Sealed,
        commitment: &Hash,
    ) -> Result<Opened<'r>, VaultError> {
        let opened = self.open(slot, sealed)?;
        if !equal(&opened.commitment(), commitment) {
            return Err(fault(slot, EnvelopeFault::Commitment));
        }
        Ok(opened)
    }

    /// Seals under the same key without reading it again.
    pub fn sealer(&self) -> UnitSealer<'_> {
        UnitSealer::of(&self.keys, &self.random)
    }

    /// The key, for [`crate::Vault::keep`].
    pub fn into_key(self) -> UnitKey {
        UnitKey {
            keys: self.keys,
            random: self.random,
        }
    }
}

/// What was opened under a watch and stays in memory for as long as its receipt, with the unit's key: a live page's, between
/// its showing and its form. Neither comes out but by [`crate::Vault::kept`], which looks at the receipt each time.
///
/// ```compile_fail,E0616
/// fn looked_at_without_a_check(kept: vault::Kept<String>) -> String { kept.value }
/// ```
/// ```compile_fail,E0599
/// fn copied(kept: vault::Kept<String>) -> vault::Kept<String> { kept.clone() }
/// ```
pub struct Kept<T> {
    pub(crate) receipt: Receipt,
    pub(crate) key: UnitKey,
    pub(crate) value: T,
}

impl<T> Kept<T> {
    /// The receipt: who opened what, under which entry, until when.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }
}

/// A unit's key on its way from an [`Unlocked`] into a [`Kept`]. It opens and seals nothing by itself.
pub struct UnitKey {
    pub(crate) keys: UnitKeys,
    pub(crate) random: Arc<dyn Random>,
}

/// Opened plaintext. It is wiped when dropped, and lives no longer than the receipt that opened it.
///
/// It borrows from the receipt, not from what unlocked it:
///
/// ```
/// fn kept<'r>(vault: &vault::Vault, receipt: &'r ledger::Receipt, unit: ledger::UnitId, sealed: &ledger::Sealed)
///     -> Result<vault::Opened<'r>, vault::VaultError> {
///     let slot = vault::Slot { table: "patient", row: b"1", column: "body", schema: 1 };
///     vault.unlock(receipt, unit, ledger::UnixMicros(0))?.open(&slot, sealed)
/// }
/// ```
///
/// It does not outlive the receipt:
///
/// ```compile_fail,E0597
/// fn outlived(vault: &vault::Vault, issuer: &ledger::Issuer, grant: ledger::Grant, unit: ledger::UnitId,
///     sealed: &ledger::Sealed) {
///     let slot = vault::Slot { table: "patient", row: b"1", column: "body", schema: 1 };
///     let opened = {
///         let receipt = issuer.issue(grant);
///         vault.unlock(&receipt, unit, ledger::UnixMicros(0)).unwrap().open(&slot, sealed).unwrap()
///     };
///     drop(opened);
/// }
/// ```
///
/// It is neither copied nor printed nor made by anybody else:
///
/// ```compile_fail,E0599
/// fn copied<'r>(opened: vault::Opened<'r>) -> vault::Opened<'r> { opened.clone() }
/// ```
/// ```compile_fail,E0277
/// fn shown(opened: vault::Opened<'_>) { println!("{opened:?}"); }
/// ```
/// ```compile_fail,E0277
/// fn shown(opened: vault::Opened<'_>) { println!("{opened}"); }
/// ```
/// ```compile_fail,E0451
/// fn forged(bytes: zeroize::Zeroizing<Vec<u8>>) -> vault::Opened<'static> {
///     vault::Opened { salted: bytes, receipt: std::marker::PhantomData }
/// }
/// ```
pub struct Opened<'r> {
    salted: Zeroizing<Vec<u8>>,
    receipt: PhantomData<&'r Receipt>,
}

impl Opened<'_> {
    /// The value.
    pub fn bytes(&self) -> &[u8] {
        &self.salted[SALT_BYTES..]
    }

    /// The salt of its commitment: goes into a bundle, and nowhere else.
    pub fn salt(&self) -> &[u8; SALT_BYTES] {
        self.salted
            .first_chunk()
            .expect("an envelope that opens holds a salt: its length was checked")
    }

    /// What a ledger entry has to say for this value and salt.
    pub fn commitment(&self) -> Hash {
        commitment_of(&self.salted, self.bytes())
    }
}
