//! `clerestory serve`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use nix::unistd::Uid;

use crate::{config, logging};

/// Serve with a configuration
#[derive(Args)]
pub(crate) struct Serve {
    /// The configuration; docs/configuration.md explains each setting
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Serve {
    /// # Errors
    /// The configuration cannot be used, or a part cannot be started.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        if Uid::effective().is_root() {
            bail!(
                "`serve` does not run as root: a hole in it would be a hole in the machine. Run it as a user of its own (`clerestory up` does so by itself)."
            );
        }
        // Nobody of the same user may look into this process, where keys are.
        nix::sys::prctl::set_dumpable(false)
            .context("The process could not be closed to others")?;
        let config = config::load(&self.config)
            .map_err(|problems| anyhow::anyhow!(config::problems_text(&self.config, &problems)))?;
        logging::start(&config.log)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(crate::serve::run(config))?;
        Ok(ExitCode::SUCCESS)
    }
}
