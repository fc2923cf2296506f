//! The last blood pressure, before monitoring is completed: when a reading counts as it.

use jiff::Timestamp;

use super::clocks::minutes_after;
use super::lacks::minimum_until;
use super::protocol::Protocol;
use super::reading::{Occasion, VitalKind};
use super::state::State;

/// From when a reading counts while discharge comes no later than it can.
pub(super) fn last_pressure_window(state: &State<'_>, protocol: &Protocol) -> Option<Timestamp> {
    let minutes = i64::from(protocol.timing.last_pressure_before_minimum_minutes.value);
    Some(minutes_after(minimum_until(state, protocol)?, -minutes))
}

fn last_pressure_at(state: &State<'_>) -> Option<Timestamp> {
    let held = state.last_reading(VitalKind::BloodPressure, false)?;
    Some(held.by.happened_at)
}

/// When a pressure, or the word why there is none before discharge, came last.
fn last_answer_at(state: &State<'_>) -> Option<Timestamp> {
    let absences = state.vitals.iter().filter(|held| {
        let absence = held
            .what
            .absence(VitalKind::BloodPressure, Occasion::BeforeDischarge);
        absence.is_some()
    });
    absences
        .map(|held| held.by.happened_at)
        .chain(last_pressure_at(state))
        .max()
}

/// From when a reading counts for a discharge at that time, if there is none yet, nor the word why. `None` before the
/// first device, too.
pub(super) fn last_pressure_from(
    state: &State<'_>,
    protocol: &Protocol,
    discharge_at: Timestamp,
) -> Option<Timestamp> {
    let window = last_pressure_window(state, protocol)?;
    lacking_from(state, window.max(oldest_before(protocol, discharge_at)))
}

/// The same of a discharge that was: one before the shortest monitoring was over needed a pressure before itself, for there
/// was none to wait for.
pub(super) fn last_pressure_lacked(
    state: &State<'_>,
    protocol: &Protocol,
    discharge_at: Timestamp,
) -> Option<Timestamp> {
    if discharge_at < minimum_until(state, protocol)? {
        return lacking_from(state, oldest_before(protocol, discharge_at));
    }
    last_pressure_from(state, protocol, discharge_at)
}

/// The oldest that a pressure may be at a discharge.
fn oldest_before(protocol: &Protocol, discharge_at: Timestamp) -> Timestamp {
    let minutes = i64::from(protocol.timing.last_pressure_before_discharge_minutes.value);
    minutes_after(discharge_at, -minutes)
}

/// `from`, unless there is a pressure from then on, or the word why there is none.
fn lacking_from(state: &State<'_>, from: Timestamp) -> Option<Timestamp> {
    let is_answered = state.vitals.iter().any(|held| {
        held.by.happened_at >= from
            && held
                .what
                .absence(VitalKind::BloodPressure, Occasion::BeforeDischarge)
                .is_some()
    });
    let is_taken = last_pressure_at(state).is_some_and(|at| at >= from);
    (!is_answered && !is_taken).then_some(from)
}

/// Since when it is due, if it lacks at `now`: from the first moment that counts, or since the reading that counted
/// became too old.
pub(super) fn last_pressure_due(
    state: &State<'_>,
    protocol: &Protocol,
    now: Timestamp,
) -> Option<Timestamp> {
    last_pressure_from(state, protocol, now)?;
    let from = last_pressure_window(state, protocol)?;
    let minutes = i64::from(protocol.timing.last_pressure_before_discharge_minutes.value);
    Some(match last_answer_at(state) {
        Some(at) if at >= from => minutes_after(at, minutes),
        Some(_) | None => from,
    })
}
