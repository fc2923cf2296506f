//! The vault from outside: real files, real ciphers, a counted random source.

#![expect(clippy::unwrap_used, reason = "tests")]

mod anchor;
mod crash;
mod envelope;
mod places;
mod recovery;
mod rotation;
mod secrets;
mod support;
mod tombstones;
mod vectors;
