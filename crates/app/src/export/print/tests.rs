//! A whole day, folded and printed: each section says what was recorded.

mod day;
mod decided;
mod other;

use day::{lines, print, protocol, whole_day};
use uuid::Uuid;

#[test]
fn the_head_says_who_when_and_how_it_ended() {
    let print = print(whole_day());
    assert_eq!(print.patient.name, "Mara Quillfeather");
    assert_eq!(print.patient.birthdate, "2 February 1981");
    assert_eq!(print.session.date, "14 March 2026");
    assert_eq!(print.session.outcome, "Discharged 12:26");
    assert_eq!(print.session.dose, "84 mg planned, 84 mg given");
    assert_eq!(print.clinic.address[1], "Springfield, IL 62700");
    assert_eq!(print.clinic.time_zone, "UTC-05:00, 24 hours");
    assert_eq!((print.generated.hour, print.generated.minute), (23, 5));
    assert!(print.generated.text.starts_with("14 March 2026, 18:05"));
    assert!(lines(&print.session.more).contains(&"Prescriber: Isolde Fennimarch, MD".into()));
}

#[test]
fn the_key_times_count_from_the_protocols_devices() {
    let print = print(whole_day());
    let times: Vec<_> = print
        .key_times
        .iter()
        .map(|time| format!("{} {} {}", time.label, time.time, time.note))
        .collect();
    let expected = [
        "Arrived 09:31 ",
        "First device 10:02 first spray",
        "Last device 10:13 last spray",
        "40-minute reading 10:54 41 min from last device",
        "Ready 12:05 123 min from first device",
        "Discharged 12:26 132 min from last device",
        "Monitored 144 min from first device",
    ];
    assert_eq!(times, expected);
}

#[test]
fn devices_have_their_rest_and_their_sum() {
    let print = print(whole_day());
    let second = &print.devices[1];
    assert_eq!(
        (second.number.as_str(), second.given_at.as_str()),
        ("2", "10:06:10")
    );
    assert_eq!(
        (second.milligrams.as_str(), second.sprays.as_str()),
        ("28", "2")
    );
    assert_eq!(
        (second.lot.as_str(), second.expiry.as_str()),
        ("25JG018X", "31 Aug 2027")
    );
    assert!(
        second
            .notes
            .starts_with("Rest 4:10; Written down afterwards; The patient")
    );
    assert!(
        print
            .devices_total
            .starts_with("84 mg delivered with 3 devices (6 sprays of 14 mg)")
    );
    assert!(print.devices_total.contains("NDC 50458-028-03"));
}

#[test]
fn a_deviation_is_printed_with_its_facts_and_reason() {
    let print = print(whole_day());
    let rest = print
        .marks
        .iter()
        .find(|mark| mark.what.contains("4:10"))
        .unwrap();
    assert_eq!(
        (rest.kind.as_str(), rest.time.as_str()),
        ("Deviation", "10:06:10")
    );
    assert_eq!(rest.reason, "The patient was quicker than told.");
    assert_eq!(rest.by, "Tobin Marrowby, RN");
    let high = print
        .marks
        .iter()
        .find(|mark| mark.kind == "Outside limits")
        .unwrap();
    assert!(
        high.what.contains("148") && high.what.contains("140"),
        "{}",
        high.what
    );
    assert!(
        high.reason.starts_with("Decided at 09:58"),
        "{}",
        high.reason
    );
    assert!(high.reason.ends_with("Rested; benefit outweighs the risk."));
    assert_eq!(high.by, "Isolde Fennimarch, MD");
}

#[test]
fn readings_say_what_they_count_as_and_corrected_ones_count_as_they_stand() {
    let print = print(whole_day());
    let row = |time: &str| print.vitals.iter().find(|row| row.time == time).unwrap();
    let before = row("09:44");
    assert_eq!(
        (before.minutes.as_str(), before.blood_pressure.as_str()),
        ("−18", "148/88")
    );
    assert_eq!(before.mark, "Last before dosing; systolic above 140");
    assert!(before.stands_out);
    assert_eq!(row("10:54").minutes, "+52");
    assert_eq!(row("10:54").mark, "40-minute reading");
    assert!(!row("10:54").stands_out);
    assert_eq!(row("11:20").blood_pressure, "128/96");
    assert_eq!(row("11:20").mark, "Corrected");
    assert_eq!(row("12:04").mark, "Last reading");
}

