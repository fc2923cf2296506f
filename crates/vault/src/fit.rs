//! Whether a root key is an installation's own, by what lies sealed under it.

use std::path::Path;

use crate::VaultError;
use crate::log_key::LogKey;
use crate::place::{KeyName, KeyPlace, PlaceError};
use crate::root::RootKey;
use crate::vault::CLINIC_WRAP_LABEL;
use crate::wrap;

/// What an installation's files say about a root key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Something of the installation opens under it.
    Fits,
    /// Nothing of what is there opens under it: it is another installation's.
    Other,
    /// Nothing that a root key seals is there yet.
    NothingThere,
}

impl RootKey {
    /// Holds this key against the log's key and the clinics' keys of an installation. Reads alone. One that opens is
    /// enough: the others may be damaged.
    ///
    /// # Errors
    /// If a file that is there cannot be read.
    pub fn fit(&self, log_key: &Path, places: &[Box<dyn KeyPlace>]) -> Result<Fit, VaultError> {
        let mut found = Fit::NothingThere;
        if log_key.exists() {
            if LogKey::opens(log_key, self)? {
                return Ok(Fit::Fits);
            }
            found = Fit::Other;
        }
        let under = self.derivation().expand_gcm(CLINIC_WRAP_LABEL, &[])?;
        for place in places {
            let keys = match clinic_keys(place.as_ref()) {
                Ok(keys) => keys,
                Err(PlaceError::Away) => continue,
                Err(why) => return Err(unreadable(place.as_ref(), &why)),
            };
            for (clinic, name) in keys {
                match place.get(clinic, name) {
                    Ok(Some(wrapped)) => match wrap::unwrap(&under, clinic, name, &wrapped) {
                        Ok(_) => return Ok(Fit::Fits),
                        Err(_) => found = Fit::Other,
                    },
                    // A damaged copy says nothing about the root key.
                    Ok(None) | Err(PlaceError::Damaged) => {}
                    Err(why) => return Err(unreadable(place.as_ref(), &why)),
                }
            }
        }
        Ok(found)
    }
}

fn clinic_keys(place: &dyn KeyPlace) -> Result<Vec<(ledger::ClinicId, KeyName)>, PlaceError> {
    let mut keys = Vec::new();
    for clinic in place.clinics()? {
        let versions = place.versions(clinic)?.into_iter();
        keys.extend(versions.map(|version| (clinic, KeyName::Clinic { version })));
    }
    Ok(keys)
}

fn unreadable(place: &dyn KeyPlace, why: &PlaceError) -> VaultError {
    VaultError::PlaceUnreadable {
        place: place.name().to_owned(),
        why: why.to_string(),
    }
}
