//! What a readiness judgement can say, and what makes it void.

use super::super::*;
use super::day::*;

fn vitals(change: impl FnOnce(&mut Vitals)) -> Command {
    let mut vitals = all_vitals();
    change(&mut vitals);
    Command::RecordVitals(vitals)
}

fn drowsy(moaas: i32) -> Command {
    vitals(|vitals| vitals.moaas = Some(moaas))
}

fn readiness_lack(day: &Day, at: i64) -> Option<Lack> {
    day.session
        .missing_for_discharge(&day.protocol, minute(at))
        .into_iter()
        .find(|lack| lack.kind() == "readiness_judgement")
}

fn is_due(day: &Day, at: i64) -> bool {
    day.session
        .due(&day.protocol, minute(at))
        .iter()
        .any(|due| due.what == DueWhat::ReadinessJudgement)
}

#[test]
fn what_comes_up_after_the_judgement_makes_it_void() {
    for command in [
        drowsy(2),
        drowsy(4),
        vitals(|vitals| vitals.spo2 = Some(93)),
        vitals(|vitals| vitals.respiration = Some(9)),
        pressure(161, 90),
        pressure(150, 101),
        symptoms(),
        adverse(Seriousness::NotSerious),
        open(EpisodeKind::Dissociation),
    ] {
        let mut day = Day::watched();
        assert!(readiness_lack(&day, 126).is_none() && !is_due(&day, 126));
        day.take(127, &command);
        let overtaken_by = Some(day.last_seq());
        let lack = Lack::ReadinessJudgement { overtaken_by };
        let lacks = day.lacks(140, &discharge(Basis::Now));
        assert!(lacks.contains(&lack), "{}", command.kind());
        assert!(is_due(&day, 127), "{}", command.kind());
        assert_eq!(day.session.readiness_minutes(&day.protocol), None);
        // What has happened is recorded all the same, and the record says what lacked.
        let left = discharge(already("left with her sister"));
        let seq = day.last_seq() + 1;
        let marks = day.take(140, &left);
        assert!(marks.contains(&Mark::DischargedLacking { seq, lack }));
    }
}

#[test]
fn what_the_judgement_knew_or_does_not_bear_on_it_leaves_it_standing() {
    for command in [
        Command::RecordVitals(all_vitals()),
        pressure(160, 100),
        vitals(|vitals| vitals.pulse = Some(140)),
        Command::RecordVomiting {
            note: String::new(),
        },
        absent(Occasion::Other),
    ] {
        let mut day = Day::watched();
        day.take(127, &command);
        assert!(readiness_lack(&day, 137).is_none(), "{}", command.kind());
        day.take(137, &discharge(Basis::Now));
    }
    let mut day = Day::monitoring();
    day.take(57, &drowsy(3));
    day.take(60, &symptoms());
    day.take(61, &adverse(Seriousness::NotSerious));
    day.take(124, &Command::RecordVitals(all_vitals()));
    day.take(125, &Command::JudgeReadiness(READY));
    assert!(readiness_lack(&day, 137).is_none());
    // The symptoms themselves are for the prescriber to weigh, before the patient goes home.
    let concern = Concern::CrisisSymptoms { seq: 8 };
    let lack = Lack::Decision {
        concern: concern.clone(),
    };
    let lacks = [lack];
    assert_eq!(day.lacks(137, &discharge(Basis::Now)), lacks);
    let [lack] = lacks;
    let mut gone = day.clone();
    let marks = gone.take(
        137,
        &discharge(already("went home before anybody was asked")),
    );
    let seq = gone.last_seq();
    assert!(marks.contains(&Mark::DischargedLacking {
        seq,
        lack: lack.clone()
    }));
    day.take(130, &decide_on(concern.clone(), DecisionChoice::Wait));
    assert_eq!(day.lacks(137, &discharge(Basis::Now)), [lack]);
    for choice in [DecisionChoice::Proceed, DecisionChoice::Delay] {
        let mut day = day.clone();
        day.take(131, &decide_on(concern.clone(), choice));
        day.take(137, &discharge(Basis::Now));
    }
}

#[test]
fn judged_again_the_patient_can_leave() {
    let mut day = Day::watched();
    day.take(127, &drowsy(2));
    day.take(135, &drowsy(5));
    assert!(readiness_lack(&day, 137).is_some());
    day.take(137, &Command::JudgeReadiness(READY));
    day.take(137, &discharge(Basis::Now));
    assert_eq!(day.session.readiness_minutes(&day.protocol), Some(125));
}

