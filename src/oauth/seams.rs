//! What the authorization server asks of others, as traits: the plan of now, and the accounts of people.

use super::rules::Rules;
use crate::{fault::Fault, limits::Door};
use async_trait::async_trait;
use std::{collections::BTreeMap, sync::Arc};

/// The rules of now; a reload changes them.
pub trait Current: Send + Sync + std::fmt::Debug {
    fn rules(&self) -> Arc<Rules>;
}

/// Somebody who has an account.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// `a_` and more.
    pub id: String,
    pub roles: Vec<String>,
    /// What ties them to records: `customer` and the customer's key.
    pub claims: BTreeMap<String, String>,
    /// Whether they may do anything at all.
    pub active: bool,
    /// For `openid` clients that were granted `email`.
    pub email: Option<String>,
}

/// Somebody who is signed in at this browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub account: Account,
    /// When they proved who they are, in seconds since 1970.
    pub auth_time: i64,
    /// What ends with the session.
    pub id: String,
}

/// The accounts of people. A store that does not answer is an error, never nobody: nothing is decided then.
#[async_trait]
pub trait Accounts: Send + Sync + std::fmt::Debug {
    /// Who is signed in, by the request's whole `Cookie` header.
    async fn of_session(&self, cookie: &str) -> Result<Option<Session>, Fault>;

    async fn account(&self, id: &str) -> Result<Option<Account>, Fault>;
}

/// There are no accounts: nobody is ever signed in.
#[derive(Debug, Clone, Copy)]
pub struct NoAccounts;

#[async_trait]
impl Accounts for NoAccounts {
    async fn of_session(&self, _: &str) -> Result<Option<Session>, Fault> {
        Ok(None)
    }

    async fn account(&self, _: &str) -> Result<Option<Account>, Fault> {
        Ok(None)
    }
}

/// Holds names back that are tried too often; addresses are counted before a request gets here.
#[async_trait]
pub trait Entrances: Send + Sync + std::fmt::Debug {
    /// Counts a try by the account or client that is named. Refuses with F311.
    async fn tried(&self, door: Door, name: &str) -> Result<(), Fault>;
}

/// Nobody is held back.
#[derive(Debug, Clone, Copy)]
pub struct Unlimited;

#[async_trait]
impl Entrances for Unlimited {
    async fn tried(&self, _: Door, _: &str) -> Result<(), Fault> {
        Ok(())
    }
}

/// Neither roles' ties nor addresses.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("active", &self.active).finish_non_exhaustive()
    }
}
