//! Compact JSON Web Signatures (RFC 7515) and the public keys that prove them (RFC 7517): nothing but form and
//! mathematics. An algorithm belongs to a key, never to a header, and no key is ever taken from where a header points
//! (RFC 8725, sections 3.1 and 3.10). What a token says is judged by who reads it.

use crate::value::json::read;
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
        RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

/// No token that is taken is longer: a header line holds no more.
pub const LONGEST: usize = 16 * 1024;

/// What a signature is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    Es256,
    /// For keys of other issuers; ours are not of this kind.
    Es384,
    EdDsa,
    Rs256,
    Ps256,
}

/// Why a text is no sound signed one. No value of it is ever told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    #[error("it is no compact JWS")]
    Form,
    #[error("its header asks for what is not taken")]
    Header,
    #[error("its `alg` is not its key's")]
    Algorithm,
    #[error("its signature is not its key's")]
    Signature,
    #[error("its payload is no JSON object")]
    Payload,
}

/// A signed text taken apart; nothing of it is proved yet.
pub struct Compact<'a> {
    pub header: Header,
    /// Header and payload as they were signed.
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

/// What of a header is ever looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub algorithm: Algorithm,
    pub kid: Option<String>,
    pub typ: Option<String>,
    /// The key that a `DPoP` proof carries (RFC 9449, section 4.2); for all other tokens a reason to refuse them.
    pub jwk: Option<Value>,
}

/// A public key with the one algorithm that it is for.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: Algorithm,
    material: Material,
}

#[derive(Clone, PartialEq, Eq)]
enum Material {
    /// The bytes of the point, or of the Edwards key.
    Bytes(Vec<u8>),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

/// Base64url without padding (RFC 7515, section 2).
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of a base64url text; nothing where it has another letter, padding, or bits that mean nothing.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// SHA-256 of a text, as base64url.
pub fn hashed(text: &str) -> String {
    encode(digest(&SHA256, text.as_bytes()).as_ref())
}

/// The members of a JSON object, none of which stands twice at any depth: two readers would take two different ones
/// (RFC 8725, section 2.4).
fn strict(bytes: &[u8]) -> Option<Map<String, Value>> {
    let text = std::str::from_utf8(bytes).ok()?;
    read::read(text).ok()?;
    serde_json::from_str(text).ok()
}

// === impl Algorithm ===

impl Algorithm {
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }

    /// `none`, all that is symmetric and all that is unknown is no algorithm. `Ed25519` is the newer name of `EdDSA`
    /// with that curve (RFC 9864, section 2.2).
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Es256, Self::Es384, Self::EdDsa, Self::Rs256, Self::Ps256];
        let newer = (name == "Ed25519").then_some(Self::EdDsa);
        all.into_iter().find(|known| known.name() == name).or(newer)
    }
}

// === impl Compact ===

impl<'a> Compact<'a> {
    /// Takes a text apart. Refuses what has extensions that must be understood (`crit`), and keys by reference
    /// (`jku`, `x5u`, `x5c`).
    pub fn parse(text: &'a str) -> Result<Self, Unsound> {
        if text.len() > LONGEST {
            return Err(Unsound::Form);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Unsound::Form)?;
        let (header, payload) = signed.split_once('.').ok_or(Unsound::Form)?;
        if payload.contains('.') {
            return Err(Unsound::Form);
        }
        let header = decode(header).ok_or(Unsound::Form)?;
        let header: Value = strict(&header).ok_or(Unsound::Form)?.into();
        let header = Header::of(&header).ok_or(Unsound::Header)?;
        let signature = decode(signature).ok_or(Unsound::Form)?;
        Ok(Self { header, signed, payload, signature })
    }

    /// The payload, once the signature is proved to be the key's.
    pub fn verified(&self, key: &PublicKey) -> Result<Map<String, Value>, Unsound> {
        if self.header.algorithm != key.algorithm {
            return Err(Unsound::Algorithm);
        }
        key.verify(self.signed.as_bytes(), &self.signature).ok_or(Unsound::Signature)?;
        self.unproved()
    }

    /// The payload, which may be anybody's: only to find out whose key is to be asked for.
    pub fn unproved(&self) -> Result<Map<String, Value>, Unsound> {
        let payload = decode(self.payload).ok_or(Unsound::Form)?;
        strict(&payload).ok_or(Unsound::Payload)
    }
}

impl std::fmt::Debug for Compact<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compact").field("header", &self.header).finish_non_exhaustive()
    }
}

