//! Values beyond the limits, what asks for the prescriber's decision, and what a page offers.

use super::event::{Event, Recorded};
use super::mark::LimitSide;
use super::marks::state_before_dosing;
use super::observation::EpisodeKind;
use super::plan::{Answer, Concern, Decision, DecisionChoice, FirstTreatment, Indication};
use super::protocol::{ChecklistItem, ChecklistKind, Expected, Limits, Protocol};
use super::reading::{Occasion, VitalKind, Vitals};
use super::readout::Offer;
use super::session::Session;
use super::state::{Held, State};

/// One value beyond a limit.
pub(super) struct Outside {
    pub(super) kind: VitalKind,
    pub(super) value: i32,
    pub(super) limit: i32,
    pub(super) side: LimitSide,
    pub(super) diastolic: bool,
}

/// The values of a reading that are beyond these limits.
pub(super) fn outside(vitals: &Vitals, limits: &Limits) -> Vec<Outside> {
    let mut found = Vec::new();
    if let Some(pressure) = vitals.pressure {
        for (value, limit, diastolic) in [
            (pressure.systolic, limits.systolic_max.value, false),
            (pressure.diastolic, limits.diastolic_max.value, true),
        ] {
            if value > limit {
                let (kind, side) = (VitalKind::BloodPressure, LimitSide::Above);
                found.push(Outside {
                    kind,
                    value,
                    limit,
                    side,
                    diastolic,
                });
            }
        }
    }
    for (kind, value, limit) in [
        (VitalKind::Spo2, vitals.spo2, limits.spo2_min.value),
        (
            VitalKind::Respiration,
            vitals.respiration,
            limits.respiration_min.value,
        ),
        (VitalKind::Moaas, vitals.moaas, limits.moaas_min.value),
    ] {
        let Some(value) = value.filter(|value| *value < limit) else {
            continue;
        };
        let critical = kind == VitalKind::Spo2 && value < limits.spo2_critical.value;
        let (limit, side) = if critical {
            (limits.spo2_critical.value, LimitSide::Critical)
        } else {
            (limit, LimitSide::Below)
        };
        found.push(Outside {
            kind,
            value,
            limit,
            side,
            diastolic: false,
        });
    }
    found
}

/// The limits that held when a reading was taken.
pub(super) fn limits_for<'p>(
    state: &State<'_>,
    protocol: &'p Protocol,
    held: &Held<'_, Vitals>,
) -> &'p Limits {
    if state.is_before_dosing(held.by) {
        &protocol.limits_before
    } else {
        &protocol.limits_after
    }
}

/// Whether an answer is other than the item expects. "Not asked" is other than yes and than no.
pub(super) fn is_unexpected(item: &ChecklistItem, answer: Answer) -> bool {
    match item.expected {
        Expected::Yes => answer != Answer::Yes,
        Expected::No => answer != Answer::No,
        Expected::Either => answer == Answer::NotAsked,
    }
}

/// Whether the last decision about a concern was to go on, and nothing changed since.
pub(super) fn is_decided(state: &State<'_>, concern: &Concern) -> bool {
    let Some(held) = state
        .decisions
        .iter()
        .rev()
        .find(|held| held.what.about.contains(concern))
    else {
        return false;
    };
    let is_overtaken = match concern {
        Concern::Checklist { item } => state
            .answer(item)
            .is_some_and(|answer| answer.by.is_after(held.by)),
        Concern::Reading { .. }
        | Concern::NotMeasured { .. }
        | Concern::CrisisSymptoms { .. }
        | Concern::FirstTreatmentDose
        | Concern::NoPrescriberOnSite => false,
    };
    held.what.choice == DecisionChoice::Proceed
        && !is_overtaken
        && !is_corrected_since(state, concern, held)
}

/// Whether what a decision was about was corrected after it: the prescriber saw something else.
fn is_corrected_since(state: &State<'_>, concern: &Concern, held: &Held<'_, Decision>) -> bool {
    let about = match concern {
        Concern::Reading { seq, .. }
        | Concern::NotMeasured { seq, .. }
        | Concern::CrisisSymptoms { seq } => Some(*seq),
        Concern::Checklist { item } => state.answer(item).map(|answer| answer.by.seq),
        Concern::FirstTreatmentDose | Concern::NoPrescriberOnSite => None,
    };
    about
        .and_then(|seq| state.corrected.get(&seq))
        .is_some_and(|correction| *correction > held.by.seq)
}

/// Whether both ask the same question, be it about an earlier or a later reading.
fn is_same_question(one: &Concern, other: &Concern) -> bool {
    let measured = |concern: &Concern| match concern {
        Concern::Reading { kind, .. } | Concern::NotMeasured { kind, .. } => Some(*kind),
        Concern::CrisisSymptoms { .. }
        | Concern::Checklist { .. }
        | Concern::FirstTreatmentDose
        | Concern::NoPrescriberOnSite => None,
    };
    one == other || measured(one).is_some_and(|kind| measured(other) == Some(kind))
}

