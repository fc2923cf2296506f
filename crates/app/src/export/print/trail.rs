//! What stands out, what was corrected, what was added, and every event as it was recorded.

use domain::treatment::{Basis, Change, Concern, Event, Mark, Recorded, Session};
use press::{AddendumPrint, CorrectionPrint, EventPrint, MarkPrint};

use super::sheet::{Sheet, joined};
use crate::words::{choice_words, decided_before_correction, event_words, mark_words};

pub(super) fn marks(sheet: &Sheet<'_>) -> Vec<MarkPrint> {
    sheet
        .marks
        .iter()
        .map(|mark| mark_row(sheet, mark))
        .collect()
}

fn mark_row(sheet: &Sheet<'_>, mark: &Mark) -> MarkPrint {
    let about = mark.seq().and_then(|seq| sheet.say.event(seq));
    let said = about
        .map(|about| reason_of(sheet, mark, about))
        .unwrap_or_default();
    let by = about.map(|about| sheet.by(about)).unwrap_or_default();
    MarkPrint {
        time: mark_time(sheet, mark, about),
        kind: kind_words(mark).to_owned(),
        what: mark_words(&sheet.say, mark),
        reason: said.words,
        by: said.by.unwrap_or(by),
    }
}

fn mark_time(sheet: &Sheet<'_>, mark: &Mark, about: Option<&Recorded>) -> String {
    if let Mark::FortyMinuteReadingMissed { from, until } = mark {
        return sheet.between(*from, *until);
    }
    match about.map(|about| (about, &about.event)) {
        Some((_, Event::DeviceGiven(device))) => sheet.say.clock_exact(device.first_spray_at),
        Some((about, _)) => sheet.say.clock_exact(about.happened_at),
        None => String::new(),
    }
}

/// The kind of a mark in a word or two. A broken rule says so, whatever else it is.
fn kind_words(mark: &Mark) -> &'static str {
    if mark.is_deviation() {
        return "Deviation";
    }
    match mark {
        Mark::ReadingOutsideLimits { .. } => "Outside limits",
        Mark::NotMeasured { .. } | Mark::NeverMeasured { .. } => "Not measured",
        Mark::ChecklistAnswer { .. } => "Checklist",
        Mark::DecidedToProceed { .. } => "Decision",
        Mark::DeviceWithoutClearing { .. }
        | Mark::DeviceLacking { .. }
        | Mark::RestTooShort { .. }
        | Mark::DeviceBeyondDose { .. }
        | Mark::DeviceAfterStop { .. }
        | Mark::DeviceExpired { .. }
        | Mark::DeviceNotUnused { .. }
        | Mark::IndicatorMismatch { .. }
        | Mark::DeviceDetailMissing { .. }
        | Mark::DevicePartlyUsed { .. }
        | Mark::DeviceFailed { .. } => "Device",
        Mark::ClearedLacking { .. } | Mark::DosingStopped { .. } => "Dosing",
        Mark::FortyMinuteReadingMissed { .. } => "Not measured",
        Mark::Episode { .. } | Mark::EpisodeUnresolved { .. } => "Episode",
        Mark::Vomiting { .. }
        | Mark::CrisisSymptoms { .. }
        | Mark::AdverseEvent { .. }
        | Mark::EmergencyCalled { .. } => "Adverse event",
        Mark::MedicineGiven { .. } => "Medicine",
        Mark::SeriousnessOpen { .. } | Mark::ReportOwed { .. } => "Still open",
        Mark::DischargedEarly { .. }
        | Mark::DischargedLacking { .. }
        | Mark::LeftAgainstAdvice { .. }
        | Mark::FoundGone { .. }
        | Mark::SentToEmergencyCare { .. } => "Ending",
        Mark::Corrected { .. } => "Correction",
        Mark::LateEntry { .. } => "Late entry",
    }
}

/// A reason and who gave it, if somebody else than who took the event.
#[derive(Default)]
struct Reason {
    words: String,
    by: Option<String>,
}

