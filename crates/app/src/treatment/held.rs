//! Sessions of live pages, held as they were opened until their forms come back: a step is then decided without opening the
//! session anew, and written in one question to the database.
//!
//! Invariant: what is held is looked at only by way of [`vault::Vault::kept`], while the watch's receipt holds, and for the
//! cookie that opened it.
//! Invariant: nothing is answered from what is held but that a step was saved. The write itself asks whether the watch still
//! stands and the session is where it was seen; whatever else is to be said, is said by the way through the database.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::treatment::{PersonId, Session};
use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use ledger::{ClinicId, UnixMicros};
use store::treatment::SessionRow;
use store::{StoreError, WatchHeld};
use uuid::Uuid;
use vault::Kept;

use super::form::{Before, Forms};
use super::record::{Step, Writing, changed_since, has_seen_too_much};
use super::rights_of_correction;
use super::view::{Saved, Submission};
use crate::App;
use crate::ctx::{Ctx, Presence, Role};
use crate::entries::micros;
use crate::error::AppError;
use crate::rights::{Action, may};
use crate::sign_in::cookie_parts;

/// Most sessions held at once: one for each phone and session that it has open. A long session takes some 50 KB.
const HELD_MAX: usize = 512;

/// A form that comes back, before anybody is asked who sent it.
pub struct Returned<'a> {
    /// The sign-in's cookie.
    pub cookie: &'a str,
    /// The request's id.
    pub request: Uuid,
    /// The session that it is for.
    pub session: Uuid,
    /// The watch of its page.
    pub watch: Uuid,
}

/// What a page showed of its session.
pub(super) struct Shown {
    pub(super) session: Session,
    pub(super) forms: Forms,
    pub(super) patient: Uuid,
    pub(super) day: Date,
}

impl Shown {
    pub(super) fn new(session: Session, forms: Forms, row: &SessionRow) -> Self {
        Self {
            session,
            forms,
            patient: row.patient,
            day: row.day,
        }
    }
}

/// A session under its page's watch.
struct Held {
    kept: Kept<Shown>,
    /// Counts the pages that were opened: the lowest was opened first.
    nth: u64,
    watch: Uuid,
    clinic: ClinicId,
    sign_in: Uuid,
    presence: Presence,
    person: PersonId,
    role: Role,
    zone: TimeZone,
}

impl Held {
    fn ctx(&self, request: Uuid, now: Timestamp) -> Ctx {
        Ctx {
            clinic: self.clinic,
            sign_in: self.sign_in,
            presence: self.presence.clone(),
            person: self.person,
            role: self.role,
            request,
            now,
            zone: self.zone.clone(),
        }
    }

    fn is_over(&self, now: UnixMicros) -> bool {
        now >= self.kept.receipt().expires()
    }
}

/// Whose session: a cookie's secret, hashed, and the session's id. A page that is opened anew takes the place of the one before.
type Place = ([u8; 32], Uuid);

/// What is held.
#[derive(Default)]
pub(crate) struct HeldSessions(Mutex<All>);

#[derive(Default)]
struct All {
    held: HashMap<Place, Held>,
    opened: u64,
}

impl HeldSessions {
    fn all(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes out what is held for this page. While somebody has it, another form of the same page goes the long way.
    fn take(&self, place: &Place, clinic: ClinicId, watch: Uuid) -> Option<Held> {
        let held = &mut self.all().held;
        let found = held.get(place)?;
        if found.clinic != clinic || found.watch != watch {
            return None;
        }
        held.remove(place)
    }

    fn put(&self, place: Place, mut held: Held, now: UnixMicros) {
        let mut all = self.all();
        all.opened += 1;
        held.nth = all.opened;
        let held_now = &mut all.held;
        if held_now.len() >= HELD_MAX {
            held_now.retain(|_, held| !held.is_over(now));
        }
        if held_now.len() >= HELD_MAX {
            let first = held_now.iter().min_by_key(|(_, held)| held.nth);
            if let Some(first) = first.map(|(place, _)| *place) {
                held_now.remove(&first);
            }
        }
        held_now.insert(place, held);
    }

    /// Puts back what was taken out, unless the page was opened anew in between.
    fn put_back(&self, place: Place, held: Held) {
        self.all().held.entry(place).or_insert(held);
    }

    fn expire(&self, now: UnixMicros) {
        self.all().held.retain(|_, held| !held.is_over(now));
    }
}

impl App {
    /// Lets go of sessions whose watches are over. To be called every few seconds.
    pub fn held_sessions_expire(&self) {
        self.held_sessions.expire(micros(self.now()));
    }

