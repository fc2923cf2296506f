//! `cargo xtask tidy`: the house rules that a machine can hold, each one a function from the tree to findings.
//!
//! Invariant: every rule has a test with a bad sample, so that none of them can go blind unnoticed.

mod claims;
mod documents;
mod edges;
mod migrations;
mod rust_source;
mod scripts;
mod sql_text;
mod supply;
mod surroundings;
mod templates;

use std::path::Path;

use crate::finding::Finding;
use crate::tree::Tree;

/// What `tidy` takes on its command line.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Leave out what asks cargo for every outside crate (licences, bans, sources); takes two seconds less.
    #[arg(long)]
    without_supply: bool,
}

/// A rule that needs the text files alone.
type Rule = fn(&Tree) -> Vec<Finding>;

/// Every rule over text, with the name that the summary prints.
const RULES: &[(&str, Rule)] = &[
    ("no allow attribute", rust_source::allow_attributes),
    ("nothing unfinished", rust_source::unfinished),
    ("file length", rust_source::length),
    ("limits have their reason", rust_source::limits),
    ("ciphers in the vault alone", rust_source::ciphers),
    ("no SQL from pieces", rust_source::sql_from_pieces),
    ("no clock or dice in SQL", migrations::clock_and_dice),
    ("migrations numbered", migrations::numbering),
    ("tables walled", migrations::walls),
    ("definer functions pinned", migrations::definers),
    ("templates escape", templates::escaping),
    ("nothing foreign in pages", templates::foreign),
    ("no machine paths", surroundings::machine_paths),
    ("no claimed certification", claims::certifications),
    ("scripts fetch nothing", scripts::fetches),
    ("links resolve", documents::links),
    ("paths in documents exist", documents::paths),
    ("parts have a decision", documents::parts),
    (
        "dependencies by the workspace",
        edges::workspace_dependencies,
    ),
];

/// Runs every rule. `Ok(true)` when nothing was found.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> anyhow::Result<bool> {
    let tree = Tree::read(root)?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|(_, rule)| rule(&tree)).collect();
    findings.extend(edges::check(&edges::metadata(root)?));
    let mut rules = RULES.len() + 1;
    if arguments.without_supply {
        eprintln!("tidy: licences, bans and sources left out, as asked");
    } else {
        findings.extend(supply::check(root, &tree)?);
        rules += 1;
    }
    findings.sort();
    findings.dedup();
    for finding in &findings {
        eprintln!("{finding}");
    }
    eprintln!(
        "tidy: {rules} rules over {} files, {} findings",
        tree.files().count(),
        findings.len()
    );
    Ok(findings.is_empty())
}
