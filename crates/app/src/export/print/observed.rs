//! What was seen and done while the patient was watched: episodes, medicines, adverse events, readiness.

use domain::treatment::{
    EpisodeKind, EpisodeState, Event, MedicineOrder, Readiness, ReadinessPart, Recorded,
    SeriousSubject, Seriousness, YesNo,
};
use press::{AdverseEventPrint, EpisodePrint, MedicinePrint, ReadinessPrint};

use super::sheet::{Sheet, joined};
use crate::words::{
    capital, choice_wording, episode_words, event_title, list_words, readiness_words, yes_no_words,
};

/// Every episode by its onset, then each "none observed".
pub(super) fn episodes(sheet: &Sheet<'_>) -> Vec<EpisodePrint> {
    let mut rows: Vec<_> = sheet
        .session()
        .episodes()
        .iter()
        .map(|episode| episode_row(sheet, episode))
        .collect();
    for recorded in sheet.effective() {
        if let Event::NoneObserved { kinds } = &recorded.event {
            rows.extend(kinds.iter().map(|kind| none_row(sheet, recorded, *kind)));
        }
    }
    rows
}

fn episode_row(sheet: &Sheet<'_>, episode: &EpisodeState) -> EpisodePrint {
    let onset = sheet.say.event(episode.seq);
    let resolved = sheet.effective().filter(|recorded| {
        matches!(&recorded.event, Event::EpisodeResolved(end) if end.episode == episode.seq)
    });
    let seen = onset.map(|onset| sheet.by(onset)).unwrap_or_default();
    let seen_over = resolved
        .last()
        .map(|resolved| sheet.by(resolved))
        .filter(|by| *by != seen);
    let note = match onset.map(|onset| &onset.event) {
        Some(Event::EpisodeOpened(opened)) => opened.note.clone(),
        Some(_) | None => String::new(),
    };
    let severity = |id: &Option<String>| {
        id.as_ref()
            .map(|id| choice_wording(&sheet.protocol().severities, id))
            .unwrap_or_default()
    };
    EpisodePrint {
        kind: capital(episode_words(episode.kind)),
        onset: sheet.say.clock(episode.onset),
        resolution: episode
            .resolved_at
            .map_or_else(|| "not resolved".to_owned(), |at| sheet.say.clock(at)),
        severity: severity(&episode.worst_severity),
        by: joined([
            seen,
            seen_over
                .map(|by| format!("resolution: {by}"))
                .unwrap_or_default(),
        ]),
        note,
    }
}

fn none_row(sheet: &Sheet<'_>, recorded: &Recorded, kind: EpisodeKind) -> EpisodePrint {
    EpisodePrint {
        kind: capital(episode_words(kind)),
        onset: "none".to_owned(),
        resolution: String::new(),
        severity: String::new(),
        by: sheet.by(recorded),
        note: format!(
            "None observed, said at {}",
            sheet.say.clock(recorded.happened_at)
        ),
    }
}

pub(super) fn medicines(sheet: &Sheet<'_>) -> Vec<MedicinePrint> {
    sheet
        .effective()
        .filter_map(|recorded| {
            let Event::MedicineGiven(medicine) = &recorded.event else {
                return None;
            };
            Some(MedicinePrint {
                time: sheet.say.clock(recorded.happened_at),
                drug: medicine.drug.clone(),
                dose: medicine.dose.clone(),
                route: medicine.route.clone(),
                ordered_by: match &medicine.order {
                    MedicineOrder::Prescriber { person } => sheet.say.person(*person),
                    MedicineOrder::Other { words } => words.clone(),
                },
                given_by: sheet.by(recorded),
                note: String::new(),
            })
        })
        .collect()
}

/// Adverse events, and what stands beside them in a record: vomiting, symptoms, emergency services.
pub(super) fn adverse_events(sheet: &Sheet<'_>) -> Vec<AdverseEventPrint> {
    sheet
        .effective()
        .filter_map(|recorded| adverse_row(sheet, recorded))
        .collect()
}

