//! Bundles that somebody made whole, with a log of their own or as the clinic's own server.

use ledger::bundle::{BundleError, BundleParts, Problem, Trust, verify, verify_parts};
use ledger::{Checkpoint, EntryRef, JSON_DEPTH_MAX, Note, Signer};
use uuid::Uuid;

use crate::bundle::failure;
use crate::fixture::{Made, Plan, SESSION, made, signer};
use crate::forger::extended;

fn problem(plan: Plan) -> Problem {
    let made = plan.make();
    failure(&made.parts, &made).problem
}

#[test]
fn a_forger_with_a_log_and_key_of_their_own_is_found_out() {
    let (made, forged) = (
        made(),
        Plan {
            seed: 2,
            ..Plan::default()
        }
        .make(),
    );
    verify(&forged.zip(), &Trust::Key(forged.key.clone())).expect("it is whole in itself");
    let by_key = verify(&forged.zip(), &Trust::Key(made.key.clone())).unwrap_err();
    assert_eq!(by_key.place, "checkpoint.txt");
    assert_eq!(by_key.problem, Problem::OtherKey);
    assert!(
        !verify(&forged.zip(), &Trust::None)
            .unwrap()
            .is_origin_proved()
    );

    // The same, with the true key in the place of theirs.
    let mut proof = forged.proof.clone();
    proof.key = made.key.clone();
    let parts = BundleParts {
        proof_json: proof.to_json().unwrap(),
        ..forged.parts.clone()
    };
    assert!(matches!(
        failure(&parts, &made).problem,
        Problem::Checkpoint(_)
    ));
    // And with the true checkpoint as well.
    let parts = BundleParts {
        checkpoint: made.parts.checkpoint.clone(),
        ..parts
    };
    let different = Plan {
        seed: 2,
        clinic: 77,
        ..Plan::default()
    }
    .make();
    let mut proof = different.proof.clone();
    proof.key = made.key.clone();
    proof.extends.clear();
    let parts = BundleParts {
        proof_json: proof.to_json().unwrap(),
        record_json: different.parts.record_json.clone(),
        ..parts
    };
    assert!(matches!(failure(&parts, &made).problem, Problem::Proof(_)));
}

#[test]
fn a_second_history_under_the_logs_own_key_contradicts_a_checkpoint_that_was_kept() {
    let made = made();
    let stolen = Plan {
        clinic: 77,
        ..Plan::default()
    }
    .make();
    let kept = |made: &Made| Trust::Checkpoint(Note::parse(&made.parts.checkpoint).unwrap());
    let refused = verify(&made.zip(), &kept(&stolen)).unwrap_err();
    assert_eq!(refused.problem, Problem::Contradiction);

    let foreign = Plan {
        seed: 2,
        clinic: 77,
        ..Plan::default()
    }
    .make();
    let refused = verify(&made.zip(), &kept(&foreign)).unwrap_err();
    assert_eq!(refused.problem, Problem::HeldKey);
}

#[test]
fn a_forger_who_extends_the_true_tree_under_a_key_of_their_own_is_found_out() {
    let made = made();
    let forged = extended(&made);
    // Every root, path and size of it is right, and it is under the same origin: all but the key.
    let whole = verify(&forged.zip(), &Trust::Key(forged.key.clone())).unwrap();
    assert_eq!((whole.events, whole.checkpoint.size), (4, 5));
    assert_eq!(forged.key.name(), made.key.name());

    let last = Note::parse(&made.parts.checkpoint).unwrap();
    for held in [&made.earlier, &last] {
        let refused = verify(&forged.zip(), &Trust::Checkpoint(held.clone())).unwrap_err();
        assert_eq!(refused.place, "the checkpoint that you named");
        assert_eq!(refused.problem, Problem::HeldKey);
        assert!(refused.to_string().contains("not signed by the key"));
    }
    let by_key = verify(&forged.zip(), &Trust::Key(made.key.clone())).unwrap_err();
    assert_eq!(by_key.problem, Problem::OtherKey);
    let without = verify(&forged.zip(), &Trust::None).unwrap();
    assert!(!without.is_origin_proved());
}

#[test]
fn the_very_checkpoint_that_was_kept_signed_again_by_a_forger_is_found_out() {
    let made = made();
    let kept = Note::parse(&made.parts.checkpoint).unwrap();
    let checkpoint = Checkpoint::of_note(&kept).unwrap();
    let forger = signer(2);
    let mut proof = made.proof.clone();
    proof.key = checkpoint.origin.key(forger.public_key()).unwrap();
    let parts = BundleParts {
        proof_json: proof.to_json().unwrap(),
        checkpoint: checkpoint.sign(&forger).unwrap().encode().into_bytes(),
        ..made.parts.clone()
    };
    let refused = verify_parts(&parts, &Trust::Checkpoint(kept)).unwrap_err();
    assert_eq!(refused.problem, Problem::HeldKey);
}

