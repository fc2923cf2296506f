//! Prints whole records and reads the pages again.
#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::Value;
use typst::layout::Point;
use typst_layout::{Page, PagedDocument};

use crate::print::{data_print, document_lay, frame_visit, generated_timestamp, record_data};
use crate::sample::record_sample;
use crate::{
    EVENTS_MAX, PressError, RecordPrint, TEXT_BYTES_MAX, TEXT_BYTES_TOTAL_MAX, record_pdf,
};

const HOSTILE: [&str; 22] = [
    "",
    " ",
    "\n\n\n",
    "#import \"/etc/passwd\" #panic() #sys.inputs",
    "*bold* _it_ `raw` $x^2$ <label> @ref = Heading // gone /* gone */ -- ---",
    "\\ \\u{41} \\\" \" ' “quoted” {code} [content] ~ -?",
    "= Heading\n- list\n+ enum\n/ term: x\n#let x = 1",
    "https://example.invalid/a/very/long/address?with=many&parts=%20%00",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "\u{1F600}\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} \u{2764}\u{FE0F} \u{1F1FA}\u{1F1F8}",
    "漢字かな한국어",
    "עברית العربية mixed 123 עם",
    "\u{202E}desrever\u{202C} \u{2066}isolate",
    "\u{0}\u{1}\u{7}\u{1B}[31m\u{7F}\u{85}\u{9F}",
    "e\u{301}e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306} x\u{489} \u{301}alone",
    "\u{E000}\u{F8FF}\u{FFFD}\u{FFFE}\u{10FFFF}\u{FEFF}",
    "देवनागरी தமிழ் ไทย ქართული հայերեն ᠮᠣᠩᠭᠣᠯ",
    "a\u{AD}b\u{200B}c\u{2060}d\u{A0}e\u{2007}f\u{3000}g",
    "ﬁ ﬀ ½ ² ₂ ™ ≤ ≥ ± µ Ω ℞ ☐ ☑ → ⟨x⟩",
    "𝒳 𝔉𝔯𝔞𝔨 \u{1D165}\u{E0041}",
    "{\"json\":\"\\u0000\"}",
    "\u{1100}\u{1161}\u{11A8} \u{0F40}\u{0F90}",
];

fn document_of(record: &RecordPrint) -> PagedDocument {
    document_lay(&record_data(record).unwrap()).unwrap()
}

/// A page's text in the order in which it was laid out, without spaces and places for line breaks.
fn page_text(page: &Page) -> String {
    let mut text = String::new();
    frame_visit(&page.frame, Point::zero(), &mut |_place, item| {
        text.push_str(&item.text)
    });
    squeezed(&text)
}

fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{200B}')
        .collect()
}

fn pages_text(record: &RecordPrint) -> Vec<String> {
    document_of(record).pages().iter().map(page_text).collect()
}

