//! One form of vital signs against the wanted readings: a value and the word that there is none exclude each other.

use super::super::clocks::check_times;
use super::super::event::Recorded;
use super::super::last_pressure::last_pressure_window;
use super::super::protocol::Protocol;
use super::super::reading::{Absence, Occasion, Vitals};
use super::super::refusal::Refusal;
use super::super::state::State;

/// A reading of now beside the word that the one at 40 minutes was missed is no contradiction; a reading that itself counts
/// as that one is.
pub(super) fn check(
    state: &State<'_>,
    protocol: &Protocol,
    by: &Recorded,
    vitals: &Vitals,
) -> Result<(), Refusal> {
    let counts = |absence: &&Absence| match absence.occasion {
        Occasion::BeforeDosing => state.is_before_dosing(by),
        Occasion::FortyMinutes => check_times(state, protocol).is_some_and(|times| {
            (times.counted_from..=times.counted_until).contains(&by.happened_at)
        }),
        Occasion::BeforeDischarge => {
            last_pressure_window(state, protocol).is_some_and(|from| by.happened_at >= from)
        }
        Occasion::Other => true,
    };
    let denied = vitals
        .absent
        .iter()
        .filter(|absence| vitals.has(absence.kind))
        .find(counts);
    match denied {
        Some(absence) => Err(Refusal::MeasuredAndAbsent {
            kind: absence.kind,
            occasion: absence.occasion,
        }),
        None => Ok(()),
    }
}
