//! How many connections each address holds: one host must not take the places of all others.
//!
//! Invariant: the address is that of the connection. Nothing that a client says about itself is read.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Connections by network. Only networks with an open connection stand in it, so it is never longer than there are
/// connections.
type Held = HashMap<IpAddr, u32>;

/// Counts connections by address; this machine's own count like any other's.
pub(super) struct Addresses {
    held: Arc<Mutex<Held>>,
    max: u32,
}

/// One connection of an address. It is given back when this is dropped.
pub(super) struct Share {
    held: Arc<Mutex<Held>>,
    network: IpAddr,
}

impl Addresses {
    /// At most so many connections of one address.
    pub(super) fn new(max: u32) -> Self {
        Self {
            held: Arc::default(),
            max,
        }
    }

    /// Counts one more connection of this address; `None` when it has as many as it may.
    pub(super) fn take(&self, address: IpAddr) -> Option<Share> {
        let network = network(address);
        let mut held = lock(&self.held);
        let count = held.entry(network).or_insert(0);
        if *count >= self.max {
            return None;
        }
        *count += 1;
        drop(held);
        Some(Share {
            held: Arc::clone(&self.held),
            network,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = lock(&self.held);
        if let Some(count) = held.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.network);
            }
        }
    }
}

/// Whoever panicked while holding it left whole counts behind: each change is one step.
fn lock(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An IPv6 client owns a whole /64: it counts as one, as it does for the rate of requests.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_its_share_and_gets_it_back() {
        let addresses = Addresses::new(2);
        let one = address("198.51.100.7");
        let first = addresses.take(one).unwrap();
        let _second = addresses.take(one).unwrap();
        assert!(addresses.take(one).is_none());
        assert!(addresses.take(address("198.51.100.8")).is_some());
        drop(first);
        assert!(addresses.take(one).is_some());
    }

    #[test]
    fn an_address_without_a_connection_is_forgotten() {
        let addresses = Addresses::new(1);
        drop(addresses.take(address("198.51.100.7")));
        assert!(lock(&addresses.held).is_empty());
    }

    #[test]
    fn a_whole_64_counts_as_one_and_an_address_in_both_writings_too() {
        let addresses = Addresses::new(1);
        let _wide = addresses.take(address("2001:db8::1")).unwrap();
        assert!(addresses.take(address("2001:db8::ffff:1")).is_none());
        assert!(addresses.take(address("2001:db8:0:1::1")).is_some());
        let _mapped = addresses.take(address("::ffff:198.51.100.7")).unwrap();
        assert!(addresses.take(address("198.51.100.7")).is_none());
    }

    #[test]
    fn this_machine_counts_like_any_other() {
        let addresses = Addresses::new(1);
        let _own = addresses.take(address("127.0.0.1")).unwrap();
        assert!(addresses.take(address("127.0.0.1")).is_none());
    }
}
