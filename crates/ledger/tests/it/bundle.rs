//! True bundles, and true bundles with something changed afterwards.

use ledger::bundle::{
    BundleParts, Failure, OriginProof, Problem, Proof, Record, Trust, verify, verify_parts,
    verify_reader,
};
use ledger::{Checkpoint, Mode, Note};

use crate::fixture::{Made, NAME, Plan, SESSION, made, signer};

pub(crate) fn failure(parts: &BundleParts, made: &Made) -> Failure {
    let trust = Trust::Key(made.key.clone());
    verify_parts(parts, &trust).expect_err("an altered bundle was accepted")
}

#[test]
fn a_true_bundle_says_what_it_proves() {
    let made = made();
    let report = verify(&made.zip(), &Trust::Key(made.key.clone())).unwrap();
    assert!(report.is_origin_proved());
    assert_eq!((report.events, report.kinds["vitals"]), (3, 3));
    assert_eq!(report.session, SESSION);
    assert_eq!(report.persons.len(), 1);
    assert_eq!(report.persons[0].name.as_deref(), Some(NAME));
    assert_eq!(report.others.values().sum::<u64>(), 3);
    let text = report.to_string();
    for part in [
        "Mara Quillfeather (prescriber)",
        "Clinic at the Weir",
        "3 events",
        "no later than 2026-11-22 07:22:05 UTC",
        "Origin: signed by the key that you named",
        "Not proved:",
        "That what was entered is true",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert!(!text.contains("DEMO"), "{text}");
    assert!(
        !text.contains("Thimblewick"),
        "no patient's name in a report:\n{text}"
    );
}

#[test]
fn a_reader_gives_the_same_and_reads_no_further_than_the_limit() {
    let made = made();
    let trust = Trust::Key(made.key.clone());
    let report = verify(&made.zip(), &trust).unwrap();
    assert_eq!(verify_reader(&made.zip()[..], &trust).unwrap(), report);
    let endless = verify_reader(std::io::repeat(b'P'), &trust).unwrap_err();
    assert_eq!(endless.problem, Problem::TooLarge);
}

#[test]
fn a_demo_says_so_first() {
    let made = Plan {
        mode: Mode::Demo,
        ..Plan::default()
    }
    .make();
    let report = verify(&made.zip(), &Trust::Key(made.key)).unwrap();
    assert_eq!(report.mode, Mode::Demo);
    assert!(report.to_string().starts_with("DEMO"));
}

#[test]
fn without_anything_from_outside_the_origin_is_not_proved() {
    let report = verify(&made().zip(), &Trust::None).unwrap();
    assert_eq!(report.origin_proof, OriginProof::NotProved);
    assert!(!report.is_origin_proved());
    assert!(report.to_string().contains("NOT PROVED"));
}

#[test]
fn an_earlier_checkpoint_proves_the_origin() {
    let made = made();
    let report = verify(&made.zip(), &Trust::Checkpoint(made.earlier.clone())).unwrap();
    assert_eq!(report.origin_proof, OriginProof::Checkpoint { size: 2 });
    let own = Note::parse(&made.parts.checkpoint).unwrap();
    let report = verify(&made.zip(), &Trust::Checkpoint(own)).unwrap();
    assert_eq!(report.origin_proof, OriginProof::Checkpoint { size: 4 });
}

#[test]
fn another_checkpoint_does_not() {
    let made = made();
    let earlier = Checkpoint::of_note(&made.earlier).unwrap();
    let problem = |checkpoint: Checkpoint| {
        let held = Trust::Checkpoint(checkpoint.sign(&signer(1)).unwrap());
        verify(&made.zip(), &held).unwrap_err().problem
    };
    assert_eq!(
        problem(Checkpoint {
            root: [8; 32],
            ..earlier
        }),
        Problem::Contradiction
    );
    assert_eq!(
        problem(Checkpoint { size: 4, ..earlier }),
        Problem::Contradiction
    );
    assert_eq!(
        problem(Checkpoint { size: 3, ..earlier }),
        Problem::NotConnected(3)
    );
    assert_eq!(
        problem(Checkpoint { size: 9, ..earlier }),
        Problem::NotConnected(9)
    );
    let origin = ledger::Origin {
        generation: 2,
        ..earlier.origin
    };
    assert_eq!(problem(Checkpoint { origin, ..earlier }), Problem::OtherLog);
}

#[test]
fn the_key_of_another_generation_is_the_same_key() {
    let made = made();
    let origin = ledger::Origin::parse(made.key.name()).unwrap();
    let key = |origin: ledger::Origin| Trust::Key(origin.key(*made.key.public_key()).unwrap());
    let later = ledger::Origin {
        generation: 7,
        ..origin
    };
    assert!(verify(&made.zip(), &key(later)).unwrap().is_origin_proved());
    let demo = ledger::Origin {
        mode: Mode::Demo,
        ..origin
    };
    assert_eq!(
        verify(&made.zip(), &key(demo)).unwrap_err().problem,
        Problem::OtherKey
    );
    let foreign = ledger::VerifierKey::new("someone", *made.key.public_key()).unwrap();
    let refused = verify(&made.zip(), &Trust::Key(foreign)).unwrap_err();
    assert_eq!(refused.problem, Problem::OtherKey);
}

#[test]
fn no_byte_of_any_part_can_be_changed() {
    let made = made();
    type Part = fn(&mut BundleParts) -> &mut Vec<u8>;
    let parts: [(&str, Part); 4] = [
        ("record.json", |parts| &mut parts.record_json),
        ("record.pdf", |parts| &mut parts.record_pdf),
        ("proof.json", |parts| &mut parts.proof_json),
        ("checkpoint.txt", |parts| &mut parts.checkpoint),
    ];
    for (name, part) in parts {
        let length = part(&mut made.parts.clone()).len();
        for index in 0..length {
            // `archive` flips another bit of each byte, under a key.
            let mut bent = made.parts.clone();
            part(&mut bent)[index] ^= 0x20;
            assert!(
                verify_parts(&bent, &Trust::None).is_err(),
                "{name}, byte {index}"
            );
        }
        for length in [0, length / 2, length - 1] {
            let mut cut = made.parts.clone();
            part(&mut cut).truncate(length);
            assert!(
                verify_parts(&cut, &Trust::None).is_err(),
                "{name}, cut off at {length}"
            );
        }
        let mut longer = made.parts.clone();
        part(&mut longer).push(b'\n');
        assert!(
            verify_parts(&longer, &Trust::None).is_err(),
            "{name}, one more byte"
        );
    }
}

#[test]
fn a_changed_value_salt_or_entry_is_named_by_its_record() {
    let made = made();
    let bent = |bend: fn(&mut Record)| {
        let mut record = made.record.clone();
        bend(&mut record);
        let parts = BundleParts {
            record_json: record.to_json().unwrap(),
            ..made.parts.clone()
        };
        failure(&parts, &made)
    };
    // Ordered by table and row: clinic_profile, patient, person, then three events; the fixture wrote the
    // second event's record last but one.
    let place = "record.json, record 5 (session_event 0000000000000000000000005e55100100000001)";
    let value = bent(|record| record.records[4].body["systolic"] = 119.into());
    assert_eq!(
        (value.place.as_str(), value.problem),
        (place, Problem::Commitment)
    );
    let salt = bent(|record| record.records[4].salt[31] ^= 1);
    assert_eq!(
        (salt.place.as_str(), salt.problem),
        (place, Problem::Commitment)
    );
    let row = bent(|record| record.records[4].entry = record.records[3].entry);
    assert_eq!(
        (row.place.as_str(), row.problem),
        (place, Problem::OtherRow)
    );
    let nowhere = bent(|record| record.records[4].entry.index = 99);
    assert_eq!(nowhere.place, place);
    assert!(matches!(nowhere.problem, Problem::NoEntry(_)));
    let swapped = bent(|record| {
        let body = record.records[4].body.clone();
        record.records[4].body = std::mem::replace(&mut record.records[5].body, body);
    });
    assert_eq!(
        (swapped.place.as_str(), swapped.problem),
        (place, Problem::Commitment)
    );
    assert!(salt_sentence(place).starts_with(place));
}

fn salt_sentence(place: &str) -> String {
    Failure {
        place: place.to_owned(),
        problem: Problem::Commitment,
    }
    .to_string()
}

#[test]
fn a_changed_head_of_the_record_is_seen() {
    let made = made();
    let bent = |bend: fn(&mut Record)| {
        let mut record = made.record.clone();
        bend(&mut record);
        let parts = BundleParts {
            record_json: record.to_json().unwrap(),
            ..made.parts.clone()
        };
        failure(&parts, &made).problem
    };
    assert_eq!(bent(|record| record.mode = Mode::Demo), Problem::Deployment);
    let deployment = |record: &mut Record| record.deployment.0 = uuid::Uuid::nil();
    assert_eq!(bent(deployment), Problem::Deployment);
    assert_eq!(
        bent(|record| record.clinic.0 = uuid::Uuid::nil()),
        Problem::OtherLeaf
    );
    let session = |record: &mut Record| record.session = uuid::Uuid::nil();
    assert_eq!(bent(session), Problem::Event { expected: 0 });
}

#[test]
fn an_event_taken_out_afterwards_is_seen() {
    let made = made();
    for index in 0..made.record.records.len() {
        let mut record = made.record.clone();
        record.records.remove(index);
        let parts = BundleParts {
            record_json: record.to_json().unwrap(),
            ..made.parts.clone()
        };
        failure(&parts, &made);
    }
    // The last event, with its entry taken out of the proof as well.
    let (mut record, mut proof) = (made.record.clone(), made.proof.clone());
    let last = record.records.pop().unwrap();
    proof.trees[0]
        .entries
        .retain(|entry| entry.index != last.entry.index);
    let parts = BundleParts {
        record_json: record.to_json().unwrap(),
        proof_json: proof.to_json().unwrap(),
        ..made.parts.clone()
    };
    assert_eq!(
        failure(&parts, &made).problem,
        Problem::Events {
            found: 2,
            exported: 3
        }
    );
}

#[test]
fn each_link_of_the_proof_is_needed() {
    let made = made();
    let bent = |bend: fn(&mut Proof)| {
        let mut proof = made.proof.clone();
        bend(&mut proof);
        let parts = BundleParts {
            proof_json: proof.to_json().unwrap(),
            ..made.parts.clone()
        };
        failure(&parts, &made).to_string()
    };
    type Bend = fn(&mut Proof);
    let cases: [(Bend, &str); 12] = [
        (
            |it| it.trees[0].entries[1].path[0][0] ^= 1,
            "proof.json, entry 1 of generation 1: the proof",
        ),
        (
            |it| it.trees[0].entries[1].leaf[40] ^= 1,
            "proof.json, entry 1 of generation 1",
        ),
        (
            |it| it.trees[0].entries[1].leaf[3] ^= 1,
            "the leaf is of another clinic",
        ),
        (|it| it.trees[0].root[0] ^= 1, "the proof does not hold"),
        (|it| it.trees[0].size += 1, "the proof does not hold"),
        (
            |it| it.trees[0].generation = 2,
            "the leaf is of another clinic, generation or place",
        ),
        (|it| it.head.path[0][0] ^= 1, "proof.json, head: the proof"),
        (|it| it.head.ordinal = 1, "proof.json, head: the proof"),
        (
            |it| it.epoch.path[0][0] ^= 1,
            "proof.json, epoch: the proof",
        ),
        (
            |it| it.epoch.index = 3,
            "proof.json, epoch: the leaf is of another",
        ),
        (
            |it| it.extends[0].path[0][0] ^= 1,
            "proof.json, extends 1: the proof",
        ),
        (|it| it.exported.index -= 1, "proof.json, exported"),
    ];
    for (bend, expected) in cases {
        let found = bent(bend);
        assert!(found.contains(expected), "{found}\nhas not: {expected}");
    }
}

#[test]
fn another_clinics_proof_does_not_fit() {
    let made = made();
    let other = Plan {
        clinic: 0xc11_02c,
        ..Plan::default()
    }
    .make();
    verify(&other.zip(), &Trust::Key(other.key.clone())).unwrap();
    let proof = BundleParts {
        proof_json: other.parts.proof_json.clone(),
        ..made.parts.clone()
    };
    failure(&proof, &made);
    let both = BundleParts {
        checkpoint: other.parts.checkpoint.clone(),
        ..proof
    };
    assert_eq!(failure(&both, &made).problem, Problem::OtherLeaf);
}

#[test]
fn a_record_over_two_generations_is_proved_through_the_second() {
    let plan = Plan {
        second_generation: Some(2),
        ..Plan::default()
    };
    let made = plan.make();
    let report = verify(&made.zip(), &Trust::Key(made.key.clone())).unwrap();
    assert_eq!(report.generations, [1, 2]);
    assert!(report.to_string().contains("restored from a backup"));
    let broken = Plan {
        found_root: Some([5; 32]),
        ..plan
    }
    .make();
    assert_eq!(failure(&broken.parts, &broken).problem, Problem::Generation);
    let mut proof = made.proof.clone();
    proof.trees[1].entries.remove(0);
    let parts = BundleParts {
        proof_json: proof.to_json().unwrap(),
        ..made.parts.clone()
    };
    assert!(matches!(
        failure(&parts, &made).problem,
        Problem::NoEntry(_)
    ));
}

#[test]
fn a_generation_that_a_second_restore_cut_off_is_left_out() {
    let plan = Plan {
        second_generation: Some(3),
        ..Plan::default()
    };
    let made = plan.make();
    let report = verify(&made.zip(), &Trust::Key(made.key.clone())).unwrap();
    assert_eq!(report.generations, [1, 3]);
    // The tree before is the one that is named as `previous`, not the one with the number below.
    let mut proof = made.proof.clone();
    proof.trees[0].generation = 2;
    proof.trees[0].entries.clear();
    let parts = BundleParts {
        proof_json: proof.to_json().unwrap(),
        ..made.parts.clone()
    };
    assert_eq!(failure(&parts, &made).problem, Problem::Generation);
}

#[test]
fn a_witness_line_is_kept_and_named_as_unchecked() {
    let made = made();
    let mut parts = made.parts.clone();
    parts
        .checkpoint
        .extend_from_slice("— witness.example AAAAAAA=\n".as_bytes());
    let report = verify_parts(&parts, &Trust::Key(made.key)).unwrap();
    assert_eq!(report.unchecked, ["witness.example"]);
    assert!(
        report
            .to_string()
            .contains("The signature of witness.example")
    );
}

#[test]
fn a_second_key_under_the_logs_name_is_refused() {
    let made = made();
    // A true checkpoint with a line that somebody else has added under the log's own name.
    let added = |note: &str, seed: u8| {
        let checkpoint = Checkpoint::of_note(&Note::parse(note.as_bytes()).unwrap()).unwrap();
        let other = checkpoint.sign(&signer(seed)).unwrap().encode();
        let line = other.lines().last().unwrap();
        format!("{note}{line}\n")
    };
    let parts = BundleParts {
        checkpoint: added(std::str::from_utf8(&made.parts.checkpoint).unwrap(), 2).into_bytes(),
        ..made.parts.clone()
    };
    let refused = failure(&parts, &made);
    assert_eq!(
        (refused.place.as_str(), refused.problem),
        ("checkpoint.txt", Problem::SecondKey)
    );
    let held = Note::parse(added(&made.earlier.encode(), 2).as_bytes()).unwrap();
    let refused = verify(&made.zip(), &Trust::Checkpoint(held)).unwrap_err();
    assert_eq!(
        (refused.place.as_str(), refused.problem),
        ("the checkpoint that you named", Problem::SecondKey)
    );
}
