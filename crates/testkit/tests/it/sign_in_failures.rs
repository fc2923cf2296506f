//! What failed sign-ins cost and leave: limits that cannot be outrun, locks that do not grow, one work for every refusal,
//! and entries (promise A3, invariant 2).

use std::sync::Arc;
use std::time::Duration;

use app::{AppError, SignInAttempt};
use jiff::SignedDuration;
use ledger::{Entry, Name};
use testkit::World;
use uuid::Uuid;

use crate::sign_in::{attempt, pin};

const FAILED: &str = "sign_in.failed";
const LOCKED: &str = "sign_in.locked";
const TOTAL: &str = "sign_in.failed_total";
/// The platform's tree and counts: those of codes that are nobody's.
const PLATFORM: Uuid = Uuid::nil();

/// A wrong PIN for somebody of the demo.
fn wrong(world: &World, login: &str) -> &'static str {
    match pin(world, login).as_str() {
        "000000" => "000001",
        _ => "000000",
    }
}

async fn clinic_of(world: &World) -> Uuid {
    let client = world.database.superuser().await;
    let row = client.query_one("SELECT clinic FROM clinic", &[]).await;
    row.unwrap().get(0)
}

/// Entries of this kind in this tree, once all of them are written.
async fn entries(world: &World, clinic: Uuid, kind: &str) -> Vec<Entry> {
    world.app.finish().await;
    let client = world.database.superuser().await;
    let leaves = client
        .query(
            "SELECT body FROM ledger_leaf WHERE clinic = $1 ORDER BY generation, index",
            &[&clinic],
        )
        .await
        .unwrap();
    leaves
        .iter()
        .map(|leaf| Entry::decode(&leaf.get::<_, Vec<u8>>(0)).unwrap())
        .filter(|entry| entry.kind.as_str() == kind)
        .collect()
}

async fn entries_count(world: &World, clinic: Uuid, kind: &str) -> usize {
    entries(world, clinic, kind).await.len()
}

fn number(entry: &Entry, name: &str) -> u64 {
    entry.numbers[&Name::new(name).unwrap()]
}

/// A whole number that the database answers with.
async fn asked(world: &World, question: &str, clinic: Uuid) -> i64 {
    let client = world.database.superuser().await;
    client.query_one(question, &[&clinic]).await.unwrap().get(0)
}

/// Wrong PINs that were really checked: the clinic counts no others.
async fn checked(world: &World, clinic: Uuid) -> i64 {
    let question = "SELECT failures::bigint FROM attempt WHERE clinic = $1 AND subject = $1";
    asked(world, question, clinic).await
}

