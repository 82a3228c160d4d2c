//! The table of guesses: how often something was tried without success, and until when it rests.

use super::{Added, Ledger, number, text};
use crate::{backend::sql::Parameter, fault::Fault};

/// What is known of something that is guarded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Guesses {
    pub failures: i64,
    pub latest_at: i64,
    pub paused_till: i64,
    /// From 1; 0 where there is no row yet.
    pub version: i64,
}

impl Ledger {
    /// What is known. Refuses with F913.
    pub async fn guesses(&self, guarded: &str) -> Result<Guesses, Fault> {
        let statement = self.sql(
            "SELECT #failures, #latest_at, #paused_till, #version FROM account_guesses WHERE guarded = ?",
            vec![text(guarded)],
        );
        let rows = self.texts(&statement, 4).await?;
        Ok(rows.first().map_or_else(Guesses::default, |row| Guesses {
            failures: number(row.first()),
            latest_at: number(row.get(1)),
            paused_till: number(row.get(2)),
            version: number(row.get(3)),
        }))
    }

    /// Writes what is known, where nobody else has since `new.version` was read. Whether it was written. Refuses with F913.
    pub async fn count_guess(&self, guarded: &str, new: Guesses) -> Result<bool, Fault> {
        let numbers = [new.failures, new.latest_at, new.paused_till].map(Parameter::Integer);
        if new.version == 0 {
            let sql = "INSERT INTO account_guesses (failures, latest_at, paused_till, guarded, version) \
                VALUES (?, ?, ?, ?, 1)";
            let parameters = numbers.into_iter().chain([text(guarded)]).collect();
            return Ok(self.added(self.sql(sql, parameters)).await? == Added::Yes);
        }
        let sql = "UPDATE account_guesses SET failures = ?, latest_at = ?, paused_till = ?, version = version + 1 \
            WHERE guarded = ? AND version = ?";
        let rest = [text(guarded), Parameter::Integer(new.version)];
        self.changed_one(self.sql(sql, numbers.into_iter().chain(rest).collect())).await
    }

    /// Forgets the failures: the right one was found. Refuses with F913.
    pub async fn forget_guesses(&self, guarded: &str) -> Result<(), Fault> {
        self.did(self.sql("DELETE FROM account_guesses WHERE guarded = ?", vec![text(guarded)])).await
    }
}
