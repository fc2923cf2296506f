//! Collects what stands out, from the effective events alone: the same record gives the same marks.

use jiff::Timestamp;

use super::clocks::{check_answer, check_times, seconds_between};
use super::concerns::{is_unexpected, limits_for, outside};
use super::device::{Basis, DeviceOutcome, DeviceUse};
use super::ending::{Discharge, LeftAgainstAdvice};
use super::event::{Event, Recorded};
use super::form::question;
use super::lacks::{
    lacked_at_discharge, lacks_for_clearing, lacks_for_further_device, lacks_known_before_dosing,
    lacks_of_device, lacks_of_discharge,
};
use super::mark::Mark;
use super::observation::Seriousness;
use super::plan::{Clearing, DecisionChoice};
use super::protocol::Protocol;
use super::refusal::Lack;
use super::session::Session;
use super::state::{Held, State};

impl Session {
    /// Everything that stands out, in the order of `seq`; what is about the session as a whole comes
    /// last.
    #[must_use]
    pub fn marks(&self, protocol: &Protocol) -> Vec<Mark> {
        let state = self.state();
        let mut marks = Vec::new();
        for recorded in &state.events {
            marks_of_event(&state, protocol, recorded, &mut marks);
            if !self.is_time_corrected(recorded)
                && let Some(mark) = late_entry(protocol, recorded)
            {
                marks.push(mark);
            }
        }
        marks.extend(device_marks(&state, protocol));
        marks.extend(self.corrected().iter().map(|(seq, by)| Mark::Corrected {
            seq: *seq,
            correction: *by,
        }));
        self.marks_of_seriousness(protocol, &mut marks);
        marks_of_whole(&state, protocol, &mut marks);
        marks.sort_by_key(|mark| mark.seq().unwrap_or(u32::MAX));
        marks
    }

    /// The marks of this session that an earlier state of it did not have yet.
    #[must_use]
    pub fn marks_brought(&self, before: &Self, protocol: &Protocol) -> Vec<Mark> {
        let known = before.marks(protocol);
        let mut marks = self.marks(protocol);
        marks.retain(|mark| !known.contains(mark));
        marks
    }

    /// Whether a correction gave the event another time: when it was received says nothing of that one.
    fn is_time_corrected(&self, present: &Recorded) -> bool {
        self.recorded()
            .iter()
            .find(|original| original.seq == present.seq)
            .is_some_and(|original| original.happened_at != present.happened_at)
    }

    fn marks_of_seriousness(&self, protocol: &Protocol, marks: &mut Vec<Mark>) {
        for recorded in self.effective() {
            let Some((subject, _)) = question(recorded) else {
                continue;
            };
            if self.seriousness(subject) == Some(Seriousness::NotYetAnswered) {
                marks.push(Mark::SeriousnessOpen { seq: recorded.seq });
            }
        }
        let owed = self.reports_owed(protocol);
        marks.extend(owed.into_iter().map(|report| Mark::ReportOwed { report }));
    }
}

fn marks_of_event(state: &State<'_>, protocol: &Protocol, by: &Recorded, marks: &mut Vec<Mark>) {
    let seq = by.seq;
    match &by.event {
        Event::VitalsRecorded(what) => {
            marks.extend(reading_marks(state, protocol, Held { by, what }))
        }
        Event::ChecklistAnswered(answers) => {
            marks.extend(answers.iter().filter_map(|answer| {
                let item = protocol.checklist_item(&answer.item)?;
                let stands_out = item.expected != super::protocol::Expected::Either
                    && is_unexpected(item, answer.answer);
                stands_out.then(|| Mark::ChecklistAnswer {
                    seq,
                    item: answer.item.clone(),
                    answer: answer.answer,
                })
            }));
        }
        Event::DecisionRecorded(decision) if decision.choice == DecisionChoice::Proceed => {
            marks.extend(decision.about.iter().map(|concern| Mark::DecidedToProceed {
                seq,
                concern: concern.clone(),
            }));
        }
        Event::Cleared(clearing) => marks.extend(cleared_marks(state, protocol, by, clearing)),
        Event::DosingStopped { .. } => marks.push(Mark::DosingStopped {
            seq,
            given_mg: state_known_at(state, by.happened_at, seq).given_mg(),
            intended_mg: state.intended_mg(),
        }),
        Event::EpisodeOpened(episode) => {
            marks.push(Mark::Episode {
                seq,
                kind: episode.kind,
            });
        }
        Event::VomitingRecorded { .. } => marks.push(Mark::Vomiting { seq }),
        Event::CrisisSymptomsRecorded(_) => marks.push(Mark::CrisisSymptoms { seq }),
        Event::MedicineGiven(_) => marks.push(Mark::MedicineGiven { seq }),
        Event::AdverseEventRecorded(_) => marks.push(Mark::AdverseEvent { seq }),
        Event::EmergencyCalled { .. } => marks.push(Mark::EmergencyCalled { seq }),
        Event::Discharged(discharge) => {
            marks.extend(discharge_marks(
                state,
                protocol,
                seq,
                by.happened_at,
                discharge,
            ));
        }
        Event::LeftAgainstAdvice(departure) => {
            marks.push(Mark::LeftAgainstAdvice { seq });
            if let LeftAgainstAdvice::FoundGone { last_seen_at, .. } = departure {
                marks.push(Mark::FoundGone {
                    seq,
                    last_seen_at: *last_seen_at,
                });
            }
        }
        Event::SentToEmergencyCare(_) => marks.push(Mark::SentToEmergencyCare { seq }),
        Event::Planned(_)
        | Event::PlanChanged(_)
        | Event::Arrived
        | Event::DecisionRecorded(_)
        | Event::DeviceGiven(_)
        | Event::EpisodeResolved(_)
        | Event::NoneObserved { .. }
        | Event::EmergencyArrived { .. }
        | Event::HandedOver { .. }
        | Event::ReadinessJudged(_)
        | Event::Delayed { .. }
        | Event::Cancelled { .. }
        | Event::NoShow { .. }
        | Event::Corrected(_)
        | Event::AddendumAdded(_)
        | Event::SeriousAnswered(_)
        | Event::ReportTicked { .. } => {}
    }
}

