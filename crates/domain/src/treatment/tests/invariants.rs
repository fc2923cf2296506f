//! What holds on every random day, whatever the rules say about single steps.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::super::*;
use super::day::*;
use super::random::{Tried, days, play};

/// Reads everything that a page can read.
fn read_all(day: &Day, now: i64) {
    let (session, protocol, now) = (&day.session, &day.protocol, second(now));
    let clocks = session.clocks(protocol, now);
    assert!(clocks.since_first_s >= clocks.since_last_s);
    assert!(clocks.minimum_left_s.is_none_or(|left| left >= 0));
    assert_eq!(
        clocks.minimum_until,
        session.discharge_possible_from(protocol)
    );
    let due = session.due(protocol, now);
    assert!(due.windows(2).all(|pair| pair[0].from <= pair[1].from));
    assert!(due.is_empty() || session.phase().is_present());
    let series = session.pressure_series();
    assert!(series.windows(2).all(|pair| pair[0].at <= pair[1].at));
    assert_eq!(
        session.latest_vitals().pressure.map(|latest| latest.seq),
        series.last().map(|point| point.seq)
    );
    assert_eq!(
        session.treatment_date(&TimeZone::UTC).is_some(),
        clocks.first_device_at.is_some()
    );
    assert!(session.form_minutes(protocol).is_none() || session.phase().is_ended());
    assert_eq!(session.locked_at().is_some(), session.phase().is_locked());
    assert_eq!(
        session.rest(protocol, now).is_some(),
        session.phase() == Phase::Dosing
    );
    assert!(session.reports_owed(protocol).is_empty() || session.has_serious());
    // Whatever asks for the prescriber's decision can be decided.
    for concern in session.concerns_to_decide(protocol) {
        let mut decided = day.clone();
        let proceed = decide_on(concern, DecisionChoice::Proceed);
        decided.attempt(now, now, &proceed).unwrap();
    }
    let marks = session.marks(protocol);
    let seqs: Vec<u32> = marks
        .iter()
        .map(|mark| mark.seq().unwrap_or(u32::MAX))
        .collect();
    assert!(seqs.is_sorted());
    assert!(
        seqs.iter()
            .all(|seq| *seq == u32::MAX || *seq < session.next_seq())
    );
}

fn is_already_with_reason(command: &Command) -> bool {
    let basis = if let Command::GiveDevice(device) = command {
        &device.basis
    } else if let Command::Discharge(discharge) = command {
        &discharge.basis
    } else {
        return false;
    };
    matches!(basis, Basis::Already { reason } if !reason.is_empty())
}

fn after_lock(command: &Command) -> bool {
    matches!(
        command,
        Command::AddAddendum(_) | Command::AnswerSerious(_) | Command::TickReport { .. }
    )
}

fn check_refusal(day: &Day, tried: &Tried, refusal: &Refusal) {
    if let Refusal::Lacks { lacks, .. } = refusal {
        assert!(!lacks.is_empty());
        let latest = second(tried.at);
        assert!(refusal.possible_from().is_none_or(|from| from > latest));
    }
    let in_house = day
        .session
        .arrived_at()
        .is_some_and(|arrived| arrived <= second(tried.at));
    if is_already_with_reason(&tried.command) && day.session.phase().is_present() && in_house {
        // What happened can always be recorded: only an impossible order of times, or a discharge
        // of a patient who was given nothing, stands against it.
        assert!(matches!(
            refusal.kind(),
            "in_future" | "out_of_order" | "wrong_phase"
        ));
        if matches!(tried.command, Command::GiveDevice(_)) {
            assert_eq!(refusal.kind(), "in_future");
        }
    }
}

fn check_accepted(before: &Day, day: &Day, tried: &Tried, marks: &[Mark]) {
    assert!(tried.at <= tried.now);
    assert_eq!(
        day.session.recorded().len(),
        before.session.recorded().len() + 1
    );
    assert_eq!(
        day.session.recorded()[..before.session.recorded().len()],
        *before.session.recorded()
    );
    if before.session.phase().is_locked() {
        assert!(after_lock(&tried.command));
        assert_eq!(before.session.phase(), day.session.phase());
        let kept = before.session.effective();
        assert_eq!(&day.session.effective()[..kept.len()], kept);
    }
    if let Command::Discharge(discharge) = &tried.command
        && discharge.basis == Basis::Now
    {
        let from = before
            .session
            .discharge_possible_from(&before.protocol)
            .unwrap();
        assert!(second(tried.at) >= from);
        assert!(marks.iter().all(|mark| !mark.is_deviation()));
        assert!(day.session.open_episodes().is_empty());
    }
    if let Command::GiveDevice(device) = &tried.command {
        let silent = match &device.basis {
            Basis::Now => true,
            Basis::Already { reason } => reason.is_empty(),
        };
        assert!(!silent || marks.iter().all(|mark| !mark.is_device_deviation()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_random_day_keeps_the_invariants(random in days()) {
        let mut day = Day::new();
        play(&random, |tried, _, _| {
            let before = day.clone();
            match day.attempt(second(tried.at), second(tried.now), &tried.command) {
                Ok(marks) => check_accepted(&before, &day, tried, &marks),
                Err(refusal) => {
                    assert_eq!(before.session, day.session);
                    check_refusal(&day, tried, &refusal);
                    return false;
                }
            }
            read_all(&day, tried.now);
            true
        });
    }
}
