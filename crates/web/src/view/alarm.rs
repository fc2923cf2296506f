//! What is urgent: an emergency, and a reading beyond the limits once dosing has begun. It leads the page and the board.

use app::treatment::SessionPage;
use domain::treatment::{Concern, Event, Protocol, Session};

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

/// What leads the page, with the steps that may be needed now.
pub(crate) fn alarm_view(page: &SessionPage) -> Option<AlarmView> {
    let say = say_of(page);
    let lines = alarm_lines(&say, &page.session, &page.protocol);
    if lines.is_empty() {
        return None;
    }
    let is_emergency = !emergencies(&say, &page.session).is_empty();
    let recorded = |kind: fn(&Event) -> bool| {
        let mut events = page.session.effective().iter();
        events.any(|recorded| kind(&recorded.event))
    };
    let called = recorded(|event| matches!(event, Event::EmergencyCalled { .. }));
    let arrived = recorded(|event| matches!(event, Event::EmergencyArrived { .. }));
    let mut wanted = Vec::new();
    if !recorded(|event| matches!(event, Event::CrisisSymptomsRecorded(_))) {
        wanted.push("crisis-symptoms");
    }
    match (called, arrived) {
        (false, _) => wanted.push("emergency-call"),
        (true, false) => wanted.push("emergency-arrival"),
        (true, true) => {}
    }
    wanted.push("emergency-care");
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
        steps: wanted
            .into_iter()
            .filter_map(|name| step_link(page, name))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, at, vitals};
    use domain::treatment::Command;

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
        let names = |alarm: &AlarmView| -> Vec<String> {
            let steps = alarm.steps.iter();
            steps.map(|step| step.name.clone()).collect()
        };
        assert_eq!(
            names(&alarm),
            ["crisis-symptoms", "emergency-call", "emergency-care"]
        );

        let note = String::new();
        day.step(at(10, 2, 0), &Command::CallEmergency { note });
        let alarm = alarm_view(&day.page(at(10, 3, 0))).unwrap();
        assert_eq!(alarm.title, "Emergency");
        assert_eq!(alarm.lines[0], "Emergency services called at 10:02");
        assert_eq!(
            names(&alarm),
            ["crisis-symptoms", "emergency-arrival", "emergency-care"]
        );
    }
}
