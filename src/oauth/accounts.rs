//! People who log in: owners, who register by the company's own apps, and staff, whose accounts are made for them. Here
//! stands what all of it shares: how an account is found without its address being readable, and what is asked of others.
//! What a role may do is the plan's; codes and consents of vendors are the authorization server's.
//!
//! Nobody can learn here whether an address has an account: where the answer is the same, the work is, too.

pub mod address;
pub mod body;
pub mod guard;
pub mod language;
pub mod links;
pub mod login;
pub mod mail;
pub mod password;
pub mod register;
pub mod sessions;
pub mod staff;
pub mod tend;

pub use crate::ledger::accounts::{Account as Known, Status};

use super::seams;
use crate::{
    fault::{Fault, code},
    identity::sealer::Sealer,
    ledger::{
        Ledger,
        accounts::{Account, Session},
    },
    plan::identity::accounts as plan,
    telemetry::clock::Clock,
};
use async_trait::async_trait;
use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::sync::Arc;

/// What a record is made of: members with their values, in order.
pub type Record = serde_json::Map<String, serde_json::Value>;

/// The records that accounts are tied to. The engine knows no customer: which resource it is, the configuration says.
#[async_trait]
pub trait Records: Send + Sync + std::fmt::Debug {
    /// Says all that is wrong with a record, and makes none.
    fn judge(&self, register: &plan::Register, record: &Record) -> Result<(), Fault>;

    /// The key of the record with this address, where there is one.
    async fn find(&self, register: &plan::Register, address: &str) -> Result<Option<String>, Fault>;

    /// Makes a record; its key.
    async fn make(&self, register: &plan::Register, record: &Record) -> Result<String, Fault>;
}

/// Tokens for the company's own apps, which the authorization server makes.
#[async_trait]
pub trait Tokens: Send + Sync + std::fmt::Debug {
    /// The first tokens of a login.
    async fn begin(&self, client: &str, account: &seams::Account, now: i64) -> Result<Minted, Fault>;

    /// New ones for a refresh token; nothing where it is not good. One that was used before ends its whole family.
    async fn renew(&self, client: &str, refresh: &str) -> Result<Option<Minted>, Fault>;

    /// Ends the family of a refresh token, whose id is given back; nothing where there is none.
    async fn end(&self, client: &str, refresh: &str) -> Result<Option<String>, Fault>;

    /// Ends a family: none of its tokens counts from now on.
    async fn revoke(&self, family: &str) -> Result<(), Fault>;

    /// Ends all tokens of an account that were made until now.
    async fn revoke_account(&self, account: &str) -> Result<(), Fault>;

    /// What an account has allowed to vendors.
    async fn consents(&self, account: &str) -> Result<Vec<Consent>, Fault>;

    /// Takes it back, with all tokens that rest on it.
    async fn withdraw(&self, account: &str, client: &str) -> Result<(), Fault>;
}

/// Tokens, as an app is given them.
#[derive(Clone, PartialEq, Eq)]
pub struct Minted {
    pub access: String,
    /// Seconds.
    pub expires_in: i64,
    pub refresh: String,
    pub family: String,
    pub account: String,
}

impl std::fmt::Debug for Minted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Minted").field("family", &self.family).finish_non_exhaustive()
    }
}

/// What somebody has allowed a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub client: String,
    /// What people call the vendor.
    pub name: String,
    pub scopes: Vec<String>,
    pub given_at: i64,
}

/// What is configured; a reload changes it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// Our public address, without a slash at its end.
    pub public_url: String,
    pub accounts: plan::Accounts,
    pub mail: Option<plan::Mail>,
}

/// The settings of now.
pub trait Configured: Send + Sync + std::fmt::Debug {
    fn settings(&self) -> Arc<Settings>;
}

/// What accounts stand on.
#[derive(Debug, Clone)]
pub struct Parts {
    pub ledger: Ledger,
    pub clock: Arc<dyn Clock>,
    pub sealer: Arc<dyn Sealer>,
    pub configured: Arc<dyn Configured>,
    pub records: Arc<dyn Records>,
    pub tokens: Arc<dyn Tokens>,
}

/// Where people are let in. Shared by pages, by the apps' requests and by the command line.
#[derive(Debug)]
pub struct Desk {
    pub(in crate::oauth) parts: Parts,
    passwords: password::Passwords,
    /// Of the hashes that find an address.
    index: hmac::Key,
}

/// The name and the context of the key of the addresses' index.
const INDEX: &str = "index of addresses";
/// The context in which an address is sealed, for one account.
const ADDRESS: &str = "address of account ";

