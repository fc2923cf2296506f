//! The root key, and its file.
//!
//! ```text
//! clerestory-root-key-1
//! 64 hex digits
//! check 8 hex digits: the beginning of SHA-256("clerestory-root-key-1" ‖ key)
//! ```

use std::path::Path;

use ledger::{hex, sha256};
use zeroize::Zeroizing;

use crate::VaultError;
use crate::disk;
use crate::random::Random;
use crate::secret::{Derivation, KEY_LEN, Secret};

const FORMAT: &str = "clerestory-root-key-1";
/// The file has 102 bytes.
const FILE_LIMIT: u64 = 256;

/// The key above all others. Whoever has it and the key places can read everything; without it nothing opens.
///
/// ```compile_fail,E0277
/// fn shown(key: vault::RootKey) { println!("{key:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn copied(key: vault::RootKey) -> vault::RootKey { key.clone() }
/// ```
pub struct RootKey(Secret);

impl RootKey {
    /// Makes a root key and writes it to `path`, readable by its owner alone.
    ///
    /// # Errors
    /// If there is a file already, or it cannot be written and synced.
    pub fn create(path: &Path, random: &dyn Random) -> Result<RootKey, VaultError> {
        let key = RootKey(Secret::generate(random));
        key.write_new(path)?;
        Ok(key)
    }

    /// Reads a root key.
    ///
    /// # Errors
    /// If others may read or write the file, or it is not in the format above.
    pub fn load(path: &Path) -> Result<RootKey, VaultError> {
        let bytes = disk::secret_read(path, FILE_LIMIT)?;
        RootKey::parse(&bytes).ok_or_else(|| VaultError::SecretFile {
            path: path.to_owned(),
            why: format!(
                "it is not a {FORMAT} file, or its check sum is wrong; move it away, and put it back from its escrow (`clerestory keys restore`)"
            ),
        })
    }

    /// Writes this key to a new file, as after [`crate::escrow_open`] on a new machine.
    ///
    /// # Errors
    /// If there is a file already, or it cannot be written and synced.
    pub fn write_new(&self, path: &Path) -> Result<(), VaultError> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            disk::folder_create(folder).map_err(VaultError::disk("make the folder", folder))?;
        }
        disk::file_create_new(path, &self.encode()).map_err(VaultError::disk("create", path))
    }

    /// The file's content.
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut text = Zeroizing::new(Vec::with_capacity(128));
        text.extend_from_slice(FORMAT.as_bytes());
        text.push(b'\n');
        text.extend_from_slice(Zeroizing::new(hex(self.0.bytes())).as_bytes());
        text.extend_from_slice(b"\ncheck ");
        text.extend_from_slice(check(&self.0).as_bytes());
        text.push(b'\n');
        text
    }

    /// Accepts exactly what [`RootKey::encode`] writes.
    pub(crate) fn parse(bytes: &[u8]) -> Option<RootKey> {
        let rest = bytes.strip_prefix(FORMAT.as_bytes())?.strip_prefix(b"\n")?;
        let key = Zeroizing::new(ledger::hex_decode(
            str::from_utf8(rest.get(..KEY_LEN * 2)?).ok()?,
        )?);
        let key = RootKey(Secret::from_slice(&key)?);
        crate::secret::equal(&key.encode(), bytes).then_some(key)
    }

    pub(crate) fn derivation(&self) -> Derivation {
        self.0.derivation()
    }
}

fn check(key: &Secret) -> String {
    let input = Zeroizing::new([FORMAT.as_bytes(), key.bytes()].concat());
    hex(&sha256(&input)[..4])
}
