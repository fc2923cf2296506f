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

/// The patient's sessions on the day that is planned for, without those that the plan is meant to stand beside: sealed.
pub(super) struct SameDay(Vec<SessionRows>);

impl SameDay {
    /// Finds them; the planned session itself may be among them by now, when its form is sent twice at once.
    pub(super) async fn find(
        scope: &store::Scope,
        planning: &Planning,
        planned: Uuid,
    ) -> Result<Self, AppError> {
        let (patient, day) = (planning.patient, planning.day);
        let mut rows = store::treatment::of_patient_from(scope, patient, day, SAME_DAY_MAX).await?;
        rows.retain(|row| {
            row.day == day && row.id != planned && !planning.beside.contains(&row.id)
        });
        Ok(Self(rows_with_events(scope, rows).await?))
    }

    /// The sessions that are opened: what the entry has to name.
    pub(super) fn sessions(&self) -> impl Iterator<Item = Uuid> {
        self.0.iter().map(|rows| rows.row.id)
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
        let mut sessions = app.sessions_open(ctx, receipt, self.0, &patients)?;
        sessions.retain(|session| !is_called_off(session.session.phase()));
        Ok(sessions)
    }
}

fn is_called_off(phase: Phase) -> bool {
    matches!(phase, Phase::Delayed | Phase::Cancelled | Phase::NoShow)
}
