//! The settings of `clerestory serve`: one TOML file, overridden by variables, checked whole before anything starts.
//!
//! Invariant: this is the only place that reads the environment, and no secret stands in a setting: settings name the
//! files that hold them.

pub(crate) mod dangers;
pub(crate) mod reader;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reader::{PREFIX, Reader};

use crate::serve::demo_file::Load;

/// No sensible configuration is longer; a wrong path (a disk, a log) should not fill the memory.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// All settings of a server.
#[derive(Debug)]
pub(crate) struct Config {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// What browsers call this server, for example `https://localhost:8443`.
    pub(crate) origin: String,
    /// Whether the database is a demo.
    pub(crate) demo: bool,
    /// The lock that `up` holds while it supervises this server. Written by `up` alone.
    pub(crate) supervisor_lock: Option<PathBuf>,
    /// Held as long as this server runs, so that the next waits for it.
    pub(crate) server_lock: PathBuf,
    /// Where the demo's codes and PINs are written for `up`'s screen.
    pub(crate) demo_file: Option<PathBuf>,
    /// Clinics for load tests that a demo makes besides its own: `50x20+200` is fifty with twenty open sessions each, and
    /// one with two hundred. Their phones are not held to the rate of one address.
    pub(crate) demo_load: Option<Load>,
    pub(crate) database: Database,
    pub(crate) keys: Keys,
    /// The append-only folder of signed checkpoints.
    pub(crate) anchor_dir: PathBuf,
    /// Where the log's public key is written, for whoever verifies bundles.
    pub(crate) public_key_file: Option<PathBuf>,
    pub(crate) tls: TlsSource,
    pub(crate) pins: PinCost,
    pub(crate) limits: Limits,
    pub(crate) log: Log,
}

/// Where the database is.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) socket_dir: PathBuf,
    /// The socket's name ends in it.
    pub(crate) port: u16,
    pub(crate) name: String,
    /// Connections of the role for records; the role for counters gets a quarter as many besides.
    pub(crate) connections_max: u32,
}

/// Where keys are.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) root_key_file: PathBuf,
    pub(crate) places: Vec<PathBuf>,
    pub(crate) tombstones_file: PathBuf,
    pub(crate) log_signing_key_file: PathBuf,
    /// For how long a clinic's key may stay in memory: the clinic's revocation delay. 0 keeps none.
    pub(crate) clinic_key_cache_s: u32,
}

/// Where the certificate comes from.
#[derive(Debug)]
pub(crate) enum TlsSource {
    /// Made here, for localhost alone.
    Local {
        /// The folder of the local authority and its certificate.
        dir: PathBuf,
    },
    /// Given as files; read again when they change.
    Files {
        /// The chain in PEM, the server's own certificate first.
        certificate: PathBuf,
        /// The private key in PEM.
        private_key: PathBuf,
    },
}

/// What a guess at a PIN costs (Argon2id).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PinCost {
    pub(crate) kib: u32,
    pub(crate) passes: u32,
    pub(crate) lanes: u32,
}

/// A limit on everything that a stranger can hold open.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// Connections at once; more wait in the kernel's queue.
    pub(crate) connections_max: u32,
    /// Connections of one address at once; more of it are closed.
    pub(crate) connections_per_address_max: u32,
    /// From the connection to the end of the TLS handshake.
    pub(crate) handshake: Duration,
    /// From the first to the last byte of a request's headers, and to the first request.
    pub(crate) headers: Duration,
    /// From a request's headers to the beginning of its answer, the reading of its body included.
    pub(crate) request: Duration,
    /// Without one byte in either direction.
    pub(crate) idle: Duration,
    /// For requests under way when the server is told to stop.
    pub(crate) drain: Duration,
}

/// Where operational news goes.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    /// A folder for log files; without one, standard output.
    pub(crate) dir: Option<PathBuf>,
    /// For example `info` or `info,web=debug`.
    pub(crate) level: String,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For reading.
    Text,
}

/// Reads a configuration for a command that serves nothing, and that an administrator may run as another user.
///
/// # Errors
/// Every problem at once, except those of serving.
pub(crate) fn load_for_command(file: &Path) -> anyhow::Result<Config> {
    let read_all = || {
        let table = table_read(file).map_err(|sentence| vec![sentence])?;
        let (config, problems) = read(Reader::new(table, environment()));
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(problems)
        }
    };
    read_all().map_err(|problems| anyhow::anyhow!(problems_text(file, &problems)))
}

