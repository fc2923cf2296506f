//! Failed sign-ins by clinic and hour, on their way into the ledger.

use jiff::Timestamp;
use ledger::ClinicId;

use crate::error::StoreError;
use crate::scope::Scope;
use crate::tree::unsigned;

/// One hour's failed sign-ins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedTotal {
    /// Whole hours since 1970-01-01 00:00 UTC.
    pub hour: u64,
    /// How many sign-ins failed in it.
    pub failures: u64,
}

/// Counts a failed sign-in in its hour; the second role's.
pub(crate) const COUNT: &str =
    "INSERT INTO failed_total AS t (clinic, hour, failures) VALUES (clinic_now(), $1, 1)
     ON CONFLICT (clinic, hour) DO UPDATE SET failures = t.failures + 1";

const SECONDS_PER_HOUR: i64 = 3_600;

/// The whole hours from 1970-01-01 00:00 UTC to `at`.
#[must_use]
pub fn unix_hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(SECONDS_PER_HOUR)
}

/// The clinics with counted hours before this one; the platform stands for codes that are nobody's.
///
/// # Errors
/// When the database is away.
pub async fn clinics(scope: &Scope, before_hour: i64) -> Result<Vec<ClinicId>, StoreError> {
    let rows = scope
        .query(
            "SELECT clinic FROM failed_total_clinics($1) AS f (clinic)",
            &[&before_hour],
        )
        .await?;
    Ok(rows.iter().map(|row| ClinicId(row.get(0))).collect())
}

/// Takes the clinic's hours before this one away, oldest first. Who takes them enters them in the same transaction: they
/// are gone when their entries are there, and not before. A second taker waits here, and finds none.
///
/// # Errors
/// When the database is away.
pub async fn take(scope: &Scope, before_hour: i64) -> Result<Vec<FailedTotal>, StoreError> {
    let mut totals = scope
        .query(
            "DELETE FROM failed_total WHERE clinic = clinic_now() AND hour < $1 RETURNING hour, failures",
            &[&before_hour],
        )
        .await?
        .iter()
        .map(|row| {
            Ok(FailedTotal {
                hour: unsigned(row.get(0))?,
                failures: unsigned(row.get(1))?,
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    totals.sort_unstable_by_key(|total| total.hour);
    Ok(totals)
}
