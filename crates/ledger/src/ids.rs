//! Names of things in the ledger: pseudonyms and points in time.
//!
//! Invariant: nothing here makes an id or reads a clock; both are handed in.

use std::fmt;

use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    };
}

id! {
    /// A clinic. Each clinic has a tree of its own; the nil id is the platform's tree.
    ClinicId
}
id! {
    /// A unit of deletion: what is sealed under one key and destroyed with it.
    UnitId
}
id! {
    /// Who acts: a person, a member of support, or a part of the system. A pseudonym.
    ActorId
}

impl ClinicId {
    /// The platform's own tree is written like a clinic's, with the nil id.
    pub const PLATFORM: Self = Self(Uuid::nil());
}

/// One installation, named once when its database is made. Written as 32 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeploymentId(pub Uuid);

impl fmt::Display for DeploymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.simple(), f)
    }
}

/// A point in time: microseconds since 1970-01-01T00:00:00Z, as the server's clock had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMicros(pub i64);

impl fmt::Display for UnixMicros {
    /// `2026-11-22 07:23:05 UTC`, to the second below (proleptic Gregorian calendar).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(1_000_000);
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC"
        )
    }
}

/// Year, month and day of a count of days since 1970-01-01. The year is taken to begin in March, so
/// that the leap day is its last; an era is 400 years, 146,097 days.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468; // days since 0000-03-01
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Where an entry stands: the generation of the tree and the index of its leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryRef {
    /// Generation of the tree, from 1. A new one is opened after a restore that lost entries.
    pub generation: u32,
    /// Index of the leaf in that generation, from 0.
    pub index: u64,
}

impl fmt::Display for EntryRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} of generation {}", self.index, self.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::UnixMicros;

    #[test]
    fn time_is_written_as_a_date() {
        let cases = [
            (0, "1970-01-01 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
            (951_782_400_000_000, "2000-02-29 00:00:00 UTC"),
            (1_709_251_199_999_999, "2024-02-29 23:59:59 UTC"),
            (4_107_542_400_000_000, "2100-03-01 00:00:00 UTC"),
            (1_795_332_185_000_000, "2026-11-22 07:23:05 UTC"),
        ];
        for (micros, text) in cases {
            assert_eq!(UnixMicros(micros).to_string(), text);
        }
        // The ends of the range are no dates that anybody needs; they must only not panic.
        let ends = [
            UnixMicros(i64::MIN).to_string(),
            UnixMicros(i64::MAX).to_string(),
        ];
        assert!(ends.iter().all(|end| end.ends_with("UTC")));
    }
}
