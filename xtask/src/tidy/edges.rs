//! Which crate may know which: the house's walls, held against what cargo says.
//!
//! A wall is a crate only where the missing edge forbids something that we want forbidden; the table here is that list.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;

use crate::finding::Finding;
use crate::tree::Tree;

/// What a crate may depend on among ours: `built` for the product, `tested` besides that for its tests.
struct Edges {
    name: &'static str,
    built: &'static [&'static str],
    tested: &'static [&'static str],
}

const EVERYTHING: &[&str] = &["domain", "ledger", "vault", "store", "press", "app", "web"];

const EDGES: &[Edges] = &[
    Edges {
        name: "domain",
        built: &[],
        tested: &[],
    },
    Edges {
        name: "ledger",
        built: &[],
        tested: &[],
    },
    Edges {
        name: "press",
        built: &[],
        tested: &[],
    },
    Edges {
        name: "vault",
        built: &["ledger"],
        tested: &[],
    },
    Edges {
        name: "store",
        built: &["domain", "ledger"],
        tested: &["testkit", "vault"],
    },
    Edges {
        name: "app",
        built: &["domain", "ledger", "vault", "store", "press"],
        tested: &["testkit"],
    },
    Edges {
        name: "web",
        built: &["app", "domain"],
        tested: &["testkit"],
    },
    Edges {
        name: "server",
        built: EVERYTHING,
        tested: &["testkit"],
    },
    Edges {
        name: "testkit",
        built: &["domain", "ledger", "vault", "store", "app"],
        // The integration tests stand there, those of the pages among them.
        tested: &["web"],
    },
    Edges {
        name: "bench",
        built: &[],
        tested: &[],
    },
    Edges {
        name: "xtask",
        built: &[],
        tested: &[],
    },
];

/// Outside parts behind a wall, and the crates that may name them. A name ending in `*` means every name that begins so.
const WALLED: &[(&str, &[&str], &str)] = &[
    (
        "tokio-postgres",
        &["store", "testkit"],
        "only `store` speaks SQL; `testkit` plays the superuser",
    ),
    ("deadpool*", &["store"], "only `store` speaks SQL"),
    ("refinery*", &["store"], "only `store` speaks SQL"),
    ("postgres*", &["store"], "only `store` speaks SQL"),
    ("sqlx*", &[], "tokio-postgres is the database driver"),
    (
        "aws-lc-rs",
        &["ledger", "vault"],
        "only `vault` has ciphers, and `ledger` hashes and checks signatures",
    ),
    ("age", &["vault"], "only `vault` has ciphers and key bytes"),
    (
        "argon2",
        &["vault"],
        "only `vault` has ciphers and key bytes",
    ),
    ("ring", &[], "one provider of ciphers: aws-lc-rs"),
    ("openssl*", &[], "one provider of TLS: rustls"),
    ("typst*", &["press"], "only `press` sets pages"),
    ("askama*", &["web"], "only `web` writes HTML"),
    (
        "axum*",
        &["web", "server", "testkit"],
        "HTTP stays in `web` and `server`",
    ),
    (
        "tower*",
        &["web", "server", "testkit"],
        "HTTP stays in `web` and `server`",
    ),
    (
        "hyper*",
        &["web", "server", "bench"],
        "HTTP stays in `web` and `server`; `bench` is a client",
    ),
    (
        "rustls*",
        &["server", "store", "bench"],
        "connections are made at the edges",
    ),
    ("rcgen", &["server"], "certificates are made at the edge"),
    (
        "zip",
        &["ledger"],
        "bundles are packed and unpacked in one place",
    ),
    ("rand*", &[], "randomness is handed in"),
    ("getrandom", &["vault", "server"], "randomness is handed in"),
    ("chrono", &[], "times are jiff's"),
];

/// What `domain` may name from outside: rules have no clock, no I/O, no randomness, no serialisation.
const DOMAIN_PARTS: &[&str] = &["jiff", "thiserror"];

/// What cargo says of the workspace; only what is asked here.
#[derive(Deserialize)]
pub(super) struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

impl Dependency {
    fn is_for_tests(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

/// Asks cargo for the workspace's crates and what they name, without a network.
pub(super) fn metadata(root: &Path) -> anyhow::Result<Metadata> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--offline",
            "--no-deps",
            "--format-version",
            "1",
        ])
        .current_dir(root)
        .output()
        .context("asking cargo for the crates")?;
    anyhow::ensure!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).context("reading what cargo says of the crates")
}

