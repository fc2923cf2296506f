//! What the form of a prescriber's decision asks about.

use super::form::OptionView;
use super::session::say_of;
use crate::steps::{concern_parse, concern_value};
use crate::words::{capital, concern_words};
use app::treatment::SessionPage;

/// The choices of the form: what can be decided now, and what was sent before (or stands in the decision that is being
/// corrected), which stays choosable.
pub(super) fn concern_options(page: &SessionPage, sent: &[&str]) -> Vec<OptionView> {
    let say = say_of(page);
    let mut concerns = page.session.concerns_to_decide(&page.protocol);
    for concern in sent.iter().filter_map(|value| concern_parse(value)) {
        if !concerns.contains(&concern) {
            concerns.push(concern);
        }
    }
    concerns
        .iter()
        .map(|concern| OptionView {
            value: concern_value(concern),
            label: capital(&concern_words(&say, concern)),
            hint: String::new(),
            chosen: false,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, Day, NURSE, PRESCRIBER, arrived, at, device};
    use domain::treatment::{
        Answer, Attribution, Basis, Command, Concern, Decision, DecisionChoice, VitalKind,
    };

    fn values(page: &SessionPage, sent: &[&str]) -> Vec<String> {
        concern_options(page, sent)
            .into_iter()
            .map(|option| option.value)
            .collect()
    }

    fn decided(day: &mut Day, hour: i8, minute: i8, about: Vec<Concern>) {
        day.step(
            at(hour, minute, 0),
            &Command::RecordDecision(Decision {
                about,
                choice: DecisionChoice::Proceed,
                reason: "Weighed".to_owned(),
            }),
        );
    }

    #[test]
    fn nobody_on_site_can_be_decided_before_clearing() {
        let day = arrived();
        let page = day.page(at(8, 31, 0));
        assert_eq!(values(&page, &[]), ["no_prescriber_on_site"]);
        let day = samples::cleared();
        assert!(values(&day.page(at(8, 46, 0)), &[]).is_empty());
    }

    #[test]
    fn a_decision_that_is_corrected_keeps_what_it_is_about() {
        let mut day = arrived();
        day.step(at(8, 40, 0), &samples::vitals(150, 92, 98));
        let reading = Concern::Reading {
            seq: 2,
            kind: VitalKind::BloodPressure,
        };
        assert_eq!(
            values(&day.page(at(8, 40, 30)), &[]),
            ["reading:2:pressure", "no_prescriber_on_site"]
        );
        decided(&mut day, 8, 41, vec![reading]);
        let page = day.page(at(8, 42, 0));
        assert_eq!(values(&page, &[]), ["no_prescriber_on_site"]);
        assert_eq!(
            values(&page, &["reading:2:pressure", "no_prescriber_on_site", "x"]),
            ["no_prescriber_on_site", "reading:2:pressure"]
        );
        let options = concern_options(&page, &["reading:2:pressure"]);
        assert!(options[1].label.contains("150/92"));
    }

    #[test]
    fn what_was_not_decided_before_dosing_can_be_decided_after_it() {
        let mut day = arrived();
        day.step(at(8, 35, 0), &samples::checklist(Answer::No))
            .step(at(8, 40, 0), &samples::vitals(128, 82, 98));
        let ride = Concern::Checklist {
            item: "ride".to_owned(),
        };
        let already = Basis::Already {
            reason: "Taken from the tray".to_owned(),
        };
        day.step(at(9, 0, 0), &device(at(9, 0, 0), already));
        let by = Attribution {
            happened_at: at(9, 1, 0),
            taken_by: PRESCRIBER,
            entered_by: NURSE,
        };
        let late = Command::RecordDecision(Decision {
            about: vec![ride.clone()],
            choice: DecisionChoice::Proceed,
            reason: "The bus".to_owned(),
        });
        let taken = day
            .session
            .decide(&day.protocol, &late, &by, at(9, 1, 0))
            .is_ok();
        assert!(taken, "the rules take it");
        assert_eq!(values(&day.page(at(9, 1, 0)), &[]), ["checklist:ride"]);
        decided(&mut day, 9, 2, vec![ride]);
        assert!(values(&day.page(at(9, 3, 0)), &[]).is_empty());
    }
}
