//! What handlers take out of a request: who is signed in, and the form that was sent.

use app::Ctx;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::header::{self, HeaderMap};
use http::request::Parts;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use uuid::Uuid;

use crate::fault::Fault;
use crate::form::{FormError, Values};
use crate::middleware::RequestId;
use crate::router::Shared;
use crate::settings::WebSettings;

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
        form_read(request, &shared.settings).await.map(Self)
    }
}

/// A signed-in person's form. Whose it is, is asked once it is whole: a form that comes slowly does not outlive the right.
pub(crate) struct PostedBy(pub(crate) Ctx, pub(crate) Values);

impl FromRequest<Shared> for PostedBy {
    type Rejection = Fault;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Fault> {
        let (mut parts, body) = request.into_parts();
        // A request without a cookie goes no further.
        cookie_value(&parts.headers).ok_or(Fault::SignIn)?;
        let request = Request::from_parts(parts.clone(), body);
        let values = form_read(request, &shared.settings).await?;
        let SignedIn(ctx) = SignedIn::from_request_parts(&mut parts, shared).await?;
        Ok(Self(ctx, values))
    }
}

/// What became of a form that was not whole when it arrived.
const DAMAGED: &str = "Nothing was saved: the form was cut off or damaged on its way.";

/// Reads a form, within the limits on its bytes and on its time. Half of the request's time is for the form: as long as it
/// is not whole, nothing was done, and that has to be said before the other limit says that nobody knows.
async fn form_read(request: Request, settings: &WebSettings) -> Result<Values, Fault> {
    let longest = settings.body_max_bytes;
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
    let whole = Limited::new(request.into_body(), longest).collect();
    let body = tokio::time::timeout(settings.request_timeout / 2, whole)
        .await
        .map_err(|_| Fault::TooSlow)?
        .map_err(|error| match error.is::<LengthLimitError>() {
            true => Fault::TooLarge,
            false => Fault::BadRequest(DAMAGED),
        })?;
    Values::decode(&body.to_bytes()).map_err(form_fault)
}

/// The values of an address's query.
pub(crate) fn query_values(query: Option<&str>) -> Values {
    query
        .and_then(|query| Values::decode(query.as_bytes()).ok())
        .unwrap_or_default()
}

fn form_fault(error: FormError) -> Fault {
    Fault::BadRequest(match error {
        FormError::Percent => DAMAGED,
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
    use axum::body::{Body, Bytes};
    use http::{HeaderValue, StatusCode};
    use http_body_util::Full;
    use std::future::{pending, ready};
    use std::io::{Error, ErrorKind};

    const FORM: &str = "application/x-www-form-urlencoded";

    fn limits() -> WebSettings {
        WebSettings {
            body_max_bytes: 64,
            ..WebSettings::default()
        }
    }

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
            &limits(),
        )
        .await
        .ok()
        .unwrap();
        assert_eq!(read.get("pulse"), "72");
        assert_eq!(
            form_read(posted(FORM, "a".repeat(65)), &limits())
                .await
                .err(),
            Some(Fault::TooLarge)
        );
        assert_eq!(
            form_read(posted("application/json", "{}"), &limits())
                .await
                .err(),
            Some(Fault::MediaType)
        );
        assert!(
            matches!(form_read(posted(FORM, "note=%C3%28"), &limits()).await.err(), Some(Fault::BadRequest(sentence)) if sentence.ends_with('.'))
        );
        let mut said = posted(FORM, Body::empty());
        said.headers_mut()
            .insert(header::CONTENT_LENGTH, HeaderValue::from_static("65"));
        assert_eq!(
            form_read(said, &limits()).await.err(),
            Some(Fault::TooLarge),
            "refused before a byte of it is read"
        );
    }

    /// The beginning of a form, and what becomes of the rest.
    fn begun(
        rest: impl Future<Output = Option<Result<HeaderMap, Error>>> + Send + 'static,
    ) -> Body {
        let begin = Full::<Bytes>::from("pulse=7").map_err(|never| match never {});
        Body::new(begin.with_trailers(rest))
    }

    #[tokio::test]
    async fn a_form_that_is_cut_off_on_its_way_is_not_called_too_long() {
        let cut_off = begun(ready(Some(Err(ErrorKind::UnexpectedEof.into()))));
        let fault = form_read(posted(FORM, cut_off), &limits()).await.err();
        assert_eq!(fault, Some(Fault::BadRequest(DAMAGED)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_form_that_comes_too_slowly_is_known_not_to_be_saved() {
        let limits = limits();
        let slow = form_read(posted(FORM, begun(pending())), &limits);
        // As the middleware does with the whole request: who is sure has to be first.
        let fault = tokio::time::timeout(limits.request_timeout, slow).await;
        assert_eq!(fault.unwrap().err(), Some(Fault::TooSlow));
        assert_eq!(Fault::TooSlow.status(), StatusCode::REQUEST_TIMEOUT);
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
