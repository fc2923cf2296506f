#![expect(clippy::unwrap_used, reason = "tests")]
//! Over real sockets, with short limits: what is waited for is a limit that we set, never luck.

use super::*;
use crate::config::TlsSource;
use crate::files::tests::scratch;
use crate::tls::{AUTHORITY_FILE, Certificate, provider, server_config, tests::noon};
use axum::routing::get;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as ClientStream;

/// Far above every limit below: a test that reaches it has failed.
const TOO_LONG: Duration = Duration::from_secs(20);
const LIMIT: Duration = Duration::from_millis(300);

struct Running {
    address: SocketAddr,
    authority: CertificateDer<'static>,
    stop: watch::Sender<bool>,
    ended: tokio::task::JoinHandle<()>,
    /// Told when a request for `/slow` has arrived.
    arrived: Arc<Notify>,
}

fn limits() -> Limits {
    let long = Duration::from_secs(60);
    Limits {
        connections_max: 16,
        connections_per_address_max: 16,
        handshake: long,
        headers: long,
        request: long,
        idle: long,
        drain: long,
    }
}

async fn start(limits: Limits) -> Running {
    let dir = scratch();
    let certificate = Certificate::load(&TlsSource::Local { dir: dir.clone() }, noon()).unwrap();
    let authority = CertificateDer::from_pem_file(dir.join(AUTHORITY_FILE)).unwrap();
    std::fs::remove_dir_all(dir).unwrap();
    let tls = TlsAcceptor::from(Arc::new(server_config(certificate).unwrap()));
    let arrived = Arc::new(Notify::new());
    let arriving = Arc::clone(&arrived);
    let slow = || async move {
        arriving.notify_one();
        tokio::time::sleep(LIMIT / 2).await;
        "slow"
    };
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/slow", get(slow))
        .route(
            "/peer",
            get(|peer: ConnectInfo<SocketAddr>| async move { peer.ip().to_string() }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let ended = tokio::spawn(serve(listener, tls, router, limits, stopped));
    Running {
        address,
        authority,
        stop,
        ended,
        arrived,
    }
}

impl Running {
    async fn connect(&self, protocol: &[u8]) -> ClientStream<TcpStream> {
        self.try_connect(protocol).await.unwrap()
    }

    async fn try_connect(&self, protocol: &[u8]) -> std::io::Result<ClientStream<TcpStream>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.authority.clone()).unwrap();
        let mut config = rustls::ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AtNoon(roots.into())))
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let tcp = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, tcp)
            .await
    }

    async fn get(&self, path: &str) -> String {
        let mut stream = self.connect(b"http/1.1").await;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        read_to_close(&mut stream).await
    }
}

/// Checks the certificate as of the time for which the tests make it.
#[derive(Debug)]
struct AtNoon(Arc<rustls::RootCertStore>);

