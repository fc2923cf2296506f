//! How a step's form is described: one description serves the page, the parser's messages and the documentation.

/// A choice with its value in the form and its words.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    /// The value that is sent.
    pub value: &'static str,
    /// The words.
    pub label: &'static str,
}

/// Where the choices of a field come from that are not the same in every session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The clinic's clinicians and prescribers; the value is the person's id.
    Clinicians,
    /// The clinic's prescribers; the value is the person's id.
    Prescribers,
    /// The protocol's doses in milligrams.
    Doses,
    /// The clinic's scale of severity.
    Severities,
    /// The protocol's symptoms of hypertensive crisis.
    CrisisSymptoms,
    /// The protocol's kinds of serious adverse events.
    SeriousKinds,
    /// The protocol's reports after a serious adverse event.
    Reports,
    /// Episodes without a resolution; the value is the onset's number in the session.
    OpenEpisodes,
    /// What asks for the prescriber's decision.
    Concerns,
    /// Entries that can be corrected; the value is the entry's number in the session.
    Correctable,
    /// What an answer about seriousness can be about.
    SeriousSubjects,
}

/// What goes into a field.
#[derive(Clone, Copy, Debug)]
pub enum FieldKind {
    /// One line.
    Text {
        /// Most characters.
        longest: u32,
    },
    /// Several lines.
    Note {
        /// Most characters.
        longest: u32,
    },
    /// A whole number.
    Number {
        /// The unit, for the eye.
        unit: &'static str,
    },
    /// Two whole numbers, systolic and diastolic: the field's own name and `diastolic`.
    Pressure,
    /// One of fixed choices.
    Choice(&'static [Chosen]),
    /// Several of fixed choices (the name is sent once for each).
    Several(&'static [Chosen]),
    /// One of the choices of this session; `none` is the words of "no choice", empty where there is none. What is sent
    /// for it is nothing, or `nobody` where the field is required.
    One {
        /// Where the choices come from.
        source: Source,
        /// The words of "no choice".
        none: &'static str,
    },
    /// Several of the choices of this session (the name is sent once for each).
    Many(Source),
    /// A date, `YYYY-MM-DD`.
    Date,
    /// A moment that may stay empty: `NAME_time` (`HH:MM` or `HH:MM:SS`) and `NAME_date` (`YYYY-MM-DD`; today).
    Time,
    /// Now or another time: `NAME` is `now` or `other`, then `NAME_time` and `NAME_date` as above.
    Moment,
    /// The protocol's checklist: `item_ID` is `yes`, `no` or `not_asked`, `note_ID` a remark.
    Checklist,
}

/// Whether a form can go without a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It has to be filled in.
    Required,
    /// It may stay empty.
    Optional,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// The name that is sent.
    pub name: &'static str,
    /// The label.
    pub label: &'static str,
    /// A hint, or empty.
    pub hint: &'static str,
    /// What goes in.
    pub kind: FieldKind,
    /// Required or optional.
    pub need: Need,
}

impl FieldSpec {
    pub(crate) const fn new(name: &'static str, label: &'static str, kind: FieldKind) -> Self {
        Self {
            name,
            label,
            hint: "",
            kind,
            need: Need::Required,
        }
    }

    pub(crate) const fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    pub(crate) const fn optional(self) -> Self {
        Self {
            need: Need::Optional,
            ..self
        }
    }

    /// Every name that the field may send.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        match self.kind {
            FieldKind::Pressure => vec![self.name.to_owned(), "diastolic".to_owned()],
            FieldKind::Time => vec![format!("{}_time", self.name), format!("{}_date", self.name)],
            FieldKind::Moment => vec![
                self.name.to_owned(),
                format!("{}_time", self.name),
                format!("{}_date", self.name),
            ],
            FieldKind::Checklist => vec!["item_ID".to_owned(), "note_ID".to_owned()],
            FieldKind::Text { .. }
            | FieldKind::Note { .. }
            | FieldKind::Number { .. }
            | FieldKind::Choice(_)
            | FieldKind::Several(_)
            | FieldKind::One { .. }
            | FieldKind::Many(_)
            | FieldKind::Date => vec![self.name.to_owned()],
        }
    }
}

/// How a section of a form looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionShape {
    /// One field under the other.
    Plain,
    /// Small fields side by side.
    Grid,
    /// Folded away until it is needed; open when something in it was filled in or is wrong.
    Folded {
        /// Whether it is open.
        open: bool,
    },
}

/// A section of a form.
#[derive(Clone, Copy, Debug)]
pub struct SectionSpec {
    /// The title; may be empty.
    pub title: &'static str,
    /// How it looks.
    pub shape: SectionShape,
    /// Its fields.
    pub fields: &'static [FieldSpec],
}

/// Where a step stands on the session page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Before the first device.
    BeforeDosing,
    /// Giving devices.
    Dosing,
    /// Watching.
    Monitoring,
    /// What may happen at any time.
    Events,
    /// How it ends.
    Ending,
    /// After the end.
    Afterwards,
    /// On the record itself.
    Record,
}

impl Group {
    /// Every group in the order of the page.
    pub const ALL: [Self; 7] = [
        Self::BeforeDosing,
        Self::Dosing,
        Self::Monitoring,
        Self::Events,
        Self::Ending,
        Self::Afterwards,
        Self::Record,
    ];

    /// The group's title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::BeforeDosing => "Before dosing",
            Self::Dosing => "Dosing",
            Self::Monitoring => "Monitoring",
            Self::Events => "Events",
            Self::Ending => "Ending",
            Self::Afterwards => "After the end",
            Self::Record => "The record",
        }
    }
}

/// One step of the day: its address, its form, and how the form is read.
#[derive(Clone, Copy)]
pub struct Step {
    /// The stable name, as addresses and files use it: `POST /floor/sessions/{id}/{name}`.
    pub name: &'static str,
    /// The kind of the command that it makes ([`domain::treatment::Command::kind`]).
    pub kind: &'static str,
    /// The title of its page.
    pub title: &'static str,
    /// One quiet sentence under the title; may be empty.
    pub lead: &'static str,
    /// The words of its button.
    pub submit: &'static str,
    /// Where it stands on the session page.
    pub group: Group,
    /// The form.
    pub sections: &'static [SectionSpec],
    pub(crate) read: fn(&mut super::read::Reader<'_>) -> Option<domain::treatment::Command>,
}

impl Step {
    /// Every field of the form, the common ones (`when`, `taken_by`) not among them.
    pub fn fields(&self) -> impl Iterator<Item = &'static FieldSpec> {
        self.sections.iter().flat_map(|section| section.fields)
    }

    /// The address that its form is sent to; `{id}` is the session's id.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/floor/sessions/{{id}}/{}", self.name)
    }
}
