//! The demonstration's own page: the clinic code of the day, and the clock that stands still until it is moved.
//!
//! Invariant: it answers in a demo alone, and to the same machine alone.

use std::net::SocketAddr;

use askama::Template;
use axum::Extension;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use jiff::Timestamp;

use super::page;
use crate::fault::Fault;
use crate::request::Posted;
use crate::router::Shared;
use crate::view::{Frame, stamp};

#[derive(Template)]
#[template(path = "demo.html")]
pub(crate) struct DemoHtml {
    pub(crate) frame: Frame,
    pub(crate) code: String,
    pub(crate) now: String,
}

fn allowed(
    shared: &Shared,
    address: Option<Extension<ConnectInfo<SocketAddr>>>,
) -> Result<(), Fault> {
    let near = address
        .is_some_and(|Extension(ConnectInfo(address))| address.ip().to_canonical().is_loopback());
    if shared.app.demo() && near {
        Ok(())
    } else {
        Err(Fault::NotFound)
    }
}

/// `GET /demo`
pub(crate) async fn show(
    State(shared): State<Shared>,
    address: Option<Extension<ConnectInfo<SocketAddr>>>,
) -> Result<Response, Fault> {
    allowed(&shared, address)?;
    let code = shared.app.demo_code().await?;
    let now = shared.app.now();
    page(
        StatusCode::OK,
        &DemoHtml {
            frame: Frame::outside("Demonstration", true, now),
            code,
            now: stamp(now),
        },
    )
}

/// `POST /demo/clock`: `to` is an RFC 3339 time; forward only.
pub(crate) async fn clock(
    State(shared): State<Shared>,
    address: Option<Extension<ConnectInfo<SocketAddr>>>,
    Posted(values): Posted,
) -> Result<Response, Fault> {
    allowed(&shared, address)?;
    let to: Timestamp = values
        .get("to")
        .parse()
        .map_err(|_| Fault::BadRequest("The clock takes a time such as 2026-03-02T13:00:00Z."))?;
    shared.app.demo_clock_set(to).await?;
    Ok(Redirect::to("/demo").into_response())
}
