//! Keeps the two long-lived parts, cluster and server, running, and ends them in order.
//!
//! Invariant: a part that ends is started again, as often as it gets healthy in between; when the supervisor ends, in
//! whatever way, both end too.

pub(crate) mod health;
pub(crate) mod signals;

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use crate::cluster::{Cluster, leftovers};
use crate::layout::Layout;
use crate::screen::say;
use crate::users::{Accounts, Who};
use health::Health;

/// The server finishes requests (`limits.drain_s`) within this, else it is killed: nothing acknowledged is lost.
const SERVER_STOP: Duration = Duration::from_secs(20);
/// A fast shutdown writes one checkpoint.
const CLUSTER_STOP: Duration = Duration::from_secs(60);
/// When told to stop at once, the cluster writes nothing and repairs itself at the next start.
const CLUSTER_STOP_NOW: Duration = Duration::from_secs(10);
/// The cluster's log writer ends when nobody is left to write.
const LOG_WRITER_STOP_S: u64 = 5;
/// A part that does not get healthy so often in a row will not by trying again.
const FAILURES_MAX: u32 = 6;
/// The wait before the second try; it doubles.
const RETRY_FIRST: Duration = Duration::from_millis(100);

/// How the server and its short-lived companions are started.
pub(crate) struct ServerProgram {
    /// This program, at a place where the server's user may run it.
    pub(crate) program: PathBuf,
    /// The configuration that `up` wrote.
    pub(crate) config: PathBuf,
    /// What a part says before its log is open.
    pub(crate) words: PathBuf,
    pub(crate) health: Health,
}

/// The parts and what runs of them.
pub(crate) struct House {
    cluster: Cluster,
    server: ServerProgram,
    accounts: Accounts,
    cluster_child: Option<Child>,
    server_child: Option<Child>,
}

impl House {
    /// Nothing runs yet.
    pub(crate) fn new(cluster: Cluster, server: ServerProgram, accounts: Accounts) -> Self {
        Self {
            cluster,
            server,
            accounts,
            cluster_child: None,
            server_child: None,
        }
    }

    /// The cluster of this house.
    pub(crate) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Makes the cluster.
    ///
    /// # Errors
    /// `initdb` fails.
    pub(crate) async fn cluster_make(&self, layout: &Layout) -> anyhow::Result<()> {
        let unfinished = layout.cluster_unfinished(&self.accounts)?;
        self.cluster.make(&unfinished).await
    }

    /// Starts the cluster and waits until it accepts connections.
    ///
    /// # Errors
    /// It ends, with its last words.
    pub(crate) async fn cluster_start(&mut self) -> anyhow::Result<()> {
        self.cluster.leftovers_clear().await?;
        let own = [&self.cluster_child, &self.server_child];
        signals::adopted_reap(&own.map(|child| child.as_ref().and_then(Child::id)));
        let child = self.cluster_child.insert(self.cluster.start()?);
        self.cluster.ready(child).await
    }

