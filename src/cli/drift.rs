//! `portico drift`.

use super::{Files, runtime, style, told};
use crate::{
    backend::radar::{Drift as What, Line, Report},
    control,
    telemetry::clock::{Clock, System},
};
use anstyle::{AnsiColor, Reset};
use anyhow::bail;
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "\
It reads the ledger, so that it tells the same whether the server runs or not; a running one keeps its counts every ten
seconds. docs/guides/drift.md says what is told and what is not.")]
pub(super) struct Drift {
    #[command(flatten)]
    files: Files,
    /// Only the bindings of this resource.
    #[arg(long, value_name = "NAME")]
    resource: Option<String>,
    /// What is as expected, too.
    #[arg(long)]
    all: bool,
    /// As JSON, for programs.
    #[arg(long)]
    json: bool,
    /// End with status 1 where something drifts.
    #[arg(long)]
    check: bool,
}

impl Drift {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin("error");
        let overrides = self.files.overrides();
        let read = control::drift::read(&self.files.config, &overrides, System.now());
        let Some(mut report) = runtime()?.block_on(read).map_err(told)? else {
            bail!(
                "the configuration has no `ledger`, so that nothing is kept; ask `/drift` of the running server"
            );
        };
        if let Some(resource) = &self.resource {
            report.lines.retain(|line| line.resource == *resource);
            if report.lines.is_empty() {
                bail!("nothing was counted for a resource `{resource}`");
            }
            report.places = report.lines.iter().filter(|line| !is_name(line)).count();
        }
        let drifts = report.drifting().next().is_some();
        if self.json {
            print!("{}", control::drift::json(&report, self.all));
        } else {
            print(&report, self.all);
        }
        Ok(if drifts && self.check { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

/// Whether a line is about a field or a code, and not about a place's values.
fn is_name(line: &Line) -> bool {
    let kinds = [What::NewField, What::AbsorbedCode, What::UnknownCode, What::Misfit];
    line.drift.is_some_and(|drift| kinds.contains(&drift) || (drift == What::Required && line.share == 0.0))
}

fn print(report: &Report, all: bool) {
    let drifting: Vec<&Line> = report.drifting().collect();
    if !drifting.is_empty() {
        table(&drifting);
        println!();
        for line in &drifting {
            println!("{}", line.sentence());
        }
        println!();
    }
    if all {
        let fine: Vec<&Line> = report.lines.iter().filter(|line| line.drift.is_none()).collect();
        table(&fine);
        println!();
    }
    let (places, records) = (report.places, report.records);
    match drifting.len() {
        0 => println!("nothing drifts ({places} places, {records} records)"),
        count => println!("{count} of {places} places and their names drift ({records} records)"),
    }
}

/// Columns as wide as what stands in them, the last one last.
fn table(lines: &[&Line]) {
    let heads = ["resource", "place", "expected", "came"].map(str::to_owned);
    let cells: Vec<[String; 4]> = lines
        .iter()
        .map(|line| [line.resource.clone(), line.place.clone(), line.expected.clone(), line.verdict.clone()])
        .collect();
    let width = |at: usize| {
        let all = cells.iter().chain([&heads]);
        all.filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2)];
    let row = |cells: &[String; 4]| {
        let [resource, place, expected, came] = cells;
        let [a, b, c] = widths;
        format!("{resource:a$}  {place:b$}  {expected:c$}  {came}")
    };
    anstream::println!("{}{}{}", style(AnsiColor::Cyan), row(&heads), Reset);
    for cells in &cells {
        println!("{}", row(cells));
    }
}
