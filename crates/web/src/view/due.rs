//! What is due, and what comes next.

use app::treatment::SessionPage;
use domain::treatment::{Basis, Clearing, Due, DueStatus, DueWhat, Lack, Phase, Protocol, Session};
use jiff::Timestamp;

use super::alarm::is_urgent;
use super::session::{ask_words, say_of, step_link};
use super::{StepLink, stamp};
use crate::steps;
use crate::words::{Say, distance_words, due_words};

/// Where a session's page asks for the blood pressure.
pub(super) const PRESSURE_PLACE: &str = "#f-systolic";

/// Something due.
pub(crate) struct DueView {
    pub(crate) what: String,
    pub(crate) at: String,
    pub(crate) at_stamp: String,
    pub(crate) distance: String,
    pub(crate) is_overdue: bool,
}

/// What comes next, large.
pub(crate) struct NextView {
    pub(crate) lead: &'static str,
    pub(crate) what: String,
    pub(crate) window: String,
    pub(crate) at_stamp: String,
    pub(crate) distance: String,
    pub(crate) explain: String,
    pub(crate) is_overdue: bool,
    pub(crate) step: Option<StepLink>,
}

/// One thing that is due. A due time that has not come is counted down to its beginning, one that has come to its end.
pub(crate) fn due_view(say: &Say<'_>, due: &Due, now: Timestamp) -> DueView {
    let at = due_moment(due);
    DueView {
        what: due_words(say, due.what).what,
        at: if due_distance(due, now).is_empty() {
            format!("since {}", say.clock(at))
        } else {
            say.clock(at)
        },
        at_stamp: stamp(at),
        distance: due_distance(due, now),
        is_overdue: due.status == DueStatus::Overdue,
    }
}

fn due_moment(due: &Due) -> Timestamp {
    match due.status {
        DueStatus::Upcoming => due.from,
        DueStatus::Due | DueStatus::Overdue => due.overdue_after.unwrap_or(due.from),
    }
}

fn due_distance(due: &Due, now: Timestamp) -> String {
    match due.status {
        DueStatus::Due if due.overdue_after.is_none() => String::new(),
        DueStatus::Upcoming | DueStatus::Due | DueStatus::Overdue => {
            distance_words(due_moment(due), now)
        }
    }
}

/// What is due, most urgent first. A device is among it only while it is offered.
pub(crate) fn dues_sorted(say: &Say<'_>, session: &Session) -> Vec<Due> {
    let mut dues = session.due(say.protocol, say.now);
    if !is_device_offered(say, session) {
        dues.retain(|due| due.what != DueWhat::NextDevice);
    }
    // What can be late comes before what only stands open; what has not come yet, in the order in which it will.
    dues.sort_by_key(|due| {
        let only_stands_open = due.status != DueStatus::Upcoming && due.overdue_after.is_none();
        (due.status, only_stands_open, due_moment(due))
    });
    dues
}

/// Whether a page offers the next device as what comes next: nothing urgent goes on, and by the rules nothing stands
/// against it that does not end by itself. That a whole device is more than what is left of the dose is asked on its form.
pub(super) fn is_device_offered(say: &Say<'_>, session: &Session) -> bool {
    let ends_by_itself = |lack: &Lack| matches!(lack, Lack::Rest { .. });
    let has_room = |lack: &Lack| matches!(lack, Lack::DoseLeft { given_mg, intended_mg, .. } if given_mg < intended_mg);
    session
        .missing_for_next_device(say.protocol, say.now)
        .iter()
        .all(|lack| ends_by_itself(lack) || has_room(lack))
        && !is_urgent(say, session)
}

/// What is due besides the next.
pub(crate) fn dues_view(page: &SessionPage) -> Vec<DueView> {
    let say = say_of(page);
    let next = next_due(page).map(|due| due.what);
    dues_sorted(&say, &page.session)
        .iter()
        .filter(|due| Some(due.what) != next)
        .map(|due| due_view(&say, due, page.now))
        .collect()
}

/// The due thing that leads the page; before dosing the checklist and the clearing lead instead.
fn next_due(page: &SessionPage) -> Option<Due> {
    let first = dues_sorted(&say_of(page), &page.session)
        .into_iter()
        .next()?;
    match page.session.phase() {
        Phase::Arrived => {
            matches!(step_before_dosing(&page.session, &page.protocol), "vitals").then_some(first)
        }
        Phase::Empty
        | Phase::Planned
        | Phase::Cleared
        | Phase::Dosing
        | Phase::Monitoring
        | Phase::Discharged
        | Phase::LeftAgainstAdvice
        | Phase::EmergencyCare
        | Phase::Delayed
        | Phase::Cancelled
        | Phase::NoShow => Some(first),
    }
}

