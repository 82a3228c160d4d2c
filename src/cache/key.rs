//! What one kept answer is an answer to, as a number that nobody can aim at: the SHA-256 of all that reaches a source.

use sha2::{Digest, Sha256};

/// A question's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; 32]);

/// A question being spelled. Each part says its length, so that no two questions have one spelling.
#[derive(Debug, Clone, Default)]
pub struct Spelling(Sha256);

impl Spelling {
    pub fn text(&mut self, part: &str) -> &mut Self {
        self.number(part.len() as u64);
        self.0.update(part.as_bytes());
        self
    }

    pub fn number(&mut self, number: u64) -> &mut Self {
        self.0.update(number.to_le_bytes());
        self
    }

    pub fn key(self) -> Key {
        Key(self.0.finalize().into())
    }
}

impl Key {
    /// Sixty-four letters, for a store that takes texts.
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(parts: &[&str]) -> Key {
        let mut spelling = Spelling::default();
        for part in parts {
            spelling.text(part);
        }
        spelling.key()
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_eq!(key(&["ab", "c"]), key(&["ab", "c"]));
        for other in [&["a", "bc"][..], &["abc"], &["ab", "c", ""], &["", "ab", "c"]] {
            assert_ne!(key(&["ab", "c"]), key(other), "{other:?}");
        }
    }
}
