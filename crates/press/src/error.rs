//! Why a record could not be printed.
//!
//! Invariant: no variant holds text of the record. The layout engine's own messages can quote it, so they are dropped
//! and only the line of our template is kept.

/// Why a record could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    /// A list is longer than its limit.
    #[error("the record has {count} {what}; at most {max} can be printed")]
    TooMany {
        /// Which list.
        what: &'static str,
        /// How many it has.
        count: usize,
        /// How many it may have.
        max: usize,
    },
    /// One text is longer than [`crate::TEXT_BYTES_MAX`].
    #[error("a text of the record has {bytes} bytes; at most {max} can be printed")]
    TextTooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// All texts together are longer than [`crate::TEXT_BYTES_TOTAL_MAX`].
    #[error("the record's texts have {bytes} bytes in all; at most {max} can be printed")]
    RecordTooLong {
        /// Their length, as far as it was counted.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The time of printing is no date.
    #[error("the time of printing is not a date")]
    GeneratedTime,
    /// A shipped font cannot be read: the program is damaged.
    #[error("a font that belongs to the program cannot be read")]
    Fonts,
    /// The record could not be written as data for the template.
    #[error("the record could not be handed to the template")]
    Data(#[source] serde_json::Error),
    /// The template failed.
    #[error("the page layout failed at {file}, line {line}")]
    Layout {
        /// The template's file; empty when unknown.
        file: String,
        /// Its line, from 1; 0 when unknown.
        line: usize,
    },
    /// The laid-out pages could not be written as PDF/A.
    #[error("the pages could not be written as PDF/A")]
    Export,
}
