//! Entries: what is written is read again, and nothing else is.

use ledger::{
    Actor, ActorClass, ActorId, ENTRY_BYTES_MAX, Entry, EntryError, EntryRef, FileRef, Kind, Name,
    Purpose, RecordDigests, RecordKey, UnitId, UnixMicros,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

fn uuids() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn names() -> impl Strategy<Value = Name> {
    vec(proptest::sample::select(b"abcxyz019_.-".to_vec()), 1..=64)
        .prop_map(|bytes| Name::new(std::str::from_utf8(&bytes).unwrap()).unwrap())
}

fn words() -> impl Strategy<Value = String> {
    vec(proptest::sample::select(b"abcxyz_.".to_vec()), 1..=64)
        .prop_map(|bytes| String::from_utf8(bytes).unwrap())
}

fn actors() -> impl Strategy<Value = Actor> {
    let classes = [ActorClass::System, ActorClass::Person, ActorClass::Support];
    (proptest::sample::select(classes.to_vec()), uuids()).prop_map(|(class, id)| Actor {
        class,
        id: ActorId(id),
    })
}

fn records() -> impl Strategy<Value = (RecordKey, RecordDigests)> {
    (
        names(),
        vec(any::<u8>(), 1..=64),
        any::<[u8; 32]>(),
        any::<[u8; 32]>(),
    )
        .prop_map(|(table, row, commitment, ciphertext)| {
            (
                RecordKey::new(table, row).unwrap(),
                RecordDigests {
                    commitment,
                    ciphertext,
                },
            )
        })
}

prop_compose! {
    fn entries()(
        head in (words(), any::<i64>(), actors()),
        ids in (option::of(uuids()), option::of(uuids()), btree_set(uuids(), 0..4)),
        opening in (option::of(words()), option::of(any::<i64>()), option::of(any::<(u32, u64)>())),
        records in vec(records(), 0..4),
        reason in option::of(any::<[u8; 32]>()),
        files in btree_map(names(), any::<(u64, [u8; 32])>(), 0..3),
        subjects in btree_set(uuids(), 0..4),
        numbers in btree_map(names(), any::<u64>(), 0..4),
        hashes in btree_map(names(), any::<[u8; 32]>(), 0..4),
    ) -> Entry {
        let mut entry = Entry::new(Kind::new(&head.0).unwrap(), UnixMicros(head.1), head.2);
        (entry.sign_in, entry.request) = (ids.0, ids.1);
        entry.units = ids.2.into_iter().map(UnitId).collect();
        entry.purpose = opening.0.map(|word| Purpose::new(&word).unwrap());
        entry.expires = opening.1.map(UnixMicros);
        entry.under = opening.2.map(|(generation, index)| EntryRef { generation, index });
        entry.records = records.into_iter().collect();
        entry.reason = reason;
        let file = |(length, sha256)| FileRef { length, sha256 };
        entry.files = files.into_iter().map(|(name, it)| (name, file(it))).collect();
        (entry.subjects, entry.numbers, entry.hashes) = (subjects, numbers, hashes);
        entry
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(entry in entries()) {
        let bytes = entry.encode().unwrap();
        prop_assert_eq!(Entry::decode(&bytes).unwrap(), entry);
    }

    /// Bytes that are no entry give an error and no panic; bytes that are one have no other spelling.
    #[test]
    fn any_bytes_are_refused_or_written_again_alike(
        entry in entries(), changes in vec(any::<(u16, u8, u8)>(), 1..4),
    ) {
        let mut bytes = entry.encode().unwrap();
        for (place, value, change) in changes {
            let place = usize::from(place) % bytes.len();
            match change % 4 {
                0 => bytes[place] = value,
                1 => bytes.insert(place, value),
                2 => drop(bytes.remove(place)),
                _ => bytes.truncate(place.max(1)),
            }
        }
        if let Ok(read) = Entry::decode(&bytes) {
            prop_assert_eq!(read.encode().unwrap(), bytes);
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..400)) {
        for start in [&[][..], &[1], &[1, 1, 0, 1, b'a', 2, 0, 8]] {
            let bytes = [start, &bytes].concat();
            if let Ok(read) = Entry::decode(&bytes) {
                prop_assert_eq!(read.encode().unwrap(), bytes);
            }
        }
    }
}

fn small() -> Entry {
    Entry::new(Kind::literal("opened"), UnixMicros(1), Actor::SYSTEM)
}

#[test]
fn order_repetition_and_unknown_tags_are_refused() {
    let base = small().encode().unwrap();
    let with = |fields: &[&[u8]]| Entry::decode(&[&base[..], &fields.concat()].concat());
    let sign_in = [&[4, 0, 16][..], &[7; 16]].concat();
    let unit = |value: u8| [&[6, 0, 16][..], &[value; 16]].concat();
    let number = |name: &[u8]| {
        let length = u8::try_from(name.len()).unwrap();
        [&[14, 0, 9 + length, length], name, &[0; 8]].concat()
    };
    assert!(with(&[&sign_in, &unit(1), &unit(2), &number(b"a"), &number(b"b")]).is_ok());
    assert_eq!(with(&[&unit(1), &sign_in]), Err(EntryError::Order(4)));
    assert_eq!(with(&[&sign_in, &sign_in]), Err(EntryError::Order(4)));
    assert_eq!(with(&[&unit(2), &unit(1)]), Err(EntryError::Order(6)));
    assert_eq!(with(&[&unit(1), &unit(1)]), Err(EntryError::Order(6)));
    assert_eq!(
        with(&[&number(b"b"), &number(b"a")]),
        Err(EntryError::Order(14))
    );
    assert_eq!(
        with(&[&number(b"a"), &number(b"a")]),
        Err(EntryError::Order(14))
    );
    assert_eq!(with(&[&number(b"A")]), Err(EntryError::Value(14)));
    assert_eq!(with(&[&number(b"")]), Err(EntryError::Value(14)));
    assert_eq!(with(&[&[3, 0, 0]]), Err(EntryError::Order(3)));
    assert_eq!(with(&[&[16, 0, 0]]), Err(EntryError::UnknownTag(16)));
    assert_eq!(with(&[&[0, 0, 0]]), Err(EntryError::Order(0)));
    assert_eq!(with(&[&[6, 0, 17], &[0; 17]]), Err(EntryError::Value(6)));
    assert_eq!(with(&[&[6, 0, 16], &[0; 15]]), Err(EntryError::CutOff));
    assert_eq!(with(&[&[6]]), Err(EntryError::CutOff));
}

#[test]
fn head_and_version_are_asked_for() {
    let base = small().encode().unwrap();
    assert_eq!(Entry::decode(&[]), Err(EntryError::Version));
    assert_eq!(Entry::decode(&[2]), Err(EntryError::Version));
    assert_eq!(Entry::decode(&[1]), Err(EntryError::CutOff));
    assert_eq!(Entry::decode(&base[..10]), Err(EntryError::CutOff));
    let kind_length = 3 + "opened".len();
    let without_kind = [&[1][..], &base[1 + kind_length..]].concat();
    assert_eq!(Entry::decode(&without_kind), Err(EntryError::Missing(1)));
    let mut class = base.clone();
    let place = class.len() - 17;
    class[place] = 3;
    assert_eq!(Entry::decode(&class), Err(EntryError::Value(3)));
}

#[test]
fn an_entry_too_long_is_neither_written_nor_read() {
    let mut entry = small();
    for id in 0..4_000_u128 {
        entry.subjects.insert(Uuid::from_u128(id));
    }
    assert!(matches!(entry.encode(), Err(EntryError::TooLong(_))));
    let long = vec![1; ENTRY_BYTES_MAX + 1];
    assert_eq!(
        Entry::decode(&long),
        Err(EntryError::TooLong(ENTRY_BYTES_MAX + 1))
    );
}

#[test]
fn row_keys_have_a_length() {
    let table = || Name::literal("patient");
    assert!(RecordKey::new(table(), vec![]).is_err());
    assert!(RecordKey::new(table(), vec![0; 64]).is_ok());
    assert!(RecordKey::new(table(), vec![0; 65]).is_err());
}
