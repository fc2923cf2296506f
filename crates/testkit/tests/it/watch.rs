//! A step's form comes back under its page's watch: whose watch it is, how long it holds, and what it leaves in the log.

use app::treatment::{Saved, StepSession};
use app::{AppError, Ctx};

use jiff::SignedDuration;
use uuid::Uuid;

use crate::day::{Floor, PRESSURES, submission, vitals};
use crate::floor::join_all;

/// Records vitals as a form does whose page had this watch; answers also with how many entries that left.
async fn recorded(
    floor: &Floor,
    (ctx, found): (Ctx, StepSession),
) -> (Result<Saved, AppError>, i64) {
    let before = entries(floor).await;
    let mut form = submission(
        floor.world.app.id(),
        floor.version().await,
        vitals(PRESSURES[0]),
    );
    form.found = Some(found);
    let saved = floor.world.app.record(&ctx, floor.session, form).await;
    (saved, entries(floor).await - before)
}

async fn found(floor: &Floor, cookie: &str, watch: Uuid) -> Option<(Ctx, StepSession)> {
    let app = &floor.world.app;
    app.authenticate_step(cookie, app.id(), floor.session, watch)
        .await
        .unwrap()
}

async fn entries(floor: &Floor) -> i64 {
    let client = floor.world.database.superuser().await;
    let sizes = client
        .query_one("SELECT sum(size)::bigint FROM ledger_head", &[])
        .await;
    sizes.unwrap().get(0)
}

/// A session whose patient has arrived, a nurse's cookie, and the watch of the page that she has open.
async fn watched() -> (Floor, String, Uuid) {
    let mut floor = Floor::planned().await;
    floor.must(domain::treatment::Command::Arrive).await;
    let cookie = floor.world.cookie("mara").await;
    floor.nurse = floor.world.signed_in(&cookie).await.unwrap();
    let watch = Uuid::try_parse(&floor.page().await.watch).unwrap();
    (floor, cookie, watch)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_holds_for_its_own_sign_in_until_it_ends() {
    let (floor, cookie, watch) = watched().await;
    let other = floor.world.cookie("jonah").await;
    let again = floor.world.cookie("mara").await;
    for (whose, asked, left, why) in [
        (&cookie, watch, 1, "the page's own watch"),
        (&cookie, watch, 1, "the same a second time"),
        (&other, watch, 2, "somebody else's: opened for this form"),
        (&again, watch, 2, "the same person's at another sign-in"),
        (&cookie, Uuid::nil(), 2, "none"),
    ] {
        let step = found(&floor, whose, asked).await.unwrap();
        let (saved, entries) = recorded(&floor, step).await;
        assert!(saved.is_ok(), "{why}");
        assert_eq!(entries, left, "{why}");
    }
    floor.world.pass(SignedDuration::from_mins(15));
    let step = found(&floor, &cookie, watch).await.unwrap();
    let (saved, entries) = recorded(&floor, step).await;
    assert!(saved.is_ok());
    assert_eq!(entries, 2, "it ended after fifteen minutes");
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_forms_at_once_go_in_under_one_watch() {
    let (floor, cookie, watch) = watched().await;
    let before = (entries(&floor).await, floor.page().await.version);
    let mut steps = Vec::new();
    for _ in 0..6 {
        // All have found the session as it stands now: five of them meet another's append.
        steps.push(found(&floor, &cookie, watch).await.unwrap());
    }
    let app = &floor.world.app;
    let seen = before.1;
    let sendings = steps.into_iter().map(|(ctx, step)| async move {
        let mut form = submission(app.id(), seen, vitals(PRESSURES[1]));
        form.found = Some(step);
        app.record(&ctx, floor.session, form).await.map(|_| ())
    });
    for sent in join_all(sendings).await {
        sent.unwrap();
    }
    // The page that counts them now and the one before left an entry each.
    assert_eq!(floor.page().await.version, before.1 + 6);
    assert_eq!(entries(&floor).await - before.0, 6 + 2);
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_for_an_ended_sign_in_or_in_an_unknown_session() {
    let (floor, cookie, watch) = watched().await;
    let app = &floor.world.app;
    for broken in ["", "zz", &cookie[2..]] {
        assert!(found(&floor, broken, watch).await.is_none());
    }
    let (ctx, step) = app
        .authenticate_step(&cookie, app.id(), app.id(), watch)
        .await
        .unwrap()
        .unwrap();
    let mut form = submission(app.id(), 0, vitals(PRESSURES[0]));
    form.found = Some(step);
    let before = entries(&floor).await;
    let unknown = app.record(&ctx, app.id(), form).await;
    assert!(matches!(unknown, Err(AppError::NotFound)));

    // What was found for one session is nothing for another.
    let (ctx, step) = found(&floor, &cookie, watch).await.unwrap();
    let mut form = submission(app.id(), 0, vitals(PRESSURES[0]));
    form.found = Some(step);
    let other = app.record(&ctx, app.id(), form).await;
    assert!(matches!(other, Err(AppError::NotFound)));
    assert_eq!(entries(&floor).await, before);

    app.sign_out(&ctx).await.unwrap();
    assert!(found(&floor, &cookie, watch).await.is_none());
    let client = floor.world.database.superuser().await;
    let left = client
        .query_one(
            "SELECT count(*) FROM watch WHERE sign_in IN (SELECT id FROM sign_in WHERE ended_at IS NOT NULL)",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(left.get::<_, i64>(0), 0, "its watches went with it");
}
