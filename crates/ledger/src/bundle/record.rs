//! `record.json`: the record's parts as data, each with its salt and the entry that commits to it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::BundleError;
use super::failure::{Failure, Problem, at};
use super::fields::Fields;
use crate::checkpoint::Mode;
use crate::entry::RecordKey;
use crate::hash::hex;
use crate::ids::{ClinicId, DeploymentId, EntryRef};
use crate::json::{canonical, canonical_parse};
use crate::sealed::SALT_BYTES;
use crate::word::Name;

const FORMAT: &str = "clerestory-record-1";

/// Table of a session's events. Row: session uuid (16 bytes) and number of the event (u32 BE).
pub const SESSION_EVENT: Name = Name::literal("session_event");
/// Table of patients. Row: patient uuid.
pub const PATIENT: Name = Name::literal("patient");
/// Table of persons of the clinic. Row: person uuid, which is the actor's id in entries.
pub const PERSON: Name = Name::literal("person");
/// Table with the clinic's name and address. One record.
pub const CLINIC_PROFILE: Name = Name::literal("clinic_profile");

/// Key of event number `seq` of a session.
pub fn session_event_key(session: Uuid, seq: u32) -> RecordKey {
    let row = [&session.as_bytes()[..], &seq.to_be_bytes()].concat();
    RecordKey::new(SESSION_EVENT, row).expect("20 bytes are within the limit")
}

/// One part of the record. Holds patient data: no `Debug`.
#[derive(Clone, PartialEq)]
pub struct RecordPart {
    /// Table and row.
    pub key: RecordKey,
    /// The entry that commits to it.
    pub entry: EntryRef,
    /// The salt of the commitment.
    pub salt: [u8; SALT_BYTES],
    /// What was sealed: its canonical JSON is the plaintext that the commitment binds.
    pub body: Value,
}

/// The whole record. Holds patient data: no `Debug`.
#[derive(Clone, PartialEq)]
pub struct Record {
    /// Demo or live.
    pub mode: Mode,
    /// The installation.
    pub deployment: DeploymentId,
    /// The clinic.
    pub clinic: ClinicId,
    /// The session.
    pub session: Uuid,
    /// Events, patient, persons, clinic profile.
    pub records: Vec<RecordPart>,
}

impl Record {
    /// The bytes of `record.json`, with the records in order of table and row.
    ///
    /// # Errors
    /// If a row stands there twice, or a body cannot be written as canonical JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, BundleError> {
        let mut ordered: Vec<&RecordPart> = self.records.iter().collect();
        ordered.sort_by(|left, right| left.key.cmp(&right.key));
        if ordered.windows(2).any(|pair| pair[0].key == pair[1].key) {
            return Err(BundleError::Repeated);
        }
        let records: Vec<Value> = ordered.into_iter().map(part_to_json).collect();
        let record = json!({
            "format": FORMAT,
            "demo": self.mode == Mode::Demo,
            "deployment": self.deployment.to_string(),
            "clinic": self.clinic.0.hyphenated().to_string(),
            "session": self.session.hyphenated().to_string(),
            "records": records,
        });
        Ok(canonical(&record)?)
    }

    /// Reads `record.json`; checks its form, not its truth.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        const PLACE: &str = "record.json";
        let value = canonical_parse(bytes).map_err(at(PLACE))?;
        let names = [
            "format",
            "demo",
            "deployment",
            "clinic",
            "session",
            "records",
        ];
        let fields = Fields::of(&value, PLACE, &names)?;
        if fields.text("format")? != FORMAT {
            return Err(Failure::new(PLACE, Problem::Format(FORMAT)));
        }
        let deployment = <[u8; 16]>::try_from(fields.hex("deployment")?)
            .map_err(|_| fields.failure("deployment must be 16 bytes".to_owned()))?;
        let records = fields.list("records")?.iter().enumerate();
        Ok(Self {
            mode: if fields.flag("demo")? {
                Mode::Demo
            } else {
                Mode::Live
            },
            deployment: DeploymentId(Uuid::from_bytes(deployment)),
            clinic: ClinicId(fields.uuid("clinic")?),
            session: fields.uuid("session")?,
            records: records
                .map(|(index, value)| part_of(index, value))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// How a record is named where it fails: its place in the list, from 1, with table and row.
pub(super) fn place_of(index: usize, key: &RecordKey) -> String {
    format!(
        "record.json, record {} ({} {})",
        index + 1,
        key.table(),
        hex(key.row())
    )
}

fn part_to_json(part: &RecordPart) -> Value {
    json!({
        "table": part.key.table().as_str(),
        "row": hex(part.key.row()),
        "entry": { "generation": part.entry.generation, "index": part.entry.index },
        "salt": hex(&part.salt),
        "body": part.body,
    })
}

fn part_of(index: usize, value: &Value) -> Result<RecordPart, Failure> {
    let place = format!("record.json, record {}", index + 1);
    let fields = Fields::of(value, &place, &["table", "row", "entry", "salt", "body"])?;
    let table = Name::new(fields.text("table")?)
        .map_err(|error| fields.failure(format!("table: {error}")))?;
    let key = RecordKey::new(table, fields.hex("row")?)
        .map_err(|error| fields.failure(format!("row: {error}")))?;
    let place = place_of(index, &key);
    let fields = Fields::of(value, &place, &["table", "row", "entry", "salt", "body"])?;
    let body = fields.value("body")?;
    if !body.is_object() {
        return Err(fields.failure("body must be an object".to_owned()));
    }
    Ok(RecordPart {
        key,
        entry: entry_ref_of(fields.value("entry")?, &format!("{place}: entry"))?,
        salt: fields.hash("salt")?,
        body: body.clone(),
    })
}

/// `{"generation":1,"index":17}`.
pub(super) fn entry_ref_of(value: &Value, place: &str) -> Result<EntryRef, Failure> {
    let fields = Fields::of(value, place, &["generation", "index"])?;
    Ok(EntryRef {
        generation: fields.generation("generation")?,
        index: fields.number("index")?,
    })
}
