//! Connections, and the running of statements, for each of the three databases. Rows are handed out as texts.

use super::{
    failed::{broken, unbegun},
    flavor::Flavor,
    statement::{Parameter, Statement},
};
use crate::telemetry::failpoint;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor, Row,
    migrate::Migrator,
    mysql::{MySqlConnectOptions, MySqlPoolOptions},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, str::FromStr, time::Duration};
use tokio::time::{Instant, timeout_at};

pub use super::failed::{Failed, failed};

#[derive(Debug, Clone)]
pub enum Pool {
    Sqlite(sqlx::SqlitePool),
    Postgres(sqlx::PgPool),
    Mariadb(sqlx::MySqlPool),
}

/// What a reading statement found.
#[derive(Debug)]
pub enum Rows {
    Sqlite(Vec<sqlx::sqlite::SqliteRow>),
    Postgres(Vec<sqlx::postgres::PgRow>),
    Mariadb(Vec<sqlx::mysql::MySqlRow>),
}

/// What a statement of a transaction has to have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    Nothing,
    /// Exactly one row changed; else nothing of the transaction is done.
    OneRow,
    /// One row with the key that was made.
    Key,
    /// The key that was made is its first parameter.
    TakesKey,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// With the key, where one was made.
    Done(Option<String>),
    NoRow,
}

macro_rules! bound {
    ($statement:expr) => {{
        let statement = $statement;
        let mut query = sqlx::query(AssertSqlSafe(statement.sql.clone()));
        for parameter in &statement.parameters {
            query = match parameter {
                Parameter::Text(text) => query.bind(text.clone()),
                Parameter::Integer(number) => query.bind(*number),
                Parameter::Null => query.bind(None::<String>),
            };
        }
        query
    }};
}

macro_rules! fetch {
    ($pool:expr, $statement:expr, $deadline:expr, $given_up:expr) => {{
        let mut connection = acquired!($pool, $deadline);
        match timeout_at($deadline, bound!($statement).fetch_all(&mut *connection)).await {
            Ok(rows) => rows.map_err(|e| broken(&e)),
            Err(_) => {
                $given_up(connection);
                Err(Failed::TimedOut)
            }
        }
    }};
}

macro_rules! acquired {
    ($pool:expr, $deadline:expr) => {
        match timeout_at($deadline, $pool.acquire()).await {
            Ok(connection) => connection.map_err(|e| Failed::NoConnection(e.to_string()))?,
            Err(_) => return Err(Failed::NoConnection("none came about in time".into())),
        }
    };
}

/// All values of a column have one type: that it is text is looked at where the first of them stands, for as many columns as
/// there are bits.
macro_rules! filled {
    ($rows:expr, $columns:expr, $fill:expr) => {{
        let mut known = 0_u64;
        for (at, row) in $rows.iter().enumerate() {
            for column in 0..$columns {
                let own = 1_u64.checked_shl(column as u32).unwrap_or(0);
                let value: Result<Option<&str>, _> =
                    if known & own == 0 { row.try_get(column) } else { row.try_get_unchecked(column) };
                let value = value.map_err(|e| failed(&e))?;
                if value.is_some() {
                    known |= own;
                }
                $fill(at, column, value);
            }
        }
        Ok(())
    }};
}

macro_rules! transact {
    ($connection:expr, $statements:expr) => {{
        let first = $statements.first().filter(|_| failpoint::BUILT_IN);
        let step = first.map(|(first, _)| first.sql.clone()).unwrap_or_default();
        failpoint::reach("sql.before", &step).map_err(|e| Failed::NoConnection(e.to_string()))?;
        let mut transaction = $connection.begin().await.map_err(|e| unbegun(&e))?;
        let mut key: Option<String> = None;
        for (statement, expect) in $statements {
            match expect {
                Expect::Key => {
                    let row =
                        bound!(&statement).fetch_one(&mut *transaction).await.map_err(|e| broken(&e))?;
                    key = Some(row.try_get::<String, _>(0).map_err(|e| broken(&e))?);
                }
                Expect::TakesKey => {
                    let statement = statement.with_key(key.as_deref().unwrap_or_default());
                    bound!(&statement).execute(&mut *transaction).await.map_err(|e| broken(&e))?;
                }
                Expect::Nothing | Expect::OneRow => {
                    let done = bound!(&statement).execute(&mut *transaction).await.map_err(|e| broken(&e))?;
                    if expect == Expect::OneRow && done.rows_affected() != 1 {
                        transaction.rollback().await.map_err(|e| broken(&e))?;
                        return Ok(Outcome::NoRow);
                    }
                }
            }
        }
        failpoint::reach("sql.within", &step)?;
        transaction.commit().await.map_err(|e| broken(&e))?;
        failpoint::reach("sql.behind", &step)?;
        Ok(Outcome::Done(key))
    }};
}

