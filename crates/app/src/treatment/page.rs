//! Opening a session's page: the entry first, then the plaintext.

use ledger::UnitId;
use store::watch::NewWatch;
use uuid::Uuid;

use super::held::Shown;
use super::load::{events_open_with_forms, session_rows};
use super::view::SessionPage;
use crate::ctx::Ctx;
use crate::directory::directory_rows;
use crate::entries::OpenedFor;
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
        let entry = self.opened(ctx, OpenedFor::SessionPage, units, [session, patient_id])?;
        let receipt = tx.commit_watch(entry, watch).await?;

        let row = rows.row.clone();
        let unit = self.unlock(ctx, &receipt, UnitId(session))?;
        let (opened, forms) = events_open_with_forms(&unit, rows)?;
        let directory = self.directory_open(ctx, &receipt, directory)?;
        let patient = self.patient_open(ctx, &receipt, patient)?;
        // Of a session that is over there is hardly a form to come.
        if row.open {
            let key = unit.into_key();
            let shown = Shown::new(opened.clone(), forms, &row);
            let kept = self.vault.keep(receipt, key, shown);
            self.hold(ctx, session, watch_id, kept);
        }
        Ok(SessionPage {
            id: session,
            day: row.day,
            patient,
            people: directory.people,
            clinic: directory.profile,
            events: opened.recorded().to_vec(),
            session: opened,
            version: row.version,
            protocol: self.protocol.clone(),
            watch: watch_id.simple().to_string(),
            now: ctx.now,
            zone: ctx.zone.clone(),
            viewer: ctx.person,
            role: ctx.role,
        })
    }
}
