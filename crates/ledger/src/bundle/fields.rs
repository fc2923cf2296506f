//! Reading JSON objects strictly: exactly the members that there are to be, each of its sort.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::failure::{Failure, Problem};
use crate::hash::{Hash, hex_decode};

/// An object with exactly the named members, at a place.
pub(super) struct Fields<'a> {
    place: String,
    members: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value, place: &str, names: &[&str]) -> Result<Self, Failure> {
        let Value::Object(members) = value else {
            return Err(Failure::new(
                place,
                Problem::Field("must be an object".to_owned()),
            ));
        };
        let fields = Self {
            place: place.to_owned(),
            members,
        };
        if let Some(unknown) = members.keys().find(|name| !names.contains(&name.as_str())) {
            // The name comes from outside: it is shown escaped.
            return Err(fields.failure(format!("a member {unknown:?} that is not known")));
        }
        match names.iter().find(|name| !members.contains_key(**name)) {
            Some(missing) => Err(fields.failure(format!("{missing} is missing"))),
            None => Ok(fields),
        }
    }

    pub(super) fn value(&self, name: &str) -> Result<&'a Value, Failure> {
        self.members
            .get(name)
            .ok_or_else(|| self.failure(format!("{name} is missing")))
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, Failure> {
        self.want(name, "text", Value::as_str)
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Failure> {
        self.want(name, "true or false", Value::as_bool)
    }

    pub(super) fn number(&self, name: &str) -> Result<u64, Failure> {
        self.want(name, "a number", Value::as_u64)
    }

    pub(super) fn generation(&self, name: &str) -> Result<u32, Failure> {
        self.want(name, "a generation", |value| {
            u32::try_from(value.as_u64()?).ok()
        })
    }

    pub(super) fn list(&self, name: &str) -> Result<&'a [Value], Failure> {
        self.want(name, "a list", |value| value.as_array().map(Vec::as_slice))
    }

    pub(super) fn hex(&self, name: &str) -> Result<Vec<u8>, Failure> {
        self.want(name, "bytes in lower-case hex", |value| {
            hex_decode(value.as_str()?)
        })
    }

    pub(super) fn hash(&self, name: &str) -> Result<Hash, Failure> {
        self.want(name, "32 bytes in lower-case hex", hash_of)
    }

    pub(super) fn path(&self, name: &str, hashes_max: usize) -> Result<Vec<Hash>, Failure> {
        self.want(name, "a list of hashes", |value| {
            let hashes = value
                .as_array()
                .filter(|hashes| hashes.len() <= hashes_max)?;
            hashes.iter().map(hash_of).collect()
        })
    }

    pub(super) fn uuid(&self, name: &str) -> Result<Uuid, Failure> {
        self.want(name, "a uuid in lower case with hyphens", |value| {
            let text = value.as_str()?;
            let uuid = Uuid::try_parse(text).ok()?;
            (uuid.hyphenated().to_string() == text).then_some(uuid)
        })
    }

    fn want<T>(
        &self,
        name: &str,
        sort: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<T, Failure> {
        read(self.value(name)?).ok_or_else(|| self.failure(format!("{name} must be {sort}")))
    }

    pub(super) fn failure(&self, text: String) -> Failure {
        Failure::new(self.place.clone(), Problem::Field(text))
    }
}

fn hash_of(value: &Value) -> Option<Hash> {
    hex_decode(value.as_str()?)?.try_into().ok()
}
