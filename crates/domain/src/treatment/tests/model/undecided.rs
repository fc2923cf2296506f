//! What the model says of decisions: what asks for one, and what was put off.

use super::super::super::EpisodeKind;
use super::{Fact, Matter, Model, Verdict, What};

impl Model {
    pub(super) fn undecided(&self, after: bool) -> bool {
        !self.undecided_readings(after).is_empty()
    }

    /// The undecided last pressure and saturation, on one side of the first device.
    pub(super) fn undecided_readings(&self, after: bool) -> Vec<(u32, Matter)> {
        let side = |fact: &Fact| self.is_after_device(fact) == after;
        let readings = self.all(|what| matches!(what, What::Reading { .. }));
        let pressure = readings.iter().rev().find_map(|fact| match fact.what {
            What::Reading {
                pressure: Some(pressure),
                ..
            } if side(fact) => Some((fact, pressure)),
            _ => None,
        });
        let saturation = readings.iter().rev().find_map(|fact| match fact.what {
            What::Reading {
                saturation: Some(saturation),
                ..
            } if side(fact) => Some((fact, saturation)),
            _ => None,
        });
        let pressure = pressure.filter(|(fact, pressure)| self.pressure_out(fact, *pressure));
        let saturation = saturation.filter(|(_, saturation)| *saturation < 94);
        let mut open: Vec<(u32, Matter)> = pressure
            .into_iter()
            .map(|(fact, _)| (fact.seq, Matter::Pressure))
            .chain(
                saturation
                    .into_iter()
                    .map(|(fact, _)| (fact.seq, Matter::Saturation)),
            )
            .collect();
        open.retain(|(seq, matter)| !self.decided(*seq, *matter));
        open
    }

    /// What was answered "not today" and nothing said since, about the same question.
    pub(super) fn put_off(&self) -> Vec<(u32, Matter)> {
        let question = |(about, matter): (u32, Matter)| match matter {
            Matter::Pressure | Matter::Unmeasured => (0, Matter::Pressure),
            Matter::Saturation => (0, Matter::Saturation),
            Matter::Symptoms => (about, Matter::Symptoms),
        };
        let mut open: Vec<(u32, Matter)> = Vec::new();
        for fact in self.all(|what| matches!(what, What::Decision { .. })) {
            let What::Decision {
                about,
                matter,
                verdict,
            } = fact.what
            else {
                continue;
            };
            open.retain(|earlier| question(*earlier) != question((about, matter)));
            if verdict == Verdict::NotToday && !self.struck.contains(&about) {
                open.push((about, matter));
            }
        }
        open
    }

    /// What asks for a decision beside the readings: symptoms, and what was put off.
    pub(super) fn undecided_besides(&self) -> Vec<(u32, Matter)> {
        let symptoms = self.all(|what| *what == What::Symptoms);
        let symptoms = symptoms
            .into_iter()
            .map(|fact| (fact.seq, Matter::Symptoms));
        let mut open: Vec<(u32, Matter)> = symptoms
            .filter(|(seq, matter)| !self.decided(*seq, *matter))
            .collect();
        open.extend(self.put_off());
        open
    }

    /// Symptoms about which the prescriber said nothing, or last of all to wait.
    pub(super) fn symptoms_unweighed(&self) -> bool {
        let symptoms = self.all(|what| *what == What::Symptoms);
        symptoms.into_iter().any(|symptoms| {
            let last = self.last(|what| {
                matches!(what, What::Decision { about, matter: Matter::Symptoms, .. } if *about == symptoms.seq)
            });
            last.is_none_or(|fact| {
                matches!(
                    fact.what,
                    What::Decision {
                        verdict: Verdict::Wait,
                        ..
                    }
                )
            })
        })
    }

    pub(super) fn breathing_open(&self) -> Vec<u32> {
        self.episodes()
            .into_iter()
            .filter(|(_, kind, _, end)| {
                *kind == EpisodeKind::RespiratoryDepression && *end == i64::MAX
            })
            .map(|(seq, ..)| seq)
            .collect()
    }

    /// Nothing came up that stands against a further device.
    pub(super) fn nothing_stands_against_more(&self) -> bool {
        !self.contraindicated()
            && !self.undecided(true)
            && self.undecided_besides().is_empty()
            && self.breathing_open().is_empty()
    }
}
