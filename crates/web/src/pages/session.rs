//! One patient's session: who, which phase, what is due next, the clocks, vitals, every step, the day so far.

use app::treatment::SessionPage;
use app::{Action, may};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use uuid::Uuid;

use super::step::{Draft, step_form};
use super::{frame, page, record};
use crate::fault::Fault;
use crate::form::Values;
use crate::request::{SignedIn, query_values};
use crate::router::Shared;
use crate::steps;
use crate::view::{
    AlarmView, Clock, Control, DueView, EntryView, FormView, Frame, Head, Icon, NextView, Notice,
    SavedView, SectionShape, StepGroup, StepLink, alarm_dock, alarm_view, clocks_view, day_of,
    dues_view, groups_view, head_view, next_view, notices_view, saved_view, timeline_view,
};

#[derive(Template)]
#[template(path = "session.html")]
pub(crate) struct SessionHtml {
    pub(crate) frame: Frame,
    pub(crate) id: String,
    pub(crate) version: u32,
    pub(crate) head: Head,
    pub(crate) saved: Option<SavedView>,
    pub(crate) alarm: Option<AlarmView>,
    pub(crate) next: Option<NextView>,
    pub(crate) dues: Vec<DueView>,
    pub(crate) clocks: Vec<Clock>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) vitals: Option<FormView>,
    pub(crate) groups: Vec<StepGroup>,
    pub(crate) step_count: usize,
    pub(crate) steps_folded: bool,
    pub(crate) timeline: Vec<EntryView>,
    pub(crate) day: String,
    pub(crate) dock: Vec<StepLink>,
}

/// A phone shows so many steps unfolded: more push the day off its second screen. A desk shows all.
const STEPS_UNFOLDED_MAX: usize = 7;

/// The session of an address, or nothing at all.
pub(crate) fn id_parse(path: &str) -> Result<Uuid, Fault> {
    Uuid::try_parse(path).map_err(|_| Fault::NotFound)
}

/// The address of a session's page, as the router reads it.
pub(crate) type SessionPath = Result<Path<String>, axum::extract::rejection::PathRejection>;

/// The session of a page's address.
pub(crate) fn session_of(path: SessionPath) -> Result<Uuid, Fault> {
    id_parse(&path.map_err(|_| Fault::NotFound)?.0)
}

/// What `?saved=` says: how many events the saved form had seen.
pub(crate) fn saved_before(query: Option<&str>) -> Option<u32> {
    query_values(query).get("saved").parse().ok()
}

/// `GET /floor/sessions/{id}`: a session that has ended shows as its record.
pub(crate) async fn show(
    State(shared): State<Shared>,
    SignedIn(ctx): SignedIn,
    path: SessionPath,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let id = session_of(path)?;
    let session = shared.app.session_page(&ctx, id).await?;
    let saved = saved_before(query.as_deref()).and_then(|before| saved_view(&session, before));
    if session.session.phase().is_ended() {
        let frame = frame(
            &shared,
            "Session record",
            session.now,
            &session.clinic,
            &session.people,
            session.viewer,
        );
        return page(StatusCode::OK, &record::record_html(&session, frame, saved));
    }
    let frame = frame(
        &shared,
        "Session",
        session.now,
        &session.clinic,
        &session.people,
        session.viewer,
    );
    page(
        StatusCode::OK,
        &session_html(&session, frame, saved, shared.app.id()),
    )
}

/// The page of an open session; `key` is the key of its vitals form.
pub(crate) fn session_html(
    session: &SessionPage,
    frame: Frame,
    saved: Option<SavedView>,
    key: Uuid,
) -> SessionHtml {
    let next = next_view(session);
    let vitals = steps::step("vitals")
        .filter(|step| {
            session.session.phase().is_present() && may(session.role, Action::Step(step.kind))
        })
        .map(|step| {
            step_form(
                session,
                step,
                &Draft::fresh(session, key, Values::default()),
                &steps::read::Problems::new(),
            )
        });
    let alarm = alarm_view(session);
    let dock = match &alarm {
        Some(alarm) => alarm_dock(alarm),
        None => {
            let step = next.as_ref().and_then(|next| next.step.as_ref());
            step.map(StepLink::copied).into_iter().collect()
        }
    };
    // An alarm's bar has no room for the way to the steps, and without a bar nothing leads to them.
    let leads_to_steps = alarm.is_none() && !dock.is_empty();
    let groups = groups_view(session);
    let step_count: usize = groups.iter().map(|group| group.steps.len()).sum();
    let mut timeline = timeline_view(session);
    timeline.reverse();
    SessionHtml {
        frame: if dock.is_empty() {
            frame
        } else {
            frame.with_dock()
        },
        id: session.id.to_string(),
        version: session.version,
        head: head_view(session, "/floor".to_owned(), "Back to the floor"),
        saved,
        alarm,
        dues: dues_view(session),
        clocks: clocks_view(session),
        notices: notices_view(session),
        vitals,
        groups,
        step_count,
        steps_folded: step_count > STEPS_UNFOLDED_MAX && leads_to_steps,
        timeline,
        day: day_of(session),
        dock,
        next,
    }
}