/// Locks the clinic (or, with a code that is nobody's, the platform) by names that nobody bears.
async fn clinic_lock(world: &World, code: &str, names: &str) {
    for number in 0..40 {
        let name = format!("{names}{number}");
        let refused = attempt(world, code, &name, "000000").await;
        assert!(matches!(refused, Err(AppError::SignInRefused)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a3_tries_side_by_side_do_not_outrun_the_lock() {
    let world = World::demo().await;
    let (code, right) = (world.app.demo_code().await.unwrap(), pin(&world, "mara"));
    let (clinic, wrong) = (clinic_of(&world).await, wrong(&world, "mara"));
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let app = Arc::clone(&world.app);
        let typed = SignInAttempt {
            code: code.clone(),
            name: "mara".into(),
            pin: wrong.into(),
        };
        tries.spawn(async move { app.sign_in(app.id(), typed).await.is_err() });
    }
    // Each answer is of a try that took a place, or of one that found all five taken: after five answers none is free.
    for _ in 0..5 {
        assert!(tries.join_next().await.unwrap().unwrap());
    }
    let late = attempt(&world, &code, "mara", &right).await;
    assert!(
        matches!(late, Err(AppError::SignInRefused)),
        "the right PIN among the late ones"
    );
    while let Some(refused) = tries.join_next().await {
        assert!(refused.unwrap());
    }
    assert_eq!(checked(&world, clinic).await, 5);
    assert_eq!(entries_count(&world, clinic, FAILED).await, 1);
    assert_eq!(entries_count(&world, clinic, LOCKED).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a3_a_try_under_way_holds_its_place() {
    let world = World::demo().await;
    let (code, right) = (world.app.demo_code().await.unwrap(), pin(&world, "mara"));
    let client = world.database.superuser().await;
    let refused = attempt(&world, &code, "mara", wrong(&world, "mara")).await;
    assert!(refused.is_err());
    // One wrong PIN, and four more that another process is checking.
    for (under_way, may_sign_in) in [(4_i32, false), (3, true)] {
        client
            .execute(
                "UPDATE attempt SET checking = $1 WHERE subject <> clinic",
                &[&under_way],
            )
            .await
            .unwrap();
        let tried = attempt(&world, &code, "mara", &right).await;
        assert_eq!(tried.is_ok(), may_sign_in, "{under_way} under way");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a3_a_code_of_another_day_is_nobodys() {
    let world = World::demo().await;
    let (clinic, old) = (
        clinic_of(&world).await,
        world.app.demo_code().await.unwrap(),
    );
    world.pass(SignedDuration::from_hours(24));
    let code = world.app.demo_code().await.unwrap();
    clinic_lock(&world, &old, "name").await;
    attempt(&world, &code, "mara", &pin(&world, "mara"))
        .await
        .unwrap();
    assert_eq!(checked(&world, clinic).await, 0);
    assert_eq!(entries_count(&world, clinic, FAILED).await, 0);
    assert_eq!(entries_count(&world, clinic, LOCKED).await, 0);
    assert_eq!(entries_count(&world, PLATFORM, LOCKED).await, 1);
    world.app.epoch_tick().await.unwrap();
    world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a3_a_locked_clinic_is_not_locked_for_longer_and_each_lock_leaves_its_entry() {
    let world = World::demo().await;
    let (code, right) = (world.app.demo_code().await.unwrap(), pin(&world, "mara"));
    let clinic = clinic_of(&world).await;
    clinic_lock(&world, &code, "first").await;
    world.pass(SignedDuration::from_mins(10));
    // While locked, neither the right PIN nor fresh names count, and they leave no entry.
    assert!(attempt(&world, &code, "mara", &right).await.is_err());
    clinic_lock(&world, &code, "meanwhile").await;
    assert_eq!(entries_count(&world, clinic, FAILED).await, 40);
    assert_eq!(entries_count(&world, clinic, LOCKED).await, 1);
    assert_eq!(checked(&world, clinic).await, 0, "a new count was begun");
    world.pass(SignedDuration::from_mins(6));
    attempt(&world, &code, "mara", &right).await.unwrap();

    clinic_lock(&world, &code, "second").await;
    assert!(attempt(&world, &code, "mara", &right).await.is_err());
    assert_eq!(entries_count(&world, clinic, FAILED).await, 80);
    let locks = entries(&world, clinic, LOCKED).await;
    assert_eq!(locks.len(), 2);
    for lock in locks {
        assert!(lock.subjects.contains(&clinic));
        assert_eq!(number(&lock, "failures_clinic"), 40);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a3_old_counts_are_forgotten() {
    let world = World::demo().await;
    let code = world.app.demo_code().await.unwrap();
    let clinic = clinic_of(&world).await;
    let others = "SELECT count(*) FROM attempt WHERE clinic = $1 AND subject <> clinic";
    clinic_lock(&world, &code, "name").await;
    clinic_lock(&world, "WRNG2345", "name").await;
    assert_eq!(asked(&world, others, clinic).await, 40);
    assert_eq!(asked(&world, others, PLATFORM).await, 40);
    world.pass(SignedDuration::from_hours(3));
    attempt(&world, &code, "mara", &pin(&world, "mara"))
        .await
        .unwrap();
    assert_eq!(asked(&world, others, clinic).await, 1, "hers alone");
    world.app.failed_totals_tick().await.unwrap();
    assert_eq!(asked(&world, others, PLATFORM).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a3_every_refusal_does_the_same_work() {
    /// Only so that a fault fails the test instead of holding it up: no answer here waits for anything.
    const ANSWER_WITHIN: Duration = Duration::from_secs(120);
    const WORK: [&str; 3] = [
        "SELECT coalesce(sum(failures), 0)::bigint FROM attempt WHERE $1::uuid IS NOT NULL",
        "SELECT count(*) FROM attempt WHERE $1::uuid IS NOT NULL AND checking = 0",
        "SELECT coalesce(sum(failures), 0)::bigint FROM failed_total WHERE $1::uuid IS NOT NULL",
    ];
    let world = World::demo().await;
    let (clinic, old) = (
        clinic_of(&world).await,
        world.app.demo_code().await.unwrap(),
    );
    world.pass(SignedDuration::from_hours(24));
    let (code, right) = (world.app.demo_code().await.unwrap(), pin(&world, "mara"));
    // The subjects' own rows for clinic and platform, so that each case adds one row of its own.
    for code in [code.as_str(), "WRNG2345"] {
        assert!(attempt(&world, code, "before", "000000").await.is_err());
    }
    world.app.finish().await;
    let before = (
        entries_count(&world, clinic, FAILED).await,
        entries_count(&world, PLATFORM, FAILED).await,
    );

    // Nobody can append to a tree meanwhile: an answer that waited for its entry would not come.
    let client = world.database.superuser().await;
    client
        .batch_execute("BEGIN; SELECT FROM ledger_head FOR UPDATE")
        .await
        .unwrap();
    let mut works = Vec::new();
    for (code, name, pin) in [
        ("WRNG2345", "mara", right.as_str()),
        (old.as_str(), "jonah", right.as_str()),
        (code.as_str(), "nobody", right.as_str()),
        (code.as_str(), "mara", wrong(&world, "mara")),
    ] {
        let mut work = [0; WORK.len()];
        for (count, question) in work.iter_mut().zip(WORK) {
            *count -= asked(&world, question, clinic).await;
        }
        let answer = attempt(&world, code, name, pin);
        let answer = tokio::time::timeout(ANSWER_WITHIN, answer).await.unwrap();
        assert!(matches!(answer, Err(AppError::SignInRefused)));
        for (count, question) in work.iter_mut().zip(WORK) {
            *count += asked(&world, question, clinic).await;
        }
        works.push(work);
    }
    client.batch_execute("COMMIT").await.unwrap();
    assert_eq!(
        works,
        [[2, 1, 1]; 4],
        "two counts, one row of its own, one hour"
    );
    let after = (
        entries_count(&world, clinic, FAILED).await,
        entries_count(&world, PLATFORM, FAILED).await,
    );
    assert_eq!(after, (before.0 + 2, before.1 + 2), "an entry for each");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hours_failures_become_one_entry() {
    let world = World::demo().await;
    let code = world.app.demo_code().await.unwrap();
    let clinic = clinic_of(&world).await;
    let hour = u64::try_from(world.app.now().as_second() / 3_600).unwrap();
    // Locked after five: refused is failed.
    for _ in 0..7 {
        let refused = attempt(&world, &code, "mara", wrong(&world, "mara")).await;
        assert!(refused.is_err());
    }
    let refused = attempt(&world, "WRNG2345", "mara", "000000").await;
    assert!(refused.is_err());
    world.app.failed_totals_tick().await.unwrap();
    for tree in [clinic, PLATFORM] {
        let totals = entries_count(&world, tree, TOTAL).await;
        assert_eq!(totals, 0, "the hour is not over");
    }

    world.pass(SignedDuration::from_mins(70));
    // Two processes at once, and one that comes later.
    let (one, two) = tokio::join!(
        world.app.failed_totals_tick(),
        world.app.failed_totals_tick()
    );
    one.unwrap();
    two.unwrap();
    world.app.failed_totals_tick().await.unwrap();
    for (tree, failures) in [(clinic, 7), (PLATFORM, 1)] {
        let totals = entries(&world, tree, TOTAL).await;
        assert_eq!(totals.len(), 1);
        assert_eq!(number(&totals[0], "failures"), failures);
        assert_eq!(number(&totals[0], "hour"), hour);
        let left = "SELECT count(*) FROM failed_total WHERE clinic = $1";
        assert_eq!(asked(&world, left, tree).await, 0);
    }
    // The platform's tree has grown outside of an epoch, and still extends its anchor.
    world.app.epoch_tick().await.unwrap();
    assert!(!world.app.halted());
    world.ledger_verifies().await;
}
