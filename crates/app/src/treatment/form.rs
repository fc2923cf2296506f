//! A form's identity: its key, and a digest of what was typed, kept inside the sealed event.

use serde_json::{Value, json};
use uuid::Uuid;

use super::wire::Json;

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

    /// What an event's body says of this form.
    pub(crate) fn look_back(&self, body: &Json<'_>) -> Before {
        let Some(written) = body.get(FORM) else {
            return Before::New;
        };
        let key = written.get("key").and_then(Json::as_str);
        let is_same_key = key.and_then(|key| Uuid::try_parse(key).ok()) == Some(self.key);
        let digest = written.get("digest").and_then(Json::as_str);
        match (is_same_key, digest == Some(self.digest.as_str())) {
            (false, _) => Before::New,
            (true, true) => Before::Same,
            (true, false) => Before::Other,
        }
    }
}
