//! The handlers and their templates.

pub(crate) mod board;
pub(crate) mod clinic;
pub(crate) mod demo;
pub(crate) mod plain;
pub(crate) mod plan;
pub(crate) mod record;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod step;
pub(crate) mod wrong_patient;

use app::Role;
use app::treatment::{ClinicProfile, People, Setting, UnreadableSession};
use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use domain::treatment::PersonId;
use http::StatusCode;
use jiff::Timestamp;

use crate::fault::Fault;
use crate::router::Shared;
use crate::view::{Frame, UnreadableView};
use crate::words::day_words;

/// A rendered page.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Result<Response, Fault> {
    match template.render() {
        Ok(html) => Ok((status, Html(html)).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            Err(Fault::Internal)
        }
    }
}

/// The frame of a signed-in person's page.
pub(crate) fn frame(
    shared: &Shared,
    title: &str,
    now: Timestamp,
    clinic: &ClinicProfile,
    people: &People,
    viewer: PersonId,
) -> Frame {
    let person = people.get(&viewer);
    let name = person.map(|person| person.name.clone()).unwrap_or_default();
    let owner = person.is_some_and(|person| person.role == Role::Owner);
    Frame::outside(title, shared.app.demo(), now).of(name, owner, &clinic.name)
}

/// The frame of a page of several sessions.
pub(crate) fn frame_in(shared: &Shared, title: &str, setting: &Setting) -> Frame {
    frame(
        shared,
        title,
        setting.now,
        &setting.clinic,
        &setting.people,
        setting.viewer,
    )
}

/// What a page leaves out because it could not be opened: `None` where that is nothing.
pub(crate) fn unreadable_view(sessions: &[UnreadableSession]) -> Option<UnreadableView> {
    let words = match sessions.len() {
        0 => return None,
        1 => "One session cannot be shown".to_owned(),
        several => format!("{several} sessions cannot be shown"),
    };
    let link = |session: &UnreadableSession| {
        (
            format!("/floor/sessions/{}", session.id),
            format!("Planned for {}", day_words(session.day)),
        )
    };
    Some(UnreadableView {
        words,
        sessions: sessions.iter().map(link).collect(),
    })
}

#[cfg(test)]
mod tests;
