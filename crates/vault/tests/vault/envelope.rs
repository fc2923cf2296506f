//! Each way in which an envelope can be moved or bent, and each receipt that does not fit: all refused.

use ledger::{Denied, Sealed, UnitId, Units, UnixMicros, receipts};
use uuid::Uuid;
use vault::{ENVELOPE_LIMIT, ENVELOPE_OVERHEAD, EnvelopeFault, Slot, VaultError};

use crate::support::{
    CLINIC, House, NOW, OTHER_CLINIC, OTHER_UNIT, ROW, Running, SLOT, UNIT, VALUE, grant,
};

const UNIT_AT: usize = 1;
const COMMITMENT_AT: usize = 17;
const NONCE_AT: usize = 49;
const CIPHERTEXT_AT: usize = 61;

struct Scene {
    _house: House,
    running: Running,
    sealed: Sealed,
}

fn scene() -> Scene {
    let house = House::new();
    let (running, record) = house.start().with_unit();
    Scene {
        _house: house,
        running,
        sealed: record.sealed,
    }
}

impl Scene {
    fn open_in(&self, slot: &Slot<'_>, sealed: &Sealed) -> Result<Vec<u8>, EnvelopeFault> {
        let receipt = self.running.receipt();
        let unlocked = self.running.vault.unlock(&receipt, UNIT, NOW).unwrap();
        match unlocked.open(slot, sealed) {
            Ok(opened) => Ok(opened.bytes().to_vec()),
            Err(VaultError::Envelope { why, .. }) => Err(why),
            Err(other) => panic!("{other}"),
        }
    }

    fn open_bent(&self, bend: impl FnOnce(&mut Vec<u8>)) -> Result<Vec<u8>, EnvelopeFault> {
        let mut bytes = self.sealed.as_bytes().to_vec();
        bend(&mut bytes);
        assert_ne!(bytes, self.sealed.as_bytes(), "something was bent");
        self.open_in(&SLOT, &Sealed::from_bytes(bytes))
    }

    fn other_unit(&self) -> Sealed {
        self.running.unit_with_value(OTHER_UNIT).sealed
    }
}

#[test]
fn what_was_sealed_opens_in_its_place() {
    let scene = scene();
    assert_eq!(scene.open_in(&SLOT, &scene.sealed), Ok(VALUE.to_vec()));
    assert_eq!(
        scene.sealed.as_bytes().len(),
        VALUE.len() + ENVELOPE_OVERHEAD
    );
}

#[test]
fn an_empty_value_is_a_value() {
    let scene = scene();
    let sealer = scene.running.vault.unit_sealer(CLINIC, UNIT, NOW).unwrap();
    let record = sealer.seal(&SLOT, b"").unwrap();
    assert_eq!(record.sealed.as_bytes().len(), ENVELOPE_OVERHEAD);
    assert_eq!(scene.open_in(&SLOT, &record.sealed), Ok(Vec::new()));
}

#[test]
fn a_value_over_the_limit_is_refused_before_it_is_sealed() {
    let scene = scene();
    let sealer = scene.running.vault.unit_sealer(CLINIC, UNIT, NOW).unwrap();
    let largest = vec![0; ENVELOPE_LIMIT - ENVELOPE_OVERHEAD];
    let record = sealer.seal(&SLOT, &largest).unwrap();
    assert_eq!(
        scene
            .open_in(&SLOT, &record.sealed)
            .map(|value| value.len()),
        Ok(largest.len())
    );
    let longer = vec![0; largest.len() + 1];
    let refused = sealer.seal(&SLOT, &longer).unwrap_err();
    assert!(matches!(
        refused,
        VaultError::Envelope {
            why: EnvelopeFault::TooLong,
            ..
        }
    ));
    let padded = [record.sealed.as_bytes(), &[0]].concat();
    assert_eq!(
        scene.open_in(&SLOT, &Sealed::from_bytes(padded)),
        Err(EnvelopeFault::TooLong)
    );
}

#[test]
fn sealed_twice_is_two_envelopes_and_two_commitments() {
    let scene = scene();
    let sealer = scene.running.vault.unit_sealer(CLINIC, UNIT, NOW).unwrap();
    let (one, two) = (
        sealer.seal(&SLOT, VALUE).unwrap(),
        sealer.seal(&SLOT, VALUE).unwrap(),
    );
    assert_ne!(one.commitment, two.commitment);
    assert_ne!(
        one.sealed.as_bytes()[NONCE_AT..CIPHERTEXT_AT],
        two.sealed.as_bytes()[NONCE_AT..CIPHERTEXT_AT]
    );
    assert_ne!(one.digest, two.digest);
}