#[test]
fn the_plot_has_the_readings_that_count_and_both_pairs_of_limits() {
    let plot = print(whole_day()).plot.unwrap();
    let readings: Vec<_> = plot
        .readings
        .iter()
        .map(|point| (point.minute, point.systolic, point.diastolic))
        .collect();
    let expected = [(-18, 148, 88), (52, 156, 96), (78, 128, 96), (122, 132, 84)];
    assert_eq!(readings, expected);
    assert_eq!(plot.devices_minute, [0, 4, 11]);
    let before = plot.limits.iter().find(|limit| limit.mmhg == 140).unwrap();
    assert_eq!(before.from_minute, None);
    assert!(
        plot.description
            .contains("highest systolic 156/96 at minute 52")
    );
    assert_eq!(protocol().limits_before.systolic_max.value, 140);
}

#[test]
fn a_correction_says_what_stood_before_and_what_stands_now() {
    let print = print(whole_day());
    let correction = &print.corrections[0];
    assert!(
        correction.before.contains("182/96"),
        "{}",
        correction.before
    );
    assert!(correction.now.contains("128/96"), "{}", correction.now);
    assert_eq!(correction.reason, "Mistyped.");
    let event = &print.events[11];
    assert!(
        event.what.contains("182/96"),
        "the trail keeps what was first recorded: {}",
        event.what
    );
}

#[test]
fn every_event_stands_in_the_trail_with_its_place_in_the_log() {
    let day = whole_day();
    let count = day.0.len();
    let print = print(day);
    assert_eq!(print.events.len(), count);
    for (number, event) in (0..).zip(&print.events) {
        assert_eq!((event.number, event.entry_generation), (number, 1));
        assert_eq!(event.entry_index, 100 + u64::from(number));
        assert!(!event.what.is_empty());
    }
    assert_eq!(print.events[0].received, "08:00:02");
    assert_eq!(print.events[4].taken_by, "Isolde Fennimarch, MD");
    assert_eq!(print.events[4].entered_by, "Tobin Marrowby, RN");
}

#[test]
fn the_end_the_form_and_the_people_are_there() {
    let print = print(whole_day());
    let discharge = lines(&print.discharge);
    assert!(discharge.contains(&"Escort: Osric Quillfeather, brother".into()));
    assert!(discharge.contains(&"Locked: 12:26:02, Tobin Marrowby, RN".into()));
    let form = lines(&print.form);
    for line in [
        "Treatment date: 14 March 2026",
        "Dose: 84 mg",
        "Total minutes of monitoring: 144",
        "Minutes until ready, but for the 2 hours: 123",
        "Blood pressure before, at 40 minutes, before completion: 148/88, 156/96, 132/84",
        "Dissociation: yes; onset 10:25, resolution 11:40",
        "Sedation: no",
        "To be submitted by: 21 March 2026",
    ] {
        assert!(form.contains(&line.into()), "{line} is not in {form:?}");
    }
    let names: Vec<_> = print
        .people
        .iter()
        .map(|person| person.name.as_str())
        .collect();
    assert_eq!(names, ["Tobin Marrowby, RN", "Isolde Fennimarch, MD"]);
    let expected = "Responsible prescriber, Prescriber on site, Ordered medicine; Events: ";
    assert!(
        print.people[1].part.starts_with(expected),
        "{}",
        print.people[1].part
    );
    let medicine = print
        .marks
        .iter()
        .find(|mark| mark.kind == "Medicine")
        .unwrap();
    assert!(medicine.reason.contains("Ondansetron 4 mg"));
    assert_eq!(print.addenda[0].text, "Called at 17:00: well.\nSlept.");
    assert_eq!(print.readiness.len(), 4);
    assert_eq!(print.medicines[0].ordered_by, "Isolde Fennimarch, MD");
    assert_eq!(print.episodes.len(), 3);
}

#[test]
fn the_foot_says_how_to_check_and_bears_the_notices() {
    let print = print(whole_day());
    assert_eq!(
        print.check.command,
        "clerestory verify session-7.zip --key KEY"
    );
    let references = lines(&print.check.references);
    assert!(references.contains(&"Deployment: 5f0c9a1be2d34c7796a1d20b3e4f8c55".into()));
    assert!(references.contains(&format!("Session: {}", Uuid::from_u128(7))));
    assert!(
        print
            .notices
            .iter()
            .all(|notice| !notice.citation.is_empty())
    );
    assert!(print.notices.len() >= 2);
}
