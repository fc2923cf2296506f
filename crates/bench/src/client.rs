//! A phone: one TLS connection, kept alive, with its cookie.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Where the server listens; the certificate's authority goes with it.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) port: u16,
    tls: TlsConnector,
}

impl Server {
    pub(crate) fn new(port: u16, authority: &Path) -> anyhow::Result<Self> {
        let mut roots = rustls::RootCertStore::empty();
        let pem = CertificateDer::from_pem_file(authority)
            .map_err(|error| anyhow::anyhow!("{}: {error}", authority.display()))?;
        roots.add(pem)?;
        let config = rustls::ClientConfig::builder_with_provider(Arc::new(
            rustls::crypto::aws_lc_rs::default_provider(),
        ))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
        Ok(Self {
            port,
            tls: TlsConnector::from(Arc::new(config)),
        })
    }
}

/// A connection with its cookie.
pub(crate) struct Phone {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    origin: String,
    pub(crate) cookie: String,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) cookie: Option<String>,
    pub(crate) body: Bytes,
}

impl Phone {
    pub(crate) async fn connect(server: &Server) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", server.port)).await?;
        stream.set_nodelay(true)?;
        let stream = server
            .tls
            .connect(ServerName::try_from("localhost")?, stream)
            .await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let host = format!("localhost:{}", server.port);
        Ok(Self {
            sender,
            origin: format!("https://{host}"),
            host,
            cookie: String::new(),
        })
    }

    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        self.send("GET", path, String::new()).await
    }

    pub(crate) async fn post(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        let body: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        self.send("POST", path, body.join("&")).await
    }

    async fn send(&mut self, method: &str, path: &str, body: String) -> anyhow::Result<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host);
        if !self.cookie.is_empty() {
            request = request.header(COOKIE, &self.cookie);
        }
        if method == "POST" {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(ORIGIN, &self.origin)
                .header("sec-fetch-site", "same-origin");
        }
        let request = request.body(Full::new(Bytes::from(body)))?;
        self.sender.ready().await?;
        let response: Response<_> = self.sender.send_request(request).await?;
        let status = response.status();
        let cookie = response
            .headers()
            .get(SET_COOKIE)
            .and_then(|value| value.to_str().ok()?.split(';').next().map(str::to_owned));
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Answer {
            status,
            cookie,
            body,
        })
    }

    /// Signs in and keeps the cookie.
    pub(crate) async fn sign_in(
        &mut self,
        code: &str,
        name: &str,
        pin: &str,
    ) -> anyhow::Result<()> {
        let answer = self
            .post(
                "/floor/sign-in",
                &[("code", code), ("name", name), ("pin", pin)],
            )
            .await?;
        ensure!(
            answer.status == StatusCode::SEE_OTHER,
            "signing in was answered {}",
            answer.status
        );
        self.cookie = answer.cookie.context("signing in set no cookie")?;
        Ok(())
    }
}

impl Answer {
    /// The value of a hidden field of the page.
    pub(crate) fn field(&self, name: &str) -> anyhow::Result<String> {
        let page = std::str::from_utf8(&self.body)?;
        let Some((_, after)) = page.split_once(&format!("name=\"{name}\" value=\"")) else {
            bail!("the page (status {}) has no field `{name}`", self.status);
        };
        Ok(after.split('"').next().unwrap_or_default().to_owned())
    }
}

fn encode(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
