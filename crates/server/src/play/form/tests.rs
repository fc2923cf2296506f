//! Forms as the pages send them, read and filled in.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::play::day::{Field, Given};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

const NURSE: &str = "0b7e0000-0000-4000-8000-000000000001";
const PRESCRIBER: &str = "0b7e0000-0000-4000-8000-000000000002";

/// As `templates/step.html` draws it.
const PAGE: &str = r##"<main><form id="other" action="/elsewhere"><input name="x" value="1"></form>
<form id="step-form" method="post" action="/floor/sessions/7/device" data-keep><div class="card stack">
<input type="hidden" name="key" value="k1"><input type="hidden" name="seen" value="4"><input type="hidden" name="watch" value="w9">
<div class="field"><label for="f-lot">Lot number</label><input type="text" id="f-lot" name="lot" value="" maxlength="8"></div>
<div class="field"><input type="date" id="f-expires" name="expires" value=""></div>
<fieldset><div class="choices scale"><label class="choice"><input type="radio" name="sprays" value="2" id="f-sprays-2"><span>2</span></label>
<label class="choice"><input type="radio" name="sprays" value="1"><span>1</span></label></div></fieldset>
<fieldset><label class="choice"><input type="checkbox" name="kinds" value="sedation"><span>Sedation</span></label>
<label class="choice"><input type="checkbox" name="kinds" value="dissociation"><span>Dissociation</span></label></fieldset>
<fieldset><label class="choice"><input type="radio" name="episode" value="9"><span>Dissociation since 10:20</span></label>
<label class="choice"><input type="radio" name="episode" value="11"><span>Sedation since 10:31</span></label></fieldset>
<textarea name="note" maxlength="2000">as it
was</textarea>
<fieldset id="f-when"><div class="choices pair"><label class="choice"><input type="radio" name="when" value="now" checked><span>Now</span></label>
<label class="choice"><input type="radio" name="when" value="other"><span>Another time</span></label></div>
<input type="time" step="1" name="when_time" value=""><input type="date" name="when_date" value="2026-03-02"></fieldset>
<input type="time" name="first_spray_time" value=""><input type="date" name="first_spray_date" value="2026-03-02">
<select name="taken_by"><option value="0b7e0000-0000-4000-8000-000000000001" selected>Mara Quillfeather, RN</option>
<option value="0b7e0000-0000-4000-8000-000000000002">Tobias Wrenfield, MD</option></select></div>
<section data-offer="already"><textarea name="already_reason"></textarea><button type="submit" name="basis" value="already">It was already given: save</button></section>
<button class="primary" type="submit">Device given</button></form></main>"##;

fn form() -> Form {
    Form::find(PAGE, "form#step-form").unwrap()
}

fn one(name: &str, value: &str) -> Field {
    Field {
        line: 12,
        name: name.to_owned(),
        given: Given::One(value.to_owned()),
    }
}

fn filled(fields: &[Field]) -> Result<BTreeMap<String, String>, String> {
    let people = BTreeMap::from([("tobias".to_owned(), "Tobias Wrenfield".to_owned())]);
    let entries = BTreeMap::from([("onset".to_owned(), 9)]);
    let now: Timestamp = "2026-03-03T06:02:10Z".parse().unwrap();
    let with = Filling {
        now: now.to_zoned(TimeZone::get("America/Chicago").unwrap()),
        people: &people,
        entries: &entries,
    };
    let mut form = form();
    form.fill(fields, &with)
        .map_err(|misfit| format!("{}: {}", misfit.line, misfit.sentence))?;
    let mut joined = BTreeMap::new();
    for (name, value) in form.pairs() {
        joined
            .entry(name)
            .and_modify(|all: &mut String| *all = format!("{all} {value}"))
            .or_insert(value);
    }
    Ok(joined)
}

#[test]
fn what_is_not_given_stays_as_the_page_has_it() {
    let sent = filled(&[]).unwrap();
    assert_eq!(sent["key"], "k1");
    assert_eq!((sent["seen"].as_str(), sent["watch"].as_str()), ("4", "w9"));
    assert_eq!(
        (
            sent["when"].as_str(),
            sent["when_time"].as_str(),
            sent["when_date"].as_str()
        ),
        ("now", "", "2026-03-02")
    );
    assert_eq!(
        (sent["taken_by"].as_str(), sent["note"].as_str()),
        (NURSE, "as it\nwas")
    );
    for unsent in ["sprays", "kinds", "episode", "basis", "x"] {
        assert!(!sent.contains_key(unsent), "{unsent}");
    }
    assert_eq!(form().action, "/floor/sessions/7/device");
    assert_eq!(form().button("basis").unwrap().1, "already");
}