impl rustls::client::danger::ServerCertVerifier for AtNoon {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        _now: rustls_pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        let seconds = Duration::from_secs(noon().as_second().try_into().unwrap());
        let at = rustls_pki_types::UnixTime::since_unix_epoch(seconds);
        self.webpki()
            .verify_server_cert(leaf, chain, name, ocsp, at)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        self.webpki().verify_tls12_signature(message, leaf, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        self.webpki().verify_tls13_signature(message, leaf, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.webpki().supported_verify_schemes()
    }
}

impl AtNoon {
    fn webpki(&self) -> Arc<rustls::client::WebPkiServerVerifier> {
        rustls::client::WebPkiServerVerifier::builder_with_provider(Arc::clone(&self.0), provider())
            .build()
            .unwrap()
    }
}

/// Everything until the other side closes; it has to close within [`TOO_LONG`].
async fn read_to_close(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let closed = tokio::time::timeout(TOO_LONG, stream.read_to_end(&mut bytes)).await;
    // A close without TLS's own goodbye is an error to the reader, and a close all the same.
    let _ = closed.expect("the server closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_request_is_answered_and_its_sender_known() {
    let server = start(limits()).await;
    assert!(server.get("/").await.ends_with("hello"));
    assert!(server.get("/peer").await.ends_with("127.0.0.1"));
}

#[tokio::test]
async fn headers_sent_slowly_lose_the_connection_and_hold_up_nobody() {
    let server = start(Limits {
        headers: LIMIT,
        ..limits()
    })
    .await;
    let mut slow = server.connect(b"http/1.1").await;
    slow.write_all(b"GET / HTTP/1.1\r\nHost: local")
        .await
        .unwrap();
    let dripping = async {
        loop {
            tokio::time::sleep(LIMIT / 10).await;
            if slow.write_all(b"x").await.is_err() || slow.flush().await.is_err() {
                return;
            }
        }
    };
    let (closed, answer) = tokio::join!(tokio::time::timeout(TOO_LONG, dripping), server.get("/"));
    closed.expect("the server closes the connection of a client that drips its headers");
    assert!(answer.ends_with("hello"));
}

#[tokio::test]
async fn a_silent_connection_is_closed_before_and_after_a_request() {
    let server = start(Limits {
        headers: LIMIT,
        ..limits()
    })
    .await;
    let mut silent = server.connect(b"http/1.1").await;
    assert_eq!(read_to_close(&mut silent).await, "");

    let mut kept = server.connect(b"http/1.1").await;
    kept.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    assert!(read_to_close(&mut kept).await.ends_with("hello"));
}

#[tokio::test]
async fn http2_without_a_word_is_closed() {
    let server = start(Limits {
        headers: LIMIT,
        ..limits()
    })
    .await;
    let mut silent = server.connect(b"h2").await;
    assert_eq!(silent.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    read_to_close(&mut silent).await;
}

#[tokio::test]
async fn a_handshake_that_never_comes_is_not_waited_for() {
    let server = start(Limits {
        handshake: LIMIT,
        ..limits()
    })
    .await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(read_to_close(&mut silent).await, "");
    let mut half = TcpStream::connect(server.address).await.unwrap();
    half.write_all(&[TLS_HANDSHAKE, 3, 1, 2, 0]).await.unwrap();
    assert_eq!(read_to_close(&mut half).await, "");
}

#[tokio::test]
async fn plain_http_is_told_to_use_https() {
    let server = start(limits()).await;
    let mut plain = TcpStream::connect(server.address).await.unwrap();
    plain
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut bytes = [0; 12];
    plain.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"HTTP/1.1 400");
    plain.shutdown().await.unwrap();
    assert!(read_to_close(&mut plain).await.ends_with(PLAINTEXT_ANSWER));
}

#[tokio::test]
async fn more_connections_than_the_limit_wait_their_turn() {
    let server = start(Limits {
        connections_max: 1,
        headers: LIMIT,
        ..limits()
    })
    .await;
    let first = server.connect(b"http/1.1").await;
    // The one place is taken until the first one's limit; this one waits in the queue and is then served.
    let answer = tokio::time::timeout(TOO_LONG, server.get("/"))
        .await
        .unwrap();
    assert!(answer.ends_with("hello"));
    drop(first);
}

#[tokio::test]
async fn one_address_cannot_take_every_place() {
    let server = start(Limits {
        connections_per_address_max: 2,
        ..limits()
    })
    .await;
    let first = server.connect(b"http/1.1").await;
    let _second = server.connect(b"http/1.1").await;
    // Every limit of time is longer than this test, and places are left: only its address can be what closes the third.
    let mut third = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(read_to_close(&mut third).await, "");

    // What one connection gives back, the next one gets; the server hears of the end a moment later.
    drop(first);
    let next = async {
        loop {
            match server.try_connect(b"http/1.1").await {
                Ok(stream) => return stream,
                Err(_) => tokio::time::sleep(LIMIT / 30).await,
            }
        }
    };
    let mut next = tokio::time::timeout(TOO_LONG, next).await.unwrap();
    next.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    assert!(read_to_close(&mut next).await.ends_with("hello"));
}

#[tokio::test]
async fn headers_over_the_limit_are_refused() {
    let server = start(limits()).await;
    let mut stream = server.connect(b"http/1.1").await;
    let long = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "x".repeat(HEADER_BYTES_MAX)
    );
    // The server may close before all is sent.
    let _ = stream.write_all(long.as_bytes()).await;
    assert!(read_to_close(&mut stream).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn stopping_lets_a_request_finish_and_takes_no_other() {
    let server = start(limits()).await;
    let mut stream = server.connect(b"http/1.1").await;
    stream
        .write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    stream.flush().await.unwrap();
    tokio::time::timeout(TOO_LONG, server.arrived.notified())
        .await
        .unwrap();
    server.stop.send(true).unwrap();
    assert!(read_to_close(&mut stream).await.ends_with("slow"));
    tokio::time::timeout(TOO_LONG, server.ended)
        .await
        .unwrap()
        .unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
