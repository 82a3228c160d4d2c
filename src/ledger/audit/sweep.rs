//! The end of retention: the oldest pages go, each when all of its lines are old, and a line of the trail itself says which, so that the chain can still be
//! walked from the first one that is left.

use super::{
    Trail,
    append::{HELD, LOCKED, begin, put},
    line::{Draft, micros},
    page::{Page, Written, written},
};
use crate::{
    backend::sql::{
        Flavor,
        pool::{Failed, Pool, failed},
    },
    fault::Fault,
    identity::{Caller, audit::Event},
    ledger::fault,
    telemetry::failpoint,
    value::time::Moment,
};
use sqlx::{AssertSqlSafe, Connection, Executor, Row};
use std::time::Duration;
use tokio::time::timeout;

/// The action of the line that says what was removed.
pub(super) const SWEPT: &str = "trail.swept";
/// Lines of one transaction, give or take a page: others append between two.
const AT_ONCE: i64 = 5_000;
const LONG: Duration = Duration::from_secs(30);

/// What a sweep is for failpoints.
const STEP: &str = "DELETE FROM trail";

/// What is to be removed: lines up to one, with its hash.
struct Old {
    count: i64,
    through: i64,
    hash: String,
}

macro_rules! sweep {
    ([$($flavor:tt)+] $transaction:expr, $lock:expr, $limit:expr, $anchor:expr) => {{
        let flavor = $($flavor)+;
        let held = begin!($transaction, $lock);
        let sql = format!(
            "SELECT first_line, last_line, latest FROM trail_pages ORDER BY first_line LIMIT {AT_ONCE}"
        );
        let rows = $transaction.fetch_all(AssertSqlSafe(sql)).await.map_err(|e| failed(&e))?;
        // The first line that goes, the beginning of the last page that does, and its last line.
        let mut old: Option<(i64, i64, i64)> = None;
        for row in &rows {
            let [first, last, latest]: [Result<i64, _>; 3] = [0, 1, 2].map(|column| row.try_get(column));
            let first = first.map_err(|e| failed(&e))?;
            let enough = old.is_some_and(|(oldest, ..)| first - oldest >= AT_ONCE);
            if enough || latest.map_err(|e| failed(&e))? >= $limit {
                break;
            }
            old = Some((old.map_or(first, |old| old.0), first, last.map_err(|e| failed(&e))?));
        }
        let Some((first, page, through)) = old else { return Ok(0) };
        let [a, b] = [1, 2].map(|at| flavor.placeholder(at));
        let sql = format!("SELECT text FROM trail_pages WHERE first_line = {a}");
        let text = sqlx::query_scalar(AssertSqlSafe(sql)).bind(page).fetch_one(&mut *$transaction).await;
        let page = Page { first: page, text: text.map_err(|e| failed(&e))?, ..Page::default() };
        let last = page.lines().last().map(|line| line.hash.to_owned()).unwrap_or_default();
        let old = Old { count: through - first + 1, through, hash: last };
        let anchor: Draft = $anchor(&old)?;
        let _ = put!($transaction, $($flavor)+, &[&anchor], held);
        let sql = format!("UPDATE trail_head SET swept_through = {a}, swept_hash = {b} WHERE one = 1");
        let moved = sqlx::query(AssertSqlSafe(sql)).bind(old.through).bind(old.hash);
        moved.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
        for table in ["trail_terms", "trail_pending", "trail_pages"] {
            let sql = format!("DELETE FROM {table} WHERE first_line <= {a}");
            let gone = sqlx::query(AssertSqlSafe(sql)).bind(old.through);
            gone.execute(&mut *$transaction).await.map_err(|e| failed(&e))?;
        }
        failpoint::reach("sql.within", STEP)?;
        $transaction.commit().await.map_err(|e| failed(&e))?;
        failpoint::reach("sql.behind", STEP)?;
        old.count
    }};
}

impl Trail {
    /// Removes lines that are older than this moment; how many. Refuses with F913; what was removed by then is anchored.
    pub async fn sweep(&self, before: Moment) -> Result<i64, Fault> {
        let mut all = 0;
        loop {
            let swept = timeout(LONG, self.swept(micros(before))).await.unwrap_or(Err(Failed::TimedOut));
            match swept {
                Ok(0) => return Ok(all),
                Ok(swept) => all += swept,
                Err(Failed::LostRace) => {}
                Err(e) => return Err(fault(&format!("the audit trail is not swept: {e}"))),
            }
        }
    }

    async fn swept(&self, limit: i64) -> Result<i64, Failed> {
        let anchor = |old: &Old| {
            let event = Event::new(SWEPT, Caller::operator())
                .fact("through", old.through.to_string())
                .fact("count", old.count.to_string())
                .fact("hash", old.hash.clone());
            let draft = Draft::of(event, self.clock.now(), &*self.sealer);
            draft.ok_or_else(|| Failed::Other("the line of the sweep cannot be written".into()))
        };
        Ok(match &self.ledger.pool {
            Pool::Sqlite(pool) => {
                let mut connection = pool.acquire().await.map_err(|e| failed(&e))?;
                let begun = Connection::begin_with(&mut *connection, "BEGIN IMMEDIATE").await;
                let mut transaction = begun.map_err(|e| failed(&e))?;
                sweep!([Flavor::Sqlite] transaction, HELD, limit, anchor)
            }
            Pool::Postgres(pool) => {
                let mut transaction = pool.begin().await.map_err(|e| failed(&e))?;
                sweep!([Flavor::Postgres] transaction, LOCKED, limit, anchor)
            }
            Pool::Mariadb(pool) => {
                let mut transaction = pool.begin().await.map_err(|e| failed(&e))?;
                sweep!([Flavor::Mariadb] transaction, LOCKED, limit, anchor)
            }
        })
    }
}
