//! `clerestory`: wiring, commands, configuration. What the commands do is in [`commands`], one file each.
//!
//! Invariant: no rule of treatment, no SQL, no cipher and no page is written here.

mod cluster;
mod commands;
mod config;
mod files;
mod layout;
mod logging;
mod play;
mod screen;
mod serve;
mod supervise;
mod tls;
mod up;
mod users;

use std::process::ExitCode;

use clap::Parser;

/// A request makes and drops some hundred small values (its session's events above all): the system's allocator took an eighth
/// of the server's time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A command that was not understood (`EX_USAGE` of sysexits.h). Not 2, which says something else in `verify`.
const USAGE: u8 = 64;

fn main() -> ExitCode {
    let command = match commands::Command::try_parse() {
        Ok(command) => command,
        Err(usage) => {
            let _ = usage.print();
            return if usage.use_stderr() {
                ExitCode::from(USAGE)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    if let Err(error) = commands::cores_off() {
        screen::complain(&format!("{error:#}"));
        return ExitCode::FAILURE;
    }
    match command.run() {
        Ok(code) => code,
        Err(error) => {
            screen::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
