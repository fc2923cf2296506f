//! The second role: idle times, wrong PINs, the demo's clock. It can write nothing else.

use jiff::Timestamp;
use ledger::ClinicId;
use uuid::Uuid;

use crate::Store;
use crate::error::StoreError;
use crate::tree::{column_i32, column_i64, unsigned};

/// Wrong tries of one person, or of a clinic as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// Wrong tries in a row (a person), or in the running hour (a clinic).
    pub failures: u32,
    /// When the first of them was.
    pub first_at: Timestamp,
    /// Until when signing in is refused.
    pub locked_until: Option<Timestamp>,
}

impl Store {
    /// Marks a sign-in as used now.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sign_in_touch(
        &self,
        clinic: ClinicId,
        sign_in: Uuid,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let scope = self.begin_aux(clinic).await?;
        scope
            .execute(
                "INSERT INTO sign_in_idle (clinic, sign_in, seen_at) VALUES (clinic_now(), $1, $2)
                 ON CONFLICT (clinic, sign_in) DO UPDATE SET seen_at = greatest(sign_in_idle.seen_at, excluded.seen_at)",
                &[&sign_in, &now],
            )
            .await?;
        scope.commit_plain().await
    }

    /// The wrong tries of a subject (a person, or the clinic's own id).
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attempts(
        &self,
        clinic: ClinicId,
        subject: Uuid,
    ) -> Result<Option<Attempts>, StoreError> {
        let scope = self.begin_aux(clinic).await?;
        let row = scope
            .query_opt(
                "SELECT failures, first_at, locked_until FROM attempt WHERE clinic = clinic_now() AND subject = $1",
                &[&subject],
            )
            .await?;
        row.map(|row| attempts_from(&row)).transpose()
    }

    /// Counts one wrong try, in one statement so that tries side by side all count. A count whose first try is before
    /// `window_start` begins anew; reaching `failures_max` locks until `lock_until` and begins a new count.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attempt_failed(
        &self,
        clinic: ClinicId,
        subject: Uuid,
        now: Timestamp,
        limit: AttemptLimit,
    ) -> Result<Attempts, StoreError> {
        let scope = self.begin_aux(clinic).await?;
        let row = scope
            .query_opt(
                "INSERT INTO attempt AS a (clinic, subject, failures, first_at, locked_until)
                 VALUES (clinic_now(), $1, 1, $2, CASE WHEN $4 <= 1 THEN $5::timestamptz END)
                 ON CONFLICT (clinic, subject) DO UPDATE SET
                    failures = CASE WHEN a.first_at < $3 THEN 1 ELSE a.failures + 1 END,
                    first_at = CASE WHEN a.first_at < $3 THEN $2 ELSE a.first_at END,
                    locked_until = CASE WHEN a.first_at >= $3 AND a.failures + 1 >= $4 THEN $5::timestamptz ELSE a.locked_until END
                 RETURNING failures, first_at, locked_until",
                &[
                    &subject,
                    &now,
                    &limit.window_start,
                    &limit.failures_max,
                    &limit.lock_until,
                ],
            )
            .await?
            .ok_or(StoreError::Impossible {
                table: "attempt",
                what: "an upsert that returns no row",
            })?;
        let counted = attempts_from(&row)?;
        scope.commit_plain().await?;
        Ok(counted)
    }

    /// Forgets a subject's wrong tries.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attempts_clear(&self, clinic: ClinicId, subject: Uuid) -> Result<(), StoreError> {
        let scope = self.begin_aux(clinic).await?;
        scope
            .execute(
                "DELETE FROM attempt WHERE clinic = clinic_now() AND subject = $1",
                &[&subject],
            )
            .await?;
        scope.commit_plain().await
    }

    /// Keeps a checkpoint that a clinic's bundle carries.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn export_checkpoint_keep(
        &self,
        clinic: ClinicId,
        generation: u32,
        size: u64,
        root: &ledger::Hash,
    ) -> Result<(), StoreError> {
        let (generation, size) = (column_i32(generation)?, column_i64(size)?);
        let scope = self.begin_aux(clinic).await?;
        scope
            .execute(
                "INSERT INTO export_checkpoint (clinic, generation, size, root) VALUES (clinic_now(), $1, $2, $3)
                 ON CONFLICT DO NOTHING",
                &[&generation, &size, &root.as_slice()],
            )
            .await?;
        scope.commit_plain().await
    }

    /// The newest checkpoints of this generation that the clinic's bundles carried: size and root.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn export_checkpoints(
        &self,
        clinic: ClinicId,
        generation: u32,
        rows_max: i64,
    ) -> Result<Vec<(u64, ledger::Hash)>, StoreError> {
        let generation = column_i32(generation)?;
        let scope = self.begin_aux(clinic).await?;
        scope
            .query(
                "SELECT size, root FROM export_checkpoint WHERE clinic = clinic_now() AND generation = $1
                  ORDER BY size DESC LIMIT $2",
                &[&generation, &rows_max],
            )
            .await?
            .iter()
            .map(|row| {
                let root: Vec<u8> = row.get(1);
                let root = root.try_into().map_err(|_| StoreError::Impossible {
                    table: "export_checkpoint",
                    what: "a root that is no SHA-256 hash",
                })?;
                Ok((unsigned(row.get(0))?, root))
            })
            .collect()
    }

    /// The time at which the demo's clock was last held.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn demo_clock(&self) -> Result<Option<Timestamp>, StoreError> {
        let scope = self.begin_aux(crate::PLATFORM).await?;
        let row = scope
            .query_opt(
                "SELECT held FROM demo_clock WHERE clinic = clinic_now()",
                &[],
            )
            .await?;
        Ok(row.map(|row| row.get(0)))
    }

    /// Holds the demo's clock at `to`; it never goes back.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn demo_clock_hold(&self, to: Timestamp) -> Result<(), StoreError> {
        let scope = self.begin_aux(crate::PLATFORM).await?;
        scope
            .execute(
                "INSERT INTO demo_clock (clinic, held) VALUES (clinic_now(), $1)
                 ON CONFLICT (clinic) DO UPDATE SET held = greatest(demo_clock.held, excluded.held)",
                &[&to],
            )
            .await?;
        scope.commit_plain().await
    }
}

/// When a count of wrong tries begins anew, and what reaching its end does.
#[derive(Clone, Copy, Debug)]
pub struct AttemptLimit {
    /// Tries before this are forgotten.
    pub window_start: Timestamp,
    /// The try that locks.
    pub failures_max: i32,
    /// Until when it locks.
    pub lock_until: Timestamp,
}

fn attempts_from(row: &tokio_postgres::Row) -> Result<Attempts, StoreError> {
    let failures: i32 = row.get(0);
    Ok(Attempts {
        failures: u32::try_from(failures).map_err(|_| StoreError::Impossible {
            table: "attempt",
            what: "a negative count",
        })?,
        first_at: row.get(1),
        locked_until: row.get(2),
    })
}
