//! How something secret is kept where others may read: sealed, for one purpose. What is sealed for one context does
//! not open in another. Which key it is done with, and how that is changed, is the business of who implements it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};

/// Seals and opens.
pub trait Sealer: Send + Sync + std::fmt::Debug {
    /// The sealed bytes; empty where there is no randomness to be had, which opens to nothing.
    fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8>;

    /// The plain bytes; nothing where they were sealed for something else, by another key, or were changed.
    fn open(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>>;
}

/// AES-256-GCM under one key that lives as long as the process: what it sealed opens for nobody afterwards.
pub struct Ephemeral {
    key: Option<RandomizedNonceKey>,
}

// === impl Ephemeral ===

impl Ephemeral {
    pub fn new() -> Self {
        let mut bytes = [0; 32];
        let filled = aws_lc_rs::rand::fill(&mut bytes).is_ok();
        let key = filled.then(|| RandomizedNonceKey::new(&AES_256_GCM, &bytes).ok()).flatten();
        Self { key }
    }
}

impl Default for Ephemeral {
    fn default() -> Self {
        Self::new()
    }
}

impl Sealer for Ephemeral {
    fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        let Some(key) = &self.key else { return Vec::new() };
        let mut sealed = plain.to_vec();
        let aad = Aad::from(context.as_bytes());
        match key.seal_in_place_append_tag(aad, &mut sealed) {
            Ok(nonce) => [nonce.as_ref().as_slice(), &sealed].concat(),
            Err(_) => Vec::new(),
        }
    }

    fn open(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let aad = Aad::from(context.as_bytes());
        let plain = self.key.as_ref()?.open_in_place(nonce, aad, &mut sealed).ok()?;
        Some(plain.to_vec())
    }
}

impl std::fmt::Debug for Ephemeral {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ephemeral")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_its_key_alone() {
        let sealer = Ephemeral::new();
        let sealed = sealer.seal("key k1", b"secret");
        assert_eq!(sealer.open("key k1", &sealed).as_deref(), Some(b"secret".as_slice()));
        assert_eq!(sealer.open("key k2", &sealed), None);
        assert_eq!(Ephemeral::new().open("key k1", &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(sealer.open("key k1", &changed), None);
        }
        assert_eq!(sealer.open("key k1", b""), None);
    }

    #[test]
    fn the_same_is_never_sealed_the_same() {
        let sealer = Ephemeral::new();
        assert_ne!(sealer.seal("c", b"secret"), sealer.seal("c", b"secret"));
    }
}
