//! Words: the only text that an entry can hold. Short, lower case, from a small alphabet.
//!
//! Invariant: no type here can hold a space, a capital or a letter outside ASCII, so that neither a
//! sentence nor a person's name as it is written finds its way into the ledger.

use std::borrow::Cow;
use std::fmt;

/// Longest word, in bytes. Long enough for `treatment.device_spray_recorded`, too short for prose.
pub const WORD_BYTES_MAX: usize = 64;

/// A word was empty, too long, or held a character outside its alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a word here has 1 to 64 characters of {alphabet}")]
pub struct WordError {
    alphabet: &'static str,
}

macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $alphabet:literal, $allowed:pat) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Cow<'static, str>);

        impl $name {
            /// A word that is written in the code.
            ///
            /// # Panics
            /// If it is not a word of this kind. Used in a `const`, that is an error of compilation.
            pub const fn literal(word: &'static str) -> Self {
                assert!(Self::is_valid(word), "a word here has 1 to 64 characters of its alphabet");
                Self(Cow::Borrowed(word))
            }

            /// A word from outside.
            ///
            /// # Errors
            /// If it is empty, longer than 64 bytes, or holds a character outside the alphabet.
            pub fn new(word: &str) -> Result<Self, WordError> {
                match Self::is_valid(word) {
                    true => Ok(Self(Cow::Owned(word.to_owned()))),
                    false => Err(WordError { alphabet: $alphabet }),
                }
            }

            /// The word.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            const fn is_valid(word: &str) -> bool {
                let bytes = word.as_bytes();
                if bytes.is_empty() || bytes.len() > WORD_BYTES_MAX {
                    return false;
                }
                let mut index = 0;
                while index < bytes.len() {
                    if !matches!(bytes[index], $allowed) {
                        return false;
                    }
                    index += 1;
                }
                true
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.as_str())
            }
        }
    };
}

word! {
    /// What an entry is about: `opened`, `epoch.closed`. Alphabet `[a-z_.]`.
    Kind, "a-z, _ and .", b'a'..=b'z' | b'_' | b'.'
}
word! {
    /// Why something was opened: `treatment`, `export`. Alphabet `[a-z_.]`.
    Purpose, "a-z, _ and .", b'a'..=b'z' | b'_' | b'.'
}
word! {
    /// Name of a table, a file, a number or a hash within an entry. Alphabet `[a-z0-9_.-]`.
    Name, "a-z, 0-9, _, . and -", b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_to_their_alphabet() {
        assert!(Kind::new("epoch.closed").is_ok());
        assert!(Kind::new("form_2").is_err(), "no digits in a kind");
        assert!(Name::new("record.json").is_ok());
        assert!(Name::new(&"a".repeat(64)).is_ok());
        for bad in ["", "Mara", "mara quillfeather", "ä", "a\n", &"a".repeat(65)] {
            assert!(Kind::new(bad).is_err(), "{bad:?}");
            assert!(Purpose::new(bad).is_err(), "{bad:?}");
            assert!(Name::new(bad).is_err(), "{bad:?}");
        }
    }
}
