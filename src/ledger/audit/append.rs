//! Adding lines: the head is locked, lines are chained behind it as one page, and the head is moved, in one transaction that
//! is on the disk when it is done. Whatever fails, either all lines are there or none is.

use super::{
    line::Draft,
    own::Own,
    page::{Written, written},
};
use crate::{
    backend::sql::{
        Flavor,
        pool::{Failed, Pool, failed},
    },
    telemetry::failpoint,
};
use sqlx::{AssertSqlSafe, Connection, Executor, Row, SqliteConnection};
use tokio::time::{Instant, timeout_at};

/// Rows of one statement, of two parameters each.
pub(super) const ROWS: usize = 1000;
/// Terms that are filed together, at least: each place in their index is written once for all that belong there.
pub(super) const TOGETHER: i64 = 1000;
/// Another program's transaction may have to end first.
const TRIES: usize = 4;
/// What an append is for failpoints.
pub(super) const STEP: &str = "INSERT INTO trail";

/// The statement that adds rows of so many columns. What somebody has put into the index already stays there.
pub(super) fn insert(flavor: Flavor, table: &str, columns: usize, rows: usize) -> String {
    let row = |at: usize| {
        let places: Vec<String> = (1..=columns).map(|c| flavor.placeholder(at * columns + c)).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    let rows = rows.join(", ");
    match (flavor, table) {
        (Flavor::Postgres, "trail_terms") => {
            format!("INSERT INTO {table} VALUES {rows} ON CONFLICT DO NOTHING")
        }
        (Flavor::Mariadb, "trail_terms") => format!("INSERT IGNORE INTO {table} VALUES {rows}"),
        _ => format!("INSERT INTO {table} VALUES {rows}"),
    }
}

/// `SQLite` has a thread for each connection, and each statement goes there and back: so all of it is one text.
pub(super) const AT_ONCE: &str = "INSERT INTO trail_pages VALUES (?, ?, ?, ?, ?); \
     INSERT INTO trail_pending VALUES (?, ?); \
     UPDATE trail_head SET number = ?, hash = ?, pending = ? WHERE one = 1";
pub(super) const FILED: &str = "INSERT OR IGNORE INTO trail_terms SELECT j.value, p.first_line FROM trail_pending p, json_each(p.terms) j \
     ORDER BY 1, 2; \
     DELETE FROM trail_pending; UPDATE trail_head SET pending = 0 WHERE one = 1";

/// The end of the chain, as who appends holds it.
pub(super) struct Held {
    pub number: i64,
    pub hash: String,
    /// Terms that are not filed yet, and one for a page without any.
    pub pending: i64,
}

/// Within a transaction that holds the head: adds lines behind it as a page, and moves it. Where many terms wait, they are filed.
/// It gives the new end.
macro_rules! put {
    ($transaction:expr, Flavor::Sqlite, $drafts:expr, $held:expr) => {{
        let Written { page, terms, count, hash } = written($drafts, $held.number, &$held.hash)?;
        let pending = $held.pending + count;
        let query = sqlx::query($crate::ledger::audit::append::AT_ONCE).bind(page.first).bind(page.last);
        let query = query.bind(page.earliest).bind(page.latest).bind(page.text).bind(page.first).bind(terms);
        let query = query.bind(page.last).bind(hash.clone()).bind(pending);
        query.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
        let is_filed = pending >= $crate::ledger::audit::append::TOGETHER;
        if is_filed {
            let filed = sqlx::query($crate::ledger::audit::append::FILED).execute(&mut *$transaction).await;
            filed.map_err(|e| failed(&e))?;
        }
        let pending = if is_filed { 0 } else { pending };
        $crate::ledger::audit::append::Held { number: page.last, hash, pending }
    }};
    ($transaction:expr, $flavor:expr, $drafts:expr, $held:expr) => {{
        let Written { page, terms, count, hash } = written($drafts, $held.number, &$held.hash)?;
        let pending = $held.pending + count;
        let sql = $crate::ledger::audit::append::insert($flavor, "trail_pages", 5, 1);
        let query = sqlx::query(AssertSqlSafe(sql)).bind(page.first).bind(page.last);
        let query = query.bind(page.earliest).bind(page.latest).bind(page.text);
        query.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
        let sql = $crate::ledger::audit::append::insert($flavor, "trail_pending", 2, 1);
        let query = sqlx::query(AssertSqlSafe(sql)).bind(page.first).bind(terms);
        query.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
        let [a, b, c] = [1, 2, 3].map(|at| $flavor.placeholder(at));
        let sql = format!("UPDATE trail_head SET number = {a}, hash = {b}, pending = {c} WHERE one = 1");
        let moved = sqlx::query(AssertSqlSafe(sql)).bind(page.last).bind(hash.clone()).bind(pending);
        moved.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
        let is_filed = pending >= $crate::ledger::audit::append::TOGETHER;
        if is_filed {
            // For update: what others have added while the head was waited for is seen, too.
            let waiting = "SELECT first_line, terms FROM trail_pending ORDER BY first_line FOR UPDATE";
            let waiting = $transaction.fetch_all(waiting).await.map_err(|e| failed(&e))?;
            let mut terms: Vec<(String, i64)> = Vec::new();
            for row in &waiting {
                let first: i64 = row.try_get(0).map_err(|e| failed(&e))?;
                let text: &str = row.try_get(1).map_err(|e| failed(&e))?;
                let all: Vec<String> =
                    serde_json::from_str(text).map_err(|e| Failed::Other(e.to_string()))?;
                terms.extend(all.into_iter().map(|term| (term, first)));
            }
            terms.sort_unstable();
            for terms in terms.chunks($crate::ledger::audit::append::ROWS) {
                let sql = $crate::ledger::audit::append::insert($flavor, "trail_terms", 2, terms.len());
                let query = sqlx::query(AssertSqlSafe(sql));
                let query =
                    terms.iter().fold(query, |query, (term, first)| query.bind(term.clone()).bind(*first));
                query.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
            }
            for sql in ["DELETE FROM trail_pending", "UPDATE trail_head SET pending = 0 WHERE one = 1"] {
                $transaction.execute(sql).await.map_err(|e| failed(&e))?;
            }
        }
        let pending = if is_filed { 0 } else { pending };
        $crate::ledger::audit::append::Held { number: page.last, hash, pending }
    }};
}
pub(super) use put;

/// The transaction of an append, begun so that nobody else's is under way: takes the end of the chain.
macro_rules! begin {
    ($transaction:expr, $lock:expr) => {{
        let row = $transaction.fetch_one($lock).await.map_err(|e| failed(&e))?;
        $crate::ledger::audit::append::Held {
            number: row.try_get(0).map_err(|e| failed(&e))?,
            hash: row.try_get(1).map_err(|e| failed(&e))?,
            pending: row.try_get(2).map_err(|e| failed(&e))?,
        }
    }};
}
pub(super) use begin;

pub(super) const LOCKED: &str = "SELECT number, hash, pending FROM trail_head WHERE one = 1 FOR UPDATE";
/// `SQLite` has locked the whole file by then.
pub(super) const HELD: &str = "SELECT number, hash, pending FROM trail_head WHERE one = 1";

/// Who appends, one after the other.
pub(super) struct Appender {
    pool: Pool,
    own: Option<Own>,
}

// === impl Appender ===

impl Appender {
    pub fn new(pool: Pool) -> Self {
        Self { pool, own: None }
    }

    /// Adds lines at the end of the chain. They are on the disk when this returns without an error.
    pub async fn append(&mut self, drafts: &[&Draft], until: Instant) -> Result<(), Failed> {
        let mut tries = 0;
        loop {
            let done = timeout_at(until, self.once(drafts)).await.unwrap_or(Err(Failed::TimedOut));
            match done {
                Ok(()) => return Ok(()),
                // The transaction was taken back by the database itself: nothing of it is there.
                Err(Failed::LostRace) if tries < TRIES => tries += 1,
                Err(error) => {
                    // It may still be at what was given up.
                    self.own = None;
                    return Err(error);
                }
            }
        }
    }

    async fn once(&mut self, drafts: &[&Draft]) -> Result<(), Failed> {
        failpoint::reach("sql.before", STEP)?;
        self.append_once(drafts).await?;
        Ok(failpoint::reach("sql.behind", STEP)?)
    }

    async fn append_once(&mut self, drafts: &[&Draft]) -> Result<(), Failed> {
        match &self.pool {
            Pool::Sqlite(pool) => {
                if self.own.is_none() {
                    self.own = Own::to(pool).await?;
                }
                if let Some(own) = &mut self.own {
                    return own.append(drafts).await;
                }
                let mut pooled = pool.acquire().await.map_err(|e| failed(&e))?;
                behind(&mut pooled, drafts).await.map(drop)
            }
            Pool::Postgres(pool) => {
                let mut transaction = pool.begin().await.map_err(|e| failed(&e))?;
                let held = begin!(transaction, LOCKED);
                let _ = put!(transaction, Flavor::Postgres, drafts, held);
                failpoint::reach("sql.within", STEP)?;
                transaction.commit().await.map_err(|e| failed(&e))
            }
            Pool::Mariadb(pool) => {
                let mut transaction = pool.begin().await.map_err(|e| failed(&e))?;
                let held = begin!(transaction, LOCKED);
                let _ = put!(transaction, Flavor::Mariadb, drafts, held);
                failpoint::reach("sql.within", STEP)?;
                transaction.commit().await.map_err(|e| failed(&e))
            }
        }
    }
}

/// Adds lines to a file of `SQLite`, whatever the end of the chain is by now, and gives the new one.
pub(super) async fn behind(connection: &mut SqliteConnection, drafts: &[&Draft]) -> Result<Held, Failed> {
    let begun = Connection::begin_with(connection, "BEGIN IMMEDIATE").await;
    let mut transaction = begun.map_err(|e| failed(&e))?;
    let held = begin!(transaction, HELD);
    let end = put!(transaction, Flavor::Sqlite, drafts, held);
    failpoint::reach("sql.within", STEP)?;
    transaction.commit().await.map_err(|e| failed(&e))?;
    Ok(end)
}
