//! What the model says of a readiness judgement.

use super::{Fact, Matter, Model, What};

/// Outside the limits after dosing.
fn is_high(pressure: Option<(i64, i64)>) -> bool {
    pressure.is_some_and(|(systolic, diastolic)| systolic > 160 || diastolic > 100)
}

fn is_low(saturation: Option<i64>) -> bool {
    saturation.is_some_and(|saturation| saturation < 94)
}

impl Model {
    /// Whether something came up after a judgement that it could not know.
    pub(super) fn something_came_up_after(&self, judgement: &Fact) -> bool {
        self.facts.iter().any(|fact| {
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
        saturation.is_some_and(|(.., saturation)| is_low(*saturation))
            || pressure.is_some_and(|(seq, pressure, _)| {
                is_high(*pressure) && !self.decided(*seq, Matter::Pressure)
            })
    }
}
