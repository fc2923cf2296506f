//! `clerestory play`: a day file, played against a running demo through its pages, as phones would.
//!
//! Why through the pages: `docs/decisions/0007-play-through-the-pages.md`. The format: `docs/day-file.md`.
//!
//! Invariant: no rule of treatment, and no way into the server but its front door.

mod day;
mod form;
mod http;
mod page;
mod phone;
mod read;
mod report;
mod schedule;
mod stage;
mod state;

#[cfg(test)]
mod reference;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::files;
use crate::serve::demo_file::DemoFile;
use day::{Act, DayFile, ExportKind};
use report::{Doing, Report};
use schedule::Cue;
use stage::{Setting, Stage};

/// The longest day file: a week of a large clinic stays below.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A day file that was read: what can be wrong with it is known before anything is played.
#[derive(Clone)]
pub(crate) struct Script(Arc<DayFile>);

impl Script {
    /// The day that `up` plays when no other is named.
    ///
    /// # Errors
    /// As [`Script::read`].
    pub(crate) fn built_in() -> anyhow::Result<Self> {
        Self::of("demo/day.toml", include_str!("../../../../demo/day.toml"))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, is no text, or is no day file; then with its line.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let bytes = files::read_bounded(path, FILE_BYTES_MAX)?;
        let text = String::from_utf8(bytes)
            .with_context(|| format!("{name} is not UTF-8 text: save it as UTF-8"))?;
        Self::of(&name, &text)
    }

    fn of(name: &str, text: &str) -> anyhow::Result<Self> {
        let file = read::read(name, text)?;
        schedule::check(&file)?;
        Ok(Self(Arc::new(file)))
    }

    /// What the file is called in messages.
    pub(crate) fn name(&self) -> &str {
        &self.0.file
    }
}

/// What to play, and where.
pub(crate) struct Options {
    pub(crate) script: Script,
    /// The demo's address on this machine, `https://localhost:8443`.
    pub(crate) address: String,
    /// The certificate of the demo's authority, in PEM: the only one that is trusted.
    pub(crate) trust: PathBuf,
    /// The demo's people with their PINs (`demo.json`).
    pub(crate) people: PathBuf,
    /// Where exports are written.
    pub(crate) exports_dir: PathBuf,
    /// A line of JSON each instead of words.
    pub(crate) json: bool,
}

/// A day that was played.
#[derive(Debug)]
pub(crate) struct Played {
    /// Steps whose outcome is not what the file expects.
    pub(crate) unexpected: usize,
    /// The record bundles that were written, in order.
    pub(crate) bundles: Vec<PathBuf>,
}

/// Plays a day, and prints each step as it happens.
///
/// # Errors
/// No demo answers, its clock is past the day, or it is at fault. A refused step is no error.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Played> {
    let file = options.script.0.as_ref();
    let demo = Rc::new(http::Demo::at(&options.address, &options.trust)?);
    let people = DemoFile::read(&options.people)
        .context("Name the demo's people with --people")?
        .people;
    let now = stage::clock(&demo).await?;
    let schedule = schedule::schedule(file, now)?;
    let setting = Setting {
        file,
        day: schedule.day,
        exports_dir: &options.exports_dir,
        demo,
        now,
    };
    let mut stage = Stage::set(setting, people)?;
    let mut report = Report::new(file, options.json);
    report.begin(schedule.day, &options.address);
    let mut bundles = Vec::new();
    for (at, cue) in &schedule.cues {
        stage.clock_hold(*at).await?;
        let doing = doing(*at, cue);
        let done = match cue {
            Cue::Plan(session) => stage.plan(session).await,
            Cue::Step(step) => stage.act(step).await,
        };
        let done = done.with_context(|| format!("{}:{}: {}", file.file, doing.line, doing.word))?;
        if let (Cue::Step(step), Some(written)) = (cue, &done.file)
            && is_bundle(&step.act)
        {
            bundles.push(written.clone());
        }
        report.done(&doing, &done)?;
    }
    for state in stage.states().await? {
        report.state(&state)?;
    }
    report.end();
    Ok(Played {
        unexpected: report.unexpected,
        bundles,
    })
}

fn doing<'a>(at: Timestamp, cue: &Cue<'a>) -> Doing<'a> {
    match cue {
        Cue::Plan(session) => Doing {
            step: 0,
            line: session.line,
            at,
            by: Some(&session.by),
            session: Some(&session.name),
            word: "plan",
            expect: session.expect,
        },
        Cue::Step(step) => Doing {
            step: step.number,
            line: step.line,
            at,
            by: step.by(),
            session: step.session(),
            word: step.word(),
            expect: step.expect,
        },
    }
}

fn is_bundle(act: &Act) -> bool {
    matches!(act, Act::Export(exported) if exported.kind == ExportKind::Bundle)
}
