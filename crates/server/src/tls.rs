//! TLS 1.2 and 1.3, and the certificate: given as files, or made here for localhost alone (promise K1).
//!
//! The local authority's certificate carries name constraints, so that a browser that trusts it trusts it for this
//! machine and for nothing else.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Context as _, bail};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::TlsSource;
use crate::files;

/// Long enough that nobody installs the local authority twice a year.
const AUTHORITY_DAYS: i64 = 3650;
/// Below the 398 days that browsers accept.
const LEAF_DAYS: i64 = 397;
/// A leaf with less is replaced.
const LEAF_RENEW_DAYS: i64 = 30;
/// Clocks differ a little between machines.
const BACKDATED_DAYS: i64 = 1;
/// A certificate chain is a few kilobytes.
const PEM_BYTES_MAX: u64 = 256 * 1024;

/// The local authority's certificate, for browsers to trust.
pub(crate) const AUTHORITY_FILE: &str = "authority.pem";
const AUTHORITY_KEY_FILE: &str = "authority.key";
const LEAF_FILE: &str = "localhost.pem";
const LEAF_KEY_FILE: &str = "localhost.key";
const EXPIRY_FILE: &str = "expires.toml";

/// The one implementation of ciphers.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// The server's side of TLS.
///
/// # Errors
/// The ciphers do not fit the versions, which is a mistake in this program.
pub(crate) fn server_config(certificate: Arc<Certificate>) -> anyhow::Result<ServerConfig> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The certificate in use. It can be replaced while connections are served.
#[derive(Debug)]
pub(crate) struct Certificate(RwLock<Arc<CertifiedKey>>);

impl Certificate {
    /// Loads it from its source; a local one is made, or renewed when it is about to expire.
    ///
    /// # Errors
    /// Files are missing, are no PEM, or key and certificate do not belong together.
    pub(crate) fn load(source: &TlsSource, now: Timestamp) -> anyhow::Result<Arc<Self>> {
        Ok(Arc::new(Self(RwLock::new(Arc::new(certified_key(
            source, now,
        )?)))))
    }

