//! What pages read.

use jiff::civil::date;
use jiff::tz::{Offset, TimeZone};

use super::super::*;
use super::day::*;

#[test]
fn both_clocks_run_and_stop_at_the_end() {
    let mut day = Day::watched();
    let clocks = day.session.clocks(&day.protocol, minute(107));
    assert_eq!(
        clocks,
        Clocks {
            first_device_at: Some(minute(12)),
            last_device_at: Some(minute(17)),
            since_first_s: Some(95 * 60),
            since_last_s: Some(90 * 60),
            minimum_counts_from: CountsFrom::LastDevice,
            minimum_until: Some(minute(137)),
            minimum_left_s: Some(30 * 60),
        }
    );
    day.take(140, &discharge(Basis::Now));
    let clocks = day.session.clocks(&day.protocol, minute(600));
    assert_eq!(
        (clocks.since_first_s, clocks.since_last_s),
        (Some(128 * 60), Some(123 * 60))
    );
}

#[test]
fn rest_timer_runs_between_devices_alone() {
    let day = Day::cleared();
    assert_eq!(day.session.rest(&day.protocol, minute(11)), None);
    let day = Day::dosing();
    let timer = RestTimer {
        from: minute(12),
        until: minute(17),
        left_s: 60,
    };
    assert_eq!(day.session.rest(&day.protocol, minute(16)), Some(timer));
    assert_eq!(
        day.session.rest(&day.protocol, minute(30)).unwrap().left_s,
        0
    );
    let day = Day::monitoring();
    assert_eq!(day.session.rest(&day.protocol, minute(18)), None);
}

#[test]
fn forty_minutes_go_from_upcoming_to_missed() {
    let day = Day::monitoring(); // The last device at minute 17.
    let status = |at| day.session.forty_minutes(&day.protocol, at);
    assert_eq!(
        status(minute(20)),
        FortyMinutes::Upcoming {
            due_from: minute(52)
        }
    );
    assert_eq!(
        status(minute(52)),
        FortyMinutes::Due {
            overdue_after: minute(62)
        }
    );
    assert_eq!(
        status(minute(62)),
        FortyMinutes::Due {
            overdue_after: minute(62)
        }
    );
    let counted_until = minute(67);
    assert_eq!(
        status(second(62 * 60 + 1)),
        FortyMinutes::Overdue { counted_until }
    );
    assert_eq!(status(minute(67)), FortyMinutes::Overdue { counted_until });
    assert_eq!(
        status(second(67 * 60 + 1)),
        FortyMinutes::Missed { counted_until }
    );
    let cleared = Day::cleared();
    let none = cleared.session.forty_minutes(&cleared.protocol, minute(20));
    assert_eq!(none, FortyMinutes::NoDevice);
}

#[test]
fn nearest_reading_counts_as_the_one_at_forty_minutes() {
    let mut day = Day::monitoring();
    for at in [50, 59, 64] {
        day.take(at, &pressure(130, 80));
    }
    let status = day.session.forty_minutes(&day.protocol, minute(70));
    assert_eq!(status, FortyMinutes::Taken { seq: 8 });
}