#[test]
fn moved_to_another_clinic() {
    let scene = scene();
    let vault = &scene.running.vault;
    vault.clinic_create(OTHER_CLINIC).unwrap();
    vault.unit_create(OTHER_CLINIC, UNIT, NOW).unwrap();
    let mut other = grant(Units::Clinic);
    other.clinic = OTHER_CLINIC;
    let receipt = scene.running.issuer.issue(other);
    let unlocked = vault.unlock(&receipt, UNIT, NOW).unwrap();
    let refused = unlocked.open(&SLOT, &scene.sealed).err().unwrap();
    assert!(
        matches!(
            refused,
            VaultError::Envelope {
                why: EnvelopeFault::KeyCommitment,
                ..
            }
        ),
        "{refused}"
    );
}

#[test]
fn the_key_file_moved_to_another_clinic_unit_or_place_in_the_hierarchy() {
    let scene = scene();
    let vault = &scene.running.vault;
    vault.clinic_create(OTHER_CLINIC).unwrap();
    let own = format!("{CLINIC}/1/17/{UNIT}.key");
    for place in ["a", "b"] {
        let root = scene._house.place(place);
        let moves = [
            (own.clone(), format!("{OTHER_CLINIC}/1/17/{UNIT}.key")),
            (own.clone(), format!("{CLINIC}/1/18/{OTHER_UNIT}.key")),
        ];
        for (from, to) in moves {
            std::fs::create_dir_all(root.join(&to).parent().unwrap()).unwrap();
            std::fs::copy(root.join(from), root.join(to)).unwrap();
        }
    }
    let refused = vault.unit_sealer(OTHER_CLINIC, UNIT, NOW).err().unwrap();
    assert!(matches!(refused, VaultError::KeyUnwrap { .. }), "{refused}");
    let refused = vault.unit_sealer(CLINIC, OTHER_UNIT, NOW).err().unwrap();
    assert!(matches!(refused, VaultError::KeyUnwrap { .. }), "{refused}");
    assert!(
        vault.unit_sealer(CLINIC, UNIT, NOW).is_ok(),
        "the original is sound"
    );
}

#[test]
fn moved_to_another_table() {
    let scene = scene();
    let slot = Slot {
        table: "patient",
        ..SLOT
    };
    assert_eq!(
        scene.open_in(&slot, &scene.sealed),
        Err(EnvelopeFault::Altered)
    );
}

#[test]
fn moved_to_another_row() {
    let scene = scene();
    let mut row = ROW.to_vec();
    row[19] ^= 1;
    assert_eq!(
        scene.open_in(&Slot { row: &row, ..SLOT }, &scene.sealed),
        Err(EnvelopeFault::Altered)
    );
}

#[test]
fn moved_to_another_column() {
    let scene = scene();
    let slot = Slot {
        column: "note",
        ..SLOT
    };
    assert_eq!(
        scene.open_in(&slot, &scene.sealed),
        Err(EnvelopeFault::Altered)
    );
}

#[test]
fn read_under_another_schema_version() {
    let scene = scene();
    assert_eq!(
        scene.open_in(&Slot { schema: 2, ..SLOT }, &scene.sealed),
        Err(EnvelopeFault::Altered)
    );
}

#[test]
fn a_name_shifted_between_table_row_and_column() {
    let scene = scene();
    let sealer = scene.running.vault.unit_sealer(CLINIC, UNIT, NOW).unwrap();
    let sealed = sealer
        .seal(
            &Slot {
                table: "ab",
                row: b"c",
                column: "d",
                schema: 1,
            },
            VALUE,
        )
        .unwrap()
        .sealed;
    let shifted = [
        Slot {
            table: "a",
            row: b"bc",
            column: "d",
            schema: 1,
        },
        Slot {
            table: "ab",
            row: b"cd",
            column: "",
            schema: 1,
        },
        Slot {
            table: "abc",
            row: b"",
            column: "d",
            schema: 1,
        },
    ];
    for slot in shifted {
        assert_eq!(
            scene.open_in(&slot, &sealed),
            Err(EnvelopeFault::Altered),
            "{slot:?}"
        );
    }
}