/// Every edge against the tables.
pub(super) fn check(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let folder = if package.name == "xtask" {
            "xtask".to_owned()
        } else {
            format!("crates/{}", package.name)
        };
        let manifest = format!("{folder}/Cargo.toml");
        let Some(edges) = EDGES.iter().find(|edges| edges.name == package.name) else {
            findings.push(Finding::whole(
                &manifest,
                "a new crate needs its line in xtask/src/tidy/edges.rs and a decision",
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let wrong = if dependency.path.is_some() {
                inside(edges, dependency)
            } else {
                outside(&package.name, dependency)
            };
            findings.extend(wrong.map(|message| Finding::whole(&manifest, message)));
        }
    }
    findings
}

fn inside(edges: &Edges, dependency: &Dependency) -> Option<String> {
    let name = dependency.name.as_str();
    let built = edges.built.contains(&name);
    let tested = dependency.is_for_tests() && (edges.tested.contains(&name) || edges.name == name);
    (!built && !tested).then(|| format!("{} may not depend on {name}", edges.name))
}

fn outside(package: &str, dependency: &Dependency) -> Option<String> {
    let name = dependency.name.as_str();
    if dependency.is_for_tests() {
        return None;
    }
    if package == "domain" && !DOMAIN_PARTS.contains(&name) {
        return Some(format!("domain may not name {name}: rules are pure"));
    }
    WALLED.iter().find_map(|(pattern, allowed, reason)| {
        let meant = pattern
            .strip_suffix('*')
            .map_or(*pattern == name, |prefix| name.starts_with(prefix));
        (meant && !allowed.contains(&package))
            .then(|| format!("{package} may not name {name}: {reason}"))
    })
}

/// Versions stand in one list, the workspace's.
pub(super) fn workspace_dependencies(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree
        .with_extension("toml")
        .filter(|file| file.path.ends_with("/Cargo.toml"))
    {
        let Ok(manifest) = file.text.parse::<toml::Table>() else {
            findings.push(Finding::whole(&file.path, "is no TOML"));
            continue;
        };
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, value) in manifest
                .get(section)
                .and_then(toml::Value::as_table)
                .into_iter()
                .flatten()
            {
                let by_workspace =
                    value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
                if !by_workspace {
                    let message = format!(
                        "{name}: the version stands in the workspace's list (`workspace = true`)"
                    );
                    findings.push(Finding::whole(&file.path, message));
                }
            }
        }
        let lints = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace")?.as_bool());
        if lints != Some(true) {
            findings.push(Finding::whole(
                &file.path,
                "[lints] workspace = true is missing",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(package: &str, dependency: &str, kind: Option<&str>, is_ours: bool) -> Vec<String> {
        let metadata = Metadata {
            packages: vec![Package {
                name: package.to_owned(),
                dependencies: vec![Dependency {
                    name: dependency.to_owned(),
                    kind: kind.map(str::to_owned),
                    path: is_ours.then(String::new),
                }],
            }],
        };
        check(&metadata)
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn a_forbidden_edge_is_found() {
        assert_eq!(
            sample("web", "vault", None, true),
            ["web may not depend on vault"]
        );
        assert_eq!(
            sample("web", "store", Some("dev"), true),
            ["web may not depend on store"]
        );
        assert_eq!(
            sample("vault", "domain", None, true),
            ["vault may not depend on domain"]
        );
        assert_eq!(
            sample("app", "testkit", None, true),
            ["app may not depend on testkit"]
        );
        assert_eq!(sample("stray", "domain", None, true).len(), 1);
        assert_eq!(sample("web", "app", None, true), Vec::<String>::new());
        assert_eq!(
            sample("app", "testkit", Some("dev"), true),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_part_behind_a_wall_is_found() {
        for (package, part) in [
            ("domain", "serde"),
            ("app", "tokio-postgres"),
            ("web", "deadpool-postgres"),
            ("store", "aws-lc-rs"),
            ("app", "typst-pdf"),
            ("server", "rand_chacha"),
            ("app", "axum"),
        ] {
            assert_eq!(
                sample(package, part, None, false).len(),
                1,
                "{package} {part}"
            );
        }
        for (package, part) in [
            ("domain", "jiff"),
            ("store", "tokio-postgres"),
            ("vault", "argon2"),
            ("press", "typst"),
            ("app", "serde"),
        ] {
            assert_eq!(
                sample(package, part, None, false),
                Vec::<String>::new(),
                "{package} {part}"
            );
        }
        assert_eq!(
            sample("domain", "proptest", Some("dev"), false),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_version_beside_the_list_is_found() {
        let manifest = "[dependencies]\na = \"1\"\nb.workspace = true\n[dev-dependencies]\nc = { version = \"2\" }\n";
        let tree = Tree::sample(&[
            ("Cargo.toml", "[workspace.dependencies]\nz = \"1\"\n"),
            ("crates/x/Cargo.toml", manifest),
        ]);
        assert_eq!(workspace_dependencies(&tree).len(), 3);
        let manifest = format!(
            "{}\n[lints]\nworkspace = true\n",
            "[dependencies]\nb.workspace = true"
        );
        assert_eq!(
            workspace_dependencies(&Tree::sample(&[("crates/x/Cargo.toml", &manifest)])),
            []
        );
    }
}
