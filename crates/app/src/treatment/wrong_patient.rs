//! A session that was kept for the wrong patient: what was observed moves into the right patient's session in one tap, with
//! its times, and the wrong session's unit is destroyed.

use domain::treatment::{Recorded, Refusal, Session};
use jiff::SignedDuration;
use ledger::{UnitId, WATCH_MAX_S};
use store::StoreError;
use uuid::Uuid;

use super::SESSION_EVENTS_MAX;
use super::form::{Before, FormId};
use super::load::{SessionRows, events_open_with_forms, session_rows};
use super::record::{ROUNDS_MAX, events_seal, whole_second};
use super::view::{BoardSession, SessionPage};
use crate::App;
use crate::ctx::Ctx;
use crate::entries::{EntryKind, OpenedFor, of_request};
use crate::error::AppError;
use crate::rights::{Action, may};

/// A request that began before the session was closed may still commit an opening of it: by then it has been given up.
const REQUEST_MAX: SignedDuration = SignedDuration::from_secs(60);

/// What the page for it shows.
pub struct WrongPatientPage {
    /// The wrong session, as its own page shows it.
    pub session: SessionPage,
    /// The other sessions that are open: one of them is the right one.
    pub others: Vec<BoardSession>,
}

/// What is to be done.
pub struct Moving {
    /// The form's key: the same key moves once.
    pub key: Uuid,
    /// The version of the wrong session that the page showed.
    pub seen: u32,
    /// The right session; needed if anything is to be moved.
    pub to: Option<Uuid>,
}

/// What was done.
#[derive(Debug, PartialEq, Eq)]
pub struct Moved {
    /// The session that took the observations in.
    pub to: Option<Uuid>,
    /// How many events that session had before; `None` when this was done already, or nothing was moved.
    pub before: Option<u32>,
}

/// Why nothing was done.
#[derive(thiserror::Error)]
pub enum WrongPatientError {
    /// As everywhere.
    #[error(transparent)]
    App(#[from] AppError),
    /// A rule refuses it (422).
    #[error("refused by a rule")]
    Refused {
        /// What the rule says.
        refusal: Refusal,
        /// The session whose entries it names.
        of: Uuid,
        /// The page as it stands.
        page: Box<WrongPatientPage>,
    },
    /// Something is to be moved, and it was not said where to (422).
    #[error("the right session was not chosen")]
    NotChosen {
        /// The page as it stands.
        page: Box<WrongPatientPage>,
    },
    /// Somebody recorded something in the wrong session since the page was shown (409).
    #[error("the session has changed since the page was shown")]
    Stale {
        /// The page as it stands.
        page: Box<WrongPatientPage>,
    },
}

impl std::fmt::Debug for WrongPatientError {
    /// Never the page or the refusal's facts: they may be patient data.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "WrongPatientError({self})")
    }
}

/// What became of one attempt.
enum Attempt {
    Done(Moved),
    /// With the session whose entries the refusal names.
    Refused(Refusal, Uuid),
    NotChosen,
    Stale,
}

/// A session with its row, opened.
struct Opened {
    id: Uuid,
    rows: SessionRows,
    session: Session,
    before: Before,
}

impl App {
    /// The page for it: the wrong session, and the sessions that can be the right one.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for an unknown session or another role.
    pub async fn wrong_patient_page(
        &self,
        ctx: &Ctx,
        session: Uuid,
    ) -> Result<WrongPatientPage, AppError> {
        if !may(ctx.role, Action::WrongPatient) {
            return Err(AppError::NotFound);
        }
        let session = self.session_page(ctx, session).await?;
        let mut others = self.board(ctx).await?.sessions;
        others.retain(|other| other.id != session.id && !other.session.phase().is_ended());
        Ok(WrongPatientPage { session, others })
    }

    /// Moves the observations of the session `wrong` into another, and closes `wrong` to be destroyed.
    ///
    /// # Errors
    /// [`WrongPatientError`]; whatever is answered with an error was not done.
    pub async fn wrong_patient(
        &self,
        ctx: &Ctx,
        wrong: Uuid,
        moving: &Moving,
    ) -> Result<Moved, WrongPatientError> {
        if !may(ctx.role, Action::WrongPatient) {
            return Err(AppError::NotFound.into());
        }
        if moving.to == Some(wrong) {
            return Err(AppError::BadInput(
                "Nothing was moved: this is the session that is wrong. Choose another one.",
            )
            .into());
        }
        for _ in 0..ROUNDS_MAX {
            let attempt = match self.wrong_patient_once(ctx, wrong, moving).await {
                Err(AppError::Store(StoreError::Moved)) => continue,
                other => other?,
            };
            if let Attempt::Done(moved) = attempt {
                return Ok(moved);
            }
            let page = Box::new(self.wrong_patient_page(ctx, wrong).await?);
            return Err(match attempt {
                Attempt::Refused(refusal, of) => WrongPatientError::Refused { refusal, of, page },
                Attempt::NotChosen => WrongPatientError::NotChosen { page },
                Attempt::Done(_) | Attempt::Stale => WrongPatientError::Stale { page },
            });
        }
        Err(
            AppError::Unavailable("these sessions are being written to from many places at once")
                .into(),
        )
    }

