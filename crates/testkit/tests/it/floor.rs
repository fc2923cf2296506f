//! The floor's use cases: idempotent, told of others' work, refused with facts, never losing what was acknowledged.

use app::treatment::{PlanError, Planning, Saved};
use app::{AppError, Ctx};
use domain::treatment::{
    Basis, Change, Clearing, Command, Concern, Correction, Decision, DecisionChoice,
    DepartureDetails, DeviceOutcome, DeviceUse, Disposal, Event, LeftAgainstAdvice, MedicineGiven,
    MedicineOrder, PersonId, PlanChange, Replacement, SessionId, VitalKind,
};
use jiff::SignedDuration;
use jiff::civil::date;
use uuid::Uuid;

use crate::day::{Floor, PRESSURES, planning, prescriber, submission, vitals};

#[tokio::test(flavor = "multi_thread")]
async fn t1_a_patient_is_followed_from_arrival_to_discharge() {
    let mut floor = Floor::planned().await;
    floor.play_to_discharge().await;
    floor.refresh().await;
    let page = floor.page().await;
    assert!(page.session.phase().is_locked());
    let board = floor.world.app.board(&floor.nurse).await.unwrap();
    assert_eq!(board.sessions.len(), 1);
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t3_a_locked_session_takes_nothing_but_an_addendum() {
    let mut floor = Floor::planned().await;
    floor.play_to_discharge().await;
    let refused = floor.step(vitals(PRESSURES[0])).await;
    assert!(matches!(refused, Err(AppError::Refused { .. })));
    let addendum = domain::treatment::Addendum {
        text: "Called home at six: well.".into(),
        departure: None,
    };
    floor.must(Command::AddAddendum(addendum)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_told_apart_from_a_fault_of_ours() {
    let floor = Floor::planned().await;
    floor.world.app.close();
    let board = floor.world.app.board(&floor.nurse).await;
    assert!(matches!(board, Err(AppError::Away(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn b5_the_same_form_twice_is_one_event() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.refresh().await;
    let key = floor.world.app.id();
    let first = floor
        .world
        .app
        .record(
            &floor.nurse,
            floor.session,
            submission(key, 2, vitals(PRESSURES[0])),
        )
        .await;
    assert!(!first.unwrap().repeated);
    floor.world.pass(SignedDuration::from_mins(3));
    floor.refresh().await;
    let again = floor
        .world
        .app
        .record(
            &floor.nurse,
            floor.session,
            submission(key, 2, vitals(PRESSURES[0])),
        )
        .await;
    assert!(again.unwrap().repeated);
    let mut other = submission(key, 2, vitals(PRESSURES[1]));
    other.fields = vec![("systolic".into(), "137".into())];
    let reused = floor
        .world
        .app
        .record(&floor.nurse, floor.session, other)
        .await;
    assert!(matches!(reused, Err(AppError::KeyReused { .. })));
    let page = floor.page().await;
    assert_eq!(page.version, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn b5_the_same_form_sent_many_times_at_once_is_one_event() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.refresh().await;
    let key = floor.world.app.id();
    let sendings = (0..8).map(|_| {
        floor.world.app.record(
            &floor.nurse,
            floor.session,
            submission(key, 2, vitals(PRESSURES[0])),
        )
    });
    let mut written = 0;
    for sent in join_all(sendings).await {
        written += u32::from(!sent.unwrap().repeated);
    }
    assert_eq!(written, 1);
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_at_once_lose_nothing() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.refresh().await;
    let other = floor.world.ctx("jonah").await;
    let app = &floor.world.app;
    let seen = app
        .session_page(&other, floor.session)
        .await
        .unwrap()
        .version;
    app.record(
        &floor.nurse,
        floor.session,
        submission(app.id(), seen, vitals(PRESSURES[0])),
    )
    .await
    .unwrap();
    let stale = app
        .record(
            &other,
            floor.session,
            submission(app.id(), seen, vitals(PRESSURES[1])),
        )
        .await;
    let Err(AppError::Stale { changed, page }) = stale else {
        panic!("the second phone was not told")
    };
    assert_eq!(changed.len(), 1);
    let again = submission(app.id(), page.version, vitals(PRESSURES[1]));
    app.record(&other, floor.session, again).await.unwrap();
    assert_eq!(
        app.session_page(&other, floor.session)
            .await
            .unwrap()
            .version,
        4
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_side_by_side_each_get_their_place() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.refresh().await;
    let app = &floor.world.app;
    let sendings = (0..6).map(|number| {
        app.record(
            &floor.nurse,
            floor.session,
            submission(app.id(), 2, vitals((120 + number, 80))),
        )
    });
    for sent in join_all(sendings).await {
        sent.unwrap();
    }
    assert_eq!(
        app.session_page(&floor.nurse, floor.session)
            .await
            .unwrap()
            .version,
        8
    );
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_enrolment_nothing_is_planned_and_the_same_plan_is_one_session() {
    let world = testkit::World::demo().await;
    let nurse = world.ctx("mara").await;
    let page = world.app.plan_page(&nurse).await.unwrap();
    let not_enrolled = page
        .patients
        .iter()
        .find(|patient| !patient.enrolled)
        .unwrap()
        .id;
    let enrolled = page
        .patients
        .iter()
        .find(|patient| patient.enrolled)
        .unwrap()
        .id;
    let of = |key, patient| {
        planning(
            key,
            patient,
            prescriber(&page.setting.people),
            nurse.person,
            page.setting.today,
        )
    };
    let refused = world
        .app
        .plan(&nurse, of(world.app.id(), not_enrolled))
        .await;
    assert!(matches!(
        refused,
        Err(app::treatment::PlanError::Refused { .. })
    ));
    let key = world.app.id();
    let first = world.app.plan(&nurse, of(key, enrolled)).await.unwrap();
    let second = world.app.plan(&nurse, of(key, enrolled)).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(world.app.board(&nurse).await.unwrap().sessions.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a6_what_is_not_yours_looks_as_if_it_did_not_exist() {
    let floor = Floor::planned().await;
    let owner = floor.world.ctx("imogen").await;
    let app = &floor.world.app;
    let step = app
        .record(
            &owner,
            floor.session,
            submission(app.id(), 1, Command::Arrive),
        )
        .await;
    assert!(matches!(step, Err(AppError::NotFound)));
    let decision = Command::RecordDecision(domain::treatment::Decision {
        about: Vec::new(),
        choice: domain::treatment::DecisionChoice::Proceed,
        reason: "weighed".into(),
    });
    let decided = app
        .record(
            &floor.nurse,
            floor.session,
            submission(app.id(), 1, decision),
        )
        .await;
    assert!(matches!(decided, Err(AppError::NotFound)));
    assert!(matches!(
        app.clinic_page(&floor.nurse).await,
        Err(AppError::NotFound)
    ));
    assert!(matches!(
        app.audit_page(&floor.nurse, None).await,
        Err(AppError::NotFound)
    ));
    assert!(matches!(
        app.session_page(&floor.nurse, app.id()).await,
        Err(AppError::NotFound)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn b5_a_plan_typed_over_a_saved_one_is_not_lost() {
    let world = testkit::World::demo().await;
    let nurse = world.ctx("mara").await;
    let page = world.app.plan_page(&nurse).await.unwrap();
    let mut enrolled = page.patients.iter().filter(|patient| patient.enrolled);
    let (one, other) = (enrolled.next().unwrap().id, enrolled.next().unwrap().id);
    let of = |key, patient| {
        let prescriber = prescriber(&page.setting.people);
        planning(key, patient, prescriber, nurse.person, page.setting.today)
    };
    let key = world.app.id();
    let first = world.app.plan(&nurse, of(key, one)).await.unwrap();
    // The browser went back to the saved form; another patient was chosen there.
    let reused = world.app.plan(&nurse, of(key, other)).await;
    assert!(matches!(reused, Err(PlanError::KeyReused { .. })));
    assert_eq!(
        world.app.plan(&nurse, of(key, one)).await.unwrap(),
        first,
        "the very same form is still the same session"
    );
    assert_eq!(world.app.board(&nurse).await.unwrap().sessions.len(), 1);
    let second = world
        .app
        .plan(&nurse, of(world.app.id(), other))
        .await
        .unwrap();
    assert_ne!(first, second);
    assert_eq!(world.app.board(&nurse).await.unwrap().sessions.len(), 2);
    world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_says_it_saw_more_than_there_is_passes_over_nobodys_entries() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    let (version, other) = (floor.version().await, floor.world.ctx("jonah").await);
    let app = &floor.world.app;
    for seen in [version + 1, u32::MAX] {
        let form = submission(app.id(), seen, vitals(PRESSURES[0]));
        let answer = app.record(&other, floor.session, form).await;
        assert!(
            matches!(answer, Err(AppError::BadInput(sentence)) if sentence.starts_with("Nothing was saved: ")),
            "{seen}"
        );
    }
    assert_eq!(floor.version().await, version);
    let form = submission(app.id(), version, vitals(PRESSURES[0]));
    app.record(&other, floor.session, form).await.unwrap();
}

/// Records a step of this session as somebody.
async fn send(floor: &Floor, who: &Ctx, command: Command) -> Result<Saved, AppError> {
    let app = &floor.world.app;
    let submission = submission(app.id(), floor.version().await, command);
    app.record(who, floor.session, submission).await
}

/// The kind of the rule that refuses it.
fn refused(answer: Result<Saved, AppError>) -> &'static str {
    match answer {
        Err(AppError::Refused { refusal, .. }) => refusal.kind(),
        Err(error) => panic!("another error: {error}"),
        Ok(_) => panic!("it was saved"),
    }
}

/// A decision about the reading that [`decided`] records.
fn decision(reason: &str) -> Decision {
    Decision {
        about: vec![Concern::Reading {
            seq: 2,
            kind: VitalKind::BloodPressure,
        }],
        choice: DecisionChoice::Proceed,
        reason: reason.into(),
    }
}

/// A session in which the prescriber has decided about a high blood pressure, as entry 3.
pub(crate) async fn decided() -> (Floor, Ctx) {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.must(vitals((150, 95))).await;
    let prescriber = floor.world.ctx("tobias").await;
    let command = Command::RecordDecision(decision("Anxious; comes down within the hour."));
    send(&floor, &prescriber, command).await.unwrap();
    floor.refresh().await;
    (floor, prescriber)
}

#[tokio::test(flavor = "multi_thread")]
async fn a6_only_a_prescriber_corrects_a_prescribers_decision() {
    let (floor, prescriber) = decided().await;
    let correction = |change| {
        Command::Correct(Correction {
            corrects: 3,
            reason: "Not so.".into(),
            change,
        })
    };
    let replaced_by = |taken_by| {
        correction(Change::Replace(Box::new(Replacement {
            happened_at: floor.world.app.now(),
            taken_by,
            event: Event::DecisionRecorded(decision("Weighed anew.")),
        })))
    };
    let nurse = &floor.nurse;
    for command in [
        correction(Change::Strike),
        replaced_by(nurse.person),
        replaced_by(prescriber.person),
    ] {
        let answer = send(&floor, nurse, command).await;
        assert_eq!(refused(answer), "prescribers_alone");
    }
    // Nor does a prescriber decide in somebody else's name.
    let answer = send(&floor, &prescriber, replaced_by(nurse.person)).await;
    assert_eq!(refused(answer), "own_name_needed");
    let other = floor.world.ctx("odile").await;
    let answer = send(&floor, &other, replaced_by(prescriber.person)).await;
    assert_eq!(refused(answer), "own_name_needed");

    // The clinician's own entries are the clinician's to correct, and the decision is the prescriber's.
    let reading = Command::Correct(Correction {
        corrects: 2,
        reason: "Wrong patient.".into(),
        change: Change::Strike,
    });
    send(&floor, nurse, reading).await.unwrap();
    send(&floor, &prescriber, replaced_by(prescriber.person))
        .await
        .unwrap();
    send(&floor, &other, correction(Change::Strike))
        .await
        .unwrap();
}

/// Commands that name this person as one who takes clinical steps.
fn naming_a_clinician(person: PersonId, floor: &Floor) -> Vec<Command> {
    let now = floor.world.app.now();
    let witness = Disposal {
        how: "drug disposal box".into(),
        witness: Some(person),
    };
    let device = DeviceUse {
        basis: Basis::Already {
            reason: "It leaked.".into(),
        },
        lot: "LK4471".into(),
        expires: Some(date(2027, 6, 30)),
        given_on: date(2026, 3, 2),
        dots_before: 2,
        dots_after: 1,
        sprays: 1,
        first_spray_at: now,
        last_spray_at: now,
        outcome: DeviceOutcome::PartlyUsed(witness),
    };
    let replacement = Replacement {
        happened_at: now,
        taken_by: person,
        event: Event::Arrived,
    };
    vec![
        Command::HandOver { to: person },
        Command::GiveDevice(device),
        Command::Correct(Correction {
            corrects: 1,
            reason: "It was another nurse.".into(),
            change: Change::Replace(Box::new(replacement)),
        }),
    ]
}

/// Commands that name this person as a prescriber.
fn naming_a_prescriber(person: PersonId) -> Vec<Command> {
    vec![
        Command::Clear(Clearing {
            basis: Basis::Now,
            prescriber_on_site: Some(person),
        }),
        Command::ChangePlan(PlanChange {
            dose_mg: None,
            prescriber: Some(person),
            room: None,
            reason: "Called away.".into(),
        }),
        Command::GiveMedicine(MedicineGiven {
            drug: "ondansetron".into(),
            dose: "4 mg".into(),
            route: "by mouth".into(),
            order: MedicineOrder::Prescriber { person },
        }),
        Command::LeaveAgainstAdvice(LeftAgainstAdvice::Left(DepartureDetails {
            prescriber_told: Some(person),
            ..DepartureDetails::default()
        })),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_named_works_here_and_a_prescriber_is_one() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    let (owner, gone) = (
        floor.world.ctx("imogen").await.person,
        floor.world.ctx("jonah").await.person,
    );
    let superuser = floor.world.database.superuser().await;
    let deactivate = "UPDATE person SET active = false WHERE id = $1";
    let id = Uuid::from_u128(gone.0);
    assert_eq!(superuser.execute(deactivate, &[&id]).await.unwrap(), 1);
    floor.refresh().await;
    let (nurse, unknown) = (&floor.nurse, PersonId(floor.world.app.id().as_u128()));
    let mut named = Vec::new();
    for person in [unknown, gone, owner] {
        named.extend(naming_a_clinician(person, &floor));
    }
    for person in [unknown, gone, owner, nurse.person] {
        named.extend(naming_a_prescriber(person));
    }
    for command in named {
        let kind = command.kind();
        let answer = send(&floor, nurse, command).await;
        assert!(matches!(answer, Err(AppError::BadInput(_))), "{kind}");
    }
    // Who took it, too: anybody's vitals, and a decision that is a nurse's.
    let app = &floor.world.app;
    for person in [unknown, gone, owner] {
        let mut submission = submission(app.id(), floor.version().await, vitals(PRESSURES[0]));
        submission.taken_by = Some(person);
        let answer = app.record(nurse, floor.session, submission).await;
        assert!(matches!(answer, Err(AppError::BadInput(_))));
    }
    floor.must(vitals((150, 95))).await;
    let prescriber = floor.world.ctx("tobias").await;
    let app = &floor.world.app;
    let mut decided = submission(
        app.id(),
        floor.version().await,
        Command::RecordDecision(decision("Weighed.")),
    );
    decided.taken_by = Some(floor.nurse.person);
    let answer = app.record(&prescriber, floor.session, decided).await;
    assert!(matches!(answer, Err(AppError::BadInput(_))));

    // Those who may be named are.
    let mut taken = submission(app.id(), floor.version().await, vitals(PRESSURES[0]));
    taken.taken_by = Some(prescriber.person);
    app.record(&floor.nurse, floor.session, taken)
        .await
        .unwrap();
    let mut fine = naming_a_prescriber(prescriber.person);
    fine.truncate(3);
    fine.remove(0); // Nothing else is there yet that clearing asks for.
    fine.push(Command::HandOver {
        to: prescriber.person,
    });
    for command in fine {
        floor.must(command).await;
    }
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_names_people_of_the_clinic_and_takes_up_the_patients_own_session() {
    let mut floor = Floor::planned().await;
    floor
        .must(Command::Delay {
            reason: "Fever.".into(),
        })
        .await;
    floor.refresh().await;
    let (app, nurse) = (&floor.world.app, &floor.nurse);
    let page = app.plan_page(nurse).await.unwrap();
    let patient_of = |name: &str| {
        let patient = page
            .patients
            .iter()
            .find(|patient| patient.last_name == name);
        patient.unwrap().id
    };
    let (own, other) = (patient_of("Brookhollow"), patient_of("Merriden"));
    let unknown = PersonId(app.id().as_u128());
    let planned = |patient, prescriber, monitor, follows: Option<Uuid>| -> Planning {
        let mut planning = planning(app.id(), patient, prescriber, monitor, page.setting.today);
        if let Command::Plan(plan) = &mut planning.command {
            plan.follows = follows.map(|session| SessionId(session.as_u128()));
        }
        planning
    };
    for planning in [
        planned(own, unknown, nurse.person, None),
        planned(own, nurse.person, nurse.person, None),
        planned(own, floor.prescriber, unknown, None),
        planned(own, floor.prescriber, nurse.person, Some(app.id())),
        planned(other, floor.prescriber, nurse.person, Some(floor.session)),
    ] {
        let answer = app.plan(nurse, planning).await;
        assert!(matches!(answer, Err(PlanError::App(AppError::BadInput(_)))));
    }
    let planning = planned(own, floor.prescriber, nurse.person, Some(floor.session));
    app.plan(nurse, planning).await.unwrap();
}

pub(crate) async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        pending.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => {
                done.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        if pending.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}
