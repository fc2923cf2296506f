//! The end of units: after the last receipt has run out the key goes in every place, then the rows, then it is said.
//!
//! Invariant: crash-safe and idempotent. A tick that is cut off anywhere is taken up by the next one: the intention stands
//! until the `destroyed` entry commits, in the transaction that deletes the rows.

use std::collections::HashSet;
use std::sync::Arc;

use ledger::{ClinicId, Name, UnitId, UnixMicros};
use vault::{Destruction, VaultError};

use crate::entries::{EntryKind, micros};
use crate::error::AppError;
use crate::{App, directory_unit};

const EVENTS: Name = Name::literal("events");
const KEYS: Name = Name::literal("keys");

/// Keys without a row that one entry names.
const ORPHANS_MAX: usize = 1_000;

/// What a tick did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Destroyed {
    /// Units that are gone.
    pub units: u64,
    /// Units whose tombstone stands, and whose key a place that is away still has to remove.
    pub awaited: u64,
}

/// What a sweep did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Keys that no row named.
    pub orphans: u64,
    /// Restored rows of units that were destroyed.
    pub revenants: u64,
}

impl App {
    /// Destroys every unit whose destruction was intended and whose receipts have run out.
    ///
    /// # Errors
    /// When the database or the tombstones are away; what is left is taken up by the next tick. Nothing is done while new
    /// opens are stopped.
    pub async fn destructions_tick(&self) -> Result<Destroyed, AppError> {
        let mut destroyed = Destroyed::default();
        if self.halted() {
            return Ok(destroyed);
        }
        for (clinic, unit) in self.store.destructions_due(self.now()).await? {
            match self.key_destroy(clinic, unit).await? {
                Destruction::Everywhere => {
                    self.session_forget(clinic, unit).await?;
                    destroyed.units += 1;
                }
                Destruction::Awaited { .. } => destroyed.awaited += 1,
            }
        }
        Ok(destroyed)
    }

    /// Destroys keys that no row names and that are older than `older_than` by the machine's clock, and deletes restored
    /// rows whose key was destroyed. In a clinic that was ever restored no orphan is touched: there, rows are what is
    /// missing.
    ///
    /// # Errors
    /// When the database is not what was anchored, or a part is away.
    pub async fn sweep(&self, older_than: UnixMicros) -> Result<Swept, AppError> {
        // A database that was restored a moment ago is found out before its missing rows make orphans of their keys.
        self.epoch_tick().await?;
        let scope = self.store.read(store::PLATFORM).await?;
        let heads = store::tree::heads(&scope).await?;
        drop(scope);
        let mut swept = Swept::default();
        for head in heads {
            let clinic = ClinicId(head.clinic);
            swept.revenants += self.revenants_destroy(clinic).await?;
            if head.generation == 1 {
                swept.orphans += self.orphans_destroy(clinic, older_than).await?;
            }
        }
        Ok(swept)
    }

    async fn orphans_destroy(
        &self,
        clinic: ClinicId,
        older_than: UnixMicros,
    ) -> Result<u64, AppError> {
        let scope = self.store.read(clinic).await?;
        let mut known: HashSet<UnitId> = store::destruction::units_named(&scope)
            .await?
            .into_iter()
            .collect();
        drop(scope);
        known.insert(directory_unit(clinic));
        let vault = Arc::clone(&self.vault);
        let mut orphans = self
            .blocking(move || vault.orphans(clinic, &known, older_than))
            .await??;
        // An entry has room for so many; the next sweep takes the rest.
        orphans.truncate(ORPHANS_MAX);
        if orphans.is_empty() {
            return Ok(0);
        }
        let said = |kind| {
            let mut entry = self.system_entry(kind);
            entry.units.extend(orphans.iter().copied());
            entry.numbers.insert(KEYS, orphans.len() as u64);
            entry
        };
        let tx = self.store.begin(clinic).await?;
        tx.commit(said(EntryKind::DestroyIntended)).await?;
        for unit in &orphans {
            // A place that is away applies the tombstone when it comes back.
            let (Destruction::Everywhere | Destruction::Awaited { .. }) =
                self.key_destroy(clinic, *unit).await?;
        }
        let tx = self.store.begin(clinic).await?;
        tx.commit(said(EntryKind::Destroyed)).await?;
        Ok(orphans.len() as u64)
    }

    async fn revenants_destroy(&self, clinic: ClinicId) -> Result<u64, AppError> {
        let scope = self.store.read(clinic).await?;
        let named = store::destruction::sessions_not_closed(&scope).await?;
        drop(scope);
        let mut revenants = 0;
        for unit in named {
            if self.vault.unit_is_destroyed(clinic, unit)? {
                self.session_forget(clinic, unit).await?;
                revenants += 1;
            }
        }
        Ok(revenants)
    }

    async fn key_destroy(&self, clinic: ClinicId, unit: UnitId) -> Result<Destruction, AppError> {
        let vault = Arc::clone(&self.vault);
        Ok(self
            .blocking(move || vault.unit_destroy(clinic, unit))
            .await??)
    }

    /// Deletes a session's rows, tries its key, and says that it is gone.
    async fn session_forget(&self, clinic: ClinicId, unit: UnitId) -> Result<(), AppError> {
        let tx = self.store.begin(clinic).await?;
        let events = store::destruction::session_rows_delete(&tx, unit.0).await?;
        match self.vault.unit_sealer(clinic, unit, micros(self.now())) {
            Err(VaultError::UnitDestroyed { .. }) => {}
            Ok(_) => {
                return Err(AppError::Impossible(
                    "a destroyed unit whose key still answers".into(),
                ));
            }
            Err(error) => return Err(error.into()),
        }
        let mut entry = self.system_entry(EntryKind::Destroyed);
        entry.units.insert(unit);
        entry.subjects.insert(unit.0);
        entry.numbers.insert(EVENTS, events);
        tx.commit(entry).await?;
        Ok(())
    }
}
