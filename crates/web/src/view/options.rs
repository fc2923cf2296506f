//! The choices of a field that are not the same in every session.

use app::Role;
use app::treatment::{Person, SessionPage};
use domain::treatment::{Event, SeriousSubject, Seriousness};

use super::concerns::concern_options;
use super::form::OptionView;
use super::session::{may_correct, say_of};
use crate::steps::read::person_value;
use crate::steps::{EMERGENCY_CARE, Source};
use crate::words::{Say, capital, episode_words, event_title, seriousness_words};

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
        Source::Concerns => concern_options(page, sent),
        Source::Correctable => page
            .session
            .effective()
            .iter()
            .rev()
            .filter(|recorded| may_correct(page, recorded))
            .map(|recorded| {
                let label = format!(
                    "{} {}",
                    say.clock(recorded.happened_at),
                    event_title(&recorded.event)
                );
                option(recorded.seq.to_string(), label)
            })
            .collect(),
        // Those that are answered too: the last answer counts.
        Source::SeriousSubjects => page
            .session
            .serious_subjects()
            .into_iter()
            .map(|subject| {
                let (value, what) = match subject {
                    SeriousSubject::AdverseEvent(seq) => {
                        (seq.to_string(), adverse_label(page, seq))
                    }
                    SeriousSubject::EmergencyCare => (
                        EMERGENCY_CARE.to_owned(),
                        "Sent to emergency care".to_owned(),
                    ),
                };
                option(
                    value,
                    format!("{what} · {}", answer_so_far(page, &say, subject)),
                )
            })
            .collect(),
    }
}

/// The answer that counts until another one is given.
fn answer_so_far(page: &SessionPage, say: &Say<'_>, subject: SeriousSubject) -> String {
    match page.session.seriousness(subject) {
        None | Some(Seriousness::NotYetAnswered) => "not yet answered".to_owned(),
        Some(answer) => format!("answered: {}", seriousness_words(say, &answer)),
    }
}

fn adverse_label(page: &SessionPage, seq: u32) -> String {
    let say = say_of(page);
    match say.event(seq).map(|recorded| &recorded.event) {
        Some(Event::AdverseEventRecorded(adverse)) => adverse.description.clone(),
        Some(_) | None => say.event_name(seq),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{at, monitoring};
    use domain::treatment::{AdverseEvent, Command, EmergencyTransfer, SeriousAnswer};

    #[test]
    fn every_subject_of_seriousness_stays_offered_with_its_answer() {
        let mut day = monitoring();
        let seq = day.session.next_seq();
        let about = SeriousSubject::AdverseEvent(seq);
        let answer = |seriousness| Command::AnswerSerious(SeriousAnswer { about, seriousness });
        day.step(
            at(9, 30, 0),
            &Command::RecordAdverseEvent(AdverseEvent {
                description: "Fell".to_owned(),
                seriousness: Seriousness::NotYetAnswered,
            }),
        );
        let labels = |day: &crate::samples::Day| -> Vec<(String, String)> {
            options_of(&day.page(at(9, 50, 0)), Source::SeriousSubjects, &[])
                .into_iter()
                .map(|option| (option.value, option.label))
                .collect()
        };
        let fell = |words: &str| (seq.to_string(), format!("Fell · {words}"));
        assert_eq!(labels(&day), [fell("not yet answered")]);
        day.step(at(9, 31, 0), &answer(Seriousness::NotSerious));
        assert_eq!(labels(&day), [fell("answered: not serious")]);
        let kinds = vec!["hospitalisation".to_owned()];
        day.step(at(9, 40, 0), &answer(Seriousness::Serious { kinds }))
            .step(
                at(9, 45, 0),
                &Command::SendToEmergencyCare(EmergencyTransfer {
                    reason: "Fell".to_owned(),
                    destination: String::new(),
                    seriousness: Seriousness::NotYetAnswered,
                }),
            );
        let emergency = "Sent to emergency care · not yet answered".to_owned();
        assert_eq!(
            labels(&day),
            [
                fell("answered: serious: Hospitalisation"),
                ("emergency_care".to_owned(), emergency)
            ]
        );
    }
}
