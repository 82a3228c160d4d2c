//! The internal store: the system tables behind grants, idempotency, journal, outbox, audit, ids, bookmarks and drift. It
//! opens them and keeps them at the newest migration; it holds no record of an API, and what stands in a table is
//! the business of who uses it.

pub mod accounts;
mod api_keys;
pub mod audit;
mod drift;
mod idempotency;
pub mod oauth;
mod quota;
mod sealing;

pub use api_keys::KeyRow;

use crate::{
    backend::{
        secret,
        sql::{
            Flavor,
            pool::{Failed, Pool},
        },
    },
    fault::{Fault, code},
    plan::SqlSource,
};
use sqlx::{
    SqlStr,
    migrate::{Migration, MigrationType, Migrator},
};
use std::time::Duration;

/// Where applied migrations are noted: not in sqlx's own table, so that an API's store may share the database.
const APPLIED: &str = "_portico_ledger";

/// How long the store may take to show that it is there. Readiness is asked every few seconds.
const READY: Duration = Duration::from_secs(2);

/// The system tables, open.
#[derive(Debug, Clone)]
pub struct Ledger {
    pool: Pool,
}

impl Ledger {
    /// Opens the store and applies the migrations that it has not had. Any number of programs may do so at once.
    ///
    /// Refuses with F913: the address cannot be had or understood, the database cannot be reached, or it holds a
    /// migration that is not this program's.
    pub async fn open(source: &SqlSource) -> Result<Self, Fault> {
        let url = secret::resolve(&source.url).map_err(|e| fault(&e))?;
        let opened = Pool::open_durable(&url, &source.root, source.connections, source.deadline).await;
        let pool = opened.map_err(|e| fault(&e))?;
        pool.migrated(&migrator(pool.flavor())).await.map_err(|e| fault(&e))?;
        Ok(Self { pool })
    }

    /// Whether the store answers. Refuses with F913.
    pub async fn ready(&self) -> Result<(), Fault> {
        let asked = tokio::time::timeout(READY, self.pool.run_all(&["SELECT 1".to_owned()])).await;
        asked.unwrap_or(Err(Failed::TimedOut)).map_err(|e| fault(&e))
    }
}

fn fault(why: &dyn std::fmt::Display) -> Fault {
    Fault::plain(&code::STORE_FAILED).detail(format!("ledger: {why}"))
}

/// A migration's number, its name, and its text for each database. What has been released is never changed: the
/// text's hash is noted where it was applied.
type Step = (i64, &'static str, fn(Flavor) -> &'static str);

const STEPS: &[Step] = &[
    (1, "ledger", |flavor| match flavor {
        Flavor::Sqlite => include_str!("ledger/migrations/sqlite/0001_ledger.sql"),
        Flavor::Postgres => include_str!("ledger/migrations/postgres/0001_ledger.sql"),
        Flavor::Mariadb => include_str!("ledger/migrations/mariadb/0001_ledger.sql"),
    }),
    (2, "drift", |flavor| match flavor {
        Flavor::Sqlite => include_str!("ledger/migrations/sqlite/0002_drift.sql"),
        Flavor::Postgres => include_str!("ledger/migrations/postgres/0002_drift.sql"),
        Flavor::Mariadb => include_str!("ledger/migrations/mariadb/0002_drift.sql"),
    }),
    (3, "oauth", |flavor| match flavor {
        Flavor::Sqlite => include_str!("ledger/migrations/sqlite/0003_oauth.sql"),
        Flavor::Postgres => include_str!("ledger/migrations/postgres/0003_oauth.sql"),
        Flavor::Mariadb => include_str!("ledger/migrations/mariadb/0003_oauth.sql"),
    }),
    (4, "accounts", |flavor| match flavor {
        Flavor::Sqlite => include_str!("ledger/migrations/sqlite/0004_accounts.sql"),
        Flavor::Postgres => include_str!("ledger/migrations/postgres/0004_accounts.sql"),
        Flavor::Mariadb => include_str!("ledger/migrations/mariadb/0004_accounts.sql"),
    }),
    (5, "trail", |flavor| match flavor {
        Flavor::Sqlite => include_str!("ledger/migrations/sqlite/0005_trail.sql"),
        Flavor::Postgres => include_str!("ledger/migrations/postgres/0005_trail.sql"),
        Flavor::Mariadb => include_str!("ledger/migrations/mariadb/0005_trail.sql"),
    }),
    (6, "api_keys", |flavor| match flavor {
        Flavor::Sqlite => include_str!("ledger/migrations/sqlite/0006_api_keys.sql"),
        Flavor::Postgres => include_str!("ledger/migrations/postgres/0006_api_keys.sql"),
        Flavor::Mariadb => include_str!("ledger/migrations/mariadb/0006_api_keys.sql"),
    }),
    (7, "sealing", |flavor| match flavor {
        Flavor::Sqlite => include_str!("ledger/migrations/sqlite/0007_sealing.sql"),
        Flavor::Postgres => include_str!("ledger/migrations/postgres/0007_sealing.sql"),
        Flavor::Mariadb => include_str!("ledger/migrations/mariadb/0007_sealing.sql"),
    }),
    (8, "once", |flavor| match flavor {
        Flavor::Sqlite => include_str!("ledger/migrations/sqlite/0008_once.sql"),
        Flavor::Postgres => include_str!("ledger/migrations/postgres/0008_once.sql"),
        Flavor::Mariadb => include_str!("ledger/migrations/mariadb/0008_once.sql"),
    }),
    (9, "pages", |flavor| match flavor {
        Flavor::Sqlite => include_str!("ledger/migrations/sqlite/0009_pages.sql"),
        Flavor::Postgres => include_str!("ledger/migrations/postgres/0009_pages.sql"),
        Flavor::Mariadb => include_str!("ledger/migrations/mariadb/0009_pages.sql"),
    }),
];