fn reading_marks(
    state: &State<'_>,
    protocol: &Protocol,
    held: Held<'_, super::reading::Vitals>,
) -> Vec<Mark> {
    let seq = held.by.seq;
    let limits = limits_for(state, protocol, &held);
    let values = outside(held.what, limits)
        .into_iter()
        .map(|found| Mark::ReadingOutsideLimits {
            seq,
            kind: found.kind,
            value: found.value,
            limit: found.limit,
            side: found.side,
            diastolic: found.diastolic,
        });
    let absences = held.what.absent.iter().map(|absence| Mark::NotMeasured {
        seq,
        kind: absence.kind,
        why: absence.why,
        occasion: absence.occasion,
    });
    values.chain(absences).collect()
}

/// The plan may lie days back, and what comes after the end is late by its nature.
fn late_entry(protocol: &Protocol, by: &Recorded) -> Option<Mark> {
    let is_exempt = matches!(
        by.event,
        Event::Planned(_)
            | Event::AddendumAdded(_)
            | Event::SeriousAnswered(_)
            | Event::ReportTicked { .. }
    );
    if is_exempt {
        return None;
    }
    let minutes = seconds_between(by.happened_at, by.received_at).div_euclid(60);
    (minutes > i64::from(protocol.timing.late_entry_minutes.value)).then_some(Mark::LateEntry {
        seq: by.seq,
        minutes,
    })
}

fn marks_of_whole(state: &State<'_>, protocol: &Protocol, marks: &mut Vec<Mark>) {
    let Some(times) = check_times(state, protocol) else {
        return;
    };
    let latest = state.ended_at().or_else(|| state.latest_at());
    if check_answer(state, &times).is_none() && latest > Some(times.counted_until) {
        let (from, until) = (times.counted_from, times.counted_until);
        marks.push(Mark::FortyMinuteReadingMissed { from, until });
    }
    if state.ending.is_none() {
        return;
    }
    for kind in &protocol.readings.every_session.value {
        if !state.vitals.iter().any(|held| held.what.has(*kind)) {
            marks.push(Mark::NeverMeasured { kind: *kind });
        }
    }
    for episode in state.episodes_open() {
        marks.push(Mark::EpisodeUnresolved {
            seq: episode.seq,
            kind: episode.kind,
        });
    }
}

pub(super) fn discharge_marks(
    state: &State<'_>,
    protocol: &Protocol,
    seq: u32,
    at: Timestamp,
    discharge: &Discharge,
) -> Vec<Mark> {
    let mut lacks = lacked_at_discharge(state, protocol, at);
    lacks.extend(lacks_of_discharge(discharge));
    lacks
        .into_iter()
        .map(|lack| {
            if let Lack::MinimumTime { until } = lack {
                Mark::DischargedEarly {
                    seq,
                    possible_from: until,
                }
            } else {
                Mark::DischargedLacking { seq, lack }
            }
        })
        .collect()
}

/// What a clearing lacked that was written down afterwards; one that was taken now lacked nothing.
pub(super) fn cleared_marks(
    state: &State<'_>,
    protocol: &Protocol,
    by: &Recorded,
    clearing: &Clearing,
) -> Vec<Mark> {
    if clearing.basis == Basis::Now {
        return Vec::new();
    }
    let known = state_before_dosing(state, by.happened_at, by.seq);
    lacks_for_clearing(&known, protocol, Some(clearing))
        .into_iter()
        .map(|lack| Mark::ClearedLacking { seq: by.seq, lack })
        .collect()
}

