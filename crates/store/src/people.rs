//! Rows of clinics, their people and patients. What names anybody is sealed.

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::StoreError;
use crate::scope::Scope;

/// A person's row.
pub struct PersonRow {
    /// The person.
    pub id: Uuid,
    /// The role, as the database words it.
    pub role: String,
    /// The envelope with name and credential, under the clinic's directory unit.
    pub sealed: Vec<u8>,
}

/// A patient's row.
pub struct PatientRow {
    /// The patient's pseudonym.
    pub id: Uuid,
    /// The envelope, under the patient's own unit.
    pub sealed: Vec<u8>,
}

/// A clinic's row.
pub struct ClinicRow {
    /// IANA name.
    pub time_zone: String,
    /// The envelope with the clinic's name and address, under its directory unit.
    pub sealed: Vec<u8>,
}

/// The transaction's clinic.
///
/// # Errors
/// When the database is away.
pub async fn clinic(scope: &Scope) -> Result<Option<ClinicRow>, StoreError> {
    let row = scope
        .query_opt(
            "SELECT time_zone, sealed FROM clinic WHERE clinic = clinic_now()",
            &[],
        )
        .await?;
    Ok(row.map(|row| ClinicRow {
        time_zone: row.get(0),
        sealed: row.get(1),
    }))
}

/// All people of the clinic, the inactive too: records name them.
///
/// # Errors
/// When the database is away.
pub async fn persons(scope: &Scope) -> Result<Vec<PersonRow>, StoreError> {
    let rows = scope
        .query(
            "SELECT id, role, sealed FROM person WHERE clinic = clinic_now() ORDER BY id",
            &[],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| PersonRow {
            id: row.get(0),
            role: row.get(1),
            sealed: row.get(2),
        })
        .collect())
}

/// Those of these people who are active here, with their roles as the database words them.
///
/// # Errors
/// When the database is away.
pub async fn roles_of(scope: &Scope, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, StoreError> {
    let rows = scope
        .query(
            "SELECT id, role FROM person WHERE clinic = clinic_now() AND active AND id = ANY($1)",
            &[&ids],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// One patient.
///
/// # Errors
/// When the database is away.
pub async fn patient(scope: &Scope, id: Uuid) -> Result<Option<PatientRow>, StoreError> {
    Ok(patients_of(scope, &[id]).await?.into_iter().next())
}

/// These patients.
///
/// # Errors
/// When the database is away.
pub async fn patients_of(scope: &Scope, ids: &[Uuid]) -> Result<Vec<PatientRow>, StoreError> {
    let rows = scope
        .query(
            "SELECT id, sealed FROM patient WHERE clinic = clinic_now() AND id = ANY($1)",
            &[&ids],
        )
        .await?;
    Ok(rows.iter().map(patient_from).collect())
}

/// The clinic's patients, at most `rows_max`.
///
/// # Errors
/// When the database is away.
pub async fn patients(scope: &Scope, rows_max: i64) -> Result<Vec<PatientRow>, StoreError> {
    let rows = scope
        .query(
            "SELECT id, sealed FROM patient WHERE clinic = clinic_now() ORDER BY id LIMIT $1",
            &[&rows_max],
        )
        .await?;
    Ok(rows.iter().map(patient_from).collect())
}

fn patient_from(row: &tokio_postgres::Row) -> PatientRow {
    PatientRow {
        id: row.get(0),
        sealed: row.get(1),
    }
}

/// Makes the transaction's clinic and begins its tree.
///
/// # Errors
/// [`StoreError::Exists`] when it is there already.
pub async fn insert_clinic(
    scope: &Scope,
    time_zone: &str,
    created_at: Timestamp,
    sealed: &[u8],
) -> Result<(), StoreError> {
    crate::tree::begin(scope).await?;
    scope
        .execute(
            "INSERT INTO clinic (clinic, time_zone, created_at, sealed) VALUES (clinic_now(), $1, $2, $3)",
            &[&time_zone, &created_at, &sealed],
        )
        .await?;
    Ok(())
}

/// A person to be added.
pub struct NewPerson<'a> {
    /// The pseudonym.
    pub id: Uuid,
    /// The role, as the database words it.
    pub role: &'a str,
    /// HMAC of the sign-in name.
    pub login_token: [u8; 32],
    /// Argon2id behind the pepper.
    pub pin_hash: &'a str,
    /// The envelope.
    pub sealed: &'a [u8],
}

/// Adds a person.
///
/// # Errors
/// [`StoreError::Exists`] when the id or the sign-in name is taken.
pub async fn insert_person(scope: &Scope, new: &NewPerson<'_>) -> Result<(), StoreError> {
    scope
        .execute(
            "INSERT INTO person (clinic, id, role, login_token, pin_hash, active, sealed)
             VALUES (clinic_now(), $1, $2, $3, $4, true, $5)",
            &[
                &new.id,
                &new.role,
                &new.login_token.as_slice(),
                &new.pin_hash,
                &new.sealed,
            ],
        )
        .await?;
    Ok(())
}

/// Adds a patient.
///
/// # Errors
/// [`StoreError::Exists`] when the id is taken.
pub async fn insert_patient(scope: &Scope, id: Uuid, sealed: &[u8]) -> Result<(), StoreError> {
    scope
        .execute(
            "INSERT INTO patient (clinic, id, sealed) VALUES (clinic_now(), $1, $2)",
            &[&id, &sealed],
        )
        .await?;
    Ok(())
}