/// A transaction on a connection, which is given up with what is open in it where there is no more time.
macro_rules! in_time {
    ($pool:expr, $statements:expr, $deadline:expr, $given_up:expr) => {{
        let mut connection = acquired!($pool, $deadline);
        let work = async { transact!(connection, $statements) };
        // Whoever waits for it is not to hold all of its state.
        match timeout_at($deadline, Box::pin(work)).await {
            Ok(done) => done,
            Err(_) => {
                $given_up(connection);
                Err(Failed::TimedOut)
            }
        }
    }};
}

/// Locks belong to the connection, which is closed behind its work: after a failure one would stay in the pool, and
/// the next try would wait for it without end.
macro_rules! migrate {
    ($pool:expr, $migrator:expr, $lock:expr) => {{
        let mut connection = $pool.acquire().await?;
        connection.close_on_drop();
        connection.execute($lock).await?;
        $migrator.run_direct(None, &mut *connection, false).await
    }};
}

/// sqlx asks `MariaDB` for a lock without a time-out in `MySQL`'s way (`-1`), which gets none there. This one is waited
/// for ten minutes, and an error where it is not had by then.
const MARIADB_LOCK: &str = "BEGIN NOT ATOMIC
    IF COALESCE(GET_LOCK(CONCAT('portico ', LEFT(DATABASE(), 50)), 600), 0) <> 1 THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'another program migrates this database, and does not end';
    END IF;
END";

/// A connection that has just been in use is believed to be there: sqlx asks it when it comes back, and would ask again each
/// time it is taken, which is a way there and back for each statement.
const BELIEVED: Duration = Duration::from_secs(1);

