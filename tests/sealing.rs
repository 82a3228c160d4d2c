//! Sealed at rest, from the outside in: what lies in the database is read by nobody who has the database alone, a
//! changed or moved value is a fault and never an answer, keys are changed while requests are answered, and what was
//! plain becomes sealed. Over `SQLite` always, and over `PostgreSQL` and `MariaDB` where there is one.

mod at_rest;
mod bench;
#[cfg(debug_assertions)]
mod crash;
mod keys;
mod logs;
mod transit;

use bench::Bench;

/// The databases that are there, each empty: `SQLite` in a file, the others in a schema of their own.
async fn each_database(name: &str, mut check: impl AsyncFnMut(&mut Bench)) {
    check(&mut Bench::sqlite(name)).await;
    for (variable, make) in [("POSTGRES", "SCHEMA"), ("MARIADB", "DATABASE")] {
        if let Ok(url) = std::env::var(format!("PORTICO_TEST_{variable}")) {
            check(&mut Bench::elsewhere(name, &url, make).await).await;
        }
    }
}
