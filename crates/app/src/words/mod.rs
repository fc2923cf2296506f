//! Every sentence that a person reads about a session. The domain gives typed facts; here they become the clinic's
//! own words. Nothing here decides anything.
//!
//! Invariant: every refusal, lack, mark, phase and event has its words; a new variant does not compile without them.

mod basics;
mod decided;
mod due;
mod event;
mod lack;
mod log;
mod mark;
mod refusal;

use crate::treatment::People;
use domain::treatment::{PersonId, Protocol, Recorded};
use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

pub use basics::*;
pub use decided::{decided_before_correction, decided_words};
pub use due::{DueWords, due_words, offer_words};
pub use event::{EventWords, event_words, reading_words, seriousness_words};
pub use lack::{concern_words, lack_words};
pub use log::{entry_words, exported_words, opened_words};
pub use mark::{choice_wording, mark_words};
pub use refusal::{RefusalWords, capital, field_name, refusal_words, refusal_words_of};

/// What sentences need besides the facts: names, list wordings, the clinic's time.
pub struct Say<'a> {
    /// The rules that apply: wordings of items and choices.
    pub protocol: &'a Protocol,
    /// The clinic's people, to be named.
    pub people: &'a People,
    /// The clinic's time zone.
    pub zone: &'a TimeZone,
    /// Everything recorded, for sentences that point at an event.
    pub events: &'a [Recorded],
    /// The same as it counts, with its corrections: looked at first.
    pub effective: &'a [Recorded],
    /// The time of the request.
    pub now: Timestamp,
    /// The clinic's date at the time of the request: times of other days are said with their date.
    pub today: Date,
}

impl Say<'_> {
    /// A person's name; somebody who has left the clinic keeps the record readable.
    pub fn person(&self, id: PersonId) -> String {
        self.people.get(&id).map_or_else(
            || "somebody no longer at the clinic".to_owned(),
            |person| person.name.clone(),
        )
    }

    /// `14:05`, or `14:05 on 23 Nov 2026` on another day; seconds where they are not zero and `seconds` wants them.
    pub fn clock(&self, at: Timestamp) -> String {
        self.on_day(at, clock_minutes(at, self.zone))
    }

    /// The same with seconds, where a moment is exact: `14:05:40`.
    pub fn clock_exact(&self, at: Timestamp) -> String {
        self.on_day(at, clock_seconds(at, self.zone))
    }

    fn on_day(&self, at: Timestamp, clock: String) -> String {
        let day = at.to_zoned(self.zone.clone()).date();
        if day == self.today {
            clock
        } else {
            format!("{clock} on {}", day_words(day))
        }
    }

    /// The event at a place, as it counts; one that was struck as it was recorded.
    pub fn event(&self, seq: u32) -> Option<&Recorded> {
        let at_place = |recorded: &&Recorded| recorded.seq == seq;
        self.effective
            .iter()
            .find(at_place)
            .or_else(|| self.events.iter().find(at_place))
    }

    /// An event as a sentence names it: `“Vitals” of 10:42`.
    pub fn event_name(&self, seq: u32) -> String {
        self.name_of(self.event(seq))
    }

    /// As [`Say::event_name`], by what was first recorded: a correction names what it corrects.
    pub fn original_name(&self, seq: u32) -> String {
        self.name_of(self.events.iter().find(|recorded| recorded.seq == seq))
    }

    fn name_of(&self, recorded: Option<&Recorded>) -> String {
        recorded.map_or_else(
            || "an earlier entry".to_owned(),
            |recorded| {
                format!(
                    "“{}” of {}",
                    event_title(&recorded.event),
                    self.clock(recorded.happened_at)
                )
            },
        )
    }

    /// The wording of a checklist item.
    pub fn item(&self, id: &str) -> String {
        self.protocol
            .checklist_item(id)
            .map_or_else(|| id.to_owned(), |item| item.wording.clone())
    }
}

/// `14:05` in the clinic's time.
pub fn clock_minutes(at: Timestamp, zone: &TimeZone) -> String {
    let time = at.to_zoned(zone.clone()).time();
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// `14:05`, or `14:05:40` when the seconds are not zero.
pub fn clock_seconds(at: Timestamp, zone: &TimeZone) -> String {
    let time = at.to_zoned(zone.clone()).time();
    if time.second() == 0 {
        format!("{:02}:{:02}", time.hour(), time.minute())
    } else {
        format!(
            "{:02}:{:02}:{:02}",
            time.hour(),
            time.minute(),
            time.second()
        )
    }
}

/// `22 Nov 2026`: no clinic reads it the wrong way round.
pub fn day_words(day: Date) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = usize::try_from(day.month() - 1)
        .ok()
        .and_then(|index| MONTHS.get(index))
        .copied()
        .unwrap_or("");
    format!("{} {month} {}", day.day(), day.year())
}

/// Hours and minutes of a span: `0:07`, `2:31`; never negative.
pub fn span_words(span_s: i64) -> String {
    let minutes = span_s.max(0) / 60;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// How far a moment is from now: `in 12 min`, `now`, `3 min late`. `assets/clocks.js` says it in the same way.
pub fn distance_words(at: Timestamp, now: Timestamp) -> String {
    let span_s = at.as_second() - now.as_second();
    let minutes = (span_s.abs() + 59) / 60;
    let words = if minutes < 60 {
        format!("{minutes} min")
    } else {
        format!("{} h {:02}", minutes / 60, minutes % 60)
    };
    match (minutes, span_s >= 0) {
        (0, _) => "now".to_owned(),
        (_, true) => format!("in {words}"),
        (_, false) => format!("{words} late"),
    }
}

/// Minutes and seconds, for the rest between devices: `4:10`.
pub fn rest_words(rest_s: i64) -> String {
    format!("{}:{:02}", rest_s.max(0) / 60, rest_s.max(0) % 60)
}

/// A list as a sentence has it: `a`, `a and b`, `a, b and c`.
pub fn list_words(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn spans_and_distances_read_well() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(span_words(7 * 60 + 59), "0:07");
        assert_eq!(span_words(-5), "0:00");
        assert_eq!(distance_words(at("2026-11-22T10:11:01Z"), now), "in 12 min");
        assert_eq!(distance_words(now, now), "now");
        assert_eq!(
            distance_words(at("2026-11-22T09:57:00Z"), now),
            "3 min late"
        );
        assert_eq!(distance_words(at("2026-11-22T12:05:00Z"), now), "in 2 h 05");
        assert_eq!(rest_words(250), "4:10");
        assert_eq!(
            list_words(&["a".into(), "b".into(), "c".into()]),
            "a, b and c"
        );
        assert_eq!(day_words(jiff::civil::date(2026, 3, 9)), "9 Mar 2026");
    }
}
