//! The time, as a part that is handed in.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock for the product"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that is held at a time and moves only forward, when told: the demo's and the tests'.
pub struct HeldClock {
    microsecond: AtomicI64,
}

impl HeldClock {
    /// Held at `at`.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self {
            microsecond: AtomicI64::new(at.as_microsecond()),
        }
    }

    /// Holds it at `to`, or leaves it where it is if that is later already. Returns where it stands.
    pub fn hold(&self, to: Timestamp) -> Timestamp {
        let before = self
            .microsecond
            .fetch_max(to.as_microsecond(), Ordering::SeqCst);
        timestamp(before.max(to.as_microsecond()))
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        timestamp(self.microsecond.load(Ordering::SeqCst))
    }
}

fn timestamp(microsecond: i64) -> Timestamp {
    Timestamp::from_microsecond(microsecond)
        .expect("made from a timestamp, and only ever replaced by a later one")
}
