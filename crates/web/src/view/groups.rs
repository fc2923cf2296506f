//! The steps that a session page offers.

use app::treatment::SessionPage;
use app::{Action, may};
use domain::treatment::{Event, Phase};

use super::session::{say_of, step_link};
use super::{Chip, Icon, StepLink, Tone};
use crate::steps::{self, Group, Step};
use crate::words::{capital, episode_words, list_words};

/// Steps under one title.
pub(crate) struct StepGroup {
    pub(crate) title: &'static str,
    pub(crate) steps: Vec<StepLink>,
}

/// The steps that the viewer may take in this phase, grouped as the page shows them.
pub(crate) fn groups_view(page: &SessionPage) -> Vec<StepGroup> {
    Group::ALL
        .into_iter()
        .filter_map(|group| {
            let mut steps: Vec<StepLink> = steps::catalogue()
                .iter()
                .filter(|step| step.group == group && is_offered(step, page))
                .filter_map(|step| {
                    step_link(page, step.name).map(|link| link.with_state(page, step))
                })
                .collect();
            if group == Group::Record {
                steps.extend(wrong_patient_link(page));
            }
            (!steps.is_empty()).then_some(StepGroup {
                title: group.title(),
                steps,
            })
        })
        .collect()
}

/// The way out when all of this belongs to somebody else.
fn wrong_patient_link(page: &SessionPage) -> Option<StepLink> {
    let is_offered = may(page.role, Action::WrongPatient) && !page.session.phase().is_ended();
    is_offered.then(|| StepLink {
        note: "Move what was recorded to the right session".to_owned(),
        ..StepLink::plain(
            "wrong-patient",
            format!("/floor/sessions/{}/wrong-patient", page.id),
            "Wrong patient".to_owned(),
        )
    })
}

/// Whether a page offers a step in this phase. The rules decide what is taken; this only keeps the list short.
fn is_offered(step: &Step, page: &SessionPage) -> bool {
    let phase = page.session.phase();
    match step.name {
        "arrival" => phase == Phase::Planned,
        "no-show" => phase == Phase::Planned,
        "delay" | "cancellation" => {
            matches!(phase, Phase::Planned | Phase::Arrived | Phase::Cleared)
        }
        "plan-change" => phase == Phase::Planned || phase.is_present(),
        // What was called off can be taken back.
        "correction" => {
            let mut recorded = page.session.effective().iter();
            recorded.any(|recorded| page.session.is_open_to_correction(recorded.seq))
        }
        // Answered ones too: an answer can be changed.
        "seriousness" => !page.session.serious_subjects().is_empty(),
        "report" => !page.session.reports_owed(&page.protocol).is_empty(),
        "addendum" => phase.is_ended(),
        "episode-resolution" => !page.session.open_episodes().is_empty(),
        // After the end too: the form asks for it.
        "none-observed" => {
            (phase.is_present() || has_device(page) && phase.is_locked())
                && !page.session.kinds_unanswered().is_empty()
        }
        "emergency-arrival" => {
            phase.is_present()
                && has_event(page, |event| matches!(event, Event::EmergencyCalled { .. }))
        }
        _ => phase.is_present(),
    }
}

fn has_device(page: &SessionPage) -> bool {
    page.session.dose(&page.protocol).given_mg > 0
}

fn has_event(page: &SessionPage, wanted: impl Fn(&Event) -> bool) -> bool {
    page.session
        .effective()
        .iter()
        .any(|recorded| wanted(&recorded.event))
}

impl StepLink {
    /// With what was done already, and whether it presses.
    fn with_state(mut self, page: &SessionPage, step: &Step) -> Self {
        match step.name {
            "checklist" => {
                let states = page.session.checklist(&page.protocol);
                let answered = states.iter().filter(|state| state.seq.is_some()).count();
                self.done = Some(progress(answered, states.len()));
            }
            "device" => {
                let dose = page.session.dose(&page.protocol);
                self.note = format!("{} of {} mg given", dose.given_mg, dose.intended_mg);
            }
            "episode" => self.note = "Sedation, dissociation, respiratory depression".to_owned(),
            "none-observed" => {
                let kinds: Vec<String> = page
                    .session
                    .kinds_unanswered()
                    .iter()
                    .map(|kind| episode_words(*kind).to_owned())
                    .collect();
                self.note = capital(&list_words(&kinds));
            }
            "clearing" if page.session.phase() != Phase::Arrived => self.done = Some(done()),
            "decision" => self.is_urgent = !page.session.open_concerns(&page.protocol).is_empty(),
            "episode-resolution" => {
                let say = say_of(page);
                let open: Vec<String> = page
                    .session
                    .open_episodes()
                    .iter()
                    .map(|episode| {
                        format!(
                            "{} since {}",
                            episode_words(episode.kind),
                            say.clock(episode.onset)
                        )
                    })
                    .collect();
                self.note = capital(&list_words(&open));
            }
            "readiness" if page.session.readiness_minutes(&page.protocol).is_some() => {
                self.done = Some(done())
            }
            "vitals" => {
                if let Some(pressure) = page.session.latest_vitals().pressure {
                    let say = say_of(page);
                    self.note = format!(
                        "Last {}/{} at {}",
                        pressure.value.systolic,
                        pressure.value.diastolic,
                        say.clock(pressure.at)
                    );
                }
            }
            _ => {}
        }
        self
    }
}

fn done() -> Chip {
    Chip {
        words: "Done".to_owned(),
        tone: Tone::Good,
        icon: Some(Icon::Check),
    }
}

fn progress(answered: usize, all: usize) -> Chip {
    if answered == all {
        done()
    } else {
        Chip {
            words: format!("{answered} of {all}"),
            tone: Tone::Quiet,
            icon: None,
        }
    }
}
