//! Keys, checkpoints and key places of an installation: made once, and never again.
//!
//! A missing file is made only until the installation is marked whole. After that, what is missing was taken away or
//! lost, and a new one in its place would open nothing and sign nothing that belongs to the old.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use vault::{FolderAnchor, FolderPlace, KeyPlace, KeyStore, LogKey, Random, RootKey};

use crate::config::Config;
use crate::files;

/// A key counts once so many places hold it.
const PLACES_REQUIRED: usize = 2;
/// Written beside the root key when everything is there.
const MARK: &str = "installed";
const MARK_TEXT: &[u8] = b"Clerestory installation, keys 1\n";

/// What has been opened.
pub(crate) struct Opened {
    pub(crate) root: RootKey,
    pub(crate) log_key: LogKey,
    pub(crate) anchor: FolderAnchor,
    pub(crate) store: KeyStore,
}

/// Whether missing parts may be made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// They are made, unless the installation was whole before.
    Make,
    /// They are an error.
    Refuse,
}

/// Opens everything; makes what is missing if that is permitted and the installation was never whole.
///
/// # Errors
/// Something is missing, readable by others, or damaged; the sentence says what to do.
pub(crate) fn open(
    config: &Config,
    missing: Missing,
    random: &dyn Random,
) -> anyhow::Result<Opened> {
    let mark = mark_file(config);
    let may_make = missing == Missing::Make && !mark.exists();
    let part = |path: &Path, what: &str, remedy: &str| -> anyhow::Result<bool> {
        if path.exists() || may_make {
            return Ok(path.exists());
        }
        bail!(
            "{} ({what}) is missing. {} {remedy}",
            path.display(),
            why_not_made(missing)
        );
    };
    let keys = &config.keys;
    let root = match part(&keys.root_key_file, "the root key", OF_ROOT_KEY)? {
        true => RootKey::load(&keys.root_key_file)?,
        false => RootKey::create(&keys.root_key_file, random)?,
    };
    let log_key = match part(
        &keys.log_signing_key_file,
        "the key that signs checkpoints",
        OF_COPY,
    )? {
        true => LogKey::load(&keys.log_signing_key_file, &root)?,
        false => LogKey::create(&keys.log_signing_key_file, &root, random)?,
    };
    let anchor = match part(
        &config.anchor_dir,
        "the folder of signed checkpoints",
        OF_COPY,
    )? {
        true => FolderAnchor::open(&config.anchor_dir)?,
        false => FolderAnchor::create(&config.anchor_dir)?,
    };
    part(
        &keys.tombstones_file,
        "the list of destroyed keys",
        OF_TOMBSTONES,
    )?;
    if !may_make && keys.places.iter().all(|place| !place.exists()) {
        bail!(
            "All key places are missing ({}). One of them is made again from the other; with none left nothing opens. Put one back.",
            files::listed(&keys.places)
        );
    }
    let places = keys
        .places
        .iter()
        .map(|place| Box::new(FolderPlace::new(place)) as Box<dyn KeyPlace>);
    let store = KeyStore::open(places.collect(), &keys.tombstones_file, PLACES_REQUIRED)?;
    if !may_make && !store.places_made().is_empty() {
        tracing::warn!(
            places = ?store.places_made(),
            "a key place was not there and is made anew; if its disk is only unmounted: stop, mount it, and start again"
        );
    }
    if may_make {
        files::replace(&mark, MARK_TEXT, 0o600, None)
            .context("The installation could not be marked as whole")?;
    }
    Ok(Opened {
        root,
        log_key,
        anchor,
        store,
    })
}

fn mark_file(config: &Config) -> PathBuf {
    config.keys.root_key_file.with_file_name(MARK)
}

const OF_ROOT_KEY: &str = "Put it back from its escrow with `clerestory keys restore`.";
const OF_COPY: &str = "Put it back from a copy, or see that its disk is mounted.";
const OF_TOMBSTONES: &str = "Put back its newest copy, never an older one (by that, destroyed keys would open again), or see that its disk is mounted.";

fn why_not_made(missing: Missing) -> &'static str {
    match missing {
        Missing::Make => {
            "This installation was whole before, so it is not made anew: what the old one protects would be lost."
        }
        Missing::Refuse => "For a new installation, make all keys with `clerestory keys create`.",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files::tests::scratch;
    use crate::layout::Layout;
    use crate::up::settings_file;
    use std::os::unix::fs::DirBuilderExt as _;
    use vault::SystemRandom;

    fn config(dir: &Path) -> Config {
        let layout = Layout::open(dir).unwrap();
        let account = nix::unistd::User::from_uid(nix::unistd::Uid::effective())
            .unwrap()
            .unwrap()
            .into();
        settings_file::write(
            &layout,
            "127.0.0.1:1".parse().unwrap(),
            "https://localhost:1",
            None,
            &account,
        )
        .unwrap();
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(layout.server())
            .unwrap();
        crate::config::load(&layout.server_config()).unwrap()
    }

    #[test]
    fn everything_is_made_once_and_found_again() {
        let dir = scratch();
        let config = config(&dir);
        assert!(open(&config, Missing::Refuse, &SystemRandom).is_err());
        let made = open(&config, Missing::Make, &SystemRandom).unwrap();
        let public = ledger::Signer::public_key(&made.log_key);
        drop(made);
        let found = open(&config, Missing::Refuse, &SystemRandom).unwrap();
        assert_eq!(ledger::Signer::public_key(&found.log_key), public);
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn what_is_lost_later_is_not_made_anew() {
        let dir = scratch();
        let config = config(&dir);
        drop(open(&config, Missing::Make, &SystemRandom).unwrap());
        for (path, remedy) in [
            (&config.keys.root_key_file, "`clerestory keys restore`"),
            (&config.keys.log_signing_key_file, "from a copy"),
            (&config.anchor_dir, "from a copy"),
            (&config.keys.tombstones_file, "its newest copy"),
        ] {
            let away = path.with_file_name("away");
            std::fs::rename(path, &away).unwrap();
            let error = open(&config, Missing::Make, &SystemRandom)
                .err()
                .unwrap()
                .to_string();
            assert!(
                error.contains("is missing") && error.contains(remedy),
                "{error}"
            );
            std::fs::rename(&away, path).unwrap();
        }
        assert!(open(&config, Missing::Make, &SystemRandom).is_ok());
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_start_that_was_cut_off_is_completed() {
        let dir = scratch();
        let config = config(&dir);
        drop(RootKey::create(&config.keys.root_key_file, &SystemRandom).unwrap());
        assert!(open(&config, Missing::Make, &SystemRandom).is_ok());
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_key_place_that_is_gone_is_filled_again() {
        let dir = scratch();
        let config = config(&dir);
        drop(open(&config, Missing::Make, &SystemRandom).unwrap());
        std::fs::remove_dir_all(&config.keys.places[0]).unwrap();
        let found = open(&config, Missing::Make, &SystemRandom).unwrap();
        assert_eq!(found.store.places_ready(), 2);
        assert_eq!(found.store.places_made().len(), 1, "and that is said");
        drop(found);
        let found = open(&config, Missing::Make, &SystemRandom).unwrap();
        assert!(found.store.places_made().is_empty());
        drop(found);
        for place in &config.keys.places {
            std::fs::remove_dir_all(place).unwrap();
        }
        let error = open(&config, Missing::Make, &SystemRandom)
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("All key places are missing"), "{error}");
        std::fs::remove_dir_all(dir).unwrap();
    }
}