#[test]
fn the_latest_reading_contradicts_a_yes() {
    use ReadinessPart::{Alert, BreathingInRange, PressureSafe};
    for (command, part, kind) in [
        (drowsy(3), Alert, VitalKind::Moaas),
        (
            vitals(|vitals| vitals.spo2 = Some(93)),
            BreathingInRange,
            VitalKind::Spo2,
        ),
        (
            vitals(|vitals| vitals.respiration = Some(9)),
            BreathingInRange,
            VitalKind::Respiration,
        ),
        (pressure(161, 90), PressureSafe, VitalKind::BloodPressure),
    ] {
        let mut day = Day::monitoring();
        day.take(90, &command);
        let seq = day.last_seq();
        let refusal = Refusal::ReadingContradicts { part, kind, seq };
        assert_eq!(day.refuse(91, &Command::JudgeReadiness(READY)), refusal);
        assert_eq!(refusal.possible_from(), None);
        let honest = Readiness {
            alert: if part == Alert { YesNo::No } else { YesNo::Yes },
            breathing_in_range: if part == BreathingInRange {
                YesNo::No
            } else {
                YesNo::Yes
            },
            pressure_safe: if part == PressureSafe {
                YesNo::No
            } else {
                YesNo::Yes
            },
            ..READY
        };
        let mut answered = day.clone();
        answered.take(91, &Command::JudgeReadiness(honest));
        // A reading in range clears, the first stays visible.
        day.take(95, &Command::RecordVitals(all_vitals()));
        day.take(96, &Command::JudgeReadiness(READY));
    }
}

#[test]
fn the_alert_value_and_the_limits_are_the_protocols() {
    let mut day = Day::monitoring();
    day.protocol.limits_after.moaas_min.value = 4;
    day.take(90, &drowsy(4));
    day.take(91, &Command::JudgeReadiness(READY));
    day.take(92, &drowsy(4));
    assert!(readiness_lack(&day, 93).is_none());
    day.protocol.limits_after.moaas_min.value = 5;
    assert!(readiness_lack(&day, 93).is_some());
}

#[test]
fn the_prescriber_answers_for_a_reading_and_not_for_being_alert() {
    let mut day = Day::monitoring();
    for (at, command, kind) in [
        (90, vitals(|vitals| vitals.spo2 = Some(92)), VitalKind::Spo2),
        (94, pressure(165, 95), VitalKind::BloodPressure),
    ] {
        day.take(at, &command);
        let seq = day.last_seq();
        let refusal = day.refuse(at + 1, &Command::JudgeReadiness(READY));
        assert_eq!(refusal.kind(), "reading_contradicts");
        let concern = Concern::Reading { seq, kind };
        day.take(at + 2, &decide_on(concern, DecisionChoice::Proceed));
        day.take(at + 3, &Command::JudgeReadiness(READY));
        assert!(readiness_lack(&day, at + 3).is_none());
    }
    day.take(100, &drowsy(3));
    let (seq, kind) = (day.last_seq(), VitalKind::Moaas);
    let concern = Concern::Reading { seq, kind };
    day.take(101, &decide_on(concern, DecisionChoice::Proceed));
    let refusal = day.refuse(102, &Command::JudgeReadiness(READY));
    assert_eq!(refusal.kind(), "reading_contradicts");
}

#[test]
fn late_delivery_and_corrections_count_too() {
    // Taken before the judgement, delivered after it: the judge did not see it.
    let mut day = Day::watched();
    day.take_late(124, 126, &drowsy(3));
    assert!(readiness_lack(&day, 127).is_none(), "a later one says 5");
    day.take_late(125, 126, &drowsy(3));
    assert!(readiness_lack(&day, 127).is_some());
    for late in [symptoms(), adverse(Seriousness::NotYetAnswered)] {
        let mut day = Day::watched();
        day.take_late(120, 126, &late);
        assert!(readiness_lack(&day, 127).is_some(), "{}", late.kind());
    }
    // A reading that is corrected to one that denies what was judged.
    let mut day = Day::watched();
    let Command::RecordVitals(really) = drowsy(2) else {
        unreachable!()
    };
    day.take(126, &replace(8, minute(125), Event::VitalsRecorded(really)));
    let overtaken_by = Some(8);
    assert_eq!(
        readiness_lack(&day, 127),
        Some(Lack::ReadinessJudgement { overtaken_by })
    );
    // A judgement that is corrected to a "yes" against the readings.
    let mut day = Day::monitoring();
    day.take(90, &drowsy(2));
    let overtaken_by = Some(day.last_seq());
    let no = Readiness {
        alert: YesNo::No,
        ..READY
    };
    day.take(91, &Command::JudgeReadiness(no));
    let (judged, yes) = (day.last_seq(), Event::ReadinessJudged(READY));
    day.take(92, &replace(judged, minute(91), yes));
    assert_eq!(
        readiness_lack(&day, 93),
        Some(Lack::ReadinessJudgement { overtaken_by })
    );
}

#[test]
fn a_device_after_the_judgement_makes_it_void() {
    let mut day = Day::watched();
    day.take(130, &device_already(130, "found beside her"));
    let overtaken_by = Some(day.last_seq());
    assert_eq!(
        readiness_lack(&day, 131),
        Some(Lack::ReadinessJudgement { overtaken_by })
    );
}
