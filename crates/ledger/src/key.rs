//! The log's key: who can sign, and the public half as a C2SP verifier key string.

use std::fmt;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::hash::{hex, sha256_of};

/// Signature type of Ed25519 in C2SP signed notes.
const ALGORITHM_ED25519: u8 = 0x01;

/// Longest key name, in bytes. Ours have about 60.
pub const KEY_NAME_BYTES_MAX: usize = 128;

/// An Ed25519 signature.
pub type Signature = [u8; 64];

/// The log's key could not sign.
#[derive(Debug, thiserror::Error)]
#[error("the log's key could not sign")]
pub struct SignError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Holds the log's private key. Two implementations: the vault's, and one of tests.
pub trait Signer: Send + Sync {
    /// The Ed25519 public key.
    fn public_key(&self) -> [u8; 32];

    /// Ed25519 signature over the text of a note, its final newline included. What else the signer
    /// asks for first, as the last anchor, is its own affair.
    ///
    /// # Errors
    /// If the key cannot be used.
    fn sign(&self, note_body: &[u8]) -> Result<Signature, SignError>;
}

/// Why a text is no verifier key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not `name+id+key`.
    #[error("a verifier key looks like NAME+12345678+AbCd…")]
    Shape,
    /// Not a name: empty, long, or with a space, a plus or a control character.
    #[error("the key's name is empty, too long, or holds a space or a plus")]
    Name,
    /// Base64 that cannot be read.
    #[error("the key is not in base64")]
    Base64,
    /// Another sort of key.
    #[error("the key is not an Ed25519 key")]
    Algorithm,
    /// The id does not belong to name and key: a slip in copying.
    #[error("the key's id does not belong to it; was it copied whole?")]
    Id,
}

/// A named public key (C2SP signed-note). Prints and parses as `name+id+base64(0x01 ‖ key)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    public_key: [u8; 32],
}

impl VerifierKey {
    /// The Ed25519 key `public_key` under `name`.
    ///
    /// # Errors
    /// If the name is none.
    pub fn new(name: &str, public_key: [u8; 32]) -> Result<Self, KeyError> {
        match name_is_valid(name) {
            true => Ok(Self {
                name: name.to_owned(),
                public_key,
            }),
            false => Err(KeyError::Name),
        }
    }

    /// The key that a text names, with nothing before or after it.
    ///
    /// # Errors
    /// If it is no Ed25519 verifier key.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        // Base64 can hold a plus, the name cannot.
        let (name, rest) = text.split_once('+').ok_or(KeyError::Shape)?;
        let (id, key) = rest.split_once('+').ok_or(KeyError::Shape)?;
        let bytes = STANDARD.decode(key).map_err(|_| KeyError::Base64)?;
        let public_key = match bytes.split_first() {
            Some((&ALGORITHM_ED25519, key)) => key.try_into().map_err(|_| KeyError::Algorithm)?,
            Some(_) | None => return Err(KeyError::Algorithm),
        };
        let parsed = Self::new(name, public_key)?;
        if id == hex(&parsed.id()) {
            Ok(parsed)
        } else {
            Err(KeyError::Id)
        }
    }

    /// The key's name: the origin of the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Ed25519 public key.
    pub fn public_key(&self) -> &[u8; 32] {
        &self.public_key
    }

    /// The key's id: first four bytes of `SHA-256(name ‖ LF ‖ 0x01 ‖ public key)`.
    pub fn id(&self) -> [u8; 4] {
        let parts: [&[u8]; 4] = [
            self.name.as_bytes(),
            b"\n",
            &[ALGORITHM_ED25519],
            &self.public_key,
        ];
        let [a, b, c, d, ..] = sha256_of(&parts);
        [a, b, c, d]
    }

    /// Whether `signature` is this key's over `text`.
    pub fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public_key)
            .verify(text, signature)
            .is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ALGORITHM_ED25519], &self.public_key[..]].concat();
        write!(
            f,
            "{}+{}+{}",
            self.name,
            hex(&self.id()),
            STANDARD.encode(key)
        )
    }
}

/// C2SP: a key name is not empty and holds no Unicode space and no plus. Ours is printable ASCII too,
/// so that no name shows on a screen as another.
pub(crate) fn name_is_valid(name: &str) -> bool {
    let length_is_right = (1..=KEY_NAME_BYTES_MAX).contains(&name.len());
    length_is_right
        && name
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'+')
}
