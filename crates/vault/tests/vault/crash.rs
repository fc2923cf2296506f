//! The n-th operation on a key place fails, for every n, in four ways; then the process starts again.

use std::fs;
use std::sync::{Arc, Mutex};

use vault::{Destruction, KeyPlace, VaultError};

use crate::support::{CLINIC, FAULTS, Fault, Faulty, House, NOW, OTHER_UNIT, Plan, Running, UNIT};

/// More operations than any act below has; reaching it means that an act does not end.
const OPERATIONS_MAX: i64 = 500;

struct Rig {
    house: House,
    plan: Arc<Mutex<Option<Arc<Plan>>>>,
}

impl Rig {
    fn new() -> Rig {
        Rig {
            house: House::new(),
            plan: Arc::default(),
        }
    }

    fn start(&self) -> Running {
        let places: Vec<Box<dyn KeyPlace>> = vec![
            Faulty::place(self.house.place("a"), &self.plan),
            Faulty::place(self.house.place("b"), &self.plan),
        ];
        self.house.start_with(places).unwrap()
    }

    /// Runs `act` with the fault at operation `number`; whether the fault was reached.
    fn run<T>(&self, number: i64, fault: Fault, act: impl FnOnce() -> T) -> (T, bool) {
        let plan = Plan::new(number, fault);
        *self.plan.lock().unwrap() = Some(Arc::clone(&plan));
        let result = act();
        *self.plan.lock().unwrap() = None;
        (result, plan.reached())
    }
}

/// Calls `round` for each operation until the fault is no longer reached; at least once for each fault.
fn at_every_operation(mut round: impl FnMut(i64, Fault) -> bool) {
    for fault in FAULTS {
        let end = (1..OPERATIONS_MAX).find(|number| !round(*number, fault));
        assert!(
            end.is_some_and(|end| end > 2),
            "{fault:?} was reached at several operations: {end:?}"
        );
    }
}

#[test]
fn making_a_unit() {
    at_every_operation(|number, fault| {
        let rig = Rig::new();
        let running = rig.start();
        running.vault.clinic_create(CLINIC).unwrap();
        let (made, reached) = rig.run(number, fault, || {
            running.vault.unit_create(CLINIC, UNIT, NOW)
        });
        let at = format!("{fault:?} at {number}: {made:?}");
        assert!(reached || made.is_ok(), "{at}");
        if made.is_ok() {
            assert_eq!(
                rig.house.files_with(&format!("{UNIT}.key")).len(),
                2,
                "acknowledged means in both: {at}"
            );
        }
        // The same process goes on, or another begins.
        let running = if number % 2 == 0 {
            running
        } else {
            rig.start()
        };
        let record = running.unit_with_value(UNIT);
        running.opens(UNIT, &record).unwrap();
        let copies: Vec<_> = rig
            .house
            .files_with(&format!("{UNIT}.key"))
            .iter()
            .map(|file| fs::read(file).unwrap())
            .collect();
        assert_eq!(copies.len(), 2, "{at}");
        assert_eq!(copies[0], copies[1], "{at}");
        reached
    });
}

#[test]
fn making_a_clinic() {
    at_every_operation(|number, fault| {
        let rig = Rig::new();
        let running = rig.start();
        let (made, reached) = rig.run(number, fault, || running.vault.clinic_create(CLINIC));
        assert!(reached || made.is_ok());
        drop(running);
        let running = rig.start();
        running.vault.clinic_create(CLINIC).unwrap();
        let token = running
            .vault
            .token(CLINIC, "name", b"mara quillfeather", NOW)
            .unwrap();
        let record = running.unit_with_value(UNIT);
        let running = rig.start();
        running.vault.clinic_create(CLINIC).unwrap();
        running.opens(UNIT, &record).unwrap();
        assert_eq!(
            running
                .vault
                .token(CLINIC, "name", b"mara quillfeather", NOW)
                .unwrap(),
            token
        );
        reached
    });
}

