//! What the model says of a device: what stood against it when it was given.

use super::super::super::Occasion;
use super::{Entered, Fact, Model, REST, What};

impl Model {
    /// The same day as it was known when that came, were no device given.
    pub(super) fn known_at(&self, at: i64, seq: u32) -> Self {
        let mut known = self.clone();
        known.facts.retain(|fact| {
            let device = matches!(fact.what, What::Device { .. });
            matches!(fact.what, What::Plan(_)) || ((fact.at, fact.seq) < (at, seq) && !device)
        });
        known
    }

    /// The same day as it was known when that came.
    fn known_then(&self, at: i64, seq: u32) -> Self {
        let mut known = self.clone();
        known
            .facts
            .retain(|fact| matches!(fact.what, What::Plan(_)) || (fact.at, fact.seq) < (at, seq));
        known
    }

    /// What was known to stand against the device, each as a line of its own.
    fn known_against(&self, fact: &Fact, is_first: bool) -> Vec<String> {
        let seq = fact.seq;
        let known = if is_first {
            self.known_at(fact.at, seq)
        } else {
            self.known_then(fact.at, seq)
        };
        let mut lines = Vec::new();
        if known.contraindicated() {
            lines.push(format!("{seq} came up: contraindicated"));
        }
        if is_first && let Some(declined) = known.declined_undecided() {
            lines.push(format!("{seq} came up: {declined} unmeasured"));
        }
        let mut undecided = known.undecided_readings(!is_first);
        undecided.extend(known.undecided_besides());
        for (about, matter) in undecided {
            lines.push(format!("{seq} came up: {about} {matter:?}"));
        }
        for onset in known.breathing_open() {
            lines.push(format!("{seq} came up: breathing since {onset}"));
        }
        lines
    }

    /// What clearing lacked for want of an answer, as lines of their own.
    fn unanswered(&self, fact: &Fact) -> Vec<String> {
        let known = self.known_at(fact.at, fact.seq);
        let seq = fact.seq;
        let mut lines = Vec::new();
        if known
            .last(|what| matches!(what, What::Answers { .. }))
            .is_none()
        {
            // Among them is the one that can stand against treatment.
            lines.push(format!("{seq} came up: contraindicated"));
            lines.push(format!("{seq} came up: other items"));
        }
        let declined = known.last(|what| *what == What::Declined(Occasion::BeforeDosing));
        if !known.measured_before_dosing() && declined.is_none() {
            lines.push(format!("{seq} came up: no pressure"));
        }
        lines
    }

    /// Everything that the devices broke, each as a line of its own.
    fn broken_rules(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut before: Option<i64> = None;
        let mut sum = 0;
        for (fact, sprays) in self.devices() {
            let seq = fact.seq;
            if self.cleared_at().is_none_or(|cleared| cleared > fact.at) {
                lines.push(format!("{seq} not cleared"));
            } else if before.is_none() {
                lines.extend(self.unanswered(fact));
            }
            lines.extend(self.known_against(fact, before.is_none()));
            if let Some(rest) = before.map(|before| fact.at - before)
                && rest < REST
            {
                lines.push(format!("{seq} rested {rest}"));
            }
            sum += sprays * 14;
            if sum > self.dose() {
                lines.push(format!("{seq} makes {sum}"));
            }
            if self.stop().is_some_and(|stop| stop.at < fact.at) {
                lines.push(format!("{seq} after the stop"));
            }
            before = Some(fact.at);
        }
        lines
    }

    pub(super) fn predict_device(
        &self,
        after: &Self,
        at: i64,
        sprays: i64,
        entered: Entered,
    ) -> Result<(), &'static str> {
        let known = self.broken_rules();
        let brought: Vec<String> = after
            .broken_rules()
            .into_iter()
            .filter(|line| !known.contains(line))
            .collect();
        match entered {
            Entered::AlreadyWithReason => return Ok(()),
            Entered::AlreadySilent => {}
            Entered::Now => {
                let cleared = self.cleared_at().is_some_and(|cleared| cleared <= at);
                let ready = if self.devices().is_empty() {
                    self.ready_to_clear()
                } else {
                    self.nothing_stands_against_more()
                };
                let before = self.devices().into_iter().rfind(|(fact, _)| fact.at <= at);
                let rested = before.is_none_or(|(fact, _)| at >= fact.at + REST);
                let fits = self.given() < self.dose() && self.given() + sprays * 14 <= self.dose();
                let in_spite = brought.iter().any(|line| line.contains("came up"));
                if !(cleared && ready && rested && fits && self.stop().is_none()) || in_spite {
                    return Err("lacks");
                }
            }
        }
        if brought.is_empty() {
            Ok(())
        } else {
            Err("reason_needed")
        }
    }
}
