//! Answers that are no pages.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;

use crate::fault::Fault;
use crate::router::Shared;

/// `GET /.well-known/security.txt` (RFC 9116): where reports go; not found until the clinic's operator has set it.
pub(crate) async fn security_text(State(shared): State<Shared>) -> Response {
    match (
        &shared.settings.security_contact,
        &shared.settings.security_contact_expires,
    ) {
        (Some(contact), Some(expires)) => {
            let text = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\n");
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
        }
        (Some(_) | None, Some(_) | None) => Fault::NotFound.into_response(),
    }
}
