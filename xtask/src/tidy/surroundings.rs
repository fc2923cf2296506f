//! What a file must not know: the machine on which it was written.

use crate::finding::Finding;
use crate::tree::Tree;

/// Beginnings of paths that exist on one machine alone. In halves, so that this file passes itself.
const MACHINE_PATHS: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/wo", "rk/"),
    concat!("/Us", "ers/"),
    concat!("C:\\Us", "ers\\"),
];

/// Characters before which a path begins; behind anything else it is the middle of a longer one.
const BEFORE_PATH: &[char] = &[' ', '"', '\'', '`', '(', '=', ':', '\t', '<', '[', '>'];

/// No path into a home folder or a work folder, in any text file.
pub(super) fn machine_paths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files() {
        for (index, line) in file.text.lines().enumerate() {
            for needle in MACHINE_PATHS {
                if line
                    .match_indices(needle)
                    .any(|(at, _)| is_path(line, at, needle))
                {
                    let message = format!("{needle}… exists on one machine alone");
                    findings.push(Finding::at(&file.path, index + 1, message));
                }
            }
        }
    }
    findings
}

/// A path begins there, and goes on: a test that looks for the bare beginning in some output names no machine.
fn is_path(line: &str, at: usize, needle: &str) -> bool {
    let before = line[..at].chars().next_back();
    let behind = line[at + needle.len()..].chars().next();
    before.is_none_or(|one| BEFORE_PATH.contains(&one)) && behind.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_found() {
        let bad = format!(
            "cd {}somebody\ncp a '{}b'\n",
            MACHINE_PATHS[1], MACHINE_PATHS[2]
        );
        assert_eq!(machine_paths(&Tree::sample(&[("bin/up", &bad)])).len(), 2);
        let good = "cd \"$HOME/.cache\"\nhttps://example.org/work/home/a\ncrates/web/home/a.rs\n";
        assert_eq!(machine_paths(&Tree::sample(&[("bin/up", good)])), []);
    }
}
