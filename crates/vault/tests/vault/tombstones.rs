//! The tombstone file: torn, altered, old, or gone.

use std::fs;

use vault::{Destruction, VaultError};

use crate::support::{CLINIC, House, NOW, OTHER_UNIT, UNIT};

fn refused(house: &House) -> String {
    let error = house.start_with(house.folder_places()).err().unwrap();
    assert!(
        error
            .to_string()
            .contains("put back its newest copy, never an older one")
    );
    let VaultError::Tombstones { why, .. } = error else {
        panic!("{error}")
    };
    why
}

/// A house in which two units have been made and both destroyed.
fn two_destroyed() -> House {
    let house = House::new();
    let (running, _) = house.start().with_unit();
    running.unit_with_value(OTHER_UNIT);
    for unit in [UNIT, OTHER_UNIT] {
        assert_eq!(
            running.vault.unit_destroy(CLINIC, unit).unwrap(),
            Destruction::Everywhere
        );
    }
    house
}

#[test]
fn an_older_copy_is_noticed() {
    let house = two_destroyed();
    let text = fs::read_to_string(house.tombstones()).unwrap();
    let shorter: String = text.split_inclusive('\n').take(2).collect();
    fs::write(house.tombstones(), shorter).unwrap();
    assert_eq!(
        refused(&house),
        "a key place has applied 2 tombstones, it holds only 1"
    );
}

#[test]
fn a_file_that_is_gone_is_noticed() {
    let house = two_destroyed();
    fs::remove_file(house.tombstones()).unwrap();
    assert_eq!(
        refused(&house),
        "a key place has applied 2 tombstones, it holds only 0"
    );
}

#[test]
fn another_file_is_noticed() {
    let (house, other) = (two_destroyed(), House::new());
    let (running, _) = other.start().with_unit();
    for number in 0..3 {
        let unit = ledger::UnitId(uuid::Uuid::from_u128(900 + number));
        assert_eq!(
            running.vault.unit_destroy(CLINIC, unit).unwrap(),
            Destruction::Everywhere
        );
    }
    fs::copy(other.tombstones(), house.tombstones()).unwrap();
    assert_eq!(refused(&house), "a key place has followed another one");
}

#[test]
fn an_altered_or_removed_line_is_noticed() {
    let house = two_destroyed();
    let text = fs::read_to_string(house.tombstones()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let unit = UNIT.to_string();
    let bent = [
        text.replace(&unit, &unit.replace("417", "419")),
        [lines[0], lines[2]].concat(),
        [lines[0], lines[2], lines[1]].concat(),
        text.replace("unit ", "Unit "),
        text.replace(&unit, &unit.to_uppercase()),
        text.replacen(' ', "  ", 1),
        format!("{text}\n"),
    ];
    for text in bent {
        fs::write(house.tombstones(), &text).unwrap();
        assert!(
            refused(&house).contains("does not follow from the one before"),
            "{text}"
        );
    }
    fs::write(house.tombstones(), "some other file").unwrap();
    refused(&house);
    fs::write(house.tombstones(), text).unwrap();
    assert!(house.start_with(house.folder_places()).is_ok());
}

#[test]
fn a_torn_end_is_of_a_call_that_never_returned() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    let other = running.unit_with_value(OTHER_UNIT);
    let mut text = fs::read_to_string(house.tombstones()).unwrap();
    text.push_str(&format!("unit {CLINIC} {UNIT} 01ab"));
    fs::write(house.tombstones(), text).unwrap();
    for running in [running, house.start()] {
        running.opens(UNIT, &record).unwrap();
        running.opens(OTHER_UNIT, &other).unwrap();
    }
    let running = house.start();
    assert_eq!(
        running.vault.unit_destroy(CLINIC, OTHER_UNIT).unwrap(),
        Destruction::Everywhere
    );
    let running = house.start();
    running.opens(UNIT, &record).unwrap();
    assert!(matches!(
        running.opens(OTHER_UNIT, &other),
        Err(VaultError::UnitDestroyed { .. })
    ));
    assert_eq!(
        fs::read_to_string(house.tombstones())
            .unwrap()
            .lines()
            .count(),
        2
    );
}

#[test]
fn two_processes_append_without_losing_a_line() {
    let house = House::new();
    let running = house.start();
    running.vault.clinic_create(CLINIC).unwrap();
    let two = house.start();
    std::thread::scope(|scope| {
        for (start, running) in [(1000, &running), (2000, &two)] {
            scope.spawn(move || {
                for number in 0..20 {
                    let unit = ledger::UnitId(uuid::Uuid::from_u128(start + number));
                    running.vault.unit_create(CLINIC, unit, NOW).unwrap();
                    assert_eq!(
                        running.vault.unit_destroy(CLINIC, unit).unwrap(),
                        Destruction::Everywhere
                    );
                }
            });
        }
    });
    let third = house.start();
    for number in (1000..1020).chain(2000..2020) {
        let unit = ledger::UnitId(uuid::Uuid::from_u128(number));
        assert!(third.vault.unit_is_destroyed(CLINIC, unit).unwrap());
    }
    assert_eq!(
        fs::read_to_string(house.tombstones())
            .unwrap()
            .lines()
            .count(),
        41
    );
}