impl Desk {
    /// Opens the desk. Refuses with F913: the ledger does not answer, or the key of the index cannot be opened.
    pub async fn open(parts: Parts) -> Result<Self, Fault> {
        let made = URL_SAFE_NO_PAD.encode(parts.sealer.seal(INDEX, &random::<32>()?));
        let open = |sealed: &str| {
            URL_SAFE_NO_PAD.decode(sealed).ok().and_then(|sealed| parts.sealer.open(INDEX, &sealed))
        };
        let sealed = parts.ledger.account_key(INDEX, &made).await?;
        let mut opened = open(&sealed);
        // Where nobody has an account yet, nobody is lost by another key.
        if opened.is_none() && parts.ledger.replace_account_key(INDEX, &sealed, &made).await? {
            opened = open(&made);
        }
        let Some(bytes) = opened.filter(|bytes| bytes.len() == 32) else {
            let detail = "accounts: the key by which addresses are found was sealed with another key than the one of now";
            return Err(Fault::plain(&code::STORE_FAILED).detail(detail));
        };
        let index = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        Ok(Self { parts, passwords: password::Passwords::new()?, index })
    }

    pub(in crate::oauth) fn settings(&self) -> Arc<Settings> {
        self.parts.configured.settings()
    }

    /// Seconds since 1970.
    pub(in crate::oauth) fn now(&self) -> i64 {
        self.parts.clock.now().seconds
    }

    fn ledger(&self) -> &Ledger {
        &self.parts.ledger
    }

    /// What finds something sealed: the same for the same text and purpose, and telling nothing of it.
    fn index(&self, purpose: &str, text: &str) -> String {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(text.as_bytes());
        hex::encode(context.sign())
    }

    fn seal_address(&self, id: &str, address: &str) -> Result<String, Fault> {
        let sealed = self.parts.sealer.seal(&format!("{ADDRESS}{id}"), address.as_bytes());
        if sealed.is_empty() {
            return Err(Fault::plain(&code::INTERNAL).detail("accounts: nothing can be sealed"));
        }
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// The address of an account; nothing where the key it was sealed with is gone.
    pub(in crate::oauth) fn address_of(&self, account: &Account) -> Option<String> {
        let sealed = URL_SAFE_NO_PAD.decode(&account.email_sealed).ok()?;
        let plain = self.parts.sealer.open(&format!("{ADDRESS}{}", account.id), &sealed)?;
        String::from_utf8(plain).ok()
    }

    /// An account as the authorization server knows it.
    pub(in crate::oauth) fn known(&self, account: &Account) -> seams::Account {
        seams::Account {
            id: account.id.clone(),
            roles: account.roles.clone(),
            claims: account.claims.iter().cloned().collect(),
            active: account.status == Status::Active && account.verified_at > 0,
            email: self.address_of(account),
        }
    }

    /// A browser's session as the authorization server knows it.
    pub(in crate::oauth) fn session_of(&self, session: &Session, account: &Account) -> seams::Session {
        seams::Session { account: self.known(account), auth_time: session.created_at, id: session.id.clone() }
    }

    /// Whether messages are caught, and shown on a page.
    pub(in crate::oauth) fn catches(&self) -> bool {
        self.settings().mail.as_ref().is_some_and(|mail| mail.way == plan::Way::Catch)
    }

    /// Ends all sessions of an account but one, and the tokens of its apps with them.
    pub(in crate::oauth) async fn end_sessions(&self, account: &str, but: Option<&str>) -> Result<(), Fault> {
        let now = self.now();
        for session in self.ledger().sessions_of(account, now).await? {
            if session.kind == sessions::APP && but != Some(session.id.as_str()) {
                self.parts.tokens.revoke(&session.token_hash).await?;
            }
        }
        self.ledger().revoke_sessions(account, but, now).await
    }
}

#[async_trait]
impl seams::Accounts for Desk {
    async fn of_session(&self, cookie: &str) -> Result<Option<seams::Session>, Fault> {
        let Some((session, account)) = self.signed_in(cookie).await? else { return Ok(None) };
        Ok(Some(self.session_of(&session, &account)))
    }

    async fn account(&self, id: &str) -> Result<Option<seams::Account>, Fault> {
        Ok(self.ledger().account(id).await?.map(|account| self.known(&account)))
    }
}

/// Bytes that nobody can guess.
fn random<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| Fault::plain(&code::INTERNAL).detail("accounts: there is no randomness to be had"))?;
    Ok(bytes)
}

/// A token of 256 bits that nobody can guess, in URL-safe letters.
pub(in crate::oauth) fn token() -> Result<String, Fault> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// An id with the letter of its kind.
fn id(kind: &str) -> Result<String, Fault> {
    Ok(format!("{kind}_{}", URL_SAFE_NO_PAD.encode(random::<15>()?)))
}

/// What is kept of a token.
fn hash(token: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, token.as_bytes()))
}

#[cfg(test)]
mod tests;
