//! What an entry of the audit log says was done, for somebody who runs a clinic.

use crate::treatment::ExportKind;
use crate::{EntryKind, OpenedFor};

/// What was done.
pub fn entry_words(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::DeploymentCreated => "Installation set up",
        EntryKind::ClinicCreated => "Clinic set up",
        EntryKind::PersonAdded => "Person added to the clinic",
        EntryKind::PatientAdded => "Patient added",
        EntryKind::CodeMade => "Clinic code of the day made",
        EntryKind::SignedIn => "Signed in",
        EntryKind::SignedOut => "Signed out",
        EntryKind::SignInFailed => "Wrong code or PIN at a sign-in",
        EntryKind::SignInFailedTotal => "Failed sign-ins of an hour counted",
        EntryKind::SignInLocked => "Sign-in locked for a while, after several wrong tries",
        EntryKind::SessionRecorded => "Entry made in a session",
        EntryKind::ObservationsMoved => "Entries moved here from the session of a wrong patient",
        EntryKind::DestroyIntended => "Destruction of a record begun",
        EntryKind::Destroyed => "Record destroyed: nobody can open it any more",
        EntryKind::Opened => "Records opened",
        EntryKind::Exported => "Record taken out of the clinic",
        EntryKind::EpochClosed => "Audit log of all clinics sealed",
        EntryKind::GenerationOpened => "Audit log begun anew after a backup was restored",
    }
}

/// What was opened, and for what.
pub fn opened_words(purpose: OpenedFor) -> &'static str {
    match purpose {
        OpenedFor::SessionPage => "Session opened",
        OpenedFor::Board => "Treatment floor opened",
        OpenedFor::SessionList => "List of sessions opened",
        OpenedFor::Plan => "Patients opened to plan a session",
        OpenedFor::RecordStep => "Session opened to make an entry",
        OpenedFor::WrongPatient => "Sessions opened to move entries out of a wrong patient’s",
        OpenedFor::Export => "Record opened to be taken out of the clinic",
        OpenedFor::ClinicPage => "Clinic’s page opened",
        OpenedFor::AuditLog => "Audit log opened",
    }
}

/// What left the clinic.
pub fn exported_words(kind: ExportKind) -> &'static str {
    match kind {
        ExportKind::Pdf => "Record taken out of the clinic, as PDF",
        ExportKind::Bundle => "Record taken out of the clinic, as record bundle",
    }
}
