//! Key bytes and what is derived from them.
//!
//! Invariant: a [`Secret`] has no `Debug`, `Display`, `Clone`, `PartialEq` or serialisation, and is wiped on drop.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{constant_time, hkdf, hmac};
use zeroize::Zeroize;

use crate::VaultError;
use crate::random::Random;

/// Bytes in every key, commitment and token.
pub(crate) const KEY_LEN: usize = 32;
/// Bytes in an AES-256-GCM tag.
pub(crate) const TAG_LEN: usize = 16;
/// Bytes in an AES-256-GCM nonce.
pub(crate) const NONCE_BYTES: usize = NONCE_LEN;

/// 32 key bytes. On the heap, so that a move copies a pointer and not the key.
pub(crate) struct Secret(Box<[u8; KEY_LEN]>);

impl Secret {
    pub(crate) fn zero() -> Secret {
        Secret(Box::new([0; KEY_LEN]))
    }

    pub(crate) fn generate(random: &dyn Random) -> Secret {
        let mut secret = Secret::zero();
        random.fill(secret.bytes_mut());
        secret
    }

    /// `None` unless `bytes` has the right length.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Secret> {
        let mut secret = Secret::zero();
        if bytes.len() != KEY_LEN {
            return None;
        }
        secret.0.copy_from_slice(bytes);
        Some(secret)
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8; KEY_LEN] {
        &mut self.0
    }

    /// The HKDF-SHA-256 key from which a purpose's key is expanded. The salt is empty: the input is uniform.
    pub(crate) fn derivation(&self) -> Derivation {
        Derivation(hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(self.bytes()))
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// One key's extracted HKDF state; AWS-LC's wrapper wipes it on drop.
pub(crate) struct Derivation(hkdf::Prk);

impl Derivation {
    /// HKDF-Expand to 32 bytes. `info` is the label followed by `context`; labels end in a version and no label
    /// is the beginning of another, contexts have a fixed length for their label, so no two uses collide.
    pub(crate) fn expand(&self, label: &str, context: &[&[u8]]) -> Result<Secret, VaultError> {
        let mut parts = Vec::with_capacity(1 + context.len());
        parts.push(label.as_bytes());
        parts.extend_from_slice(context);
        let mut out = Secret::zero();
        self.0
            .expand(&parts, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(out.bytes_mut()))
            .map_err(|_| VaultError::Cipher("HKDF-Expand"))?;
        Ok(out)
    }

    pub(crate) fn expand_gcm(&self, label: &str, context: &[&[u8]]) -> Result<Gcm, VaultError> {
        Gcm::new(&self.expand(label, context)?)
    }

    pub(crate) fn expand_mac(&self, label: &str, context: &[&[u8]]) -> Result<Mac, VaultError> {
        Ok(Mac(hmac::Key::new(
            hmac::HMAC_SHA256,
            self.expand(label, context)?.bytes(),
        )))
    }
}

/// HMAC-SHA-256 under a derived key.
pub(crate) struct Mac(hmac::Key);

impl Mac {
    /// HMAC over `u8 length of label ‖ label ‖ bytes`.
    pub(crate) fn token(&self, label: &str, bytes: &[u8]) -> [u8; KEY_LEN] {
        let mut context = hmac::Context::with_key(&self.0);
        // Labels are constants of our own; one longer than 255 bytes would still be unambiguous among them.
        context.update(&[u8::try_from(label.len()).unwrap_or(u8::MAX)]);
        context.update(label.as_bytes());
        context.update(bytes);
        let mut out = [0; KEY_LEN];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

/// AES-256-GCM under a derived key.
pub(crate) struct Gcm(LessSafeKey);

impl Gcm {
    fn new(key: &Secret) -> Result<Gcm, VaultError> {
        let key = UnboundKey::new(&AES_256_GCM, key.bytes())
            .map_err(|_| VaultError::Cipher("AES-256 key"))?;
        Ok(Gcm(LessSafeKey::new(key)))
    }

    /// Appends `nonce ‖ ciphertext ‖ tag` to `out`. Each nonce is 96 fresh random bits: a unit key seals a few
    /// thousand records and a wrapping key a few million keys, far below the 2^32 at which NIST SP 800-38D stops.
    pub(crate) fn seal(
        &self,
        random: &dyn Random,
        aad: &[u8],
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), VaultError> {
        let nonce: [u8; NONCE_BYTES] = crate::random::bytes(random);
        out.extend_from_slice(&nonce);
        let start = out.len();
        out.resize(start + plaintext.len() + TAG_LEN, 0);
        let (ciphertext, tag) = out[start..].split_at_mut(plaintext.len());
        self.0
            .seal_out_of_place_scatter(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(aad),
                plaintext,
                ciphertext,
                &[],
                tag,
            )
            .map_err(|_| VaultError::Cipher("AES-256-GCM seal"))
    }

    /// Opens `nonce ‖ ciphertext ‖ tag` into `out`, which has exactly the plaintext's length. `None` if refused;
    /// `out` then holds nothing of use.
    pub(crate) fn open(&self, aad: &[u8], sealed: &[u8], out: &mut [u8]) -> Option<()> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_LEN>()?;
        if ciphertext.len() != out.len() {
            return None;
        }
        self.0
            .open_separate_gather(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(aad),
                ciphertext,
                tag,
                out,
            )
            .map_err(|_| out.zeroize())
            .ok()
    }
}

/// Constant-time in the contents.
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// Each part as `u32 BE length ‖ bytes`: two lists of parts never give the same bytes.
pub(crate) fn length_prefixed(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in parts {
        // Parts are ids and names; a row key is bounded by `Slot`'s check long before 4 GiB.
        out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}
