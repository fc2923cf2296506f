//! The floor at a glance.

use ledger::UnitId;
use uuid::Uuid;

use super::load::rows_with_events;
use super::view::Board;
use super::{BOARD_SESSIONS_MAX, PLAN_PATIENTS_MAX};
use crate::ctx::Ctx;
use crate::directory::directory_rows;
use crate::entries::OpenedFor;
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
        let (rows, patient_rows) = tokio::try_join!(rows_with_events(&tx, rows), async {
            Ok(store::people::patients_of(&tx, &patients).await?)
        })?;
        let units = sessions.iter().chain(&patients).map(|id| UnitId(*id));
        let entry = self.opened(
            ctx,
            OpenedFor::Board,
            units.chain([directory_unit(ctx.clinic)]),
            [],
        )?;
        let receipt = tx.commit_opened(entry).await?;

        let directory = self.directory_open(ctx, &receipt, directory)?;
        let patients = self.patients_open(ctx, &receipt, patient_rows)?;
        let sessions = self.sessions_open(ctx, &receipt, rows, &patients)?;
        Ok(Board {
            clinic: directory.profile,
            today,
            sessions,
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
            .commit_opened(self.opened(ctx, OpenedFor::Plan, units, [])?)
            .await?;
        let directory = self.directory_open(ctx, &receipt, directory)?;
        let mut patients = rows
            .into_iter()
            .map(|row| self.patient_open(ctx, &receipt, row))
            .collect::<Result<Vec<_>, _>>()?;
        patients.sort_by(|one, other| {
            // Who cannot be planned for stands behind everybody who can.
            (!one.enrolled, &one.last_name, &one.first_name, one.id).cmp(&(
                !other.enrolled,
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
