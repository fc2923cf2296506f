//! The protocol that the program carries: parsed from its data file, and checked before anything relies on it.

mod check;
mod mirror;

use domain::treatment::Protocol;

use crate::error::AppError;
use mirror::{Convert, ProtocolFile};

const FILE: &str = include_str!("../protocols/esketamine-2026-11.toml");

/// The protocol that the program carries.
///
/// # Errors
/// [`AppError::Impossible`] when the file does not parse or contradicts itself; says where. Only a wrongly built program
/// has such a file.
pub(crate) fn standard() -> Result<Protocol, AppError> {
    parse(FILE).map_err(|problem| AppError::Impossible(format!("the protocol's file: {problem}")))
}

fn parse(text: &str) -> Result<Protocol, String> {
    let file: ProtocolFile = toml::from_str(text).map_err(|error| error.to_string())?;
    let protocol = file.convert();
    check::check(&protocol)?;
    Ok(protocol)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::treatment::{CountsFrom, Expected, VitalKind};

    fn shipped() -> Protocol {
        parse(FILE).unwrap()
    }

    #[test]
    fn the_shipped_file_says_what_the_programme_demands() {
        let protocol = shipped();
        assert_eq!(protocol.version, "esketamine-2026-11");
        let timing = &protocol.timing;
        assert_eq!(timing.rest_s.value, 300);
        assert_eq!(timing.minimum_minutes.value, 120);
        assert_eq!(timing.minimum_counts_from.value, CountsFrom::LastDevice);
        assert_eq!(timing.check_minutes.value, 40);
        assert_eq!(timing.check_counts_from.value, CountsFrom::LastDevice);
        assert_eq!(
            (
                timing.check_due_from_minutes.value,
                timing.check_overdue_after_minutes.value
            ),
            (35, 45)
        );
        assert_eq!(timing.check_counted_within_minutes.value, 10);
        assert_eq!(
            (
                timing.last_pressure_before_minimum_minutes.value,
                timing.last_pressure_before_discharge_minutes.value
            ),
            (15, 30)
        );
        assert_eq!(
            protocol.form.minutes_count_from.value,
            CountsFrom::FirstDevice
        );
        assert_eq!(protocol.form.days_to_submit.value, 7);
        assert_eq!(
            (
                protocol.limits_before.systolic_max.value,
                protocol.limits_before.diastolic_max.value
            ),
            (140, 90)
        );
        assert!(
            protocol
                .readings
                .before_dosing
                .value
                .contains(&VitalKind::BloodPressure)
        );
        assert!(
            protocol
                .readings
                .every_session
                .value
                .contains(&VitalKind::Spo2)
        );
    }

    #[test]
    fn the_shipped_doses_and_kits_are_the_programmes() {
        let protocol = shipped();
        assert_eq!(protocol.devices_for(56), Some(2));
        assert_eq!(protocol.devices_for(84), Some(3));
        assert_eq!(protocol.devices_for(28), None);
        assert_eq!(protocol.dosing.first_treatment_trd_mg.value, 56);
        assert_eq!(protocol.dosing.spray_mg.value, 14);
        let ndc: Vec<_> = protocol.kits.iter().map(|kit| kit.ndc.as_str()).collect();
        assert!(ndc.contains(&"50458-028-02") && ndc.contains(&"50458-028-03"));
        assert!(
            protocol
                .checklist
                .iter()
                .any(|item| item.expected == Expected::No)
        );
    }

    #[test]
    fn what_does_not_belong_or_lacks_is_refused() {
        let problem = |text: &str| parse(text).unwrap_err();
        assert!(problem(&format!("rest_h = 1\n{FILE}")).contains("rest_h"));
        assert!(problem(&FILE.replace("rest_s", "rest_x")).contains("rest_x"));
        let (before, after) = FILE.split_once("source = \"").unwrap();
        let (_, after) = after.split_once('"').unwrap();
        assert!(problem(&format!("{before}source = \"\"{after}")).contains("no origin"));
    }

    /// The shipped protocol with something changed no longer passes.
    fn refused(change: impl Fn(&mut Protocol)) -> String {
        let mut protocol = shipped();
        change(&mut protocol);
        check::check(&protocol).unwrap_err()
    }

    #[test]
    fn an_id_that_stands_twice_is_refused() {
        let twice =
            |protocol: &mut Protocol| protocol.checklist.push(protocol.checklist[0].clone());
        assert!(refused(twice).starts_with("checklist"));
        let twice =
            |protocol: &mut Protocol| protocol.form.fields.push(protocol.form.fields[0].clone());
        assert!(refused(twice).starts_with("form.fields"));
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        type Bend = fn(&mut Protocol);
        let cases: [(&str, Bend); 10] = [
            ("timing", |protocol| {
                protocol.timing.check_due_from_minutes.value = 46
            }),
            ("timing", |protocol| {
                protocol.timing.check_overdue_after_minutes.value = 39
            }),
            ("timing", |protocol| {
                protocol.timing.last_pressure_before_minimum_minutes.value = 71
            }),
            ("timing", |protocol| {
                protocol.timing.last_pressure_before_discharge_minutes.value = 14
            }),
            ("dosing.doses", |protocol| {
                protocol.dosing.spray_mg.value = 15
            }),
            ("dosing.first_treatment", |protocol| {
                protocol.dosing.first_treatment_trd_mg.value = 28
            }),
            ("kits", |protocol| protocol.kits[0].devices += 1),
            ("limits", |protocol| {
                protocol.limits_after.spo2_critical.value = 101
            }),
            ("plausible", |protocol| {
                protocol.plausible.moaas.value.low = 9
            }),
            ("form.fields", |protocol| {
                protocol.form.fields[0].options.push("a".into())
            }),
        ];
        for (place, change) in cases {
            let problem = refused(change);
            assert!(problem.starts_with(place), "{place}: {problem}");
        }
    }
}
