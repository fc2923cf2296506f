//! What the floor's pages are made from: opened data for one answer, under the receipt of that request.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::treatment::{Command, PersonId, Protocol, Recorded, Session};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use uuid::Uuid;

use crate::ctx::Role;
use crate::entries::{EntryKind, OpenedFor};

/// A patient as the head of a page needs them.
#[derive(Clone)]
pub struct Patient {
    /// The patient's pseudonym.
    pub id: Uuid,
    /// Given name.
    pub first_name: String,
    /// Initial, if any.
    pub middle_initial: String,
    /// Family name.
    pub last_name: String,
    /// Birthdate.
    pub birthdate: Date,
    /// `male`, `female` or `other`, as the REMS form has it.
    pub sex: String,
    /// Enrolled in the REMS: without it nothing is planned.
    pub enrolled: bool,
}

/// Somebody who works at the clinic.
#[derive(Clone)]
pub struct Person {
    /// The person's pseudonym.
    pub id: PersonId,
    /// Full name as it stands on records.
    pub name: String,
    /// Licence words, for example `RN`; may be empty.
    pub credential: String,
    /// The role.
    pub role: Role,
}

/// The clinic's people by pseudonym.
pub type People = BTreeMap<PersonId, Person>;

/// The clinic as pages and records name it.
#[derive(Clone)]
pub struct ClinicProfile {
    /// Name.
    pub name: String,
    /// Street address, one line.
    pub address: String,
    /// City.
    pub city: String,
    /// State, two letters.
    pub state: String,
    /// ZIP code.
    pub zip: String,
    /// Telephone.
    pub telephone: String,
}

/// One session with all that a page shows of it.
pub struct SessionPage {
    /// The session's id.
    pub id: Uuid,
    /// The day that it is planned for.
    pub day: Date,
    /// The patient.
    pub patient: Patient,
    /// The clinic's people.
    pub people: People,
    /// The clinic.
    pub clinic: ClinicProfile,
    /// The session's state.
    pub session: Session,
    /// Everything recorded, oldest first, as recorded (corrections are entries of their own).
    pub events: Vec<Recorded>,
    /// How many events the session has: a form sends it back as `seen`.
    pub version: u32,
    /// The rules that apply.
    pub protocol: Arc<Protocol>,
    /// The watch that this page was opened under: a form sends it back as `watch`.
    pub watch: String,
    /// The time of this request.
    pub now: Timestamp,
    /// The clinic's time zone.
    pub zone: TimeZone,
    /// Who looks.
    pub viewer: PersonId,
    /// The viewer's role.
    pub role: Role,
}

/// Where and when a page of several sessions is shown, and to whom.
pub struct Setting {
    /// The clinic.
    pub clinic: ClinicProfile,
    /// The clinic's people.
    pub people: People,
    /// The rules that apply.
    pub protocol: Arc<Protocol>,
    /// The clinic's day.
    pub today: Date,
    /// The time of this request.
    pub now: Timestamp,
    /// The clinic's time zone.
    pub zone: TimeZone,
    /// Who looks.
    pub viewer: PersonId,
    /// The viewer's role.
    pub role: Role,
}

/// The floor at a glance.
pub struct Board {
    /// Where and when.
    pub setting: Setting,
    /// Sessions that are open, and those of today that have ended; by room, then time.
    pub sessions: Vec<BoardSession>,
    /// Sessions that belong here and could not be opened.
    pub unreadable: Vec<UnreadableSession>,
}

/// A session that could not be opened: its record or its patient's is damaged, or its key is gone. It takes no other session
/// off a page, and is not passed over in silence.
pub struct UnreadableSession {
    /// The session's id.
    pub id: Uuid,
    /// The day that it is planned for.
    pub day: Date,
}

/// One session on the board.
pub struct BoardSession {
    /// The session's id.
    pub id: Uuid,
    /// The day that it is planned for.
    pub day: Date,
    /// The patient.
    pub patient: Patient,
    /// The session's state.
    pub session: Session,
}

/// Which of the clinic's sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionsOf {
    /// Planned for a later day.
    Coming,
    /// Over, in whatever way.
    Ended,
}

/// A page of the clinic's sessions of other days.
pub struct SessionsPage {
    /// Where and when.
    pub setting: Setting,
    /// Which sessions.
    pub of: SessionsOf,
    /// The sessions: the next first, or the latest.
    pub sessions: Vec<BoardSession>,
    /// Sessions that belong here and could not be opened.
    pub unreadable: Vec<UnreadableSession>,
    /// Where the next page starts (`?from=`), if there is one.
    pub next: Option<String>,
}

