//! Rules over Rust sources (and, for length and unfinished work, over scripts, styles and SQL as well).

use crate::finding::Finding;
use crate::rust_text::{line_of, views, word_positions};
use crate::tree::{TextFile, Tree};

/// The hard limit of a file's length. Past it, a file has two subjects: ours aim at half of it.
const FILE_LINES_MAX: usize = 600;

/// Extensions of hand-written source.
const SOURCES: &[&str] = &["rs", "sql", "mjs", "js", "css", "html", "sh", "py", "typ"];

/// Words in comments that say that something was left for later. In halves, so that this file passes itself.
const LATER_WORDS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

fn is_source(file: &TextFile) -> bool {
    SOURCES.contains(&file.extension()) || file.is_script()
}

/// `allow` stays silent when its reason has gone; `expect` does not.
pub(super) fn allow_attributes(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("rs") {
        let code = views(&file.text).code;
        for needle in ["#[allow(", "#![allow("] {
            for (at, _) in code.match_indices(needle) {
                let message = "use #[expect(…, reason = \"…\")] instead of allow";
                findings.push(Finding::at(&file.path, line_of(&code, at), message));
            }
        }
    }
    findings
}

/// What is in the tree works; what is missing is said in an issue, not in the code.
pub(super) fn unfinished(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().filter(|file| is_source(file)) {
        let is_rust = file.extension() == "rs";
        let (code, comments) = if is_rust {
            let views = views(&file.text);
            (views.code, views.comments)
        } else {
            (String::new(), file.text.clone())
        };
        for word in LATER_WORDS {
            for at in word_positions(&comments, word) {
                let message =
                    format!("{word}: finish it, or open an issue and say here what is so");
                findings.push(Finding::at(&file.path, line_of(&comments, at), message));
            }
        }
        for word in ["todo!", "unimplemented!"] {
            for at in word_positions(&code, word) {
                let message = format!("{word} is no code");
                findings.push(Finding::at(&file.path, line_of(&code, at), message));
            }
        }
    }
    findings
}

/// A file has one subject.
pub(super) fn length(tree: &Tree) -> Vec<Finding> {
    let too_long = |file: &&TextFile| is_source(file) && file.text.lines().count() > FILE_LINES_MAX;
    let message = |file: &TextFile| {
        let lines = file.text.lines().count();
        format!("{lines} lines, {FILE_LINES_MAX} is the limit: split it by subject")
    };
    tree.files()
        .filter(too_long)
        .map(|file| Finding::whole(&file.path, message(file)))
        .collect()
}

/// A limit is a decision; the reason stands beside it. What bounds a test alone binds nobody.
pub(super) fn limits(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let for_tests = |path: &str| path.contains("/tests/") || path.ends_with("/tests.rs");
    for file in tree
        .with_extension("rs")
        .filter(|file| !for_tests(&file.path))
    {
        let views = views(&file.text);
        let code: Vec<&str> = views
            .code
            .lines()
            .take_while(|line| line.trim() != "#[cfg(test)]")
            .collect();
        let comments: Vec<&str> = views.comments.lines().collect();
        for (index, line) in code.iter().enumerate() {
            let Some(name) = constant_name(line) else {
                continue;
            };
            let is_limit = name.split('_').any(|part| matches!(part, "LIMIT" | "MAX"));
            if is_limit && !has_comment(&code, &comments, index) {
                let message = format!("{name} needs its reason in a comment beside it");
                findings.push(Finding::at(&file.path, index + 1, message));
            }
        }
    }
    findings
}

/// The name in `[pub[(…)]] const NAME: …`.
fn constant_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    if let Some(behind) = rest.strip_prefix("pub") {
        rest = behind.trim_start();
        if rest.starts_with('(') {
            rest = rest.split_once(')')?.1.trim_start();
        }
    }
    let (name, _) = rest.strip_prefix("const ")?.split_once(':')?;
    Some(name.trim()).filter(|name| !name.starts_with("fn "))
}

/// A comment on the line itself, or right above it (attributes may stand between).
fn has_comment(code: &[&str], comments: &[&str], index: usize) -> bool {
    let commented = |at: usize| comments.get(at).is_some_and(|line| !line.trim().is_empty());
    let attribute = |at: usize| {
        code.get(at)
            .is_some_and(|line| line.trim_start().starts_with("#["))
    };
    let mut above = index;
    while above > 0 && attribute(above - 1) && !commented(above - 1) {
        above -= 1;
    }
    commented(index) || (above > 0 && commented(above - 1))
}

/// Ciphers and key derivation are the vault's alone; the ledger hashes and checks signatures.
pub(super) fn ciphers(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree
        .with_extension("rs")
        .filter(|file| !file.path.starts_with("crates/vault/"))
    {
        let code = views(&file.text).code;
        if !code.contains("aws_lc_rs") {
            continue;
        }
        for word in [
            "aead",
            "cipher",
            "hkdf",
            "hmac",
            "key_wrap",
            "agreement",
            "kem",
        ] {
            for at in word_positions(&code, word) {
                let message = format!("{word}: only `vault` has ciphers and key bytes");
                findings.push(Finding::at(&file.path, line_of(&code, at), message));
            }
        }
    }
    findings
}

