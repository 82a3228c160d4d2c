//! `portico writes`: requests with a key of which nobody knows what came, and the settling of one.

use super::{Files, runtime, style, told};
use crate::{
    control,
    telemetry::clock::{Clock, System},
};
use anstyle::{AnsiColor, Reset};
use anyhow::bail;
use clap::{Args, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "\
Look for the record in the system behind, tell the client, and settle the request: its key may then be used anew.
docs/guides/retries.md says how such requests come about, and how they are resolved by themselves.")]
pub(super) struct Writes {
    #[command(flatten)]
    files: Files,
    /// As JSON, for programs.
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    order: Option<Order>,
}

#[derive(Debug, Subcommand)]
enum Order {
    /// Forget one, so that its key may be used anew.
    Settle {
        /// The key, as it is listed.
        key: String,
        /// The caller's hash, as it is listed.
        #[arg(long, value_name = "HASH")]
        caller: String,
    },
}

impl Writes {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin("error");
        let overrides = self.files.overrides();
        runtime()?.block_on(async {
            let opened = control::writes::open(&self.files.config, &overrides).await.map_err(told)?;
            let Some(ledger) = opened else {
                bail!("the configuration has no `ledger`, so that nothing is kept; ask `/writes` of the running server");
            };
            let now = System.now();
            if let Some(Order::Settle { key, caller }) = &self.order {
                if !control::writes::settle(&ledger, caller, key, now).await.map_err(told)? {
                    bail!("there is no request of this caller and key whose outcome is not known");
                }
                println!("settled: the key may be used anew");
                return Ok(ExitCode::SUCCESS);
            }
            let all = control::writes::unknown(&ledger, now).await.map_err(told)?;
            if self.json {
                let all: Vec<_> = all.iter().map(control::writes::json).collect();
                println!("{}", serde_json::to_string_pretty(&all)?);
                return Ok(ExitCode::SUCCESS);
            }
            for one in &all {
                let how = if one.crashed { "crashed" } else { "given up" };
                anstream::println!(
                    "{}{}{}  {}  {how}\n  key    {}\n  caller {}\n  record {}",
                    style(AnsiColor::Yellow),
                    control::writes::moment(one),
                    Reset,
                    one.what,
                    one.key,
                    one.caller,
                    one.record,
                );
            }
            println!("{} of which nobody knows what came", all.len());
            Ok(ExitCode::SUCCESS)
        })
    }
}
