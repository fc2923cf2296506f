//! A form's identity: its key, and a digest of what was typed, kept inside the sealed event.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::wire::Json;

const FORM: &str = "form";

/// What tells one sending of a form from another.
pub(crate) struct FormId {
    key: Uuid,
    digest: String,
}

/// What the events before say of a form.
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
}

/// The forms that a session's events were made by: key to digest, the first event's where several name a key.
#[derive(Default)]
pub(crate) struct Forms(BTreeMap<Uuid, String>);

impl Forms {
    /// Takes in the form that an event's body names, if any.
    pub(crate) fn note(&mut self, body: &Json<'_>) {
        let Some(written) = body.get(FORM) else {
            return;
        };
        let key = written.get("key").and_then(Json::as_str);
        if let Some(key) = key.and_then(|key| Uuid::try_parse(key).ok()) {
            let digest = written.get("digest").and_then(Json::as_str);
            self.0
                .entry(key)
                .or_insert_with(|| digest.unwrap_or_default().to_owned());
        }
    }

    /// Takes in a form whose events were saved.
    pub(crate) fn add(&mut self, form: &FormId) {
        self.0
            .entry(form.key)
            .or_insert_with(|| form.digest.clone());
    }

    /// What is known of this form.
    pub(crate) fn before(&self, form: &FormId) -> Before {
        match self.0.get(&form.key) {
            None => Before::New,
            Some(digest) if *digest == form.digest => Before::Same,
            Some(_) => Before::Other,
        }
    }
}
