//! Keys and tokens of tests, good and bad: whatever a header and a payload say is signed.

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};

/// A key pair that signs anything.
pub struct Key {
    pair: Pair,
    pub kid: String,
}

enum Pair {
    Es256(EcdsaKeyPair),
    Es384(EcdsaKeyPair),
    Edwards(Ed25519KeyPair),
    Rs256(RsaKeyPair),
    Ps256(RsaKeyPair),
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    encode(digest::digest(&digest::SHA256, bytes.as_ref()))
}

#[allow(dead_code, reason = "each of those who share it uses a part")]
impl Key {
    fn new(pair: Pair) -> Self {
        let mut key = Self { pair, kid: String::new() };
        key.kid = key.thumbprint();
        key
    }

    pub fn es256() -> Self {
        Self::new(Pair::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()))
    }

    pub fn es384() -> Self {
        Self::new(Pair::Es384(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap()))
    }

    pub fn ed25519() -> Self {
        Self::new(Pair::Edwards(Ed25519KeyPair::generate().unwrap()))
    }

    pub fn rs256() -> Self {
        Self::new(Pair::Rs256(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
    }

    pub fn ps256() -> Self {
        Self::new(Pair::Ps256(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
    }

    pub fn named(mut self, kid: &str) -> Self {
        kid.clone_into(&mut self.kid);
        self
    }

    pub fn alg(&self) -> &'static str {
        match self.pair {
            Pair::Es256(_) => "ES256",
            Pair::Es384(_) => "ES384",
            Pair::Edwards(_) => "EdDSA",
            Pair::Rs256(_) => "RS256",
            Pair::Ps256(_) => "PS256",
        }
    }

    /// The public key's own members alone.
    pub fn jwk(&self) -> Json {
        match &self.pair {
            Pair::Es256(pair) => point("P-256", pair.public_key().as_ref()),
            Pair::Es384(pair) => point("P-384", pair.public_key().as_ref()),
            Pair::Edwards(pair) => json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key()) }),
            Pair::Rs256(pair) | Pair::Ps256(pair) => {
                // A sequence of two whole numbers in DER (RFC 8017, appendix A.1.1); of these sizes the first has two
                // bytes of length and a zero in front, the second one byte.
                let der = pair.public_key().as_ref();
                let size = usize::from(der[6]) << 8 | usize::from(der[7]);
                json!({ "kty": "RSA", "n": encode(&der[9..8 + size]), "e": encode(&der[8 + size + 2..]) })
            }
        }
    }

    /// As a set of an issuer has it.
    pub fn published(&self) -> Json {
        let mut jwk = self.jwk();
        jwk["kid"] = json!(self.kid);
        jwk["alg"] = json!(self.alg());
        jwk["use"] = json!("sig");
        jwk
    }

    /// RFC 7638.
    pub fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let mut names: Vec<&String> = jwk.as_object().unwrap().keys().collect();
        names.sort();
        let members: Vec<String> =
            names.iter().map(|name| format!("\"{name}\":{}", jwk[name.as_str()])).collect();
        sha256(format!("{{{}}}", members.join(",")))
    }

    /// The bare public bytes, as somebody who takes them for a secret would use them.
    pub fn public_bytes(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Es256(pair) | Pair::Es384(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Edwards(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rs256(pair) | Pair::Ps256(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// The signature over a text.
    pub fn signature(&self, text: &str) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Es256(pair) | Pair::Es384(pair) => {
                pair.sign(&random, text.as_bytes()).unwrap().as_ref().to_vec()
            }
            Pair::Edwards(pair) => pair.sign(text.as_bytes()).as_ref().to_vec(),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature).unwrap();
                signature
            }
            Pair::Ps256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &random, text.as_bytes(), &mut signature).unwrap();
                signature
            }
        }
    }

    /// A token of any header and payload.
    pub fn sign(&self, head: &Json, payload: &Json) -> String {
        self.sign_texts(&head.to_string(), &payload.to_string())
    }

    pub fn sign_texts(&self, head: &str, payload: &str) -> String {
        let signed = format!("{}.{}", encode(head), encode(payload));
        let signature = encode(self.signature(&signed));
        format!("{signed}.{signature}")
    }

    /// An access token with this payload.
    pub fn token(&self, payload: &Json) -> String {
        self.sign(&json!({ "typ": "at+jwt", "alg": self.alg(), "kid": self.kid }), payload)
    }

    /// A proof of possession with this payload.
    pub fn proof(&self, payload: &Json) -> String {
        self.sign(&json!({ "typ": "dpop+jwt", "alg": self.alg(), "jwk": self.jwk() }), payload)
    }
}

fn point(curve: &str, bytes: &[u8]) -> Json {
    let (x, y) = bytes[1..].split_at((bytes.len() - 1) / 2);
    json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y) })
}
