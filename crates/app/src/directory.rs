//! Opening what names the clinic, its people and its patients.

use std::collections::BTreeMap;

use domain::treatment::PersonId;
use ledger::{Receipt, UnitId};
use serde_json::{Value, json};
use store::people::{ClinicRow, PatientRow, PersonRow};
use uuid::Uuid;
use vault::Unlocked;

use crate::ctx::{Ctx, Role};
use crate::entries::micros;
use crate::error::AppError;
use crate::sealing::{OpenedRecord, Place, open};
use crate::treatment::{ClinicProfile, Patient, People, Person};
use crate::{App, directory_unit};

/// The directory's rows of one clinic.
pub(crate) struct DirectoryRows {
    pub(crate) clinic: ClinicRow,
    pub(crate) persons: Vec<PersonRow>,
}

/// The opened directory.
pub(crate) struct Directory {
    pub(crate) profile: ClinicProfile,
    pub(crate) people: People,
}

pub(crate) async fn directory_rows(scope: &store::Scope) -> Result<DirectoryRows, AppError> {
    let (clinic, persons) =
        tokio::try_join!(store::people::clinic(scope), store::people::persons(scope))?;
    let clinic = clinic.ok_or_else(|| AppError::Impossible("a clinic without a row".into()))?;
    Ok(DirectoryRows { clinic, persons })
}

impl App {
    /// Unlocks a unit under a receipt, at the time of the request.
    pub(crate) fn unlock<'r>(
        &self,
        ctx: &Ctx,
        receipt: &'r Receipt,
        unit: UnitId,
    ) -> Result<Unlocked<'r>, AppError> {
        Ok(self.vault.unlock(receipt, unit, micros(ctx.now))?)
    }

    pub(crate) fn directory_open(
        &self,
        ctx: &Ctx,
        receipt: &Receipt,
        rows: DirectoryRows,
    ) -> Result<Directory, AppError> {
        let unit = self.unlock(ctx, receipt, directory_unit(ctx.clinic))?;
        let profile = open(
            &unit,
            &Place::clinic_profile(ctx.clinic.0),
            rows.clinic.sealed,
        )?;
        let mut people = People::new();
        for row in rows.persons {
            let person = person_open(&unit, row)?;
            people.insert(person.id, person);
        }
        Ok(Directory {
            profile: profile_from(&profile.body)?,
            people,
        })
    }

    /// Opens patients under one receipt, by their pseudonyms. One whose record is damaged is left out, and takes no other
    /// with it.
    pub(crate) fn patients_open(
        &self,
        ctx: &Ctx,
        receipt: &Receipt,
        rows: Vec<PatientRow>,
    ) -> Result<BTreeMap<Uuid, Patient>, AppError> {
        let mut patients = BTreeMap::new();
        for row in rows {
            let id = row.id;
            match self.patient_open(ctx, receipt, row) {
                Ok(patient) => {
                    patients.insert(id, patient);
                }
                Err(error) => error.tell_if_of_one_record()?,
            }
        }
        Ok(patients)
    }

    pub(crate) fn patient_open(
        &self,
        ctx: &Ctx,
        receipt: &Receipt,
        row: PatientRow,
    ) -> Result<Patient, AppError> {
        let unit = self.unlock(ctx, receipt, UnitId(row.id))?;
        patient_from(row.id, &open(&unit, &Place::patient(row.id), row.sealed)?)
    }
}

fn person_open(unit: &Unlocked<'_>, row: PersonRow) -> Result<Person, AppError> {
    let record = open(unit, &Place::person(row.id), row.sealed)?;
    person_from(row.id, &row.role, &record)
}

pub(crate) fn person_from(id: Uuid, role: &str, record: &OpenedRecord) -> Result<Person, AppError> {
    Ok(Person {
        id: PersonId(id.as_u128()),
        name: text(&record.body, "name")?,
        credential: text(&record.body, "credential")?,
        role: Role::parse(role)
            .ok_or_else(|| AppError::Impossible("a person of no role".into()))?,
    })
}

pub(crate) fn person_body(name: &str, credential: &str, role: Role) -> Value {
    json!({ "name": name, "credential": credential, "role": role.as_str() })
}

pub(crate) fn profile_body(profile: &ClinicProfile) -> Value {
    json!({
        "name": profile.name,
        "address": profile.address,
        "city": profile.city,
        "state": profile.state,
        "zip": profile.zip,
        "telephone": profile.telephone,
    })
}

pub(crate) fn profile_from(body: &Value) -> Result<ClinicProfile, AppError> {
    Ok(ClinicProfile {
        name: text(body, "name")?,
        address: text(body, "address")?,
        city: text(body, "city")?,
        state: text(body, "state")?,
        zip: text(body, "zip")?,
        telephone: text(body, "telephone")?,
    })
}

pub(crate) fn patient_body(patient: &Patient) -> Value {
    json!({
        "first_name": patient.first_name,
        "middle_initial": patient.middle_initial,
        "last_name": patient.last_name,
        "birthdate": patient.birthdate.to_string(),
        "sex": patient.sex,
        "enrolled": patient.enrolled,
    })
}

pub(crate) fn patient_from(id: Uuid, record: &OpenedRecord) -> Result<Patient, AppError> {
    let body = &record.body;
    Ok(Patient {
        id,
        first_name: text(body, "first_name")?,
        middle_initial: text(body, "middle_initial")?,
        last_name: text(body, "last_name")?,
        birthdate: text(body, "birthdate")?
            .parse()
            .map_err(|_| AppError::Impossible("a birthdate that is no date".into()))?,
        sex: text(body, "sex")?,
        enrolled: body
            .get("enrolled")
            .and_then(Value::as_bool)
            .ok_or_else(|| AppError::Impossible("a patient without `enrolled`".into()))?,
    })
}

fn text(body: &Value, field: &str) -> Result<String, AppError> {
    body.get(field)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| AppError::Impossible(format!("a sealed record without `{field}`")))
}
