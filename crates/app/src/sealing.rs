//! Records as JSON, sealed under their unit and bound to their place.

use ledger::{Entry, Name, RecordDigests, RecordKey};
use serde_json::Value;
use uuid::Uuid;
use vault::{Opened, Slot, UnitSealer, Unlocked};

use crate::error::AppError;

/// The version of the sealed records' form; it stands in the associated data of each envelope.
const RECORD_SCHEMA: u16 = 1;
/// The column that holds an envelope, the same in every table.
const SEALED_COLUMN: &str = "sealed";

/// Where a record stands: table and row. In the ledger it has the same name.
pub(crate) struct Place {
    table: &'static str,
    row: Vec<u8>,
}

impl Place {
    /// The table of a session's events.
    pub(crate) const SESSION_EVENT: &'static str = "session_event";

    /// A session's event: row = session ‖ number (4 bytes, big-endian).
    pub(crate) fn session_event(session: Uuid, seq: u32) -> Self {
        let mut row = session.as_bytes().to_vec();
        row.extend_from_slice(&seq.to_be_bytes());
        Self {
            table: Self::SESSION_EVENT,
            row,
        }
    }

    pub(crate) fn patient(id: Uuid) -> Self {
        Self::of_id("patient", id)
    }

    pub(crate) fn person(id: Uuid) -> Self {
        Self::of_id("person", id)
    }

    pub(crate) fn clinic_profile(clinic: Uuid) -> Self {
        Self::of_id("clinic_profile", clinic)
    }

    /// A day's code: row = clinic ‖ days since 1970-01-01 (4 bytes, big-endian).
    pub(crate) fn clinic_code(clinic: Uuid, day: jiff::civil::Date) -> Self {
        let mut row = clinic.as_bytes().to_vec();
        row.extend_from_slice(day.to_string().as_bytes());
        Self {
            table: "clinic_code",
            row,
        }
    }

    fn of_id(table: &'static str, id: Uuid) -> Self {
        Self {
            table,
            row: id.as_bytes().to_vec(),
        }
    }

    pub(crate) fn slot(&self) -> Slot<'_> {
        Slot {
            table: self.table,
            row: &self.row,
            column: SEALED_COLUMN,
            schema: RECORD_SCHEMA,
        }
    }

    pub(crate) fn key(&self) -> Result<RecordKey, AppError> {
        let table =
            Name::new(self.table).map_err(|error| AppError::Impossible(error.to_string()))?;
        RecordKey::new(table, self.row.clone())
            .map_err(|error| AppError::Impossible(error.to_string()))
    }
}

/// The session and number of an event's place; `None` for a record of another kind.
pub(crate) fn event_of(key: &RecordKey) -> Option<(Uuid, u32)> {
    let is_event = Place::session_event(Uuid::nil(), 0)
        .key()
        .is_ok_and(|event| event.table() == key.table());
    let (session, seq) = key.row().split_first_chunk::<16>()?;
    let seq = u32::from_be_bytes(seq.try_into().ok()?);
    is_event.then(|| (Uuid::from_bytes(*session), seq))
}

/// Seals a record and writes its commitment and digest into the entry that will be committed with it.
pub(crate) fn seal(
    sealer: &UnitSealer<'_>,
    place: &Place,
    body: &Value,
    entry: &mut Entry,
) -> Result<Vec<u8>, AppError> {
    seal_bytes(sealer, place, &canonical(body)?, entry)
}

/// The bytes of a record that are sealed and committed to.
pub(crate) fn canonical(body: &Value) -> Result<Vec<u8>, AppError> {
    ledger::canonical(body).map_err(|error| AppError::Impossible(error.to_string()))
}

/// As [`seal`], of a record's canonical bytes.
pub(crate) fn seal_bytes(
    sealer: &UnitSealer<'_>,
    place: &Place,
    plaintext: &[u8],
    entry: &mut Entry,
) -> Result<Vec<u8>, AppError> {
    let record = sealer.seal(&place.slot(), plaintext)?;
    entry.records.insert(
        place.key()?,
        RecordDigests {
            commitment: record.commitment,
            ciphertext: record.digest,
        },
    );
    Ok(record.sealed.into_bytes())
}

/// An opened record: its JSON and the salt of its commitment.
pub(crate) struct OpenedRecord {
    pub(crate) body: Value,
    pub(crate) salt: [u8; ledger::SALT_BYTES],
}

/// Opens a record under an unlocked unit.
pub(crate) fn open(
    unit: &Unlocked<'_>,
    place: &Place,
    sealed: Vec<u8>,
) -> Result<OpenedRecord, AppError> {
    let opened = unit.open(&place.slot(), &ledger::Sealed::from_bytes(sealed))?;
    OpenedRecord::of(&opened, place.table)
}

impl OpenedRecord {
    /// The record that was opened, of this table.
    pub(crate) fn of(opened: &Opened<'_>, table: &'static str) -> Result<Self, AppError> {
        let body = serde_json::from_slice(opened.bytes())
            .map_err(|_| AppError::Impossible(format!("a sealed {table} is no JSON")))?;
        Ok(Self {
            body,
            salt: *opened.salt(),
        })
    }
}
