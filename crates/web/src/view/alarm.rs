//! What is urgent: an emergency, and a reading beyond the limits once dosing has begun. It leads the page and the board.

use app::treatment::SessionPage;
use domain::treatment::{Concern, Event, Protocol, Session};

use super::due::PRESSURE_PLACE;
use super::session::{say_of, step_link};
use super::{StepLink, Tone};
use crate::words::{Say, capital, concern_words};

/// What leads a session's page before anything that is due.
pub(crate) struct AlarmView {
    pub(crate) title: &'static str,
    pub(crate) tone: Tone,
    pub(crate) lines: Vec<String>,
    pub(crate) steps: Vec<StepLink>,
}

/// What is urgent, as lines, while the patient is there.
pub(crate) fn alarm_lines(say: &Say<'_>, session: &Session, protocol: &Protocol) -> Vec<String> {
    if !session.phase().is_present() {
        return Vec::new();
    }
    let mut lines = emergencies(say, session);
    if session.dose(protocol).given_mg > 0 {
        let outside = session.open_concerns(protocol).into_iter();
        lines.extend(
            outside
                .filter(|concern| matches!(concern, Concern::Reading { .. }))
                .map(|concern| format!("Beyond the limits: {}", concern_words(say, &concern))),
        );
    }
    lines
}

fn emergencies(say: &Say<'_>, session: &Session) -> Vec<String> {
    let words = |event: &Event| {
        if matches!(event, Event::CrisisSymptomsRecorded(_)) {
            Some("symptoms of hypertensive crisis")
        } else if matches!(event, Event::EmergencyCalled { .. }) {
            Some("emergency services called")
        } else if matches!(event, Event::EmergencyArrived { .. }) {
            Some("emergency services arrived")
        } else {
            None
        }
    };
    session
        .effective()
        .iter()
        .filter_map(|recorded| {
            let words = words(&recorded.event)?;
            Some(format!(
                "{} at {}",
                capital(words),
                say.clock(recorded.happened_at)
            ))
        })
        .collect()
}

/// Whether something urgent goes on.
pub(super) fn is_urgent(say: &Say<'_>, session: &Session) -> bool {
    !alarm_lines(say, session, say.protocol).is_empty()
}

/// What leads the page, with the steps that may be needed now, the most needed first.
pub(crate) fn alarm_view(page: &SessionPage) -> Option<AlarmView> {
    let say = say_of(page);
    let lines = alarm_lines(&say, &page.session, &page.protocol);
    if lines.is_empty() {
        return None;
    }
    let is_emergency = !emergencies(&say, &page.session).is_empty();
    Some(AlarmView {
        title: if is_emergency {
            "Emergency"
        } else {
            "Look at the patient"
        },
        tone: if is_emergency {
            Tone::Alarm
        } else {
            Tone::Warn
        },
        lines,
        steps: wanted(page)
            .into_iter()
            .filter_map(|name| alarm_step(page, name))
            .collect(),
    })
}

/// The steps that may be needed, the most needed first: help in an emergency, else another reading.
fn wanted(page: &SessionPage) -> Vec<&'static str> {
    let recorded = |kind: fn(&Event) -> bool| {
        let mut events = page.session.effective().iter();
        events.any(|recorded| kind(&recorded.event))
    };
    let symptoms = recorded(|event| matches!(event, Event::CrisisSymptomsRecorded(_)));
    let called = recorded(|event| matches!(event, Event::EmergencyCalled { .. }));
    let arrived = recorded(|event| matches!(event, Event::EmergencyArrived { .. }));
    let help = match (called, arrived) {
        (_, true) => "emergency-care",
        (true, false) => "emergency-arrival",
        (false, false) => "emergency-call",
    };
    let decision = !page.session.open_concerns(&page.protocol).is_empty();
    let mut wanted = vec!["vitals"];
    wanted.extend(decision.then_some("decision"));
    wanted.insert(
        if symptoms || called || arrived {
            0
        } else {
            wanted.len()
        },
        help,
    );
    wanted.extend((!symptoms).then_some("crisis-symptoms"));
    wanted.extend((help != "emergency-care").then_some("emergency-care"));
    wanted
}

