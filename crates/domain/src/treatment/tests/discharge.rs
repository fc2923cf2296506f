//! The rules of discharge and of the readings that it waits for.

use super::super::*;
use super::day::*;

#[test]
fn discharge_names_everything_that_it_lacks() {
    let mut day = Day::dosing();
    day.take(20, &open(EpisodeKind::Dissociation));
    let seq = day.last_seq();
    let command = Command::Discharge(Discharge {
        basis: Basis::Now,
        escort: text(" "),
        instructions_given: YesNo::No,
        clinically_stable: YesNo::No,
    });
    let lacks = [
        Lack::DoseCompleteOrStopped {
            given_mg: 28,
            intended_mg: 56,
        },
        Lack::MinimumTime { until: minute(132) },
        Lack::FortyMinuteReading {
            from: minute(42),
            until: minute(62),
        },
        Lack::LastPressure { from: minute(117) },
        Lack::Resolution {
            episode: seq,
            kind: EpisodeKind::Dissociation,
        },
        Lack::ReadinessJudgement { overtaken_by: None },
        Lack::ClinicallyStable,
        Lack::Instructions,
        Lack::Escort,
    ];
    assert_eq!(day.lacks(30, &command), lacks);
    assert_eq!(day.refuse(30, &command).possible_from(), Some(minute(132)));
    assert_eq!(
        day.session.missing_for_discharge(&day.protocol, minute(30)),
        lacks[..6]
    );
}

#[test]
fn discharge_at_the_second_of_the_minimum_and_not_before() {
    let mut day = Day::watched();
    let (early, late) = (second(137 * 60 - 1), minute(137));
    let refusal = day
        .attempt(early, early, &discharge(Basis::Now))
        .unwrap_err();
    assert_eq!(refusal.possible_from(), Some(late));
    day.attempt(late, late, &discharge(Basis::Now)).unwrap();
    assert_eq!(day.session.phase(), Phase::Discharged);
    assert!(
        day.session
            .marks(&day.protocol)
            .iter()
            .all(|mark| !mark.is_deviation())
    );
}

#[test]
fn early_discharge_that_happened_is_a_deviation() {
    let mut day = Day::watched();
    assert_eq!(
        day.refuse(130, &discharge(already(""))).kind(),
        "reason_needed"
    );
    let marks = day.take(130, &discharge(already("ride could not wait")));
    assert_eq!(
        marks,
        [Mark::DischargedEarly {
            seq: 10,
            possible_from: minute(137)
        }]
    );
}

#[test]
fn an_early_discharge_had_its_last_pressure_before_itself() {
    let lacking = |day: &Day, at: i64| {
        let mut day = day.clone();
        let marks = day.take(at, &discharge(already("ride could not wait")));
        marks.into_iter().find_map(|mark| match mark {
            Mark::DischargedLacking {
                lack: Lack::LastPressure { from },
                ..
            } => Some(from),
            _ => None,
        })
    };
    // The shortest monitoring ends at minute 137; the last reading stands at 57.
    let mut day = Day::monitoring();
    day.take(57, &Command::RecordVitals(all_vitals()));
    assert_eq!(lacking(&day, 80), None);
    assert_eq!(lacking(&day, 90), Some(minute(60)));
    assert_eq!(lacking(&day, 140), Some(minute(122)));
}

#[test]
fn reading_outside_limits_after_dosing_holds_discharge() {
    let mut day = Day::watched();
    day.take(127, &pressure(161, 90));
    let concern = Concern::Reading {
        seq: day.last_seq(),
        kind: VitalKind::BloodPressure,
    };
    let overtaken_by = Some(day.last_seq());
    assert_eq!(
        day.lacks(140, &discharge(Basis::Now)),
        [
            Lack::Decision {
                concern: concern.clone()
            },
            Lack::ReadinessJudgement { overtaken_by }
        ]
    );
    assert_eq!(
        day.session.open_concerns(&day.protocol),
        std::slice::from_ref(&concern)
    );
    let mut decided = day.clone();
    decided.take(140, &decide_on(concern, DecisionChoice::Proceed));
    decided.take(140, &Command::JudgeReadiness(READY));
    decided.take(140, &discharge(Basis::Now));
    day.take(130, &pressure(150, 90));
    day.take(140, &Command::JudgeReadiness(READY));
    day.take(140, &discharge(Basis::Now));
}

#[test]
fn readiness_counts_only_after_devices_and_episodes() {
    let mut day = Day::watched();
    day.take(126, &open(EpisodeKind::Sedation));
    let episode = day.last_seq();
    assert_eq!(
        day.refuse(127, &Command::JudgeReadiness(READY)).kind(),
        "episode_open"
    );
    let honest = Readiness {
        alert: YesNo::No,
        ..READY
    };
    day.take(128, &Command::JudgeReadiness(honest));
    day.take(130, &resolve(episode));
    let overtaken_by = Some(day.last_seq());
    assert_eq!(
        day.lacks(140, &discharge(Basis::Now)),
        [Lack::ReadinessJudgement { overtaken_by }]
    );
    day.take(141, &Command::JudgeReadiness(honest));
    let part = ReadinessPart::Alert;
    assert_eq!(
        day.lacks(142, &discharge(Basis::Now)),
        [Lack::ReadinessPart { part }]
    );
    day.take(143, &Command::JudgeReadiness(READY));
    day.take(143, &discharge(Basis::Now));
}

