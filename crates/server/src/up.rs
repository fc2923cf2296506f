//! `clerestory up`: everything on one machine, from an empty folder to a page that can be looked at.
//!
//! Each step says what it does before it does it, finds what is already there, and can be cut off at any point.
//!
//! Invariant: runs on the main thread alone (see [`crate::users`]); holds the data folder's lock as long as it runs.

mod day;
pub(crate) mod settings_file;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use nix::unistd::Uid;

use crate::cluster::Cluster;
use crate::config::{self, dangers};
use crate::files;
use crate::layout::Layout;
use crate::play::Script;
use crate::screen::{complain, say};
use crate::serve::demo_file::Load;
use crate::supervise::health::{self, Health};
use crate::supervise::signals::{StopSignals, orphans_adopt};
use crate::supervise::{House, ServerProgram};
use crate::users::{Accounts, CLUSTER_USER, SERVER_USER, Who};

/// A server of an earlier start that still finishes its requests; longer than its drain limit.
const FORMER_SERVER_WITHIN: Duration = Duration::from_secs(20);

/// A certificate or a public key.
const PUBLIC_BYTES_MAX: u64 = 64 * 1024;

/// What `up` was asked to do.
pub(crate) struct Options {
    /// The data folder, if named.
    pub(crate) data: Option<PathBuf>,
    /// Where to listen; on this machine alone.
    pub(crate) listen: SocketAddr,
    /// Stop after the day was played and its bundle verified.
    pub(crate) exit: bool,
    /// Days to play instead of the built-in one.
    pub(crate) play: Vec<Script>,
    /// Play nothing.
    pub(crate) no_play: bool,
    /// Clinics for load tests.
    pub(crate) load: Option<Load>,
}

/// Why the running ended without a fault.
enum End {
    /// A stop signal.
    Asked,
    /// `--exit`, and the verification's result.
    Done { is_well: bool },
}

/// Starts everything, plays the day, and stays until it is told to stop.
///
/// # Errors
/// A step failed; whatever had been started has been ended.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    dangers::loopback_only(options.listen).map_err(anyhow::Error::msg)?;
    let mut signals = StopSignals::listen()?;
    orphans_adopt().context("The ends of all processes cannot be watched")?;
    let prepared = tokio::select! {
        prepared = prepare(&options) => prepared?,
        () = signals.next() => return Ok(stopped_early()),
    };
    let Prepared {
        mut house,
        layout,
        lock,
        address,
    } = prepared;
    let outcome = tokio::select! {
        outcome = live(&mut house, &layout, &options, &address) => outcome,
        () = signals.next() => Ok(End::Asked),
    };
    match &outcome {
        Ok(End::Asked) => {
            say("\nStopping: the server first, then the database. Ctrl-C again stops both at once.")
        }
        Ok(End::Done { .. }) => say("Done; stopping the server, then the database."),
        Err(_) => complain("Something failed; stopping what was started."),
    }
    let stopped = house.stop(signals.next()).await;
    drop(lock);
    let end = outcome?;
    stopped?;
    say("Stopped. Nothing of it is running any more.");
    Ok(match end {
        End::Asked => ExitCode::SUCCESS,
        End::Done { is_well: true } => ExitCode::SUCCESS,
        End::Done { is_well: false } => ExitCode::FAILURE,
    })
}

fn stopped_early() -> ExitCode {
    say("\nStopped before anything was started.");
    ExitCode::SUCCESS
}

/// What is known before anything runs.
struct Prepared {
    house: House,
    layout: Layout,
    lock: std::fs::File,
    /// As browsers write it.
    address: String,
}

async fn prepare(options: &Options) -> anyhow::Result<Prepared> {
    let data = match &options.data {
        Some(data) => data.clone(),
        None => config::data_dir_default(Uid::effective().is_root())?,
    };
    say(&format!(
        "Clerestory {}, a demo with made-up patients. Data folder: {}",
        env!("CARGO_PKG_VERSION"),
        data.display()
    ));
    let layout = Layout::open(&data)?;
    let lock = layout.lock()?;
    let accounts = Accounts::prepare().await?;
    if accounts.are_separate() {
        say(&format!(
            "Three users: this one supervises, {SERVER_USER} serves and has the keys, {CLUSTER_USER} has the database."
        ));
    } else {
        say(&format!(
            "One user ({}) does it all: supervisor, server and database are not walled off from each other. As root they would be three users.",
            accounts.account(Who::Supervisor).name
        ));
    }
    layout.prepare(&accounts)?;
    former_server_wait(&layout).await?;
    port_is_free(options.listen)?;
    let program = program_place(&layout, &accounts)?;
    let address = format!("https://localhost:{}", options.listen.port());
    settings_file::write(
        &layout,
        options.listen,
        &address,
        options.load.as_ref(),
        accounts.account(Who::Supervisor),
    )?;
    let server = ServerProgram {
        program,
        config: layout.server_config(),
        words: layout.data().join("logs/server-start.log"),
        health: Health {
            address: options.listen,
            authority: settings_file::authority(&layout),
            within: match options.load {
                Some(_) => health::WITHIN_WITH_LOAD,
                None => health::WITHIN,
            },
        },
    };
    let cluster = Cluster::new(layout.cluster_dirs(), accounts.clone())?;
    Ok(Prepared {
        house: House::new(cluster, server, accounts),
        layout,
        lock,
        address,
    })
}

