//! The floor at a glance: each room's phase, and what is due next.

use app::treatment::{Board, BoardSession};
use app::{Action, may};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::treatment::{DueStatus, Phase, Session};
use http::StatusCode;
use jiff::Timestamp;

use super::{frame_in, page, unreadable_view};
use crate::fault::Fault;
use crate::request::SignedIn;
use crate::router::Shared;
use crate::view::{
    Chip, DueView, Frame, Icon, UnreadableView, alarm_lines, due_view, dues_sorted,
    patient_name_short, phase_chip, stamp, waiting_step, waiting_words,
};
use crate::words::{Say, clock_minutes, day_words, span_words};

#[derive(Template)]
#[template(path = "board.html")]
pub(crate) struct BoardPage {
    pub(crate) frame: Frame,
    pub(crate) today: String,
    pub(crate) may_plan: bool,
    pub(crate) status: Option<String>,
    pub(crate) unreadable: Option<UnreadableView>,
    pub(crate) parts: Vec<Part>,
}

/// Sessions under one title.
pub(crate) struct Part {
    pub(crate) title: &'static str,
    pub(crate) rooms: Vec<Room>,
}

/// One session.
pub(crate) struct Room {
    pub(crate) id: String,
    pub(crate) href: String,
    pub(crate) name: String,
    /// Its day, if that is not today.
    pub(crate) day: Option<String>,
    pub(crate) place: String,
    pub(crate) phase: Chip,
    pub(crate) phase_key: &'static str,
    pub(crate) is_late: bool,
    /// What is urgent: comes before everything that is due.
    pub(crate) alarm: Option<String>,
    pub(crate) ticks: Vec<Tick>,
    pub(crate) due: Option<DueView>,
    pub(crate) more: usize,
}

/// A small clock on the board.
pub(crate) struct Tick {
    pub(crate) label: &'static str,
    pub(crate) value: String,
    pub(crate) since_stamp: String,
}

/// `GET /floor`
pub(crate) async fn show(
    State(shared): State<Shared>,
    SignedIn(ctx): SignedIn,
) -> Result<Response, Fault> {
    let board = shared.app.board(&ctx).await?;
    let frame = frame_in(&shared, "Treatment floor", &board.setting);
    page(StatusCode::OK, &board_page(&board, frame))
}

/// The page of a board.
pub(crate) fn board_page(board: &Board, frame: Frame) -> BoardPage {
    let parts = [
        ("On the floor", Phase::is_present as fn(Phase) -> bool),
        ("Expected", |phase| {
            matches!(phase, Phase::Empty | Phase::Planned)
        }),
        ("Ended today", Phase::is_ended),
    ]
    .into_iter()
    .filter_map(|(title, belongs)| {
        let mut rooms: Vec<Room> = board
            .sessions
            .iter()
            .filter(|session| belongs(session.session.phase()))
            .map(|session| room(board, session))
            .collect();
        // What is urgent comes first, then what is late; else the rooms keep their order.
        rooms.sort_by_key(|room| (room.alarm.is_none(), !room.is_late));
        (!rooms.is_empty()).then_some(Part { title, rooms })
    })
    .collect();
    let may_plan = may(board.setting.role, Action::Plan);
    BoardPage {
        frame: if may_plan { frame.with_dock() } else { frame },
        today: day_words(board.setting.today),
        may_plan,
        status: None,
        unreadable: unreadable_view(&board.unreadable),
        parts,
    }
}

fn room(board: &Board, session: &BoardSession) -> Room {
    let say = Say {
        protocol: &board.setting.protocol,
        people: &board.setting.people,
        zone: &board.setting.zone,
        events: session.session.recorded(),
        effective: session.session.effective(),
        now: board.setting.now,
        today: board.setting.today,
    };
    let phase = session.session.phase();
    let dues = dues_sorted(&say, &session.session);
    let first = dues.first();
    let pressing = dues
        .iter()
        .filter(|due| due.status != DueStatus::Upcoming)
        .count();
    let alarms = alarm_lines(&say, &session.session, &board.setting.protocol);
    let plan = session.session.plan();
    let dose = session.session.dose(&board.setting.protocol);
    let place = match &plan {
        Some(plan) if dose.given_mg > 0 => {
            format!("{} · {} of {} mg", plan.room, dose.given_mg, plan.dose_mg)
        }
        Some(plan) => format!("{} · {} mg", plan.room, plan.dose_mg),
        None => String::new(),
    };
    Room {
        id: session.id.to_string(),
        href: format!("/floor/sessions/{}", session.id),
        name: patient_name_short(&session.patient),
        day: day_other(board, session),
        place,
        phase: phase_chip(phase),
        phase_key: phase.kind(),
        is_late: first.is_some_and(|due| due.status == DueStatus::Overdue),
        alarm: (!alarms.is_empty()).then(|| alarms.join(" · ")),
        ticks: ticks(board, session),
        due: first
            .map(|due| due_view(&say, due, board.setting.now))
            .or_else(|| waiting(&say, &session.session)),
        more: pressing.saturating_sub(1),
    }
}

/// The day of a session that is not today's: still open over midnight, or expected on an earlier day and never closed.
fn day_other(board: &Board, session: &BoardSession) -> Option<String> {
    let day = session
        .session
        .treatment_date(&board.setting.zone)
        .unwrap_or(session.day);
    (day != board.setting.today).then(|| day_words(day))
}

/// What a session without a due time waits for.
fn waiting(say: &Say<'_>, session: &Session) -> Option<DueView> {
    let step = waiting_step(say, session)?;
    // While a session is monitored its clocks are what is due.
    (session.phase() != Phase::Monitoring).then(|| DueView {
        what: waiting_words(step).to_owned(),
        at: String::new(),
        at_stamp: String::new(),
        distance: String::new(),
        is_overdue: false,
    })
}

fn ticks(board: &Board, session: &BoardSession) -> Vec<Tick> {
    let clocks = session
        .session
        .clocks(&board.setting.protocol, board.setting.now);
    let ended = session.session.phase().is_ended();
    if ended {
        let at = session
            .session
            .ended_at()
            .map(|at| clock_minutes(at, &board.setting.zone));
        return at
            .into_iter()
            .map(|value| Tick {
                label: "Ended",
                value,
                since_stamp: String::new(),
            })
            .collect();
    }
    let tick = |label, at: Option<Timestamp>, span_s: Option<i64>| {
        span_s.map(|span_s| Tick {
            label,
            value: span_words(span_s),
            since_stamp: at.map(stamp).unwrap_or_default(),
        })
    };
    let mut ticks: Vec<Tick> = [
        tick("First device", clocks.first_device_at, clocks.since_first_s),
        tick("Last device", clocks.last_device_at, clocks.since_last_s),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let Some(until) = clocks.minimum_until {
        ticks.push(Tick {
            label: "Earliest leave",
            value: clock_minutes(until, &board.setting.zone),
            since_stamp: String::new(),
        });
    }
    ticks
}