#[test]
fn due_list_follows_the_day() {
    let whats = |day: &Day, at| -> Vec<(DueWhat, DueStatus)> {
        let due = day.session.due(&day.protocol, minute(at));
        due.into_iter().map(|due| (due.what, due.status)).collect()
    };
    use DueStatus::{Due, Overdue, Upcoming};
    let day = Day::arrived();
    let reading = DueWhat::ReadingBeforeDosing(VitalKind::BloodPressure);
    assert_eq!(whats(&day, 3), [(reading, Due)]);
    assert!(whats(&Day::cleared(), 11).is_empty());
    let mut day = Day::dosing();
    day.take(14, &open(EpisodeKind::Sedation));
    let episode = DueWhat::EpisodeResolution(day.last_seq());
    assert_eq!(
        whats(&day, 16),
        [
            (episode, Due),
            (DueWhat::NextDevice, Upcoming),
            (DueWhat::FortyMinutePressure, Upcoming),
            (DueWhat::ReadinessJudgement, Upcoming),
            (DueWhat::LastPressure, Upcoming),
            (DueWhat::Discharge, Upcoming),
        ]
    );
    let day = Day::monitoring();
    assert_eq!(whats(&day, 63)[0], (DueWhat::FortyMinutePressure, Overdue));
    assert_eq!(whats(&day, 70)[0], (DueWhat::FortyMinuteReason, Overdue));
    let day = Day::watched();
    assert_eq!(whats(&day, 137), [(DueWhat::Discharge, Due)]);
    // The last pressure is due from the first moment that counts, and again once it is too old.
    let last = |day: &Day, at| {
        let due = day.session.due(&day.protocol, minute(at));
        due.into_iter()
            .find(|due| due.what == DueWhat::LastPressure)
            .map(|due| (due.from, due.status))
    };
    let mut early = Day::monitoring();
    early.take(121, &pressure(130, 80));
    assert_eq!(last(&early, 121), Some((minute(122), Upcoming)));
    assert_eq!(last(&early, 122), Some((minute(122), Due)));
    assert_eq!(last(&day, 155), None);
    assert_eq!(last(&day, 156), Some((minute(155), Due)));
}

#[test]
fn form_takes_whole_minutes_the_date_of_the_first_device_and_episode_spans() {
    let mut day = Day::monitoring();
    day.take(20, &open(EpisodeKind::Dissociation));
    let first = day.last_seq();
    day.take(40, &resolve(first));
    day.take(45, &open(EpisodeKind::Dissociation));
    let second_onset = day.last_seq();
    let span = day.session.episode_span(EpisodeKind::Dissociation);
    assert_eq!(span, Some((minute(20), None)));
    day.take(57, &pressure(130, 80));
    day.take(60, &resolve(second_onset));
    let span = day.session.episode_span(EpisodeKind::Dissociation);
    assert_eq!(span, Some((minute(20), Some(minute(60)))));
    assert_eq!(day.session.episode_span(EpisodeKind::Sedation), None);
    assert_eq!(
        day.session.kinds_unanswered(),
        [EpisodeKind::Sedation, EpisodeKind::RespiratoryDepression]
    );
    let kinds = vec![EpisodeKind::Sedation, EpisodeKind::RespiratoryDepression];
    day.take(100, &Command::ReportNoneObserved { kinds });
    assert!(day.session.kinds_unanswered().is_empty());
    let contradiction = day.refuse(
        100,
        &Command::ReportNoneObserved {
            kinds: vec![EpisodeKind::Dissociation],
        },
    );
    assert_eq!(contradiction.kind(), "contradiction");
    day.take(102, &Command::JudgeReadiness(READY));
    day.take(125, &pressure(130, 80));
    assert_eq!(day.session.form_minutes(&day.protocol), None);
    let end = second(140 * 60 + 59);
    day.attempt(end, end, &discharge(Basis::Now)).unwrap();
    assert_eq!(day.session.form_minutes(&day.protocol), Some(128));
    assert_eq!(day.session.readiness_minutes(&day.protocol), Some(90));
    // 14:12 UTC is still the day before in a zone 15 hours behind.
    let zone = |hours| TimeZone::fixed(Offset::constant(hours));
    assert_eq!(
        day.session.treatment_date(&zone(0)),
        Some(date(2026, 11, 20))
    );
    assert_eq!(
        day.session.treatment_date(&zone(-15)),
        Some(date(2026, 11, 19))
    );
    assert_eq!(
        day.session.treatment_date(&zone(10)),
        Some(date(2026, 11, 21))
    );
}

#[test]
fn readiness_minutes_take_the_first_judgement_that_held() {
    let mut day = Day::monitoring();
    let not_yet = Readiness {
        pressure_safe: YesNo::No,
        ..READY
    };
    for (at, judged, minutes) in [
        (60, READY, Some(48)),
        (70, not_yet, None),
        (80, READY, Some(68)),
        (90, READY, Some(68)),
    ] {
        day.take(at, &Command::JudgeReadiness(judged));
        assert_eq!(day.session.readiness_minutes(&day.protocol), minutes);
    }
    day.take(95, &open(EpisodeKind::Sedation));
    assert_eq!(day.session.readiness_minutes(&day.protocol), None);
}

