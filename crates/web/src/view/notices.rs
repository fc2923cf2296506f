//! What asks for attention on a session's pages.

use app::treatment::SessionPage;
use app::{Action, may};
use domain::treatment::{
    Concern, Decision, DecisionChoice, DepartureQuestion, Event, Lack, Offer, Phase, Recorded,
};

use super::alarm::another_reading;
use super::due::{is_device_offered, lacks_for_clearing};
use super::session::{ask_words, may_correct, say_of, step_href, step_link};
use super::{Icon, Notice, StepLink, Tone};
use crate::words::{
    Say, capital, choice_wording, choice_words, concern_words, episode_words, lack_words,
    list_words, offer_words,
};

/// What asks for attention while the session is open.
pub(crate) fn notices_view(page: &SessionPage) -> Vec<Notice> {
    let say = say_of(page);
    let mut notices = offers(page, &say);
    let phase = page.session.phase();
    if phase.is_present() {
        if is_device_offered(&say, &page.session) {
            notices.extend(rest_notice(page, &say));
        }
        notices.extend(decision_notices(page, &say));
    }
    if matches!(phase, Phase::Arrived) {
        let lacks: Vec<Lack> = lacks_for_clearing(page)
            .into_iter()
            .filter(|lack| !matches!(lack, Lack::Decision { .. }))
            .collect();
        notices.extend(lacks_notice(
            "before-clearing",
            "Before clearing",
            &say,
            &lacks,
        ));
    }
    if matches!(phase, Phase::Dosing | Phase::Monitoring) {
        let lacks = page.session.missing_for_discharge(&page.protocol, page.now);
        let said_at_discharge = |lack: &Lack| {
            matches!(
                lack,
                Lack::ClinicallyStable | Lack::Instructions | Lack::Escort
            )
        };
        let lacks: Vec<Lack> = lacks
            .into_iter()
            .filter(|lack| !said_at_discharge(lack))
            .collect();
        if matches!(phase, Phase::Monitoring) {
            notices.extend(lacks_notice(
                "before-discharge",
                "Before discharge",
                &say,
                &lacks,
            ));
        }
    }
    notices.extend(seriousness_notices(page));
    notices
}

fn offers(page: &SessionPage, say: &Say<'_>) -> Vec<Notice> {
    page.session
        .offers(&page.protocol)
        .into_iter()
        .map(|offer| {
            let Offer::OpenEpisode { critical, kind, .. } = offer;
            Notice {
                key: "offer",
                tone: if critical { Tone::Alarm } else { Tone::Warn },
                icon: Icon::Alert,
                title: offer_words(say, offer),
                lines: Vec::new(),
                step: step_link(page, "episode").map(|link| StepLink {
                    label: format!("Record {}", episode_words(kind)),
                    ..link
                }),
            }
        })
        .collect()
}

fn rest_notice(page: &SessionPage, say: &Say<'_>) -> Option<Notice> {
    let rest = page
        .session
        .rest(&page.protocol, page.now)
        .filter(|rest| rest.left_s > 0)?;
    Some(Notice {
        key: "rest",
        tone: Tone::Live,
        icon: Icon::Clock,
        title: format!("Rest until {}", say.clock_exact(rest.until)),
        lines: vec!["The next device comes after it.".to_owned()],
        step: None,
    })
}

/// What asks for the prescriber's decision, and what the prescriber has said that is not to go on.
fn decision_notices(page: &SessionPage, say: &Say<'_>) -> Vec<Notice> {
    let mut asked = Vec::new();
    let mut told: Vec<(&Recorded, &Decision)> = Vec::new();
    for concern in page.session.open_concerns(&page.protocol) {
        match last_decision(page, &concern) {
            Some((_, decision)) if decision.choice == DecisionChoice::Proceed => {
                asked.push(concern)
            }
            Some(last) if told.iter().any(|(by, _)| by.seq == last.0.seq) => {}
            Some(last) => told.push(last),
            None => asked.push(concern),
        }
    }
    let mut notices: Vec<Notice> = told
        .into_iter()
        .map(|(by, decision)| told_notice(page, say, by, decision))
        .collect();
    if !asked.is_empty() {
        let about = |concern: &Concern| capital(&concern_words(say, concern));
        let mut lines: Vec<String> = asked.iter().map(about).collect();
        lines.extend(ask_words(page));
        notices.push(Notice {
            key: "decision",
            tone: Tone::Warn,
            icon: Icon::Alert,
            title: "The prescriber’s decision is asked for".to_owned(),
            lines,
            step: step_link(page, "decision").map(|link| StepLink {
                label: "Record the decision".to_owned(),
                ..link
            }),
        });
    }
    notices
}

