//! The treatment day: planning a session, following it, recording each step.

mod board;
mod corrected;
mod double_booked;
mod follows;
mod form;
mod held;
mod load;
mod page;
mod people_named;
mod plan;
mod record;
mod rights_of_correction;
mod sessions;
mod view;
pub mod wire;
mod wrong_patient;

pub use held::Returned;
pub use plan::PlanError;
pub use sessions::form_due;
pub use view::{
    AuditLine, AuditPage, AuditSession, Board, BoardSession, ClinicPage, ClinicProfile, ExportFile,
    ExportKind, Patient, People, Person, PlanPage, Planning, Saved, SessionPage, SessionsOf,
    SessionsPage, Setting, StepSession, Submission, UnreadableSession,
};
pub use wrong_patient::{Moved, Moving, WrongPatientError, WrongPatientPage};

pub(crate) use held::HeldSessions;
pub(crate) use load::{SessionRows, events_open_whole, session_rows};

/// Most events of one session: a long day has sixty; a form that is sent in a loop stops here.
pub const SESSION_EVENTS_MAX: u32 = 2_000;

/// Most sessions on a board: more than any clinic has rooms and hours for.
const BOARD_SESSIONS_MAX: i64 = 200;

/// Most patients in the list for planning; a clinic with more needs a search, and is told so.
const PLAN_PATIENTS_MAX: i64 = 500;