macro_rules! tested {
    ($options:expr) => {
        $options.test_before_acquire(false).before_acquire(|connection, known| {
            Box::pin(async move {
                if known.idle_for >= BELIEVED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
    };
}

impl Pool {
    /// Opens a pool. A relative file of `SQLite` starts from `root`, and is made with its folder where it is missing.
    #[expect(clippy::unused_async, reason = "a pool can only be made within a runtime, and says so")]
    pub async fn open(url: &str, root: &Path, connections: u32, deadline: Duration) -> Result<Self, Failed> {
        if let Some(file) = url.strip_prefix("sqlite:") {
            return Self::sqlite(file, root, connections, deadline, SqliteSynchronous::Normal);
        }
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options =
                PgConnectOptions::from_str(url).map_err(|e| failed(&e))?.options([("TimeZone", "UTC")]);
            let pool = tested!(PgPoolOptions::new());
            let pool = pool.max_connections(connections).acquire_timeout(deadline);
            return Ok(Self::Postgres(pool.connect_lazy_with(options)));
        }
        if url.starts_with("mysql:") || url.starts_with("mariadb:") {
            let url = url.replacen("mariadb:", "mysql:", 1);
            let options = MySqlConnectOptions::from_str(&url).map_err(|e| failed(&e))?;
            let options = options.timezone(Some("+00:00".to_owned())).charset("utf8mb4");
            let pool = tested!(MySqlPoolOptions::new());
            let pool = pool.max_connections(connections).acquire_timeout(deadline);
            // Whatever the server's own mode: a value that does not fit is refused, never cut, and a backslash in a
            // text is a backslash, as in the other databases.
            let pool = pool.after_connect(|connection, _| {
                Box::pin(async move {
                    let mode = "SET sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES')";
                    connection.execute(mode).await.map(drop)
                })
            });
            return Ok(Self::Mariadb(pool.connect_lazy_with(options)));
        }
        Err(Failed::Other(
            "the URL begins with none of `sqlite:`, `postgres:`, `mysql:` and `mariadb:`".into(),
        ))
    }

    /// The same, and what is committed outlives a loss of power: for what may be used once. The other databases do so
    /// where their operators have not turned it off.
    pub async fn open_durable(
        url: &str,
        root: &Path,
        connections: u32,
        deadline: Duration,
    ) -> Result<Self, Failed> {
        match url.strip_prefix("sqlite:") {
            Some(file) => Self::sqlite(file, root, connections, deadline, SqliteSynchronous::Full),
            None => Self::open(url, root, connections, deadline).await,
        }
    }

    fn sqlite(
        file: &str,
        root: &Path,
        connections: u32,
        deadline: Duration,
        synchronous: SqliteSynchronous,
    ) -> Result<Self, Failed> {
        let memory = file == ":memory:";
        let options = if memory {
            SqliteConnectOptions::new().in_memory(true).shared_cache(false)
        } else {
            let path = root.join(file.trim_start_matches("//"));
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)
                    .map_err(|e| Failed::Other(format!("{}: {e}", folder.display())))?;
            }
            SqliteConnectOptions::new().filename(path).create_if_missing(true)
        };
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(deadline.min(Duration::from_secs(5)))
            .statement_cache_capacity(256);
        let mut pool = SqlitePoolOptions::new()
            // A file is always there.
            .test_before_acquire(false)
            .max_connections(if memory { 1 } else { connections })
            .acquire_timeout(deadline);
        if memory {
            // The database lives as long as its one connection.
            pool = pool.idle_timeout(None).max_lifetime(None).min_connections(1);
        }
        Ok(Self::Sqlite(pool.connect_lazy_with(options)))
    }

    pub fn flavor(&self) -> Flavor {
        match self {
            Self::Sqlite(_) => Flavor::Sqlite,
            Self::Postgres(_) => Flavor::Postgres,
            Self::Mariadb(_) => Flavor::Mariadb,
        }
    }

    /// Brings the database to the newest migration of a folder.
    pub async fn migrate(&self, folder: &Path) -> Result<(), Failed> {
        let other = |e: sqlx::migrate::MigrateError| {
            Failed::Other(format!("migrations in {}: {e}", folder.display()))
        };
        let migrator = Migrator::new(folder).await.map_err(other)?;
        self.migrated(&migrator).await.map_err(other)
    }

    /// Applies what a database has not had yet. Of two programs that begin at once, one waits for the other.
    pub async fn migrated(&self, migrator: &Migrator) -> Result<(), sqlx::migrate::MigrateError> {
        match self {
            Self::Sqlite(pool) => {
                // Turning a new file to its journal waits for nobody: the one that came second tries again.
                let until = Instant::now() + MIGRATING;
                loop {
                    match migrated_sqlite(pool, migrator).await {
                        Err(error) if error.to_string().contains("is locked") && Instant::now() < until => {
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                        done => return done,
                    }
                }
            }
            Self::Postgres(pool) => migrate!(pool, migrator, "SELECT 1"),
            Self::Mariadb(pool) => migrate!(pool, migrator, MARIADB_LOCK),
        }
    }

    /// Runs a reading statement; `fill` takes each value with the numbers of its row and column.
    pub async fn fetch(
        &self,
        statement: &Statement,
        columns: usize,
        deadline: Instant,
        fill: impl FnMut(usize, usize, Option<&str>),
    ) -> Result<(), Failed> {
        self.rows(statement, deadline).await?.fill(columns, fill)
    }

    /// The rows of a reading statement.
    pub async fn rows(&self, statement: &Statement, deadline: Instant) -> Result<Rows, Failed> {
        Ok(match self {
            // The database of a pool in memory lives as long as its connection.
            Self::Sqlite(pool) => Rows::Sqlite(fetch!(pool, statement, deadline, drop)?),
            Self::Postgres(pool) => Rows::Postgres(fetch!(pool, statement, deadline, given_up)?),
            Self::Mariadb(pool) => Rows::Mariadb(fetch!(pool, statement, deadline, given_up)?),
        })
    }

    /// Runs statements in one transaction: all of them, or none.
    pub async fn transact(
        &self,
        statements: Vec<(Statement, Expect)>,
        deadline: Instant,
    ) -> Result<Outcome, Failed> {
        match self {
            Self::Sqlite(pool) => in_time!(pool, statements, deadline, drop),
            Self::Postgres(pool) => in_time!(pool, statements, deadline, given_up),
            Self::Mariadb(pool) => in_time!(pool, statements, deadline, given_up),
        }
    }

    /// Runs statements of the operator's own files or of the demo, all or none.
    pub async fn run_all(&self, statements: &[String]) -> Result<(), Failed> {
        let plain = |sql: &String| (Statement { sql: sql.clone(), parameters: Vec::new() }, Expect::Nothing);
        let deadline = Instant::now() + Duration::from_mins(1);
        self.transact(statements.iter().map(plain).collect(), deadline).await.map(drop)
    }
}

/// A connection that was waited for too long is closed: the next one to have it would wait for the same answer.
fn given_up<DB: sqlx::Database>(connection: sqlx::pool::PoolConnection<DB>) {
    drop(connection.detach());
}

impl Rows {
    /// Gives each value with the numbers of its row and column.
    pub fn fill(
        &self,
        columns: usize,
        mut fill: impl FnMut(usize, usize, Option<&str>),
    ) -> Result<(), Failed> {
        match self {
            Self::Sqlite(rows) => filled!(rows, columns, fill),
            Self::Postgres(rows) => filled!(rows, columns, fill),
            Self::Mariadb(rows) => filled!(rows, columns, fill),
        }
    }
}

/// How long a program waits for another one's migrations.
const MIGRATING: Duration = Duration::from_mins(1);

/// `sqlx` takes no lock of its own here: without this transaction two programs would both find the tables missing.
async fn migrated_sqlite(
    pool: &sqlx::SqlitePool,
    migrator: &Migrator,
) -> Result<(), sqlx::migrate::MigrateError> {
    let mut held = pool.begin_with("BEGIN IMMEDIATE").await?;
    migrator.run_direct(None, &mut *held, false).await?;
    Ok(held.commit().await?)
}
