//! What a browser's form sends: names and values, decoded strictly.
//!
//! Invariant: no lossy decoding. Bytes that are not UTF-8 are refused, never replaced, so that a record never holds
//! text that nobody typed.

/// Fields that one form may send: the longest form of ours has some eighty.
const FIELDS_MAX: usize = 300;

/// How many whole seconds lie between the tap on a form's button and this sending of it. The script writes it, so that
/// a form that a lost network held up is not recorded as of its delivery.
pub(crate) const AGE: &str = "age_s";

/// Why a body is no form of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormError {
    /// A `%` without two hexadecimal digits.
    #[error("a percent sign without its two digits")]
    Percent,
    /// Not UTF-8.
    #[error("not UTF-8")]
    Utf8,
    /// A control character other than a tab or the end of a line.
    #[error("a control character")]
    Control,
    /// More fields than any form has.
    #[error("too many fields")]
    TooMany,
}

/// Names and values in the order in which they were sent. No `Debug`: values may be patient data.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Values(Vec<(String, String)>);

impl Values {
    /// Decodes `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// [`FormError`] says what is wrong; nothing is guessed.
    pub(crate) fn decode(body: &[u8]) -> Result<Self, FormError> {
        let mut pairs = Vec::new();
        for part in body
            .split(|byte| *byte == b'&')
            .filter(|part| !part.is_empty())
        {
            if pairs.len() == FIELDS_MAX {
                return Err(FormError::TooMany);
            }
            let cut = part
                .iter()
                .position(|byte| *byte == b'=')
                .unwrap_or(part.len());
            let name = text_decode(&part[..cut])?;
            let value = text_decode(part.get(cut + 1..).unwrap_or_default())?;
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// Values from pairs.
    #[cfg(test)]
    pub(crate) fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    /// The last value sent under a name, without blanks around it; empty when it was not sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .rev()
            .find(|(own, _)| own == name)
            .map_or("", |(_, value)| value.trim())
    }

    /// Every value that is not blank under a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(own, _)| own == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// What follows `prefix` in the names that start with it, each once, in the order sent.
    pub(crate) fn names_after(&self, prefix: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for (name, _) in &self.0 {
            if let Some(rest) = name.strip_prefix(prefix)
                && !rest.is_empty()
                && !found.iter().any(|known| known == rest)
            {
                found.push(rest.to_owned());
            }
        }
        found
    }

    /// What was typed: every pair but those that the page and its script put into the form. The age of the tap grows
    /// with each try, and a form that is sent again has to be known as the same one.
    pub(crate) fn typed(&self) -> Vec<(String, String)> {
        self.0
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "key" | "seen" | "watch" | AGE))
            .cloned()
            .collect()
    }

    /// Puts a value in the place of whatever was sent under its name.
    pub(crate) fn replace(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|(own, _)| own != name);
        self.push(name, value);
    }

    /// Adds a value.
    pub(crate) fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }
}

/// One name or value: `+` is a blank, `%41` a byte; lines end in `\n` whatever the browser sends.
fn text_decode(raw: &[u8]) -> Result<String, FormError> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (Some(high), Some(low)) = (rest.next(), rest.next()) else {
                    return Err(FormError::Percent);
                };
                bytes.push(nibble(*high)? << 4 | nibble(*low)?);
            }
            other => bytes.push(*other),
        }
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| FormError::Utf8)?
        .replace("\r\n", "\n");
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(FormError::Control);
    }
    Ok(text)
}

fn nibble(digit: u8) -> Result<u8, FormError> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
        .ok_or(FormError::Percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_blanks_percent_and_repeats() {
        let values = Values::decode(b"a=1+2&b=%C3%A9&a=3&c&note=x%0D%0Ay").unwrap();
        assert_eq!(values.get("a"), "3");
        assert_eq!(values.all("a").collect::<Vec<_>>(), ["1 2", "3"]);
        assert_eq!(values.get("b"), "é");
        assert_eq!(values.get("c"), "");
        assert_eq!(values.get("note"), "x\ny");
        assert_eq!(values.get("missing"), "");
    }

    #[test]
    fn refuses_what_is_no_text() {
        assert_eq!(Values::decode(b"a=%FF").err(), Some(FormError::Utf8));
        assert_eq!(Values::decode(b"a=%4").err(), Some(FormError::Percent));
        assert_eq!(Values::decode(b"a=%zz").err(), Some(FormError::Percent));
        assert_eq!(Values::decode(b"a=%00").err(), Some(FormError::Control));
        assert_eq!(
            Values::decode(&b"a=1&".repeat(FIELDS_MAX + 1)).err(),
            Some(FormError::TooMany)
        );
    }

    #[test]
    fn a_form_that_was_held_up_is_the_same_form() {
        let typed = |body: &[u8]| Values::decode(body).unwrap().typed();
        let at_once = typed(b"key=k&seen=3&watch=w&when=now&pulse=72&age_s=0");
        assert_eq!(at_once.len(), 2, "when and pulse");
        assert!(at_once == typed(b"key=k&seen=3&watch=w&when=now&pulse=72&age_s=900"));
        assert!(at_once == typed(b"key=k&seen=3&watch=w&when=now&pulse=72"));
        assert!(at_once != typed(b"key=k&seen=3&watch=w&when=now&pulse=73&age_s=0"));
    }

    #[test]
    fn a_replaced_value_stands_once() {
        let mut values = Values::decode(b"when=now&pulse=72&when=now").unwrap();
        values.replace("when", "other");
        assert_eq!(values.all("when").collect::<Vec<_>>(), ["other"]);
        assert_eq!(values.get("pulse"), "72");
    }

    #[test]
    fn names_after_a_prefix_come_once() {
        let values = Values::decode(b"item_ride=yes&item_food=no&item_ride=no&item_=x").unwrap();
        assert_eq!(values.names_after("item_"), ["ride", "food"]);
    }
}
