//! Clocks, the rest timer, the reading at about 40 minutes, and what is due.

use jiff::{SignedDuration, Timestamp};

use super::lacks::minimum_until;
use super::last_pressure::last_pressure_due;
use super::protocol::Protocol;
use super::readiness::lacks_of_readiness;
use super::reading::{Occasion, VitalKind};
use super::readout::{Clocks, Due, DueStatus, DueWhat, FortyMinutes, Phase, RestTimer};
use super::session::Session;
use super::state::State;

/// `at` and so many minutes. Saturates: the ends of time are no error here.
pub(super) fn minutes_after(at: Timestamp, minutes: i64) -> Timestamp {
    seconds_after(at, minutes.saturating_mul(60))
}

pub(super) fn seconds_after(at: Timestamp, seconds: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}

/// Whole seconds from one instant to another, rounded down; negative when `to` is earlier.
pub(super) fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second().saturating_sub(from.as_second())
}

/// The times of the reading at about 40 minutes.
pub(super) struct CheckTimes {
    pub(super) due_from: Timestamp,
    pub(super) at: Timestamp,
    pub(super) overdue_after: Timestamp,
    pub(super) counted_from: Timestamp,
    pub(super) counted_until: Timestamp,
}

pub(super) fn check_times(state: &State<'_>, protocol: &Protocol) -> Option<CheckTimes> {
    let timing = &protocol.timing;
    let anchor = state.anchor(timing.check_counts_from.value)?;
    let check = i64::from(timing.check_minutes.value);
    let within = i64::from(timing.check_counted_within_minutes.value);
    Some(CheckTimes {
        due_from: minutes_after(anchor, i64::from(timing.check_due_from_minutes.value)),
        at: minutes_after(anchor, check),
        overdue_after: minutes_after(anchor, i64::from(timing.check_overdue_after_minutes.value)),
        counted_from: minutes_after(anchor, check.saturating_sub(within)),
        counted_until: minutes_after(anchor, check.saturating_add(within)),
    })
}

/// The reading that counts, or the word that there is none. The reading nearest to the time counts.
pub(super) fn check_answer(state: &State<'_>, times: &CheckTimes) -> Option<FortyMinutes> {
    let reading = state
        .vitals
        .iter()
        .filter(|held| held.what.has(VitalKind::BloodPressure))
        .filter(|held| (times.counted_from..=times.counted_until).contains(&held.by.happened_at))
        .min_by_key(|held| seconds_between(times.at, held.by.happened_at).unsigned_abs());
    if let Some(held) = reading {
        return Some(FortyMinutes::Taken { seq: held.by.seq });
    }
    state
        .vitals
        .iter()
        // Before that it could still be taken; why it was not can be written down later.
        .filter(|held| held.by.happened_at >= times.counted_from)
        .filter_map(|held| {
            let absence = held
                .what
                .absence(VitalKind::BloodPressure, Occasion::FortyMinutes)?;
            Some(FortyMinutes::Absent {
                seq: held.by.seq,
                why: absence.why,
            })
        })
        .next_back()
}

fn status(now: Timestamp, from: Timestamp, overdue_after: Option<Timestamp>) -> DueStatus {
    if overdue_after.is_some_and(|after| now > after) {
        DueStatus::Overdue
    } else if now >= from {
        DueStatus::Due
    } else {
        DueStatus::Upcoming
    }
}

impl Session {
    /// Both clocks at `now`, or as they stood when the session ended.
    #[must_use]
    pub fn clocks(&self, protocol: &Protocol, now: Timestamp) -> Clocks {
        let state = self.state();
        let until = state.ended_at().map_or(now, |ended| ended.min(now));
        let since = |from: Option<Timestamp>| from.map(|from| seconds_between(from, until).max(0));
        let minimum_until = minimum_until(&state, protocol);
        Clocks {
            first_device_at: state.first_device_at(),
            last_device_at: state.last_device_at(),
            since_first_s: since(state.first_device_at()),
            since_last_s: since(state.last_device_at()),
            minimum_counts_from: protocol.timing.minimum_counts_from.value,
            minimum_until,
            minimum_left_s: minimum_until.map(|at| seconds_between(until, at).max(0)),
        }
    }

    /// The rest before the next device; `None` unless another one is to come.
    #[must_use]
    pub fn rest(&self, protocol: &Protocol, now: Timestamp) -> Option<RestTimer> {
        let state = self.state();
        if state.phase() != Phase::Dosing {
            return None;
        }
        let from = state.last_device_at()?;
        let until = seconds_after(from, i64::from(protocol.timing.rest_s.value));
        Some(RestTimer {
            from,
            until,
            left_s: seconds_between(now, until).max(0),
        })
    }

