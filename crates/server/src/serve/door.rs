//! The listening socket: connections are counted, altogether and by address, spoken to in TLS alone, and none can be held
//! open by slowness.
//!
//! Neither `axum::serve` nor axum-server sets hyper's timer, and both look for HTTP/2 by waiting, without a limit, for
//! the first bytes; so a connection that says nothing stays for ever. Here the TLS handshake names the protocol, and
//! each stage has its limit: handshake, first request, headers, answer, silence.

mod addresses;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt as _;

use addresses::Addresses;

use super::idle::IdleLimited;
use crate::config::Limits;

/// All headers of a request together. Browsers send 1 to 2 KiB.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// Browsers send about 20.
const HEADERS_MAX: usize = 64;
/// A page and its parts; more streams on one connection wait.
const STREAMS_MAX: u32 = 32;
/// Streams that the client resets at once ("rapid reset", CVE-2023-44487).
const RESET_STREAMS_MAX: usize = 16;
/// When the system has no file handle left, accepting again at once would only spin.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);
/// The first byte of a TLS record that carries a handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// What somebody who speaks plain HTTP is told, before the connection is closed (promise K1).
const PLAINTEXT_ANSWER: &str = "This port speaks HTTPS alone: write https:// before the address.\n";

/// What every connection needs.
struct Door {
    tls: TlsAcceptor,
    router: Router,
    limits: Limits,
    stop: watch::Receiver<bool>,
}

/// Serves until `stop` becomes true; then takes no new connection, lets requests under way finish within the drain
/// limit, and returns.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: TlsAcceptor,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(limits.connections_max as usize));
    let addresses = Addresses::new(limits.connections_per_address_max);
    let mut share_told = false;
    let drain = limits.drain;
    let door = Arc::new(Door {
        tls,
        router,
        limits,
        stop: stop.clone(),
    });
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = accept(&listener, &places) => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let Some((place, stream, peer)) = accepted else {
            continue;
        };
        let Some(share) = addresses.take(peer.ip()) else {
            // Closed at once, by dropping it: to wait would hold one of the places that are for everybody. Told once,
            // for whoever fills the places would fill the log as well.
            if !share_told {
                tracing::warn!(
                    "an address holds as many connections as `limits.connections_per_address_max` permits; more of one \
                     address are closed at once, here and from now on"
                );
                share_told = true;
            }
            continue;
        };
        let door = Arc::clone(&door);
        connections.spawn(async move {
            door.connection(stream, peer).await;
            drop((place, share));
        });
    }
    drop(listener);
    let finish = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(drain, finish).await.is_err() {
        tracing::warn!(
            left = connections.len(),
            "connections were cut off at the end of the drain time"
        );
    }
}

type Accepted = (tokio::sync::OwnedSemaphorePermit, TcpStream, SocketAddr);

/// A place first and the connection second, so that more than the limit wait in the kernel's queue.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<Accepted> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((place, stream, peer)),
        Err(error) => {
            tracing::warn!(kind = ?error.kind(), "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_AGAIN).await;
            None
        }
    }
}

impl Door {
    async fn connection(&self, stream: TcpStream, peer: SocketAddr) {
        let Ok(Some(stream)) =
            tokio::time::timeout(self.limits.handshake, self.handshake(stream)).await
        else {
            return;
        };
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let asked = Arc::new(AtomicBool::new(false));
        let service = self.service(peer, &asked);
        let io = TokioIo::new(IdleLimited::new(stream, self.limits.idle));
        if is_http2 {
            let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            builder
                .timer(TokioTimer::new())
                .max_concurrent_streams(STREAMS_MAX);
            builder.max_header_list_size(HEADER_BYTES_MAX as u32);
            builder.max_pending_accept_reset_streams(RESET_STREAMS_MAX);
            let connection = builder.serve_connection(io, service);
            self.watch(connection, &asked, |running| running.graceful_shutdown())
                .await;
        } else {
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder
                .timer(TokioTimer::new())
                .header_read_timeout(self.limits.headers);
            builder
                .max_buf_size(HEADER_BYTES_MAX)
                .max_headers(HEADERS_MAX);
            let connection = builder.serve_connection(io, service);
            self.watch(connection, &asked, |running| running.graceful_shutdown())
                .await;
        }
    }

    async fn handshake(&self, mut stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let mut first = [0];
        if stream.peek(&mut first).await.ok()? == 0 {
            return None;
        }
        if first[0] != TLS_HANDSHAKE {
            plaintext_refuse(&mut stream).await.ok()?;
            return None;
        }
        // Answers are small and written whole; waiting for more to send only delays them.
        let _ = stream.set_nodelay(true);
        self.tls.accept(stream).await.ok()
    }

    /// One service a connection: it knows the peer, and notes that a request came.
    fn service(
        &self,
        peer: SocketAddr,
        asked: &Arc<AtomicBool>,
    ) -> impl hyper::service::Service<
        hyper::Request<Incoming>,
        Response = Response,
        Error = std::convert::Infallible,
        Future: Send,
    > + use<> {
        let (router, asked) = (self.router.clone(), Arc::clone(asked));
        hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request)
        })
    }

    /// Drives a connection to its end: by itself, because no request came in time, or because the server stops.
    async fn watch<C, E>(&self, connection: C, asked: &AtomicBool, finish: impl Fn(Pin<&mut C>))
    where
        C: Future<Output = Result<(), E>>,
    {
        let mut stop = self.stop.clone();
        let first_request = tokio::time::sleep(self.limits.headers);
        tokio::pin!(connection, first_request);
        let mut first_request_open = true;
        let mut stop_open = true;
        loop {
            tokio::select! {
                // Why it ended is the client's affair: nothing of it is logged, since it could quote what was sent.
                _ = &mut connection => return,
                () = &mut first_request, if first_request_open => {
                    if !asked.load(Ordering::Relaxed) {
                        return;
                    }
                    first_request_open = false;
                }
                _ = stop.wait_for(|stop| *stop), if stop_open => {
                    finish(connection.as_mut());
                    stop_open = false;
                }
            }
        }
    }
}

async fn plaintext_refuse(stream: &mut TcpStream) -> std::io::Result<()> {
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{PLAINTEXT_ANSWER}",
        PLAINTEXT_ANSWER.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    // Closing with unread bytes would reset the connection, and the answer with it.
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests;
