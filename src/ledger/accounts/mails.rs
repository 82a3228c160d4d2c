//! The table of messages on their way: kept until they are handed over, so that a restart loses none.

use super::{Ledger, number, text};
use crate::{backend::sql::Parameter, fault::Fault};

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub id: String,
    /// Address, subject and text, sealed.
    pub sealed: String,
    pub attempts: i64,
    pub created_at: i64,
    /// When it is to be tried next.
    pub due_at: i64,
}

const COLUMNS: &str = "id, sealed, #attempts, #created_at, #due_at";

impl Ledger {
    /// Adds a message. Refuses with F913.
    pub async fn add_mail(&self, mail: &Mail) -> Result<(), Fault> {
        let sql =
            "INSERT INTO account_mails (id, sealed, attempts, created_at, due_at) VALUES (?, ?, ?, ?, ?)";
        let numbers = [mail.attempts, mail.created_at, mail.due_at].map(Parameter::Integer);
        let parameters = [text(&mail.id), text(&mail.sealed)].into_iter().chain(numbers).collect();
        self.did(self.sql(sql, parameters)).await
    }

    /// The newest messages. Refuses with F913.
    pub async fn mails(&self, limit: i64) -> Result<Vec<Mail>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM account_mails ORDER BY created_at DESC, id DESC LIMIT ?");
        let statement = self.sql(&sql, vec![Parameter::Integer(limit)]);
        Ok(self.texts(&statement, 5).await?.iter().map(|row| mail(row)).collect())
    }

    /// Messages that are due, oldest first. Refuses with F913.
    pub async fn due_mails(&self, now: i64, limit: i64) -> Result<Vec<Mail>, Fault> {
        let sql =
            format!("SELECT {COLUMNS} FROM account_mails WHERE due_at <= ? ORDER BY due_at, id LIMIT ?");
        let statement = self.sql(&sql, vec![Parameter::Integer(now), Parameter::Integer(limit)]);
        Ok(self.texts(&statement, 5).await?.iter().map(|row| mail(row)).collect())
    }

    /// Takes a message to try it: of several programs one gets it. Until `due_at` nobody else tries. Refuses with F913.
    pub async fn take_mail(&self, mail: &Mail, due_at: i64) -> Result<bool, Fault> {
        let sql =
            "UPDATE account_mails SET attempts = attempts + 1, due_at = ? WHERE id = ? AND attempts = ?";
        let parameters = vec![Parameter::Integer(due_at), text(&mail.id), Parameter::Integer(mail.attempts)];
        self.changed_one(self.sql(sql, parameters)).await
    }

    /// Forgets a message. Refuses with F913.
    pub async fn remove_mail(&self, id: &str) -> Result<(), Fault> {
        self.did(self.sql("DELETE FROM account_mails WHERE id = ?", vec![text(id)])).await
    }
}

fn mail(row: &[String]) -> Mail {
    Mail {
        id: row.first().cloned().unwrap_or_default(),
        sealed: row.get(1).cloned().unwrap_or_default(),
        attempts: number(row.get(2)),
        created_at: number(row.get(3)),
        due_at: number(row.get(4)),
    }
}