fn migrator(flavor: Flavor) -> Migrator {
    let migration = |(number, name, text): &Step| {
        Migration::new(
            *number,
            (*name).into(),
            MigrationType::Simple,
            SqlStr::from_static(text(flavor)),
            false,
        )
    };
    let mut migrator = Migrator::with_migrations(STEPS.iter().map(migration).collect());
    // "Dangerous" to change later: the migrations would be applied anew.
    migrator.dangerous_set_table_name(APPLIED);
    migrator
}

/// The migrations of an earlier program, to see what becomes of its tables.
#[cfg(test)]
fn migrator_up_to(flavor: Flavor, last: i64) -> Migrator {
    let steps = migrator(flavor).iter().filter(|step| step.version <= last).cloned().collect();
    let mut migrator = Migrator::with_migrations(steps);
    migrator.dangerous_set_table_name(APPLIED);
    migrator
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::SecretRef;

    fn source(url: &str) -> SqlSource {
        SqlSource {
            url: SecretRef::Plain(url.to_owned()),
            root: std::env::temp_dir(),
            migrations: None,
            connections: 2,
            deadline: Duration::from_secs(10),
        }
    }

    fn file(name: &str) -> String {
        let file = std::env::temp_dir().join(format!("portico-ledger-{}-{name}.db", std::process::id()));
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
        format!("sqlite:{}", file.display())
    }

    /// What every database has to take, and what it has to refuse.
    async fn check(url: &str, time: &str) {
        // Three programs begin at once.
        let source = source(url);
        let (a, b, c) = tokio::join!(Ledger::open(&source), Ledger::open(&source), Ledger::open(&source));
        let (ledger, _, _) = (a.unwrap(), b.unwrap(), c.unwrap());
        ledger.ready().await.unwrap();
        let taken = [
            "INSERT INTO clients (id, name, status, tier, metadata, created_at) VALUES ('c', 'C', 'active', 'basic', '{}', 1)",
            "INSERT INTO grants (id, client_id, scopes, terms, created_at, expires_at) VALUES ('g', 'c', '', '{}', 1, 2)",
            "INSERT INTO grant_tokens (token_hash, kind, grant_id, client_id, terms, created_at, expires_at)
                VALUES ('h', 'code', 'g', 'c', '{}', 1, 2)",
            "INSERT INTO used_ids VALUES ('j', 1)",
            "INSERT INTO idempotency (caller, request_key, request_hash, created_at, expires_at) VALUES ('c', 'k', 'h', TIME, TIME)",
            "INSERT INTO journal (id, command, revision, caller, state, input, steps, created_at)
                VALUES ('j', 'book', '1', 'c', 'running', '{}', '{}', TIME)",
            "INSERT INTO outbox (event_id, topic, resource, record_id, body, created_at, due_at)
                VALUES ('e', 'pets.created', 'pets', '109', '{}', TIME, TIME)",
            "INSERT INTO ids VALUES ('pets', '109', 'drupal7', '7', TIME)",
            "INSERT INTO bookmarks VALUES ('q', 100, 'next', TIME)",
        ];
        for statement in taken {
            ledger.pool.run_all(&[statement.replace("TIME", time)]).await.unwrap();
        }
        let refused = [
            // A token, a key, an event and a source's id stand for one thing each.
            "INSERT INTO grant_tokens (token_hash, kind, grant_id, client_id, terms, created_at, expires_at)
                VALUES ('h', 'code', 'g', 'c', '{}', 1, 2)",
            "INSERT INTO used_ids VALUES ('j', 1)",
            "INSERT INTO idempotency (caller, request_key, request_hash, created_at, expires_at) VALUES ('c', 'k', 'x', TIME, TIME)",
            "INSERT INTO outbox (event_id, topic, resource, record_id, body, created_at, due_at)
                VALUES ('e', 'pets.created', 'pets', '110', '{}', TIME, TIME)",
            "INSERT INTO ids VALUES ('pets', '110', 'drupal7', '7', TIME)",
        ];
        for statement in refused {
            let done = ledger.pool.run_all(&[statement.replace("TIME", time)]).await;
            assert!(matches!(done, Err(Failed::Refused(_))), "{statement}: {done:?}");
        }
        // A second opening applies nothing anew.
        Ledger::open(&source).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn sqlite_keeps_what_it_is_given() {
        for round in 0..5 {
            check(&file(&format!("check{round}")), "'2026-11-21T10:00:00Z'").await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_others_do_so_too_where_there_is_one() {
        for (name, time) in [("POSTGRES", "'2026-11-21T10:00:00Z'"), ("MARIADB", "'2026-11-21 10:00:00'")] {
            if let Ok(url) = std::env::var(format!("PORTICO_TEST_{name}")) {
                check(&url, time).await;
            }
        }
    }

    #[tokio::test]
    async fn a_store_of_another_program_is_refused() {
        let source = source(&file("other"));
        let ledger = Ledger::open(&source).await.unwrap();
        ledger.pool.run_all(&[format!("UPDATE {APPLIED} SET version = 77 WHERE version = 1")]).await.unwrap();
        let fault = Ledger::open(&source).await.unwrap_err();
        assert_eq!(fault.code.id, "F913");
        assert!(fault.detail.unwrap().contains("migration 77"));
    }
}
