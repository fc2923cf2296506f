//! Tests of the treatment day.
#![expect(clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "tests")]

mod corrections;
mod day;
mod discharge;
mod endings;
mod invariants;
mod later_devices;
mod marks;
mod matrix;
mod model;
mod moved;
mod protocol_file;
mod random;
mod readiness;
mod readouts;
mod standard;
mod standard_form;
mod steps;
mod values;
mod while_dosing;
