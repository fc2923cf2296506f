//! What an earlier start may have left behind when it was killed: an orphaned cluster, a stale lock file, a socket.
//!
//! Only called while the data folder's lock is held, so that whatever still runs in the cluster's folder belongs to
//! nobody.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::screen::say;

/// How long an orphaned cluster may take to shut down by itself (a fast shutdown writes a checkpoint).
const ORPHAN_FAST_S: u64 = 30;
/// How long it may take when told to stop at once, without a checkpoint.
const ORPHAN_IMMEDIATE_S: u64 = 10;
/// How long backends take to notice that their postmaster is gone.
const NOTICE_S: u64 = 2;
/// How often we look.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Ends an orphaned cluster and removes its lock file and sockets, so that a new one can start.
///
/// # Errors
/// The orphan does not end.
pub(crate) async fn clear(cluster_dir: &Path, socket_dir: &Path) -> anyhow::Result<()> {
    if !cluster_dir.exists() {
        return Ok(());
    }
    orphans_end(cluster_dir).await?;
    remove_if_there(&cluster_dir.join("postmaster.pid"))?;
    for name in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"] {
        remove_if_there(&socket_dir.join(name))?;
    }
    Ok(())
}

async fn orphans_end(cluster_dir: &Path) -> anyhow::Result<()> {
    // After a kill of the cluster's first process the others notice and end by themselves.
    if all_gone_within(cluster_dir, NOTICE_S).await {
        return Ok(());
    }
    say(
        "A database cluster of an earlier start is still running without its supervisor: shutting it down first.",
    );
    let postmaster = postmaster_pid(cluster_dir);
    for (signal, wait_s) in [
        (Signal::SIGINT, ORPHAN_FAST_S),
        (Signal::SIGQUIT, ORPHAN_IMMEDIATE_S),
    ] {
        if let Some(pid) = postmaster.filter(|pid| processes_in(cluster_dir).contains(pid)) {
            // A process that ended in between is what we want.
            let _ = kill(Pid::from_raw(pid), signal);
        }
        if all_gone_within(cluster_dir, wait_s).await {
            return Ok(());
        }
    }
    bail!(
        "Processes of an earlier start still use {} and do not end: {:?}. Look at them with `ps`, end them, and start again.",
        cluster_dir.display(),
        processes_in(cluster_dir)
    )
}

/// The processes of this cluster that are still there after so many seconds.
pub(crate) async fn left_after(cluster_dir: &Path, wait_s: u64) -> Vec<i32> {
    match all_gone_within(cluster_dir, wait_s).await {
        true => Vec::new(),
        false => processes_in(cluster_dir),
    }
}

async fn all_gone_within(cluster_dir: &Path, wait_s: u64) -> bool {
    let gone = async {
        while !processes_in(cluster_dir).is_empty() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(wait_s), gone)
        .await
        .is_ok()
}

/// The PostgreSQL processes of this cluster. The number in `postmaster.pid` alone would not do: it may since belong
/// to somebody else.
pub(crate) fn processes_in(cluster_dir: &Path) -> Vec<i32> {
    let Ok(cluster_dir) = cluster_dir.canonicalize() else {
        return Vec::new();
    };
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let pid = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if let Some(pid) = pid
            && (works_in(&entry.path(), &cluster_dir)
                || was_started_for(&entry.path(), &cluster_dir))
        {
            found.push(pid);
        }
    }
    found
}

/// The program is PostgreSQL's and its working folder is the cluster's: all of its processes, wherever we may look.
fn works_in(process: &Path, cluster_dir: &Path) -> bool {
    let program = std::fs::read_link(process.join("exe"));
    program.is_ok_and(|path| is_postgres(&path))
        && std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == cluster_dir)
}

/// The postmaster by its command line, which can be read where a container forbids root the other two.
fn was_started_for(process: &Path, cluster_dir: &Path) -> bool {
    let Ok(line) = std::fs::read(process.join("cmdline")) else {
        return false;
    };
    let mut words = line
        .split(|byte| *byte == 0)
        .map(|word| Path::new(OsStr::from_bytes(word)));
    words.next().is_some_and(is_postgres) && words.any(|word| word == cluster_dir)
}

/// An upgraded package leaves a running program's file named `postgres (deleted)`.
fn is_postgres(program: &Path) -> bool {
    let name = program
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    name == "postgres" || name == "postgres (deleted)"
}

fn postmaster_pid(cluster_dir: &Path) -> Option<i32> {
    PidFile::read(cluster_dir).map(|file| file.pid)
}

/// What `postmaster.pid` says (the format is PostgreSQL's `pidfile.h`: pid on line 1, status on line 8).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: i32,
    /// The cluster accepts connections.
    pub(crate) ready: bool,
}

impl PidFile {
    /// The file of this cluster; `None` when there is none, or it is not whole yet.
    pub(crate) fn read(cluster_dir: &Path) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(cluster_dir.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let ready = lines.nth(6).is_some_and(|status| status.trim() == "ready");
        Some(Self { pid, ready })
    }
}

fn remove_if_there(file: &PathBuf) -> anyhow::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error)
            .with_context(|| format!("{} was left behind and cannot be removed", file.display())),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_tells_ready_from_starting() {
        let text = "4711\n/d/cluster\n1763800000\n5432\n/d/run\n\n  5432001  32768\nready   \n";
        assert_eq!(
            PidFile::parse(text),
            Some(PidFile {
                pid: 4711,
                ready: true
            })
        );
        assert_eq!(
            PidFile::parse(&text.replace("ready   ", "starting")),
            Some(PidFile {
                pid: 4711,
                ready: false
            })
        );
    }

    #[test]
    fn half_a_pid_file_is_not_ready() {
        assert_eq!(
            PidFile::parse("4711\n/d/cluster\n"),
            Some(PidFile {
                pid: 4711,
                ready: false
            })
        );
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("x"), None);
    }

    #[test]
    fn only_postgres_counts_as_the_cluster() {
        assert!(is_postgres(Path::new(
            "/usr/lib/postgresql/15/bin/postgres"
        )));
        assert!(is_postgres(Path::new(
            "/usr/lib/postgresql/15/bin/postgres (deleted)"
        )));
        assert!(!is_postgres(Path::new("/usr/bin/bash")));
    }
}
