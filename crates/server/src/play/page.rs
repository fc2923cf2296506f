//! Reads what a page says became of a form: accepted, marked, or refused, in the page's own words.

use jiff::Timestamp;
use scraper::{ElementRef, Html, Selector};
use serde::Serialize;

use super::day::Outcome;

/// What a page says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) outcome: Outcome,
    /// What was saved; empty for a refusal.
    pub(crate) words: String,
    pub(crate) marks: Vec<MarkSaid>,
    pub(crate) refusal: Option<Refused>,
    pub(crate) possible_from: Option<Timestamp>,
}

/// A mark that a step brought.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct MarkSaid {
    pub(crate) kind: String,
    pub(crate) words: String,
}

/// Why a step was refused.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Refused {
    /// The rule's stable name; empty where the page names none (an answer that cannot be read, a page not found).
    pub(crate) kind: String,
    /// The page's sentence, or several.
    pub(crate) sentence: String,
    /// What is missing, line by line.
    pub(crate) missing: Vec<String>,
}

/// A selector of ours.
///
/// # Panics
/// Never: the selectors are written in this program, and each is used in a test.
fn selector(text: &'static str) -> Selector {
    Selector::parse(text).expect("a selector written here")
}

/// Every element of a selector within another, in the order of the page.
pub(crate) fn all<'a>(within: ElementRef<'a>, css: &'static str) -> Vec<ElementRef<'a>> {
    within.select(&selector(css)).collect()
}

