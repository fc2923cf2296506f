//! What the private cluster's configuration files say, each line with its reason.
//!
//! Invariant: nothing here lets the database listen on a network, write a value of a statement into a log, or
//! acknowledge what is not on disk.

use std::path::Path;

/// The application's database.
pub(crate) const DATABASE: &str = "clerestory";
/// The role that reads and commits records.
pub(crate) const ROLE_APP: &str = "clerestory_app";
/// The role that writes counters, leases and idle times, and nothing else.
pub(crate) const ROLE_AUX: &str = "clerestory_aux";
/// The superuser, for migrations alone.
pub(crate) const ROLE_SUPERUSER: &str = "postgres";
/// Only a name for the socket: the cluster listens on no port.
pub(crate) const SOCKET_NUMBER: u16 = 5432;

/// The name of the map in `pg_ident.conf`.
const MAP: &str = "clerestory";

/// One line of `postgresql.conf`: name, value, why.
type Setting = (&'static str, String, &'static str);

/// All settings of the private cluster.
pub(crate) fn settings(socket_dir: &Path, log_dir: &Path) -> Vec<Setting> {
    let mut all = reach(socket_dir);
    all.extend(silence(log_dir));
    all.extend(durability());
    all.extend(bounds());
    all
}

fn reach(socket_dir: &Path) -> Vec<Setting> {
    let socket = socket_dir.display().to_string();
    vec![
        (
            "listen_addresses",
            String::new(),
            "no network: the database has no address (promise K3)",
        ),
        (
            "unix_socket_directories",
            socket,
            "the one way in, in a folder closed to others",
        ),
        (
            "unix_socket_permissions",
            "0777".into(),
            "the folder's mode and pg_hba decide who connects",
        ),
        (
            "port",
            SOCKET_NUMBER.to_string(),
            "only part of the socket's file name",
        ),
        (
            "max_wal_senders",
            "0".into(),
            "nobody may stream the database away",
        ),
    ]
}

fn silence(log_dir: &Path) -> Vec<Setting> {
    let folder = log_dir.display().to_string();
    let errors = "an error's text can quote a value: the server logs its code instead";
    vec![
        ("logging_collector", "on".into(), "a file of its own"),
        (
            "log_directory",
            folder,
            "closed to everyone but the cluster's user",
        ),
        (
            "log_filename",
            "cluster-%a.log".into(),
            "a week, then over again",
        ),
        ("log_rotation_age", "1d".into(), "a week, then over again"),
        (
            "log_rotation_size",
            "0".into(),
            "by day alone, so that names repeat",
        ),
        (
            "log_truncate_on_rotation",
            "on".into(),
            "a week, then over again",
        ),
        ("log_timezone", "UTC".into(), "one time for all logs"),
        ("log_min_messages", "log".into(), errors),
        (
            "log_min_error_statement",
            "panic".into(),
            "no statement in the log",
        ),
        (
            "log_error_verbosity",
            "terse".into(),
            "no detail, row or context in the log",
        ),
        ("log_statement", "none".into(), "no statement in the log"),
        (
            "log_min_duration_statement",
            "-1".into(),
            "no statement in the log",
        ),
        (
            "log_parameter_max_length",
            "0".into(),
            "no parameter in the log",
        ),
        (
            "log_parameter_max_length_on_error",
            "0".into(),
            "no parameter in the log",
        ),
        (
            "track_activities",
            "off".into(),
            "what a connection is asked stands in nobody's view",
        ),
        (
            "update_process_title",
            "off".into(),
            "nor in the list of processes",
        ),
        (
            "track_activity_query_size",
            "100B".into(),
            "the smallest: statements are not kept in view",
        ),
        ("compute_query_id", "off".into(), "no statement statistics"),
        (
            "shared_preload_libraries",
            String::new(),
            "nothing else sees statements",
        ),
    ]
}

fn durability() -> Vec<Setting> {
    let kept = "what is acknowledged is on disk";
    vec![
        ("fsync", "on".into(), kept),
        ("synchronous_commit", "on".into(), kept),
        (
            "full_page_writes",
            "on".into(),
            "a torn page is repaired after a crash",
        ),
        (
            "wal_level",
            "replica".into(),
            "point-in-time backups need it",
        ),
        (
            "wal_compression",
            "off".into(),
            "compressing whole pages costs a write more time than it saves the disk",
        ),
        (
            "max_wal_size",
            "2GB".into(),
            "bounds the log, and so the time to start after a crash",
        ),
        (
            "checkpoint_timeout",
            "10min".into(),
            "bounds the time to start after a crash",
        ),
        (
            "restart_after_crash",
            "on".into(),
            "one backend's death does not need the supervisor",
        ),
        ("autovacuum", "on".into(), "dead rows go"),
    ]
}

