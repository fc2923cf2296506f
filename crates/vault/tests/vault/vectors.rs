//! The vectors of `docs/formats/envelope.md`, which were computed by another implementation.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use ledger::{Sealed, hex, hex_decode};
use vault::{LogKey, RootKey};

use crate::support::{CLINIC, Counted, House, NOW, SLOT, UNIT, VALUE};
use ledger::Signer;

const PAGE: &str = include_str!("../../../../docs/formats/envelope.md");

/// Keys that never leave the vault. The crate's own tests derive them; what they make is compared here.
const INNER: [&str; 13] = [
    "clinic_wrap_key",
    "pin_pepper",
    "platform_token_key",
    "log_key_wrap_key",
    "clinic_key",
    "unit_wrap_key",
    "token_secret",
    "clinic_token_key",
    "unit_key",
    "seal_key",
    "unit_token_key",
    "associated_data",
    "log_seed",
];

fn vectors() -> BTreeMap<&'static str, Vec<u8>> {
    let (_, rest) = PAGE.split_once("```vectors\n").unwrap();
    let (lines, _) = rest.split_once("```").unwrap();
    lines
        .lines()
        .map(|line| line.split_once(" = ").unwrap())
        .map(|(name, text)| (name, hex_decode(text).unwrap()))
        .collect()
}

/// The one file below place `a` whose path ends so, without its check sum.
fn key_file(house: &House, end: &str) -> Vec<u8> {
    let files = house.files_with(end);
    assert_eq!(files.len(), 2, "{end} lies in both places");
    let contents: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    assert_eq!(contents[0], contents[1], "{end} is the same in both");
    let (wrapped, check) = contents[0].split_at(61);
    assert_eq!(check, &ledger::sha256(wrapped)[..8]);
    wrapped.to_vec()
}

#[test]
fn every_byte_is_as_the_page_says() {
    let known = vectors();
    let house = House {
        random: Arc::new(Counted::default()),
        ..House::new()
    };
    let (running, record) = house.start().with_unit();
    let vault = &running.vault;
    let mut made = BTreeMap::new();
    let root_file = fs::read_to_string(house.folder.path("root.key")).unwrap();
    made.insert(
        "root_key",
        hex_decode(root_file.lines().nth(1).unwrap()).unwrap(),
    );
    made.insert("wrapped_clinic_key", key_file(&house, "/1/clinic.key"));
    made.insert(
        "wrapped_token_secret",
        key_file(&house, "/1/00/00000000-0000-0000-0000-000000000000.key"),
    );
    made.insert(
        "wrapped_unit_key",
        key_file(&house, "/1/17/0195e3a0-7c1d-7000-8000-000000000417.key"),
    );
    made.insert("value", VALUE.to_vec());
    made.insert("row", SLOT.row.to_vec());
    made.insert("envelope", record.sealed.as_bytes().to_vec());
    made.insert("key_commitment", record.sealed.as_bytes()[17..49].to_vec());
    made.insert("nonce", record.sealed.as_bytes()[49..61].to_vec());
    made.insert("envelope_digest", record.digest.to_vec());
    made.insert("record_commitment", record.commitment.to_vec());
    made.insert(
        "clinic_token",
        vault
            .token(CLINIC, "name", b"mara quillfeather", NOW)
            .unwrap()
            .to_vec(),
    );
    made.insert(
        "platform_token",
        vault.platform_token("clinic-code", b"482913").to_vec(),
    );
    let sealer = vault.unit_sealer(CLINIC, UNIT, NOW).unwrap();
    made.insert(
        "unit_token",
        sealer.token("name", b"mara quillfeather").unwrap().to_vec(),
    );

    let receipt = running.receipt();
    let opened = vault
        .unlock(&receipt, UNIT, NOW)
        .unwrap()
        .open(&SLOT, &record.sealed)
        .unwrap();
    made.insert("salt", opened.salt().to_vec());

    let log_path = house.folder.path("log.key");
    let log = LogKey::create(&log_path, &house.root(), house.random.as_ref()).unwrap();
    made.insert("log_public_key", log.public_key().to_vec());
    let log_file = fs::read_to_string(&log_path).unwrap();
    made.insert(
        "sealed_log_seed",
        hex_decode(log_file.lines().nth(2).unwrap()).unwrap(),
    );

    drop(vault.unit_destroy(CLINIC, UNIT).unwrap());
    let tombstones = fs::read_to_string(house.tombstones()).unwrap();
    made.insert(
        "tombstone_chain",
        hex_decode(tombstones.trim_end().rsplit(' ').next().unwrap()).unwrap(),
    );

    for (name, bytes) in &made {
        assert_eq!(hex(bytes), hex(&known[name]), "{name}");
    }
    let named: BTreeSet<&str> = made.keys().copied().chain(INNER).collect();
    assert_eq!(
        named,
        known.keys().copied().collect(),
        "every vector of the page is looked at"
    );
}

#[test]
fn the_envelope_of_the_page_opens() {
    let known = vectors();
    let house = House {
        random: Arc::new(Counted::default()),
        ..House::new()
    };
    let (running, _) = house.start().with_unit();
    let receipt = running.receipt();
    let sealed = Sealed::from_bytes(known["envelope"].clone());
    let commitment = known["record_commitment"].clone().try_into().unwrap();
    let opened = running
        .vault
        .unlock(&receipt, UNIT, NOW)
        .unwrap()
        .open_committed(&SLOT, &sealed, &commitment)
        .unwrap();
    assert_eq!(opened.bytes(), known["value"]);
    assert_eq!(opened.salt().as_slice(), known["salt"]);
}

#[test]
fn the_root_key_file_is_as_the_page_says() {
    let known = vectors();
    let key = hex(&known["root_key"]);
    let check = hex(&ledger::sha256(
        &[b"clerestory-root-key-1".as_slice(), &known["root_key"]].concat(),
    )[..4]);
    let house = House::new();
    let path = house.folder.path("written.key");
    drop(RootKey::create(&path, &Counted::default()).unwrap());
    assert_eq!(
        fs::read_to_string(path).unwrap(),
        format!("clerestory-root-key-1\n{key}\ncheck {check}\n")
    );
}
