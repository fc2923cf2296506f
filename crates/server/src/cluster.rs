//! The private PostgreSQL cluster of `clerestory up`: made once, started and stopped here.
//!
//! Invariant: it can be reached through one Unix socket, by the users that `pg_ident.conf` names, and in no other
//! way; no password exists.

pub(crate) mod leftovers;
pub(crate) mod programs;
pub(crate) mod settings;

use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use nix::sys::signal::Signal;
use tokio::process::{Child, Command};

use crate::users::{Accounts, Who};
use leftovers::PidFile;
use programs::Programs;
use settings::{DATABASE, ROLE_SUPERUSER, SOCKET_NUMBER, conf_text, hba_text, ident_text};

/// `sun_path` has 108 bytes, one of them for the end.
const SOCKET_PATH_BYTES_MAX: usize = 107;
/// Recovery after a crash is bounded by `max_wal_size`; a slow disk reads 2 GB well within this.
const READY_WITHIN: Duration = Duration::from_secs(300);
/// How often we look whether it is ready.
const LOOK_EVERY: Duration = Duration::from_millis(30);
/// `initdb` and `createdb` take a second; a hung disk should be said.
const PREPARE_WITHIN: Duration = Duration::from_secs(120);

/// The folders of a cluster.
#[derive(Clone, Debug)]
pub(crate) struct ClusterDirs {
    /// PostgreSQL's own data folder.
    pub(crate) data: PathBuf,
    /// Where its socket is.
    pub(crate) socket: PathBuf,
    /// Where it logs.
    pub(crate) logs: PathBuf,
}

/// A private cluster that is made or about to be.
pub(crate) struct Cluster {
    dirs: ClusterDirs,
    programs: Programs,
    accounts: Accounts,
}

impl Cluster {
    /// A cluster in these folders.
    ///
    /// # Errors
    /// The socket's path would be longer than Unix allows, or PostgreSQL's programs are missing.
    pub(crate) fn new(dirs: ClusterDirs, accounts: Accounts) -> anyhow::Result<Self> {
        socket_path_check(&dirs.socket)?;
        let programs = programs::find(programs::cluster_major(&dirs.data)?)?;
        Ok(Self {
            dirs,
            programs,
            accounts,
        })
    }

    /// For example "PostgreSQL 15 (/usr/lib/postgresql/15/bin)".
    pub(crate) fn description(&self) -> String {
        format!(
            "PostgreSQL {} ({})",
            self.programs.major,
            self.programs.folder.display()
        )
    }

    /// Its folders.
    pub(crate) fn dirs(&self) -> &ClusterDirs {
        &self.dirs
    }

    /// Whether the cluster has been made.
    pub(crate) fn exists(&self) -> bool {
        self.dirs.data.join("PG_VERSION").is_file()
    }

    /// Makes the cluster beside its place and moves it there when it is whole, so that a start that was cut off
    /// leaves nothing half made.
    ///
    /// # Errors
    /// `initdb` fails; its words are in the error.
    pub(crate) async fn make(&self, unfinished: &Path) -> anyhow::Result<()> {
        let mut command =
            self.accounts
                .command(Who::Cluster, &self.programs.path("initdb"), Signal::SIGKILL);
        command
            .arg("--pgdata")
            .arg(unfinished)
            .arg(format!("--username={ROLE_SUPERUSER}"));
        command.args([
            "--auth-local=peer",
            "--auth-host=reject",
            "--data-checksums",
        ]);
        command.args(["--encoding=UTF8", "--locale=C", "--no-instructions"]);
        run_to_end(command, "initdb").await?;
        std::fs::rename(unfinished, &self.dirs.data)
            .with_context(|| format!("{} could not be put in its place", self.dirs.data.display()))
    }

    /// Writes the configuration and starts the cluster. It is not ready yet: see [`Cluster::ready`].
    ///
    /// # Errors
    /// A file cannot be written or the program not be started.
    pub(crate) fn start(&self) -> anyhow::Result<Child> {
        self.configure()?;
        let said = self.dirs.logs.join("start.log");
        let output =
            File::create(&said).with_context(|| format!("{} cannot be written", said.display()))?;
        let mut command = self.accounts.command(
            Who::Cluster,
            &self.programs.path("postgres"),
            Signal::SIGINT,
        );
        command.arg("-D").arg(&self.dirs.data);
        command
            .stdout(Stdio::from(output.try_clone()?))
            .stderr(Stdio::from(output));
        command.spawn().context("PostgreSQL could not be started")
    }

