//! A day file as it was read: what to plan, which steps to take, and what is expected of each.
//!
//! Invariant: nothing here knows what is allowed. Whether a step is accepted is the server's answer.

use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A day file.
pub(crate) struct DayFile {
    /// What the file is called in messages.
    pub(crate) file: String,
    /// Which day is played.
    pub(crate) day: DayWanted,
    /// The time zone in which its times are written: the clinic's.
    pub(crate) zone: TimeZone,
    /// Sessions to plan, in the order of the file.
    pub(crate) sessions: Vec<SessionPlanned>,
    /// Steps to take, in the order of the file.
    pub(crate) steps: Vec<DayStep>,
}

/// Which day is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayWanted {
    /// The first day on which nothing of the file has passed: today, or tomorrow.
    Next,
    /// This date.
    On(Date),
}

/// A session to plan.
pub(crate) struct SessionPlanned {
    pub(crate) line: usize,
    /// How the file's steps call it.
    pub(crate) name: String,
    /// Seconds after the day's midnight; with the first step when it does not say.
    pub(crate) at_s: Option<u32>,
    /// Who plans it: a sign-in name.
    pub(crate) by: String,
    /// The delayed session that it takes up again.
    pub(crate) follows: Option<String>,
    pub(crate) expect: Option<Outcome>,
    pub(crate) fields: Vec<Field>,
}

/// A step to take.
pub(crate) struct DayStep {
    pub(crate) line: usize,
    /// Its number in the file, from 1.
    pub(crate) number: usize,
    pub(crate) at: At,
    pub(crate) act: Act,
    pub(crate) expect: Option<Outcome>,
}

/// When a step is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// Seconds after the day's midnight; past 24 hours it is the next day.
    Clock(u32),
    /// Seconds after the step before.
    After(u32),
}

/// The word for moving a session's entries to the right patient.
pub(crate) const WRONG_PATIENT: &str = "wrong-patient";

/// What is done.
pub(crate) enum Act {
    /// A step of the catalogue is taken.
    Take(Taken),
    /// A session was kept for the wrong patient: what it holds moves, and it is deleted.
    WrongPatient(Mistaken),
    /// The record is exported into a file.
    Export(Exported),
    /// Somebody signs out.
    SignOut {
        /// Who.
        by: String,
    },
    /// Nothing but time passes.
    Wait,
}

/// A step of the catalogue.
pub(crate) struct Taken {
    /// Its name in the catalogue.
    pub(crate) step: &'static str,
    pub(crate) by: String,
    pub(crate) session: String,
    /// How later steps call the entry that it makes (`@name`).
    pub(crate) name: Option<String>,
    pub(crate) fields: Vec<Field>,
}

/// A session kept for the wrong patient.
pub(crate) struct Mistaken {
    pub(crate) by: String,
    pub(crate) session: String,
    /// The right session; none where nothing has to move.
    pub(crate) to: Option<String>,
}

/// An export.
pub(crate) struct Exported {
    pub(crate) by: String,
    pub(crate) session: String,
    pub(crate) kind: ExportKind,
    /// A path under the folder for exports; `{day}` in it is the day's date.
    pub(crate) to: String,
}

/// Which export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExportKind {
    /// The record as PDF.
    Pdf,
    /// The record bundle.
    Bundle,
}

impl ExportKind {
    /// As the page's form names it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Bundle => "bundle",
        }
    }
}

/// A field of a form with what the file gives for it.
pub(crate) struct Field {
    pub(crate) line: usize,
    pub(crate) name: String,
    pub(crate) given: Given,
}

/// What is given for a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// One value, as it would be typed.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Saved, or done.
    Accepted,
    /// Saved, and it stands out on the record.
    Marked,
    /// Not saved.
    Refused,
}

impl Outcome {
    /// The word in files and on the screen.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Marked => "marked",
            Self::Refused => "refused",
        }
    }

    /// The outcome of a word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Accepted, Self::Marked, Self::Refused]
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

impl DayStep {
    /// The word after `do`.
    pub(crate) fn word(&self) -> &'static str {
        match &self.act {
            Act::Take(taken) => taken.step,
            Act::WrongPatient(_) => WRONG_PATIENT,
            Act::Export(_) => "export",
            Act::SignOut { .. } => "sign-out",
            Act::Wait => "wait",
        }
    }

    /// Who does it, where somebody does.
    pub(crate) fn by(&self) -> Option<&str> {
        match &self.act {
            Act::Take(taken) => Some(&taken.by),
            Act::WrongPatient(mistaken) => Some(&mistaken.by),
            Act::Export(exported) => Some(&exported.by),
            Act::SignOut { by } => Some(by),
            Act::Wait => None,
        }
    }

    /// The session that it is about, where it is about one.
    pub(crate) fn session(&self) -> Option<&str> {
        match &self.act {
            Act::Take(taken) => Some(&taken.session),
            Act::WrongPatient(mistaken) => Some(&mistaken.session),
            Act::Export(exported) => Some(&exported.session),
            Act::SignOut { .. } | Act::Wait => None,
        }
    }
}
