//! The log's signing key: made once, kept in a file, sealed under the root key.
//!
//! ```text
//! clerestory-log-key-1
//! public key, 64 hex digits
//! sealed seed (nonce ‖ ciphertext ‖ tag), 120 hex digits
//! ```

use std::path::Path;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use ledger::{SignError, Signature, Signer, hex, hex_decode};

use crate::VaultError;
use crate::disk;
use crate::random::Random;
use crate::root::RootKey;
use crate::secret::{Secret, length_prefixed};

const FORMAT: &str = "clerestory-log-key-1";
const WRAP_LABEL: &str = "clerestory/root/log-key-wrap/1";
/// The file has 207 bytes.
const FILE_LIMIT: u64 = 512;

/// The Ed25519 key that signs checkpoints. AWS-LC holds the private half; it cannot be taken out again.
pub struct LogKey {
    pair: Ed25519KeyPair,
    public: [u8; 32],
}

impl LogKey {
    /// Makes the key and writes it, sealed, to a new file.
    ///
    /// # Errors
    /// If there is a file already: another key would sever the log from everything that it signed.
    pub fn create(path: &Path, root: &RootKey, random: &dyn Random) -> Result<LogKey, VaultError> {
        let seed = Secret::generate(random);
        let key = LogKey::of_seed(&seed)?;
        let mut sealed = Vec::new();
        root.derivation().expand_gcm(WRAP_LABEL, &[])?.seal(
            random,
            &aad(&key.public),
            seed.bytes(),
            &mut sealed,
        )?;
        let text = format!("{FORMAT}\n{}\n{}\n", hex(&key.public), hex(&sealed));
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            disk::folder_create(folder).map_err(VaultError::disk("make the folder", folder))?;
        }
        disk::file_create_new(path, text.as_bytes()).map_err(VaultError::disk("create", path))?;
        Ok(key)
    }

    /// Reads the key.
    ///
    /// # Errors
    /// If others may read the file, it is not in the format above, or another root key sealed it.
    pub fn load(path: &Path, root: &RootKey) -> Result<LogKey, VaultError> {
        let refuse = |why: &str| VaultError::SecretFile {
            path: path.to_owned(),
            why: why.into(),
        };
        let bytes = disk::secret_read(path, FILE_LIMIT)?;
        let (public, sealed) = parse(&bytes)
            .ok_or_else(|| refuse("it is not a log key file; put it back from a copy"))?;
        let seed = seed_open(root, &public, &sealed)?
            .ok_or_else(|| {
                refuse("it was altered, or another root key sealed it; put back its own copy, or this installation's own root key (`clerestory keys restore`)")
            })?;
        let key = LogKey::of_seed(&seed)?;
        if key.public != public {
            return Err(refuse(
                "its two halves do not belong together; put it back from a copy",
            ));
        }
        Ok(key)
    }

    /// Whether the file is a log key that opens under this root key.
    ///
    /// # Errors
    /// If others may read the file, or it cannot be read.
    pub(crate) fn opens(path: &Path, root: &RootKey) -> Result<bool, VaultError> {
        let bytes = disk::secret_read(path, FILE_LIMIT)?;
        let Some((public, sealed)) = parse(&bytes) else {
            return Ok(false);
        };
        Ok(seed_open(root, &public, &sealed)?.is_some())
    }

    fn of_seed(seed: &Secret) -> Result<LogKey, VaultError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.bytes())
            .map_err(|_| VaultError::Cipher("Ed25519 key"))?;
        let public = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| VaultError::Cipher("Ed25519 public key"))?;
        Ok(LogKey { pair, public })
    }
}

impl Signer for LogKey {
    fn public_key(&self) -> [u8; 32] {
        self.public
    }

    fn sign(&self, note_body: &[u8]) -> Result<Signature, SignError> {
        let signature = self
            .pair
            .try_sign(note_body)
            .map_err(|why| SignError(why.to_string().into()))?;
        signature
            .as_ref()
            .try_into()
            .map_err(|_| SignError("a signature of another length".into()))
    }
}

fn seed_open(
    root: &RootKey,
    public: &[u8; 32],
    sealed: &[u8],
) -> Result<Option<Secret>, VaultError> {
    let mut seed = Secret::zero();
    let opened =
        root.derivation()
            .expand_gcm(WRAP_LABEL, &[])?
            .open(&aad(public), sealed, seed.bytes_mut());
    Ok(opened.map(|()| seed))
}

fn aad(public: &[u8; 32]) -> Vec<u8> {
    length_prefixed(&[FORMAT.as_bytes(), public])
}

fn parse(bytes: &[u8]) -> Option<([u8; 32], Vec<u8>)> {
    let mut lines = str::from_utf8(bytes).ok()?.strip_suffix('\n')?.split('\n');
    let (format, public, sealed) = (lines.next()?, lines.next()?, lines.next()?);
    if format != FORMAT || lines.next().is_some() {
        return None;
    }
    Some((hex_decode(public)?.try_into().ok()?, hex_decode(sealed)?))
}
