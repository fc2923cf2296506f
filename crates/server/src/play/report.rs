//! Says what became of each step: for people, or a line of JSON each.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::day::{DayFile, Outcome};
use super::page::{MarkSaid, Refused, Said};
use super::state::SessionState;
use crate::screen::say;

/// What became of a plan or a step.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) said: Said,
    /// The file that an export has written.
    pub(crate) file: Option<PathBuf>,
    /// The page does not offer what the file asks for.
    pub(crate) misfit: bool,
}

impl Done {
    /// What a page said.
    pub(crate) fn page(said: Said) -> Self {
        Self {
            said,
            file: None,
            misfit: false,
        }
    }

    /// Done, with no page that would say so.
    pub(crate) fn plain(words: String) -> Self {
        Self::page(Said {
            outcome: Outcome::Accepted,
            words,
            marks: Vec::new(),
            refusal: None,
            possible_from: None,
        })
    }

    /// The page does not offer it, so that nothing was sent.
    pub(crate) fn misfit(sentence: String) -> Self {
        let refusal = Refused {
            kind: "not_offered".to_owned(),
            sentence,
            missing: Vec::new(),
        };
        let said = Said {
            outcome: Outcome::Refused,
            words: String::new(),
            marks: Vec::new(),
            refusal: Some(refusal),
            possible_from: None,
        };
        Self {
            said,
            file: None,
            misfit: true,
        }
    }

    /// Whether it is what the file expects. What the page does not offer is a mistake, unless a refusal is expected.
    pub(crate) fn is_expected(&self, expect: Option<Outcome>) -> bool {
        match expect {
            Some(expected) => expected == self.said.outcome,
            None => !self.misfit,
        }
    }
}

/// Which plan or step it was.
pub(crate) struct Doing<'a> {
    /// The step's number in the file; 0 for a plan.
    pub(crate) step: usize,
    pub(crate) line: usize,
    pub(crate) at: Timestamp,
    pub(crate) by: Option<&'a str>,
    pub(crate) session: Option<&'a str>,
    pub(crate) word: &'a str,
    pub(crate) expect: Option<Outcome>,
}

#[derive(Serialize)]
struct StepLine<'a> {
    step: usize,
    line: usize,
    at: String,
    by: Option<&'a str>,
    session: Option<&'a str>,
    #[serde(rename = "do")]
    word: &'a str,
    outcome: Outcome,
    words: &'a str,
    marks: &'a [MarkSaid],
    refusal: Option<&'a Refused>,
    possible_from: Option<String>,
    file: Option<String>,
    expected: Option<Outcome>,
    as_expected: bool,
}

/// Counts, and prints as it goes.
pub(crate) struct Report<'a> {
    file: &'a DayFile,
    json: bool,
    counts: [usize; 3],
    pub(crate) unexpected: usize,
}

impl<'a> Report<'a> {
    /// A report about a file.
    pub(crate) fn new(file: &'a DayFile, json: bool) -> Self {
        Self {
            file,
            json,
            counts: [0; 3],
            unexpected: 0,
        }
    }

    /// Before the first step.
    pub(crate) fn begin(&self, day: jiff::civil::Date, address: &str) {
        if !self.json {
            say(&format!(
                "Playing {} on {} at {address}, as phones would.",
                self.file.file,
                day.strftime("%A, %F")
            ));
        }
    }

    /// After each plan and step.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub(crate) fn done(&mut self, doing: &Doing<'_>, done: &Done) -> anyhow::Result<()> {
        let as_expected = done.is_expected(doing.expect);
        self.unexpected += usize::from(!as_expected);
        let [accepted, marked, refused] = &mut self.counts;
        *match done.said.outcome {
            Outcome::Accepted => accepted,
            Outcome::Marked => marked,
            Outcome::Refused => refused,
        } += 1;
        if self.json {
            say(&serde_json::to_string(&step_line(
                doing,
                done,
                as_expected,
            ))?);
        } else {
            step_lines(doing, done, as_expected, &self.file.zone)
                .iter()
                .for_each(|line| say(line));
        }
        Ok(())
    }

    /// At the end, for each session.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub(crate) fn state(&self, state: &SessionState) -> anyhow::Result<()> {
        if self.json {
            say(&serde_json::to_string(state)?);
            return Ok(());
        }
        say(&format!(
            "Session {}: {}, {}. {}.",
            state.session,
            state.patient,
            state.phase.replace('_', " "),
            state.dose
        ));
        for clock in &state.clocks {
            say(&format!(
                "    {} {} ({})",
                clock.label, clock.value, clock.hint
            ));
        }
        for reading in &state.vitals {
            let shown = [
                ("", &reading.pressure),
                ("pulse ", &reading.pulse),
                ("SpO₂ ", &reading.spo2),
                ("respiration ", &reading.respiration),
                ("MOAA/S ", &reading.moaas),
            ];
            let shown: Vec<String> = shown
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(label, value)| format!("{label}{value}"))
                .collect();
            say(&format!("    {}  {}", reading.at, shown.join(", ")));
        }
        for mark in &state.marks {
            say(&format!(
                "    stands out: {}{}",
                mark.words,
                if mark.deviation { " (deviation)" } else { "" }
            ));
        }
        Ok(())
    }

    /// After everything.
    pub(crate) fn end(&self) {
        if self.json {
            return;
        }
        let [accepted, marked, refused] = self.counts;
        let expected = match self.unexpected {
            0 => "all as the file expects".to_owned(),
            1 => "1 not as the file expects".to_owned(),
            many => format!("{many} not as the file expects"),
        };
        say(&format!(
            "{accepted} accepted, {marked} marked, {refused} refused; {expected}."
        ));
    }
}

