//! The bytes of an entry: a version, then fields as tag, length, value; read strictly.

use uuid::Uuid;

use super::{Actor, ActorClass, ENTRY_BYTES_MAX, Entry, FileRef, RecordDigests, RecordKey};
use crate::hash::Hash;
use crate::ids::{ActorId, EntryRef, UnitId, UnixMicros};
use crate::read::{Reader, Short};
use crate::word::{Kind, Name, Purpose, WordError};

/// First byte of every entry.
const VERSION: u8 = 0x01;

const KIND: u8 = 1;
const AT: u8 = 2;
const ACTOR: u8 = 3;
const SIGN_IN: u8 = 4;
const REQUEST: u8 = 5;
const UNIT: u8 = 6;
const PURPOSE: u8 = 7;
const EXPIRES: u8 = 8;
const UNDER: u8 = 9;
const RECORD: u8 = 10;
const REASON: u8 = 11;
const FILE: u8 = 12;
const SUBJECT: u8 = 13;
const NUMBER: u8 = 14;
const HASH: u8 = 15;

/// Why bytes are no entry, or an entry cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Longer than [`ENTRY_BYTES_MAX`].
    #[error("the entry has {0} bytes; at most 65536 are allowed")]
    TooLong(usize),
    /// The first byte is no version that this reads.
    #[error("the entry's version is not known")]
    Version,
    /// The bytes end within a field.
    #[error("the entry ends within a field")]
    CutOff,
    /// A tag that this version does not have.
    #[error("the entry has a field {0} that is not known")]
    UnknownTag(u8),
    /// A field stands before one of lower tag, or twice, or not in the order of its values.
    #[error("field {0} of the entry is out of order or repeated")]
    Order(u8),
    /// The value of a field is not what its tag asks for.
    #[error("field {0} of the entry has no valid value")]
    Value(u8),
    /// Kind, time or actor is not there.
    #[error("the entry lacks field {0}")]
    Missing(u8),
}

