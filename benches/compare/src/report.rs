//! What came out, as tables of ratios: of every round, the façade against each of the others in that same round; the median
//! of the rounds and how far they lie apart.

use crate::{
    Folders,
    contestant::Contestant,
    measure::{Effort, Sample},
    plot,
    workload::{self, Workload},
};
use serde_json::Value;
use std::{fmt::Write as _, fs};

const BEGIN: &str = "<!-- compare: what follows is written by `make bench` -->";
const END: &str = "<!-- compare: end -->";

/// Shows what came out; what was not measured this time is taken from before. Unless it was a quick look the samples are kept and
/// the page is written anew.
pub fn write(folders: &Folders, samples: Vec<Sample>, effort: Effort) -> Result<(), String> {
    let mut all = kept(folders);
    all.retain(|old| {
        !samples.iter().any(|new| new.workload == old.workload && new.connections == old.connections)
    });
    all.extend(samples);
    println!("\nrequests a second, ours for one of theirs:\n{}", ratios(&all, 32, |s| s.rate));
    println!("processor time of a request, ours for one of theirs:\n{}", ratios(&all, 32, |s| s.cost));
    println!("{}", goals(&all));
    if !effort.workloads.is_empty() {
        return Ok(());
    }
    let values: Vec<Value> = all.iter().map(Sample::to_json).collect();
    let file = folders.made.join("results.json");
    let text = serde_json::to_string(&values).map_err(|e| e.to_string())?;
    fs::write(&file, text).map_err(|e| format!("{}: {e}", file.display()))?;
    page(folders, &all)
}

/// Writes the page from what was kept.
pub fn again(folders: &Folders) -> Result<(), String> {
    page(folders, &kept(folders))
}

fn kept(folders: &Folders) -> Vec<Sample> {
    let text = fs::read_to_string(folders.made.join("results.json")).unwrap_or_default();
    let values: Vec<Value> = serde_json::from_str(&text).unwrap_or_default();
    values.iter().filter_map(Sample::of_json).collect()
}

fn page(folders: &Folders, all: &[Sample]) -> Result<(), String> {
    let mut text = String::new();
    let _ = writeln!(text, "\n#### Throughput\n");
    let _ = writeln!(
        text,
        "How many requests a second the façade answers for one that the other answers. Median of the rounds, lowest and highest.\n"
    );
    let is_there = |connections: &u32| all.iter().any(|sample| sample.connections == *connections);
    for connections in [32, 1, 256].into_iter().filter(is_there) {
        let _ = writeln!(text, "{connections} connections:\n\n{}", ratios(all, connections, |s| s.rate));
    }
    let _ = writeln!(text, "![throughput at 32 connections](performance/throughput.svg)\n");
    let _ = writeln!(
        text,
        "#### Processor time of a request\n\nThe façade's for one of the other's, at 32 connections:\n"
    );
    let _ = writeln!(text, "{}", ratios(all, 32, |s| s.cost));
    let _ = writeln!(text, "#### What was aimed at\n\n{}", goals(all));
    let _ = writeln!(
        text,
        "#### Medians\n\nMedians of the rounds. `busy` is the share of its core that a contestant used: below 0.95 the load or the system behind was what held it up. `stolen` is the share of the cores' time that the machine's hypervisor gave to others.\n\n{}",
        figures(all)
    );
    let _ = writeln!(text, "#### Growth, start and reload\n\n{}", crate::growth::told(folders)?);
    let docs = folders.root.join("docs");
    let file = docs.join("performance.md");
    let old = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let (before, rest) = old.split_once(BEGIN).ok_or("docs/performance.md has no place for the tables")?;
    let (_, after) = rest.split_once(END).ok_or("docs/performance.md has no end of the tables")?;
    fs::write(&file, format!("{before}{BEGIN}\n{}\n{END}{after}", text.trim_end()))
        .map_err(|e| format!("{}: {e}", file.display()))?;
    plot::throughput(&docs.join("performance/throughput.svg"), all)
}

/// The others that a table has columns for.
fn others(all: &[Sample]) -> Vec<Contestant> {
    let mut found = Vec::new();
    for sample in all {
        if sample.who != Contestant::Portico && !found.contains(&sample.who) {
            found.push(sample.who);
        }
    }
    found
}

