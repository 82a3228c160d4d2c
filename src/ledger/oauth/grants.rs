//! Grants, their codes and refresh tokens, and what accounts have allowed.

use super::{Row, bound};
use crate::{
    backend::sql::{Statement, pool::Expect},
    fault::Fault,
    ledger::Ledger,
};

/// One authorization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrantRow {
    pub id: String,
    pub client_id: String,
    /// The account; empty where the client acts for itself.
    pub subject: String,
    /// Separated by spaces.
    pub scopes: String,
    /// JSON.
    pub terms: String,
    pub created_at: i64,
    pub renewed_at: i64,
    pub expires_at: i64,
    pub revoked_at: i64,
}

/// A code or a refresh token.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct GrantToken {
    /// SHA-256 in hex.
    pub hash: String,
    /// `code` or `refresh`.
    pub kind: String,
    pub grant_id: String,
    pub client_id: String,
    /// JSON.
    pub terms: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub used_at: i64,
}

impl std::fmt::Debug for GrantToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GrantToken")
            .field("kind", &self.kind)
            .field("grant_id", &self.grant_id)
            .finish_non_exhaustive()
    }
}

/// What an account has allowed a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRow {
    pub subject: String,
    pub client_id: String,
    /// Separated by spaces.
    pub scopes: String,
    pub given_at: i64,
}

fn grant(mut row: Row) -> GrantRow {
    GrantRow {
        id: row.text(0),
        client_id: row.text(1),
        subject: row.text(2),
        scopes: row.text(3),
        terms: row.text(4),
        created_at: row.number(5),
        renewed_at: row.number(6),
        expires_at: row.number(7),
        revoked_at: row.number(8),
    }
}

/// All of these refuse with F913 where the store fails.
impl Ledger {
    fn grant_columns(&self) -> String {
        let [created, renewed, expires, revoked] =
            ["created_at", "renewed_at", "expires_at", "revoked_at"].map(|name| self.number(name));
        format!("id, client_id, subject, scopes, terms, {created}, {renewed}, {expires}, {revoked}")
    }

    pub(super) fn inserting(&self, token: &GrantToken) -> (Statement, Expect) {
        let GrantToken { hash, kind, grant_id, client_id, terms, created_at, expires_at, .. } = token;
        let sql = "INSERT INTO grant_tokens (token_hash, kind, grant_id, client_id, terms, created_at, expires_at) \
                   VALUES (?, ?, ?, ?, ?, ?, ?)";
        let values = bound![hash, kind, grant_id, client_id, terms, *created_at, *expires_at];
        (self.statement(sql, values), Expect::OneRow)
    }

    pub(super) fn granting(&self, grant: &GrantRow) -> (Statement, Expect) {
        let GrantRow { id, client_id, subject, scopes, terms, created_at, expires_at, .. } = grant;
        let sql = "INSERT INTO grants (id, client_id, subject, scopes, terms, created_at, expires_at) \
                   VALUES (?, ?, ?, ?, ?, ?, ?)";
        let values = bound![id, client_id, subject, scopes, terms, *created_at, *expires_at];
        (self.statement(sql, values), Expect::OneRow)
    }

    /// Makes a grant, with its first code or refresh token where it has one.
    pub async fn add_grant(&self, grant: &GrantRow, token: Option<&GrantToken>) -> Result<(), Fault> {
        let token = token.map(|token| self.inserting(token));
        self.change(std::iter::once(self.granting(grant)).chain(token).collect()).await.map(drop)
    }

    /// Answers a request that waits by a grant and its code: whether the request was still waiting.
    pub async fn answer_request(
        &self,
        request: &str,
        now: i64,
        grant: &GrantRow,
        code: &GrantToken,
    ) -> Result<bool, Fault> {
        let statements = vec![self.consuming(request, now), self.granting(grant), self.inserting(code)];
        self.change(statements).await
    }

    /// Consumes a code or a refresh token of a client, and makes the next one of the same grant: both, or nothing where
    /// it was used before, has expired or its grant was revoked. Durable when this returns.
    pub async fn consume_token(
        &self,
        hash: &str,
        client: &str,
        now: i64,
        next: Option<&GrantToken>,
        grant: (&str, i64),
    ) -> Result<bool, Fault> {
        let (grant, expires) = grant;
        let consume = "UPDATE grant_tokens SET used_at = ? WHERE token_hash = ? AND client_id = ? AND used_at = 0 \
                       AND expires_at > ?";
        let renew = "UPDATE grants SET renewed_at = ?, expires_at = ? WHERE id = ? AND client_id = ? AND revoked_at = 0";
        let mut statements = vec![
            (self.statement(consume, bound![now, hash, client, now]), Expect::OneRow),
            (self.statement(renew, bound![now, expires, grant, client]), Expect::OneRow),
        ];
        statements.extend(next.map(|token| self.inserting(token)));
        self.change(statements).await
    }

