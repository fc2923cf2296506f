//! `clerestory up`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::play;
use crate::play::Script;
use crate::serve::demo_file::Load;

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
    #[arg(long, value_name = "FILE", value_parser = play::script_parser())]
    play: Vec<Script>,
    /// Play no day
    #[arg(long, conflicts_with_all = ["play", "exit"])]
    no_play: bool,
    /// Make more clinics with open sessions, for load tests: CLINICSxSESSIONS+SESSIONS of one more clinic
    #[arg(long, value_name = "CxS+H")]
    load: Option<Load>,
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use crate::commands::Command;
    use crate::files::tests::scratch;
    use clap::Parser as _;

    /// What the command line is refused with, before anything is started; none when it is taken.
    fn refused(arguments: &[&str]) -> Option<String> {
        let line = ["clerestory"].iter().chain(arguments);
        let error = Command::try_parse_from(line).err()?;
        assert!(error.use_stderr(), "it is an error, so the status is 64");
        Some(error.to_string())
    }

    #[test]
    fn a_day_file_is_read_before_anything_is_started() {
        let dir = scratch();
        let file = dir.join("day.toml");
        let shown = file.to_str().unwrap();
        let up = ["up", "--play", shown];
        let said = |text: &str| {
            std::fs::write(&file, text).unwrap();
            refused(&up)
        };
        let built_in = include_str!("../../../../demo/day.toml");
        assert_eq!(said(built_in), None);
        let unknown = said("day = \"next\"\n[[step]]\nat = \"09:00\"\ndo = \"fly\"\n").unwrap();
        assert!(unknown.contains(&format!("{shown}:4: ")), "{unknown}");
        let backwards = said(
            "day = \"next\"\n[[step]]\nat = \"09:00\"\ndo = \"wait\"\n[[step]]\nat = \"08:00\"\ndo = \"wait\"\n",
        )
        .unwrap();
        assert!(
            backwards.contains(&format!("{shown}:5: ")) && backwards.contains("only moves forward"),
            "{backwards}"
        );
        assert!(
            refused(&["play", shown])
                .unwrap()
                .contains(&format!("{shown}:5: ")),
            "`play` reads it as `up` does"
        );
        let gone = dir.join("none.toml");
        let missing = refused(&["up", "--play", gone.to_str().unwrap()]).unwrap();
        assert!(missing.contains("none.toml cannot be opened"), "{missing}");
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_load_is_understood_before_anything_is_started() {
        for wrong in [
            "", "5", "5x2", "5x2+", "x+", "1001x1+1", "1x1+1001", "-1x1+1",
        ] {
            let load = format!("--load={wrong}");
            let said = refused(&["up", &load]).unwrap();
            assert!(
                said.contains("CLINICSxSESSIONS+SESSIONS"),
                "{wrong}: {said}"
            );
        }
        assert_eq!(refused(&["up", "--load=50x20+200"]), None);
        assert_eq!(
            "50x20+200".parse::<super::Load>().unwrap().to_string(),
            "50x20+200"
        );
    }
}