    async fn wrong_patient_once(
        &self,
        ctx: &Ctx,
        wrong: Uuid,
        moving: &Moving,
    ) -> Result<Attempt, AppError> {
        let tx = self.store.begin(ctx.clinic).await?;
        let wrong_rows = match session_rows(&tx, wrong).await {
            // The same form again: the session is closed, and what it held was moved.
            Err(AppError::NotFound)
                if store::destruction::session_is_closed(&tx, wrong).await? =>
            {
                return Ok(Attempt::Done(Moved {
                    to: moving.to,
                    before: None,
                }));
            }
            rows => rows?,
        };
        let right_rows = match moving.to {
            Some(right) => Some((right, session_rows(&tx, right).await?)),
            None => None,
        };
        let ids: Vec<Uuid> = [wrong].into_iter().chain(moving.to).collect();
        let units = ids.iter().copied().map(UnitId);
        let entry = self.opened(ctx, OpenedFor::WrongPatient, units, ids.iter().copied())?;
        let receipt = tx.commit_opened(entry).await?;
        let form = form_id(moving);
        let open = |id: Uuid, mut rows: SessionRows| {
            let unit = self.unlock(ctx, &receipt, UnitId(id))?;
            let events = std::mem::take(&mut rows.events);
            let row = rows.row.clone();
            let (session, forms) = events_open_with_forms(&unit, SessionRows { row, events })?;
            Ok::<_, AppError>(Opened {
                id,
                rows,
                session,
                before: forms.before(&form),
            })
        };
        let wrong = open(wrong, wrong_rows)?;
        if wrong.rows.row.version != moving.seen {
            return Ok(Attempt::Stale);
        }
        if let Err(refusal) = wrong.session.check_giving_away() {
            return Ok(Attempt::Refused(refusal, wrong.id));
        }
        let right = match right_rows {
            Some((id, rows)) => open(id, rows)?,
            None if wrong.session.movable_events().is_empty() => {
                self.move_commit(ctx, &receipt, &wrong, None, moving)
                    .await?;
                return Ok(Attempt::Done(Moved {
                    to: None,
                    before: None,
                }));
            }
            None => return Ok(Attempt::NotChosen),
        };
        if matches!(right.before, Before::Same) && self.is_closed(ctx, wrong.id).await? {
            // Sent twice at once: the other one has moved it after this one had looked at the wrong session.
            return Ok(Attempt::Done(Moved {
                to: Some(right.id),
                before: None,
            }));
        }
        if !matches!(right.before, Before::New) {
            return Err(AppError::BadInput(
                "Nothing was moved: this form was used before, for something else. Open the page again.",
            ));
        }
        let taken_in = right.session.decide_taking_in(
            &self.protocol,
            &wrong.session,
            ctx.person,
            whole_second(ctx.now),
        );
        let taken_in = match taken_in {
            Ok(taken_in) => taken_in,
            Err(refusal) => return Ok(Attempt::Refused(refusal, right.id)),
        };
        let before = right.rows.row.version;
        let to = right.id;
        self.move_commit(ctx, &receipt, &wrong, Some((right, taken_in)), moving)
            .await?;
        Ok(Attempt::Done(Moved {
            to: Some(to),
            before: Some(before),
        }))
    }

    async fn is_closed(&self, ctx: &Ctx, session: Uuid) -> Result<bool, AppError> {
        let scope = self.store.read(ctx.clinic).await?;
        Ok(store::destruction::session_is_closed(&scope, session).await?)
    }

    /// In one transaction: the right session takes the observations in, the wrong one is closed.
    async fn move_commit(
        &self,
        ctx: &Ctx,
        receipt: &ledger::Receipt,
        wrong: &Opened,
        right: Option<(Opened, Vec<Recorded>)>,
        moving: &Moving,
    ) -> Result<(), AppError> {
        let mut entries = Vec::new();
        let mut appending = None;
        if let Some((right, taken_in)) = right.filter(|(_, taken_in)| !taken_in.is_empty()) {
            let version = right.rows.row.version;
            if version as usize + taken_in.len() > SESSION_EVENTS_MAX as usize {
                return Err(AppError::BadInput(
                    "The right session has as many entries as a session can have.",
                ));
            }
            let mut entry = of_request(ctx, EntryKind::ObservationsMoved);
            entry.under = Some(receipt.entry());
            entry.units.insert(UnitId(right.id));
            entry.subjects.extend([right.id, wrong.id]);
            let unit = self.unlock(ctx, receipt, UnitId(right.id))?;
            let sealed = events_seal(
                &unit.sealer(),
                right.id,
                &form_id(moving),
                &taken_in,
                &mut entry,
            )?;
            entries.push(entry);
            appending = Some((right.id, version, sealed));
        }
        let mut intended = of_request(ctx, EntryKind::DestroyIntended);
        intended.under = Some(receipt.entry());
        intended.units.insert(UnitId(wrong.id));
        intended.subjects.insert(wrong.id);
        entries.push(intended);

        let until = ctx.now + SignedDuration::from_secs(WATCH_MAX_S) + REQUEST_MAX;
        let version = wrong.rows.row.version;
        let tx = self.store.begin(ctx.clinic).await?;
        let close = || store::destruction::intend_session(&tx, wrong.id, version, until);
        match appending {
            // Two moves that cross lock the rows in one order.
            Some((right, version, sealed)) if right < wrong.id => {
                store::treatment::append(&tx, right, version, &sealed, true).await?;
                close().await?;
            }
            Some((right, version, sealed)) => {
                close().await?;
                store::treatment::append(&tx, right, version, &sealed, true).await?;
            }
            None => close().await?,
        }
        tx.commit_all(entries).await?;
        Ok(())
    }
}

fn form_id(moving: &Moving) -> FormId {
    FormId::new(moving.key, &[])
}

impl WrongPatientPage {
    /// The observations that would move, oldest first.
    #[must_use]
    pub fn moving(&self) -> Vec<&Recorded> {
        self.session.session.movable_events()
    }
}
