//! The floor at a glance.

use std::collections::BTreeMap;

use ledger::UnitId;
use store::people::PatientRow;
use store::treatment::EventRow;
use uuid::Uuid;

use super::load::events_open;
use super::view::{Board, BoardSession};
use super::{BOARD_SESSIONS_MAX, PLAN_PATIENTS_MAX};
use crate::ctx::Ctx;
use crate::directory::directory_rows;
use crate::entries::{PURPOSE_BOARD, PURPOSE_PLAN};
use crate::error::AppError;
use crate::rights::{Action, may};
use crate::treatment::PlanPage;
use crate::{App, directory_unit};

impl App {
    /// The board. Commits an `opened` entry for every session and patient that it shows.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn board(&self, ctx: &Ctx) -> Result<Board, AppError> {
        let today = ctx.now.to_zoned(ctx.zone.clone()).date();
        let tx = self.store.begin(ctx.clinic).await?;
        let (rows, directory) = tokio::try_join!(
            async { Ok(store::treatment::board(&tx, today, BOARD_SESSIONS_MAX).await?) },
            directory_rows(&tx)
        )?;
        let sessions: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let patients: Vec<Uuid> = rows.iter().map(|row| row.patient).collect();
        let (events, patient_rows) = tokio::try_join!(
            store::treatment::events_of(&tx, &sessions),
            store::people::patients_of(&tx, &patients)
        )?;
        let units = sessions.iter().chain(&patients).map(|id| UnitId(*id));
        let entry = self.opened(
            ctx,
            PURPOSE_BOARD,
            units.chain([directory_unit(ctx.clinic)]),
            [],
        )?;
        let receipt = tx.commit_opened(entry).await?;

        let directory = self.directory_open(ctx, &receipt, directory)?;
        let mut events = events_by_session(events);
        let mut by_patient: BTreeMap<Uuid, PatientRow> =
            patient_rows.into_iter().map(|row| (row.id, row)).collect();
        let mut opened_patients = BTreeMap::new();
        for id in patients {
            if let Some(row) = by_patient.remove(&id) {
                opened_patients.insert(id, self.patient_open(ctx, &receipt, row)?);
            }
        }
        let mut on_board = Vec::with_capacity(rows.len());
        for row in rows {
            let unit = match self.unlock(ctx, &receipt, UnitId(row.id)) {
                // A restored row of a unit that was destroyed since: it opens nothing, and the next sweep deletes it.
                Err(AppError::NotFound) => continue,
                unlocked => unlocked?,
            };
            let mut sealed = events.remove(&row.id).unwrap_or_default();
            sealed.retain(|event| event.seq < row.version);
            let patient = opened_patients
                .get(&row.patient)
                .cloned()
                .ok_or_else(|| AppError::Impossible("a session without a patient".into()))?;
            on_board.push(BoardSession {
                id: row.id,
                day: row.day,
                patient,
                session: events_open(&unit, sealed)?,
            });
        }
        Ok(Board {
            clinic: directory.profile,
            today,
            sessions: on_board,
            people: directory.people,
            protocol: self.protocol.clone(),
            now: ctx.now,
            zone: ctx.zone.clone(),
            viewer: ctx.person,
            role: ctx.role,
        })
    }

    /// What the page for planning a session needs. Commits an `opened` entry for every patient that it lists.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a role that does not plan.
    pub async fn plan_page(&self, ctx: &Ctx) -> Result<PlanPage, AppError> {
        if !may(ctx.role, Action::Plan) {
            return Err(AppError::NotFound);
        }
        let tx = self.store.begin(ctx.clinic).await?;
        let (rows, directory) = tokio::try_join!(
            async { Ok(store::people::patients(&tx, PLAN_PATIENTS_MAX).await?) },
            directory_rows(&tx)
        )?;
        let units = rows
            .iter()
            .map(|row| UnitId(row.id))
            .chain([directory_unit(ctx.clinic)]);
        let receipt = tx
            .commit_opened(self.opened(ctx, PURPOSE_PLAN, units, [])?)
            .await?;
        let directory = self.directory_open(ctx, &receipt, directory)?;
        let mut patients = rows
            .into_iter()
            .map(|row| self.patient_open(ctx, &receipt, row))
            .collect::<Result<Vec<_>, _>>()?;
        patients.sort_by(|one, other| {
            (&one.last_name, &one.first_name, one.id).cmp(&(
                &other.last_name,
                &other.first_name,
                other.id,
            ))
        });
        Ok(PlanPage {
            clinic: directory.profile,
            patients,
            people: directory.people,
            protocol: self.protocol.clone(),
            today: ctx.now.to_zoned(ctx.zone.clone()).date(),
            now: ctx.now,
            zone: ctx.zone.clone(),
            viewer: ctx.person,
            role: ctx.role,
        })
    }
}

fn events_by_session(events: Vec<EventRow>) -> BTreeMap<Uuid, Vec<EventRow>> {
    let mut by_session: BTreeMap<Uuid, Vec<EventRow>> = BTreeMap::new();
    for event in events {
        by_session.entry(event.session).or_default().push(event);
    }
    by_session
}
