//! Rules over documents: what they point to is there.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::tree::{TextFile, Tree};

/// Folders whose paths, written in backticks in a document, must exist.
const OUR_FOLDERS: &[&str] = &[
    "crates/", "xtask/", "docs/", "bin/", "tests/", ".ci/", ".config/",
];

/// The page that says why each outside part is here.
const PARTS: &str = "docs/decisions/0002-parts.md";

/// Relative links lead to a file, and to a heading where they name one.
pub(super) fn links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("md") {
        for (line, target) in link_targets(&file.text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (path, heading) = target
                .split_once('#')
                .map_or((target, None), |(path, heading)| (path, Some(heading)));
            let full = if path.is_empty() {
                file.path.clone()
            } else {
                resolved(&file.path, path)
            };
            if !tree.has(&full) {
                findings.push(Finding::at(
                    &file.path,
                    line,
                    format!("the link leads nowhere: {target}"),
                ));
            } else if let Some(heading) = heading
                && let Some(aim) = tree.file(&full)
                && !anchors(aim).contains(heading)
            {
                findings.push(Finding::at(
                    &file.path,
                    line,
                    format!("{full} has no heading #{heading}"),
                ));
            }
        }
    }
    findings
}

/// Lines outside fenced code, with their numbers from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((index + 1, line))
    })
}

fn link_targets(text: &str) -> Vec<(usize, &str)> {
    let mut targets = Vec::new();
    for (number, line) in prose(text) {
        for (at, _) in line.match_indices("](") {
            let rest = &line[at + 2..];
            if let Some(end) = rest.find([')', ' ']) {
                targets.push((number, &rest[..end]));
            }
        }
    }
    targets
}

fn resolved(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The anchors that a page's headings get.
fn anchors(file: &TextFile) -> BTreeSet<String> {
    let headings = prose(&file.text).filter(|(_, line)| line.starts_with('#'));
    headings
        .map(|(_, line)| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|one| one.is_alphanumeric() || matches!(one, ' ' | '-' | '_'));
            kept.map(|one| if one == ' ' { '-' } else { one }).collect()
        })
        .collect()
}

/// A path of ours that a document names in backticks exists; so does a page that any file points to.
pub(super) fn paths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("md") {
        for (number, line) in prose(&file.text) {
            for word in line.split('`').skip(1).step_by(2) {
                let is_ours = OUR_FOLDERS.iter().any(|folder| word.starts_with(folder));
                let is_plain = word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
                if is_ours && is_plain && !tree.has(word) {
                    findings.push(Finding::at(
                        &file.path,
                        number,
                        format!("{word} is not there"),
                    ));
                }
            }
        }
    }
    for file in tree
        .files()
        .filter(|file| file.extension() != "md" && !file.path.starts_with("xtask/src/"))
    {
        for (index, line) in file.text.lines().enumerate() {
            for page in pages_named(line) {
                if !tree.has(page) {
                    findings.push(Finding::at(
                        &file.path,
                        index + 1,
                        format!("{page} is not there"),
                    ));
                }
            }
        }
    }
    findings
}

/// Each `docs/….md` in a line.
fn pages_named(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("docs/").filter_map(|(at, _)| {
        let rest = &line[at..];
        let end = rest.find(|one: char| !(one.is_ascii_alphanumeric() || "/._-".contains(one)));
        Some(rest[..end.unwrap_or(rest.len())].trim_end_matches('.'))
            .filter(|page| page.ends_with(".md"))
    })
}

/// Each outside part of the workspace has its reason in the decisions.
pub(super) fn parts(tree: &Tree) -> Vec<Finding> {
    let Some(manifest) = tree.file("Cargo.toml") else {
        return Vec::new();
    };
    let Ok(manifest) = manifest.text.parse::<toml::Table>() else {
        return vec![Finding::whole("Cargo.toml", "is no TOML")];
    };
    let dependencies = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies")?.as_table());
    let reasons = tree.file(PARTS).map_or("", |file| file.text.as_str());
    let mut findings = Vec::new();
    for (name, value) in dependencies.into_iter().flatten() {
        let is_ours = value.get("path").is_some();
        if !is_ours && !reasons.contains(&format!("`{name}`")) {
            findings.push(Finding::whole(
                "Cargo.toml",
                format!("{name} has no reason in {PARTS}"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let page = "# One two\n[a](docs/b.md) [c](docs/none.md) [d](#one-two) [e](docs/b.md#here) [f](#nowhere)\n\
                    [g](https://example.org/x)\n```\n[h](nothing.md)\n```\n";
        let tree = Tree::sample(&[
            ("README.md", page),
            ("docs/b.md", "## There\n[up](../README.md#one-two)\n"),
        ]);
        let messages: Vec<String> = links(&tree)
            .into_iter()
            .map(|finding| finding.message)
            .collect();
        assert_eq!(
            messages,
            [
                "the link leads nowhere: docs/none.md",
                "docs/b.md has no heading #here",
                "README.md has no heading #nowhere"
            ]
        );
    }

    #[test]
    fn a_path_that_is_gone_is_found() {
        let tree = Tree::sample(&[
            (
                "ARCHITECTURE.md",
                "`crates/a/src/lib.rs`, `crates/gone`, `crates/a`, `crates/{a,b}`, `bin/up --exit`\n",
            ),
            ("crates/a/src/lib.rs", "//! See docs/gone.md.\n"),
        ]);
        let messages: Vec<String> = paths(&tree)
            .into_iter()
            .map(|finding| finding.message)
            .collect();
        assert_eq!(
            messages,
            ["crates/gone is not there", "docs/gone.md is not there"]
        );
    }

    #[test]
    fn a_part_without_a_reason_is_found() {
        let manifest = "[workspace.dependencies]\nours = { path = \"crates/ours\" }\ntokio = \"1\"\nleftpad = \"1\"\n";
        let tree = Tree::sample(&[("Cargo.toml", manifest), (PARTS, "`tokio`: the runtime\n")]);
        assert_eq!(
            parts(&tree),
            [Finding::whole(
                "Cargo.toml",
                format!("leftpad has no reason in {PARTS}")
            )]
        );
    }
}
