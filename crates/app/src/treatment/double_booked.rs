//! A patient who has a session on that day already: a second one is planned when it is meant, and not unawares. Whether the
//! other one still counts stands in sealed events, so it is opened under the receipt of planning, whose entry names it.

use std::collections::BTreeMap;

use domain::treatment::Phase;
use ledger::Receipt;
use uuid::Uuid;

use super::load::{SessionRows, rows_with_events};
use super::view::{BoardSession, Patient, Planning};
use crate::App;
use crate::ctx::Ctx;
use crate::error::AppError;

/// Most sessions of one patient on one day that are looked at: one is right, two are a question.
const SAME_DAY_MAX: i64 = 20;

/// The patient's sessions on the day that is planned for.
pub(super) struct SameDay {
    /// Those that the plan is not yet said to be meant beside: sealed.
    asked: Vec<SessionRows>,
    /// All of them.
    all: Vec<Uuid>,
}

impl SameDay {
    /// Finds them; the planned session itself may be among them by now, when its form is sent twice at once.
    pub(super) async fn find(
        scope: &store::Scope,
        planning: &Planning,
        planned: Uuid,
    ) -> Result<Self, AppError> {
        let (patient, day) = (planning.patient, planning.day);
        let mut rows = store::treatment::of_patient_from(scope, patient, day, SAME_DAY_MAX).await?;
        rows.retain(|row| row.day == day);
        let all = rows.iter().map(|row| row.id).collect();
        rows.retain(|row| row.id != planned && !planning.beside.contains(&row.id));
        Ok(Self {
            asked: rows_with_events(scope, rows).await?,
            all,
        })
    }

    /// Every session of that day that was looked at: when the plan is written there may be no other.
    pub(super) fn looked_at(&self) -> &[Uuid] {
        &self.all
    }

    /// The sessions that are opened: what the entry has to name.
    pub(super) fn sessions(&self) -> impl Iterator<Item = Uuid> {
        self.asked.iter().map(|rows| rows.row.id)
    }

    /// Those that were not called off.
    pub(super) fn booked(
        self,
        app: &App,
        ctx: &Ctx,
        receipt: &Receipt,
        patient: &Patient,
    ) -> Result<Vec<BoardSession>, AppError> {
        let patients = BTreeMap::from([(patient.id, patient.clone())]);
        let mut sessions = app
            .sessions_open(ctx, receipt, self.asked, &patients)?
            .sessions;
        sessions.retain(|session| !is_called_off(session.session.phase()));
        Ok(sessions)
    }
}

fn is_called_off(phase: Phase) -> bool {
    matches!(phase, Phase::Delayed | Phase::Cancelled | Phase::NoShow)
}
