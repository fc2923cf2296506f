//! The configuration that `up` writes for its server. It holds no secret; the server's user can read it and not
//! change it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::cluster::settings::{DATABASE, SOCKET_NUMBER};
use crate::files;
use crate::layout::Layout;
use crate::serve::demo_file::Load;
use crate::tls;
use crate::users::Account;

/// Written above the settings.
const HEADING: &str = "# Written by `clerestory up` at each start; changes here are lost.\n";

/// The local authority's certificate, in the server's own folder.
pub(crate) fn authority(layout: &Layout) -> PathBuf {
    layout.server().join("tls").join(tls::AUTHORITY_FILE)
}

/// The lock that a running server holds.
pub(crate) fn server_lock(layout: &Layout) -> PathBuf {
    layout.server().join("lock")
}

/// The log's public key, in the server's own folder.
pub(crate) fn public_key(layout: &Layout) -> PathBuf {
    layout.server().join("log-key.pub")
}

/// Writes it.
///
/// # Errors
/// The data folder cannot be written.
pub(crate) fn write(
    layout: &Layout,
    listen: SocketAddr,
    origin: &str,
    load: Option<&Load>,
    owner: &Account,
) -> anyhow::Result<()> {
    let mut settings = table(layout, listen, origin);
    if let Some(load) = load {
        settings.insert("demo_load".to_owned(), Value::String(load.to_string()));
    }
    let text = format!("{HEADING}{settings}");
    files::replace(&layout.server_config(), text.as_bytes(), 0o644, Some(owner))
}

fn table(layout: &Layout, listen: SocketAddr, origin: &str) -> Table {
    let server = layout.server();
    let path = |path: &Path| Value::String(path.display().to_string());
    let section = |entries: Vec<(&str, Value)>| {
        Value::Table(
            entries
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    };
    let places = ["keys/a", "keys/b"].map(|place| path(&server.join(place)));
    let database = section(vec![
        ("socket_dir", path(&layout.run())),
        ("port", Value::Integer(SOCKET_NUMBER.into())),
        ("name", Value::String(DATABASE.to_owned())),
    ]);
    let keys = section(vec![
        ("root_key_file", path(&server.join("root.key"))),
        ("places", Value::Array(places.to_vec())),
        ("tombstones_file", path(&server.join("tombstones"))),
        (
            "log_signing_key_file",
            path(&server.join("log-signing.key")),
        ),
    ]);
    let anchor = section(vec![
        ("folder", path(&server.join("anchor"))),
        ("public_key_file", path(&public_key(layout))),
    ]);
    let entries = vec![
        ("listen", Value::String(listen.to_string())),
        ("origin", Value::String(origin.to_owned())),
        ("demo", Value::Boolean(true)),
        ("demo_file", path(&layout.demo_file())),
        ("supervisor_lock", path(&layout.lock_file())),
        ("server_lock", path(&server_lock(layout))),
        ("database", database),
        ("keys", keys),
        ("anchor", anchor),
        (
            "tls",
            section(vec![("local_dir", path(&server.join("tls")))]),
        ),
        (
            "log",
            section(vec![("folder", path(&layout.logs_server()))]),
        ),
    ];
    entries
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files::tests::scratch;

    #[test]
    fn what_up_writes_serve_accepts() {
        let dir = scratch();
        let layout = Layout::open(&dir).unwrap();
        let listen = "127.0.0.1:9443".parse().unwrap();
        let text = table(&layout, listen, "https://localhost:9443").to_string();
        let file = dir.join("server.toml");
        std::fs::write(&file, text).unwrap();
        let config = crate::config::load(&file).unwrap();
        assert_eq!(config.listen, listen);
        assert!(config.demo);
        assert_eq!(config.keys.places.len(), 2);
        assert_eq!(config.supervisor_lock, Some(layout.lock_file()));
        std::fs::remove_dir_all(dir).unwrap();
    }
}
