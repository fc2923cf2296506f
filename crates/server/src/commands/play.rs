//! `clerestory play`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use clap::builder::{PathBufValueParser, TypedValueParser};
use nix::unistd::Uid;

use crate::config;
use crate::play::{self, Options, Script};

/// Play a day file against a running demo, through its pages; exit status 1 when a step ends otherwise than it expects
#[derive(Args)]
pub(crate) struct Play {
    /// The day file (docs/day-file.md)
    #[arg(value_parser = script_parser())]
    file: Script,
    /// The demo, on this machine
    #[arg(long, value_name = "URL", default_value = "https://localhost:8443")]
    address: String,
    /// A line of JSON for each step, and for each session at the end
    #[arg(long)]
    json: bool,
    /// The demo's data folder [default: as of `clerestory up`]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The certificate authority to trust [default: authority.pem of the data folder]
    #[arg(long, value_name = "CA.pem")]
    trust: Option<PathBuf>,
    /// The demo's people and PINs [default: server/demo.json of the data folder]
    #[arg(long, value_name = "FILE")]
    people: Option<PathBuf>,
    /// Where exports are written
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

impl Play {
    /// # Errors
    /// No demo answers, or it is at fault.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let in_data = |given: Option<PathBuf>, name: &str| match (given, &self.data) {
            (Some(given), _) => Ok(given),
            (None, Some(data)) => Ok(data.join(name)),
            (None, None) => data_default(name),
        };
        let options = Options {
            script: self.file,
            address: self.address,
            trust: in_data(self.trust, "authority.pem")?,
            people: in_data(self.people, "server/demo.json")?,
            exports_dir: self.out,
            json: self.json,
        };
        let played = super::runtime_of_one()?.block_on(play::run(&options))?;
        Ok(if played.unexpected == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// Reads a day file that is named on the command line; what is wrong with it is said with its line.
pub(super) fn script_parser() -> impl TypedValueParser<Value = Script> {
    PathBufValueParser::new()
        .try_map(|path| Script::read(&path).map_err(|error| format!("{error:#}")))
}

fn data_default(name: &str) -> anyhow::Result<PathBuf> {
    let data: &Path = &config::data_dir_default(Uid::effective().is_root())?;
    Ok(data.join(name))
}
