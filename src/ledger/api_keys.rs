//! The table of vendors' keys: who comes with one, and how operators add, replace and remove them.

use super::{Ledger, fault};
use crate::{
    backend::sql::{
        Flavor, Parameter, Statement,
        pool::{Expect, Failed, Outcome},
    },
    fault::Fault,
    identity::apikey::{Record, Store},
};
use async_trait::async_trait;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// Longer than any of these takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);

/// A key as operators see it. Times are seconds since 1970, and 0 is never.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyRow {
    pub id: String,
    pub client: String,
    pub name: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub used_at: i64,
    pub removed_at: i64,
}

/// All of these refuse with F913 where the store fails.
impl Ledger {
    /// Keeps a new key. Whether its client is there and may have one; then it is kept, and otherwise nothing is.
    pub async fn add_key(&self, key: &KeyRow, hash: &[u8; 32]) -> Result<bool, Fault> {
        self.keys_done(vec![self.adding(key, hash)]).await
    }

    /// Keeps a new key in the place of another one, which counts until a time. Whether the other one was in use.
    pub async fn replace_key(
        &self,
        old: &str,
        until: i64,
        key: &KeyRow,
        hash: &[u8; 32],
        now: i64,
    ) -> Result<bool, Fault> {
        // One that ends earlier already goes on to do so.
        let ends = "UPDATE api_keys SET expires_at = CASE WHEN expires_at > 0 AND expires_at < ? THEN expires_at ELSE ? END \
                    WHERE id = ? AND removed_at = 0 AND (expires_at = 0 OR expires_at > ?)";
        let ends = self.key_statement(ends, &[number(until), number(until), text(old), number(now)]);
        self.keys_done(vec![(ends, Expect::OneRow), self.adding(key, hash)]).await
    }

    /// Removes a key. Whether there was one.
    pub async fn remove_key(&self, id: &str, now: i64) -> Result<bool, Fault> {
        let sql = "UPDATE api_keys SET removed_at = ? WHERE id = ? AND removed_at = 0";
        self.keys_done(vec![(self.key_statement(sql, &[number(now), text(id)]), Expect::OneRow)]).await
    }

    /// All keys, of one client where it is named, the newest first.
    pub async fn api_keys(&self, client: Option<&str>) -> Result<Vec<KeyRow>, Fault> {
        let numbers =
            ["created_at", "expires_at", "used_at", "removed_at"].map(|name| self.as_key_text(name));
        let mut sql = format!("SELECT id, client_id, name, {} FROM api_keys", numbers.join(", "));
        let mut values = Vec::new();
        if let Some(client) = client {
            sql.push_str(" WHERE client_id = ?");
            values.push(text(client));
        }
        sql.push_str(" ORDER BY created_at DESC, id");
        let rows = self.key_rows(&self.key_statement(&sql, &values), 7).await?;
        let whole = |text: &String| text.parse().unwrap_or_default();
        let read = rows.into_iter().filter_map(|row| {
            let [id, client, name, created, expires, used, removed] = <[String; 7]>::try_from(row).ok()?;
            Some(KeyRow {
                created_at: whole(&created),
                expires_at: whole(&expires),
                used_at: whole(&used),
                removed_at: whole(&removed),
                id,
                client,
                name,
            })
        });
        Ok(read.collect())
    }

    fn adding(&self, key: &KeyRow, hash: &[u8; 32]) -> (Statement, Expect) {
        // Only for a client that is in use: where it is not, no row is made.
        let sql = "INSERT INTO api_keys (id, client_id, name, key_hash, created_at, expires_at) \
                   SELECT ?, id, ?, ?, ?, ? FROM clients WHERE id = ? AND status = 'active' AND removed_at = 0";
        let hash = hex::encode(hash);
        let values = [
            text(&key.id),
            text(&key.name),
            text(&hash),
            number(key.created_at),
            number(key.expires_at),
            text(&key.client),
        ];
        let mut statement = self.key_statement(sql, &values);
        if self.pool.flavor() == Flavor::Postgres {
            // The types of what is selected are not taken from the columns that they go to.
            statement.sql = statement.sql.replace("$4, $5 FROM", "$4::bigint, $5::bigint FROM");
            statement.sql =
                statement.sql.replace("SELECT $1, id, $2, $3", "SELECT $1::text, id, $2::text, $3::text");
        }
        (statement, Expect::OneRow)
    }

