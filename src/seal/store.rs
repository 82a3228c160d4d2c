//! Sealing for the program's own secrets: one data key that is opened at the start and then at hand at once.

use super::envelope::{DataKey, associated};
use std::sync::Arc;

/// Seals bytes for a named purpose, without asking anybody.
#[derive(Debug, Clone)]
pub struct Store(Arc<DataKey>);

// === impl Store ===

impl Store {
    pub fn new(key: Arc<DataKey>) -> Self {
        Self(key)
    }

    /// The sealed bytes, with their version in front; empty where there is no randomness, which opens to nothing.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        match self.0.seal_bytes(&associated(&["secret", context]), plain) {
            Ok(sealed) => [&[1][..], &sealed].concat(),
            Err(_) => Vec::new(),
        }
    }

    /// The plain bytes; nothing where they were sealed for something else or were changed.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (1, sealed) = sealed.split_first()? else { return None };
        self.0.open_bytes(&associated(&["secret", context]), sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_purpose_alone() {
        let store = Store::new(Arc::new(DataKey::fresh().unwrap()));
        let sealed = store.seal("key a", b"secret");
        assert_eq!(store.open("key a", &sealed).as_deref(), Some(b"secret".as_slice()));
        assert_eq!(store.open("key b", &sealed), None);
        assert_eq!(store.open("key a", &sealed[1..]), None);
        assert_eq!(store.open("key a", b""), None);
    }
}
