//! Makes any text printable: what the fonts cannot show, or what would not be seen, is named as ⟨U+XXXX⟩.
//!
//! A glyph that is missing from the fonts is an error under PDF/A, and a record that cannot be printed is worse than
//! one with a character spelled out. Invisible and direction-changing characters are named too: a record must not
//! read differently from what was typed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

/// A run without any place to break a line is given such places once it is longer than this.
const RUN_CHARS_MAX: usize = 20;
/// Distance between the places given to a long run.
const RUN_STEP_CHARS: usize = 6;
/// Marks stacked on one letter; languages need up to three or four, more only climb into the line above.
const MARKS_MAX: usize = 4;
/// The place for a line break that shows nothing itself.
const BREAK: char = '\u{200B}';

/// Which characters may be printed as they are.
pub(crate) enum Printable<'a> {
    /// All that a font has, but for those that were seen to fail.
    Fonts {
        has: &'a dyn Fn(char) -> bool,
        refused: &'a BTreeSet<char>,
    },
    /// ASCII alone: the last resort, which every shipped font can show.
    Ascii,
}

impl Printable<'_> {
    fn allows(&self, c: char) -> bool {
        match self {
            Printable::Fonts { has, refused } => !is_hidden(c) && !refused.contains(&c) && has(c),
            Printable::Ascii => c.is_ascii_graphic() || c == ' ',
        }
    }
}

/// Makes every text in `value` printable. Keys are ours and stay.
pub(crate) fn printable_make(value: &mut Value, printable: &Printable<'_>) {
    match value {
        Value::String(text) => *text = text_printable(text, printable),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| printable_make(item, printable)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| printable_make(field, printable)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// One text, printable. Line ends of all kinds become `\n`, a tab a space.
pub(crate) fn text_printable(text: &str, printable: &Printable<'_>) -> String {
    let mut named = String::with_capacity(text.len());
    let mut marks = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    named.push('\n');
                }
            }
            '\n' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => named.push('\n'),
            '\t' => named.push(' '),
            c if marks <= MARKS_MAX && printable.allows(c) => named.push(c),
            c => name_push(&mut named, c, printable),
        }
    }
    breaks_give(&named)
}

fn name_push(out: &mut String, c: char, printable: &Printable<'_>) {
    let (open, close) = if printable.allows('⟨') {
        ('⟨', '⟩')
    } else {
        ('<', '>')
    };
    // Writing to a string cannot fail.
    let _ = write!(out, "{open}U+{:04X}{close}", u32::from(c));
}

/// Gives a run that is too long for a column places where its line may break.
fn breaks_give(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, run) in text.split(is_break).enumerate() {
        if index > 0 {
            // `split` drops the separator; it is the character before this run.
            out.extend(text[..offset(text, run)].chars().next_back());
        }
        run_push(&mut out, run);
    }
    out
}

fn offset(text: &str, run: &str) -> usize {
    run.as_ptr() as usize - text.as_ptr() as usize
}

fn run_push(out: &mut String, run: &str) {
    if run.chars().count() <= RUN_CHARS_MAX {
        out.push_str(run);
        return;
    }
    let mut since = 0;
    let mut joined = false;
    for c in run.chars() {
        if since >= RUN_STEP_CHARS && !is_mark(c) && !is_joiner(c) && !joined {
            out.push(BREAK);
            since = 0;
        }
        joined = is_joiner(c);
        out.push(c);
        since += 1;
    }
}

fn is_break(c: char) -> bool {
    // A line may break after a named character as well.
    matches!(c, ' ' | '\n' | '-' | '⟩')
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Combining marks and variation selectors.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c),
        0x0300..=0x036F | 0x0483..=0x0489 | 0x0591..=0x05BD | 0x0610..=0x061A | 0x064B..=0x065F | 0x1AB0..=0x1AFF
        | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F)
}

/// Control, direction, tag, private and non-characters, and spaces of no width: never printed as they are.
fn is_hidden(c: char) -> bool {
    let code = u32::from(c);
    c.is_control()
        || matches!(code,
            0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180E | 0x200B | 0x200E | 0x200F
            | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFC | 0x1BCA0..=0x1BCA3
            | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
        || matches!(code, 0xE000..=0xF8FF | 0xF_0000..=0x10_FFFF | 0xFDD0..=0xFDEF)
        || code & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fonts(text: &str) -> String {
        let refused = BTreeSet::from(['é']);
        let has = |c: char| u32::from(c) < 0x2800;
        text_printable(
            text,
            &Printable::Fonts {
                has: &has,
                refused: &refused,
            },
        )
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        let text = "BP 128/82 #strong[x] *a* $b$ \\c \"d\" 'e' <f> @g ~ ⟨ naïve";
        assert_eq!(fonts(text), text);
        assert_eq!(fonts(""), "");
    }

    #[test]
    fn what_cannot_be_shown_is_named() {
        assert_eq!(fonts("a\u{0}b\u{7F}"), "a⟨U+0000⟩b⟨U+007F⟩");
        assert_eq!(fonts("é"), "⟨U+00E9⟩");
        assert_eq!(fonts("中"), "⟨U+4E2D⟩");
        assert_eq!(fonts("\u{202E}evil\u{FEFF}"), "⟨U+202E⟩evil⟨U+FEFF⟩");
        assert_eq!(fonts("\u{10FFFF}"), "⟨U+10FFFF⟩");
    }

    #[test]
    fn the_last_resort_is_ascii() {
        assert_eq!(
            text_printable("né 1\n2", &Printable::Ascii),
            "n<U+00E9> 1\n2"
        );
    }

    #[test]
    fn line_ends_of_all_kinds_are_one() {
        assert_eq!(fonts("a\r\nb\rc\u{2028}d\u{85}e\tf"), "a\nb\nc\nd\ne f");
    }

    #[test]
    fn stacked_marks_are_bounded() {
        let text = format!("a{}", "\u{301}".repeat(7));
        assert_eq!(
            fonts(&text),
            format!("a{}{}", "\u{301}".repeat(4), "⟨U+0301⟩".repeat(3))
        );
    }

    #[test]
    fn long_runs_get_breaks_and_lose_nothing() {
        let word = "x".repeat(50);
        let out = fonts(&format!("short-words stay {word}"));
        assert!(out.starts_with("short-words stay xxxxxx\u{200B}xxxxxx"));
        assert_eq!(out.replace(BREAK, ""), format!("short-words stay {word}"));
        assert!(!fonts("electroencephalogram").contains(BREAK));
    }
}
