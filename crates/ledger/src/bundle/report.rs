//! What a verified bundle shows, as facts. `words` says it in plain words.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::chain::{Epoch, Signed};
use super::record::{CLINIC_PROFILE, PERSON, Record, SESSION_EVENT};
use crate::checkpoint::{Checkpoint, Mode};
use crate::entry::{Actor, ActorClass, Entry};
use crate::ids::{ClinicId, EntryRef, UnixMicros};
use crate::word::Name;

/// Longest text of a record's own that is shown, in characters. A name is shorter.
const SHOWN_CHARS_MAX: usize = 120;

/// How far the origin is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginProof {
    /// Signed by the key that was named from outside.
    Key,
    /// Continues the checkpoint that was named from outside.
    Checkpoint {
        /// That checkpoint's size.
        size: u64,
    },
    /// Nothing from outside was named: anybody could have made this bundle.
    NotProved,
}

/// Who wrote entries of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The actor of the entries.
    pub actor: Actor,
    /// From the person's record in the bundle; control characters removed.
    pub name: Option<String>,
    /// From the same record.
    pub role: Option<String>,
    /// How many events this actor entered.
    pub events: u64,
}

/// What a verified bundle shows. `Display` says it in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Demo or live.
    pub mode: Mode,
    /// How far the origin is proved.
    pub origin_proof: OriginProof,
    /// The checkpoint that everything rests on.
    pub checkpoint: Checkpoint,
    /// The clinic.
    pub clinic: ClinicId,
    /// The clinic's name, if its profile has one; control characters removed.
    pub clinic_name: Option<String>,
    /// The session.
    pub session: Uuid,
    /// Number of events.
    pub events: u64,
    /// Events by kind: as the body has it, or its member `event`; else the kind of its entry.
    pub kinds: BTreeMap<String, u64>,
    /// Other records by table.
    pub others: BTreeMap<String, u64>,
    /// Who entered the events.
    pub persons: Vec<Person>,
    /// Times of the first and the last event's entry.
    pub entered: Option<(UnixMicros, UnixMicros)>,
    /// Who exported it.
    pub exported_by: Person,
    /// When it was exported.
    pub exported_at: UnixMicros,
    /// Number of the epoch.
    pub epoch: u64,
    /// When the epoch was closed: nothing in the record was written later.
    pub no_later_than: UnixMicros,
    /// Generations of the clinic's log that the record's entries stand in. More than one: a restore lay
    /// between.
    pub generations: Vec<u32>,
    /// Names of keys whose signatures on the checkpoint were not checked.
    pub unchecked: Vec<String>,
}

/// What a report is made from.
pub(super) struct ReportFacts<'a> {
    pub(super) record: &'a Record,
    pub(super) entries: &'a BTreeMap<EntryRef, Entry>,
    pub(super) exported: &'a Entry,
    pub(super) epoch: Epoch,
    pub(super) signed: Signed,
}

impl Report {
    /// Whether the origin is proved; without it, a check has not passed.
    pub fn is_origin_proved(&self) -> bool {
        self.origin_proof != OriginProof::NotProved
    }

    pub(super) fn of(facts: &ReportFacts<'_>) -> Self {
        let record = facts.record;
        let (mut kinds, mut others) = (BTreeMap::new(), BTreeMap::new());
        let mut actors: BTreeMap<Actor, u64> = BTreeMap::new();
        let mut times = Vec::new();
        for part in &record.records {
            if *part.key.table() != SESSION_EVENT {
                *others.entry(part.key.table().to_string()).or_default() += 1;
                continue;
            }
            let Some(entry) = facts.entries.get(&part.entry) else {
                continue;
            };
            let kind = kind_of(&part.body).unwrap_or_else(|| entry.kind.to_string());
            *kinds.entry(kind).or_default() += 1;
            *actors.entry(entry.actor).or_default() += 1;
            times.push(entry.at);
        }
        let names = bodies_of(record, &PERSON);
        let persons = actors
            .into_iter()
            .map(|(actor, events)| person_of(&names, actor, events));
        let mut generations: Vec<u32> = facts.entries.keys().map(|it| it.generation).collect();
        generations.dedup();
        Self {
            mode: record.mode,
            origin_proof: facts.signed.origin_proof,
            checkpoint: facts.signed.checkpoint,
            clinic: record.clinic,
            clinic_name: bodies_of(record, &CLINIC_PROFILE)
                .values()
                .find_map(|it| shown(it, "name")),
            session: record.session,
            events: kinds.values().sum(),
            kinds,
            others,
            persons: persons.collect(),
            entered: times.iter().min().copied().zip(times.iter().max().copied()),
            exported_by: person_of(&names, facts.exported.actor, 0),
            exported_at: facts.exported.at,
            epoch: facts.epoch.closed.epoch,
            no_later_than: facts.epoch.at,
            generations,
            unchecked: facts.signed.unchecked.clone(),
        }
    }
}

type Bodies<'a> = BTreeMap<&'a [u8], &'a Value>;

fn person_of(persons: &Bodies<'_>, actor: Actor, events: u64) -> Person {
    let is_person = actor.class == ActorClass::Person;
    let body = persons
        .get(&actor.id.0.as_bytes()[..])
        .filter(|_| is_person);
    let [name, role] = ["name", "role"].map(|member| body.and_then(|body| shown(body, member)));
    Person {
        actor,
        name,
        role,
        events,
    }
}

/// Bodies of a table by row.
fn bodies_of<'a>(record: &'a Record, table: &Name) -> Bodies<'a> {
    let parts = record
        .records
        .iter()
        .filter(|part| part.key.table() == table);
    parts.map(|part| (part.key.row(), &part.body)).collect()
}

/// The kind that an event's body names, itself or within its member `event`.
fn kind_of(body: &Value) -> Option<String> {
    shown(body, "kind").or_else(|| shown(body.get("event")?, "kind"))
}

/// A text of a body, made fit for a terminal: a forged bundle must not write over the report.
fn shown(body: &Value, member: &str) -> Option<String> {
    let text = body.get(member)?.as_str()?;
    let is_shown = |c: &char| !c.is_control() && !is_invisible(*c);
    let shown: String = text
        .chars()
        .filter(is_shown)
        .take(SHOWN_CHARS_MAX)
        .collect();
    (!shown.is_empty()).then_some(shown)
}

/// Characters that change the direction or the joining of text without being seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_events_kind_is_found_where_it_stands() {
        let kind = |body: Value| kind_of(&body);
        assert_eq!(kind(json!({ "kind": "vitals" })).as_deref(), Some("vitals"));
        assert_eq!(
            kind(json!({ "event": { "kind": "arrived" } })).as_deref(),
            Some("arrived")
        );
        assert_eq!(kind(json!({ "event": "arrived" })), None);
        assert_eq!(kind(json!({ "kind": 7, "event": {} })), None);
    }
}
