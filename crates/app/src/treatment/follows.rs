//! A session that takes up a delayed one: the other has to be delayed, and not to be taken up already. Both stand in sealed
//! events, so they are opened under the receipt of planning, whose entry names each of these sessions; the plan is then
//! written only if none of its patient's sessions came in between.

use domain::treatment::{Command, Phase, Session, SessionId};
use jiff::civil::Date;
use ledger::{Receipt, UnitId};
use store::treatment::TakenUp;
use uuid::Uuid;

use super::load::{SessionRows, events_open, rows_with_events, session_rows};
use crate::App;
use crate::ctx::Ctx;
use crate::error::AppError;

/// Most sessions of one patient from the delayed one's day on that are looked at: two weeks of treatment have four.
const LATER_SESSIONS_MAX: i64 = 100;

const NOT_DELAYED: &str =
    "Nothing was saved: the session that this one takes up is not delayed (any more).";
const TAKEN_UP: &str = "Nothing was saved: the delayed session is taken up by another one already.";

const BEFORE_ITS_DAY: &str = "Nothing was saved: a delayed session is taken up on the day that it was planned for, or later.";

/// The session that is taken up, and those of its patient that may have taken it up already: sealed.
pub(super) struct Followed {
    session: SessionRows,
    later: Vec<SessionRows>,
}

impl Followed {
    /// Finds them, if the plan takes up a session.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is no such session.
    pub(super) async fn find(
        scope: &store::Scope,
        command: &Command,
    ) -> Result<Option<Self>, AppError> {
        let Command::Plan(plan) = command else {
            return Ok(None);
        };
        let Some(follows) = plan.follows else {
            return Ok(None);
        };
        let session = session_rows(scope, Uuid::from_u128(follows.0)).await?;
        let (patient, day) = (session.row.patient, session.row.day);
        let mut rows =
            store::treatment::of_patient_from(scope, patient, day, LATER_SESSIONS_MAX).await?;
        rows.retain(|row| row.id != session.row.id);
        let later = rows_with_events(scope, rows).await?;
        Ok(Some(Self { session, later }))
    }

    /// The sessions that are opened: what the entry has to name.
    pub(super) fn sessions(&self) -> impl Iterator<Item = Uuid> {
        std::iter::once(&self.session)
            .chain(&self.later)
            .map(|rows| rows.row.id)
    }

    /// What has to stand as it was looked at when the plan is written.
    ///
    /// # Errors
    /// [`AppError::BadInput`] when it is not delayed, or taken up already, or the plan is for a day before its own.
    pub(super) fn check(
        self,
        app: &App,
        ctx: &Ctx,
        receipt: &Receipt,
        day: Date,
    ) -> Result<TakenUp, AppError> {
        // Sessions before its day are not looked at, so one of those could have taken it up already.
        if day < self.session.row.day {
            return Err(AppError::BadInput(BEFORE_ITS_DAY));
        }
        let taken_up = TakenUp {
            others: self.later.iter().map(|rows| rows.row.id).collect(),
            row: self.session.row.clone(),
        };
        let open = |rows: SessionRows| {
            let unit = app.unlock(ctx, receipt, UnitId(rows.row.id))?;
            events_open(&unit, rows)
        };
        let followed = SessionId(self.session.row.id.as_u128());
        if open(self.session)?.phase() != Phase::Delayed {
            return Err(AppError::BadInput(NOT_DELAYED));
        }
        for rows in self.later {
            match open(rows) {
                Ok(later) if takes_up(&later, followed) => {
                    return Err(AppError::BadInput(TAKEN_UP));
                }
                // A restored row of a unit that was destroyed since takes up nothing.
                Ok(_) | Err(AppError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(taken_up)
    }
}

/// A session that was called off for good leaves the delayed one free.
fn takes_up(later: &Session, followed: SessionId) -> bool {
    let is_over = matches!(later.phase(), Phase::Cancelled | Phase::NoShow);
    !is_over
        && later
            .plan()
            .is_some_and(|plan| plan.follows == Some(followed))
}
