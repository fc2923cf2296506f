//! Runs a command with one test cluster up for all of its processes: `with-cluster cargo nextest run`.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("usage: with-cluster COMMAND [ARGUMENT…]");
        return ExitCode::from(2);
    };
    let cluster = testkit::Cluster::start();
    let status = Command::new(program)
        .args(arguments)
        .env(testkit::cluster::CLUSTER_VARIABLE, cluster.socket_dir())
        .status();
    drop(cluster);
    match status.ok().and_then(|status| status.code()) {
        Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        None => ExitCode::FAILURE,
    }
}
