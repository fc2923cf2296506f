//! A session's state as its two pages show it: the floor's page and the record.
//!
//! Invariant: read from what people see; nothing is worked out here.

use scraper::{ElementRef, Html};
use serde::Serialize;

use super::page::{all, first, words};

/// A session as its pages show it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SessionState {
    /// The file's name of it.
    pub(crate) session: String,
    /// The id in its address.
    pub(crate) id: String,
    pub(crate) patient: String,
    /// The phase's stable name.
    pub(crate) phase: String,
    /// How many entries it has.
    pub(crate) version: u32,
    /// What comes next; empty when nothing does.
    pub(crate) next: String,
    pub(crate) due: Vec<String>,
    pub(crate) clocks: Vec<ClockShown>,
    pub(crate) dose: String,
    /// The record's summary, label and value.
    pub(crate) summary: Vec<(String, String)>,
    pub(crate) notices: Vec<NoticeShown>,
    pub(crate) vitals: Vec<ReadingShown>,
    pub(crate) devices: Vec<DeviceShown>,
    pub(crate) marks: Vec<MarkShown>,
    /// Oldest first.
    pub(crate) timeline: Vec<EntryShown>,
}

/// A clock of the floor's page.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ClockShown {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) hint: String,
}

/// A box that asks for attention.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct NoticeShown {
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) lines: Vec<String>,
}

/// A row of the record's vitals.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ReadingShown {
    pub(crate) at: String,
    pub(crate) pressure: String,
    pub(crate) pulse: String,
    pub(crate) spo2: String,
    pub(crate) respiration: String,
    pub(crate) moaas: String,
    pub(crate) by: String,
}

/// A row of the record's devices.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DeviceShown {
    pub(crate) number: String,
    pub(crate) first_spray: String,
    pub(crate) last_spray: String,
    pub(crate) lot: String,
    pub(crate) expires: String,
    pub(crate) dose: String,
}

/// What stands out on the record.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct MarkShown {
    pub(crate) kind: String,
    pub(crate) words: String,
    pub(crate) deviation: bool,
}

/// An entry of the day.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct EntryShown {
    pub(crate) number: u32,
    pub(crate) kind: String,
    /// RFC 3339.
    pub(crate) at: String,
    pub(crate) what: String,
    pub(crate) details: Vec<String>,
    pub(crate) by: String,
    pub(crate) marks: Vec<String>,
    /// A correction stands beside it.
    pub(crate) corrected: bool,
}

/// Reads the state from the session's page and its record; `None` when one of them is another page.
pub(crate) fn read(session: &str, id: &str, floor: &str, record: &str) -> Option<SessionState> {
    let floor = Html::parse_document(floor);
    let record = Html::parse_document(record);
    let main = first(&record, "main[data-page=\"record\"][data-phase]")?;
    first(&floor, "main[data-session][data-phase]")?;
    let attr = |name: &str| main.attr(name).unwrap_or_default();
    let summary = summary(&record);
    let value = |label: &str| {
        summary
            .iter()
            .find(|pair| pair.0 == label)
            .map(|pair| pair.1.clone())
            .unwrap_or_default()
    };
    Some(SessionState {
        session: session.to_owned(),
        id: id.to_owned(),
        patient: value("Patient"),
        phase: attr("data-phase").to_owned(),
        version: attr("data-version").parse().ok()?,
        next: first(&floor, ".next .what").map(words).unwrap_or_default(),
        due: all(floor.root_element(), ".dues li")
            .into_iter()
            .map(words)
            .collect(),
        clocks: clocks(&floor),
        dose: value("Dose"),
        notices: notices(&floor),
        vitals: rows(&record, "section[aria-labelledby=\"readings\"] tbody tr")
            .into_iter()
            .map(reading)
            .collect(),
        devices: rows(&record, "section[aria-labelledby=\"devices\"] tbody tr")
            .into_iter()
            .map(device)
            .collect(),
        marks: marks(&record),
        timeline: all(record.root_element(), ".timeline li[data-event]")
            .into_iter()
            .map(entry)
            .collect(),
        summary,
    })
}

fn summary(record: &Html) -> Vec<(String, String)> {
    let labels = all(
        record.root_element(),
        "section[aria-labelledby=\"summary\"] dt",
    )
    .into_iter()
    .map(words);
    labels
        .zip(
            all(
                record.root_element(),
                "section[aria-labelledby=\"summary\"] dd",
            )
            .into_iter()
            .map(words),
        )
        .collect()
}

fn part(element: ElementRef<'_>, css: &'static str) -> String {
    all(element, css)
        .first()
        .copied()
        .map(words)
        .unwrap_or_default()
}

fn clocks(floor: &Html) -> Vec<ClockShown> {
    all(floor.root_element(), ".clocks .clock")
        .into_iter()
        .map(|clock| ClockShown {
            label: part(clock, "dt"),
            value: part(clock, ".clock-value"),
            hint: part(clock, ".hint"),
        })
        .collect()
}

fn notices(floor: &Html) -> Vec<NoticeShown> {
    all(floor.root_element(), "[data-notice]")
        .into_iter()
        .map(|notice| NoticeShown {
            kind: notice.attr("data-notice").unwrap_or_default().to_owned(),
            title: part(notice, "strong"),
            lines: all(notice, "li").into_iter().map(words).collect(),
        })
        .collect()
}

/// The cells of each row, its head first.
fn rows(record: &Html, css: &'static str) -> Vec<Vec<String>> {
    all(record.root_element(), css)
        .into_iter()
        .map(|row| all(row, "th, td").into_iter().map(words).collect())
        .collect()
}

