//! Outside crates: where they come from, under which licence, and which are kept out. The same `deny.toml` that
//! `cargo deny` reads, so that the rules hold on a machine that has neither that tool nor a network.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;

use crate::finding::Finding;
use crate::tree::Tree;

const RULES: &str = "deny.toml";

#[derive(Deserialize)]
struct Rules {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

/// An outside crate that is built, as `cargo tree` prints it.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Part<'a> {
    name: &'a str,
    version: &'a str,
    /// Where it comes from, if not from the one registry.
    source: Option<&'a str>,
    licence: &'a str,
}

/// Asks cargo for every crate that is built on Linux, and holds it against `deny.toml`. `cargo tree` and not `cargo
/// metadata`: the latter also lists crates that a feature which is off would bring.
pub(super) fn check(root: &Path, tree: &Tree) -> anyhow::Result<Vec<Finding>> {
    let rules = tree.file(RULES).context("deny.toml is missing")?;
    let rules: Rules = toml::from_str(&rules.text).context("reading deny.toml")?;
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "--workspace",
            "--edges",
            "normal,build,dev",
            "--prefix",
            "none",
        ])
        .args([
            "--target",
            "x86_64-unknown-linux-gnu",
            "--format",
            "{p}|{l}",
        ])
        .current_dir(root)
        .output()
        .context("asking cargo for the outside crates")?;
    anyhow::ensure!(
        output.status.success(),
        "cargo tree: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)
        .context("reading what cargo says of the outside crates")?;
    let parts = parts(&text);
    anyhow::ensure!(!parts.is_empty(), "cargo tree named no outside crate");
    Ok(judged(&rules, &parts))
}

/// Lines `name v1.2.3 (proc-macro) (source)|licence (*)`; what lies in a folder is ours.
fn parts(text: &str) -> BTreeSet<Part<'_>> {
    let mut parts = BTreeSet::new();
    for line in text.lines() {
        let Some((what, licence)) = line.split_once('|') else {
            continue;
        };
        let mut words = what.split_whitespace();
        let (Some(name), Some(version)) = (words.next(), words.next()) else {
            continue;
        };
        let mut notes = words.map(|word| word.trim_matches(['(', ')']));
        let source = notes.rfind(|note| *note != "proc-macro" && *note != "*");
        if !source.is_some_and(|source| source.starts_with('/')) {
            let licence = licence.trim_end_matches("(*)").trim();
            parts.insert(Part {
                name,
                version,
                source,
                licence,
            });
        }
    }
    parts
}

fn judged(rules: &Rules, parts: &BTreeSet<Part<'_>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for part in parts {
        let what = format!("{} {}", part.name, part.version);
        let mut say = |message: String| findings.push(Finding::whole("Cargo.lock", message));
        if let Some(source) = part.source {
            say(format!("{what} comes from {source}"));
        }
        if let Some(ban) = rules.bans.deny.iter().find(|ban| ban.name == part.name) {
            say(format!("{what} is kept out: {}", ban.reason));
        }
        if !is_permitted(part.licence, &rules.licenses.allow) {
            say(format!(
                "{what} has the licence {:?}, which {RULES} does not allow",
                part.licence
            ));
        }
    }
    findings
}

/// Whether an SPDX expression can be met by allowed licences. `/` is how old crates wrote OR.
fn is_permitted(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = either(&words, &mut at, allowed);
    at == words.len() && met == Some(true)
}

fn either(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> Option<bool> {
    let mut met = both(words, at, allowed)?;
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= both(words, at, allowed)?;
    }
    Some(met)
}

fn both(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> Option<bool> {
    let mut met = one(words, at, allowed)?;
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed)?;
    }
    Some(met)
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> Option<bool> {
    let word = *words.get(*at)?;
    *at += 1;
    if word == "(" {
        let met = either(words, at, allowed)?;
        let closes = words.get(*at) == Some(&")");
        *at += 1;
        return closes.then_some(met);
    }
    if matches!(word, ")" | "OR" | "AND" | "WITH") {
        return None;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1)?;
        *at += 2;
        return Some(allowed.contains(&format!("{word} WITH {exception}")));
    }
    Some(allowed.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let text = "[licenses]\nallow = [\"MIT\", \"Apache-2.0\", \"Apache-2.0 WITH LLVM-exception\"]\n\
                    [bans]\ndeny = [{ crate = \"ring\", reason = \"one provider\" }]\n";
        toml::from_str(text).expect("the sample is TOML")
    }

    #[test]
    fn licences_are_read_as_expressions() {
        let allowed = rules().licenses.allow;
        for good in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT/GPL-2.0",
            "(MIT OR X) AND Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(is_permitted(good, &allowed), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT",
            "MIT MIT",
            "MIT WITH LLVM-exception",
            "OR",
            "(MIT OR X) AND Y",
        ] {
            assert!(!is_permitted(bad, &allowed), "{bad}");
        }
    }

    #[test]
    fn bans_sources_and_licences_are_held() {
        let text = "us v0.1.0 (/somewhere/us)|\nring v1.0.0|MIT\ngood v1.0.0 (proc-macro)|MIT OR X (*)\n\n\
                    git v1.0.0 (https://example.org/git#abc)|MIT\nheld v1.0.0|GPL-3.0\n";
        let parts = parts(text);
        assert_eq!(parts.len(), 4, "{parts:?}");
        let messages: Vec<String> = judged(&rules(), &parts)
            .into_iter()
            .map(|finding| finding.message)
            .collect();
        assert_eq!(messages.len(), 3, "{messages:?}");
        assert!(messages[0].starts_with("git v1.0.0 comes from https://example.org/git"));
        assert!(messages[1].starts_with("held v1.0.0 has the licence \"GPL-3.0\""));
        assert!(messages[2].starts_with("ring v1.0.0 is kept out"));
    }
}
