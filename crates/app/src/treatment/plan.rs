//! Planning a session: a new unit, its key durable before its row.

use std::sync::Arc;

use domain::treatment::{
    Attribution, Command, Enrolment, Event, PatientId, Plan, Refusal, Session,
};
use ledger::UnitId;
use store::StoreError;
use store::treatment::TakenUp;
use uuid::Uuid;

use super::double_booked::SameDay;
use super::follows::Followed;
use super::form::{Before, FormId};
use super::load::{SessionRows, events_open_with_forms};
use super::people_named::Named;
use super::record::{ROUNDS_MAX, Writing, session_id, whole_second};
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
        for _ in 0..ROUNDS_MAX {
            match self.plan_once(ctx, &planning, session, &form).await {
                // The patient's sessions do not stand as they were read: they are looked at again.
                Err(PlanError::App(AppError::Store(StoreError::Moved))) => {}
                planned => return planned,
            }
        }
        let words = "sessions of this patient are being written to from many places at once";
        Err(AppError::Unavailable(words).into())
    }

    async fn plan_once(
        &self,
        ctx: &Ctx,
        planning: &Planning,
        session: Uuid,
        form: &FormId,
    ) -> Result<Uuid, PlanError> {
        let tx = self.store.begin(ctx.clinic).await.map_err(AppError::from)?;
        if store::treatment::exists(&tx, session)
            .await
            .map_err(AppError::from)?
        {
            return self.planned_before(ctx, tx, session, form).await;
        }
        let named = Named::by(&planning.command, ctx.person);
        let (row, known) = tokio::try_join!(
            async { Ok::<_, AppError>(store::people::patient(&tx, planning.patient).await?) },
            named.known(&tx, ctx)
        )?;
        let row = row.ok_or(AppError::NotFound)?;
        named.check(ctx, planning.patient, &known)?;
        let followed = Followed::find(&tx, &planning.command).await?;
        let same_day = SameDay::find(&tx, planning, session).await?;
        let sessions: Vec<Uuid> = followed
            .iter()
            .flat_map(Followed::sessions)
            .chain(same_day.sessions())
            .collect();
        let units = sessions.iter().chain([&planning.patient]);
        let entry = self.opened(
            ctx,
            OpenedFor::Plan,
            units.clone().map(|id| UnitId(*id)),
            units.copied(),
        )?;
        let receipt = tx.commit_opened(entry).await.map_err(AppError::from)?;
        let taken_up = match followed {
            Some(followed) => Some(followed.check(self, ctx, &receipt, planning.day)?),
            None => None,
        };
        let patient = self.patient_open(ctx, &receipt, row)?;
        let command = with_patient(&planning.command, planning.patient, patient.enrolled)?;
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
        let looked_at = same_day.looked_at().to_vec();
        let booked = same_day.booked(self, ctx, &receipt, &patient)?;
        if !booked.is_empty() {
            let (sessions, page) = (booked, Box::new(self.plan_page(ctx).await?));
            return Err(PlanError::DoubleBooked { sessions, page });
        }
        let writing = Writing {
            ctx,
            session,
            day: planning.day,
            version: 0,
            by,
            form,
            under: receipt.entry(),
        };
        let beside = Beside {
            patient: patient.id,
            looked_at: &looked_at,
            taken_up: taken_up.as_ref(),
        };
        match self.plan_write(&writing, &beside, events).await {
            Ok(()) => Ok(session),
            // Sent twice at once: the other one was planned.
            Err(AppError::Store(StoreError::Exists { .. })) => {
                let tx = self.store.begin(ctx.clinic).await.map_err(AppError::from)?;
                self.planned_before(ctx, tx, session, form).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The session's key, then its row with its first events, committed with their entry.
    async fn plan_write(
        &self,
        writing: &Writing<'_>,
        beside: &Beside<'_>,
        events: Vec<Event>,
    ) -> Result<(), AppError> {
        let (clinic, session) = (writing.ctx.clinic, writing.session);
        let (vault, at) = (Arc::clone(&self.vault), micros(writing.ctx.now));
        self.blocking(move || vault.unit_create(clinic, UnitId(session), at))
            .await??;
        let sealer = self.vault.unit_sealer(clinic, UnitId(session), at)?;
        let mut planned = Session::new();
        let (sealed, entry) = writing.seal(&sealer, &mut planned, events)?;
        let open = !planned.phase().is_ended();
        let tx = self.store.begin(clinic).await?;
        let (patient, day) = (beside.patient, writing.day);
        store::treatment::plan_beside(&tx, patient, day, beside.looked_at).await?;
        if let Some(taken_up) = beside.taken_up {
            store::treatment::take_up(&tx, taken_up).await?;
        }
        store::treatment::insert(&tx, session, patient, day).await?;
        store::treatment::append(&tx, session, writing.version, &sealed, open).await?;
        tx.commit(entry).await?;
        Ok(())
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
            Some((row, mut events)) => {
                let entry = self.opened(ctx, OpenedFor::Plan, [UnitId(session)], [session])?;
                let receipt = tx.commit_opened(entry).await.map_err(AppError::from)?;
                let unit = self.unlock(ctx, &receipt, UnitId(session))?;
                events.truncate(1);
                let (_planned, forms) = events_open_with_forms(&unit, SessionRows { row, events })?;
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

/// What a plan stands beside, as it was looked at: written only if nothing came in between.
struct Beside<'a> {
    patient: Uuid,
    /// The patient's sessions on that day.
    looked_at: &'a [Uuid],
    /// The delayed session that it takes up.
    taken_up: Option<&'a TakenUp>,
}

/// The plan with the patient and enrolment that the clinic's record has: what a form says of them does not count.
fn with_patient(command: &Command, patient: Uuid, enrolled: bool) -> Result<Command, AppError> {
    let Command::Plan(plan) = command else {
        return Err(AppError::BadInput("Only a plan begins a session."));
    };
    Ok(Command::Plan(Plan {
        patient: PatientId(patient.as_u128()),
        enrolment: match enrolled {
            true => Enrolment::Confirmed,
            false => Enrolment::NotConfirmed,
        },
        ..plan.clone()
    }))
}