/// Reads and checks a configuration.
///
/// # Errors
/// Every problem at once, each a sentence that says what to do.
pub(crate) fn load(file: &Path) -> Result<Config, Vec<String>> {
    let table = table_read(file).map_err(|sentence| vec![sentence])?;
    let (config, problems) = read(Reader::new(table, environment()));
    let mut problems = problems;
    if problems.is_empty() {
        problems.extend(dangers::of_settings(&config));
        problems.extend(dangers::of_files(&config));
        problems.extend(dangers::writable_by_others(file));
    }
    if problems.is_empty() {
        Ok(config)
    } else {
        Err(problems)
    }
}

/// The sentences of [`load`] as they are shown.
pub(crate) fn problems_text(file: &Path, problems: &[String]) -> String {
    let mut text = format!("The configuration {} cannot be used:\n", file.display());
    for problem in problems {
        text.push_str(&format!("  - {problem}\n"));
    }
    text.push_str("Nothing was started. docs/configuration.md explains each setting.");
    text
}

fn table_read(file: &Path) -> Result<toml::Table, String> {
    let shown = file.display();
    let is_file = file.metadata().map(|found| found.is_file());
    let unreadable = |error: &std::io::Error| {
        format!(
            "{shown} cannot be read ({error}): check the path given with --config or --data, and that this user may read it."
        )
    };
    match is_file {
        Err(error) => return Err(unreadable(&error)),
        Ok(false) => {
            return Err(format!(
                "{shown} is not a file: give the path of a TOML file with --config."
            ));
        }
        Ok(true) => {}
    }
    let bytes = std::fs::File::open(file)
        .and_then(|opened| {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(
                &mut std::io::Read::take(opened, FILE_BYTES_MAX + 1),
                &mut bytes,
            )?;
            Ok(bytes)
        })
        .map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(format!(
            "{shown} is larger than {FILE_BYTES_MAX} bytes: that is no configuration of ours."
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        format!(
            "{shown} is not UTF-8 text (byte {}): save it as UTF-8.",
            error.utf8_error().valid_up_to()
        )
    })?;
    text.parse::<toml::Table>().map_err(|error| {
        let line = error.span().map_or(1, |span| {
            text[..span.start.min(text.len())].lines().count().max(1)
        });
        format!(
            "{shown} is not TOML: line {line}: {}.",
            error.message().trim_end_matches('.')
        )
    })
}

fn read(mut reader: Reader) -> (Config, Vec<String>) {
    let listen_text = reader.text("listen", "127.0.0.1:8443");
    let listen = listen_text.parse().unwrap_or_else(|_| {
        reader.problem(format!(
            "`listen` is {listen_text:?}: it has to be ADDRESS:PORT, for example 127.0.0.1:8443."
        ));
        SocketAddr::from(([127, 0, 0, 1], 8443))
    });
    let config = Config {
        origin: reader.text("origin", &format!("https://localhost:{}", listen.port())),
        listen,
        demo: reader.flag("demo", false),
        supervisor_lock: reader.optional_path("supervisor_lock"),
        server_lock: reader.path(
            "server_lock",
            "a file in a folder of this server, held while it runs",
        ),
        demo_file: reader.optional_path("demo_file"),
        demo_load: read_load(&mut reader),
        database: read_database(&mut reader),
        keys: read_keys(&mut reader),
        anchor_dir: reader.path(
            "anchor.folder",
            "the folder that keeps the signed checkpoints",
        ),
        public_key_file: reader.optional_path("anchor.public_key_file"),
        tls: read_tls(&mut reader),
        pins: read_pins(&mut reader),
        limits: read_limits(&mut reader),
        log: read_log(&mut reader),
    };
    (config, reader.finish())
}

fn read_load(reader: &mut Reader) -> Option<Load> {
    let text = reader.optional_text("demo_load")?;
    match text.parse() {
        Ok(load) => Some(load),
        Err(why) => {
            reader.problem(format!("`demo_load` is {text:?}: {why}."));
            None
        }
    }
}

fn read_database(reader: &mut Reader) -> Database {
    Database {
        socket_dir: reader.path(
            "database.socket_dir",
            "the folder of PostgreSQL's Unix socket",
        ),
        port: u16::try_from(reader.number("database.port", 5432, 1, 65_535)).unwrap_or(5432),
        name: reader.text("database.name", "clerestory"),
        connections_max: reader.number("database.connections_max", 12, 2, 500),
    }
}