fn reason_of(sheet: &Sheet<'_>, mark: &Mark, about: &Recorded) -> Reason {
    if let Mark::Corrected { correction, .. } = mark {
        return correction_reason(sheet, *correction);
    }
    // These two marks name no facts; their event has them in words.
    let own = if matches!(
        mark,
        Mark::MedicineGiven { .. } | Mark::CrisisSymptoms { .. }
    ) {
        joined(event_words(&sheet.say, about).details)
    } else {
        own_reason(mark, about)
    };
    // A rule that a correction shows to be broken has that correction's reason, where the event has none of its own.
    let by_correction = || {
        sheet.marks_of(about.seq).find_map(|mark| {
            let Mark::Corrected { correction, .. } = mark else {
                return None;
            };
            Some(*correction)
        })
    };
    if own.is_empty()
        && mark.is_deviation()
        && let Some(correction) = by_correction()
    {
        return correction_reason(sheet, correction);
    }
    match decision_about(sheet, mark) {
        Some((by, decision)) => Reason {
            words: joined([own, decision]),
            by: Some(sheet.by(by)),
        },
        None => Reason {
            words: own,
            by: None,
        },
    }
}

fn correction_reason(sheet: &Sheet<'_>, correction: u32) -> Reason {
    let Some(by) = sheet.say.event(correction) else {
        return Reason::default();
    };
    let Event::Corrected(what) = &by.event else {
        return Reason::default();
    };
    Reason {
        words: what.reason.clone(),
        by: Some(sheet.by(by)),
    }
}

/// The reason that the event itself holds.
fn own_reason(mark: &Mark, about: &Recorded) -> String {
    match (mark, &about.event) {
        (Mark::LateEntry { .. }, _) => String::new(),
        (Mark::NotMeasured { kind, occasion, .. }, Event::VitalsRecorded(vitals)) => vitals
            .absence(*kind, *occasion)
            .map(|absence| absence.reason.clone())
            .unwrap_or_default(),
        (Mark::ChecklistAnswer { item, .. }, Event::ChecklistAnswered(answers)) => answers
            .iter()
            .find(|answer| answer.item == *item)
            .map(|answer| answer.note.clone())
            .unwrap_or_default(),
        (_, Event::DecisionRecorded(decision)) => decision.reason.clone(),
        (_, Event::Cleared(clearing)) => basis_reason(&clearing.basis),
        (_, Event::DeviceGiven(device)) => basis_reason(&device.basis),
        (_, Event::Discharged(discharge)) => basis_reason(&discharge.basis),
        (_, Event::DosingStopped { reason }) => reason.clone(),
        (_, Event::SentToEmergencyCare(transfer)) => transfer.reason.clone(),
        (_, Event::EpisodeOpened(episode)) => episode.note.clone(),
        (_, Event::AdverseEventRecorded(adverse)) => adverse.description.clone(),
        (_, Event::VomitingRecorded { note } | Event::EmergencyCalled { note }) => note.clone(),
        _ => String::new(),
    }
}

fn basis_reason(basis: &Basis) -> String {
    match basis {
        Basis::Now => String::new(),
        Basis::Already { reason } => reason.clone(),
    }
}

/// The prescriber's last decision about what is marked.
fn decision_about<'s>(sheet: &'s Sheet<'_>, mark: &Mark) -> Option<(&'s Recorded, String)> {
    let is_meant = |concern: &Concern| match (concern, mark) {
        (
            Concern::Reading { seq, kind },
            Mark::ReadingOutsideLimits {
                seq: marked,
                kind: value,
                ..
            },
        ) => seq == marked && kind == value,
        (
            Concern::NotMeasured { seq, kind },
            Mark::NotMeasured {
                seq: marked,
                kind: value,
                ..
            },
        ) => seq == marked && kind == value,
        (Concern::Checklist { item }, Mark::ChecklistAnswer { item: marked, .. }) => item == marked,
        _ => false,
    };
    let decision = sheet.effective().filter_map(|recorded| {
        let Event::DecisionRecorded(decision) = &recorded.event else {
            return None;
        };
        let concern = decision.about.iter().find(|concern| is_meant(concern))?;
        Some((recorded, decision, concern))
    });
    let (recorded, decision, concern) = decision.last()?;
    let at = sheet.say.clock(recorded.happened_at);
    // A decision about another value than the one that is marked says which.
    let about = decided_before_correction(&sheet.say, concern, recorded.seq)
        .map(|seen| format!(" about {seen}"))
        .unwrap_or_default();
    let words = choice_words(decision.choice);
    Some((
        recorded,
        format!("Decided at {at}{about}, {words}: {}", decision.reason),
    ))
}

