//! A demo of a release build in a folder of its own, started by `clerestory up` and ended with this value.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;

use crate::client::{Phone, Server};

/// Starting compiles nothing, but seeds clinics with durable keys: a minute on a slow disk.
const START_WAIT_MAX: Duration = Duration::from_secs(300);

/// A clinic to be written to.
#[derive(Clone, Deserialize)]
pub(crate) struct Clinic {
    pub(crate) code: String,
    pub(crate) login: String,
    pub(crate) pin: String,
    pub(crate) sessions: Vec<String>,
}

#[derive(Deserialize)]
struct DemoFile {
    load: Vec<Clinic>,
}

/// A running demo.
pub(crate) struct Demo {
    up: Child,
    pub(crate) data: PathBuf,
    pub(crate) server: Server,
    pub(crate) clinics: Vec<Clinic>,
}

impl Demo {
    /// Starts `up` with this many clinics for the load, the last of them with `hot_sessions`.
    pub(crate) async fn start(
        program: &Path,
        clinics: u32,
        sessions: u32,
        hot_sessions: u32,
    ) -> anyhow::Result<Self> {
        let data = folder_new()?;
        let port = port_free()?;
        let up = Command::new(program)
            .arg("up")
            .arg("--data")
            .arg(&data)
            .args(["--listen", &format!("127.0.0.1:{port}"), "--no-play"])
            .args(["--load", &format!("{clinics}x{sessions}+{hot_sessions}")])
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(data.with_extension("log"))?)
            .stderr(std::fs::File::create(data.with_extension("err"))?)
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let mut starting = Starting {
            up: Some(up),
            data: data.clone(),
        };
        let server = starting.ready(port).await?;
        let file = data.join("server/demo.json");
        let text = std::fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
        let demo: DemoFile = serde_json::from_str(&text)?;
        ensure!(
            !demo.load.is_empty(),
            "the demo has no clinics for the load"
        );
        let up = starting.up.take().context("the start was given up")?;
        Ok(Self {
            up,
            data,
            server,
            clinics: demo.load,
        })
    }

    /// The processes that carry this word in their command line and this demo's folder or parentage.
    pub(crate) fn process(&self, word: &str) -> anyhow::Result<u32> {
        processes()
            .into_iter()
            .find(|process| process.is_below(self.up.id()) && process.command.contains(word))
            .map(|process| process.id)
            .with_context(|| format!("no process `{word}` of the demo runs"))
    }

    /// Resident memory of the server, in MB.
    pub(crate) fn server_mb(&self) -> anyhow::Result<f64> {
        let id = self.process(" serve ")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .context("no VmRSS")?;
        let kilobytes: f64 = line
            .split_whitespace()
            .nth(1)
            .context("no VmRSS")?
            .parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// Processor time spent so far by the server and by the whole cluster.
    pub(crate) fn processor_time(&self) -> anyhow::Result<ProcessorTime> {
        let postmaster = self.process("postgres -D")?;
        let mut database = ticks_reaped(postmaster)?;
        for process in processes() {
            if process.id == postmaster || process.parent == postmaster {
                // One that ended in between is counted as reaped the next time.
                database += ticks(process.id).unwrap_or_default();
            }
        }
        Ok(ProcessorTime {
            server: ticks(self.process(" serve ")?)? * TICK,
            database: database * TICK,
        })
    }

    /// Waits until the server answers again.
    pub(crate) async fn answers(&mut self, within: Duration) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        while begun.elapsed() < within {
            ensure!(self.up.try_wait()?.is_none(), "`clerestory up` has ended");
            if is_healthy(&self.server).await {
                return Ok(begun.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("the server did not answer within {} s", within.as_secs())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        stop(&mut self.up);
        let _removed = std::fs::remove_dir_all(&self.data);
        for beside in ["log", "err", "sql"] {
            let _removed = std::fs::remove_file(self.data.with_extension(beside));
        }
    }
}

struct Starting {
    up: Option<Child>,
    data: PathBuf,
}

impl Starting {
    async fn ready(&mut self, port: u16) -> anyhow::Result<Server> {
        let authority = self.data.join("server/tls/authority.pem");
        let begun = Instant::now();
        while begun.elapsed() < START_WAIT_MAX {
            if let Some(up) = &mut self.up
                && let Some(status) = up.try_wait()?
            {
                let errors =
                    std::fs::read_to_string(self.data.with_extension("err")).unwrap_or_default();
                bail!("`clerestory up` ended with {status}: {errors}");
            }
            if let Ok(server) = Server::new(port, &authority)
                && is_healthy(&server).await
            {
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!(
            "the demo did not start within {} s",
            START_WAIT_MAX.as_secs()
        )
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(up) = &mut self.up {
            stop(up);
        }
    }
}

async fn is_healthy(server: &Server) -> bool {
    let asking = async {
        let mut phone = Phone::connect(server).await?;
        phone.get("/health").await
    };
    matches!(tokio::time::timeout(Duration::from_secs(2), asking).await, Ok(Ok(answer)) if answer.status.is_success())
}

/// Asks `up` to stop, by its id, and waits: it ends its server and its cluster.
fn stop(up: &mut Child) {
    let _asked = Command::new("kill")
        .args(["-TERM", &up.id().to_string()])
        .status();
    let _reaped = up.wait();
}

/// What the kernel counts a process's time in: USER_HZ, which is 100 on every Linux that we run on.
const TICK: Duration = Duration::from_millis(10);

/// Processor time of the two sides of a running demo.
#[derive(Clone, Copy, Default)]
pub(crate) struct ProcessorTime {
    pub(crate) server: Duration,
    pub(crate) database: Duration,
}

impl ProcessorTime {
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            server: self.server.saturating_sub(earlier.server),
            database: self.database.saturating_sub(earlier.database),
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.server += other.server;
        self.database += other.database;
    }
}

/// A process's own time, and that of its children that it has waited for, in ticks.
fn ticks(process: u32) -> anyhow::Result<u32> {
    stat_sum(process, 11..13)
}

fn ticks_reaped(process: u32) -> anyhow::Result<u32> {
    stat_sum(process, 13..15)
}

/// The sum of fields of `/proc/PID/stat`, counted from the state, which comes after the name.
fn stat_sum(process: u32, fields: std::ops::Range<usize>) -> anyhow::Result<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, rest) = stat.rsplit_once(')').context("a process without a name")?;
    let values: Vec<&str> = rest.split_whitespace().collect();
    values
        .get(fields)
        .context("a process without times")?
        .iter()
        .map(|value| Ok(value.parse::<u32>()?))
        .sum()
}

/// A process as `/proc` shows it.
struct Process {
    id: u32,
    parent: u32,
    command: String,
}

impl Process {
    fn is_below(&self, ancestor: u32) -> bool {
        let mut id = self.parent;
        for _ in 0..8 {
            if id == ancestor {
                return true;
            }
            match read_process(id) {
                Some(process) if process.parent > 1 => id = process.parent,
                Some(_) | None => return false,
            }
        }
        false
    }
}

fn processes() -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(read_process)
        .collect()
}

fn read_process(id: u32) -> Option<Process> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let parent = stat
        .rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(1)?
        .parse()
        .ok()?;
    let command = std::fs::read(format!("/proc/{id}/cmdline")).ok()?;
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    Some(Process {
        id,
        parent,
        command,
    })
}

fn folder_new() -> anyhow::Result<PathBuf> {
    let process = std::process::id();
    let folder = (0..100)
        .map(|number| PathBuf::from(format!("/var/tmp/clerestory-bench-{process}-{number}")))
        .find(|folder| std::fs::create_dir(folder).is_ok())
        .context("no folder for the demo")?;
    Ok(folder)
}

/// A port that nobody listens on at this moment.
fn port_free() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port())
}
