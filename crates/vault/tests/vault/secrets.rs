//! Root key file, escrow, log key, PINs, tokens, orphans.

use std::collections::HashSet;
use std::fs::{self, File, FileTimes, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ledger::{Origin, Signer, UnixMicros, VerifierKey};
use vault::{
    Fit, LogKey, PinCost, PinHasher, Random, RootKey, SystemRandom, VaultError, escrow,
    escrow_identity, escrow_open,
};

use crate::support::{CLINIC, House, NOW, OTHER_CLINIC, OTHER_UNIT, Seeded, UNIT};

const CHEAP: PinCost = PinCost {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};

/// What is wrong, and behind it what to do.
fn remedied(why: String) -> String {
    let remedy = why.split_once("; ").map(|(_, remedy)| remedy);
    assert!(remedy.is_some_and(|remedy| !remedy.is_empty()), "{why}");
    why
}

fn refused(result: Result<RootKey, VaultError>) -> String {
    match result {
        Err(VaultError::SecretFile { why, .. }) => remedied(why),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was accepted"),
    }
}

#[test]
fn a_root_key_that_others_may_touch_is_refused() {
    let house = House::new();
    house.root();
    let path = house.folder.path("root.key");
    for mode in [0o640, 0o604, 0o620, 0o602, 0o601, 0o777] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        assert!(refused(RootKey::load(&path)).contains(&format!("mode {mode:03o}")));
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        assert!(RootKey::load(&path).is_ok());
    }
}

#[test]
fn a_root_key_file_is_made_once_and_for_its_owner_alone() {
    let house = House::new();
    house.root();
    let path = house.folder.path("root.key");
    let before = fs::read(&path).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(matches!(
        RootKey::create(&path, &SystemRandom),
        Err(VaultError::Disk { .. })
    ));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(
        house
            .folder
            .path("")
            .read_dir()
            .unwrap()
            .all(|entry| !entry.unwrap().path().ends_with("root.key.tmp"))
    );
}

#[test]
fn a_root_key_file_with_a_slip_in_it_is_refused() {
    let house = House::new();
    house.root();
    let path = house.folder.path("root.key");
    let sound = fs::read(&path).unwrap();
    for at in 0..sound.len() {
        let mut bent = sound.clone();
        bent[at] = if bent[at] == b'0' { b'1' } else { b'0' };
        fs::write(&path, bent).unwrap();
        refused(RootKey::load(&path));
    }
    for bent in [
        &sound[..0],
        &sound[..40],
        &[&sound[..], b"\n"].concat(),
        &vec![b'0'; 5000],
    ] {
        fs::write(&path, bent).unwrap();
        refused(RootKey::load(&path));
    }
    let folder = RootKey::load(&house.folder.path("")).err().unwrap();
    assert!(
        matches!(
            folder,
            VaultError::SecretFile { .. } | VaultError::Disk { .. }
        ),
        "{folder}"
    );
    let gone = RootKey::load(&house.folder.path("none")).err().unwrap();
    assert!(matches!(gone, VaultError::Disk { .. }));
    assert!(
        gone.to_string()
            .ends_with("; put it back, or see that its disk is mounted")
    );
}

#[test]
fn another_root_key_opens_nothing() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    drop(running);
    let path = house.folder.path("root.key");
    fs::remove_file(&path).unwrap();
    RootKey::create(&path, house.random.as_ref())
        .map(drop)
        .unwrap();
    let error = house.start().opens(UNIT, &record).unwrap_err();
    assert!(matches!(error, VaultError::KeyUnwrap { .. }), "{error}");
}

#[test]
fn an_escrow_brings_everything_back() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    drop(running);
    let (identity, recipient) = escrow_identity();
    let armored = escrow(&house.root(), &recipient).unwrap();
    let text = String::from_utf8(armored.clone()).unwrap();
    assert!(
        text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"),
        "{text}"
    );
    let path = house.folder.path("root.key");
    let before = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let identity_file = format!("# made for the safe\n{}\n", identity.as_str());
    escrow_open(&armored, &identity_file)
        .unwrap()
        .write_new(&path)
        .unwrap();
    assert_eq!(fs::read(&path).unwrap(), before);
    house.start().opens(UNIT, &record).unwrap();
}

