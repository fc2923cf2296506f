//! Recording a step: open under the page's watch, decide, seal, append, commit with the entry.

use domain::treatment::{Attribution, Event, Recorded, Refusal, Session};
use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{ClinicId, Entry, EntryRef, UnitId};
use serde_json::Value;
use store::{StoreError, WatchHeld};
use uuid::Uuid;
use vault::UnitSealer;

use super::form::{Before, FormId};
use super::load::{SessionRows, events_open_with_forms, session_rows};
use super::people_named::{Known, Named};
use super::view::{Saved, StepSession, Submission};
use super::wire::{self, Json};
use super::{SESSION_EVENTS_MAX, rights_of_correction};
use crate::App;
use crate::ctx::Ctx;
use crate::entries::{EntryKind, OpenedFor, of_request};
use crate::error::AppError;
use crate::rights::{Action, may};
use crate::sealing::{Place, canonical, seal_bytes};

/// How often a step is decided anew because somebody else's append came first. Each round means that one other append
/// succeeded, so a clinic's floor never comes near it.
pub(super) const ROUNDS_MAX: u32 = 8;

/// What became of one attempt to record.
enum Attempt {
    Saved(Saved),
    Refused(Box<Refusal>),
    Stale,
    KeyReused,
}

/// A step as it was sent.
pub(super) struct Step {
    pub(super) submission: Submission,
    pub(super) form: FormId,
    pub(super) by: Attribution,
    pub(super) named: Named,
}

impl Step {
    pub(super) fn new(ctx: &Ctx, submission: Submission) -> Self {
        let by = attribution(ctx, &submission);
        Self {
            named: Named::by(&submission.command, by.taken_by),
            form: FormId::new(submission.key, &submission.fields),
            by,
            submission,
        }
    }
}

impl App {
    /// Records a step of a session.
    ///
    /// # Errors
    /// [`AppError::Refused`] by a rule, [`AppError::Stale`] when somebody else recorded something since the page was shown,
    /// [`AppError::KeyReused`], [`AppError::NotFound`], [`AppError::BadInput`] for somebody who is named and is not what
    /// they are named as. Whatever is answered with an error was not saved.
    pub async fn record(
        &self,
        ctx: &Ctx,
        session: Uuid,
        mut submission: Submission,
    ) -> Result<Saved, AppError> {
        if !may(ctx.role, Action::Step(submission.command.kind())) {
            return Err(AppError::NotFound);
        }
        let found = submission.found.take();
        let step = Step::new(ctx, submission);
        let (mut rows, known, receipt) = self
            .rows_under_receipt(ctx, session, found, &step.named)
            .await?;
        for _ in 0..ROUNDS_MAX {
            let attempt = match self.record_once(ctx, rows, &known, &receipt, &step).await {
                Err(AppError::Store(StoreError::Moved)) => {
                    rows = session_rows(&self.store.read(ctx.clinic).await?, session).await?;
                    continue;
                }
                other => other?,
            };
            return match attempt {
                Attempt::Saved(saved) => Ok(saved),
                Attempt::Refused(refusal) => Err(AppError::Refused {
                    refusal: *refusal,
                    page: Box::new(self.session_page(ctx, session).await?),
                }),
                Attempt::Stale => {
                    let page = Box::new(self.session_page(ctx, session).await?);
                    // What that page shows as news is all that it holds: the next form has seen as much.
                    let changed = changed_since(&page.session, step.submission.seen, ctx);
                    Err(AppError::Stale { changed, page })
                }
                Attempt::KeyReused => Err(AppError::KeyReused {
                    page: Box::new(self.session_page(ctx, session).await?),
                }),
            };
        }
        Err(AppError::Unavailable(
            "this session is being written to from many places at once",
        ))
    }

