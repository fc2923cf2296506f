//! Every phase against every command: accepted, or which refusal.

use super::super::*;
use super::day::*;

/// When every command of the table is tried; all that the phases need has happened by then.
const AT: i64 = 200;

/// With a last pressure that is young enough at [`AT`].
fn watched_longer() -> Day {
    let mut day = Day::watched();
    day.take(175, &Command::RecordVitals(all_vitals()));
    day
}

fn day_in(phase: Phase) -> Day {
    let (mut day, ending) = match phase {
        Phase::Empty => return Day::new(),
        Phase::Planned => return Day::planned(),
        Phase::Arrived => return Day::checked(),
        Phase::Cleared => return Day::cleared(),
        Phase::Dosing => return Day::dosing(),
        Phase::Monitoring => return watched_longer(),
        Phase::Discharged => (watched_longer(), discharge(Basis::Now)),
        Phase::LeftAgainstAdvice => {
            let left = LeftAgainstAdvice::Left(DepartureDetails::default());
            (Day::monitoring(), Command::LeaveAgainstAdvice(left))
        }
        Phase::EmergencyCare => (Day::monitoring(), transfer(serious())),
        Phase::Delayed => (
            Day::arrived(),
            Command::Delay {
                reason: text("high pressure"),
            },
        ),
        Phase::Cancelled => (
            Day::cleared(),
            Command::Cancel {
                reason: text("fever"),
            },
        ),
        Phase::NoShow => (
            Day::planned(),
            Command::MarkNoShow {
                note: String::new(),
            },
        ),
    };
    day.take(180, &ending);
    day
}

/// One row of the table: the phases in the order of [`Phase::ALL`]. `A` accepted, `W` wrong phase,
/// `D` already done, `K` lacks, `V` after a device, `L` locked, `U` unknown, `C` contradiction.
fn table() -> Vec<(Command, &'static str)> {
    let note = String::new;
    vec![
        (plan(56), "ADDDDD LLL WWW"),
        (change_room(), "WAAAAA LLL WWW"),
        (Command::Arrive, "WADDDD LLL WWW"),
        (answers(&[]), "WKAAAA LLL WWW"),
        (pressure(130, 80), "WKAAAA LLL WWW"),
        (
            decide_on(Concern::NoPrescriberOnSite, DecisionChoice::Proceed),
            "WKAAAA LLL WWW",
        ),
        (clear(), "WKADDD LLL WWW"),
        (device(AT), "WKKAAK LLL WWW"),
        (device_already(AT, "the tablet was flat"), "WKAAAA LLL WWW"),
        (
            Command::StopDosing {
                reason: text("nausea"),
            },
            "WKWWAW LLL WWW",
        ),
        (open(EpisodeKind::Sedation), "WKAAAA LLL WWW"),
        (resolve(99), "WKUUUU LLL WWW"),
        (
            Command::ReportNoneObserved {
                kinds: EpisodeKind::ALL.to_vec(),
            },
            "WKWWAA AAA WWW",
        ),
        (Command::RecordVomiting { note: note() }, "WKAAAA LLL WWW"),
        (symptoms(), "WKAAAA LLL WWW"),
        (medicine(), "WKAAAA LLL WWW"),
        (adverse(Seriousness::NotSerious), "WKAAAA LLL WWW"),
        (Command::CallEmergency { note: note() }, "WKAAAA LLL WWW"),
        (Command::EmergencyArrive { note: note() }, "WKAAAA LLL WWW"),
        (Command::HandOver { to: PRESCRIBER }, "WAAAAA LLL WWW"),
        (Command::JudgeReadiness(READY), "WKWWAA LLL WWW"),
        (discharge(Basis::Now), "WKWWKA LLL WWW"),
        (
            discharge(already("left while we were busy")),
            "WKWWAA LLL WWW",
        ),
        (
            Command::LeaveAgainstAdvice(LeftAgainstAdvice::Left(DepartureDetails::default())),
            "WKAAAA LLL WWW",
        ),
        (transfer(Seriousness::NotYetAnswered), "WKAAAA LLL WWW"),
        (
            Command::Delay {
                reason: text("high pressure"),
            },
            "WAAAVV LLL WWW",
        ),
        (
            Command::Cancel {
                reason: text("fever"),
            },
            "WAAAVV LLL WWW",
        ),
        (Command::MarkNoShow { note: note() }, "WAWWVV LLL WWW"),
        (correct_room(), "WAAAAA LLL AAA"),
        (
            Command::AddAddendum(Addendum {
                text: text("late"),
                departure: None,
            }),
            "WWWWWW AAA AAA",
        ),
        (
            Command::AnswerSerious(SeriousAnswer {
                about: SeriousSubject::EmergencyCare,
                seriousness: Seriousness::NotSerious,
            }),
            "WWWWWW WWA WWW",
        ),
        (
            Command::TickReport {
                report: text("fda"),
            },
            "WCCCCC CCA CCC",
        ),
    ]
}

