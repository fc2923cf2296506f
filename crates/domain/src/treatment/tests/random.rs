//! Random days: what they are made of, and the session held against the plain model on them.

use proptest::prelude::*;

use super::super::*;
use super::day::*;
use super::model::{Entered, MINIMUM, Matter, Model, Verdict, What};

/// One random step. `pick` and `detail` choose among variants; times are seconds.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    kind: u8,
    pick: u8,
    detail: u8,
    forward_s: i64,
    back_s: i64,
}

impl Model {
    /// What a random step means in this state; targets are mostly things that exist.
    fn meaning(&self, raw: &Raw) -> What {
        let (pick, detail) = (raw.pick, raw.detail);
        let entered = match pick % 3 {
            0 => Entered::Now,
            1 => Entered::AlreadyWithReason,
            _ => Entered::AlreadySilent,
        };
        let occasion = [
            Occasion::BeforeDosing,
            Occasion::FortyMinutes,
            Occasion::BeforeDischarge,
            Occasion::Other,
        ][usize::from(pick % 4)];
        let kind = EpisodeKind::ALL[usize::from(pick % 3)];
        let newest = |test: fn(&What) -> bool| {
            self.facts
                .iter()
                .rev()
                .find(|fact| test(&fact.what))
                .map_or(77, |fact| fact.seq)
        };
        match raw.kind {
            0 => What::Plan(if pick % 2 == 0 { 56 } else { 84 }),
            1 => What::Arrive,
            2 => What::Answers {
                sound: pick % 4 > 0,
            },
            3..=6 => {
                let pressures = [(120, 80), (150, 95), (170, 105), (80, 120), (140, 90)];
                let pressure =
                    (pick % 6 > 0).then(|| pressures[usize::from(pick) % pressures.len()]);
                let saturation = [None, Some(98), Some(92), Some(94)][usize::from(detail % 4)];
                if pressure.is_none() && saturation.is_none() {
                    What::Declined(occasion)
                } else {
                    What::Reading {
                        pressure,
                        saturation,
                    }
                }
            }
            7 => What::Declined(occasion),
            8 => What::Decision {
                about: newest(|what| matches!(what, What::Reading { .. } | What::Declined(_))),
                matter: [Matter::Pressure, Matter::Saturation, Matter::Unmeasured]
                    [usize::from(pick % 3)],
                verdict: verdict(detail),
            },
            26 => What::Symptoms,
            27 => What::Decision {
                about: newest(|what| *what == What::Symptoms),
                matter: Matter::Symptoms,
                verdict: verdict(detail),
            },
            9 => What::Clear,
            10..=13 => {
                let sprays = if detail % 4 < 2 {
                    2
                } else {
                    i64::from(detail % 4) - 2
                };
                What::Device { sprays, entered }
            }
            14 => What::Stop,
            15 => What::Onset(kind),
            // Often the same, so that one comes late before another.
            28..=29 => What::Onset(EpisodeKind::Sedation),
            16 | 30..=31 => What::End(newest(|what| matches!(what, What::Onset(_)))),
            17 => What::Judge {
                ready: pick % 3 > 0,
            },
            18..=19 => What::Discharge(entered),
            20 => What::Addendum,
            21 => What::HandOver,
            22 => What::Strike(u32::from(detail) % (self.count + 2)),
            _ => [
                What::Leave,
                What::Send,
                What::Delay,
                What::Cancel,
                What::NoShow,
            ][usize::from(pick % 5)]
            .clone(),
        }
    }
}

fn verdict(detail: u8) -> Verdict {
    match detail % 4 {
        0 => Verdict::Wait,
        1 => Verdict::NotToday,
        _ => Verdict::GoOn,
    }
}

