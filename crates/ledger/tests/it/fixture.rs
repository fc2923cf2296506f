//! A small log with one session in it, and the bundle of that session; each test bends one thing.

use std::collections::BTreeSet;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use ledger::bundle::{
    BundleParts, CLINIC_PROFILE, EntryProof, EpochProof, Extension, HeadProof, PATIENT, PERSON,
    Proof, Record, RecordPart, TreeProof, session_event_key,
};
use ledger::{
    Actor, ActorId, Checkpoint, ClinicId, DeploymentId, Entry, EntryRef, EpochClosed, Exported,
    FileRef, GenerationOpened, HeadLeaf, Kind, Leaf, MemoryTree, Mode, Note, Origin, RECORD_TAG,
    RecordDigests, RecordKey, SignError, Signature, Signer, UnixMicros, VerifierKey, canonical,
    commit, heads_tree, sha256,
};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const SESSION: Uuid = Uuid::from_u128(0x5e55_1001);
pub(crate) const PATIENT_ID: Uuid = Uuid::from_u128(0xa11c_e001);
pub(crate) const PERSON_ID: Uuid = Uuid::from_u128(0xbe55_0001);
pub(crate) const NAME: &str = "Mara Quillfeather";

pub(crate) struct TestSigner(Ed25519KeyPair);

/// A signer whose seed is 32 times that byte.
pub(crate) fn signer(seed: u8) -> TestSigner {
    TestSigner(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
}

impl Signer for TestSigner {
    fn public_key(&self) -> [u8; 32] {
        self.0.public_key().as_ref().try_into().unwrap()
    }

    fn sign(&self, note_body: &[u8]) -> Result<Signature, SignError> {
        Ok(self.0.sign(note_body).as_ref().try_into().unwrap())
    }
}

/// What kind of bundle to make. The default is a true one.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) seed: u8,
    pub(crate) mode: Mode,
    pub(crate) clinic: u128,
    /// A restore lies after the first event: the generation in which the log goes on.
    pub(crate) second_generation: Option<u32>,
    pub(crate) person_name: String,
    /// Number that the events' rows have, in the order of their entries.
    pub(crate) seqs: Vec<u32>,
    pub(crate) events_named: u64,
    pub(crate) subjects: Vec<Uuid>,
    /// An entry that nothing refers to goes into the proof.
    pub(crate) with_stranger: bool,
    /// The next generation names this root for the one before.
    pub(crate) found_root: Option<[u8; 32]>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            seed: 1,
            mode: Mode::Live,
            clinic: 0xc11_01c,
            second_generation: None,
            person_name: NAME.to_owned(),
            seqs: vec![0, 1, 2],
            events_named: 3,
            subjects: vec![SESSION, PATIENT_ID],
            with_stranger: false,
            found_root: None,
        }
    }
}

pub(crate) struct Made {
    pub(crate) parts: BundleParts,
    pub(crate) record: Record,
    pub(crate) proof: Proof,
    pub(crate) key: VerifierKey,
    /// A checkpoint that the clinic was given before.
    pub(crate) earlier: Note,
}

impl Made {
    pub(crate) fn zip(&self) -> Vec<u8> {
        self.parts.to_zip().unwrap()
    }
}

pub(crate) fn made() -> Made {
    Plan::default().make()
}

struct Log {
    clinic: ClinicId,
    generation: u32,
    tree: MemoryTree,
    leaves: Vec<Vec<u8>>,
}

impl Log {
    fn new(clinic: ClinicId, generation: u32) -> Self {
        Self {
            clinic,
            generation,
            tree: MemoryTree::default(),
            leaves: Vec::new(),
        }
    }

    fn append(&mut self, entry: &Entry) -> EntryRef {
        let at = EntryRef {
            generation: self.generation,
            index: self.tree.size(),
        };
        let body = entry.encode().unwrap();
        let leaf = Leaf {
            clinic: self.clinic,
            entry: at,
            body: &body,
        };
        self.tree.append(leaf.hash()).unwrap();
        self.leaves.push(leaf.encode());
        at
    }

    fn leaf(&self, index: u64) -> Vec<u8> {
        self.leaves[usize::try_from(index).unwrap()].clone()
    }