/// What comes next: what is due, or the step that the phase waits for.
pub(crate) fn next_view(page: &SessionPage) -> Option<NextView> {
    if page.session.phase().is_ended() {
        return None;
    }
    let say = say_of(page);
    match next_due(page) {
        Some(due) => {
            let words = due_words(&say, due.what);
            let lead = match due.status {
                DueStatus::Overdue => "Overdue",
                DueStatus::Due => "Due now",
                DueStatus::Upcoming => "Next",
            };
            Some(NextView {
                lead,
                what: words.what,
                window: due_window(&say, &due),
                at_stamp: stamp(due_moment(&due)),
                distance: due_distance(&due, page.now),
                explain: words.explain.to_owned(),
                is_overdue: due.status == DueStatus::Overdue,
                step: step_link(page, words.step).map(|link| {
                    StepLink {
                        label: words.action.to_owned(),
                        ..link
                    }
                    .aimed(due.what)
                }),
            })
        }
        None => {
            let own = steps::step(waiting_step(&say, &page.session)?)?;
            let asks = (own.name == "decision").then(|| ask_words(page)).flatten();
            Some(NextView {
                lead: "Next",
                what: waiting_words(own.name).to_owned(),
                window: String::new(),
                at_stamp: String::new(),
                distance: String::new(),
                explain: asks.unwrap_or_default(),
                is_overdue: false,
                step: step_link(page, own.name).map(|link| StepLink {
                    label: own.title.to_owned(),
                    ..link
                }),
            })
        }
    }
}

impl StepLink {
    /// Points at the very thing that is due: the vitals of this page, or the reading that was missed.
    fn aimed(mut self, what: DueWhat) -> Self {
        match what {
            DueWhat::FortyMinuteReason => self.href.push_str("?occasion=forty_minutes"),
            DueWhat::ReadingBeforeDosing(_)
            | DueWhat::FortyMinutePressure
            | DueWhat::LastPressure => {
                self.href = PRESSURE_PLACE.to_owned();
            }
            DueWhat::NextDevice
            | DueWhat::EpisodeResolution(_)
            | DueWhat::ReadinessJudgement
            | DueWhat::Discharge => {}
        }
        self
    }
}

fn due_window(say: &Say<'_>, due: &Due) -> String {
    match (due.status, due.overdue_after) {
        (DueStatus::Overdue, Some(after)) => format!("Was due by {}", say.clock(after)),
        (_, Some(after)) => format!("Between {} and {}", say.clock(due.from), say.clock(after)),
        (DueStatus::Upcoming, None) => format!("From {}", say.clock_exact(due.from)),
        (DueStatus::Due | DueStatus::Overdue, None) => format!("Since {}", say.clock(due.from)),
    }
}

/// The step that a session waits for while nothing is due at a time.
pub(crate) fn waiting_step(say: &Say<'_>, session: &Session) -> Option<&'static str> {
    match session.phase() {
        Phase::Planned => Some("arrival"),
        Phase::Arrived => Some(step_before_dosing(session, say.protocol)),
        Phase::Cleared | Phase::Dosing if is_device_offered(say, session) => Some("device"),
        // The alarm leads the page, and says what is needed.
        Phase::Cleared | Phase::Dosing if is_urgent(say, session) => None,
        Phase::Cleared | Phase::Dosing => {
            let lacks = session.missing_for_next_device(say.protocol, say.now);
            Some(if lacks.iter().any(is_decision) {
                "decision"
            } else if lacks.iter().any(is_resolution) {
                "episode-resolution"
            } else {
                "checklist"
            })
        }
        Phase::Monitoring => Some("vitals"),
        Phase::Empty
        | Phase::Discharged
        | Phase::LeftAgainstAdvice
        | Phase::EmergencyCare
        | Phase::Delayed
        | Phase::Cancelled
        | Phase::NoShow => None,
    }
}

/// What a step is waited for as.
pub(crate) fn waiting_words(step: &str) -> &str {
    match step {
        "arrival" => "The patient’s arrival",
        "checklist" => "The pre-treatment checklist",
        "decision" => "The prescriber’s decision",
        "clearing" => "Ready to be cleared for dosing",
        "device" => "The first device",
        "episode-resolution" => "Respiratory depression to resolve",
        _ => "Vitals",
    }
}

/// Which step brings the patient nearer to the clearing.
pub(super) fn step_before_dosing(session: &Session, protocol: &Protocol) -> &'static str {
    let lacks = clearing_lacks(session, protocol);
    let has = |wanted: fn(&Lack) -> bool| lacks.iter().any(wanted);
    if session
        .checklist(protocol)
        .iter()
        .any(|state| state.seq.is_none())
    {
        "checklist"
    } else if has(|lack| matches!(lack, Lack::ReadingBeforeDosing { .. })) {
        "vitals"
    } else if has(is_decision) {
        "decision"
    } else if has(is_resolution) {
        "episode-resolution"
    } else if has(|lack| matches!(lack, Lack::ChecklistItem { .. })) {
        "checklist"
    } else {
        "clearing"
    }
}

fn is_decision(lack: &Lack) -> bool {
    matches!(lack, Lack::Decision { .. })
}

fn is_resolution(lack: &Lack) -> bool {
    matches!(lack, Lack::Resolution { .. })
}

/// What clearing lacks, a prescriber on site taken for granted: that is asked when clearing.
pub(super) fn lacks_for_clearing(page: &SessionPage) -> Vec<Lack> {
    clearing_lacks(&page.session, &page.protocol)
}

fn clearing_lacks(session: &Session, protocol: &Protocol) -> Vec<Lack> {
    let clearing = Clearing {
        basis: Basis::Now,
        prescriber_on_site: session.plan().map(|plan| plan.prescriber),
    };
    session.missing_for_clearing(protocol, &clearing)
}