fn bounds() -> Vec<Setting> {
    vec![
        (
            "max_connections",
            "128".into(),
            "one server's pools, commands, and 64 of a measurement beside them",
        ),
        (
            "shared_buffers",
            "256MB".into(),
            "enough for the working set of many clinics",
        ),
        ("huge_pages", "off".into(), "the same on every machine"),
        (
            "work_mem",
            "4MB".into(),
            "queries are point reads; sorts are small",
        ),
        (
            "temp_file_limit",
            "64MB".into(),
            "a runaway sort ends before the disk does",
        ),
        (
            "max_parallel_workers_per_gather",
            "0".into(),
            "point reads gain nothing, and need no /dev/shm",
        ),
        ("jit", "off".into(), "compiling costs more than our queries"),
        (
            "idle_in_transaction_session_timeout",
            "5s".into(),
            "a forgotten transaction holds a clinic's head",
        ),
        (
            "statement_timeout",
            "30s".into(),
            "no statement outlives its request",
        ),
        (
            "lock_timeout",
            "10s".into(),
            "a queue behind one lock ends in an error, not in silence",
        ),
        ("client_encoding", "UTF8".into(), "one encoding"),
        (
            "timezone",
            "UTC".into(),
            "the database knows no clinic's time zone",
        ),
    ]
}

/// The text of `postgresql.conf`.
pub(crate) fn conf_text(socket_dir: &Path, log_dir: &Path) -> String {
    let mut text =
        String::from("# Written by `clerestory up` at each start; changes here are lost.\n");
    for (name, value, why) in settings(socket_dir, log_dir) {
        let quoted = value.replace('\\', "\\\\").replace('\'', "''");
        text.push_str(&format!("{name} = '{quoted}'  # {why}\n"));
    }
    text
}

/// The text of `pg_hba.conf`: two ways in, each proved by the kernel (peer), and no other.
pub(crate) fn hba_text() -> String {
    format!(
        "# Written by `clerestory up` at each start; changes here are lost.\n\
         local {DATABASE} {ROLE_APP},{ROLE_AUX} peer map={MAP}\n\
         local {DATABASE},postgres {ROLE_SUPERUSER} peer map={MAP}\n\
         local all all reject\n\
         local replication all reject\n\
         host all all all reject\n\
         host replication all all reject\n"
    )
}

/// The text of `pg_ident.conf`: which user of the machine may be which role. With one user for all, that user is
/// all three.
pub(crate) fn ident_text(server_user: &str, cluster_user: &str) -> String {
    let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let (server, cluster) = (quote(server_user), quote(cluster_user));
    format!(
        "# Written by `clerestory up` at each start; changes here are lost.\n\
         {MAP} {server} {ROLE_APP}\n\
         {MAP} {server} {ROLE_AUX}\n\
         {MAP} {cluster} {ROLE_SUPERUSER}\n"
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn value(name: &str) -> String {
        let all = settings(Path::new("/d/run"), Path::new("/d/logs/cluster"));
        all.into_iter().find(|setting| setting.0 == name).unwrap().1
    }

    #[test]
    fn no_network_and_one_private_socket() {
        assert_eq!(value("listen_addresses"), "");
        assert_eq!(value("unix_socket_directories"), "/d/run");
        assert!(
            hba_text()
                .lines()
                .filter(|line| line.starts_with("host"))
                .all(|line| line.ends_with("reject"))
        );
    }

    #[test]
    fn what_is_acknowledged_is_on_disk() {
        for name in ["fsync", "synchronous_commit", "full_page_writes"] {
            assert_eq!(value(name), "on", "{name}");
        }
    }

    #[test]
    fn no_statement_parameter_or_detail_reaches_a_log() {
        assert_eq!(value("log_statement"), "none");
        assert_eq!(value("log_min_error_statement"), "panic");
        assert_eq!(value("log_error_verbosity"), "terse");
        assert_eq!(value("log_parameter_max_length"), "0");
        assert_eq!(value("log_parameter_max_length_on_error"), "0");
        assert_eq!(value("log_min_duration_statement"), "-1");
        assert_eq!(value("log_min_messages"), "log");
    }

    #[test]
    fn each_setting_is_said_once_and_has_a_reason() {
        let all = settings(Path::new("/d"), Path::new("/l"));
        let mut names: Vec<_> = all.iter().map(|setting| setting.0).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(all.iter().all(|setting| setting.2.len() > 5));
    }

    #[test]
    fn a_quote_in_a_path_cannot_end_its_value() {
        let text = conf_text(Path::new("/d/it's"), Path::new("/l"));
        assert!(text.contains("unix_socket_directories = '/d/it''s'"));
    }

    #[test]
    fn the_server_is_never_the_superuser() {
        let text = ident_text("clerestory", "clerestory-db");
        assert!(text.contains("clerestory \"clerestory\" clerestory_app\n"));
        assert!(text.contains("clerestory \"clerestory-db\" postgres\n"));
        assert!(!text.contains("\"clerestory\" postgres"));
        assert!(!text.contains("\"clerestory-db\" clerestory_app"));
    }

    #[test]
    fn the_last_word_of_hba_is_no() {
        let text = hba_text();
        let local: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("local"))
            .collect();
        assert!(
            local
                .iter()
                .rev()
                .take(2)
                .all(|line| line.ends_with("reject"))
        );
        assert!(
            local
                .iter()
                .take(2)
                .all(|line| line.ends_with("peer map=clerestory"))
        );
        for word in ["trust", "password", "md5", "scram"] {
            assert!(!text.contains(word), "{word}");
        }
    }
}
