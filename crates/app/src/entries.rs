//! The kinds of ledger entries that the use cases make, and what every one of them says.

use jiff::Timestamp;
use ledger::{Actor, Entry, Kind, Purpose, UnitId, UnixMicros, WATCH_MAX_S};
use uuid::Uuid;

use crate::App;
use crate::ctx::Ctx;
use crate::error::AppError;

/// An enum whose variants stand for words of the log, each with its word. Nothing else can be written, so that a new word
/// does not compile until the audit log can say what it means.
macro_rules! log_words {
    ($(#[$doc:meta])* $name:ident of $word:ident { $($(#[$each:meta])* $variant:ident = $literal:expr,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$each])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word that entries hold.
            pub(crate) fn word(self) -> $word {
                match self {
                    $(Self::$variant => $literal,)+
                }
            }

            /// What a word of an entry stands for; `None` for one that a newer program wrote.
            #[must_use]
            pub fn of(word: &$word) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.word() == *word)
            }
        }
    };
}

log_words! {
    /// What an entry says was done.
    EntryKind of Kind {
        /// The installation was set up.
        DeploymentCreated = Kind::literal("deployment.created"),
        /// A clinic was made.
        ClinicCreated = Kind::literal("clinic.created"),
        /// A person was added: a right.
        PersonAdded = Kind::literal("person.added"),
        /// A patient was added.
        PatientAdded = Kind::literal("patient.added"),
        /// The day's code was made.
        CodeMade = Kind::literal("clinic.code_made"),
        /// Somebody signed in.
        SignedIn = Kind::literal("sign_in.began"),
        /// Somebody signed out.
        SignedOut = Kind::literal("sign_in.ended"),
        /// The first wrong try of a run.
        SignInFailed = Kind::literal("sign_in.failed"),
        /// An hour's failed sign-ins, by number.
        SignInFailedTotal = Kind::literal("sign_in.failed_total"),
        /// Wrong tries locked a person or the clinic.
        SignInLocked = Kind::literal("sign_in.locked"),
        /// A step of a treatment session was recorded.
        SessionRecorded = Kind::literal("session.recorded"),
        /// Observations were moved out of the wrong patient's session into this one.
        ObservationsMoved = Kind::literal("session.observations_moved"),
        /// A unit is closed, and will be destroyed once the receipts for it have run out.
        DestroyIntended = Kind::literal("unit.destroy_intended"),
        /// A unit's key is gone in every place, and its rows are gone.
        Destroyed = Kind::literal("unit.destroyed"),
        /// Sealed data was opened.
        Opened = ledger::OPENED,
        /// A record left the clinic.
        Exported = ledger::EXPORTED,
        /// An epoch of the platform was closed.
        EpochClosed = ledger::EPOCH_CLOSED,
        /// A tree was begun anew after a restore.
        GenerationOpened = ledger::GENERATION_OPENED,
    }
}

log_words! {
    /// What sealed data was opened for.
    OpenedFor of Purpose {
        /// A session's page.
        SessionPage = Purpose::literal("session_page"),
        /// The board.
        Board = Purpose::literal("floor_board"),
        /// The list of coming and earlier sessions.
        SessionList = Purpose::literal("session_list"),
        /// Planning.
        Plan = Purpose::literal("plan_session"),
        /// Recording a step without a live page.
        RecordStep = Purpose::literal("record_step"),
        /// Moving observations out of the wrong patient's session.
        WrongPatient = Purpose::literal("wrong_patient"),
        /// An export.
        Export = Purpose::literal("export"),
        /// The clinic's page.
        ClinicPage = Purpose::literal("clinic_page"),
        /// The audit log's page.
        AuditLog = Purpose::literal("audit_log"),
    }
}

pub(crate) fn micros(at: Timestamp) -> UnixMicros {
    UnixMicros(at.as_microsecond())
}

/// An entry of this person's request.
pub(crate) fn of_request(ctx: &Ctx, kind: EntryKind) -> Entry {
    let mut entry = Entry::new(kind.word(), micros(ctx.now), Actor::person(ctx.actor()));
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
        purpose: OpenedFor,
        units: impl IntoIterator<Item = UnitId>,
        subjects: impl IntoIterator<Item = Uuid>,
    ) -> Result<Entry, AppError> {
        if self.halted() {
            return Err(AppError::Unavailable(
                "the records could not be matched with their anchored proof, so none is opened until that is cleared up",
            ));
        }
        let mut entry = of_request(ctx, EntryKind::Opened);
        entry.purpose = Some(purpose.word());
        let longest = ctx.now.as_microsecond() + WATCH_MAX_S * 1_000_000;
        let sign_in_ends = ctx.presence.ends_at.as_microsecond();
        entry.expires = Some(UnixMicros(longest.min(sign_in_ends)));
        entry.units.extend(units);
        entry.subjects.extend(subjects);
        Ok(entry)
    }
}