#[test]
fn fields_are_filled_in() {
    let many = Field {
        line: 1,
        name: "kinds".to_owned(),
        given: Given::Many(vec!["dissociation".to_owned(), "Sedation".to_owned()]),
    };
    let sent = filled(&[
        one("lot", "7K3301"),
        one("expires", "2027-06-30"),
        one("sprays", "2"),
        many,
        one("note", "Ünder “observation”"),
        one("taken_by", "tobias"),
        one("episode", "@onset"),
    ])
    .unwrap();
    assert_eq!(
        (
            sent["lot"].as_str(),
            sent["expires"].as_str(),
            sent["sprays"].as_str()
        ),
        ("7K3301", "2027-06-30", "2")
    );
    assert_eq!(sent["kinds"], "sedation dissociation");
    assert_eq!(
        (sent["taken_by"].as_str(), sent["episode"].as_str()),
        (PRESCRIBER, "9")
    );
    assert_eq!(
        filled(&[one("kinds", "all")]).unwrap()["kinds"],
        "sedation dissociation"
    );
    assert_eq!(
        filled(&[one("episode", "sedation since")]).unwrap()["episode"],
        "11"
    );
    assert_eq!(
        filled(&[one("taken_by", "Tobias Wrenfield, MD")]).unwrap()["taken_by"],
        PRESCRIBER
    );
}

#[test]
fn another_time_is_chosen_with_its_time() {
    let sent = filled(&[one("when", "23:58:20"), one("first_spray", "23:57")]).unwrap();
    assert_eq!(
        (
            sent["when"].as_str(),
            sent["when_time"].as_str(),
            sent["when_date"].as_str()
        ),
        ("other", "23:58:20", "2026-03-02")
    );
    assert_eq!(sent["first_spray_time"], "23:57");
    // Ten past midnight, less ten minutes and eleven seconds: the evening before.
    let sent = filled(&[one("when", "-00:02:11")]).unwrap();
    assert_eq!(
        (sent["when_time"].as_str(), sent["when_date"].as_str()),
        ("23:59:59", "2026-03-02")
    );
    let sent = filled(&[one("when", "other"), one("when_time", "25:00")]).unwrap();
    assert_eq!(
        (sent["when"].as_str(), sent["when_time"].as_str()),
        ("other", "25:00")
    );
    assert_eq!(filled(&[one("when", "now")]).unwrap()["when"], "now");
}

#[test]
fn what_does_not_fit_is_named_with_its_line() {
    let list = Field {
        line: 3,
        name: "lot".to_owned(),
        given: Given::Many(vec![]),
    };
    let wrong = [
        (
            one("lott", "1"),
            "12: the form has no field `lott`; it has lot, expires, sprays",
        ),
        (
            one("sprays", "7"),
            "12: `sprays` does not offer \"7\"; it offers 2 (“2”), 1 (“1”)",
        ),
        (
            one("episode", "since"),
            "12: `episode` does not offer \"since\"",
        ),
        (
            one("episode", "@later"),
            "12: no step before has made an entry named \"later\"",
        ),
        (
            one("taken_by", "odile"),
            "it offers “Mara Quillfeather, RN”, “Tobias Wrenfield, MD”",
        ),
        (
            one("lot", "123456789"),
            "12: `lot` takes 8 characters, and here are 9",
        ),
        (
            one("seen", "9"),
            "12: `seen` is filled in by the page itself",
        ),
        (
            one("first_spray", "early"),
            "12: `first_spray` is a time such as",
        ),
        (
            one("when", "soon"),
            "12: `when` does not offer \"soon\"; it offers now (“Now”), other (“Another time”)",
        ),
        (list, "3: `lot` takes one value, and here is a list"),
    ];
    for (field, sentence) in wrong {
        let error = filled(std::slice::from_ref(&field)).unwrap_err();
        assert!(error.contains(sentence), "{error}");
    }
}

#[test]
fn an_export_is_found_by_what_it_sends() {
    let page = r#"<form method="post" action="/floor/sessions/7/exports"><input type="hidden" name="kind" value="pdf"><button>PDF</button></form>
        <form method="post" action="/floor/sessions/7/exports"><input type="hidden" name="kind" value="bundle"><button>Bundle</button></form>"#;
    let found = |kind: &str| Form::find_hidden(page, "/floor/sessions/7/exports", "kind", kind);
    assert_eq!(
        found("bundle").unwrap().pairs(),
        [("kind".to_owned(), "bundle".to_owned())]
    );
    assert!(found("csv").is_none());
}
