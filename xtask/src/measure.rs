//! Speed and crash tests: builds a release and hands it to `crates/bench`, which does the measuring.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

/// Runs `bench` or `torture`, with further arguments for it.
///
/// # Errors
/// The release does not build, or the measuring failed.
pub(crate) fn run(root: &Path, task: &str, further: &[String]) -> anyhow::Result<bool> {
    // Apart: together they would ask for other features of the parts that they share, and all of them would build anew.
    for package in ["server", "bench"] {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--release", "--locked", "--package", package])
            .current_dir(root)
            .status()
            .context("cargo cannot be run")?;
        ensure!(built.success(), "{package} does not build");
    }
    let release = target_folder(root)?.join("release");
    let status = Command::new(release.join("bench"))
        .arg("--program")
        .arg(release.join("clerestory"))
        .arg(task)
        .args(further)
        .current_dir(root)
        .status()
        .context("the bench cannot be run")?;
    Ok(status.success())
}

/// Where cargo puts what it builds.
fn target_folder(root: &Path) -> anyhow::Result<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root)
        .output()
        .context("cargo cannot be run")?;
    ensure!(output.status.success(), "cargo metadata failed");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let folder = metadata["target_directory"]
        .as_str()
        .context("cargo names no target folder")?;
    Ok(PathBuf::from(folder))
}
