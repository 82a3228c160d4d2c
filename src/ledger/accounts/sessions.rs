//! The table of sessions: browsers by their cookie's hash, apps by the family of their tokens.

use super::{Ledger, number, text};
use crate::{backend::sql::Parameter, fault::Fault};

/// A browser or an app that is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: String,
    pub account_id: String,
    /// `browser` or `app`.
    pub kind: String,
    /// Of a browser SHA-256 of its cookie, of an app the family of its grants.
    pub token_hash: String,
    /// Of an app: its client.
    pub client_id: String,
    /// What the device said of itself.
    pub device: String,
    pub created_at: i64,
    pub seen_at: i64,
    pub expires_at: i64,
}

const COLUMNS: &str =
    "id, account_id, kind, token_hash, client_id, device, #created_at, #seen_at, #expires_at";

impl Ledger {
    /// Adds a session. Refuses with F913.
    pub async fn add_session(&self, session: &Session) -> Result<(), Fault> {
        let parameters = vec![
            text(&session.id),
            text(&session.account_id),
            text(&session.kind),
            text(&session.token_hash),
            text(&session.client_id),
            text(&session.device),
            Parameter::Integer(session.created_at),
            Parameter::Integer(session.seen_at),
            Parameter::Integer(session.expires_at),
        ];
        let sql = "INSERT INTO account_sessions (id, account_id, kind, token_hash, client_id, device, created_at, \
            seen_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)";
        self.did(self.sql(sql, parameters)).await
    }

    /// The session of a token's hash, unless it is revoked or over. Refuses with F913.
    pub async fn session(&self, token_hash: &str, now: i64) -> Result<Option<Session>, Fault> {
        let sql = format!(
            "SELECT {COLUMNS} FROM account_sessions WHERE token_hash = ? AND revoked_at = 0 AND expires_at > ?"
        );
        let statement = self.sql(&sql, vec![text(token_hash), Parameter::Integer(now)]);
        Ok(self.texts(&statement, 9).await?.iter().map(|row| session(row)).next())
    }

    /// An account's sessions that are neither revoked nor over, the latest first. Refuses with F913.
    pub async fn sessions_of(&self, account: &str, now: i64) -> Result<Vec<Session>, Fault> {
        let sql = format!(
            "SELECT {COLUMNS} FROM account_sessions WHERE account_id = ? AND revoked_at = 0 AND expires_at > ? \
             ORDER BY seen_at DESC, id"
        );
        let statement = self.sql(&sql, vec![text(account), Parameter::Integer(now)]);
        Ok(self.texts(&statement, 9).await?.iter().map(|row| session(row)).collect())
    }

    /// Notes that a session was seen, and until when it goes on. Refuses with F913.
    pub async fn seen_session(&self, id: &str, now: i64, expires_at: i64) -> Result<(), Fault> {
        let sql = "UPDATE account_sessions SET seen_at = ?, expires_at = ? WHERE id = ? AND revoked_at = 0";
        let parameters = vec![Parameter::Integer(now), Parameter::Integer(expires_at), text(id)];
        self.did(self.sql(sql, parameters)).await
    }

    /// Revokes one session of an account. Whether it was one. Refuses with F913.
    pub async fn revoke_session(&self, account: &str, id: &str, now: i64) -> Result<bool, Fault> {
        let sql =
            "UPDATE account_sessions SET revoked_at = ? WHERE id = ? AND account_id = ? AND revoked_at = 0";
        self.changed_one(self.sql(sql, vec![Parameter::Integer(now), text(id), text(account)])).await
    }

    /// Revokes all sessions of an account but one. Refuses with F913.
    pub async fn revoke_sessions(&self, account: &str, but: Option<&str>, now: i64) -> Result<(), Fault> {
        let sql =
            "UPDATE account_sessions SET revoked_at = ? WHERE account_id = ? AND revoked_at = 0 AND id <> ?";
        let parameters = vec![Parameter::Integer(now), text(account), text(but.unwrap_or_default())];
        self.did(self.sql(sql, parameters)).await
    }

    /// Sweeps what is over. Refuses with F913.
    pub async fn sweep_accounts(&self, now: i64) -> Result<(), Fault> {
        let day = now.saturating_sub(86_400);
        for (sql, before) in [
            ("DELETE FROM account_sessions WHERE expires_at < ?", now),
            ("DELETE FROM account_links WHERE expires_at < ?", day),
            ("DELETE FROM account_guesses WHERE latest_at < ?", day),
            ("DELETE FROM account_mails WHERE created_at < ?", now.saturating_sub(3 * 86_400)),
        ] {
            self.did(self.sql(sql, vec![Parameter::Integer(before)])).await?;
        }
        Ok(())
    }
}

fn session(row: &[String]) -> Session {
    let of = |at: usize| row.get(at).cloned().unwrap_or_default();
    Session {
        id: of(0),
        account_id: of(1),
        kind: of(2),
        token_hash: of(3),
        client_id: of(4),
        device: of(5),
        created_at: number(row.get(6)),
        seen_at: number(row.get(7)),
        expires_at: number(row.get(8)),
    }
}
