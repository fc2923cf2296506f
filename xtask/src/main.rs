//! The workspace's own checks (`cargo xtask tidy`, `cargo xtask promises`) and measurements (`bench`, `torture`).
//!
//! Invariant: depends on none of our crates, so it still runs when they do not compile.
//! Invariant: opens no network connection and changes no source file; what measures is a program of its own.

mod finding;
mod measure;
mod promises;
mod rust_text;
mod tidy;
mod tree;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "xtask",
    about = "Checks that the workspace keeps its own rules"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Check crate edges, sources, migrations, templates, scripts, documents and licences.
    Tidy(tidy::Arguments),
    /// Check that each promise called shown has tests, and that they ran and passed.
    Promises(promises::Arguments),
    /// Vitals and pages a second of a release build, beside a bare INSERT: target/figures/bench.json.
    Bench {
        /// Further arguments, such as `--seconds 8`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        further: Vec<String>,
    },
    /// SIGKILL of server and cluster under load, again and again: target/figures/torture.json.
    Torture {
        /// Further arguments, such as `--rounds 20`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        further: Vec<String>,
    },
}

fn main() -> ExitCode {
    let outcome = workspace_root().and_then(|root| match Arguments::parse().task {
        Task::Tidy(arguments) => tidy::run(&root, &arguments),
        Task::Promises(arguments) => promises::run(&root, &arguments),
        Task::Bench { further } => measure::run(&root, "bench", &further),
        Task::Torture { further } => measure::run(&root, "torture", &further),
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace is where cargo runs this from: where it was built says nothing, as clones may share a target folder.
fn workspace_root() -> anyhow::Result<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo says it by this variable alone"
    )]
    let own = std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .context("no workspace is known: run it as `cargo xtask`")?;
    let root = own
        .parent()
        .context("xtask lies in the workspace's folder")?;
    Ok(root.to_owned())
}
