//! `clerestory verify`: checks a record bundle with no server, database, secret or network.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use ledger::bundle::{Trust, verify_reader};
use ledger::{NOTE_BYTES_MAX, Note, VerifierKey};

use crate::files;
use crate::screen::{complain, say};

/// A key's text has about 150 bytes.
const KEY_BYTES_MAX: u64 = 4096;

/// Everything was proved, the origin included.
pub(crate) const PROVED: u8 = 0;
/// Something is altered, missing, or no bundle.
const FAILED: u8 = 1;
/// The bundle fits together, and anybody could have made it.
const ORIGIN_NOT_PROVED: u8 = 2;

/// Check a record bundle; exit status 0 proved, 1 failed, 2 consistent but the origin is not proved
#[derive(Args)]
pub(crate) struct Verify {
    /// The bundle (a zip file)
    bundle: PathBuf,
    /// The log's public key, as the clinic keeps it: its text, or a file with it
    #[arg(long, conflicts_with = "checkpoint")]
    key: Option<String>,
    /// An earlier checkpoint of the same log: checkpoint.txt of an earlier bundle, kept since
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

impl Verify {
    /// # Errors
    /// The key or checkpoint to compare with cannot be read.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let trust = match (&self.key, &self.checkpoint) {
            (Some(key), _) => Trust::Key(key_read(key)?),
            (None, Some(file)) => Trust::Checkpoint(checkpoint_read(file)?),
            (None, None) => Trust::None,
        };
        Ok(ExitCode::from(bundle_verify(&self.bundle, &trust)))
    }
}

/// Verifies a bundle and prints what was proved, or what is wrong and where. Answers with the exit status.
pub(crate) fn bundle_verify(bundle: &Path, trust: &Trust) -> u8 {
    let file = match File::open(bundle) {
        Ok(file) => file,
        Err(error) => {
            complain(&format!("{} cannot be opened: {error}.", bundle.display()));
            return FAILED;
        }
    };
    match verify_reader(file, trust) {
        Ok(report) => {
            say(report.to_string().trim_end());
            if report.is_origin_proved() {
                PROVED
            } else {
                ORIGIN_NOT_PROVED
            }
        }
        Err(failure) => {
            complain(&format!("NOT VALID: {}\n  {failure}", bundle.display()));
            FAILED
        }
    }
}

/// A key given as text, or as a file that holds it.
///
/// # Errors
/// It is neither.
pub(crate) fn key_read(given: &str) -> anyhow::Result<VerifierKey> {
    let text_error = match VerifierKey::parse(given.trim()) {
        Ok(key) => return Ok(key),
        Err(error) => error,
    };
    let path = Path::new(given);
    if !path.exists() {
        bail!("--key is neither a key ({text_error}) nor a file.");
    }
    let text = String::from_utf8(files::read_bounded(path, KEY_BYTES_MAX)?)
        .with_context(|| format!("{given} holds no key"))?;
    VerifierKey::parse(text.trim()).with_context(|| format!("{given} holds no key"))
}

fn checkpoint_read(file: &Path) -> anyhow::Result<Note> {
    let bytes = files::read_bounded(file, NOTE_BYTES_MAX as u64)?;
    Note::parse(&bytes).with_context(|| {
        format!(
            "{} is no checkpoint (in a bundle it is the file checkpoint.txt)",
            file.display()
        )
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files::tests::scratch;

    #[test]
    fn a_key_is_taken_as_text_or_from_a_file() {
        let key = VerifierKey::new("clerestory/test", [7; 32]).unwrap();
        assert_eq!(key_read(&format!(" {key}\n")).unwrap(), key);
        let dir = scratch();
        let file = dir.join("log-key.pub");
        std::fs::write(&file, format!("{key}\n")).unwrap();
        assert_eq!(key_read(file.to_str().unwrap()).unwrap(), key);
        std::fs::write(&file, "no key").unwrap();
        assert!(key_read(file.to_str().unwrap()).is_err());
        assert!(
            key_read("nothing of the sort")
                .unwrap_err()
                .to_string()
                .contains("neither a key")
        );
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn an_earlier_checkpoint_proves_its_own_log_and_no_forgers() {
        let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats/vectors");
        let verified = |bundle: &str, earlier: &str| {
            let held = checkpoint_read(&vectors.join(earlier)).unwrap();
            bundle_verify(&vectors.join(bundle), &Trust::Checkpoint(held))
        };
        assert_eq!(verified("bundle.zip", "bundle.earlier.txt"), PROVED);
        // It extends the very tree, and is signed by another key.
        assert_eq!(verified("bundle.forged.zip", "bundle.earlier.txt"), FAILED);
        assert_eq!(
            bundle_verify(&vectors.join("bundle.forged.zip"), &Trust::None),
            ORIGIN_NOT_PROVED
        );
    }

    #[test]
    fn what_is_no_bundle_fails() {
        let dir = scratch();
        let file = dir.join("bundle.zip");
        std::fs::write(&file, "not a zip").unwrap();
        assert_eq!(bundle_verify(&file, &Trust::None), FAILED);
        assert_eq!(bundle_verify(&dir.join("none.zip"), &Trust::None), FAILED);
        assert_eq!(bundle_verify(&dir, &Trust::None), FAILED);
        std::fs::remove_dir_all(dir).unwrap();
    }
}
