//! C2SP signed notes: a text and signature lines.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::key::{SignError, Signature, Signer, VerifierKey, name_is_valid};

/// Largest note in bytes. A checkpoint with [`SIGNATURES_MAX`] signatures has below 3,000.
pub const NOTE_BYTES_MAX: usize = 8_192;

/// Most signatures on a note: the log's and up to seven witnesses'.
pub const SIGNATURES_MAX: usize = 8;

/// Longest signature in bytes without its key id: a witness' (timestamp and Ed25519) has 72.
const SIGNATURE_BYTES_MAX: usize = 128;

/// Why bytes are no signed note, or not one signed by this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`NOTE_BYTES_MAX`].
    #[error("the signed note is too long")]
    TooLong,
    /// Not text, or with control characters.
    #[error("the signed note is not plain text")]
    Text,
    /// No text, empty line and signature lines.
    #[error("the signed note is cut off or not laid out as one")]
    Shape,
    /// A signature line that cannot be read, or one key twice, or too many.
    #[error("a signature line cannot be read, or there are too many")]
    SignatureLine,
    /// No signature of the wanted key.
    #[error(
        "the note carries no signature of the key {}",
        crate::hash::hex(key_id)
    )]
    NotSigned {
        /// Id of the key that was looked for.
        key_id: [u8; 4],
    },
    /// A signature of the wanted key that does not fit the text.
    #[error("the signature does not belong to this text and key")]
    WrongSignature,
}

/// One signature line of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    key_id: [u8; 4],
    signature: Vec<u8>,
}

impl NoteSignature {
    /// Name of the key that is said to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Id of that key.
    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }
}

/// A signed note. Its text ends in a newline; nothing is trusted before [`Note::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// Signs `text`, which ends in a newline, under the key name `name`.
    ///
    /// # Errors
    /// If the key cannot sign, or the name is no key's name.
    pub fn sign(text: String, name: &str, signer: &dyn Signer) -> Result<Self, SignError> {
        let key = VerifierKey::new(name, signer.public_key())
            .map_err(|error| SignError(Box::new(error)))?;
        let signature: Signature = signer.sign(text.as_bytes())?;
        if !key.verifies(text.as_bytes(), &signature) {
            return Err(SignError(
                "the signature does not fit the signer's own public key".into(),
            ));
        }
        let line = NoteSignature {
            name: name.to_owned(),
            key_id: key.id(),
            signature: signature.to_vec(),
        };
        Ok(Self {
            text,
            signatures: vec![line],
        })
    }

    /// The note that these bytes are. Accepts exactly what [`Note::encode`] writes.
    ///
    /// # Errors
    /// If they are not laid out as a signed note, or exceed the limits.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::Text)?;
        if whole.chars().any(|c| c.is_control() && c != '\n') {
            return Err(NoteError::Text);
        }
        let split = whole.rfind("\n\n").ok_or(NoteError::Shape)?;
        let (text, lines) = (&whole[..split + 1], &whole[split + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Shape)?;
        let mut signatures: Vec<NoteSignature> = Vec::new();
        for line in lines.split('\n') {
            let signature = signature_line(line).ok_or(NoteError::SignatureLine)?;
            let is_known = |other: &NoteSignature| {
                other.name == signature.name && other.key_id == signature.key_id
            };
            if signatures.len() >= SIGNATURES_MAX || signatures.iter().any(is_known) {
                return Err(NoteError::SignatureLine);
            }
            signatures.push(signature);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The note as it is kept and sent.
    pub fn encode(&self) -> String {
        let mut out = format!("{}\n", self.text);
        for line in &self.signatures {
            let bytes = [&line.key_id[..], &line.signature].concat();
            out.push_str(&format!("— {} {}\n", line.name, STANDARD.encode(bytes)));
        }
        out
    }

    /// The text that is signed, its final newline included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Checks that `key` signed this text. Other keys' signatures are not looked at.
    ///
    /// # Errors
    /// If there is no signature of that key, or it does not fit.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), NoteError> {
        let is_key = |line: &&NoteSignature| line.name == key.name() && line.key_id == key.id();
        let line = self.signatures.iter().find(is_key);
        let line = line.ok_or(NoteError::NotSigned { key_id: key.id() })?;
        match key.verifies(self.text.as_bytes(), &line.signature) {
            true => Ok(()),
            false => Err(NoteError::WrongSignature),
        }
    }
}

/// `— name base64(key id ‖ signature)`.
fn signature_line(line: &str) -> Option<NoteSignature> {
    let (name, base64) = line.strip_prefix("— ")?.split_once(' ')?;
    let bytes = STANDARD.decode(base64).ok()?;
    let (key_id, signature) = bytes.split_first_chunk::<4>()?;
    let length_is_right = (1..=SIGNATURE_BYTES_MAX).contains(&signature.len());
    (length_is_right && name_is_valid(name)).then(|| NoteSignature {
        name: name.to_owned(),
        key_id: *key_id,
        signature: signature.to_vec(),
    })
}
