//! A decision names what the prescriber saw; what was corrected since stands beside it.

use domain::treatment::{Basis, Change};
use press::RecordPrint;

use super::day::{Day, end, print};

/// A day on which 148/88 was decided about, and the reading then changed or not.
fn day(then: impl Fn(&mut Day, u32)) -> RecordPrint {
    let mut day = Day::begun(84);
    let high = day.vitals("09:44:00", 148, 88);
    day.decide("09:58:00", high);
    then(&mut day, high);
    day.device("10:02:00", 2, Basis::Now);
    day.vitals("12:04:00", 132, 84);
    end(&mut day);
    print(day)
}

/// Where the decision is printed: its own table, the marks, and the trail of events.
fn places(print: &RecordPrint) -> [&str; 3] {
    let gone_on = print
        .marks
        .iter()
        .find(|mark| mark.kind == "Decision")
        .unwrap();
    [
        &print.decisions[0].about,
        &gone_on.what,
        &print.events[3].what,
    ]
}

#[test]
fn a_decision_is_about_the_value_that_the_prescriber_saw() {
    let print = day(|day, high| day.correct_pressure("10:20:00", high, (152, 91)));
    for words in places(&print) {
        let (seen, since) = (
            words.find("148/88").unwrap(),
            words.find("since corrected to 152/91").unwrap(),
        );
        assert!(seen < since, "{words}");
    }
    let row = print.vitals.iter().find(|row| row.time == "09:44").unwrap();
    assert_eq!(row.blood_pressure, "152/91");
    assert!(row.mark.contains("corrected"), "{}", row.mark);
    // The mark is about the value that counts, and the decision about another one says so.
    let high = print
        .marks
        .iter()
        .find(|mark| mark.kind == "Outside limits")
        .unwrap();
    assert!(high.what.contains("152"), "{}", high.what);
    let said = "Decided at 09:58 about 148/88, since corrected to 152/91, go on: Rested";
    assert!(high.reason.starts_with(said), "{}", high.reason);
}

#[test]
fn a_decision_after_the_correction_is_about_the_corrected_value() {
    let print = day(|day, high| {
        day.correct_pressure("09:59:00", high, (152, 91));
        day.decide("10:00:00", high);
    });
    let about = |index: usize| print.decisions[index].about.as_str();
    assert_eq!(
        about(0),
        "The blood pressure of 09:44 (148/88, since corrected to 152/91)"
    );
    assert_eq!(about(1), "The blood pressure of 09:44 (152/91)");
    let high = print
        .marks
        .iter()
        .find(|mark| mark.kind == "Outside limits")
        .unwrap();
    assert!(
        high.reason.starts_with("Decided at 10:00, go on"),
        "{}",
        high.reason
    );
}

#[test]
fn a_reading_that_did_not_happen_leaves_what_was_seen() {
    let print = day(|day, high| day.correct("10:20:00", high, Change::Strike));
    for words in places(&print) {
        assert!(
            words.contains("(148/88, since struck: it did not happen)"),
            "{words}"
        );
    }
}

#[test]
fn a_decision_about_what_was_never_corrected_names_the_value_alone() {
    for words in places(&day(|_, _| {})) {
        assert!(
            words.contains("the blood pressure of 09:44 (148/88)")
                || words.starts_with("The blood pressure of 09:44 (148/88)"),
            "{words}"
        );
    }
}
