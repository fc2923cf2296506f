//! The signals that mean "stop", and the last duty of a parent.

use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-C, a service manager's stop, a terminal that was closed.
pub(crate) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl StopSignals {
    /// From now on these signals no longer end the process by themselves.
    ///
    /// # Errors
    /// The system refuses the handlers.
    pub(crate) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next of them.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => (),
            _ = self.terminate.recv() => (),
            _ = self.hangup.recv() => (),
        }
    }
}

/// From now on this process is told of the end of its children's children, as PID 1 would be: in a container whose PID 1
/// does not care, they would stay in the process list for ever.
///
/// # Errors
/// The system refuses.
pub(crate) fn orphans_adopt() -> nix::Result<()> {
    nix::sys::prctl::set_child_subreaper(true)
}

/// Takes note of those adopted processes that have ended, each by its number. `own` are the processes that were started here
/// and are waited for elsewhere: taking note of their end here would take it away there.
pub(crate) fn adopted_reap(own: &[Option<u32>]) {
    for pid in ended_children() {
        if !own.contains(&u32::try_from(pid).ok()) {
            child_reap(pid);
        }
    }
}

fn child_reap(pid: i32) {
    // Who is no child of ours any more has been taken note of.
    let _ = waitpid(Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG));
}

/// The children of this process, adopted ones among them, that have ended and of whose end nobody has taken note.
fn ended_children() -> Vec<i32> {
    let me = std::process::id();
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            is_ended_child(&stat, me).then_some(pid)
        })
        .collect()
}

/// `PID (NAME) STATE PARENT …` (proc(5)); the name may hold blanks and brackets.
fn is_ended_child(stat: &str, parent: u32) -> bool {
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut words = after_name.split_ascii_whitespace();
    words.next() == Some("Z") && words.next().and_then(|word| word.parse().ok()) == Some(parent)
}

/// Takes note of all that have ended. Only called when no child is waited for any more.
pub(crate) fn orphans_reap() {
    while let Ok(status) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {
        if status == WaitStatus::StillAlive {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_childs_end_is_read_whatever_its_name_is() {
        assert!(is_ended_child("41 (postgres) Z 7 41 41 0", 7));
        assert!(is_ended_child("41 (a) Z 9 (b) Z 7 41", 7));
        assert!(!is_ended_child("41 (postgres) S 7 41 41 0", 7));
        assert!(!is_ended_child("41 (postgres) Z 8 41 41 0", 7));
        assert!(!is_ended_child("", 7));
    }

    /// As when a cluster's first process is killed: its own children become this process's.
    #[tokio::test]
    async fn an_adopted_process_does_not_stay_after_its_end() {
        orphans_adopt().unwrap();
        let parent = tokio::process::Command::new("/bin/sh")
            .args(["-c", "sleep 0.2 >/dev/null & echo $!"])
            .output()
            .await
            .unwrap();
        let said = String::from_utf8(parent.stdout).unwrap();
        let orphan: i32 = said.trim().parse().unwrap();
        let ended = async {
            while !ended_children().contains(&orphan) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), ended)
            .await
            .unwrap();
        child_reap(orphan);
        assert!(!ended_children().contains(&orphan));
        assert!(!std::path::Path::new(&format!("/proc/{orphan}")).exists());
    }
}
