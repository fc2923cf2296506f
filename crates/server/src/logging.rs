//! The operational log: one line an event, with the request's id, into files of bounded size or to standard output.
//!
//! Invariant: no patient data. Events carry ids, kinds, counts and times; a panic's message is not logged, only where
//! it happened, because the message can quote a value.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::Context as _;
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::config::{Log, LogFormat};

/// A file that has grown past this is put aside.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How many are kept aside: together at most 96 MiB.
const FILES_ASIDE_MAX: u32 = 5;
/// The name of the file that is written.
const FILE_NAME: &str = "server.log";

/// Starts logging for the whole process.
///
/// # Errors
/// The folder cannot be written, or logging has been started before.
pub(crate) fn start(log: &Log) -> anyhow::Result<()> {
    let filter: EnvFilter = log.level.parse().context("`log.level` cannot be used")?;
    let writer = match &log.dir {
        Some(dir) => BoxMakeWriter::new(Mutex::new(RotatingFile::open(dir, FILE_BYTES_MAX)?)),
        None => BoxMakeWriter::new(io::stdout),
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(false);
    let started = match log.format {
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .try_init(),
        LogFormat::Text => builder.try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("Logging cannot start: {error}"))?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "the program has a fault: a task ended in a panic");
    }));
    Ok(())
}

/// A log file that is put aside when it is full; the oldest of those aside goes.
struct RotatingFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    bytes_max: u64,
}

impl RotatingFile {
    fn open(dir: &Path, bytes_max: u64) -> anyhow::Result<Self> {
        let path = dir.join(FILE_NAME);
        let file =
            append_to(&path).with_context(|| format!("{} cannot be written", path.display()))?;
        let bytes = file.metadata()?.len();
        Ok(Self {
            path,
            file,
            bytes,
            bytes_max,
        })
    }

    fn rotate(&mut self) -> io::Result<()> {
        for number in (1..FILES_ASIDE_MAX).rev() {
            let from = self.aside(number);
            if from.exists() {
                std::fs::rename(from, self.aside(number + 1))?;
            }
        }
        std::fs::rename(&self.path, self.aside(1))?;
        self.file = append_to(&self.path)?;
        self.bytes = 0;
        Ok(())
    }

    fn aside(&self, number: u32) -> PathBuf {
        self.path.with_extension(format!("log.{number}"))
    }
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.bytes + line.len() as u64 > self.bytes_max && self.bytes > 0 {
            self.rotate()?;
        }
        let written = self.file.write(line)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files::tests::scratch;

    #[test]
    fn a_full_file_is_put_aside_and_the_oldest_goes() {
        let dir = scratch();
        let mut log = RotatingFile::open(&dir, 10).unwrap();
        for number in 0..9 {
            log.write_all(format!("line {number} \n").as_bytes())
                .unwrap();
        }
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
        assert_eq!(read("server.log"), "line 8 \n");
        assert_eq!(read("server.log.1"), "line 7 \n");
        assert_eq!(read("server.log.5"), "line 3 \n");
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 6);
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_second_start_goes_on_in_the_same_file() {
        let dir = scratch();
        for _ in 0..2 {
            RotatingFile::open(&dir, 100)
                .unwrap()
                .write_all(b"line\n")
                .unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(dir.join("server.log")).unwrap(),
            "line\nline\n"
        );
        std::fs::remove_dir_all(dir).unwrap();
    }
}
