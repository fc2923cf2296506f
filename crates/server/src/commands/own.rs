//! Commands that work on an installation's own database and keys, as the user who serves.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use app::AppError;
use clap::Args;
use nix::unistd::Uid;

use super::runtime_of_one;
use crate::config::{self, Config};
use crate::serve::{Application, application_open};

/// Which installation.
#[derive(Args)]
pub(crate) struct Own {
    /// The data folder of `clerestory up` [default: as `up` has it]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The installation's configuration [default: server.toml of the data folder]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Own {
    /// Runs `work` on the opened application. As root the same command is run again as the user who owns the keys: the
    /// database lets in nobody else, and a key file written by root would shut that user out.
    pub(crate) fn run(
        self,
        again: &[&str],
        work: impl AsyncFnOnce(&Application) -> anyhow::Result<ExitCode>,
    ) -> anyhow::Result<ExitCode> {
        let file = config_file(self.data, self.config)?;
        if Uid::effective().is_root() {
            return run_as_owner(&file, &config::load_for_command(&file)?, again);
        }
        let config = config::load(&file)
            .map_err(|problems| anyhow::anyhow!(config::problems_text(&file, &problems)))?;
        runtime_of_one()?.block_on(async {
            let application = application_open(&config).await?;
            let code = work(&application).await;
            application.app.close();
            code
        })
    }
}

/// The installation's configuration: the one that is named, or that of `up`'s data folder.
pub(super) fn config_file(
    data: Option<PathBuf>,
    config: Option<PathBuf>,
) -> anyhow::Result<PathBuf> {
    let file = match (config, data) {
        (Some(config), _) => config,
        (None, Some(data)) => data.join("server.toml"),
        (None, None) => config::data_dir_default(Uid::effective().is_root())?.join("server.toml"),
    };
    // The same command may be run again as another user, and from another folder.
    std::path::absolute(&file).with_context(|| format!("{} is no path", file.display()))
}

/// What to do after an error of a command on an installation's own database and keys.
pub(super) fn next_step(error: &AppError) -> &'static str {
    match error {
        AppError::Away(_) | AppError::Unavailable(_) => {
            "See that the database runs: `clerestory up --no-play` starts it, in another terminal. Then run this again."
        }
        AppError::Vault(_) | AppError::Proof(_) | AppError::Recover(_) => {
            "Put right what is named there, then run this again."
        }
        AppError::NotFound
        | AppError::SignInRefused
        | AppError::Refused { .. }
        | AppError::Stale { .. }
        | AppError::KeyReused { .. }
        | AppError::NotEnded { .. }
        | AppError::BadInput(_)
        | AppError::Store(_)
        | AppError::Impossible(_)
        | AppError::Press(_) => {
            "Keep database and data folder as they are, copy them, and run it again; if it stays, report these words to those who made this program."
        }
    }
}

fn run_as_owner(file: &Path, config: &Config, again: &[&str]) -> anyhow::Result<ExitCode> {
    let key = &config.keys.root_key_file;
    let owner = std::fs::metadata(key).with_context(|| {
        format!(
            "{} cannot be looked at: put the root key back (`clerestory keys restore`), or name the installation with --data or --config",
            key.display()
        )
    })?;
    if owner.uid() == 0 {
        bail!(
            "{0} belongs to root, and nobody serves as root: give it, and what lies beside it, to the user who serves, with `chown`.",
            key.display()
        );
    }
    // `up` keeps a copy of the program that the server's user can run.
    let copy = file
        .parent()
        .map(|folder| folder.join("bin/clerestory"))
        .filter(|copy| copy.exists());
    let program = match copy {
        Some(copy) => copy,
        None => std::env::current_exe()?,
    };
    let status = Command::new("setpriv")
        .args([
            "--reuid",
            &owner.uid().to_string(),
            "--regid",
            &owner.gid().to_string(),
            "--clear-groups",
        ])
        .arg(program)
        .args(again)
        .arg("--config")
        .arg(file)
        .current_dir("/")
        .status()
        .context("setpriv cannot be run: install util-linux, or run this as the user who serves")?;
    Ok(ExitCode::from(
        u8::try_from(status.code().unwrap_or(1)).unwrap_or(1),
    ))
}
