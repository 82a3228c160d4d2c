//! The tables of people who may log in: accounts, and below it their sessions, links, guesses and messages. Addresses
//! and messages come sealed, tokens as hashes; what a row means is judged by `oauth::accounts`. Times are seconds since 1970.

mod guesses;
mod links;
mod mails;
mod sessions;

pub use guesses::Guesses;
pub use links::Link;
pub use mails::Mail;
pub use sessions::Session;

use super::{Ledger, fault};
use crate::{
    backend::sql::{
        Flavor, Parameter, Statement,
        pool::{Expect, Failed, Outcome},
    },
    fault::Fault,
};
use std::time::Duration;
use tokio::time::Instant;

/// Longer than any of these takes on a busy machine.
const LONG: Duration = Duration::from_secs(10);

/// A person who may log in. The address is `email_sealed` alone, so that `Debug` shows nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    /// Keyed hash of the normalised address.
    pub email_index: String,
    pub email_sealed: String,
    pub password_hash: PasswordHash,
    pub roles: Vec<String>,
    pub claims: Vec<(String, String)>,
    pub status: Status,
    /// The language of messages: `en` or `es`.
    pub language: String,
    pub created_at: i64,
    /// When the address was proven; 0 is not yet.
    pub verified_at: i64,
    /// When the password was set; 0 is not yet.
    pub password_at: i64,
    /// What registering made or found for it, such as `customers/66`.
    pub record: Option<String>,
}

/// An argon2id hash in PHC form; empty until a password was chosen.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "PasswordHash(none)" } else { "PasswordHash(..)" })
    }
}

/// What an account may do at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its record is being made: nobody can log in.
    Making,
    Active,
    Disabled,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// What is not known may do nothing.
    fn of(name: &str) -> Self {
        match name {
            "making" => Self::Making,
            "active" => Self::Active,
            _ => Self::Disabled,
        }
    }
}

/// Whether a row could be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    Yes,
    /// Its address, or its record, is another account's.
    Taken,
}

/// Columns in the order of [`account`].
const COLUMNS: &str = "id, email_index, email_sealed, password_hash, roles, claims, status, language, \
    #created_at, #verified_at, #password_at, record";

impl Ledger {
    /// Adds an account. Refuses with F913.
    pub async fn add_account(&self, account: &Account) -> Result<Added, Fault> {
        let parameters = vec![
            text(&account.id),
            text(&account.email_index),
            text(&account.email_sealed),
            text(&account.password_hash.0),
            text(&list(&account.roles)),
            text(&object(&account.claims)),
            text(account.status.name()),
            text(&account.language),
            Parameter::Integer(account.created_at),
            Parameter::Integer(account.verified_at),
            Parameter::Integer(account.password_at),
            account.record.as_deref().map_or(Parameter::Null, text),
        ];
        let sql = "INSERT INTO accounts (id, email_index, email_sealed, password_hash, roles, claims, status, language, \
            created_at, verified_at, password_at, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.added(self.sql(sql, parameters)).await
    }

    /// The account of this id. Refuses with F913.
    pub async fn account(&self, id: &str) -> Result<Option<Account>, Fault> {
        self.account_where("id = ?", vec![text(id)]).await
    }

    /// The account of an address, by its keyed hash. Refuses with F913.
    pub async fn account_by_email(&self, email_index: &str) -> Result<Option<Account>, Fault> {
        self.account_where("email_index = ?", vec![text(email_index)]).await
    }

