//! The PostgreSQL that lists are read from is a system behind like the others: it is bound to their core where it runs on
//! this machine, with what it starts from then on.

use crate::{
    contestant::{AROUND, POSTGRES},
    process::family,
};
use sqlx::{Connection as _, PgConnection};
use std::{fs, process::Command};

/// Whether a database is named.
pub fn is_named() -> bool {
    std::env::var_os(POSTGRES).is_some()
}

/// Binds its processes to the core of the systems behind. One that runs elsewhere is left as it is.
pub fn settle() -> Result<(), String> {
    let Ok(url) = std::env::var(POSTGRES) else { return Ok(()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| e.to_string())?;
    let server: Result<i32, sqlx::Error> = runtime.block_on(async {
        let mut connection = PgConnection::connect(&url).await?;
        let own: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
        let server = parent(own);
        connection.close().await?;
        Ok(server)
    });
    match server.map_err(|e| format!("PostgreSQL of {POSTGRES}: {e}"))? {
        0 => println!("PostgreSQL runs elsewhere: it is bound to no core"),
        server => {
            for pid in family(server.unsigned_abs()) {
                // A process may have ended meanwhile; that the server itself is bound is looked at below.
                let _ = Command::new("taskset").args(["-cp", &AROUND.to_string(), &pid.to_string()]).output();
            }
            let status = fs::read_to_string(format!("/proc/{server}/status")).unwrap_or_default();
            let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
            if list.map(str::trim) != Some(&AROUND.to_string()) {
                return Err(format!("PostgreSQL, process {server}, cannot be bound to core {AROUND}"));
            }
        }
    }
    Ok(())
}

/// The server's process, from that of a connection; 0 where that is not one of PostgreSQL's on this machine.
fn parent(connection: i32) -> i32 {
    let stat = fs::read_to_string(format!("/proc/{connection}/stat")).unwrap_or_default();
    // The name in parentheses, the state, the parent (proc(5)).
    let Some((name, rest)) = stat.rsplit_once(')') else { return 0 };
    if !name.ends_with("(postgres") {
        return 0;
    }
    rest.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
}
