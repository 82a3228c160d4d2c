//! `portico token`: a token by hand, and what one says.

use super::{
    Files,
    noted::{Deed, noted},
    runtime, told,
};
use crate::{
    control,
    identity::{jws::Compact, token},
    oauth::{client::Client, seams::Account},
    telemetry::clock::{Clock, System},
};
use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use std::{io::Read as _, process::ExitCode, sync::Arc};

#[derive(Debug, Args)]
pub(super) struct Token {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    files: Files,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make an access token of a client: for itself, or for an account with roles and claims of your choosing. It lives as
    /// long as others do, and is not renewed.
    Mint {
        /// The client's id.
        client: String,
        /// What it may do; all that the client may where it is not said.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// The account that it acts for.
        #[arg(long, value_name = "ID")]
        subject: Option<String>,
        /// The account's role.
        #[arg(long = "role", value_name = "ROLE", requires = "subject")]
        roles: Vec<String>,
        /// What ties the account to records, as `customer=66`.
        #[arg(long = "claim", value_name = "NAME=VALUE", requires = "subject")]
        claims: Vec<String>,
    },
    /// Show what a token says, and whether it counts now. It is read from standard input, so that no shell keeps it.
    Inspect,
}

impl Token {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin("error");
        runtime()?.block_on(async {
            let overrides = self.files.overrides();
            let opened =
                control::open(&self.files.config, &overrides, Arc::new(System)).await.map_err(told)?;
            let needed = "the configuration has no `ledger` with an `identity`";
            let ledger = opened.ledger.context(needed)?;
            let server = opened.doors.as_ref().context(needed)?.server();
            let failed = |fault: crate::fault::Fault| anyhow::anyhow!(fault.detail.unwrap_or(fault.message));
            match self.what {
                What::Mint { client, scopes, subject, roles, claims } => {
                    let client = Client::find(&ledger, &client)
                        .await
                        .map_err(failed)?
                        .with_context(|| format!("there is no client `{client}`"))?;
                    let asked = (!scopes.is_empty()).then(|| scopes.join(" "));
                    let scopes = client.scopes(&server.rules(), asked.as_deref());
                    let scopes = scopes.map_err(|refusal| anyhow::anyhow!("{}", refusal.description))?;
                    let mut account =
                        subject.map(|id| Account { id, roles, active: true, ..Account::default() });
                    for claim in &claims {
                        let (name, value) =
                            claim.split_once('=').context("a claim is written `name=value`")?;
                        if let Some(account) = &mut account {
                            account.claims.insert(name.to_owned(), value.to_owned());
                        }
                    }
                    let issued = server.mint(&client, account.as_ref(), &scopes);
                    let issued = issued.map_err(|refusal| anyhow::anyhow!("{}", refusal.description))?;
                    let deed = Deed { action: "token.minted", resource: "clients", key: Some(client.id()) };
                    let work = async {
                        println!("{}", issued.access_token);
                        Ok(client.id().to_owned())
                    };
                    noted((&self.files.config, &overrides), deed, work).await?;
                    Ok(ExitCode::SUCCESS)
                }
                What::Inspect => {
                    let mut text = String::new();
                    std::io::stdin().take(32 * 1024).read_to_string(&mut text)?;
                    let text = text.trim();
                    ensure!(!text.is_empty(), "give the token on standard input");
                    let claims = Compact::parse(text)
                        .and_then(|compact| compact.unproved())
                        .context("it is no JWT")?;
                    println!("{}", serde_json::to_string_pretty(&claims)?);
                    let (rules, now) = (server.rules(), System.now().seconds);
                    let audiences = rules.audiences();
                    let audiences: Vec<&str> = audiences.iter().map(String::as_str).collect();
                    let judged = token::read(server.ring(), text, now)
                        .and_then(|(token, _)| token.judge(&rules.issuer, &audiences, now));
                    match judged {
                        Ok(()) => println!("It counts now, unless it was revoked."),
                        Err(why) => println!("It does not count: {why}."),
                    }
                    Ok(if judged.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
                }
            }
        })
    }
}
