//! What the model says of a discharge, and of the readiness judgement that it waits for.

use super::super::super::{Occasion, Phase};
use super::{Fact, MINIMUM, Matter, Model, What};

/// Outside the limits after dosing.
fn is_high(pressure: Option<(i64, i64)>) -> bool {
    pressure.is_some_and(|(systolic, diastolic)| systolic > 160 || diastolic > 100)
}

fn is_low(saturation: Option<i64>) -> bool {
    saturation.is_some_and(|saturation| saturation < 94)
}

impl Model {
    pub(super) fn lacks_for_discharge(&self, at: i64) -> bool {
        let Some(last) = self.last_device() else {
            return true;
        };
        let pressure = |from: i64, until: i64| {
            self.facts.iter().any(|fact| {
                (from..=until).contains(&fact.at)
                    && matches!(
                        fact.what,
                        What::Reading {
                            pressure: Some(_),
                            ..
                        }
                    )
            })
        };
        let declined = |occasion, from: i64| {
            self.facts
                .iter()
                .any(|fact| fact.at >= from && fact.what == What::Declined(occasion))
        };
        let last_from = (last + MINIMUM - 900).max(at - 1_800);
        let unwatched = self.phase() == Phase::Dosing
            || at < last + MINIMUM
            || !(pressure(last + 1_800, last + 3_000)
                || declined(Occasion::FortyMinutes, last + 1_800))
            || !(pressure(last_from, i64::MAX) || declined(Occasion::BeforeDischarge, last_from));
        let open = self.episodes().iter().any(|(.., end)| *end == i64::MAX);
        let judged = self
            .last(|what| matches!(what, What::Judge { .. }))
            .is_some_and(|fact| {
                fact.what == What::Judge { ready: true }
                    && fact.at >= last
                    && !self.something_came_up_after(fact)
                    && !self.readings_deny(fact)
            });
        unwatched || open || !judged || self.undecided(true) || self.symptoms_unweighed()
    }

    /// Whether something came up after a judgement that it could not know.
    pub(super) fn something_came_up_after(&self, judgement: &Fact) -> bool {
        self.facts.iter().any(|fact| {
            if fact.what == What::Symptoms {
                // Written down late, they were not known either.
                return fact.seq > judgement.seq || fact.at > judgement.at;
            }
            let came_up = match &fact.what {
                What::Onset(_) | What::End(_) => true,
                What::Reading {
                    pressure,
                    saturation,
                } => is_high(*pressure) || is_low(*saturation),
                _ => false,
            };
            came_up && (fact.at, fact.seq) > (judgement.at, judgement.seq)
        })
    }

    /// Whether the last readings before a judgement deny that breathing is in range and pressure safe.
    pub(super) fn readings_deny(&self, judgement: &Fact) -> bool {
        let before = |fact: &&Fact| (fact.at, fact.seq) < (judgement.at, judgement.seq);
        let readings = self.all(|what| matches!(what, What::Reading { .. }));
        let readings: Vec<_> = readings
            .into_iter()
            .filter(before)
            .filter_map(|fact| match fact.what {
                What::Reading {
                    pressure,
                    saturation,
                } => Some((fact.seq, pressure, saturation)),
                _ => None,
            })
            .collect();
        let pressure = readings.iter().rfind(|(_, pressure, _)| pressure.is_some());
        let saturation = readings
            .iter()
            .rfind(|(.., saturation)| saturation.is_some());
        saturation.is_some_and(|(seq, _, saturation)| {
            is_low(*saturation) && !self.decided(*seq, Matter::Saturation)
        }) || pressure.is_some_and(|(seq, pressure, _)| {
            is_high(*pressure) && !self.decided(*seq, Matter::Pressure)
        })
    }
}
