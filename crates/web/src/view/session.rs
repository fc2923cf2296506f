//! Who a page is about, and its clocks.

use app::treatment::SessionPage;
use app::{Action, may};
use domain::treatment::{Phase, Recorded};
use jiff::Timestamp;

use super::form::born_words;
use super::{Chip, Icon, StepLink, Tone, patient_name, stamp};
use crate::steps;
use crate::words::{Say, day_words, phase_words, span_words};

/// Who a page is about.
pub(crate) struct Head {
    pub(crate) name: String,
    pub(crate) born: String,
    pub(crate) place: String,
    pub(crate) phase: Chip,
    pub(crate) phase_key: &'static str,
    pub(crate) back: String,
    pub(crate) back_words: &'static str,
}

/// A clock that counts up.
pub(crate) struct Clock {
    pub(crate) label: &'static str,
    pub(crate) value: String,
    /// Empty when it stands still.
    pub(crate) since_stamp: String,
    pub(crate) hint: String,
}

/// What sentences about this session need.
pub(crate) fn say_of(page: &SessionPage) -> Say<'_> {
    Say {
        protocol: &page.protocol,
        people: &page.people,
        zone: &page.zone,
        events: &page.events,
        effective: page.session.effective(),
        now: page.now,
        today: page.now.to_zoned(page.zone.clone()).date(),
    }
}

/// A phase as a chip: words and a picture, and a colour besides.
pub(crate) fn phase_chip(phase: Phase) -> Chip {
    let (tone, icon) = match phase {
        Phase::Empty | Phase::Planned => (Tone::Quiet, None),
        Phase::Arrived | Phase::Cleared | Phase::Dosing | Phase::Monitoring => (Tone::Live, None),
        Phase::Discharged => (Tone::Good, Some(Icon::Lock)),
        Phase::LeftAgainstAdvice | Phase::EmergencyCare => (Tone::Warn, Some(Icon::Lock)),
        Phase::Delayed | Phase::Cancelled | Phase::NoShow => (Tone::Quiet, None),
    };
    Chip {
        words: phase_words(phase).to_owned(),
        tone,
        icon,
    }
}

/// The head; `back` is where the arrow leads.
pub(crate) fn head_view(page: &SessionPage, back: String, back_words: &'static str) -> Head {
    let phase = page.session.phase();
    let place = page
        .session
        .plan()
        .map_or_else(String::new, |plan| plan.room);
    Head {
        name: patient_name(&page.patient),
        born: born_words(page.patient.birthdate),
        place,
        phase: phase_chip(phase),
        phase_key: phase.kind(),
        back,
        back_words,
    }
}

/// The address of a step's form.
pub(crate) fn step_href(page: &SessionPage, step: &str) -> String {
    format!("/floor/sessions/{}/steps/{step}", page.id)
}

/// A link to a step, if the viewer may take it.
pub(crate) fn step_link(page: &SessionPage, name: &str) -> Option<StepLink> {
    let step = steps::step(name)?;
    may(page.role, Action::Step(step.kind)).then(|| StepLink {
        name: step.name.to_owned(),
        href: step_href(page, step.name),
        label: step.title.to_owned(),
        note: String::new(),
        done: None,
        is_urgent: false,
    })
}

/// Whom the viewer asks for a decision: nobody, where it is the viewer's own to make.
pub(crate) fn ask_words(page: &SessionPage) -> Option<String> {
    let plan = page.session.plan()?;
    let name = say_of(page).person(plan.prescriber);
    step_link(page, "decision")
        .is_none()
        .then(|| format!("Ask {name} to decide."))
}

/// Whether the viewer may correct this entry: whoever may take a step may correct it.
pub(crate) fn may_correct(page: &SessionPage, recorded: &Recorded) -> bool {
    page.session.is_open_to_correction(recorded.seq)
        && steps::step_of(&recorded.event)
            .and_then(steps::form_of)
            .is_some_and(|step| may(page.role, Action::Step(step.kind)))
}

/// Both clocks, and the rest between two devices while it runs.
pub(crate) fn clocks_view(page: &SessionPage) -> Vec<Clock> {
    let say = say_of(page);
    let clocks = page.session.clocks(&page.protocol, page.now);
    let ended = page.session.phase().is_ended();
    let since = |at: Option<Timestamp>| {
        if ended {
            String::new()
        } else {
            at.map(stamp).unwrap_or_default()
        }
    };
    let at = |moment: Option<Timestamp>| {
        moment
            .map(|moment| format!("at {}", say.clock_exact(moment)))
            .unwrap_or_default()
    };
    let mut views = Vec::new();
    if let Some(span_s) = clocks.since_first_s {
        views.push(Clock {
            label: "Since first device",
            value: span_words(span_s),
            since_stamp: since(clocks.first_device_at),
            hint: at(clocks.first_device_at),
        });
    }
    if let Some(span_s) = clocks.since_last_s {
        let hint = clocks.minimum_until.map_or_else(
            || at(clocks.last_device_at),
            |until| {
                let minutes = page.protocol.timing.minimum_minutes.value;
                format!("{} at {}", minimum_words(minutes), say.clock(until))
            },
        );
        views.push(Clock {
            label: "Since last device",
            value: span_words(span_s),
            since_stamp: since(clocks.last_device_at),
            hint,
        });
    }
    views
}

/// `2 hours`, or `100 minutes` where it is no whole number of hours.
fn minimum_words(minutes: u32) -> String {
    match minutes {
        60 => "1 hour".to_owned(),
        whole if whole % 60 == 0 => format!("{} hours", whole / 60),
        other => format!("{other} minutes"),
    }
}

/// The session's day as a sentence has it.
pub(crate) fn day_of(page: &SessionPage) -> String {
    day_words(page.session.treatment_date(&page.zone).unwrap_or(page.day))
}
