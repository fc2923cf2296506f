//! The commands of the program. Each has a file of its own and does its work elsewhere, if it is more than a screen.

mod check;
mod keys;
mod migrate;
mod own;
mod play;
mod recover;
mod serve;
mod up;
pub(crate) mod verify;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use nix::sys::resource::{Resource, setrlimit};
use tokio::runtime::{Builder, Runtime};

/// Clerestory: the monitor of a treatment day, and its proof.
#[derive(Parser)]
#[command(name = "clerestory", version, about, propagate_version = true)]
pub(crate) enum Command {
    /// Start everything on this machine: a private database, keys, a certificate, the server, a demo clinic
    Up(up::Up),
    /// Serve with a configuration
    Serve(serve::Serve),
    /// Play a day file against a running demo, through its pages
    Play(play::Play),
    /// Check a record bundle, with no server, database, secret or network
    Verify(verify::Verify),
    /// Make keys, put the root key into escrow, restore it
    Keys(keys::Keys),
    /// Check every tree and every session event of this installation; nothing is opened
    Check(check::Check),
    /// After a restore that lost entries: open a new generation that names the gap
    Recover(recover::Recover),
    /// Bring the database's tables up to date, as its superuser
    Migrate(migrate::Migrate),
}

impl Command {
    /// Runs it.
    ///
    /// # Errors
    /// A sentence for the person who called it.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Up(command) => command.run(),
            Self::Serve(command) => command.run(),
            Self::Play(command) => command.run(),
            Self::Verify(command) => command.run(),
            Self::Keys(command) => command.run(),
            Self::Check(command) => command.run(),
            Self::Recover(command) => command.run(),
            Self::Migrate(command) => command.run(),
        }
    }
}

/// No core dumps, here and in every child: they hold keys and what was opened.
///
/// One byte and not zero: a limit of zero does not stop a handler that the kernel pipes cores to, and one byte does
/// (core(5)); a file of one byte is never begun.
///
/// # Errors
/// The system refuses.
pub(crate) fn cores_off() -> anyhow::Result<()> {
    let (_, hard) = nix::sys::resource::getrlimit(Resource::RLIMIT_CORE)?;
    let most = hard.min(1);
    setrlimit(Resource::RLIMIT_CORE, most, most).context("Core dumps could not be switched off")
}

/// A runtime on the calling thread alone.
fn runtime_of_one() -> anyhow::Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .context("The runtime could not be started")
}
