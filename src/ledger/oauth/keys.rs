//! The table of signing keys.

use super::bound;
use crate::{backend::sql::pool::Expect, fault::Fault, ledger::Ledger};

/// A key as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRow {
    pub kid: String,
    /// JSON.
    pub public_jwk: String,
    /// Base64url of the sealed private part.
    pub sealed: String,
    pub created_at: i64,
    pub signs_from: i64,
    /// 0 while no other one is to take its place.
    pub signs_until: i64,
    /// 0 while it signs.
    pub ends_at: i64,
}

impl std::fmt::Debug for KeyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRow").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// All of these refuse with F913 where the store fails.
impl Ledger {
    /// All keys, the oldest first.
    pub async fn signing_keys(&self) -> Result<Vec<KeyRow>, Fault> {
        let [created, from, until, ends] =
            ["created_at", "signs_from", "signs_until", "ends_at"].map(|name| self.number(name));
        let sql = format!(
            "SELECT kid, public_jwk, sealed, {created}, {from}, {until}, {ends} FROM signing_keys ORDER BY signs_from, kid"
        );
        let rows = self.rows(self.statement(&sql, &[]), 7).await?;
        let read = rows.into_iter().map(|mut row| KeyRow {
            kid: row.text(0),
            public_jwk: row.text(1),
            sealed: row.text(2),
            created_at: row.number(3),
            signs_from: row.number(4),
            signs_until: row.number(5),
            ends_at: row.number(6),
        });
        Ok(read.collect())
    }

    /// Adds a key, and says of those that it replaces until when they sign and prove; what ends sooner stays so.
    pub async fn add_signing_key(&self, key: &KeyRow, replaced: &[(String, i64, i64)]) -> Result<(), Fault> {
        let KeyRow { kid, public_jwk, sealed, created_at, signs_from, .. } = key;
        let insert = "INSERT INTO signing_keys (kid, public_jwk, sealed, created_at, signs_from) VALUES (?, ?, ?, ?, ?)";
        let values = bound![kid, public_jwk, sealed, *created_at, *signs_from];
        let mut statements = vec![(self.statement(insert, values), Expect::OneRow)];
        let end = "UPDATE signing_keys SET signs_until = ?, ends_at = ? WHERE kid = ? AND (ends_at = 0 OR ends_at > ?)";
        for (kid, until, ends) in replaced {
            statements.push((self.statement(end, bound![*until, *ends, kid, *ends]), Expect::Nothing));
        }
        self.change(statements).await.map(drop)
    }
}
