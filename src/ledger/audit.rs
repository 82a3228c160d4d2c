//! The audit trail: lines that are added, chained by hash, and swept when they are old. Events that come while others are
//! being written are written together as a page, so that a line costs a share of a commit. What is audited is not decided here.

mod append;
mod line;
mod own;
mod page;
mod search;
mod sweep;
mod verify;

pub use line::{Head, Line};
pub use search::Search;
pub use verify::{Break, Known, Verdict};

use super::{Ledger, fault};
use crate::{
    backend::sql::pool::Failed,
    fault::Fault,
    identity::{
        audit::{Event, Note},
        sealer::Sealer,
    },
    telemetry::clock::Clock,
};
use append::Appender;
use async_trait::async_trait;
use line::Draft;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};

/// How long whoever notes something waits for it, as a request waits for the last system behind it.
const LONG: Duration = Duration::from_secs(5);
/// Requests whose events wait to be written; further ones wait for room.
const QUEUE: usize = 1024;
/// How often all others who can go on go on before what waits is written.
const TURNS: usize = 3;
/// Lines of one transaction, and their bytes: below the packet that `MariaDB` takes by default (16 MB).
const AT_ONCE: usize = 512;
const BYTES_AT_ONCE: usize = 4 << 20;

/// The audit trail of a ledger, open for appending. Clones append to the same one.
#[derive(Debug, Clone)]
pub struct Trail {
    ledger: Ledger,
    sealer: Arc<dyn Sealer>,
    clock: Arc<dyn Clock>,
    jobs: mpsc::Sender<Job>,
}

/// The lines of one call, and who waits for them.
#[derive(Debug)]
struct Job {
    drafts: Vec<Draft>,
    until: Instant,
    done: oneshot::Sender<Result<(), Failed>>,
}

impl Trail {
    /// Begins to take events. It ends when the last clone is dropped.
    pub fn begin(ledger: Ledger, sealer: Arc<dyn Sealer>, clock: Arc<dyn Clock>) -> Self {
        let (jobs, taken) = mpsc::channel(QUEUE);
        let appender = Appender::new(ledger.pool.clone());
        #[expect(clippy::disallowed_methods, reason = "it ends with the last `Trail`")]
        tokio::spawn(write(appender, taken));
        Self { ledger, sealer, clock, jobs }
    }

    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The values that a line has sealed, as JSON; nothing where it has none, or where its key is gone.
    pub fn opened(&self, line: &Line) -> Option<String> {
        let sealed = line.sealed()?;
        let plain = self.sealer.open(line::CONTEXT, &sealed)?;
        String::from_utf8(plain).ok()
    }
}

#[async_trait]
impl Note for Trail {
    async fn note(&self, events: Vec<Event>) -> Result<(), Fault> {
        if events.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let drafts: Option<Vec<Draft>> =
            events.into_iter().map(|event| Draft::of(event, now, &*self.sealer)).collect();
        let drafts = drafts.ok_or_else(|| fault(&"values for the audit trail cannot be sealed"))?;
        let until = Instant::now() + LONG;
        let (done, outcome) = oneshot::channel();
        let work = async {
            let gone = |()| Failed::Other("the audit trail is not written any more".into());
            self.jobs.send(Job { drafts, until, done }).await.map_err(|_| gone(()))?;
            outcome.await.map_err(|_| gone(()))?
        };
        // The writer gives up by itself, a little later: what it was about is known here by then.
        let outcome = timeout_at(until + LONG, work).await.unwrap_or(Err(Failed::TimedOut));
        outcome.map_err(|e| fault(&format!("audit trail: {e}")))
    }
}

/// Takes what waits, and writes it in one transaction: one after the other, as the chain has to be.
async fn write(mut appender: Appender, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.recv().await {
        let mut batch = vec![first];
        // Whoever is about to come shares the commit. Where nobody is, this takes no time.
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        let size = |job: &Job| job.drafts.iter().map(|draft| draft.text.len()).sum::<usize>();
        let (mut lines, mut bytes) = batch.iter().fold((0, 0), |(n, b), j| (n + j.drafts.len(), b + size(j)));
        while lines < AT_ONCE && bytes < BYTES_AT_ONCE {
            let Ok(next) = jobs.try_recv() else { break };
            lines += next.drafts.len();
            bytes += size(&next);
            batch.push(next);
        }
        // Nobody waits any more for what is late: it was refused. Whoever has left meanwhile has done it all the same.
        let now = Instant::now();
        batch.retain(|job| job.until > now);
        let Some(until) = batch.iter().map(|job| job.until).min() else { continue };
        let all: Vec<&Draft> = batch.iter().flat_map(|job| &job.drafts).collect();
        let outcome = appender.append(&all, until).await;
        let alone = matches!(outcome, Err(Failed::Refused(_))) && batch.len() > 1;
        for job in batch {
            let outcome = if alone {
                // One of them has something that the database does not take: the others are not to suffer.
                appender.append(&job.drafts.iter().collect::<Vec<_>>(), job.until).await
            } else {
                outcome.clone()
            };
            let _ = job.done.send(outcome);
        }
    }
}

#[cfg(test)]
mod tests;
