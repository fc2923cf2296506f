//! The data folder of `clerestory up`: what is where, whose it is, and the lock that only one `up` holds.
//!
//! | folder | owner | mode | holds |
//! |---|---|---|---|
//! | `.` | supervisor | 755 (one user: 700) | `lock`, `layout`, `server.toml`, `authority.pem`, `log-key.pub` |
//! | `bin` | supervisor | 755 | a copy of this program, as root alone: `/root` is closed to the others |
//! | `cluster` | cluster | 700 | PostgreSQL's files |
//! | `run` | cluster, server's group | 750 | the database's socket |
//! | `server` | server | 700 | keys, checkpoints, certificate |
//! | `logs/cluster`, `logs/server` | each | 700 | logs |
//! | `bundles` | supervisor | 700 | the record bundles of the demo's day |

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::cluster::ClusterDirs;
use crate::files;
use crate::users::{Accounts, Who};

/// Stands in the file `layout`; another text means another layout, which this program does not know.
const LAYOUT: &str = "Clerestory data folder, layout 1\n";

/// The paths of one data folder.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    data: PathBuf,
}

impl Layout {
    /// In this folder, which is made when missing.
    ///
    /// # Errors
    /// It cannot be made, or holds something else.
    pub(crate) fn open(data: &Path) -> anyhow::Result<Self> {
        let data = std::path::absolute(data)?;
        if !data.exists() {
            std::fs::create_dir_all(&data).with_context(|| {
                format!(
                    "The data folder {} cannot be made: choose another with --data",
                    data.display()
                )
            })?;
        }
        let data = data.canonicalize()?;
        let layout = Self { data };
        layout.is_ours()?;
        Ok(layout)
    }

