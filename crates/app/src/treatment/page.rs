//! Opening a session's page: the entry first, then the plaintext.

use ledger::UnitId;
use store::watch::NewWatch;
use uuid::Uuid;

use super::load::{events_open, session_rows};
use super::view::SessionPage;
use crate::ctx::Ctx;
use crate::directory::directory_rows;
use crate::entries::PURPOSE_SESSION;
use crate::error::AppError;
use crate::{App, directory_unit};

impl App {
    /// The page of a session, open or locked. Commits an `opened` entry and keeps it as the page's watch.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is no such session in this clinic.
    pub async fn session_page(&self, ctx: &Ctx, session: Uuid) -> Result<SessionPage, AppError> {
        let tx = self.store.begin(ctx.clinic).await?;
        let (rows, directory) = tokio::try_join!(session_rows(&tx, session), directory_rows(&tx))?;
        let patient_id = rows.row.patient;
        let patient = store::people::patient(&tx, patient_id)
            .await?
            .ok_or_else(|| AppError::Impossible("a session without a patient".into()))?;
        let units = [
            UnitId(session),
            UnitId(patient_id),
            directory_unit(ctx.clinic),
        ];
        let watch = NewWatch {
            id: self.id(),
            sign_in: ctx.sign_in,
        };
        let watch_id = watch.id;
        let entry = self.opened(ctx, PURPOSE_SESSION, units, [session, patient_id])?;
        let receipt = tx.commit_watch(entry, watch).await?;

        let unit = self.unlock(ctx, &receipt, UnitId(session))?;
        let opened = events_open(&unit, rows.events)?;
        let directory = self.directory_open(ctx, &receipt, directory)?;
        Ok(SessionPage {
            id: session,
            day: rows.row.day,
            patient: self.patient_open(ctx, &receipt, patient)?,
            people: directory.people,
            clinic: directory.profile,
            events: opened.recorded().to_vec(),
            session: opened,
            version: rows.row.version,
            protocol: self.protocol.clone(),
            watch: watch_id.simple().to_string(),
            now: ctx.now,
            zone: ctx.zone.clone(),
            viewer: ctx.person,
            role: ctx.role,
        })
    }
}
