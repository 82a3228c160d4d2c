//! `portico audit`: looking into the audit trail, and proving it.

use super::{Files, noted::looker, runtime, style, told};
use crate::{
    control::{self, audit::moment},
    fault::Fault,
    ledger::audit::{Known, Line, Search, Trail},
    value::time::Moment,
};
use anstyle::{AnsiColor, Reset};
use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::Value;
use std::{io::IsTerminal, process::ExitCode};

#[derive(Debug, Args)]
#[command(after_help = "\
It reads the ledger, whether the server runs or not. Whoever looks stands in the trail, too; `verify` leaves no line.
docs/guides/audit.md says what is kept, and what a walk of the chain proves.")]
pub(super) struct Audit {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Look for lines, the newest first.
    Search(Find),
    /// Walk the chain: name the first line that was changed, removed or put in, and end with status 1 there.
    Verify(Verify),
    /// Show one line, with the values that it has sealed where they are to be revealed.
    Show(Show),
}

#[derive(Debug, Args)]
struct Find {
    #[command(flatten)]
    files: Files,
    /// Who did it: an account, a client, or a foreign issuer's `sub`.
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// The client that did it.
    #[arg(long, value_name = "ID")]
    client: Option<String>,
    /// To records of this resource.
    #[arg(long, value_name = "NAME")]
    resource: Option<String>,
    /// To the record of this key.
    #[arg(long, value_name = "KEY")]
    record: Option<String>,
    /// What was done: `read`, `patch`, `login.failed`; `login.*` is all that begin so.
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// What came of it: `done`, `begun`, or a code such as F112.
    #[arg(long, value_name = "OUTCOME")]
    outcome: Option<String>,
    /// From this day or moment on: 2026-11-21, or 2026-11-21T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<Moment>,
    /// Before this day or moment.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Moment>,
    /// Lines before this number: the next page.
    #[arg(long, value_name = "ID")]
    before: Option<i64>,
    /// How many lines.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// As JSON, for programs.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Verify {
    #[command(flatten)]
    files: Files,
    /// A line's number and hash that were written down elsewhere, as `NUMBER:HASH`. May be repeated.
    #[arg(long = "known", value_name = "NUMBER:HASH", value_parser = known)]
    known: Vec<Known>,
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    files: Files,
    /// The line's number.
    id: i64,
    /// Open what is sealed: values before and after.
    #[arg(long)]
    reveal: bool,
}

fn known(text: &str) -> Result<Known, String> {
    let wanted = || "write the number and the hash as `120:5f2c...`, as `verify` prints them".to_owned();
    let (number, hash) = text.split_once(':').ok_or_else(wanted)?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    match number.parse() {
        Ok(number) if is_hash => Ok(Known { number, hash: hash.to_owned() }),
        _ => Err(wanted()),
    }
}

// === impl Audit ===

impl Audit {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin("error");
        runtime()?.block_on(async {
            match self.what {
                What::Search(find) => find.run().await,
                What::Verify(verify) => verify.run().await,
                What::Show(show) => show.run().await,
            }
        })
    }
}

async fn open(files: &Files) -> anyhow::Result<Trail> {
    let trail = control::audit::open(&files.config, &files.overrides()).await.map_err(told)?;
    trail.context("no audit trail is kept: the configuration has no `audit`, and no `identity`")
}

fn failed(fault: Fault) -> anyhow::Error {
    anyhow!("{}", fault.detail.unwrap_or(fault.message))
}

// === impl Find ===

