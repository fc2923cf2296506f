//! The inner values of `docs/formats/envelope.md`: derived keys and associated data.

use std::collections::BTreeMap;

use ledger::{hex, hex_decode};

use crate::pin::PEPPER_LABEL;
use crate::secret::{Secret, length_prefixed};

const PAGE: &str = include_str!("../../../docs/formats/envelope.md");

fn vectors() -> BTreeMap<&'static str, Vec<u8>> {
    let (_, rest) = PAGE.split_once("```vectors\n").unwrap();
    let (lines, _) = rest.split_once("```").unwrap();
    let pairs = lines.lines().map(|line| line.split_once(" = ").unwrap());
    pairs
        .map(|(name, text)| (name, hex_decode(text).unwrap()))
        .collect()
}

#[test]
fn derived_keys_are_as_the_page_says() {
    let known = vectors();
    let clinic = hex_decode("0195e3a07c1d7000800000000000c11c").unwrap();
    let unit = hex_decode("0195e3a07c1d70008000000000000417").unwrap();
    let version = 1_u32.to_be_bytes();
    let cases: [(&str, &str, &str, &[&[u8]]); 9] = [
        (
            "clinic_wrap_key",
            "root_key",
            "clerestory/root/clinic-key-wrap/1",
            &[],
        ),
        ("pin_pepper", "root_key", PEPPER_LABEL, &[]),
        (
            "platform_token_key",
            "root_key",
            "clerestory/root/platform-token/1",
            &[],
        ),
        (
            "log_key_wrap_key",
            "root_key",
            "clerestory/root/log-key-wrap/1",
            &[],
        ),
        (
            "unit_wrap_key",
            "clinic_key",
            "clerestory/clinic/unit-key-wrap/1",
            &[&clinic, &version],
        ),
        (
            "clinic_token_key",
            "token_secret",
            "clerestory/clinic/token/1",
            &[&clinic],
        ),
        (
            "seal_key",
            "unit_key",
            "clerestory/unit/seal/1",
            &[&clinic, &unit],
        ),
        (
            "key_commitment",
            "unit_key",
            "clerestory/unit/commit/1",
            &[&clinic, &unit],
        ),
        (
            "unit_token_key",
            "unit_key",
            "clerestory/unit/token/1",
            &[&clinic, &unit],
        ),
    ];
    for (name, from, label, context) in cases {
        let key = Secret::from_slice(&known[from]).unwrap();
        let derived = key.derivation().expand(label, context).unwrap();
        assert_eq!(hex(derived.bytes()), hex(&known[name]), "{name}");
    }
}

#[test]
fn the_pages_pepper_is_the_one_in_use() {
    assert_eq!(PEPPER_LABEL, "clerestory/root/pin-pepper/1");
}

#[test]
fn associated_data_is_as_the_page_says() {
    let known = vectors();
    let clinic = hex_decode("0195e3a07c1d7000800000000000c11c").unwrap();
    let unit = hex_decode("0195e3a07c1d70008000000000000417").unwrap();
    let parts: [&[u8]; 7] = [
        b"clerestory/envelope/1",
        &clinic,
        &unit,
        b"session_event",
        &known["row"],
        b"body",
        &[0, 1],
    ];
    assert_eq!(
        hex(&length_prefixed(&parts)),
        hex(&known["associated_data"])
    );
}
