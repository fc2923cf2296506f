//! `clerestory check`: every tree made anew from its leaves, every session event held against its entry.

use std::process::ExitCode;

use clap::Args;

use super::own::{Own, next_step};
use crate::screen::{complain, say};

/// What to do about faults: nothing of the program's own makes any of them.
const FAULTS_NEXT: &str = "The database was changed, or lost something, outside of this program. Stop it, and keep a copy of the data folder as it is now. If a backup was restored, `clerestory recover` says what is missing of what was anchored; otherwise restore the newest backup that this check finds whole.";

/// Check every tree and every session event of this installation; nothing is opened
#[derive(Args)]
pub(crate) struct Check {
    #[command(flatten)]
    own: Own,
}

impl Check {
    /// # Errors
    /// The database cannot be reached.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        self.own.run(&["check"], async |application| {
            let checked = application.app.check().await.map_err(|error| {
                anyhow::anyhow!(
                    "The check could not be finished: {error}. {}",
                    next_step(&error)
                )
            })?;
            say(&format!(
                "{} trees, {} entries, {} session events.",
                checked.trees, checked.entries, checked.events
            ));
            for fault in &checked.faults {
                complain(fault);
            }
            match checked.faults.is_empty() {
                true => {
                    say("Every tree is whole, and every event is what its entry says.");
                    Ok(ExitCode::SUCCESS)
                }
                false => {
                    complain(FAULTS_NEXT);
                    Ok(ExitCode::FAILURE)
                }
            }
        })
    }
}
