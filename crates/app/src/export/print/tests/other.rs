//! Days that went otherwise: what is not there is not filled in.

use domain::treatment::{
    Absence, AbsenceKind, AdverseEvent, Basis, Change, Clearing, DepartureDetails, Event,
    LeftAgainstAdvice, Occasion, Replacement, Seriousness, VitalKind, Vitals,
};

use super::day::{Day, NURSE, PRESCRIBER, at, end, lines, print, protocol};

#[test]
fn a_failed_and_a_partly_used_device_make_another_dose() {
    let mut day = Day::begun(56);
    day.device("10:00:00", 0, Basis::Now);
    day.device("10:01:00", 1, Basis::Now);
    let description = "Fell in the hall".into();
    let seriousness = Seriousness::Serious {
        kinds: vec![protocol().serious_kinds[0].id.clone()],
    };
    let adverse = AdverseEvent {
        description,
        seriousness,
    };
    day.add("10:30:00", NURSE, Event::AdverseEventRecorded(adverse));
    let details = DepartureDetails::default();
    let last_seen_at = at("11:00:00");
    let gone = LeftAgainstAdvice::FoundGone {
        last_seen_at,
        details,
    };
    day.add("11:15:00", NURSE, Event::LeftAgainstAdvice(gone));
    let print = print(day);
    assert_eq!(print.devices[0].given_at, "not given");
    assert!(
        print.devices[0]
            .notes
            .starts_with("Tried at 10:00; Failed; disposal: drug disposal")
    );
    assert_eq!(print.devices[1].milligrams, "14");
    assert!(
        print.devices[1]
            .notes
            .contains("witness: Isolde Fennimarch, MD")
    );
    assert!(
        print
            .devices_total
            .starts_with("14 mg delivered with 1 device (1 spray of 14 mg)")
    );
    assert!(lines(&print.form).contains(&"Dose: other: 14 mg".into()));
    assert_eq!(
        print.session.outcome,
        "Left against medical advice; found gone, last seen 11:00"
    );
    assert!(lines(&print.discharge).contains(&"Orientation: not yet answered".into()));
    assert!(print.adverse_events[0].serious.starts_with("yes: "));
    assert!(print.adverse_events[0].reports.contains(": owed"));
}

#[test]
fn a_session_without_a_device_fills_nothing_in() {
    let mut day = Day::begun(56);
    let absent = vec![Absence {
        kind: VitalKind::BloodPressure,
        why: AbsenceKind::Declined,
        reason: "did not want the cuff".into(),
        occasion: Occasion::BeforeDosing,
    }];
    day.add(
        "09:40:00",
        NURSE,
        Event::VitalsRecorded(Vitals {
            absent,
            ..Vitals::default()
        }),
    );
    day.add(
        "09:50:00",
        PRESCRIBER,
        Event::Delayed {
            reason: "Feverish.".into(),
        },
    );
    let print = print(day);
    assert_eq!(print.session.outcome, "Delayed 09:50");
    assert_eq!(print.session.dose, "56 mg planned, none given");
    assert!(print.plot.is_none() && print.form.is_empty() && print.devices_total.is_empty());
    assert!(print.checklist.is_empty() && print.devices.is_empty());
    assert_eq!(print.vitals[0].blood_pressure, "declined");
    assert_eq!(print.vitals[0].minutes, "");
    assert_eq!(
        print.vitals[0].mark,
        "Blood pressure declined: did not want the cuff"
    );
    let missing = print
        .marks
        .iter()
        .find(|mark| mark.kind == "Not measured")
        .unwrap();
    assert_eq!(missing.reason, "did not want the cuff");
    assert!(lines(&print.discharge).contains(&"Reason: Feverish.".into()));
}

#[test]
fn times_of_another_day_carry_their_date() {
    let mut day = Day::begun(56);
    day.0[0].happened_at = "2026-03-12T15:00:00-05:00".parse().unwrap();
    day.add(
        "09:50:00",
        NURSE,
        Event::Cancelled {
            reason: "No ride.".into(),
        },
    );
    let print = print(day);
    assert_eq!(print.session.date, "14 March 2026");
    assert_eq!(print.events[0].happened, "15:00 on 12 Mar 2026");
    assert_eq!(print.events[1].happened, "09:31");
}

#[test]
fn a_list_beyond_the_presss_limit_is_cut_and_says_so() {
    let mut day = Day::begun(56);
    for _ in 0..=press::ROWS_MAX {
        day.add(
            "09:40:00",
            NURSE,
            Event::VomitingRecorded {
                note: String::new(),
            },
        );
    }
    day.add(
        "09:50:00",
        NURSE,
        Event::Cancelled {
            reason: "Unwell.".into(),
        },
    );
    let print = print(day);
    assert_eq!(print.adverse_events.len(), press::ROWS_MAX);
    assert_eq!(print.events.len(), press::ROWS_MAX + 4);
    let said = lines(&print.session.more);
    assert!(
        said.iter()
            .any(|line| line.starts_with("Adverse events: 501, of which 500"))
    );
}

#[test]
fn what_counts_is_printed_of_what_was_struck_corrected_and_handed_over() {
    let mut day = Day::begun(56);
    let clearing = Clearing {
        basis: Basis::Now,
        prescriber_on_site: Some(PRESCRIBER),
    };
    let cleared = day.add("10:00:00", NURSE, Event::Cleared(clearing));
    // Typed in whole minutes, the reading and the device after it share their time.
    day.vitals("10:02:00", 138, 88);
    day.device("10:02:00", 2, Basis::Now);
    let second = day.device("10:05:00", 2, Basis::Now);
    day.correct("10:06:00", cleared, Change::Strike);
    let mut moved = day.0[usize::try_from(second).unwrap()].clone();
    if let Event::DeviceGiven(device) = &mut moved.event {
        device.lot = "25JG019X".into();
    }
    let replacement = Replacement {
        happened_at: moved.happened_at,
        taken_by: moved.taken_by,
        event: moved.event,
    };
    day.correct("10:07:00", second, Change::Replace(Box::new(replacement)));
    day.add("10:08:00", NURSE, Event::HandedOver { to: PRESCRIBER });
    day.vitals("12:04:00", 132, 84);
    end(&mut day);
    let print = print(day);

    let (form, more) = (lines(&print.form), lines(&print.session.more));
    for (line, all) in [
        (
            "Blood pressure before, at 40 minutes, before completion: 138/88, none, 132/84",
            &form,
        ),
        (
            "Serious adverse events: none recorded before the end; see the addenda",
            &form,
        ),
        (
            "Monitored by: Tobin Marrowby, RN; from 10:08 Isolde Fennimarch, MD",
            &more,
        ),
    ] {
        assert!(all.contains(&line.into()), "{line} is not in {all:?}");
    }
    let parts: Vec<&str> = print.people.iter().map(|one| one.part.as_str()).collect();
    assert!(parts[0].starts_with("Monitored, Entered"), "{parts:?}");
    assert!(
        parts[1].starts_with("Responsible prescriber, Monitored, Took over monitoring; "),
        "the clearing that names who was on site was struck: {parts:?}"
    );
    assert!(print.vitals[0].mark.starts_with("Last before dosing"));
    let rest = print.marks.iter().find(|mark| mark.what.contains("3:00"));
    assert_eq!(rest.unwrap().reason, "Mistyped.", "as the correction says");
    assert!(!print.devices[1].notes.contains("afterwards"));
}
