//! Key places that vanish, return, and hold damaged copies.

use std::fs;

use vault::{Destruction, FolderPlace, KeyName, KeyPlace, KeyStore, PlaceError, VaultError};

use crate::support::{CLINIC, House, NOW, OTHER_UNIT, UNIT, copy_folder, walk};

fn keys_in(house: &House, place: &str) -> Vec<String> {
    let root = house.place(place);
    let mut files = Vec::new();
    walk(&root, &mut files);
    let mut names: Vec<String> = files
        .iter()
        .map(|path| {
            path.strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn a_key_lies_in_both_places_before_the_call_returns() {
    let house = House::new();
    let (_running, _) = house.start().with_unit();
    assert_eq!(keys_in(&house, "a"), keys_in(&house, "b"));
    assert_eq!(house.files_with(&UNIT.to_string()).len(), 2);
}

#[test]
fn either_place_deleted_while_running_all_opens_and_it_is_filled_again() {
    for lost in ["a", "b"] {
        let house = House::new();
        let (running, record) = house.start().with_unit();
        let before = keys_in(&house, lost);
        fs::remove_dir_all(house.place(lost)).unwrap();
        running.opens(UNIT, &record).unwrap();
        let tended = running.vault.store().tend().unwrap();
        assert_eq!(tended.created, [house.place(lost).display().to_string()]);
        assert_eq!(keys_in(&house, lost), before, "place {lost} is filled");
        running.opens(UNIT, &record).unwrap();
        assert_eq!(running.vault.store().places_ready(), 2);
        let again = running.vault.store().tend().unwrap();
        assert_eq!(
            again,
            vault::Tended::default(),
            "a second time there is nothing to do"
        );
    }
}

#[test]
fn either_place_deleted_before_a_start_all_opens_and_it_is_filled_again() {
    for lost in ["a", "b"] {
        let house = House::new();
        let (running, record) = house.start().with_unit();
        let before = keys_in(&house, lost);
        drop(running);
        fs::remove_dir_all(house.place(lost)).unwrap();
        let running = house.start();
        running.opens(UNIT, &record).unwrap();
        running.vault.store().tend().unwrap();
        assert_eq!(keys_in(&house, lost), before);
    }
}

#[test]
fn reading_heals_a_place_that_lacks_one_key() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    for file in house.files_with(&format!("a/{CLINIC}/1/17/{UNIT}.key")) {
        fs::remove_file(file).unwrap();
    }
    assert_eq!(house.files_with(&UNIT.to_string()).len(), 1);
    running.opens(UNIT, &record).unwrap();
    assert_eq!(house.files_with(&UNIT.to_string()).len(), 2);
}

#[test]
fn a_damaged_copy_is_passed_over_and_replaced() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    let file = &house.files_with(&format!("a/{CLINIC}/1/17/{UNIT}.key"))[0];
    let sound = fs::read(file).unwrap();
    for bad in [&sound[..20], b"", &[0; 69]] {
        fs::write(file, bad).unwrap();
        running.opens(UNIT, &record).unwrap();
        assert_eq!(fs::read(file).unwrap(), sound);
    }
}

#[test]
fn damaged_in_every_place_is_said_so() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    for file in house.files_with(&format!("{UNIT}.key")) {
        fs::write(file, b"scratched").unwrap();
    }
    let error = running.opens(UNIT, &record).unwrap_err();
    assert!(
        matches!(
            error,
            VaultError::KeyDamaged {
                name: KeyName::Unit { .. },
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn too_few_places_take_no_new_key_but_open_the_old() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    fs::rename(house.place("b"), house.place("b away")).unwrap();
    let error = running
        .vault
        .unit_create(CLINIC, OTHER_UNIT, NOW)
        .unwrap_err();
    assert!(
        matches!(
            error,
            VaultError::TooFewPlaces {
                held: 1,
                required: 2,
                ..
            }
        ),
        "{error}"
    );
    running.opens(UNIT, &record).unwrap();
    assert_eq!(running.vault.store().places_ready(), 1);

    fs::rename(house.place("b away"), house.place("b")).unwrap();
    running.vault.unit_create(CLINIC, OTHER_UNIT, NOW).unwrap();
    assert_eq!(running.vault.store().places_ready(), 2);
    let copies = house.files_with(&format!("{OTHER_UNIT}.key"));
    let copies: Vec<_> = copies.iter().map(|path| fs::read(path).unwrap()).collect();
    assert_eq!(copies.len(), 2);
    assert_eq!(
        copies[0], copies[1],
        "the key of the first attempt is the one that counts"
    );
}

#[test]
fn one_place_suffices_where_one_is_required() {
    let house = House {
        required: 1,
        ..House::new()
    };
    let (running, _) = house.start().with_unit();
    fs::rename(house.place("a"), house.place("a away")).unwrap();
    let record = running.unit_with_value(OTHER_UNIT);
    running.opens(OTHER_UNIT, &record).unwrap();
    fs::rename(house.place("a away"), house.place("a")).unwrap();
    let tended = running.vault.store().tend().unwrap();
    assert_eq!((tended.returned.len(), tended.copied), (1, 1), "{tended:?}");
    assert_eq!(house.files_with(&format!("{OTHER_UNIT}.key")).len(), 2);
}

/// Destroys `UNIT` while place `away` is renamed; the caller brings it back.
fn destroyed_while_away(house: &House, running: &crate::support::Running, away: &str) {
    fs::rename(house.place(away), house.place("elsewhere")).unwrap();
    let first = running.vault.unit_destroy(CLINIC, UNIT).unwrap();
    let Destruction::Awaited { places } = first else {
        panic!("{first:?}")
    };
    assert_eq!(
        places,
        [format!("{}: it is not there", house.place(away).display())]
    );
    assert!(running.vault.unit_is_destroyed(CLINIC, UNIT).unwrap());
    fs::rename(house.place("elsewhere"), house.place(away)).unwrap();
    assert_eq!(
        house.files_with(&UNIT.to_string()).len(),
        1,
        "the returned place holds the key"
    );
}

fn gone(running: &crate::support::Running, record: &vault::SealedRecord) {
    let error = running.opens(UNIT, record).unwrap_err();
    assert!(
        matches!(error, VaultError::UnitDestroyed { unit: UNIT, .. }),
        "{error}"
    );
    let error = running.vault.unit_sealer(CLINIC, UNIT, NOW).err().unwrap();
    assert!(matches!(error, VaultError::UnitDestroyed { .. }), "{error}");
    let error = running.vault.unit_create(CLINIC, UNIT, NOW).unwrap_err();
    assert!(matches!(error, VaultError::UnitDestroyed { .. }), "{error}");
}

#[test]
fn a_place_that_returns_while_running_cannot_revive_a_destroyed_unit() {
    for away in ["a", "b"] {
        let house = House::new();
        let (running, record) = house.start().with_unit();
        let other = running.unit_with_value(OTHER_UNIT);
        destroyed_while_away(&house, &running, away);
        gone(&running, &record);
        running.vault.store().tend().unwrap();
        assert_eq!(
            house.files_with(&UNIT.to_string()),
            Vec::<std::path::PathBuf>::new()
        );
        gone(&running, &record);
        running.opens(OTHER_UNIT, &other).unwrap();
        assert_eq!(
            running.vault.unit_destroy(CLINIC, UNIT).unwrap(),
            Destruction::Everywhere
        );
    }
}

#[test]
fn a_place_that_returns_before_a_start_cannot_revive_a_destroyed_unit() {
    for away in ["a", "b"] {
        let house = House::new();
        let (running, record) = house.start().with_unit();
        destroyed_while_away(&house, &running, away);
        drop(running);
        let running = house.start();
        assert_eq!(
            house.files_with(&UNIT.to_string()),
            Vec::<std::path::PathBuf>::new()
        );
        gone(&running, &record);
    }
}

#[test]
fn a_place_that_returns_is_cleaned_before_it_is_asked_for_what_the_other_lost() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    let other = running.unit_with_value(OTHER_UNIT);
    destroyed_while_away(&house, &running, "b");
    // Nobody has tended; now only the returned place holds the other unit's key.
    for file in house.files_with(&format!("a/{CLINIC}/1/18")) {
        fs::remove_file(file).unwrap();
    }
    running.opens(OTHER_UNIT, &other).unwrap();
    assert_eq!(
        house.files_with(&UNIT.to_string()),
        Vec::<std::path::PathBuf>::new()
    );
    gone(&running, &record);
}

#[test]
fn an_old_copy_of_a_place_cannot_revive_a_destroyed_unit() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    let copy = house
        .files_with(&format!("a/{CLINIC}/1/17/{UNIT}.key"))
        .remove(0);
    let kept = fs::read(&copy).unwrap();
    assert_eq!(
        running.vault.unit_destroy(CLINIC, UNIT).unwrap(),
        Destruction::Everywhere
    );
    // A single file put back by hand: the place's own mark says that nothing is missing.
    fs::write(&copy, kept).unwrap();
    gone(&running, &record);
    drop(running);
    let running = house.start();
    gone(&running, &record);
    let tended = running.vault.store().tend().unwrap();
    assert!(tended.removed > 0, "{tended:?}");
    assert!(!copy.exists());
}

#[test]
fn an_older_copy_put_in_a_places_stead_while_running_is_brought_up_to_date() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    running.vault.store().tend().unwrap();
    copy_folder(&house.place("a"), &house.place("old a"));
    let other = running.unit_with_value(OTHER_UNIT);
    assert_eq!(
        running.vault.unit_destroy(CLINIC, UNIT).unwrap(),
        Destruction::Everywhere
    );
    fs::remove_dir_all(house.place("a")).unwrap();
    fs::rename(house.place("old a"), house.place("a")).unwrap();
    gone(&running, &record);
    let tended = running.vault.store().tend().unwrap();
    assert_eq!((tended.returned.len(), tended.copied), (1, 1), "{tended:?}");
    assert_eq!(keys_in(&house, "a"), keys_in(&house, "b"));
    running.opens(OTHER_UNIT, &other).unwrap();
    gone(&running, &record);
}

