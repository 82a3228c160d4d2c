//! The authorization server's tables: clients, grants with their codes and refresh tokens, requests that wait, devices,
//! keys, revocations, and what may come once. What is consumed once is consumed by one statement that is durable before
//! it is told; who may have what is decided elsewhere. Times are seconds since 1970, and 0 is never.

pub mod clients;
pub mod grants;
pub mod keys;
pub mod requests;
pub mod revocations;

#[cfg(test)]
mod tests;

use super::{Ledger, fault};
use crate::{
    backend::sql::{
        Flavor, Parameter, Statement,
        pool::{Expect, Failed, Outcome},
    },
    fault::Fault,
};
use std::time::Duration;
use tokio::time::Instant;

/// Longer than any of these takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);
/// How often a change is tried again that another transaction came before.
const TRIES: u32 = 5;

/// A value of a statement.
pub(super) enum Bound<'a> {
    Text(&'a str),
    Number(i64),
}

impl<'a> From<&'a str> for Bound<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Bound<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Bound<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// A statement of ours, whose values stand as `?` in the order in which they are given; no text of ours has another `?`.
pub(super) fn statement(flavor: Flavor, sql: &str, values: &[Bound<'_>]) -> Statement {
    let mut out = String::with_capacity(sql.len() + values.len() * 2);
    for (number, part) in sql.split('?').enumerate() {
        if number > 0 {
            out.push_str(&flavor.placeholder(number));
        }
        out.push_str(part);
    }
    let parameter = |value: &Bound<'_>| match value {
        Bound::Text(text) => Parameter::Text((*text).to_owned()),
        Bound::Number(number) => Parameter::Integer(*number),
    };
    Statement { sql: out, parameters: values.iter().map(parameter).collect() }
}

/// `bound![a, b]`: values for a statement.
macro_rules! bound {
    ($($value:expr),* $(,)?) => { &[$($crate::ledger::oauth::Bound::from($value)),*] };
}
pub(super) use bound;

/// Numbers are read as texts, as all values are.
pub(super) fn number(flavor: Flavor, column: &str) -> String {
    let text = if flavor == Flavor::Mariadb { "CHAR" } else { "TEXT" };
    format!("CAST({column} AS {text})")
}

/// The texts of one row.
pub(super) struct Row(Vec<String>);

impl Row {
    /// Takes the next text out.
    pub(super) fn text(&mut self, column: usize) -> String {
        self.0.get_mut(column).map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn number(&self, column: usize) -> i64 {
        self.0.get(column).and_then(|text| text.parse().ok()).unwrap_or_default()
    }
}

impl Ledger {
    pub(super) fn statement(&self, sql: &str, values: &[Bound<'_>]) -> Statement {
        statement(self.pool.flavor(), sql, values)
    }

    pub(super) fn number(&self, column: &str) -> String {
        number(self.pool.flavor(), column)
    }

    pub(super) async fn rows(&self, statement: Statement, columns: usize) -> Result<Vec<Row>, Fault> {
        let mut rows: Vec<Row> = Vec::new();
        let fill = |at: usize, column: usize, value: Option<&str>| {
            if rows.len() <= at {
                rows.push(Row(vec![String::new(); columns]));
            }
            if let (Some(place), Some(value)) =
                (rows.get_mut(at).and_then(|row| row.0.get_mut(column)), value)
            {
                value.clone_into(place);
            }
        };
        self.pool.fetch(&statement, columns, Instant::now() + LONG, fill).await.map_err(|e| fault(&e))?;
        Ok(rows)
    }

    pub(super) async fn row(&self, statement: Statement, columns: usize) -> Result<Option<Row>, Fault> {
        Ok(self.rows(statement, columns).await?.into_iter().next())
    }

    /// Does all of these or none. Whether every statement that had to change one row did so; where one did not,
    /// nothing was done. Refuses with F913, also where it is not known what was done.
    pub(super) async fn change(&self, statements: Vec<(Statement, Expect)>) -> Result<bool, Fault> {
        let mut tries = 0;
        loop {
            match self.pool.transact(statements.clone(), Instant::now() + LONG).await {
                Err(Failed::LostRace) if tries < TRIES => tries += 1,
                Ok(Outcome::Done(_)) => return Ok(true),
                Ok(Outcome::NoRow) => return Ok(false),
                Err(why) => return Err(fault(&why)),
            }
        }
    }

    /// The same for what makes a row that may be there already: then nothing was done.
    pub(super) async fn make(&self, statements: Vec<(Statement, Expect)>) -> Result<bool, Fault> {
        let mut tries = 0;
        loop {
            match self.pool.transact(statements.clone(), Instant::now() + LONG).await {
                Err(Failed::LostRace) if tries < TRIES => tries += 1,
                Ok(Outcome::Done(_)) => return Ok(true),
                Ok(Outcome::NoRow) | Err(Failed::Refused(_)) => return Ok(false),
                Err(why) => return Err(fault(&why)),
            }
        }
    }

    /// Removes what has expired. Refuses with F913.
    pub async fn sweep_oauth(&self, now: i64) -> Result<(), Fault> {
        let tables =
            ["grant_tokens", "grants", "authorization_requests", "device_codes", "revocations", "used_ids"];
        let each = tables.map(|table| {
            let sql = format!("DELETE FROM {table} WHERE expires_at < ?");
            (self.statement(&sql, bound![now]), Expect::Nothing)
        });
        self.change(each.into()).await?;
        let keys = "DELETE FROM signing_keys WHERE ends_at > 0 AND ends_at < ?";
        self.change(vec![(self.statement(keys, bound![now]), Expect::Nothing)]).await.map(drop)
    }
}