    /// Loads it again and takes it, if it can be used.
    ///
    /// # Errors
    /// As [`Certificate::load`]; the one in use stays.
    pub(crate) fn reload(&self, source: &TlsSource, now: Timestamp) -> anyhow::Result<()> {
        let next = Arc::new(certified_key(source, now)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(
            &self.0.read().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}

fn certified_key(source: &TlsSource, now: Timestamp) -> anyhow::Result<CertifiedKey> {
    match source {
        TlsSource::Local { dir } => {
            local_prepare(dir, now)?;
            from_files(&dir.join(LEAF_FILE), &dir.join(LEAF_KEY_FILE))
        }
        TlsSource::Files {
            certificate,
            private_key,
        } => from_files(certificate, private_key),
    }
}

fn from_files(certificate: &Path, private_key: &Path) -> anyhow::Result<CertifiedKey> {
    let read = |path: &Path| {
        let bytes =
            std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        if bytes.len() as u64 > PEM_BYTES_MAX {
            bail!("{} is too large for a certificate or key.", path.display());
        }
        Ok(bytes)
    };
    let chain = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .with_context(|| format!("{} is not a certificate in PEM", certificate.display()))?;
    if chain.is_empty() {
        bail!("{} holds no certificate in PEM.", certificate.display());
    }
    let key = PrivateKeyDer::from_pem_slice(&read(private_key)?)
        .with_context(|| format!("{} is not a private key in PEM", private_key.display()))?;
    CertifiedKey::from_der(chain, key, &provider()).with_context(|| {
        format!(
            "{} and {} do not belong together",
            certificate.display(),
            private_key.display()
        )
    })
}

/// When the local certificates end. Kept beside them, so that nothing here has to take certificates apart.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Expiry {
    authority: String,
    leaf: String,
}

impl Expiry {
    /// Both ends, if the file is there and whole; otherwise certificates are made anew.
    fn read(dir: &Path) -> Option<(Timestamp, Timestamp)> {
        let text = std::fs::read_to_string(dir.join(EXPIRY_FILE)).ok()?;
        let expiry: Self = toml::from_str(&text).ok()?;
        Some((expiry.authority.parse().ok()?, expiry.leaf.parse().ok()?))
    }

    fn write(dir: &Path, authority: Timestamp, leaf: Timestamp) -> anyhow::Result<()> {
        let text = toml::to_string(&Self {
            authority: authority.to_string(),
            leaf: leaf.to_string(),
        })?;
        files::replace(&dir.join(EXPIRY_FILE), text.as_bytes(), 0o600, None)
    }
}

/// Makes the local authority and its certificate for localhost, or renews what is about to end.
///
/// # Errors
/// The folder cannot be written.
fn local_prepare(dir: &Path, now: Timestamp) -> anyhow::Result<()> {
    let all_there = [AUTHORITY_FILE, AUTHORITY_KEY_FILE, LEAF_FILE, LEAF_KEY_FILE]
        .iter()
        .all(|name| dir.join(name).is_file());
    let renew_at = now + SignedDuration::from_hours(24 * LEAF_RENEW_DAYS);
    let leaf_end = now + SignedDuration::from_hours(24 * LEAF_DAYS);
    let authority_end = match Expiry::read(dir) {
        Some((_, leaf)) if all_there && leaf > renew_at => return Ok(()),
        Some((authority, _)) if all_there && authority > leaf_end => authority,
        Some(_) | None => authority_make(dir, now)?,
    };
    let authority_key = std::fs::read_to_string(dir.join(AUTHORITY_KEY_FILE))?;
    let issuer = Issuer::new(
        authority_params(now, authority_end)?,
        KeyPair::from_pem(&authority_key)?,
    );
    let key = KeyPair::generate()?;
    let leaf = leaf_params(now, leaf_end)?.signed_by(&key, &issuer)?;
    // The expiry goes first and last: cut off in between, the next start finds a certificate "ended" and makes another.
    Expiry::write(dir, authority_end, now)?;
    files::replace(
        &dir.join(LEAF_KEY_FILE),
        key.serialize_pem().as_bytes(),
        0o600,
        None,
    )?;
    files::replace(&dir.join(LEAF_FILE), leaf.pem().as_bytes(), 0o644, None)?;
    Expiry::write(dir, authority_end, leaf_end)
}

fn authority_make(dir: &Path, now: Timestamp) -> anyhow::Result<Timestamp> {
    let end = now + SignedDuration::from_hours(24 * AUTHORITY_DAYS);
    let key = KeyPair::generate()?;
    let certificate = authority_params(now, end)?.self_signed(&key)?;
    files::replace(
        &dir.join(AUTHORITY_KEY_FILE),
        key.serialize_pem().as_bytes(),
        0o600,
        None,
    )?;
    files::replace(
        &dir.join(AUTHORITY_FILE),
        certificate.pem().as_bytes(),
        0o644,
        None,
    )?;
    Ok(end)
}

fn authority_params(now: Timestamp, end: Timestamp) -> anyhow::Result<CertificateParams> {
    let mut params = params("Clerestory on this machine", now, end)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 1], 32)),
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(
                std::net::Ipv6Addr::LOCALHOST.octets(),
                128,
            )),
        ],
        excluded_subtrees: Vec::new(),
    });
    Ok(params)
}

fn leaf_params(now: Timestamp, end: Timestamp) -> anyhow::Result<CertificateParams> {
    let mut params = params("localhost", now, end)?;
    let names = ["localhost", "127.0.0.1", "::1"]
        .map(str::to_owned)
        .to_vec();
    params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn params(name: &str, now: Timestamp, end: Timestamp) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let (first, last) = (
        day(now - SignedDuration::from_hours(24 * BACKDATED_DAYS))?,
        day(end)?,
    );
    params.not_before = date_time_ymd(first.0, first.1, first.2);
    params.not_after = date_time_ymd(last.0, last.1, last.2);
    Ok(params)
}

