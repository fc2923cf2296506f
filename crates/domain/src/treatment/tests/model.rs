//! A plain model of the day: a flat list of facts in seconds, and the rules written once more, without
//! the fold, the marks or the types of the real thing.

mod devices;
mod discharge;
mod record;
mod undecided;

use super::super::{EpisodeKind, Occasion, Phase};

/// How a device or discharge is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entered {
    Now,
    AlreadyWithReason,
    AlreadySilent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matter {
    Pressure,
    Saturation,
    Unmeasured,
    Symptoms,
}

/// What the prescriber decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    GoOn,
    Wait,
    NotToday,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Plan(i64),
    Arrive,
    Answers {
        sound: bool,
    },
    Reading {
        pressure: Option<(i64, i64)>,
        saturation: Option<i64>,
    },
    Declined(Occasion),
    Symptoms,
    Decision {
        about: u32,
        matter: Matter,
        verdict: Verdict,
    },
    Clear,
    Device {
        sprays: i64,
        entered: Entered,
    },
    Stop,
    Onset(EpisodeKind),
    End(u32),
    Judge {
        ready: bool,
    },
    Discharge(Entered),
    Leave,
    Send,
    Delay,
    Cancel,
    NoShow,
    Addendum,
    HandOver,
    Strike(u32),
}

impl What {
    /// What is only written down can come after the patient has left.
    fn needs_patient(&self) -> bool {
        matches!(
            self,
            What::Arrive
                | What::Reading { .. }
                | What::Symptoms
                | What::Device { .. }
                | What::Onset(_)
                | What::End(_)
                | What::Judge { .. }
        )
    }

    fn ends_in(&self) -> Option<Phase> {
        match self {
            What::Discharge(_) => Some(Phase::Discharged),
            What::Leave => Some(Phase::LeftAgainstAdvice),
            What::Send => Some(Phase::EmergencyCare),
            What::Delay => Some(Phase::Delayed),
            What::Cancel => Some(Phase::Cancelled),
            What::NoShow => Some(Phase::NoShow),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) seq: u32,
    at: i64,
    pub(super) what: What,
}

/// What was recorded and not struck, and how many events there are in all.
#[derive(Clone, Default)]
pub(super) struct Model {
    pub(super) facts: Vec<Fact>,
    struck: Vec<u32>,
    strikes: Vec<u32>,
    addenda: Vec<u32>,
    pub(super) count: u32,
}

const REST: i64 = 300;

pub(super) const MINIMUM: i64 = 7_200;

impl Model {
    fn all(&self, test: impl Fn(&What) -> bool) -> Vec<&Fact> {
        let mut found: Vec<&Fact> = self.facts.iter().filter(|fact| test(&fact.what)).collect();
        found.sort_by_key(|fact| (fact.at, fact.seq));
        found
    }

    fn last(&self, test: impl Fn(&What) -> bool) -> Option<&Fact> {
        self.all(test).pop()
    }

    fn devices(&self) -> Vec<(&Fact, i64)> {
        self.all(|what| matches!(what, What::Device { sprays: 1.., .. }))
            .into_iter()
            .map(|fact| {
                let What::Device { sprays, .. } = fact.what else {
                    unreachable!()
                };
                (fact, sprays)
            })
            .collect()
    }

    fn at_of(&self, what: &What) -> Option<i64> {
        self.last(|other| other == what).map(|fact| fact.at)
    }

    fn arrived_at(&self) -> Option<i64> {
        self.at_of(&What::Arrive)
    }

    fn cleared_at(&self) -> Option<i64> {
        self.at_of(&What::Clear)
    }

    fn stop(&self) -> Option<&Fact> {
        self.last(|what| *what == What::Stop)
    }

    pub(super) fn given(&self) -> i64 {
        self.devices().iter().map(|(_, sprays)| sprays * 14).sum()
    }

    fn dose(&self) -> i64 {
        let plan = self.last(|what| matches!(what, What::Plan(_)));
        plan.map_or(0, |fact| {
            if let What::Plan(dose) = fact.what {
                dose
            } else {
                0
            }
        })
    }

    fn first_device(&self) -> Option<i64> {
        self.devices().first().map(|(fact, _)| fact.at)
    }

    pub(super) fn last_device(&self) -> Option<i64> {
        self.devices().last().map(|(fact, _)| fact.at)
    }

    pub(super) fn ending(&self) -> Option<(i64, Phase)> {
        self.facts
            .iter()
            .rev()
            .find_map(|fact| Some((fact.at, fact.what.ends_in()?)))
    }

    pub(super) fn phase(&self) -> Phase {
        if let Some((_, phase)) = self.ending() {
            phase
        } else if !self.devices().is_empty() {
            if self.stop().is_some() || self.given() >= self.dose() {
                Phase::Monitoring
            } else {
                Phase::Dosing
            }
        } else if self.arrived_at().is_some() {
            if self.cleared_at().is_some() {
                Phase::Cleared
            } else {
                Phase::Arrived
            }
        } else if self.facts.is_empty() {
            Phase::Empty
        } else {
            Phase::Planned
        }
    }