pub(super) fn encode(entry: &Entry) -> Result<Vec<u8>, EntryError> {
    let mut out = Writer(vec![VERSION]);
    out.field(KIND, &[entry.kind.as_str().as_bytes()]);
    out.field(AT, &[&entry.at.0.to_be_bytes()]);
    out.field(
        ACTOR,
        &[
            &[class_byte(entry.actor.class)],
            entry.actor.id.0.as_bytes(),
        ],
    );
    out.optional(SIGN_IN, entry.sign_in.as_ref().map(Uuid::as_bytes));
    out.optional(REQUEST, entry.request.as_ref().map(Uuid::as_bytes));
    for unit in &entry.units {
        out.field(UNIT, &[unit.0.as_bytes()]);
    }
    out.optional(
        PURPOSE,
        entry
            .purpose
            .as_ref()
            .map(|purpose| purpose.as_str().as_bytes()),
    );
    out.optional(
        EXPIRES,
        entry.expires.map(|expires| expires.0.to_be_bytes()),
    );
    if let Some(under) = entry.under {
        out.field(
            UNDER,
            &[&under.generation.to_be_bytes(), &under.index.to_be_bytes()],
        );
    }
    for (key, digests) in &entry.records {
        let row_length = length_u16(key.row());
        let parts = [
            &row_length[..],
            key.row(),
            &digests.commitment,
            &digests.ciphertext,
        ];
        out.named(RECORD, key.table(), &parts);
    }
    out.optional(REASON, entry.reason);
    for (name, file) in &entry.files {
        out.named(FILE, name, &[&file.length.to_be_bytes(), &file.sha256]);
    }
    for subject in &entry.subjects {
        out.field(SUBJECT, &[subject.as_bytes()]);
    }
    for (name, number) in &entry.numbers {
        out.named(NUMBER, name, &[&number.to_be_bytes()]);
    }
    for (name, hash) in &entry.hashes {
        out.named(HASH, name, &[hash]);
    }
    match out.0.len() {
        0..=ENTRY_BYTES_MAX => Ok(out.0),
        long => Err(EntryError::TooLong(long)),
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn field(&mut self, tag: u8, parts: &[&[u8]]) {
        self.0.push(tag);
        // The longest value is a record: 1 + 64 + 2 + 64 + 64 bytes.
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.0.extend_from_slice(&(length as u16).to_be_bytes());
        for part in parts {
            self.0.extend_from_slice(part);
        }
    }

    fn optional(&mut self, tag: u8, value: Option<impl AsRef<[u8]>>) {
        if let Some(value) = value {
            self.field(tag, &[value.as_ref()]);
        }
    }

    fn named(&mut self, tag: u8, name: &Name, rest: &[&[u8]]) {
        let name = name.as_str().as_bytes();
        let name_length = [name.len() as u8]; // a word has at most 64 bytes
        let mut parts = vec![&name_length[..], name];
        parts.extend_from_slice(rest);
        self.field(tag, &parts);
    }
}

/// A row has at most 64 bytes.
fn length_u16(bytes: &[u8]) -> [u8; 2] {
    (bytes.len() as u16).to_be_bytes()
}

fn class_byte(class: ActorClass) -> u8 {
    match class {
        ActorClass::System => 0,
        ActorClass::Person => 1,
        ActorClass::Support => 2,
    }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Entry, EntryError> {
    if bytes.len() > ENTRY_BYTES_MAX {
        return Err(EntryError::TooLong(bytes.len()));
    }
    let mut reader = Reader::new(bytes);
    if reader.array::<1>().map_err(|Short| EntryError::Version)? != [VERSION] {
        return Err(EntryError::Version);
    }
    let mut entry = head(&mut reader)?;
    let mut last = ACTOR;
    while !reader.is_empty() {
        let (tag, value) = field(&mut reader)?;
        if tag < last {
            return Err(EntryError::Order(tag));
        }
        last = tag;
        take(&mut entry, tag, value)?;
    }
    Ok(entry)
}

fn field<'a>(reader: &mut Reader<'a>) -> Result<(u8, &'a [u8]), EntryError> {
    let mut read = || {
        let [tag] = reader.array()?;
        let length = u16::from_be_bytes(reader.array()?);
        Ok((tag, reader.take(usize::from(length))?))
    };
    read().map_err(|Short| EntryError::CutOff)
}

/// The three fields that every entry begins with.
fn head(reader: &mut Reader<'_>) -> Result<Entry, EntryError> {
    let mut expect = |tag| match field(reader) {
        Ok((found, value)) if found == tag => Ok(value),
        Ok(_) => Err(EntryError::Missing(tag)),
        Err(error) => Err(error),
    };
    let kind = word(KIND, expect(KIND)?, Kind::new)?;
    let at = UnixMicros(i64::from_be_bytes(array(AT, expect(AT)?)?));
    let actor: [u8; 17] = array(ACTOR, expect(ACTOR)?)?;
    let class = match actor[0] {
        0 => ActorClass::System,
        1 => ActorClass::Person,
        2 => ActorClass::Support,
        _ => return Err(EntryError::Value(ACTOR)),
    };
    let id = ActorId(uuid(ACTOR, &actor[1..])?);
    Ok(Entry::new(kind, at, Actor { class, id }))
}

fn take(entry: &mut Entry, tag: u8, value: &[u8]) -> Result<(), EntryError> {
    match tag {
        KIND | AT | ACTOR => Err(EntryError::Order(tag)),
        SIGN_IN => once(&mut entry.sign_in, tag, uuid(tag, value)?),
        REQUEST => once(&mut entry.request, tag, uuid(tag, value)?),
        PURPOSE => once(&mut entry.purpose, tag, word(tag, value, Purpose::new)?),
        EXPIRES => once(
            &mut entry.expires,
            tag,
            UnixMicros(i64::from_be_bytes(array(tag, value)?)),
        ),
        UNDER => once(&mut entry.under, tag, under(value)?),
        REASON => once(&mut entry.reason, tag, array(tag, value)?),
        UNIT => {
            let unit = UnitId(uuid(tag, value)?);
            ascending(tag, entry.units.last(), &unit)?;
            entry.units.insert(unit);
            Ok(())
        }
        SUBJECT => {
            let subject = uuid(tag, value)?;
            ascending(tag, entry.subjects.last(), &subject)?;
            entry.subjects.insert(subject);
            Ok(())
        }
        RECORD | FILE | NUMBER | HASH => take_named(entry, tag, value),
        _ => Err(EntryError::UnknownTag(tag)),
    }
}

/// A field of which an entry can have several, told apart by name.
fn take_named(entry: &mut Entry, tag: u8, value: &[u8]) -> Result<(), EntryError> {
    let mut reader = Reader::new(value);
    let bad = |Short| EntryError::Value(tag);
    let [name_length] = reader.array().map_err(bad)?;
    let name = word(
        tag,
        reader.take(usize::from(name_length)).map_err(bad)?,
        Name::new,
    )?;
    match tag {
        RECORD => {
            let row_length = u16::from_be_bytes(reader.array().map_err(bad)?);
            let row = reader.take(usize::from(row_length)).map_err(bad)?.to_vec();
            let key = RecordKey::new(name, row).map_err(|_| EntryError::Value(tag))?;
            let commitment = reader.array().map_err(bad)?;
            let ciphertext = reader.array().map_err(bad)?;
            ascending(
                tag,
                entry.records.last_key_value().map(|(key, _)| key),
                &key,
            )?;
            entry.records.insert(
                key,
                RecordDigests {
                    commitment,
                    ciphertext,
                },
            );
        }
        FILE => {
            let length = u64::from_be_bytes(reader.array().map_err(bad)?);
            let sha256 = reader.array().map_err(bad)?;
            ascending(
                tag,
                entry.files.last_key_value().map(|(name, _)| name),
                &name,
            )?;
            entry.files.insert(name, FileRef { length, sha256 });
        }
        NUMBER => {
            let number = u64::from_be_bytes(reader.array().map_err(bad)?);
            ascending(
                tag,
                entry.numbers.last_key_value().map(|(name, _)| name),
                &name,
            )?;
            entry.numbers.insert(name, number);
        }
        _ => {
            let hash: Hash = reader.array().map_err(bad)?;
            ascending(
                tag,
                entry.hashes.last_key_value().map(|(name, _)| name),
                &name,
            )?;
            entry.hashes.insert(name, hash);
        }
    }
    if reader.is_empty() {
        Ok(())
    } else {
        Err(EntryError::Value(tag))
    }
}

fn once<T>(slot: &mut Option<T>, tag: u8, value: T) -> Result<(), EntryError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(EntryError::Order(tag)),
    }
}