fn adverse_row(sheet: &Sheet<'_>, recorded: &Recorded) -> Option<AdverseEventPrint> {
    let (subject, description) = adverse_facts(sheet, recorded)?;
    let seriousness = subject.and_then(|subject| sheet.session().seriousness(subject));
    let is_serious = matches!(seriousness, Some(Seriousness::Serious { .. }));
    Some(AdverseEventPrint {
        time: sheet.say.clock(recorded.happened_at),
        what: event_title(&recorded.event).to_owned(),
        serious: seriousness
            .as_ref()
            .map(|known| serious_words(sheet, known))
            .unwrap_or_default(),
        description,
        reports: if is_serious {
            reports(sheet)
        } else {
            String::new()
        },
        by: sheet.by(recorded),
    })
}

/// What it is asked of whether it was serious, and the description; `None` for any other event.
fn adverse_facts(
    sheet: &Sheet<'_>,
    recorded: &Recorded,
) -> Option<(Option<SeriousSubject>, String)> {
    if let Event::AdverseEventRecorded(adverse) = &recorded.event {
        let subject = SeriousSubject::AdverseEvent(recorded.seq);
        return Some((Some(subject), adverse.description.clone()));
    }
    if let Event::SentToEmergencyCare(transfer) = &recorded.event {
        let description = joined([transfer.reason.clone(), transfer.destination.clone()]);
        return Some((Some(SeriousSubject::EmergencyCare), description));
    }
    if let Event::CrisisSymptomsRecorded(seen) = &recorded.event {
        let known = &sheet.protocol().crisis_symptoms;
        let symptoms: Vec<_> = seen
            .symptoms
            .iter()
            .map(|id| choice_wording(known, id))
            .collect();
        return Some((None, joined([list_words(&symptoms), seen.note.clone()])));
    }
    if let Event::VomitingRecorded { note }
    | Event::EmergencyCalled { note }
    | Event::EmergencyArrived { note } = &recorded.event
    {
        return Some((None, note.clone()));
    }
    None
}

/// `yes: …`, `no`, `not yet answered`.
pub(super) fn serious_words(sheet: &Sheet<'_>, seriousness: &Seriousness) -> String {
    match seriousness {
        Seriousness::Serious { kinds } => {
            let known = &sheet.protocol().serious_kinds;
            let kinds: Vec<_> = kinds.iter().map(|id| choice_wording(known, id)).collect();
            format!("yes: {}", list_words(&kinds))
        }
        Seriousness::NotSerious => "no".to_owned(),
        Seriousness::NotYetAnswered => "not yet answered".to_owned(),
    }
}

/// Which reports were made, and which are still owed.
fn reports(sheet: &Sheet<'_>) -> String {
    let reports = sheet.protocol().serious_reports.iter().map(|report| {
        let made = sheet.session().report_ticked(&report.id);
        match made.and_then(|seq| sheet.say.event(seq)) {
            Some(made) => format!(
                "{}: made {}",
                report.wording,
                sheet.say.clock(made.happened_at)
            ),
            None => format!("{}: owed", report.wording),
        }
    });
    joined(reports)
}

/// Each judgement in the order of its time, four parts each.
pub(super) fn readiness(sheet: &Sheet<'_>) -> Vec<ReadinessPrint> {
    sheet
        .effective()
        .filter_map(|recorded| {
            let Event::ReadinessJudged(readiness) = &recorded.event else {
                return None;
            };
            Some(readiness_rows(sheet, recorded, *readiness))
        })
        .flatten()
        .collect()
}

fn readiness_rows(
    sheet: &Sheet<'_>,
    recorded: &Recorded,
    readiness: Readiness,
) -> [ReadinessPrint; 4] {
    let row = |part: ReadinessPart, answer: YesNo| ReadinessPrint {
        part: capital(readiness_words(part)),
        judgement: yes_no_words(answer).to_owned(),
        time: sheet.say.clock(recorded.happened_at),
        by: sheet.by(recorded),
        note: String::new(),
    };
    [
        row(ReadinessPart::Alert, readiness.alert),
        row(ReadinessPart::NoDissociation, readiness.no_dissociation),
        row(
            ReadinessPart::BreathingInRange,
            readiness.breathing_in_range,
        ),
        row(ReadinessPart::PressureSafe, readiness.pressure_safe),
    ]
}
