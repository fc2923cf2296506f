//! Keys under keys. `1 ‖ nonce (12) ‖ ciphertext (32) ‖ tag (16)`, bound to what the key is for.

use ledger::ClinicId;

use crate::VaultError;
use crate::place::KeyName;
use crate::random::Random;
use crate::secret::{Gcm, Secret, length_prefixed};

const VERSION: u8 = 1;
const DOMAIN: &[u8] = b"clerestory/key/1";

/// Wraps `key` for `name` of `clinic`.
pub(crate) fn wrap(
    under: &Gcm,
    random: &dyn Random,
    clinic: ClinicId,
    name: KeyName,
    key: &Secret,
) -> Result<Vec<u8>, VaultError> {
    let mut out = Vec::with_capacity(61);
    out.push(VERSION);
    under.seal(random, &aad(clinic, name), key.bytes(), &mut out)?;
    Ok(out)
}

/// Unwraps what [`wrap`] made for the same name and clinic.
pub(crate) fn unwrap(
    under: &Gcm,
    clinic: ClinicId,
    name: KeyName,
    wrapped: &[u8],
) -> Result<Secret, VaultError> {
    let mut key = Secret::zero();
    let opened = match wrapped.split_first() {
        Some((&VERSION, sealed)) => under.open(&aad(clinic, name), sealed, key.bytes_mut()),
        Some(_) | None => None,
    };
    opened
        .map(|()| key)
        .ok_or(VaultError::KeyUnwrap { clinic, name })
}

/// `kind`, clinic, unit (empty for a clinic's own key) and version, each with its length.
fn aad(clinic: ClinicId, name: KeyName) -> Vec<u8> {
    let version = name.version().to_be_bytes();
    let clinic = clinic.0.as_bytes();
    match name {
        KeyName::Clinic { .. } => length_prefixed(&[DOMAIN, b"clinic", clinic, b"", &version]),
        KeyName::Unit { unit, .. } => {
            length_prefixed(&[DOMAIN, b"unit", clinic, unit.0.as_bytes(), &version])
        }
    }
}
