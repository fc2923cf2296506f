//! `clerestory migrate`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use crate::cluster::settings::ROLE_SUPERUSER;
use crate::config;
use crate::screen::say;

/// Bring the database's tables up to date, as its superuser
#[derive(Args)]
pub(crate) struct Migrate {
    /// The configuration that names the database
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Migrate {
    /// # Errors
    /// The database cannot be reached as its superuser, or a step fails; then that step left nothing behind.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let config = config::load_for_command(&self.config)?;
        let place = crate::serve::place(&config.database);
        let applied = super::runtime_of_one()?
            .block_on(store::migrate(&place, ROLE_SUPERUSER))
            .context("The database's tables could not be brought up to date; the failed step left nothing behind")?;
        if applied > 0 {
            say(&format!("Applied {applied} migration(s)."));
        }
        Ok(ExitCode::SUCCESS)
    }
}
