//! The root key's way off the machine: encrypted to a key that lies in a safe.
//!
//! The escrow is an armored age file whose content is the root key file, so that `age --decrypt` alone makes a
//! working root key file again, with none of our code. The file key and the ephemeral key in it come from the
//! system's generator inside the `age` crate, which takes no other source.

use age::armor::ArmoredReader;
use age::secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::root::RootKey;

/// Longest escrow that is read; ours have about 500 bytes.
const ESCROW_LIMIT: usize = 16 * 1024;

/// The root key, encrypted to an age X25519 recipient (`age1…`). Armored: ASCII text that can be printed.
///
/// # Errors
/// If `recipient` is none.
pub fn escrow(root: &RootKey, recipient: &str) -> Result<Vec<u8>, VaultError> {
    let recipient: age::x25519::Recipient = recipient.trim().parse().map_err(|why| {
        VaultError::Escrow(format!(
            "this is no age recipient (age1…): {why}; `clerestory keys identity` makes one"
        ))
    })?;
    let armored = age::encrypt_and_armor(&recipient, &root.encode())
        .map_err(|why| VaultError::Escrow(format!("it could not be encrypted: {why}")))?;
    Ok(armored.into_bytes())
}

/// The root key out of an escrow, armored or binary. `identity` is the secret key (`AGE-SECRET-KEY-1…`) or the
/// text of an age identity file with one such line.
///
/// # Errors
/// If the identity is none, does not fit, or the content is no root key.
pub fn escrow_open(bytes: &[u8], identity: &str) -> Result<RootKey, VaultError> {
    use std::io::Read;
    if bytes.len() > ESCROW_LIMIT {
        return Err(VaultError::Escrow(
            "the file is too long for an escrow; name the file that `clerestory keys escrow` wrote"
                .into(),
        ));
    }
    let line = identity
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    let identity: age::x25519::Identity = line.unwrap_or_default().parse().map_err(|why| {
        VaultError::Escrow(format!(
            "this is no age secret key (AGE-SECRET-KEY-1…): {why}; name the file that `clerestory keys identity` wrote"
        ))
    })?;
    let refused = |why: String| {
        VaultError::Escrow(format!(
            "it could not be opened: {why}; take the whole file, and the secret key to whose recipient it was encrypted"
        ))
    };
    let decryptor =
        age::Decryptor::new(ArmoredReader::new(bytes)).map_err(|why| refused(why.to_string()))?;
    let reader = decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .map_err(|why| refused(why.to_string()))?;
    let mut content = Zeroizing::new(Vec::with_capacity(ESCROW_LIMIT));
    reader
        .take(ESCROW_LIMIT as u64)
        .read_to_end(&mut content)
        .map_err(|why| refused(why.to_string()))?;
    RootKey::parse(&content).ok_or_else(|| {
        VaultError::Escrow(
            "what it holds is no root key; name the file that `clerestory keys escrow` wrote"
                .into(),
        )
    })
}

/// A new identity and its recipient, for a clinic that has none yet: `(AGE-SECRET-KEY-1…, age1…)`.
pub fn escrow_identity() -> (Zeroizing<String>, String) {
    let identity = age::x25519::Identity::generate();
    (
        Zeroizing::new(identity.to_string().expose_secret().to_owned()),
        identity.to_public().to_string(),
    )
}