/// The words of an element, with single blanks.
pub(crate) fn words(element: ElementRef<'_>) -> String {
    element
        .text()
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The first element of a selector.
pub(crate) fn first<'a>(html: &'a Html, text: &'static str) -> Option<ElementRef<'a>> {
    all(html.root_element(), text).first().copied()
}

/// What a page says became of a form; `None` when it says nothing of it.
pub(crate) fn said(html: &str) -> Option<Said> {
    let html = Html::parse_document(html);
    let boxes = all(html.root_element(), "[data-outcome]");
    let of = |outcome: &str| {
        boxes
            .iter()
            .copied()
            .filter(|own| own.attr("data-outcome") == Some(outcome))
            .collect::<Vec<_>>()
    };
    let refused = of("refused");
    if !refused.is_empty() {
        return Some(refused_said(&refused));
    }
    let (outcome, saved) = match (of("marked").first(), of("accepted").first()) {
        (Some(saved), _) => (Outcome::Marked, *saved),
        (None, Some(saved)) => (Outcome::Accepted, *saved),
        (None, None) => return None,
    };
    let marks = all(saved, "[data-mark]")
        .into_iter()
        .map(|mark| MarkSaid {
            kind: mark.attr("data-mark").unwrap_or_default().to_owned(),
            words: words(mark),
        })
        .collect();
    let words = all(saved, "strong")
        .first()
        .copied()
        .map(words)
        .unwrap_or_default();
    Some(Said {
        outcome,
        words,
        marks,
        refusal: None,
        possible_from: None,
    })
}

fn refused_said(boxes: &[ElementRef<'_>]) -> Said {
    let attr = |name: &str| {
        boxes
            .iter()
            .find_map(|own| own.attr(name))
            .unwrap_or_default()
    };
    let mut sentences: Vec<String> = Vec::new();
    let mut missing: Vec<String> = Vec::new();
    for own in boxes {
        let mut said: Vec<String> = all(*own, "[data-sentence]")
            .into_iter()
            .map(words)
            .collect();
        if said.is_empty() {
            // The page of a fault, or of a sign-in: what happened, and what to do next.
            said = all(*own, "p:not(.small), strong")
                .into_iter()
                .map(words)
                .filter(|words| !words.is_empty())
                .collect();
        }
        sentences.extend(said);
        let lines = all(*own, "li")
            .into_iter()
            .filter(|line| all(*line, "[data-sentence]").is_empty());
        missing.extend(lines.map(words));
    }
    Said {
        outcome: Outcome::Refused,
        words: String::new(),
        marks: Vec::new(),
        refusal: Some(Refused {
            kind: attr("data-refusal").to_owned(),
            sentence: sentences.join(" "),
            missing,
        }),
        possible_from: attr("data-possible-from").parse().ok(),
    }
}

/// Whether the page shows the form again because somebody else recorded something in between.
pub(crate) fn is_stale(html: &str) -> bool {
    first(&Html::parse_document(html), "[data-outcome=\"stale\"]").is_some()
}

/// What the demo's own page shows: today's clinic code, and where the clock stands.
pub(crate) fn demo(html: &str) -> Option<(String, Timestamp)> {
    let html = Html::parse_document(html);
    let code = first(&html, "[data-code]").map(words)?;
    let now = first(&html, "time[data-now]")
        .and_then(|time| time.attr("datetime"))?
        .parse()
        .ok()?;
    Some((code, now))
}

/// An entry that can be corrected, as the page lists it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EntryLink {
    pub(crate) href: String,
    /// Its time and title.
    pub(crate) label: String,
    /// All words of its line.
    pub(crate) words: String,
}

/// The entries that a correction offers.
pub(crate) fn entry_links(html: &str) -> Vec<EntryLink> {
    let html = Html::parse_document(html);
    all(html.root_element(), "main a[href*=\"?corrects=\"]")
        .into_iter()
        .map(|link| {
            // Label and note stand in elements of their own, with no blank between them.
            let parts: Vec<&str> = link
                .text()
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect();
            EntryLink {
                href: link.attr("href").unwrap_or_default().to_owned(),
                label: parts.first().copied().unwrap_or_default().to_owned(),
                words: parts.join(" "),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn saved_and_marked() {
        let page = r#"<main><div class="note good" data-outcome="accepted"><div><strong>Saved: Vitals, 09:02:10</strong></div></div></main>"#;
        let saved = said(page).unwrap();
        assert_eq!(
            (saved.outcome, saved.words.as_str()),
            (Outcome::Accepted, "Saved: Vitals, 09:02:10")
        );
        let page = r#"<div data-outcome="marked"><div><strong>Saved: Device, 09:06:20</strong><p>It stands out:</p>
            <ul><li data-mark="rest_short">The rest was
              4:10.</li></ul></div></div>"#;
        let marked = said(page).unwrap();
        assert_eq!(marked.outcome, Outcome::Marked);
        assert_eq!(
            marked.marks,
            [MarkSaid {
                kind: "rest_short".to_owned(),
                words: "The rest was 4:10.".to_owned()
            }]
        );
        assert_eq!(
            said("<main><p data-outcome-of=\"x\">Nothing</p></main>"),
            None
        );
    }

    #[test]
    fn refused_by_a_rule() {
        let page = r#"<div data-outcome="refused" data-refusal="lacks" data-possible-from="2026-03-02T15:07:10Z"><div>
            <h2>Not saved</h2><p data-sentence>The device cannot be given yet.</p><ul><li>The rest lasts until 09:07:10.</li></ul>
            <p><strong>Possible from 09:07:10</strong></p></div></div>"#;
        let refused = said(page).unwrap();
        assert_eq!(refused.outcome, Outcome::Refused);
        assert_eq!(
            refused.possible_from.unwrap().to_string(),
            "2026-03-02T15:07:10Z"
        );
        assert_eq!(
            refused.refusal.unwrap(),
            Refused {
                kind: "lacks".to_owned(),
                sentence: "The device cannot be given yet.".to_owned(),
                missing: vec!["The rest lasts until 09:07:10.".to_owned()],
            }
        );
    }

    #[test]
    fn answers_that_cannot_be_read_and_pages_that_are_not_found() {
        let page = r##"<div data-outcome="refused"><div><h2>Not saved: please look at 2 answers</h2><ul>
            <li><a href="#f-pulse" data-sentence>Pulse has to be a whole number, in digits only.</a></li>
            <li><a href="#f-spo2" data-sentence>SpO₂ has to be a whole number, in digits only.</a></li></ul></div></div>"##;
        let refusal = said(page).unwrap().refusal.unwrap();
        assert_eq!(
            refusal.sentence,
            "Pulse has to be a whole number, in digits only. SpO₂ has to be a whole number, in digits only."
        );
        assert!(refusal.missing.is_empty() && refusal.kind.is_empty());
        let page = r#"<div class="card" data-outcome="refused"><h1>Not found</h1><p>There is nothing here.</p><p>Go to the floor.</p>
            <p class="quiet small">Reference 1</p></div>"#;
        assert_eq!(
            said(page).unwrap().refusal.unwrap().sentence,
            "There is nothing here. Go to the floor."
        );
    }

    #[test]
    fn the_demos_page_and_the_entries_to_correct() {
        let page = r#"<p class="code" data-code>QRST-2345</p><p><time data-now datetime="2026-03-02T13:00:00Z">x</time></p>"#;
        let (code, now) = demo(page).unwrap();
        assert_eq!(
            (code.as_str(), now.to_string().as_str()),
            ("QRST-2345", "2026-03-02T13:00:00Z")
        );
        assert_eq!(demo("<p>Not found</p>"), None);
        let page = r#"<main><a href="/floor/sessions/1/steps/correction?corrects=4"><span>09:02 Vitals<span class="step-note">128/82</span></span></a></main>"#;
        let link = EntryLink {
            href: "/floor/sessions/1/steps/correction?corrects=4".to_owned(),
            label: "09:02 Vitals".to_owned(),
            words: "09:02 Vitals 128/82".to_owned(),
        };
        assert_eq!(entry_links(page), [link]);
        assert!(is_stale(r#"<div data-outcome="stale"></div>"#) && !is_stale(page));
    }
}
