//! Planning a session: a new unit, its key durable before its row.

use std::sync::Arc;

use domain::treatment::{Attribution, Command, Enrolment, PatientId, Refusal, Session};
use ledger::UnitId;
use store::StoreError;
use uuid::Uuid;

use super::double_booked::SameDay;
use super::follows::Followed;
use super::form::{Before, FormId};
use super::load::events_open_with_forms;
use super::people_named::Named;
use super::record::{Writing, session_id, whole_second};
use super::view::{BoardSession, PlanPage, Planning};
use crate::App;
use crate::ctx::Ctx;
use crate::entries::{OpenedFor, micros};
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
    /// The patient has sessions on that day already, beside which this one is not said to be planned (409).
    #[error("the patient has a session on that day already")]
    DoubleBooked {
        /// Those sessions.
        sessions: Vec<BoardSession>,
        /// The page to show the form on again.
        page: Box<PlanPage>,
    },
    /// The form's key planned a session before, with other content (409): what was typed is not planned yet.
    #[error("this form was already saved with other content")]
    KeyReused {
        /// The page to show the form on again, under a new key.
        page: Box<PlanPage>,
    },
}

impl std::fmt::Debug for BoardSession {
    /// Never its content: a patient's name and record.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BoardSession")
    }
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
    /// [`PlanError::Refused`] without enrolment; [`PlanError::DoubleBooked`] beside a session of that day that it does not
    /// name; [`PlanError::KeyReused`] when another form has its key;
    /// [`AppError::NotFound`] for an unknown patient or another role; [`AppError::BadInput`] for somebody who is named and
    /// is not what they are named as, and for a session to take up that is not delayed or taken up already.
    pub async fn plan(&self, ctx: &Ctx, planning: Planning) -> Result<Uuid, PlanError> {
        if !may(ctx.role, Action::Plan) {
            return Err(AppError::NotFound.into());
        }
        let session = session_id(self, ctx.clinic, planning.key, ctx.now)?;
        let form = FormId::new(planning.key, &planning.fields);
        let patient_unit = UnitId(planning.patient);
        let tx = self.store.begin(ctx.clinic).await.map_err(AppError::from)?;
        if store::treatment::exists(&tx, session)
            .await
            .map_err(AppError::from)?
        {
            return self.planned_before(ctx, tx, session, &form).await;
        }
        let named = Named::by(&planning.command, ctx.person);
        let (row, known) = tokio::try_join!(
            async { Ok::<_, AppError>(store::people::patient(&tx, planning.patient).await?) },
            named.known(&tx, ctx)
        )?;
        let row = row.ok_or(AppError::NotFound)?;
        named.check(ctx, planning.patient, &known)?;
        let followed = Followed::find(&tx, &planning.command).await?;
        let same_day = SameDay::find(&tx, &planning, session).await?;
        let sessions: Vec<Uuid> = followed
            .iter()
            .flat_map(Followed::sessions)
            .chain(same_day.sessions())
            .collect();
        let entry = self.opened(
            ctx,
            OpenedFor::Plan,
            sessions.iter().map(|id| UnitId(*id)).chain([patient_unit]),
            sessions.iter().copied().chain([planning.patient]),
        )?;
        let receipt = tx.commit_opened(entry).await.map_err(AppError::from)?;
        if let Some(followed) = followed {
            followed.check(self, ctx, &receipt)?;
        }
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
        let booked = same_day.booked(self, ctx, &receipt, &patient)?;
        if !booked.is_empty() {
            let (sessions, page) = (booked, Box::new(self.plan_page(ctx).await?));
            return Err(PlanError::DoubleBooked { sessions, page });
        }
        let (vault, clinic, at) = (Arc::clone(&self.vault), ctx.clinic, micros(ctx.now));
        let created = self
            .blocking(move || vault.unit_create(clinic, UnitId(session), at))
            .await?;
        created.map_err(AppError::from)?;
        let sealer = self
            .vault
            .unit_sealer(ctx.clinic, UnitId(session), micros(ctx.now))
            .map_err(AppError::from)?;
        let writing = Writing {
            ctx,
            session,
            day: planning.day,
            version: 0,
            by,
            form: &form,
            under: receipt.entry(),
        };
        match self.append(&writing, &sealer, Session::new(), events).await {
            Ok(_) => Ok(session),
            // Sent twice at once: the other one was planned.
            Err(AppError::Store(StoreError::Exists { .. })) => {
                let tx = self.store.begin(ctx.clinic).await.map_err(AppError::from)?;
                self.planned_before(ctx, tx, session, &form).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The key has planned a session. Opens its first event to see whether this very form did.
    async fn planned_before(
        &self,
        ctx: &Ctx,
        tx: store::Tx,
        session: Uuid,
        form: &FormId,
    ) -> Result<Uuid, PlanError> {
        let found = store::treatment::find(&tx, session)
            .await
            .map_err(AppError::from)?;
        let before = match found {
            Some((_row, mut events)) => {
                let entry = self.opened(ctx, OpenedFor::Plan, [UnitId(session)], [session])?;
                let receipt = tx.commit_opened(entry).await.map_err(AppError::from)?;
                let unit = self.unlock(ctx, &receipt, UnitId(session))?;
                events.truncate(1);
                let (_planned, forms) = events_open_with_forms(&unit, events)?;
                forms.before(form)
            }
            // Its destruction was intended since: nobody can say any more what was typed.
            None => Before::Other,
        };
        match before {
            Before::Same => Ok(session),
            Before::New | Before::Other => {
                let page = Box::new(self.plan_page(ctx).await?);
                Err(PlanError::KeyReused { page })
            }
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
