//! A limit on how much one address may ask for.
//!
//! Invariant: the address is that of the connection. Headers such as `X-Forwarded-For` are what a client says about
//! itself and are not read.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::fault::Fault;
use crate::router::Shared;
use crate::settings::WebSettings;

/// So often the addresses that have been quiet are forgotten, so that memory stays bounded.
const FORGET_EVERY: u64 = 10_000;

/// Counts requests by address.
pub(crate) struct RateLimit {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    seen: AtomicU64,
}

impl RateLimit {
    pub(crate) fn new(settings: &WebSettings) -> Self {
        let quota =
            Quota::per_minute(settings.requests_per_minute).allow_burst(settings.requests_burst);
        Self {
            limiter: RateLimiter::keyed(quota),
            seen: AtomicU64::new(0),
        }
    }

    fn admits(&self, address: IpAddr) -> bool {
        if self.seen.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&network(address)).is_ok()
    }
}

/// An IPv6 client owns a whole /64: it counts as one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        },
    }
}

/// Refuses what is over the limit.
pub(crate) async fn rate(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    // Without a connection's address (a test that calls the router itself) all share one count.
    let address = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |info| info.0.ip());
    if shared.rate.admits(address) {
        next.run(request).await
    } else {
        Fault::TooMany.into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    #[test]
    fn over_the_burst_is_refused_and_others_are_not_hurt() {
        let settings = WebSettings {
            requests_per_minute: NonZeroU32::new(1).unwrap(),
            requests_burst: NonZeroU32::new(2).unwrap(),
            ..WebSettings::default()
        };
        let limit = RateLimit::new(&settings);
        let one: IpAddr = "198.51.100.7".parse().unwrap();
        assert!(limit.admits(one) && limit.admits(one) && !limit.admits(one));
        assert!(limit.admits("198.51.100.8".parse().unwrap()));
    }

    #[test]
    fn a_whole_64_counts_as_one() {
        let network_of = |text: &str| network(text.parse().unwrap());
        assert_eq!(network_of("2001:db8::1"), network_of("2001:db8::ffff:1"));
        assert_ne!(network_of("2001:db8::1"), network_of("2001:db8:0:1::1"));
        assert_eq!(
            network_of("::ffff:198.51.100.7"),
            network_of("198.51.100.7")
        );
    }
}