#[test]
fn another_process_sees_the_tombstone_at_once() {
    let house = House::new();
    let (one, record) = house.start().with_unit();
    let two = house.start();
    two.opens(UNIT, &record).unwrap();
    assert_eq!(
        one.vault.unit_destroy(CLINIC, UNIT).unwrap(),
        Destruction::Everywhere
    );
    gone(&two, &record);
}

#[test]
fn destroying_is_idempotent_and_needs_no_key() {
    let house = House::new();
    let running = house.start();
    running.vault.clinic_create(CLINIC).unwrap();
    for _ in 0..3 {
        assert_eq!(
            running.vault.unit_destroy(CLINIC, UNIT).unwrap(),
            Destruction::Everywhere
        );
    }
    assert_eq!(
        fs::read_to_string(house.tombstones())
            .unwrap()
            .lines()
            .count(),
        2
    );
    let error = running.vault.unit_create(CLINIC, UNIT, NOW).unwrap_err();
    assert!(matches!(error, VaultError::UnitDestroyed { .. }), "{error}");
}

#[test]
fn making_a_unit_twice_keeps_its_key() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    running.vault.unit_create(CLINIC, UNIT, NOW).unwrap();
    running.vault.clinic_create(CLINIC).unwrap();
    running.opens(UNIT, &record).unwrap();
}

