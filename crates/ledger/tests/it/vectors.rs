//! The vectors in `docs/formats/vectors`: what is made here must equal what is checked in. If a format
//! was changed by mistake, this fails; the fresh file then lies in the target folder to be looked at.

use std::path::PathBuf;

use ledger::{
    Actor, ActorClass, ActorId, Checkpoint, ClinicId, DeploymentId, Entry, EntryRef, EpochClosed,
    Exported, FileRef, Frontier, GenerationOpened, Hash, HeadLeaf, Kind, Leaf, MemoryTree, Mode,
    Name, Origin, Purpose, REASON_TAG, RECORD_TAG, RecordDigests, Signer, UnitId, UnixMicros,
    canonical, commit, empty_root, hex, leaf_hash, node_hash, sha256,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::fixture::{made, signer};
use crate::forger::extended;

const SIZE_MAX: u64 = 1_000;

fn compare(name: &str, fresh: &[u8]) {
    compare_by(name, fresh, |kept| kept == fresh);
}

/// Compared as values: the order of members in the file is nobody's business.
fn compare_json(name: &str, fresh: &Value) {
    let text = format!("{}\n", serde_json::to_string_pretty(fresh).unwrap());
    let is_same = |kept: &[u8]| serde_json::from_slice::<Value>(kept).is_ok_and(|it| it == *fresh);
    compare_by(name, text.as_bytes(), is_same);
}

fn compare_by(name: &str, fresh: &[u8], is_same: impl Fn(&[u8]) -> bool) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats/vectors");
    if !is_same(&std::fs::read(folder.join(name)).unwrap_or_default()) {
        let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&kept, fresh).unwrap();
        panic!(
            "docs/formats/vectors/{name} is not what the code makes: see {}",
            kept.display()
        );
    }
}

fn tree() -> MemoryTree {
    MemoryTree::of((0..SIZE_MAX).map(|index| leaf_hash(&index.to_be_bytes()))).unwrap()
}

fn hexes(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| hex(hash)).collect()
}

#[test]
fn roots() {
    let tree = tree();
    let roots = (0..=SIZE_MAX)
        .map(|size| hex(&tree.root_at(size).unwrap()))
        .collect::<Vec<_>>();
    compare_json(
        "roots.json",
        &json!({
            "about": "RFC 6962 roots with SHA-256; leaf i is i as 8 bytes, big-endian; roots[n] is of n leaves",
            "roots": roots,
        }),
    );
}

#[test]
fn proofs() {
    let tree = tree();
    let sizes = || {
        (1..=20_u64).chain([
            31, 32, 33, 100, 127, 128, 129, 255, 500, 512, 777, 999, 1_000,
        ])
    };
    let (mut inclusion, mut consistency) = (Vec::new(), Vec::new());
    for size in sizes() {
        let stride = if size <= 20 {
            1
        } else {
            usize::try_from(size / 5).unwrap()
        };
        for index in (0..size - 1).step_by(stride).chain([size - 1]) {
            let path = hexes(&tree.inclusion(index, size).unwrap());
            inclusion.push(json!({ "index": index, "size": size, "path": path }));
            let (old, path) = (
                index + 1,
                hexes(&tree.consistency(index + 1, size).unwrap()),
            );
            consistency.push(json!({ "old": old, "new": size, "path": path }));
        }
    }
    compare_json(
        "proofs.json",
        &json!({
            "about": "paths in the trees of roots.json",
            "inclusion": inclusion,
            "consistency": consistency,
        }),
    );
}

#[test]
fn rows() {
    let mut frontier = Frontier::empty();
    let rows = (0..16_u64).map(|index| {
        let nodes = frontier.append(leaf_hash(&index.to_be_bytes())).unwrap();
        json!({ "leaf": index, "nodes": hexes(&nodes), "frontier": hexes(frontier.hashes()) })
    });
    let rows: Vec<Value> = rows.collect();
    compare_json(
        "rows.json",
        &json!({
            "about": "for each leaf of the tree of roots.json: the nodes that it completes, and the frontier after it",
            "rows": rows,
        }),
    );
}

fn full_entry() -> Entry {
    let actor = Actor {
        class: ActorClass::Person,
        id: ActorId(Uuid::from_u128(0x03)),
    };
    let at = UnixMicros(1_795_332_185_000_000);
    let mut entry = Entry::new(Kind::literal("vitals.recorded"), at, actor);
    entry.sign_in = Some(Uuid::from_u128(0x04));
    entry.request = Some(Uuid::from_u128(0x05));
    entry.units = [UnitId(Uuid::from_u128(0x61)), UnitId(Uuid::from_u128(0x62))].into();
    entry.purpose = Some(Purpose::literal("treatment"));
    entry.expires = Some(UnixMicros(1_795_333_085_000_000));
    entry.under = Some(EntryRef {
        generation: 1,
        index: 9,
    });
    let key = ledger::bundle::session_event_key(Uuid::from_u128(0x0a), 7);
    entry.records.insert(
        key,
        RecordDigests {
            commitment: [0xa1; 32],
            ciphertext: [0xa2; 32],
        },
    );
    entry.reason = Some([0x0b; 32]);
    entry.files.insert(
        Name::literal("record.pdf"),
        FileRef {
            length: 1_000,
            sha256: [0x0c; 32],
        },
    );
    entry.subjects.insert(Uuid::from_u128(0x0d));
    entry.numbers.insert(Name::literal("events"), 23);
    entry.hashes.insert(Name::literal("heads"), [0x0f; 32]);
    entry
}

