//! `clerestory check`: what it finds, and that it finds nothing where nothing is wrong.

use app::treatment::ExportKind;
use domain::treatment::Command;

use crate::day::{Floor, PRESSURES, submission, vitals};

async fn floor() -> Floor {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.must(vitals(PRESSURES[0])).await;
    floor
}

/// The faults after this was done to the database.
async fn faults_after(sql: &'static str) -> Vec<String> {
    let floor = floor().await;
    let client = floor.world.database.superuser().await;
    client.batch_execute(sql).await.unwrap();
    floor.world.app.check().await.unwrap().faults
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_installation_has_no_faults_and_is_counted() {
    let floor = floor().await;
    let checked = floor.world.app.check().await.unwrap();
    assert_eq!(checked.faults, Vec::<String>::new());
    assert_eq!((checked.trees, checked.events), (2, 3));
    assert!(checked.entries > 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_put_back_is_found() {
    let faults = faults_after(
        "UPDATE session_event e SET sealed = o.sealed FROM session_event o
          WHERE e.session = o.session AND e.seq = 2 AND o.seq = 1",
    )
    .await;
    assert!(
        faults.len() == 1 && faults[0].contains("event 2"),
        "{faults:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_lacks_is_found() {
    let faults = faults_after("DELETE FROM session_event WHERE seq = 2").await;
    assert!(
        faults.len() == 1 && faults[0].contains("lacks"),
        "{faults:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn t3_a_locked_record_that_was_opened_again_beneath_us_is_found_and_leaves_in_no_bundle() {
    let mut floor = Floor::planned().await;
    floor.play_to_discharge().await;
    let superuser = floor.world.database.superuser().await;
    let last = floor.version().await - 1;
    let reopen = format!(
        "DELETE FROM session_event WHERE seq = {last};
         UPDATE session SET version = {last}, open = true"
    );
    superuser.batch_execute(&reopen).await.unwrap();
    let app = &floor.world.app;
    let faults = app.check().await.unwrap().faults;
    assert!(faults[0].contains("lacks"), "{faults:?}");

    // The page knows nothing of it, and takes another end. The record of the first one still stands.
    floor.refresh().await;
    let reason = "Nobody came.".to_owned();
    floor.must(Command::RecordVomiting { note: reason }).await;
    let app = &floor.world.app;
    let faults = app.check().await.unwrap().faults;
    assert!(
        faults.len() == 1 && faults[0].contains("entered twice"),
        "{faults:?}"
    );
    floor.discharge().await;
    let prescriber = floor.world.ctx("tobias").await;
    let app = &floor.world.app;
    for kind in [ExportKind::Bundle, ExportKind::Pdf] {
        let left = app.export(&prescriber, floor.session, kind).await;
        let error = left.err().unwrap();
        assert!(error.to_string().contains("entered twice"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaf_that_lacks_and_a_head_that_was_moved_are_found() {
    let gap = faults_after(
        "SET app.migrating = 'yes'; ALTER TABLE ledger_leaf DISABLE TRIGGER ALL;
         DELETE FROM ledger_leaf WHERE index = 2",
    )
    .await;
    assert!(
        gap.iter().any(|fault| fault.contains("a gap before")),
        "{gap:?}"
    );
    let head = faults_after(
        "SET app.migrating = 'yes'; ALTER TABLE ledger_head DISABLE TRIGGER ALL;
         UPDATE ledger_head SET size = size + 1",
    )
    .await;
    assert!(
        head.iter().any(|fault| fault.contains("the head is not")),
        "{head:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_cannot_be_read_is_found_and_the_others_are_looked_at_all_the_same() {
    let faults = faults_after(
        "SET app.migrating = 'yes'; ALTER TABLE ledger_leaf DISABLE TRIGGER ALL;
         UPDATE ledger_leaf SET body = '\\x00' WHERE index = 2;
         DELETE FROM session_event",
    )
    .await;
    for part in ["cannot be read", "the head is not", "lacks"] {
        assert!(
            faults.iter().any(|fault| fault.contains(part)),
            "{part}: {faults:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_beside_the_days_work_finds_nothing() {
    let floor = floor().await;
    let app = &floor.world.app;
    let is_done = std::sync::atomic::AtomicBool::new(false);
    let working = async {
        for _ in 0..40 {
            let form = submission(app.id(), 2, vitals(PRESSURES[1]));
            app.record(&floor.nurse, floor.session, form).await.unwrap();
        }
        is_done.store(true, std::sync::atomic::Ordering::Relaxed);
    };
    let checking = async {
        let mut checks = 0;
        while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
            let checked = app.check().await.unwrap();
            assert_eq!(checked.faults, Vec::<String>::new());
            checks += 1;
        }
        checks
    };
    let ((), checks) = tokio::join!(working, checking);
    assert!(checks > 1);
}
