//! The lines that a command prints for the person who called it.
//!
//! Invariant: operational news of a running server goes through `tracing`, never through here; and nothing printed
//! here holds patient data outside a demo.

use std::io::Write as _;

/// Prints one line. A reader who has gone away (`clerestory up | head`) does not end the program.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// Prints one line for the error stream.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