#[test]
fn the_nil_unit_is_reserved() {
    let house = House::new();
    let (running, _) = house.start().with_unit();
    let nil = ledger::UnitId(uuid::Uuid::nil());
    let receipt = running.clinic_receipt();
    assert!(matches!(
        running.vault.unit_create(CLINIC, nil, NOW),
        Err(VaultError::UnitReserved { .. })
    ));
    assert!(matches!(
        running.vault.unlock(&receipt, nil, NOW).err(),
        Some(VaultError::UnitReserved { .. })
    ));
    assert!(matches!(
        running.vault.unit_destroy(CLINIC, nil),
        Err(VaultError::UnitReserved { .. })
    ));
}

#[test]
fn a_folder_never_overwrites_a_key() {
    let house = House::new();
    let place = FolderPlace::new(house.place("single"));
    assert!(matches!(place.applied(), Err(PlaceError::Away)));
    let name = KeyName::Unit {
        unit: UNIT,
        version: 1,
    };
    assert!(matches!(
        place.put(CLINIC, name, b"one"),
        Err(PlaceError::Away)
    ));
    place.create().unwrap();
    place.put(CLINIC, name, b"one").unwrap();
    place.put(CLINIC, name, b"one").unwrap();
    assert!(matches!(
        place.put(CLINIC, name, b"two"),
        Err(PlaceError::Conflict)
    ));
    assert_eq!(place.get(CLINIC, name).unwrap(), Some(b"one".to_vec()));
}

#[test]
fn a_half_written_copy_is_no_key_and_goes_with_it() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    let file = house
        .files_with(&format!("a/{CLINIC}/1/17/{UNIT}.key"))
        .remove(0);
    let half = file.with_extension("key.tmp");
    fs::copy(&file, &half).unwrap();
    running.opens(UNIT, &record).unwrap();
    assert_eq!(
        running.vault.unit_destroy(CLINIC, UNIT).unwrap(),
        Destruction::Everywhere
    );
    assert!(!half.exists(), "a stray wrapped copy would outlive its key");
}

#[test]
fn key_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new();
    let (_running, _) = house.start().with_unit();
    for file in house.files_with("") {
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            file.display()
        );
        let folder = file.parent().unwrap();
        assert_eq!(
            fs::metadata(folder).unwrap().permissions().mode() & 0o777,
            0o700,
            "{}",
            folder.display()
        );
    }
}

#[test]
fn the_same_key_made_by_many_threads_is_one_key() {
    let house = House::new();
    let running = house.start();
    running.vault.clinic_create(CLINIC).unwrap();
    let records: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| running.unit_with_value(UNIT)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for record in &records {
        running.opens(UNIT, record).unwrap();
    }
    assert_eq!(house.files_with(&format!("{UNIT}.key")).len(), 2);
}

#[test]
#[should_panic(expected = "between one and all of the key places are required")]
fn more_places_than_there_are_cannot_be_required() {
    let house = House {
        required: 3,
        ..House::new()
    };
    drop(KeyStore::open(
        house.folder_places(),
        &house.tombstones(),
        house.required,
    ));
}
