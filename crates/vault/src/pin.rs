//! PINs: Argon2id behind a pepper.
//!
//! A PIN has few digits, so a hash alone would be guessed. The pepper is an HMAC key derived from the root key:
//! who has only the database has nothing to guess against.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::random::{self, Random};
use crate::root::RootKey;
use crate::secret::{Mac, equal};

pub(crate) const PEPPER_LABEL: &str = "clerestory/root/pin-pepper/1";
const TOKEN_LABEL: &str = "pin";
const SALT_LEN: usize = 16;
const HASH_LEN: usize = 32;

/// Argon2id's cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for PinCost {
    /// OWASP's first choice for Argon2id.
    fn default() -> PinCost {
        PinCost {
            memory_kib: 19_456,
            passes: 2,
            lanes: 1,
        }
    }
}

impl PinCost {
    /// Most memory for one hash: sign-ins at once times this must fit the machine.
    const MEMORY_KIB_MAX: u32 = 262_144;
    /// More passes make a sign-in take seconds without making a stolen hash much safer than more memory does.
    const PASSES_MAX: u32 = 16;
    /// More lanes than a small server has cores only queue up.
    const LANES_MAX: u32 = 8;

    fn params(self) -> Result<Params, VaultError> {
        let PinCost {
            memory_kib: kib,
            passes,
            lanes,
        } = self;
        let refuse = |why: String| VaultError::PinCost {
            kib,
            passes,
            lanes,
            why,
        };
        if kib > Self::MEMORY_KIB_MAX || passes > Self::PASSES_MAX || lanes > Self::LANES_MAX {
            return Err(refuse("more than this program permits".into()));
        }
        Params::new(kib, passes, lanes, Some(HASH_LEN)).map_err(|why| refuse(why.to_string()))
    }
}

/// Hashes and checks PINs. Each call takes tens of milliseconds: blocking threads, behind a semaphore.
pub struct PinHasher {
    pepper: Mac,
    random: Arc<dyn Random>,
    cost: PinCost,
    params: Params,
    dummy: Stored,
}

/// A parsed hash.
struct Stored {
    cost: PinCost,
    params: Params,
    salt: [u8; SALT_LEN],
    hash: [u8; HASH_LEN],
}

impl PinHasher {
    /// A hasher under this root key's pepper.
    ///
    /// # Errors
    /// If the cost is outside what Argon2 or this program permits.
    pub fn new(
        root: &RootKey,
        random: Arc<dyn Random>,
        cost: PinCost,
    ) -> Result<PinHasher, VaultError> {
        let params = cost.params()?;
        let dummy = Stored {
            cost,
            params: params.clone(),
            salt: random::bytes(random.as_ref()),
            hash: random::bytes(random.as_ref()),
        };
        Ok(PinHasher {
            pepper: root.derivation().expand_mac(PEPPER_LABEL, &[])?,
            random,
            cost,
            params,
            dummy,
        })
    }

    /// The hash to be kept, as a PHC string (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`).
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn hash(&self, pin: &str) -> Result<String, VaultError> {
        let salt: [u8; SALT_LEN] = random::bytes(self.random.as_ref());
        let hash = self.compute(&self.params, &salt, pin)?;
        let PinCost {
            memory_kib,
            passes,
            lanes,
        } = self.cost;
        let (salt, hash) = (
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(&hash[..]),
        );
        Ok(format!(
            "$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${hash}"
        ))
    }

    /// Whether `pin` is the one that was hashed. A stored text that is no hash of ours counts as a wrong PIN, and
    /// takes as long.
    pub fn verify(&self, stored: &str, pin: &str) -> bool {
        match Stored::parse(stored) {
            Some(stored) => self.matches(&stored, pin),
            None => self.verify_dummy(pin),
        }
    }

    /// Takes as long as [`PinHasher::verify`] at the configured cost and is always false: for a name that nobody
    /// has.
    pub fn verify_dummy(&self, pin: &str) -> bool {
        // The hash that it is compared with is random, so this is true once in 2^256 times; `black_box` keeps the
        // work from being left out.
        std::hint::black_box(self.matches(&self.dummy, pin));
        false
    }

    /// Whether the stored hash has another cost than is configured now: to be hashed again at the next sign-in.
    pub fn needs_rehash(&self, stored: &str) -> bool {
        Stored::parse(stored).is_none_or(|stored| stored.cost != self.cost)
    }

    fn matches(&self, stored: &Stored, pin: &str) -> bool {
        self.compute(&stored.params, &stored.salt, pin)
            .is_ok_and(|hash| equal(&hash[..], &stored.hash))
    }

    fn compute(
        &self,
        params: &Params,
        salt: &[u8],
        pin: &str,
    ) -> Result<Zeroizing<[u8; HASH_LEN]>, VaultError> {
        let peppered = Zeroizing::new(self.pepper.token(TOKEN_LABEL, pin.as_bytes()));
        let mut out = Zeroizing::new([0; HASH_LEN]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_into(&peppered[..], salt, &mut out[..])
            .map_err(|why| VaultError::PinHash(why.to_string()))?;
        Ok(out)
    }
}

impl Stored {
    fn parse(text: &str) -> Option<Stored> {
        let mut parts = text.strip_prefix("$argon2id$v=19$")?.split('$');
        let (cost, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let mut costs = cost.split(',');
        let mut cost = |name: &str| {
            costs
                .next()?
                .strip_prefix(name)?
                .strip_prefix('=')?
                .parse()
                .ok()
        };
        let cost = PinCost {
            memory_kib: cost("m")?,
            passes: cost("t")?,
            lanes: cost("p")?,
        };
        Some(Stored {
            cost,
            params: cost.params().ok()?,
            salt: STANDARD_NO_PAD.decode(salt).ok()?.try_into().ok()?,
            hash: STANDARD_NO_PAD.decode(hash).ok()?.try_into().ok()?,
        })
    }
}