impl Header {
    fn of(header: &Value) -> Option<Self> {
        let header = header.as_object()?;
        if ["crit", "jku", "x5u", "x5c", "b64", "zip", "enc"].iter().any(|name| header.contains_key(*name)) {
            return None;
        }
        let text = |name: &str| match header.get(name) {
            None => Some(None),
            Some(Value::String(text)) => Some(Some(text.clone())),
            Some(_) => None,
        };
        let algorithm = Algorithm::named(&text("alg")??)?;
        Some(Self { algorithm, kid: text("kid")?, typ: text("typ")?, jwk: header.get("jwk").cloned() })
    }

    /// Whether the text is of a type, with or without `application/` and in any case (RFC 7515, section 4.1.9).
    pub fn is(&self, wanted: &str) -> bool {
        let Some(typ) = &self.typ else { return false };
        let typ = typ.to_ascii_lowercase();
        typ.strip_prefix("application/").unwrap_or(&typ) == wanted
    }
}

// === impl PublicKey ===

impl PublicKey {
    /// A key of ours or of somebody else, as JSON (RFC 7517, RFC 7518 section 6, RFC 8037). An RSA key says its
    /// algorithm in `alg`; where it does not, it is for RS256. Nothing where the key is none that is taken, is not
    /// for signatures, or carries a private part.
    pub fn of_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let private = ["d", "p", "q", "dp", "dq", "qi", "k"].iter().any(|name| jwk.get(*name).is_some());
        if private || text("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        let said = match text("alg") {
            None => None,
            Some(name) => Some(Algorithm::named(name)?),
        };
        let bytes = |name: &str, length: usize| decode(text(name)?).filter(|bytes| bytes.len() == length);
        let (algorithm, material) = match (text("kty")?, text("crv"), said) {
            ("EC", Some("P-256"), None | Some(Algorithm::Es256)) => {
                let point = [vec![4], bytes("x", 32)?, bytes("y", 32)?].concat();
                (Algorithm::Es256, Material::Bytes(point))
            }
            ("EC", Some("P-384"), None | Some(Algorithm::Es384)) => {
                let point = [vec![4], bytes("x", 48)?, bytes("y", 48)?].concat();
                (Algorithm::Es384, Material::Bytes(point))
            }
            ("OKP", Some("Ed25519"), None | Some(Algorithm::EdDsa)) => {
                (Algorithm::EdDsa, Material::Bytes(bytes("x", 32)?))
            }
            ("RSA", _, said @ (None | Some(Algorithm::Rs256 | Algorithm::Ps256))) => {
                let (n, e) = (decode(text("n")?)?, decode(text("e")?)?);
                if !(256..=1024).contains(&n.len()) {
                    return None;
                }
                (said.unwrap_or(Algorithm::Rs256), Material::Rsa { n, e })
            }
            _ => return None,
        };
        Some(Self { algorithm, material })
    }

    /// A P-256 key by its uncompressed point.
    pub fn es256(point: &[u8]) -> Self {
        Self { algorithm: Algorithm::Es256, material: Material::Bytes(point.to_vec()) }
    }

    /// An Ed25519 key by its bytes.
    pub fn eddsa(bytes: &[u8]) -> Self {
        Self { algorithm: Algorithm::EdDsa, material: Material::Bytes(bytes.to_vec()) }
    }

    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The members that a key is made of, in the order of their names (RFC 7638, section 3.2).
    pub fn jwk(&self) -> Value {
        match (&self.material, self.algorithm) {
            (Material::Bytes(point), Algorithm::Es256 | Algorithm::Es384) => {
                let (x, y) = point.get(1..).unwrap_or_default().split_at(point.len().saturating_sub(1) / 2);
                let curve = if self.algorithm == Algorithm::Es256 { "P-256" } else { "P-384" };
                json!({ "crv": curve, "kty": "EC", "x": encode(x), "y": encode(y) })
            }
            (Material::Bytes(bytes), _) => json!({ "crv": "Ed25519", "kty": "OKP", "x": encode(bytes) }),
            (Material::Rsa { n, e }, _) => json!({ "e": encode(e), "kty": "RSA", "n": encode(n) }),
        }
    }

    /// What the key is known by: its SHA-256 thumbprint (RFC 7638), as base64url.
    pub fn thumbprint(&self) -> String {
        hashed(&self.jwk().to_string())
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        match (&self.material, self.algorithm) {
            (Material::Bytes(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).ok()
            }
            (Material::Bytes(point), Algorithm::Es384) => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(message, signature).ok()
            }
            (Material::Bytes(bytes), Algorithm::EdDsa) => {
                UnparsedPublicKey::new(&ED25519, bytes).verify(message, signature).ok()
            }
            (Material::Rsa { n, e }, Algorithm::Rs256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).ok()
            }
            (Material::Rsa { n, e }, Algorithm::Ps256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PSS_2048_8192_SHA256, message, signature).ok()
            }
            _ => None,
        }
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({}, {})", self.algorithm.name(), self.thumbprint())
    }
}