/// What the page for planning a session needs.
pub struct PlanPage {
    /// Where and when.
    pub setting: Setting,
    /// The clinic's patients: who is enrolled first, each by family name.
    pub patients: Vec<Patient>,
    /// How many more there are whose records could not be opened.
    pub unreadable: usize,
}

/// A session to be planned.
pub struct Planning {
    /// The form's key: the same key plans one session.
    pub key: Uuid,
    /// The patient.
    pub patient: Uuid,
    /// The day it is planned for, in the clinic's calendar.
    pub day: Date,
    /// The plan itself: `Command::Plan`.
    pub command: Command,
    /// Sessions of the same patient on that day which the person was shown, and plans this one beside.
    pub beside: Vec<Uuid>,
    /// The form's fields as they were typed, without its key: the same key with other fields is another form.
    pub fields: Vec<(String, String)>,
}

/// A step to be recorded, as a form sends it.
pub struct Submission {
    /// The form's key (idempotency): the same key records once.
    pub key: Uuid,
    /// The version of the session that the page showed.
    pub seen: u32,
    /// What was found with the sign-in ([`crate::App::authenticate_step`]); `None`: to be looked for.
    pub found: Option<StepSession>,
    /// What is recorded.
    pub command: Command,
    /// When it happened; `None`: now.
    pub happened_at: Option<Timestamp>,
    /// Who took it; `None`: the person who enters it.
    pub taken_by: Option<PersonId>,
    /// The form's fields as they were typed, without what the page put in (key, seen, watch, age): the same key with other fields is another form.
    pub fields: Vec<(String, String)>,
}

/// A step's session as it was found with the sign-in: sealed, with the receipt of the page's watch if that still holds.
pub struct StepSession(pub(crate) Option<store::watch::Watched>);

/// A step that was recorded.
pub struct Saved {
    /// The same form had been saved before: nothing was added now.
    pub repeated: bool,
}

/// What leaves the clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportKind {
    /// The record as PDF.
    Pdf,
    /// The record bundle: PDF, JSON, entries, proofs, checkpoint.
    Bundle,
}

/// A file that leaves.
pub struct ExportFile {
    /// File name; carries no name of a person.
    pub name: String,
    /// Media type.
    pub media_type: &'static str,
    /// Content.
    pub bytes: Vec<u8>,
}

/// What the owner's page shows.
pub struct ClinicPage {
    /// The clinic.
    pub clinic: ClinicProfile,
    /// The clinic's day.
    pub today: Date,
    /// The day's code for signing in on the floor.
    pub code: String,
    /// The clinic's people.
    pub people: People,
    /// The time of this request.
    pub now: Timestamp,
    /// The clinic's time zone.
    pub zone: TimeZone,
    /// Who looks.
    pub viewer: PersonId,
}

/// One line of the audit log: who did what, when.
pub struct AuditLine {
    /// The entry's place in the clinic's tree.
    pub generation: u32,
    /// The entry's place in the clinic's tree.
    pub index: u64,
    /// The entry's kind as it stands there, for example `session.recorded`.
    pub kind: String,
    /// What that stands for; `None`: a newer program wrote it.
    pub what: Option<EntryKind>,
    /// What an opening was for, where this program knows it.
    pub opened_for: Option<OpenedFor>,
    /// What left the clinic.
    pub exported: Option<ExportKind>,
    /// When, as the server said.
    pub at: Timestamp,
    /// Who; `None`: the system.
    pub actor: Option<PersonId>,
    /// Whom of the clinic's people it is about, if that is somebody else.
    pub about: Option<PersonId>,
    /// The sessions that it concerns, by day.
    pub sessions: Vec<AuditSession>,
}

/// A session as the audit log may name it: by its pseudonym and the day that it is planned for.
pub struct AuditSession {
    /// The session's id.
    pub id: Uuid,
    /// The day; `None`: it is being destroyed, or was.
    pub day: Option<Date>,
}

/// A page of the audit log, newest first.
pub struct AuditPage {
    /// The clinic.
    pub clinic: ClinicProfile,
    /// The lines.
    pub lines: Vec<AuditLine>,
    /// Where the next page starts (`?before=`), if there is one.
    pub next_before: Option<String>,
    /// The clinic's people.
    pub people: People,
    /// The clinic's time zone.
    pub zone: TimeZone,
    /// Who looks.
    pub viewer: PersonId,
}
