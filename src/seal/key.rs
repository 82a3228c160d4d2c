//! Key-encryption keys: 32 bytes that a person keeps, and what is derived of them. Keys are wiped from memory when
//! they are dropped, and are never printed.

use super::{
    Failed,
    envelope::DataKey,
    ring::{Context, Wrap},
};
use async_trait::async_trait;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hkdf,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use zeroize::Zeroizing;

/// Bytes of a key.
pub const LENGTH: usize = 32;

/// The secret of an operator, as it was configured.
pub struct Material(Zeroizing<[u8; LENGTH]>);

/// Why a text is no key. The text itself is never told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not 32 random bytes in base64 or hexadecimal; `portico keys new` makes such a key")]
pub struct NoMaterial;

/// A key that wraps data keys, held in memory.
pub struct Kek {
    id: String,
    key: RandomizedNonceKey,
}

// === impl Material ===

impl Material {
    /// Reads 32 bytes in base64 (either alphabet, with or without padding) or as 64 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, NoMaterial> {
        let text = text.trim();
        let hexadecimal = (text.len() == 2 * LENGTH).then(|| hex::decode(text).ok()).flatten();
        let decoded = hexadecimal.or_else(|| {
            let engines = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];
            engines.iter().find_map(|engine| engine.decode(text).ok())
        });
        let decoded = Zeroizing::new(decoded.ok_or(NoMaterial)?);
        let mut bytes = Zeroizing::new([0; LENGTH]);
        if decoded.len() != LENGTH {
            return Err(NoMaterial);
        }
        bytes.copy_from_slice(&decoded);
        // A key of one repeated byte is a placeholder that somebody forgot.
        if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
            return Err(NoMaterial);
        }
        Ok(Self(bytes))
    }

    /// A new one.
    pub fn random() -> Result<Self, Failed> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        aws_lc_rs::rand::fill(bytes.as_mut()).map_err(|_| Failed::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// The form that is kept in a file.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(*self.0))
    }

    /// A key for one purpose (HKDF, RFC 5869): what is learned of one says nothing of another.
    pub(super) fn derived(&self, purpose: &str) -> Result<Zeroizing<[u8; LENGTH]>, Failed> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        let pseudorandom = hkdf::Salt::new(hkdf::HKDF_SHA256, b"portico sealing 1").extract(&*self.0);
        pseudorandom
            .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|key| key.fill(bytes.as_mut()))
            .map_err(|_| Failed::NoRandomness)?;
        Ok(bytes)
    }

    /// Eight hexadecimal digits by which a key is known: derived of it, so that nobody has to name it.
    pub(super) fn id(&self, purpose: &str) -> Result<String, Failed> {
        let bytes = self.derived(&format!("id of {purpose}"))?;
        Ok(hex::encode(bytes.get(..4).unwrap_or_default()))
    }
}

impl std::fmt::Debug for Material {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Material(..)")
    }
}

// === impl Kek ===

impl Kek {
    pub fn new(material: &Material) -> Result<Self, Failed> {
        let bytes = material.derived("wrapping")?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &*bytes).map_err(|_| Failed::NoRandomness)?;
        Ok(Self { id: material.id("wrapping")?, key })
    }

    fn one(&self, key: &DataKey, context: &Context) -> Result<String, Failed> {
        let mut sealed = Zeroizing::new(key.bytes().to_vec());
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(context.bytes()), &mut *sealed)
            .map_err(|_| Failed::NoRandomness)?;
        let nonce: &[u8] = nonce.as_ref();
        Ok(URL_SAFE_NO_PAD.encode([nonce, sealed.as_slice()].concat()))
    }

    fn back(&self, wrapped: &str, context: &Context) -> Option<DataKey> {
        let mut bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(wrapped).ok()?);
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.key.open_in_place(nonce, Aad::from(context.bytes()), sealed).ok()?;
        DataKey::of(plain)
    }
}

#[async_trait]
impl Wrap for Kek {
    fn id(&self) -> &str {
        &self.id
    }

    async fn wrap(&self, keys: &[(&DataKey, &Context)]) -> Result<Vec<String>, Failed> {
        keys.iter().map(|(key, context)| self.one(key, context)).collect()
    }

    async fn unwrap(&self, wrapped: &[(&str, &Context)]) -> Result<Vec<Option<DataKey>>, Failed> {
        Ok(wrapped.iter().map(|(text, context)| self.back(text, context)).collect())
    }

    async fn mark(&self) -> Result<String, Failed> {
        Ok(String::new())
    }
}

impl std::fmt::Debug for Kek {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kek({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_either_form_and_nothing_else_is_one() {
        let material = Material::random().unwrap();
        let id = material.id("wrapping").unwrap();
        let text = material.to_text();
        let bytes = STANDARD.decode(&*text).unwrap();
        for form in
            [text.to_string(), format!("{}\n", &*text), hex::encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)]
        {
            assert_eq!(Material::parse(&form).unwrap().id("wrapping").unwrap(), id);
        }
        for none in ["", "sesame", "AAAA", &STANDARD.encode([7; 32]), &hex::encode([0; 31])] {
            assert_eq!(Material::parse(none).unwrap_err(), NoMaterial, "{none}");
        }
        assert_eq!(format!("{material:?}"), "Material(..)");
    }

    #[tokio::test]
    async fn a_wrapped_key_opens_for_its_record_and_its_key_alone() {
        let (kek, other) = (
            Kek::new(&Material::random().unwrap()).unwrap(),
            Kek::new(&Material::random().unwrap()).unwrap(),
        );
        let (here, there) = (Context::record("customers", "66"), Context::record("customers", "67"));
        let key = DataKey::fresh().unwrap();
        let wrapped = kek.wrap(&[(&key, &here)]).await.unwrap().remove(0);
        let open = async |kek: &Kek, text: &str, context: &Context| {
            kek.unwrap(&[(text, context)]).await.unwrap().remove(0).map(|key| key.bytes().to_vec())
        };
        assert_eq!(open(&kek, &wrapped, &here).await.as_deref(), Some(&key.bytes()[..]));
        assert_eq!(open(&kek, &wrapped, &there).await, None);
        assert_eq!(open(&other, &wrapped, &here).await, None);
        assert_eq!(open(&kek, &wrapped[2..], &here).await, None);
        assert_eq!(open(&kek, "", &here).await, None);
    }
}
