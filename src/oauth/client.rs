//! Clients: how each proves itself, where it may be answered, and what it may be granted.

use super::{refusal::Refusal, rules::Rules};
use crate::{
    fault::Fault,
    identity::jws::PublicKey,
    ledger::{Ledger, oauth::clients::ClientRow},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How a client proves that it is itself (RFC 7591, section 2; RFC 8705, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Nothing: an app on a person's device, which can keep no secret.
    #[default]
    None,
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
    TlsClientAuth,
    SelfSignedTlsClientAuth,
}

/// What is kept of a client besides its columns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Metadata {
    pub method: Method,
    pub redirect_uris: Vec<String>,
    pub grant_types: Vec<String>,
    /// What of its tier's it is for; empty is all.
    pub scopes: Vec<String>,
    /// Of a client that acts for itself.
    pub roles: Vec<String>,
    pub claims: BTreeMap<String, String>,
    /// A JWK Set of its public keys.
    pub jwks: Option<Value>,
    /// SHA-256 of its certificate, base64url.
    pub certificate: Option<String>,
    /// Whether all its tokens are to be bound to a key (RFC 9449, section 5.2).
    pub dpop: bool,
    /// The company's own app: its callers' roles alone decide, and nobody is asked.
    pub own: bool,
    /// May ask about tokens that are not its own: a resource server.
    pub introspects: bool,
    pub uri: Option<String>,
}

/// A client that has not been removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub row: ClientRow,
    pub metadata: Metadata,
}

pub const CODE: &str = "authorization_code";
pub const REFRESH: &str = "refresh_token";
pub const CREDENTIALS: &str = "client_credentials";
pub const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub const GRANT_TYPES: [&str; 4] = [CODE, REFRESH, CREDENTIALS, DEVICE];

// === impl Method ===

impl Method {
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    pub fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }

    pub fn is_by_certificate(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }
}

// === impl Metadata ===

impl Metadata {
    /// What speaks against keeping a client so; a sentence for each.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for uri in self.redirect_uris.iter().filter(|uri| !super::redirects::is_fit(uri)) {
            faults.push(format!(
                "the redirect URI `{uri}` is neither `https`, nor `http` at a loopback address, nor of a scheme such as \
                 `com.example.app`"
            ));
        }
        for grant in self.grant_types.iter().filter(|grant| !GRANT_TYPES.contains(&grant.as_str())) {
            faults.push(format!("there is no grant type `{grant}`; there are {}", GRANT_TYPES.join(", ")));
        }
        let has = |grant: &str| self.grant_types.iter().any(|one| one == grant);
        if has(CODE) && self.redirect_uris.is_empty() {
            faults.push("the code flow needs a redirect URI".into());
        }
        if has(CREDENTIALS) && self.method == Method::None {
            faults.push("who cannot prove itself gets no client credentials".into());
        }
        if self.grant_types.is_empty() {
            faults.push("there is no grant type".into());
        }
        if self.method == Method::PrivateKeyJwt && self.keys().is_empty() {
            faults.push(
                "`private_key_jwt` needs a JWK Set with a public key for ES256, EdDSA, PS256 or RS256".into(),
            );
        }
        if self.method.is_by_certificate() && self.certificate.is_none() {
            faults.push("a client that proves itself by a certificate needs its thumbprint".into());
        }
        faults
    }

    /// Its keys with their ids.
    pub fn keys(&self) -> Vec<(Option<&str>, PublicKey)> {
        let keys = self.jwks.as_ref().and_then(|set| set.get("keys")).and_then(Value::as_array);
        let keys = keys.into_iter().flatten();
        keys.filter_map(|jwk| Some((jwk.get("kid").and_then(Value::as_str), PublicKey::of_jwk(jwk)?)))
            .collect()
    }
}

// === impl Client ===

impl Client {
    pub fn of(row: ClientRow) -> Result<Self, Fault> {
        let metadata = serde_json::from_str(&row.metadata).map_err(|_| {
            Fault::plain(&crate::fault::code::STORE_FAILED)
                .detail(format!("ledger: the metadata of client `{}` cannot be read", row.id))
        })?;
        Ok(Self { row, metadata })
    }

    /// The client of an id, active or not.
    pub async fn find(ledger: &Ledger, id: &str) -> Result<Option<Self>, Fault> {
        ledger.client(id).await?.map(Self::of).transpose()
    }

    pub fn id(&self) -> &str {
        &self.row.id
    }

    pub fn is_active(&self) -> bool {
        self.row.status == "active"
    }

    pub fn is_public(&self) -> bool {
        self.metadata.method == Method::None
    }

    pub fn may(&self, grant_type: &str) -> bool {
        self.metadata.grant_types.iter().any(|known| known == grant_type)
    }

    /// Whether a redirect URI is one of its own.
    pub fn is_answered_at(&self, uri: &str) -> bool {
        self.metadata.redirect_uris.iter().any(|own| super::redirects::is_same(own, uri))
    }

    /// Whether a scope may be granted to it.
    pub fn may_have(&self, rules: &Rules, scope: &str) -> bool {
        let chosen = &self.metadata.scopes;
        rules.scopes.contains(scope)
            && (chosen.is_empty() || chosen.iter().any(|one| one == scope))
            && rules.tier(&self.row.tier).is_some_and(|tier| tier.allows(scope))
    }

    /// The scopes that a request names, each once; all that it may have where it names none. Refuses with
    /// `invalid_scope` what it may not have: nothing is taken away in silence.
    pub fn scopes(&self, rules: &Rules, asked: Option<&str>) -> Result<Vec<String>, Refusal> {
        let Some(asked) = asked else {
            return Ok(rules.scopes.iter().filter(|scope| self.may_have(rules, scope)).cloned().collect());
        };
        let mut scopes: Vec<String> = Vec::new();
        for scope in asked.split(' ').filter(|scope| !scope.is_empty()) {
            if !self.may_have(rules, scope) {
                return Err(Refusal::invalid_scope(format!(
                    "the scope `{}` is not for this client",
                    shown(scope)
                )));
            }
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        Ok(scopes)
    }
}

/// A name of somebody else's making, safe to be repeated in an error (RFC 6749, section 5.2 has its letters).
pub fn shown(text: &str) -> String {
    text.chars().filter(|c| matches!(c, ' '..='!' | '#'..='[' | ']'..='~')).take(60).collect()
}
