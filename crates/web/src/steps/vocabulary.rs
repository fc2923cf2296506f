//! The words of which the steps' forms are made: kinds of fields, and choices that several forms share.

use super::spec::{Chosen, FieldKind, FieldSpec, SectionShape, SectionSpec, Source};

/// Longest text in one line: a line of the printed record.
const LINE: u32 = 120;
/// Longest text in several lines: half a page of the printed record.
const NOTE: u32 = 2000;

pub(super) const fn chosen(value: &'static str, label: &'static str) -> Chosen {
    Chosen { value, label }
}

pub(super) const fn line(name: &'static str, label: &'static str) -> FieldSpec {
    FieldSpec::new(name, label, FieldKind::Text { longest: LINE })
}

pub(super) const fn note(name: &'static str, label: &'static str) -> FieldSpec {
    FieldSpec::new(name, label, FieldKind::Note { longest: NOTE })
}

pub(super) const fn choice(
    name: &'static str,
    label: &'static str,
    choices: &'static [Chosen],
) -> FieldSpec {
    FieldSpec::new(name, label, FieldKind::Choice(choices))
}

pub(super) const fn one(
    name: &'static str,
    label: &'static str,
    source: Source,
    none: &'static str,
) -> FieldSpec {
    FieldSpec::new(name, label, FieldKind::One { source, none })
}

pub(super) const fn many(name: &'static str, label: &'static str, source: Source) -> FieldSpec {
    FieldSpec::new(name, label, FieldKind::Many(source))
}

pub(super) const fn plain(fields: &'static [FieldSpec]) -> SectionSpec {
    SectionSpec {
        title: "",
        shape: SectionShape::Plain,
        fields,
    }
}

pub(super) const fn folded(title: &'static str, fields: &'static [FieldSpec]) -> SectionSpec {
    SectionSpec {
        title,
        shape: SectionShape::Folded { open: false },
        fields,
    }
}

pub(super) const YES_NO: &[Chosen] = &[chosen("yes", "Yes"), chosen("no", "No")];
pub(super) const EPISODES: &[Chosen] = &[
    chosen("sedation", "Sedation"),
    chosen("dissociation", "Dissociation"),
    chosen("respiratory_depression", "Respiratory depression"),
];
pub(super) const ABSENT: &[Chosen] = &[
    chosen("", "—"),
    chosen("not_obtained", "Not obtained"),
    chosen("declined", "Declined"),
];
/// The same where it is asked for itself.
pub(super) const WHY_ABSENT: &[Chosen] = &[
    chosen("not_obtained", "Not obtained"),
    chosen("declined", "Declined"),
];
pub(super) const COUNTS: &[Chosen] = &[chosen("2", "2"), chosen("1", "1"), chosen("0", "0")];
pub(super) const SERIOUS: &[Chosen] = &[
    chosen("yes", "Yes"),
    chosen("no", "No"),
    chosen("later", "To be answered later"),
];

/// What `occasion` can be: for which wanted reading a missing value stands.
pub(super) const OCCASIONS: &[Chosen] = &[
    chosen("before_dosing", "Before dosing"),
    chosen("forty_minutes", "At 40 minutes"),
    chosen("before_discharge", "Before the end of monitoring"),
    chosen("other", "Another time"),
];

/// Questions about a departure against advice; each may stay open.
pub(super) const DEPARTURE: &[FieldSpec] = &[
    one(
        "prescriber_told",
        "Prescriber told",
        Source::Prescribers,
        "Not yet",
    )
    .optional(),
    choice(
        "last_vitals",
        "Last vitals",
        &[
            chosen("", "Not yet answered"),
            chosen("taken", "Taken"),
            chosen("declined", "Declined"),
            chosen("not_obtained", "Not obtained"),
        ],
    )
    .optional(),
    choice(
        "orientation",
        "Orientation",
        &[
            chosen("", "Not yet answered"),
            chosen("oriented", "Oriented"),
            chosen("not_oriented", "Not oriented"),
            chosen("not_assessed", "Not assessed"),
        ],
    )
    .optional(),
    line("escort", "Who went with the patient")
        .hint("“Alone” is an answer.")
        .optional(),
    choice(
        "signature",
        "Signature of the patient",
        &[
            chosen("", "Not yet answered"),
            chosen("signed", "Signed"),
            chosen("refused", "Refused to sign"),
            chosen("not_asked", "Could not be asked"),
        ],
    )
    .optional(),
];
