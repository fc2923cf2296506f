//! The day as it was recorded.

use app::treatment::SessionPage;
use domain::treatment::{Event, Mark, Recorded, Session};

use super::options::person_label;
use super::session::say_of;
use super::stamp;
use crate::words::{Say, clock_minutes, clock_seconds, event_words, mark_words};

/// An entry that came in this much later than it happened says so in its line; the domain's mark says when it stands out.
const RECEIVED_LATER_S: i64 = 60;

/// One entry of the day.
pub(crate) struct EntryView {
    pub(crate) number: u32,
    pub(crate) kind: &'static str,
    pub(crate) at: String,
    pub(crate) at_stamp: String,
    pub(crate) what: String,
    pub(crate) details: Vec<String>,
    pub(crate) by: String,
    pub(crate) marks: Vec<MarkView>,
    pub(crate) is_struck: bool,
}

/// A mark on an entry.
pub(crate) struct MarkView {
    pub(crate) key: &'static str,
    pub(crate) words: String,
}

/// What was just saved.
pub(crate) struct SavedView {
    pub(crate) words: String,
    pub(crate) marks: Vec<MarkView>,
}

/// One entry with its marks.
pub(crate) fn entry_view(
    page: &SessionPage,
    say: &Say<'_>,
    recorded: &Recorded,
    marks: &[Mark],
) -> EntryView {
    let words = event_words(say, recorded);
    EntryView {
        number: recorded.seq,
        kind: recorded.event.kind(),
        at: clock_minutes(recorded.happened_at, &page.zone),
        at_stamp: stamp(recorded.happened_at),
        what: words.what,
        details: words.details,
        by: by_words(page, say, recorded),
        marks: marks
            .iter()
            .filter(|mark| mark.seq() == Some(recorded.seq))
            .map(|mark| MarkView {
                key: mark.kind(),
                words: mark_words(say, mark),
            })
            .collect(),
        is_struck: is_corrected(page, recorded.seq),
    }
}

fn is_corrected(page: &SessionPage, seq: u32) -> bool {
    page.events.iter().any(
        |later| matches!(&later.event, Event::Corrected(correction) if correction.corrects == seq),
    )
}

fn by_words(page: &SessionPage, say: &Say<'_>, recorded: &Recorded) -> String {
    let taken = page
        .people
        .get(&recorded.taken_by)
        .map_or_else(|| say.person(recorded.taken_by), person_label);
    let late =
        recorded.received_at.as_second() - recorded.happened_at.as_second() > RECEIVED_LATER_S;
    let at = say.clock(recorded.received_at);
    match (recorded.taken_by == recorded.entered_by, late) {
        (true, false) => taken,
        (true, true) => format!("{taken}, entered at {at}"),
        (false, _) => format!(
            "{taken}, entered by {} at {at}",
            say.person(recorded.entered_by)
        ),
    }
}

/// The day: oldest first on a record, newest first on the floor.
pub(crate) fn timeline_view(page: &SessionPage) -> Vec<EntryView> {
    let say = say_of(page);
    let marks = page.session.marks(&page.protocol);
    page.events
        .iter()
        .map(|recorded| entry_view(page, &say, recorded, &marks))
        .collect()
}

/// What was saved by the form that had seen `before` events: its words and the marks that it brought.
pub(crate) fn saved_view(page: &SessionPage, before: u32) -> Option<SavedView> {
    let say = say_of(page);
    let first = page
        .events
        .iter()
        .find(|recorded| recorded.seq == before && recorded.entered_by == page.viewer)?;
    let earlier = Session::fold(page.events.iter().filter(|recorded| recorded.seq < before));
    let words = event_words(&say, first);
    let brought = page.session.marks_brought(&earlier, &page.protocol);
    Some(SavedView {
        words: format!(
            "Saved: {}, {}",
            words.what,
            clock_seconds(first.happened_at, &page.zone)
        ),
        marks: brought
            .iter()
            .map(|mark| MarkView {
                key: mark.kind(),
                words: mark_words(&say, mark),
            })
            .collect(),
    })
}
