//! The way to a demo: HTTPS to this machine alone, with the demo's own authority as the only one trusted.
//!
//! Invariant: no other machine is ever spoken to, and the system's list of authorities is not read.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::files;
use crate::tls::provider;

/// A certificate in PEM.
const AUTHORITY_BYTES_MAX: u64 = 64 * 1024;
/// A page has some hundred kilobytes, a bundle a few megabytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// A bundle of a long day takes seconds on a slow machine.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// This machine answers at once, or not at all.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// A running demo.
pub(crate) struct Demo {
    /// As the `Host` header has it: `localhost:8443`.
    authority: String,
    name: ServerName<'static>,
    addresses: Vec<SocketAddr>,
    tls: TlsConnector,
}

/// A connection.
pub(crate) struct Wire(SendRequest<Full<Bytes>>);

/// An answer, whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The page.
    ///
    /// # Errors
    /// It is not UTF-8.
    pub(crate) fn html(&self) -> anyhow::Result<&str> {
        std::str::from_utf8(&self.body).context("The answer is not UTF-8")
    }
}

/// What is asked.
pub(crate) struct Question<'a> {
    pub(crate) path: &'a str,
    pub(crate) cookie: String,
    /// An encoded form to send, or nothing to read a page.
    pub(crate) form: Option<String>,
}

impl Demo {
    /// A demo at an address such as `https://localhost:8443`, whose certificate the authority in `trust` has signed.
    ///
    /// # Errors
    /// The address is not this machine, or the authority cannot be read.
    pub(crate) fn at(address: &str, trust: &Path) -> anyhow::Result<Self> {
        let (host, port) = address_parse(address)?;
        let pem = files::read_bounded(trust, AUTHORITY_BYTES_MAX)
            .context("Name the demo's certificate authority with --trust")?;
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(&pem)
            .with_context(|| format!("{} holds no certificate", trust.display()))?;
        roots.add(certificate)?;
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let addresses = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(ip) => vec![ip],
            // No look-up: a name server has no say in what this machine is.
            Err(_) => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        };
        Ok(Self {
            authority: format!("{host}:{port}"),
            name: ServerName::try_from(host.trim_matches(['[', ']']).to_owned())?,
            addresses: addresses
                .into_iter()
                .map(|ip| SocketAddr::new(ip, port))
                .collect(),
            tls: TlsConnector::from(Arc::new(config)),
        })
    }

    /// Connects.
    ///
    /// # Errors
    /// Nobody listens, or somebody with another certificate.
    pub(crate) async fn connect(&self) -> anyhow::Result<Wire> {
        let tcp = tokio::time::timeout(
            CONNECT_WITHIN,
            TcpStream::connect(self.addresses.as_slice()),
        )
        .await
        .context("no answer in time")
        .and_then(|tcp| tcp.map_err(anyhow::Error::from))
        .with_context(|| {
            format!(
                "No demo listens at https://{}: start one with bin/up",
                self.authority
            )
        })?;
        let stream = self
            .tls
            .connect(self.name.clone(), tcp)
            .await
            .with_context(|| {
                format!(
                    "https://{} has another certificate than the one that is trusted (see --trust)",
                    self.authority
                )
            })?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Ends when the sender is dropped or the server closes it; what it says then shows at the next question.
        tokio::spawn(connection);
        Ok(Wire(sender))
    }

    /// Asks, and waits for the whole answer.
    ///
    /// # Errors
    /// The connection broke, or the answer is too long or too late.
    pub(crate) async fn ask(
        &self,
        wire: &mut Wire,
        question: &Question<'_>,
    ) -> anyhow::Result<Answer> {
        let request = self.request(question)?;
        let asking = async {
            wire.0.ready().await?;
            let response = wire.0.send_request(request).await?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX)
                .collect()
                .await
                .map_err(|error| anyhow::anyhow!("the answer broke off or is too long: {error}"))?;
            anyhow::Ok(Answer {
                status: parts.status,
                headers: parts.headers,
                body: body.to_bytes(),
            })
        };
        tokio::time::timeout(ANSWER_WITHIN, asking)
            .await
            .with_context(|| format!("no answer within {} s", ANSWER_WITHIN.as_secs()))?
    }

    fn request(&self, question: &Question<'_>) -> anyhow::Result<Request<Full<Bytes>>> {
        let origin = format!("https://{}", self.authority);
        let mut builder = Request::builder()
            .uri(question.path)
            .header("host", &self.authority)
            .header(
                "user-agent",
                concat!("clerestory-play/", env!("CARGO_PKG_VERSION")),
            )
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin");
        if !question.cookie.is_empty() {
            builder = builder.header("cookie", &question.cookie);
        }
        let body = match &question.form {
            None => Full::default(),
            Some(form) => {
                builder = builder
                    .method("POST")
                    .header("origin", origin)
                    .header("content-type", "application/x-www-form-urlencoded");
                Full::new(Bytes::from(form.clone()))
            }
        };
        Ok(builder.body(body)?)
    }
}

