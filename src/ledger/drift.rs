//! The table of what the systems behind gave. Rows are added to, so that several programs may share a ledger.

use super::{Ledger, fault};
use crate::{
    backend::{
        radar::Row,
        sql::{
            Flavor, Parameter, Statement,
            pool::{Expect, Failed},
        },
    },
    fault::Fault,
};
use std::time::Duration;
use tokio::time::Instant;

/// Rows of one statement: ten parameters each, of which `SQLite` takes 32,766 and `PostgreSQL` 65,535.
const AT_ONCE: usize = 100;
/// Longer than any of these takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);
/// What was not seen for so many seconds is swept.
const KEPT: i64 = 365 * 86_400;

impl Ledger {
    /// All that is kept. Refuses with F913.
    pub async fn drift(&self) -> Result<Vec<Row>, Fault> {
        let text = if self.pool.flavor() == Flavor::Mariadb { "CHAR" } else { "TEXT" };
        let numbers = ["seen", "base", "recent", "first_at", "latest_at"];
        let numbers: Vec<String> = numbers.iter().map(|name| format!("CAST({name} AS {text})")).collect();
        let sql = format!(
            "SELECT binding, revision, place, kind, name, {} FROM drift ORDER BY binding, place, kind, name",
            numbers.join(", ")
        );
        let mut rows: Vec<Row> = Vec::new();
        let fill = |at: usize, column: usize, value: Option<&str>| {
            if rows.len() <= at {
                rows.push(empty());
            }
            let (Some(row), Some(value)) = (rows.get_mut(at), value) else { return };
            match column {
                0 => value.clone_into(&mut row.binding),
                1 => value.clone_into(&mut row.revision),
                2 => value.clone_into(&mut row.place),
                3 => value.clone_into(&mut row.kind),
                4 => value.clone_into(&mut row.name),
                5 => row.seen = value.parse().unwrap_or_default(),
                6 => row.base = value.parse().unwrap_or_default(),
                7 => row.recent = value.parse().unwrap_or_default(),
                8 => row.first = value.parse().unwrap_or_default(),
                _ => row.latest = value.parse().unwrap_or_default(),
            }
        };
        let statement = Statement { sql, parameters: Vec::new() };
        self.pool.fetch(&statement, 10, Instant::now() + LONG, fill).await.map_err(|e| fault(&e))?;
        Ok(rows)
    }

    /// Adds to what is kept: `seen` and `base` are what came since the last time, the rest is as it is now.
    /// All rows or none. Refuses with F913.
    pub async fn add_drift(&self, rows: &[Row]) -> Result<(), Fault> {
        let flavor = self.pool.flavor();
        let statements: Vec<_> =
            rows.chunks(AT_ONCE).map(|rows| (upsert(flavor, rows), Expect::Nothing)).collect();
        self.drift_done(statements).await
    }

    /// Sweeps what was not seen for a year, seconds since 1970 being now. Refuses with F913.
    pub async fn sweep_drift(&self, now: i64) -> Result<(), Fault> {
        let sql = format!("DELETE FROM drift WHERE latest_at < {}", self.pool.flavor().placeholder(1));
        let statement = Statement { sql, parameters: vec![Parameter::Integer(now.saturating_sub(KEPT))] };
        self.drift_done(vec![(statement, Expect::Nothing)]).await
    }

    async fn drift_done(&self, statements: Vec<(Statement, Expect)>) -> Result<(), Fault> {
        // Another program may have written the same rows first: once more, and it goes behind it.
        let mut tries = 0;
        loop {
            match self.pool.transact(statements.clone(), Instant::now() + LONG).await {
                Err(Failed::LostRace) if tries < 3 => tries += 1,
                done => return done.map(drop).map_err(|e| fault(&e)),
            }
        }
    }
}

fn empty() -> Row {
    Row {
        binding: String::new(),
        revision: String::new(),
        place: String::new(),
        kind: String::new(),
        name: String::new(),
        seen: 0,
        base: 0,
        recent: 0,
        first: 0,
        latest: 0,
    }
}

fn upsert(flavor: Flavor, rows: &[Row]) -> Statement {
    let mut parameters = Vec::with_capacity(rows.len() * 10);
    let mut values = Vec::with_capacity(rows.len());
    for row in rows {
        let from = parameters.len();
        for text in [&row.binding, &row.revision, &row.place, &row.kind, &row.name] {
            parameters.push(Parameter::Text(text.clone()));
        }
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        for number in [whole(row.seen), whole(row.base), whole(row.recent), row.first, row.latest] {
            parameters.push(Parameter::Integer(number));
        }
        let places: Vec<String> = (from + 1..=from + 10).map(|number| flavor.placeholder(number)).collect();
        values.push(format!("({})", places.join(", ")));
    }
    let (conflict, new, most) = match flavor {
        Flavor::Mariadb => ("ON DUPLICATE KEY UPDATE", "VALUES({})", "GREATEST"),
        Flavor::Postgres => {
            ("ON CONFLICT (binding, revision, place, kind, name) DO UPDATE SET", "excluded.{}", "GREATEST")
        }
        Flavor::Sqlite => {
            ("ON CONFLICT (binding, revision, place, kind, name) DO UPDATE SET", "excluded.{}", "max")
        }
    };
    let new = |name: &str| new.replace("{}", name);
    let (seen, base, recent, latest) = (new("seen"), new("base"), new("recent"), new("latest_at"));
    let sql = format!(
        "INSERT INTO drift (binding, revision, place, kind, name, seen, base, recent, first_at, latest_at) VALUES {} \
         {conflict} seen = drift.seen + {seen}, base = drift.base + {base}, recent = {recent}, \
         latest_at = {most}(drift.latest_at, {latest})",
        values.join(", ")
    );
    Statement { sql, parameters }
}

#[cfg(test)]
mod tests;