impl Find {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let trail = open(&self.files).await?;
        let search = Search {
            subject: self.subject,
            client: self.client,
            resource: self.resource,
            record: self.record,
            action: self.action,
            outcome: self.outcome,
            from: self.from,
            until: self.until,
            before: self.before,
            limit: self.limit,
        };
        let lines = control::audit::search(&trail, &search, &looker()).await.map_err(failed)?;
        if self.json {
            println!("{:#}", control::audit::json(&search, &lines));
            return Ok(ExitCode::SUCCESS);
        }
        if lines.is_empty() {
            println!("no line is like that");
            return Ok(ExitCode::SUCCESS);
        }
        table(&lines);
        if let (Some(last), true) = (lines.last(), lines.len() == search.page() as usize) {
            println!("\nthe next ones: --before {}", last.id);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Columns as wide as what stands in them, the last one last.
fn table(lines: &[Line]) {
    let heads = ["line", "at", "who", "action", "outcome", "what", "members"].map(str::to_owned);
    let cells: Vec<[String; 7]> = lines.iter().map(|line| row(&line.shown())).collect();
    let width = |at: usize| {
        let all = cells.iter().chain([&heads]);
        all.filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..6).map(width).collect();
    let print = |cells: &[String; 7]| {
        let padded = cells.iter().enumerate().map(|(at, cell)| match widths.get(at) {
            Some(width) => format!("{cell:width$}"),
            None => cell.clone(),
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    anstream::println!("{}{}{}", style(AnsiColor::Cyan), print(&heads), Reset);
    for cells in &cells {
        println!("{}", print(cells));
    }
}

fn row(line: &Value) -> [String; 7] {
    let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |value: Option<&Value>| {
        let items = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        items.collect::<Vec<_>>().join(",")
    };
    let who = match (text("subject"), text("client")) {
        (subject, _) if line.get("operator").is_some() && subject.is_empty() => "operator".to_owned(),
        (subject, client) if subject.is_empty() && client.is_empty() => "nobody".to_owned(),
        (subject, client) if client.is_empty() || subject == client => subject,
        (subject, client) if subject.is_empty() => client,
        (subject, client) => format!("{subject} by {client}"),
    };
    let mut what = text("resource");
    let keys = list(line.get("keys"));
    if !keys.is_empty() {
        // The whole list is in the JSON.
        let shown: String = keys.chars().take(40).collect();
        what = format!("{what} {shown}{}", if shown.len() < keys.len() { "..." } else { "" });
    }
    if let Some(via) = line.get("via") {
        what = format!("{what} via {}", via.get("name").and_then(Value::as_str).unwrap_or_default());
    }
    let members = list(line.get("members"));
    let facts = line.get("facts").and_then(Value::as_object).into_iter().flatten();
    let facts = facts.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()));
    let last = std::iter::once(members).filter(|members| !members.is_empty()).chain(facts);
    let id = line.get("id").and_then(Value::as_i64).unwrap_or_default().to_string();
    [id, text("at"), who, text("action"), text("outcome"), what, last.collect::<Vec<_>>().join(" ")]
}

// === impl Verify ===

impl Verify {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let trail = open(&self.files).await?;
        let terminal = std::io::stderr().is_terminal();
        let progress = |walked: i64, all: i64| {
            if terminal && walked < all {
                eprint!("\r{walked} of {all} lines");
            }
        };
        let verdict = trail.ledger().verify_trail(&self.known, progress).await.map_err(failed)?;
        if terminal {
            eprint!("\r");
        }
        if let Some(broken) = &verdict.broken {
            anstream::println!("{}broken{} {broken}", style(AnsiColor::Red), Reset);
            println!("the {} lines from {} on before it hold", verdict.lines, verdict.first);
            return Ok(ExitCode::FAILURE);
        }
        let swept = verdict.first - 1;
        println!(
            "{} lines hold{}",
            verdict.lines,
            if swept > 0 { format!("; {swept} were swept") } else { String::new() }
        );
        println!("the end: {}:{}", verdict.head.number, verdict.head.hash);
        Ok(ExitCode::SUCCESS)
    }
}

// === impl Show ===

impl Show {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let trail = open(&self.files).await?;
        let found = control::audit::show(&trail, self.id, self.reveal, &looker()).await.map_err(failed)?;
        let Some((line, opened)) = found else { bail!("there is no line {}", self.id) };
        let mut shown = line.shown();
        let sealed = shown.get("sealed").is_some();
        if let (Some(opened), Some(members)) = (&opened, shown.as_object_mut()) {
            let detail = serde_json::from_str(opened).unwrap_or(Value::Null);
            members.insert("sealed".into(), detail);
        }
        println!("{shown:#}");
        if sealed && self.reveal && opened.is_none() {
            bail!("the values of line {} do not open: the key that sealed them is not here", self.id);
        }
        Ok(ExitCode::SUCCESS)
    }
}
