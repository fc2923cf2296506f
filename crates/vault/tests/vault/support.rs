//! Folders, a counted random source, places that fail, and a vault over them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ledger::{
    ActorId, Checker, ClinicId, EntryRef, Grant, Issuer, Purpose, Receipt, UnitId, Units,
    UnixMicros, receipts,
};
use uuid::Uuid;
use vault::{
    Applied, FolderPlace, KeyName, KeyPlace, KeyStore, Listed, PlaceError, Random, RootKey,
    SealedRecord, Slot, Vault, VaultError, VaultParts,
};

pub(crate) const CLINIC: ClinicId =
    ClinicId(Uuid::from_u128(0x0195e3a0_7c1d_7000_8000_00000000c11c));
pub(crate) const OTHER_CLINIC: ClinicId =
    ClinicId(Uuid::from_u128(0x0195e3a0_7c1d_7000_8000_00000000c11d));
pub(crate) const UNIT: UnitId = UnitId(Uuid::from_u128(0x0195e3a0_7c1d_7000_8000_000000000417));
pub(crate) const OTHER_UNIT: UnitId =
    UnitId(Uuid::from_u128(0x0195e3a0_7c1d_7000_8000_000000000418));
pub(crate) const NOW: UnixMicros = UnixMicros(1_795_332_185_000_000);
pub(crate) const ROW: &[u8] =
    b"\x01\x95\xe3\xa0\x7c\x1d\x70\x00\x80\x00\x00\x00\x00\x00\x04\x17\x00\x00\x00\x07";
pub(crate) const SLOT: Slot<'static> = Slot {
    table: "session_event",
    row: ROW,
    column: "body",
    schema: 1,
};
pub(crate) const VALUE: &[u8] = b"{\"systolic_mmhg\":128}";

/// 00, 01, … ff, 00, … in one run: every draw is another, and anybody can follow it.
#[derive(Default)]
pub(crate) struct Counted(Mutex<u64>);

impl Random for Counted {
    fn fill(&self, out: &mut [u8]) {
        let mut next = self.0.lock().unwrap();
        for byte in out {
            *byte = next.to_le_bytes()[0];
            *next += 1;
        }
    }
}

/// Never the same bytes twice: SHA-256 over a counter. For tests that make many keys.
#[derive(Default)]
pub(crate) struct Seeded(AtomicU64);

impl Random for Seeded {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let block = ledger::sha256(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

/// A folder that goes with the test. In memory where there is such a place: the tests sync thousands of times.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() {
            memory
        } else {
            Path::new(env!("CARGO_TARGET_TMPDIR"))
        };
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = base.join(format!("vault-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Two key places and a tombstone file in a folder; what is built on them may come and go like a process.
pub(crate) struct House {
    pub(crate) folder: Folder,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) required: usize,
}

pub(crate) struct Running {
    pub(crate) vault: Vault,
    pub(crate) issuer: Issuer,
}

impl House {
    pub(crate) fn new() -> House {
        House {
            folder: Folder::new(),
            random: Arc::new(Seeded::default()),
            required: 2,
        }
    }

    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.folder.path(name)
    }

    pub(crate) fn tombstones(&self) -> PathBuf {
        self.folder.path("anchors").join("tombstones")
    }

    pub(crate) fn root(&self) -> RootKey {
        let path = self.folder.path("root.key");
        match path.exists() {
            true => RootKey::load(&path).unwrap(),
            false => RootKey::create(&path, self.random.as_ref()).unwrap(),
        }
    }

    pub(crate) fn folder_places(&self) -> Vec<Box<dyn KeyPlace>> {
        vec![
            Box::new(FolderPlace::new(self.place("a"))),
            Box::new(FolderPlace::new(self.place("b"))),
        ]
    }

    pub(crate) fn store(&self, places: Vec<Box<dyn KeyPlace>>) -> Result<KeyStore, VaultError> {
        KeyStore::open(places, &self.tombstones(), self.required)
    }

    pub(crate) fn start_with(&self, places: Vec<Box<dyn KeyPlace>>) -> Result<Running, VaultError> {
        let root = self.root();
        let (issuer, checker): (Issuer, Checker) = receipts();
        let parts = VaultParts {
            root,
            store: self.store(places)?,
            checker,
            random: Arc::clone(&self.random),
            clinic_key_cache_s: 60,
        };
        Ok(Running {
            vault: Vault::new(parts)?,
            issuer,
        })
    }

    pub(crate) fn start(&self) -> Running {
        self.start_with(self.folder_places()).unwrap()
    }

    /// Files below both places whose name holds `text`.
    pub(crate) fn files_with(&self, text: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for place in ["a", "b"] {
            walk(&self.place(place), &mut found);
        }
        found.retain(|path| path.to_string_lossy().contains(text));
        found
    }
}

pub(crate) fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => walk(&path, found),
            false => found.push(path),
        }
    }
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    let mut files = Vec::new();
    walk(from, &mut files);
    for file in files {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(file, target).unwrap();
    }
}

pub(crate) fn grant(units: Units) -> Grant {
    Grant {
        clinic: CLINIC,
        actor: ActorId(Uuid::from_u128(7)),
        entry: EntryRef {
            generation: 1,
            index: 3,
        },
        purpose: Purpose::literal("treatment"),
        units,
        expires: UnixMicros(NOW.0 + 60_000_000),
    }
}

impl Running {
    /// A vault with a clinic, one unit, and one sealed value.
    pub(crate) fn with_unit(self) -> (Running, SealedRecord) {
        self.vault.clinic_create(CLINIC).unwrap();
        let record = self.unit_with_value(UNIT);
        (self, record)
    }

