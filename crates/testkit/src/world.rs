//! The use cases over a test's database, with keys in temporary folders and a clock that the test moves.

use std::path::PathBuf;
use std::sync::Arc;

use app::clock::{Clock, HeldClock};
use app::demo::DemoPerson;
use app::{App, Ctx, Parts, SignInAttempt};
use jiff::{SignedDuration, Timestamp};
use ledger::{ClinicId, DeploymentId, Frontier, Leaf, Mode};
use store::Store;
use uuid::Uuid;
use vault::{
    AnchoredSigner, FolderAnchor, FolderPlace, KeyPlace, KeyStore, LogKey, PinCost, PinHasher,
    Random, RootKey, SystemRandom, Vault, VaultParts,
};

use crate::Database;

/// Cheap enough that tests sign in by the hundred; the product refuses it outside of a demo.
const PIN_COST: PinCost = PinCost {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};

/// An installation for one test.
pub struct World {
    /// The use cases.
    pub app: Arc<App>,
    /// The keys, for tests that take them away.
    pub vault: Arc<Vault>,
    /// The database.
    pub database: Database,
    /// The clock.
    pub clock: Arc<HeldClock>,
    /// Root key, places, anchor.
    pub folder: Folder,
    /// The demo's people, with PINs.
    pub people: Vec<DemoPerson>,
}

impl World {
    /// A seeded demo in a database of its own.
    ///
    /// # Panics
    /// When anything fails.
    pub async fn demo() -> Self {
        Self::demo_in(Database::fresh().await).await
    }

    /// A seeded demo in this database.
    ///
    /// # Panics
    /// When anything fails.
    pub async fn demo_in(database: Database) -> Self {
        let folder = folder_new();
        let clock = Arc::new(HeldClock::new(app::demo::clock_start()));
        let (app, vault) = app_open(&database, &folder, &clock).await;
        let people = app
            .demo_seed()
            .await
            .unwrap()
            .expect("a fresh database is seeded");
        app.epoch_tick().await.unwrap();
        Self {
            app,
            vault,
            database,
            clock,
            folder,
            people,
        }
    }

    /// The same keys and anchor over another database, as after a restore, or over the same one, as after a restart.
    ///
    /// # Panics
    /// When anything fails.
    pub async fn reopened(self, database: Database) -> Self {
        let Self {
            app,
            clock,
            folder,
            people,
            ..
        } = self;
        app.finish().await;
        drop(app);
        let (app, vault) = app_open(&database, &folder, &clock).await;
        Self {
            app,
            vault,
            database,
            clock,
            folder,
            people,
        }
    }

    /// Moves the clock on.
    pub fn pass(&self, time: SignedDuration) -> Timestamp {
        self.clock.hold(self.clock.now() + time)
    }

    /// Signs somebody in by the name they type, and answers with the cookie.
    ///
    /// # Panics
    /// When that fails.
    pub async fn cookie(&self, login: &str) -> String {
        let code = self.app.demo_code().await.unwrap();
        let pin = self
            .people
            .iter()
            .find(|person| person.login == login)
            .unwrap()
            .pin
            .clone();
        let attempt = SignInAttempt {
            code,
            name: login.to_owned(),
            pin,
        };
        self.app
            .sign_in(self.app.id(), attempt)
            .await
            .unwrap()
            .cookie
    }

    /// A request of somebody, signed in anew.
    ///
    /// # Panics
    /// When that fails.
    pub async fn ctx(&self, login: &str) -> Ctx {
        let cookie = self.cookie(login).await;
        self.signed_in(&cookie).await.unwrap()
    }