    /// Onset, resolution and kind of each episode.
    fn episodes(&self) -> Vec<(u32, EpisodeKind, i64, i64)> {
        self.all(|what| matches!(what, What::Onset(_)))
            .into_iter()
            .map(|fact| {
                let What::Onset(kind) = fact.what else {
                    unreachable!()
                };
                let end = self
                    .facts
                    .iter()
                    .find(|end| end.what == What::End(fact.seq));
                (fact.seq, kind, fact.at, end.map_or(i64::MAX, |end| end.at))
            })
            .collect()
    }

    fn decided(&self, about: u32, matter: Matter) -> bool {
        let last = self.last(
            |what| matches!(what, What::Decision { about: a, matter: m, .. } if *a == about && *m == matter),
        );
        last.is_some_and(|fact| {
            matches!(
                fact.what,
                What::Decision {
                    verdict: Verdict::GoOn,
                    ..
                }
            )
        })
    }

    /// Within one second, what was recorded first came first.
    fn is_after_device(&self, fact: &Fact) -> bool {
        self.devices()
            .first()
            .is_some_and(|(device, _)| (fact.at, fact.seq) > (device.at, device.seq))
    }

    fn pressure_out(&self, fact: &Fact, (systolic, diastolic): (i64, i64)) -> bool {
        if self.is_after_device(fact) {
            systolic > 160 || diastolic > 100
        } else {
            systolic > 140 || diastolic > 90
        }
    }

    /// Answered so that no dose may be given at all.
    fn contraindicated(&self) -> bool {
        let answers = self.last(|what| matches!(what, What::Answers { .. }));
        answers.is_some_and(|fact| fact.what == What::Answers { sound: false })
    }

    fn measured_before_dosing(&self) -> bool {
        self.facts.iter().any(|fact| {
            let pressure = matches!(
                fact.what,
                What::Reading {
                    pressure: Some(_),
                    ..
                }
            );
            pressure && !self.is_after_device(fact)
        })
    }

    fn declined_undecided(&self) -> Option<u32> {
        let declined = self.last(|what| *what == What::Declined(Occasion::BeforeDosing))?;
        let open =
            !self.measured_before_dosing() && !self.decided(declined.seq, Matter::Unmeasured);
        open.then_some(declined.seq)
    }

    fn ready_to_clear(&self) -> bool {
        let answers = self.last(|what| matches!(what, What::Answers { .. }));
        let sound = answers.is_some_and(|fact| fact.what == What::Answers { sound: true });
        let declined = self.last(|what| *what == What::Declined(Occasion::BeforeDosing));
        let answered = self.measured_before_dosing()
            || (declined.is_some() && self.declined_undecided().is_none());
        sound
            && answered
            && !self.undecided(false)
            && self.undecided_besides().is_empty()
            && self.breathing_open().is_empty()
    }

    fn gate(&self, what: &What) -> Result<(), &'static str> {
        let phase = self.phase();
        let device = !self.devices().is_empty();
        let allowed = |allowed: bool| if allowed { Ok(()) } else { Err("wrong_phase") };
        match phase {
            Phase::Empty => return allowed(matches!(what, What::Plan(_))),
            Phase::Discharged | Phase::LeftAgainstAdvice | Phase::EmergencyCare => {
                return if *what == What::Addendum {
                    Ok(())
                } else {
                    Err("locked")
                };
            }
            Phase::Delayed | Phase::Cancelled | Phase::NoShow => {
                return allowed(matches!(what, What::Addendum | What::Strike(_)));
            }
            Phase::Planned => {
                return match what {
                    What::Plan(_) => Err("already_done"),
                    What::Addendum => Err("wrong_phase"),
                    What::Arrive
                    | What::HandOver
                    | What::Delay
                    | What::Cancel
                    | What::NoShow
                    | What::Strike(_) => Ok(()),
                    _ => Err("lacks"),
                };
            }
            Phase::Arrived | Phase::Cleared | Phase::Dosing | Phase::Monitoring => {}
        }
        match what {
            What::Plan(_) | What::Arrive => Err("already_done"),
            What::Clear if self.cleared_at().is_some() => Err("already_done"),
            What::Stop if phase != Phase::Dosing => Err(if self.stop().is_some() {
                "already_done"
            } else {
                "wrong_phase"
            }),
            What::Judge { .. } | What::Discharge(_) => allowed(device),
            What::Delay | What::Cancel | What::NoShow if device => Err("after_device"),
            What::NoShow | What::Addendum => Err("wrong_phase"),
            _ => Ok(()),
        }
    }

