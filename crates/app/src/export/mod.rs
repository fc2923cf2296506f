//! What leaves the clinic: the record as PDF, and the bundle that proves it.
//!
//! The order is: an `opened` entry, the files, an `exported` entry that commits to the files' digests, an epoch over it,
//! its anchor, and only then the answer. Nothing leaves before its entry is anchored.

mod notices;
mod print;
mod proof;
mod record;

use std::sync::Arc;

use domain::treatment::{Protocol, Recorded, Session};
use jiff::{Timestamp, tz::TimeZone};
use ledger::bundle::BundleParts;
use ledger::{Entry, EntryRef, Exported, FileRef, RECORD_JSON, Receipt, UnitId};
use uuid::Uuid;

use crate::ctx::Ctx;
use crate::directory::directory_rows;
use crate::entries::{OpenedFor, micros};
use crate::error::AppError;
use crate::rights::{Action, may};
use crate::treatment::{ClinicProfile, ExportFile, ExportKind, Patient, People, session_rows};
use crate::{App, directory_unit};

/// What the printed record is made from.
pub(crate) struct PrintInput {
    pub(crate) id: Uuid,
    pub(crate) patient: Patient,
    pub(crate) people: People,
    pub(crate) clinic: ClinicProfile,
    pub(crate) session: Session,
    /// Everything recorded, oldest first.
    pub(crate) events: Vec<Recorded>,
    /// Where each event's entry stands in the clinic's tree.
    pub(crate) places: Vec<EntryRef>,
    pub(crate) protocol: Arc<Protocol>,
    pub(crate) zone: TimeZone,
    pub(crate) now: Timestamp,
    pub(crate) demo: bool,
    /// The deployment's id, 32 hex digits.
    pub(crate) deployment: String,
    /// The log's verifier key, as `clerestory verify --key` takes it.
    pub(crate) key: String,
    /// The bundle's file name.
    pub(crate) bundle: String,
}

/// The files of a record, before they left.
struct Files {
    json: Vec<u8>,
    pdf: Vec<u8>,
    patient: Uuid,
    events: u64,
    /// The entries that the record's parts name.
    places: Vec<EntryRef>,
}

impl App {
    /// Takes a record out, as PDF or as the bundle.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for another role or clinic; [`AppError::NotEnded`] while the session is still going on;
    /// [`AppError::Proof`] when the entry cannot be anchored: then nothing leaves.
    pub async fn export(
        &self,
        ctx: &Ctx,
        session: Uuid,
        kind: ExportKind,
    ) -> Result<ExportFile, AppError> {
        let action = match kind {
            ExportKind::Pdf => Action::ExportPdf,
            ExportKind::Bundle => Action::ExportBundle,
        };
        if !may(ctx.role, action) {
            return Err(AppError::NotFound);
        }
        let (files, receipt) = self.files(ctx, session).await?;
        let exported = self.exported(ctx, session, kind, &files, &receipt).await?;
        let stem = format!("session-{}", session.simple());
        match kind {
            ExportKind::Pdf => {
                self.epoch_close().await?;
                Ok(ExportFile {
                    name: format!("{stem}.pdf"),
                    media_type: "application/pdf",
                    bytes: files.pdf,
                })
            }
            ExportKind::Bundle => Ok(ExportFile {
                name: format!("{stem}.zip"),
                media_type: "application/zip",
                bytes: self.bundle(ctx, files, exported).await?,
            }),
        }
    }

    /// Opens the whole session and makes its files.
    async fn files(&self, ctx: &Ctx, session: Uuid) -> Result<(Files, Receipt), AppError> {
        let tx = self.store.begin(ctx.clinic).await?;
        let (rows, directory) = tokio::try_join!(session_rows(&tx, session), directory_rows(&tx))?;
        if rows.row.open {
            return Err(AppError::NotEnded { session });
        }
        let patient_id = rows.row.patient;
        let patient = store::people::patient(&tx, patient_id)
            .await?
            .ok_or_else(|| AppError::Impossible("a session without a patient".into()))?;
        let units = [
            UnitId(session),
            UnitId(patient_id),
            directory_unit(ctx.clinic),
        ];
        let entry = self.opened(ctx, OpenedFor::Export, units, [session, patient_id])?;
        let receipt = tx.commit_opened(entry).await?;

        let sealed = record::Sealed {
            rows,
            directory,
            patient,
        };
        let opened = self.record_open(ctx, &receipt, sealed)?;
        let places = self.record_places(ctx, &opened).await?;
        let json = opened.to_json(self, ctx, &places)?;
        let events = opened.events.len() as u64;
        let event_places = opened.event_places(&places)?;
        let input = PrintInput {
            id: session,
            patient: opened.patient,
            people: opened.people,
            clinic: opened.clinic,
            session: opened.session,
            events: opened.events,
            places: event_places,
            protocol: Arc::clone(&self.protocol),
            zone: ctx.zone.clone(),
            now: ctx.now,
            demo: self.demo(),
            deployment: self.deployment.to_string(),
            key: self.key_text()?,
            bundle: format!("session-{}.zip", session.simple()),
        };
        let pdf = self
            .blocking(move || press::record_pdf(&print::record_print(&input)))
            .await??;
        let files = Files {
            json,
            pdf,
            patient: patient_id,
            events,
            places: places.into_values().collect(),
        };
        Ok((files, receipt))
    }

    async fn exported(
        &self,
        ctx: &Ctx,
        session: Uuid,
        kind: ExportKind,
        files: &Files,
        receipt: &Receipt,
    ) -> Result<EntryRef, AppError> {
        let exported = Exported {
            session,
            patient: files.patient,
            events: files.events,
            record_json: FileRef::of(&files.json),
            record_pdf: FileRef::of(&files.pdf),
        };
        let mut entry: Entry = exported.entry(micros(ctx.now), ledger::Actor::person(ctx.actor()));
        entry.sign_in = Some(ctx.sign_in);
        entry.request = Some(ctx.request);
        entry.under = Some(receipt.entry());
        entry.units.extend([
            UnitId(session),
            UnitId(files.patient),
            directory_unit(ctx.clinic),
        ]);
        if kind == ExportKind::Pdf {
            entry.files.remove(&RECORD_JSON);
        }
        Ok(self.store.begin(ctx.clinic).await?.commit(entry).await?)
    }

    async fn bundle(
        &self,
        ctx: &Ctx,
        files: Files,
        exported: EntryRef,
    ) -> Result<Vec<u8>, AppError> {
        let epoch = self.epoch_close().await?;
        let proof = self.proof(ctx, &files.places, exported, &epoch).await?;
        let checkpoint = epoch.anchored.checkpoint;
        self.store
            .export_checkpoint_keep(
                ctx.clinic,
                checkpoint.origin.generation,
                checkpoint.size,
                &checkpoint.root,
            )
            .await?;
        let parts = BundleParts {
            record_json: files.json,
            record_pdf: files.pdf,
            proof_json: proof.to_json().map_err(crate::epoch::proof)?,
            checkpoint: epoch.anchored.note.encode().into_bytes(),
        };
        parts.to_zip().map_err(crate::epoch::proof)
    }

    /// The log's verifier key, as it is printed for clinics and taken by `clerestory verify --key`.
    ///
    /// # Errors
    /// Only if the origin is no key name, which none of ours is.
    pub fn key_text(&self) -> Result<String, AppError> {
        let origin = ledger::Origin {
            deployment: self.deployment,
            mode: self.mode,
            generation: 1,
        };
        let key = origin
            .key(self.signer.public_key())
            .map_err(crate::epoch::proof)?;
        Ok(key.to_string())
    }
}