    pub async fn grant_token(&self, hash: &str) -> Result<Option<GrantToken>, Fault> {
        let [created, expires, used] = ["created_at", "expires_at", "used_at"].map(|name| self.number(name));
        let sql = format!(
            "SELECT token_hash, kind, grant_id, client_id, terms, {created}, {expires}, {used} FROM grant_tokens \
             WHERE token_hash = ?"
        );
        let row = self.row(self.statement(&sql, bound![hash]), 8).await?;
        Ok(row.map(|mut row| GrantToken {
            hash: row.text(0),
            kind: row.text(1),
            grant_id: row.text(2),
            client_id: row.text(3),
            terms: row.text(4),
            created_at: row.number(5),
            expires_at: row.number(6),
            used_at: row.number(7),
        }))
    }

    pub async fn grant(&self, id: &str) -> Result<Option<GrantRow>, Fault> {
        let sql = format!("SELECT {} FROM grants WHERE id = ?", self.grant_columns());
        Ok(self.row(self.statement(&sql, bound![id]), 9).await?.map(grant))
    }

    /// The grants of an account that have not been revoked, the newest first.
    pub async fn grants_of(&self, subject: &str) -> Result<Vec<GrantRow>, Fault> {
        let sql = format!(
            "SELECT {} FROM grants WHERE subject = ? AND revoked_at = 0 ORDER BY created_at DESC, id",
            self.grant_columns()
        );
        Ok(self.rows(self.statement(&sql, bound![subject]), 9).await?.into_iter().map(grant).collect())
    }

    /// Revokes a grant with all its tokens until `expires`.
    pub async fn revoke_grant(&self, id: &str, now: i64, expires: i64) -> Result<(), Fault> {
        let sql = "UPDATE grants SET revoked_at = ? WHERE id = ? AND revoked_at = 0";
        let revoke = || {
            let mut statements = vec![(self.statement(sql, bound![now, id]), Expect::Nothing)];
            statements.extend(self.revoking("grant", id, 0, now, expires));
            statements
        };
        // Two at once: one goes behind the other.
        for _ in 0..3 {
            if self.make(revoke()).await? {
                return Ok(());
            }
        }
        self.change(revoke()).await.map(drop)
    }

    /// What an account has allowed a client, where it has and did not take it back.
    pub async fn consent(&self, subject: &str, client: &str) -> Result<Option<ConsentRow>, Fault> {
        Ok(self.consents_of(subject).await?.into_iter().find(|consent| consent.client_id == client))
    }

    /// All that an account has allowed.
    pub async fn consents_of(&self, subject: &str) -> Result<Vec<ConsentRow>, Fault> {
        let sql = format!(
            "SELECT subject, client_id, scopes, {} FROM consents WHERE subject = ? AND revoked_at = 0 ORDER BY client_id",
            self.number("given_at")
        );
        let rows = self.rows(self.statement(&sql, bound![subject]), 4).await?;
        let read = rows.into_iter().map(|mut row| ConsentRow {
            subject: row.text(0),
            client_id: row.text(1),
            scopes: row.text(2),
            given_at: row.number(3),
        });
        Ok(read.collect())
    }

    /// Remembers what an account allows a client now, in the place of what it did before.
    pub async fn give_consent(&self, consent: &ConsentRow) -> Result<(), Fault> {
        let ConsentRow { subject, client_id, scopes, given_at } = consent;
        let delete = "DELETE FROM consents WHERE subject = ? AND client_id = ?";
        let insert = "INSERT INTO consents (subject, client_id, scopes, given_at) VALUES (?, ?, ?, ?)";
        let give = || {
            vec![
                (self.statement(delete, bound![subject, client_id]), Expect::Nothing),
                (self.statement(insert, bound![subject, client_id, scopes, *given_at]), Expect::OneRow),
            ]
        };
        for _ in 0..3 {
            if self.make(give()).await? {
                return Ok(());
            }
        }
        self.change(give()).await.map(drop)
    }

    /// Takes back what an account allowed a client. The grants that rest on it are revoked one by one.
    pub async fn withdraw_consent(&self, subject: &str, client: &str, now: i64) -> Result<(), Fault> {
        let sql = "UPDATE consents SET revoked_at = ? WHERE subject = ? AND client_id = ? AND revoked_at = 0";
        self.change(vec![(self.statement(sql, bound![now, subject, client]), Expect::Nothing)])
            .await
            .map(drop)
    }
}
