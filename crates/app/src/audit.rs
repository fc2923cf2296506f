//! The audit log as the clinic's owner reads it: the clinic's own tree, newest first (promise T4).

use ledger::{ActorClass, Entry, EntryRef};

use crate::ctx::Ctx;
use crate::directory::directory_rows;
use crate::entries::PURPOSE_AUDIT;
use crate::epoch::proof;
use crate::error::AppError;
use crate::rights::{Action, may};
use crate::sign_in::entry_time;
use crate::treatment::{AuditLine, AuditPage};
use crate::{App, directory_unit};
use domain::treatment::PersonId;

/// Lines on a page: what a person looks through at once.
const LINES_MAX: usize = 100;

impl App {
    /// A page of the audit log, newest first, from before a place that an earlier page named. Reading it is an entry too.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for other roles; [`AppError::BadInput`] for a place that no page named.
    pub async fn audit_page(&self, ctx: &Ctx, before: Option<&str>) -> Result<AuditPage, AppError> {
        if !may(ctx.role, Action::AuditLog) {
            return Err(AppError::NotFound);
        }
        let before = before.map(place_parse).transpose()?;
        let tx = self.store.begin(ctx.clinic).await?;
        let rows_max = i64::try_from(LINES_MAX + 1).unwrap_or(i64::MAX);
        let (mut leaves, directory) = tokio::try_join!(
            async { Ok(store::tree::leaves_before(&tx, before, rows_max).await?) },
            directory_rows(&tx)
        )?;
        let entry = self.opened(ctx, PURPOSE_AUDIT, [directory_unit(ctx.clinic)], [])?;
        let receipt = tx.commit_opened(entry).await?;
        let directory = self.directory_open(ctx, &receipt, directory)?;
        let is_more = leaves.len() > LINES_MAX;
        leaves.truncate(LINES_MAX);
        let next_before = leaves
            .last()
            .filter(|_| is_more)
            .map(|leaf| format!("{}-{}", leaf.place.generation, leaf.place.index));
        let lines = leaves
            .into_iter()
            .map(|leaf| line(leaf.place, &Entry::decode(&leaf.body).map_err(proof)?))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(AuditPage {
            clinic: directory.profile,
            lines,
            next_before,
            people: directory.people,
            zone: ctx.zone.clone(),
            viewer: ctx.person,
        })
    }
}

fn line(place: EntryRef, entry: &Entry) -> Result<AuditLine, AppError> {
    let actor = match entry.actor.class {
        ActorClass::Person | ActorClass::Support => Some(PersonId(entry.actor.id.0.as_u128())),
        ActorClass::System => None,
    };
    Ok(AuditLine {
        generation: place.generation,
        index: place.index,
        kind: entry.kind.as_str().to_owned(),
        at: entry_time(entry.at)?,
        actor,
        purpose: entry
            .purpose
            .as_ref()
            .map(|purpose| purpose.as_str().to_owned())
            .unwrap_or_default(),
    })
}

fn place_parse(text: &str) -> Result<EntryRef, AppError> {
    let parse = || {
        let (generation, index) = text.split_once('-')?;
        Some(EntryRef {
            generation: generation.parse().ok()?,
            index: index.parse().ok()?,
        })
    };
    parse().ok_or(AppError::BadInput(
        "This page of the audit log does not exist. Begin again at its newest page.",
    ))
}
