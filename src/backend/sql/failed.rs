//! Why a statement did not run: what `sqlx` and the databases say, in our words.

use crate::{fault::quote::quoted, telemetry::failpoint::Reached};
use sqlx::error::{DatabaseError, ErrorKind};

/// Why a statement did not run. The texts are for the operator's log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// Something may have come of it.
    #[error("the connection broke off: {0}")]
    Lost(String),
    #[error("did not answer in time")]
    TimedOut,
    /// There was no connection to be had: nothing was said to the database.
    #[error("no connection: {0}")]
    NoConnection(String),
    /// A constraint of the database does not take the values.
    #[error("refused: {0}")]
    Refused(String),
    #[error("another transaction came first")]
    LostRace,
    /// The database says that a lock was not to be had in its time. It did nothing of the transaction.
    #[error("waited for a lock in vain")]
    Locked,
    #[error("{0}")]
    Other(String),
}

/// As a connection that ends there: nobody is told what was done.
impl From<Reached> for Failed {
    fn from(_: Reached) -> Self {
        Self::TimedOut
    }
}

/// What `sqlx` says, in our words.
pub fn failed(error: &sqlx::Error) -> Failed {
    match error {
        sqlx::Error::PoolTimedOut => Failed::TimedOut,
        sqlx::Error::Io(e) => Failed::Unreachable(e.to_string()),
        sqlx::Error::Tls(e) => Failed::Unreachable(e.to_string()),
        sqlx::Error::Protocol(e) => Failed::Lost(e.clone()),
        sqlx::Error::Database(e) => refusal(&**e),
        other => Failed::Other(other.to_string()),
    }
}

/// The same of what was said on a connection that was there: it may have been carried out all the same.
pub(super) fn broken(error: &sqlx::Error) -> Failed {
    match failed(error) {
        Failed::Unreachable(why) => Failed::Lost(why),
        other => other,
    }
}

/// The same of a transaction that did not begin: nothing came of it.
pub(super) fn unbegun(error: &sqlx::Error) -> Failed {
    match broken(error) {
        Failed::Lost(why) => Failed::NoConnection(why),
        other => other,
    }
}

/// What the database said. Codes are SQLSTATEs, and `SQLite`'s own extended numbers.
fn refusal(error: &dyn DatabaseError) -> Failed {
    // MariaDB tells these two apart by its own number alone; their SQLSTATE is the general one.
    if let Some(mariadb) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        match mariadb.number() {
            1020 => return Failed::LostRace,
            1205 => return Failed::Locked,
            _ => {}
        }
    }
    // Some repeat the value that they do not take.
    let message = || quoted(error.message());
    let code = error.code();
    match code.as_deref().unwrap_or_default() {
        // Serialisation and deadlock.
        "40001" | "40P01" => Failed::LostRace,
        // A lock or a statement that took too long; SQLite busy, in its three forms.
        "55P03" | "57014" | "5" | "261" | "517" => Failed::Locked,
        // Going down, coming up, or full.
        "57P01" | "57P02" | "57P03" | "53300" | "08004" => Failed::Unreachable(message()),
        // A value that is no value of its column (SQLSTATE class 22; of SQLite a mismatch, and a type of a STRICT table).
        "20" | "3091" => Failed::Refused(message()),
        state if state.len() == 5 && state.starts_with("22") => Failed::Refused(message()),
        _ if error.kind() != ErrorKind::Other => Failed::Refused(message()),
        _ => Failed::Other(message()),
    }
}
