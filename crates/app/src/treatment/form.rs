//! A form's identity: its key, and a digest of what was typed, kept inside the sealed event.

use serde_json::{Value, json};
use uuid::Uuid;

const FORM: &str = "form";

/// What tells one sending of a form from another.
pub(crate) struct FormId {
    key: Uuid,
    digest: String,
}

/// What an earlier event says of a form.
pub(crate) enum Before {
    /// Not seen yet.
    New,
    /// This very form was saved already.
    Same,
    /// The key was used with other content.
    Other,
}

impl FormId {
    /// The identity of this key with these fields, in whatever order they came.
    pub(crate) fn new(key: Uuid, fields: &[(String, String)]) -> Self {
        let mut sorted: Vec<_> = fields.iter().collect();
        sorted.sort();
        let mut bytes = Vec::new();
        for text in sorted.iter().flat_map(|(name, value)| [name, value]) {
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        Self {
            key,
            digest: ledger::hex(&ledger::sha256(&bytes)),
        }
    }

    /// Writes the identity into an event's body.
    pub(crate) fn stamp(&self, body: &mut Value) {
        if let Value::Object(fields) = body {
            fields.insert(
                FORM.into(),
                json!({ "key": self.key.to_string(), "digest": self.digest }),
            );
        }
    }

    /// Whether one of these bodies was written by this form.
    pub(crate) fn look_back<'a>(&self, bodies: impl IntoIterator<Item = &'a Value>) -> Before {
        let key = self.key.to_string();
        let written = bodies
            .into_iter()
            .filter_map(|body| body.get(FORM))
            .find(|form| form["key"].as_str() == Some(&key));
        match written {
            None => Before::New,
            Some(form) if form["digest"].as_str() == Some(&self.digest) => Before::Same,
            Some(_) => Before::Other,
        }
    }
}