/// The marks of every device, in the order in which they were given.
pub(super) fn device_marks(state: &State<'_>, protocol: &Protocol) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut before: Option<&Held<'_, DeviceUse>> = None;
    let mut given_mg = 0_u32;
    for device in &state.devices {
        let (seq, what) = (device.by.seq, device.what);
        marks.extend(own_marks(protocol, device));
        if what.sprays == 0 {
            continue; // Nothing was given: no rule of dosing was touched.
        }
        marks.extend(clearing_marks(state, protocol, device, before.is_none()));
        if before.is_some() {
            let known = state_known_at(state, what.first_spray_at, seq);
            marks.extend(
                lacks_for_further_device(&known, protocol)
                    .into_iter()
                    .map(|lack| Mark::DeviceLacking { seq, lack }),
            );
        }
        if let Some(before) = before {
            let rest_s = seconds_between(before.what.last_spray_at, what.first_spray_at);
            let required_s = protocol.timing.rest_s.value;
            if rest_s < i64::from(required_s) {
                marks.push(Mark::RestTooShort {
                    seq,
                    rest_s,
                    required_s,
                });
            }
        }
        given_mg = given_mg.saturating_add(u32::from(what.sprays).saturating_mul(state.spray_mg()));
        let intended_mg = state.intended_mg();
        if given_mg > intended_mg {
            marks.push(Mark::DeviceBeyondDose {
                seq,
                given_mg,
                intended_mg,
            });
        }
        if state
            .stop
            .is_some_and(|stop| stop.happened_at < what.first_spray_at)
        {
            marks.push(Mark::DeviceAfterStop { seq });
        }
        before = Some(device);
    }
    marks
}

fn clearing_marks(
    state: &State<'_>,
    protocol: &Protocol,
    device: &Held<'_, DeviceUse>,
    is_first: bool,
) -> Vec<Mark> {
    let (seq, at) = (device.by.seq, device.what.first_spray_at);
    let is_cleared = state.clearing.is_some_and(|held| held.by.happened_at <= at);
    let mut marks = Vec::new();
    if !is_cleared {
        marks.push(Mark::DeviceWithoutClearing { seq });
    }
    if is_first {
        let known = state_before_dosing(state, at, seq);
        let lacks = match is_cleared {
            true => lacks_for_clearing(&known, protocol, None),
            // Without a clearing nothing need have been asked yet; what was known all the same is not passed over.
            false => lacks_known_before_dosing(&known, protocol),
        };
        marks.extend(
            lacks
                .into_iter()
                .map(|lack| Mark::DeviceLacking { seq, lack }),
        );
    }
    marks
}

/// What was known when the event with this time and `seq` came.
pub(super) fn state_known_at<'a>(state: &State<'a>, at: Timestamp, seq: u32) -> State<'a> {
    state_known(state, at, seq, |_| true)
}

/// What was known when the event with this time and `seq` came, were no device given yet.
pub(super) fn state_before_dosing<'a>(state: &State<'a>, at: Timestamp, seq: u32) -> State<'a> {
    state_known(state, at, seq, |event| {
        !matches!(event, Event::DeviceGiven(_))
    })
}

fn state_known<'a>(
    state: &State<'a>,
    at: Timestamp,
    seq: u32,
    counts: impl Fn(&Event) -> bool,
) -> State<'a> {
    let known = state.events.iter().copied().filter(|recorded| {
        matches!(recorded.event, Event::Planned(_))
            || ((recorded.happened_at, recorded.seq) < (at, seq) && counts(&recorded.event))
    });
    State::build(known, &state.corrected)
}

fn own_marks(protocol: &Protocol, held: &Held<'_, DeviceUse>) -> Vec<Mark> {
    let (seq, device) = (held.by.seq, held.what);
    let sprays = device.sprays;
    let mut marks = Vec::new();
    for lack in lacks_of_device(device, protocol, held.by.taken_by) {
        if let Lack::DeviceInDate { expires } = lack {
            marks.push(Mark::DeviceExpired {
                seq,
                expires,
                given_on: device.given_on,
            });
        } else if let Lack::UnusedDevice { dots, .. } = lack {
            marks.push(Mark::DeviceNotUnused { seq, dots });
        } else {
            marks.push(Mark::DeviceDetailMissing { seq, lack });
        }
    }
    if sprays == 0 {
        // An expired or used device that delivered nothing harmed nobody.
        marks.retain(|mark| matches!(mark, Mark::DeviceDetailMissing { .. }));
    }
    if device.dots_before.checked_sub(sprays) != Some(device.dots_after) {
        marks.push(Mark::IndicatorMismatch {
            seq,
            dots: device.dots_after,
            sprays,
        });
    }
    match device.outcome {
        DeviceOutcome::Complete => {}
        DeviceOutcome::PartlyUsed(_) => marks.push(Mark::DevicePartlyUsed { seq, sprays }),
        DeviceOutcome::Failed(_) => marks.push(Mark::DeviceFailed { seq, sprays }),
    }
    marks
}
