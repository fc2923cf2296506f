//! Measures and torments a release build over real TLS: `cargo xtask bench` and `cargo xtask torture` run it.
//!
//! Invariant: depends on none of our crates, talks to loopback alone, and ends every process that it began. The load is
//! bounded in connections and in time.

#![expect(
    clippy::disallowed_methods,
    reason = "this crate measures: it reads the machine's clock"
)]

mod client;
mod demo;
mod figures;
mod load;
mod pgbench;
mod speed;
mod torture;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "bench", about = "Speed and crash tests of a release build")]
struct Arguments {
    /// The `clerestory` program to run.
    #[arg(long)]
    program: PathBuf,
    /// Where figures are written.
    #[arg(long, default_value = "target/figures")]
    figures: PathBuf,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Vitals and pages a second, beside a bare INSERT on the same cluster.
    Bench {
        /// Seconds of each phase.
        #[arg(long, default_value_t = 8)]
        seconds: u64,
    },
    /// SIGKILL of server and cluster under load: nothing acknowledged is lost, nothing is there twice.
    Torture {
        /// How often something is killed.
        #[arg(long, default_value_t = 20)]
        rounds: u32,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        runtime.block_on(async {
            match arguments.task {
                Task::Bench { seconds } => {
                    speed::run(&arguments.program, &arguments.figures, seconds).await
                }
                Task::Torture { rounds } => {
                    torture::run(&arguments.program, &arguments.figures, rounds).await
                }
            }
        })
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
