//! Where key bytes, nonces and salts come from.

/// A source of unpredictable bytes. Handed in everywhere, so that a test can seed it and check whole
/// ciphertexts against known answers.
pub trait Random: Send + Sync {
    /// Fills all of `out`.
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's generator, by way of AWS-LC's. The only source for a live deployment.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that `Random` comes from"
    )]
    fn fill(&self, out: &mut [u8]) {
        aws_lc_rs::rand::fill(out)
            .expect("AWS-LC ends the process itself if the machine has no randomness");
    }
}

/// `N` fresh bytes for a public use (nonce, salt of a password hash).
pub(crate) fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut out = [0; N];
    random.fill(&mut out);
    out
}
