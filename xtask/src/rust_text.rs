//! Rust text taken apart into code, comments and literals, so that a rule for one does not trip over another.
//!
//! Each view has the length and the line breaks of the whole; what belongs to another view is blank.

/// The three views of one file.
pub(crate) struct Views {
    /// Everything outside comments and literals.
    pub(crate) code: String,
    /// Line, block and documentation comments.
    pub(crate) comments: String,
    /// The insides of string literals.
    pub(crate) literals: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

/// Takes Rust text apart. Text that is not Rust gives views that are merely less useful.
pub(crate) fn views(text: &str) -> Views {
    let kinds = kinds(text.as_bytes());
    let view = |wanted: Kind| {
        let bytes = text.bytes().zip(&kinds);
        let kept = bytes.map(|(byte, kind)| {
            if *kind == wanted || byte == b'\n' {
                byte
            } else {
                b' '
            }
        });
        String::from_utf8_lossy(&kept.collect::<Vec<u8>>()).into_owned()
    };
    Views {
        code: view(Kind::Code),
        comments: view(Kind::Comment),
        literals: view(Kind::Literal),
    }
}

fn kinds(bytes: &[u8]) -> Vec<Kind> {
    let mut kinds = vec![Kind::Code; bytes.len()];
    let mut at = 0;
    while at < bytes.len() {
        let (kind, end) = token(bytes, at);
        kinds[at..end].fill(kind);
        at = end;
    }
    kinds
}

/// The kind of what begins here, and where it ends.
fn token(bytes: &[u8], at: usize) -> (Kind, usize) {
    let rest = &bytes[at..];
    if rest.starts_with(b"//") {
        let length = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len());
        return (Kind::Comment, at + length);
    }
    if rest.starts_with(b"/*") {
        return (Kind::Comment, at + block_comment_length(rest));
    }
    if rest[0] == b'"' {
        return (Kind::Literal, at + string_length(rest));
    }
    if rest[0] == b'\'' {
        return (Kind::Code, at + character_length(rest));
    }
    if is_word(rest[0]) {
        let raw = if rest[0] == b'r' { 1 } else { 2 };
        let is_raw = rest[0] == b'r' || matches!(rest, [b'b' | b'c', b'r', ..]);
        if is_raw && let Some(length) = raw_string_length(&rest[raw..]) {
            return (Kind::Literal, at + raw + length);
        }
        let length = rest
            .iter()
            .position(|byte| !is_word(*byte))
            .unwrap_or(rest.len());
        return (Kind::Code, at + length);
    }
    (Kind::Code, at + 1)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn block_comment_length(rest: &[u8]) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// A character literal is passed over whole; a lifetime's tick alone.
fn character_length(rest: &[u8]) -> usize {
    if rest.get(1) == Some(&b'\\') {
        let end = rest.iter().skip(3).position(|byte| *byte == b'\'');
        return end.map_or(rest.len(), |end| end + 4);
    }
    // One character of up to four bytes, then the closing tick.
    let end = (2..=5).find(|end| rest.get(*end) == Some(&b'\''));
    match end {
        Some(2) => 3,
        Some(end) if rest.get(1).is_some_and(|byte| !byte.is_ascii()) => end + 1,
        Some(_) | None => 1,
    }
}

/// The length of `#*"…"#*`, if that is what begins here.
fn raw_string_length(rest: &[u8]) -> Option<usize> {
    let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
    if rest.get(hashes) != Some(&b'"') {
        return None;
    }
    let mut closing = vec![b'"'];
    closing.resize(hashes + 1, b'#');
    let inside = &rest[hashes + 1..];
    let end = inside
        .windows(closing.len())
        .position(|window| window == closing);
    Some(end.map_or(rest.len(), |end| hashes + 1 + end + closing.len()))
}

/// The number of the line, from 1, in which a byte stands.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

/// Where a word stands that is neither preceded nor followed by a letter, digit or underscore.
pub(crate) fn word_positions(text: &str, word: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let free = |at: Option<&u8>| at.is_none_or(|byte| !is_word(*byte));
    let first_is_word = word.bytes().next().is_some_and(is_word);
    let last_is_word = word.bytes().last().is_some_and(is_word);
    text.match_indices(word)
        .filter(|(at, _)| {
            !first_is_word || free(at.checked_sub(1).and_then(|before| bytes.get(before)))
        })
        .filter(|(at, _)| !last_is_word || free(bytes.get(at + word.len())))
        .map(|(at, _)| at)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_lands_in_its_own_view() {
        let text = "let a = \"one // two\"; // three \"four\"\nlet b = r#\"five \"six\"\"#; /* 7 /* 8 */ 9 */ end";
        let views = views(text);
        assert_eq!(views.code.len(), text.len());
        assert!(
            views.code.contains("let a =")
                && views.code.contains("let b =")
                && views.code.ends_with("end")
        );
        assert!(
            !views.code.contains("one")
                && !views.code.contains("five")
                && !views.code.contains('9')
        );
        assert!(views.comments.contains("three \"four\"") && views.comments.contains("9 */"));
        assert!(views.literals.contains("one // two") && views.literals.contains("five \"six\""));
    }

    #[test]
    fn a_lifetime_is_no_character() {
        let views = views(
            "fn f<'a>(x: &'a str) -> char { let q = '\"'; let e = '\\''; let u = 'é'; q } // end",
        );
        assert!(views.code.contains("<'a>(x: &'a str)"));
        assert!(views.comments.contains("// end"));
        assert!(views.literals.trim().is_empty());
    }

    #[test]
    fn an_escaped_quote_does_not_end_a_string() {
        let views = views(r#"let a = "he said \"no\" // here"; b"#);
        assert!(views.code.ends_with("; b"));
        assert!(views.comments.trim().is_empty());
    }

    #[test]
    fn words_are_found_whole() {
        assert_eq!(word_positions("now() know() now()", "now()"), [0, 13]);
        assert_eq!(line_of("a\nb\nc", 4), 3);
    }
}
