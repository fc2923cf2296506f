//! Canonical JSON against the examples of RFC 8785 that lie within the profile, and its limits.

use ledger::{JSON_DEPTH_MAX, JSON_VALUES_MAX, JsonError, canonical, canonical_parse};
use proptest::prelude::*;
use serde_json::{Value, json};

fn written(value: &Value) -> String {
    String::from_utf8(canonical(value).unwrap()).unwrap()
}

#[test]
fn text_is_escaped_as_the_rfc_says() {
    // RFC 8785, section 3.2.3.
    let value =
        json!({ "string": "\u{20ac}$\u{f}\nA'B\"\\\\\"/", "literals": [null, true, false] });
    let expected =
        "{\"literals\":[null,true,false],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
    assert_eq!(written(&value), expected);
    assert_eq!(
        written(&json!("\u{8}\t\u{c}\r\u{1f}\u{7f}")),
        "\"\\b\\t\\f\\r\\u001f\u{7f}\""
    );
}

#[test]
fn members_are_ordered_by_utf_16() {
    // RFC 8785, section 3.2.3: the same members in the order that it gives.
    let value = json!({
        "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control",
        "\u{f6}": "Latin Small Letter O With Diaeresis",
    });
    let order = [
        "Carriage Return",
        "One",
        "Control",
        "Latin",
        "Euro",
        "Emoji",
        "Hebrew",
    ];
    let text = written(&value);
    let places: Vec<usize> = order.iter().map(|name| text.find(name).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn numbers_are_integers_that_every_reader_keeps() {
    assert_eq!(
        written(&json!([0, -1, 9_007_199_254_740_991_i64])),
        "[0,-1,9007199254740991]"
    );
    for bad in [
        json!(1.5),
        json!(1.0),
        json!(-0.0),
        json!(9_007_199_254_740_992_i64),
        json!(u64::MAX),
    ] {
        assert_eq!(canonical(&bad), Err(JsonError::Number), "{bad}");
    }
}

#[test]
fn a_text_has_one_spelling() {
    assert_eq!(
        canonical_parse(b"{\"a\":[1,\"\xc3\xa9\"]}").unwrap(),
        json!({ "a": [1, "é"] })
    );
    for bad in [
        "{ \"a\":1}",
        "{\"b\":1,\"a\":2}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1}\n",
        "\"\\u00e9\"",
        "\"\\/\"",
        "[1.0]",
        "[1e2]",
        "[-0]",
        "[01]",
        "\"\\ud800\"",
        "",
        "{",
        "[1,]",
        "\u{feff}1",
        "nul",
    ] {
        assert!(canonical_parse(bad.as_bytes()).is_err(), "{bad}");
    }
    assert!(canonical_parse(b"\"\xff\"").is_err(), "no UTF-8");
}

#[test]
fn depth_and_number_of_values_are_bounded() {
    let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    assert!(canonical_parse(nested(JSON_DEPTH_MAX).as_bytes()).is_ok());
    let deep = nested(JSON_DEPTH_MAX + 1);
    assert_eq!(canonical_parse(deep.as_bytes()), Err(JsonError::Depth));
    assert_eq!(
        canonical_parse(&b"[".repeat(1_000_000)),
        Err(JsonError::Depth)
    );
    let many = format!("[{}0]", "0,".repeat(JSON_VALUES_MAX));
    assert_eq!(canonical_parse(many.as_bytes()), Err(JsonError::Values));
    let commas_in_text = format!("\"{}\"", "[,\\\"".repeat(JSON_VALUES_MAX));
    assert!(canonical_parse(commas_in_text.as_bytes()).is_ok());
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(value in values()) {
        let bytes = canonical(&value).unwrap();
        prop_assert_eq!(canonical_parse(&bytes).unwrap(), value);
    }

    #[test]
    fn any_text_is_refused_or_canonical(text in "[\\[\\]{}:,\"\\\\0-9a-f.eE \\-+untrls]{0,60}") {
        if let Ok(value) = canonical_parse(text.as_bytes()) {
            prop_assert_eq!(canonical(&value).unwrap(), text.as_bytes());
        }
    }
}