/// Text put together into SQL is how a value becomes a command; parameters are for values. Tests may: they try every
/// table by its name.
pub(super) fn sql_from_pieces(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let for_tests = |path: &str| path.contains("/tests/") || path.starts_with("crates/testkit/");
    let built = |path: &str| path.starts_with("crates/") && !for_tests(path);
    for file in tree.with_extension("rs").filter(|file| built(&file.path)) {
        let views = views(&file.text);
        for at in word_positions(&views.code, "format!") {
            let literal = views.literals[at..]
                .trim_start()
                .trim_start_matches(['"', '#']);
            let first = literal
                .split_whitespace()
                .next()
                .unwrap_or("")
                .to_ascii_lowercase();
            let second = literal
                .split_whitespace()
                .nth(1)
                .unwrap_or("")
                .to_ascii_lowercase();
            let is_sql = match first.as_str() {
                "select" => literal
                    .to_ascii_lowercase()
                    .split('"')
                    .next()
                    .is_some_and(|sql| sql.contains(" from ")),
                "insert" => second == "into",
                "delete" => second == "from",
                "update" => literal
                    .to_ascii_lowercase()
                    .split('"')
                    .next()
                    .is_some_and(|sql| sql.contains(" set ")),
                _ => false,
            };
            if is_sql {
                let message = "SQL is not put together from text: use parameters";
                findings.push(Finding::at(&file.path, line_of(&views.code, at), message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(path: &str, text: &str) -> Tree {
        Tree::sample(&[(path, text)])
    }

    #[test]
    fn an_allow_is_found_in_code_alone() {
        let bad = one(
            "crates/a/src/lib.rs",
            "#[allow(dead_code)]\nfn f() {}\n#![allow(unused)]\n",
        );
        assert_eq!(allow_attributes(&bad).len(), 2);
        let good = one(
            "crates/a/src/lib.rs",
            "// #[allow(x)]\nconst A: &str = \"#[allow(\";\n#[expect(x, reason = \"y\")]",
        );
        assert_eq!(allow_attributes(&good), []);
    }

    #[test]
    fn unfinished_work_is_found() {
        let bad = format!(
            "fn f() {{ todo!() }}\n// {}: later\nfn g() {{ unimplemented!() }}\n",
            LATER_WORDS[0]
        );
        assert_eq!(unfinished(&one("crates/a/src/lib.rs", &bad)).len(), 3);
        let script = format!("#!/bin/bash\n# {} later\n", LATER_WORDS[1]);
        assert_eq!(
            unfinished(&one("bin/up", &script)),
            [Finding::at(
                "bin/up",
                2,
                format!(
                    "{}: finish it, or open an issue and say here what is so",
                    LATER_WORDS[1]
                )
            )]
        );
        assert_eq!(
            unfinished(&one(
                "crates/a/src/lib.rs",
                "// a todo list is a noun\nfn todos() {}"
            )),
            []
        );
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(
            length(&one(
                "crates/a/src/lib.rs",
                &"\n".repeat(FILE_LINES_MAX + 1)
            ))
            .len(),
            1
        );
        assert_eq!(
            length(&one("crates/a/src/lib.rs", &"\n".repeat(FILE_LINES_MAX))),
            []
        );
        assert_eq!(
            length(&one("Cargo.lock", &"\n".repeat(FILE_LINES_MAX + 1))),
            []
        );
    }

    #[test]
    fn a_limit_without_a_reason_is_found() {
        let bad = "pub const BODY_BYTES_MAX: usize = 1;\n\nconst LIMIT: u8 = 2;\n";
        assert_eq!(limits(&one("crates/a/src/lib.rs", bad)).len(), 2);
        let good = "/// As long as a form gets.\n#[expect(dead_code, reason = \"x\")]\npub(crate) const BODY_BYTES_MAX: usize = 1;\n\
                    const ROOMS_LIMIT: u8 = 2; // the largest clinic has twelve\nconst MAXIMUM: u8 = 1;\n";
        assert_eq!(limits(&one("crates/a/src/lib.rs", good)), []);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{bad}}}\n");
        assert_eq!(limits(&one("crates/a/src/lib.rs", &tests)), []);
        assert_eq!(limits(&one("crates/a/tests/it/main.rs", bad)), []);
    }

    #[test]
    fn a_cipher_outside_the_vault_is_found() {
        let text = "use aws_lc_rs::aead;\nuse aws_lc_rs::{digest, hmac};\n";
        assert_eq!(ciphers(&one("crates/ledger/src/lib.rs", text)).len(), 2);
        assert_eq!(ciphers(&one("crates/vault/src/envelope.rs", text)), []);
        assert_eq!(
            ciphers(&one(
                "crates/ledger/src/hash.rs",
                "use aws_lc_rs::{digest, signature};"
            )),
            []
        );
    }

    #[test]
    fn sql_put_together_is_found() {
        let bad = "let a = format!(\"SELECT x FROM {table}\");\nlet b = format!(\n    \"insert into {t} values (1)\"\n);\n";
        assert_eq!(
            sql_from_pieces(&one("crates/store/src/lib.rs", bad)).len(),
            2
        );
        let good = "let a = format!(\"Select a patient\"); let b = format!(\"update of {x}\"); let c = \"select 1 from a\";";
        assert_eq!(sql_from_pieces(&one("crates/store/src/lib.rs", good)), []);
    }
}