/// Year, month and day in UTC, as `rcgen` takes them.
fn day(at: Timestamp) -> anyhow::Result<(i32, u8, u8)> {
    let date = at.to_zoned(TimeZone::UTC).date();
    Ok((
        date.year().into(),
        u8::try_from(date.month())?,
        u8::try_from(date.day())?,
    ))
}

#[cfg(test)]
pub(crate) mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files::tests::scratch;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls_pki_types::{ServerName, UnixTime};

    /// A time at which the tests' certificates are made: the real time does not matter to them.
    pub(crate) fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn verifies(dir: &Path, name: &str, at: Timestamp) -> bool {
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(dir.join(AUTHORITY_FILE)).unwrap())
            .unwrap();
        let verifier =
            rustls::client::WebPkiServerVerifier::builder_with_provider(roots.into(), provider());
        let leaf = CertificateDer::from_pem_file(dir.join(LEAF_FILE)).unwrap();
        let seconds = std::time::Duration::from_secs(at.as_second().try_into().unwrap());
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let at = UnixTime::since_unix_epoch(seconds);
        verifier
            .build()
            .unwrap()
            .verify_server_cert(&leaf, &[], &name, &[], at)
            .is_ok()
    }

    #[test]
    fn the_made_certificate_holds_for_localhost_and_nothing_else() {
        let dir = scratch();
        let source = TlsSource::Local { dir: dir.clone() };
        Certificate::load(&source, noon()).unwrap();
        for name in ["localhost", "127.0.0.1", "::1"] {
            assert!(verifies(&dir, name, noon()), "{name}");
        }
        assert!(!verifies(&dir, "clinic.example", noon()));
        assert!(!verifies(
            &dir,
            "localhost",
            noon() + SignedDuration::from_hours(24 * 398)
        ));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn the_leaf_is_renewed_before_it_ends_and_the_authority_stays() {
        let dir = scratch();
        let source = TlsSource::Local { dir: dir.clone() };
        let certificate = Certificate::load(&source, noon()).unwrap();
        let read = |name: &str| std::fs::read(dir.join(name)).unwrap();
        let (authority, leaf) = (read(AUTHORITY_FILE), read(LEAF_FILE));

        let early = noon() + SignedDuration::from_hours(24 * (LEAF_DAYS - LEAF_RENEW_DAYS - 1));
        certificate.reload(&source, early).unwrap();
        assert_eq!(read(LEAF_FILE), leaf);

        let late = noon() + SignedDuration::from_hours(24 * (LEAF_DAYS - LEAF_RENEW_DAYS + 1));
        certificate.reload(&source, late).unwrap();
        assert_ne!(read(LEAF_FILE), leaf);
        assert_eq!(read(AUTHORITY_FILE), authority);
        assert!(verifies(
            &dir,
            "localhost",
            late + SignedDuration::from_hours(24 * 200)
        ));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_renewal_that_was_cut_off_is_done_again() {
        let dir = scratch();
        let source = TlsSource::Local { dir: dir.clone() };
        Certificate::load(&source, noon()).unwrap();
        std::fs::remove_file(dir.join(EXPIRY_FILE)).unwrap();
        Certificate::load(&source, noon()).unwrap();
        assert!(verifies(&dir, "localhost", noon()));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn files_that_do_not_belong_together_are_refused() {
        let (one, two) = (scratch(), scratch());
        for dir in [&one, &two] {
            Certificate::load(&TlsSource::Local { dir: dir.clone() }, noon()).unwrap();
        }
        let mixed = TlsSource::Files {
            certificate: one.join(LEAF_FILE),
            private_key: two.join(LEAF_KEY_FILE),
        };
        let error = Certificate::load(&mixed, noon()).unwrap_err().to_string();
        assert!(error.contains("do not belong together"), "{error}");
        std::fs::remove_dir_all(one).unwrap();
        std::fs::remove_dir_all(two).unwrap();
    }
}