#[test]
fn another_units_envelope() {
    let scene = scene();
    assert_eq!(
        scene.open_in(&SLOT, &scene.other_unit()),
        Err(EnvelopeFault::OtherUnit)
    );
}

#[test]
fn another_units_envelope_under_this_units_id() {
    let scene = scene();
    let mut bytes = scene.other_unit().as_bytes().to_vec();
    bytes[UNIT_AT..COMMITMENT_AT].copy_from_slice(UNIT.0.as_bytes());
    assert_eq!(
        scene.open_in(&SLOT, &Sealed::from_bytes(bytes)),
        Err(EnvelopeFault::KeyCommitment)
    );
}

#[test]
fn another_units_ciphertext_under_this_units_id_and_commitment() {
    let scene = scene();
    let mut bytes = scene.other_unit().as_bytes().to_vec();
    bytes[..NONCE_AT].copy_from_slice(&scene.sealed.as_bytes()[..NONCE_AT]);
    assert_eq!(
        scene.open_in(&SLOT, &Sealed::from_bytes(bytes)),
        Err(EnvelopeFault::Altered)
    );
}

#[test]
fn each_bit_is_refused_and_by_the_right_check() {
    let scene = scene();
    for bit in 0..scene.sealed.as_bytes().len() * 8 {
        let at = bit / 8;
        let fault = match at {
            0 => EnvelopeFault::Version,
            UNIT_AT..COMMITMENT_AT => EnvelopeFault::OtherUnit,
            COMMITMENT_AT..NONCE_AT => EnvelopeFault::KeyCommitment,
            _ => EnvelopeFault::Altered,
        };
        assert_eq!(
            scene.open_bent(|bytes| bytes[at] ^= 1 << (bit % 8)),
            Err(fault),
            "bit {bit}"
        );
    }
}

#[test]
fn the_version_byte() {
    let scene = scene();
    for version in (0..=u8::MAX).filter(|version| *version != 1) {
        assert_eq!(
            scene.open_bent(|bytes| bytes[0] = version),
            Err(EnvelopeFault::Version)
        );
    }
}

#[test]
fn another_records_nonce() {
    let scene = scene();
    let sealer = scene.running.vault.unit_sealer(CLINIC, UNIT, NOW).unwrap();
    let other = sealer.seal(&SLOT, VALUE).unwrap().sealed;
    let nonce = &other.as_bytes()[NONCE_AT..CIPHERTEXT_AT];
    let bent = scene.open_bent(|bytes| bytes[NONCE_AT..CIPHERTEXT_AT].copy_from_slice(nonce));
    assert_eq!(bent, Err(EnvelopeFault::Altered));
}

#[test]
fn another_records_tag() {
    let scene = scene();
    let sealer = scene.running.vault.unit_sealer(CLINIC, UNIT, NOW).unwrap();
    let other = sealer.seal(&SLOT, VALUE).unwrap().sealed;
    let tag_at = other.as_bytes().len() - 16;
    let bent =
        scene.open_bent(|bytes| bytes[tag_at..].copy_from_slice(&other.as_bytes()[tag_at..]));
    assert_eq!(bent, Err(EnvelopeFault::Altered));
}

#[test]
fn cut_off_anywhere() {
    let scene = scene();
    for length in 0..scene.sealed.as_bytes().len() {
        let fault = if length < ENVELOPE_OVERHEAD {
            EnvelopeFault::CutOff
        } else {
            EnvelopeFault::Altered
        };
        assert_eq!(
            scene.open_bent(|bytes| bytes.truncate(length)),
            Err(fault),
            "{length} bytes"
        );
    }
}

#[test]
fn extended() {
    let scene = scene();
    assert_eq!(
        scene.open_bent(|bytes| bytes.push(0)),
        Err(EnvelopeFault::Altered)
    );
    assert_eq!(
        scene.open_bent(|bytes| bytes.insert(CIPHERTEXT_AT, 0)),
        Err(EnvelopeFault::Altered)
    );
}

#[test]
fn an_older_envelope_of_the_same_place_is_not_what_the_entry_commits_to() {
    let scene = scene();
    let receipt = scene.running.receipt();
    let unlocked = scene.running.vault.unlock(&receipt, UNIT, NOW).unwrap();
    let newer = unlocked.sealer().seal(&SLOT, b"another value").unwrap();
    let refused = unlocked
        .open_committed(&SLOT, &scene.sealed, &newer.commitment)
        .err()
        .unwrap();
    assert!(matches!(
        refused,
        VaultError::Envelope {
            why: EnvelopeFault::Commitment,
            ..
        }
    ));
    assert_ne!(
        newer.digest,
        scene.sealed.digest(),
        "and its digest is another"
    );
}

