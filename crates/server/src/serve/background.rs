//! What runs beside the requests: epochs, key places, forgotten keys, totals of failed sign-ins.

use std::sync::Arc;
use std::time::Duration;

use app::App;
use tokio::task::JoinSet;
use vault::KeyStore;

use super::application::Application;

/// How often the clinics' heads are anchored. An export closes an epoch of its own, and does not wait for this.
const EPOCH_EVERY: Duration = Duration::from_secs(5);
/// How often places that were away are filled, and clinic keys and sessions that have been kept long enough forgotten.
const TEND_EVERY: Duration = Duration::from_secs(60);
/// How often finished hours of failed sign-ins are entered in the log.
const FAILED_TOTALS_EVERY: Duration = Duration::from_secs(300);
/// How often units whose receipts have run out are destroyed.
const DESTROY_EVERY: Duration = Duration::from_secs(30);
/// How often keys without a row, and restored rows without a key, are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);
/// How long a key may lie without a row: far longer than the request that made it.
const ORPHAN_AGE: Duration = Duration::from_secs(24 * 3_600);

/// Starts it; it ends when the set is dropped.
pub(crate) fn start(application: &Application) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let app = Arc::clone(&application.app);
    tasks.spawn(async move {
        let mut failing = false;
        loop {
            match app.epoch_tick().await {
                Ok(()) => failing = said(failing, false, "epochs are anchored again"),
                Err(error) => {
                    // Once, when it begins: it is tried again every few seconds.
                    if !std::mem::replace(&mut failing, true) {
                        tracing::error!(%error, "an epoch could not be anchored");
                    }
                }
            }
            tokio::time::sleep(EPOCH_EVERY).await;
        }
    });
    let (app, vault) = (Arc::clone(&application.app), Arc::clone(&application.vault));
    tasks.spawn(async move {
        loop {
            vault.cache_expire(ledger::UnixMicros(app.now().as_microsecond()));
            app.held_sessions_expire();
            let tended = Arc::clone(&vault);
            if tokio::task::spawn_blocking(move || tend(tended.store()))
                .await
                .is_err()
            {
                tracing::error!("looking after the key places ended early");
            }
            tokio::time::sleep(TEND_EVERY).await;
        }
    });
    let app = Arc::clone(&application.app);
    tasks.spawn(async move {
        loop {
            destroy(&app).await;
            tokio::time::sleep(DESTROY_EVERY).await;
        }
    });
    let app = Arc::clone(&application.app);
    tasks.spawn(async move {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            sweep(&app).await;
        }
    });
    let app = Arc::clone(&application.app);
    tasks.spawn(async move {
        loop {
            failed_totals(&app).await;
            tokio::time::sleep(FAILED_TOTALS_EVERY).await;
        }
    });
    tasks
}

/// Enters the hours of failed sign-ins as they finish.
async fn failed_totals(app: &App) {
    if let Err(error) = app.failed_totals_tick().await {
        tracing::error!(%error, "the hours of failed sign-ins could not be entered in the log");
    }
}

async fn destroy(app: &App) {
    match app.destructions_tick().await {
        Ok(destroyed) if destroyed != app::Destroyed::default() => tracing::info!(
            units = destroyed.units,
            awaited = destroyed.awaited,
            "units were destroyed"
        ),
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "units that are due could not be destroyed"),
    }
}

async fn sweep(app: &App) {
    match app.sweep(machine_time_before(ORPHAN_AGE)).await {
        Ok(swept) if swept != app::Swept::default() => tracing::info!(
            orphans = swept.orphans,
            revenants = swept.revenants,
            "keys without rows and rows without keys were cleared away"
        ),
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "keys without rows could not be looked for"),
    }
}

/// By the machine's clock, as the key places have it; never a demo's.
fn machine_time_before(age: Duration) -> ledger::UnixMicros {
    let now = app::clock::Clock::now(&app::clock::SystemClock);
    let age = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
    ledger::UnixMicros(now.as_microsecond().saturating_sub(age))
}

fn said(was_failing: bool, is_failing: bool, sentence: &str) -> bool {
    if was_failing && !is_failing {
        tracing::info!("{sentence}");
    }
    is_failing
}

fn tend(store: &KeyStore) {
    let tended = match store.tend() {
        Ok(tended) => tended,
        Err(error) => {
            tracing::error!(%error, "the key places could not be looked after");
            return;
        }
    };
    if !tended.created.is_empty() {
        tracing::warn!(places = ?tended.created, "a key place was gone and is made anew: is its disk mounted?");
    }
    if !tended.returned.is_empty() {
        tracing::info!(places = ?tended.returned, "a key place is back");
    }
    if tended.copied > 0 {
        tracing::info!(
            copies = tended.copied,
            "key places that lacked keys are filled"
        );
    }
    if !tended.unhealed.is_empty() {
        tracing::error!(
            keys = tended.unhealed.len(),
            "keys could not be copied to a place: every copy is damaged"
        );
    }
    if store.places_ready() < store.places() {
        tracing::warn!(
            ready = store.places_ready(),
            places = store.places(),
            "a key place is away"
        );
    }
}
