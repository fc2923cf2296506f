//! Where PostgreSQL's programs are.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// Where Debian and its relatives keep one folder for each major version.
const VERSIONS_DIR: &str = "/usr/lib/postgresql";
/// The oldest major version that has all the settings we rely on.
const MAJOR_MIN: u32 = 14;

/// PostgreSQL's programs of one major version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Programs {
    /// The folder with `initdb` and `postgres`.
    pub(crate) folder: PathBuf,
    /// For example 15.
    pub(crate) major: u32,
}

impl Programs {
    /// One program's path.
    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

/// Finds the programs: of the version that an existing cluster was made with, else the newest.
///
/// # Errors
/// None are installed, or not those of the existing cluster.
pub(crate) fn find(cluster_major: Option<u32>) -> anyhow::Result<Programs> {
    let mut found = in_versions_dir(Path::new(VERSIONS_DIR));
    found.extend(in_search_path());
    choose(found, cluster_major)
}

/// The major version that made the cluster in this folder, if there is one.
pub(crate) fn cluster_major(cluster_dir: &Path) -> anyhow::Result<Option<u32>> {
    let file = cluster_dir.join("PG_VERSION");
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let major = text
                .trim()
                .parse()
                .with_context(|| format!("{} holds no version number", file.display()))?;
            Ok(Some(major))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", file.display())),
    }
}

fn choose(mut found: Vec<Programs>, cluster_major: Option<u32>) -> anyhow::Result<Programs> {
    found.sort_by_key(|programs| std::cmp::Reverse(programs.major));
    let Some(wanted) = cluster_major else {
        return match found.into_iter().next() {
            Some(newest) if newest.major >= MAJOR_MIN => Ok(newest),
            Some(old) => bail!(
                "PostgreSQL {} is too old: install version {MAJOR_MIN} or newer.",
                old.major
            ),
            None => bail!(
                "PostgreSQL's programs (initdb, postgres) were not found in {VERSIONS_DIR} or the search path. `bin/up` installs them."
            ),
        };
    };
    found.into_iter().find(|programs| programs.major == wanted).with_context(|| {
        format!("The data folder was made by PostgreSQL {wanted}, whose programs are not installed. Install the package postgresql-{wanted}.")
    })
}

fn in_versions_dir(folder: &Path) -> Vec<Programs> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let major = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        let bin = entry.path().join("bin");
        if let Some(major) = major
            && are_in(&bin)
        {
            found.push(Programs { folder: bin, major });
        }
    }
    found
}

fn in_search_path() -> Vec<Programs> {
    let folders = crate::config::search_path();
    folders
        .into_iter()
        .filter(|folder| are_in(folder))
        .filter_map(with_asked_version)
        .collect()
}

fn are_in(folder: &Path) -> bool {
    ["initdb", "postgres", "createdb"]
        .iter()
        .all(|program| folder.join(program).is_file())
}

/// `postgres (PostgreSQL) 15.18 (Debian …)` → 15.
fn with_asked_version(folder: PathBuf) -> Option<Programs> {
    let said = std::process::Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let major = major_of(&String::from_utf8_lossy(&said.stdout))?;
    Some(Programs { folder, major })
}

fn major_of(version_line: &str) -> Option<u32> {
    let number = version_line.split_once("(PostgreSQL) ")?.1;
    number
        .split(|letter: char| !letter.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn programs(major: u32) -> Programs {
        Programs {
            folder: format!("/p/{major}/bin").into(),
            major,
        }
    }

    #[test]
    fn the_newest_is_taken_for_a_new_cluster() {
        assert_eq!(
            choose(vec![programs(15), programs(17), programs(16)], None).unwrap(),
            programs(17)
        );
    }

    #[test]
    fn an_old_cluster_keeps_its_own_version() {
        assert_eq!(
            choose(vec![programs(17), programs(15)], Some(15)).unwrap(),
            programs(15)
        );
        let error = choose(vec![programs(17)], Some(15))
            .unwrap_err()
            .to_string();
        assert!(error.contains("postgresql-15"), "{error}");
    }

    #[test]
    fn none_and_too_old_are_said() {
        assert!(
            choose(vec![], None)
                .unwrap_err()
                .to_string()
                .contains("bin/up")
        );
        assert!(
            choose(vec![programs(11)], None)
                .unwrap_err()
                .to_string()
                .contains("too old")
        );
    }

    #[test]
    fn versions_are_read_from_what_postgres_says() {
        assert_eq!(
            major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_of("something else"), None);
    }
}
