//! The table of clients. What their metadata say is read by the authorization server.

use super::{Row, bound};
use crate::{backend::sql::pool::Expect, fault::Fault, ledger::Ledger};

/// A client as it is kept.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ClientRow {
    pub id: String,
    pub name: String,
    /// `pending`, `active` or `disabled`.
    pub status: String,
    pub tier: String,
    /// SHA-256 of the secret in hex; empty without one.
    pub secret_hash: String,
    pub former_hash: String,
    /// Until when the secret before counts.
    pub former_until: i64,
    /// JSON.
    pub metadata: String,
    pub created_at: i64,
    pub updated_at: i64,
    pub removed_at: i64,
}

/// Nothing of its secrets.
impl std::fmt::Debug for ClientRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientRow")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

const COLUMNS: usize = 11;

fn read(mut row: Row) -> ClientRow {
    ClientRow {
        id: row.text(0),
        name: row.text(1),
        status: row.text(2),
        tier: row.text(3),
        secret_hash: row.text(4),
        former_hash: row.text(5),
        former_until: row.number(6),
        metadata: row.text(7),
        created_at: row.number(8),
        updated_at: row.number(9),
        removed_at: row.number(10),
    }
}

/// All of these refuse with F913 where the store fails.
impl Ledger {
    fn client_columns(&self) -> String {
        let [until, created, updated, removed] =
            ["former_until", "created_at", "updated_at", "removed_at"].map(|name| self.number(name));
        format!(
            "id, name, status, tier, secret_hash, former_hash, {until}, metadata, {created}, {updated}, {removed}"
        )
    }

    /// A client that has not been removed.
    pub async fn client(&self, id: &str) -> Result<Option<ClientRow>, Fault> {
        let sql = format!("SELECT {} FROM clients WHERE id = ? AND removed_at = 0", self.client_columns());
        Ok(self.row(self.statement(&sql, bound![id]), COLUMNS).await?.map(read))
    }

    /// All clients that have not been removed, by their ids.
    pub async fn clients(&self) -> Result<Vec<ClientRow>, Fault> {
        let sql = format!("SELECT {} FROM clients WHERE removed_at = 0 ORDER BY id", self.client_columns());
        Ok(self.rows(self.statement(&sql, &[]), COLUMNS).await?.into_iter().map(read).collect())
    }

    /// How many clients wait to be approved.
    pub async fn pending_clients(&self) -> Result<i64, Fault> {
        let sql = format!(
            "SELECT {} FROM clients WHERE status = 'pending' AND removed_at = 0",
            self.number("COUNT(*)")
        );
        Ok(self.row(self.statement(&sql, &[]), 1).await?.map_or(0, |row| row.number(0)))
    }

    /// Makes a client. Whether it was made: an id is given once.
    pub async fn add_client(&self, client: &ClientRow) -> Result<bool, Fault> {
        let ClientRow { id, name, status, tier, secret_hash, metadata, created_at, .. } = client;
        let sql = "INSERT INTO clients (id, name, status, tier, secret_hash, metadata, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
        let values = bound![id, name, status, tier, secret_hash, metadata, *created_at];
        self.make(vec![(self.statement(sql, values), Expect::OneRow)]).await
    }

    /// Changes a client: all but its id and when it was made. Whether there is one.
    pub async fn change_client(&self, client: &ClientRow, now: i64) -> Result<bool, Fault> {
        let ClientRow { id, name, status, tier, secret_hash, former_hash, former_until, metadata, .. } =
            client;
        let sql = "UPDATE clients SET name = ?, status = ?, tier = ?, secret_hash = ?, former_hash = ?, \
                   former_until = ?, metadata = ?, updated_at = ? WHERE id = ? AND removed_at = 0";
        let values = bound![name, status, tier, secret_hash, former_hash, *former_until, metadata, now, id];
        self.change(vec![(self.statement(sql, values), Expect::OneRow)]).await
    }

    /// Removes a client with all that it was granted, and revokes its tokens until `expires`. Whether there was one.
    pub async fn remove_client(&self, id: &str, now: i64, expires: i64) -> Result<bool, Fault> {
        let remove = "UPDATE clients SET removed_at = ?, status = 'disabled' WHERE id = ? AND removed_at = 0";
        let grants = "UPDATE grants SET revoked_at = ? WHERE client_id = ? AND revoked_at = 0";
        let mut statements = vec![
            (self.statement(remove, bound![now, id]), Expect::OneRow),
            (self.statement(grants, bound![now, id]), Expect::Nothing),
        ];
        statements.extend(self.revoking("client", id, 0, now, expires));
        self.change(statements).await
    }
}
