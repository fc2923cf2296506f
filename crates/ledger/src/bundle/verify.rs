//! Verifying: each record against its entry, the events against each other, the files against the export.

use std::collections::{BTreeMap, BTreeSet};

use super::chain::{checkpoint_check, entries_check, epoch_check, opening_of};
use super::failure::{Failure, Problem, at};
use super::proof::Proof;
use super::record::{
    CLINIC_PROFILE, PATIENT, Record, RecordPart, SESSION_EVENT, place_of, session_event_key,
};
use super::report::{Report, ReportFacts};
use super::{BundleParts, Trust};
use crate::entry::{Entry, FileRef};
use crate::events::{EXPORTED, Exported, RECORD_JSON, RECORD_PDF};
use crate::ids::EntryRef;
use crate::json::canonical;
use crate::sealed::{RECORD_TAG, commit};
use crate::word::Name;

type Entries = BTreeMap<EntryRef, Entry>;

pub(super) fn verify(parts: &BundleParts, trust: &Trust) -> Result<Report, Failure> {
    let record = Record::parse(&parts.record_json)?;
    let proof = Proof::parse(&parts.proof_json)?;
    let signed = checkpoint_check(&parts.checkpoint, &proof, trust)?;
    let origin = signed.checkpoint.origin;
    if (record.deployment, record.mode) != (origin.deployment, origin.mode) {
        return Err(Failure::new("record.json", Problem::Deployment));
    }
    let epoch = epoch_check(&proof, &signed.checkpoint)?;
    let entries = entries_check(&proof, &epoch, record.clinic)?;
    for (index, part) in record.records.iter().enumerate() {
        commitment_check(index, part, &entries)?;
    }
    let exported = exported_check(&proof, &entries)?;
    record_check(&record, &proof, exported)?;
    used_check(&record, &proof, &entries)?;
    file_check(exported, &RECORD_JSON, &parts.record_json)?;
    file_check(exported, &RECORD_PDF, &parts.record_pdf)?;
    Ok(Report::of(&ReportFacts {
        record: &record,
        entries: &entries,
        exported,
        epoch,
        signed,
    }))
}

/// One record against the entry that it names.
fn commitment_check(index: usize, part: &RecordPart, entries: &Entries) -> Result<(), Failure> {
    let place = place_of(index, &part.key);
    let failure = |problem| Failure::new(place.clone(), problem);
    let entry = entries
        .get(&part.entry)
        .ok_or_else(|| failure(Problem::NoEntry(part.entry.to_string())))?;
    let digests = entry
        .records
        .get(&part.key)
        .ok_or_else(|| failure(Problem::OtherRow))?;
    let plaintext = canonical(&part.body).map_err(at(&place))?;
    match commit(RECORD_TAG, &part.salt, &plaintext) == digests.commitment {
        true => Ok(()),
        false => Err(failure(Problem::Commitment)),
    }
}

fn exported_check<'a>(proof: &Proof, entries: &'a Entries) -> Result<&'a Entry, Failure> {
    let failure = |problem| Failure::new("proof.json, exported", problem);
    let entry = entries
        .get(&proof.exported)
        .ok_or_else(|| failure(Problem::NoEntry(proof.exported.to_string())))?;
    match entry.kind == EXPORTED {
        true => Ok(entry),
        false => Err(failure(Problem::OtherKind(EXPORTED.to_string()))),
    }
}

/// The record as a whole: order, one patient, one clinic, all events and nothing but this session's.
fn record_check(record: &Record, proof: &Proof, exported: &Entry) -> Result<(), Failure> {
    let parts = &record.records;
    if let Some(index) = parts.windows(2).position(|pair| pair[0].key >= pair[1].key) {
        let place = place_of(index + 1, &parts[index + 1].key);
        return Err(Failure::new(place, Problem::Order));
    }
    events_check(record, proof, exported)?;
    one_of(parts, &CLINIC_PROFILE, "clinic_profile")?;
    let patient = one_of(parts, &PATIENT, "patient")?;
    let subjects: BTreeSet<&[u8]> = exported
        .subjects
        .iter()
        .map(|subject| &subject.as_bytes()[..])
        .collect();
    let about = [&record.session.as_bytes()[..], patient.key.row()];
    match about.iter().all(|subject| subjects.contains(subject)) {
        true => Ok(()),
        false => Err(Failure::new("record.json", Problem::OtherSubject)),
    }
}

fn events_check(record: &Record, proof: &Proof, exported: &Entry) -> Result<(), Failure> {
    let mut expected = 0_u32;
    let mut last = None;
    for (index, part) in record.records.iter().enumerate() {
        let failure = |problem| Failure::new(place_of(index, &part.key), problem);
        if part.entry >= proof.exported {
            return Err(failure(Problem::EntryOrder));
        }
        if *part.key.table() != SESSION_EVENT {
            continue;
        }
        if part.key != session_event_key(record.session, expected) {
            return Err(failure(Problem::Event { expected }));
        }
        if last.is_some_and(|last| part.entry < last) {
            return Err(failure(Problem::EntryOrder));
        }
        last = Some(part.entry);
        expected += 1; // bounded by the number of JSON values
    }
    let named = Exported::events_of(exported);
    match named {
        Some(exported) if exported == u64::from(expected) => Ok(()),
        Some(_) | None => {
            let problem = Problem::Events {
                found: expected.into(),
                exported: named.unwrap_or_default(),
            };
            Err(Failure::new("record.json", problem))
        }
    }
}

fn one_of<'a>(
    parts: &'a [RecordPart],
    table: &Name,
    name: &'static str,
) -> Result<&'a RecordPart, Failure> {
    let mut found = parts.iter().filter(|part| part.key.table() == table);
    match (found.next(), found.next()) {
        (Some(part), None) => Ok(part),
        _ => Err(Failure::new("record.json", Problem::NotOne(name))),
    }
}

/// A bundle shows nothing that does not belong to it.
fn used_check(record: &Record, proof: &Proof, entries: &Entries) -> Result<(), Failure> {
    let mut used: BTreeSet<EntryRef> = record.records.iter().map(|part| part.entry).collect();
    used.insert(proof.exported);
    used.extend(
        proof
            .trees
            .iter()
            .skip(1)
            .map(|tree| opening_of(tree.generation)),
    );
    match entries.keys().find(|entry| !used.contains(entry)) {
        Some(entry) => Err(Failure::new(
            format!("proof.json, {entry}"),
            Problem::Unused,
        )),
        None => Ok(()),
    }
}

fn file_check(exported: &Entry, name: &Name, bytes: &[u8]) -> Result<(), Failure> {
    match exported.files.get(name) {
        Some(file) if *file == FileRef::of(bytes) => Ok(()),
        Some(_) | None => Err(Failure::new(name.as_str(), Problem::File)),
    }
}
