//! Builds the router from the table of routes.

use std::sync::Arc;

use app::App;
use axum::Router;
use axum::body::Body;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::fault::Fault;
use crate::middleware::{
    RateLimit, faults, headers, host_known, panicked, rate, request_id, route_note, time_limit,
};
use crate::routes::{self, Handler};
use crate::settings::WebSettings;
use crate::{assets, pages};

/// What every handler has.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) app: Arc<App>,
    pub(crate) settings: Arc<WebSettings>,
    pub(crate) rate: Arc<RateLimit>,
}

/// The pages and their protections. Serve it with connection info (`into_make_service_with_connect_info::<SocketAddr>`),
/// so that the rate limit knows the address.
pub fn router(app: Arc<App>, settings: WebSettings) -> Router {
    let rate_limit = Arc::new(RateLimit::new(&settings));
    let shared = Shared {
        app,
        settings: Arc::new(settings),
        rate: rate_limit,
    };
    routes_router()
        .method_not_allowed_fallback(async || Fault::Method)
        .fallback(async || Fault::NotFound)
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(headers))
                .layer(from_fn_with_state(shared.clone(), request_id))
                .layer(from_fn_with_state(shared.clone(), faults))
                .layer(CatchPanicLayer::custom(panicked))
                .layer(from_fn_with_state(shared.clone(), rate))
                .layer(from_fn_with_state(shared.clone(), time_limit))
                .layer(from_fn(host_known))
                .layer(CsrfLayer::new().with_rejection_response(foreign))
                .layer(from_fn(route_note)),
        )
        .with_state(shared)
}

/// Every route of the table.
fn routes_router() -> Router<Shared> {
    routes::ALL.iter().fold(Router::new(), |router, route| {
        router.route(route.path, handler(route.handler))
    })
}

/// A form that came from another site's page.
fn foreign(_error: ProtectionError) -> Response<Body> {
    Fault::Foreign.into_response()
}

fn handler(handler: Handler) -> MethodRouter<Shared> {
    match handler {
        Handler::Root => get(async || Redirect::to("/floor")),
        Handler::SignInPage => get(pages::sign_in::show),
        Handler::SignIn => post(pages::sign_in::create),
        Handler::SignOut => post(pages::sign_in::end),
        Handler::Board => get(pages::board::show),
        Handler::Sessions => get(pages::sessions::show),
        Handler::PlanPage => get(pages::plan::show),
        Handler::Plan => post(pages::plan::create),
        Handler::Session => get(pages::session::show),
        Handler::Record => get(pages::record::show),
        Handler::WrongPatientPage => get(pages::wrong_patient::show),
        Handler::WrongPatient => post(pages::wrong_patient::create),
        Handler::Exports => post(pages::record::export),
        Handler::StepPage => get(pages::step::show),
        Handler::StepAgain => get(pages::step::again),
        Handler::Step => post(pages::step::create),
        Handler::Clinic => get(pages::clinic::show),
        Handler::Audit => get(pages::clinic::audit),
        Handler::Demo => get(pages::demo::show),
        Handler::DemoClock => post(pages::demo::clock),
        Handler::Health => get(async || "ok\n"),
        Handler::SecurityText => get(pages::plain::security_text),
        Handler::Asset => get(assets::show),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{Request, StatusCode, header};
    use tower::ServiceExt;

    #[test]
    fn no_two_patterns_of_the_table_contradict() {
        // The router panics when they do.
        assert!(routes_router().has_routes());
    }

    #[tokio::test]
    async fn a_form_from_another_site_is_refused() {
        let protected = || {
            Router::<()>::new()
                .route("/", post(async || "saved"))
                .layer(from_fn(host_known))
                .layer(CsrfLayer::new().with_rejection_response(foreign))
        };
        let request = |name: &str, value: &str| {
            Request::post("/")
                .header(header::HOST, "localhost:8443")
                .header(name, value)
                .body(Body::empty())
                .unwrap()
        };
        for (name, value, status) in [
            ("sec-fetch-site", "cross-site", StatusCode::FORBIDDEN),
            ("sec-fetch-site", "same-site", StatusCode::FORBIDDEN),
            ("origin", "https://evil.example", StatusCode::FORBIDDEN),
            ("origin", "null", StatusCode::FORBIDDEN),
            ("sec-fetch-site", "same-origin", StatusCode::OK),
            ("origin", "https://localhost:8443", StatusCode::OK),
        ] {
            let response = protected().oneshot(request(name, value)).await.unwrap();
            assert_eq!(response.status(), status, "{name}: {value}");
        }
    }
}