/// Each correction with what the event said before and says since. One pass over the record.
pub(super) fn corrections(sheet: &Sheet<'_>) -> Vec<CorrectionPrint> {
    let mut session = Session::new();
    let mut rows = Vec::new();
    for recorded in &sheet.input.events {
        let Event::Corrected(correction) = &recorded.event else {
            session.apply(recorded);
            continue;
        };
        let before = standing(sheet, &session, correction.corrects);
        session.apply(recorded);
        let now = match correction.change {
            Change::Strike => "did not happen".to_owned(),
            Change::Replace(_) => standing(sheet, &session, correction.corrects),
        };
        rows.push(CorrectionPrint {
            time: sheet.say.clock_exact(recorded.happened_at),
            what: format!("Event {}", correction.corrects),
            before,
            now,
            by: sheet.by(recorded),
            reason: correction.reason.clone(),
        });
    }
    rows
}

/// What an event says at this point of the record.
fn standing(sheet: &Sheet<'_>, session: &Session, seq: u32) -> String {
    let known = session
        .effective()
        .iter()
        .find(|recorded| recorded.seq == seq);
    known.map_or_else(
        || "struck".to_owned(),
        |recorded| {
            let at = sheet.say.clock_exact(recorded.happened_at);
            format!(
                "{at}, {}: {}",
                sheet.by(recorded),
                event_sentence(sheet, recorded)
            )
        },
    )
}

/// Signed addenda, with the answers about a departure that they gave.
pub(super) fn addenda(sheet: &Sheet<'_>) -> Vec<AddendumPrint> {
    sheet
        .effective()
        .filter_map(|recorded| {
            let Event::AddendumAdded(addendum) = &recorded.event else {
                return None;
            };
            let text = match &addendum.departure {
                None => addendum.text.clone(),
                Some(_) => answers_beside(sheet, recorded, &addendum.text),
            };
            Some(AddendumPrint {
                time: sheet.say.clock_exact(recorded.happened_at),
                by: sheet.by(recorded),
                text,
            })
        })
        .collect()
}

/// The text, and below it the answers as the pages word them (the text itself comes first among the details).
fn answers_beside(sheet: &Sheet<'_>, recorded: &Recorded, text: &str) -> String {
    let details = event_words(&sheet.say, recorded).details;
    let own = usize::from(!text.is_empty());
    let answers = joined(details.into_iter().skip(own));
    if text.is_empty() {
        answers
    } else {
        format!("{text}\n{answers}")
    }
}

/// Every event as it was recorded, with its place in the audit log.
pub(super) fn events(sheet: &Sheet<'_>) -> Vec<EventPrint> {
    let events = sheet.input.events.iter().zip(&sheet.input.places);
    events
        .map(|(recorded, place)| EventPrint {
            number: recorded.seq,
            happened: sheet.say.clock_exact(recorded.happened_at),
            received: sheet.say.clock_exact(recorded.received_at),
            taken_by: sheet.by(recorded),
            entered_by: sheet.say.person(recorded.entered_by),
            what: event_sentence(sheet, recorded),
            entry_generation: place.generation,
            entry_index: place.index,
        })
        .collect()
}

/// An event in one cell: what happened, then its details.
fn event_sentence(sheet: &Sheet<'_>, recorded: &Recorded) -> String {
    let words = event_words(&sheet.say, recorded);
    match joined(words.details) {
        none if none.is_empty() => words.what,
        details => format!("{}: {details}", words.what),
    }
}
