//! The form of vitals where it is opened for one wanted reading: its blood pressure, or why there is none.

use super::spec::{FieldSpec, SectionShape, SectionSpec};
use super::table::VITAL_SIGNS;
use super::vocabulary::{WHY_ABSENT, choice, folded, line, plain};

/// The name under which a form carries for which reading it was opened, so that it is shown again as it was.
pub(crate) const ASKED: &str = "asked";

/// The readings that such a form can be opened for.
pub(crate) fn is_asked(occasion: &str) -> bool {
    matches!(occasion, "forty_minutes" | "before_discharge")
}

const ABSENCE: &[FieldSpec] = &[
    choice("pressure_absent", "Why there is no reading", WHY_ABSENT).optional(),
    line("pressure_reason", "Reason why there is none"),
];

/// While a reading can still be taken, it comes first.
pub(crate) const WANTED: &[SectionSpec] = &[
    SectionSpec {
        title: "",
        shape: SectionShape::Grid,
        fields: VITAL_SIGNS.split_at(1).0,
    },
    plain(ABSENCE),
    folded("Other vital signs", VITAL_SIGNS.split_at(1).1),
];

/// Where no reading that is taken now counts any more, the reason comes first. One that was taken in time and is written
/// down late is still asked for.
pub(crate) const MISSED: &[SectionSpec] = &[
    plain(ABSENCE),
    folded("It was taken, and is written down now", VITAL_SIGNS),
];