fn reading(cells: Vec<String>) -> ReadingShown {
    let mut cells = cells.into_iter();
    let mut next = || cells.next().unwrap_or_default();
    ReadingShown {
        at: next(),
        pressure: next(),
        pulse: next(),
        spo2: next(),
        respiration: next(),
        moaas: next(),
        by: next(),
    }
}

fn device(cells: Vec<String>) -> DeviceShown {
    let mut cells = cells.into_iter();
    let mut next = || cells.next().unwrap_or_default();
    DeviceShown {
        number: next(),
        first_spray: next(),
        last_spray: next(),
        lot: next(),
        expires: next(),
        dose: next(),
    }
}

fn marks(record: &Html) -> Vec<MarkShown> {
    all(
        record.root_element(),
        "section[aria-labelledby=\"marks\"] [data-mark]",
    )
    .into_iter()
    .map(|mark| MarkShown {
        kind: mark.attr("data-mark").unwrap_or_default().to_owned(),
        words: part(mark, ".chip"),
        deviation: all(mark, ".small")
            .into_iter()
            .any(|small| words(small) == "deviation"),
    })
    .collect()
}

fn entry(line: ElementRef<'_>) -> EntryShown {
    let attr = |name: &str| line.attr(name).unwrap_or_default();
    EntryShown {
        number: attr("data-event").parse().unwrap_or_default(),
        kind: attr("data-kind").to_owned(),
        at: all(line, "time")
            .first()
            .and_then(|time| time.attr("datetime"))
            .unwrap_or_default()
            .to_owned(),
        what: part(line, ".what"),
        details: all(line, ".details > span, .details > li")
            .into_iter()
            .map(words)
            .collect(),
        by: part(line, ".by"),
        marks: all(line, "[data-mark]").into_iter().map(words).collect(),
        corrected: line.value().classes().any(|class| class == "struck"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const FLOOR: &str = r#"<main data-page="session" data-session="7" data-phase="monitoring" data-version="9">
<section class="card next"><p class="lead">Next</p><p class="what"><svg></svg><span>Blood pressure at 40 minutes</span></p>
<ul class="dues"><li><span>Last pressure</span> <time>11:07</time></li></ul></section>
<dl class="clocks"><div class="clock"><dt>Since first device</dt><dd><span class="clock-value">31:10</span></dd><dd class="hint">at 09:02:10</dd></div></dl>
<div class="note" data-notice="before-discharge"><div><strong>Before discharge</strong><ul><li>The readiness judgment.</li></ul></div></div></main>"#;

    const RECORD: &str = r#"<main data-page="record" data-session="7" data-phase="monitoring" data-version="9">
<section aria-labelledby="summary"><dl class="pairs"><dt>Patient</dt><dd>Adalyn J Brookhollow</dd><dt>Dose</dt><dd>56 mg of 56 mg, 4 sprays</dd></dl></section>
<section aria-labelledby="marks"><ul><li data-mark="rest_short"><span class="chip warn">The rest was 4:10</span><span class="small quiet">deviation</span></li>
<li data-mark="late_entry"><span class="chip warn">Entered late</span></li></ul></section>
<section aria-labelledby="readings"><table><thead><tr><th>Time</th></tr></thead><tbody><tr><th>08:40</th><td>128/82</td><td>72</td><td>98</td><td></td><td>5</td><td>Mara Quillfeather, RN</td></tr></tbody></table></section>
<section aria-labelledby="devices"><table><tbody><tr><th>1</th><td>09:02:10</td><td>09:02:10</td><td>7K3301</td><td>30 June 2027</td><td>28 mg</td></tr></tbody></table></section>
<ol class="timeline"><li id="event-4" data-event="4" data-kind="device_given" class="struck"><time datetime="2026-03-02T15:02:10Z">09:02</time>
<div><span class="what">Device 1</span><div class="details"><span>lot 7K3301</span><span>28 mg</span></div>
<div class="marks"><span class="chip warn" data-mark="rest_short">The rest was 4:10</span></div><div class="by">Mara Quillfeather, RN</div></div></li></ol></main>"#;

    #[test]
    fn the_state_is_read_from_both_pages() {
        let state = read("a", "7", FLOOR, RECORD).unwrap();
        assert_eq!(
            (state.phase.as_str(), state.version, state.patient.as_str()),
            ("monitoring", 9, "Adalyn J Brookhollow")
        );
        assert_eq!(state.next, "Blood pressure at 40 minutes");
        assert_eq!(state.due, ["Last pressure 11:07"]);
        assert_eq!(
            (
                state.clocks[0].value.as_str(),
                state.clocks[0].hint.as_str()
            ),
            ("31:10", "at 09:02:10")
        );
        assert_eq!(state.dose, "56 mg of 56 mg, 4 sprays");
        assert_eq!(state.notices[0].lines, ["The readiness judgment."]);
        assert_eq!(
            (
                state.vitals[0].pressure.as_str(),
                state.vitals[0].respiration.as_str(),
                state.vitals[0].moaas.as_str()
            ),
            ("128/82", "", "5")
        );
        assert_eq!(
            (
                state.devices[0].lot.as_str(),
                state.devices[0].dose.as_str()
            ),
            ("7K3301", "28 mg")
        );
        assert_eq!(
            state
                .marks
                .iter()
                .map(|mark| mark.deviation)
                .collect::<Vec<_>>(),
            [true, false]
        );
        let entry = &state.timeline[0];
        assert_eq!(
            (entry.number, entry.kind.as_str(), entry.corrected),
            (4, "device_given", true)
        );
        assert_eq!(entry.details, ["lot 7K3301", "28 mg"]);
        assert_eq!(entry.marks, ["The rest was 4:10"]);
        assert!(read("a", "7", FLOOR, "<main data-page=\"fault\"></main>").is_none());
    }
}
