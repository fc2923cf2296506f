//! Planning: a second session on one day is meant or not planned, and a delayed session is taken up once.

use std::sync::Arc;

use app::treatment::{PlanError, Planning, SessionsOf};
use app::{AppError, OpenedFor};
use axum::body::Body;
use domain::treatment::{Command, SessionId};
use http::{Request, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::day::Floor;
use crate::floor::join_all;

/// The sessions that are asked about; none when it was planned.
async fn asked_about(floor: &Floor, planning: Planning) -> Vec<Uuid> {
    match floor.world.app.plan(&floor.nurse, planning).await {
        Err(PlanError::DoubleBooked { sessions, .. }) => {
            sessions.iter().map(|session| session.id).collect()
        }
        Err(error) => panic!("{error}"),
        Ok(_) => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_session_on_one_day_is_planned_when_it_is_meant() {
    let mut floor = Floor::planned().await;
    let first = floor.session;
    let plan = floor.plan_again().await;
    assert_eq!(asked_about(&floor, plan).await, [first]);
    let mut other_day = floor.plan_again().await;
    other_day.day = other_day.day.tomorrow().unwrap();
    assert!(asked_about(&floor, other_day).await.is_empty());

    // Meant beside the first; a third is asked about again, with the second alone.
    let mut meant = floor.plan_again().await;
    meant.beside = vec![first];
    let second = floor.world.app.plan(&floor.nurse, meant).await.unwrap();
    let mut third = floor.plan_again().await;
    third.beside = vec![first];
    assert_eq!(asked_about(&floor, third).await, [second]);

    // What was called off is no booking; what has been given is one.
    let reason = || "Fever.".to_owned();
    floor.session = second;
    floor.must(Command::Cancel { reason: reason() }).await;
    floor.session = first;
    floor.play_to_discharge().await;
    floor.refresh().await;
    let plan = floor.plan_again().await;
    assert_eq!(asked_about(&floor, plan).await, [first]);
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_plans_at_once_for_one_day_the_second_is_asked_about() {
    let floor = Floor::planned().await;
    for days in 1..=5 {
        let mut plans = Vec::new();
        for _ in 0..4 {
            let mut plan = floor.plan_again().await;
            plan.day = plan.day.saturating_add(jiff::Span::new().days(days));
            plans.push(plan);
        }
        let app = &floor.world.app;
        let sendings = plans.into_iter().map(|plan| app.plan(&floor.nurse, plan));
        let (mut planned, mut asked) = (Vec::new(), Vec::new());
        for answer in join_all(sendings).await {
            match answer {
                Ok(session) => planned.push(session),
                Err(PlanError::DoubleBooked { sessions, .. }) => {
                    asked.extend(sessions.iter().map(|session| session.id));
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(planned.len(), 1, "in {days} days");
        assert_eq!(asked, [planned[0]; 3], "each of the others names it");
    }
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_before_the_planned_day_is_on_the_floor() {
    let mut floor = Floor::planned().await;
    let mut plan = floor.plan_again().await;
    plan.day = plan.day.tomorrow().unwrap();
    let later = floor.world.app.plan(&floor.nurse, plan).await.unwrap();
    let (app, nurse) = (&floor.world.app, &floor.nurse);
    let coming = async |nurse: &app::Ctx, app: &app::App| {
        let page = app.sessions_page(nurse, SessionsOf::Coming, None).await;
        page.unwrap().sessions.len()
    };
    assert_eq!(app.board(nurse).await.unwrap().sessions.len(), 1);
    assert_eq!(coming(nurse, app).await, 1);
    floor.session = later;
    floor.must(Command::Arrive).await;
    let (app, nurse) = (&floor.world.app, &floor.nurse);
    let board = app.board(nurse).await.unwrap();
    assert!(board.sessions.iter().any(|session| session.id == later));
    assert_eq!(coming(nurse, app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_enrolled_stands_last_and_is_not_chosen_beforehand() {
    let floor = Floor::planned().await;
    let page = floor.world.app.plan_page(&floor.nurse).await.unwrap();
    let enrolled: Vec<bool> = page
        .patients
        .iter()
        .map(|patient| patient.enrolled)
        .collect();
    assert!(enrolled.contains(&false) && enrolled.is_sorted_by(|one, other| one >= other));
    let router = web::router(Arc::clone(&floor.world.app), web::WebSettings::default());
    let cookie = floor.world.cookie("mara").await;
    for patient in [
        page.patients.first().unwrap(),
        page.patients.last().unwrap(),
    ] {
        let request = Request::builder()
            .uri(format!("/floor/sessions/new?patient={}", patient.id))
            .header(header::HOST, "localhost:8443")
            .header(header::COOKIE, format!("__Host-clerestory={cookie}"))
            .body(Body::empty())
            .unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let html = String::from_utf8_lossy(&body).into_owned();
        let chosen = format!("<option value=\"{}\" selected>", patient.id);
        assert_eq!(html.contains(&chosen), patient.enrolled);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_plans_at_once_one_takes_up_the_delayed_session() {
    let mut floor = Floor::planned().await;
    let reason = "Fever.".to_owned();
    floor.must(Command::Delay { reason }).await;
    floor.refresh().await;
    let mut before = floor.plan_again().await;
    before.day = before.day.yesterday().unwrap();
    if let Command::Plan(plan) = &mut before.command {
        plan.follows = Some(SessionId(floor.session.as_u128()));
    }
    let answer = floor.world.app.plan(&floor.nurse, before).await;
    assert!(
        matches!(&answer, Err(PlanError::App(AppError::BadInput(words))) if words.contains("or later")),
        "{:?}",
        answer.err()
    );
    for round in 0..5 {
        // On a day of its own each, so that nothing but the delayed session brings them together.
        let mut plans = Vec::new();
        for number in 1..=4 {
            let mut plan = floor.plan_again().await;
            let days = jiff::Span::new().days(10 * round + number);
            plan.day = plan.day.saturating_add(days);
            if let Command::Plan(plan) = &mut plan.command {
                plan.follows = Some(SessionId(floor.session.as_u128()));
            }
            plans.push(plan);
        }
        let app = &floor.world.app;
        let sendings = plans.into_iter().map(|plan| app.plan(&floor.nurse, plan));
        let mut planned = Vec::new();
        for answer in join_all(sendings).await {
            match answer {
                Ok(session) => planned.push(session),
                Err(PlanError::App(AppError::BadInput(words))) => {
                    assert!(words.contains("taken up by another one already"), "{words}");
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(planned.len(), 1, "round {round}");
        // Called off for good, it leaves the delayed one free for the next round.
        let delayed = std::mem::replace(&mut floor.session, planned[0]);
        let reason = "Fever again.".to_owned();
        floor.must(Command::Cancel { reason }).await;
        floor.session = delayed;
        floor.refresh().await;
    }
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_other_days_stand_in_lists_of_their_own_page_by_page() {
    let mut floor = Floor::planned().await;
    let today = floor.session;
    let mut planned = Vec::new();
    for days in 1..=31 {
        let mut plan = floor.plan_again().await;
        plan.day = plan.day.saturating_add(jiff::Span::new().days(days));
        planned.push(floor.world.app.plan(&floor.nurse, plan).await.unwrap());
    }
    let owner = floor.world.ctx("imogen").await;
    let list = async |of, from: Option<String>| {
        let app = &floor.world.app;
        let page = app
            .sessions_page(&owner, of, from.as_deref())
            .await
            .unwrap();
        let ids: Vec<Uuid> = page.sessions.iter().map(|session| session.id).collect();
        (ids, page.next)
    };
    let (first, next) = list(SessionsOf::Coming, None).await;
    let (second, none) = list(SessionsOf::Coming, next.clone()).await;
    assert!(next.is_some() && none.is_none());
    assert_eq!([first, second].concat(), planned, "in the order of days");
    assert!(list(SessionsOf::Ended, None).await.0.is_empty());

    // What has ended today stands among the ended ones at once, and every look has left its entry.
    floor.play_to_discharge().await;
    let owner = floor.world.ctx("imogen").await;
    let app = &floor.world.app;
    let ended = app.sessions_page(&owner, SessionsOf::Ended, None).await;
    let ended = ended.unwrap();
    assert_eq!(ended.sessions.len(), 1);
    assert!(ended.sessions[0].id == today && ended.next.is_none());
    assert!(
        app.sessions_page(&owner, SessionsOf::Ended, Some("x"))
            .await
            .is_err()
    );
    let log = app.audit_page(&owner, None).await.unwrap();
    let looks = log
        .lines
        .iter()
        .filter(|line| line.opened_for == Some(OpenedFor::SessionList));
    assert!(looks.clone().count() == 4);
    let named: Vec<usize> = looks.map(|line| line.sessions.len()).collect();
    assert_eq!(named, [1, 0, 1, 30]);
    floor.world.ledger_verifies().await;
}