/// What the prescriber answered with "not today". A recheck in range does not take that back, as it does "wait": only the
/// prescriber does. A first dose that is planned lower since is no question any more.
fn concerns_put_off(state: &State<'_>, protocol: &Protocol) -> Vec<Concern> {
    let mut put_off: Vec<Concern> = Vec::new();
    for held in &state.decisions {
        put_off.retain(|concern| {
            let is_same = |about: &Concern| is_same_question(about, concern);
            !held.what.about.iter().any(is_same)
        });
        if held.what.choice == DecisionChoice::Delay {
            let stands = |concern: &&Concern| {
                !is_corrected_since(state, concern, held)
                    && (**concern != Concern::FirstTreatmentDose
                        || is_first_dose_high(state, protocol))
            };
            put_off.extend(held.what.about.iter().filter(stands).cloned());
        }
    }
    put_off
}

fn crisis_symptoms(state: &State<'_>) -> impl Iterator<Item = Concern> {
    let crisis = |by: &&&Recorded| matches!(by.event, Event::CrisisSymptomsRecorded(_));
    let found = state.events.iter().filter(crisis);
    found.map(|by| Concern::CrisisSymptoms { seq: by.seq })
}

/// Symptoms that the prescriber has not weighed: nobody decided about them, or the last word was to wait and look again.
pub(super) fn crisis_symptoms_unweighed<'s>(
    state: &'s State<'_>,
) -> impl Iterator<Item = Concern> + 's {
    crisis_symptoms(state).filter(|concern| {
        let decisions = state.decisions.iter().rev();
        let last = decisions
            .filter(|held| held.what.about.contains(concern))
            .find(|held| !is_corrected_since(state, concern, held));
        last.is_none_or(|held| held.what.choice == DecisionChoice::Wait)
    })
}

/// Adds what is not among them yet.
fn add(concerns: &mut Vec<Concern>, more: impl IntoIterator<Item = Concern>) {
    for concern in more {
        if !concerns.contains(&concern) {
            concerns.push(concern);
        }
    }
}

/// What asks for the prescriber's decision before the first device, decided or not.
pub(super) fn concerns_before_dosing(state: &State<'_>, protocol: &Protocol) -> Vec<Concern> {
    let mut concerns = reading_concerns(state, protocol, true);
    for kind in &protocol.readings.before_dosing.value {
        if state.last_reading(*kind, true).is_none()
            && let Some(held) = state
                .vitals
                .iter()
                .rev()
                .find(|held| held.what.absence(*kind, Occasion::BeforeDosing).is_some())
        {
            concerns.push(Concern::NotMeasured {
                seq: held.by.seq,
                kind: *kind,
            });
        }
    }
    add(&mut concerns, concerns_at_any_time(state, protocol));
    concerns
}

/// What asks for the prescriber's decision once the first device is given, decided or not: readings after it, and what the
/// checklist, a changed plan or the patient's symptoms brought up meanwhile.
pub(super) fn concerns_while_dosing(state: &State<'_>, protocol: &Protocol) -> Vec<Concern> {
    let mut concerns = reading_concerns(state, protocol, false);
    add(&mut concerns, concerns_at_any_time(state, protocol));
    concerns
}

/// What asks for a decision on whichever side of the first device it came up.
fn concerns_at_any_time(state: &State<'_>, protocol: &Protocol) -> Vec<Concern> {
    let mut concerns = Vec::new();
    for item in &protocol.checklist {
        if item.kind == ChecklistKind::PrescriberDecides
            && state
                .answer(&item.id)
                .is_some_and(|held| is_unexpected(item, held.what.answer))
        {
            concerns.push(Concern::Checklist {
                item: item.id.clone(),
            });
        }
    }
    if is_first_dose_high(state, protocol) {
        concerns.push(Concern::FirstTreatmentDose);
    }
    concerns.extend(crisis_symptoms(state));
    add(&mut concerns, concerns_put_off(state, protocol));
    concerns
}

pub(super) fn is_first_dose_high(state: &State<'_>, protocol: &Protocol) -> bool {
    state.plan.as_ref().is_some_and(|plan| {
        plan.first_treatment == FirstTreatment::First
            && plan.indication == Indication::TreatmentResistant
            && plan.dose_mg > protocol.dosing.first_treatment_trd_mg.value
    })
}

/// The last reading of each kind, where it is beyond the limits: a recheck in range clears.
pub(super) fn reading_concerns(
    state: &State<'_>,
    protocol: &Protocol,
    before_dosing: bool,
) -> Vec<Concern> {
    VitalKind::ALL
        .into_iter()
        .filter(|kind| before_dosing || asks_decision_after(*kind))
        .filter_map(|kind| {
            let held = state.last_reading(kind, before_dosing)?;
            let limits = limits_for(state, protocol, held);
            let is_outside = outside(held.what, limits)
                .iter()
                .any(|found| found.kind == kind);
            is_outside.then_some(Concern::Reading {
                seq: held.by.seq,
                kind,
            })
        })
        .collect()
}

