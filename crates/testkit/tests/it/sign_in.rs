//! Signing in on the floor (promise A3), and what ends a sign-in (promise A2).

use app::{AppError, SignInAttempt};
use jiff::SignedDuration;
use testkit::World;

/// One try at signing in.
pub(crate) async fn attempt(
    world: &World,
    code: &str,
    name: &str,
    pin: &str,
) -> Result<app::SignedIn, AppError> {
    let attempt = SignInAttempt {
        code: code.into(),
        name: name.into(),
        pin: pin.into(),
    };
    world.app.sign_in(world.app.id(), attempt).await
}

/// The PIN of somebody of the demo.
pub(crate) fn pin(world: &World, login: &str) -> String {
    world
        .people
        .iter()
        .find(|person| person.login == login)
        .unwrap()
        .pin
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a3_a_wrong_code_name_or_pin_gets_the_same_answer() {
    let world = World::demo().await;
    let (code, right) = (world.app.demo_code().await.unwrap(), pin(&world, "mara"));
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    for (code, name, pin) in [
        ("WRNG2345", "mara", right.as_str()),
        (code.as_str(), "nobody", right.as_str()),
        (code.as_str(), "mara", wrong),
        (code.as_str(), "mara", &"9".repeat(10_000)),
    ] {
        assert!(matches!(
            attempt(&world, code, name, pin).await,
            Err(AppError::SignInRefused)
        ));
    }
    let spaced = format!(" {} {} ", &code[..4].to_lowercase(), &code[4..]);
    attempt(&world, &spaced, "MARA", &right).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a3_wrong_pins_lock_the_person_and_the_lock_ends() {
    let world = World::demo().await;
    let (code, right) = (world.app.demo_code().await.unwrap(), pin(&world, "mara"));
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    for _ in 0..5 {
        assert!(attempt(&world, &code, "mara", wrong).await.is_err());
    }
    assert!(
        attempt(&world, &code, "mara", &right).await.is_err(),
        "locked"
    );
    attempt(&world, &code, "jonah", &pin(&world, "jonah"))
        .await
        .unwrap();
    world.pass(SignedDuration::from_mins(16));
    attempt(&world, &code, "mara", &right).await.unwrap();
    world.app.finish().await;
    let owner = world.ctx("imogen").await;
    let log = world.app.audit_page(&owner, None).await.unwrap();
    assert_eq!(
        log.lines
            .iter()
            .filter(|line| line.kind == "sign_in.failed")
            .count(),
        1
    );
    assert_eq!(
        log.lines
            .iter()
            .filter(|line| line.kind == "sign_in.locked")
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a3_wrong_pins_lock_the_clinic() {
    let world = World::demo().await;
    let code = world.app.demo_code().await.unwrap();
    for number in 0..40 {
        assert!(
            attempt(&world, &code, &format!("name{number}"), "000000")
                .await
                .is_err()
        );
    }
    assert!(
        attempt(&world, &code, "mara", &pin(&world, "mara"))
            .await
            .is_err(),
        "the clinic is locked"
    );
    world.pass(SignedDuration::from_mins(16));
    attempt(&world, &code, "mara", &pin(&world, "mara"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a2_an_owners_sign_in_ends_idle_and_in_any_case() {
    let world = World::demo().await;
    let cookie = world.cookie("imogen").await;
    let find = async || world.signed_in(&cookie).await;
    world.pass(SignedDuration::from_mins(14));
    assert!(find().await.is_some());
    world.pass(SignedDuration::from_mins(14));
    assert!(
        find().await.is_some(),
        "each use begins the quarter of an hour anew"
    );
    world.pass(SignedDuration::from_mins(15));
    assert!(find().await.is_none(), "fifteen minutes idle");

    let cookie = world.cookie("imogen").await;
    let find = async || world.signed_in(&cookie).await;
    for _ in 0..71 {
        world.pass(SignedDuration::from_mins(10));
        assert!(find().await.is_some());
    }
    world.pass(SignedDuration::from_mins(10));
    assert!(find().await.is_none(), "twelve hours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_its_day_and_a_new_one_signs_nobody_out() {
    let world = World::demo().await;
    let (code, pin) = (world.app.demo_code().await.unwrap(), pin(&world, "mara"));
    world.pass(SignedDuration::from_hours(16));
    let cookie = world.cookie("mara").await;
    world.pass(SignedDuration::from_mins(50));
    assert_eq!(
        world.app.demo_code().await.unwrap(),
        code,
        "still the same day"
    );
    world.pass(SignedDuration::from_mins(20));
    assert_ne!(world.app.demo_code().await.unwrap(), code);
    assert!(attempt(&world, &code, "mara", &pin).await.is_err());
    let later = world.signed_in(&cookie).await;
    assert!(later.is_none(), "an hour and ten minutes idle");
    let cookie = world.cookie("mara").await;
    assert!(world.signed_in(&cookie).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_sign_in_and_its_watches() {
    let world = World::demo().await;
    let cookie = world.cookie("mara").await;
    let ctx = world.signed_in(&cookie).await.unwrap();
    world.app.sign_out(&ctx).await.unwrap();
    assert!(world.signed_in(&cookie).await.is_none());
    world.ledger_verifies().await;
}