fn step_line<'a>(doing: &'a Doing<'_>, done: &'a Done, as_expected: bool) -> StepLine<'a> {
    StepLine {
        step: doing.step,
        line: doing.line,
        at: doing.at.to_string(),
        by: doing.by,
        session: doing.session,
        word: doing.word,
        outcome: done.said.outcome,
        words: &done.said.words,
        marks: &done.said.marks,
        refusal: done.said.refusal.as_ref(),
        possible_from: done.said.possible_from.map(|from| from.to_string()),
        file: done.file.as_ref().map(|file| file.display().to_string()),
        expected: doing.expect,
        as_expected,
    }
}

/// What stands under a step begins under its outcome.
const INDENT: usize = 45;

fn step_lines(doing: &Doing<'_>, done: &Done, as_expected: bool, zone: &TimeZone) -> Vec<String> {
    let clock = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%T").to_string();
    let head = format!(
        "{}  {:<8} {:<5} {:<20}{}",
        clock(doing.at),
        doing.by.unwrap_or_default(),
        doing.session.unwrap_or_default(),
        doing.word,
        done.said.outcome.as_str()
    );
    let mut lines = vec![head];
    let mut under = |text: String| lines.push(format!("{:INDENT$}{text}", ""));
    for mark in &done.said.marks {
        under(format!("stands out: {}", mark.words));
    }
    if let Some(refusal) = &done.said.refusal {
        under(refusal.sentence.clone());
        refusal
            .missing
            .iter()
            .for_each(|line| under(format!("· {line}")));
    }
    if let Some(from) = done.said.possible_from {
        under(format!("possible from {}", clock(from)));
    }
    if let Some(file) = &done.file {
        under(format!("written to {}", file.display()));
    }
    if !as_expected {
        let expected = doing.expect.map_or("what the page offers", Outcome::as_str);
        under(format!(
            "NOT AS EXPECTED: line {} expects {expected}",
            doing.line
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn doing(expect: Option<Outcome>) -> Doing<'static> {
        Doing {
            step: 9,
            line: 57,
            at: "2026-03-02T15:06:20Z".parse().unwrap(),
            by: Some("mara"),
            session: Some("a"),
            word: "device",
            expect,
        }
    }

    fn refused() -> Done {
        let refusal = Refused {
            kind: "lacks".to_owned(),
            sentence: "Not yet.".to_owned(),
            missing: vec!["The rest.".to_owned()],
        };
        Done::page(Said {
            outcome: Outcome::Refused,
            words: String::new(),
            marks: Vec::new(),
            refusal: Some(refusal),
            possible_from: Some("2026-03-02T15:07:10Z".parse().unwrap()),
        })
    }

    #[test]
    fn people_read_the_clinics_time() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        let lines = step_lines(&doing(Some(Outcome::Accepted)), &refused(), false, &zone);
        let blank = " ".repeat(INDENT);
        assert_eq!(
            lines,
            [
                "09:06:20  mara     a     device              refused".to_owned(),
                format!("{blank}Not yet."),
                format!("{blank}· The rest."),
                format!("{blank}possible from 09:07:10"),
                format!("{blank}NOT AS EXPECTED: line 57 expects accepted"),
            ]
        );
        assert_eq!(lines[0].find("refused"), Some(INDENT));
    }

    #[test]
    fn programs_read_a_line_of_json() {
        let line =
            serde_json::to_value(step_line(&doing(Some(Outcome::Refused)), &refused(), true))
                .unwrap();
        assert_eq!(
            line,
            serde_json::json!({
                "step": 9, "line": 57, "at": "2026-03-02T15:06:20Z", "by": "mara", "session": "a", "do": "device",
                "outcome": "refused", "words": "", "marks": [],
                "refusal": { "kind": "lacks", "sentence": "Not yet.", "missing": ["The rest."] },
                "possible_from": "2026-03-02T15:07:10Z", "file": null, "expected": "refused", "as_expected": true,
            })
        );
    }

    #[test]
    fn what_the_page_does_not_offer_is_a_mistake_unless_a_refusal_is_expected() {
        let misfit = Done::misfit("day.toml:57: it offers nothing".to_owned());
        assert!(misfit.is_expected(Some(Outcome::Refused)));
        assert!(!misfit.is_expected(None) && !misfit.is_expected(Some(Outcome::Accepted)));
        assert!(refused().is_expected(None));
    }
}
