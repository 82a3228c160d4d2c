//! What counts no longer though it has not expired, and what may come once.

use super::bound;
use crate::{
    backend::sql::{Statement, pool::Expect},
    fault::Fault,
    ledger::Ledger,
};

/// A revocation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationRow {
    /// `grant`, `token`, `client` or `subject`.
    pub kind: String,
    pub value: String,
    /// What was issued later counts; 0 is that nothing does.
    pub before: i64,
    pub created_at: i64,
    pub expires_at: i64,
}

/// All of these refuse with F913 where the store fails.
impl Ledger {
    /// The statements of a revocation, to be done with others. A second one of the same is as wide as the wider of both.
    pub(in crate::ledger) fn revoking(
        &self,
        kind: &str,
        value: &str,
        before: i64,
        now: i64,
        expires: i64,
    ) -> Vec<(Statement, Expect)> {
        let delete = "DELETE FROM revocations WHERE kind = ? AND value = ?";
        let insert =
            "INSERT INTO revocations (kind, value, before_at, created_at, expires_at) VALUES (?, ?, ?, ?, ?)";
        vec![
            (self.statement(delete, bound![kind, value]), Expect::Nothing),
            (self.statement(insert, bound![kind, value, before, now, expires]), Expect::OneRow),
        ]
    }

    /// Revokes one thing, durably when this returns.
    pub async fn revoke(&self, row: &RevocationRow) -> Result<(), Fault> {
        let RevocationRow { kind, value, before, created_at, expires_at } = row;
        // Two at once: the second finds the first one's row, and goes behind it.
        for _ in 0..3 {
            if self.make(self.revoking(kind, value, *before, *created_at, *expires_at)).await? {
                return Ok(());
            }
        }
        self.change(self.revoking(kind, value, *before, *created_at, *expires_at)).await.map(drop)
    }

    /// All revocations that have not expired.
    pub async fn revocations(&self, now: i64) -> Result<Vec<RevocationRow>, Fault> {
        let [before, created, expires] =
            ["before_at", "created_at", "expires_at"].map(|name| self.number(name));
        let sql = format!(
            "SELECT kind, value, {before}, {created}, {expires} FROM revocations WHERE expires_at > ?"
        );
        let rows = self.rows(self.statement(&sql, bound![now]), 5).await?;
        let read = rows.into_iter().map(|mut row| RevocationRow {
            kind: row.text(0),
            value: row.text(1),
            before: row.number(2),
            created_at: row.number(3),
            expires_at: row.number(4),
        });
        Ok(read.collect())
    }

    /// Takes an id that may come once, by its hash. Whether it is the first time.
    pub async fn use_once(&self, hash: &str, expires: i64) -> Result<bool, Fault> {
        let sql = "INSERT INTO used_ids (id_hash, expires_at) VALUES (?, ?)";
        self.make(vec![(self.statement(sql, bound![hash, expires]), Expect::OneRow)]).await
    }
}
