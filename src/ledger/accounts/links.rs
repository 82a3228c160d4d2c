//! The table of links that are sent by mail: each is used once, and those that came before it no more.

use super::{Ledger, fault, number, text};
use crate::{
    backend::sql::{Parameter, pool::Expect},
    fault::Fault,
};
use tokio::time::Instant;

/// A link that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// SHA-256 of the token.
    pub token_hash: String,
    pub account_id: String,
    /// `verify`, `reset` or `invite`.
    pub purpose: String,
    pub created_at: i64,
    pub expires_at: i64,
}

impl Ledger {
    /// Adds a link; earlier ones of the account for the same are void. Refuses with F913.
    pub async fn add_link(&self, link: &Link) -> Result<(), Fault> {
        let void = self.sql(
            "UPDATE account_links SET used_at = ? WHERE account_id = ? AND purpose = ? AND used_at = 0",
            vec![Parameter::Integer(link.created_at), text(&link.account_id), text(&link.purpose)],
        );
        let add = self.sql(
            "INSERT INTO account_links (token_hash, account_id, purpose, created_at, expires_at, used_at) \
             VALUES (?, ?, ?, ?, ?, 0)",
            vec![
                text(&link.token_hash),
                text(&link.account_id),
                text(&link.purpose),
                Parameter::Integer(link.created_at),
                Parameter::Integer(link.expires_at),
            ],
        );
        let both = vec![(void, Expect::Nothing), (add, Expect::Nothing)];
        self.pool.transact(both, Instant::now() + super::LONG).await.map(drop).map_err(|e| fault(&e))
    }

    /// A link that can still be used. Refuses with F913.
    pub async fn link(&self, token_hash: &str, now: i64) -> Result<Option<Link>, Fault> {
        let statement = self.sql(
            "SELECT token_hash, account_id, purpose, #created_at, #expires_at FROM account_links \
             WHERE token_hash = ? AND used_at = 0 AND expires_at > ?",
            vec![text(token_hash), Parameter::Integer(now)],
        );
        Ok(self.texts(&statement, 5).await?.iter().map(|row| link(row)).next())
    }

    /// Uses a link up: of any number at once, one gets it. Refuses with F913.
    pub async fn use_link(&self, token_hash: &str, now: i64) -> Result<bool, Fault> {
        let sql =
            "UPDATE account_links SET used_at = ? WHERE token_hash = ? AND used_at = 0 AND expires_at > ?";
        let parameters = vec![Parameter::Integer(now.max(1)), text(token_hash), Parameter::Integer(now)];
        self.changed_one(self.sql(sql, parameters)).await
    }

    /// Makes all links of an account void. Refuses with F913.
    pub async fn void_links(&self, account: &str, now: i64) -> Result<(), Fault> {
        let sql = "UPDATE account_links SET used_at = ? WHERE account_id = ? AND used_at = 0";
        self.did(self.sql(sql, vec![Parameter::Integer(now.max(1)), text(account)])).await
    }
}

fn link(row: &[String]) -> Link {
    let of = |at: usize| row.get(at).cloned().unwrap_or_default();
    Link {
        token_hash: of(0),
        account_id: of(1),
        purpose: of(2),
        created_at: number(row.get(3)),
        expires_at: number(row.get(4)),
    }
}
