//! The redisclosure notices that every record bears (promise T6), from a versioned file with their citations.

use serde::Deserialize;

use crate::error::AppError;

const FILE: &str = include_str!("../../notices/us-2026-11.toml");

/// The notices of one version.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notices {
    /// The version of the file: printed with them.
    pub(crate) version: String,
    /// In the order in which they are printed.
    pub(crate) notice: Vec<Notice>,
}

/// One notice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notice {
    /// Its text, word for word.
    pub(crate) text: String,
    /// The rule that asks for it.
    pub(crate) citation: String,
}

/// The notices that the program carries.
pub(crate) fn standard() -> Result<Notices, AppError> {
    toml::from_str(FILE)
        .map_err(|error| AppError::Impossible(format!("the notices' file: {error}")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn t6_the_notices_say_what_the_rules_ask_for() {
        let notices = super::standard().unwrap();
        assert!(notices.notice.iter().any(|notice| notice.text
            == "42 CFR part 2 prohibits unauthorized use or disclosure of these records."));
        assert!(
            notices
                .notice
                .iter()
                .any(|notice| notice.citation.starts_with("740 ILCS 110/5(d)"))
        );
        assert!(!notices.version.is_empty());
    }
}
