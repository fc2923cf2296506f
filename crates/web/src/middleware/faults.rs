//! Turns a fault into its page.

use std::borrow::Cow;

use askama::Template;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::{Method, header};

use super::RequestId;
use crate::fault::Fault;
use crate::router::Shared;
use crate::view::Frame;

#[derive(Template)]
#[template(path = "fault.html")]
pub(crate) struct FaultPage {
    pub(crate) frame: Frame,
    pub(crate) status: u16,
    pub(crate) title: &'static str,
    pub(crate) sentence: &'static str,
    pub(crate) next_step: &'static str,
    pub(crate) reference: String,
    pub(crate) request: String,
    pub(crate) link: (Cow<'static, str>, &'static str),
}

/// A number that can be read out over the telephone: the first eight digits of the request's id.
pub(crate) fn reference_words(request: uuid::Uuid) -> String {
    let digits = request.simple().to_string().to_uppercase();
    format!("{}-{}", &digits[..4], &digits[4..8])
}

/// The sign-in, and where to go afterwards; an address that needs escaping is none of ours.
fn sign_in_address(path: &str) -> String {
    let plain = path
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_'));
    if plain {
        format!("/floor/sign-in?next={path}")
    } else {
        "/floor/sign-in".to_owned()
    }
}

/// Pages for faults. A page that asks for a sign-in leads there, and back afterwards.
pub(crate) async fn faults(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let id = request
        .extensions()
        .get::<RequestId>()
        .map_or_else(uuid::Uuid::nil, |id| id.0);
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let Some(fault) = response.extensions().get::<Fault>().copied() else {
        return response;
    };
    if fault == Fault::SignIn && reads {
        return Redirect::to(&sign_in_address(&path)).into_response();
    }
    let page = FaultPage {
        frame: Frame::outside(fault.title(), shared.app.demo(), shared.app.now()),
        status: fault.status().as_u16(),
        title: fault.title(),
        sentence: fault.sentence(),
        next_step: fault.next_step(),
        reference: reference_words(id),
        request: id.to_string(),
        link: fault.link(),
    };
    let mut answer = match page.render() {
        Ok(html) => (fault.status(), Html(html)).into_response(),
        Err(_) => fault.status().into_response(),
    };
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = response.headers().get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    if let Some(route) = response.extensions().get::<super::Route>() {
        answer.extensions_mut().insert(*route);
    }
    answer
}
