//! Asks the server whether it answers, through its front door: TCP, TLS with the local authority, HTTP.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::files;
use crate::tls::provider;

/// Making keys and a certificate takes a second on a slow machine; a database that repairs itself has its own limit.
pub(crate) const WITHIN: Duration = Duration::from_secs(60);
/// With clinics for load tests: each of their sessions is made durably, with its key, before the server answers.
pub(crate) const WITHIN_WITH_LOAD: Duration = Duration::from_secs(300);
/// How often we ask.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// One question.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// A certificate in PEM.
const AUTHORITY_BYTES_MAX: u64 = 64 * 1024;

/// Where to ask, and whom to trust.
pub(crate) struct Health {
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    /// The local authority's certificate. It may not be there yet.
    pub(crate) authority: PathBuf,
    /// How long it is waited for.
    pub(crate) within: Duration,
}

impl Health {
    /// Waits until the server answers that it is well.
    ///
    /// # Errors
    /// It does not within that time; the last answer is in the error.
    pub(crate) async fn wait(&self) -> anyhow::Result<()> {
        let mut last = anyhow::anyhow!("it was not asked");
        let asking = async {
            loop {
                match tokio::time::timeout(ANSWER_WITHIN, self.ask()).await {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => last = error,
                    Err(_) => {
                        last = anyhow::anyhow!("no answer within {} s", ANSWER_WITHIN.as_secs())
                    }
                }
                tokio::time::sleep(ASK_EVERY).await;
            }
        };
        if tokio::time::timeout(self.within, asking).await.is_err() {
            return Err(last.context(format!(
                "The server does not answer after {} s",
                self.within.as_secs()
            )));
        }
        Ok(())
    }

    async fn ask(&self) -> anyhow::Result<()> {
        let pem = files::read_bounded(&self.authority, AUTHORITY_BYTES_MAX)?;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&pem)?)?;
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tcp = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("localhost")?;
        let mut stream = TlsConnector::from(Arc::new(config))
            .connect(name, tcp)
            .await?;
        let question = format!(
            "GET /health HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n",
            self.address.port()
        );
        stream.write_all(question.as_bytes()).await?;
        let mut answer = [0; 12];
        stream
            .read_exact(&mut answer)
            .await
            .context("no answer to /health")?;
        if &answer[9..] != b"200" {
            bail!("/health answers {}", String::from_utf8_lossy(&answer));
        }
        Ok(())
    }
}