    /// Whom this cookie signs in now.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn signed_in(&self, cookie: &str) -> Option<Ctx> {
        self.app.authenticate(cookie, self.app.id()).await.unwrap()
    }

    /// Every tree of the database, made anew from its leaves, has the frontier that its head says.
    ///
    /// # Panics
    /// When one has not.
    pub async fn ledger_verifies(&self) {
        self.app.finish().await;
        let client = self.database.superuser().await;
        let heads = client
            .query(
                "SELECT clinic, generation, size, frontier FROM ledger_head",
                &[],
            )
            .await
            .unwrap();
        assert!(!heads.is_empty());
        for head in heads {
            let (clinic, generation): (Uuid, i32) = (head.get(0), head.get(1));
            let leaves = client
                .query(
                    "SELECT index, body FROM ledger_leaf WHERE clinic = $1 AND generation = $2 ORDER BY index",
                    &[&clinic, &generation],
                )
                .await
                .unwrap();
            let mut frontier = Frontier::empty();
            for (number, leaf) in leaves.iter().enumerate() {
                let (index, body): (i64, Vec<u8>) = (leaf.get(0), leaf.get(1));
                assert_eq!(
                    index,
                    i64::try_from(number).unwrap(),
                    "a gap in the tree of {clinic}"
                );
                let decoded = ledger::Entry::decode(&body).unwrap();
                let known = app::EntryKind::of(&decoded.kind);
                assert!(known.is_some(), "{:?} has no words", decoded.kind);
                let entry = ledger::EntryRef {
                    generation: u32::try_from(generation).unwrap(),
                    index: u64::try_from(index).unwrap(),
                };
                let leaf = Leaf {
                    clinic: ClinicId(clinic),
                    entry,
                    body: &body,
                };
                frontier.append(leaf.hash()).unwrap();
            }
            let stored: Vec<Vec<u8>> = head.get(3);
            let derived: Vec<Vec<u8>> =
                frontier.hashes().iter().map(|hash| hash.to_vec()).collect();
            assert_eq!(
                stored, derived,
                "the head of {clinic} is not the root of its leaves"
            );
            assert_eq!(
                head.get::<_, i64>(2),
                i64::try_from(frontier.size()).unwrap()
            );
        }
    }
}

/// A folder that goes with the test.
pub struct Folder(PathBuf);

impl std::ops::Deref for Folder {
    type Target = std::path::Path;

    fn deref(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed = std::fs::remove_dir_all(&self.0);
    }
}

async fn app_open(
    database: &Database,
    folder: &std::path::Path,
    clock: &Arc<HeldClock>,
) -> (Arc<App>, Arc<Vault>) {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let (issuer, checker) = ledger::receipts();
    let store = Store::new(&database.place, 8, issuer).unwrap();
    let root_file = folder.join("root.key");
    let log_file = folder.join("log.key");
    let (root, key) = if root_file.exists() {
        let root = RootKey::load(&root_file).unwrap();
        let key = LogKey::load(&log_file, &root).unwrap();
        (root, key)
    } else {
        let root = RootKey::create(&root_file, &*random).unwrap();
        let key = LogKey::create(&log_file, &root, &*random).unwrap();
        (root, key)
    };
    let anchor_dir = folder.join("anchor");
    let anchor = if anchor_dir.exists() {
        FolderAnchor::open(&anchor_dir).unwrap()
    } else {
        FolderAnchor::create(&anchor_dir).unwrap()
    };
    let places: Vec<Box<dyn KeyPlace>> = vec![
        Box::new(FolderPlace::new(folder.join("keys-a"))),
        Box::new(FolderPlace::new(folder.join("keys-b"))),
    ];
    let keys = KeyStore::open(places, &folder.join("tombstones"), 2).unwrap();
    let pins = PinHasher::new(&root, Arc::clone(&random), PIN_COST).unwrap();
    let vault = Vault::new(VaultParts {
        root,
        store: keys,
        checker,
        random: Arc::clone(&random),
        clinic_key_cache_s: 60,
    })
    .unwrap();
    let vault = Arc::new(vault);
    let deployment: DeploymentId = app::deployment_open(&store, id(&*random), &**clock, Mode::Demo)
        .await
        .unwrap();
    let parts = Parts {
        store,
        vault: Arc::clone(&vault),
        pins,
        signer: AnchoredSigner::new(anchor, key),
        random,
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        held: Some(Arc::clone(clock)),
        deployment,
        mode: Mode::Demo,
    };
    (Arc::new(App::new(parts).unwrap()), vault)
}

fn id(random: &dyn Random) -> Uuid {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

fn folder_new() -> Folder {
    let base = std::path::Path::new("/tmp");
    let process = std::process::id();
    let folder = (0..10_000)
        .map(|number| base.join(format!("clerestory-world-{process}-{number}")))
        .find(|folder| std::fs::create_dir(folder).is_ok())
        .expect("a folder for a test's keys");
    for place in ["keys-a", "keys-b"] {
        std::fs::create_dir(folder.join(place)).unwrap();
    }
    Folder(folder)
}
