//! The anchor and the signer above it.

use std::fs;

use ledger::{Checkpoint, DeploymentId, HeadLeaf, MemoryTree, Mode, Origin};
use uuid::Uuid;
use vault::{
    AnchorError, Anchored, AnchoredSigner, Extension, FolderAnchor, HEADS_KEPT, LogKey, SignRefused,
};

use crate::support::{CLINIC, House};

pub(crate) const ORIGIN: Origin = Origin {
    deployment: DeploymentId(Uuid::from_u128(5)),
    mode: Mode::Live,
    generation: 1,
};

pub(crate) struct Log {
    pub(crate) house: House,
    pub(crate) tree: MemoryTree,
}

impl Log {
    pub(crate) fn new() -> Log {
        let house = House::new();
        FolderAnchor::create(&house.folder.path("anchor"))
            .map(drop)
            .unwrap();
        LogKey::create(
            &house.folder.path("log.key"),
            &house.root(),
            house.random.as_ref(),
        )
        .map(drop)
        .unwrap();
        Log {
            house,
            tree: tree(10, 0),
        }
    }

    pub(crate) fn signer(&self) -> AnchoredSigner {
        let anchor = FolderAnchor::open(&self.house.folder.path("anchor")).unwrap();
        AnchoredSigner::new(
            anchor,
            LogKey::load(&self.house.folder.path("log.key"), &self.house.root()).unwrap(),
        )
    }

    pub(crate) fn begun(&self) -> (AnchoredSigner, Anchored) {
        let signer = self.signer();
        let first = signer
            .sign_next(&at(&self.tree, 3), Extension::First, &heads(1))
            .unwrap();
        (signer, first)
    }

    pub(crate) fn next(&self, signer: &AnchoredSigner, size: u64) -> Result<Anchored, SignRefused> {
        let last = signer.last().unwrap().unwrap().checkpoint.size;
        let path = self.tree.consistency(last.min(size), size).unwrap();
        signer.sign_next(&at(&self.tree, size), Extension::From(&path), &heads(size))
    }

    pub(crate) fn notes(&self) -> usize {
        let entries = fs::read_dir(self.house.folder.path("anchor")).unwrap();
        entries
            .filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .path()
                    .extension()
                    .is_some_and(|kind| kind == "note")
            })
            .count()
    }
}

/// A tree whose leaves from `fork` on are others.
fn tree(size: u64, fork: u64) -> MemoryTree {
    let leaf = |index: u64| {
        ledger::leaf_hash(&[index.to_be_bytes(), u64::from(index >= fork).to_be_bytes()].concat())
    };
    MemoryTree::of((0..size).map(leaf)).unwrap()
}

pub(crate) fn at(tree: &MemoryTree, size: u64) -> Checkpoint {
    Checkpoint {
        origin: ORIGIN,
        size,
        root: tree.root_at(size).unwrap(),
    }
}

pub(crate) fn heads(size: u64) -> Vec<HeadLeaf> {
    vec![HeadLeaf {
        clinic: CLINIC,
        generation: 1,
        size,
        root: [7; 32],
    }]
}

#[test]
fn a_log_grows_anchor_by_anchor() {
    let log = Log::new();
    let signer = log.signer();
    assert_eq!(signer.last().unwrap(), None);
    assert_eq!(signer.heads_last().unwrap(), None);
    let (signer, first) = log.begun();
    assert_eq!(first.number, 1);
    for size in 4..=10 {
        let anchored = log.next(&signer, size).unwrap();
        assert_eq!(
            (anchored.number, anchored.checkpoint.size),
            (size - 2, size)
        );
        assert_eq!(signer.last().unwrap(), Some(anchored.clone()));
        assert_eq!(signer.heads_last().unwrap(), Some(heads(size)));
        let (read, _) =
            Checkpoint::open(anchored.note.encode().as_bytes(), signer.public_key()).unwrap();
        assert_eq!(read, anchored.checkpoint);
    }
    assert_eq!(
        log.signer().last().unwrap().unwrap().number,
        8,
        "another process reads the same"
    );
}

