//! The floor at a glance.

use ledger::UnitId;
use uuid::Uuid;

use super::load::rows_with_events;
use super::view::{Board, Patient, Setting};
use super::{BOARD_SESSIONS_MAX, PLAN_PATIENTS_MAX};
use crate::ctx::Ctx;
use crate::directory::{Directory, directory_rows};
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
        let today = ctx.today();
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
        let mut opened = self.sessions_open(ctx, &receipt, rows, &patients)?;
        // Of a later day only who is here already; the others were changed, and are still to come.
        opened
            .sessions
            .retain(|session| session.day <= today || session.session.phase().is_present());
        Ok(Board {
            setting: self.setting(ctx, directory),
            sessions: opened.sessions,
            unreadable: opened.unreadable,
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
        let listed = rows.len();
        let opened = self.patients_open(ctx, &receipt, rows)?;
        let mut patients: Vec<Patient> = opened.into_values().collect();
        let unreadable = listed - patients.len();
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
            setting: self.setting(ctx, directory),
            patients,
            unreadable,
        })
    }

    pub(super) fn setting(&self, ctx: &Ctx, directory: Directory) -> Setting {
        Setting {
            clinic: directory.profile,
            people: directory.people,
            protocol: self.protocol.clone(),
            today: ctx.today(),
            now: ctx.now,
            zone: ctx.zone.clone(),
            viewer: ctx.person,
            role: ctx.role,
        }
    }
}