    /// Holds a session that was opened for a page until its form comes back.
    pub(super) fn hold(&self, ctx: &Ctx, session: Uuid, watch: Uuid, kept: Kept<Shown>) {
        let held = Held {
            kept,
            nth: 0,
            watch,
            clinic: ctx.clinic,
            sign_in: ctx.sign_in,
            presence: ctx.presence.clone(),
            person: ctx.person,
            role: ctx.role,
            zone: ctx.zone.clone(),
        };
        let place = (ctx.presence.token_hash, session);
        self.held_sessions.put(place, held, micros(ctx.now));
    }

    /// Records a step upon the session as its page showed it. `read` makes a submission of the form, if it can be read.
    ///
    /// `None` when that is not possible, for whatever reason (the page is not held any more, the form cannot be read, a rule
    /// refuses the step, somebody else recorded something, the sign-in has ended): nothing was saved then, and the form is to go
    /// by [`App::authenticate_step`] and [`App::record`], which say why.
    ///
    /// # Errors
    /// When the database is away: whether the step was saved is not known.
    pub async fn record_held(
        &self,
        returned: &Returned<'_>,
        read: impl FnOnce(&Ctx) -> Option<Submission>,
    ) -> Result<Option<Saved>, AppError> {
        let Some((clinic, secret)) = cookie_parts(returned.cookie) else {
            return Ok(None);
        };
        let place = (ledger::sha256(&secret), returned.session);
        let Some(mut held) = self.held_sessions.take(&place, clinic, returned.watch) else {
            return Ok(None);
        };
        let ctx = held.ctx(returned.request, self.now());
        let step = read(&ctx).map(|submission| Step::new(&ctx, submission));
        let Some(decided) = step.and_then(|step| self.decide_held(&ctx, &mut held, &step)) else {
            self.held_sessions.put_back(place, held);
            return Ok(None);
        };
        // From here on what is held is a step ahead of the database: it is let go of unless the step is written.
        let (events, entry) = decided?;
        let is_open = events.open;
        self.touch(clinic, ctx.sign_in, &mut held.presence, ctx.now)
            .await?;
        match self.store.session_record(clinic, events, &entry).await {
            Ok(_) => {}
            Err(StoreError::Moved) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        if is_open {
            self.held_sessions.put_back(place, held);
        }
        Ok(Some(Saved { repeated: false }))
    }

    /// Decides a step upon what is held, and takes it in. `None`, and nothing is changed, when it is not to be saved as it stands,
    /// or asks for something that is not held.
    fn decide_held(
        &self,
        ctx: &Ctx,
        held: &mut Held,
        step: &Step,
    ) -> Option<Result<(store::SessionEvents, ledger::Entry), AppError>> {
        let under = held.kept.receipt().entry();
        let watch = WatchHeld {
            id: held.watch,
            sign_in: ctx.sign_in,
            now: ctx.now,
        };
        let (shown, sealer) = self.vault.kept(&mut held.kept, micros(ctx.now)).ok()?;
        let Step {
            submission,
            form,
            by,
            named,
        } = step;
        let is_plain = may(ctx.role, Action::Step(submission.command.kind()))
            && matches!(shown.forms.before(form), Before::New)
            && !has_seen_too_much(&shown.session, submission.seen)
            && changed_since(&shown.session, submission.seen, ctx).is_empty()
            && rights_of_correction::refused(ctx, shown.session.recorded(), &submission.command)
                .is_none()
            && named.check_alone(ctx, shown.patient).is_some();
        if !is_plain {
            return None;
        }
        let events = self
            .decide(&shown.session, &submission.command, by, ctx.now)
            .ok()?;
        let writing = Writing {
            ctx,
            session: sealer.unit().0,
            day: shown.day,
            version: shown.session.next_seq(),
            by: *by,
            form,
            under,
        };
        let sealed = writing.seal(&sealer, &mut shown.session, events);
        shown.forms.add(form);
        Some(sealed.map(|(sealed, entry)| {
            let events = writing.events(sealed, &shown.session, Some(watch));
            (events, entry)
        }))
    }
}
