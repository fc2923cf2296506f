//! A new generation after entries were lost.

use ledger::{
    Actor, Checkpoint, ClinicId, EntryRef, GenerationOpened, Leaf, MemoryTree, Mode, Origin,
};
use vault::{Anchored, Extension, Recovery, SignRefused};

use crate::anchor::{Log, ORIGIN, at, heads};
use crate::support::{CLINIC, NOW};

/// A second generation's tree whose first leaf says `opened`, and that leaf.
fn generation(
    opened: &GenerationOpened,
    clinic: ClinicId,
    entry: EntryRef,
) -> (MemoryTree, Vec<u8>) {
    let body = opened.entry(NOW, Actor::SYSTEM).encode().unwrap();
    let leaf = Leaf {
        clinic,
        entry,
        body: &body,
    }
    .encode();
    let rest = (0..4_u64).map(|index| ledger::leaf_hash(&index.to_be_bytes()));
    (
        MemoryTree::of(std::iter::once(ledger::leaf_hash(&leaf)).chain(rest)).unwrap(),
        leaf,
    )
}

const SECOND: EntryRef = EntryRef {
    generation: 2,
    index: 0,
};

fn says(anchored: &Checkpoint) -> GenerationOpened {
    GenerationOpened {
        previous: 1,
        found_size: 2,
        found_root: [9; 32],
        anchored_generation: anchored.origin.generation,
        anchored_size: anchored.size,
        anchored_root: anchored.root,
    }
}

#[test]
fn a_new_generation_follows_from_what_was_anchored() {
    let log = Log::new();
    let (signer, first) = log.begun();
    let (tree, leaf) = generation(&says(&first.checkpoint), ClinicId::PLATFORM, SECOND);
    let origin = Origin {
        generation: 2,
        ..ORIGIN
    };
    let checkpoint = Checkpoint {
        origin,
        size: 4,
        root: tree.root_at(4).unwrap(),
    };
    let inclusion = tree.inclusion(0, 4).unwrap();
    let recovery = Recovery {
        checkpoint,
        first_leaf: &leaf,
        inclusion: &inclusion,
        heads: &heads(1),
    };
    let recovered = signer.recover(&recovery).unwrap();
    assert_eq!((recovered.number, recovered.checkpoint), (2, checkpoint));
    assert_eq!(
        signer.recover(&recovery).unwrap(),
        recovered,
        "asked again, it is the same"
    );
    assert_eq!(log.notes(), 2);
    let next = Checkpoint {
        origin,
        size: 5,
        root: tree.root_at(5).unwrap(),
    };
    let path = tree.consistency(4, 5).unwrap();
    assert_eq!(
        signer
            .sign_next(&next, Extension::From(&path), &[])
            .unwrap()
            .number,
        3
    );
    let refused = log.next(&signer, 10).unwrap_err();
    assert!(
        matches!(
            refused,
            SignRefused::OtherGeneration {
                anchored: 2,
                asked: 1
            }
        ),
        "the old one is over: {refused}"
    );
}

#[test]
fn a_new_generation_that_does_not_name_the_anchor_is_refused() {
    let log = Log::new();
    let (signer, first) = log.begun();
    let sound = says(&first.checkpoint);
    let wrong = [
        GenerationOpened {
            anchored_size: 2,
            ..sound
        },
        GenerationOpened {
            anchored_root: [1; 32],
            ..sound
        },
        GenerationOpened {
            anchored_generation: 2,
            ..sound
        },
        GenerationOpened {
            previous: 2,
            ..sound
        },
    ];
    let origin = Origin {
        generation: 2,
        ..ORIGIN
    };
    let attempt = |opened: &GenerationOpened, clinic, entry, origin, index| {
        let (tree, leaf) = generation(opened, clinic, entry);
        let checkpoint = Checkpoint {
            origin,
            size: 4,
            root: tree.root_at(4).unwrap(),
        };
        let inclusion = tree.inclusion(index, 4).unwrap();
        signer.recover(&Recovery {
            checkpoint,
            first_leaf: &leaf,
            inclusion: &inclusion,
            heads: &[],
        })
    };
    let refused = |result: Result<Anchored, SignRefused>| match result {
        Err(SignRefused::NotARecovery(why)) => assert!(!why.is_empty()),
        other => panic!("{other:?}"),
    };
    for opened in &wrong {
        refused(attempt(opened, ClinicId::PLATFORM, SECOND, origin, 0));
    }
    refused(attempt(&sound, CLINIC, SECOND, origin, 0));
    refused(attempt(
        &sound,
        ClinicId::PLATFORM,
        EntryRef {
            generation: 2,
            index: 1,
        },
        origin,
        0,
    ));
    refused(attempt(
        &sound,
        ClinicId::PLATFORM,
        EntryRef {
            generation: 3,
            index: 0,
        },
        origin,
        0,
    ));
    refused(attempt(&sound, ClinicId::PLATFORM, SECOND, origin, 1));
    let third = Origin {
        generation: 3,
        ..ORIGIN
    };
    let skipped = attempt(
        &sound,
        ClinicId::PLATFORM,
        EntryRef {
            generation: 3,
            index: 0,
        },
        third,
        0,
    );
    assert!(matches!(
        skipped,
        Err(SignRefused::OtherGeneration {
            anchored: 1,
            asked: 3
        })
    ));
    let demo = Origin {
        mode: Mode::Demo,
        ..origin
    };
    assert!(matches!(
        attempt(&sound, ClinicId::PLATFORM, SECOND, demo, 0),
        Err(SignRefused::OtherLog { .. })
    ));
    let plain = Recovery {
        checkpoint: Checkpoint {
            origin,
            ..at(&log.tree, 5)
        },
        first_leaf: b"no leaf",
        inclusion: &[],
        heads: &[],
    };
    refused(signer.recover(&plain));
    assert_eq!(log.notes(), 1, "nothing was signed");
}

#[test]
fn a_second_restore_to_before_the_last_recovery_can_be_recovered_from() {
    let log = Log::new();
    let (signer, first) = log.begun();
    // Each time the same old backup brings back generation 1, whatever was anchored since.
    let mut last = first.checkpoint;
    for generation_next in 2..=4_u32 {
        let origin = Origin {
            generation: generation_next,
            ..ORIGIN
        };
        let entry = EntryRef {
            generation: generation_next,
            index: 0,
        };
        let (tree, leaf) = generation(&says(&last), ClinicId::PLATFORM, entry);
        let checkpoint = Checkpoint {
            origin,
            size: 2,
            root: tree.root_at(2).unwrap(),
        };
        let inclusion = tree.inclusion(0, 2).unwrap();
        let recovered = signer
            .recover(&Recovery {
                checkpoint,
                first_leaf: &leaf,
                inclusion: &inclusion,
                heads: &heads(1),
            })
            .unwrap();
        assert_eq!(recovered.checkpoint, checkpoint);
        let next = Checkpoint {
            origin,
            size: 5,
            root: tree.root_at(5).unwrap(),
        };
        let path = tree.consistency(2, 5).unwrap();
        let signed = signer.sign_next(&next, Extension::From(&path), &[]);
        last = signed.unwrap().checkpoint;
    }
    assert_eq!(log.notes(), 7);
}

#[test]
fn nothing_to_recover_from_is_refused() {
    let log = Log::new();
    let checkpoint = at(&log.tree, 1);
    let recovery = Recovery {
        checkpoint,
        first_leaf: b"",
        inclusion: &[],
        heads: &[],
    };
    assert!(matches!(
        log.signer().recover(&recovery),
        Err(SignRefused::NothingAnchored)
    ));
}