#[test]
fn the_same_checkpoint_again_is_not_signed_again() {
    let log = Log::new();
    let (signer, first) = log.begun();
    assert_eq!(
        signer
            .sign_next(&at(&log.tree, 3), Extension::First, &heads(3))
            .unwrap(),
        first
    );
    assert_eq!(log.next(&signer, 3).unwrap(), first);
    assert_eq!(log.notes(), 1);
}

#[test]
fn a_smaller_tree_is_refused() {
    let log = Log::new();
    let (signer, _) = log.begun();
    let refused = log.next(&signer, 2).unwrap_err();
    assert!(
        matches!(
            refused,
            SignRefused::Smaller {
                anchored: 3,
                asked: 2
            }
        ),
        "{refused}"
    );
    assert_eq!(log.notes(), 1);
}

#[test]
fn another_root_at_the_same_size_is_refused() {
    let log = Log::new();
    let (signer, _) = log.begun();
    let forked = at(&tree(3, 2), 3);
    let refused = signer
        .sign_next(&forked, Extension::From(&[]), &[])
        .unwrap_err();
    assert!(
        matches!(refused, SignRefused::Forked { size: 3 }),
        "{refused}"
    );
}

#[test]
fn a_larger_tree_that_forked_is_refused_whatever_its_proof() {
    let log = Log::new();
    let (signer, _) = log.begun();
    let forked = tree(8, 2);
    let own = forked.consistency(3, 8).unwrap();
    let true_path = log.tree.consistency(3, 8).unwrap();
    for path in [
        &own[..],
        &true_path,
        &[],
        &own[1..],
        &[own.clone(), own.clone()].concat(),
    ] {
        let refused = signer
            .sign_next(&at(&forked, 8), Extension::From(path), &[])
            .unwrap_err();
        assert!(
            matches!(refused, SignRefused::NotAnExtension(_)),
            "{refused}"
        );
    }
    let bent = [&true_path[1..], &true_path[..1]].concat();
    let refused = signer
        .sign_next(&at(&log.tree, 8), Extension::From(&bent), &[])
        .unwrap_err();
    assert!(
        matches!(refused, SignRefused::NotAnExtension(_)),
        "{refused}"
    );
    log.next(&signer, 8).unwrap();
}

#[test]
fn a_second_beginning_is_refused() {
    let log = Log::new();
    let (signer, _) = log.begun();
    let refused = signer
        .sign_next(&at(&log.tree, 5), Extension::First, &[])
        .unwrap_err();
    assert!(
        matches!(refused, SignRefused::AlreadyBegun { number: 1, size: 3 }),
        "{refused}"
    );
}

#[test]
fn an_extension_of_nothing_is_refused() {
    let log = Log::new();
    let refused = log
        .signer()
        .sign_next(&at(&log.tree, 5), Extension::From(&[]), &[])
        .unwrap_err();
    assert!(matches!(refused, SignRefused::NothingAnchored), "{refused}");
}

#[test]
fn another_log_is_refused() {
    let log = Log::new();
    let (signer, _) = log.begun();
    let path = log.tree.consistency(3, 5).unwrap();
    let demo = Origin {
        mode: Mode::Demo,
        ..ORIGIN
    };
    let elsewhere = Origin {
        deployment: DeploymentId(Uuid::from_u128(6)),
        ..ORIGIN
    };
    for origin in [demo, elsewhere] {
        let checkpoint = Checkpoint {
            origin,
            ..at(&log.tree, 5)
        };
        let refused = signer
            .sign_next(&checkpoint, Extension::From(&path), &[])
            .unwrap_err();
        assert!(matches!(refused, SignRefused::OtherLog { .. }), "{refused}");
    }
    let next = Checkpoint {
        origin: Origin {
            generation: 2,
            ..ORIGIN
        },
        ..at(&log.tree, 5)
    };
    let refused = signer
        .sign_next(&next, Extension::From(&path), &[])
        .unwrap_err();
    assert!(
        matches!(
            refused,
            SignRefused::OtherGeneration {
                anchored: 1,
                asked: 2
            }
        ),
        "{refused}"
    );
}

