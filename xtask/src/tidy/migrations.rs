//! Rules over the migrations: every table is walled off by clinic, or listed with its reason.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::sql_text::{statements, without_comments};
use crate::finding::Finding;
use crate::rust_text::{line_of, views, word_positions};
use crate::tree::{TextFile, Tree};

const FOLDER: &str = "crates/store/migrations/";
const UNWALLED_LIST: &str = "crates/store/unwalled-tables.toml";

/// Tables that the migration library makes for itself: they stand in no migration of ours.
const LIBRARY_TABLES: &[&str] = &["refinery_schema_history"];

/// The roles that serve requests. A policy that lets one of them see every row is no wall.
const REQUEST_ROLES: &[&str] = &["public", "clerestory_app", "clerestory_aux"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnwalledList {
    #[serde(default)]
    table: Vec<Unwalled>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unwalled {
    name: String,
    role: String,
    why: String,
}

/// What the migrations, taken together, say of one table.
#[derive(Default)]
struct Table {
    path: String,
    line: usize,
    body: String,
    enabled: bool,
    forced: bool,
    walled: bool,
}

fn migrations(tree: &Tree) -> impl Iterator<Item = &TextFile> {
    tree.with_extension("sql")
        .filter(|file| file.path.starts_with(FOLDER))
}

/// The number in `V12__name.sql`.
fn number(path: &str) -> Option<u32> {
    let name = path.strip_prefix(FOLDER)?.strip_prefix('V')?;
    let (number, rest) = name.split_once("__")?;
    let is_name = |rest: &str| {
        rest.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    rest.strip_suffix(".sql")
        .filter(|rest| !rest.is_empty() && is_name(rest))?;
    number.parse().ok()
}

/// `V1__name.sql`, `V2__…`: no gap, no number twice.
pub(super) fn numbering(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut numbered = Vec::new();
    for file in migrations(tree) {
        match number(&file.path) {
            Some(number) => numbered.push((number, &file.path)),
            None => findings.push(Finding::whole(
                &file.path,
                "a migration is named V<number>__<what_it_does>.sql",
            )),
        }
    }
    numbered.sort();
    for (expected, (number, path)) in (1..).zip(numbered) {
        if number != expected {
            findings.push(Finding::whole(
                path,
                format!("number {number} stands where {expected} was expected"),
            ));
        }
    }
    findings
}

/// Time, randomness and ids come from the application, so that a test can hold them.
pub(super) fn clock_and_dice(tree: &Tree) -> Vec<Finding> {
    const BANNED: &[&str] = &[
        "now()",
        "current_timestamp",
        "current_date",
        "current_time",
        "localtimestamp",
        "localtime",
        "clock_timestamp",
        "statement_timestamp",
        "transaction_timestamp",
        "timeofday",
        "gen_random_uuid",
        "gen_random_bytes",
        "random()",
    ];
    let mut findings = Vec::new();
    for file in tree.files().filter(|file| file.path.starts_with("crates/")) {
        let sql = match file.extension() {
            "sql" => without_comments(&file.text),
            "rs" if file.path.starts_with("crates/store/") => views(&file.text).literals,
            _ => continue,
        };
        let sql = sql.to_ascii_lowercase();
        for word in BANNED {
            for at in word_positions(&sql, word) {
                let message = format!("{word} in SQL: hand the value in as a parameter");
                findings.push(Finding::at(&file.path, line_of(&sql, at), message));
            }
        }
    }
    findings
}

/// A function with its owner's rights names its search path, or a caller chooses what its names mean.
pub(super) fn definers(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in migrations(tree) {
        for statement in statements(&file.text) {
            let text = &statement.text;
            if text.contains("security definer") && !text.contains("set search_path") {
                findings.push(Finding::at(
                    &file.path,
                    statement.line,
                    "security definer without set search_path",
                ));
            }
            if text.starts_with("create view") && !text.contains("security_invoker") {
                findings.push(Finding::at(
                    &file.path,
                    statement.line,
                    "a view goes round the wall: with (security_invoker)",
                ));
            }
        }
    }
    findings
}

/// Each table is walled off by clinic (row-level security enabled and forced, with a policy, its key begins with the
/// clinic) or stands in the list.
pub(super) fn walls(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (tables, policies) = tables(tree);
    findings.extend(policies);
    let listed = match listed(tree) {
        Ok(listed) => listed,
        Err(finding) => return vec![finding],
    };
    for (name, table) in &tables {
        let is_walled = table.enabled && table.forced && table.walled;
        let at = |message: String| Finding::at(&table.path, table.line, message);
        match (is_walled, listed.contains(name)) {
            (true, true) => findings.push(at(format!("{name} is walled and listed in {UNWALLED_LIST}: take it off the list"))),
            (false, false) => findings.push(at(format!(
                "{name} has no clinic wall (enable, force, policy on clinic) and does not stand in {UNWALLED_LIST}"
            ))),
            (true, false) if !key_begins_with_clinic(&table.body) => {
                findings.push(at(format!("{name}: the primary key begins with the clinic")));
            }
            (true, false) | (false, true) => {}
        }
    }
    for name in listed {
        if !tables.contains_key(&name) && !LIBRARY_TABLES.contains(&name.as_str()) {
            findings.push(Finding::whole(
                UNWALLED_LIST,
                format!("{name} is made by no migration"),
            ));
        }
    }
    findings
}

fn listed(tree: &Tree) -> Result<BTreeSet<String>, Finding> {
    let text = match tree.file(UNWALLED_LIST) {
        Some(file) => &file.text,
        None if migrations(tree).next().is_none() => return Ok(BTreeSet::new()),
        None => return Err(Finding::whole(UNWALLED_LIST, "is missing")),
    };
    let list: UnwalledList =
        toml::from_str(text).map_err(|error| Finding::whole(UNWALLED_LIST, error.to_string()))?;
    let empty = list
        .table
        .iter()
        .find(|table| table.role.trim().is_empty() || table.why.trim().is_empty());
    match empty {
        Some(table) => Err(Finding::whole(
            UNWALLED_LIST,
            format!("{} needs its role and its reason", table.name),
        )),
        None => Ok(list.table.into_iter().map(|table| table.name).collect()),
    }
}

fn tables(tree: &Tree) -> (BTreeMap<String, Table>, Vec<Finding>) {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut files: Vec<&TextFile> = migrations(tree).collect();
    files.sort_by_key(|file| number(&file.path));
    for file in files {
        for statement in statements(&file.text) {
            for (text, name) in unrolled(&statement.text) {
                if let Some(made) = table_made(&text) {
                    let table = Table {
                        path: file.path.clone(),
                        line: statement.line,
                        body: text.clone(),
                        ..Table::default()
                    };
                    tables.insert(made, table);
                } else if let Some(dropped) = text.strip_prefix("drop table ") {
                    tables.remove(&plain_name(dropped.trim_start_matches("if exists ")));
                } else if let Some(name) = name {
                    let open = policy_without_wall(&text);
                    if open {
                        let message = format!(
                            "the policy on {name} lets a role of requests see every clinic"
                        );
                        findings.push(Finding::at(&file.path, statement.line, message));
                    }
                    table_change(tables.entry(name).or_default(), &text);
                }
            }
        }
    }
    tables.retain(|_, table| !table.path.is_empty());
    (tables, findings)
}

/// A `foreach … in array array['a', 'b'] loop` over tables, written out; any other statement as it is. With each, the
/// table that it changes.
fn unrolled(text: &str) -> Vec<(String, Option<String>)> {
    if !text.contains(" foreach ") {
        return vec![(text.to_owned(), table_named(text))];
    }
    let mut all = Vec::new();
    for block in text.split(" foreach ").skip(1) {
        let block = block.split("end loop").next().unwrap_or(block);
        let Some((names, body)) = block
            .split_once("array[")
            .and_then(|(_, rest)| rest.split_once(']'))
        else {
            continue;
        };
        let commands = body
            .split("format('")
            .skip(1)
            .filter_map(|rest| rest.split_once("', ").map(|(command, _)| command));
        let commands: Vec<&str> = commands.collect();
        for name in names.split(',').map(|name| name.trim().trim_matches('\'')) {
            for command in &commands {
                let command = command.replace("%i", name);
                let table = table_named(&command);
                all.push((command, table));
            }
        }
    }
    all
}

fn table_made(text: &str) -> Option<String> {
    let rest = ["create table ", "create unlogged table "]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))?;
    Some(plain_name(rest.trim_start_matches("if not exists ")))
}

/// The table of an `alter table` or a `create policy`.
fn table_named(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix("alter table ") {
        return Some(plain_name(
            rest.trim_start_matches("if exists ")
                .trim_start_matches("only "),
        ));
    }
    text.strip_prefix("create policy ")
        .and_then(|rest| rest.split_once(" on "))
        .map(|(_, rest)| plain_name(rest))
}

/// The first word, without schema, quotes and what follows.
fn plain_name(text: &str) -> String {
    let word = text.split([' ', '(', ',', ';']).next().unwrap_or(text);
    word.rsplit('.')
        .next()
        .unwrap_or(word)
        .trim_matches('"')
        .to_owned()
}

fn table_change(table: &mut Table, text: &str) {
    if text.contains("enable row level security") {
        table.enabled = true;
    } else if text.contains("disable row level security") {
        table.enabled = false;
    } else if text.contains("no force row level security") {
        table.forced = false;
    } else if text.contains("force row level security") {
        table.forced = true;
    } else if text.starts_with("create policy ") && text.contains("clinic = clinic_now()") {
        table.walled = true;
    }
}

/// `using (true)` for a role that serves requests.
fn policy_without_wall(text: &str) -> bool {
    if !text.starts_with("create policy ")
        || !(text.contains("using (true)") || text.contains("check (true)"))
    {
        return false;
    }
    let Some((_, roles)) = text.split_once(" to ") else {
        return true;
    };
    let roles = roles
        .split(" using")
        .next()
        .unwrap_or(roles)
        .split(" with")
        .next()
        .unwrap_or(roles);
    roles
        .split(',')
        .any(|role| REQUEST_ROLES.contains(&role.trim()))
}

fn key_begins_with_clinic(body: &str) -> bool {
    body.contains("primary key (clinic,")
        || body.contains("primary key (clinic)")
        || body.contains("clinic uuid not null primary key")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "[[table]]\nname = \"epoch\"\nrole = \"app\"\nwhy = \"platform\"\n";
    const WALL: &str = "ALTER TABLE person ENABLE ROW LEVEL SECURITY;\nALTER TABLE person FORCE ROW LEVEL SECURITY;\n\
                        CREATE POLICY wall ON person USING (clinic = clinic_now()) WITH CHECK (clinic = clinic_now());\n";
    const PERSON: &str =
        "CREATE TABLE person (\n  clinic uuid NOT NULL, id uuid, PRIMARY KEY (clinic, id));\n";
    const EPOCH: &str = "CREATE TABLE epoch (index bigint PRIMARY KEY);\n";

    fn check(sql: &str, list: &str) -> Vec<String> {
        let tree = Tree::sample(&[
            ("crates/store/migrations/V1__all.sql", sql),
            (UNWALLED_LIST, list),
        ]);
        walls(&tree)
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn a_table_without_a_wall_is_found() {
        assert_eq!(
            check(&format!("{PERSON}{WALL}{EPOCH}"), LIST),
            Vec::<String>::new()
        );
        let no_force = format!("{PERSON}{EPOCH}{}", WALL.replace("FORCE", "NO FORCE"));
        assert!(check(&no_force, LIST)[0].starts_with("person has no clinic wall"));
        assert!(
            check(&format!("{PERSON}{EPOCH}"), LIST)[0].starts_with("person has no clinic wall")
        );
        let no_policy = format!(
            "{PERSON}{EPOCH}{}",
            WALL.replace("clinic = clinic_now()", "id IS NOT NULL")
        );
        assert!(check(&no_policy, LIST)[0].starts_with("person has no clinic wall"));
    }

    #[test]
    fn walls_made_in_a_loop_are_seen() {
        let looped = "DO $$\nBEGIN\n FOREACH name IN ARRAY ARRAY['person', 'other'] LOOP\n\
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);\n\
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);\n\
            EXECUTE format('CREATE POLICY wall ON %I USING (clinic = clinic_now())', name);\n END LOOP;\nEND $$;\n";
        assert_eq!(
            check(&format!("{PERSON}{looped}{EPOCH}"), LIST),
            Vec::<String>::new()
        );
        let other = looped.replace("'person', ", "");
        assert!(
            check(&format!("{PERSON}{other}{EPOCH}"), LIST)[0]
                .starts_with("person has no clinic wall")
        );
    }

    #[test]
    fn the_list_is_held_in_both_directions() {
        assert!(check(&format!("{PERSON}{WALL}"), LIST)[0].contains("made by no migration"));
        let walled_and_listed = LIST.replace("epoch", "person");
        assert!(
            check(&format!("{PERSON}{WALL}"), &walled_and_listed)[0]
                .contains("take it off the list")
        );
        assert!(check(EPOCH, &LIST.replace("platform", " "))[0].contains("its reason"));
        assert!(!check(EPOCH, "[[table]]\nname = 1").is_empty());
    }

    #[test]
    fn a_key_that_does_not_begin_with_the_clinic_is_found() {
        let bent = PERSON.replace("PRIMARY KEY (clinic, id)", "PRIMARY KEY (id)");
        assert!(check(&format!("{bent}{WALL}{EPOCH}"), LIST)[0].contains("begins with the clinic"));
    }

    #[test]
    fn an_open_policy_is_found_for_roles_of_requests_alone() {
        let open = "CREATE POLICY all_rows ON person FOR SELECT TO clerestory_app USING (true);\n";
        assert!(
            check(&format!("{PERSON}{WALL}{EPOCH}{open}"), LIST)[0].contains("see every clinic")
        );
        let unnamed = open.replace(" TO clerestory_app", "");
        assert!(
            check(&format!("{PERSON}{WALL}{EPOCH}{unnamed}"), LIST)[0].contains("see every clinic")
        );
        let epoch = open.replace("clerestory_app", "clerestory_epoch");
        assert_eq!(
            check(&format!("{PERSON}{WALL}{EPOCH}{epoch}"), LIST),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_gap_in_the_numbers_is_found() {
        let path = |name: &str| format!("{FOLDER}{name}");
        let names = |names: &[&str]| {
            let files: Vec<(String, &str)> = names.iter().map(|name| (path(name), "")).collect();
            let files: Vec<(&str, &str)> = files
                .iter()
                .map(|(path, text)| (path.as_str(), *text))
                .collect();
            numbering(&Tree::sample(&files)).len()
        };
        assert_eq!(names(&["V1__a.sql", "V2__b.sql", "V10__j.sql"]), 1);
        assert_eq!(names(&["V1__a.sql", "V1__b.sql"]), 1);
        assert_eq!(names(&["V1__a.sql", "second.sql"]), 1);
        assert_eq!(names(&["V1__a.sql", "V2__b.sql"]), 0);
    }

    #[test]
    fn a_clock_in_sql_is_found() {
        let sql = "-- now() is banned\nSELECT clinic_now();\nINSERT INTO a VALUES (now(), CURRENT_TIMESTAMP, gen_random_uuid());";
        let tree = Tree::sample(&[
            ("crates/store/migrations/V1__a.sql", sql),
            (
                "crates/store/src/lib.rs",
                "fn now() {} // now()\nconst A: &str = \"select now()\";",
            ),
        ]);
        let lines: Vec<usize> = clock_and_dice(&tree)
            .iter()
            .map(|finding| finding.line)
            .collect();
        assert_eq!(lines, [3, 3, 3, 2]);
    }

    #[test]
    fn an_unpinned_definer_and_a_plain_view_are_found() {
        let bad = "CREATE FUNCTION f() RETURNS int SECURITY DEFINER LANGUAGE sql AS $$ SELECT 1; $$;\nCREATE VIEW v AS SELECT 1;\n";
        let good = "CREATE FUNCTION f() RETURNS int SECURITY DEFINER SET search_path = public LANGUAGE sql AS $$ SELECT 1; $$;\n\
                    CREATE VIEW v WITH (security_invoker) AS SELECT 1;\n";
        assert_eq!(
            definers(&Tree::sample(&[("crates/store/migrations/V1__a.sql", bad)])).len(),
            2
        );
        assert_eq!(
            definers(&Tree::sample(&[(
                "crates/store/migrations/V1__a.sql",
                good
            )])),
            []
        );
    }
}