    /// Whether one fact can be true beside the others.
    fn stands(&self, fact: &Fact) -> Result<(), &'static str> {
        let in_house = !matches!(
            fact.what,
            What::Plan(_)
                | What::Arrive
                | What::HandOver
                | What::Delay
                | What::Cancel
                | What::NoShow
                | What::Addendum
        );
        if in_house {
            match self.arrived_at() {
                None => return Err("lacks"),
                Some(arrived) if fact.at < arrived => return Err("before_arrival"),
                Some(_) => {}
            }
        }
        match fact.what {
            What::Stop | What::Judge { .. } => match self.first_device() {
                None => Err("wrong_phase"),
                Some(first) if fact.at < first => Err("out_of_order"),
                Some(_) => Ok(()),
            },
            What::Declined(Occasion::FortyMinutes | Occasion::BeforeDischarge)
                if self.devices().is_empty() =>
            {
                Err("contradiction")
            }
            What::Decision { about, .. } => {
                let early = self
                    .facts
                    .iter()
                    .any(|other| other.seq == about && other.at > fact.at);
                if early { Err("out_of_order") } else { Ok(()) }
            }
            What::Onset(kind) => {
                let overlaps = self.episodes().into_iter().any(|(seq, other, onset, end)| {
                    other == kind && seq < fact.seq && onset <= fact.at && fact.at < end
                });
                if overlaps {
                    Err("episode_open")
                } else {
                    Ok(())
                }
            }
            What::End(onset) => {
                let known = self
                    .facts
                    .iter()
                    .find(|other| other.seq == onset && matches!(other.what, What::Onset(_)));
                let ended = self
                    .facts
                    .iter()
                    .any(|other| other.seq < fact.seq && other.what == What::End(onset));
                match known {
                    None => Err("unknown"),
                    Some(_) if ended => Err("already_done"),
                    Some(known) if fact.at < known.at => Err("out_of_order"),
                    Some(known) => {
                        let runs_into = self.facts.iter().any(|other| {
                            other.seq != onset
                                && other.what == known.what
                                && (known.at..fact.at).contains(&other.at)
                        });
                        if runs_into {
                            Err("episodes_overlap")
                        } else {
                            Ok(())
                        }
                    }
                }
            }
            What::Discharge(_) | What::Leave | What::Send | What::Delay | What::Cancel => {
                let latest = self
                    .facts
                    .iter()
                    .filter(|other| other.what.needs_patient())
                    .map(|other| other.at)
                    .max();
                if latest > Some(fact.at) {
                    Err("out_of_order")
                } else {
                    Ok(())
                }
            }
            What::Addendum => {
                let early = self.facts.iter().any(|other| {
                    other.seq < fact.seq && other.at > fact.at && other.what.ends_in().is_some()
                });
                if early { Err("out_of_order") } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    fn strike(&self, target: u32) -> Result<(), &'static str> {
        if target >= self.count {
            return Err("unknown");
        }
        if target == 0 || self.strikes.contains(&target) || self.addenda.contains(&target) {
            return Err("not_correctable");
        }
        if self.struck.contains(&target) {
            return Err("already_done");
        }
        let mut left = self.clone();
        left.facts.retain(|fact| fact.seq != target);
        if left.facts.iter().all(|fact| left.stands(fact).is_ok()) {
            Ok(())
        } else {
            Err("correction_breaks")
        }
    }

    pub(super) fn predict(&self, what: &What, at: i64, now: i64) -> Result<(), &'static str> {
        self.gate(what)?;
        if at > now {
            return Err("in_future");
        }
        if let What::Reading {
            pressure: Some((systolic, diastolic)),
            ..
        } = what
            && diastolic >= systolic
        {
            return Err("impossible");
        }
        if let What::Strike(target) = what {
            return self.strike(*target);
        }
        let fact = Fact {
            seq: self.count,
            at,
            what: what.clone(),
        };
        let mut after = self.clone();
        after.facts.push(fact.clone());
        after.stands(&fact)?;
        match *what {
            What::Clear if !self.known_at(at, self.count).ready_to_clear() => Err("lacks"),
            What::Device { sprays, entered } => self.predict_device(&after, at, sprays, entered),
            What::Decision { about, matter, .. } => {
                let raised = self.facts.iter().any(|fact| {
                    fact.seq == about
                        && match (&fact.what, matter) {
                            (
                                What::Reading {
                                    pressure: Some(pressure),
                                    ..
                                },
                                Matter::Pressure,
                            ) => self.pressure_out(fact, *pressure),
                            (
                                What::Reading {
                                    saturation: Some(saturation),
                                    ..
                                },
                                Matter::Saturation,
                            ) => *saturation < 94,
                            (What::Declined(_), Matter::Unmeasured)
                            | (What::Symptoms, Matter::Symptoms) => true,
                            _ => false,
                        }
                });
                if raised { Ok(()) } else { Err("unknown") }
            }
            What::Judge { ready: true } => {
                let open = self
                    .episodes()
                    .into_iter()
                    .any(|(_, _, onset, end)| onset <= at && at < end);
                if open {
                    Err("episode_open")
                } else if self.readings_deny(&fact) {
                    Err("reading_contradicts")
                } else {
                    Ok(())
                }
            }
            What::Discharge(entered) if self.lacks_for_discharge(at) => match entered {
                Entered::Now => Err("lacks"),
                Entered::AlreadySilent => Err("reason_needed"),
                Entered::AlreadyWithReason => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
