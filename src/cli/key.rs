//! `portico key`.

use super::{
    noted::{Deed, noted},
    runtime, told,
};
use crate::{
    control::{self, Overrides},
    identity::apikey,
    ledger::{KeyRow, Ledger},
    telemetry::clock::{Clock, System},
    value::time::Moment,
};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Args)]
#[command(after_help = "\
A key stands for a client (`portico client`), with its roles, scopes and tier; its vendor sends it as `X-Api-Key`. It is shown
once, when it is made: the ledger has a hash of it. A running server takes up what is changed here within a second.")]
pub(super) struct Key {
    #[command(subcommand)]
    what: What,
    /// The configuration file, which names the ledger.
    #[arg(
        short,
        long,
        global = true,
        default_value = "config/demo.yaml",
        env = "PORTICO_CONFIG",
        value_name = "FILE"
    )]
    config: PathBuf,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a key for a client, and show it once.
    Add {
        /// The client's id.
        client: String,
        /// What people call the key.
        #[arg(long, default_value = "")]
        name: String,
        /// After so many days it is refused; never where it is not said.
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
    },
    /// List keys: whose they are, until when they count, when they were last used.
    List {
        /// Only those of this client.
        client: Option<String>,
        /// Those that were removed, too.
        #[arg(long)]
        all: bool,
    },
    /// Make a key in the place of another one, which goes on for a while, so that its vendor can change over.
    Rotate {
        /// The key's id: the twelve letters behind `ptk_`.
        id: String,
        /// How many days the old one goes on.
        #[arg(long, default_value = "7", value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=90))]
        overlap: u32,
    },
    /// Remove a key at once.
    Remove {
        /// The key's id.
        id: String,
    },
}

const DAY: i64 = 86_400;

impl Key {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin("error");
        runtime()?.block_on(async {
            let opened = control::open_ledger(&self.config, &Overrides::default()).await.map_err(told)?;
            let Some(ledger) = opened else {
                bail!("the configuration has no `ledger`, where keys are kept")
            };
            let now = System.now().seconds;
            if let What::List { client, all } = self.what {
                let rows = ledger.api_keys(client.as_deref()).await.map_err(failed)?;
                let rows: Vec<KeyRow> = rows.into_iter().filter(|row| all || row.removed_at == 0).collect();
                list(&rows, now);
                return Ok(ExitCode::SUCCESS);
            }
            let (action, key) = self.what.deed();
            let deed = Deed { action, resource: "keys", key: key.as_deref() };
            let work = self.what.done(&ledger, now);
            Box::pin(noted((&self.config, &Overrides::default()), deed, work)).await?;
            Ok(ExitCode::SUCCESS)
        })
    }
}

fn failed(fault: crate::fault::Fault) -> anyhow::Error {
    anyhow::anyhow!(fault.detail.unwrap_or(fault.message)).context("the ledger")
}

impl What {
    /// What it is called in the audit trail, and the key that it is done to.
    fn deed(&self) -> (&'static str, Option<String>) {
        match self {
            Self::Add { .. } => ("key.added", None),
            Self::List { .. } => ("key.listed", None),
            Self::Rotate { id, .. } => ("key.rotated", Some(bare(id).to_owned())),
            Self::Remove { id } => ("key.removed", Some(bare(id).to_owned())),
        }
    }

    /// Changes a key, whose id is given back.
    async fn done(self, ledger: &Ledger, now: i64) -> anyhow::Result<String> {
        match self {
            Self::Add { client, name, days } => {
                let fresh = apikey::make().context("there is no randomness to be had")?;
                let expires_at = days.map_or(0, |days| now.saturating_add(i64::from(days) * DAY));
                let row = KeyRow {
                    id: fresh.id.clone(),
                    client,
                    name,
                    created_at: now,
                    expires_at,
                    ..KeyRow::default()
                };
                if !ledger.add_key(&row, &fresh.hash).await.map_err(failed)? {
                    bail!("there is no active client `{}`; `portico client list` shows them", row.client);
                }
                shown(&fresh);
                Ok(fresh.id)
            }
            // It changes nothing.
            Self::List { .. } => Ok(String::new()),
            Self::Rotate { id, overlap } => {
                let id = bare(&id).to_owned();
                let rows = ledger.api_keys(None).await.map_err(failed)?;
                let Some(old) = rows.into_iter().find(|row| row.id == id) else {
                    bail!("there is no key `{id}`")
                };
                let fresh = apikey::make().context("there is no randomness to be had")?;
                let until = now.saturating_add(i64::from(overlap) * DAY);
                // It is good for as long as the old one was meant to be.
                let life = old.expires_at.saturating_sub(old.created_at);
                let expires_at = if old.expires_at == 0 { 0 } else { now.saturating_add(life) };
                let (client, name) = (old.client, old.name);
                let row = KeyRow {
                    id: fresh.id.clone(),
                    client,
                    name,
                    created_at: now,
                    expires_at,
                    ..KeyRow::default()
                };
                if !ledger.replace_key(&id, until.max(1), &row, &fresh.hash, now).await.map_err(failed)? {
                    bail!("the key `{id}` is no longer in use, or its client is not active");
                }
                shown(&fresh);
                println!("The old one, {id}, is refused from {}.", time(until));
                Ok(fresh.id)
            }
            Self::Remove { id } => {
                let id = bare(&id);
                if !ledger.remove_key(id, now).await.map_err(failed)? {
                    bail!("there is no key `{id}` in use");
                }
                println!("removed {id}");
                Ok(id.to_owned())
            }
        }
    }
}

/// The id of what was typed, be it the whole key.
fn bare(typed: &str) -> &str {
    apikey::id(typed).unwrap_or_else(|| typed.strip_prefix(apikey::PREFIX).unwrap_or(typed))
}

fn shown(fresh: &apikey::Fresh) {
    println!("{}", fresh.text);
    println!("This is the only time that the key is shown. Its id is {}.", fresh.id);
}

fn list(rows: &[KeyRow], now: i64) {
    let head = ["ID", "CLIENT", "NAME", "MADE", "STATE", "LAST USED"].map(str::to_owned);
    let mut table = vec![head];
    for row in rows {
        let state = if row.removed_at > 0 {
            format!("removed {}", time(row.removed_at))
        } else if row.expires_at == 0 {
            "in use".to_owned()
        } else if row.expires_at <= now {
            format!("ended {}", time(row.expires_at))
        } else {
            format!("until {}", time(row.expires_at))
        };
        let used = if row.used_at == 0 { "never".to_owned() } else { time(row.used_at) };
        let (id, client, name) = (row.id.clone(), row.client.clone(), row.name.clone());
        table.push([id, client, name, time(row.created_at), state, used]);
    }
    let width =
        |column: usize| table.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..6).map(|column| width(column).unwrap_or(0)).collect();
    for row in &table {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// A time to the minute, in UTC.
fn time(seconds: i64) -> String {
    let whole = Moment { seconds: seconds - seconds.rem_euclid(60), nanos: 0 };
    whole.to_string().replacen(":00Z", "Z", 1)
}
