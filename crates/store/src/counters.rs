//! The second role: idle times, places of checkpoints, the demo's clock; and in [`crate::attempts`] the wrong PINs. It can
//! write nothing else.

use jiff::Timestamp;
use ledger::ClinicId;
use uuid::Uuid;

use crate::Store;
use crate::error::StoreError;
use crate::tree::{column_i32, column_i64, unsigned};

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
