//! `clerestory recover`: after a restore that lost entries, a new generation that names the gap.

use std::process::ExitCode;

use anyhow::anyhow;
use app::{AppError, Recovered};
use clap::Args;

use super::own::{Own, next_step};
use crate::screen::say;

/// It was looked, and something is to be recovered: nothing has been done.
const LOOKED: u8 = 2;

/// After a point-in-time restore or a failover that lost entries: say what is missing, and with --yes open a new generation
/// that names the gap
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
            return self.own.run(&["recover"], async |application| {
                let found = application
                    .app
                    .recover_look()
                    .await
                    .map_err(|error| refused(&error))?;
                lines_of_look(&found).iter().for_each(|line| say(line));
                Ok(ExitCode::from(LOOKED))
            });
        }
        self.own.run(&["recover", "--yes"], async |application| {
            let recovered = application
                .app
                .recover()
                .await
                .map_err(|error| refused(&error))?;
            lines_of_recovery(&recovered)
                .iter()
                .for_each(|line| say(line));
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// Why there is no recovery, and what to do next.
fn refused(error: &AppError) -> anyhow::Error {
    if let AppError::Recover(why) = error {
        return anyhow!("Nothing was recovered: {why}.");
    }
    anyhow!(
        "The recovery did not come to its end: {error}. {} What is done already stays, and is not done twice.",
        next_step(error)
    )
}

fn lines_of_look(found: &Recovered) -> Vec<String> {
    let mut lines = vec![format!(
        "Looked at what is anchored and at every tree of the database. The platform's log has lost {} anchored entries.",
        found.platform_leaves_lost
    )];
    lines.extend(lines_of_clinics(found));
    lines.push(format!(
        "Nothing was changed. With --yes, this opens generation {} in the platform's log, and in each of these clinics' audit logs the generation that is named: its first entry says for good that entries are missing, and how many.",
        found.generation
    ));
    lines.push("Find out first why the database is not what was anchored: a newer backup may have what is missing. Then run it again with --yes.".to_owned());
    lines
}

fn lines_of_recovery(recovered: &Recovered) -> Vec<String> {
    let mut lines = vec![format!(
        "Generation {} is open. The platform's log has lost {} anchored entries.",
        recovered.generation, recovered.platform_leaves_lost
    )];
    lines.extend(lines_of_clinics(recovered));
    lines.push("What was written after the last anchor and is gone as well cannot be counted: these are the least that is missing.".to_owned());
    lines.push("Run `clerestory check` next.".to_owned());
    lines
}

fn lines_of_clinics(recovered: &Recovered) -> Vec<String> {
    let present = recovered.clinics.iter().map(|clinic| {
        format!(
            "  clinic {}: generation {}, {} anchored entries are gone",
            clinic.clinic, clinic.generation, clinic.entries_lost
        )
    });
    let absent = recovered.clinics_absent.iter().map(|clinic| {
        format!(
            "  clinic {}: NOT IN THE DATABASE; it was anchored with {} entries in generation {}, and all are gone",
            clinic.clinic, clinic.entries_lost, clinic.generation
        )
    });
    present.chain(absent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::{AbsentClinic, RecoverRefused, RecoveredClinic};
    use uuid::Uuid;

    #[test]
    fn a_look_says_what_is_missing_what_would_be_done_and_that_nothing_was() {
        let (present, absent) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let found = Recovered {
            generation: 3,
            platform_leaves_lost: 4,
            clinics: vec![RecoveredClinic {
                clinic: present,
                generation: 2,
                entries_lost: 5,
            }],
            clinics_absent: vec![AbsentClinic {
                clinic: absent,
                generation: 1,
                entries_lost: 6,
            }],
        };
        let said = lines_of_look(&found).join("\n");
        for part in [
            "lost 4 anchored entries",
            &format!("clinic {present}: generation 2, 5 anchored entries are gone"),
            &format!("clinic {absent}: NOT IN THE DATABASE"),
            "Nothing was changed",
            "opens generation 3",
            "run it again with --yes",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(
            !lines_of_recovery(&found)
                .join("\n")
                .contains("Nothing was changed")
        );
    }

    #[test]
    fn every_refusal_says_what_to_do_next() {
        for (why, remedy) in [
            (RecoverRefused::NothingAnchored, "name the old one"),
            (RecoverRefused::OtherLog, "restore this installation's own"),
            (RecoverRefused::HeadsGone, "put it back"),
            (RecoverRefused::NothingLost, "`clerestory check`"),
        ] {
            let said = refused(&why.into()).to_string();
            assert!(
                said.contains("Nothing was recovered") && said.contains(remedy),
                "{said}"
            );
        }
        let away = refused(&AppError::Away("no connection".to_owned())).to_string();
        assert!(
            away.contains("`clerestory up --no-play` starts it") && !away.contains("Nothing was"),
            "{away}"
        );
    }
}
