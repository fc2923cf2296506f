//! What handlers take out of a request: who is signed in, and the form that was sent.

use app::Ctx;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::header::{self, HeaderMap};
use http::request::Parts;
use uuid::Uuid;

use crate::fault::Fault;
use crate::form::{FormError, Values};
use crate::middleware::RequestId;
use crate::router::Shared;

/// The cookie of the sign-in. The prefix makes browsers insist on Secure, this host alone, and the whole site.
pub(crate) const COOKIE: &str = "__Host-clerestory";

/// The signed-in person's request.
pub(crate) struct SignedIn(pub(crate) Ctx);

impl FromRequestParts<Shared> for SignedIn {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Fault> {
        let cookie = cookie_value(&parts.headers).ok_or(Fault::SignIn)?;
        let ctx = shared.app.authenticate(cookie, request_of(parts)).await?;
        ctx.map(Self).ok_or(Fault::SignIn)
    }
}

/// The sign-in's cookie as it was sent, not looked up yet. A request without one goes no further.
pub(crate) struct Cookie(pub(crate) String);

impl FromRequestParts<Shared> for Cookie {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _shared: &Shared) -> Result<Self, Fault> {
        let value = cookie_value(&parts.headers).ok_or(Fault::SignIn)?;
        Ok(Self(value.to_owned()))
    }
}

/// The request's id.
pub(crate) struct Asking(pub(crate) Uuid);

impl FromRequestParts<Shared> for Asking {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _shared: &Shared) -> Result<Self, Fault> {
        Ok(Self(request_of(parts)))
    }
}

fn request_of(parts: &Parts) -> Uuid {
    parts
        .extensions
        .get::<RequestId>()
        .map_or_else(Uuid::nil, |id| id.0)
}

/// The value of our cookie. Two of that name are one too many: somebody planted one.
fn cookie_value(headers: &HeaderMap) -> Option<&str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        // Another site's cookie beside ours may hold any bytes.
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE);
    let (_, value) = found.next()?;
    found.next().is_none().then_some(value)
}

/// A form as it was sent.
pub(crate) struct Posted(pub(crate) Values);

impl FromRequest<Shared> for Posted {
    type Rejection = Fault;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Fault> {
        form_read(request, shared.settings.body_max_bytes)
            .await
            .map(Self)
    }
}

/// Reads a form of at most so many bytes.
async fn form_read(request: Request, longest: usize) -> Result<Values, Fault> {
    let media_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Fault::MediaType);
    }
    let said: Option<usize> = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok());
    if said.is_some_and(|length| length > longest) {
        return Err(Fault::TooLarge);
    }
    let body = to_bytes(request.into_body(), longest)
        .await
        .map_err(|_| Fault::TooLarge)?;
    Values::decode(&body).map_err(form_fault)
}

/// The values of an address's query.
pub(crate) fn query_values(query: Option<&str>) -> Values {
    query
        .and_then(|query| Values::decode(query.as_bytes()).ok())
        .unwrap_or_default()
}

fn form_fault(error: FormError) -> Fault {
    Fault::BadRequest(match error {
        FormError::Percent => "Nothing was saved: the form was cut off or damaged on its way.",
        FormError::Utf8 => "Nothing was saved: the form holds characters that are not UTF-8 text.",
        FormError::Control => {
            "Nothing was saved: the text holds a control character that cannot be kept."
        }
        FormError::TooMany => {
            "Nothing was saved: the form holds more answers than any form here has."
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http::HeaderValue;

    const FORM: &str = "application/x-www-form-urlencoded";

    fn posted(media_type: &str, body: impl Into<Body>) -> Request {
        Request::post("/")
            .header(header::CONTENT_TYPE, media_type)
            .body(body.into())
            .unwrap()
    }

    #[tokio::test]
    async fn a_form_is_read_and_what_is_none_is_refused() {
        let read = form_read(
            posted(
                "application/x-www-form-urlencoded; charset=UTF-8",
                "pulse=72",
            ),
            64,
        )
        .await
        .ok()
        .unwrap();
        assert_eq!(read.get("pulse"), "72");
        assert_eq!(
            form_read(posted(FORM, "a".repeat(65)), 64).await.err(),
            Some(Fault::TooLarge)
        );
        assert_eq!(
            form_read(posted("application/json", "{}"), 64).await.err(),
            Some(Fault::MediaType)
        );
        assert!(
            matches!(form_read(posted(FORM, "note=%C3%28"), 64).await.err(), Some(Fault::BadRequest(sentence)) if sentence.ends_with('.'))
        );
        let mut said = posted(FORM, Body::empty());
        said.headers_mut()
            .insert(header::CONTENT_LENGTH, HeaderValue::from_static("65"));
        assert_eq!(
            form_read(said, 64).await.err(),
            Some(Fault::TooLarge),
            "refused before a byte of it is read"
        );
    }

    #[test]
    fn takes_our_cookie_and_no_planted_second() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("a=b; __Host-clerestory=abc"),
        );
        assert_eq!(cookie_value(&headers).unwrap(), "abc");
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("__Host-clerestory=def"),
        );
        assert_eq!(cookie_value(&headers), None);
        let beside = HeaderValue::from_bytes(b"x=\xe9; __Host-clerestory=abc").unwrap();
        headers.insert(header::COOKIE, beside);
        assert_eq!(cookie_value(&headers).unwrap(), "abc");
    }
}
