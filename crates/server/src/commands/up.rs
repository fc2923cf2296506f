//! `clerestory up`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

/// Start everything on this machine
#[derive(Args)]
pub(crate) struct Up {
    /// The data folder [default: /var/lib/clerestory as root, else ~/.local/share/clerestory]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where to listen; this machine alone, since a demo shows its PINs
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// Stop after the day was played and its bundle verified
    #[arg(long)]
    exit: bool,
    /// A day to play instead of the built-in one; can be given several times
    #[arg(long, value_name = "FILE")]
    play: Vec<PathBuf>,
    /// Play no day
    #[arg(long, conflicts_with_all = ["play", "exit"])]
    no_play: bool,
    /// Make more clinics with open sessions, for load tests: CLINICSxSESSIONS+SESSIONS of one more clinic
    #[arg(long, value_name = "CxS+H")]
    load: Option<String>,
}

impl Up {
    /// # Errors
    /// A step failed.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let options = crate::up::Options {
            data: self.data,
            listen: self.listen,
            exit: self.exit,
            play: self.play,
            no_play: self.no_play,
            load: self.load,
        };
        // On the main thread: children are told when the thread that started them ends.
        super::runtime_of_one()?.block_on(crate::up::run(options))
    }
}
