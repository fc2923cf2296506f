//! Who runs what: supervisor, server and database cluster, and how a program is started as one of them.
//!
//! As root these are three users, so that a hole in the server reaches neither the database's files nor the
//! supervisor, and the database's user cannot read keys. Without root one user does it all.
//!
//! Invariant: every child is started here, by `setpriv`, in a process group of its own and with a signal that it
//! gets when its parent ends. The signal belongs to the *thread* that started the child, so `up` runs on the main
//! thread alone (a runtime with one thread).

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use nix::sys::signal::Signal;
use nix::unistd::{Uid, User};
use tokio::process::Command;

use crate::screen::say;

/// The name of the user who holds the keys and answers requests.
pub(crate) const SERVER_USER: &str = "clerestory";
/// The name of the user who owns the database's files.
pub(crate) const CLUSTER_USER: &str = "clerestory-db";

/// The folders in which children look for programs; nothing of the caller's search path is taken over.
const CHILD_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// One user of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// The login name, as `pg_ident.conf` needs it.
    pub(crate) name: String,
    pub(crate) uid: u32,
    /// The user's own group.
    pub(crate) gid: u32,
}

/// As whom a child runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The user who called `up`.
    Supervisor,
    /// The user with the keys.
    Server,
    /// The user with the database.
    Cluster,
}

/// The users of this start.
#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    supervisor: Account,
    server: Account,
    cluster: Account,
}

impl Accounts {
    /// The users for this start: three as root (made when missing, said before), else the caller alone.
    ///
    /// # Errors
    /// The caller has no entry in the user database, or a user cannot be made.
    pub(crate) async fn prepare() -> anyhow::Result<Self> {
        let uid = Uid::effective();
        let caller = User::from_uid(uid)?.with_context(|| {
            format!("The user number {uid} has no name on this machine (no line in /etc/passwd), and PostgreSQL needs one to know who connects. Run this as a user with a name.")
        })?;
        let supervisor = Account::from(caller);
        if uid.is_root() {
            let server = account_find_or_create(SERVER_USER).await?;
            let cluster = account_find_or_create(CLUSTER_USER).await?;
            Ok(Self {
                supervisor,
                server,
                cluster,
            })
        } else {
            Ok(Self {
                server: supervisor.clone(),
                cluster: supervisor.clone(),
                supervisor,
            })
        }
    }

    /// Whether supervisor, server and cluster are three users.
    pub(crate) fn are_separate(&self) -> bool {
        self.supervisor.uid != self.server.uid
    }

    /// The user of a part.
    pub(crate) fn account(&self, who: Who) -> &Account {
        match who {
            Who::Supervisor => &self.supervisor,
            Who::Server => &self.server,
            Who::Cluster => &self.cluster,
        }
    }

    /// A program as it would be started for `who`: empty environment, own process group (so that Ctrl-C reaches the
    /// supervisor alone, which ends the parts in order), no way to gain privileges, and `at_parents_end` sent to it
    /// when the supervisor is gone, however it ended.
    pub(crate) fn command(&self, who: Who, program: &Path, at_parents_end: Signal) -> Command {
        let mut command = Command::new("/usr/bin/setpriv");
        command.args([
            "--pdeathsig",
            at_parents_end.as_str().trim_start_matches("SIG"),
        ]);
        command.args(["--no-new-privs", "--inh-caps=-all"]);
        if self.are_separate() && who != Who::Supervisor {
            let account = self.account(who);
            command.arg("--reuid").arg(account.uid.to_string());
            command.arg("--regid").arg(account.gid.to_string());
            command.arg("--clear-groups");
        }
        command.arg("--").arg(program);
        command
            .env_clear()
            .env("PATH", CHILD_PATH)
            .env("LC_ALL", "C")
            .env("TZ", "UTC");
        command
            .stdin(Stdio::null())
            .process_group(0)
            .current_dir("/");
        command
    }
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        Self {
            name: user.name,
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
        }
    }
}

async fn account_find_or_create(name: &str) -> anyhow::Result<Account> {
    if let Some(user) = User::from_name(name)? {
        if user.uid.is_root() {
            bail!(
                "The user {name} is root under another name. Remove it, so that an ordinary one can be made."
            );
        }
        return Ok(user.into());
    }
    say(&format!(
        "Making the system user {name} (useradd --system, no home, no login)."
    ));
    let made = Command::new("/usr/sbin/useradd")
        .args(["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"])
        .args(["--shell", "/usr/sbin/nologin", name])
        .stdin(Stdio::null())
        .output()
        .await
        .context("useradd could not be started; install the package `passwd`, or make the users yourself")?;
    let found = User::from_name(name)?;
    match found {
        Some(user) if made.status.success() => Ok(user.into()),
        Some(_) | None => bail!(
            "The user {name} could not be made: {}",
            String::from_utf8_lossy(&made.stderr).trim()
        ),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn account(name: &str, uid: u32) -> Account {
        Account {
            name: name.into(),
            uid,
            gid: uid,
        }
    }

    fn arguments(command: &Command) -> Vec<String> {
        command
            .as_std()
            .get_args()
            .map(|argument| argument.to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn three_users_drop_to_their_own_number_and_groups() {
        let accounts = Accounts {
            supervisor: account("root", 0),
            server: account("a", 901),
            cluster: account("b", 902),
        };
        let command = accounts.command(Who::Cluster, Path::new("/bin/true"), Signal::SIGINT);
        assert_eq!(
            arguments(&command),
            "--pdeathsig INT --no-new-privs --inh-caps=-all --reuid 902 --regid 902 --clear-groups -- /bin/true"
                .split(' ')
                .collect::<Vec<_>>()
        );
        assert!(accounts.are_separate());
    }

    #[test]
    fn one_user_changes_nobody_but_keeps_the_signal() {
        let me = account("me", 1000);
        let accounts = Accounts {
            supervisor: me.clone(),
            server: me.clone(),
            cluster: me,
        };
        let command = accounts.command(Who::Server, Path::new("/bin/true"), Signal::SIGTERM);
        assert_eq!(
            arguments(&command),
            "--pdeathsig TERM --no-new-privs --inh-caps=-all -- /bin/true"
                .split(' ')
                .collect::<Vec<_>>()
        );
        assert!(!accounts.are_separate());
    }

    #[test]
    fn a_child_inherits_nothing_of_the_callers_environment() {
        let me = account("me", 1000);
        let accounts = Accounts {
            supervisor: me.clone(),
            server: me.clone(),
            cluster: me,
        };
        let command = accounts.command(Who::Server, Path::new("/bin/true"), Signal::SIGTERM);
        let names: Vec<_> = command
            .as_std()
            .get_envs()
            .map(|(name, _)| name.to_str().unwrap())
            .collect();
        assert_eq!(names, ["LC_ALL", "PATH", "TZ"]);
    }
}
