//! The long-lived server: locks, certificate, application, door.

mod application;
mod background;
pub(crate) mod demo_file;
mod door;
mod idle;
pub(crate) mod keys;

pub(crate) use application::{Application, open as application_open, place};

use std::fs::{File, OpenOptions};
use std::num::NonZeroU32;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use web::WebSettings;

use crate::config::{Config, TlsSource};
use crate::supervise::signals::StopSignals;
use crate::tls::{Certificate, server_config};

/// How long a former server may finish its requests; longer than the drain limit's default.
const FORMER_SERVER_WITHIN: Duration = Duration::from_secs(30);
/// How often the certificate's files are looked at, so that a renewed one is taken without a restart.
const CERTIFICATE_LOOK_EVERY: Duration = Duration::from_secs(30);

/// Serves until a stop signal.
///
/// # Errors
/// A part cannot be started; the sentence says which.
pub(crate) async fn run(config: Config) -> anyhow::Result<()> {
    supervised(&config)?;
    let _lock = lock_take(&config.server_lock).await?;
    let mut signals = StopSignals::listen()?;
    if let TlsSource::Local { dir } = &config.tls {
        folder_make(dir)?;
    }
    let certificate = Certificate::load(&config.tls, now())?;
    let application = application::open(&config).await?;
    if let Some(file) = &config.demo_file {
        demo_file::prepare(&application.app, file, config.demo_load.as_ref()).await?;
    }
    let settings = WebSettings {
        request_timeout: config.limits.request,
        ..WebSettings::default()
    };
    let settings = match config.demo_load {
        // A load test's phones share one address, and are as many as a hundred clinics'.
        Some(_) => WebSettings {
            requests_per_minute: NonZeroU32::MAX,
            requests_burst: NonZeroU32::MAX,
            ..settings
        },
        None => settings,
    };
    let router = web::router(Arc::clone(&application.app), settings);
    let listener = TcpListener::bind(config.listen).await.with_context(|| {
        format!("{} cannot be listened on: another program uses it, or the address is not this machine's", config.listen)
    })?;
    let (stop, stopped) = watch::channel(false);
    let tls = TlsAcceptor::from(Arc::new(server_config(Arc::clone(&certificate))?));
    let mut beside = background::start(&application);
    beside.spawn(certificate_keep(certificate, config.tls));
    tracing::info!(listen = %config.listen, demo = config.demo, "serving");
    let serving = tokio::spawn(door::serve(listener, tls, router, config.limits, stopped));
    signals.next().await;
    tracing::info!("stopping");
    stop.send_replace(true);
    serving.await?;
    beside.shutdown().await;
    application.app.finish().await;
    tracing::info!("stopped");
    Ok(())
}

/// A demo is served only while `up` watches over it: it holds the lock.
fn supervised(config: &Config) -> anyhow::Result<()> {
    let Some(lock) = &config.supervisor_lock else {
        return Ok(());
    };
    let file = File::open(lock).with_context(|| format!("{} cannot be opened", lock.display()))?;
    if file.try_lock_shared().is_ok() {
        bail!(
            "`supervisor_lock` names {}, which no `clerestory up` holds. That setting belongs to `up`: start with `clerestory up`.",
            lock.display()
        );
    }
    Ok(())
}

async fn lock_take(path: &Path) -> anyhow::Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be opened", path.display()))?;
    let taking = async {
        while file.try_lock().is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(FORMER_SERVER_WITHIN, taking)
        .await
        .with_context(|| {
            format!(
                "Another server holds {}: two must not share one key folder",
                path.display()
            )
        })?;
    Ok(file)
}

fn folder_make(dir: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(|| format!("The folder {} cannot be made", dir.display()))
}

/// Takes a changed or renewed certificate while serving.
async fn certificate_keep(certificate: Arc<Certificate>, source: TlsSource) {
    let mut seen = changed_at(&source);
    loop {
        tokio::time::sleep(CERTIFICATE_LOOK_EVERY).await;
        let found = changed_at(&source);
        let is_local = matches!(source, TlsSource::Local { .. });
        if !is_local && found == seen {
            continue;
        }
        match certificate.reload(&source, now()) {
            Ok(()) if found != seen => tracing::info!("the certificate was replaced"),
            Ok(()) => {}
            Err(error) => tracing::error!(
                error = format!("{error:#}"),
                "the certificate cannot be replaced; the one in use stays"
            ),
        }
        seen = found;
    }
}

fn changed_at(source: &TlsSource) -> Option<SystemTime> {
    match source {
        TlsSource::Local { .. } => None,
        TlsSource::Files { certificate, .. } => certificate
            .metadata()
            .and_then(|found| found.modified())
            .ok(),
    }
}

/// The machine's time, for certificates; the product's time is the application's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "certificates end by the machine's clock, in a demo as well"
)]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
