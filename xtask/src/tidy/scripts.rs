//! What our scripts may fetch: packages, through their managers, and nothing else.

use crate::finding::Finding;
use crate::rust_text::word_positions;
use crate::tree::Tree;

/// Words that fetch from a network.
const FETCHERS: &[&str] = &[
    "curl",
    "wget",
    "fetch",
    "git clone",
    "urlopen",
    "Invoke-WebRequest",
    "rsync",
    "scp",
];

/// Hosts that are this machine.
const LOOPBACK: &[&str] = &["localhost", "127.0.0.1", "[::1]"];

/// A script fetches over the network through apt, cargo, npm and pip alone: those check what they get.
pub(super) fn fetches(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().filter(|file| file.is_script()) {
        for (index, line) in file.text.lines().enumerate() {
            let fetches = FETCHERS
                .iter()
                .any(|word| !word_positions(line, word).is_empty());
            if fetches && names_other_host(line) {
                let message =
                    "a script fetches through a package manager, or from this machine alone";
                findings.push(Finding::at(&file.path, index + 1, message));
            }
            let piped = ["| sh", "| bash", "|sh", "|bash"]
                .iter()
                .any(|pipe| line.contains(pipe));
            if piped
                && !["curl", "wget"]
                    .iter()
                    .all(|word| word_positions(line, word).is_empty())
            {
                findings.push(Finding::at(
                    &file.path,
                    index + 1,
                    "nothing that was fetched is run unseen",
                ));
            }
        }
    }
    findings
}

fn names_other_host(line: &str) -> bool {
    ["http://", "https://", "ssh://", "git@"]
        .iter()
        .any(|scheme| {
            line.match_indices(scheme).any(|(at, _)| {
                let host = &line[at + scheme.len()..];
                !LOOPBACK.iter().any(|name| host.starts_with(name))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fetch_from_elsewhere_is_found() {
        for bad in [
            "curl -O https://example.org/a",
            "git clone https://example.org/a",
            "await fetch(\"http://a.example\")",
        ] {
            let tree = Tree::sample(&[("bin/up", &format!("#!/bin/bash\n{bad}\n"))]);
            assert_eq!(fetches(&tree).len(), 1, "{bad}");
        }
        let piped = Tree::sample(&[("bin/up", "#!/bin/bash\ncurl -s \"$address\" | sh\n")]);
        assert_eq!(fetches(&piped).len(), 1);
    }

    #[test]
    fn this_machine_and_package_managers_are_fine() {
        let good = "#!/bin/bash\ncurl -k https://localhost:8443/\ncurl http://127.0.0.1:1/\napt-get install chromium\n# see https://example.org\n";
        assert_eq!(fetches(&Tree::sample(&[("bin/up", good)])), []);
    }
}
