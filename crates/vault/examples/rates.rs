//! How fast the vault is on one core: `cargo run --release -p vault --example rates [FOLDER]`.
//!
//! FOLDER (default: the build folder) decides which disk `unit_create` syncs to.

#![expect(clippy::print_stdout, reason = "it prints its figures")]
#![expect(clippy::disallowed_methods, reason = "it measures")]

use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::{ActorId, ClinicId, EntryRef, Grant, Purpose, UnitId, Units, UnixMicros, receipts};
use uuid::Uuid;
use vault::{FolderPlace, KeyStore, RootKey, Slot, SystemRandom, Vault, VaultParts};

const NOW: UnixMicros = UnixMicros(1_795_332_185_000_000);
const RUN: Duration = Duration::from_millis(1_500);
const RECORD_BYTES: usize = 300;
const OPENS: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let base = std::env::args()
        .nth(1)
        .map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let folder = base.join(format!("vault-rates-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = measure(&folder);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn measure(folder: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let (issuer, checker) = receipts();
    let root = RootKey::create(&folder.join("root.key"), &SystemRandom)?;
    let places: Vec<Box<dyn vault::KeyPlace>> = vec![
        Box::new(FolderPlace::new(folder.join("a"))),
        Box::new(FolderPlace::new(folder.join("b"))),
    ];
    let store = KeyStore::open(places, &folder.join("tombstones"), 2)?;
    let vault = Vault::new(VaultParts {
        root,
        store,
        checker,
        random: Arc::new(SystemRandom),
        clinic_key_cache_s: 300,
    })?;
    let clinic = ClinicId(Uuid::from_u128(1));
    let units: Vec<UnitId> = (1..=200)
        .map(|number| UnitId(Uuid::from_u128(number)))
        .collect();
    vault.clinic_create(clinic)?;
    let started = Instant::now();
    for unit in &units {
        vault.unit_create(clinic, *unit, NOW)?;
    }
    println!(
        "unit_create, two places, synced  {:>12.0} /s",
        units.len() as f64 / started.elapsed().as_secs_f64()
    );

    let grant = Grant {
        clinic,
        actor: ActorId(Uuid::from_u128(2)),
        entry: EntryRef {
            generation: 1,
            index: 0,
        },
        purpose: Purpose::literal("treatment"),
        units: Units::Clinic,
        expires: UnixMicros(NOW.0 + 60_000_000),
    };
    let receipt = issuer.issue(grant);
    let slot = Slot {
        table: "session_event",
        row: &[1; 20],
        column: "body",
        schema: 1,
    };
    let value = [b'a'; RECORD_BYTES];
    let mut sealed = Vec::new();
    for unit in &units {
        sealed.push(
            vault
                .unit_sealer(clinic, *unit, NOW)?
                .seal(&slot, &value)?
                .sealed,
        );
    }

    rate("unlock", 1, |number| {
        let at = number % units.len();
        black_box(vault.unlock(&receipt, units[at], NOW).map(drop))
    })?;
    let unlocked = vault.unlock(&receipt, units[0], NOW)?;
    rate(&format!("open, {RECORD_BYTES} bytes"), 1, |_| {
        unlocked.open(&slot, &sealed[0]).map(drop)
    })?;
    let sealer = unlocked.sealer();
    rate(&format!("seal, {RECORD_BYTES} bytes"), 1, |_| {
        sealer.seal(&slot, &value).map(drop)
    })?;
    let name = format!("unlock + {OPENS} opens + seal");
    rate(&name, 1, |number| {
        let at = number % units.len();
        let unlocked = vault.unlock(&receipt, units[at], NOW)?;
        for _ in 0..OPENS {
            black_box(unlocked.open(&slot, &sealed[at])?.bytes());
        }
        unlocked.sealer().seal(&slot, &value).map(drop)
    })?;
    rate("clinic token", 1, |_| {
        vault
            .token(clinic, "name", b"mara quillfeather", NOW)
            .map(drop)
    })?;
    let large = vec![0; 1 << 20];
    rate("AES-256-GCM with commitment, 1 MiB, in MiB", 1, |_| {
        sealer.seal(&slot, &large).map(drop)
    })?;
    Ok(())
}

fn rate<E: Error + 'static>(
    name: &str,
    each: u64,
    mut work: impl FnMut(usize) -> Result<(), E>,
) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let mut done = 0;
    while started.elapsed() < RUN {
        for _ in 0..16 {
            work(done)?;
            done += 1;
        }
    }
    let per_s = done as f64 * each as f64 / started.elapsed().as_secs_f64();
    println!("{name:<44} {per_s:>12.0} /s");
    Ok(())
}