/// After a device, sedation is expected and is followed as an episode: no decision is asked on it.
const fn asks_decision_after(kind: VitalKind) -> bool {
    match kind {
        VitalKind::BloodPressure | VitalKind::Pulse | VitalKind::Spo2 | VitalKind::Respiration => {
            true
        }
        VitalKind::Moaas => false,
    }
}

/// Whether a decision can be about this at all: something raises it, or it was put off.
pub(super) fn is_raised(state: &State<'_>, protocol: &Protocol, concern: &Concern) -> bool {
    if concerns_put_off(state, protocol).contains(concern) {
        return true;
    }
    match concern {
        Concern::Reading { seq, kind } => state.vitals.iter().any(|held| {
            held.by.seq == *seq
                && outside(held.what, limits_for(state, protocol, held))
                    .iter()
                    .any(|found| found.kind == *kind)
        }),
        Concern::NotMeasured { seq, kind } => state.vitals.iter().any(|held| {
            held.by.seq == *seq && held.what.absent.iter().any(|absence| absence.kind == *kind)
        }),
        Concern::Checklist { item } => protocol.checklist_item(item).is_some_and(|item| {
            item.kind == ChecklistKind::PrescriberDecides
                && state
                    .answer(&item.id)
                    .is_none_or(|held| is_unexpected(item, held.what.answer))
        }),
        Concern::CrisisSymptoms { .. } => crisis_symptoms(state).any(|raised| raised == *concern),
        Concern::FirstTreatmentDose => is_first_dose_high(state, protocol),
        Concern::NoPrescriberOnSite => true,
    }
}

impl Session {
    /// What asks for the prescriber's decision now. Who is signed in as on site is not known here.
    #[must_use]
    pub fn open_concerns(&self, protocol: &Protocol) -> Vec<Concern> {
        let state = self.state();
        if !state.phase().is_present() {
            return Vec::new();
        }
        let mut concerns = if state.first_device().is_some() {
            concerns_while_dosing(&state, protocol)
        } else {
            concerns_before_dosing(&state, protocol)
        };
        concerns.retain(|concern| !is_decided(&state, concern));
        concerns
    }

    /// What the prescriber may decide about now: what asks for it, nobody on site before clearing, and what was not decided
    /// before the first device. What was decided in time can be written down later.
    #[must_use]
    pub fn concerns_to_decide(&self, protocol: &Protocol) -> Vec<Concern> {
        let state = self.state();
        let mut concerns = self.open_concerns(protocol);
        if !state.phase().is_present() {
            return concerns;
        }
        let mut others = match state.first_device() {
            Some(first) => {
                let known = state_before_dosing(&state, first.what.first_spray_at, first.by.seq);
                concerns_before_dosing(&known, protocol)
            }
            None if state.clearing.is_none() => vec![Concern::NoPrescriberOnSite],
            None => Vec::new(),
        };
        others.retain(|concern| !is_decided(&state, concern) && !concerns.contains(concern));
        concerns.append(&mut others);
        concerns
    }

    /// What a page offers after the latest values. Only a person takes it up.
    #[must_use]
    pub fn offers(&self, protocol: &Protocol) -> Vec<Offer> {
        let state = self.state();
        if !state.phase().is_present() {
            return Vec::new();
        }
        let mut offers: Vec<Offer> = Vec::new();
        for kind in VitalKind::ALL {
            let Some(episode) = episode_suggested(kind) else {
                continue;
            };
            let Some(held) = state.vitals.iter().rev().find(|held| held.what.has(kind)) else {
                continue;
            };
            let limits = limits_for(&state, protocol, held);
            let Some(found) = outside(held.what, limits)
                .into_iter()
                .find(|found| found.kind == kind)
            else {
                continue;
            };
            let followed = state.episodes.iter().any(|known| {
                known.kind == episode
                    && known
                        .resolved_at
                        .is_none_or(|resolved| resolved >= held.by.happened_at)
            });
            let known = offers
                .iter()
                .any(|Offer::OpenEpisode { kind, .. }| *kind == episode);
            if !followed && !known {
                offers.push(Offer::OpenEpisode {
                    kind: episode,
                    reading: held.by.seq,
                    critical: found.side == LimitSide::Critical,
                });
            }
        }
        offers
    }
}

const fn episode_suggested(kind: VitalKind) -> Option<EpisodeKind> {
    match kind {
        VitalKind::Moaas => Some(EpisodeKind::Sedation),
        VitalKind::Spo2 | VitalKind::Respiration => Some(EpisodeKind::RespiratoryDepression),
        VitalKind::BloodPressure | VitalKind::Pulse => None,
    }
}
