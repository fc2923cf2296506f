//! The floor: a bare one-row INSERT by pgbench, on the same cluster, in the same run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};

use crate::demo::Demo;

/// The cluster lets its superuser into this one and its own alone; nothing of ours lies in it.
const DATABASE: &str = "postgres";
/// As long as our own sealed reading with its envelope, so that both write as much.
const SCRIPT: &str = "INSERT INTO bare (clinic, sealed) VALUES (1, repeat('x', 420)::bytea);\n";

/// Rows a second with this many connections.
pub(crate) struct Bare {
    programs: PathBuf,
    socket: PathBuf,
    owner: Option<String>,
    script: PathBuf,
}

impl Bare {
    pub(crate) fn prepare(demo: &Demo) -> anyhow::Result<Self> {
        let postmaster = demo.process("postgres -D")?;
        let programs = std::fs::read_link(format!("/proc/{postmaster}/exe"))?;
        let programs = programs
            .parent()
            .context("a program in a folder")?
            .to_owned();
        let script = demo.data.with_extension("sql");
        std::fs::write(&script, SCRIPT)?;
        let owner = owner_of(postmaster)?;
        let bare = Self {
            programs,
            socket: demo.data.join("run"),
            owner,
            script,
        };
        let table = "CREATE TABLE bare (id bigserial PRIMARY KEY, clinic int NOT NULL, sealed bytea NOT NULL)";
        bare.run("psql", &["-d", DATABASE, "-qc", table])?;
        Ok(bare)
    }

    pub(crate) fn per_s(&self, connections: u32, lasting: Duration) -> anyhow::Result<f64> {
        let (clients, seconds) = (connections.to_string(), lasting.as_secs().to_string());
        let script = self.script.to_str().context("a plain path")?;
        let threads = connections.min(2).to_string();
        let arguments = [
            "-n", "-M", "prepared", "-c", &clients, "-j", &threads, "-T", &seconds, "-f", script,
            DATABASE,
        ];
        let output = self.run("pgbench", &arguments)?;
        let line = output
            .lines()
            .find(|line| line.starts_with("tps = "))
            .context("pgbench printed no tps")?;
        Ok(line
            .split_whitespace()
            .nth(2)
            .context("pgbench printed no tps")?
            .parse()?)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = match &self.owner {
            None => Command::new(self.programs.join(program)),
            Some(owner) => {
                let mut command = Command::new("setpriv");
                command
                    .args(["--reuid", owner, "--regid", owner, "--clear-groups"])
                    .arg(self.programs.join(program));
                command
            }
        };
        let output = command
            .arg("--host")
            .arg(&self.socket)
            .args(["--username", "postgres"])
            .args(arguments)
            .current_dir("/")
            .output()
            .with_context(|| format!("{program} cannot be run"))?;
        ensure!(
            output.status.success(),
            "{program}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// The cluster's user, when it is another one than ours: only that one is let in as superuser.
fn owner_of(process: u32) -> anyhow::Result<Option<String>> {
    use std::os::unix::fs::MetadataExt as _;
    let theirs = std::fs::metadata(Path::new("/proc").join(process.to_string()))?.uid();
    let ours = std::fs::metadata("/proc/self")?.uid();
    Ok((theirs != ours).then(|| theirs.to_string()))
}