    fn proof(&self, used: &BTreeSet<EntryRef>) -> TreeProof {
        let size = self.tree.size();
        let ours = used
            .iter()
            .filter(|entry| entry.generation == self.generation);
        let entries = ours.map(|entry| EntryProof {
            index: entry.index,
            leaf: self.leaf(entry.index),
            path: self.tree.inclusion(entry.index, size).unwrap(),
        });
        TreeProof {
            generation: self.generation,
            size,
            root: self.tree.root(),
            entries: entries.collect(),
        }
    }
}

pub(crate) fn time(second: i64) -> UnixMicros {
    UnixMicros(1_795_332_000_000_000 + second * 1_000_000)
}

fn entry(kind: &str, second: i64) -> Entry {
    let actor = Actor::person(ActorId(PERSON_ID));
    Entry::new(Kind::new(kind).unwrap(), time(second), actor)
}

/// Writes the rows under one entry.
fn write(log: &mut Log, mut entry: Entry, rows: Vec<(RecordKey, Value)>) -> Vec<RecordPart> {
    let mut parts = Vec::new();
    for (key, body) in rows {
        let salt = sha256(key.row());
        let commitment = commit(RECORD_TAG, &salt, &canonical(&body).unwrap());
        let digests = RecordDigests {
            commitment,
            ciphertext: sha256(&commitment),
        };
        entry.records.insert(key.clone(), digests);
        let nowhere = EntryRef {
            generation: 0,
            index: 0,
        };
        parts.push(RecordPart {
            key,
            entry: nowhere,
            salt,
            body,
        });
    }
    let at = log.append(&entry);
    parts
        .into_iter()
        .map(|part| RecordPart { entry: at, ..part })
        .collect()
}

impl Plan {
    fn clinic(&self) -> ClinicId {
        ClinicId(Uuid::from_u128(self.clinic))
    }

    pub(crate) fn make(&self) -> Made {
        let mut logs = vec![Log::new(self.clinic(), 1)];
        let mut records = self.write_people(&mut logs[0]);
        records.extend(self.write_events(&mut logs));
        let origin = Origin {
            deployment: DeploymentId(Uuid::from_u128(0xde9107)),
            mode: self.mode,
            generation: 1,
        };
        let record = Record {
            mode: self.mode,
            deployment: origin.deployment,
            clinic: self.clinic(),
            session: SESSION,
            records,
        };
        self.export(record, logs, origin)
    }

    fn write_people(&self, log: &mut Log) -> Vec<RecordPart> {
        let clinic = (
            RecordKey::of_id(CLINIC_PROFILE, self.clinic().0),
            json!({ "name": "Clinic at the Weir" }),
        );
        let person = (
            RecordKey::of_id(PERSON, PERSON_ID),
            json!({ "name": self.person_name, "role": "prescriber" }),
        );
        let patient = (
            RecordKey::of_id(PATIENT, PATIENT_ID),
            json!({ "name": "Ansel Thimblewick" }),
        );
        let mut records = write(log, entry("clinic.created", 0), vec![clinic]);
        records.extend(write(
            log,
            entry("patient.registered", 1),
            vec![person, patient],
        ));
        records
    }

    fn write_events(&self, logs: &mut Vec<Log>) -> Vec<RecordPart> {
        let body =
            |seq: u32| json!({ "kind": "vitals", "systolic": 120 + seq, "note": "steady, “well”" });
        let mut records = Vec::new();
        for (index, seq) in self.seqs.iter().enumerate() {
            if let (1, Some(generation)) = (index, self.second_generation) {
                logs.push(self.open_generation(&logs[0], generation));
            }
            let log = logs.last_mut().unwrap();
            let second = 60 + i64::try_from(index).unwrap();
            let row = (session_event_key(SESSION, *seq), body(*seq));
            records.extend(write(log, entry("session.recorded", second), vec![row]));
            log.append(&entry("opened", second));
        }
        records
    }

    fn open_generation(&self, before: &Log, generation: u32) -> Log {
        let mut log = Log::new(self.clinic(), generation);
        let opened = GenerationOpened {
            previous: 1,
            found_size: before.tree.size(),
            found_root: self.found_root.unwrap_or(before.tree.root()),
            anchored_generation: generation - 1,
            anchored_size: before.tree.size() + 4,
            anchored_root: [9; 32],
        };
        log.append(&opened.entry(time(59), Actor::SYSTEM));
        log
    }