    /// A statement of ours with its values as `?`, in their order.
    fn key_statement(&self, sql: &str, values: &[Parameter]) -> Statement {
        let mut parts = sql.split('?');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for (at, part) in parts.enumerate() {
            out.push_str(&self.pool.flavor().placeholder(at + 1));
            out.push_str(part);
        }
        Statement { sql: out, parameters: values.to_vec() }
    }

    /// Numbers are read as texts, as all values are.
    fn as_key_text(&self, column: &str) -> String {
        let kind = if self.pool.flavor() == Flavor::Mariadb { "CHAR" } else { "TEXT" };
        format!("CAST({column} AS {kind})")
    }

    async fn key_rows(&self, statement: &Statement, columns: usize) -> Result<Vec<Vec<String>>, Fault> {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let fill = |at: usize, column: usize, value: Option<&str>| {
            if rows.len() <= at {
                rows.push(vec![String::new(); columns]);
            }
            if let (Some(place), Some(value)) = (rows.get_mut(at).and_then(|row| row.get_mut(column)), value)
            {
                value.clone_into(place);
            }
        };
        self.pool.fetch(statement, columns, Instant::now() + LONG, fill).await.map_err(|e| fault(&e))?;
        Ok(rows)
    }

    async fn keys_done(&self, statements: Vec<(Statement, Expect)>) -> Result<bool, Fault> {
        let mut tries = 0;
        loop {
            match self.pool.transact(statements.clone(), Instant::now() + LONG).await {
                Err(Failed::LostRace) if tries < 3 => tries += 1,
                Ok(Outcome::Done(_)) => return Ok(true),
                Ok(Outcome::NoRow) => return Ok(false),
                Err(why) => return Err(fault(&why)),
            }
        }
    }
}

#[async_trait]
impl Store for Ledger {
    async fn key(&self, id: &str) -> Result<Option<Record>, Fault> {
        let numbers = ["k.created_at", "k.expires_at", "k.used_at"].map(|name| self.as_key_text(name));
        let sql = format!(
            "SELECT k.id, k.key_hash, k.client_id, c.tier, c.metadata, {} FROM api_keys k \
             JOIN clients c ON c.id = k.client_id \
             WHERE k.id = ? AND k.removed_at = 0 AND c.status = 'active' AND c.removed_at = 0",
            numbers.join(", ")
        );
        let rows = self.key_rows(&self.key_statement(&sql, &[text(id)]), 8).await?;
        Ok(rows.into_iter().next().and_then(record))
    }

    async fn used(&self, id: &str, now: i64) -> Result<(), Fault> {
        let sql = "UPDATE api_keys SET used_at = ? WHERE id = ? AND used_at < ?";
        let statement = self.key_statement(sql, &[number(now), text(id), number(now)]);
        self.keys_done(vec![(statement, Expect::Nothing)]).await.map(drop)
    }
}

/// A row that is not as it should be is no key.
fn record(row: Vec<String>) -> Option<Record> {
    let [id, hash, client, tier, metadata, made, expires, used] = <[String; 8]>::try_from(row).ok()?;
    let metadata: Value = serde_json::from_str(&metadata).ok()?;
    let since = |text: &str| text.parse::<i64>().ok().filter(|time| *time > 0);
    Some(Record {
        id: id.into(),
        hash: hex::decode(hash).ok()?.try_into().ok()?,
        client: client.into(),
        roles: listed(metadata.get("roles")),
        scopes: listed(metadata.get("scopes")),
        claims: metadata.get("claims").and_then(Value::as_object).map_or_else(Vec::new, |claims| {
            let texts = claims.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
            texts.map(|(name, value)| (name.into(), value.into())).collect()
        }),
        tier: Some(tier).filter(|tier| !tier.is_empty()).map(Into::into),
        made: made.parse().ok()?,
        expires: since(&expires),
        used: since(&used),
    })
}

