//! Adding lines: the head is locked, lines are chained behind it, and the head is moved, in one transaction that is on
//! the disk when it is done. Whatever fails, either all lines are there or none is.

use super::line::{Beside, Draft, link};
use crate::{
    backend::sql::{
        Flavor,
        pool::{Failed, Pool, failed},
    },
    telemetry::failpoint,
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor, Row};
use tokio::time::{Instant, timeout_at};

/// Rows of one statement, of nine parameters each.
const ROWS: usize = 500;
/// Another program's transaction may have to end first.
const TRIES: usize = 4;
/// What an append is for failpoints.
const STEP: &str = "INSERT INTO trail";

/// What is written, computed when the head is known.
pub(super) struct Chained<'a> {
    pub id: i64,
    pub draft: &'a Draft,
    pub hash: String,
}

/// Chains drafts behind a head; the rows, and the head that follows.
pub(super) fn chain<'a>(
    drafts: &[&'a Draft],
    number: i64,
    hash: &str,
) -> Result<(Vec<Chained<'a>>, String), Failed> {
    let broken = || Failed::Other("the head of the audit trail holds no hash".into());
    let mut last: [u8; 32] = hex::decode(hash).ok().and_then(|b| b.try_into().ok()).ok_or_else(broken)?;
    let mut rows = Vec::with_capacity(drafts.len());
    for (id, draft) in (number + 1..).zip(drafts) {
        last = link(&last, id, &draft.text);
        rows.push(Chained { id, draft, hash: hex::encode(last) });
    }
    Ok((rows, hex::encode(last)))
}

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
/// rows would be prepared anew for nearly each append. So all of it is one text that is always the same, given rows as JSON.
pub(super) const AT_ONCE: &str = "INSERT INTO trail SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, \
     value ->> 5, value ->> 6, value ->> 7, value ->> 8 FROM json_each(?); \
     INSERT INTO trail_records SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?); \
     UPDATE trail_head SET number = ?, hash = ? WHERE one = 1";

/// Lines and the records that they are about, as [`AT_ONCE`] takes them: lists of columns.
pub(super) fn as_json(rows: &[Chained<'_>]) -> Result<(String, String), Failed> {
    let line = |row: &Chained<'_>| {
        let Beside { happened_at, subject, client, action, outcome, resource, .. } = &row.draft.beside;
        json!([row.id, happened_at, subject, client, action, outcome, resource, row.draft.text, row.hash])
    };
    let records = rows.iter().filter_map(|row| Some((row, row.draft.beside.resource.as_deref()?)));
    let records = records
        .flat_map(|(row, name)| row.draft.beside.keys.iter().map(move |key| json!([name, key, row.id])));
    let text = |all: Vec<Value>| serde_json::to_string(&all).map_err(|e| Failed::Other(e.to_string()));
    Ok((text(rows.iter().map(line).collect())?, text(records.collect())?))
}

/// Within a transaction that holds the head: adds lines behind it, and moves it. Gives the new head's number.
macro_rules! put {
    ($transaction:expr, Flavor::Sqlite, $drafts:expr, $number:expr, $hash:expr) => {{
        let (rows, last) = $crate::ledger::audit::append::chain($drafts, $number, $hash)?;
        let (lines, records) = $crate::ledger::audit::append::as_json(&rows)?;
        let number: i64 = rows.last().map_or($number, |row| row.id);
        let query = sqlx::query($crate::ledger::audit::append::AT_ONCE).bind(lines).bind(records);
        query.bind(number).bind(last).execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
        number
    }};
    ($transaction:expr, $flavor:expr, $drafts:expr, $number:expr, $hash:expr) => {{
        let (rows, last) = $crate::ledger::audit::append::chain($drafts, $number, $hash)?;
        for rows in rows.chunks(ROWS) {
            let sql = $crate::ledger::audit::append::insert($flavor, "trail", 9, rows.len());
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for row in rows {
                let beside = &row.draft.beside;
                query = query
                    .bind(row.id)
                    .bind(beside.happened_at)
                    .bind(beside.subject.clone())
                    .bind(beside.client.clone())
                    .bind(beside.action.clone())
                    .bind(beside.outcome.clone())
                    .bind(beside.resource.clone())
                    .bind(row.draft.text.clone())
                    .bind(row.hash.clone());
            }
            query.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
        }
        let records: Vec<(&str, &str, i64)> = rows
            .iter()
            .filter_map(|row| Some((row, row.draft.beside.resource.as_deref()?)))
            .flat_map(|(row, name)| row.draft.beside.keys.iter().map(move |key| (name, key.as_str(), row.id)))
            .collect();
        for records in records.chunks(ROWS) {
            let sql = $crate::ledger::audit::append::insert($flavor, "trail_records", 3, records.len());
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for (resource, key, id) in records {
                query = query.bind((*resource).to_owned()).bind((*key).to_owned()).bind(*id);
            }
            query.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
        }
        let number: i64 = rows.last().map_or($number, |row| row.id);
        let [a, b] = [1, 2].map(|at| $flavor.placeholder(at));
        let sql = format!("UPDATE trail_head SET number = {a}, hash = {b} WHERE one = 1");
        let moved = sqlx::query(AssertSqlSafe(sql)).bind(number).bind(last);
        moved.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
        number
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
            // Elsewhere the loss of the last second in a power cut does no harm. Here an answer has left by then.
            let begin = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE";
            let begun = sqlx::Connection::begin_with(&mut *connection, begin).await;
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
