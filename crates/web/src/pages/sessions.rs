//! The clinic's sessions of other days: coming ones, and those that have ended.

use app::treatment::{BoardSession, SessionsOf, SessionsPage, form_due};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use domain::treatment::Phase;
use http::StatusCode;

use super::{frame_in, page, unreadable_view};
use crate::fault::Fault;
use crate::request::{SignedIn, query_values};
use crate::router::Shared;
use crate::view::{Chip, Frame, Icon, UnreadableView, patient_name, phase_chip};
use crate::words::day_words;

#[derive(Template)]
#[template(path = "sessions.html")]
pub(crate) struct SessionsHtml {
    pub(crate) frame: Frame,
    pub(crate) is_coming: bool,
    pub(crate) unreadable: Option<UnreadableView>,
    pub(crate) days: Vec<DayView>,
    pub(crate) is_first_page: bool,
    /// Where the next page starts.
    pub(crate) next: Option<String>,
}

/// The sessions of one day.
pub(crate) struct DayView {
    pub(crate) day: String,
    pub(crate) sessions: Vec<RowView>,
}

/// One session.
pub(crate) struct RowView {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) phase: Chip,
    pub(crate) phase_key: &'static str,
    /// What is still to be done about it, or why nothing is.
    pub(crate) state: String,
}

/// The word of the address for the sessions that have ended.
const ENDED: &str = "ended";

/// `GET /floor/sessions`
pub(crate) async fn show(
    State(shared): State<Shared>,
    SignedIn(ctx): SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let query = query_values(query.as_deref());
    let of = match query.get("list") {
        ENDED => SessionsOf::Ended,
        _ => SessionsOf::Coming,
    };
    let from = Some(query.get("from")).filter(|from| !from.is_empty());
    let sessions = shared.app.sessions_page(&ctx, of, from).await?;
    let title = match of {
        SessionsOf::Coming => "Coming sessions",
        SessionsOf::Ended => "Earlier sessions",
    };
    let frame = frame_in(&shared, title, &sessions.setting);
    page(
        StatusCode::OK,
        &sessions_html(&sessions, frame, from.is_none()),
    )
}

/// The page of a list of sessions.
pub(crate) fn sessions_html(
    sessions: &SessionsPage,
    frame: Frame,
    is_first_page: bool,
) -> SessionsHtml {
    let mut days: Vec<DayView> = Vec::new();
    for session in &sessions.sessions {
        // By the day that it is planned for: that is the order in which the list comes.
        let day = day_words(session.day);
        let row = row(sessions, session);
        match days.last_mut() {
            Some(last) if last.day == day => last.sessions.push(row),
            Some(_) | None => days.push(DayView {
                day,
                sessions: vec![row],
            }),
        }
    }
    SessionsHtml {
        frame,
        is_coming: sessions.of == SessionsOf::Coming,
        unreadable: unreadable_view(&sessions.unreadable),
        days,
        is_first_page,
        next: sessions.next.clone(),
    }
}

fn row(sessions: &SessionsPage, session: &BoardSession) -> RowView {
    let phase = session.session.phase();
    let place = session.session.plan().map_or_else(String::new, |plan| {
        format!("{} · {} mg", plan.room, plan.dose_mg)
    });
    RowView {
        href: format!("/floor/sessions/{}", session.id),
        name: patient_name(&session.patient),
        place,
        phase: phase_chip(phase),
        phase_key: phase.kind(),
        state: state_words(sessions, session, phase),
    }
}

/// How an ended session stands. Whether the form was submitted is not known here: its last day is.
fn state_words(sessions: &SessionsPage, session: &BoardSession, phase: Phase) -> String {
    if !phase.is_locked() {
        return String::new();
    }
    match form_due(
        &session.session,
        &sessions.setting.protocol,
        &sessions.setting.zone,
    ) {
        Some(day) if day < sessions.setting.today => {
            format!("Locked; monitoring form was due by {}", day_words(day))
        }
        Some(day) => format!("Locked; monitoring form due by {}", day_words(day)),
        None => "Locked; no device was given, so no monitoring form is due".to_owned(),
    }
}
