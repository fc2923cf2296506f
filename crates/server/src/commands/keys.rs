//! `clerestory keys`: making an installation's keys, and the root key's way into a safe and back.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use nix::unistd::Uid;
use vault::{
    Fit, FolderPlace, KeyPlace, RootKey, SystemRandom, escrow, escrow_identity, escrow_open,
};

use super::own::config_file;
use crate::config::{self, Config};
use crate::files;
use crate::screen::say;
use crate::serve::keys::{Missing, open};

/// An escrow has about 500 bytes, an identity about 200.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// Make keys, put the root key into escrow, restore it
#[derive(Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Make all keys of a new installation (`up` does it by itself)
    Create {
        /// The installation's configuration
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Make a new age identity: its secret key opens escrows and belongs into a safe, off this machine
    Identity {
        /// Where to write the secret key; the file must not exist
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Encrypt the root key to an age recipient; without it, a lost root key is the loss of everything
    Escrow {
        /// Whose secret key will open it (age1…)
        #[arg(long, value_name = "AGE1…")]
        recipient: String,
        /// Where to write the escrow; the file must not exist
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The installation's configuration [default: server.toml of `up`'s data folder]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Put the root key back from an escrow; an existing root key is never replaced
    Restore {
        /// The escrow
        #[arg(long, value_name = "FILE")]
        escrow: PathBuf,
        /// The age secret key's file
        #[arg(long, value_name = "FILE")]
        identity: PathBuf,
        /// The installation's configuration [default: server.toml of `up`'s data folder]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

impl Keys {
    /// # Errors
    /// A file is missing, exists already, or is not what it should be.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Create { config } => create(&config)?,
            Action::Identity { out } => identity(&out)?,
            Action::Escrow {
                recipient,
                out,
                config,
            } => escrow_write(&recipient, &out, config)?,
            Action::Restore {
                escrow,
                identity,
                config,
            } => restore(&escrow, &identity, config)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn create(file: &Path) -> anyhow::Result<()> {
    if Uid::effective().is_root() {
        bail!("Make the keys as the user who will serve: as root, that user could not read them.");
    }
    let config = config::load(file)
        .map_err(|problems| anyhow::anyhow!(config::problems_text(file, &problems)))?;
    drop(open(&config, Missing::Make, &SystemRandom)?);
    say(&format!(
        "The keys are made. Put the root key into escrow now: clerestory keys escrow --config {} …",
        file.display()
    ));
    Ok(())
}

fn identity(out: &Path) -> anyhow::Result<()> {
    let (secret, recipient) = escrow_identity();
    secret_write(
        out,
        format!("# public key: {recipient}\n{}\n", secret.as_str()).as_bytes(),
    )?;
    say(&format!(
        "{} holds the secret key: move it off this machine, into a safe.",
        out.display()
    ));
    say(&format!("The recipient for `keys escrow`: {recipient}"));
    Ok(())
}

fn escrow_write(recipient: &str, out: &Path, config: Option<PathBuf>) -> anyhow::Result<()> {
    let config = config_of(config)?;
    let root = RootKey::load(&config.keys.root_key_file)?;
    secret_write(out, &escrow(&root, recipient)?)?;
    say(&format!(
        "{} holds the root key, encrypted to {recipient}.",
        out.display()
    ));
    say(
        "Keep it where the secret key is not. Try it once: restore it on another machine, or read it with `age --decrypt`.",
    );
    Ok(())
}

fn restore(from: &Path, identity: &Path, config: Option<PathBuf>) -> anyhow::Result<()> {
    let config = config_of(config)?;
    let target = &config.keys.root_key_file;
    if target.exists() {
        bail!(
            "{} is there already. It is never replaced: move it away first, if it is the wrong one.",
            target.display()
        );
    }
    let bytes = files::read_bounded(from, FILE_BYTES_MAX)
        .context("Name the file that `clerestory keys escrow` wrote with --escrow")?;
    let of_identity = "Name the file that `clerestory keys identity` wrote with --identity";
    let secret = files::read_bounded(identity, FILE_BYTES_MAX).context(of_identity)?;
    let secret = String::from_utf8(secret)
        .with_context(|| format!("{of_identity}: {} is none", identity.display()))?;
    let root = escrow_open(&bytes, &secret)?;
    let places: Vec<Box<dyn KeyPlace>> = config
        .keys
        .places
        .iter()
        .map(|place| Box::new(FolderPlace::new(place)) as Box<dyn KeyPlace>)
        .collect();
    let (log_key, places_shown) = (
        config.keys.log_signing_key_file.display(),
        files::listed(&config.keys.places),
    );
    let compared = match root.fit(&config.keys.log_signing_key_file, &places)? {
        Fit::Fits => "It opens the keys that are there.".to_owned(),
        Fit::NothingThere => format!(
            "Whether it is this installation's could not be looked at: {log_key} and the clinics' keys in {places_shown} are not there. Put them back before the start; those of another installation do not open under it."
        ),
        Fit::Other => bail!(
            "{} holds the root key of another installation: neither {log_key} nor a clinic's key in {places_shown} opens under it. Nothing was written. Take the escrow that was made of this installation's root key, or name the installation that this one is of with --config.",
            from.display()
        ),
    };
    root.write_new(target)?;
    owner_as_folder(target)?;
    say(&format!("{} is restored. {compared}", target.display()));
    Ok(())
}

/// As root, the file goes to the user whose folder it lies in: the server.
fn owner_as_folder(file: &Path) -> anyhow::Result<()> {
    let folder = file
        .parent()
        .context("the root key's folder has no name")?
        .metadata()?;
    if Uid::effective().is_root() {
        std::os::unix::fs::lchown(file, Some(folder.uid()), Some(folder.gid()))?;
    }
    Ok(())
}

fn config_of(given: Option<PathBuf>) -> anyhow::Result<Config> {
    config::load_for_command(&config_file(None, given)?)
}

fn secret_write(out: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(out)
        .with_context(|| {
            format!(
                "{} cannot be made; name another file with --out (one that exists is never replaced)",
                out.display()
            )
        })?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files::tests::scratch;
    use crate::layout::Layout;
    use crate::up::settings_file;

    /// The configuration of a new installation whose root key is made.
    fn installation(dir: &Path) -> (PathBuf, Config) {
        let layout = Layout::open(dir).unwrap();
        let account = nix::unistd::User::from_uid(Uid::effective())
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
        std::fs::create_dir(layout.server()).unwrap();
        let file = layout.server_config();
        let config = config_of(Some(file.clone())).unwrap();
        drop(RootKey::create(&config.keys.root_key_file, &SystemRandom).unwrap());
        (file, config)
    }

    /// The identity's file and the escrow's.
    fn escrowed(dir: &Path, config: &Path) -> (PathBuf, PathBuf) {
        let (identity_file, escrow_file) = (dir.join("identity"), dir.join("escrow"));
        identity(&identity_file).unwrap();
        let text = std::fs::read_to_string(&identity_file).unwrap();
        let recipient = text
            .lines()
            .next()
            .unwrap()
            .strip_prefix("# public key: ")
            .unwrap();
        escrow_write(recipient, &escrow_file, Some(config.to_owned())).unwrap();
        assert!(
            escrow_write(recipient, &escrow_file, Some(config.to_owned())).is_err(),
            "never replaced"
        );
        (identity_file, escrow_file)
    }

    #[test]
    fn a_root_key_comes_back_from_its_escrow() {
        let dir = scratch();
        let (file, config) = installation(&dir);
        let root_file = config.keys.root_key_file;
        let original = std::fs::read(&root_file).unwrap();
        let (identity_file, escrow_file) = escrowed(&dir, &file);
        let config = Some(file);
        assert!(
            restore(&escrow_file, &identity_file, config.clone()).is_err(),
            "never replaced"
        );

        std::fs::remove_file(&root_file).unwrap();
        restore(&escrow_file, &identity_file, config).unwrap();
        assert_eq!(std::fs::read(&root_file).unwrap(), original);
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn an_escrow_of_another_installation_is_not_restored() {
        let (ours, theirs) = (scratch(), scratch());
        let (file, config) = installation(&ours);
        drop(open(&config, Missing::Make, &SystemRandom).unwrap());
        let (their_file, _) = installation(&theirs);
        let (own_identity, own_escrow) = escrowed(&ours, &file);
        let (identity_file, escrow_file) = escrowed(&theirs, &their_file);
        let root_file = &config.keys.root_key_file;
        std::fs::remove_file(root_file).unwrap();
        let error = restore(&escrow_file, &identity_file, Some(file.clone()))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("of another installation") && error.contains("Take the escrow"),
            "{error}"
        );
        assert!(!root_file.exists(), "nothing was written");
        restore(&own_escrow, &own_identity, Some(file)).unwrap();
        assert!(open(&config, Missing::Make, &SystemRandom).is_ok());
        std::fs::remove_dir_all(ours).unwrap();
        std::fs::remove_dir_all(theirs).unwrap();
    }
}
