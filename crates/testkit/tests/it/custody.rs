//! Keys, restores and tampering (promises K2, B1, B2, T4).

use app::AppError;
use domain::treatment::Command;
use ledger::{ClinicId, UnitId};

use crate::day::{Floor, PRESSURES, vitals};

#[tokio::test(flavor = "multi_thread")]
async fn k2_one_key_place_lost_all_still_opens_and_the_place_is_filled_again() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    let lost = floor.world.folder.join("keys-a");
    std::fs::remove_dir_all(&lost).unwrap();
    floor.must(vitals(PRESSURES[0])).await;
    std::fs::create_dir(&lost).unwrap();
    let database = testkit::Database {
        place: floor.world.database.place.clone(),
    };
    floor.world = floor.world.reopened(database).await;
    floor.world.vault.store().tend().unwrap();
    floor.must(vitals(PRESSURES[1])).await;
    // And now the other place goes: what was filled again carries it alone.
    std::fs::remove_dir_all(floor.world.folder.join("keys-b")).unwrap();
    floor.refresh().await;
    let page = floor.page().await;
    assert_eq!(page.version, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_a_unit_destroyed_while_a_place_was_away_cannot_be_revived_by_it() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    let clinic = clinic_of(&floor).await;
    let (place, away) = (
        floor.world.folder.join("keys-b"),
        floor.world.folder.join("away"),
    );
    std::fs::rename(&place, &away).unwrap();
    let destroyed = floor
        .world
        .vault
        .unit_destroy(ClinicId(clinic), UnitId(floor.session))
        .unwrap();
    assert!(
        matches!(destroyed, vault::Destruction::Awaited { .. }),
        "the place that is away is still awaited"
    );
    std::fs::rename(&away, &place).unwrap();
    floor.world.vault.store().tend().unwrap();
    floor.refresh().await;
    let gone = opens(&floor).await;
    assert!(matches!(gone, Err(AppError::NotFound)), "while running");
    let database = testkit::Database {
        place: floor.world.database.place.clone(),
    };
    floor.world = floor.world.reopened(database).await;
    floor.refresh().await;
    let gone = opens(&floor).await;
    assert!(matches!(gone, Err(AppError::NotFound)), "after a restart");
    let board = floor.world.app.board(&floor.nurse).await.unwrap();
    assert!(board.sessions.is_empty(), "the rows are there, and no key");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_record_takes_nothing_else_off_the_pages() {
    let mut floor = Floor::planned().await;
    let sound = floor.session;
    let mut plan = floor.plan_again().await;
    plan.beside = vec![sound];
    let damaged = floor.world.app.plan(&floor.nurse, plan).await.unwrap();
    let superuser = floor.world.database.superuser().await;
    let bend = "UPDATE session_event SET sealed = set_byte(sealed, 60, 255 - get_byte(sealed, 60)) WHERE session = $1";
    assert_eq!(superuser.execute(bend, &[&damaged]).await.unwrap(), 1);
    let board = floor.world.app.board(&floor.nurse).await.unwrap();
    let shown = (
        board.sessions.iter().map(|session| session.id).collect(),
        board.unreadable.iter().map(|session| session.id).collect(),
    );
    assert_eq!(shown, (vec![sound], vec![damaged]));
    floor.session = damaged;
    assert!(matches!(opens(&floor).await, Err(AppError::Vault(_))));

    // Nor a damaged patient: what is of others can be seen and planned.
    let patients = floor.world.app.plan_page(&floor.nurse).await.unwrap();
    let (listed, first) = (patients.patients.len(), board.sessions[0].patient.id);
    let bend = "UPDATE patient SET sealed = set_byte(sealed, 60, 255 - get_byte(sealed, 60)) WHERE id = $1";
    assert_eq!(superuser.execute(bend, &[&first]).await.unwrap(), 1);
    let patients = floor.world.app.plan_page(&floor.nurse).await.unwrap();
    assert_eq!(
        (patients.patients.len(), patients.unreadable),
        (listed - 1, 1)
    );
    let board = floor.world.app.board(&floor.nurse).await.unwrap();
    assert_eq!((board.sessions.len(), board.unreadable.len()), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_row_names_another_patient_opens_nowhere() {
    let mut floor = Floor::planned().await;
    floor.play_to_discharge().await;
    let other =
        "UPDATE session SET patient = (SELECT id FROM patient WHERE id <> session.patient LIMIT 1)";
    let superuser = floor.world.database.superuser().await;
    assert_eq!(superuser.execute(other, &[]).await.unwrap(), 1);
    floor.refresh().await;
    assert!(matches!(opens(&floor).await, Err(AppError::Impossible(_))));
    let board = floor.world.app.board(&floor.nurse).await.unwrap();
    assert_eq!((board.sessions.len(), board.unreadable.len()), (0, 1));
    let prescriber = floor.world.ctx("tobias").await;
    let kind = app::treatment::ExportKind::Bundle;
    let left = floor.world.app.export(&prescriber, floor.session, kind);
    assert!(matches!(left.await, Err(AppError::Impossible(_))));
}

/// The clinic whose tree it is that a superuser changes.
async fn clinic_of(floor: &Floor) -> uuid::Uuid {
    let client = floor.world.database.superuser().await;
    let row = client.query_one("SELECT clinic FROM clinic", &[]).await;
    row.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn t4_a_clinics_tree_that_was_cut_is_never_signed() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    let clinic = clinic_of(&floor).await;
    let client = floor.world.database.superuser().await;
    let head = "SELECT size, frontier FROM ledger_head WHERE clinic = $1";
    let before = client.query_one(head, &[&clinic]).await.unwrap();
    let (size, frontier): (i64, Vec<Vec<u8>>) = (before.get(0), before.get(1));
    // Somebody looks at the session: the entry is anchored, and then taken away.
    opens(&floor).await.unwrap();
    floor.world.app.epoch_tick().await.unwrap();
    client.batch_execute("SET app.migrating = 'yes'; ALTER TABLE ledger_head DISABLE TRIGGER ALL; ALTER TABLE ledger_leaf DISABLE TRIGGER ALL; ALTER TABLE ledger_subject DISABLE TRIGGER ALL").await.unwrap();
    for cut in [
        "DELETE FROM ledger_subject WHERE clinic = $1 AND index >= $2",
        "DELETE FROM ledger_leaf WHERE clinic = $1 AND index >= $2",
    ] {
        client.execute(cut, &[&clinic, &size]).await.unwrap();
    }
    let moved = "UPDATE ledger_head SET size = $2, frontier = $3 WHERE clinic = $1";
    client
        .execute(moved, &[&clinic, &size, &frontier])
        .await
        .unwrap();
    let checked = floor.world.app.check().await.unwrap();
    assert!(
        checked.faults.len() == 1 && checked.faults[0].contains("does not extend"),
        "{:?}",
        checked.faults
    );
    // Nor once other entries have taken their places.
    floor.must(vitals(PRESSURES[0])).await;
    floor.must(vitals(PRESSURES[1])).await;
    let refused = floor.world.app.epoch_tick().await.unwrap_err();
    assert!(refused.to_string().contains("does not extend"), "{refused}");
    assert!(floor.world.app.halted());
    assert!(matches!(opens(&floor).await, Err(AppError::Unavailable(_))));
    // Recovering says for good that something is missing.
    let recovered = floor.world.app.recover().await.unwrap();
    assert_eq!(recovered.clinics[0].generation, 2);
    floor.world.app.epoch_tick().await.unwrap();
    opens(&floor).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generation_is_opened_with_the_entry_that_names_the_gap_or_not_at_all() {
    let floor = Floor::planned().await;
    floor.world.app.epoch_tick().await.unwrap();
    let clinic = clinic_of(&floor).await;
    let client = floor.world.database.superuser().await;
    let opened = |entry: &str| {
        format!(
            "BEGIN; SET LOCAL ROLE {}; SELECT set_config('app.clinic', '{clinic}', true);
             SELECT ledger_generation_open('{clinic}', 1, 7); {entry} COMMIT",
            store::ROLE_APP
        )
    };
    let another =
        format!("SELECT ledger_append('{clinic}', ARRAY['sign_in.began'::bytea], '{{}}', '{{}}');");
    for entry in ["", another.as_str()] {
        let refused = client.batch_execute(&opened(entry)).await.unwrap_err();
        let refused = refused.as_db_error().unwrap().message().to_owned();
        assert!(refused.contains("no entry names the gap"), "{refused}");
        client.batch_execute("ROLLBACK").await.unwrap();
    }
    // One that says it all the same is not what was anchored: nothing more is signed.
    let forged = format!(
        "SELECT ledger_append('{clinic}', ARRAY['generation.opened'::bytea], '{{}}', '{{}}');"
    );
    client.batch_execute(&opened(&forged)).await.unwrap();
    let refused = floor.world.app.epoch_tick().await.unwrap_err();
    assert!(refused.to_string().contains("does not extend"), "{refused}");
    assert!(floor.world.app.halted());
}

async fn opens(floor: &Floor) -> Result<(), AppError> {
    floor
        .world
        .app
        .session_page(&floor.nurse, floor.session)
        .await
        .map(|_page| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_stops_signing_and_new_opens_until_recover_names_the_gap() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.world.app.epoch_tick().await.unwrap();
    floor.world.app.close();
    let an_hour_ago = floor.world.database.copy().await;
    let database = testkit::Database {
        place: floor.world.database.place.clone(),
    };
    floor.world = floor.world.reopened(database).await;
    floor.must(vitals(PRESSURES[0])).await;
    floor.must(vitals(PRESSURES[1])).await;
    floor.world.app.epoch_tick().await.unwrap();
    floor.world.app.close();

    floor.world = floor.world.reopened(an_hour_ago).await;
    floor.refresh().await;
    assert!(
        floor.world.app.epoch_tick().await.is_err(),
        "what was anchored is not there"
    );
    assert!(floor.world.app.halted());
    assert!(matches!(opens(&floor).await, Err(AppError::Unavailable(_))));

    let looked = floor.world.app.recover_look().await.unwrap();
    assert_eq!(generation_max(&floor).await, 1, "a look changes nothing");
    assert!(floor.world.app.halted());
    let recovered = floor.world.app.recover().await.unwrap();
    assert_eq!(looked, recovered, "and says what will be done");
    let client = floor.world.database.superuser().await;
    let valid = "SELECT count(*) FROM sign_in WHERE ended_at IS NULL";
    let valid: i64 = client.query_one(valid, &[]).await.unwrap().get(0);
    assert_eq!(valid, 0, "nobody is signed in by what came back");
    assert_eq!(recovered.generation, 2);
    assert!(recovered.platform_leaves_lost > 0);
    let clinic = recovered.clinics.first().unwrap();
    assert_eq!(clinic.generation, 2);
    assert!(clinic.entries_lost >= 2, "two readings at least");
    floor.world.app.epoch_tick().await.unwrap();
    opens(&floor).await.unwrap();
    floor.world.ledger_verifies().await;

    // The day goes on, and its bundle spans both generations.
    floor.play_from_arrival().await;
    assert_eq!(floor.bundle_generations().await, vec![1, 2]);
}

/// The same database again, as after a restart.
async fn restarted(floor: Floor) -> Floor {
    let database = testkit::Database {
        place: floor.world.database.place.clone(),
    };
    Floor {
        world: floor.world.reopened(database).await,
        ..floor
    }
}

/// The floor over a restored database, with signing refused.
async fn restored(floor: Floor, backup: testkit::Database) -> Floor {
    floor.world.app.close();
    let mut floor = Floor {
        world: floor.world.reopened(backup).await,
        ..floor
    };
    floor.refresh().await;
    assert!(floor.world.app.epoch_tick().await.is_err());
    assert!(floor.world.app.halted());
    floor
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_backup_restored_twice_is_recovered_from_twice() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.world.app.epoch_tick().await.unwrap();
    floor.world.app.close();
    let backup = floor.world.database.copy().await;
    let backup_again = floor.world.database.copy().await;
    floor = restarted(floor).await;
    floor.must(vitals(PRESSURES[0])).await;
    floor.world.app.epoch_tick().await.unwrap();

    floor = restored(floor, backup).await;
    let first = floor.world.app.recover().await.unwrap();
    assert_eq!(first.generation, 2);
    floor.must(vitals(PRESSURES[1])).await;
    floor.world.app.epoch_tick().await.unwrap();

    // Generation 2 is anchored, and what comes back knows of generation 1 alone.
    floor = restored(floor, backup_again).await;
    let second = floor.world.app.recover().await.unwrap();
    assert_eq!(second.generation, 3);
    assert!(second.platform_leaves_lost > 0);
    let clinic = second.clinics.first().unwrap();
    assert_eq!(clinic.generation, 3);
    assert!(
        clinic.entries_lost >= 2,
        "all of generation 2: its opening and a reading at least"
    );
    floor.world.app.epoch_tick().await.unwrap();
    opens(&floor).await.unwrap();
    floor.world.ledger_verifies().await;
    let checked = floor.world.app.check().await.unwrap();
    assert!(checked.faults.is_empty(), "{:?}", checked.faults);

    // The bundle goes from generation 3 straight to the one that it continues.
    floor.play_from_arrival().await;
    assert_eq!(floor.bundle_generations().await, vec![1, 3]);
}

/// The highest generation of any tree.
async fn generation_max(floor: &Floor) -> i32 {
    let client = floor.world.database.superuser().await;
    client
        .query_one("SELECT max(generation) FROM ledger_head", &[])
        .await
        .unwrap()
        .get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn recover_where_nothing_is_lost_is_refused_and_leaves_no_mark() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.world.app.epoch_tick().await.unwrap();
    let nothing_lost = |recovered: Result<app::Recovered, AppError>| {
        matches!(
            recovered,
            Err(AppError::Recover(app::RecoverRefused::NothingLost))
        )
    };
    assert!(nothing_lost(floor.world.app.recover().await));
    assert!(nothing_lost(floor.world.app.recover_look().await));
    // More than what was anchored is no loss either.
    floor.must(vitals(PRESSURES[0])).await;
    assert!(nothing_lost(floor.world.app.recover().await));
    assert_eq!(generation_max(&floor).await, 1);
    floor.world.app.epoch_tick().await.unwrap();

    floor.world.app.close();
    let backup = floor.world.database.copy().await;
    floor = restarted(floor).await;
    floor.must(vitals(PRESSURES[1])).await;
    floor.world.app.epoch_tick().await.unwrap();
    floor = restored(floor, backup).await;
    floor.world.app.recover().await.unwrap();
    assert!(
        nothing_lost(floor.world.app.recover().await),
        "once is enough"
    );
    assert_eq!(generation_max(&floor).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_last_anchors_heads_no_gap_is_passed_over() {
    let mut floor = Floor::planned().await;
    floor.world.app.epoch_tick().await.unwrap();
    floor.world.app.close();
    let backup = floor.world.database.copy().await;
    floor = restarted(floor).await;
    floor.must(Command::Arrive).await;
    floor.world.app.epoch_tick().await.unwrap();
    floor = restored(floor, backup).await;

    let anchors = std::fs::read_dir(floor.world.folder.join("anchor")).unwrap();
    let heads = anchors.map(|file| file.unwrap().path());
    let last = heads
        .filter(|path| path.extension().is_some_and(|kind| kind == "heads"))
        .max()
        .unwrap();
    let kept = std::fs::read(&last).unwrap();
    std::fs::remove_file(&last).unwrap();
    assert!(matches!(
        floor.world.app.recover().await,
        Err(AppError::Recover(app::RecoverRefused::HeadsGone))
    ));
    assert_eq!(generation_max(&floor).await, 1);

    std::fs::write(&last, kept).unwrap();
    let recovered = floor.world.app.recover().await.unwrap();
    assert!(recovered.clinics[0].entries_lost >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clinic_that_is_not_in_the_restored_database_is_named() {
    let mut floor = Floor::planned().await;
    floor.world.app.epoch_tick().await.unwrap();
    floor.world.app.close();
    let backup = floor.world.database.copy().await;
    floor = restarted(floor).await;
    let gone = floor.world.app.id();
    let made = app::NewClinic {
        id: gone,
        time_zone: "America/Chicago".to_owned(),
        profile: app::treatment::ClinicProfile {
            name: "Clinic at the Weir".to_owned(),
            address: "1 Weir Street".to_owned(),
            city: "Maplewick".to_owned(),
            state: "IL".to_owned(),
            zip: "60000".to_owned(),
            telephone: "555-0199".to_owned(),
        },
    };
    assert!(floor.world.app.clinic_create(made).await.unwrap());
    floor.world.app.epoch_tick().await.unwrap();

    floor = restored(floor, backup).await;
    let looked = floor.world.app.recover_look().await.unwrap();
    let recovered = floor.world.app.recover().await.unwrap();
    assert_eq!(looked, recovered);
    assert_eq!(recovered.clinics.len(), 1, "the demo's own");
    let [absent] = &recovered.clinics_absent[..] else {
        panic!("one clinic is absent");
    };
    assert_eq!(
        (absent.clinic, absent.generation, absent.entries_lost),
        (gone, 1, 1)
    );
}

/// The file of the newest anchored checkpoint.
fn anchor_note(floor: &Floor) -> std::path::PathBuf {
    let files = std::fs::read_dir(floor.world.folder.join("anchor")).unwrap();
    let notes = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "note"));
    notes.max().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_or_removed_anchor_stops_new_opens_until_it_is_put_back() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.refresh().await;
    type Damage = fn(&std::path::Path, &[u8]);
    let damages: [Damage; 3] = [
        |note, _sound| std::fs::remove_file(note).unwrap(),
        |note, _sound| std::fs::write(note, "x".repeat(9_000)).unwrap(),
        |note, sound| std::fs::write(note, &sound[..sound.len() / 2]).unwrap(),
    ];
    for damage in damages {
        floor.world.app.epoch_tick().await.unwrap();
        let note = anchor_note(&floor);
        let sound = std::fs::read(&note).unwrap();
        damage(&note, &sound);
        assert!(floor.world.app.epoch_tick().await.is_err());
        assert!(floor.world.app.halted());
        assert!(matches!(opens(&floor).await, Err(AppError::Unavailable(_))));
        std::fs::write(&note, &sound).unwrap();
        floor.world.app.epoch_tick().await.unwrap();
        assert!(!floor.world.app.halted());
        opens(&floor).await.unwrap();
    }
    // A file system that does not answer, here by a link to itself, says nothing about the log.
    floor.world.app.epoch_tick().await.unwrap();
    let note = anchor_note(&floor);
    let sound = std::fs::read(&note).unwrap();
    std::fs::remove_file(&note).unwrap();
    std::os::unix::fs::symlink(&note, &note).unwrap();
    assert!(floor.world.app.epoch_tick().await.is_err());
    assert!(!floor.world.app.halted());
    opens(&floor).await.unwrap();
    std::fs::remove_file(&note).unwrap();
    std::fs::write(&note, &sound).unwrap();
    floor.world.app.epoch_tick().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_moved_or_put_back_does_not_open() {
    let mut floor = Floor::planned().await;
    floor.must(Command::Arrive).await;
    floor.must(vitals(PRESSURES[0])).await;
    let client = floor.world.database.superuser().await;
    client
        .execute(
            "UPDATE session_event e SET sealed = o.sealed FROM session_event o
              WHERE e.session = o.session AND e.seq = 2 AND o.seq = 1",
            &[],
        )
        .await
        .unwrap();
    floor.refresh().await;
    assert!(matches!(opens(&floor).await, Err(AppError::Vault(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superusers_rewrite_of_the_tree_no_longer_matches_what_was_anchored() {
    let floor = Floor::planned().await;
    floor.world.app.epoch_tick().await.unwrap();
    let client = floor.world.database.superuser().await;
    client.batch_execute("SET app.migrating = 'yes'; ALTER TABLE ledger_head DISABLE TRIGGER ALL; ALTER TABLE ledger_leaf DISABLE TRIGGER ALL").await.unwrap();
    let platform = uuid::Uuid::nil();
    client.execute("UPDATE ledger_leaf SET body = body || '\\x00', nodes = ARRAY[sha256('forged')] WHERE clinic = $1 AND index = 0", &[&platform]).await.unwrap();
    client.execute("UPDATE ledger_head SET frontier = ARRAY[sha256('forged')] , size = 1 WHERE clinic = $1", &[&platform]).await.unwrap();
    assert!(floor.world.app.epoch_tick().await.is_err());
    assert!(floor.world.app.halted());
}
