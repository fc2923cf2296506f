//! SQL text as statements: comments gone, blanks made one, lower case.

/// One statement of a migration.
pub(super) struct Statement {
    /// The line, from 1, where it begins.
    pub(super) line: usize,
    /// Without comments, in lower case, every run of blanks made one.
    pub(super) text: String,
}

/// Replaces comments by blanks; keeps length and lines. A quoted `--` is no comment.
pub(super) fn without_comments(sql: &str) -> String {
    let mut kept = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '\'' {
            let length = quoted_length(rest);
            kept.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        } else {
            kept.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        kept.extend(
            rest[..length]
                .bytes()
                .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
        );
        rest = &rest[length..];
    }
    kept
}

fn quoted_length(rest: &str) -> usize {
    rest[1..].find('\'').map_or(rest.len(), |end| end + 2)
}

/// Splits at semicolons outside quotes, dollar quotes and `begin atomic … end`.
pub(super) fn statements(sql: &str) -> Vec<Statement> {
    let text = without_comments(sql);
    let mut statements = Vec::new();
    let mut begin = 0;
    let mut at = 0;
    let mut in_dollars = false;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("$$") {
            in_dollars = !in_dollars;
            at += 2;
        } else if rest.starts_with('\'') {
            at += quoted_length(rest);
        } else if rest.starts_with(';') && !in_dollars && !is_inside_atomic(&text[begin..at]) {
            statements.extend(statement(&text, begin, at));
            at += 1;
            begin = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    statements.extend(statement(&text, begin, text.len()));
    statements
}

/// `begin atomic` holds statements of its own until a line that is `end`.
fn is_inside_atomic(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("begin atomic") && lower.split_whitespace().next_back() != Some("end")
}

fn statement(text: &str, begin: usize, end: usize) -> Option<Statement> {
    let raw = &text[begin..end];
    let words: Vec<&str> = raw.split_whitespace().collect();
    if words.is_empty() {
        return None;
    }
    let lead = raw.len() - raw.trim_start().len();
    let line = text[..begin + lead].matches('\n').count() + 1;
    Some(Statement {
        line,
        text: words.join(" ").to_ascii_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_split_where_they_end() {
        let sql = "-- a; b\nCREATE TABLE a (x text DEFAULT ';--');\n\nDO $$ BEGIN x; y; END $$;\n/* c; */ SELECT 1";
        let texts: Vec<(usize, String)> = statements(sql)
            .into_iter()
            .map(|one| (one.line, one.text))
            .collect();
        assert_eq!(
            texts,
            [
                (2, "create table a (x text default ';--')".to_owned()),
                (4, "do $$ begin x; y; end $$".to_owned()),
                (5, "select 1".to_owned()),
            ]
        );
    }

    #[test]
    fn an_atomic_body_is_one_statement() {
        let sql = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC\n SELECT 1;\nEND;\nSELECT 2;";
        assert_eq!(statements(sql).len(), 2);
    }
}
