//! Our access tokens: JWTs of RFC 9068, how they are written and how they are read. Whether one was revoked, and what
//! its bearer may do, is asked elsewhere.

use super::{
    jws::{Algorithm, Compact},
    keys::{Ring, Unusable},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far another clock may be from ours, in seconds.
pub const LEEWAY: i64 = 5;

/// The claims of an access token. Times are seconds since 1970.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// Our public address.
    pub iss: String,
    /// The account that acts, or the client's id where it acts for itself.
    pub sub: String,
    pub aud: Audience,
    pub client_id: String,
    pub iat: i64,
    pub exp: i64,
    pub jti: String,
    /// Separated by spaces. Nothing for the company's own apps, whose callers' roles alone decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// What ties the bearer to records: `customer` and the customer's key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, String>,
    /// What this rests on: revoked, it takes the token with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
}

/// One audience or several (RFC 7519, section 4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Several(Vec<String>),
}

/// What the bearer has to show besides the token (RFC 7800): the key of its proofs (RFC 9449, section 6.1), or its
/// certificate (RFC 8705, section 3.1); base64url of a SHA-256 each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Confirmation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
    #[serde(default, rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

/// Why a text is no access token that counts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// No token of ours: another form, type or issuer's.
    #[error("it is no access token of ours")]
    Malformed,
    /// No key of ours proves it: unknown, withdrawn, of another algorithm, or the signature is wrong.
    #[error("no key of ours proves it")]
    Unproved,
    #[error("it has expired")]
    Expired,
    #[error("it is not valid yet")]
    Early,
    #[error("it is of another issuer")]
    Issuer,
    #[error("it is for another audience")]
    Audience,
}

/// Signs a token with the key of now.
pub fn sign(ring: &Ring, token: &AccessToken, now: i64) -> Result<String, Unusable> {
    let claims = serde_json::to_value(token).map_err(|_| Unusable)?;
    ring.current(Algorithm::Es256, now).ok_or(Unusable)?.sign("at+jwt", &claims)
}

/// Reads a token that one of our keys signed. Its times, issuer and audience are judged by
/// [`AccessToken::judge`], each time that it comes.
pub fn read(ring: &Ring, text: &str, now: i64) -> Result<(AccessToken, String), Why> {
    let compact = Compact::parse(text).map_err(|_| Why::Malformed)?;
    // An ID token is no access token, though the same key signed it (RFC 9068, section 4).
    if !compact.header.is("at+jwt") || compact.header.jwk.is_some() {
        return Err(Why::Malformed);
    }
    let kid = compact.header.kid.clone().ok_or(Why::Malformed)?;
    let key = ring.verifying(&kid, now).ok_or(Why::Unproved)?;
    let claims = compact.verified(key.public()).map_err(|_| Why::Unproved)?;
    let token = serde_json::from_value(claims.into()).map_err(|_| Why::Malformed)?;
    Ok((token, kid))
}

// === impl AccessToken ===

impl AccessToken {
    /// Whether the token counts at a time, for an issuer and any of these audiences.
    pub fn judge(&self, issuer: &str, audiences: &[&str], now: i64) -> Result<(), Why> {
        if self.iss != issuer {
            return Err(Why::Issuer);
        }
        if !self.aud.is_any(audiences) {
            return Err(Why::Audience);
        }
        if self.exp <= now {
            return Err(Why::Expired);
        }
        if self.iat > now.saturating_add(LEEWAY) {
            return Err(Why::Early);
        }
        Ok(())
    }

    pub fn scopes(&self) -> Option<impl Iterator<Item = &str>> {
        self.scope.as_deref().map(|scope| scope.split(' ').filter(|one| !one.is_empty()))
    }
}

/// Whose it is, and nothing that ties it to records.
impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken")
            .field("client_id", &self.client_id)
            .field("jti", &self.jti)
            .field("exp", &self.exp)
            .finish_non_exhaustive()
    }
}

// === impl Audience ===

impl Audience {
    pub fn is_any(&self, wanted: &[&str]) -> bool {
        match self {
            Self::One(one) => wanted.contains(&one.as_str()),
            Self::Several(all) => all.iter().any(|one| wanted.contains(&one.as_str())),
        }
    }
}

#[cfg(test)]
mod tests;