fn ascending<T: Ord>(tag: u8, last: Option<&T>, next: &T) -> Result<(), EntryError> {
    match last {
        Some(last) if last >= next => Err(EntryError::Order(tag)),
        Some(_) | None => Ok(()),
    }
}

fn under(value: &[u8]) -> Result<EntryRef, EntryError> {
    let mut reader = Reader::new(value);
    let mut read = || {
        let generation = u32::from_be_bytes(reader.array()?);
        let index = u64::from_be_bytes(reader.array()?);
        if reader.is_empty() {
            Ok(EntryRef { generation, index })
        } else {
            Err(Short)
        }
    };
    read().map_err(|Short| EntryError::Value(UNDER))
}

fn uuid(tag: u8, value: &[u8]) -> Result<Uuid, EntryError> {
    array(tag, value).map(Uuid::from_bytes)
}

fn array<const N: usize>(tag: u8, value: &[u8]) -> Result<[u8; N], EntryError> {
    value.try_into().map_err(|_| EntryError::Value(tag))
}

fn word<T>(
    tag: u8,
    value: &[u8],
    parse: impl Fn(&str) -> Result<T, WordError>,
) -> Result<T, EntryError> {
    let text = std::str::from_utf8(value).map_err(|_| EntryError::Value(tag))?;
    parse(text).map_err(|_| EntryError::Value(tag))
}
