//! What the templates are made from: strings ready to be shown, and a few small types of the design vocabulary.
//!
//! Invariant: no template decides anything about a session; it only lays out what stands here.

mod against;
mod alarm;
mod concerns;
mod due;
mod form;
mod groups;
mod notices;
mod options;
mod session;
mod timeline;
mod title;

use app::treatment::Patient;
use jiff::Timestamp;

pub(crate) use crate::steps::SectionShape;
pub(crate) use against::{LackView, RefusalView, against_view, refusal_view};
pub(crate) use alarm::{AlarmView, alarm_dock, alarm_lines, alarm_view};
pub(crate) use due::{
    DueView, NextView, due_view, dues_sorted, dues_view, next_view, waiting_step, waiting_words,
};
pub(crate) use form::{
    ChoiceShape, Control, FieldView, FormView, OptionView, Problem, SectionView, field_view,
    form_view,
};
pub(crate) use groups::{StepGroup, groups_view};
pub(crate) use notices::{notices_view, record_notices_view};
pub(crate) use options::person_label;
pub(crate) use session::{
    Clock, Head, clocks_view, day_of, head_view, may_correct, phase_chip, say_of, step_href,
};
pub(crate) use timeline::{EntryView, SavedView, entry_view, saved_view, timeline_view};
pub(crate) use title::{asked, is_missed, step_lead, step_title};

/// The pictures of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// Something is overdue or wrong.
    Alert,
    /// Time.
    Clock,
    /// Done.
    Check,
    /// Refused.
    Stop,
    /// Worth knowing.
    Info,
    /// Onward.
    Go,
    /// Back.
    Back,
    /// Locked.
    Lock,
    /// Stands out.
    Flag,
    /// More.
    Plus,
}

/// How loud something is. Never told by colour alone: each use has words and a picture too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Plain.
    Quiet,
    /// Going on now.
    Live,
    /// Done, fine.
    Good,
    /// Look at it.
    Warn,
    /// Act.
    Alarm,
}

impl Tone {
    /// The class in the style sheet.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Quiet => "quiet-tone",
            Self::Live => "live",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Alarm => "alarm",
        }
    }
}

/// A word in a capsule.
pub(crate) struct Chip {
    pub(crate) words: String,
    pub(crate) tone: Tone,
    pub(crate) icon: Option<Icon>,
}

/// A step to go to.
pub(crate) struct StepLink {
    pub(crate) name: String,
    pub(crate) href: String,
    pub(crate) label: String,
    pub(crate) note: String,
    pub(crate) done: Option<Chip>,
    pub(crate) is_urgent: bool,
}

impl StepLink {
    /// A link with nothing but its words.
    pub(crate) fn plain(name: &str, href: String, label: String) -> Self {
        Self {
            name: name.to_owned(),
            href,
            label,
            note: String::new(),
            done: None,
            is_urgent: false,
        }
    }

    /// The same link a second time on the page.
    pub(crate) fn copied(&self) -> Self {
        Self::plain(&self.name, self.href.clone(), self.label.clone())
    }
}

/// A box that asks for attention.
pub(crate) struct Notice {
    pub(crate) key: &'static str,
    pub(crate) tone: Tone,
    pub(crate) icon: Icon,
    pub(crate) title: String,
    pub(crate) lines: Vec<String>,
    pub(crate) step: Option<StepLink>,
}

impl Notice {
    /// Whether it stands before the vitals; what is quiet comes after them, folded.
    pub(crate) fn is_loud(&self) -> bool {
        self.tone != Tone::Quiet
    }
}

/// Sessions that a page leaves out because they could not be opened.
pub(crate) struct UnreadableView {
    pub(crate) words: String,
    /// Address and words of each.
    pub(crate) sessions: Vec<(String, String)>,
}

/// What every page has around it. No name of a patient stands in a title: titles stay in a phone's history.
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) demo: bool,
    pub(crate) assets: &'static str,
    pub(crate) now_stamp: String,
    pub(crate) viewer: Option<String>,
    pub(crate) owner: bool,
    pub(crate) clinic: String,
    pub(crate) docked: bool,
}

impl Frame {
    /// A frame for somebody who is not signed in.
    pub(crate) fn outside(title: &str, demo: bool, now: Timestamp) -> Self {
        Self {
            title: title.to_owned(),
            demo,
            assets: crate::assets::folder(),
            now_stamp: stamp(now),
            viewer: None,
            owner: false,
            clinic: String::new(),
            docked: false,
        }
    }

    /// With the signed-in person and the clinic.
    pub(crate) fn of(mut self, viewer: String, owner: bool, clinic: &str) -> Self {
        self.viewer = Some(viewer);
        self.owner = owner;
        self.clinic = clinic.to_owned();
        self
    }

    /// With a bar at the bottom of a phone's screen.
    pub(crate) fn with_dock(mut self) -> Self {
        self.docked = true;
        self
    }
}

/// A time as machines read it, in whole seconds.
pub(crate) fn stamp(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second())
        .unwrap_or(at)
        .to_string()
}

/// The whole name, for the head of a page.
pub(crate) fn patient_name(patient: &Patient) -> String {
    [
        patient.first_name.as_str(),
        patient.middle_initial.as_str(),
        patient.last_name.as_str(),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join(" ")
}

/// The short name, for the board, where others may look over a shoulder: `Mara Q.`
pub(crate) fn patient_name_short(patient: &Patient) -> String {
    match patient.last_name.chars().next() {
        Some(initial) => format!("{} {initial}.", patient.first_name),
        None => patient.first_name.clone(),
    }
}
