//! Puts the parts of the application together: database, keys, clock, ledger.

use std::sync::Arc;

use anyhow::Context as _;
use app::clock::{Clock, HeldClock, SystemClock};
use app::{App, Parts, demo};
use ledger::{DeploymentId, Mode, Origin, Signer as _, VerifierKey};
use store::{Place, Store};
use vault::{AnchoredSigner, PinCost, PinHasher, Random, SystemRandom, Vault, VaultParts};

use super::keys::{self, Missing};
use crate::config::{Config, Database};
use crate::files;

/// The application, and what runs beside it.
pub(crate) struct Application {
    pub(crate) app: Arc<App>,
    pub(crate) vault: Arc<Vault>,
}

/// Opens keys and database and puts the application together. A demo is made when its database is new.
///
/// # Errors
/// A part cannot be opened; the sentence says which and what to do.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Application> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let (mode, missing) = match config.demo {
        true => (Mode::Demo, Missing::Make),
        false => (Mode::Live, Missing::Refuse),
    };
    let opened = keys::open(config, missing, random.as_ref())?;
    let (issuer, checker) = ledger::receipts();
    let store = Store::new(
        &place(&config.database),
        config.database.connections_max as usize,
        issuer,
    )?;
    let cost = PinCost {
        memory_kib: config.pins.kib,
        passes: config.pins.passes,
        lanes: config.pins.lanes,
    };
    let pins = PinHasher::new(&opened.root, Arc::clone(&random), cost)?;
    let (clock, held) = clock(&store, mode).await?;
    let mut id = [0; 16];
    random.fill(&mut id);
    let id_if_new = uuid::Builder::from_random_bytes(id).into_uuid();
    let deployment = app::deployment_open(&store, id_if_new, clock.as_ref(), mode)
        .await
        .map_err(|error| anyhow::anyhow!("The database cannot be used: {error}. See that it runs, and that it is the one that belongs to these keys."))?;
    public_key_write(config, deployment, mode, opened.log_key.public_key())?;
    let vault = Arc::new(Vault::new(VaultParts {
        root: opened.root,
        store: opened.store,
        checker,
        random: Arc::clone(&random),
        clinic_key_cache_s: config.keys.clinic_key_cache_s,
    })?);
    let signer = AnchoredSigner::new(opened.anchor, opened.log_key);
    let parts = Parts {
        store,
        vault: Arc::clone(&vault),
        pins,
        signer,
        random,
        clock,
        held,
        deployment,
        mode,
    };
    let app = App::new(parts)
        .map_err(|error| anyhow::anyhow!("The application cannot be put together: {error}"))?;
    Ok(Application {
        app: Arc::new(app),
        vault,
    })
}

/// Where the database is, as the store takes it.
pub(crate) fn place(database: &Database) -> Place {
    Place {
        socket_dir: database.socket_dir.clone(),
        port: database.port,
        database: database.name.clone(),
    }
}

/// The machine's clock; in a demo one that is held where it was held last.
async fn clock(
    store: &Store,
    mode: Mode,
) -> anyhow::Result<(Arc<dyn Clock>, Option<Arc<HeldClock>>)> {
    match mode {
        Mode::Live => Ok((Arc::new(SystemClock), None)),
        Mode::Demo => {
            let at = store
                .demo_clock()
                .await
                .context("The database cannot be read; see that it runs: `clerestory up --no-play` starts it")?;
            let held = Arc::new(HeldClock::new(at.unwrap_or_else(demo::clock_start)));
            Ok((Arc::clone(&held) as Arc<dyn Clock>, Some(held)))
        }
    }
}

/// The log's public key, for whoever verifies a bundle: printed, handed out, kept by the clinic.
fn public_key_write(
    config: &Config,
    deployment: DeploymentId,
    mode: Mode,
    public: [u8; 32],
) -> anyhow::Result<()> {
    let Some(file) = &config.public_key_file else {
        return Ok(());
    };
    let origin = Origin {
        deployment,
        mode,
        generation: 1,
    };
    let key = VerifierKey::new(&origin.to_string(), public)?;
    files::replace(file, format!("{key}\n").as_bytes(), 0o644, None)
}
