//! The page for a session that was kept for the wrong patient.

use app::treatment::{BoardSession, WrongPatientPage};
use uuid::Uuid;

use super::super::wrong_patient::{WhyAgain, wrong_patient_html};
use super::{frame, shown};
use crate::samples::{self, Day, arrived, at, monitoring};

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
    assert!(html.contains("entries and delete this session"));
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