impl Wire {
    /// Whether another question can be asked on it.
    pub(crate) fn is_open(&self) -> bool {
        !self.0.is_closed()
    }
}

/// Host and port of an address on this machine.
fn address_parse(address: &str) -> anyhow::Result<(String, u16)> {
    let wrong =
        || format!("{address} is no address of a demo: it is written https://localhost:8443");
    let rest = address.strip_prefix("https://").with_context(wrong)?;
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') && !port.ends_with(']') => {
            (host, port.parse().with_context(wrong)?)
        }
        Some(_) | None => (authority, 443),
    };
    let loopback = host
        .trim_matches(['[', ']'])
        .parse::<IpAddr>()
        .is_ok_and(|ip| ip.is_loopback());
    if host != "localhost" && !loopback {
        bail!(
            "A day is played on this machine alone: {host} is refused. Use a tunnel to localhost for a demo elsewhere."
        );
    }
    Ok((host.to_owned(), port))
}

/// A form as a browser sends it.
pub(crate) fn form_encode(pairs: &[(String, String)]) -> String {
    let mut encoded = String::new();
    for (name, value) in pairs {
        if !encoded.is_empty() {
            encoded.push('&');
        }
        text_encode(name, &mut encoded);
        encoded.push('=');
        text_encode(value, &mut encoded);
    }
    encoded
}

fn text_encode(text: &str, encoded: &mut String) {
    for byte in text.replace("\r\n", "\n").replace('\n', "\r\n").bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                encoded.push(char::from(byte))
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn this_machine_alone() {
        assert_eq!(
            address_parse("https://localhost:8443").unwrap(),
            ("localhost".to_owned(), 8443)
        );
        assert_eq!(
            address_parse("https://127.0.0.1:1/").unwrap(),
            ("127.0.0.1".to_owned(), 1)
        );
        assert_eq!(
            address_parse("https://[::1]:8443").unwrap(),
            ("[::1]".to_owned(), 8443)
        );
        assert_eq!(
            address_parse("https://[::1]").unwrap(),
            ("[::1]".to_owned(), 443)
        );
        for other in [
            "http://localhost:8443",
            "https://clinic.example:8443",
            "https://192.0.2.7:8443",
            "https://localhost.example:8443",
            "https://me@localhost:8443",
            "https://localhost:8443/floor",
            "https://localhost:eight",
            "localhost:8443",
        ] {
            assert!(address_parse(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_form_is_sent_as_browsers_send_it() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = [
            pair("note", "Her brother, “Al”\n50% & more"),
            pair("a b", ""),
            pair("c", "1+1=2"),
        ];
        assert_eq!(
            form_encode(&pairs),
            "note=Her+brother%2C+%E2%80%9CAl%E2%80%9D%0D%0A50%25+%26+more&a+b=&c=1%2B1%3D2"
        );
    }
}