    async fn record_once(
        &self,
        ctx: &Ctx,
        rows: SessionRows,
        known: &Known,
        receipt: &ledger::Receipt,
        step: &Step,
    ) -> Result<Attempt, AppError> {
        let Step {
            submission,
            form,
            by,
            named,
        } = step;
        let session = rows.row.id;
        let unit = self.unlock(ctx, receipt, UnitId(session))?;
        let row = rows.row.clone();
        let (before, forms) = events_open_with_forms(&unit, rows)?;
        match forms.before(form) {
            Before::New => {}
            Before::Same => return Ok(Attempt::Saved(Saved { repeated: true })),
            Before::Other => return Ok(Attempt::KeyReused),
        }
        if has_seen_too_much(&before, submission.seen) {
            return Err(AppError::BadInput(
                "Nothing was saved: the form says that it saw entries which this session does not have.",
            ));
        }
        if !changed_since(&before, submission.seen, ctx).is_empty() {
            return Ok(Attempt::Stale);
        }
        if let Some(refusal) =
            rights_of_correction::refused(ctx, before.recorded(), &submission.command)
        {
            return Ok(Attempt::Refused(Box::new(refusal)));
        }
        named.check(ctx, row.patient, known)?;
        let events = match self.decide(&before, &submission.command, by, ctx.now) {
            Ok(events) => events,
            Err(refusal) => return Ok(Attempt::Refused(Box::new(refusal))),
        };
        let writing = Writing {
            ctx,
            session,
            day: row.day,
            version: row.version,
            by: *by,
            form,
            under: receipt.entry(),
        };
        self.append(&writing, &unit.sealer(), before, events)
            .await?;
        Ok(Attempt::Saved(Saved { repeated: false }))
    }

    /// The session's rows and what is known of those who are named, with the receipt of the page's watch, or that of an
    /// `opened` entry that is committed first.
    async fn rows_under_receipt(
        &self,
        ctx: &Ctx,
        session: Uuid,
        found: Option<StepSession>,
        named: &Named,
    ) -> Result<(SessionRows, Known, ledger::Receipt), AppError> {
        let unit = UnitId(session);
        if let Some(StepSession(Some(watched))) = found
            && watched.row.id == session
            && let Some(receipt) = watched.receipt.filter(|receipt| covers(receipt, unit))
        {
            let known = named.known_apart(&self.store, ctx).await?;
            let rows = SessionRows {
                row: watched.row,
                events: watched.events,
            };
            return Ok((rows, known, receipt));
        }
        let tx = self.store.begin(ctx.clinic).await?;
        let (rows, known) = tokio::try_join!(session_rows(&tx, session), named.known(&tx, ctx))?;
        let entry = self.opened(ctx, OpenedFor::RecordStep, [unit], [session])?;
        Ok((rows, known, tx.commit_opened(entry).await?))
    }

    /// Seals the events, appends them to the session as it stands, and commits them with their entry.
    async fn append(
        &self,
        writing: &Writing<'_>,
        sealer: &UnitSealer<'_>,
        mut session: Session,
        events: Vec<Event>,
    ) -> Result<(), AppError> {
        let (sealed, entry) = writing.seal(sealer, &mut session, events)?;
        let events = writing.events(sealed, &session, None);
        let clinic = writing.ctx.clinic;
        self.store.session_record(clinic, events, &entry).await?;
        Ok(())
    }
}

/// Seals a session's events, stamped with the form that made them; the entry says what became of each.
pub(super) fn events_seal(
    sealer: &UnitSealer<'_>,
    session: Uuid,
    form: &FormId,
    events: &[Recorded],
    entry: &mut Entry,
) -> Result<Vec<Vec<u8>>, AppError> {
    events
        .iter()
        .map(|recorded| {
            let mut body: Value = wire::recorded_to_json(recorded);
            form.stamp(&mut body);
            let plaintext = canonical(&body)?;
            if !reads_back(&plaintext, recorded) {
                return Err(AppError::BadInput(
                    "Nothing was saved: a date or number in it is of a kind that no record keeps.",
                ));
            }
            let place = Place::session_event(session, recorded.seq);
            seal_bytes(sealer, &place, &plaintext, entry)
        })
        .collect()
}

