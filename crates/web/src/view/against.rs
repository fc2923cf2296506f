//! What stands against a step: said before anything is typed, and again when the step is refused.

use app::treatment::SessionPage;
use domain::treatment::{
    Attribution, Basis, Clearing, Command, DeviceOutcome, DeviceUse, Discharge, Lack, Refusal,
    YesNo,
};
use jiff::civil::Date;

use super::session::{ask_words, say_of, step_href, step_link};
use super::{Problem, StepLink, stamp};
use crate::words::{RefusalWords, distance_words, refusal_words};

/// Something that stands against a step, with the page that helps.
pub(crate) struct LackView {
    pub(crate) words: String,
    /// Who helps where the viewer cannot; or empty.
    pub(crate) note: String,
    /// Empty where nothing but time helps.
    pub(crate) href: String,
}

impl LackView {
    /// An answer that lacks, with its field.
    pub(crate) fn of(problem: Problem) -> Self {
        Self {
            words: problem.words,
            note: String::new(),
            href: format!("#{}", problem.place),
        }
    }
}

/// A refusal as the page shows it.
pub(crate) struct RefusalView {
    pub(crate) key: &'static str,
    pub(crate) sentence: String,
    pub(crate) missing: Vec<LackView>,
    pub(crate) possible_from: String,
    pub(crate) possible_from_stamp: String,
    pub(crate) distance: String,
    pub(crate) links: Vec<StepLink>,
}

/// What the rules would say now to this step, were its form filled in as it should be; `None` where they would take it.
pub(crate) fn against_view(page: &SessionPage, step: &str) -> Option<RefusalView> {
    let by = Attribution {
        happened_at: page.now,
        taken_by: page.viewer,
        entered_by: page.viewer,
    };
    let command = flawless(page, step)?;
    let refusal = page
        .session
        .decide(&page.protocol, &command, &by, page.now)
        .err()?;
    let words = refusal_words(&say_of(page), &refusal);
    let mut view = refusal_view(page, &refusal, words);
    if step == "discharge" && !view.missing.is_empty() {
        view.sentence = format!("Before discharge ({})", view.missing.len());
    }
    Some(view)
}

/// The step as its form would send it with nothing amiss: what is refused then stands against the step itself.
fn flawless(page: &SessionPage, step: &str) -> Option<Command> {
    let dosing = &page.protocol.dosing;
    match step {
        "device" => Some(Command::GiveDevice(DeviceUse {
            basis: Basis::Now,
            lot: "-".to_owned(),
            expires: Some(Date::MAX),
            given_on: page.zone.to_datetime(page.now).date(),
            dots_before: dosing.dots_unused.value,
            dots_after: 0,
            sprays: dosing.sprays_per_device.value,
            first_spray_at: page.now,
            last_spray_at: page.now,
            outcome: DeviceOutcome::Complete,
        })),
        "clearing" => Some(Command::Clear(Clearing {
            basis: Basis::Now,
            prescriber_on_site: page.session.plan().map(|plan| plan.prescriber),
        })),
        "discharge" => Some(Command::Discharge(Discharge {
            basis: Basis::Now,
            escort: "-".to_owned(),
            instructions_given: YesNo::Yes,
            clinically_stable: YesNo::Yes,
        })),
        _ => None,
    }
}

/// A refusal in its words; each lack leads to the page that helps.
pub(crate) fn refusal_view(
    page: &SessionPage,
    refusal: &Refusal,
    words: RefusalWords,
) -> RefusalView {
    let from = refusal.possible_from();
    let say = say_of(page);
    let links = words
        .correct
        .into_iter()
        .map(|(seq, label)| {
            let href = format!("{}?corrects={seq}", step_href(page, "correction"));
            StepLink::plain("correction", href, label)
        })
        .collect();
    let lacks: &[Lack] = if let Refusal::Lacks { lacks, .. } = refusal {
        lacks
    } else {
        &[]
    };
    let missing = words
        .missing
        .into_iter()
        .enumerate()
        .map(|(at, words)| lack_view(page, lacks.get(at), words))
        .collect();
    RefusalView {
        key: refusal.kind(),
        sentence: words.sentence,
        missing,
        possible_from: from.map(|from| say.clock_exact(from)).unwrap_or_default(),
        possible_from_stamp: from.map(stamp).unwrap_or_default(),
        distance: from
            .map(|from| distance_words(from, page.now))
            .unwrap_or_default(),
        links,
    }
}

fn lack_view(page: &SessionPage, lack: Option<&Lack>, words: String) -> LackView {
    let note = match lack {
        Some(Lack::Decision { .. }) => ask_words(page).unwrap_or_default(),
        Some(_) | None => String::new(),
    };
    LackView {
        words,
        note,
        href: lack
            .and_then(|lack| lack_href(page, lack))
            .unwrap_or_default(),
    }
}

