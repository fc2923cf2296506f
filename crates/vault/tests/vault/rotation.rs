//! A clinic's key is replaced; what strayed before opens nothing after.

use std::fs;

use ledger::{UnitId, UnixMicros};
use uuid::Uuid;
use vault::{Destruction, VaultError};

use crate::support::{CLINIC, House, NOW, OTHER_CLINIC, OTHER_UNIT, UNIT, copy_folder};

#[test]
fn everything_opens_under_the_new_key_and_the_old_one_is_gone() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    running.vault.clinic_create(OTHER_CLINIC).unwrap();
    let token = running
        .vault
        .token(CLINIC, "name", b"mara quillfeather", NOW)
        .unwrap();
    let rotated = running.vault.clinic_key_rotate(CLINIC).unwrap();
    assert_eq!(
        (rotated.version, rotated.rewrapped, &rotated.old),
        (2, 2, &Destruction::Everywhere)
    );
    running.opens(UNIT, &record).unwrap();
    assert_eq!(
        running
            .vault
            .token(CLINIC, "name", b"mara quillfeather", NOW)
            .unwrap(),
        token
    );
    assert!(house.files_with(&format!("{CLINIC}/1/")).is_empty());
    assert_eq!(house.files_with(&format!("{CLINIC}/2/")).len(), 6);
    assert_eq!(
        house.files_with(&format!("{OTHER_CLINIC}/1/")).len(),
        4,
        "the other clinic is untouched"
    );
    house.start().opens(UNIT, &record).unwrap();
}

#[test]
fn it_can_be_done_again_and_again() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    for version in 2..6 {
        assert_eq!(
            running.vault.clinic_key_rotate(CLINIC).unwrap().version,
            version
        );
        let unit = UnitId(Uuid::from_u128(u128::from(version)));
        let other = running.unit_with_value(unit);
        running.opens(unit, &other).unwrap();
    }
    running.opens(UNIT, &record).unwrap();
}

#[test]
fn another_process_with_the_old_key_in_memory_goes_on() {
    let house = House::new();
    let (one, record) = house.start().with_unit();
    let two = house.start();
    two.opens(UNIT, &record).unwrap();
    one.vault.clinic_key_rotate(CLINIC).unwrap();
    two.opens(UNIT, &record).unwrap();
    one.vault.clinic_key_rotate(CLINIC).unwrap();
    let other = two.unit_with_value(OTHER_UNIT);
    one.opens(OTHER_UNIT, &other).unwrap();
    assert!(
        house
            .files_with(&format!("{CLINIC}/3/18/{OTHER_UNIT}"))
            .len()
            == 2
    );
}

#[test]
fn a_place_that_was_away_stops_it_before_anything_is_lost() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    fs::rename(house.place("b"), house.place("b away")).unwrap();
    let error = running.vault.clinic_key_rotate(CLINIC).unwrap_err();
    assert!(matches!(error, VaultError::TooFewPlaces { .. }), "{error}");
    running.opens(UNIT, &record).unwrap();
    fs::rename(house.place("b away"), house.place("b")).unwrap();
    assert_eq!(running.vault.clinic_key_rotate(CLINIC).unwrap().version, 2);
    running.opens(UNIT, &record).unwrap();
}

#[test]
fn an_old_copy_of_a_whole_place_opens_nothing_and_is_replaced() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    copy_folder(&house.place("a"), &house.place("old a"));
    running.vault.clinic_key_rotate(CLINIC).unwrap();
    drop(running);
    fs::remove_dir_all(house.place("a")).unwrap();
    fs::rename(house.place("old a"), house.place("a")).unwrap();
    let running = house.start();
    running.opens(UNIT, &record).unwrap();
    running.vault.store().tend().unwrap();
    assert!(house.files_with(&format!("{CLINIC}/1/")).is_empty());
    assert_eq!(house.files_with(&format!("{CLINIC}/2/")).len(), 6);
}

#[test]
fn a_destroyed_unit_is_not_carried_over() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    let other = running.unit_with_value(OTHER_UNIT);
    assert_eq!(
        running.vault.unit_destroy(CLINIC, UNIT).unwrap(),
        Destruction::Everywhere
    );
    assert_eq!(
        running.vault.clinic_key_rotate(CLINIC).unwrap().rewrapped,
        2
    );
    assert!(matches!(
        running.opens(UNIT, &record),
        Err(VaultError::UnitDestroyed { .. })
    ));
    running.opens(OTHER_UNIT, &other).unwrap();
    assert!(house.files_with(&UNIT.to_string()).is_empty());
}

#[test]
fn a_unit_key_that_is_damaged_everywhere_stops_it() {
    let house = House::new();
    let (running, _) = house.start().with_unit();
    let other = running.unit_with_value(OTHER_UNIT);
    for file in house.files_with(&format!("{UNIT}.key")) {
        fs::write(file, b"scratched").unwrap();
    }
    let error = running.vault.clinic_key_rotate(CLINIC).unwrap_err();
    assert!(matches!(error, VaultError::KeyDamaged { .. }), "{error}");
    running.opens(OTHER_UNIT, &other).unwrap();
    house.start().opens(OTHER_UNIT, &other).unwrap();
}

#[test]
fn an_unknown_clinic_has_no_key() {
    let running = House::new().start();
    let unknown = |result: Result<(), VaultError>| {
        assert!(matches!(result, Err(VaultError::ClinicUnknown { .. })))
    };
    unknown(running.vault.clinic_key_rotate(CLINIC).map(drop));
    unknown(running.vault.unit_create(CLINIC, UNIT, NOW));
    unknown(running.vault.token(CLINIC, "name", b"x", NOW).map(drop));
}

#[test]
fn a_clinics_key_stays_in_memory_for_its_time_alone() {
    let house = House::new();
    let (running, _) = house.start().with_unit();
    running.vault.token(CLINIC, "name", b"x", NOW).unwrap();
    // The clinic's key is taken away; only what is in memory goes on.
    for place in ["a", "b"] {
        fs::rename(house.place(place), house.place(&format!("{place} away"))).unwrap();
    }
    let at = |seconds: i64| UnixMicros(NOW.0 + seconds * 1_000_000);
    assert!(running.vault.token(CLINIC, "name", b"x", at(59)).is_ok());
    let error = running
        .vault
        .token(CLINIC, "name", b"x", at(60))
        .unwrap_err();
    assert!(matches!(error, VaultError::ClinicUnknown { .. }), "{error}");
    assert!(
        running.vault.token(CLINIC, "name", b"x", at(-1)).is_err(),
        "a clock that went back keeps nothing"
    );
    assert!(running.vault.token(CLINIC, "name", b"x", at(59)).is_ok());
    running.vault.cache_expire(at(60));
    assert!(
        running.vault.token(CLINIC, "name", b"x", at(59)).is_err(),
        "it is gone from memory"
    );
}
