//! Many clinics with open sessions: what load tests write to. In a demo alone, by the ordinary use cases.

use std::sync::Arc;

use domain::treatment::{
    Command, Enrolment, FirstTreatment, Indication, PatientId, PersonId, Plan,
};
use jiff::civil::date;
use uuid::Uuid;

use super::profile;
use crate::clinic::{NewClinic, NewPatient, NewPerson};
use crate::ctx::Role;
use crate::error::AppError;
use crate::treatment::{Patient, PlanError, Planning, Submission};
use crate::{App, SignInAttempt};

/// A clinic for load tests.
pub struct LoadClinic {
    /// Its code of the demo's day.
    pub code: String,
    /// The nurse's sign-in name.
    pub login: String,
    /// The nurse's PIN.
    pub pin: String,
    /// Sessions of patients who have arrived.
    pub sessions: Vec<Uuid>,
}

/// The one sign-in name of a load clinic's nurse; codes tell the clinics apart.
const LOAD_LOGIN: &str = "load";

impl App {
    /// Makes one more clinic with this many sessions, each of a patient who has arrived.
    ///
    /// # Errors
    /// In a database that is no demo; when keys, database or ledger refuse.
    pub async fn demo_load_clinic(
        self: &Arc<Self>,
        number: u32,
        sessions: u32,
    ) -> Result<LoadClinic, AppError> {
        if !self.demo() {
            return Err(AppError::NotFound);
        }
        let clinic = self.id();
        let mut of = profile();
        of.name = format!("Load Clinic {number}");
        let zone_name = "America/Chicago".to_owned();
        self.clinic_create(NewClinic {
            id: clinic,
            time_zone: zone_name,
            profile: of,
        })
        .await?;
        let pin = format!("{:06}", self.id().as_u128() % 1_000_000);
        let prescriber = self
            .load_person(clinic, Role::Prescriber, "prescriber", &pin)
            .await?;
        let nurse = self
            .load_person(clinic, Role::FloorClinician, LOAD_LOGIN, &pin)
            .await?;
        let code = self.code_now(ledger::ClinicId(clinic)).await?;
        let attempt = SignInAttempt {
            code: code.clone(),
            name: LOAD_LOGIN.to_owned(),
            pin: pin.clone(),
        };
        let cookie = self.sign_in(self.id(), attempt).await?.cookie;
        let mut made = Vec::new();
        for number in 0..sessions {
            let patient = self.patient_add(clinic, load_patient(number)).await?;
            made.push(
                self.load_session(&cookie, patient, prescriber, nurse)
                    .await?,
            );
        }
        Ok(LoadClinic {
            code,
            login: LOAD_LOGIN.to_owned(),
            pin,
            sessions: made,
        })
    }

    async fn load_person(
        &self,
        clinic: Uuid,
        role: Role,
        login: &str,
        pin: &str,
    ) -> Result<PersonId, AppError> {
        let new = NewPerson {
            name: format!("Load {login}"),
            credential: String::new(),
            role,
            login: login.to_owned(),
            pin: pin.to_owned(),
        };
        self.person_add(clinic, new).await
    }

    async fn load_session(
        &self,
        cookie: &str,
        patient: Uuid,
        prescriber: PersonId,
        monitor: PersonId,
    ) -> Result<Uuid, AppError> {
        let ctx = self
            .authenticate(cookie, self.id())
            .await?
            .ok_or(AppError::SignInRefused)?;
        let plan = Plan {
            patient: PatientId(patient.as_u128()),
            indication: Indication::TreatmentResistant,
            dose_mg: 56,
            prescriber,
            monitor,
            room: "1".to_owned(),
            first_treatment: FirstTreatment::Later,
            enrolment: Enrolment::Confirmed,
            follows: None,
        };
        let planning = Planning {
            key: self.id(),
            patient,
            day: ctx.now.to_zoned(ctx.zone.clone()).date(),
            command: Command::Plan(plan),
            beside: Vec::new(),
            fields: Vec::new(),
        };
        let session = self
            .plan(&ctx, planning)
            .await
            .map_err(|error| match error {
                PlanError::App(error) => error,
                PlanError::Refused { .. }
                | PlanError::DoubleBooked { .. }
                | PlanError::KeyReused { .. } => {
                    AppError::Impossible("a load session that is refused".into())
                }
            })?;
        let arrival = Submission {
            key: self.id(),
            seen: 1,
            found: None,
            command: Command::Arrive,
            happened_at: None,
            taken_by: None,
            fields: Vec::new(),
        };
        self.record(&ctx, session, arrival).await?;
        Ok(session)
    }
}

fn load_patient(number: u32) -> NewPatient {
    NewPatient {
        patient: Patient {
            id: Uuid::nil(),
            first_name: "Load".to_owned(),
            middle_initial: String::new(),
            last_name: format!("Patient{number}"),
            birthdate: date(1980, 1, 1),
            sex: "other".to_owned(),
            enrolled: true,
        },
    }
}
