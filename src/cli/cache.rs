//! `portico cache`: what a running server keeps, and dropping some of it.

use super::{Files, runtime, style};
use crate::control::cache::{Unasked, ask};
use anstyle::{AnsiColor, Reset};
use clap::{Args, Subcommand};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "\
It asks the running server at the address of `admin` in the configuration. docs/guides/caching.md says what is kept.")]
pub(super) struct Cache {
    #[command(flatten)]
    files: Files,
    /// As JSON, for programs.
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Drop what is kept: of a resource, of one record, of all that a resource is joined into, or all.
    #[command(group = clap::ArgGroup::new("what").required(true).args(["resource", "tag", "all"]))]
    Purge {
        /// What is kept of this resource, for example `species` or `pethub/v1/species`.
        #[arg(long, value_name = "NAME")]
        resource: Option<String>,
        /// Of that resource, only what is kept of this record by itself.
        #[arg(long, value_name = "KEY", requires = "resource")]
        key: Option<String>,
        /// All that this resource is joined into, as a write to it would.
        #[arg(long, value_name = "NAME")]
        tag: Option<String>,
        #[arg(long)]
        all: bool,
    },
}

impl Cache {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin("error");
        let (method, target) = match &self.command {
            None => ("GET", "/cache".to_owned()),
            Some(Command::Purge { resource, key, tag, all }) => {
                let mut pairs = Vec::new();
                for (name, value) in [("resource", resource), ("key", key), ("tag", tag)] {
                    if let Some(value) = value {
                        pairs.push(format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
                    }
                }
                if *all {
                    pairs.push("all=true".to_owned());
                }
                ("POST", format!("/cache/purge?{}", pairs.join("&")))
            }
        };
        let asked = runtime()?.block_on(ask(&self.files.config, &self.files.overrides(), method, &target));
        let body = asked.map_err(|why| match why {
            Unasked::Files(refusal) => super::told(refusal),
            other => other.into(),
        })?;
        if self.json {
            print!("{body}");
            return Ok(ExitCode::SUCCESS);
        }
        let answer: serde_json::Value = serde_json::from_str(&body)?;
        if let Some(dropped) = answer.get("dropped") {
            println!("{dropped} dropped");
        } else {
            print(&answer);
        }
        Ok(ExitCode::SUCCESS)
    }
}

const COLUMNS: [&str; 10] =
    ["entries", "fresh", "stale", "bytes", "hit", "shared_hit", "miss", "joined", "bypass", "evicted"];

fn print(answer: &serde_json::Value) {
    let number =
        |of: &serde_json::Value, name: &str| of.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
    let resources = answer.get("resources").and_then(serde_json::Value::as_array);
    let resources = resources.map(Vec::as_slice).unwrap_or_default();
    let name = |one: &serde_json::Value| {
        one.get("resource").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    };
    let widest =
        resources.iter().map(|one| name(one).chars().count()).max().unwrap_or(0).max("resource".len());
    let heads: Vec<String> =
        COLUMNS.iter().map(|column| format!("{:>10}", column.replace('_', " "))).collect();
    anstream::println!("{}{:widest$}{}{}", style(AnsiColor::Cyan), "resource", heads.concat(), Reset);
    for one in resources {
        let cells: Vec<String> =
            COLUMNS.iter().map(|column| format!("{:>10}", number(one, column))).collect();
        println!("{:widest$}{}", name(one), cells.concat());
    }
    let shared = answer.get("shared").and_then(serde_json::Value::as_str).unwrap_or_default();
    println!(
        "\n{} of {} bytes are used; {} questions are under way; shared with replicas: {shared}",
        number(answer, "used"),
        number(answer, "bytes"),
        number(answer, "underWay"),
    );
}
