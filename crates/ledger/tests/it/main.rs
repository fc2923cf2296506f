//! The crate from outside: against other implementations, against its vectors, and against tampering.
#![expect(clippy::unwrap_used, reason = "tests")]

mod archive;
mod bundle;
mod compile_fail;
mod entry;
mod fixture;
mod forger;
mod forgery;
mod json;
mod note;
mod tree;
mod vectors;
