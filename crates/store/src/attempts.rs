//! Tries at signing in, counted by the second role: taken before a PIN is checked, settled after.
//!
//! Invariant: rows are locked in one order, the person's before the clinic's, so that tries side by side never wait for each
//! other in a circle.

use jiff::Timestamp;
use ledger::ClinicId;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::Store;
use crate::error::StoreError;
use crate::failed_totals::{self, unix_hour};

const TAKE: &str = "SELECT attempt_take($1, $2, $3, $4)";

/// Gives a try back. A wrong one is counted, and the one that reaches the limit locks and begins a new count; a right one
/// ends a person's run. A subject that was not taken from is written all the same, so that each answer costs the same.
const SETTLE: &str = "UPDATE attempt SET
        checking = greatest(checking - $2::integer, 0),
        failures = CASE WHEN $4::boolean OR ($3::boolean AND failures + 1 >= $5::integer) THEN 0
                        WHEN $3::boolean THEN failures + 1
                        ELSE failures END,
        locked_until = CASE WHEN $3::boolean AND failures + 1 >= $5::integer THEN $6::timestamptz ELSE locked_until END
      WHERE clinic = clinic_now() AND subject = $1
      RETURNING failures";

/// When a count of wrong tries begins anew, and what reaching its end does.
#[derive(Clone, Copy, Debug)]
pub struct AttemptLimit {
    /// A count that was begun before this is forgotten.
    pub window_start: Timestamp,
    /// The wrong try that locks.
    pub failures_max: i32,
    /// Until when it locks.
    pub lock_until: Timestamp,
}

/// A try at signing in, and what it is counted against.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// The clinic; the platform for a code that is nobody's.
    pub clinic: ClinicId,
    /// The person, or what stands for a name that nobody bears.
    pub person: Uuid,
    /// When.
    pub at: Timestamp,
    /// The person's limit.
    pub person_limit: AttemptLimit,
    /// The limit of the clinic as a whole, counted under the clinic's own id.
    pub clinic_limit: AttemptLimit,
}

/// What was taken for a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    person: bool,
    clinic: bool,
}

impl Taken {
    /// Whether the PIN's check may count: neither the person nor the clinic is locked or at its limit.
    #[must_use]
    pub fn may_be_checked(self) -> bool {
        self.person && self.clinic
    }
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was refused whatever its PIN.
    Unchecked,
    /// The PIN was wrong, or the name is nobody's.
    Wrong,
    /// The PIN was right.
    Right,
}

/// What a try did to one count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Wrong tries of the run, this one included.
    pub failures: u32,
    /// This try began the run.
    pub first: bool,
    /// This try locked.
    pub locked: bool,
}

/// What a try did to both counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The person's.
    pub person: Counted,
    /// The clinic's.
    pub clinic: Counted,
}

impl Store {
    /// Takes a try before its PIN is checked.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attempt_take(&self, attempt: &Attempt) -> Result<Taken, StoreError> {
        let scope = self.begin_aux(attempt.clinic).await?;
        let (of_person, of_clinic) = (&attempt.person_limit, &attempt.clinic_limit);
        let (person, clinic) = scope
            .query_both(
                (
                    TAKE,
                    &[
                        &attempt.person,
                        &attempt.at,
                        &of_person.window_start,
                        &of_person.failures_max,
                    ],
                ),
                (
                    TAKE,
                    &[
                        &attempt.clinic.0,
                        &attempt.at,
                        &of_clinic.window_start,
                        &of_clinic.failures_max,
                    ],
                ),
            )
            .await?;
        let taken = Taken {
            person: taken_from(&person)?,
            clinic: taken_from(&clinic)?,
        };
        scope.commit_plain().await?;
        Ok(taken)
    }

    /// Settles a try after its PIN was checked. One that did not sign in is counted in its hour as well.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attempt_settle(
        &self,
        attempt: &Attempt,
        taken: Taken,
        outcome: Outcome,
    ) -> Result<Settled, StoreError> {
        let (is_wrong, is_right) = (outcome == Outcome::Wrong, outcome == Outcome::Right);
        let (of_person, of_clinic) = (&attempt.person_limit, &attempt.clinic_limit);
        let (person_taken, clinic_taken) = (i32::from(taken.person), i32::from(taken.clinic));
        let scope = self.begin_aux(attempt.clinic).await?;
        let (person, clinic) = scope
            .query_both(
                (
                    SETTLE,
                    &[
                        &attempt.person,
                        &person_taken,
                        &is_wrong,
                        &is_right,
                        &of_person.failures_max,
                        &of_person.lock_until,
                    ],
                ),
                (
                    SETTLE,
                    &[
                        &attempt.clinic.0,
                        &clinic_taken,
                        &is_wrong,
                        // Somebody's right PIN does not excuse the others' wrong ones.
                        &false,
                        &of_clinic.failures_max,
                        &of_clinic.lock_until,
                    ],
                ),
            )
            .await?;
        if !is_right {
            scope
                .execute(failed_totals::COUNT, &[&unix_hour(attempt.at)])
                .await?;
        }
        let settled = Settled {
            person: counted_from(&person, is_wrong, of_person)?,
            clinic: counted_from(&clinic, is_wrong, of_clinic)?,
        };
        scope.commit_plain().await?;
        Ok(settled)
    }

    /// Forgets the clinic's counts of persons and names that were begun before `before` and lock nobody now. The clinic's
    /// own count stays: it is one row.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attempts_prune(
        &self,
        clinic: ClinicId,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let scope = self.begin_aux(clinic).await?;
        scope
            .execute(
                "DELETE FROM attempt WHERE clinic = clinic_now() AND subject <> clinic_now() AND first_at < $1
                    AND (locked_until IS NULL OR locked_until <= $2)",
                &[&before, &now],
            )
            .await?;
        scope.commit_plain().await
    }
}

fn taken_from(rows: &[Row]) -> Result<bool, StoreError> {
    let row = rows.first().ok_or(StoreError::Impossible {
        table: "attempt",
        what: "a try that is neither taken nor refused",
    })?;
    Ok(row.get(0))
}

/// The count after this try. One that locked has begun a new count, so the run that it ended has the limit's length.
fn counted_from(rows: &[Row], is_wrong: bool, limit: &AttemptLimit) -> Result<Counted, StoreError> {
    let after: Option<i32> = rows.first().map(|row| row.get(0));
    let locked = is_wrong && after == Some(0);
    let failures = match locked {
        true => limit.failures_max,
        false => after.unwrap_or_default(),
    };
    Ok(Counted {
        failures: u32::try_from(failures).map_err(|_| StoreError::Impossible {
            table: "attempt",
            what: "a negative count",
        })?,
        first: is_wrong && failures == 1,
        locked,
    })
}
