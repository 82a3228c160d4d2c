//! Proofs that who brings a token holds the key that it is bound to: a signed statement about this one request
//! (DPoP, RFC 9449), or the certificate of the connection (RFC 8705). It knows neither tokens' claims nor faults' forms:
//! the gate and the token endpoint say what they need and word what is refused.

use super::{
    claims,
    jws::{self, Compact, PublicKey, Unsound},
};
use aws_lc_rs::digest;
use serde_json::Value;
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

/// A proof is good for so many seconds around its `iat`: clocks differ, and the way takes its time.
pub const WINDOW: i64 = 60;
/// A proof is a header line of two hundred to a thousand bytes, with an RSA key of three thousand.
const LONGEST: usize = 8 * 1024;
/// A `jti` longer than that is none.
const LONGEST_JTI: usize = 256;

/// What a proof has to be about.
#[derive(Debug, Clone, Copy)]
pub struct About<'r> {
    /// The method as it was sent.
    pub method: &'r str,
    /// The address without query and fragment.
    pub url: &'r str,
    /// The access token that comes with it; nothing at the token endpoint.
    pub token: Option<&'r str>,
    /// The nonce that was asked for, where one was.
    pub nonce: Option<&'r str>,
}

/// A proof that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The key's thumbprint (RFC 7638), as base64url.
    pub thumbprint: String,
    /// What makes it one of a kind: a hash over its key and its `jti`.
    pub once: [u8; 32],
}

/// Why a proof does not hold. Nothing of it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the proof is not well formed")]
    Malformed,
    #[error("the proof's key is not one that can be taken")]
    Key,
    #[error("the proof's signature does not hold")]
    Signature,
    #[error("the proof was made for another method")]
    Method,
    #[error("the proof was made for another address")]
    Address,
    #[error("the proof was not made now")]
    Time,
    #[error("the proof was made for another token")]
    Token,
    #[error("the proof has not the nonce that was asked for")]
    Nonce,
    #[error("the proof has been used before")]
    Replayed,
    #[error("more proofs come than can be remembered")]
    Full,
}

/// Judges a proof (RFC 9449, section 4.3), all but whether it was used before: [`Replays`] is asked for that when all
/// else holds.
pub fn check(proof: &str, about: About<'_>, now: i64) -> Result<Proven, Refusal> {
    if proof.len() > LONGEST {
        return Err(Refusal::Malformed);
    }
    let proof = Compact::parse(proof).map_err(|_| Refusal::Malformed)?;
    if !proof.header.is("dpop+jwt") {
        return Err(Refusal::Malformed);
    }
    let jwk = proof.header.jwk.as_ref().ok_or(Refusal::Malformed)?;
    let key = PublicKey::of_jwk(jwk).ok_or(Refusal::Key)?;
    let claims = proof.verified(&key).map_err(|why| match why {
        Unsound::Algorithm | Unsound::Signature => Refusal::Signature,
        _ => Refusal::Malformed,
    })?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("htm") != Some(about.method) {
        return Err(Refusal::Method);
    }
    let (Some(said), Some(meant)) = (text("htu").and_then(normal), normal(about.url)) else {
        return Err(Refusal::Address);
    };
    if said != meant {
        return Err(Refusal::Address);
    }
    let made = claims::seconds(&claims, "iat").ok().flatten().ok_or(Refusal::Time)?;
    if now.saturating_sub(made).abs() > WINDOW {
        return Err(Refusal::Time);
    }
    if let Some(token) = about.token {
        if text("ath") != Some(jws::hashed(token).as_str()) {
            return Err(Refusal::Token);
        }
    }
    if about.nonce.is_some() && text("nonce") != about.nonce {
        return Err(Refusal::Nonce);
    }
    let jti = text("jti").filter(|jti| (1..=LONGEST_JTI).contains(&jti.len())).ok_or(Refusal::Malformed)?;
    let thumbprint = key.thumbprint();
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(thumbprint.as_bytes());
    hash.update(jti.as_bytes());
    let mut once = [0; 32];
    once.copy_from_slice(hash.finish().as_ref());
    Ok(Proven { thumbprint, once })
}

/// An address in the one form that two are compared in (RFC 3986, sections 6.2.2 and 6.2.3): lower-case scheme and host,
/// no default port, no query, escapes only where they are needed, no dots as segments.
fn normal(address: &str) -> Option<String> {
    let address = address.split(['?', '#']).next()?;
    let uri: http::Uri = address.parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let authority = uri.authority()?;
    if authority.as_str().contains('@') {
        return None;
    }
    let host = authority.host().to_ascii_lowercase();
    let default = match scheme.as_str() {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let port = match authority.port_u16() {
        Some(port) if port != default => format!(":{port}"),
        _ => String::new(),
    };
    let path = unescaped(uri.path())?;
    let mut segments: Vec<&str> = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        match part {
            "." | ".." => {
                if part == ".." {
                    segments.pop();
                }
                if last {
                    segments.push("");
                }
            }
            part => segments.push(part),
        }
    }
    Some(format!("{scheme}://{host}{port}/{}", segments.join("/")))
}

/// Escapes of letters, digits and `-._~` undone, the others in upper case.
fn unescaped(path: &str) -> Option<String> {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        let (before, after) = rest.split_at_checked(at)?;
        out.push_str(before);
        let digits = after.get(1..3)?;
        let byte = u8::from_str_radix(digits, 16).ok()?;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&digits.to_ascii_uppercase());
        }
        rest = after.get(3..)?;
    }
    out.push_str(rest);
    Some(out)
}

/// The proofs of the last minutes, each of which is taken once. It holds no more than it is told: when it is full nothing
/// is taken until it has forgotten, which is never earlier than a proof has expired.
#[derive(Debug)]
pub struct Replays {
    shards: Vec<Mutex<Shard>>,
    most: usize,
}

/// Two ages of proofs: the older one is dropped whole when all in it have expired.
#[derive(Debug, Default)]
struct Shard {
    since: i64,
    now: HashSet<[u8; 32]>,
    before: HashSet<[u8; 32]>,
}

/// So that requests do not wait for one another.
const SHARDS: usize = 16;

impl Default for Replays {
    /// A million: some 80 MB when it is full, and four thousand proofs in each second.
    fn default() -> Self {
        Self::holding(1 << 20)
    }
}

impl Replays {
    pub fn holding(most: usize) -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), most: most.div_ceil(SHARDS) }
    }

    /// Takes a proof if it was not taken before. To be asked when everything else holds, so that only who has a token
    /// and its key can fill the store.
    pub fn take(&self, proven: &Proven, now: i64) -> Result<(), Refusal> {
        let first = usize::from(proven.once.first().copied().unwrap_or_default());
        let Some(shard) = self.shards.get(first % SHARDS) else { return Err(Refusal::Full) };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        // A proof that was taken at the one edge of its window may come again until the other.
        let age = now.saturating_sub(shard.since);
        if age > 2 * WINDOW {
            shard.before = if age > 4 * WINDOW { HashSet::new() } else { std::mem::take(&mut shard.now) };
            shard.now = HashSet::new();
            shard.since = now;
        }
        if shard.before.contains(&proven.once) || shard.now.contains(&proven.once) {
            return Err(Refusal::Replayed);
        }
        if shard.now.len() + shard.before.len() >= self.most {
            return Err(Refusal::Full);
        }
        shard.now.insert(proven.once);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
