//! Whom a command names. The rules take any pseudonym; here each is held against the clinic's people: everybody who is
//! named works here and takes clinical steps, and a prescriber is one. So is the session that a plan takes up.
//!
//! Only who is not the signed-in person is looked for: a step of one's own costs no query.

use std::collections::BTreeMap;

use domain::treatment::{
    Change, Command, Correction, DepartureDetails, DeviceOutcome, DeviceUse, Event,
    LeftAgainstAdvice, PersonId, Plan, SessionId,
};
use uuid::Uuid;

use crate::ctx::{Ctx, Role};
use crate::error::AppError;

const NOBODY_HERE: &str =
    "Nothing was saved: somebody who is named here does not work at this clinic.";
const NO_CLINICIAN: &str =
    "Nothing was saved: somebody who is named here takes no part in treatments.";
const NO_PRESCRIBER: &str =
    "Nothing was saved: the prescriber who is named here is no prescriber of this clinic.";
const NOT_FOLLOWED: &str =
    "Nothing was saved: the session that this one takes up is none of this patient’s.";

/// What a person has to be for what they are named as.
#[derive(Clone, Copy)]
enum Needed {
    /// Whoever takes clinical steps: all but owners.
    Clinician,
    /// A prescriber.
    Prescriber,
}

/// Whom a command names, and as what.
#[derive(Default)]
pub(super) struct Named {
    people: Vec<(PersonId, Needed)>,
    follows: Option<SessionId>,
}

/// What the clinic's rows say of those who are named.
pub(super) struct Known {
    /// The active people among them.
    roles: BTreeMap<PersonId, Role>,
    /// The patient of the session that is taken up.
    followed: Option<Uuid>,
}

impl Known {
    /// Nobody else was named, so nothing was asked.
    const NOTHING: Self = Self {
        roles: BTreeMap::new(),
        followed: None,
    };
}

impl Named {
    /// Whom this command names, when that person took the step.
    pub(super) fn by(command: &Command, taken_by: PersonId) -> Self {
        let mut named = Self::default();
        // Of a decision, who took it is the prescriber.
        if matches!(command, Command::RecordDecision(_)) {
            named.prescribers([taken_by]);
        } else {
            named.clinicians([taken_by]);
        }
        named.command(command);
        named
    }

    /// Reads what `check` needs; asks nothing when nobody else is named.
    pub(super) async fn known(&self, scope: &store::Scope, ctx: &Ctx) -> Result<Known, AppError> {
        let (roles, followed) = tokio::try_join!(self.roles(scope, ctx), self.followed(scope))?;
        Ok(Known { roles, followed })
    }

    /// As [`Named::known`], in a reading of its own, which is not begun when nobody else is named.
    pub(super) async fn known_apart(
        &self,
        store: &store::Store,
        ctx: &Ctx,
    ) -> Result<Known, AppError> {
        if self.is_nobody_else(ctx) {
            return Ok(Known::NOTHING);
        }
        self.known(&store.read(ctx.clinic).await?, ctx).await
    }

    fn is_nobody_else(&self, ctx: &Ctx) -> bool {
        self.follows.is_none() && self.people.iter().all(|(person, _)| *person == ctx.person)
    }

    /// As [`Named::check`], without asking the database: `None` also when somebody else is named.
    pub(super) fn check_alone(&self, ctx: &Ctx, patient: Uuid) -> Option<()> {
        let is_right = self.check(ctx, patient, &Known::NOTHING).is_ok();
        (self.is_nobody_else(ctx) && is_right).then_some(())
    }

    async fn roles(
        &self,
        scope: &store::Scope,
        ctx: &Ctx,
    ) -> Result<BTreeMap<PersonId, Role>, AppError> {
        let others: Vec<Uuid> = self
            .people
            .iter()
            .filter(|(person, _)| *person != ctx.person)
            .map(|(person, _)| Uuid::from_u128(person.0))
            .collect();
        if others.is_empty() {
            return Ok(BTreeMap::new());
        }
        store::people::roles_of(scope, &others)
            .await?
            .into_iter()
            .map(|(id, role)| {
                let role = Role::parse(&role)
                    .ok_or_else(|| AppError::Impossible("a person of no role".into()));
                role.map(|role| (PersonId(id.as_u128()), role))
            })
            .collect()
    }

    async fn followed(&self, scope: &store::Scope) -> Result<Option<Uuid>, AppError> {
        match self.follows {
            Some(session) => {
                Ok(store::treatment::patient_of(scope, Uuid::from_u128(session.0)).await?)
            }
            None => Ok(None),
        }
    }

    /// # Errors
    /// [`AppError::BadInput`] for the first who is not what they are named as: no form of ours offers that.
    pub(super) fn check(&self, ctx: &Ctx, patient: Uuid, known: &Known) -> Result<(), AppError> {
        for (person, needed) in &self.people {
            let role = if *person == ctx.person {
                Some(ctx.role)
            } else {
                known.roles.get(person).copied()
            };
            let wrong = match (role, needed) {
                (Some(Role::Prescriber), Needed::Clinician | Needed::Prescriber)
                | (Some(Role::FloorClinician), Needed::Clinician) => None,
                (Some(Role::Owner), Needed::Clinician) => Some(NO_CLINICIAN),
                (Some(Role::Owner | Role::FloorClinician), Needed::Prescriber) => {
                    Some(NO_PRESCRIBER)
                }
                (None, Needed::Clinician | Needed::Prescriber) => Some(NOBODY_HERE),
            };
            if let Some(sentence) = wrong {
                return Err(AppError::BadInput(sentence));
            }
        }
        if self.follows.is_some() && known.followed != Some(patient) {
            return Err(AppError::BadInput(NOT_FOLLOWED));
        }
        Ok(())
    }