    pub(crate) fn unit_with_value(&self, unit: UnitId) -> SealedRecord {
        self.vault.unit_create(CLINIC, unit, NOW).unwrap();
        self.vault
            .unit_sealer(CLINIC, unit, NOW)
            .unwrap()
            .seal(&SLOT, VALUE)
            .unwrap()
    }

    pub(crate) fn receipt(&self) -> Receipt {
        self.issuer
            .issue(grant(Units::Some(BTreeSet::from([UNIT, OTHER_UNIT]))))
    }

    pub(crate) fn clinic_receipt(&self) -> Receipt {
        self.issuer.issue(grant(Units::Clinic))
    }

    /// Opens and compares; the error if it does not open.
    pub(crate) fn opens(&self, unit: UnitId, record: &SealedRecord) -> Result<(), VaultError> {
        let receipt = self.clinic_receipt();
        let unlocked = self.vault.unlock(&receipt, unit, NOW)?;
        let opened = unlocked.open_committed(&SLOT, &record.sealed, &record.commitment)?;
        assert_eq!(opened.bytes(), VALUE);
        Ok(())
    }
}

/// What happens at the chosen operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails; the ones after it work.
    Refused,
    /// It is done, but reported as failed; the ones after it work.
    DoneButRefused,
    /// It fails, and nothing works after it: the machine is gone.
    Crash,
    /// It is done, and nothing works after it.
    DoneThenCrash,
}

pub(crate) const FAULTS: [Fault; 4] = [
    Fault::Refused,
    Fault::DoneButRefused,
    Fault::Crash,
    Fault::DoneThenCrash,
];

/// One countdown for all places of a store, so that the n-th operation is the n-th of the whole.
pub(crate) struct Plan {
    left: AtomicI64,
    crashed: AtomicBool,
    fault: Fault,
}

impl Plan {
    /// The operation of that number fails, counted from 1 and from now on.
    pub(crate) fn new(number: i64, fault: Fault) -> Arc<Plan> {
        Arc::new(Plan {
            left: AtomicI64::new(number),
            crashed: AtomicBool::new(false),
            fault,
        })
    }

    pub(crate) fn reached(&self) -> bool {
        self.left.load(Ordering::Relaxed) <= 0
    }

    fn run<T>(&self, work: impl FnOnce() -> Result<T, PlaceError>) -> Result<T, PlaceError> {
        let failure = || Err(PlaceError::Io(std::io::Error::other("made to fail")));
        if self.crashed.load(Ordering::Relaxed) {
            return failure();
        }
        if self.left.fetch_sub(1, Ordering::Relaxed) != 1 {
            return work();
        }
        self.crashed.store(
            matches!(self.fault, Fault::Crash | Fault::DoneThenCrash),
            Ordering::Relaxed,
        );
        if matches!(self.fault, Fault::DoneButRefused | Fault::DoneThenCrash) {
            work()?;
        }
        failure()
    }
}

/// A place whose operations fail as planned. While there is no plan they work.
pub(crate) struct Faulty {
    inner: FolderPlace,
    plan: Arc<Mutex<Option<Arc<Plan>>>>,
}

impl Faulty {
    pub(crate) fn place(path: PathBuf, plan: &Arc<Mutex<Option<Arc<Plan>>>>) -> Box<dyn KeyPlace> {
        Box::new(Faulty {
            inner: FolderPlace::new(path),
            plan: Arc::clone(plan),
        })
    }

    fn run<T>(
        &self,
        work: impl FnOnce(&FolderPlace) -> Result<T, PlaceError>,
    ) -> Result<T, PlaceError> {
        let plan = self.plan.lock().unwrap().clone();
        match plan {
            Some(plan) => plan.run(|| work(&self.inner)),
            None => work(&self.inner),
        }
    }
}

impl KeyPlace for Faulty {
    fn name(&self) -> &str {
        self.inner.name()
    }
    fn applied(&self) -> Result<Applied, PlaceError> {
        self.run(|place| place.applied())
    }
    fn applied_set(&self, applied: &Applied) -> Result<(), PlaceError> {
        self.run(|place| place.applied_set(applied))
    }
    fn create(&self) -> Result<(), PlaceError> {
        self.run(|place| place.create())
    }
    fn put(&self, clinic: ClinicId, name: KeyName, bytes: &[u8]) -> Result<(), PlaceError> {
        self.run(|place| place.put(clinic, name, bytes))
    }
    fn get(&self, clinic: ClinicId, name: KeyName) -> Result<Option<Vec<u8>>, PlaceError> {
        self.run(|place| place.get(clinic, name))
    }
    fn remove(&self, clinic: ClinicId, name: KeyName) -> Result<(), PlaceError> {
        self.run(|place| place.remove(clinic, name))
    }
    fn version_remove(&self, clinic: ClinicId, version: u32) -> Result<(), PlaceError> {
        self.run(|place| place.version_remove(clinic, version))
    }
    fn clinics(&self) -> Result<Vec<ClinicId>, PlaceError> {
        self.run(|place| place.clinics())
    }
    fn versions(&self, clinic: ClinicId) -> Result<Vec<u32>, PlaceError> {
        self.run(|place| place.versions(clinic))
    }
    fn list(&self, clinic: ClinicId, version: u32) -> Result<Vec<Listed>, PlaceError> {
        self.run(|place| place.list(clinic, version))
    }
}