/// The command that means the same.
fn command(what: &What, at: i64) -> Command {
    let when = second(at);
    let basis = |entered: Entered| match entered {
        Entered::Now => Basis::Now,
        Entered::AlreadyWithReason => already("it was so"),
        Entered::AlreadySilent => already(""),
    };
    match what {
        What::Plan(dose) => plan(u32::try_from(*dose).unwrap()),
        What::Arrive => Command::Arrive,
        What::Answers { sound: true } => answers(&[]),
        What::Answers { sound: false } => answers(&[("aneurysm", Answer::Yes)]),
        What::Reading {
            pressure,
            saturation,
        } => Command::RecordVitals(Vitals {
            pressure: pressure.map(|(systolic, diastolic)| Pressure {
                systolic: i32::try_from(systolic).unwrap(),
                diastolic: i32::try_from(diastolic).unwrap(),
            }),
            spo2: saturation.map(|saturation| i32::try_from(saturation).unwrap()),
            ..Vitals::default()
        }),
        What::Declined(occasion) => absent(*occasion),
        What::Symptoms => symptoms(),
        What::Decision {
            about,
            matter,
            verdict,
        } => {
            let (seq, pressure) = (*about, VitalKind::BloodPressure);
            let concern = match matter {
                Matter::Pressure => Concern::Reading {
                    seq,
                    kind: pressure,
                },
                Matter::Saturation => Concern::Reading {
                    seq,
                    kind: VitalKind::Spo2,
                },
                Matter::Unmeasured => Concern::NotMeasured {
                    seq,
                    kind: pressure,
                },
                Matter::Symptoms => Concern::CrisisSymptoms { seq },
            };
            let choice = match verdict {
                Verdict::GoOn => DecisionChoice::Proceed,
                Verdict::Wait => DecisionChoice::Wait,
                Verdict::NotToday => DecisionChoice::Delay,
            };
            decide_on(concern, choice)
        }
        What::Clear => clear(),
        What::Device { sprays: 2, entered } => {
            Command::GiveDevice(device_use(when, basis(*entered)))
        }
        What::Device { sprays, entered } => {
            let sprays = u8::try_from(*sprays).unwrap();
            Command::GiveDevice(device_partly(when, basis(*entered), sprays))
        }
        What::Stop => Command::StopDosing {
            reason: text("nausea"),
        },
        What::Onset(kind) => open(*kind),
        What::End(seq) => resolve(*seq),
        What::Judge { ready: true } => Command::JudgeReadiness(READY),
        What::Judge { ready: false } => Command::JudgeReadiness(Readiness {
            alert: YesNo::No,
            no_dissociation: YesNo::No,
            breathing_in_range: YesNo::No,
            pressure_safe: YesNo::No,
        }),
        What::Discharge(entered) => discharge(basis(*entered)),
        What::Leave => {
            Command::LeaveAgainstAdvice(LeftAgainstAdvice::Left(DepartureDetails::default()))
        }
        What::Send => transfer(Seriousness::NotYetAnswered),
        What::Delay => Command::Delay { reason: text("x") },
        What::Cancel => Command::Cancel { reason: text("x") },
        What::NoShow => Command::MarkNoShow {
            note: String::new(),
        },
        What::Addendum => Command::AddAddendum(Addendum {
            text: text("x"),
            departure: None,
        }),
        What::HandOver => Command::HandOver { to: PRESCRIBER },
        What::Strike(seq) => strike(*seq),
    }
}

/// A sound beginning, so that random steps reach every phase.
const BEGINNING: [(i64, What); 7] = [
    (-3_600, What::Plan(56)),
    (0, What::Arrive),
    (60, What::Answers { sound: true }),
    (
        60,
        What::Reading {
            pressure: Some((120, 80)),
            saturation: None,
        },
    ),
    (120, What::Clear),
    (
        180,
        What::Device {
            sprays: 2,
            entered: Entered::Now,
        },
    ),
    (
        480,
        What::Device {
            sprays: 2,
            entered: Entered::Now,
        },
    ),
];

