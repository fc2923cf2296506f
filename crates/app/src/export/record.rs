//! `record.json`: every part of the record with its salt and the entry that commits to it.

use std::collections::{BTreeMap, BTreeSet};

use domain::treatment::{Recorded, Session};
use ledger::bundle::{Record, RecordPart};
use ledger::{Entry, EntryRef, Receipt, RecordKey, UnitId};
use serde_json::Value;
use store::people::PatientRow;
use uuid::Uuid;

use crate::ctx::Ctx;
use crate::directory::{DirectoryRows, patient_from, person_from, profile_from};
use crate::epoch::proof;
use crate::error::AppError;
use crate::sealing::{OpenedRecord, Place, event_of, open};
use crate::treatment::{ClinicProfile, Patient, People, SessionRows, events_open_whole};
use crate::{App, directory_unit};

/// What an export reads before its `opened` entry.
pub(super) struct Sealed {
    pub(super) rows: SessionRows,
    pub(super) directory: DirectoryRows,
    pub(super) patient: PatientRow,
}

/// The record, opened: what pages show of it, and every part as it was sealed.
pub(super) struct OpenRecord {
    id: Uuid,
    pub(super) patient: Patient,
    pub(super) people: People,
    pub(super) clinic: ClinicProfile,
    pub(super) session: Session,
    pub(super) events: Vec<Recorded>,
    parts: BTreeMap<RecordKey, OpenedRecord>,
}

impl App {
    pub(super) fn record_open(
        &self,
        ctx: &Ctx,
        receipt: &Receipt,
        sealed: Sealed,
    ) -> Result<OpenRecord, AppError> {
        let Sealed {
            rows,
            directory,
            patient,
        } = sealed;
        let session = rows.row.id;
        let unit = self.unlock(ctx, receipt, UnitId(session))?;
        let (opened, records) = events_open_whole(&unit, rows)?;
        let mut parts = BTreeMap::new();
        for (event, record) in opened.recorded().iter().zip(records) {
            parts.insert(Place::session_event(session, event.seq).key()?, record);
        }
        let named = ids_in(parts.values().map(|part| &part.body));

        let unit = self.unlock(ctx, receipt, UnitId(patient.id))?;
        let place = Place::patient(patient.id);
        let record = open(&unit, &place, patient.sealed)?;
        let patient = patient_from(patient.id, &record)?;
        parts.insert(place.key()?, record);

        let unit = self.unlock(ctx, receipt, directory_unit(ctx.clinic))?;
        let place = Place::clinic_profile(ctx.clinic.0);
        let record = open(&unit, &place, directory.clinic.sealed)?;
        let clinic = profile_from(&record.body)?;
        parts.insert(place.key()?, record);

        let mut people = People::new();
        for row in directory.persons {
            // Only those who took part, and the one who takes the record out: the bundle is no staff list.
            if !named.contains(&row.id) && row.id.as_u128() != ctx.person.0 {
                continue;
            }
            let place = Place::person(row.id);
            let record = open(&unit, &place, row.sealed)?;
            let person = person_from(row.id, &row.role, &record)?;
            people.insert(person.id, person);
            parts.insert(place.key()?, record);
        }
        Ok(OpenRecord {
            id: session,
            patient,
            people,
            clinic,
            events: opened.recorded().to_vec(),
            session: opened,
            parts,
        })
    }

    /// The entry that commits to each part: the newest that names its row.
    pub(super) async fn record_places(
        &self,
        ctx: &Ctx,
        record: &OpenRecord,
    ) -> Result<BTreeMap<RecordKey, EntryRef>, AppError> {
        let mut subjects = vec![record.id, record.patient.id, ctx.clinic.0];
        subjects.extend(record.people.keys().map(|person| Uuid::from_u128(person.0)));
        let scope = self.store.read(ctx.clinic).await?;
        let mut places = BTreeMap::new();
        for leaf in store::tree::leaves_of(&scope, &subjects).await? {
            let entry = Entry::decode(&leaf.body).map_err(proof)?;
            for key in entry.records.into_keys() {
                // Those after the record's last were entered since it was read.
                let is_event = event_of(&key).is_some_and(|(session, seq)| {
                    session == record.id && (seq as usize) < record.events.len()
                });
                if !record.parts.contains_key(&key) {
                    if is_event {
                        return Err(not_as_entered("an event that was entered is missing"));
                    }
                    continue;
                }
                // Names and profiles are written anew, and the last one counts. An event is written once.
                if places.insert(key, leaf.place).is_some() && is_event {
                    return Err(not_as_entered("an event was entered twice"));
                }
            }
        }
        Ok(places)
    }
}

impl OpenRecord {
    pub(super) fn to_json(
        &self,
        app: &App,
        ctx: &Ctx,
        places: &BTreeMap<RecordKey, EntryRef>,
    ) -> Result<Vec<u8>, AppError> {
        let parts = self.parts.iter().map(|(key, part)| {
            Ok(RecordPart {
                key: key.clone(),
                entry: place_of(places, key)?,
                salt: part.salt,
                body: part.body.clone(),
            })
        });
        let record = Record {
            mode: app.mode,
            deployment: app.deployment,
            clinic: ctx.clinic,
            session: self.id,
            records: parts.collect::<Result<_, AppError>>()?,
        };
        record.to_json().map_err(proof)
    }

    /// The entry of each event, in the events' order.
    pub(super) fn event_places(
        &self,
        places: &BTreeMap<RecordKey, EntryRef>,
    ) -> Result<Vec<EntryRef>, AppError> {
        self.events
            .iter()
            .map(|event| place_of(places, &Place::session_event(self.id, event.seq).key()?))
            .collect()
    }
}

/// The session was shortened or rewritten beneath us: no bundle says of it that nothing was changed.
fn not_as_entered(what: &str) -> AppError {
    AppError::Impossible(format!(
        "a session is not as it was entered: {what}; `clerestory check` names it"
    ))
}

fn place_of(places: &BTreeMap<RecordKey, EntryRef>, key: &RecordKey) -> Result<EntryRef, AppError> {
    places
        .get(key)
        .copied()
        .ok_or_else(|| AppError::Impossible(format!("a {} that no entry commits to", key.table())))
}

/// Every id that stands as a text in these bodies.
fn ids_in<'a>(bodies: impl Iterator<Item = &'a Value>) -> BTreeSet<Uuid> {
    let mut found = BTreeSet::new();
    let mut left: Vec<&Value> = bodies.collect();
    while let Some(value) = left.pop() {
        match value {
            Value::String(text) => found.extend(Uuid::try_parse(text)),
            Value::Array(values) => left.extend(values),
            Value::Object(fields) => left.extend(fields.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    found
}
