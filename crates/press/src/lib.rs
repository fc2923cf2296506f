//! Prints a session record as a PDF made for paper: US Letter, black and white, tagged PDF/A-2a.
//!
//! The record comes as plain words ([`RecordPrint`]); the layout is the Typst template in `template/`; the fonts lie
//! in `fonts/`. The same record gives the same bytes.
//!
//! Invariant: patient text reaches the template as data (a JSON file that only this crate's world can see), never as
//! markup. Nothing is read from the disk, the network, the clock or the environment. Errors carry no patient text.
//! After each print the layout engine's caches are emptied, so that no record lingers in them.

mod error;
mod limits;
mod plot;
mod print;
mod record;
#[cfg(any(test, feature = "sample"))]
pub mod sample;
#[cfg(test)]
mod tests;
mod words;
mod world;

pub use error::PressError;
pub use limits::{EVENTS_MAX, READINGS_MAX, ROWS_MAX, TEXT_BYTES_MAX, TEXT_BYTES_TOTAL_MAX};
pub use print::record_pdf;
pub use record::{
    AddendumPrint, AdverseEventPrint, CheckPrint, ChecklistPrint, ClinicPrint, CorrectionPrint,
    DecisionPrint, DevicePrint, EpisodePrint, EventPrint, GeneratedPrint, KeyTimePrint,
    LabelledPrint, MarkPrint, MedicinePrint, NoticePrint, PatientPrint, PersonPrint, PressureLimit,
    PressurePlot, PressurePoint, ReadinessPrint, RecordPrint, SessionPrint, VitalsPrint,
};
