//! What stands around every page, from the outside in: headers, the request's id, pages for faults, the net under a
//! panic, the rate limit, the time limit.

mod faults;
mod headers;
mod rate;

use std::any::Any;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::uri::Authority;
use http::{HeaderValue, Method, Version, header};
use tracing::Instrument;
use uuid::Uuid;

#[cfg(test)]
pub(crate) use faults::FaultPage;
pub(crate) use faults::faults;
pub(crate) use headers::headers;
pub(crate) use rate::{RateLimit, rate};

use crate::fault::Fault;
use crate::router::Shared;

/// The request's id: in the answer, in the log, and in each ledger entry that the request leaves.
#[derive(Clone, Copy)]
pub(crate) struct RequestId(pub(crate) Uuid);

/// Gives each request its id, and writes one line about it. The line holds the route's pattern, never the address:
/// addresses hold ids, and pages hold patients. Nor does it hold a method that is none of HTTP's own: a client may name it as it
/// likes, with a patient's name or at any length.
pub(crate) async fn request_id(
    State(shared): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = shared.app.id();
    request.extensions_mut().insert(RequestId(id));
    let method = method_word(request.method());
    let span = tracing::info_span!("request", id = %id);
    let mut response = next.run(request).instrument(span.clone()).await;
    let route = response
        .extensions()
        .get::<Route>()
        .map_or("unknown", |route| route.0);
    span.in_scope(|| {
        tracing::info!(
            method,
            route,
            status = response.status().as_u16(),
            "answered"
        )
    });
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

fn method_word(method: &Method) -> &'static str {
    const KNOWN: [(Method, &str); 9] = [
        (Method::GET, "GET"),
        (Method::POST, "POST"),
        (Method::HEAD, "HEAD"),
        (Method::OPTIONS, "OPTIONS"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
        (Method::CONNECT, "CONNECT"),
        (Method::TRACE, "TRACE"),
    ];
    KNOWN
        .iter()
        .find(|(known, _)| known == method)
        .map_or("other", |(_, word)| word)
}

/// The pattern of the route that answered.
#[derive(Clone, Copy)]
pub(crate) struct Route(pub(crate) &'static str);

/// Notes the route's pattern on the answer; stands within the router, where it is known.
pub(crate) async fn route_note(request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    let known = matched.and_then(|path| {
        crate::routes::ALL
            .iter()
            .find(|route| route.path == path.as_str())
    });
    if let Some(route) = known {
        response.extensions_mut().insert(Route(route.path));
    }
    response
}

/// Refuses a request that does not say, or does not say clearly, which site it is for (RFC 9112, section 3.2): what
/// stands between two of that name could take the one, and we the other.
pub(crate) async fn host_known(request: Request, next: Next) -> Response {
    if host_is_clear(&request) {
        next.run(request).await
    } else {
        Fault::BadRequest("It is not clear which site the request is for.").into_response()
    }
}

fn host_is_clear(request: &Request) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host
            .to_str()
            .is_ok_and(|host| host.parse::<Authority>().is_ok()),
        (Some(_), Some(_)) => false,
        // In HTTP/2 the address itself says it.
        (None, _) => request.uri().authority().is_some() || request.version() < Version::HTTP_11,
    }
}

/// Ends a request that takes too long. Commits run to their end all the same.
pub(crate) async fn time_limit(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    match tokio::time::timeout(shared.settings.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Fault::TimedOut.into_response(),
    }
}

/// The net under a panic: the page says that the fault is ours. What the panic said is not logged here, for it may
/// hold patient data; the process's panic hook decides about it.
pub(crate) fn panicked(_panic: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Fault::Internal.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_once_which_site_it_is_for() {
        let asked = |uri: &str, hosts: &[&[u8]]| {
            let mut request = Request::new(axum::body::Body::empty());
            *request.uri_mut() = uri.parse().unwrap();
            for host in hosts {
                let host = HeaderValue::from_bytes(host).unwrap();
                request.headers_mut().append(header::HOST, host);
            }
            host_is_clear(&request)
        };
        for clear in [
            "localhost:8443",
            "clinic.example",
            "127.0.0.1",
            "[::1]:8443",
        ] {
            assert!(asked("/floor", &[clear.as_bytes()]), "{clear}");
        }
        assert!(asked("https://clinic.example/floor", &[]));
        assert!(!asked("/floor", &[]));
        assert!(!asked("/floor", &[b"localhost", b"localhost"]));
        for unclear in [&b"a b"[..], b"", b"a\xff", b"\"<>", b"a/b"] {
            assert!(!asked("/floor", &[unclear]));
        }
        let mut old = Request::new(axum::body::Body::empty());
        *old.version_mut() = Version::HTTP_10;
        assert!(host_is_clear(&old), "HTTP/1.0 knows no such header");
    }

    #[test]
    fn a_method_that_is_none_of_https_own_is_not_logged() {
        assert_eq!(method_word(&Method::POST), "POST");
        let made_up = Method::from_bytes(b"BROOKHOLLOW").unwrap();
        assert_eq!(method_word(&made_up), "other");
    }
}
