//! What a decision was about, as it stood when the decision was recorded. A decision is about the value that the prescriber
//! saw; a correction that came after it stands beside that value, and never in its place.

use domain::treatment::{Change, Concern, Correction, Event, VitalKind};
use jiff::Timestamp;

use super::{Say, concern_words, reading_words, vital_words};

/// A concern of the decision at this place of the record, within a sentence:
/// `the blood pressure of 10:42 (148/92, since corrected to 128/82)`.
pub fn decided_words(say: &Say<'_>, concern: &Concern, decision: u32) -> String {
    let Some(seen) = Seen::of(say, concern, decision) else {
        return concern_words(say, concern);
    };
    let since = seen.since(say);
    match concern {
        Concern::Reading { kind, .. } => {
            let what = format!("the {} of {}", vital_words(*kind), say.clock(seen.then.at));
            aside(&what, [seen.value(), since.unwrap_or_default()])
        }
        Concern::NotMeasured { .. }
        | Concern::Checklist { .. }
        | Concern::CrisisSymptoms { .. }
        | Concern::FirstTreatmentDose
        | Concern::NoPrescriberOnSite => {
            aside(&concern_words(say, concern), [since.unwrap_or_default()])
        }
    }
}

/// The value that the decision at this place was about, if it has been corrected since:
/// `148/92, since corrected to 128/82`.
pub fn decided_before_correction(
    say: &Say<'_>,
    concern: &Concern,
    decision: u32,
) -> Option<String> {
    let seen = Seen::of(say, concern, decision)?;
    let since = seen.since(say)?;
    Some(listed([seen.value(), since]))
}

/// An event as it stands at some place of the record.
#[derive(Clone, Copy)]
struct Standing<'a> {
    at: Timestamp,
    event: &'a Event,
}

/// What the prescriber saw of one value, and what stands now; `None`: struck.
struct Seen<'a> {
    kind: VitalKind,
    then: Standing<'a>,
    now: Option<Standing<'a>>,
}

impl<'a> Seen<'a> {
    fn of(say: &Say<'a>, concern: &Concern, decision: u32) -> Option<Self> {
        let (seq, kind) = match concern {
            Concern::Reading { seq, kind } | Concern::NotMeasured { seq, kind } => (*seq, *kind),
            Concern::Checklist { .. }
            | Concern::CrisisSymptoms { .. }
            | Concern::FirstTreatmentDose
            | Concern::NoPrescriberOnSite => return None,
        };
        Some(Self {
            kind,
            then: standing(say, seq, decision)?,
            now: standing(say, seq, u32::MAX),
        })
    }

    fn value(&self) -> String {
        reading_words(self.then.event, self.kind)
    }

    /// What became of the value since; `None`: nothing.
    fn since(&self, say: &Say<'_>) -> Option<String> {
        let Some(now) = self.now else {
            return Some("since struck: it did not happen".to_owned());
        };
        let value = reading_words(now.event, self.kind);
        let at = (now.at != self.then.at).then(|| say.clock(now.at));
        match (value == self.value(), at) {
            (true, None) => None,
            (true, Some(at)) => Some(format!("since corrected to {at}")),
            (false, _) if value.is_empty() => Some("since corrected: not measured".to_owned()),
            (false, None) => Some(format!("since corrected to {value}")),
            (false, Some(at)) => Some(format!("since corrected to {value} at {at}")),
        }
    }
}

/// The event at a place with the corrections that were recorded before another place; `None` when they struck it.
fn standing<'a>(say: &Say<'a>, seq: u32, before: u32) -> Option<Standing<'a>> {
    let events = say.events;
    let original = events.iter().find(|recorded| recorded.seq == seq)?;
    let mut corrections = events
        .iter()
        .filter(|recorded| recorded.seq < before)
        .filter_map(|recorded| {
            let Event::Corrected(correction) = &recorded.event else {
                return None;
            };
            (correction.corrects == seq).then_some(correction)
        });
    let corrected = |correction: &'a Correction| match &correction.change {
        Change::Strike => None,
        Change::Replace(replacement) => Some(Standing {
            at: replacement.happened_at,
            event: &replacement.event,
        }),
    };
    match corrections.next_back() {
        Some(correction) => corrected(correction),
        None => Some(Standing {
            at: original.happened_at,
            event: &original.event,
        }),
    }
}

fn aside<const N: usize>(what: &str, parts: [String; N]) -> String {
    match listed(parts) {
        none if none.is_empty() => what.to_owned(),
        parts => format!("{what} ({parts})"),
    }
}

fn listed<const N: usize>(parts: [String; N]) -> String {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}