#[test]
fn an_anchor_that_was_touched_stops_the_signer() {
    let log = Log::new();
    let (signer, _) = log.begun();
    let path = log.house.folder.path("anchor").join("0000000001.note");
    let sound = fs::read_to_string(&path).unwrap();
    let other_key = LogKey::create(
        &log.house.folder.path("x.key"),
        &log.house.root(),
        log.house.random.as_ref(),
    )
    .unwrap();
    let forged = at(&log.tree, 2).sign(&other_key).unwrap().encode();
    for bent in [
        sound.replacen("\n3\n", "\n2\n", 1),
        String::new(),
        sound[..60].into(),
        forged,
        "x".repeat(9_000),
    ] {
        fs::write(&path, bent).unwrap();
        let refused = log.signer().last().unwrap_err();
        assert!(
            matches!(
                refused,
                SignRefused::Foreign { number: 1, .. } | SignRefused::Anchor(_)
            ),
            "{refused}"
        );
        assert!(
            signer
                .sign_next(&at(&log.tree, 5), Extension::From(&[]), &[])
                .is_err()
        );
    }
    fs::remove_file(&path).unwrap();
    let refused = signer.last().unwrap_err();
    assert!(
        matches!(refused, SignRefused::Anchor(AnchorError::Damaged { .. })),
        "{refused}"
    );
    fs::write(&path, sound).unwrap();
    log.next(&signer, 5).unwrap();
}

#[test]
fn a_damaged_or_removed_anchor_is_no_passing_fault() {
    let log = Log::new();
    let (signer, _) = log.begun();
    let path = log.house.folder.path("anchor").join("0000000001.note");
    let sound = fs::read(&path).unwrap();
    let refused = || {
        let refused = signer.last().unwrap_err();
        assert!(!refused.is_passing(), "{refused}");
        refused
    };
    for bent in [&b""[..], &sound[..60], &b"x".repeat(9_000)] {
        fs::write(&path, bent).unwrap();
        refused();
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(
        refused(),
        SignRefused::Anchor(AnchorError::Damaged { .. })
    ));
    fs::create_dir(&path).unwrap();
    refused();
    fs::remove_dir(&path).unwrap();
    fs::write(&path, sound).unwrap();
    assert!(!log.next(&signer, 2).unwrap_err().is_passing(), "smaller");
    log.next(&signer, 5).unwrap();
}

#[test]
fn a_race_or_a_disk_that_is_away_passes() {
    let disk = AnchorError::Disk {
        what: "read",
        path: "0000000001.note".into(),
        source: std::io::Error::from(std::io::ErrorKind::TimedOut),
    };
    for error in [disk, AnchorError::Taken { number: 7 }] {
        let refused = SignRefused::from(error);
        assert!(refused.is_passing(), "{refused}");
    }
}

