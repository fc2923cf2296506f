//! A PostgreSQL cluster for one run of tests.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// The variable that names the socket folder of a cluster that somebody else keeps up for the whole run.
pub const CLUSTER_VARIABLE: &str = "TESTKIT_CLUSTER";

/// `nobody`: owns the cluster's files when the tests run as root.
const NOBODY: u32 = 65_534;

/// How long a cluster may take to answer before the tests give up: it takes half a second when the machine is idle.
const READY_WAIT_MAX: Duration = Duration::from_secs(60);

/// A cluster that ends with this value, or with its process.
pub struct Cluster {
    folder: PathBuf,
    server: Child,
    programs: PathBuf,
}

impl Cluster {
    /// Makes and starts a cluster in a new folder. Its files are not synced: a test's database need not outlive the machine.
    ///
    /// # Panics
    /// When PostgreSQL's programs are missing or do not start.
    #[must_use]
    pub fn start() -> Self {
        let programs = programs();
        let folder = folder_new();
        run(launcher(&programs.join("initdb")).args([
            "--pgdata",
            folder.join("data").to_str().unwrap(),
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]));
        let server = launcher(&programs.join("postgres"))
            .arg("-D")
            .arg(folder.join("data"))
            .args([
                "-c",
                "listen_addresses=",
                "-c",
                "fsync=off",
                "-c",
                "max_connections=200",
            ])
            .args([
                "-c",
                "shared_buffers=64MB",
                "-c",
                "log_min_error_statement=panic",
            ])
            .args([
                "-c",
                "log_error_verbosity=terse",
                "-c",
                "log_parameter_max_length_on_error=0",
            ])
            .arg("-c")
            .arg(format!("unix_socket_directories={}", folder.display()))
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("postgres.log")).unwrap())
            .spawn()
            .unwrap();
        let cluster = Self {
            folder,
            server,
            programs,
        };
        cluster.wait_ready();
        cluster
    }

    /// The folder of its socket.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.folder
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a cluster that starts can only be asked again and again"
    )]
    fn wait_ready(&self) {
        let mut waited = Duration::ZERO;
        let step = Duration::from_millis(20);
        loop {
            let ready = Command::new(self.programs.join("pg_isready"))
                .args(["--quiet", "--host"])
                .arg(&self.folder)
                .status()
                .unwrap();
            if ready.success() {
                return;
            }
            assert!(
                waited < READY_WAIT_MAX,
                "PostgreSQL did not come up; see {}",
                self.folder.display()
            );
            std::thread::sleep(step);
            waited += step;
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // `pg_ctl` asks and waits; the cluster is nobody's but ours.
        let _stopped = launcher(&self.programs.join("pg_ctl"))
            .args(["stop", "--mode=immediate", "--silent", "--pgdata"])
            .arg(self.folder.join("data"))
            .status();
        let _reaped = self.server.wait();
        let _removed = std::fs::remove_dir_all(&self.folder);
    }
}

/// The socket folder of this run's cluster: the one that was named, or one of this process's own.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "test support: the run's cluster is named by the environment"
)]
pub fn shared() -> PathBuf {
    static OWN: OnceLock<PathBuf> = OnceLock::new();
    if let Some(named) = std::env::var_os(CLUSTER_VARIABLE) {
        return PathBuf::from(named);
    }
    OWN.get_or_init(|| {
        let (sender, receiver) = std::sync::mpsc::channel();
        // The cluster's life hangs on the thread that starts it, so that thread stays for as long as the process.
        std::thread::spawn(move || {
            let cluster = Cluster::start();
            sender.send(cluster.socket_dir().to_owned()).unwrap();
            loop {
                std::thread::park();
            }
        });
        receiver.recv().unwrap()
    })
    .clone()
}

/// PostgreSQL's programs: the newest that Debian has installed.
fn programs() -> PathBuf {
    let mut versions: Vec<u32> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|folder| {
            folder
                .flatten()
                .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
                .collect()
        })
        .unwrap_or_default();
    versions.sort_unstable();
    let newest = versions
        .last()
        .expect("PostgreSQL is not installed: apt-get install postgresql");
    PathBuf::from(format!("/usr/lib/postgresql/{newest}/bin"))
}

/// A folder that the cluster's user owns. Short, for a socket's path has at most 107 bytes.
fn folder_new() -> PathBuf {
    let base = Path::new("/tmp");
    let process = std::process::id();
    let folder = (0..1_000)
        .map(|number| base.join(format!("clerestory-test-{process}-{number}")))
        .find(|folder| std::fs::create_dir(folder).is_ok())
        .expect("a folder for the test cluster");
    if is_root() {
        chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    folder
}

/// Runs a program of PostgreSQL's so that it ends with this process, and never as root.
fn launcher(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]);
    if is_root() {
        let nobody = NOBODY.to_string();
        command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]);
    }
    command.arg(program).current_dir("/").stdin(Stdio::null());
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
