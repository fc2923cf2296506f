//! The limits of the pages, each with its reason.

use std::num::NonZeroU32;
use std::time::Duration;

/// What the wiring decides about the pages.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// Requests that one address may send in a minute, on the whole. A clinic's phones share one address behind its
    /// router, so this is generous; it is there against floods, not against guessing (which the sign-in counts itself).
    pub requests_per_minute: NonZeroU32,
    /// How many of these may come at once.
    pub requests_burst: NonZeroU32,
    /// The longest body. The longest form of ours stays under 16 KiB.
    pub body_max_bytes: usize,
    /// The longest time that a request may take. A PDF or a bundle takes the longest. Half of it is for a form to arrive.
    pub request_timeout: Duration,
    /// Where security reports go (`/.well-known/security.txt`), for example `mailto:security@clinic.example`.
    pub security_contact: Option<String>,
    /// Until when the contact stands, RFC 3339 (RFC 9116 demands it).
    pub security_contact_expires: Option<String>,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            requests_per_minute: const { NonZeroU32::new(3000).expect("3000 is not zero") },
            requests_burst: const { NonZeroU32::new(600).expect("600 is not zero") },
            body_max_bytes: 64 * 1024,
            request_timeout: Duration::from_secs(20),
            security_contact: None,
            security_contact_expires: None,
        }
    }
}