#[test]
fn destroying_a_unit() {
    at_every_operation(|number, fault| {
        let rig = Rig::new();
        let (running, record) = rig.start().with_unit();
        let other = running.unit_with_value(OTHER_UNIT);
        let (destroyed, reached) =
            rig.run(number, fault, || running.vault.unit_destroy(CLINIC, UNIT));
        let at = format!("{fault:?} at {number}: {destroyed:?}");
        let destroyed = destroyed
            .unwrap_or_else(|error| panic!("places cannot stop a tombstone: {at}: {error}"));
        let left = rig.house.files_with(&UNIT.to_string());
        match destroyed {
            Destruction::Everywhere => assert!(left.is_empty(), "{at}"),
            Destruction::Awaited { places } => assert!(reached && !places.is_empty(), "{at}"),
        }
        let gone = |running: &Running| {
            assert!(
                matches!(
                    running.opens(UNIT, &record),
                    Err(VaultError::UnitDestroyed { .. })
                ),
                "{at}"
            );
            running.opens(OTHER_UNIT, &other).unwrap();
        };
        gone(&running);
        let running = if number % 2 == 0 {
            running
        } else {
            rig.start()
        };
        gone(&running);
        assert_eq!(
            running.vault.unit_destroy(CLINIC, UNIT).unwrap(),
            Destruction::Everywhere,
            "{at}"
        );
        assert!(rig.house.files_with(&UNIT.to_string()).is_empty(), "{at}");
        gone(&running);
        reached
    });
}

#[test]
fn destroying_a_unit_and_then_only_starting_again() {
    at_every_operation(|number, fault| {
        let rig = Rig::new();
        let (running, record) = rig.start().with_unit();
        let (_, reached) = rig.run(number, fault, || running.vault.unit_destroy(CLINIC, UNIT));
        drop(running);
        let running = rig.start();
        assert!(
            rig.house.files_with(&UNIT.to_string()).is_empty(),
            "opening the places removes it: {fault:?} at {number}"
        );
        assert!(matches!(
            running.opens(UNIT, &record),
            Err(VaultError::UnitDestroyed { .. })
        ));
        reached
    });
}

#[test]
fn rotating_a_clinics_key() {
    at_every_operation(|number, fault| {
        let rig = Rig::new();
        let (running, record) = rig.start().with_unit();
        let token = running
            .vault
            .token(CLINIC, "name", b"mara quillfeather", NOW)
            .unwrap();
        let (rotated, reached) = rig.run(number, fault, || running.vault.clinic_key_rotate(CLINIC));
        let at = format!("{fault:?} at {number}: {rotated:?}");
        assert!(reached || rotated.is_ok(), "{at}");
        let whole = |running: &Running| {
            running
                .opens(UNIT, &record)
                .unwrap_or_else(|error| panic!("{at}: {error}"));
            assert_eq!(
                running
                    .vault
                    .token(CLINIC, "name", b"mara quillfeather", NOW)
                    .unwrap(),
                token,
                "{at}"
            );
        };
        whole(&running);
        // A unit that is made between two attempts is carried over as well.
        let running = if number % 2 == 0 {
            running
        } else {
            rig.start()
        };
        whole(&running);
        let other = running.unit_with_value(OTHER_UNIT);
        let again = running.vault.clinic_key_rotate(CLINIC).unwrap();
        assert_eq!(again.old, Destruction::Everywhere, "{at}");
        assert!((2..=3).contains(&again.version), "{at} {again:?}");
        let running = rig.start();
        running.opens(OTHER_UNIT, &other).unwrap();
        whole(&running);
        running.vault.store().tend().unwrap();
        for file in rig.house.files_with(&CLINIC.to_string()) {
            assert!(
                file.to_string_lossy()
                    .contains(&format!("/{}/", again.version)),
                "{at}: {}",
                file.display()
            );
        }
        reached
    });
}

#[test]
fn tending_a_place_that_was_deleted() {
    at_every_operation(|number, fault| {
        let rig = Rig::new();
        let (running, record) = rig.start().with_unit();
        let other = running.unit_with_value(OTHER_UNIT);
        assert_eq!(
            running.vault.unit_destroy(CLINIC, OTHER_UNIT).unwrap(),
            Destruction::Everywhere
        );
        fs::remove_dir_all(rig.house.place("a")).unwrap();
        let (_, reached) = rig.run(number, fault, || running.vault.store().tend());
        let running = if number % 2 == 0 {
            running
        } else {
            rig.start()
        };
        running.opens(UNIT, &record).unwrap();
        running.vault.store().tend().unwrap();
        assert_eq!(running.vault.store().places_ready(), 2);
        assert_eq!(
            rig.house.files_with(&format!("{UNIT}.key")).len(),
            2,
            "{fault:?} at {number}"
        );
        assert!(matches!(
            running.opens(OTHER_UNIT, &other),
            Err(VaultError::UnitDestroyed { .. })
        ));
        reached
    });
}
