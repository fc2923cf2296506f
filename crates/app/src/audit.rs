//! The audit log as the clinic's owner reads it: the clinic's own tree, newest first (promise T4).

use std::collections::BTreeSet;

use domain::treatment::PersonId;
use ledger::{ActorClass, Entry, EntryRef, RECORD_JSON, UnitId};
use store::treatment::SessionRow;
use uuid::Uuid;

use crate::ctx::Ctx;
use crate::directory::directory_rows;
use crate::entries::{EntryKind, OpenedFor};
use crate::epoch::proof;
use crate::error::AppError;
use crate::rights::{Action, may};
use crate::sign_in::entry_time;
use crate::treatment::{AuditLine, AuditPage, AuditSession, ExportKind, People};
use crate::{App, directory_unit};

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
        let is_more = leaves.len() > LINES_MAX;
        leaves.truncate(LINES_MAX);
        let entries = leaves
            .into_iter()
            .map(|leaf| Ok((leaf.place, Entry::decode(&leaf.body).map_err(proof)?)))
            .collect::<Result<Vec<_>, AppError>>()?;
        let named: BTreeSet<Uuid> = entries.iter().flat_map(|(_, entry)| ids(entry)).collect();
        let named: Vec<Uuid> = named.into_iter().collect();
        let sessions = store::treatment::among(&tx, &named).await?;
        let entry = self.opened(ctx, OpenedFor::AuditLog, [directory_unit(ctx.clinic)], [])?;
        let receipt = tx.commit_opened(entry).await?;
        let directory = self.directory_open(ctx, &receipt, directory)?;
        let next_before = entries
            .last()
            .filter(|_| is_more)
            .map(|(place, _)| format!("{}-{}", place.generation, place.index));
        let lines = entries
            .iter()
            .map(|(place, entry)| line(*place, entry, &directory.people, &sessions))
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

fn line(
    place: EntryRef,
    entry: &Entry,
    people: &People,
    sessions: &[SessionRow],
) -> Result<AuditLine, AppError> {
    let actor = match entry.actor.class {
        ActorClass::Person | ActorClass::Support => Some(PersonId(entry.actor.id.0.as_u128())),
        ActorClass::System => None,
    };
    let what = EntryKind::of(&entry.kind);
    let subjects = entry.subjects.iter().map(|id| PersonId(id.as_u128()));
    Ok(AuditLine {
        generation: place.generation,
        index: place.index,
        kind: entry.kind.as_str().to_owned(),
        what,
        opened_for: entry.purpose.as_ref().and_then(OpenedFor::of),
        exported: (what == Some(EntryKind::Exported)).then(|| exported(entry)),
        at: entry_time(entry.at)?,
        actor,
        about: subjects
            .filter(|person| people.contains_key(person))
            .find(|person| actor != Some(*person)),
        sessions: concerned(what, entry, sessions),
    })
}

/// The record as JSON is in a bundle alone.
fn exported(entry: &Entry) -> ExportKind {
    match entry.files.contains_key(&RECORD_JSON) {
        true => ExportKind::Bundle,
        false => ExportKind::Pdf,
    }
}

/// The sessions that an entry names, by day. What is destroyed has no row that would say what it was: it is named as it is.
fn concerned(what: Option<EntryKind>, entry: &Entry, sessions: &[SessionRow]) -> Vec<AuditSession> {
    if matches!(
        what,
        Some(EntryKind::DestroyIntended | EntryKind::Destroyed)
    ) {
        let gone = |unit: &UnitId| AuditSession {
            id: unit.0,
            day: None,
        };
        return entry.units.iter().map(gone).collect();
    }
    let named: BTreeSet<Uuid> = ids(entry).collect();
    sessions
        .iter()
        .filter(|row| named.contains(&row.id))
        .map(|row| AuditSession {
            id: row.id,
            day: Some(row.day),
        })
        .collect()
}

/// Every pseudonym that an entry names.
fn ids(entry: &Entry) -> impl Iterator<Item = Uuid> {
    let units = entry.units.iter().map(|unit| unit.0);
    units.chain(entry.subjects.iter().copied())
}

fn place_parse(text: &str) -> Result<EntryRef, AppError> {
    let parse = || {
        let (generation, index) = text.split_once('-')?;
        // Within what a tree can have.
        let (generation, index): (i32, i64) = (generation.parse().ok()?, index.parse().ok()?);
        Some(EntryRef {
            generation: generation.try_into().ok()?,
            index: index.try_into().ok()?,
        })
    };
    parse().ok_or(AppError::BadInput(
        "This page of the audit log does not exist. Begin again at its newest page.",
    ))
}
