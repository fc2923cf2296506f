//! A clinic's keys in memory, for a bounded time.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use ledger::{ClinicId, UnitId, UnixMicros};
use uuid::Uuid;

use crate::VaultError;
use crate::keys::KeyStore;
use crate::place::KeyName;
use crate::secret::{Gcm, Mac, Secret};
use crate::wrap;

const WRAP_LABEL: &str = "clerestory/clinic/unit-key-wrap/1";
const TOKEN_LABEL: &str = "clerestory/clinic/token/1";

/// Under this unit lies the clinic's token key: a key of its own, so that tokens in the database stay findable
/// when the clinic's key is rotated.
pub(crate) const TOKEN_UNIT: UnitId = UnitId(Uuid::nil());

/// The versions of a clinic's key that are alive: one, or two while a rotation is under way.
pub(crate) struct ClinicRing {
    /// Newest first, never empty.
    pub(crate) keys: Vec<ClinicKey>,
    token: Mac,
    loaded_at: UnixMicros,
}

/// One version of a clinic's key, as the key that wraps unit keys.
pub(crate) struct ClinicKey {
    pub(crate) version: u32,
    pub(crate) wrap: Gcm,
}

impl ClinicKey {
    pub(crate) fn derive(
        clinic: ClinicId,
        version: u32,
        key: &Secret,
    ) -> Result<ClinicKey, VaultError> {
        let context: [&[u8]; 2] = [clinic.0.as_bytes(), &version.to_be_bytes()];
        Ok(ClinicKey {
            version,
            wrap: key.derivation().expand_gcm(WRAP_LABEL, &context)?,
        })
    }
}

impl ClinicRing {
    pub(crate) fn load(
        store: &KeyStore,
        root: &Gcm,
        clinic: ClinicId,
        now: UnixMicros,
    ) -> Result<ClinicRing, VaultError> {
        let mut keys = keys_load(store, root, clinic)?;
        keys.reverse();
        let token = token_load(store, &keys, clinic)?;
        match (keys.is_empty(), token) {
            // A clinic without its token key was not made to the end: making it again completes it.
            (true, _) | (_, None) => Err(VaultError::ClinicUnknown { clinic }),
            (false, Some(token)) => Ok(ClinicRing {
                keys,
                token,
                loaded_at: now,
            }),
        }
    }

    /// The newest version: what new keys are wrapped by.
    pub(crate) fn newest(&self) -> Option<&ClinicKey> {
        self.keys.first()
    }

    pub(crate) fn token(&self, label: &str, bytes: &[u8]) -> [u8; 32] {
        self.token.token(label, bytes)
    }

    fn fresh(&self, now: UnixMicros, life_us: i64) -> bool {
        // A clock that went back makes the age negative: read again rather than trust it.
        (0..life_us).contains(&now.0.saturating_sub(self.loaded_at.0))
    }
}

/// The live versions of a clinic's key, oldest first.
pub(crate) fn keys_load(
    store: &KeyStore,
    root: &Gcm,
    clinic: ClinicId,
) -> Result<Vec<ClinicKey>, VaultError> {
    let mut keys = Vec::new();
    for version in store.versions(clinic)? {
        let name = KeyName::Clinic { version };
        let wrapped = match store.get(clinic, name) {
            Ok(wrapped) => wrapped,
            // Another process finished a rotation between the two lines.
            Err(VaultError::ClinicKeyRetired { .. }) => None,
            Err(error) => return Err(error),
        };
        if let Some(wrapped) = wrapped {
            let key = wrap::unwrap(root, clinic, name, &wrapped)?;
            keys.push(ClinicKey::derive(clinic, version, &key)?);
        }
    }
    Ok(keys)
}

fn token_load(
    store: &KeyStore,
    keys: &[ClinicKey],
    clinic: ClinicId,
) -> Result<Option<Mac>, VaultError> {
    for key in keys {
        let name = KeyName::Unit {
            unit: TOKEN_UNIT,
            version: key.version,
        };
        let wrapped = match store.get(clinic, name) {
            Ok(wrapped) => wrapped,
            Err(VaultError::ClinicKeyRetired { .. }) => None,
            Err(error) => return Err(error),
        };
        if let Some(wrapped) = wrapped {
            let secret = wrap::unwrap(&key.wrap, clinic, name, &wrapped)?;
            return secret
                .derivation()
                .expand_mac(TOKEN_LABEL, &[clinic.0.as_bytes()])
                .map(Some);
        }
    }
    Ok(None)
}

/// Rings by clinic. Its time is how long a clinic's key can still be used after it was taken away.
pub(crate) struct ClinicCache {
    rings: RwLock<HashMap<ClinicId, Arc<ClinicRing>>>,
    life_us: i64,
}

impl ClinicCache {
    pub(crate) fn new(life_s: u32) -> ClinicCache {
        ClinicCache {
            rings: RwLock::new(HashMap::new()),
            life_us: i64::from(life_s) * 1_000_000,
        }
    }

    pub(crate) fn get(&self, clinic: ClinicId, now: UnixMicros) -> Option<Arc<ClinicRing>> {
        let rings = self.rings.read().unwrap_or_else(PoisonError::into_inner);
        rings
            .get(&clinic)
            .filter(|ring| ring.fresh(now, self.life_us))
            .map(Arc::clone)
    }

    /// Keeps a ring, and drops every one whose time is over.
    pub(crate) fn insert(
        &self,
        clinic: ClinicId,
        ring: ClinicRing,
        now: UnixMicros,
    ) -> Arc<ClinicRing> {
        let ring = Arc::new(ring);
        let mut rings = self.rings.write().unwrap_or_else(PoisonError::into_inner);
        rings.retain(|_, ring| ring.fresh(now, self.life_us));
        if self.life_us > 0 {
            rings.insert(clinic, Arc::clone(&ring));
        }
        ring
    }

    pub(crate) fn forget(&self, clinic: ClinicId) {
        self.rings
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&clinic);
    }

    pub(crate) fn expire(&self, now: UnixMicros) {
        let mut rings = self.rings.write().unwrap_or_else(PoisonError::into_inner);
        rings.retain(|_, ring| ring.fresh(now, self.life_us));
    }
}
