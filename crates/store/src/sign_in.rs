//! Rows of sign-ins, watches and clinic codes.

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::ClinicId;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::Store;
use crate::error::StoreError;
use crate::scope::{Scope, ask_once};

/// A sign-in with its person, as a request finds it.
pub struct SignInRow {
    /// The sign-in's id.
    pub id: Uuid,
    /// The person.
    pub person: Uuid,
    /// The person's role, as the database words it.
    pub role: String,
    /// The clinic's time zone, an IANA name.
    pub time_zone: String,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
}

impl Store {
    /// The sign-in of this cookie secret's hash, unless it was ended or its person is no longer active.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sign_in_find(
        &self,
        clinic: ClinicId,
        token_hash: &[u8; 32],
    ) -> Result<Option<SignInRow>, StoreError> {
        let rows = ask_once(
            &self.app,
            clinic,
            "SELECT id, person, role, time_zone, expires_at, seen_at FROM sign_in_find($1, $2)",
            &[&token_hash.as_slice()],
        )
        .await?;
        Ok(rows.first().map(row_from))
    }
}

/// A sign-in from the columns id, person, role, time_zone, expires_at, seen_at: the first of `sign_in_find` and `step_find`.
pub(crate) fn row_from(row: &Row) -> SignInRow {
    SignInRow {
        id: row.get(0),
        person: row.get(1),
        role: row.get(2),
        time_zone: row.get(3),
        expires_at: row.get(4),
        seen_at: row.get(5),
    }
}

/// A sign-in to be begun.
pub struct NewSignIn {
    /// Its id.
    pub id: Uuid,
    /// Its person.
    pub person: Uuid,
    /// SHA-256 of the cookie's secret.
    pub token_hash: [u8; 32],
    /// Now.
    pub created_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

/// Ends every sign-in of the clinic, and with it what is watched.
///
/// # Errors
/// When the database is away.
pub async fn end_all(scope: &Scope, at: Timestamp) -> Result<(), StoreError> {
    scope
        .execute(
            "UPDATE sign_in SET ended_at = $1 WHERE clinic = clinic_now() AND ended_at IS NULL",
            &[&at],
        )
        .await?;
    Ok(())
}

/// Begins a sign-in.
///
/// # Errors
/// When the database is away.
pub async fn insert(scope: &Scope, new: &NewSignIn) -> Result<(), StoreError> {
    scope
        .execute(
            "INSERT INTO sign_in (clinic, id, person, token_hash, created_at, expires_at)
             VALUES (clinic_now(), $1, $2, $3, $4, $5)",
            &[
                &new.id,
                &new.person,
                &new.token_hash.as_slice(),
                &new.created_at,
                &new.expires_at,
            ],
        )
        .await?;
    Ok(())
}

/// Ends a sign-in. Every watch that it holds ends with it (the trigger `watch_ends`).
///
/// # Errors
/// When the database is away.
pub async fn end(scope: &Scope, sign_in: Uuid, now: Timestamp) -> Result<(), StoreError> {
    scope
        .execute(
            "UPDATE sign_in SET ended_at = $2 WHERE clinic = clinic_now() AND id = $1 AND ended_at IS NULL",
            &[&sign_in, &now],
        )
        .await?;
    Ok(())
}

/// A person as signing in finds them.
pub struct LoginRow {
    /// The person.
    pub person: Uuid,
    /// The role, as the database words it.
    pub role: String,
    /// Argon2id, behind the pepper.
    pub pin_hash: String,
}

/// The active person of this sign-in name's token.
///
/// # Errors
/// When the database is away.
pub async fn find_login(
    scope: &Scope,
    login_token: &[u8; 32],
) -> Result<Option<LoginRow>, StoreError> {
    let row = scope
        .query_opt(
            "SELECT id, role, pin_hash FROM person WHERE clinic = clinic_now() AND login_token = $1 AND active",
            &[&login_token.as_slice()],
        )
        .await?;
    Ok(row.map(|row| LoginRow {
        person: row.get(0),
        role: row.get(1),
        pin_hash: row.get(2),
    }))
}

/// What is known of a code before a clinic is.
pub struct CodeRow {
    /// Whose code it is, if anybody's.
    pub found: Option<CodeOf>,
    /// The oldest clinic, if there is one: stands in where the code is nobody's, so that both cost the same work.
    pub some_clinic: Option<ClinicId>,
}

/// Whose a code is.
pub struct CodeOf {
    /// The clinic.
    pub clinic: ClinicId,
    /// The day that it was made for.
    pub day: Date,
    /// The clinic's time zone, an IANA name.
    pub time_zone: String,
}

/// Whose a code is: the one question that is asked before a clinic is known.
///
/// # Errors
/// When the database is away.
pub async fn clinic_of_code(scope: &Scope, token: &[u8; 32]) -> Result<CodeRow, StoreError> {
    let row = scope
        .query_opt(
            "SELECT clinic, day, time_zone, some_clinic FROM clinic_of_code($1)",
            &[&token.as_slice()],
        )
        .await?
        .ok_or(StoreError::Impossible {
            table: "clinic_code",
            what: "a code that is neither somebody's nor nobody's",
        })?;
    let (clinic, day, time_zone): (Option<Uuid>, Option<Date>, Option<String>) =
        (row.get(0), row.get(1), row.get(2));
    let some_clinic: Option<Uuid> = row.get(3);
    let found = match (clinic, day, time_zone) {
        (Some(clinic), Some(day), Some(time_zone)) => Some(CodeOf {
            clinic: ClinicId(clinic),
            day,
            time_zone,
        }),
        (_, _, _) => None,
    };
    Ok(CodeRow {
        found,
        some_clinic: some_clinic.map(ClinicId),
    })
}

/// The sealed code of a day, if one was made.
///
/// # Errors
/// When the database is away.
pub async fn code_of_day(scope: &Scope, day: Date) -> Result<Option<Vec<u8>>, StoreError> {
    let row = scope
        .query_opt(
            "SELECT sealed FROM clinic_code WHERE clinic = clinic_now() AND day = $1",
            &[&day],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

/// Keeps the code of a day.
///
/// # Errors
/// [`StoreError::Exists`] when that day has a code, or another clinic has the same one.
pub async fn insert_code(
    scope: &Scope,
    day: Date,
    token: &[u8; 32],
    sealed: &[u8],
) -> Result<(), StoreError> {
    scope
        .execute(
            "INSERT INTO clinic_code (clinic, day, token, sealed) VALUES (clinic_now(), $1, $2, $3)",
            &[&day, &token.as_slice(), &sealed],
        )
        .await?;
    Ok(())
}