/// The last decision about a concern, whatever it was.
fn last_decision<'a>(
    page: &'a SessionPage,
    concern: &Concern,
) -> Option<(&'a Recorded, &'a Decision)> {
    let decisions = page.session.effective().iter().filter_map(|recorded| {
        if let Event::DecisionRecorded(decision) = &recorded.event {
            Some((recorded, decision))
        } else {
            None
        }
    });
    decisions
        .filter(|(_, decision)| decision.about.contains(concern))
        .max_by_key(|(by, _)| (by.happened_at, by.seq))
}

/// A decision to wait, or not to treat today: who said so, about what, and what is done then.
fn told_notice(page: &SessionPage, say: &Say<'_>, by: &Recorded, decision: &Decision) -> Notice {
    let about = |concern: &Concern| concern_words(say, concern);
    let about: Vec<String> = decision.about.iter().map(about).collect();
    let mut lines = vec![format!(
        "At {}, about {}",
        say.clock(by.happened_at),
        list_words(&about)
    )];
    if !decision.reason.is_empty() {
        lines.push(format!("“{}”", decision.reason));
    }
    Notice {
        key: "told",
        tone: Tone::Warn,
        icon: Icon::Alert,
        title: format!(
            "{} decided: {}",
            say.person(by.taken_by),
            choice_words(decision.choice)
        ),
        lines,
        step: told_step(page, decision),
    }
}

/// What the viewer can do after such a decision.
fn told_step(page: &SessionPage, decision: &Decision) -> Option<StepLink> {
    if let Some(link) = step_link(page, "decision") {
        return Some(StepLink {
            label: "Decide again".to_owned(),
            ..link
        });
    }
    let is_measured = |concern: &Concern| {
        matches!(
            concern,
            Concern::Reading { .. } | Concern::NotMeasured { .. }
        )
    };
    match decision.choice {
        DecisionChoice::Wait if decision.about.iter().any(is_measured) => another_reading(page),
        DecisionChoice::Delay
            if matches!(page.session.phase(), Phase::Arrived | Phase::Cleared) =>
        {
            step_link(page, "delay")
        }
        DecisionChoice::Delay if page.session.phase() == Phase::Dosing => {
            step_link(page, "dosing-stop")
        }
        DecisionChoice::Proceed | DecisionChoice::Wait | DecisionChoice::Delay => None,
    }
}

fn lacks_notice(key: &'static str, title: &str, say: &Say<'_>, lacks: &[Lack]) -> Option<Notice> {
    (!lacks.is_empty()).then(|| Notice {
        key,
        tone: Tone::Quiet,
        icon: Icon::Info,
        title: title.to_owned(),
        lines: lacks.iter().map(|lack| lack_words(say, lack)).collect(),
        step: None,
    })
}

fn seriousness_notices(page: &SessionPage) -> Vec<Notice> {
    let mut notices = Vec::new();
    if !page.session.seriousness_open().is_empty() {
        notices.push(Notice {
            key: "seriousness",
            tone: Tone::Warn,
            icon: Icon::Alert,
            title: "Was it a serious adverse event?".to_owned(),
            lines: vec!["This is not answered yet.".to_owned()],
            step: step_link(page, "seriousness").map(|link| StepLink {
                label: "Answer".to_owned(),
                ..link
            }),
        });
    }
    let owed = page.session.reports_owed(&page.protocol);
    if !owed.is_empty() {
        let wording = |id: &String| choice_wording(&page.protocol.serious_reports, id);
        notices.push(Notice {
            key: "reports",
            tone: Tone::Warn,
            icon: Icon::Alert,
            title: "Reports that are owed".to_owned(),
            lines: owed.iter().map(wording).collect(),
            step: step_link(page, "report").map(|link| StepLink {
                label: "A report was made".to_owned(),
                ..link
            }),
        });
    }
    notices
}

