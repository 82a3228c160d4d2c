//! What an issuer publishes about itself, read strictly: its discovery document and its set of keys.

use crate::{
    identity::jws::{Algorithm, PublicKey},
    plan::identity::{Issuer, Reach},
};
use serde_json::Value;
use std::collections::HashSet;

/// No issuer has nearly as many keys.
const MOST: usize = 128;
/// Keys of one name and algorithm that are tried.
const TRIED: usize = 4;

/// Where an issuer has what is needed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Discovered {
    pub keys: String,
    pub introspection: Option<String>,
}

/// A set of keys (RFC 7517, section 5).
#[derive(Debug, Default)]
pub(super) struct Keys {
    all: Vec<(Option<Box<str>>, PublicKey)>,
    thumbprints: HashSet<String>,
}

// === impl Discovered ===

impl Discovered {
    /// Refuses the document of somebody else (OpenID Connect Discovery 1.0, section 4.3): who may answer for one address
    /// must not have another one's tokens verified by its keys.
    pub(super) fn read(document: &Value, plan: &Issuer) -> Result<Self, String> {
        if document.get("issuer").and_then(Value::as_str) != Some(&*plan.issuer) {
            return Err("its discovery names another `issuer`".into());
        }
        let address = |name: &str| match document.get(name) {
            Some(Value::String(address))
                if plan.reach == Reach::Loopback || address.starts_with("https://") =>
            {
                Ok(Some(address.clone()))
            }
            Some(Value::String(_)) => Err(format!("its discovery has a `{name}` without TLS")),
            _ => Ok(None),
        };
        let keys = address("jwks_uri")?.ok_or("its discovery names no `jwks_uri`")?;
        Ok(Self { keys, introspection: address("introspection_endpoint")? })
    }
}

// === impl Keys ===

impl Keys {
    /// Reads a set; what is no key for us is passed over, because sets hold others, too.
    pub(super) fn read(document: &Value) -> Result<Self, String> {
        let Some(Value::Array(items)) = document.get("keys") else {
            return Err("its set of keys has no `keys`".into());
        };
        if items.len() > MOST {
            return Err(format!("its set has more than {MOST} keys"));
        }
        let mut keys = Self::default();
        for item in items {
            let Some(key) = PublicKey::of_jwk(item) else { continue };
            let kid = match item.get("kid") {
                Some(Value::String(kid)) => Some(kid.as_str().into()),
                _ => None,
            };
            keys.thumbprints.insert(key.thumbprint());
            keys.all.push((kid, key));
        }
        Ok(keys)
    }

    /// Whether a key is one of these, whatever it is called.
    pub(super) fn holds(&self, thumbprint: &str) -> bool {
        self.thumbprints.contains(thumbprint)
    }

    /// The keys of a name and an algorithm. A token that names none is verified by the only one of its algorithm.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Vec<PublicKey> {
        let of_kind = self.all.iter().filter(|(_, key)| key.algorithm() == algorithm);
        match kid {
            Some(kid) => of_kind
                .filter(|(known, _)| known.as_deref() == Some(kid))
                .take(TRIED)
                .map(|(_, key)| key.clone())
                .collect(),
            None => {
                let found: Vec<PublicKey> = of_kind.take(2).map(|(_, key)| key.clone()).collect();
                if found.len() == 1 { found } else { Vec::new() }
            }
        }
    }
}
