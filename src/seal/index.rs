//! Blind indexes: what stands beside a sealed value so that it can be found by equality. The same value has the same
//! entry in one column, and nobody makes one without the key. It says nothing of order, and tells who has the
//! database which records share a value, and no more.

use super::{Failed, Material, envelope::associated};
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// What stands in front of every entry.
pub const MARK: &str = "i1.";

/// HMAC-SHA-256 under a key that is derived for indexes alone.
pub struct IndexKey {
    id: String,
    key: hmac::Key,
}

/// What an index does not tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Normal {
    /// Every character counts.
    #[default]
    Exact,
    /// Upper and lower case are one, and white space at the ends is none.
    Folded,
}

// === impl IndexKey ===

impl IndexKey {
    pub fn new(material: &Material) -> Result<Self, Failed> {
        let bytes = material.derived("index")?;
        Ok(Self { id: material.id("index")?, key: hmac::Key::new(hmac::HMAC_SHA256, &*bytes) })
    }

    /// What all its entries begin with.
    pub fn mark(&self) -> String {
        format!("{MARK}{}.", self.id)
    }

    /// The entry of a value in a column.
    pub fn entry(&self, table: &str, column: &str, normal: Normal, value: &str) -> String {
        let value = normal.of(value);
        let tag = hmac::sign(&self.key, &associated(&["index", table, column, &value]));
        format!("{}{}", self.mark(), URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }
}

impl std::fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IndexKey({})", self.id)
    }
}

// === impl Normal ===

impl Normal {
    fn of(self, value: &str) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Exact => value.into(),
            Self::Folded => value.trim().to_lowercase().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_of_one_column_have_one_entry() {
        let key = IndexKey::new(&Material::random().unwrap()).unwrap();
        let of = |column, value| key.entry("customers", column, Normal::Exact, value);
        assert_eq!(of("email", "a@example.org"), of("email", "a@example.org"));
        assert_ne!(of("email", "a@example.org"), of("email", "A@example.org"));
        assert_ne!(of("email", "a@example.org"), of("phone", "a@example.org"));
        assert_eq!(of("email", "a").len(), 55);
        let folded = |value| key.entry("customers", "email", Normal::Folded, value);
        assert_eq!(folded(" Ñu@Example.org "), folded("ñu@example.org"));
        let other = IndexKey::new(&Material::random().unwrap()).unwrap();
        assert_ne!(of("email", "a"), other.entry("customers", "email", Normal::Exact, "a"));
    }
}