fn alarm_step(page: &SessionPage, name: &str) -> Option<StepLink> {
    match name {
        "vitals" => another_reading(page),
        "decision" => step_link(page, name).map(|link| StepLink {
            label: "Record the decision".to_owned(),
            ..link
        }),
        _ => step_link(page, name),
    }
}

/// The way to the form of vitals that stands on the session's own page.
pub(super) fn another_reading(page: &SessionPage) -> Option<StepLink> {
    step_link(page, "vitals").map(|link| StepLink {
        href: PRESSURE_PLACE.to_owned(),
        label: "Another reading".to_owned(),
        ..link
    })
}

/// What the bar at the bottom of a phone offers while something is urgent: the two most needed steps, in few words, for
/// both have to fit beside each other.
pub(crate) fn alarm_dock(alarm: &AlarmView) -> Vec<StepLink> {
    let short = |link: &StepLink| match link.name.as_str() {
        "vitals" => "New reading".to_owned(),
        "decision" => "Decide".to_owned(),
        "emergency-call" => "Help called".to_owned(),
        "emergency-arrival" => "Help arrived".to_owned(),
        "emergency-care" => "Sent to care".to_owned(),
        _ => link.label.clone(),
    };
    let first = alarm.steps.iter().take(2);
    first
        .map(|link| StepLink {
            label: short(link),
            ..link.copied()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, at, vitals};
    use app::Role;
    use domain::treatment::Command;

    fn names(steps: &[StepLink]) -> Vec<&str> {
        steps.iter().map(|step| step.name.as_str()).collect()
    }

    #[test]
    fn nothing_is_urgent_on_a_quiet_day() {
        let day = samples::monitoring();
        assert!(alarm_view(&day.page(at(10, 0, 0))).is_none());
    }

    #[test]
    fn reading_beyond_the_limits_and_an_emergency_lead_the_page() {
        let mut day = samples::monitoring();
        day.step(at(10, 0, 0), &vitals(188, 122, 97));
        let alarm = alarm_view(&day.page(at(10, 1, 0))).unwrap();
        assert_eq!(alarm.title, "Look at the patient");
        assert!(alarm.lines[0].contains("188/122"), "{}", alarm.lines[0]);
        assert_eq!(
            names(&alarm.steps),
            [
                "vitals",
                "emergency-call",
                "crisis-symptoms",
                "emergency-care"
            ]
        );
        assert_eq!(alarm.steps[0].href, "#f-systolic");
        assert_eq!(names(&alarm_dock(&alarm)), ["vitals", "emergency-call"]);
        let mut prescribers = day.page(at(10, 1, 0));
        prescribers.role = Role::Prescriber;
        let alarm = alarm_view(&prescribers).unwrap();
        assert_eq!(names(&alarm_dock(&alarm)), ["vitals", "decision"]);

        let note = String::new();
        day.step(at(10, 2, 0), &Command::CallEmergency { note });
        let alarm = alarm_view(&day.page(at(10, 3, 0))).unwrap();
        assert_eq!(alarm.title, "Emergency");
        assert_eq!(alarm.lines[0], "Emergency services called at 10:02");
        assert_eq!(
            names(&alarm.steps),
            [
                "emergency-arrival",
                "vitals",
                "crisis-symptoms",
                "emergency-care"
            ]
        );
        assert_eq!(names(&alarm_dock(&alarm)), ["emergency-arrival", "vitals"]);
        let note = String::new();
        day.step(at(10, 9, 0), &Command::EmergencyArrive { note });
        let alarm = alarm_view(&day.page(at(10, 10, 0))).unwrap();
        assert_eq!(names(&alarm_dock(&alarm)), ["emergency-care", "vitals"]);
    }
}