    /// Runs the migrations as the cluster's user, the only one who may be its superuser.
    ///
    /// # Errors
    /// The migration's own words.
    pub(crate) async fn migrate(&self) -> anyhow::Result<()> {
        let mut command = self.command(Who::Cluster, "migrate", Signal::SIGTERM);
        command
            .stdout(Stdio::inherit())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let output = command
            .output()
            .await
            .context("The migration could not be started")?;
        if !output.status.success() {
            bail!(
                "The migration failed ({}): {}",
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(())
    }

    /// Starts the server and waits until it answers over TLS.
    ///
    /// # Errors
    /// It ends, with its last words, or does not answer in time.
    pub(crate) async fn server_start(&mut self) -> anyhow::Result<()> {
        let words = std::fs::File::create(&self.server.words)
            .with_context(|| format!("{} cannot be written", self.server.words.display()))?;
        let mut command = self.command(Who::Server, "serve", Signal::SIGTERM);
        command
            .stdout(Stdio::from(words.try_clone()?))
            .stderr(Stdio::from(words));
        let child = self
            .server_child
            .insert(command.spawn().context("The server could not be started")?);
        tokio::select! {
            ended = child.wait() => {
                let ended = ended?;
                self.server_child = None;
                bail!("The server ended while starting ({ended}). Its words:\n{}", self.server_words())
            }
            healthy = self.server.health.wait() => healthy,
        }
    }

    fn command(&self, who: Who, name: &str, at_parents_end: Signal) -> Command {
        let mut command = self
            .accounts
            .command(who, &self.server.program, at_parents_end);
        command.arg(name).arg("--config").arg(&self.server.config);
        command.envs(crate::config::environment());
        command
    }

    fn server_words(&self) -> String {
        std::fs::read_to_string(&self.server.words)
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    /// Starts again whatever ends, for ever.
    ///
    /// # Errors
    /// A part does not get healthy any more.
    pub(crate) async fn keep(&mut self) -> anyhow::Result<std::convert::Infallible> {
        loop {
            let (part, status) = self.part_ended().await?;
            say(&format!(
                "The {part} ended unexpectedly ({status}): starting it again."
            ));
            self.restart(part).await?;
            say(&format!("The {part} is running again."));
        }
    }

    async fn part_ended(&mut self) -> anyhow::Result<(Part, ExitStatus)> {
        let (Some(cluster), Some(server)) = (&mut self.cluster_child, &mut self.server_child)
        else {
            bail!("A part was not started.");
        };
        tokio::select! {
            biased;
            status = cluster.wait() => Ok((Part::Cluster, status?)),
            status = server.wait() => Ok((Part::Server, status?)),
        }
    }

    async fn restart(&mut self, part: Part) -> anyhow::Result<()> {
        let mut wait = RETRY_FIRST;
        for _ in 1..FAILURES_MAX {
            match self.start(part).await {
                Ok(()) => return Ok(()),
                Err(error) => say(&format!("{error:#}\nTrying again.")),
            }
            self.kill_now(part).await;
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        self.start(part)
            .await
            .with_context(|| format!("The {part} does not start any more ({FAILURES_MAX} tries)"))
    }

    async fn start(&mut self, part: Part) -> anyhow::Result<()> {
        match part {
            Part::Cluster => self.cluster_start().await,
            Part::Server => {
                // Both may have ended, or the one while the other was being started.
                if !is_running(self.cluster_child.as_mut()) {
                    say("The database cluster has ended as well: starting it first.");
                    self.cluster_start().await?;
                }
                self.server_start().await
            }
        }
    }

    async fn kill_now(&mut self, part: Part) {
        let child = match part {
            Part::Cluster => &mut self.cluster_child,
            Part::Server => &mut self.server_child,
        };
        if let Some(mut child) = child.take() {
            let _ = child.kill().await;
        }
    }

    /// Ends the server, then the cluster. When `hurry` resolves (a second Ctrl-C), both are ended at once.
    ///
    /// # Errors
    /// Something cannot be ended; it is named.
    pub(crate) async fn stop(mut self, hurry: impl Future<Output = ()>) -> anyhow::Result<()> {
        let hurried = {
            let in_order = Self::stop_in_order(&mut self.server_child, &mut self.cluster_child);
            tokio::select! {
                () = in_order => false,
                () = hurry => true,
            }
        };
        if hurried {
            say("Ending both at once; the database repairs itself at the next start.");
            self.kill_now(Part::Server).await;
            if let Some(mut child) = self.cluster_child.take() {
                end(&mut child, &[(Signal::SIGQUIT, CLUSTER_STOP_NOW)]).await;
            }
        }
        self.cluster.none_left().await
    }

    async fn stop_in_order(server: &mut Option<Child>, cluster: &mut Option<Child>) {
        if let Some(child) = server {
            end(child, &[(Signal::SIGTERM, SERVER_STOP)]).await;
        }
        *server = None;
        if let Some(child) = cluster {
            end(
                child,
                &[
                    (Signal::SIGINT, CLUSTER_STOP),
                    (Signal::SIGQUIT, CLUSTER_STOP_NOW),
                ],
            )
            .await;
        }
        *cluster = None;
    }
}

fn is_running(child: Option<&mut Child>) -> bool {
    child.is_some_and(|child| matches!(child.try_wait(), Ok(None)))
}

/// Sends one signal after the other, each with its time to take effect, and kills in the end.
async fn end(child: &mut Child, signals: &[(Signal, Duration)]) {
    for (signal, within) in signals {
        let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) else {
            return;
        };
        // One that has ended in between is what we want.
        let _ = kill(Pid::from_raw(pid), *signal);
        if tokio::time::timeout(*within, child.wait()).await.is_ok() {
            return;
        }
    }
    let _ = child.kill().await;
}

/// A long-lived part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Cluster,
    Server,
}

impl std::fmt::Display for Part {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Cluster => "database cluster",
            Self::Server => "server",
        })
    }
}

impl Cluster {
    /// Ends and removes what an earlier start left behind.
    async fn leftovers_clear(&self) -> anyhow::Result<()> {
        leftovers::clear(&self.dirs().data, &self.dirs().socket).await
    }

    /// Makes sure that no process of the cluster is left. Its log writer ends a moment after the others.
    async fn none_left(&self) -> anyhow::Result<()> {
        let left = leftovers::left_after(&self.dirs().data, LOG_WRITER_STOP_S).await;
        for pid in &left {
            let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
        }
        signals::orphans_reap();
        if left.is_empty() {
            return Ok(());
        }
        bail!(
            "Processes of the database had to be killed: {left:?}. It repairs itself at the next start."
        )
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;

    fn sh(script: &str) -> Child {
        Command::new("/bin/sh")
            .arg("-c")
            .arg(script)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    async fn said_ready(child: &mut Child) {
        use tokio::io::AsyncReadExt as _;
        assert_eq!(
            child.stdout.as_mut().unwrap().read_u8().await.unwrap(),
            b'r'
        );
    }

    #[tokio::test]
    async fn a_part_that_listens_ends_by_itself() {
        let mut child = sh("trap 'exit 3' TERM; echo r; while :; do sleep 0.05; done");
        said_ready(&mut child).await;
        end(&mut child, &[(Signal::SIGTERM, Duration::from_secs(20))]).await;
        assert_eq!(child.wait().await.unwrap().code(), Some(3));
    }

    #[tokio::test]
    async fn a_part_that_has_ended_runs_no_more() {
        let mut child = sh("exec sleep 600");
        assert!(is_running(Some(&mut child)));
        child.kill().await.unwrap();
        assert!(!is_running(Some(&mut child)) && !is_running(None));
    }

    #[tokio::test]
    async fn a_part_that_does_not_listen_is_killed() {
        let mut child = sh("trap '' TERM; echo r; while :; do sleep 0.05; done");
        said_ready(&mut child).await;
        end(&mut child, &[(Signal::SIGTERM, Duration::from_millis(200))]).await;
        assert_eq!(
            child.wait().await.unwrap().signal(),
            Some(Signal::SIGKILL as i32)
        );
    }
}