pub fn of<'a>(all: &'a [Sample], workload: &str, connections: u32, who: Contestant) -> Vec<&'a Sample> {
    all.iter().filter(|s| s.workload == workload && s.connections == connections && s.who == who).collect()
}

/// Median, lowest and highest of the rounds' ratios.
pub fn ratio(
    all: &[Sample],
    (workload, connections): (&str, u32),
    other: Contestant,
    value: impl Fn(&Sample) -> f64,
) -> Option<(f64, f64, f64)> {
    let ours = of(all, workload, connections, Contestant::Portico);
    let theirs = of(all, workload, connections, other);
    let mut ratios: Vec<f64> = ours
        .iter()
        .filter_map(|our| {
            let their = theirs.iter().find(|their| their.round == our.round)?;
            Some(value(our) / value(their))
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    Some((middle(&ratios)?, *ratios.first()?, *ratios.last()?))
}

pub fn middle(sorted: &[f64]) -> Option<f64> {
    sorted.get(sorted.len() / 2).copied()
}

pub fn median(samples: &[&Sample], value: impl Fn(&Sample) -> f64) -> f64 {
    let mut values: Vec<f64> = samples.iter().map(|s| value(s)).collect();
    values.sort_by(f64::total_cmp);
    middle(&values).unwrap_or(f64::NAN)
}

fn measured<'a>(all: &'a [Sample]) -> impl Iterator<Item = &'static Workload> + 'a {
    workload::ALL.iter().filter(|one| all.iter().any(|s| s.workload == one.key))
}

fn ratios(all: &[Sample], connections: u32, value: impl Fn(&Sample) -> f64 + Copy) -> String {
    let others = others(all);
    let mut text = String::from("| workload |");
    for who in &others {
        let _ = write!(text, " {} |", who.name());
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(others.len()));
    text.push('\n');
    for one in measured(all) {
        if of(all, one.key, connections, Contestant::Portico).is_empty() {
            continue;
        }
        let _ = write!(text, "| ({}) {} |", one.key, one.what);
        for who in &others {
            match ratio(all, (one.key, connections), *who, value) {
                Some((median, low, high)) => {
                    let _ = write!(text, " **{median:.2}** ({low:.2} to {high:.2}) |");
                }
                None => text.push_str(" – |"),
            }
        }
        text.push('\n');
    }
    text
}

fn goals(all: &[Sample]) -> String {
    let mut text = String::from(
        "| workload | against | at least | measured | by processor time | |\n|---|---|---|---|---|---|\n",
    );
    for one in measured(all) {
        for (who, least) in one.goals {
            let Some((median, ..)) = ratio(all, (one.key, 32), *who, |s| s.rate) else { continue };
            // How many requests its core could do for one of the other's, whatever held the load up.
            let own =
                ratio(all, (one.key, 32), *who, |s| 1.0 / s.cost).map_or(f64::NAN, |(median, ..)| median);
            let reached = if median >= *least { "reached" } else { "**not reached**" };
            let _ = writeln!(
                text,
                "| ({}) {} | {} | {least:.2} | {median:.2} | {own:.2} | {reached} |",
                one.key,
                one.what,
                who.name()
            );
        }
    }
    text
}

fn figures(all: &[Sample]) -> String {
    let mut text = String::from(
        "| workload | connections | who | requests/s | p50 ms | p99 ms | processor µs | busy | memory MB | stolen |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for one in measured(all) {
        for connections in [1, 32, 256] {
            for who in one.who() {
                let some = of(all, one.key, connections, who);
                if some.is_empty() {
                    continue;
                }
                let middle = |value: fn(&Sample) -> f64| median(&some, value);
                let _ = writeln!(
                    text,
                    "| ({}) | {connections} | {} | {:.0} | {:.2} | {:.2} | {:.1} | {:.2} | {:.0} | {:.2} |",
                    one.key,
                    who.name(),
                    middle(|s| s.rate),
                    middle(|s| s.p50 / 1000.0),
                    middle(|s| s.p99 / 1000.0),
                    middle(|s| s.cost),
                    middle(|s| s.busy),
                    middle(|s| s.memory as f64 / 1e6),
                    middle(|s| s.stolen),
                );
            }
        }
    }
    text
}