    fn clinicians(&mut self, people: impl IntoIterator<Item = PersonId>) {
        let named = people.into_iter().map(|person| (person, Needed::Clinician));
        self.people.extend(named);
    }

    fn prescribers(&mut self, people: impl IntoIterator<Item = PersonId>) {
        let named = people
            .into_iter()
            .map(|person| (person, Needed::Prescriber));
        self.people.extend(named);
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Plan(plan) => self.plan(plan),
            Command::ChangePlan(change) => self.prescribers(change.prescriber),
            Command::Clear(clearing) => self.prescribers(clearing.prescriber_on_site),
            Command::GiveDevice(device) => self.device(device),
            Command::GiveMedicine(medicine) => self.prescribers(medicine.order.prescriber()),
            Command::HandOver { to } => self.clinicians([*to]),
            Command::LeaveAgainstAdvice(departure) => self.departure(departure),
            Command::AddAddendum(addendum) => {
                self.prescribers(addendum.departure.as_ref().and_then(told));
            }
            Command::Correct(correction) => self.correction(correction),
            Command::Arrive
            | Command::AnswerChecklist(_)
            | Command::RecordVitals(_)
            | Command::RecordDecision(_)
            | Command::StopDosing { .. }
            | Command::OpenEpisode(_)
            | Command::ResolveEpisode(_)
            | Command::ReportNoneObserved { .. }
            | Command::RecordVomiting { .. }
            | Command::RecordCrisisSymptoms(_)
            | Command::RecordAdverseEvent(_)
            | Command::CallEmergency { .. }
            | Command::EmergencyArrive { .. }
            | Command::JudgeReadiness(_)
            | Command::Discharge(_)
            | Command::SendToEmergencyCare(_)
            | Command::Delay { .. }
            | Command::Cancel { .. }
            | Command::MarkNoShow { .. }
            | Command::AnswerSerious(_)
            | Command::TickReport { .. } => {}
        }
    }

    /// Whom the entry names that stands in the place of another.
    fn correction(&mut self, correction: &Correction) {
        let Change::Replace(replacement) = &correction.change else {
            return;
        };
        let event = &replacement.event;
        if matches!(event, Event::DecisionRecorded(_)) {
            self.prescribers([replacement.taken_by]);
        } else {
            self.clinicians([replacement.taken_by]);
        }
        match event {
            Event::Planned(planned) => self.plan(&planned.plan),
            Event::PlanChanged(change) => self.prescribers(change.prescriber),
            Event::Cleared(clearing) => self.prescribers(clearing.prescriber_on_site),
            Event::DeviceGiven(device) => self.device(device),
            Event::MedicineGiven(medicine) => self.prescribers(medicine.order.prescriber()),
            Event::HandedOver { to } => self.clinicians([*to]),
            Event::LeftAgainstAdvice(departure) => self.departure(departure),
            Event::AddendumAdded(addendum) => {
                self.prescribers(addendum.departure.as_ref().and_then(told));
            }
            Event::Arrived
            | Event::ChecklistAnswered(_)
            | Event::VitalsRecorded(_)
            | Event::DecisionRecorded(_)
            | Event::DosingStopped { .. }
            | Event::EpisodeOpened(_)
            | Event::EpisodeResolved(_)
            | Event::NoneObserved { .. }
            | Event::VomitingRecorded { .. }
            | Event::CrisisSymptomsRecorded(_)
            | Event::AdverseEventRecorded(_)
            | Event::EmergencyCalled { .. }
            | Event::EmergencyArrived { .. }
            | Event::ReadinessJudged(_)
            | Event::Discharged(_)
            | Event::SentToEmergencyCare(_)
            | Event::Delayed { .. }
            | Event::Cancelled { .. }
            | Event::NoShow { .. }
            | Event::Corrected(_)
            | Event::SeriousAnswered(_)
            | Event::ReportTicked { .. } => {}
        }
    }

    fn plan(&mut self, plan: &Plan) {
        self.prescribers([plan.prescriber]);
        self.clinicians([plan.monitor]);
        self.follows = plan.follows;
    }

    fn device(&mut self, device: &DeviceUse) {
        match &device.outcome {
            DeviceOutcome::Complete => {}
            DeviceOutcome::PartlyUsed(disposal) | DeviceOutcome::Failed(disposal) => {
                self.clinicians(disposal.witness);
            }
        }
    }

    fn departure(&mut self, departure: &LeftAgainstAdvice) {
        match departure {
            LeftAgainstAdvice::Left(details) | LeftAgainstAdvice::FoundGone { details, .. } => {
                self.prescribers(told(details));
            }
        }
    }
}

fn told(details: &DepartureDetails) -> Option<PersonId> {
    details.prescriber_told
}