#[test]
fn judgement_within_the_second_of_the_resolution_counts() {
    let mut day = Day::watched();
    day.take(126, &open(EpisodeKind::Sedation));
    let episode = day.last_seq();
    day.take(130, &resolve(episode));
    day.take(130, &Command::JudgeReadiness(READY));
    day.take(137, &discharge(Basis::Now));
    assert_eq!(day.session.readiness_minutes(&day.protocol), Some(118));
}

#[test]
fn missed_forty_minute_reading_needs_its_reason() {
    let mut day = Day::monitoring();
    let (from, until) = (minute(47), minute(67));
    let missed = Mark::FortyMinuteReadingMissed { from, until };
    let marks = day.take(100, &pressure(130, 80));
    assert!(marks.contains(&missed));
    day.take(125, &pressure(130, 80));
    day.take(125, &Command::JudgeReadiness(READY));
    assert_eq!(
        day.lacks(140, &discharge(Basis::Now)),
        [Lack::FortyMinuteReading { from, until }]
    );
    day.take(140, &absent(Occasion::FortyMinutes));
    assert!(!day.session.marks(&day.protocol).contains(&missed));
    day.take(140, &discharge(Basis::Now));
}

#[test]
fn last_pressure_may_be_declined_and_is_not_the_one_at_forty_minutes() {
    let mut day = Day::monitoring();
    day.take(57, &pressure(130, 80));
    day.take(67, &pressure(130, 80));
    day.take(100, &Command::JudgeReadiness(READY));
    assert_eq!(
        day.lacks(140, &discharge(Basis::Now)),
        [Lack::LastPressure { from: minute(122) }]
    );
    day.take(140, &absent(Occasion::BeforeDischarge));
    day.take(140, &discharge(Basis::Now));
}

#[test]
fn last_pressure_counts_from_fifteen_minutes_before_the_minimum_is_over() {
    // The last device at minute 17, so the two hours are over at minute 137.
    let (early, counts) = (second(122 * 60 - 1), minute(122));
    for (at, lacking) in [(early, true), (counts, false)] {
        let mut day = Day::monitoring();
        day.take(57, &pressure(130, 80));
        day.attempt(at, at, &pressure(130, 80)).unwrap();
        let lacks = day
            .session
            .missing_for_discharge(&day.protocol, minute(137));
        let lack = Lack::LastPressure { from: counts };
        assert_eq!(lacks.contains(&lack), lacking);
    }
    let mut day = Day::monitoring();
    day.protocol
        .timing
        .last_pressure_before_minimum_minutes
        .value = 5;
    day.take(131, &pressure(130, 80));
    let lacks = day
        .session
        .missing_for_discharge(&day.protocol, minute(137));
    assert!(lacks.contains(&Lack::LastPressure { from: minute(132) }));
}

#[test]
fn last_pressure_is_at_most_thirty_minutes_old_at_discharge() {
    let mut day = Day::watched(); // Its last reading at minute 125.
    let from = second(125 * 60 + 1);
    let late = second(155 * 60 + 1);
    let refusal = day.attempt(late, late, &discharge(Basis::Now)).unwrap_err();
    let lacks = vec![Lack::LastPressure { from }];
    let step = Step::Discharge;
    assert_eq!(refusal, Refusal::Lacks { step, lacks });
    day.clone().take(155, &discharge(Basis::Now));
    // What has happened is recorded, and marked with the same.
    let mut left = day.clone();
    let (seq, lack) = (day.last_seq() + 1, Lack::LastPressure { from });
    let already = discharge(already("left while nobody looked"));
    let marks = left.attempt(late, late, &already).unwrap();
    assert_eq!(marks, [Mark::DischargedLacking { seq, lack }]);
    day.take(160, &pressure(128, 80));
    day.take(190, &discharge(Basis::Now));
}

#[test]
fn readings_count_within_ten_minutes_either_way() {
    for (at, counts) in [(46, false), (47, true), (57, true), (67, true), (68, false)] {
        let mut day = Day::monitoring();
        day.take(at, &pressure(130, 80));
        let status = day.session.forty_minutes(&day.protocol, minute(70));
        assert_eq!(
            matches!(status, FortyMinutes::Taken { .. }),
            counts,
            "minute {at}"
        );
    }
}

#[test]
fn protocol_says_which_device_counts() {
    let mut day = Day::monitoring();
    day.protocol.timing.minimum_counts_from.value = CountsFrom::FirstDevice;
    day.protocol.timing.check_counts_from.value = CountsFrom::FirstDevice;
    assert_eq!(
        day.session.discharge_possible_from(&day.protocol),
        Some(minute(132))
    );
    let upcoming = FortyMinutes::Upcoming {
        due_from: minute(47),
    };
    assert_eq!(
        day.session.forty_minutes(&day.protocol, minute(20)),
        upcoming
    );
}