fn read_keys(reader: &mut Reader) -> Keys {
    Keys {
        root_key_file: reader.path("keys.root_key_file", "the file of the root key"),
        places: reader.paths("keys.places"),
        tombstones_file: reader.path(
            "keys.tombstones_file",
            "the file that remembers destroyed keys",
        ),
        log_signing_key_file: reader.path(
            "keys.log_signing_key_file",
            "the file of the key that signs checkpoints",
        ),
        clinic_key_cache_s: reader.number("keys.clinic_key_cache_s", 300, 0, 3600),
    }
}

fn read_tls(reader: &mut Reader) -> TlsSource {
    let dir = reader.optional_path("tls.local_dir");
    let certificate = reader.optional_path("tls.certificate_file");
    let private_key = reader.optional_path("tls.private_key_file");
    match (dir, certificate, private_key) {
        (Some(dir), None, None) => TlsSource::Local { dir },
        (None, Some(certificate), Some(private_key)) => TlsSource::Files {
            certificate,
            private_key,
        },
        (_, certificate, private_key) => {
            reader.problem("`tls` needs either `local_dir` (a certificate for localhost is made there), or `certificate_file` and `private_key_file` together.");
            TlsSource::Files {
                certificate: certificate.unwrap_or_default(),
                private_key: private_key.unwrap_or_default(),
            }
        }
    }
}

fn read_pins(reader: &mut Reader) -> PinCost {
    let floor = dangers::PIN_COST_FLOOR;
    PinCost {
        kib: reader.number("pins.argon2_kib", floor.kib, 8, 262_144),
        passes: reader.number("pins.argon2_passes", floor.passes, 1, 16),
        lanes: reader.number("pins.argon2_lanes", floor.lanes, 1, 8),
    }
}

fn read_limits(reader: &mut Reader) -> Limits {
    let mut seconds =
        |name: &str, default, max| Duration::from_secs(reader.number(name, default, 1, max).into());
    let handshake = seconds("limits.handshake_s", 5, 60);
    let headers = seconds("limits.headers_s", 5, 60);
    let request = seconds("limits.request_s", 30, 300);
    let idle = seconds("limits.idle_s", 75, 600);
    let drain = seconds("limits.drain_s", 10, 60);
    let connections_max = reader.number("limits.connections_max", 1024, 16, 65_536);
    // A clinic's phones may share one address, and each browser takes a few connections; with the default, eight hosts
    // are needed to take every place.
    let connections_per_address_max =
        reader.number("limits.connections_per_address_max", 128, 4, 65_536);
    Limits {
        connections_max,
        connections_per_address_max,
        handshake,
        headers,
        request,
        idle,
        drain,
    }
}

fn read_log(reader: &mut Reader) -> Log {
    let format = match reader.text("log.format", "json").as_str() {
        "json" => LogFormat::Json,
        "text" => LogFormat::Text,
        other => {
            reader.problem(format!(
                "`log.format` is {other:?}: it has to be \"json\" or \"text\"."
            ));
            LogFormat::Json
        }
    };
    let level = reader.text("log.level", "info");
    if let Err(error) = level.parse::<tracing_subscriber::filter::EnvFilter>() {
        reader.problem(format!(
            "`log.level` is {level:?} ({error}): write for example \"info\" or \"info,web=debug\"."
        ));
    }
    Log {
        format,
        dir: reader.optional_path("log.folder"),
        level,
    }
}

/// The variables that set something.
pub(crate) fn environment() -> BTreeMap<String, String> {
    let own =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    own.filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

/// The folders of the caller's search path.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub(crate) fn search_path() -> Vec<PathBuf> {
    std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default()
}

/// Where `up` keeps its data unless told otherwise: `/var/lib/clerestory` as root, else the caller's own data folder.
///
/// # Errors
/// There is no home folder to put it in.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub(crate) fn data_dir_default(is_root: bool) -> anyhow::Result<PathBuf> {
    if is_root {
        return Ok("/var/lib/clerestory".into());
    }
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")));
    base.map(|base| base.join("clerestory")).ok_or_else(|| {
        anyhow::anyhow!("There is no HOME to keep data in: name a folder with --data.")
    })
}

#[cfg(test)]
mod tests;
