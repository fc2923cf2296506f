//! What a session's page offers next.

use domain::treatment::{Decision, DecisionChoice, Readiness, YesNo};

use super::*;
use crate::samples::vitals;

fn session_page(name: &str, day: &Day, now: Timestamp) -> String {
    let page = day.page(now);
    shown(
        name,
        &session_html(&page, frame("Session", now), None, Uuid::from_u128(6)),
    )
}

/// The bar at the bottom of a phone.
fn dock(html: &str) -> &str {
    let bar = html.split("<nav class=\"dock").nth(1).unwrap();
    bar.split("</nav>").next().unwrap()
}

#[test]
fn no_device_is_offered_while_something_is_urgent() {
    let mut day = samples::cleared();
    day.step(at(9, 0, 0), &device(at(9, 0, 0), Basis::Now));
    let html = session_page("session-rested", &day, at(9, 6, 0));
    assert!(dock(&html).contains("Record the device"));
    day.step(at(9, 6, 0), &vitals(188, 122, 97));
    let html = session_page("session-beyond", &day, at(9, 7, 0));
    assert!(html.contains("data-alarm") && !html.contains("Record the device"));
    assert!(!html.contains("Next device") && !html.contains("data-notice=\"rest\""));
    assert!(dock(&html).contains("href=\"#f-systolic\"") && html.contains("id=\"f-systolic\""));
    assert!(
        html.contains("data-step=\"device\"") && !html.contains("details class=\"more fold\""),
        "every step stays within reach"
    );
    let note = String::new();
    day.step(at(9, 8, 0), &Command::CallEmergency { note })
        .step(at(9, 10, 0), &vitals(138, 88, 97));
    let html = session_page("session-emergency", &day, at(9, 11, 0));
    assert!(
        !html.contains("Record the device"),
        "an emergency is no day for it"
    );
    assert!(dock(&html).contains("data-next=\"emergency-arrival\""));
}

#[test]
fn what_the_prescriber_has_to_decide_comes_before_the_device() {
    let mut day = samples::cleared();
    day.step(at(8, 50, 0), &checklist(Answer::No));
    let html = session_page("session-undecided", &day, at(8, 51, 0));
    assert!(html.contains("The prescriber’s decision") && !html.contains("The first device"));
}

#[test]
fn a_decision_to_wait_is_told_to_the_nurse() {
    let mut day = samples::cleared();
    day.step(at(9, 0, 0), &device(at(9, 0, 0), Basis::Now))
        .step(at(9, 4, 0), &vitals(172, 104, 97));
    let html = session_page("session-asked", &day, at(9, 5, 0));
    assert!(html.contains("Ask Tobias Wrenfield to decide."));
    let wait = Decision {
        about: day.session.open_concerns(&day.protocol),
        choice: DecisionChoice::Wait,
        reason: "Look again in ten minutes".to_owned(),
    };
    day.step(at(9, 6, 0), &Command::RecordDecision(wait));
    let html = session_page("session-told", &day, at(9, 7, 0));
    assert!(html.contains("data-notice=\"told\"") && html.contains("decided: wait and look again"));
    assert!(html.contains("At 09:06, about the blood pressure of 09:04 (172/104)"));
    assert!(html.contains("“Look again in ten minutes”") && !html.contains("to decide."));
    day.step(at(9, 16, 0), &vitals(171, 103, 97));
    let html = session_page("session-asked-again", &day, at(9, 17, 0));
    assert!(
        html.contains("Ask Tobias Wrenfield to decide.") && !html.contains("data-notice=\"told\""),
        "of the new reading nothing is decided yet"
    );
    day.step(at(9, 20, 0), &vitals(141, 88, 97));
    let html = session_page("session-answered", &day, at(9, 21, 0));
    assert!(!html.contains("data-notice=\"told\"") && !html.contains("data-notice=\"decision\""));
}

#[test]
fn a_judgment_with_a_no_is_saved_and_is_no_good_news() {
    let judged = |alert| {
        let mut day = monitoring();
        let readiness = Readiness {
            alert,
            no_dissociation: YesNo::No,
            breathing_in_range: YesNo::Yes,
            pressure_safe: YesNo::Yes,
        };
        day.step(at(9, 50, 0), &Command::JudgeReadiness(readiness));
        day
    };
    let saved = |day: &Day| {
        let page = day.page(at(9, 51, 0));
        let saved = saved_view(&page, page.version - 1);
        let html = shown(
            "session-judged",
            &session_html(&page, frame("Session", page.now), saved, Uuid::from_u128(6)),
        );
        let html = html.split("data-focus data-outcome=\"accepted\"").nth(1);
        html.unwrap().split("</ul>").next().unwrap().to_owned()
    };
    let first = saved(&judged(YesNo::Yes));
    assert!(
        first.contains("Saved: Readiness judged") && first.contains("<li>No dissociation: no</li>")
    );
    assert!(!first.contains("Alert"), "only what was judged no");
    assert!(saved(&judged(YesNo::No)).contains("<li>Alert (MOAA/S 5): no</li>"));
    let mut page = judged(YesNo::No).page(at(9, 51, 0));
    assert!(
        !saved_view(&page, page.version - 1)
            .unwrap()
            .judged_no
            .is_empty()
    );
    page = discharged().page(at(11, 9, 0));
    let judged = page
        .events
        .iter()
        .find(|event| event.event.kind() == "readiness_judged");
    let yes = saved_view(&page, judged.unwrap().seq).unwrap();
    assert!(yes.judged_no.is_empty(), "yes in all parts is good news");
}
