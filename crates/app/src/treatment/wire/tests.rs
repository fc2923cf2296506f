//! Every sample is written and read as it stands, and nothing else is read.

mod samples;

use std::collections::BTreeSet;

use domain::treatment::{Event, Recorded};
use serde_json::{Value, json};

use super::{Json, WireError, recorded_to_json};
use samples::{NURSE, NURSE_TEXT, PRESCRIBER, PRESCRIBER_TEXT, samples, time, vitals_json};

fn recorded(event: Event) -> Recorded {
    let received_at = "2026-11-20T14:03:11Z".parse().unwrap();
    Recorded {
        seq: 4,
        happened_at: time(),
        received_at,
        taken_by: PRESCRIBER,
        entered_by: NURSE,
        event,
    }
}

/// Reads a value as it is read from a sealed record: from its text.
fn recorded_from_json(body: &Value) -> Result<Recorded, WireError> {
    let text = body.to_string();
    super::recorded_from_json(&Json::read(text.as_bytes()).unwrap())
}

fn body(event: Value) -> Value {
    json!({"seq": 4, "happened_at": "2026-11-20T14:03:09Z", "received_at": "2026-11-20T14:03:11Z",
        "taken_by": PRESCRIBER_TEXT, "entered_by": NURSE_TEXT, "event": event})
}

#[test]
fn every_event_is_written_and_read_as_it_stands_here() {
    for (event, json) in samples() {
        let kind = event.kind();
        assert_eq!(json["kind"], kind);
        let recorded = recorded(event);
        let written = recorded_to_json(&recorded);
        assert_eq!(written, body(json), "{kind}");
        assert!(recorded_from_json(&written) == Ok(recorded), "{kind}");
    }
}

#[test]
fn every_kind_of_event_stands_here() {
    let kinds: BTreeSet<&str> = samples().iter().map(|(event, _)| event.kind()).collect();
    assert_eq!(kinds.len(), 30);
}

/// Every object within a value, by its path.
fn objects(value: &Value, path: &str, found: &mut Vec<String>) {
    if let Value::Object(fields) = value {
        found.push(path.to_owned());
        for (name, field) in fields {
            objects(field, &format!("{path}/{name}"), found);
        }
    } else if let Value::Array(items) = value {
        for (place, item) in items.iter().enumerate() {
            objects(item, &format!("{path}/{place}"), found);
        }
    }
}

#[test]
fn missing_and_unknown_fields_are_refused_at_every_depth() {
    let mut tried = 0;
    for (event, json) in samples() {
        let kind = event.kind();
        let sound = body(json);
        let mut paths = Vec::new();
        objects(&sound, "", &mut paths);
        for path in paths {
            let fields = sound.pointer(&path).unwrap().as_object().unwrap();
            for name in fields.keys() {
                let mut bent = sound.clone();
                bent.pointer_mut(&path)
                    .unwrap()
                    .as_object_mut()
                    .unwrap()
                    .remove(name);
                assert!(
                    recorded_from_json(&bent).is_err(),
                    "{kind} without {path}/{name}"
                );
                tried += 1;
            }
            if !path.is_empty() {
                let mut bent = sound.clone();
                bent.pointer_mut(&path).unwrap()["more"] = json!(1);
                assert!(
                    recorded_from_json(&bent).is_err(),
                    "{kind} with more at {path}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 400, "{tried}");
}

#[test]
fn fields_beside_the_record_are_left_alone() {
    let mut sound = body(json!({"kind": "arrived"}));
    sound["form"] = json!({"key": "k"});
    assert!(recorded_from_json(&sound).is_ok());
}

#[test]
fn values_in_another_form_are_refused() {
    let sound = || body(vitals_json());
    for (path, value, shown) in [
        (
            "/happened_at",
            json!("2026-11-20T14:03:09.5Z"),
            "no time in whole seconds of UTC at happened_at",
        ),
        (
            "/happened_at",
            json!("2026-11-20T15:03:09+01:00"),
            "no time in whole seconds of UTC at happened_at",
        ),
        ("/happened_at", json!(1), "no text at happened_at"),
        (
            "/taken_by",
            json!("000000000000000000000000000000A1"),
            "no id at taken_by",
        ),
        ("/seq", json!(-1), "a number out of range at seq"),
        ("/seq", json!(1.0), "no whole number at seq"),
        (
            "/event/kind",
            json!("vital"),
            "an unknown word at event.kind",
        ),
        (
            "/event/pulse",
            json!("72"),
            "no whole number at event.pulse",
        ),
        ("/event/absent", Value::Null, "no list at event.absent"),
        (
            "/event/absent/1/why",
            json!("Declined"),
            "an unknown word at event.absent.1.why",
        ),
        (
            "/event/pressure",
            json!([1, 2]),
            "no object at event.pressure",
        ),
        ("/event", json!(null), "no object at event"),
    ] {
        let mut bent = sound();
        *bent.pointer_mut(path).unwrap() = value;
        let error = recorded_from_json(&bent).err().unwrap();
        assert_eq!(error.to_string(), shown);
    }
    assert_eq!(
        recorded_from_json(&json!(7)).err().unwrap().to_string(),
        "no object at the top"
    );
}

#[test]
fn bodies_are_canonical_json_without_floats() {
    for (event, _) in samples() {
        let written = recorded_to_json(&recorded(event));
        let bytes = ledger::canonical(&written).unwrap();
        let read: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(read, written);
    }
}