#[test]
fn an_escrow_opens_for_its_identity_alone_and_whole_alone() {
    let house = House::new();
    let (identity, recipient) = escrow_identity();
    let (other, _) = escrow_identity();
    let armored = escrow(&house.root(), &recipient).unwrap();
    let refused = |bytes: &[u8], identity: &str| match escrow_open(bytes, identity) {
        Err(VaultError::Escrow(why)) => {
            assert!(
                !remedied(why.clone()).contains("AGE-SECRET-KEY-1Q"),
                "{why}"
            );
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it opened"),
    };
    refused(&armored, &other);
    refused(&armored, "");
    refused(&armored, &recipient);
    refused(&armored[..armored.len() / 2], &identity);
    refused(b"", &identity);
    refused(&vec![b'a'; 20_000], &identity);
    let mut bent = armored.clone();
    bent[120] ^= 1;
    refused(&bent, &identity);
    assert!(matches!(
        escrow(&house.root(), "age1nobody"),
        Err(VaultError::Escrow(_))
    ));
    assert!(escrow_open(&armored, &identity).is_ok());
}

#[test]
fn a_root_key_is_known_by_what_it_opens() {
    let (house, other) = (House::new(), House::new());
    let log_key = house.folder.path("log.key");
    let fit = |root: RootKey| root.fit(&log_key, &house.folder_places()).unwrap();
    let theirs = || RootKey::load(&other.folder.path("root.key")).unwrap();
    drop(RootKey::create(&other.folder.path("root.key"), &SystemRandom).unwrap());
    assert_eq!(fit(theirs()), Fit::NothingThere);
    // By a clinic's key alone.
    drop(house.start().with_unit());
    assert_eq!(fit(house.root()), Fit::Fits);
    assert_eq!(fit(theirs()), Fit::Other);
    // A damaged log key does not speak against the root key that opens the clinics' keys.
    fs::write(&log_key, "damaged").unwrap();
    fs::set_permissions(&log_key, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(fit(house.root()), Fit::Fits);
    // By the log's key alone.
    fs::remove_file(&log_key).unwrap();
    LogKey::create(&log_key, &house.root(), house.random.as_ref()).unwrap();
    let alone = |root: RootKey| root.fit(&log_key, &[]).unwrap();
    assert_eq!(alone(house.root()), Fit::Fits);
    assert_eq!(alone(theirs()), Fit::Other);
}

#[test]
fn the_log_key_signs_and_stays_the_same() {
    let house = House::new();
    let path = house.folder.path("log.key");
    let made = LogKey::create(&path, &house.root(), house.random.as_ref()).unwrap();
    let loaded = LogKey::load(&path, &house.root()).unwrap();
    assert_eq!(made.public_key(), loaded.public_key());
    let signature = loaded.sign(b"a note\n").unwrap();
    let origin = Origin::parse("clerestory/000102030405060708090a0b0c0d0e0f/demo/g1").unwrap();
    let key: VerifierKey = origin.key(made.public_key()).unwrap();
    assert!(key.verifies(b"a note\n", &signature));
    assert!(!key.verifies(b"another note\n", &signature));
    assert!(matches!(
        LogKey::create(&path, &house.root(), house.random.as_ref()),
        Err(VaultError::Disk { .. })
    ));
}

#[test]
fn a_log_key_that_was_altered_or_belongs_to_another_root_is_refused() {
    let house = House::new();
    let path = house.folder.path("log.key");
    LogKey::create(&path, &house.root(), house.random.as_ref())
        .map(drop)
        .unwrap();
    let other = RootKey::create(&house.folder.path("other.key"), house.random.as_ref()).unwrap();
    let refuse = |root: &RootKey| match LogKey::load(&path, root) {
        Err(VaultError::SecretFile { why, .. }) => remedied(why),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was accepted"),
    };
    assert!(refuse(&other).contains("another root key"));
    let sound = fs::read(&path).unwrap();
    for at in 0..sound.len() {
        let mut bent = sound.clone();
        bent[at] = if bent[at] == b'0' { b'1' } else { b'0' };
        fs::write(&path, bent).unwrap();
        refuse(&house.root());
    }
    fs::write(&path, sound).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    assert!(refuse(&house.root()).contains("chmod 600"));
}

fn hasher(house: &House, cost: PinCost) -> PinHasher {
    PinHasher::new(&house.root(), Arc::clone(&house.random), cost).unwrap()
}

#[test]
fn a_pin_is_right_or_wrong() {
    let house = House::new();
    let pins = hasher(&house, CHEAP);
    let stored = pins.hash("482913").unwrap();
    assert!(
        stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"),
        "{stored}"
    );
    assert!(pins.verify(&stored, "482913"));
    for wrong in ["482914", "48291", "4829133", "", " 482913"] {
        assert!(!pins.verify(&stored, wrong), "{wrong}");
    }
    assert!(!pins.verify_dummy("482913"));
    assert_ne!(
        stored,
        pins.hash("482913").unwrap(),
        "each hash has its own salt"
    );
}

#[test]
fn a_pin_hash_without_its_pepper_is_useless() {
    let (house, other) = (
        House::new(),
        House {
            random: Arc::new(Seeded::default()),
            ..House::new()
        },
    );
    let stored = hasher(&house, CHEAP).hash("482913").unwrap();
    other.random.fill(&mut [0; 64]);
    assert!(!hasher(&other, CHEAP).verify(&stored, "482913"));
    assert!(
        hasher(&house, CHEAP).verify(&stored, "482913"),
        "a restart keeps it"
    );
}

#[test]
fn a_hash_with_another_cost_is_checked_and_then_renewed() {
    let house = House::new();
    let old = hasher(&house, CHEAP).hash("482913").unwrap();
    let pins = hasher(&house, PinCost { passes: 2, ..CHEAP });
    assert!(pins.verify(&old, "482913"));
    assert!(pins.needs_rehash(&old));
    assert!(!pins.needs_rehash(&pins.hash("482913").unwrap()));
}

#[test]
fn a_stored_text_that_is_no_hash_is_a_wrong_pin() {
    let house = House::new();
    let pins = hasher(&house, CHEAP);
    let sound = pins.hash("482913").unwrap();
    let bad = [
        String::new(),
        "482913".into(),
        sound.replace("argon2id", "argon2i"),
        sound.replace("v=19", "v=16"),
        sound.replace("m=64", "m=4294967295"),
        sound.replace("t=1", "t=1000000"),
        sound.replace("p=1", "p=0"),
        format!("{sound}$"),
        sound[..sound.len() - 1].into(),
    ];
    for stored in bad {
        assert!(!pins.verify(&stored, "482913"), "{stored}");
        assert!(pins.needs_rehash(&stored), "{stored}");
    }
}

#[test]
fn a_dangerous_cost_is_refused() {
    let house = House::new();
    for (memory_kib, passes, lanes) in [
        (262_145, 2, 1),
        (19_456, 17, 1),
        (19_456, 2, 9),
        (7, 1, 1),
        (64, 0, 1),
        (64, 1, 0),
    ] {
        let cost = PinCost {
            memory_kib,
            passes,
            lanes,
        };
        let error = PinHasher::new(&house.root(), Arc::clone(&house.random), cost)
            .err()
            .unwrap();
        assert!(matches!(error, VaultError::PinCost { .. }), "{error}");
    }
    assert_eq!(
        PinCost::default(),
        PinCost {
            memory_kib: 19_456,
            passes: 2,
            lanes: 1
        }
    );
}

#[test]
fn tokens_are_of_one_clinic_label_and_value() {
    let house = House::new();
    let (running, _) = house.start().with_unit();
    let vault = &running.vault;
    vault.clinic_create(OTHER_CLINIC).unwrap();
    vault.unit_create(CLINIC, OTHER_UNIT, NOW).unwrap();
    let unit = |unit, label: &str| {
        vault
            .unit_sealer(CLINIC, unit, NOW)
            .unwrap()
            .token(label, b"1")
            .unwrap()
    };
    let all = [
        vault.token(CLINIC, "a", b"1", NOW).unwrap(),
        vault.token(CLINIC, "a1", b"", NOW).unwrap(),
        vault.token(CLINIC, "", b"a1", NOW).unwrap(),
        vault.token(CLINIC, "b", b"1", NOW).unwrap(),
        vault.token(CLINIC, "a", b"2", NOW).unwrap(),
        vault.token(OTHER_CLINIC, "a", b"1", NOW).unwrap(),
        vault.platform_token("a", b"1"),
        vault.platform_token("b", b"1"),
        unit(UNIT, "a"),
        unit(UNIT, "b"),
        unit(OTHER_UNIT, "a"),
    ];
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    assert_eq!(
        house.start().vault.token(CLINIC, "a", b"1", NOW).unwrap(),
        all[0],
        "the same after a restart"
    );
}

#[test]
fn orphans_are_old_keys_that_no_row_names() {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    running.unit_with_value(OTHER_UNIT);
    let vault = &running.vault;
    let known = HashSet::from([UNIT]);
    let file_time = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let set = |place: &str, seconds| {
        for file in house.files_with(&format!("{place}/{CLINIC}")) {
            let times = FileTimes::new().set_modified(file_time(seconds));
            File::options()
                .write(true)
                .open(file)
                .unwrap()
                .set_times(times)
                .unwrap();
        }
    };
    let older_than = UnixMicros(1_000_000_000);
    set("a", 500);
    set("b", 1_000);
    assert_eq!(
        vault.orphans(CLINIC, &known, older_than).unwrap(),
        [],
        "its newest copy is young"
    );
    set("b", 999);
    assert_eq!(
        vault.orphans(CLINIC, &known, older_than).unwrap(),
        [OTHER_UNIT]
    );
    assert_eq!(vault.orphans(OTHER_CLINIC, &known, older_than).unwrap(), []);
    drop(vault.unit_destroy(CLINIC, OTHER_UNIT).unwrap());
    assert_eq!(vault.orphans(CLINIC, &known, older_than).unwrap(), []);
    assert_eq!(
        vault.orphans(CLINIC, &HashSet::new(), older_than).unwrap(),
        [UNIT],
        "the clinic's own keys are none"
    );
    running.opens(UNIT, &record).unwrap();
}

#[test]
fn the_systems_generator_fills_everything_with_something_else_each_time() {
    let (mut one, mut two) = ([0; 64], [0; 64]);
    SystemRandom.fill(&mut one);
    SystemRandom.fill(&mut two);
    assert_ne!(one, two);
    assert!(one.iter().filter(|byte| **byte == 0).count() < 32);
}