#[test]
fn latest_vitals_and_plot_go_by_the_time_taken() {
    let mut day = Day::checked();
    day.take_late(4, 8, &pressure(135, 85)); // An outbox delivers the earlier one later.
    let latest = day.session.latest_vitals();
    assert_eq!(latest.pressure.unwrap().value.systolic, 124);
    assert_eq!(latest.pulse.unwrap().value, 71);
    let series = day.session.pressure_series();
    let systolic: Vec<i32> = series.iter().map(|point| point.pressure.systolic).collect();
    assert_eq!(systolic, [135, 124]);
}

#[test]
fn hand_over_and_room_show_in_the_plan() {
    let mut day = Day::monitoring();
    assert_eq!(day.session.plan().unwrap().monitor, NURSE);
    day.take(30, &Command::HandOver { to: PersonId(8) });
    assert_eq!(day.session.plan().unwrap().monitor, PersonId(8));
    assert_eq!(day.session.protocol_version(), Some("esketamine-2026-11"));
    assert_eq!(day.session.cleared_at(), Some(minute(10)));
    assert_eq!(day.session.arrived_at(), Some(minute(0)));
}

#[test]
fn what_was_observed_moves_and_what_was_decided_stays() {
    let mut day = Day::watched();
    day.take(
        126,
        &Command::RecordVomiting {
            note: String::new(),
        },
    );
    let kinds: Vec<&str> = day
        .session
        .movable_events()
        .iter()
        .map(|moved| moved.event.kind())
        .collect();
    assert_eq!(
        kinds,
        [
            "vitals_recorded",
            "device_given",
            "device_given",
            "vitals_recorded",
            "vitals_recorded",
            "vomiting_recorded"
        ]
    );
}

#[test]
fn episodes_of_a_kind_do_not_overlap() {
    let mut day = Day::monitoring();
    day.take(30, &open(EpisodeKind::Sedation));
    let (episode, kind) = (day.last_seq(), EpisodeKind::Sedation);
    assert_eq!(
        day.refuse(35, &open(kind)),
        Refusal::EpisodeOpen { episode, kind }
    );
    day.take(35, &open(EpisodeKind::Dissociation));
    assert_eq!(
        day.refuse_late(29, 40, &resolve(episode)).kind(),
        "out_of_order"
    );
    let worst = EpisodeResolution {
        episode,
        worst_severity: Some(text("severe")),
    };
    day.take(40, &Command::ResolveEpisode(worst));
    let state = day.session.episodes()[0].clone();
    assert_eq!(state.severity.as_deref(), Some("mild"));
    assert_eq!(state.worst_severity.as_deref(), Some("severe"));
    assert_eq!(
        day.refuse(41, &resolve(episode)),
        Refusal::AlreadyDone {
            seq: day.last_seq()
        }
    );
    assert_eq!(day.session.open_episodes().len(), 1);
    assert_eq!(day.refuse_late(39, 41, &open(kind)).kind(), "episode_open");
    day.take(41, &open(kind));
}

#[test]
fn earlier_episode_can_be_written_down_after_a_later_one() {
    let mut day = Day::monitoring();
    let kind = EpisodeKind::Dissociation;
    day.take(30, &open(kind));
    day.take_late(20, 31, &open(kind));
    let earlier = day.last_seq();
    day.take_late(25, 32, &resolve(earlier));
    let onsets: Vec<_> = day
        .session
        .episodes()
        .iter()
        .map(|episode| episode.onset)
        .collect();
    assert_eq!(onsets, [minute(20), minute(30)]);
    assert_eq!(day.session.open_episodes().len(), 1);
}

#[test]
fn walk_in_planned_after_the_hand_over_keeps_the_hand_over() {
    let mut day = Day::new();
    day.take(10, &plan(56));
    day.take_late(2, 11, &Command::Arrive);
    day.take_late(5, 11, &Command::HandOver { to: PersonId(8) });
    assert_eq!(day.session.plan().unwrap().monitor, PersonId(8));
    assert_eq!(day.session.phase(), Phase::Arrived);
}