fn entry_vector(about: &str, entry: &Entry) -> Value {
    let body = entry.encode().unwrap();
    let clinic = ClinicId(Uuid::from_u128(0x01));
    let leaf = Leaf {
        clinic,
        entry: EntryRef {
            generation: 1,
            index: 17,
        },
        body: &body,
    };
    json!({ "about": about, "body": hex(&body), "leaf": hex(&leaf.encode()), "hash": hex(&leaf.hash()) })
}

fn entries() -> Vec<Value> {
    let at = UnixMicros(1_795_332_185_000_000);
    let small = Entry::new(Kind::literal("opened"), at, Actor::SYSTEM);
    let epoch = EpochClosed {
        epoch: 2,
        clinics: 5,
        heads: [0x11; 32],
    };
    let generation = GenerationOpened {
        previous: 1,
        found_size: 100,
        found_root: [0x21; 32],
        anchored_generation: 1,
        anchored_size: 104,
        anchored_root: [0x22; 32],
    };
    let exported = Exported {
        session: Uuid::from_u128(0x31),
        patient: Uuid::from_u128(0x32),
        events: 23,
        record_json: FileRef {
            length: 4_096,
            sha256: [0x33; 32],
        },
        record_pdf: FileRef {
            length: 8_192,
            sha256: [0x34; 32],
        },
    };
    let person = Actor::person(ActorId(Uuid::from_u128(0x03)));
    vec![
        entry_vector("no more than every entry has", &small),
        entry_vector("every field", &full_entry()),
        entry_vector("epoch.closed", &epoch.entry(at)),
        entry_vector("generation.opened", &generation.entry(at, Actor::SYSTEM)),
        entry_vector("exported", &exported.entry(at, person)),
    ]
}

fn checkpoints() -> Value {
    let deployment = DeploymentId(Uuid::from_u128(0x0192_aaaa));
    let origin = Origin {
        deployment,
        mode: Mode::Demo,
        generation: 1,
    };
    let checkpoint = Checkpoint {
        origin,
        size: 1_000,
        root: tree().root(),
    };
    let signer = signer(1);
    json!({
        "seed": hex(&[1; 32]),
        "public_key": hex(&signer.public_key()),
        "vkey": origin.key(signer.public_key()).unwrap().to_string(),
        "text": checkpoint.text(),
        "note": checkpoint.sign(&signer).unwrap().encode(),
    })
}

#[test]
fn entries_leaves_commitments_and_notes() {
    let head = HeadLeaf {
        clinic: ClinicId(Uuid::from_u128(0x01)),
        generation: 1,
        size: 1_000,
        root: tree().root(),
    };
    let body = json!({ "pulse": 72, "kind": "vitals", "note": "“steady”\n" });
    let plaintext = canonical(&body).unwrap();
    let salt = [0x5a; 32];
    compare_json(
        "ledger.json",
        &json!({
            "sha256_of_nothing": hex(&sha256(b"")),
            "empty_root": hex(&empty_root()),
            "node_hash": {
                "left": hex(&[1; 32]), "right": hex(&[2; 32]),
                "hash": hex(&node_hash(&[1; 32], &[2; 32])),
            },
            "leaves_of": "clinic 00000000-0000-0000-0000-000000000001, generation 1, index 17",
            "entries": entries(),
            "head": { "leaf": hex(&head.encode()), "hash": hex(&head.hash()) },
            "commitment": {
                "salt": hex(&salt),
                "plaintext": String::from_utf8(plaintext.clone()).unwrap(),
                "record": hex(&commit(RECORD_TAG, &salt, &plaintext)),
                "reason": hex(&commit(REASON_TAG, &salt, &plaintext)),
            },
            "checkpoint": checkpoints(),
        }),
    );
}

#[test]
fn bundle() {
    let made = made();
    compare("bundle.zip", &made.zip());
    compare("bundle.key", format!("{}\n", made.key).as_bytes());
    compare("bundle.earlier.txt", made.earlier.encode().as_bytes());
    compare("bundle.forged.zip", &extended(&made).zip());
}

/// The pages quote vectors; a quotation that is no longer true fails here.
#[test]
fn the_pages_quote_what_the_code_makes() {
    let page = include_str!("../../../../docs/formats/ledger.md");
    let small = &entries()[0];
    let checkpoint = checkpoints();
    let quoted = [
        small["body"].as_str(),
        small["leaf"].as_str(),
        small["hash"].as_str(),
        checkpoint["vkey"].as_str(),
        checkpoint["note"].as_str(),
    ];
    for quoted in quoted.into_iter().flatten() {
        assert!(
            page.contains(quoted),
            "docs/formats/ledger.md lacks:\n{quoted}"
        );
    }
    let page = include_str!("../../../../docs/formats/bundle.md");
    let (bundle, forged) = (made().zip(), extended(&made()).zip());
    for (name, bytes) in [("bundle.zip", &bundle), ("bundle.forged.zip", &forged)] {
        let quoted = format!(
            "{} bytes and the SHA-256 `{}`",
            bytes.len(),
            hex(&sha256(bytes))
        );
        assert!(
            page.contains(&quoted),
            "docs/formats/bundle.md, {name}: {quoted}"
        );
    }
    let readme = &bundle[40..40 + u32::from_le_bytes(bundle[22..26].try_into().unwrap()) as usize];
    assert!(
        page.contains(&hex(&sha256(readme))),
        "docs/formats/bundle.md: README.txt's digest"
    );
}
