//! Planning a session: a new unit, its key durable before its row.

use std::sync::Arc;

use domain::treatment::{Attribution, Command, Enrolment, PatientId, Refusal, Session};
use ledger::UnitId;
use store::StoreError;
use uuid::Uuid;

use super::form::FormId;
use super::people_named::Named;
use super::record::{Writing, session_id, whole_second};
use super::view::{PlanPage, Planning};
use crate::App;
use crate::ctx::Ctx;
use crate::entries::{PURPOSE_PLAN, micros};
use crate::error::AppError;
use crate::rights::{Action, may};

/// Why nothing was planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// As everywhere.
    #[error(transparent)]
    App(#[from] AppError),
    /// A rule refuses it (422).
    #[error("refused by a rule")]
    Refused {
        /// What the rule says.
        refusal: Refusal,
        /// The page to show the form on again.
        page: Box<PlanPage>,
    },
}

impl std::fmt::Debug for PlanPage {
    /// Never its content: patients' names.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PlanPage")
    }
}

impl App {
    /// Plans a session and answers with its id. The same form plans one session, however often it is sent.
    ///
    /// # Errors
    /// [`PlanError::Refused`] without enrolment; [`AppError::NotFound`] for an unknown patient or another role;
    /// [`AppError::BadInput`] for somebody who is named and is not what they are named as.
    pub async fn plan(&self, ctx: &Ctx, planning: Planning) -> Result<Uuid, PlanError> {
        if !may(ctx.role, Action::Plan) {
            return Err(AppError::NotFound.into());
        }
        let session = session_id(self, ctx.clinic, planning.key, ctx.now)?;
        let patient_unit = UnitId(planning.patient);
        let tx = self.store.begin(ctx.clinic).await.map_err(AppError::from)?;
        if store::treatment::exists(&tx, session)
            .await
            .map_err(AppError::from)?
        {
            return Ok(session);
        }
        let named = Named::by(&planning.command, ctx.person);
        let (row, known) = tokio::try_join!(
            async { Ok::<_, AppError>(store::people::patient(&tx, planning.patient).await?) },
            named.known(&tx, ctx)
        )?;
        let row = row.ok_or(AppError::NotFound)?;
        named.check(ctx, planning.patient, &known)?;
        let entry = self.opened(ctx, PURPOSE_PLAN, [patient_unit], [planning.patient])?;
        let receipt = tx.commit_opened(entry).await.map_err(AppError::from)?;
        let patient = self.patient_open(ctx, &receipt, row)?;

        let command = with_patient(planning.command, planning.patient, patient.enrolled)?;
        let now = whole_second(ctx.now);
        let by = Attribution {
            happened_at: now,
            taken_by: ctx.person,
            entered_by: ctx.person,
        };
        let events = match Session::new().decide(&self.protocol, &command, &by, ctx.now) {
            Ok(events) => events,
            Err(refusal) => {
                let page = Box::new(self.plan_page(ctx).await?);
                return Err(PlanError::Refused { refusal, page });
            }
        };
        let (vault, clinic, at) = (Arc::clone(&self.vault), ctx.clinic, micros(ctx.now));
        let created = self
            .blocking(move || vault.unit_create(clinic, UnitId(session), at))
            .await?;
        created.map_err(AppError::from)?;
        let sealer = self
            .vault
            .unit_sealer(ctx.clinic, UnitId(session), micros(ctx.now))
            .map_err(AppError::from)?;
        let form = FormId::new(planning.key, &[]);
        let writing = Writing {
            ctx,
            session,
            day: planning.day,
            version: 0,
            by,
            form: &form,
            under: receipt.entry(),
        };
        match self
            .append(&writing, &sealer, &Session::new(), events)
            .await
        {
            // The same form, sent twice at once: the other one planned it.
            Ok(_) | Err(AppError::Store(StoreError::Exists { .. })) => Ok(session),
            Err(error) => Err(error.into()),
        }
    }
}

/// The plan with the patient and enrolment that the clinic's record has: what a form says of them does not count.
fn with_patient(command: Command, patient: Uuid, enrolled: bool) -> Result<Command, AppError> {
    let Command::Plan(mut plan) = command else {
        return Err(AppError::BadInput("Only a plan begins a session."));
    };
    plan.patient = PatientId(patient.as_u128());
    plan.enrolment = match enrolled {
        true => Enrolment::Confirmed,
        false => Enrolment::NotConfirmed,
    };
    Ok(Command::Plan(plan))
}
