//! Every answer that is not what was asked for: one type, one page, one sentence with what to do next.
//!
//! A handler returns a [`Fault`]; the middleware [`crate::middleware::faults`] turns it into the page, because only
//! there the request's id and the demo flag are known. Nothing of the cause is shown.

use std::borrow::Cow;

use app::AppError;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use uuid::Uuid;

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Input that no form of ours sends.
    BadRequest(&'static str),
    /// The record of a session that is still going on.
    NotEnded(Uuid),
    /// Not signed in: a page is led to the sign-in, a form gets 401 and keeps what was typed.
    SignIn,
    /// A form that came from another site.
    Foreign,
    /// Does not exist, or is not yours.
    NotFound,
    /// The address exists, the method does not.
    Method,
    /// The body is over the limit.
    TooLarge,
    /// The body was not whole in time.
    TooSlow,
    /// The body is no form.
    MediaType,
    /// Too many requests from one address.
    TooMany,
    /// A fault of ours.
    Internal,
    /// A part is away.
    Unavailable,
    /// The database is away; nobody can say whether it was done.
    Away,
    /// It took too long; nobody can say whether it was done.
    TimedOut,
}

impl Fault {
    /// The status of the answer.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::NotEnded(_) => StatusCode::CONFLICT,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Foreign => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable | Self::Away | Self::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// A title of a few words.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::BadRequest(_) => "This could not be read",
            Self::NotEnded(_) => "This session is still going on",
            Self::SignIn => "You are signed out",
            Self::Foreign => "This came from another site",
            Self::NotFound => "Not found",
            Self::Method => "This page cannot do that",
            Self::TooLarge => "That is too long",
            Self::TooSlow => "That came too slowly",
            Self::MediaType => "That is not a form",
            Self::TooMany => "Too many requests",
            Self::Internal => "Something went wrong here",
            Self::Unavailable | Self::Away => "Not available just now",
            Self::TimedOut => "That took too long",
        }
    }

    /// What happened, in a sentence.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::BadRequest(sentence) => sentence,
            Self::NotEnded(_) => {
                "The record as PDF and the record bundle exist once the session has ended."
            }
            Self::SignIn => "Nothing was saved, because your sign-in has ended.",
            Self::Foreign => {
                "Nothing was saved: the form did not come from this clinic’s own pages."
            }
            Self::NotFound => "There is nothing at this address that you can see.",
            Self::Method => "The address exists, but not for what your browser asked.",
            Self::TooLarge => "Nothing was saved: what was sent is longer than any form here.",
            Self::TooSlow => {
                "Nothing was saved: the form came so slowly that it was not whole in time."
            }
            Self::MediaType => "Nothing was saved: what was sent is not a form.",
            Self::TooMany => "Very many requests came from your address within a short time.",
            Self::Internal => "The fault is ours. What was not confirmed was not saved.",
            Self::Unavailable => {
                "A part of the system is away. What was not confirmed was not saved."
            }
            Self::Away => {
                "The database did not answer, so nobody can say yet whether it was saved."
            }
            Self::TimedOut => {
                "The answer did not come in time, so nobody can say yet whether it was saved."
            }
        }
    }

    /// What to do next, in a sentence.
    pub(crate) fn next_step(self) -> &'static str {
        match self {
            Self::BadRequest(_) => "Go back, open the page again, and send it once more.",
            Self::NotEnded(_) => {
                "Go back to the session. Once its end is recorded, both can be taken from its record."
            }
            Self::SignIn => {
                "Sign in in another tab, come back here, and save again: what you typed is still on the page before this one."
            }
            Self::Foreign => "Open the page here and fill in the form again.",
            Self::NotFound | Self::Method => {
                "Go to the treatment floor and open the session from there."
            }
            Self::TooLarge => "Go back, shorten the text, and save again.",
            Self::TooSlow => {
                "Go back and send it again, where the network is better if it stays slow: the same form is saved only once."
            }
            Self::MediaType => "Open the page in a browser and fill in the form there.",
            Self::TooMany => "Wait a minute and try again.",
            Self::Internal => {
                "Go back and try again. If it stays, call your IT person with the reference below."
            }
            Self::Unavailable => {
                "Go back and save again in a moment; write the time down meanwhile."
            }
            Self::Away => {
                "Go back and save again in a moment: the same form is saved only once. Write the time down meanwhile."
            }
            Self::TimedOut => "Go back and save again: the same form is saved only once.",
        }
    }

    /// Where the page's one button leads, and its words.
    pub(crate) fn link(self) -> (Cow<'static, str>, &'static str) {
        match self {
            Self::SignIn => ("/floor/sign-in".into(), "Sign in"),
            Self::NotEnded(session) => (
                format!("/floor/sessions/{session}").into(),
                "Back to the session",
            ),
            Self::BadRequest(_)
            | Self::Foreign
            | Self::NotFound
            | Self::Method
            | Self::TooLarge
            | Self::TooSlow
            | Self::MediaType
            | Self::TooMany
            | Self::Internal
            | Self::Unavailable
            | Self::Away
            | Self::TimedOut => ("/floor".into(), "To the treatment floor"),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if self == Self::TooMany {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<AppError> for Fault {
    /// The kinds that show a form again (`Refused`, `Stale`, `KeyReused`) are taken out before; here they would be
    /// a fault of ours. Logged here, once: the text of an `AppError` holds no patient data.
    fn from(error: AppError) -> Self {
        match error {
            AppError::NotFound => Self::NotFound,
            AppError::SignInRefused => Self::SignIn,
            AppError::BadInput(sentence) => Self::BadRequest(sentence),
            AppError::NotEnded { session } => Self::NotEnded(session),
            AppError::Unavailable(part) => {
                tracing::warn!(part, "a part is away");
                Self::Unavailable
            }
            AppError::Away(_) => {
                tracing::warn!(error = %error, "the database is away");
                Self::Away
            }
            AppError::Refused { .. } | AppError::Stale { .. } | AppError::KeyReused { .. } => {
                tracing::error!("a refusal reached the page for faults");
                Self::Internal
            }
            AppError::Store(_)
            | AppError::Vault(_)
            | AppError::Impossible(_)
            | AppError::Press(_)
            | AppError::Recover(_)
            | AppError::Proof(_) => {
                tracing::error!(error = %error, "a use case failed");
                Self::Internal
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_says_what_happened_and_what_to_do() {
        let all = [
            Fault::BadRequest("It could not be read."),
            Fault::NotEnded(Uuid::nil()),
            Fault::SignIn,
            Fault::Foreign,
            Fault::NotFound,
            Fault::Method,
            Fault::TooLarge,
            Fault::TooSlow,
            Fault::MediaType,
            Fault::TooMany,
            Fault::Internal,
            Fault::Unavailable,
            Fault::Away,
            Fault::TimedOut,
        ];
        for fault in all {
            assert!(fault.sentence().ends_with('.'), "{fault:?}");
            assert!(fault.next_step().ends_with('.'), "{fault:?}");
            assert!(fault.status().as_u16() >= 400);
        }
    }

    #[test]
    fn a_database_that_is_away_is_not_said_to_have_saved_nothing() {
        let fault = Fault::from(AppError::Away("no connection came free in time".into()));
        assert_eq!(fault, Fault::Away);
        assert_eq!(fault.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(fault.sentence().contains("nobody can say yet"));
        assert!(fault.next_step().contains("saved only once"));
    }
}
