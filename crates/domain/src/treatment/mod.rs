//! The treatment day: one session from its plan to its locked record.
//!
//! A session is an append-only list of [`Recorded`] events, and its state is their fold. [`Session::decide`] turns a
//! [`Command`] into events or a typed [`Refusal`]; [`Session::apply`] takes a recorded event in. What the programme
//! demands (times, limits, checklist, form) is data, in a [`Protocol`].
//!
//! Invariant: what has already happened can always be recorded while the session is open. A rule refuses only a step
//! that is not yet taken; a broken rule becomes a [`Mark`] with its reason.
//! Invariant: no sentence for people is made here; words are the pages' business.

mod clocks;
mod command;
mod concerns;
mod consistency;
mod decide;
mod device;
mod ending;
mod event;
mod form;
mod ids;
mod lacks;
mod last_pressure;
mod mark;
mod marks;
mod observation;
mod plan;
mod protocol;
mod readiness;
mod reading;
mod readout;
mod refusal;
mod session;
mod state;
mod validate;

#[cfg(test)]
mod tests;

pub use command::{Attribution, Command};
pub use decide::EVENTS_MAX;
pub use device::{Basis, DeviceOutcome, DeviceUse, Disposal};
pub use ending::{
    Addendum, DepartureDetails, Discharge, EmergencyTransfer, LastVitals, LeftAgainstAdvice,
    Orientation, Signature,
};
pub use event::{Change, Correction, Event, Planned, Recorded, Replacement};
pub use ids::{PatientId, PersonId, SessionId};
pub use mark::{LimitSide, Mark};
pub use observation::{
    AdverseEvent, CrisisSymptoms, Episode, EpisodeKind, EpisodeResolution, MedicineGiven,
    MedicineOrder, Readiness, ReadinessPart, SeriousAnswer, SeriousSubject, Seriousness,
};
pub use plan::{
    Answer, ChecklistAnswer, Clearing, Concern, Decision, DecisionChoice, Enrolment,
    FirstTreatment, Indication, Plan, PlanChange, YesNo,
};
pub use protocol::{
    ChecklistItem, ChecklistKind, Choice, CountsFrom, DoseDevices, Dosing, Expected, FieldKind,
    Form, FormField, Kit, Limits, Necessity, Plausible, Prefill, Protocol, Range, Sourced, Timing,
    WantedReadings,
};
pub use reading::{Absence, AbsenceKind, Occasion, Pressure, VitalKind, Vitals};
pub use readout::{
    ChecklistState, Clocks, DepartureQuestion, Dose, Due, DueStatus, DueWhat, EpisodeState,
    FormPressures, FortyMinutes, Latest, LatestVitals, Offer, Phase, PressurePoint, RestTimer,
};
pub use refusal::{Field, Lack, Refusal, Step, Unknown};
pub use session::Session;
pub use validate::{LABEL_CHARS_MAX, LIST_MAX, TEXT_CHARS_MAX};
