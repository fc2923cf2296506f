//! `promises.toml`: each promise, and how far it is kept.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::Context as _;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    promise: Vec<Promise>,
}

/// One promise to the product's users.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Promise {
    /// A letter and a number; stays for good.
    pub(super) id: String,
    /// What is promised, in our words.
    pub(super) promise: String,
    /// How far it is kept.
    pub(super) status: Status,
    /// `SUITE NAME` of each test that shows it.
    #[serde(default)]
    pub(super) tests: Vec<String>,
    /// What is not there yet, where something is not.
    pub(super) missing: Option<String>,
    /// The document, where the promise is kept on paper.
    pub(super) document: Option<String>,
}

/// How far a promise is kept.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Status {
    /// Kept by code, whole, and shown by tests.
    #[serde(rename = "shown")]
    Shown,
    /// A part is kept by code and shown; `missing` says what is not.
    #[serde(rename = "partly")]
    Partly,
    /// Nothing shows it yet.
    #[serde(rename = "not yet")]
    NotYet,
    /// No test can show it: a contract, a policy, a company's conduct.
    #[serde(rename = "paper")]
    Paper,
}

impl fmt::Display for Status {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Shown => "shown",
            Self::Partly => "partly",
            Self::NotYet => "not yet",
            Self::Paper => "paper",
        })
    }
}

/// Reads the list.
pub(super) fn parse(text: &str) -> anyhow::Result<Vec<Promise>> {
    let list: List = toml::from_str(text).context("reading promises.toml")?;
    Ok(list.promise)
}

/// What does not hold together in the list itself.
pub(super) fn wrong(promises: &[Promise], has_document: impl Fn(&str) -> bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for promise in promises {
        if !is_id(&promise.id) {
            wrong.push(format!("{:?} is no id (a letter and a number)", promise.id));
        }
        if !seen.insert(promise.id.as_str()) {
            wrong.push(format!("{} stands there twice", promise.id));
        }
        if promise.promise.trim().is_empty() {
            wrong.push(format!("{} promises nothing", promise.id));
        }
        if let Some(message) = inconsistent(promise) {
            wrong.push(format!("{} is {}: {message}", promise.id, promise.status));
        }
        if let Some(document) = &promise.document
            && !has_document(document)
        {
            wrong.push(format!("{}: {document} is not there", promise.id));
        }
    }
    wrong
}

fn is_id(id: &str) -> bool {
    let mut rest = id.chars();
    rest.next().is_some_and(|first| first.is_ascii_uppercase())
        && !rest.as_str().is_empty()
        && rest.all(|digit| digit.is_ascii_digit())
}

fn inconsistent(promise: &Promise) -> Option<&'static str> {
    let says_missing = promise
        .missing
        .as_deref()
        .is_some_and(|missing| !missing.trim().is_empty());
    match promise.status {
        Status::Shown if promise.tests.is_empty() => Some("then it names its tests"),
        Status::Shown if says_missing => Some("then nothing is missing"),
        Status::Partly if promise.tests.is_empty() => Some("then it names its tests"),
        Status::Partly | Status::NotYet if !says_missing => Some("then it says what is missing"),
        Status::NotYet if !promise.tests.is_empty() => Some("then it names no tests"),
        Status::Paper if promise.document.is_none() && !says_missing => {
            Some("then it names its document, or says that it is missing")
        }
        Status::Shown | Status::Partly | Status::NotYet | Status::Paper => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fields: &str) -> Vec<String> {
        let text = format!("[[promise]]\nid = \"T1\"\npromise = \"x\"\n{fields}\n");
        wrong(&parse(&text).expect("the sample is a list"), |document| {
            document == "docs/there.md"
        })
    }

    #[test]
    fn a_status_needs_what_it_claims() {
        for bad in [
            "status = \"shown\"",
            "status = \"shown\"\ntests = [\"a b\"]\nmissing = \"y\"",
            "status = \"partly\"\nmissing = \"y\"",
            "status = \"partly\"\ntests = [\"a b\"]",
            "status = \"not yet\"",
            "status = \"not yet\"\nmissing = \"y\"\ntests = [\"a b\"]",
            "status = \"paper\"",
            "status = \"paper\"\ndocument = \"docs/gone.md\"",
        ] {
            assert_eq!(said(bad).len(), 1, "{bad}");
        }
        for good in [
            "status = \"shown\"\ntests = [\"a b\"]",
            "status = \"partly\"\ntests = [\"a b\"]\nmissing = \"y\"",
            "status = \"not yet\"\nmissing = \"y\"",
            "status = \"paper\"\ndocument = \"docs/there.md\"",
        ] {
            assert_eq!(said(good), Vec::<String>::new(), "{good}");
        }
    }

    #[test]
    fn ids_are_single_and_well_formed() {
        let entry = |id: &str| {
            format!(
                "[[promise]]\nid = \"{id}\"\npromise = \"x\"\nstatus = \"not yet\"\nmissing = \"y\"\n"
            )
        };
        let twice =
            parse(&format!("{}{}", entry("T1"), entry("T1"))).expect("the sample is a list");
        assert_eq!(wrong(&twice, |_| true), ["T1 stands there twice"]);
        for bad in ["t1", "T", "1", "T1a", ""] {
            let list = parse(&entry(bad)).expect("the sample is a list");
            assert_eq!(wrong(&list, |_| true).len(), 1, "{bad}");
        }
    }

    #[test]
    fn an_unknown_field_or_status_is_refused() {
        assert!(parse("[[promise]]\nid = \"T1\"\npromise = \"x\"\nstatus = \"done\"\n").is_err());
        assert!(
            parse("[[promise]]\nid = \"T1\"\npromise = \"x\"\nstatus = \"shown\"\ntest = []\n")
                .is_err()
        );
    }
}
