//! Receipts: the proof that an opening stands in the ledger, which the vault asks for before it opens.
//!
//! Invariant: a [`Receipt`] can be neither made, cloned, printed nor stored by anybody but the
//! [`Issuer`], and an issuer's receipts hold for its own [`Checker`] alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ids::{ActorId, ClinicId, EntryRef, UnitId, UnixMicros};
use crate::word::Purpose;

/// Longest life of a receipt in seconds: one watch of a live page.
pub const WATCH_MAX_S: i64 = 15 * 60;

/// The mark that the two halves of a pair share; its address is its identity.
struct Pair(
    #[expect(
        dead_code,
        reason = "a type without size would have no address of its own"
    )]
    u8,
);

/// Makes an issuer and the only checker that honours its receipts.
pub fn receipts() -> (Issuer, Checker) {
    let pair = Arc::new(Pair(0));
    (
        Issuer {
            pair: Arc::clone(&pair),
        },
        Checker { pair },
    )
}

/// Which units a receipt opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Units {
    /// These.
    Some(BTreeSet<UnitId>),
    /// All of the clinic: an export.
    Clinic,
}

/// What a receipt is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose data.
    pub clinic: ClinicId,
    /// Who opens it.
    pub actor: ActorId,
    /// The committed `opened` entry.
    pub entry: EntryRef,
    /// Why.
    pub purpose: Purpose,
    /// Which units.
    pub units: Units,
    /// Until when, at most [`WATCH_MAX_S`] from the time of use.
    pub expires: UnixMicros,
}

/// Issues receipts. Only the code that commits an `opened` entry holds one.
pub struct Issuer {
    pair: Arc<Pair>,
}

impl Issuer {
    /// A receipt. To be called after the commit of the entry that it names, never before.
    pub fn issue(&self, grant: Grant) -> Receipt {
        Receipt {
            pair: Arc::clone(&self.pair),
            grant,
        }
    }
}

/// Proof that an opening is in the ledger. What is opened with it borrows from it.
pub struct Receipt {
    pair: Arc<Pair>,
    grant: Grant,
}

impl Receipt {
    /// Whose data it opens.
    pub fn clinic(&self) -> ClinicId {
        self.grant.clinic
    }

    /// Who opens.
    pub fn actor(&self) -> ActorId {
        self.grant.actor
    }

    /// The `opened` entry.
    pub fn entry(&self) -> EntryRef {
        self.grant.entry
    }

    /// Why.
    pub fn purpose(&self) -> &Purpose {
        &self.grant.purpose
    }

    /// Which units it opens.
    pub fn units(&self) -> &Units {
        &self.grant.units
    }

    /// When it ends.
    pub fn expires(&self) -> UnixMicros {
        self.grant.expires
    }
}

/// Why a receipt does not open something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It was issued by another pair's issuer.
    #[error("the receipt was issued elsewhere")]
    OtherIssuer,
    /// It is for another clinic.
    #[error("the receipt is for another clinic")]
    OtherClinic,
    /// It does not name the unit.
    #[error("the receipt does not name this unit")]
    OtherUnit,
    /// Its time is over.
    #[error("the receipt has expired")]
    Expired,
    /// It would hold for longer than a watch may.
    #[error("the receipt claims more time than a watch may last")]
    TooLong,
}

/// Checks receipts. The vault holds one.
pub struct Checker {
    pair: Arc<Pair>,
}

impl Checker {
    /// Whether `receipt` opens `unit` of `clinic` at `now`. At `expires` itself it does no longer.
    ///
    /// # Errors
    /// The reason why not.
    pub fn check(
        &self,
        receipt: &Receipt,
        clinic: ClinicId,
        unit: UnitId,
        now: UnixMicros,
    ) -> Result<(), Denied> {
        if !Arc::ptr_eq(&self.pair, &receipt.pair) {
            return Err(Denied::OtherIssuer);
        }
        let grant = &receipt.grant;
        if grant.clinic != clinic {
            return Err(Denied::OtherClinic);
        }
        match &grant.units {
            Units::Some(units) if !units.contains(&unit) => return Err(Denied::OtherUnit),
            Units::Some(_) | Units::Clinic => {}
        }
        if now >= grant.expires {
            return Err(Denied::Expired);
        }
        if grant.expires.0.saturating_sub(now.0) > WATCH_MAX_S * 1_000_000 {
            return Err(Denied::TooLong);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const CLINIC: ClinicId = ClinicId(Uuid::from_u128(1));
    const UNIT: UnitId = UnitId(Uuid::from_u128(2));
    const SECOND: i64 = 1_000_000;

    fn grant(units: Units) -> Grant {
        Grant {
            clinic: CLINIC,
            actor: ActorId(Uuid::from_u128(3)),
            entry: EntryRef {
                generation: 1,
                index: 4,
            },
            purpose: Purpose::literal("treatment"),
            units,
            expires: UnixMicros(WATCH_MAX_S * SECOND),
        }
    }

    #[test]
    fn a_receipt_opens_what_it_names_while_it_lasts() {
        let (issuer, checker) = receipts();
        let receipt = issuer.issue(grant(Units::Some(BTreeSet::from([UNIT]))));
        let check = |clinic, unit, now| checker.check(&receipt, clinic, unit, UnixMicros(now));
        let last = WATCH_MAX_S * SECOND - 1;
        assert_eq!(check(CLINIC, UNIT, 0), Ok(()));
        assert_eq!(check(CLINIC, UNIT, last), Ok(()));
        assert_eq!(check(CLINIC, UNIT, last + 1), Err(Denied::Expired));
        assert_eq!(check(CLINIC, UNIT, -1), Err(Denied::TooLong));
        assert_eq!(check(CLINIC, UNIT, i64::MIN), Err(Denied::TooLong));
        assert_eq!(
            check(ClinicId(Uuid::nil()), UNIT, 0),
            Err(Denied::OtherClinic)
        );
        assert_eq!(
            check(CLINIC, UnitId(Uuid::nil()), 0),
            Err(Denied::OtherUnit)
        );
    }

    #[test]
    fn an_export_opens_the_whole_clinic_and_no_other() {
        let (issuer, checker) = receipts();
        let receipt = issuer.issue(grant(Units::Clinic));
        let other = ClinicId(Uuid::from_u128(9));
        assert_eq!(checker.check(&receipt, CLINIC, UNIT, UnixMicros(0)), Ok(()));
        let denied = checker.check(&receipt, other, UNIT, UnixMicros(0));
        assert_eq!(denied, Err(Denied::OtherClinic));
    }

    #[test]
    fn another_pairs_receipt_is_refused() {
        let (_, checker) = receipts();
        let (other, _) = receipts();
        let receipt = other.issue(grant(Units::Clinic));
        let denied = checker.check(&receipt, CLINIC, UNIT, UnixMicros(0));
        assert_eq!(denied, Err(Denied::OtherIssuer));
    }
}
