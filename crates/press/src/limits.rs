//! What a record may hold at most, so that printing stays bounded in time and memory.

use serde_json::Value;

use crate::{PressError, RecordPrint};

/// Events of a session. A busy day has about a hundred; 2,000 are some 40 pages, and some 200 MB while they are laid out.
pub const EVENTS_MAX: usize = 2_000;
/// Readings of a session: one each minute for two thirds of a day.
pub const READINGS_MAX: usize = 1_000;
/// Rows of any other list.
pub const ROWS_MAX: usize = 500;
/// Bytes (UTF-8) of one text: some eight printed pages.
pub const TEXT_BYTES_MAX: usize = 32 * 1024;
/// Bytes of all texts together.
pub const TEXT_BYTES_TOTAL_MAX: usize = 4 * 1024 * 1024;

/// Refuses a record that is too long to print.
///
/// # Errors
/// [`PressError::TooMany`], naming the list.
pub(crate) fn counts_check(record: &RecordPrint) -> Result<(), PressError> {
    let plot = record.plot.as_ref();
    let lists = [
        ("events", record.events.len(), EVENTS_MAX),
        ("readings", record.vitals.len(), READINGS_MAX),
        (
            "readings in the plot",
            plot.map_or(0, |plot| plot.readings.len()),
            READINGS_MAX,
        ),
        (
            "devices in the plot",
            plot.map_or(0, |plot| plot.devices_minute.len()),
            ROWS_MAX,
        ),
        (
            "limits in the plot",
            plot.map_or(0, |plot| plot.limits.len()),
            ROWS_MAX,
        ),
        ("address lines", record.clinic.address.len(), ROWS_MAX),
        ("patient ids", record.patient.ids.len(), ROWS_MAX),
        ("session details", record.session.more.len(), ROWS_MAX),
        ("key times", record.key_times.len(), ROWS_MAX),
        ("marks", record.marks.len(), ROWS_MAX),
        ("devices", record.devices.len(), ROWS_MAX),
        ("checklist items", record.checklist.len(), ROWS_MAX),
        ("episodes", record.episodes.len(), ROWS_MAX),
        ("decisions", record.decisions.len(), ROWS_MAX),
        ("medicines", record.medicines.len(), ROWS_MAX),
        ("adverse events", record.adverse_events.len(), ROWS_MAX),
        ("readiness judgments", record.readiness.len(), ROWS_MAX),
        ("discharge lines", record.discharge.len(), ROWS_MAX),
        ("form answers", record.form.len(), ROWS_MAX),
        ("people", record.people.len(), ROWS_MAX),
        ("corrections", record.corrections.len(), ROWS_MAX),
        ("addenda", record.addenda.len(), ROWS_MAX),
        ("references", record.check.references.len(), ROWS_MAX),
        ("sentences on checking", record.check.words.len(), ROWS_MAX),
        ("notices", record.notices.len(), ROWS_MAX),
    ];
    match lists.into_iter().find(|(_, count, max)| count > max) {
        Some((what, count, max)) => Err(PressError::TooMany { what, count, max }),
        None => Ok(()),
    }
}

/// Refuses texts that are too long, one by one and together.
///
/// # Errors
/// [`PressError::TextTooLong`] or [`PressError::RecordTooLong`].
pub(crate) fn texts_check(value: &Value) -> Result<(), PressError> {
    let mut total = 0;
    texts_count(value, &mut total)
}

fn texts_count(value: &Value, total: &mut usize) -> Result<(), PressError> {
    match value {
        Value::String(text) => {
            if text.len() > TEXT_BYTES_MAX {
                return Err(PressError::TextTooLong {
                    bytes: text.len(),
                    max: TEXT_BYTES_MAX,
                });
            }
            *total += text.len();
            if *total > TEXT_BYTES_TOTAL_MAX {
                return Err(PressError::RecordTooLong {
                    bytes: *total,
                    max: TEXT_BYTES_TOTAL_MAX,
                });
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| texts_count(item, total)),
        Value::Object(fields) => fields
            .values()
            .try_for_each(|field| texts_count(field, total)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}
