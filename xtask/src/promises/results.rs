//! What ran, and how it ended: from JUnit files of cargo-nextest, and from plain lines of everything else.

use std::collections::BTreeMap;

use anyhow::Context as _;

/// How a test ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// It ran and held.
    Passed,
    /// It ran and did not hold.
    Failed,
    /// It did not run.
    Skipped,
}

/// Outcomes by `SUITE NAME`.
pub(super) type Results = BTreeMap<String, Outcome>;

/// Reads a JUnit file. The suite is what nextest calls a binary: `ledger`, or `server::day` for `tests/day.rs`.
pub(super) fn from_junit(text: &str) -> anyhow::Result<Results> {
    let document = roxmltree::Document::parse(text).context("a JUnit file is XML")?;
    let mut results = Results::new();
    for suite in document
        .descendants()
        .filter(|node| node.has_tag_name("testsuite"))
    {
        let suite_name = suite.attribute("name").context("a suite without a name")?;
        for case in suite
            .children()
            .filter(|node| node.has_tag_name("testcase"))
        {
            let name = case.attribute("name").context("a test without a name")?;
            let ended = |tag: &str| case.children().any(|node| node.has_tag_name(tag));
            let outcome = if ended("failure") || ended("error") {
                Outcome::Failed
            } else if ended("skipped") {
                Outcome::Skipped
            } else {
                Outcome::Passed
            };
            add(&mut results, format!("{suite_name} {name}"), outcome);
        }
    }
    anyhow::ensure!(!results.is_empty(), "no test in it");
    Ok(results)
}

/// Reads lines `pass|fail|skip SUITE NAME`; empty lines are passed over.
pub(super) fn from_lines(text: &str) -> anyhow::Result<Results> {
    let mut results = Results::new();
    for (index, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let (word, name) = line
            .trim()
            .split_once(' ')
            .with_context(|| format!("line {}: no test named", index + 1))?;
        let outcome = match word {
            "pass" => Outcome::Passed,
            "fail" => Outcome::Failed,
            "skip" => Outcome::Skipped,
            other => anyhow::bail!("line {}: {other:?} is none of pass, fail, skip", index + 1),
        };
        add(&mut results, name.to_owned(), outcome);
    }
    Ok(results)
}

/// Puts one set into another.
pub(super) fn merge(all: &mut Results, more: Results) {
    for (name, outcome) in more {
        add(all, name, outcome);
    }
}

/// A name that comes twice (documentation tests of one item) passed only if it passed each time.
fn add(results: &mut Results, name: String, outcome: Outcome) {
    let entry = results.entry(name).or_insert(outcome);
    if *entry == Outcome::Passed {
        *entry = outcome;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUNIT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="4" failures="1" errors="1">
  <testsuite name="ledger" tests="2">
    <testcase name="tree::tests::roots_match" classname="ledger" time="0.1"/>
    <testcase name="tests::a_b&lt;c&gt;" classname="ledger"><failure type="test failure">no &lt;testcase name="x"/&gt;</failure></testcase>
  </testsuite>
  <testsuite name="server::day" tests="2">
    <testcase name="plays" classname="server::day"><error type="timeout"/></testcase>
    <testcase name="later" classname="server::day"><skipped/></testcase>
  </testsuite>
</testsuites>"#;

    #[test]
    fn a_junit_file_is_read() {
        let results = from_junit(JUNIT).expect("the sample is JUnit");
        let expected = [
            ("ledger tests::a_b<c>", Outcome::Failed),
            ("ledger tree::tests::roots_match", Outcome::Passed),
            ("server::day later", Outcome::Skipped),
            ("server::day plays", Outcome::Failed),
        ];
        let found: Vec<(&str, Outcome)> = results
            .iter()
            .map(|(name, outcome)| (name.as_str(), *outcome))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_empty_or_cut_file_is_an_error() {
        assert!(from_junit("<testsuites/>").is_err());
        assert!(from_junit(&JUNIT[..200]).is_err());
        assert!(from_lines("passed a b").is_err());
        assert!(from_lines("pass").is_err());
    }

    #[test]
    fn one_failure_of_a_name_counts() {
        let mut all =
            from_lines("pass doc a\nfail doc a\npass doc a\n").expect("the sample is lines");
        assert_eq!(all.get("doc a"), Some(&Outcome::Failed));
        merge(
            &mut all,
            from_lines("pass doc a\npass browser day: by touch\n").expect("the sample is lines"),
        );
        assert_eq!(all.get("doc a"), Some(&Outcome::Failed));
        assert_eq!(all.get("browser day: by touch"), Some(&Outcome::Passed));
    }
}
