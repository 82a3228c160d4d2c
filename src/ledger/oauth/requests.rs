//! Authorization requests that were pushed or wait for their account's word, and devices that wait for theirs.

use super::{bound, grants::GrantRow};
use crate::{
    backend::sql::{Statement, pool::Expect},
    fault::Fault,
    ledger::Ledger,
};

/// A request that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// SHA-256 of its id, in hex.
    pub hash: String,
    /// `pushed` or `pending`.
    pub kind: String,
    pub client_id: String,
    /// JSON.
    pub request: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub used_at: i64,
}

/// A device that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    pub device_hash: String,
    pub user_hash: String,
    pub client_id: String,
    /// JSON.
    pub request: String,
    /// `waiting`, `approved`, `denied` or `used`.
    pub status: String,
    pub grant_id: String,
    /// Seconds between two questions.
    pub pause: i64,
    pub asked_at: i64,
    pub created_at: i64,
    pub expires_at: i64,
}

/// All of these refuse with F913 where the store fails.
impl Ledger {
    pub(super) fn consuming(&self, hash: &str, now: i64) -> (Statement, Expect) {
        let sql = "UPDATE authorization_requests SET used_at = ? WHERE id_hash = ? AND used_at = 0 AND expires_at > ?";
        (self.statement(sql, bound![now, hash, now]), Expect::OneRow)
    }

    pub async fn add_request(&self, row: &RequestRow) -> Result<(), Fault> {
        let RequestRow { hash, kind, client_id, request, created_at, expires_at, .. } = row;
        let sql = "INSERT INTO authorization_requests (id_hash, kind, client_id, request, created_at, expires_at) \
                   VALUES (?, ?, ?, ?, ?, ?)";
        let values = bound![hash, kind, client_id, request, *created_at, *expires_at];
        self.change(vec![(self.statement(sql, values), Expect::OneRow)]).await.map(drop)
    }

    pub async fn request(&self, hash: &str) -> Result<Option<RequestRow>, Fault> {
        let [created, expires, used] = ["created_at", "expires_at", "used_at"].map(|name| self.number(name));
        let sql = format!(
            "SELECT id_hash, kind, client_id, request, {created}, {expires}, {used} FROM authorization_requests \
             WHERE id_hash = ?"
        );
        let row = self.row(self.statement(&sql, bound![hash]), 7).await?;
        Ok(row.map(|mut row| RequestRow {
            hash: row.text(0),
            kind: row.text(1),
            client_id: row.text(2),
            request: row.text(3),
            created_at: row.number(4),
            expires_at: row.number(5),
            used_at: row.number(6),
        }))
    }

    /// Consumes a request: whether it was waiting.
    pub async fn use_request(&self, hash: &str, now: i64) -> Result<bool, Fault> {
        self.change(vec![self.consuming(hash, now)]).await
    }

    /// Makes a device wait. Whether it does: a user code may be taken.
    pub async fn add_device(&self, row: &DeviceRow) -> Result<bool, Fault> {
        let DeviceRow { device_hash, user_hash, client_id, request, pause, created_at, expires_at, .. } = row;
        let sql = "INSERT INTO device_codes (device_hash, user_hash, client_id, request, status, pause, created_at, \
                   expires_at) VALUES (?, ?, ?, ?, 'waiting', ?, ?, ?)";
        let values = bound![device_hash, user_hash, client_id, request, *pause, *created_at, *expires_at];
        self.make(vec![(self.statement(sql, values), Expect::OneRow)]).await
    }

    /// A device by the hash of its own code, or of the one that its person types.
    pub async fn device(&self, hash: &str) -> Result<Option<DeviceRow>, Fault> {
        let [pause, asked, created, expires] =
            ["pause", "asked_at", "created_at", "expires_at"].map(|name| self.number(name));
        let sql = format!(
            "SELECT device_hash, user_hash, client_id, request, status, grant_id, {pause}, {asked}, {created}, {expires} \
             FROM device_codes WHERE device_hash = ? OR user_hash = ?"
        );
        let row = self.row(self.statement(&sql, bound![hash, hash]), 10).await?;
        Ok(row.map(|mut row| DeviceRow {
            device_hash: row.text(0),
            user_hash: row.text(1),
            client_id: row.text(2),
            request: row.text(3),
            status: row.text(4),
            grant_id: row.text(5),
            pause: row.number(6),
            asked_at: row.number(7),
            created_at: row.number(8),
            expires_at: row.number(9),
        }))
    }

    /// Notes that a device has asked, and how long it has to wait from now on.
    pub async fn device_asked(&self, hash: &str, now: i64, pause: i64) -> Result<(), Fault> {
        let sql = "UPDATE device_codes SET asked_at = ?, pause = ? WHERE device_hash = ?";
        self.change(vec![(self.statement(sql, bound![now, pause, hash]), Expect::Nothing)]).await.map(drop)
    }

    /// A person's word on a device: a grant, or none. Whether it was still waiting.
    pub async fn decide_device(
        &self,
        user_hash: &str,
        now: i64,
        grant: Option<&GrantRow>,
    ) -> Result<bool, Fault> {
        let status = if grant.is_some() { "approved" } else { "denied" };
        let id = grant.map_or("", |grant| grant.id.as_str());
        let sql = "UPDATE device_codes SET status = ?, grant_id = ? WHERE user_hash = ? AND status = 'waiting' \
                   AND expires_at > ?";
        let mut statements = vec![(self.statement(sql, bound![status, id, user_hash, now]), Expect::OneRow)];
        statements.extend(grant.map(|grant| self.granting(grant)));
        self.change(statements).await
    }

    /// Consumes a device's code that was approved: whether it had not been. Durable when this returns.
    pub async fn use_device(
        &self,
        device_hash: &str,
        client: &str,
        now: i64,
        first: Option<&super::grants::GrantToken>,
    ) -> Result<bool, Fault> {
        let sql = "UPDATE device_codes SET status = 'used' WHERE device_hash = ? AND client_id = ? \
                   AND status = 'approved' AND expires_at > ?";
        let consume = (self.statement(sql, bound![device_hash, client, now]), Expect::OneRow);
        let first = first.map(|token| self.inserting(token));
        self.change(std::iter::once(consume).chain(first).collect()).await
    }
}