#[test]
fn the_same_value_under_another_salt_is_not_what_the_entry_commits_to() {
    let scene = scene();
    let receipt = scene.running.receipt();
    let unlocked = scene.running.vault.unlock(&receipt, UNIT, NOW).unwrap();
    let first = unlocked.sealer().seal(&SLOT, VALUE).unwrap();
    let second = unlocked.sealer().seal(&SLOT, VALUE).unwrap();
    let opened = unlocked
        .open_committed(&SLOT, &first.sealed, &first.commitment)
        .unwrap();
    assert_eq!(
        ledger::commit(ledger::RECORD_TAG, opened.salt(), opened.bytes()),
        first.commitment
    );
    let refused = unlocked
        .open_committed(&SLOT, &second.sealed, &first.commitment)
        .err()
        .unwrap();
    assert!(matches!(
        refused,
        VaultError::Envelope {
            why: EnvelopeFault::Commitment,
            ..
        }
    ));
}

fn denied(result: Result<vault::Unlocked<'_>, VaultError>) -> Denied {
    match result {
        Err(VaultError::Denied { why, .. }) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it unlocked"),
    }
}

#[test]
fn another_pairs_receipt() {
    let scene = scene();
    let (issuer, _checker) = receipts();
    let receipt = issuer.issue(grant(Units::Clinic));
    assert_eq!(
        denied(scene.running.vault.unlock(&receipt, UNIT, NOW)),
        Denied::OtherIssuer
    );
}

#[test]
fn an_expired_receipt() {
    let scene = scene();
    let receipt = scene.running.receipt();
    let last = UnixMicros(receipt.expires().0 - 1);
    assert!(scene.running.vault.unlock(&receipt, UNIT, last).is_ok());
    assert_eq!(
        denied(
            scene
                .running
                .vault
                .unlock(&receipt, UNIT, receipt.expires())
        ),
        Denied::Expired
    );
}

#[test]
fn a_receipt_for_another_unit() {
    let scene = scene();
    let receipt = scene.running.receipt();
    let unit = UnitId(Uuid::from_u128(99));
    scene.running.unit_with_value(unit);
    assert_eq!(
        denied(scene.running.vault.unlock(&receipt, unit, NOW)),
        Denied::OtherUnit
    );
}

#[test]
fn a_receipt_for_another_clinic() {
    let scene = scene();
    let mut other = grant(Units::Clinic);
    other.clinic = OTHER_CLINIC;
    let receipt = scene.running.issuer.issue(other);
    assert_eq!(
        denied(scene.running.vault.unlock_in(&receipt, CLINIC, UNIT, NOW)),
        Denied::OtherClinic
    );
    let refused = scene
        .running
        .vault
        .unlock(&receipt, UNIT, NOW)
        .err()
        .unwrap();
    assert!(
        matches!(
            refused,
            VaultError::ClinicUnknown {
                clinic: OTHER_CLINIC
            }
        ),
        "{refused}"
    );
}

#[test]
fn a_receipt_that_claims_too_long_a_life() {
    let scene = scene();
    let mut long = grant(Units::Clinic);
    long.expires = UnixMicros(NOW.0 + 16 * 60 * 1_000_000);
    let receipt = scene.running.issuer.issue(long);
    assert_eq!(
        denied(scene.running.vault.unlock(&receipt, UNIT, NOW)),
        Denied::TooLong
    );
}

#[test]
fn no_error_shows_bytes_of_key_or_value() {
    let scene = scene();
    let receipt = scene.running.receipt();
    let unlocked = scene.running.vault.unlock(&receipt, UNIT, NOW).unwrap();
    let error = unlocked
        .open(&Slot { schema: 9, ..SLOT }, &scene.sealed)
        .err()
        .unwrap();
    let shown = format!("{error} {error:?}");
    assert_eq!(
        error.to_string(),
        "the envelope in session_event.body was refused: altered, or sealed for another place"
    );
    assert!(
        !shown.contains("systolic") && !shown.contains("128"),
        "{shown}"
    );
}
