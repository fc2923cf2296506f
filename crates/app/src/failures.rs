//! What failed sign-ins leave in the log: an entry for the first of a person's run, one for each lock, and one for each hour
//! with their number. Codes that are nobody's leave theirs in the platform's tree.
//!
//! Invariant: nothing here is waited for by an answer, so that its time does not tell which entry was written.

use std::sync::{Arc, PoisonError};

use jiff::{SignedDuration, Timestamp};
use ledger::{ClinicId, Entry, Name};
use store::attempts::{Attempt, AttemptLimit, Counted, Settled};
use store::failed_totals::{FailedTotal, unix_hour};
use uuid::Uuid;

use crate::entries::EntryKind;
use crate::error::AppError;
use crate::{App, PIN_CHECKS_MAX};

/// Wrong PINs in a row that lock a person: far below the 100 of NIST SP 800-63B.
const PERSON_FAILURES_MAX: i32 = 5;
/// How long a person is locked, and how far back wrong tries count.
const PERSON_LOCK: SignedDuration = SignedDuration::from_mins(15);
/// Wrong tries in an hour that lock a whole clinic: ten people who each mistype four times.
const CLINIC_FAILURES_MAX: i32 = 40;
/// How long a clinic is locked.
const CLINIC_LOCK: SignedDuration = SignedDuration::from_mins(15);
/// How far back a clinic's wrong tries count.
const CLINIC_WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// How long a count is kept: twice the longest window, so that none goes under which a PIN is being checked.
const ATTEMPTS_KEPT: SignedDuration = SignedDuration::from_hours(2);
/// How long after its end an hour is entered: a try that began in it is settled by then.
const TOTAL_AFTER: SignedDuration = SignedDuration::from_mins(5);

const FAILURES: Name = Name::literal("failures");
const HOUR: Name = Name::literal("hour");
const FAILURES_PERSON: Name = Name::literal("failures_person");
const FAILURES_CLINIC: Name = Name::literal("failures_clinic");

/// A try at `at`, with the limits that hold then.
pub(crate) fn attempt_at(clinic: ClinicId, person: Uuid, at: Timestamp) -> Attempt {
    Attempt {
        clinic,
        person,
        at,
        person_limit: AttemptLimit {
            window_start: at - PERSON_LOCK,
            failures_max: PERSON_FAILURES_MAX,
            lock_until: at + PERSON_LOCK,
        },
        clinic_limit: AttemptLimit {
            window_start: at - CLINIC_WINDOW,
            failures_max: CLINIC_FAILURES_MAX,
            lock_until: at + CLINIC_LOCK,
        },
    }
}

impl App {
    /// Writes what this failed try leaves, beside the answer. `person` is whom it was about, if anybody.
    pub(crate) fn failure_enter(
        self: &Arc<Self>,
        request: Uuid,
        clinic: ClinicId,
        person: Option<Uuid>,
        settled: Settled,
    ) {
        let entries = self.failure_entries(request, clinic, person, settled);
        let app = Arc::clone(self);
        let mut beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        while beside.try_join_next().is_some() {}
        // A task each time, with or without entries: the answer's work is the same.
        beside.spawn(async move {
            if let Err(error) = app.entries_commit(clinic, entries).await {
                tracing::error!(%error, "a failed sign-in could not be entered in the log; its hour's total still will be");
            }
        });
    }

    fn failure_entries(
        &self,
        request: Uuid,
        clinic: ClinicId,
        person: Option<Uuid>,
        settled: Settled,
    ) -> Vec<Entry> {
        let entry = |kind: EntryKind, subject: Option<Uuid>| {
            let mut entry = self.system_entry(kind);
            entry.request = Some(request);
            entry.subjects.extend(subject);
            let failures = |counted: Counted| u64::from(counted.failures);
            entry
                .numbers
                .insert(FAILURES_PERSON, failures(settled.person));
            entry
                .numbers
                .insert(FAILURES_CLINIC, failures(settled.clinic));
            entry
        };
        let whole = Some(clinic.0).filter(|_| clinic != store::PLATFORM);
        [
            (settled.person.first, EntryKind::SignInFailed, person),
            (settled.person.locked, EntryKind::SignInLocked, person),
            (settled.clinic.locked, EntryKind::SignInLocked, whole),
        ]
        .into_iter()
        .filter(|(is_due, _, _)| *is_due)
        .map(|(_, kind, subject)| entry(kind, subject))
        .collect()
    }

    async fn entries_commit(&self, clinic: ClinicId, entries: Vec<Entry>) -> Result<(), AppError> {
        if entries.is_empty() {
            return Ok(());
        }
        let _turn = self.tree_turn(clinic).await?;
        let tx = self.store.begin(clinic).await?;
        tx.commit_all(entries).await?;
        Ok(())
    }

    /// The platform's tree has one writer at a time; a clinic's needs no turn.
    async fn tree_turn(
        &self,
        clinic: ClinicId,
    ) -> Result<Option<tokio::sync::MutexGuard<'_, ()>>, AppError> {
        match clinic == store::PLATFORM {
            true => Ok(Some(self.platform_turn().await?)),
            false => Ok(None),
        }
    }

    /// Waits for tries that are being checked (their clients may have hung up) and for what is being written beside the
    /// answers: asked at a stop, after the last request.
    pub async fn finish(&self) {
        let _every_turn = self.pin_checks.acquire_many(PIN_CHECKS_MAX).await;
        loop {
            let mut under_way =
                std::mem::take(&mut *self.beside.lock().unwrap_or_else(PoisonError::into_inner));
            if under_way.is_empty() {
                return;
            }
            while under_way.join_next().await.is_some() {}
        }
    }

    /// Enters each finished hour of failed sign-ins in its clinic's tree, once: the count goes in the transaction that
    /// commits its entry. A try that is settled later than its hour was entered makes one more entry for that hour; their
    /// sum is the hour's number.
    ///
    /// # Errors
    /// The first clinic's that could not be entered. The others were, and it comes again at the next tick.
    pub async fn failed_totals_tick(&self) -> Result<(), AppError> {
        let before = unix_hour(self.now() - TOTAL_AFTER);
        let scope = self.store.read(store::PLATFORM).await?;
        let clinics = store::failed_totals::clinics(&scope, before).await?;
        drop(scope);
        let mut done = Ok(());
        for clinic in clinics {
            let entered = self.failed_totals_enter(clinic, before).await;
            let pruned = self.attempts_prune(clinic).await;
            done = done.and(entered).and(pruned);
        }
        done
    }

    async fn failed_totals_enter(&self, clinic: ClinicId, before: i64) -> Result<(), AppError> {
        let _turn = self.tree_turn(clinic).await?;
        let tx = self.store.begin(clinic).await?;
        let totals = store::failed_totals::take(&tx, before).await?;
        if totals.is_empty() {
            return Ok(());
        }
        let entries = totals.into_iter().map(|total| self.total_entry(total));
        tx.commit_all(entries.collect()).await?;
        Ok(())
    }

    fn total_entry(&self, total: FailedTotal) -> Entry {
        let mut entry = self.system_entry(EntryKind::SignInFailedTotal);
        entry.numbers.insert(FAILURES, total.failures);
        entry.numbers.insert(HOUR, total.hour);
        entry
    }

    /// Forgets the clinic's counts that matter no more.
    pub(crate) async fn attempts_prune(&self, clinic: ClinicId) -> Result<(), AppError> {
        let now = self.now();
        Ok(self
            .store
            .attempts_prune(clinic, now - ATTEMPTS_KEPT, now)
            .await?)
    }
}
