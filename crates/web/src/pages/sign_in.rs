//! Signing in on the floor: the day's clinic code, the sign-in name, the PIN. One answer for whatever is wrong.

use app::{AppError, SignInAttempt};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;

use super::page;
use crate::fault::Fault;
use crate::request::{Asking, COOKIE, Posted, SignedIn, query_values};
use crate::router::Shared;
use crate::view::{Frame, Icon};

/// Where a sign-in leads when nothing else was asked for.
const FLOOR: &str = "/floor";

#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage {
    pub(crate) frame: Frame,
    pub(crate) refused: Option<&'static str>,
    pub(crate) next: String,
    pub(crate) code: String,
    pub(crate) name: String,
}

/// Says nothing about which of the three is wrong, or whether anything is locked.
pub(crate) const REFUSED: &str =
    "Code, sign-in name and PIN do not go together, or signing in is locked for a while.";

fn sign_in_page(
    shared: &Shared,
    refused: Option<&'static str>,
    next: String,
    code: String,
    name: String,
) -> SignInPage {
    SignInPage {
        frame: Frame::outside("Sign in", shared.app.demo(), shared.app.now()),
        refused,
        next,
        code,
        name,
    }
}

/// `GET /floor/sign-in`
pub(crate) async fn show(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let next = address_own(query_values(query.as_deref()).get("next"));
    page(
        StatusCode::OK,
        &sign_in_page(&shared, None, next, String::new(), String::new()),
    )
}

/// `POST /floor/sign-in`
pub(crate) async fn create(
    State(shared): State<Shared>,
    Asking(request): Asking,
    Posted(values): Posted,
) -> Result<Response, Fault> {
    let (code, name) = (values.get("code").to_owned(), values.get("name").to_owned());
    let next = address_own(values.get("next"));
    let attempt = SignInAttempt {
        code: code.clone(),
        name: name.clone(),
        pin: values.get("pin").to_owned(),
    };
    match shared.app.sign_in(request, attempt).await {
        Ok(signed_in) => {
            let mut response =
                Redirect::to(if next.is_empty() { FLOOR } else { &next }).into_response();
            cookie_set(
                &mut response,
                &signed_in.cookie,
                life_s(signed_in.expires_at, shared.app.now()),
            )?;
            Ok(response)
        }
        Err(AppError::SignInRefused) => page(
            StatusCode::UNAUTHORIZED,
            &sign_in_page(&shared, Some(REFUSED), next, code, name),
        ),
        Err(error) => Err(error.into()),
    }
}

/// `POST /floor/sign-out`
pub(crate) async fn end(
    State(shared): State<Shared>,
    SignedIn(ctx): SignedIn,
) -> Result<Response, Fault> {
    shared.app.sign_out(&ctx).await?;
    let mut response = Redirect::to("/floor/sign-in").into_response();
    cookie_set(&mut response, "", 0)?;
    Ok(response)
}

fn life_s(expires_at: Timestamp, now: Timestamp) -> i64 {
    (expires_at.as_second() - now.as_second()).max(0)
}

fn cookie_set(response: &mut Response, value: &str, life_s: i64) -> Result<(), Fault> {
    let cookie =
        format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={life_s}");
    let value = HeaderValue::from_str(&cookie).map_err(|_| Fault::Internal)?;
    response.headers_mut().insert(header::SET_COOKIE, value);
    Ok(())
}

/// An address of our own pages, or nothing: a sign-in never leads to another site.
fn address_own(next: &str) -> String {
    let plain = next
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_'));
    let known = [FLOOR, "/clinic"]
        .iter()
        .any(|start| next == *start || next.starts_with(&format!("{start}/")));
    if plain && known {
        next.to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_to_our_own_pages_alone() {
        assert_eq!(address_own("/floor/sessions/0b7e"), "/floor/sessions/0b7e");
        assert_eq!(address_own("/clinic"), "/clinic");
        for foreign in [
            "//evil.example",
            "/floorx",
            "https://evil.example/floor",
            "/floor/../x",
            "/floor?x",
            "\\evil",
        ] {
            assert_eq!(address_own(foreign), "", "{foreign}");
        }
    }
}