    /// How the reading at about 40 minutes stands.
    #[must_use]
    pub fn forty_minutes(&self, protocol: &Protocol, now: Timestamp) -> FortyMinutes {
        forty_minutes(&self.state(), protocol, now)
    }

    /// What is due, was due and comes next, in the order of its time; empty once the session is over.
    #[must_use]
    pub fn due(&self, protocol: &Protocol, now: Timestamp) -> Vec<Due> {
        let state = self.state();
        let mut due = match state.phase() {
            Phase::Arrived | Phase::Cleared => due_before_dosing(&state, protocol, now),
            Phase::Dosing | Phase::Monitoring => due_after_device(&state, protocol, now),
            Phase::Empty
            | Phase::Planned
            | Phase::Discharged
            | Phase::LeftAgainstAdvice
            | Phase::EmergencyCare
            | Phase::Delayed
            | Phase::Cancelled
            | Phase::NoShow => Vec::new(),
        };
        due.sort_by_key(|due| due.from);
        due
    }
}

pub(super) fn forty_minutes(
    state: &State<'_>,
    protocol: &Protocol,
    now: Timestamp,
) -> FortyMinutes {
    let Some(times) = check_times(state, protocol) else {
        return FortyMinutes::NoDevice;
    };
    if let Some(answer) = check_answer(state, &times) {
        return answer;
    }
    let now = state.ended_at().map_or(now, |ended| ended.min(now));
    if now < times.due_from {
        FortyMinutes::Upcoming {
            due_from: times.due_from,
        }
    } else if now <= times.overdue_after {
        FortyMinutes::Due {
            overdue_after: times.overdue_after,
        }
    } else if now <= times.counted_until {
        FortyMinutes::Overdue {
            counted_until: times.counted_until,
        }
    } else {
        FortyMinutes::Missed {
            counted_until: times.counted_until,
        }
    }
}

fn due_before_dosing(state: &State<'_>, protocol: &Protocol, now: Timestamp) -> Vec<Due> {
    let Some(arrival) = state.arrival else {
        return Vec::new();
    };
    let from = arrival.happened_at;
    protocol
        .readings
        .before_dosing
        .value
        .iter()
        .filter(|kind| !super::lacks::has_answer_before_dosing(state, **kind))
        .map(|kind| Due {
            what: DueWhat::ReadingBeforeDosing(*kind),
            from,
            overdue_after: None,
            status: status(now, from, None),
        })
        .collect()
}

fn due_after_device(state: &State<'_>, protocol: &Protocol, now: Timestamp) -> Vec<Due> {
    let (Some(times), Some(minimum), Some(last)) = (
        check_times(state, protocol),
        minimum_until(state, protocol),
        state.last_device_at(),
    ) else {
        return Vec::new();
    };
    let mut list = Vec::new();
    let mut add = |what, from, overdue_after| {
        list.push(Due {
            what,
            from,
            overdue_after,
            status: status(now, from, overdue_after),
        });
    };
    if state.phase() == Phase::Dosing {
        let from = seconds_after(last, i64::from(protocol.timing.rest_s.value));
        add(DueWhat::NextDevice, from, None);
    }
    match forty_minutes(state, protocol, now) {
        FortyMinutes::Upcoming { .. } | FortyMinutes::Due { .. } | FortyMinutes::Overdue { .. } => {
            add(
                DueWhat::FortyMinutePressure,
                times.due_from,
                Some(times.overdue_after),
            );
        }
        FortyMinutes::Missed { counted_until } => {
            add(
                DueWhat::FortyMinuteReason,
                counted_until,
                Some(counted_until),
            );
        }
        FortyMinutes::NoDevice | FortyMinutes::Taken { .. } | FortyMinutes::Absent { .. } => {}
    }
    for episode in state.episodes_open() {
        add(DueWhat::EpisodeResolution(episode.seq), episode.onset, None);
    }
    if let Some(from) = last_pressure_due(state, protocol, now) {
        add(DueWhat::LastPressure, from, None);
    }
    if !lacks_of_readiness(state, protocol).is_empty() {
        add(DueWhat::ReadinessJudgement, times.counted_until, None);
    }
    add(DueWhat::Discharge, minimum, None);
    list
}
