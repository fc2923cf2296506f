//! Settings that are well formed and still refused, each with its reason, and files that too many may read.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::Uid;

use super::{Config, PinCost, TlsSource};

/// The floor of OWASP's password storage advice for Argon2id: 19 MiB, two passes, one lane.
pub(crate) const PIN_COST_FLOOR: PinCost = PinCost {
    kib: 19_456,
    passes: 2,
    lanes: 1,
};
/// A key counts once two places hold it.
const KEY_PLACES_MIN: usize = 2;

/// One sentence for each danger in the settings themselves.
pub(crate) fn of_settings(config: &Config) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(of_demo(config));
    found.extend(of_origin(config));
    if config.keys.places.len() < KEY_PLACES_MIN {
        found.push(format!("`keys.places` names {} place(s): keys live in at least {KEY_PLACES_MIN}, so that one dead disk loses no record.", config.keys.places.len()));
    }
    let places: Vec<PathBuf> = config.keys.places.iter().map(|place| real(place)).collect();
    let is_shared = |n: usize, place: &PathBuf| {
        let earlier = places[..n].iter();
        earlier
            .clone()
            .any(|other| other.starts_with(place) || place.starts_with(other))
    };
    if places
        .iter()
        .enumerate()
        .any(|(n, place)| is_shared(n, place))
    {
        found.push(
            "`keys.places` names one folder twice, or one inside another: that is one place, and one dead disk."
                .to_owned(),
        );
    }
    let root_key = real(&config.keys.root_key_file);
    if places.iter().any(|place| root_key.starts_with(place)) {
        found.push(
            "`keys.root_key_file` lies in a key place: whoever takes that place has the keys and what opens them."
                .to_owned(),
        );
    }
    let cost = &config.pins;
    let floor = &PIN_COST_FLOOR;
    if !config.demo
        && (cost.kib < floor.kib || cost.passes < floor.passes || cost.lanes < floor.lanes)
    {
        found.push(format!("`pins` is cheaper than Argon2id with {} KiB, {} passes, {} lane: PINs are short, and a stolen table of them would be guessed. Cheaper is possible in a demo alone.", floor.kib, floor.passes, floor.lanes));
    }
    found
}

/// The folder that a path leads to, links and `..` followed as far as there is something to follow.
fn real(path: &Path) -> PathBuf {
    let mut rest = Vec::new();
    let mut there = path;
    loop {
        if let Ok(found) = there.canonicalize() {
            return rest
                .into_iter()
                .rev()
                .fold(found, |path, name| path.join(name));
        }
        match (there.parent(), there.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name);
                there = parent;
            }
            _ => return path.to_owned(),
        }
    }
}

fn of_demo(config: &Config) -> Option<String> {
    if config.demo && !config.listen.ip().is_loopback() {
        return Some(format!(
            "`demo` is true and `listen` is {}: a demo shows its codes and PINs to everyone who can reach it, so it listens on this machine alone (127.0.0.1 or [::1]).",
            config.listen
        ));
    }
    if config.demo && config.supervisor_lock.is_none() {
        return Some(
            "`demo` is true: `serve` does not serve a demo. Start one with `clerestory up`."
                .to_owned(),
        );
    }
    None
}

fn of_origin(config: &Config) -> Option<String> {
    let origin = &config.origin;
    if origin.starts_with("http://") {
        return Some(format!(
            "`origin` is {origin}: plain HTTP would show patient data and sign-ins to the network. Pages are served over https:// alone."
        ));
    }
    let Some(host) = origin_host(origin) else {
        return Some(format!(
            "`origin` is {origin}: it has to be https://NAME or https://NAME:PORT, with nothing behind it."
        ));
    };
    let is_local = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    if matches!(config.tls, TlsSource::Local { .. }) && !is_local {
        return Some(format!(
            "`tls.local_dir` makes a certificate for localhost alone, and `origin` names {host}: give `tls.certificate_file` and `tls.private_key_file` for that name."
        ));
    }
    None
}

/// `https://clinic.example:8443` → `clinic.example`.
fn origin_host(origin: &str) -> Option<&str> {
    let rest = origin.strip_prefix("https://")?;
    let host = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            port.parse::<u16>().ok()?;
            host
        }
        Some(_) | None => rest,
    };
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-._[]:".contains(letter);
    (!host.is_empty() && host.chars().all(allowed)).then_some(host)
}

/// One sentence for each file or folder that more than its owner may read, or whose place more than its owner may change.
pub(crate) fn of_files(config: &Config) -> Vec<String> {
    let keys = &config.keys;
    let mut private: Vec<&Path> = vec![&keys.root_key_file, &keys.log_signing_key_file];
    private.extend(keys.places.iter().map(std::path::PathBuf::as_path));
    if let TlsSource::Files { private_key, .. } = &config.tls {
        private.push(private_key);
    }
    let mut found: Vec<String> = private.into_iter().filter_map(too_open).collect();
    found.extend(writable_by_others(&config.anchor_dir));
    found.extend(writable_by_others(&keys.tombstones_file));
    found.extend(
        folders_above(config)
            .into_iter()
            .filter_map(replaceable_by_others),
    );
    found
}

/// The folders in which keys, key places, tombstones and anchor lie, each once: whoever may write there can put others in
/// their stead, whatever their own modes are.
fn folders_above(config: &Config) -> BTreeSet<&Path> {
    let keys = &config.keys;
    let within = [
        &keys.root_key_file,
        &keys.log_signing_key_file,
        &keys.tombstones_file,
        &config.anchor_dir,
    ];
    let all = within.into_iter().chain(&keys.places);
    all.filter_map(|path| path.parent()).collect()
}

/// As [`writable_by_others`], for a folder of ours among others' (as `/tmp`): with the sticky bit, nobody but its owner moves
/// what lies there.
fn replaceable_by_others(folder: &Path) -> Option<String> {
    let mode = folder.metadata().ok()?.mode();
    (mode & 0o1000 == 0).then(|| writable_by_others(folder))?
}

/// A sentence when the path exists and is not its owner's (this user's) alone.
pub(crate) fn too_open(path: &Path) -> Option<String> {
    let found = path.metadata().ok()?;
    let shown = path.display();
    if found.uid() != Uid::effective().as_raw() {
        return Some(format!(
            "{shown} belongs to another user (number {}): give it to the one who runs this, with `chown`.",
            found.uid()
        ));
    }
    let wanted = if found.is_dir() { "700" } else { "600" };
    (found.mode() & 0o077 != 0).then(|| {
        format!(
            "{shown} may be read or written by others (mode {:o}): `chmod {wanted} {shown}`.",
            found.mode() & 0o777
        )
    })
}

/// A sentence when others may change what lies there: the configuration, and with it everything; the anchor or the tombstones,
/// and with them what the database is held against.
pub(crate) fn writable_by_others(path: &Path) -> Option<String> {
    let mode = path.metadata().ok()?.mode();
    (mode & 0o022 != 0).then(|| {
        format!(
            "{0} may be written by others (mode {1:o}): `chmod go-w {0}`.",
            path.display(),
            mode & 0o777
        )
    })
}

/// Whether `address` can be reached from this machine alone; a sentence if not.
///
/// # Errors
/// The sentence for the screen.
pub(crate) fn loopback_only(address: SocketAddr) -> Result<(), String> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    Err(format!(
        "--listen {address} can be reached by others, and a demo shows its codes and PINs to everyone who can reach it. Use 127.0.0.1:{} (and an SSH tunnel to look from elsewhere).",
        address.port()
    ))
}