/// What asks for attention on the record of a session that has ended.
pub(crate) fn record_notices_view(page: &SessionPage) -> Vec<Notice> {
    let mut notices = seriousness_notices(page);
    notices.extend(called_off_notices(page));
    let open = page.session.departure_open();
    if !open.is_empty() {
        notices.push(Notice {
            key: "departure",
            tone: Tone::Warn,
            icon: Icon::Alert,
            title: "Still asked about the departure".to_owned(),
            lines: open
                .into_iter()
                .map(|question| departure_question(question).to_owned())
                .collect(),
            step: step_link(page, "addendum").map(|link| StepLink {
                label: "Answer in an addendum".to_owned(),
                ..link
            }),
        });
    }
    let unanswered = page.session.kinds_unanswered();
    let has_device = page.session.dose(&page.protocol).given_mg > 0;
    if page.session.phase().is_locked() && has_device && !unanswered.is_empty() {
        let kinds: Vec<String> = unanswered
            .into_iter()
            .map(|kind| episode_words(kind).to_owned())
            .collect();
        notices.push(Notice {
            key: "unanswered",
            tone: Tone::Quiet,
            icon: Icon::Info,
            title: format!(
                "The monitoring form still asks about {}",
                list_words(&kinds)
            ),
            lines: Vec::new(),
            step: step_link(page, "none-observed"),
        });
    }
    notices
}

/// A session that was called off: how it is taken up again, and how that is taken back.
fn called_off_notices(page: &SessionPage) -> Vec<Notice> {
    let phase = page.session.phase();
    let (title, take_back) = match phase {
        Phase::NoShow => (
            "The patient did not come",
            "The patient came after all: take this back",
        ),
        Phase::Cancelled => (
            "The session was cancelled",
            "It takes place after all: take this back",
        ),
        Phase::Delayed => (
            "Delayed by mistake?",
            "It goes on as planned after all: take this back",
        ),
        Phase::Empty
        | Phase::Planned
        | Phase::Arrived
        | Phase::Cleared
        | Phase::Dosing
        | Phase::Monitoring
        | Phase::Discharged
        | Phase::LeftAgainstAdvice
        | Phase::EmergencyCare => return Vec::new(),
    };
    let notice = |key, title: &str, line: &str, step| Notice {
        key,
        tone: Tone::Quiet,
        icon: Icon::Info,
        title: title.to_owned(),
        lines: vec![line.to_owned()],
        step: Some(step),
    };
    let mut notices = Vec::new();
    if phase == Phase::Delayed && may(page.role, Action::Plan) {
        let href = format!(
            "/floor/sessions/new?patient={}&follows={}",
            page.patient.id, page.id
        );
        notices.push(notice(
            "plan-again",
            "Delayed to another day",
            "It is taken up as a new session, with everything asked anew.",
            StepLink::plain("plan", href, "Plan it for another day".to_owned()),
        ));
    }
    let ending = page
        .session
        .effective()
        .iter()
        .rev()
        .find(|recorded| is_call_off(&recorded.event) && may_correct(page, recorded));
    if let Some(ending) = ending {
        let href = format!(
            "{}?corrects={}&change=strike",
            step_href(page, "correction"),
            ending.seq
        );
        notices.push(notice(
            "take-back",
            title,
            "If that is not so, it can be taken back: the entry stays on the record, corrected.",
            StepLink::plain("correction", href, take_back.to_owned()),
        ));
    }
    notices
}

fn is_call_off(event: &Event) -> bool {
    matches!(
        event,
        Event::Delayed { .. } | Event::Cancelled { .. } | Event::NoShow { .. }
    )
}

fn departure_question(question: DepartureQuestion) -> &'static str {
    match question {
        DepartureQuestion::PrescriberTold => "Which prescriber was told?",
        DepartureQuestion::LastVitals => "Were the last vitals taken?",
        DepartureQuestion::Orientation => "Was the patient oriented?",
        DepartureQuestion::Escort => "Who went with the patient?",
        DepartureQuestion::Signature => "Did the patient sign?",
    }
}
