//! The choices of a field that are not the same in every session.

use app::Role;
use app::treatment::{Person, SessionPage};
use domain::treatment::{Event, SeriousSubject};

use super::form::OptionView;
use super::session::{may_correct, say_of};
use crate::steps::read::person_value;
use crate::steps::{EMERGENCY_CARE, Source, concern_value};
use crate::words::{capital, concern_words, episode_words, event_title};

/// The choices of this session; `sent` are values that were sent before, which stay choosable.
pub(crate) fn options_of(page: &SessionPage, source: Source, sent: &[&str]) -> Vec<OptionView> {
    let option = |value: String, label: String| OptionView {
        value,
        label,
        hint: String::new(),
        chosen: false,
    };
    let listed = |choices: &[domain::treatment::Choice]| {
        choices
            .iter()
            .map(|choice| option(choice.id.clone(), choice.wording.clone()))
            .collect::<Vec<_>>()
    };
    let say = say_of(page);
    match source {
        Source::Clinicians => people_options(page, |person| person.role != Role::Owner),
        Source::Prescribers => people_options(page, |person| person.role == Role::Prescriber),
        Source::Doses => page
            .protocol
            .dosing
            .doses
            .iter()
            .map(|dose| option(dose.dose_mg.to_string(), format!("{} mg", dose.dose_mg)))
            .collect(),
        Source::Severities => listed(&page.protocol.severities),
        Source::CrisisSymptoms => listed(&page.protocol.crisis_symptoms),
        Source::SeriousKinds => listed(&page.protocol.serious_kinds),
        Source::Reports => {
            let owed = page.session.reports_owed(&page.protocol);
            listed(&page.protocol.serious_reports)
                .into_iter()
                .filter(|choice| {
                    owed.contains(&choice.value) || sent.contains(&choice.value.as_str())
                })
                .collect()
        }
        Source::OpenEpisodes => page
            .session
            .episodes()
            .into_iter()
            .filter(|episode| {
                episode.resolved_at.is_none() || sent.contains(&episode.seq.to_string().as_str())
            })
            .map(|episode| {
                let label = format!(
                    "{} since {}",
                    capital(episode_words(episode.kind)),
                    say.clock(episode.onset)
                );
                option(episode.seq.to_string(), label)
            })
            .collect(),
        Source::Concerns => page
            .session
            .open_concerns(&page.protocol)
            .iter()
            .map(|concern| {
                option(
                    concern_value(concern),
                    capital(&concern_words(&say, concern)),
                )
            })
            .collect(),
        Source::Correctable => page
            .session
            .effective()
            .iter()
            .rev()
            .filter(|recorded| may_correct(page, &recorded.event))
            .map(|recorded| {
                let label = format!(
                    "{} {}",
                    say.clock(recorded.happened_at),
                    event_title(&recorded.event)
                );
                option(recorded.seq.to_string(), label)
            })
            .collect(),
        Source::SeriousSubjects => page
            .session
            .seriousness_open()
            .into_iter()
            .map(|subject| match subject {
                SeriousSubject::AdverseEvent(seq) => {
                    option(seq.to_string(), adverse_label(page, seq))
                }
                SeriousSubject::EmergencyCare => option(
                    EMERGENCY_CARE.to_owned(),
                    "Sent to emergency care".to_owned(),
                ),
            })
            .collect(),
    }
}

fn adverse_label(page: &SessionPage, seq: u32) -> String {
    match page
        .events
        .iter()
        .find(|recorded| recorded.seq == seq)
        .map(|recorded| &recorded.event)
    {
        Some(Event::AdverseEventRecorded(adverse)) => adverse.description.clone(),
        Some(_) | None => say_of(page).event_name(seq),
    }
}

fn people_options(page: &SessionPage, keep: impl Fn(&Person) -> bool) -> Vec<OptionView> {
    let mut people: Vec<&Person> = page.people.values().filter(|person| keep(person)).collect();
    people.sort_by(|one, other| one.name.cmp(&other.name));
    people
        .into_iter()
        .map(|person| OptionView {
            value: person_value(person.id),
            label: person_label(person),
            hint: String::new(),
            chosen: false,
        })
        .collect()
}

/// A person with licence words: `Ines Farrow, RN`.
pub(crate) fn person_label(person: &Person) -> String {
    if person.credential.is_empty() {
        person.name.clone()
    } else {
        format!("{}, {}", person.name, person.credential)
    }
}