fn texts_of<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts_of(item, out)),
        Value::Object(fields) => fields.values().for_each(|field| texts_of(field, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn texts_replace(value: &mut Value, text: &str) {
    match value {
        Value::String(old) => text.clone_into(old),
        Value::Array(items) => items.iter_mut().for_each(|item| texts_replace(item, text)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| texts_replace(field, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn vitals_many(record: &mut RecordPrint, count: usize) {
    let mut vitals = Vec::new();
    while vitals.len() < count {
        vitals.extend(record_sample().vitals);
    }
    vitals.truncate(count);
    record.vitals = vitals;
}

#[test]
fn all_that_a_record_says_stands_on_its_pages() {
    let record = record_sample();
    let pages = pages_text(&record);
    assert!((2..=4).contains(&pages.len()), "{} pages", pages.len());
    let whole = pages.concat();
    let mut data = record_data(&record).unwrap();
    // The one is in the PDF's id alone, the other is read to those who cannot see the plot.
    data["reference"] = Value::Null;
    data["plot"]["description"] = Value::Null;
    let mut texts = Vec::new();
    texts_of(&data, &mut texts);
    assert!(texts.len() > 300);
    for text in texts {
        assert!(whole.contains(&squeezed(text)), "not printed: {text}");
    }
    for event in &record.events {
        let entry = format!("{}/{}", event.entry_generation, event.entry_index);
        assert!(whole.contains(&entry), "no log entry {entry}");
    }
    for point in &record.plot.as_ref().unwrap().readings {
        assert!(whole.contains(&point.systolic.to_string()));
    }
}

#[test]
fn each_page_names_patient_date_page_and_notice() {
    let mut record = record_sample();
    for demo in [true, false] {
        record.demo = demo;
        let pages = pages_text(&record);
        for (index, page) in pages.iter().enumerate() {
            assert!(
                page.contains(&format!("Page{}of{}", index + 1, pages.len())),
                "{page}"
            );
            assert!(page.contains("MaraQuillfeather14March2026"), "{page}");
            assert!(page.contains("42CFRpart2prohibits"), "{page}");
            assert_eq!(page.contains("DEMO:made-uppatient"), demo, "{page}");
        }
    }
}

#[test]
fn a_long_name_is_shortened_in_the_header_and_whole_on_the_first_page() {
    let mut record = record_sample();
    record.patient.name = "Wilhelmina-Theodora Quillfeather ".repeat(6);
    record.session.date = "Saturday, 14 March 2026, over midnight ".repeat(4);
    let document = document_of(&record);
    assert!(page_text(&document.pages()[0]).contains(&squeezed(&record.patient.name)));
    for page in document.pages() {
        let mut last_x = 0.0;
        frame_visit(&page.frame, Point::zero(), &mut |place, item| {
            assert!(
                place.y.to_pt() > 36.0,
                "above the header's line: {}",
                item.text
            );
            if place.y.to_pt() < 54.0 {
                assert!(
                    place.x.to_pt() >= last_x,
                    "over its neighbour: {}",
                    item.text
                );
                last_x = (place.x + item.width()).to_pt();
            }
        });
        assert!(page_text(page).contains('…'));
    }
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    let first = record_pdf(&record_sample()).unwrap();
    let second = std::thread::spawn(|| record_pdf(&record_sample()).unwrap())
        .join()
        .unwrap();
    assert!(first == second);
}

#[test]
fn the_file_is_tagged_pdf_a_and_knows_no_machine() {
    let pdf = record_pdf(&record_sample()).unwrap();
    let has = |words: &str| {
        pdf.windows(words.len())
            .any(|window| window == words.as_bytes())
    };
    assert!(pdf.starts_with(b"%PDF-1.7"));
    assert!(
        has("<pdfaid:part>2</pdfaid:part>") && has("<pdfaid:conformance>A</pdfaid:conformance>")
    );
    assert!(has("/MarkInfo") && has("/StructTreeRoot"));
    assert!(
        has("2026-03-14T17:41:09"),
        "the time of printing is the one handed in"
    );
    assert!(
        !has(env!("CARGO_MANIFEST_DIR")) && !has("/root/") && !has("/home/") && !has("record.typ")
    );
}

#[test]
fn hostile_text_prints_as_text() {
    let record = record_sample();
    let timestamp = generated_timestamp(&record.generated).unwrap();
    let mut data = record_data(&record).unwrap();
    for text in HOSTILE {
        texts_replace(&mut data, text);
        assert!(data_print(&data, text, timestamp).is_ok(), "{text:?}");
    }
}

#[test]
fn markup_is_never_evaluated() {
    let mut record = record_sample();
    let text = "#panic(\"x\") *a* $b$ \\c \"d\" 'e' <f> @g // h /* i */ ~j --- [k] {l}";
    record.addenda[0].text = text.into();
    record.patient.name = text.into();
    record.checklist[0].item = text.into();
    let whole = pages_text(&record).concat();
    assert!(whole.matches(&squeezed(text)).count() >= 3);
}

#[test]
fn a_character_without_a_glyph_is_named() {
    let mut record = record_sample();
    record.patient.name = "Mara 漢 \u{202E}Q".into();
    record.addenda[0].text = "x\u{0}y".into();
    let whole = pages_text(&record).concat();
    assert!(whole.contains("Mara⟨U+6F22⟩⟨U+202E⟩Q"), "{whole}");
    assert!(whole.contains("x⟨U+0000⟩y"), "{whole}");
}

#[test]
fn what_was_not_recorded_is_said() {
    let mut record = record_sample();
    record.marks.clear();
    record.adverse_events.clear();
    record.medicines.clear();
    let whole = pages_text(&record).concat();
    for words in [
        "Deviationsandwhatstandsout:nonerecorded",
        "Adverseevents:nonerecorded",
        "Medicinesgiven:nonerecorded",
    ] {
        assert!(whole.contains(words), "{words}");
    }
    assert!(!whole.contains("Corrections:nonerecorded"));
}

#[test]
fn an_empty_session_prints() {
    let mut data = record_data(&record_sample()).unwrap();
    for field in data.as_object_mut().unwrap().values_mut() {
        if let Value::Array(items) = field {
            items.clear();
        }
    }
    texts_replace(&mut data, "");
    data["plot"] = Value::Null;
    let document = document_lay(&data).unwrap();
    assert_eq!(document.pages().len(), 1);
    assert!(page_text(&document.pages()[0]).contains("Nothingrecorded"));
}

#[test]
fn a_long_table_repeats_its_head() {
    let mut record = record_sample();
    vitals_many(&mut record, 400);
    let pages = pages_text(&record);
    assert!((8..=16).contains(&pages.len()), "{} pages", pages.len());
    let with_head = pages
        .iter()
        .filter(|page| page.contains("MOAA/STakenbyMark"))
        .count();
    assert!(
        with_head >= pages.len() - 4,
        "{with_head} of {}",
        pages.len()
    );
    record_pdf(&record).unwrap();
}

/// Whatever the table's length, no page ends with a heading or with a table's head alone.
#[test]
fn no_heading_stands_alone_at_the_end_of_a_page() {
    for count in (0..44).step_by(4) {
        let mut record = record_sample();
        vitals_many(&mut record, count);
        for (index, page) in document_of(&record).pages().iter().enumerate() {
            let mut last = (0.0, 0.0, String::new());
            frame_visit(&page.frame, Point::zero(), &mut |place, item| {
                let y = place.y.to_pt();
                // The footer begins 64 pt above the lower edge.
                if y < 792.0 - 64.0 && y > last.0 {
                    last = (y, item.size.to_pt(), item.text.to_string());
                }
            });
            let heads = [7.3, 11.0, 19.0];
            assert!(
                !heads.iter().any(|size| (size - last.1).abs() < 0.01),
                "{count} rows, page {index}: {last:?}"
            );
        }
    }
}

#[test]
fn a_text_of_many_pages_is_not_cut_off() {
    let mut record = record_sample();
    let lines: Vec<String> = (0..700).map(|line| format!("line{line}end")).collect();
    record.addenda[0].text = lines.join("\n");
    record.checklist[0].note = lines.join("\n");
    let document = document_of(&record);
    let mut shown = String::new();
    for page in document.pages() {
        frame_visit(&page.frame, Point::zero(), &mut |place, item| {
            assert!(place.y.to_pt() < 792.0, "below the sheet: {}", item.text);
            shown.push_str(&item.text);
        });
    }
    let shown = squeezed(&shown);
    for line in &lines {
        assert!(
            shown.matches(line.as_str()).count() >= 2,
            "{line} is missing"
        );
    }
}

#[test]
fn a_record_over_its_limits_is_refused() {
    let mut record = record_sample();
    while record.events.len() <= EVENTS_MAX {
        record.events.extend(record_sample().events);
    }
    let count = record.events.len();
    let refusal = record_pdf(&record).unwrap_err();
    assert!(
        matches!(refusal, PressError::TooMany { what: "events", count: found, max: EVENTS_MAX } if found == count)
    );

    let mut record = record_sample();
    record.addenda[0].text = "x".repeat(TEXT_BYTES_MAX + 1);
    assert!(matches!(
        record_pdf(&record),
        Err(PressError::TextTooLong {
            max: TEXT_BYTES_MAX,
            ..
        })
    ));

    let mut record = record_sample();
    while record.events.len() < TEXT_BYTES_TOTAL_MAX / TEXT_BYTES_MAX + 1 {
        record.events.extend(record_sample().events);
    }
    record
        .events
        .iter_mut()
        .for_each(|event| event.what = "x".repeat(TEXT_BYTES_MAX));
    assert!(matches!(
        record_pdf(&record),
        Err(PressError::RecordTooLong {
            max: TEXT_BYTES_TOTAL_MAX,
            ..
        })
    ));
}

#[test]
fn a_time_of_printing_that_is_no_date_is_refused() {
    let mut record = record_sample();
    record.generated.month = 13;
    assert!(matches!(
        record_pdf(&record),
        Err(PressError::GeneratedTime)
    ));
    record.generated.month = 3;
    record.generated.year = 0;
    assert!(matches!(
        record_pdf(&record),
        Err(PressError::GeneratedTime)
    ));
}
