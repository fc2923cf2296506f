//! What the model keeps of a step that was taken.

use super::{Fact, Model, What};

impl Model {
    pub(in super::super) fn record(&mut self, what: &What, at: i64) {
        let seq = self.count;
        self.count += 1;
        if let What::Strike(target) = what {
            self.facts.retain(|fact| fact.seq != *target);
            self.struck.push(*target);
            self.strikes.push(seq);
            return;
        }
        if *what == What::Addendum {
            self.addenda.push(seq);
        }
        self.facts.push(Fact {
            seq,
            at,
            what: what.clone(),
        });
    }
}
