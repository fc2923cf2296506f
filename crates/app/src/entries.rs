//! The kinds of ledger entries that the use cases make, and what every one of them says.

use jiff::Timestamp;
use ledger::{Actor, Entry, Kind, Purpose, UnitId, UnixMicros, WATCH_MAX_S};
use uuid::Uuid;

use crate::App;
use crate::ctx::Ctx;
use crate::error::AppError;

/// A clinic was made.
pub(crate) const CLINIC_CREATED: Kind = Kind::literal("clinic.created");
/// A person was added: a right.
pub(crate) const PERSON_ADDED: Kind = Kind::literal("person.added");
/// A patient was added.
pub(crate) const PATIENT_ADDED: Kind = Kind::literal("patient.added");
/// The day's code was made.
pub(crate) const CODE_MADE: Kind = Kind::literal("clinic.code_made");
/// Somebody signed in.
pub(crate) const SIGNED_IN: Kind = Kind::literal("sign_in.began");
/// Somebody signed out.
pub(crate) const SIGNED_OUT: Kind = Kind::literal("sign_in.ended");
/// The first wrong try of a run.
pub(crate) const SIGN_IN_FAILED: Kind = Kind::literal("sign_in.failed");
/// An hour's failed sign-ins, by number.
pub(crate) const SIGN_IN_FAILED_TOTAL: Kind = Kind::literal("sign_in.failed_total");
/// Wrong tries locked a person or the clinic.
pub(crate) const SIGN_IN_LOCKED: Kind = Kind::literal("sign_in.locked");
/// A step of a treatment session was recorded.
pub(crate) const SESSION_RECORDED: Kind = Kind::literal("session.recorded");

/// Observations were moved out of the wrong patient's session into this one.
pub(crate) const OBSERVATIONS_MOVED: Kind = Kind::literal("session.observations_moved");
/// A unit is closed, and will be destroyed once the receipts for it have run out.
pub(crate) const DESTROY_INTENDED: Kind = Kind::literal("unit.destroy_intended");
/// A unit's key is gone in every place, and its rows are gone.
pub(crate) const DESTROYED: Kind = Kind::literal("unit.destroyed");

/// Purpose of a session's page.
pub(crate) const PURPOSE_SESSION: Purpose = Purpose::literal("session_page");
/// Purpose of the board.
pub(crate) const PURPOSE_BOARD: Purpose = Purpose::literal("floor_board");
/// Purpose of planning.
pub(crate) const PURPOSE_PLAN: Purpose = Purpose::literal("plan_session");
/// Purpose of recording a step without a live page.
pub(crate) const PURPOSE_RECORD: Purpose = Purpose::literal("record_step");
/// Purpose of moving observations out of the wrong patient's session.
pub(crate) const PURPOSE_WRONG_PATIENT: Purpose = Purpose::literal("wrong_patient");
/// Purpose of an export.
pub(crate) const PURPOSE_EXPORT: Purpose = Purpose::literal("export");
/// Purpose of the clinic's page.
pub(crate) const PURPOSE_CLINIC: Purpose = Purpose::literal("clinic_page");
/// Purpose of the audit log's page.
pub(crate) const PURPOSE_AUDIT: Purpose = Purpose::literal("audit_log");

pub(crate) fn micros(at: Timestamp) -> UnixMicros {
    UnixMicros(at.as_microsecond())
}

/// An entry of this person's request.
pub(crate) fn of_request(ctx: &Ctx, kind: Kind) -> Entry {
    let mut entry = Entry::new(kind, micros(ctx.now), Actor::person(ctx.actor()));
    entry.sign_in = Some(ctx.sign_in);
    entry.request = Some(ctx.request);
    entry
}

impl App {
    /// The `opened` entry for these units, for as long as a watch may last, and no longer than the sign-in.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] while new opens are stopped.
    pub(crate) fn opened(
        &self,
        ctx: &Ctx,
        purpose: Purpose,
        units: impl IntoIterator<Item = UnitId>,
        subjects: impl IntoIterator<Item = Uuid>,
    ) -> Result<Entry, AppError> {
        if self.halted() {
            return Err(AppError::Unavailable(
                "the records could not be matched with their anchored proof, so none is opened until that is cleared up",
            ));
        }
        let mut entry = of_request(ctx, ledger::OPENED);
        entry.purpose = Some(purpose);
        let longest = ctx.now.as_microsecond() + WATCH_MAX_S * 1_000_000;
        let sign_in_ends = ctx.presence.ends_at.as_microsecond();
        entry.expires = Some(UnixMicros(longest.min(sign_in_ends)));
        entry.units.extend(units);
        entry.subjects.extend(subjects);
        Ok(entry)
    }
}
