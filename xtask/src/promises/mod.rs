//! `cargo xtask promises`: a promise that is called shown has tests, and they ran and passed.

mod list;
mod results;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use list::{Promise, Status};
use results::{Outcome, Results};

/// What `promises` takes on its command line.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A JUnit file of cargo-nextest; may be given several times.
    #[arg(long, value_name = "FILE")]
    junit: Vec<PathBuf>,
    /// A file of lines `pass|fail|skip SUITE NAME`; may be given several times.
    #[arg(long, value_name = "FILE")]
    results: Vec<PathBuf>,
    /// A suite that was left out on purpose; its tests are named and not asked for.
    #[arg(long, value_name = "SUITE")]
    without: Vec<String>,
}

/// Holds `promises.toml` against what ran. `Ok(true)` when every named test passed.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> anyhow::Result<bool> {
    let path = root.join("promises.toml");
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let promises = list::parse(&text)?;
    let results = read_results(arguments)?;
    let mut wrong = list::wrong(&promises, |document| root.join(document).is_file());
    let mut left_out = Vec::new();
    for promise in &promises {
        for test in &promise.tests {
            if arguments
                .without
                .iter()
                .any(|suite| test.split(' ').next() == Some(suite))
            {
                left_out.push(format!("{} {test}", promise.id));
                continue;
            }
            wrong.extend(missing(promise, test, &results));
        }
    }
    for line in &left_out {
        eprintln!("promises: left out: {line}");
    }
    for line in &wrong {
        eprintln!("promises: {line}");
    }
    eprintln!(
        "promises: {}; {} tests ran, {} wrong",
        summary(&promises),
        results.len(),
        wrong.len()
    );
    Ok(wrong.is_empty())
}

fn read_results(arguments: &Arguments) -> anyhow::Result<Results> {
    let mut all = Results::new();
    for path in &arguments.junit {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let found =
            results::from_junit(&text).with_context(|| format!("reading {}", path.display()))?;
        results::merge(&mut all, found);
    }
    for path in &arguments.results {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let found =
            results::from_lines(&text).with_context(|| format!("reading {}", path.display()))?;
        results::merge(&mut all, found);
    }
    Ok(all)
}

/// What is wrong with one named test, if anything.
fn missing(promise: &Promise, test: &str, results: &Results) -> Option<String> {
    match results.get(test) {
        Some(Outcome::Passed) => None,
        Some(Outcome::Failed) => Some(format!("{}: `{test}` failed", promise.id)),
        Some(Outcome::Skipped) => Some(format!("{}: `{test}` was skipped", promise.id)),
        None => Some(format!(
            "{}: `{test}` does not exist or did not run",
            promise.id
        )),
    }
}

fn summary(promises: &[Promise]) -> String {
    let mut counts: BTreeMap<Status, usize> = BTreeMap::new();
    for promise in promises {
        *counts.entry(promise.status).or_default() += 1;
    }
    let parts = counts
        .iter()
        .map(|(status, count)| format!("{count} {status}"));
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "[[promise]]\nid = \"T1\"\npromise = \"x\"\nstatus = \"shown\"\ntests = [\"ledger a::b\"]\n";

    #[test]
    fn a_named_test_must_have_passed() {
        let promises = list::parse(LIST).expect("the sample is a list");
        let said = |lines: &str| {
            let results = results::from_lines(lines).expect("the sample is lines");
            missing(&promises[0], "ledger a::b", &results)
        };
        assert_eq!(said("pass ledger a::b"), None);
        assert!(said("fail ledger a::b").is_some_and(|message| message.ends_with("failed")));
        assert!(said("skip ledger a::b").is_some_and(|message| message.ends_with("skipped")));
        assert!(said("pass ledger a::c").is_some_and(|message| message.ends_with("did not run")));
        assert_eq!(summary(&promises), "1 shown");
    }

    #[test]
    fn the_checked_in_list_holds_together() {
        let promises =
            list::parse(include_str!("../../../promises.toml")).expect("promises.toml can be read");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        assert_eq!(
            list::wrong(&promises, |document| root.join(document).is_file()),
            Vec::<String>::new()
        );
        assert_eq!(promises.len(), 39, "a promise's id stays for good");
    }
}