/// A list of texts, or a text of words.
fn listed(value: Option<&Value>) -> Vec<Box<str>> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(Into::into).collect(),
        Some(Value::String(words)) => words.split_whitespace().map(Into::into).collect(),
        _ => Vec::new(),
    }
}

fn text(text: &str) -> Parameter {
    Parameter::Text(text.to_owned())
}

fn number(number: i64) -> Parameter {
    Parameter::Integer(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        identity::apikey,
        plan::{SecretRef, SqlSource},
    };

    async fn check(url: &str) {
        let source = SqlSource {
            url: SecretRef::Plain(url.to_owned()),
            root: std::env::temp_dir(),
            migrations: None,
            connections: 2,
            deadline: Duration::from_secs(10),
        };
        let ledger = Ledger::open(&source).await.unwrap();
        let client = |id: &str, status: &str| {
            let metadata = r#"{"roles":["vendor"],"scopes":["pets:read"],"claims":{"partner":"9"}}"#;
            format!(
                "INSERT INTO clients (id, name, status, tier, metadata, created_at) \
                 VALUES ('{id}', 'C', '{status}', 'basic', '{metadata}', 1)"
            )
        };
        let clients = [client("good", "active"), client("waiting", "pending")];
        ledger.pool.run_all(&clients).await.unwrap();
        let row = |key: &apikey::Fresh, client: &str| KeyRow {
            id: key.id.clone(),
            client: client.into(),
            created_at: 10,
            ..KeyRow::default()
        };
        let (first, second) = (apikey::make().unwrap(), apikey::make().unwrap());
        assert!(ledger.add_key(&row(&first, "good"), &first.hash).await.unwrap());
        assert!(!ledger.add_key(&row(&second, "waiting"), &second.hash).await.unwrap());
        assert!(!ledger.add_key(&row(&second, "nobody"), &second.hash).await.unwrap());
        let found = ledger.key(&first.id).await.unwrap().unwrap();
        assert_eq!((&*found.client, found.hash, found.tier.as_deref()), ("good", first.hash, Some("basic")));
        assert_eq!((&*found.roles, &*found.scopes), (&["vendor".into()][..], &["pets:read".into()][..]));
        assert_eq!((found.expires, found.used), (None, None));
        assert_eq!(ledger.key(&second.id).await.unwrap(), None);
        // The old one counts for a while beside the new one; a second time it is replaced by what ends earlier.
        assert!(ledger.replace_key(&first.id, 500, &row(&second, "good"), &second.hash, 20).await.unwrap());
        assert_eq!(ledger.key(&first.id).await.unwrap().unwrap().expires, Some(500));
        assert!(ledger.key(&second.id).await.unwrap().is_some());
        let third = apikey::make().unwrap();
        assert!(!ledger.replace_key(&first.id, 900, &row(&third, "good"), &third.hash, 600).await.unwrap());
        assert_eq!(ledger.key(&third.id).await.unwrap(), None);
        ledger.used(&first.id, 77).await.unwrap();
        ledger.used(&first.id, 70).await.unwrap();
        assert_eq!(ledger.key(&first.id).await.unwrap().unwrap().used, Some(77));
        assert!(ledger.remove_key(&first.id, 30).await.unwrap());
        assert!(!ledger.remove_key(&first.id, 30).await.unwrap());
        assert_eq!(ledger.key(&first.id).await.unwrap(), None);
        assert_eq!(ledger.api_keys(Some("good")).await.unwrap().len(), 2);
        // A client that is disabled takes its keys with it.
        ledger.pool.run_all(&["UPDATE clients SET status = 'disabled'".to_owned()]).await.unwrap();
        assert_eq!(ledger.key(&second.id).await.unwrap(), None);
        ledger.pool.run_all(&["DELETE FROM clients".into(), "DELETE FROM api_keys".into()]).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn keys_are_kept_replaced_and_removed() {
        let file = std::env::temp_dir().join(format!("portico-keys-{}.db", std::process::id()));
        let _ = std::fs::remove_file(&file);
        check(&format!("sqlite:{}", file.display())).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_others_keep_them_too_where_there_is_one() {
        for name in ["POSTGRES", "MARIADB"] {
            if let Ok(url) = std::env::var(format!("PORTICO_TEST_{name}")) {
                check(&url).await;
            }
        }
    }
}