fn change_room() -> Command {
    Command::ChangePlan(PlanChange {
        dose_mg: None,
        prescriber: None,
        room: Some(text("Room 4")),
        reason: text("quieter"),
    })
}

fn correct_room() -> Command {
    let Command::Plan(plan) = plan(56) else {
        unreachable!()
    };
    let plan = Plan {
        room: text("Room 9"),
        ..plan
    };
    let planned = Planned {
        plan,
        protocol: text("esketamine-2026-11"),
        spray_mg: 14,
    };
    replace(0, minute(-60), Event::Planned(planned))
}

fn medicine() -> Command {
    Command::GiveMedicine(MedicineGiven {
        drug: text("ondansetron"),
        dose: text("4 mg"),
        route: text("by mouth"),
        order: MedicineOrder::Prescriber { person: PRESCRIBER },
    })
}

fn letter(outcome: &Result<Vec<Mark>, Refusal>) -> char {
    match outcome.as_ref().map_err(Refusal::kind) {
        Ok(_) => 'A',
        Err("wrong_phase") => 'W',
        Err("already_done") => 'D',
        Err("lacks") => 'K',
        Err("after_device") => 'V',
        Err("locked") => 'L',
        Err("unknown") => 'U',
        Err("contradiction") => 'C',
        Err(other) => panic!("not in the table: {other}"),
    }
}

#[test]
fn every_phase_meets_every_command() {
    let mut wrong = Vec::new();
    for (command, expected) in table() {
        let expected: Vec<char> = expected.chars().filter(|letter| *letter != ' ').collect();
        assert_eq!(expected.len(), Phase::ALL.len());
        for (phase, expected) in Phase::ALL.into_iter().zip(expected) {
            let mut day = day_in(phase);
            assert_eq!(day.session.phase(), phase);
            let before = day.session.clone();
            let outcome = day.attempt(minute(AT), minute(AT), &command);
            if letter(&outcome) != expected {
                wrong.push(format!("{phase:?} x {}: {outcome:?}", command.kind()));
            }
            if outcome.is_err() {
                assert_eq!(day.session, before);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn table_holds_every_kind_of_command() {
    let mut kinds: Vec<&str> = table().iter().map(|(command, _)| command.kind()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), 30);
}

#[test]
fn phases_follow_the_steps() {
    let mut day = Day::new();
    assert_eq!(day.session.phase(), Phase::Empty);
    for (at, command, phase) in [
        (-60, plan(84), Phase::Planned),
        (0, Command::Arrive, Phase::Arrived),
        (5, answers(&[]), Phase::Arrived),
        (6, Command::RecordVitals(all_vitals()), Phase::Arrived),
        (10, clear(), Phase::Cleared),
        (
            12,
            Command::GiveDevice(device_partly(minute(12), Basis::Now, 0)),
            Phase::Cleared,
        ),
        (13, device(13), Phase::Dosing),
        (18, device(18), Phase::Dosing),
        (23, device(23), Phase::Monitoring),
        (63, pressure(140, 80), Phase::Monitoring),
        (130, pressure(130, 80), Phase::Monitoring),
        (135, Command::JudgeReadiness(READY), Phase::Monitoring),
        (143, discharge(Basis::Now), Phase::Discharged),
    ] {
        day.take(at, &command);
        assert_eq!(day.session.phase(), phase);
    }
}
