//! `portico account`: accounts of staff are made here, and all accounts can be looked after. It works on the ledger, so that a
//! running server takes up what is done within a second.

use super::{
    Files,
    noted::{Deed, noted},
    runtime, told,
};
use crate::{
    control,
    fault::Fault,
    oauth::accounts::{
        Desk, Known, Status,
        language::Language,
        staff::{Hand, Person},
    },
    telemetry::clock::System,
};
use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use std::{process::ExitCode, sync::Arc};

#[derive(Debug, Args)]
#[command(after_help = "\
  portico account add --email alice@clinic.example --role groomer --claim provider=123
                                    prints the link by which Alice chooses her password
  portico account disable alice@clinic.example
                                    ends her sessions and her tokens at once")]
pub(super) struct Account {
    #[command(flatten)]
    files: Files,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make an account; its person chooses the password by a link.
    Add {
        /// The e-mail address.
        #[arg(long)]
        email: String,
        /// A role; may be given several times.
        #[arg(long, required = true)]
        role: Vec<String>,
        /// What ties the account to a record, as `provider=123`; may be given several times.
        #[arg(long, value_name = "NAME=KEY")]
        claim: Vec<String>,
        /// Send the link by mail instead of printing it.
        #[arg(long)]
        mail: bool,
        /// The language of messages.
        #[arg(long, default_value = "en", value_parser = ["en", "es"])]
        language: String,
    },
    /// Show all accounts.
    List,
    /// Give an account these roles and claims in the place of those that it has. It is logged out everywhere.
    Role {
        /// Its id or e-mail address.
        account: String,
        #[arg(long, required = true)]
        role: Vec<String>,
        #[arg(long, value_name = "NAME=KEY")]
        claim: Vec<String>,
    },
    /// A new link to choose a password, printed or sent.
    Invite {
        /// Its id or e-mail address.
        account: String,
        #[arg(long)]
        mail: bool,
    },
    /// Let an account in no longer. Its sessions and tokens end at once.
    Disable {
        /// Its id or e-mail address.
        account: String,
    },
    /// Let an account in again.
    Enable {
        /// Its id or e-mail address.
        account: String,
    },
}

impl Account {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin("warn");
        runtime()?.block_on(async {
            let overrides = self.files.overrides();
            let opened =
                control::open(&self.files.config, &overrides, Arc::new(System)).await.map_err(told)?;
            let doors = opened.doors.context("the configuration has no `identity`, or no `ledger`")?;
            let desk = doors.desk().context("the configuration's `identity` has no `accounts`")?;
            if let What::List = self.what {
                return list(desk).await;
            }
            let (action, who) = self.what.deed();
            let account = match who {
                Some(who) => Some(found(desk, who).await?),
                None => None,
            };
            let key = account.as_ref().map(|account| account.id.clone());
            let deed = Deed { action, resource: "accounts", key: key.as_deref() };
            let work = done(desk, self.what, account);
            Box::pin(noted((&self.files.config, &overrides), deed, work)).await
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl What {
    /// What it is called in the audit trail, and who it is done to.
    fn deed(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Add { .. } => ("account.added", None),
            Self::List => ("account.listed", None),
            Self::Role { account, .. } => ("account.appointed", Some(account)),
            Self::Invite { account, .. } => ("account.invited", Some(account)),
            Self::Disable { account } => ("account.disabled", Some(account)),
            Self::Enable { account } => ("account.enabled", Some(account)),
        }
    }
}

async fn list(desk: &Desk) -> anyhow::Result<()> {
    for (account, address) in desk.list().await.map_err(refused)? {
        let claims: Vec<String> = account.claims.iter().map(|(name, key)| format!("{name}={key}")).collect();
        let proven = if account.verified_at > 0 { "" } else { " (not confirmed)" };
        println!(
            "{}  {}{proven}  {}  {}  {}",
            account.id,
            account.status.name(),
            account.roles.join(","),
            claims.join(","),
            address
        );
    }
    Ok(())
}

/// Does it to the account that was found; the account's id.
async fn done(desk: &Desk, what: What, account: Option<Known>) -> anyhow::Result<String> {
    let hand = |mail| if mail { Hand::Mailed } else { Hand::Printed };
    let account = match (what, account) {
        (What::Add { email, role, claim, mail, language }, _) => {
            let (roles, claims) = (names(role)?, claims(&claim)?);
            let person = Person { address: email, roles, claims, language: Language::of(&language) };
            let (account, link) = desk.add(&person, hand(mail)).await.map_err(refused)?;
            println!("{}", account.id);
            handed(link);
            account
        }
        (What::Role { role, claim, .. }, Some(account)) => {
            desk.appoint(&account, names(role)?, claims(&claim)?).await.map_err(refused)?
        }
        (What::Invite { mail, .. }, Some(account)) => {
            handed(desk.invite(&account, hand(mail)).await.map_err(refused)?);
            account
        }
        (What::Disable { .. }, Some(account)) => {
            desk.set_status(&account, Status::Disabled).await.map_err(refused)?
        }
        (What::Enable { .. }, Some(account)) => {
            desk.set_status(&account, Status::Active).await.map_err(refused)?
        }
        (_, None) | (What::List, _) => bail!("there is no such account"),
    };
    Ok(account.id)
}

fn handed(link: Option<String>) {
    match link {
        Some(link) => println!("{link}\ngood once, for a week: give it to nobody else"),
        None => println!("a link is on its way by mail"),
    }
}

async fn found(desk: &Desk, who: &str) -> anyhow::Result<Known> {
    desk.find(who).await.map_err(refused)?.with_context(|| format!("there is no account `{who}`"))
}

/// Roles as they are written in files.
fn names(roles: Vec<String>) -> anyhow::Result<Vec<String>> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match roles.iter().find(|role| role.is_empty() || !role.chars().all(plain)) {
        Some(role) => bail!("`{role}` is no name of a role: small letters, digits and `-`"),
        None => Ok(roles),
    }
}

fn claims(pairs: &[String]) -> anyhow::Result<Vec<(String, String)>> {
    let pair = |text: &String| match text.split_once('=') {
        Some((name, key)) if !name.is_empty() && !key.is_empty() => Ok((name.to_owned(), key.to_owned())),
        _ => Err(anyhow!("a claim is written `provider=123`; `{text}` is not")),
    };
    pairs.iter().map(pair).collect()
}

fn refused(fault: Fault) -> anyhow::Error {
    match fault.detail {
        Some(detail) => anyhow!("{} ({detail})", fault.message),
        None => anyhow!(fault.message),
    }
}
