//! The header `wsse:Security` with a `UsernameToken` (OASIS `UsernameToken` Profile 1.1): password as text or as digest, a
//! nonce that is taken once, a `Created` within a window. No signatures, no encryption, no other token.

use std::collections::{HashSet, VecDeque};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;
use sha1::{Digest, Sha1};

use super::fault::Fault;
use super::lexical;
use super::reader::same;

pub(super) const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
pub(super) const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const TEXT: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText";
const DIGEST: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest";
const BASE64: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// How old a `Created` may be, in seconds: the profile's recommendation.
const WINDOW: i64 = 300;
/// How far a sender's clock may run ahead, in seconds.
const SKEW: i64 = 60;
/// A nonce is 16 bytes with most clients.
const LONGEST_NONCE: usize = 64;
/// Some 500 calls a second over the whole window; more are refused, since a forgotten nonce could come again.
const MOST_NONCES: usize = 200_000;

/// What a header says of the sender.
pub(super) struct Token {
    username: String,
    password: String,
    digest: bool,
    nonce: Option<Vec<u8>>,
    /// As it was written: the digest is over the text.
    created: Option<String>,
    /// Of the header's `Timestamp`.
    expires: Option<String>,
}

impl Token {
    pub(super) fn read(security: Option<Node<'_, '_>>) -> Result<Self, Fault> {
        let security = security.ok_or(Fault::InvalidSecurity("there is none"))?;
        let token = only(security, WSSE, "UsernameToken")?
            .ok_or(Fault::InvalidSecurity("there is no UsernameToken"))?;
        let username =
            only(token, WSSE, "Username")?.ok_or(Fault::InvalidSecurity("there is no Username"))?;
        let password =
            only(token, WSSE, "Password")?.ok_or(Fault::InvalidSecurity("there is no Password"))?;
        let digest = match password.attribute("Type") {
            None | Some(TEXT) => false,
            Some(DIGEST) => true,
            Some(_) => return Err(Fault::InvalidSecurity("the Type of the Password is not known")),
        };
        let nonce = only(token, WSSE, "Nonce")?.map(nonce).transpose()?;
        let created = only(token, WSU, "Created")?.map(plain);
        let timestamp = only(security, WSU, "Timestamp")?;
        let expires = match timestamp {
            Some(timestamp) => only(timestamp, WSU, "Expires")?.map(plain),
            None => None,
        };
        if digest && (nonce.is_none() || created.is_none()) {
            return Err(Fault::InvalidSecurity("a digest needs Nonce and Created"));
        }
        Ok(Self { username: plain(username), password: plain(password), digest, nonce, created, expires })
    }

    /// The credentials and the times; not whether the nonce was seen.
    pub(super) fn check(&self, user: &str, password: &str, now: i64) -> Result<(), Fault> {
        let right = if self.digest {
            let mut hash = Sha1::new();
            hash.update(self.nonce.as_deref().unwrap_or_default());
            hash.update(self.created.as_deref().unwrap_or_default());
            hash.update(password);
            equal(self.password.as_bytes(), STANDARD.encode(hash.finalize()).as_bytes())
        } else {
            equal(self.password.as_bytes(), password.as_bytes())
        };
        if !equal(self.username.as_bytes(), user.as_bytes()) || !right {
            return Err(Fault::FailedAuthentication("unknown user or wrong password"));
        }
        if let Some(created) = &self.created {
            let created = lexical::moment(created).ok_or(Fault::InvalidSecurity("Created is no dateTime"))?;
            if created > now.saturating_add(SKEW) || created < now.saturating_sub(WINDOW) {
                return Err(Fault::FailedAuthentication("Created lies outside the window"));
            }
        }
        if let Some(expires) = &self.expires {
            let expires = lexical::moment(expires).ok_or(Fault::InvalidSecurity("Expires is no dateTime"))?;
            if expires < now {
                return Err(Fault::MessageExpired);
            }
        }
        Ok(())
    }
}

/// The nonces of the window.
#[derive(Debug, Default)]
pub(super) struct Nonces {
    seen: HashSet<Vec<u8>>,
    /// When each may be forgotten; in order, as long as the clock does not go back.
    until: VecDeque<(i64, Vec<u8>)>,
}

impl Nonces {
    /// Takes the nonce of a token whose credentials are right: once.
    pub(super) fn take(&mut self, token: &Token, now: i64) -> Result<(), Fault> {
        let Some(nonce) = &token.nonce else { return Ok(()) };
        while let Some((_, old)) = self.until.pop_front_if(|(until, _)| *until < now) {
            self.seen.remove(&old);
        }
        if self.seen.contains(nonce) {
            return Err(Fault::FailedAuthentication("the nonce was used before"));
        }
        if self.seen.len() >= MOST_NONCES {
            return Err(Fault::FailedAuthentication("too many messages within the window"));
        }
        self.seen.insert(nonce.clone());
        // Its `Created` may lie ahead by the skew.
        self.until.push_back((now.saturating_add(WINDOW + SKEW), nonce.clone()));
        Ok(())
    }

    pub(super) fn clear(&mut self) {
        self.seen.clear();
        self.until.clear();
    }
}

/// The profile gives no order, and lets other elements stand between; each of ours may come once.
fn only<'a, 'input>(
    parent: Node<'a, 'input>,
    namespace: &str,
    name: &str,
) -> Result<Option<Node<'a, 'input>>, Fault> {
    let mut found = parent.children().filter(|child| same(*child, namespace, name));
    let first = found.next();
    if found.next().is_some() {
        return Err(Fault::InvalidSecurity("an element stands there twice"));
    }
    Ok(first)
}

fn nonce(node: Node<'_, '_>) -> Result<Vec<u8>, Fault> {
    if node.attribute("EncodingType").is_some_and(|encoding| encoding != BASE64) {
        return Err(Fault::InvalidSecurity("the EncodingType of the Nonce is not known"));
    }
    match STANDARD.decode(plain(node).trim()) {
        Ok(nonce) if (1..=LONGEST_NONCE).contains(&nonce.len()) => Ok(nonce),
        _ => Err(Fault::InvalidSecurity("the Nonce is not base64, or too long")),
    }
}

fn plain(node: Node<'_, '_>) -> String {
    node.children().filter_map(|child| child.is_text().then(|| child.text()).flatten()).collect()
}

/// In a time that does not tell where they differ.
fn equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}