    fn export(&self, record: Record, mut logs: Vec<Log>, origin: Origin) -> Made {
        let record_json = record.to_json().unwrap();
        let record_pdf = b"%PDF-1.7 made up".to_vec();
        let last = logs.last_mut().unwrap();
        let stranger = last.append(&entry("opened", 119));
        let mut exported = Exported {
            session: SESSION,
            patient: PATIENT_ID,
            events: self.events_named,
            record_json: FileRef::of(&record_json),
            record_pdf: FileRef::of(&record_pdf),
        }
        .entry(time(120), Actor::person(ActorId(PERSON_ID)));
        exported.subjects = self.subjects.iter().copied().collect();
        let exported = last.append(&exported);

        let mut used: BTreeSet<EntryRef> = record.records.iter().map(|part| part.entry).collect();
        used.insert(exported);
        if self.with_stranger {
            used.insert(stranger);
        }
        used.extend(self.second_generation.map(|generation| EntryRef {
            generation,
            index: 0,
        }));
        let head = HeadLeaf {
            clinic: self.clinic(),
            generation: logs.last().unwrap().generation,
            size: logs.last().unwrap().tree.size(),
            root: logs.last().unwrap().tree.root(),
        };
        let trees = logs.iter().map(|log| log.proof(&used)).collect();
        self.anchor(record, (record_json, record_pdf), head, origin, |key| {
            Proof {
                key,
                exported,
                trees,
                head: HeadProof {
                    ordinal: 0,
                    path: Vec::new(),
                },
                epoch: EpochProof {
                    index: 0,
                    leaf: Vec::new(),
                    path: Vec::new(),
                },
                extends: Vec::new(),
            }
        })
    }

    /// Epochs in the platform's tree, the checkpoint over them, and the rest of the proof.
    fn anchor(
        &self,
        record: Record,
        (record_json, record_pdf): (Vec<u8>, Vec<u8>),
        head: HeadLeaf,
        origin: Origin,
        proof: impl FnOnce(VerifierKey) -> Proof,
    ) -> Made {
        let signer = signer(self.seed);
        let other = |ordinal: u128| HeadLeaf {
            clinic: ClinicId(Uuid::from_u128(ordinal)),
            ..head
        };
        let heads = heads_tree(&[other(1), other(2), head, other(3), other(4)]).unwrap();
        let mut platform = Log::new(ClinicId::PLATFORM, origin.generation);
        platform.append(&Entry::new(
            Kind::literal("deployment.created"),
            time(-9),
            Actor::SYSTEM,
        ));
        let epoch = |epoch, heads| EpochClosed {
            epoch,
            clinics: 5,
            heads,
        };
        platform.append(&epoch(1, [1; 32]).entry(time(10)));
        let earlier = Checkpoint {
            origin,
            size: 2,
            root: platform.tree.root(),
        };
        let earlier = earlier.sign(&signer).unwrap();
        let index = platform
            .append(&epoch(2, heads.root()).entry(time(125)))
            .index;
        platform.append(&epoch(3, [3; 32]).entry(time(130)));
        let size = platform.tree.size();
        let checkpoint = Checkpoint {
            origin,
            size,
            root: platform.tree.root(),
        };

        let mut proof = proof(origin.key(signer.public_key()).unwrap());
        proof.head = HeadProof {
            ordinal: 2,
            path: heads.inclusion(2, 5).unwrap(),
        };
        let path = platform.tree.inclusion(index, size).unwrap();
        proof.epoch = EpochProof {
            index,
            leaf: platform.leaf(index),
            path,
        };
        proof.extends = vec![Extension {
            size: 2,
            root: platform.tree.root_at(2).unwrap(),
            path: platform.tree.consistency(2, size).unwrap(),
        }];
        let parts = BundleParts {
            record_json,
            record_pdf,
            proof_json: proof.to_json().unwrap(),
            checkpoint: checkpoint.sign(&signer).unwrap().encode().into_bytes(),
        };
        Made {
            parts,
            record,
            key: proof.key.clone(),
            proof,
            earlier,
        }
    }
}