    async fn account_where(
        &self,
        condition: &str,
        parameters: Vec<Parameter>,
    ) -> Result<Option<Account>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM accounts WHERE {condition}");
        Ok(self.texts(&self.sql(&sql, parameters), 12).await?.into_iter().next().map(account))
    }

    /// All accounts, oldest first, at most `limit`. Refuses with F913.
    pub async fn accounts(&self, limit: i64) -> Result<Vec<Account>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM accounts ORDER BY created_at, id LIMIT ?");
        let statement = self.sql(&sql, vec![Parameter::Integer(limit)]);
        Ok(self.texts(&statement, 12).await?.into_iter().map(account).collect())
    }

    /// Accounts whose record was begun before a time and is not there yet. Refuses with F913.
    pub async fn accounts_in_making(&self, before: i64) -> Result<Vec<Account>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM accounts WHERE status = 'making' AND created_at < ?");
        let statement = self.sql(&sql, vec![Parameter::Integer(before)]);
        Ok(self.texts(&statement, 12).await?.into_iter().map(account).collect())
    }

    /// Writes all of an account but its id, its address and when it was made, if its state in the store is still
    /// `from`. `None` where it is not, or the account is gone. Refuses with F913.
    pub async fn change_account(&self, account: &Account, from: Status) -> Result<Option<Added>, Fault> {
        let parameters = vec![
            text(&account.password_hash.0),
            text(&list(&account.roles)),
            text(&object(&account.claims)),
            text(account.status.name()),
            text(&account.language),
            Parameter::Integer(account.verified_at),
            Parameter::Integer(account.password_at),
            account.record.as_deref().map_or(Parameter::Null, text),
            text(&account.id),
            text(from.name()),
        ];
        let sql = "UPDATE accounts SET password_hash = ?, roles = ?, claims = ?, status = ?, language = ?, \
            verified_at = ?, password_at = ?, record = ? WHERE id = ? AND status = ?";
        match self.run(self.sql(sql, parameters), Expect::Nothing).await {
            // `MariaDB` counts a row that is as it was for none: whether it is there is asked.
            Ok(_) => Ok(self
                .account_where("id = ? AND status = ?", vec![text(&account.id), text(account.status.name())])
                .await?
                .map(|_| Added::Yes)),
            Err(Failed::Refused(_)) => Ok(Some(Added::Taken)),
            Err(why) => Err(fault(&why)),
        }
    }

    /// Takes an account out whose record could not be made. Refuses with F913.
    pub async fn remove_account_in_making(&self, id: &str) -> Result<(), Fault> {
        let sql = "DELETE FROM accounts WHERE id = ? AND status = 'making'";
        self.did(self.sql(sql, vec![text(id)])).await
    }

    /// The key of this name, sealed; `made` where there was none yet. Of several programs that begin at once all get the
    /// same. Refuses with F913.
    pub async fn account_key(&self, name: &str, made: &str) -> Result<String, Fault> {
        let add = "INSERT INTO account_keys (name, sealed) VALUES (?, ?)";
        let find = self.sql("SELECT name, sealed FROM account_keys WHERE name = ?", vec![text(name)]);
        for _ in 0..2 {
            if let Some(sealed) = self.texts(&find, 2).await?.into_iter().next().and_then(|mut row| row.pop())
            {
                return Ok(sealed);
            }
            self.added(self.sql(add, vec![text(name), text(made)])).await?;
        }
        Err(fault(&"a key was added and is not there"))
    }

    /// Puts another key in the place of one that nobody can open any more; while there is an account it stays. Refuses
    /// with F913.
    pub async fn replace_account_key(&self, name: &str, before: &str, made: &str) -> Result<bool, Fault> {
        let sql = "UPDATE account_keys SET sealed = ? WHERE name = ? AND sealed = ? \
            AND NOT EXISTS (SELECT 1 FROM accounts)";
        self.changed_one(self.sql(sql, vec![text(made), text(name), text(before)])).await
    }

    /// A statement with a `?` for each parameter and a `#` before each number that is read.
    fn sql(&self, sql: &str, parameters: Vec<Parameter>) -> Statement {
        let flavor = self.pool.flavor();
        let kind = if flavor == Flavor::Mariadb { "CHAR" } else { "TEXT" };
        let (mut out, mut number, mut letters) =
            (String::with_capacity(sql.len() + 64), 0, sql.chars().peekable());
        while let Some(letter) = letters.next() {
            match letter {
                '?' => {
                    number += 1;
                    out.push_str(&flavor.placeholder(number));
                }
                '#' => {
                    let mut name = String::new();
                    while let Some(next) = letters.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                        name.push(next);
                    }
                    out = out + "CAST(" + &name + " AS " + kind + ")";
                }
                other => out.push(other),
            }
        }
        Statement { sql: out, parameters }
    }

    /// All rows of a statement as texts; nothing is an empty text.
    async fn texts(&self, statement: &Statement, columns: usize) -> Result<Vec<Vec<String>>, Fault> {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let fill = |at: usize, _: usize, value: Option<&str>| {
            if rows.len() <= at {
                rows.push(Vec::with_capacity(columns));
            }
            if let Some(row) = rows.get_mut(at) {
                row.push(value.unwrap_or_default().to_owned());
            }
        };
        self.pool.fetch(statement, columns, Instant::now() + LONG, fill).await.map_err(|e| fault(&e))?;
        Ok(rows)
    }

    /// Runs one statement, again where another transaction came first. Whether it changed the row that it had to.
    async fn run(&self, statement: Statement, expect: Expect) -> Result<bool, Failed> {
        let mut tries = 0;
        loop {
            match self.pool.transact(vec![(statement.clone(), expect)], Instant::now() + LONG).await {
                Err(Failed::LostRace) if tries < 5 => tries += 1,
                done => return done.map(|outcome| outcome != Outcome::NoRow),
            }
        }
    }

    async fn did(&self, statement: Statement) -> Result<(), Fault> {
        self.run(statement, Expect::Nothing).await.map(drop).map_err(|e| fault(&e))
    }

    async fn changed_one(&self, statement: Statement) -> Result<bool, Fault> {
        self.run(statement, Expect::OneRow).await.map_err(|e| fault(&e))
    }

    async fn added(&self, statement: Statement) -> Result<Added, Fault> {
        match self.run(statement, Expect::Nothing).await {
            Ok(_) => Ok(Added::Yes),
            Err(Failed::Refused(_)) => Ok(Added::Taken),
            Err(why) => Err(fault(&why)),
        }
    }
}

fn text(value: &str) -> Parameter {
    Parameter::Text(value.to_owned())
}

fn number(value: Option<&String>) -> i64 {
    value.and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn list(roles: &[String]) -> String {
    serde_json::Value::from(roles.to_vec()).to_string()
}

fn object(claims: &[(String, String)]) -> String {
    let members = claims.iter().map(|(name, value)| (name.clone(), value.clone().into()));
    serde_json::Value::Object(members.collect()).to_string()
}

/// What a row says; what it does not say well gives no role and no claim.
fn account(row: Vec<String>) -> Account {
    let mut row = row.into_iter();
    let mut next = || row.next().unwrap_or_default();
    let whole = |text: String| text.parse().unwrap_or_default();
    Account {
        id: next(),
        email_index: next(),
        email_sealed: next(),
        password_hash: PasswordHash(next()),
        roles: serde_json::from_str(&next()).unwrap_or_default(),
        claims: serde_json::from_str::<indexmap::IndexMap<String, String>>(&next())
            .map(|all| all.into_iter().collect())
            .unwrap_or_default(),
        status: Status::of(&next()),
        language: next(),
        created_at: whole(next()),
        verified_at: whole(next()),
        password_at: whole(next()),
        record: Some(next()).filter(|record| !record.is_empty()),
    }
}

#[cfg(test)]
mod tests;