/// Where that which lacks is given: another step's page, or a field of the same form.
fn lack_href(page: &SessionPage, lack: &Lack) -> Option<String> {
    let own = |field: &str| Some(format!("#f-{field}"));
    let (step, place) = match lack {
        Lack::LotNumber => return own("lot"),
        Lack::ExpiryDate | Lack::DeviceInDate { .. } => return own("expires"),
        Lack::UnusedDevice { .. } => return own("dots_before"),
        Lack::Disposal => return own("disposal"),
        Lack::Witness => return own("witness"),
        Lack::ClinicallyStable => return own("clinically_stable"),
        Lack::Instructions => return own("instructions_given"),
        Lack::Escort => return own("escort"),
        Lack::Enrolment | Lack::Rest { .. } | Lack::MinimumTime { .. } => return None,
        Lack::DosingStopped { seq } => ("correction", format!("?corrects={seq}")),
        Lack::Arrival => ("arrival", String::new()),
        Lack::ChecklistItem { item } => ("checklist", format!("#f-item_{item}")),
        Lack::ReadingBeforeDosing { .. } => ("vitals", String::new()),
        Lack::LastPressure { .. } => ("vitals", "?occasion=before_discharge".to_owned()),
        Lack::FortyMinuteReading { .. } => ("vitals", "?occasion=forty_minutes".to_owned()),
        Lack::Decision { .. } => ("decision", String::new()),
        Lack::Clearing => ("clearing", String::new()),
        Lack::DoseLeft {
            given_mg,
            intended_mg,
            ..
        } if given_mg >= intended_mg => return None,
        Lack::DoseLeft { .. } => ("plan-change", String::new()),
        Lack::DoseCompleteOrStopped { .. } => ("dosing-stop", String::new()),
        Lack::Resolution { .. } => ("episode-resolution", String::new()),
        Lack::ReadinessJudgement { .. } | Lack::ReadinessPart { .. } => {
            ("readiness", String::new())
        }
    };
    step_link(page, step).map(|link| link.href + &place)
}

#[cfg(test)]
mod tests {
    use super::super::title::device_title;
    use super::*;
    use crate::samples::{self, Day, at, checklist, device, vitals};
    use domain::treatment::Answer;
    use jiff::Timestamp;

    fn against(day: &Day, now: Timestamp, step: &str) -> Option<RefusalView> {
        against_view(&day.page(now), step)
    }

    fn lines(view: &RefusalView) -> Vec<&str> {
        view.missing
            .iter()
            .map(|lack| lack.words.as_str())
            .collect()
    }

    #[test]
    fn rest_is_said_before_anything_is_typed() {
        let mut day = samples::cleared();
        assert!(against(&day, at(9, 0, 0), "device").is_none());
        assert_eq!(
            device_title(&day.page(at(9, 0, 0))),
            "Device 1 of 2 · 0 of 56 mg so far"
        );
        day.step(at(9, 0, 0), &device(at(9, 0, 0), Basis::Now));
        let view = against(&day, at(9, 2, 0), "device").unwrap();
        assert_eq!(view.sentence, "This device cannot be given now.");
        assert_eq!(
            lines(&view),
            ["The rest between two devices ends at 09:05."]
        );
        assert_eq!(view.possible_from, "09:05");
        assert_eq!(
            device_title(&day.page(at(9, 2, 0))),
            "Device 2 of 2 · 28 of 56 mg so far"
        );
        assert!(against(&day, at(9, 5, 0), "device").is_none());
    }

    #[test]
    fn undecided_reading_names_who_is_asked() {
        let mut day = samples::cleared();
        day.step(at(9, 0, 0), &device(at(9, 0, 0), Basis::Now))
            .step(at(9, 4, 0), &vitals(188, 122, 97));
        let view = against(&day, at(9, 6, 0), "device").unwrap();
        assert_eq!(view.missing[0].note, "Ask Tobias Wrenfield to decide.");
        assert!(view.missing[0].href.is_empty(), "a nurse decides nothing");
        let mut page = day.page(at(9, 6, 0));
        page.role = app::Role::Prescriber;
        let view = against_view(&page, "device").unwrap();
        assert!(view.missing[0].note.is_empty());
        assert!(view.missing[0].href.ends_with("/steps/decision"));
    }

    #[test]
    fn what_was_not_done_before_dosing_leads_to_its_page() {
        let mut day = samples::arrived();
        let view = against(&day, at(8, 31, 0), "device").unwrap();
        assert!(view.missing[0].href.ends_with("/steps/clearing"));
        day = samples::cleared();
        day.step(at(8, 50, 0), &checklist(Answer::No));
        let view = against(&day, at(8, 51, 0), "device").unwrap();
        assert!(lines(&view)[0].contains("A ride home is arranged"));
        day = samples::monitoring();
        let view = against(&day, at(9, 30, 0), "device").unwrap();
        assert!(lines(&view)[0].starts_with("56 mg are given"));
        assert_eq!(
            device_title(&day.page(at(9, 30, 0))),
            "Device · 56 of 56 mg given"
        );
    }

    #[test]
    fn each_lack_of_a_discharge_leads_to_its_page() {
        let day = samples::monitoring();
        let view = against(&day, at(9, 58, 0), "discharge").unwrap();
        let hrefs: Vec<&str> = view
            .missing
            .iter()
            .map(|lack| lack.href.rsplit('/').next().unwrap())
            .collect();
        assert_eq!(view.sentence, format!("Before discharge ({})", hrefs.len()));
        for wanted in [
            "vitals?occasion=forty_minutes",
            "episode-resolution",
            "readiness",
        ] {
            assert!(hrefs.contains(&wanted), "{wanted} in {hrefs:?}");
        }
        assert_eq!(view.possible_from, "11:05");
        let day = samples::arrived();
        let view = against(&day, at(8, 31, 0), "discharge").unwrap();
        assert!(view.missing.is_empty() && view.sentence.contains("does not belong here yet"));
    }
}
