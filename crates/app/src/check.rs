//! Going through everything: each tree made anew from its leaves, and each event held against the entry that wrote it.
//! Nothing is opened: digests of ciphertext are enough.

use std::collections::{HashMap, HashSet};

use ledger::{ClinicId, Entry, EntryRef, Frontier, Hash, Leaf, RecordKey, UnitId, sha256};
use store::tree::HeadRow;
use uuid::Uuid;

use crate::App;
use crate::entries::EntryKind;
use crate::epoch::{platform_head, proof};
use crate::error::AppError;
use crate::sealing::Place;

/// Rows that are read at once.
const BATCH: i64 = 5_000;

/// What a check found.
#[derive(Default, Debug)]
pub struct Checked {
    /// Trees, the platform's among them.
    pub trees: u64,
    /// Entries in their newest generations.
    pub entries: u64,
    /// Events of treatment sessions.
    pub events: u64,
    /// What is wrong, a sentence each; empty when all is well.
    pub faults: Vec<String>,
}

impl App {
    /// Checks every tree and every session event of the installation.
    ///
    /// # Errors
    /// When the database is away or an entry cannot be read.
    pub async fn check(&self) -> Result<Checked, AppError> {
        let scope = self.store.read(store::PLATFORM).await?;
        let mut heads = store::tree::heads(&scope).await?;
        heads.push(platform_head(&scope).await?);
        drop(scope);
        let mut checked = Checked::default();
        for head in &heads {
            self.check_clinic(head, &mut checked).await?;
        }
        Ok(checked)
    }

    async fn check_clinic(&self, head: &HeadRow, checked: &mut Checked) -> Result<(), AppError> {
        let mut said = Said::default();
        for generation in 1..=head.generation {
            let frontier = self
                .check_tree(head, generation, &mut said, checked)
                .await?;
            let is_newest = generation == head.generation;
            if is_newest && (frontier.size() != head.size || frontier.hashes() != head.frontier) {
                checked.faults.push(format!(
                    "clinic {}: the head is not the root of its leaves",
                    head.clinic
                ));
            }
        }
        checked.trees += 1;
        self.check_events(head.clinic, said, checked).await
    }

    async fn check_tree(
        &self,
        head: &HeadRow,
        generation: u32,
        said: &mut Said,
        checked: &mut Checked,
    ) -> Result<Frontier, AppError> {
        let clinic = ClinicId(head.clinic);
        let mut frontier = Frontier::empty();
        let scope = self.store.read(clinic).await?;
        loop {
            let leaves = store::tree::leaves(&scope, generation, frontier.size(), BATCH).await?;
            if leaves.is_empty() {
                return Ok(frontier);
            }
            for leaf in leaves {
                if leaf.place.index != frontier.size() {
                    checked.faults.push(format!(
                        "clinic {}: a gap before {}",
                        head.clinic, leaf.place
                    ));
                    return Ok(frontier);
                }
                let place = EntryRef {
                    generation,
                    index: leaf.place.index,
                };
                frontier
                    .append(
                        Leaf {
                            clinic,
                            entry: place,
                            body: &leaf.body,
                        }
                        .hash(),
                    )
                    .map_err(proof)?;
                let entry = Entry::decode(&leaf.body).map_err(proof)?;
                if EntryKind::of(&entry.kind) == Some(EntryKind::Destroyed) {
                    said.destroyed.extend(&entry.units);
                }
                said.digests.extend(
                    entry
                        .records
                        .into_iter()
                        .map(|(key, record)| (key, record.ciphertext)),
                );
                checked.entries += 1;
            }
        }
    }

    async fn check_events(
        &self,
        clinic: Uuid,
        mut said: Said,
        checked: &mut Checked,
    ) -> Result<(), AppError> {
        let scope = self.store.read(ClinicId(clinic)).await?;
        let mut after = (Uuid::nil(), -1);
        loop {
            let rows = store::treatment::events_after(&scope, after, BATCH).await?;
            let Some(last) = rows.last() else {
                break;
            };
            after = (last.session, i32::try_from(last.seq).unwrap_or(i32::MAX));
            for row in &rows {
                checked.events += 1;
                let key = Place::session_event(row.session, row.seq).key()?;
                if said.digests.remove(&key) != Some(sha256(&row.sealed)) {
                    checked.faults.push(format!(
                        "clinic {clinic}: event {} of session {} is not what its entry says",
                        row.seq, row.session
                    ));
                }
            }
        }
        for key in said.digests.keys() {
            let Some(session) = event_session(key) else {
                continue;
            };
            if !said.destroyed.contains(&UnitId(session)) {
                checked.faults.push(format!(
                    "clinic {clinic}: an event of session {session} lacks, and its unit was not destroyed"
                ));
            }
        }
        Ok(())
    }
}

/// What a clinic's entries say.
#[derive(Default)]
struct Said {
    /// The digest of each record's ciphertext, as last written.
    digests: HashMap<RecordKey, Hash>,
    /// Units that are gone for good.
    destroyed: HashSet<UnitId>,
}

/// The session of an event's place; `None` for a record of another kind.
fn event_session(key: &RecordKey) -> Option<Uuid> {
    let session = key.row().first_chunk::<16>()?;
    let is_event = Place::session_event(Uuid::nil(), 0)
        .key()
        .is_ok_and(|event| event.table() == key.table());
    is_event.then(|| Uuid::from_bytes(*session))
}
