//! The owner's pages: the day's code, the people, the audit log.

use app::treatment::{AuditLine, AuditPage, ClinicPage, People};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;

use super::{frame, page};
use crate::fault::Fault;
use crate::request::{SignedIn, query_values};
use crate::router::Shared;
use crate::view::{Frame, person_label, stamp};
use crate::words::{
    capital, clock_seconds, day_words, entry_words, exported_words, opened_words, role_words,
};

/// So many sessions of a line are named; of more their number stands there.
const SESSIONS_NAMED_MAX: usize = 3;

#[derive(Template)]
#[template(path = "clinic.html")]
pub(crate) struct ClinicHtml {
    pub(crate) frame: Frame,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) today: String,
    pub(crate) code: String,
    pub(crate) people: Vec<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "audit.html")]
pub(crate) struct AuditHtml {
    pub(crate) frame: Frame,
    pub(crate) lines: Vec<LineView>,
    pub(crate) next: Option<String>,
}

/// One line of the audit log.
pub(crate) struct LineView {
    pub(crate) at: String,
    pub(crate) at_stamp: String,
    pub(crate) who: String,
    pub(crate) what: String,
    /// Whom of the clinic's people it is about.
    pub(crate) about: Option<String>,
    pub(crate) sessions: Vec<SessionView>,
    pub(crate) kind: String,
    pub(crate) place: String,
}

/// A session that a line concerns: by its pseudonym and day, for no name of a patient stands in the log.
pub(crate) struct SessionView {
    /// None where there is nothing to open.
    pub(crate) href: Option<String>,
    pub(crate) words: String,
}

/// `GET /clinic`
pub(crate) async fn show(
    State(shared): State<Shared>,
    SignedIn(ctx): SignedIn,
) -> Result<Response, Fault> {
    let clinic = shared.app.clinic_page(&ctx).await?;
    let frame = frame(
        &shared,
        "Clinic",
        clinic.now,
        &clinic.clinic,
        &clinic.people,
        clinic.viewer,
    );
    page(StatusCode::OK, &clinic_html(&clinic, frame))
}

/// The owner's page.
pub(crate) fn clinic_html(clinic: &ClinicPage, frame: Frame) -> ClinicHtml {
    let profile = &clinic.clinic;
    let mut people: Vec<(String, &'static str)> = clinic
        .people
        .values()
        .map(|person| (person_label(person), role_words(person.role)))
        .collect();
    people.sort();
    ClinicHtml {
        frame,
        name: profile.name.clone(),
        address: format!(
            "{}, {}, {} {} · {}",
            profile.address, profile.city, profile.state, profile.zip, profile.telephone
        ),
        today: day_words(clinic.today),
        code: clinic.code.clone(),
        people,
    }
}

/// `GET /clinic/audit-log`
pub(crate) async fn audit(
    State(shared): State<Shared>,
    SignedIn(ctx): SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let query = query_values(query.as_deref());
    let before = Some(query.get("before")).filter(|before| !before.is_empty());
    let log = shared.app.audit_page(&ctx, before).await?;
    let frame = frame(
        &shared,
        "Audit log",
        ctx.now,
        &log.clinic,
        &log.people,
        log.viewer,
    );
    page(StatusCode::OK, &audit_html(&log, frame))
}

/// The audit log.
pub(crate) fn audit_html(log: &AuditPage, frame: Frame) -> AuditHtml {
    let lines = log
        .lines
        .iter()
        .map(|line| LineView {
            at: format!(
                "{} {}",
                day_words(line.at.to_zoned(log.zone.clone()).date()),
                clock_seconds(line.at, &log.zone)
            ),
            at_stamp: stamp(line.at),
            who: who(&log.people, line.actor),
            what: what(line),
            about: line.about.map(|person| who(&log.people, Some(person))),
            sessions: sessions(line),
            kind: line.kind.clone(),
            place: format!("{}/{}", line.generation, line.index),
        })
        .collect();
    AuditHtml {
        frame,
        lines,
        next: log.next_before.clone(),
    }
}

fn who(people: &People, actor: Option<domain::treatment::PersonId>) -> String {
    match actor {
        None => "The system".to_owned(),
        Some(id) => people.get(&id).map_or_else(
            || "Somebody no longer at the clinic".to_owned(),
            person_label,
        ),
    }
}

fn what(line: &AuditLine) -> String {
    let words = match (line.what, line.opened_for, line.exported) {
        (_, Some(purpose), _) => opened_words(purpose),
        (_, None, Some(exported)) => exported_words(exported),
        (Some(kind), None, None) => entry_words(kind),
        // A newer program wrote it: the kind itself is the best that there is.
        (None, None, None) => return capital(&line.kind.replace(['.', '_'], " ")),
    };
    words.to_owned()
}

/// Each session, or how many there are: a board may show more than anybody reads.
fn sessions(line: &AuditLine) -> Vec<SessionView> {
    let count = line.sessions.len();
    if count > SESSIONS_NAMED_MAX {
        let are_gone = line.sessions.iter().all(|session| session.day.is_none());
        let what = if are_gone { "records" } else { "sessions" };
        return vec![SessionView {
            href: None,
            words: format!("{count} {what}"),
        }];
    }
    line.sessions
        .iter()
        .map(|session| {
            // The first group of its id: enough to tell it apart, and the beginning of what the record names it by.
            let id = session.id.to_string();
            let short = id.split('-').next().unwrap_or_default();
            match session.day {
                Some(day) => SessionView {
                    href: Some(format!("/floor/sessions/{id}")),
                    words: format!("Session {short} of {}", day_words(day)),
                },
                None => SessionView {
                    href: None,
                    words: format!("Record {short}"),
                },
            }
        })
        .collect()
}
