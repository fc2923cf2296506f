//! Who may do what (promise A6). What is not yours looks as if it did not exist.

use crate::ctx::Role;

/// Something that a role permits or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See the floor board and session pages.
    Floor,
    /// Plan a session.
    Plan,
    /// Record a step, by the command's kind.
    Step(&'static str),
    /// Move observations out of the wrong patient's session, which destroys that session.
    WrongPatient,
    /// Take the record as PDF.
    ExportPdf,
    /// Take the record bundle.
    ExportBundle,
    /// See the clinic's page with the day's code and its people.
    ClinicPage,
    /// Read the audit log.
    AuditLog,
}

/// Whether this role permits this action.
#[must_use]
pub fn may(role: Role, action: Action) -> bool {
    match (role, action) {
        (_, Action::Floor | Action::ExportPdf) => true,
        (Role::Owner, Action::ClinicPage | Action::AuditLog | Action::ExportBundle) => true,
        (Role::Owner, Action::Plan | Action::Step(_) | Action::WrongPatient) => false,
        (
            Role::Prescriber,
            Action::Plan | Action::Step(_) | Action::WrongPatient | Action::ExportBundle,
        ) => true,
        (Role::FloorClinician, Action::Step(kind)) => kind != DECISION,
        (Role::FloorClinician, Action::Plan | Action::WrongPatient) => true,
        (Role::FloorClinician, Action::ExportBundle | Action::ClinicPage | Action::AuditLog) => {
            false
        }
        (Role::Prescriber, Action::ClinicPage | Action::AuditLog) => false,
    }
}

/// The prescriber's documented decision is the prescriber's alone.
const DECISION: &str = "record_decision";
