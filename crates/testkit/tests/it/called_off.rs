//! A session that was called off: taken back, taken up once on another day; and a plan that is corrected.

use app::AppError;
use app::treatment::{PlanError, Planning};
use domain::treatment::{
    Change, Command, Correction, Enrolment, Event, PatientId, Phase, Plan, Planned, Replacement,
    SessionId,
};
use uuid::Uuid;

use crate::day::{Floor, planning};

fn correction(corrects: u32, change: Change) -> Command {
    Command::Correct(Correction {
        corrects,
        reason: "It was not so.".into(),
        change,
    })
}

/// A plan for the floor's patient on the next day, which takes up this session.
async fn following(floor: &Floor, follows: Uuid) -> Planning {
    let page = floor.page().await;
    let day = page.day.tomorrow().unwrap();
    let (app, nurse) = (&floor.world.app, &floor.nurse);
    let mut planning = planning(
        app.id(),
        page.patient.id,
        floor.prescriber,
        nurse.person,
        day,
    );
    if let Command::Plan(plan) = &mut planning.command {
        plan.follows = Some(SessionId(follows.as_u128()));
    }
    planning
}

async fn refused(floor: &Floor, follows: Uuid) -> &'static str {
    let planning = following(floor, follows).await;
    match floor.world.app.plan(&floor.nurse, planning).await {
        Err(PlanError::App(AppError::BadInput(sentence))) => sentence,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was planned"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_delayed_session_is_taken_up_and_only_once() {
    let mut floor = Floor::planned().await;
    floor.refresh().await;
    let delayed = floor.session;
    assert!(refused(&floor, delayed).await.contains("not delayed"));
    let reason = || "Fever.".to_owned();
    floor.must(Command::Delay { reason: reason() }).await;
    floor.refresh().await;

    let planning = following(&floor, delayed).await;
    let app = &floor.world.app;
    let second = app.plan(&floor.nurse, planning).await.unwrap();
    assert!(refused(&floor, delayed).await.contains("already"));
    // What was called off for good leaves it free; what was delayed is taken up itself.
    floor.session = second;
    floor.must(Command::Cancel { reason: reason() }).await;
    floor.refresh().await;
    let planning = following(&floor, delayed).await;
    let third = floor.world.app.plan(&floor.nurse, planning).await.unwrap();
    floor.session = third;
    floor.must(Command::Delay { reason: reason() }).await;
    floor.refresh().await;
    assert!(refused(&floor, delayed).await.contains("already"));
    let planning = following(&floor, third).await;
    floor.world.app.plan(&floor.nurse, planning).await.unwrap();
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_show_is_taken_back_and_the_session_goes_on() {
    let mut floor = Floor::planned().await;
    floor
        .must(Command::MarkNoShow {
            note: String::new(),
        })
        .await;
    floor.must(correction(1, Change::Strike)).await;
    floor.refresh().await;
    let page = floor.page().await;
    assert!(page.session.phase() == Phase::Planned && page.version == 3);
    let board = floor.world.app.board(&floor.nurse).await.unwrap();
    assert_eq!(board.sessions.len(), 1);
    floor.play_to_discharge().await;
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_plan_stays_the_plan_of_its_patient() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.refresh().await;
    let before = floor.page().await;
    let plan = before.session.plan().unwrap();
    let sent = Plan {
        patient: PatientId(0),
        enrolment: Enrolment::NotConfirmed,
        dose_mg: 84,
        ..plan.clone()
    };
    let replacement = Replacement {
        happened_at: before.events[0].happened_at,
        taken_by: floor.nurse.person,
        event: Event::Planned(Planned {
            plan: sent,
            protocol: String::new(),
            spray_mg: 0,
        }),
    };
    floor
        .must(correction(0, Change::Replace(Box::new(replacement))))
        .await;
    floor.refresh().await;
    let after = floor.page().await.session;
    assert!(
        after.plan()
            == Some(Plan {
                dose_mg: 84,
                ..plan
            })
    );
    assert_eq!(
        after.protocol_version(),
        before.session.protocol_version(),
        "under the protocol that it was planned under"
    );
}