    fn configure(&self) -> anyhow::Result<()> {
        let server = &self.accounts.account(Who::Server).name;
        let cluster = &self.accounts.account(Who::Cluster).name;
        let files = [
            (
                "postgresql.conf",
                conf_text(&self.dirs.socket, &self.dirs.logs),
            ),
            ("pg_hba.conf", hba_text()),
            ("pg_ident.conf", ident_text(server, cluster)),
        ];
        for (name, text) in files {
            let file = self.dirs.data.join(name);
            crate::files::replace(
                &file,
                text.as_bytes(),
                0o600,
                Some(self.accounts.account(Who::Cluster)),
            )?;
        }
        Ok(())
    }

    /// Waits until this very process accepts connections.
    ///
    /// # Errors
    /// It ends before, or takes longer than [`READY_WITHIN`].
    pub(crate) async fn ready(&self, child: &mut Child) -> anyhow::Result<()> {
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
        let is_ready = || {
            PidFile::read(&self.dirs.data).is_some_and(|file| file.ready && Some(file.pid) == pid)
        };
        let deadline = tokio::time::sleep(READY_WITHIN);
        tokio::pin!(deadline);
        while !is_ready() {
            tokio::select! {
                ended = child.wait() => bail!("PostgreSQL ended while starting ({}). {}", ended?, self.start_words()),
                () = &mut deadline => bail!("PostgreSQL is not ready after {} s. {}", READY_WITHIN.as_secs(), self.start_words()),
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        Ok(())
    }

    /// Makes the application's database unless it is there.
    ///
    /// # Errors
    /// `createdb` fails for another reason.
    pub(crate) async fn database_make(&self) -> anyhow::Result<()> {
        let mut command = self.accounts.command(
            Who::Cluster,
            &self.programs.path("createdb"),
            Signal::SIGKILL,
        );
        command
            .arg("--host")
            .arg(&self.dirs.socket)
            .arg(format!("--port={SOCKET_NUMBER}"));
        command
            .arg(format!("--username={ROLE_SUPERUSER}"))
            .arg("--no-password");
        command.args([
            "--template=template0",
            "--encoding=UTF8",
            "--locale=C",
            DATABASE,
        ]);
        match run_to_end(command, "createdb").await {
            Err(error) if !error.to_string().contains("already exists") => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The last things the cluster said, for an error on the screen.
    pub(crate) fn start_words(&self) -> String {
        let file = self.dirs.logs.join("start.log");
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(8).collect();
        let last: Vec<_> = lines.into_iter().rev().collect();
        format!(
            "Its last words ({}; more beside it):\n{}",
            file.display(),
            last.join("\n")
        )
    }
}

fn socket_path_check(socket_dir: &Path) -> anyhow::Result<()> {
    let path = socket_dir.join(format!(".s.PGSQL.{SOCKET_NUMBER}"));
    let length = path.as_os_str().as_bytes().len();
    if length > SOCKET_PATH_BYTES_MAX {
        bail!(
            "The data folder's path is too long: the database's socket would be {} ({length} bytes), and Unix allows {SOCKET_PATH_BYTES_MAX}. Choose a shorter one with --data.",
            path.display()
        );
    }
    Ok(())
}

/// Runs a short program to its end; when it fails, its own words are the error.
async fn run_to_end(mut command: Command, name: &str) -> anyhow::Result<()> {
    command.kill_on_drop(true);
    let output = tokio::time::timeout(PREPARE_WITHIN, command.output())
        .await
        .with_context(|| format!("{name} takes longer than {} s", PREPARE_WITHIN.as_secs()))?
        .with_context(|| format!("{name} could not be started"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("{name} failed ({}): {}", output.status, words.trim());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_socket_path_may_have_107_bytes_and_no_more() {
        let name_bytes = "/.s.PGSQL.5432".len();
        let longest = format!("/{}", "d".repeat(SOCKET_PATH_BYTES_MAX - name_bytes - 1));
        socket_path_check(Path::new(&longest)).unwrap();
        let error = socket_path_check(Path::new(&format!("{longest}d")))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("108 bytes") && error.contains("--data"),
            "{error}"
        );
    }
}
