//! The signals that mean "stop", and the last duty of a parent.

use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
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

/// Takes note of all that have ended. Only called when no child is waited for any more.
pub(crate) fn orphans_reap() {
    while let Ok(status) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {
        if status == WaitStatus::StillAlive {
            return;
        }
    }
}
