//! `clerestory recover`: after a restore that lost entries, a new generation that names the gap.

use std::process::ExitCode;

use clap::Args;

use super::own::Own;
use crate::screen::say;

/// After a point-in-time restore or a failover that lost entries: open a new generation that names the gap
#[derive(Args)]
pub(crate) struct Recover {
    #[command(flatten)]
    own: Own,
    /// Yes: it is clear why the database is not what was anchored
    #[arg(long)]
    yes: bool,
}

impl Recover {
    /// # Errors
    /// The database cannot be reached, nothing was anchored, or nothing that was anchored is missing.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        if !self.yes {
            say(
                "This opens a new generation in every clinic's audit log, whose first entry says for good that entries are missing.",
            );
            say(
                "Find out first why the database is not what was anchored. Then run it again with --yes.",
            );
            return Ok(ExitCode::from(2));
        }
        self.own.run(&["recover", "--yes"], async |application| {
            let recovered = application
                .app
                .recover()
                .await
                .map_err(|error| anyhow::anyhow!("Nothing was recovered: {error}"))?;
            say(&format!(
                "Generation {} is open. The platform's log has lost {} anchored entries.",
                recovered.generation, recovered.platform_leaves_lost
            ));
            for clinic in recovered.clinics {
                say(&format!(
                    "  clinic {}: generation {}, {} anchored entries are gone",
                    clinic.clinic, clinic.generation, clinic.entries_lost
                ));
            }
            for clinic in recovered.clinics_absent {
                say(&format!(
                    "  clinic {}: NOT IN THE DATABASE; it was anchored with {} entries in generation {}, and all are gone",
                    clinic.clinic, clinic.entries_lost, clinic.generation
                ));
            }
            say("What was written after the last anchor and is gone as well cannot be counted: these are the least that is missing.");
            Ok(ExitCode::SUCCESS)
        })
    }
}
