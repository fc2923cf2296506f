//! Canonical JSON: RFC 8785 for a profile without fractions, and bounded reading.
//!
//! Invariant: a number is an integer within ±(2^53 − 1); the rest of RFC 8785's number rules is not
//! needed and not here.

use serde_json::Value;

/// Largest integer that every JSON reader keeps exactly (RFC 7493, section 2.2).
pub const JSON_INTEGER_MAX: i64 = (1 << 53) - 1;

/// Deepest nesting. A record's body has three levels; a bundle around it adds three.
pub const JSON_DEPTH_MAX: usize = 32;

/// Most values in one text. A long session's bundle has some 10,000; each takes some 100 bytes of memory.
pub const JSON_VALUES_MAX: usize = 200_000;

/// Why a text or value is not canonical JSON of this profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON.
    #[error("not JSON at line {line}, column {column}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// Nested deeper than [`JSON_DEPTH_MAX`].
    #[error("nested deeper than {JSON_DEPTH_MAX} levels")]
    Depth,
    /// More than [`JSON_VALUES_MAX`] values.
    #[error("more than {JSON_VALUES_MAX} values")]
    Values,
    /// A fraction, an exponent, or an integer beyond ±(2^53 − 1).
    #[error("a number that is no integer within ±(2^53 − 1)")]
    Number,
    /// JSON, but not in its canonical form: spaces, order of members, a member twice, spelling of text.
    #[error("not in canonical form from byte {0} on")]
    NotCanonical(usize),
}

/// The canonical bytes of a value: members ordered by UTF-16 code units, no spaces, shortest escapes.
///
/// # Errors
/// If it holds a fraction or an integer beyond ±(2^53 − 1), or is nested too deep.
pub fn canonical(value: &Value) -> Result<Vec<u8>, JsonError> {
    let mut out = Vec::new();
    write_value(&mut out, value, 0)?;
    Ok(out)
}

/// The value of a text that is in canonical form already, within the limits of depth and count.
///
/// # Errors
/// If it is not JSON, not canonical, or beyond the limits. Nothing is built in memory before the limits
/// are checked.
pub fn canonical_parse(bytes: &[u8]) -> Result<Value, JsonError> {
    limits_check(bytes)?;
    let value: Value = serde_json::from_slice(bytes).map_err(|error| JsonError::Syntax {
        line: error.line(),
        column: error.column(),
    })?;
    let again = canonical(&value)?;
    if again == bytes {
        return Ok(value);
    }
    let same = again
        .iter()
        .zip(bytes)
        .take_while(|(left, right)| left == right)
        .count();
    Err(JsonError::NotCanonical(same))
}

/// Depth and number of values, counted by brackets and commas outside of strings.
fn limits_check(bytes: &[u8]) -> Result<(), JsonError> {
    let (mut depth, mut values) = (0_usize, 1_usize);
    let (mut in_string, mut is_escaped) = (false, false);
    for byte in bytes {
        match (in_string, byte) {
            (true, _) if is_escaped => is_escaped = false,
            (true, b'\\') => is_escaped = true,
            (_, b'"') => in_string = !in_string,
            (true, _) => {}
            (false, b'{' | b'[') => {
                depth += 1;
                values += 1;
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            (false, b',') => values += 1,
            (false, _) => {}
        }
        if depth > JSON_DEPTH_MAX {
            return Err(JsonError::Depth);
        }
        if values > JSON_VALUES_MAX {
            return Err(JsonError::Values);
        }
    }
    Ok(())
}

fn write_value(out: &mut Vec<u8>, value: &Value, depth: usize) -> Result<(), JsonError> {
    if depth > JSON_DEPTH_MAX {
        return Err(JsonError::Depth);
    }
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => {
            let range = -JSON_INTEGER_MAX..=JSON_INTEGER_MAX;
            let integer = number.as_i64().filter(|integer| range.contains(integer));
            out.extend_from_slice(integer.ok_or(JsonError::Number)?.to_string().as_bytes());
        }
        Value::String(text) => write_text(out, text),
        Value::Array(values) => {
            out.push(b'[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(out, value, depth + 1)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut ordered: Vec<(&String, &Value)> = members.iter().collect();
            ordered.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
            out.push(b'{');
            for (index, (name, value)) in ordered.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_text(out, name);
                out.push(b':');
                write_value(out, value, depth + 1)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// RFC 8785, section 3.2.2.2.
fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0x00..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}
