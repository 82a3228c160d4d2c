//! Our signing keys: which one signs now, and which ones prove what was signed. Where they are kept, and when they
//! are changed for new ones, is the authorization server's business; whoever verifies only looks here.

use super::jws::{self, Algorithm, PublicKey};
use arc_swap::ArcSwap;
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// All keys that are known now. Shared, and exchanged as a whole: whoever holds the ring sees new keys at once.
#[derive(Debug, Default)]
pub struct Ring {
    keys: ArcSwap<Vec<Arc<Key>>>,
}

/// One key with the times of its life, in seconds since 1970.
#[derive(Debug)]
pub struct Key {
    pub kid: String,
    public: PublicKey,
    /// Nothing where the private part cannot be had: the key still proves what it signed.
    private: Option<Private>,
    pub life: Life,
}

/// When a key does what. It is published from its making until it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// Signs from here on; published before, so that those who keep the keys for a while know it in time.
    pub signs_from: i64,
    /// No longer signs from here on; nothing while no other one is to take its place.
    pub signs_until: Option<i64>,
    /// Proves nothing from here on; nothing while it signs.
    pub ends: Option<i64>,
}

enum Private {
    Es256(Box<EcdsaKeyPair>),
    EdDsa(Ed25519KeyPair),
}

/// A key could not be made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key cannot be made or read")]
pub struct Unusable;

// === impl Ring ===

impl Ring {
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts these keys in the place of all others.
    pub fn set(&self, keys: Vec<Arc<Key>>) {
        self.keys.store(Arc::new(keys));
    }

    pub fn all(&self) -> Arc<Vec<Arc<Key>>> {
        self.keys.load_full()
    }

    /// The key that signs with an algorithm at a time: the newest of those that may.
    pub fn current(&self, algorithm: Algorithm, now: i64) -> Option<Arc<Key>> {
        let keys = self.keys.load();
        let may = keys.iter().filter(|key| {
            key.public.algorithm() == algorithm && key.private.is_some() && key.life.signs_at(now)
        });
        may.max_by(|a, b| (a.life.signs_from, &a.kid).cmp(&(b.life.signs_from, &b.kid))).cloned()
    }

    /// The key that proves what a `kid` signed; nothing where there is none, or it was withdrawn or has ended.
    pub fn verifying(&self, kid: &str, now: i64) -> Option<Arc<Key>> {
        self.keys.load().iter().find(|key| key.kid == kid && key.life.proves_at(now)).cloned()
    }

    /// The keys that prove, as a JWK Set (RFC 7517, section 5).
    pub fn jwks(&self, now: i64) -> Value {
        let keys = self.keys.load();
        let keys: Vec<Value> =
            keys.iter().filter(|key| key.life.proves_at(now)).map(|key| key.jwk()).collect();
        json!({ "keys": keys })
    }
}

// === impl Life ===

impl Life {
    /// Signs from a time on, until something else is said.
    pub fn from(signs_from: i64) -> Self {
        Self { signs_from, signs_until: None, ends: None }
    }

    pub fn signs_at(&self, now: i64) -> bool {
        self.signs_from <= now && self.signs_until.is_none_or(|until| now < until) && self.proves_at(now)
    }

    pub fn proves_at(&self, now: i64) -> bool {
        self.ends.is_none_or(|ends| now < ends)
    }
}

// === impl Key ===

impl Key {
    /// A new key with its private part as PKCS #8, which is to be sealed and kept.
    pub fn generate(algorithm: Algorithm, life: Life) -> Result<(Self, Vec<u8>), Unusable> {
        let random = SystemRandom::new();
        let pkcs8 = match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
                .map_err(|_| Unusable)?
                .as_ref()
                .to_vec(),
            Algorithm::EdDsa => {
                Ed25519KeyPair::generate_pkcs8(&random).map_err(|_| Unusable)?.as_ref().to_vec()
            }
            // RSA signs nowhere here: its private operations leak by their timing (RUSTSEC-2023-0071).
            Algorithm::Es384 | Algorithm::Rs256 | Algorithm::Ps256 => return Err(Unusable),
        };
        let private = Private::of(algorithm, &pkcs8)?;
        let public = private.public();
        Ok((Self { kid: public.thumbprint(), public, private: Some(private), life }, pkcs8))
    }

    /// A key that was kept. Without its private part, or with another key's, it only proves.
    pub fn kept(kid: String, jwk: &Value, pkcs8: Option<&[u8]>, life: Life) -> Result<Self, Unusable> {
        let public = PublicKey::of_jwk(jwk).ok_or(Unusable)?;
        let private = pkcs8.and_then(|pkcs8| Private::of(public.algorithm(), pkcs8).ok());
        let private = private.filter(|private| private.public() == public);
        Ok(Self { kid, public, private, life })
    }

    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// Whether the private part is here.
    pub fn can_sign(&self) -> bool {
        self.private.is_some()
    }

    /// The public part as it is published.
    pub fn jwk(&self) -> Value {
        let mut jwk = self.public.jwk();
        if let Some(members) = jwk.as_object_mut() {
            members.insert("kid".into(), self.kid.clone().into());
            members.insert("alg".into(), self.algorithm().name().into());
            members.insert("use".into(), "sig".into());
        }
        jwk
    }

    /// A compact JWS over claims, of a type such as `at+jwt`.
    pub fn sign(&self, typ: &str, claims: &Value) -> Result<String, Unusable> {
        let header = json!({ "alg": self.algorithm().name(), "typ": typ, "kid": self.kid });
        self.sign_as(&header, &jws::encode(claims.to_string().as_bytes()))
    }

    /// The same with a header of one's own and a payload that is encoded already: proofs and assertions of clients.
    pub fn sign_as(&self, header: &Value, payload: &str) -> Result<String, Unusable> {
        let signed = format!("{}.{payload}", jws::encode(header.to_string().as_bytes()));
        let signature = match self.private.as_ref().ok_or(Unusable)? {
            Private::Es256(pair) => {
                pair.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| Unusable)?
            }
            Private::EdDsa(pair) => pair.try_sign(signed.as_bytes()).map_err(|_| Unusable)?,
        };
        Ok(format!("{signed}.{}", jws::encode(signature.as_ref())))
    }
}

// === impl Private ===

impl Private {
    fn of(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, Unusable> {
        match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
                .map(|pair| Self::Es256(Box::new(pair)))
                .map_err(|_| Unusable),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(pkcs8).map(Self::EdDsa).map_err(|_| Unusable),
            Algorithm::Es384 | Algorithm::Rs256 | Algorithm::Ps256 => Err(Unusable),
        }
    }

    fn public(&self) -> PublicKey {
        match self {
            Self::Es256(pair) => PublicKey::es256(pair.public_key().as_ref()),
            Self::EdDsa(pair) => PublicKey::eddsa(pair.public_key().as_ref()),
        }
    }
}

impl std::fmt::Debug for Private {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Private(..)")
    }
}

#[cfg(test)]
mod tests;
