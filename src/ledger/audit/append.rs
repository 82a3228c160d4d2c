//! Adding lines: the head is locked, lines are chained behind it as one page, and the head is moved, in one transaction that
//! is on the disk when it is done. Whatever fails, either all lines are there or none is.

use super::{
    line::Draft,
    page::{Written, written},
};
use crate::{
    backend::sql::{
        Flavor,
        pool::{Failed, Pool, failed},
    },
    telemetry::failpoint,
};
use sqlx::{AssertSqlSafe, Executor, Row};
use tokio::time::{Instant, timeout_at};

/// Rows of one statement, of two parameters each.
pub(super) const ROWS: usize = 1000;
/// Another program's transaction may have to end first.
const TRIES: usize = 4;
/// What an append is for failpoints.
const STEP: &str = "INSERT INTO trail";

/// The statement that adds rows of so many columns.
pub(super) fn insert(flavor: Flavor, table: &str, columns: usize, rows: usize) -> String {
    let row = |at: usize| {
        let places: Vec<String> = (1..=columns).map(|c| flavor.placeholder(at * columns + c)).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("INSERT INTO {table} VALUES {}", rows.join(", "))
}

/// `SQLite` has a thread for each connection, and each statement goes there and back; and one of as many places as there are
/// terms would be prepared anew for nearly each append. So all of it is one text that is always the same, given terms as JSON.
pub(super) const AT_ONCE: &str = "INSERT INTO trail_pages VALUES (?, ?, ?, ?, ?); \
     INSERT INTO trail_terms SELECT value, ? FROM json_each(?); \
     UPDATE trail_head SET number = ?, hash = ? WHERE one = 1";

/// Within a transaction that holds the head: adds lines behind it as a page, and moves it.
macro_rules! put {
    ($transaction:expr, Flavor::Sqlite, $drafts:expr, $number:expr, $hash:expr) => {{
        let Written { page, terms, hash } = written($drafts, $number, $hash)?;
        let terms = serde_json::to_string(&terms).map_err(|e| Failed::Other(e.to_string()))?;
        let query = sqlx::query($crate::ledger::audit::append::AT_ONCE).bind(page.first).bind(page.last);
        let query = query.bind(page.earliest).bind(page.latest).bind(page.text).bind(page.first).bind(terms);
        query.bind(page.last).bind(hash).execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
    }};
    ($transaction:expr, $flavor:expr, $drafts:expr, $number:expr, $hash:expr) => {{
        let Written { page, terms, hash } = written($drafts, $number, $hash)?;
        let sql = $crate::ledger::audit::append::insert($flavor, "trail_pages", 5, 1);
        let query = sqlx::query(AssertSqlSafe(sql)).bind(page.first).bind(page.last);
        let query = query.bind(page.earliest).bind(page.latest).bind(page.text);
        query.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
        for terms in terms.chunks($crate::ledger::audit::append::ROWS) {
            let sql = $crate::ledger::audit::append::insert($flavor, "trail_terms", 2, terms.len());
            let query = sqlx::query(AssertSqlSafe(sql));
            let query = terms.iter().fold(query, |query, term| query.bind(term.clone()).bind(page.first));
            query.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
        }
        let [a, b] = [1, 2].map(|at| $flavor.placeholder(at));
        let sql = format!("UPDATE trail_head SET number = {a}, hash = {b} WHERE one = 1");
        let moved = sqlx::query(AssertSqlSafe(sql)).bind(page.last).bind(hash);
        moved.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
    }};
}
pub(super) use put;

/// The transaction of an append, begun so that nobody else's is under way: number, hash, and it.
macro_rules! begin {
    ($transaction:expr, $lock:expr) => {{
        let row = $transaction.fetch_one($lock).await.map_err(|e| failed(&e))?;
        let number: i64 = row.try_get(0).map_err(|e| failed(&e))?;
        let hash: String = row.try_get(1).map_err(|e| failed(&e))?;
        (number, hash)
    }};
}
pub(super) use begin;

pub(super) const LOCKED: &str = "SELECT number, hash FROM trail_head WHERE one = 1 FOR UPDATE";
/// `SQLite` has locked the whole file by then.
pub(super) const HELD: &str = "SELECT number, hash FROM trail_head WHERE one = 1";

/// Adds lines at the end of the chain. They are on the disk when this returns without an error.
pub(super) async fn append(pool: &Pool, drafts: &[&Draft], until: Instant) -> Result<(), Failed> {
    let mut tries = 0;
    loop {
        let done = timeout_at(until, once(pool, drafts)).await.unwrap_or(Err(Failed::TimedOut));
        match done {
            // The transaction was taken back by the database itself: nothing of it is there.
            Err(Failed::LostRace) if tries < TRIES => tries += 1,
            done => return done,
        }
    }
}

async fn once(pool: &Pool, drafts: &[&Draft]) -> Result<(), Failed> {
    failpoint::reach("sql.before", STEP)?;
    append_once(pool, drafts).await?;
    Ok(failpoint::reach("sql.behind", STEP)?)
}

async fn append_once(pool: &Pool, drafts: &[&Draft]) -> Result<(), Failed> {
    match pool {
        Pool::Sqlite(pool) => {
            let mut connection = pool.acquire().await.map_err(|e| failed(&e))?;
            let begun = sqlx::Connection::begin_with(&mut *connection, "BEGIN IMMEDIATE").await;
            let mut transaction = begun.map_err(|e| failed(&e))?;
            let (number, hash) = begin!(transaction, HELD);
            put!(transaction, Flavor::Sqlite, drafts, number, &hash);
            failpoint::reach("sql.within", STEP)?;
            transaction.commit().await.map_err(|e| failed(&e))
        }
        Pool::Postgres(pool) => {
            let mut transaction = pool.begin().await.map_err(|e| failed(&e))?;
            let (number, hash) = begin!(transaction, LOCKED);
            put!(transaction, Flavor::Postgres, drafts, number, &hash);
            failpoint::reach("sql.within", STEP)?;
            transaction.commit().await.map_err(|e| failed(&e))
        }
        Pool::Mariadb(pool) => {
            let mut transaction = pool.begin().await.map_err(|e| failed(&e))?;
            let (number, hash) = begin!(transaction, LOCKED);
            put!(transaction, Flavor::Mariadb, drafts, number, &hash);
            failpoint::reach("sql.within", STEP)?;
            transaction.commit().await.map_err(|e| failed(&e))
        }
    }
}
