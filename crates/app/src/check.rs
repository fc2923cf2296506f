//! Going through everything: each tree made anew from its leaves, and each event held against the entry that wrote it.
//! Nothing is opened: digests of ciphertext are enough.

use std::collections::{HashMap, HashSet};

use ledger::{ClinicId, Entry, EntryRef, Frontier, Hash, Leaf, RecordKey, UnitId, sha256};
use store::Scope;
use uuid::Uuid;

use crate::App;
use crate::entries::EntryKind;
use crate::epoch::{platform_head, proof};
use crate::error::AppError;
use crate::sealing::{Place, event_of};

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
    /// When the database is away.
    pub async fn check(&self) -> Result<Checked, AppError> {
        // The anchor first: what the database got in between is then more than was anchored, never less.
        let anchored = self.clinics_anchored().await?;
        let scope = self.store.read(store::PLATFORM).await?;
        let mut heads = store::tree::heads(&scope).await?;
        let platform = platform_head(&scope).await?;
        drop(scope);
        let mut checked = Checked::default();
        for clinic in self.clinics_broken(&heads, &anchored).await? {
            checked.faults.push(format!(
                "clinic {}: its tree does not extend what was anchored of it",
                clinic.0
            ));
        }
        heads.push(platform);
        for head in &heads {
            self.check_clinic(head.clinic, &mut checked).await?;
        }
        Ok(checked)
    }

    /// One clinic, as it stands at one moment: what is written meanwhile is neither seen in part nor called a fault.
    async fn check_clinic(&self, clinic: Uuid, checked: &mut Checked) -> Result<(), AppError> {
        let scope = self.store.read_snapshot(ClinicId(clinic)).await?;
        let Some(head) = store::tree::head(&scope).await? else {
            checked
                .faults
                .push(format!("clinic {clinic}: its tree is gone"));
            return Ok(());
        };
        let mut said = Said::default();
        for generation in 1..=head.generation {
            let frontier = check_tree(&scope, generation, &mut said, checked).await?;
            let is_newest = generation == head.generation;
            if is_newest && (frontier.size() != head.size || frontier.hashes() != head.frontier) {
                checked.faults.push(format!(
                    "clinic {clinic}: the head is not the root of its leaves"
                ));
            }
        }
        checked.trees += 1;
        check_events(&scope, said, checked).await
    }
}

async fn check_tree(
    scope: &Scope,
    generation: u32,
    said: &mut Said,
    checked: &mut Checked,
) -> Result<Frontier, AppError> {
    let clinic = scope.clinic();
    let mut frontier = Frontier::empty();
    loop {
        let leaves = store::tree::leaves(scope, generation, frontier.size(), BATCH).await?;
        if leaves.is_empty() {
            return Ok(frontier);
        }
        for leaf in leaves {
            if leaf.place.index != frontier.size() {
                checked
                    .faults
                    .push(format!("clinic {}: a gap before {}", clinic.0, leaf.place));
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
            checked.entries += 1;
            let entry = match Entry::decode(&leaf.body) {
                Ok(entry) => entry,
                Err(error) => {
                    checked.faults.push(format!(
                        "clinic {}: the entry at {} cannot be read: {error}",
                        clinic.0, leaf.place
                    ));
                    continue;
                }
            };
            if EntryKind::of(&entry.kind) == Some(EntryKind::Destroyed) {
                said.destroyed.extend(&entry.units);
            }
            for (key, record) in entry.records {
                let session = event_of(&key).map(|(session, _seq)| session);
                // Names and profiles are written anew; an event is written once.
                if said.digests.insert(key, record.ciphertext).is_some()
                    && let Some(session) = session
                {
                    checked.faults.push(format!(
                        "clinic {}: an event of session {session} was entered twice, the second time at {}",
                        clinic.0, leaf.place
                    ));
                }
            }
        }
    }
}

async fn check_events(
    scope: &Scope,
    mut said: Said,
    checked: &mut Checked,
) -> Result<(), AppError> {
    let clinic = scope.clinic().0;
    let mut after = (Uuid::nil(), -1);
    loop {
        let rows = store::treatment::events_after(scope, after, BATCH).await?;
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
        let Some((session, _seq)) = event_of(key) else {
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

/// What a clinic's entries say.
#[derive(Default)]
struct Said {
    /// The digest of each record's ciphertext, as last written.
    digests: HashMap<RecordKey, Hash>,
    /// Units that are gone for good.
    destroyed: HashSet<UnitId>,
}
