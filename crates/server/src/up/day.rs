//! The demo's day: played through the pages, its bundle verified, and how to look at it.

use std::path::Path;

use anyhow::Context as _;
use ledger::VerifierKey;
use ledger::bundle::Trust;

use crate::commands::verify::{PROVED, bundle_verify, key_read};
use crate::layout::Layout;
use crate::play::{self, Options, Script};
use crate::screen::{complain, say};
use crate::serve::demo_file::DemoFile;

/// Plays the days that were named, or the built-in one, and verifies the bundles that they wrote. Answers whether all
/// went as the files expect and every bundle was proved.
///
/// # Errors
/// The demo is at fault.
pub(crate) async fn play(layout: &Layout, address: &str, named: &[Script]) -> anyhow::Result<bool> {
    let scripts = match named {
        [] => vec![Script::built_in()?],
        named => named.to_vec(),
    };
    let mut is_well = true;
    for script in scripts {
        say(&format!("\nPlaying {} through the pages.", script.name()));
        let options = Options {
            script,
            address: address.to_owned(),
            trust: layout.authority(),
            people: layout.demo_file(),
            exports_dir: layout.bundles(),
            json: false,
        };
        let played = play::run(&options).await?;
        if played.unexpected > 0 {
            complain(&format!(
                "{} step(s) ended otherwise than the file expects.",
                played.unexpected
            ));
            is_well = false;
        }
        for bundle in &played.bundles {
            is_well &= verify(layout, bundle)?;
        }
    }
    Ok(is_well)
}

/// As whoever receives the bundle would: with the file, the key, and nothing of the server.
fn verify(layout: &Layout, bundle: &Path) -> anyhow::Result<bool> {
    let file = layout.public_key();
    let key: VerifierKey =
        key_read(&file.display().to_string()).context("The log's public key cannot be read")?;
    say(&format!(
        "\nVerifying offline: clerestory verify {} --key {}",
        bundle.display(),
        file.display()
    ));
    Ok(bundle_verify(bundle, &Trust::Key(key)) == PROVED)
}

/// Says where to look, and with which code and PIN.
///
/// # Errors
/// The demo's file cannot be read.
pub(crate) fn look_at(layout: &Layout, address: &str) -> anyhow::Result<()> {
    let demo = DemoFile::read(&layout.demo_file())?;
    say("");
    say(&format!("  Look at it      {address}"));
    say(&format!(
        "  Clinic code     {} (today's; after the demo clock's midnight see {address}/demo)",
        demo.code
    ));
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
    say(&format!("  Bundles         {}", layout.bundles().display()));
    say(&format!("  Data and logs   {}", layout.data().display()));
    say("\nRunning. Ctrl-C stops everything.");
    Ok(())
}