/// As root the other users cannot look into `/root`, so they run a copy.
fn program_place(layout: &Layout, accounts: &Accounts) -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe().context("This program does not know its own place")?;
    if !accounts.are_separate() {
        return Ok(here);
    }
    let copy = layout.program_copy();
    let bytes =
        std::fs::read(&here).with_context(|| format!("{} cannot be read", here.display()))?;
    if std::fs::read(&copy).is_ok_and(|there| there == bytes) {
        return Ok(copy);
    }
    files::replace(
        &copy,
        &bytes,
        0o755,
        Some(accounts.account(Who::Supervisor)),
    )?;
    Ok(copy)
}

/// A server whose supervisor was killed has been told to end, and may still finish its requests.
async fn former_server_wait(layout: &Layout) -> anyhow::Result<()> {
    let path = settings_file::server_lock(layout);
    let Ok(file) = std::fs::File::open(&path) else {
        return Ok(());
    };
    let mut said = false;
    let gone = async {
        while file.try_lock_shared().is_err() {
            if !std::mem::replace(&mut said, true) {
                say(
                    "The server of an earlier start is still finishing its requests: waiting for it.",
                );
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(FORMER_SERVER_WITHIN, gone).await.with_context(|| {
        format!("The server of an earlier start still holds {}. Find it with `ps`, end it, and start again", path.display())
    })
}

fn port_is_free(listen: SocketAddr) -> anyhow::Result<()> {
    // The standard library sets SO_REUSEADDR, so connections that are still closing do not count.
    match TcpListener::bind(listen) {
        Ok(_) => Ok(()),
        Err(error) => bail!(
            "{listen} cannot be listened on ({error}): another program uses it. Name another with --listen, for example 127.0.0.1:{}.",
            listen.port().wrapping_add(1).max(1024)
        ),
    }
}

async fn live(
    house: &mut House,
    layout: &Layout,
    options: &Options,
    address: &str,
) -> anyhow::Result<End> {
    start(house, layout).await?;
    public_copies(layout)?;
    say(&format!("Serving {address}"));
    let played = match options.no_play {
        true => true,
        false => tokio::select! {
            played = day::play(layout, address, &options.play) => played?,
            fault = house.keep() => match fault? {},
        },
    };
    if options.exit {
        return Ok(End::Done { is_well: played });
    }
    day::look_at(layout, address)?;
    match house.keep().await? {}
}

/// What everybody may read, out of the server's own folder.
fn public_copies(layout: &Layout) -> anyhow::Result<()> {
    let copies = [
        (settings_file::authority(layout), layout.authority()),
        (settings_file::public_key(layout), layout.public_key()),
    ];
    for (from, to) in copies {
        files::replace(
            &to,
            &files::read_bounded(&from, PUBLIC_BYTES_MAX)?,
            0o644,
            None,
        )?;
    }
    Ok(())
}

/// From nothing, or from what is there, to a server that answers.
async fn start(house: &mut House, layout: &Layout) -> anyhow::Result<()> {
    if house.cluster().exists() {
        say(&format!(
            "Starting the database: {}.",
            house.cluster().description()
        ));
    } else {
        say(&format!(
            "Making a private database cluster: {}.",
            house.cluster().description()
        ));
        house.cluster_make(layout).await?;
        say("Starting it, on a Unix socket alone.");
    }
    house.cluster_start().await?;
    house.cluster().database_make().await?;
    say("Bringing the database's tables up to date.");
    house.migrate().await?;
    say("Starting the server: keys, certificate, demo clinic.");
    say("Both key places lie on this one disk: fine for a demo; its death would take both.");
    house.server_start().await
}
