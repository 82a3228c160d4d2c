//! Drift between the running program, its ledger and its operators: counts are kept every ten seconds and at the end,
//! read back for `portico drift`, and told as a table in JSON. What drifts is decided in `backend::radar`.

use super::{Overrides, Refusal, ledger, plan};
use crate::{
    backend::radar::{Line, Radars, Report, Row},
    ledger::Ledger,
    pipeline::Facade,
    value::time::Moment,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

const EVERY: Duration = Duration::from_secs(10);

/// Counts are kept as long as this lives.
pub(super) struct Keeping {
    keeper: Option<Arc<Keeper>>,
    task: Option<tokio::task::JoinHandle<()>>,
}

struct Keeper {
    facade: Arc<Facade>,
    ledger: Ledger,
    /// What the ledger has had: counts are added there, so that programs may share one.
    told: tokio::sync::Mutex<HashMap<Key, Told>>,
    failing: Mutex<bool>,
}

/// Binding, revision, place, kind, name.
type Key = (String, String, String, String, String);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told {
    seen: u64,
    base: u64,
    recent: u64,
}

fn key(row: &Row) -> Key {
    let Row { binding, revision, place, kind, name, .. } = row;
    (binding.clone(), revision.clone(), place.clone(), kind.clone(), name.clone())
}

fn told(row: &Row) -> Told {
    Told { seen: row.seen, base: row.base, recent: row.recent }
}

/// Begins to keep what is counted. What stands in the radars now stands in the ledger already.
pub(super) fn begin(facade: Arc<Facade>, ledger: Option<Ledger>) -> Keeping {
    let Some(ledger) = ledger else { return Keeping { keeper: None, task: None } };
    let rows = facade.current().sources.radars.rows();
    let before = rows.iter().map(|row| (key(row), told(row))).collect();
    let told = tokio::sync::Mutex::new(before);
    let keeper = Arc::new(Keeper { facade, ledger, told, failing: Mutex::new(false) });
    let own = Arc::clone(&keeper);
    #[expect(clippy::disallowed_methods, reason = "it ends with `Keeping`")]
    let task = tokio::spawn(async move {
        let now = own.facade.clock().now().seconds;
        if let Err(fault) = own.ledger.sweep_drift(now).await {
            tracing::warn!(detail = fault.detail.as_deref(), "old drift is not swept");
        }
        let mut ticks = tokio::time::interval(EVERY);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            own.keep().await;
        }
    });
    Keeping { keeper: Some(keeper), task: Some(task) }
}

// === impl Keeping ===

impl Keeping {
    /// Keeps what came last, and ends.
    pub(super) async fn finish(mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            // A write that was under way is done or undone before the last one.
            let _ = task.await;
        }
        if let Some(keeper) = &self.keeper {
            keeper.keep().await;
        }
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

// === impl Keeper ===

impl Keeper {
    /// Adds to the ledger what came since the last time.
    async fn keep(&self) {
        let mut before = self.told.lock().await;
        let rows = self.facade.current().sources.radars.rows();
        let news: Vec<Row> = rows.iter().filter_map(|row| news(row, before.get(&key(row)))).collect();
        if news.is_empty() {
            return;
        }
        let done = self.ledger.add_drift(&news).await;
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        match done {
            Ok(()) => {
                before.extend(rows.iter().map(|row| (key(row), told(row))));
                *failing = false;
            }
            // Nothing is lost: it is tried again with what comes until then.
            Err(fault) if !*failing => {
                *failing = true;
                tracing::warn!(detail = fault.detail.as_deref(), "drift is not kept");
            }
            Err(_) => {}
        }
    }
}

/// What is new of a row; nothing where nothing is.
fn news(row: &Row, before: Option<&Told>) -> Option<Row> {
    let before = before.copied().unwrap_or(Told { seen: 0, base: 0, recent: 0 });
    if before == told(row) {
        return None;
    }
    // Under new rules a binding counts from nothing; so it does when it gets its old rules back.
    let since = |now: u64, before: u64| if now < before { now } else { now - before };
    Some(Row { seen: since(row.seen, before.seen), base: since(row.base, before.base), ..row.clone() })
}

/// What the ledger of a configuration says, whether a program serves it now or not; nothing where it keeps none.
pub async fn read(config: &Path, overrides: &Overrides, now: Moment) -> Result<Option<Report>, Refusal> {
    let (plan, _, diagnostics) = plan(config, overrides);
    let Some(plan) = plan else { return Err(Refusal::Files(diagnostics)) };
    let Some(ledger) = ledger(&plan).await? else { return Ok(None) };
    let rows = ledger.drift().await.map_err(|fault| Refusal::Source(Box::new(fault)))?;
    let radars = Radars::of(&plan, None);
    radars.restore(&rows);
    Ok(Some(radars.report(now)))
}

/// A report as JSON: what drifts, and with `all` what does not.
pub fn json(report: &Report, all: bool) -> String {
    let lines = report.lines.iter().filter(|line| all || line.drift.is_some());
    let lines: Vec<Value> = lines.map(line).collect();
    let whole = json!({ "places": report.places, "records": report.records, "drift": lines });
    format!("{whole:#}\n")
}

fn line(line: &Line) -> Value {
    json!({
        "binding": line.binding,
        "file": line.file,
        "resource": line.resource,
        "place": line.place,
        "what": line.drift.map(crate::backend::radar::Drift::name),
        "verdict": line.verdict,
        "expected": line.expected,
        "share": (line.share * 10_000.0).round() / 10_000.0,
        "seen": line.seen,
        "since": line.since.map(|since| since.to_string()),
        "latest": line.latest.to_string(),
        "sentence": line.sentence(),
    })
}
