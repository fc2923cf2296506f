//! The integration tests: the use cases and the pages over a real PostgreSQL, in one binary.

#![expect(clippy::unwrap_used, reason = "tests")]

mod bundle;
mod called_off;
mod canary;
mod check;
mod custody;
mod day;
mod demo_clock;
mod door;
mod floor;
mod held;
mod planning;
mod routes;
mod seen;
mod sign_in;
mod sign_in_failures;
mod walls;
mod watch;
mod wrong_patient;
