//! A connection to a file of `SQLite` that the trail alone has, and the end of the chain as it left it there: as long as nobody
//! else appends, lines are added by one statement. `SQLite` has a thread for each connection, and each statement goes there and back.

use super::{
    append::{Held, STEP, TOGETHER, behind},
    line::Draft,
    page::{Written, written},
};
use crate::{
    backend::sql::pool::{Failed, failed},
    telemetry::failpoint,
};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};
use std::path::Path;

pub(super) struct Own {
    connection: SqliteConnection,
    /// Nothing is known of it before the first append, and behind one that failed.
    end: Option<Held>,
}

/// What is said where the chain has another end by now.
const MOVED: &str = "the chain has another end";

/// A row that is put into `trail_append` is a page behind an end of the chain: where that is the end, all is done that an append
/// does, and nothing where it is not. It lives as long as the connection.
fn opened() -> String {
    format!(
        "CREATE TEMP VIEW trail_append \
             (number, hash, pending, first_line, last_line, earliest, latest, text, terms, new_hash, new_pending) \
             AS SELECT 0, '', 0, 0, 0, 0, 0, '', '', '', 0; \
         CREATE TEMP TRIGGER trail_appended INSTEAD OF INSERT ON trail_append BEGIN \
             SELECT RAISE(ABORT, '{MOVED}') WHERE NOT EXISTS (SELECT 1 FROM trail_head \
                 WHERE one = 1 AND number = NEW.number AND hash = NEW.hash AND pending = NEW.pending); \
             INSERT INTO trail_pages \
                 VALUES (NEW.first_line, NEW.last_line, NEW.earliest, NEW.latest, NEW.text); \
             INSERT INTO trail_pending VALUES (NEW.first_line, NEW.terms); \
             UPDATE trail_head SET number = NEW.last_line, hash = NEW.new_hash, pending = NEW.new_pending \
                 WHERE one = 1; \
         END"
    )
}

const APPEND: &str = "INSERT INTO trail_append VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

// === impl Own ===

impl Own {
    /// A connection beside a pool's. None to a database in memory, which lives in the pool's.
    pub async fn to(pool: &SqlitePool) -> Result<Option<Self>, Failed> {
        let options = pool.connect_options();
        if options.get_filename() == Path::new(":memory:") {
            return Ok(None);
        }
        // What a statement may have to take back is small, and needs no file.
        let options = (*options).clone().pragma("temp_store", "MEMORY");
        let mut connection = options.connect().await.map_err(|e| failed(&e))?;
        let opened = sqlx::raw_sql(sqlx::AssertSqlSafe(opened()));
        opened.execute(&mut connection).await.map_err(|e| failed(&e))?;
        Ok(Some(Self { connection, end: None }))
    }

    pub async fn append(&mut self, drafts: &[&Draft]) -> Result<(), Failed> {
        if let Some(end) = self.end.take() {
            let next = written(drafts, end.number, &end.hash)?;
            let pending = end.pending + next.count;
            // Many terms are filed on the longer way.
            if pending < TOGETHER {
                failpoint::reach("sql.within", STEP)?;
                match self.put(end, next, pending).await {
                    Ok(end) => {
                        self.end = Some(end);
                        return Ok(());
                    }
                    Err(error) if has_moved(&error) => {}
                    Err(error) => return Err(failed(&error)),
                }
            }
        }
        self.end = Some(behind(&mut self.connection, drafts).await?);
        Ok(())
    }

    async fn put(&mut self, end: Held, next: Written, pending: i64) -> Result<Held, sqlx::Error> {
        let Written { page, terms, hash, .. } = next;
        let query = sqlx::query(APPEND).bind(end.number).bind(end.hash).bind(end.pending);
        let query = query.bind(page.first).bind(page.last).bind(page.earliest).bind(page.latest);
        let query = query.bind(page.text).bind(terms).bind(hash.clone()).bind(pending);
        query.execute(&mut self.connection).await?;
        Ok(Held { number: page.last, hash, pending })
    }
}

fn has_moved(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message() == MOVED)
}