/// A day of random steps after so many sound ones.
pub(super) fn days() -> impl Strategy<Value = (usize, Vec<Raw>)> {
    let forward = prop_oneof![4 => 0..400_i64, 3 => 400..2_000_i64, 1 => 2_000..7_500_i64];
    let back = prop_oneof![6 => Just(0_i64), 2 => 0..1_500_i64, 1 => 0..5_000_i64, 1 => -90..0_i64];
    let raw = (0..32_u8, any::<u8>(), any::<u8>(), forward, back).prop_map(
        |(kind, pick, detail, forward_s, back_s)| Raw {
            kind,
            pick,
            detail,
            forward_s,
            back_s,
        },
    );
    (0..=BEGINNING.len(), prop::collection::vec(raw, 0..30))
}

/// One step of a random day: what was tried, when, and what came of it.
pub(super) struct Tried {
    pub(super) command: Command,
    pub(super) at: i64,
    pub(super) now: i64,
}

/// Plays a random day on the model and hands each step to `each` with what the model foretells.
pub(super) fn play(
    (beginning, raws): &(usize, Vec<Raw>),
    mut each: impl FnMut(&Tried, Result<(), &'static str>, &Model) -> bool,
) {
    let mut model = Model::default();
    let mut now = -3_600;
    let mut step = |model: &mut Model, what: &What, at: i64, now: i64| {
        let foretold = model.predict(what, at, now);
        let mut after = model.clone();
        if foretold.is_ok() {
            after.record(what, at);
        }
        if each(
            &Tried {
                command: command(what, at),
                at,
                now,
            },
            foretold,
            &after,
        ) {
            *model = after;
        }
    };
    for (at, what) in &BEGINNING[..*beginning] {
        now = *at;
        step(&mut model, what, now, now);
    }
    for raw in raws {
        now += raw.forward_s;
        let what = model.meaning(raw);
        step(&mut model, &what, now - raw.back_s, now);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn session_does_what_the_plain_model_foretells(random in days()) {
        let mut day = Day::new();
        play(&random, |tried, foretold, model| {
            let outcome = day.attempt(second(tried.at), second(tried.now), &tried.command);
            let kind = outcome.as_ref().map(|_| ()).map_err(Refusal::kind);
            assert_eq!(kind, foretold, "{:?} at {} of {:#?}: {outcome:?}", tried.command, tried.at, day.session);
            assert_eq!(day.session.phase(), model.phase());
            let dose = day.session.dose(&day.protocol);
            assert_eq!(i64::from(dose.given_mg), model.given());
            let minimum = day.session.discharge_possible_from(&day.protocol);
            assert_eq!(minimum, model.last_device().map(|last| second(last + MINIMUM)));
            assert_eq!(day.session.ended_at(), model.ending().map(|(at, _)| second(at)));
            assert_eq!(day.session.effective().len(), model.facts.len());
            true
        });
    }
}

/// Random days are worth something only when they reach every phase and most refusals.
#[test]
fn random_days_reach_every_phase_and_refusal() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut phases = std::collections::BTreeSet::new();
    let mut refusals = std::collections::BTreeSet::new();
    for _ in 0..1_200 {
        let random = days().new_tree(&mut runner).unwrap().current();
        play(&random, |_, foretold, model| {
            phases.insert(model.phase());
            refusals.extend(foretold.err());
            true
        });
    }
    assert_eq!(phases.len(), Phase::ALL.len());
    let expected = [
        "after_device",
        "already_done",
        "before_arrival",
        "contradiction",
        "correction_breaks",
        "episode_open",
        "episodes_overlap",
        "impossible",
        "in_future",
        "lacks",
        "locked",
        "not_correctable",
        "out_of_order",
        "reading_contradicts",
        "reason_needed",
        "unknown",
        "wrong_phase",
    ];
    assert_eq!(refusals.into_iter().collect::<Vec<_>>(), expected);
}
