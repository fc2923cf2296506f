//! The page for a session that was kept for the wrong patient.

use app::treatment::{BoardSession, WrongPatientPage};
use domain::treatment::Command;
use uuid::Uuid;

use super::super::wrong_patient::{WhyAgain, wrong_patient_html};
use super::{frame, shown};
use crate::samples::{self, Day, NURSE, arrived, at, monitoring};

#[test]
fn wrong_patient_says_what_moves_and_what_is_deleted() {
    let shown_with = |name: &str, day: &Day, others: Vec<BoardSession>, again| {
        let wrong = WrongPatientPage {
            session: day.page(at(9, 52, 0)),
            others,
        };
        let frame = frame("Wrong patient", at(9, 52, 0));
        shown(
            name,
            &wrong_patient_html(&wrong, frame, Uuid::from_u128(7), "", &again),
        )
    };
    let others = || {
        samples::board()
            .sessions
            .into_iter()
            .skip(1)
            .take(3)
            .collect()
    };
    let html = shown_with("wrong-patient", &monitoring(), others(), WhyAgain::No);
    assert!(html.contains("<span data-chosen>the chosen patient</span> and delete this session"));
    assert!(
        !html.contains(" key "),
        "nobody at a clinic has to know of keys"
    );
    assert_eq!(html.matches("type=\"radio\"").count(), 3);
    let html = shown_with(
        "wrong-patient-not-chosen",
        &monitoring(),
        others(),
        WhyAgain::NotChosen,
    );
    assert!(html.contains("data-outcome=\"refused\"") && html.contains("Please choose"));
    let html = shown_with(
        "wrong-patient-alone",
        &monitoring(),
        Vec::new(),
        WhyAgain::No,
    );
    assert!(!html.contains("type=\"submit\">Move") && html.contains("Plan a session"));
    let html = shown_with("wrong-patient-empty", &arrived(), Vec::new(), WhyAgain::No);
    assert!(html.contains("Delete this session") && !html.contains("type=\"radio\""));
}

#[test]
fn a_refused_move_is_told_in_the_words_of_the_right_session() {
    let mut right = samples::planned();
    right.step(at(9, 6, 0), &Command::Arrive);
    let wrong = monitoring();
    let refusal = right
        .session
        .decide_taking_in(&right.protocol, &wrong.session, NURSE, at(9, 52, 0))
        .err()
        .unwrap();
    assert_eq!(refusal.kind(), "before_arrival");
    let mut other = samples::board().sessions.remove(1);
    other.session = right.session;
    let id = other.id;
    let page = WrongPatientPage {
        session: wrong.page(at(9, 52, 0)),
        others: vec![other],
    };
    let again = WhyAgain::Refused(refusal, id);
    let frame = frame("Wrong patient", at(9, 52, 0));
    let html = shown(
        "wrong-patient-refused",
        &wrong_patient_html(&page, frame, Uuid::from_u128(7), &id.to_string(), &again),
    );
    assert!(
        html.contains("entries to <span data-chosen>Cassius J Merriden, born 12 Mar 1984</span>")
    );
    assert!(html.contains("In the session of Cassius J Merriden: "));
    assert!(
        html.contains("arrival at 09:06"),
        "not the wrong session’s 08:30"
    );
    assert!(html.contains(&format!("/floor/sessions/{id}/steps/correction?corrects=1")));
}