#[test]
fn a_server_cannot_leave_out_double_or_reorder_events() {
    let seqs = |seqs: &[u32], named| Plan {
        seqs: seqs.to_vec(),
        events_named: named,
        ..Plan::default()
    };
    assert_eq!(problem(seqs(&[0, 2], 2)), Problem::Event { expected: 1 });
    assert_eq!(problem(seqs(&[1, 2], 2)), Problem::Event { expected: 0 });
    assert_eq!(
        problem(seqs(&[0, 1], 3)),
        Problem::Events {
            found: 2,
            exported: 3
        }
    );
    assert_eq!(
        problem(seqs(&[0, 1, 2], 2)),
        Problem::Events {
            found: 3,
            exported: 2
        }
    );
    assert_eq!(problem(seqs(&[1, 0, 2], 3)), Problem::EntryOrder);
}

#[test]
fn a_row_twice_cannot_even_be_written() {
    let mut record = made().record;
    record.records.push(record.records[0].clone());
    assert_eq!(record.to_json(), Err(BundleError::Repeated));
}

#[test]
fn the_export_is_about_this_session_and_patient() {
    let subjects = |subjects: &[Uuid]| Plan {
        subjects: subjects.to_vec(),
        ..Plan::default()
    };
    assert_eq!(problem(subjects(&[SESSION])), Problem::OtherSubject);
    assert_eq!(
        problem(subjects(&[SESSION, Uuid::nil()])),
        Problem::OtherSubject
    );
    assert_eq!(
        problem(subjects(&[crate::fixture::PATIENT_ID])),
        Problem::OtherSubject
    );
}

#[test]
fn nothing_else_of_the_log_is_shown() {
    assert_eq!(
        problem(Plan {
            with_stranger: true,
            ..Plan::default()
        }),
        Problem::Unused
    );
}

#[test]
fn an_entry_of_another_kind_is_no_export() {
    let made = made();
    let mut proof = made.proof.clone();
    proof.exported = EntryRef {
        generation: 1,
        index: 2,
    };
    let parts = BundleParts {
        proof_json: proof.to_json().unwrap(),
        ..made.parts.clone()
    };
    // The entry is there, of another kind; and records come after it.
    assert_eq!(
        failure(&parts, &made).problem,
        Problem::OtherKind("exported".to_owned())
    );
}

#[test]
fn a_name_cannot_write_over_the_report() {
    let name = "Mara\u{1b}[2J\r\n\u{202e}Quillfeather\u{200b}".to_owned();
    let made = Plan {
        person_name: name,
        ..Plan::default()
    }
    .make();
    let report = verify(&made.zip(), &Trust::Key(made.key)).unwrap();
    assert_eq!(
        report.persons[0].name.as_deref(),
        Some("Mara[2JQuillfeather")
    );
}

#[test]
fn a_person_without_a_record_is_named_by_number() {
    // A server that exports without the person's record: true, and said plainly.
    let plan = Plan {
        person_name: String::new(),
        ..Plan::default()
    };
    let made = plan.make();
    let report = verify(&made.zip(), &Trust::Key(made.key)).unwrap();
    assert!(
        report
            .to_string()
            .contains("a person whose name is not in the bundle")
    );
}

#[test]
fn json_is_bounded_and_strict() {
    let made = made();
    let with = |record_json: Vec<u8>| {
        failure(
            &BundleParts {
                record_json,
                ..made.parts.clone()
            },
            &made,
        )
    };
    let text = String::from_utf8(made.parts.record_json.clone()).unwrap();
    let deep = "[".repeat(JSON_DEPTH_MAX + 1);
    let many = format!("[{}0]", "0,".repeat(300_000));
    let cases = [
        (deep, "nested deeper"),
        (many, "more than"),
        (String::new(), "not JSON"),
        ("[]".to_owned(), "must be an object"),
        ("{}".to_owned(), "format is missing"),
        (
            text.replacen("clerestory-record-1", "clerestory-record-2", 1),
            "later version",
        ),
        (text.replacen("\"demo\"", "\"dem\"", 1), "not known"),
        (
            text.replacen("\"demo\":false", "\"demo\":0", 1),
            "true or false",
        ),
        (
            text.replacen("\"records\":[", "\"records\":[{},", 1),
            "record 1: table is missing",
        ),
        (text.replacen("0a", "0A", 1), "hex"),
        (
            text.replacen("\"index\":0", "\"index\":-1", 1),
            "must be a number",
        ),
        (
            text.replacen("\"index\":0", "\"index\":0.5", 1),
            "no integer",
        ),
        (
            text.replacen("\"generation\":1", "\"generation\":4294967296", 1),
            "a generation",
        ),
    ];
    for (bent, expected) in cases {
        assert_ne!(bent, text, "{expected}");
        let found = with(bent.into_bytes()).to_string();
        assert!(found.contains(expected), "{found}\nhas not: {expected}");
    }
    let twice = text.replacen("{\"clinic\"", "{\"clinic\":\"x\",\"clinic\"", 1);
    assert!(with(twice.into_bytes()).to_string().contains("canonical"));
}