/// Whether an event's bytes give that event again. What did not could be sealed, and never be opened any more: a time before
/// the first year has no form in the record, for one.
fn reads_back(plaintext: &[u8], recorded: &Recorded) -> bool {
    Json::read(plaintext)
        .is_ok_and(|body| wire::recorded_from_json(&body).is_ok_and(|read| read == *recorded))
}

/// What an append needs besides the events.
pub(crate) struct Writing<'a> {
    pub(crate) ctx: &'a Ctx,
    pub(crate) session: Uuid,
    /// The day that it is planned for.
    pub(crate) day: Date,
    /// How many events the session has: 0 for one that is being planned.
    pub(crate) version: u32,
    pub(crate) by: Attribution,
    pub(crate) form: &'a FormId,
    /// The `opened` entry that this was decided under.
    pub(crate) under: EntryRef,
}

impl Writing<'_> {
    /// Takes the events into the session, and seals them; the entry says what became of each.
    pub(super) fn seal(
        &self,
        sealer: &UnitSealer<'_>,
        session: &mut Session,
        events: Vec<Event>,
    ) -> Result<(Vec<Vec<u8>>, Entry), AppError> {
        if !has_room(self.version, &events) {
            return Err(AppError::BadInput(
                "This session has as many entries as a session can have: only its end, corrections and addenda are still taken.",
            ));
        }
        let mut entry = of_request(self.ctx, EntryKind::SessionRecorded);
        entry.under = Some(self.under);
        entry.units.insert(UnitId(self.session));
        entry.subjects.insert(self.session);
        let recorded: Vec<Recorded> = (self.version..)
            .zip(events)
            .map(|(seq, event)| self.recorded(seq, event))
            .collect();
        let sealed = events_seal(sealer, self.session, self.form, &recorded, &mut entry)?;
        for recorded in recorded {
            session.push(recorded);
        }
        Ok((sealed, entry))
    }

    /// The sealed events for a session that stands as this one does with them.
    pub(super) fn events(
        &self,
        sealed: Vec<Vec<u8>>,
        session: &Session,
        under: Option<WatchHeld>,
    ) -> store::SessionEvents {
        store::SessionEvents {
            session: self.session,
            version: self.version,
            sealed,
            open: !session.phase().is_ended(),
            under,
        }
    }

    fn recorded(&self, seq: u32, event: Event) -> Recorded {
        Recorded {
            seq,
            happened_at: self.by.happened_at,
            received_at: whole_second(self.ctx.now),
            taken_by: self.by.taken_by,
            entered_by: self.by.entered_by,
            event,
        }
    }
}

/// So many of a session's entries are kept for its end and what comes after it.
const EVENTS_FOR_THE_END: u32 = 50;

/// Whether a session of so many entries takes these.
fn has_room(version: u32, events: &[Event]) -> bool {
    let most = if events.iter().all(may_come_last) {
        SESSION_EVENTS_MAX
    } else {
        SESSION_EVENTS_MAX - EVENTS_FOR_THE_END
    };
    version as usize + events.len() <= most as usize
}

/// Whether an event ends a session, puts it right, or comes after its end: that can always be recorded.
fn may_come_last(event: &Event) -> bool {
    matches!(
        event,
        Event::Discharged(_)
            | Event::LeftAgainstAdvice(_)
            | Event::SentToEmergencyCare(_)
            | Event::Delayed { .. }
            | Event::Cancelled { .. }
            | Event::NoShow { .. }
            | Event::Corrected(_)
            | Event::AddendumAdded(_)
            | Event::SeriousAnswered(_)
            | Event::ReportTicked { .. }
    )
}

fn attribution(ctx: &Ctx, submission: &Submission) -> Attribution {
    Attribution {
        happened_at: whole_second(submission.happened_at.unwrap_or(ctx.now)),
        taken_by: submission.taken_by.unwrap_or(ctx.person),
        entered_by: ctx.person,
    }
}

/// What others recorded since the page was shown. One's own events are no news to oneself.
pub(super) fn changed_since(session: &Session, seen: u32, ctx: &Ctx) -> Vec<Recorded> {
    session
        .recorded()
        .iter()
        .filter(|event| event.seq >= seen && event.entered_by != ctx.person)
        .cloned()
        .collect()
}

