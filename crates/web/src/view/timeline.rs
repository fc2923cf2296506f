//! The day as it was recorded.

use app::treatment::SessionPage;
use domain::treatment::{
    Answer, ChecklistAnswer, Event, Expected, Mark, Protocol, Recorded, Session,
};

use super::options::person_label;
use super::session::say_of;
use super::stamp;
use crate::words::{
    Say, capital, clock_minutes, clock_seconds, event_words, mark_words, readiness_words,
};

/// An entry that came in this much later than it happened says so in its line; the domain's mark says when it stands out.
const RECEIVED_LATER_S: i64 = 60;

/// From this many on, answers as expected stand folded under one line; fewer are hardly longer than that line.
const FOLDED_MIN: usize = 4;

/// One entry of the day.
pub(crate) struct EntryView {
    pub(crate) number: u32,
    pub(crate) kind: &'static str,
    pub(crate) at: String,
    pub(crate) at_stamp: String,
    pub(crate) what: String,
    pub(crate) details: Vec<String>,
    /// What needs no look, folded.
    pub(crate) rest: Option<RestView>,
    pub(crate) by: String,
    pub(crate) marks: Vec<MarkView>,
    pub(crate) is_struck: bool,
}

/// Answers as expected, under one line that says so.
pub(crate) struct RestView {
    pub(crate) title: String,
    pub(crate) details: Vec<String>,
}

/// A mark on an entry.
pub(crate) struct MarkView {
    pub(crate) key: &'static str,
    pub(crate) words: String,
}

/// What was just saved.
pub(crate) struct SavedView {
    pub(crate) words: String,
    /// What was judged “no” with it: then it is saved, and no good news.
    pub(crate) judged_no: Vec<String>,
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
    let (details, rest) = details_view(&page.protocol, &recorded.event, words.details);
    EntryView {
        number: recorded.seq,
        kind: recorded.event.kind(),
        at: clock_minutes(recorded.happened_at, &page.zone),
        at_stamp: stamp(recorded.happened_at),
        what: words.what,
        details,
        rest,
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

/// A checklist says first what is not as expected; everything else is said in its own order.
fn details_view(
    protocol: &Protocol,
    event: &Event,
    details: Vec<String>,
) -> (Vec<String>, Option<RestView>) {
    let Event::ChecklistAnswered(answers) = event else {
        return (details, None);
    };
    let expected = answers
        .iter()
        .filter(|answer| is_as_expected(protocol, answer))
        .count();
    // Each answer has one phrase; should that ever change, all of them are shown.
    if expected < FOLDED_MIN || details.len() != answers.len() {
        return (details, None);
    }
    let (mut shown, mut folded) = (Vec::new(), Vec::new());
    for (answer, detail) in answers.iter().zip(details) {
        if is_as_expected(protocol, answer) {
            folded.push(detail);
        } else {
            shown.push(detail);
        }
    }
    let title = if shown.is_empty() {
        format!("All {expected} as expected")
    } else {
        format!("The other {expected} as expected")
    };
    (
        shown,
        Some(RestView {
            title,
            details: folded,
        }),
    )
}

/// Whether an answer needs no look: the expected one, without a remark. Where the protocol takes either, a yes is
/// still shown: it names something that the patient takes or has.
fn is_as_expected(protocol: &Protocol, answer: &ChecklistAnswer) -> bool {
    let Some(item) = protocol.checklist_item(&answer.item) else {
        return false;
    };
    let expected = match item.expected {
        Expected::Yes => Answer::Yes,
        Expected::No | Expected::Either => Answer::No,
    };
    answer.answer == expected && answer.note.is_empty()
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
        judged_no: judged_no(&first.event),
        marks: brought
            .iter()
            .map(|mark| MarkView {
                key: mark.kind(),
                words: mark_words(&say, mark),
            })
            .collect(),
    })
}

/// The parts of a judgment of readiness that were “no”.
fn judged_no(event: &Event) -> Vec<String> {
    let Event::ReadinessJudged(readiness) = event else {
        return Vec::new();
    };
    let words = |part| format!("{}: no", capital(readiness_words(part)));
    readiness.parts_lacking().into_iter().map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_checklist_says_first_what_is_not_as_expected() {
        let day = samples::discharged();
        let answer = |item: &str, answer, note: &str| ChecklistAnswer {
            item: item.to_owned(),
            answer,
            note: note.to_owned(),
        };
        let mut answers = vec![
            answer("identity", Answer::Yes, ""),
            answer("food", Answer::Yes, ""),
            answer("ride", Answer::No, ""),
            answer("benzodiazepines", Answer::No, ""),
            answer("benzodiazepines", Answer::Yes, ""),
            answer("food", Answer::Yes, "a biscuit at six"),
            answer("identity", Answer::NotAsked, ""),
            answer("identity", Answer::Yes, ""),
        ];
        let numbers = |count: usize| -> Vec<String> {
            (1..=count).map(|number| number.to_string()).collect()
        };
        let view = |answers: &[ChecklistAnswer]| {
            let event = Event::ChecklistAnswered(answers.to_vec());
            let (shown, rest) = details_view(&day.protocol, &event, numbers(answers.len()));
            (shown, rest.map(|rest| (rest.title, rest.details)))
        };
        let words =
            |list: &[&str]| -> Vec<String> { list.iter().map(|one| (*one).to_owned()).collect() };
        assert_eq!(
            view(&answers),
            (
                words(&["3", "5", "6", "7"]),
                Some((
                    "The other 4 as expected".to_owned(),
                    words(&["1", "2", "4", "8"])
                ))
            )
        );
        answers.truncate(3);
        assert_eq!(
            view(&answers),
            (words(&["1", "2", "3"]), None),
            "a few are all shown"
        );
    }
}