    fn is_ours(&self) -> anyhow::Result<()> {
        let shown = self.data.display();
        let mut entries = std::fs::read_dir(&self.data).with_context(|| {
            format!("The data folder {shown} cannot be read: choose another with --data")
        })?;
        match std::fs::read_to_string(self.data.join("layout")) {
            Ok(text) if text == LAYOUT => Ok(()),
            Ok(text) => bail!(
                "{shown} was made by another version of this program ({:?}). Use that version, or another folder.",
                text.trim()
            ),
            Err(_) if entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == "lock")) => {
                Ok(())
            }
            Err(_) => bail!(
                "{shown} holds something that is not ours. Name an empty or a new folder with --data."
            ),
        }
    }

    /// Takes the lock; held as long as the file lives.
    ///
    /// # Errors
    /// Another `up` holds it.
    pub(crate) fn lock(&self) -> anyhow::Result<File> {
        let path = self.lock_file();
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .with_context(|| {
                format!(
                    "{} cannot be opened: choose another folder with --data, or run as its owner",
                    path.display()
                )
            })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                bail!(
                    "Another `clerestory up` (process {}) is running in {}. Stop that one, or name another folder with --data.",
                    holder.trim(),
                    self.data.display()
                );
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).context(format!("{} cannot be locked", path.display()));
            }
        }
        file.set_len(0)?;
        std::io::Write::write_all(&mut file, std::process::id().to_string().as_bytes())?;
        Ok(file)
    }

    /// Makes all folders and sets their owners and modes.
    ///
    /// # Errors
    /// A folder cannot be made, or the other users could not reach it.
    pub(crate) fn prepare(&self, accounts: &Accounts) -> anyhow::Result<()> {
        let (me, server, cluster) = (
            accounts.account(Who::Supervisor),
            accounts.account(Who::Server),
            accounts.account(Who::Cluster),
        );
        let separate = accounts.are_separate();
        let owner = self.data.metadata()?.uid();
        if owner != me.uid {
            bail!(
                "{} belongs to another user (number {owner}). Run as that user, or name another folder with --data.",
                self.data.display()
            );
        }
        if separate {
            self.reachable()?;
        }
        let open = if separate { 0o755 } else { 0o700 };
        let folders = [
            (self.data.clone(), open, me, me.gid),
            (self.data.join("bin"), open, me, me.gid),
            (self.data.join("bundles"), 0o700, me, me.gid),
            (self.run(), 0o750, cluster, server.gid),
            (self.server(), 0o700, server, server.gid),
            (self.data.join("logs"), open, me, me.gid),
            (self.logs_cluster(), 0o700, cluster, cluster.gid),
            (self.logs_server(), 0o700, server, server.gid),
        ];
        for (path, mode, owner, group) in folders {
            files::folder(&path, mode, owner, group)?;
        }
        files::replace(
            &self.data.join("layout"),
            LAYOUT.as_bytes(),
            0o644,
            Some(me),
        )
    }

    /// The other users have to get through all folders above.
    fn reachable(&self) -> anyhow::Result<()> {
        for above in self.data.ancestors().skip(1) {
            if above.metadata()?.mode() & 0o001 == 0 {
                bail!(
                    "The users of server and database cannot get to {}, since {} is closed to others. Name another folder with --data, for example /var/lib/clerestory.",
                    self.data.display(),
                    above.display()
                );
            }
        }
        Ok(())
    }

    /// An empty folder in which the cluster is made; what an interrupted start left there goes.
    pub(crate) fn cluster_unfinished(&self, accounts: &Accounts) -> anyhow::Result<PathBuf> {
        let path = self.data.join("cluster.unfinished");
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        let owner = accounts.account(Who::Cluster);
        files::folder(&path, 0o700, owner, owner.gid)?;
        Ok(path)
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.data.join("lock")
    }
    pub(crate) fn run(&self) -> PathBuf {
        self.data.join("run")
    }
    pub(crate) fn server(&self) -> PathBuf {
        self.data.join("server")
    }
    pub(crate) fn bundles(&self) -> PathBuf {
        self.data.join("bundles")
    }
    pub(crate) fn logs_server(&self) -> PathBuf {
        self.data.join("logs/server")
    }
    pub(crate) fn logs_cluster(&self) -> PathBuf {
        self.data.join("logs/cluster")
    }
    pub(crate) fn server_config(&self) -> PathBuf {
        self.data.join("server.toml")
    }
    pub(crate) fn program_copy(&self) -> PathBuf {
        self.data.join("bin/clerestory")
    }
    /// A copy of the local authority's certificate, for browsers.
    pub(crate) fn authority(&self) -> PathBuf {
        self.data.join("authority.pem")
    }
    /// A copy of the log's public key, for `clerestory verify --key`.
    pub(crate) fn public_key(&self) -> PathBuf {
        self.data.join("log-key.pub")
    }
    pub(crate) fn demo_file(&self) -> PathBuf {
        self.server().join("demo.json")
    }
    pub(crate) fn cluster_dirs(&self) -> ClusterDirs {
        ClusterDirs {
            data: self.data.join("cluster"),
            socket: self.run(),
            logs: self.logs_cluster(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files::tests::scratch;

    #[test]
    fn a_folder_with_something_else_in_it_is_refused() {
        let dir = scratch();
        std::fs::write(dir.join("thesis.odt"), "x").unwrap();
        let error = Layout::open(&dir).unwrap_err().to_string();
        assert!(error.contains("not ours"), "{error}");
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_folder_of_another_layout_is_refused() {
        let dir = scratch();
        std::fs::write(dir.join("layout"), "Clerestory data folder, layout 9\n").unwrap();
        assert!(
            Layout::open(&dir)
                .unwrap_err()
                .to_string()
                .contains("another version")
        );
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn only_one_holds_the_lock_and_the_other_learns_who() {
        let dir = scratch();
        let layout = Layout::open(&dir).unwrap();
        let held = layout.lock().unwrap();
        let error = layout.lock().unwrap_err().to_string();
        assert!(error.contains(&std::process::id().to_string()), "{error}");
        drop(held);
        layout.lock().unwrap();
        std::fs::remove_dir_all(dir).unwrap();
    }
}