#[test]
fn of_two_signers_one_wins_each_number() {
    let log = Log::new();
    log.begun();
    let size_at = |log: &Log| log.signer().last().unwrap().unwrap().checkpoint.size;
    let wins: Vec<u64> = std::thread::scope(|scope| {
        let race = || {
            let signer = log.signer();
            let mut wins = Vec::new();
            while size_at(&log) < 10 {
                let size = signer.last().unwrap().unwrap().checkpoint.size;
                if size == 10 {
                    break;
                }
                let path = log.tree.consistency(size, size + 1).unwrap();
                match signer.sign_next(
                    &at(&log.tree, size + 1),
                    Extension::From(&path),
                    &heads(size + 1),
                ) {
                    Ok(anchored) => wins.push(anchored.number),
                    Err(
                        SignRefused::Raced { .. }
                        | SignRefused::Smaller { .. }
                        | SignRefused::Forked { .. },
                    ) => {}
                    Err(SignRefused::NotAnExtension(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
            wins
        };
        let threads = [scope.spawn(race), scope.spawn(race), scope.spawn(race)];
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(log.notes(), 8, "numbers 1 to 8 for sizes 3 to 10");
    assert!(wins.len() >= 7, "{wins:?}");
    assert_eq!(log.signer().heads_last().unwrap(), Some(heads(10)));
}

#[test]
fn a_taken_number_is_not_replaced() {
    let log = Log::new();
    let (one, _) = log.begun();
    let anchor = FolderAnchor::open(&log.house.folder.path("anchor")).unwrap();
    log.next(&one, 4).unwrap();
    let error = anchor.append(1, b"late", &[]).unwrap_err();
    assert!(matches!(error, AnchorError::Taken { number: 2 }), "{error}");
    assert_eq!(
        anchor.heads(2).unwrap(),
        Some(heads(4)),
        "nor are its heads"
    );
    assert!(matches!(
        anchor.append(7, b"gap", &[]),
        Err(AnchorError::Damaged { .. })
    ));
}

#[test]
fn only_the_last_heads_are_kept_and_all_notes() {
    let log = Log::new();
    let anchor = FolderAnchor::open(&log.house.folder.path("anchor")).unwrap();
    for number in 0..20 {
        anchor.append(number, b"note", &heads(number)).unwrap();
    }
    let kept: Vec<u64> = (1..=20)
        .filter(|number| anchor.heads(*number).unwrap().is_some())
        .collect();
    assert_eq!(kept, (21 - HEADS_KEPT..=20).collect::<Vec<_>>());
    assert_eq!(log.notes(), 20);
    // What a crash left is swept when the anchor is opened.
    let folder = log.house.folder.path("anchor");
    fs::write(folder.join("0000000003.heads"), b"left").unwrap();
    FolderAnchor::open(&folder).map(drop).unwrap();
    assert!(!folder.join("0000000003.heads").exists());
}

#[test]
fn altered_heads_are_noticed() {
    let log = Log::new();
    let (signer, _) = log.begun();
    let path = log.house.folder.path("anchor").join("0000000001.heads");
    let sound = fs::read(&path).unwrap();
    for at in 0..sound.len() {
        let mut bent = sound.clone();
        bent[at] ^= 1;
        fs::write(&path, bent).unwrap();
        assert!(signer.heads_last().is_err(), "byte {at}");
    }
    fs::write(&path, &sound[..sound.len() - 61]).unwrap();
    assert!(signer.heads_last().is_err());
    // Gone, they are not taken for none.
    fs::remove_file(&path).unwrap();
    assert!(matches!(signer.heads_last(), Err(SignRefused::HeadsGone)));
}

#[test]
fn a_crash_between_heads_and_note_is_written_over() {
    let log = Log::new();
    let (signer, _) = log.begun();
    let folder = log.house.folder.path("anchor");
    fs::write(folder.join("0000000002.heads"), b"half").unwrap();
    fs::write(folder.join("0000000002.note.tmp"), b"half").unwrap();
    assert_eq!(signer.heads_last().unwrap(), Some(heads(1)));
    assert_eq!(log.next(&signer, 4).unwrap().number, 2);
    assert_eq!(signer.heads_last().unwrap(), Some(heads(4)));
    assert!(!folder.join("0000000002.note.tmp").exists());
}

#[test]
fn an_anchor_is_made_once_and_never_by_opening() {
    let log = Log::new();
    let folder = log.house.folder.path("anchor");
    assert!(FolderAnchor::create(&folder).is_err());
    assert!(FolderAnchor::open(&log.house.folder.path("elsewhere")).is_err());
    assert!(!log.house.folder.path("elsewhere").exists());
    fs::write(folder.join("anchor"), b"something else").unwrap();
    let refused = FolderAnchor::open(&folder).err().unwrap();
    assert!(
        matches!(refused, AnchorError::Damaged { .. })
            && refused.to_string().contains("; put it back from a copy"),
        "{refused}"
    );
}
