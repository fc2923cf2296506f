//! What we may not say of ourselves: a certification that nobody gave us.

use crate::finding::Finding;
use crate::tree::Tree;

/// Who certifies, and what one calls oneself afterwards; found when they stand side by side.
const CERTIFIERS: &[&str] = &[
    "hipaa",
    "soc 2",
    "soc2",
    "iso 27001",
    "hitrust",
    "pci",
    "fedramp",
    "hitech",
];
const CLAIMS: &[&str] = &[
    "compliant",
    "certified",
    "compliance certified",
    "accredited",
    "approved",
];

/// The rule's own words are no claim.
const OWN: &str = "xtask/src/tidy/claims.rs";

/// No page, document or message calls the product certified or compliant.
pub(super) fn certifications(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().filter(|file| file.path != OWN) {
        for (index, line) in file.text.lines().enumerate() {
            let line = line.to_lowercase().replace('-', " ");
            let claims = |certifier: &&&str| {
                CLAIMS
                    .iter()
                    .any(|claim| line.contains(&format!("{certifier} {claim}")))
            };
            if let Some(certifier) = CERTIFIERS.iter().find(claims) {
                let message = format!("{certifier}: we claim no certification that we do not hold");
                findings.push(Finding::at(&file.path, index + 1, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k12_a_claimed_certification_is_found() {
        for bad in [
            "We are HIPAA-compliant.",
            "<p>SOC 2 certified</p>",
            "ISO 27001 Certified",
        ] {
            assert_eq!(
                certifications(&Tree::sample(&[("README.md", bad)])).len(),
                1,
                "{bad}"
            );
        }
        let good = "HIPAA's rule asks for it. We hold no certification, and claim none.";
        assert_eq!(certifications(&Tree::sample(&[("README.md", good)])), []);
    }
}
