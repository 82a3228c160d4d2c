//! A value in its envelope: AES-256-GCM under the data key of its record, bound to its place.

use super::{Failed, key::LENGTH};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// What stands in front of every sealed value.
pub const MARK: &str = "s1.";

/// The key of one record.
pub struct DataKey(Zeroizing<[u8; LENGTH]>);

/// Where a sealed value stands. A value opens there and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    pub table: &'a str,
    pub column: &'a str,
    /// The key of the record, as the database has it.
    pub record: &'a str,
    /// The place among its siblings, in a table of children.
    pub row: Option<u64>,
}

// === impl DataKey ===

impl DataKey {
    pub fn fresh() -> Result<Self, Failed> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        aws_lc_rs::rand::fill(bytes.as_mut()).map_err(|_| Failed::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// A key of these bytes; nothing where they are too many or too few.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; LENGTH]);
        if bytes.len() != LENGTH {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self(key))
    }

    pub fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    fn cipher(&self) -> Result<RandomizedNonceKey, Failed> {
        RandomizedNonceKey::new(&AES_256_GCM, &*self.0).map_err(|_| Failed::NoRandomness)
    }

    /// Seals bytes for an associated text; the nonce stands in front.
    pub fn seal_bytes(&self, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, Failed> {
        let mut sealed = plain.to_vec();
        let nonce = self
            .cipher()?
            .seal_in_place_append_tag(Aad::from(associated), &mut sealed)
            .map_err(|_| Failed::NoRandomness)?;
        let nonce: &[u8] = nonce.as_ref();
        Ok([nonce, &sealed].concat())
    }

    /// The plain bytes; nothing where they were changed, or sealed for something else.
    pub fn open_bytes(&self, associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let plain = self.cipher().ok()?.open_in_place(nonce, Aad::from(associated), &mut sealed).ok()?.len();
        sealed.truncate(plain);
        Some(sealed)
    }

    /// A value as it is kept at this place.
    pub fn seal(&self, place: Place<'_>, plain: &str) -> Result<String, Failed> {
        let sealed = self.seal_bytes(&place.associated(), plain.as_bytes())?;
        Ok(format!("{MARK}{}", URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// The value that is kept at this place.
    pub fn open(&self, place: Place<'_>, kept: &str) -> Result<String, Failed> {
        let sealed = kept.strip_prefix(MARK).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        sealed
            .and_then(|sealed| self.open_bytes(&place.associated(), &sealed))
            .and_then(|plain| String::from_utf8(plain).ok())
            .ok_or_else(|| Failed::Broken(place.to_string()))
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(..)")
    }
}

// === impl Place ===

impl Place<'_> {
    fn associated(&self) -> Vec<u8> {
        let row = self.row.map(|row| row.to_string());
        let parts = ["value", self.table, self.column, self.record, row.as_deref().unwrap_or_default()];
        associated(&parts)
    }
}

impl std::fmt::Display for Place<'_> {
    /// The table and the column: a record's key is not told.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}.{}`", self.table, self.column)
    }
}

/// Texts as one, each behind its length: no two lists of texts make the same.
pub(super) fn associated(parts: &[&str]) -> Vec<u8> {
    let mut bytes = b"portico 1".to_vec();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place<'_> = Place { table: "customers", column: "email", record: "66", row: None };

    #[test]
    fn a_value_opens_at_its_place_alone() {
        let key = DataKey::fresh().unwrap();
        for plain in ["", "maria@example.org", "Ñandú 🐾", &"x".repeat(20_000)] {
            let kept = key.seal(HERE, plain).unwrap();
            assert_eq!(key.open(HERE, &kept).unwrap(), plain);
            assert!(plain.is_empty() || !kept.contains(plain));
            for elsewhere in [
                Place { table: "pets", ..HERE },
                Place { column: "phone", ..HERE },
                Place { record: "67", ..HERE },
                Place { row: Some(0), ..HERE },
                Place { column: "emai", record: "l66", ..HERE },
            ] {
                assert_eq!(
                    key.open(elsewhere, &kept),
                    Err(Failed::Broken(format!("`{}.{}`", elsewhere.table, elsewhere.column)))
                );
            }
            assert!(DataKey::fresh().unwrap().open(HERE, &kept).is_err());
        }
    }

    #[test]
    fn no_byte_can_be_changed() {
        let key = DataKey::fresh().unwrap();
        let kept = key.seal(HERE, "maria@example.org").unwrap();
        for at in 0..kept.len() {
            let mut changed = kept.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(key.open(HERE, &changed).is_err(), "{at}");
            assert!(key.open(HERE, &kept[..at]).is_err(), "{at}");
        }
        assert!(key.open(HERE, "maria@example.org").is_err());
    }

    #[test]
    fn the_same_is_never_sealed_the_same() {
        let key = DataKey::fresh().unwrap();
        assert_ne!(key.seal(HERE, "a").unwrap(), key.seal(HERE, "a").unwrap());
    }
}