/// Whether a form says that it saw more than there is: that one was made by hand, or its page is of before a restore that lost
/// entries. Taken at its word, it would pass over what others recorded.
pub(super) fn has_seen_too_much(session: &Session, seen: u32) -> bool {
    seen > session.next_seq()
}

fn covers(receipt: &ledger::Receipt, unit: UnitId) -> bool {
    match receipt.units() {
        ledger::Units::Some(units) => units.contains(&unit),
        ledger::Units::Clinic => true,
    }
}

/// The record's times are whole seconds.
pub(crate) fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).expect("a whole second of a valid time is a valid time")
}

/// A session's id from the key of the form that plans it, so that the same form plans one session.
pub(crate) fn session_id(
    app: &App,
    clinic: ClinicId,
    key: Uuid,
    now: Timestamp,
) -> Result<Uuid, AppError> {
    let token = app.vault.token(
        clinic,
        "session-of-form",
        key.as_bytes(),
        crate::entries::micros(now),
    )?;
    let mut id = [0; 16];
    id.copy_from_slice(&token[..16]);
    Ok(uuid::Builder::from_custom_bytes(id).into_uuid())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use domain::treatment::{Addendum, Change, Correction, PersonId, Replacement};

    #[test]
    fn an_event_that_could_not_be_read_again_is_not_sealed() {
        let vomited = |at: Timestamp| {
            Event::Corrected(Correction {
                corrects: 1,
                reason: "It was earlier.".to_owned(),
                change: Change::Replace(Box::new(Replacement {
                    happened_at: at,
                    taken_by: PersonId(3),
                    event: Event::VomitingRecorded {
                        note: String::new(),
                    },
                })),
            })
        };
        let noon = Timestamp::constant(1_795_867_200, 0);
        let before_the_first_year = Timestamp::constant(-62_200_000_000, 0);
        for (at, expected) in [(noon, true), (before_the_first_year, false)] {
            let recorded = Recorded {
                seq: 2,
                happened_at: noon,
                received_at: noon,
                taken_by: PersonId(3),
                entered_by: PersonId(3),
                event: vomited(at),
            };
            let plaintext = canonical(&wire::recorded_to_json(&recorded)).unwrap();
            assert_eq!(reads_back(&plaintext, &recorded), expected, "{at}");
            let other = Recorded { seq: 3, ..recorded };
            assert!(!reads_back(&plaintext, &other), "it is another event");
        }
    }

    #[test]
    fn the_last_entries_of_a_session_are_kept_for_its_end_and_what_comes_after_it() {
        let text = || "The ride fell through.".to_owned();
        let (arrived, vomited) = (Event::Arrived, Event::VomitingRecorded { note: text() });
        let end = [
            Event::Cancelled { reason: text() },
            Event::AddendumAdded(Addendum {
                text: text(),
                departure: None,
            }),
            Event::Corrected(Correction {
                corrects: 1,
                reason: text(),
                change: Change::Strike,
            }),
        ];
        let kept_from = SESSION_EVENTS_MAX - EVENTS_FOR_THE_END;
        assert_eq!((SESSION_EVENTS_MAX, kept_from), (2_000, 1_950));
        for during in [&arrived, &vomited] {
            let during = std::slice::from_ref(during);
            assert!(has_room(kept_from - 1, during));
            assert!(!has_room(kept_from, during));
            assert!(!has_room(SESSION_EVENTS_MAX - 1, during));
        }
        for last in end.chunks(1) {
            assert!(has_room(kept_from, last));
            assert!(has_room(SESSION_EVENTS_MAX - 1, last));
            assert!(!has_room(SESSION_EVENTS_MAX, last));
        }
        // One that is not of the end takes the others' place as well.
        assert!(!has_room(kept_from, &[end[0].clone(), arrived.clone()]));
        assert!(has_room(SESSION_EVENTS_MAX - 3, &end));
        assert!(!has_room(SESSION_EVENTS_MAX - 2, &end));
    }
}
