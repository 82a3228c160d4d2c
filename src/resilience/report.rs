//! What operators see of a source's bounds: its breakers, what is under way, and what was made again or refused.
//! `Sources::resilience` gives one for each source; whoever shows metrics reads it there.

use super::{Guard, breaker::Phase};
use std::sync::atomic::Ordering;
use tokio::time::Instant;

/// One source. Numbers that only grow count since the source was opened; a reload that leaves it as it is keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub source: String,
    /// In the order of the configuration.
    pub addresses: Vec<Place>,
    /// Calls under way now.
    pub under_way: usize,
    /// Calls that wait for a place now.
    pub waiting: usize,
    /// How many calls may be under way now.
    pub limit: usize,
    /// Calls that were wanted, each once however often it was made.
    pub calls: u64,
    pub retries: u64,
    pub hedges: u64,
    /// Hedges that answered first.
    pub hedges_won: u64,
    /// Retries and hedges that the budget did not pay for.
    pub unaffordable: u64,
    /// Calls that an open breaker refused.
    pub refused_open: u64,
    /// Calls that found no place.
    pub refused_full: u64,
}

/// One address of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Closed for good where there is no breaker.
    pub breaker: Phase,
    /// How often the breaker has opened.
    pub opened: u64,
    pub under_way: usize,
    /// What the health checks say.
    pub well: bool,
}

impl Guard {
    pub fn report(&self) -> Report {
        let now = Instant::now();
        let place = |one: &super::addresses::Address| Place {
            breaker: one.breaker.as_ref().map_or(Phase::Closed, |breaker| breaker.phase(now)),
            opened: one.breaker.as_ref().map_or(0, super::breaker::Breaker::opened),
            under_way: one.under_way.load(Ordering::Relaxed),
            well: !one.down.load(Ordering::Relaxed),
        };
        let counts = &self.counts;
        let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        Report {
            source: self.name.clone(),
            addresses: self.addresses.all().iter().map(place).collect(),
            under_way: self.bulkhead.under_way(),
            waiting: self.bulkhead.waiting(),
            limit: self.bulkhead.limit(),
            calls: read(&counts.calls),
            retries: read(&counts.retries),
            hedges: read(&counts.hedges),
            hedges_won: read(&counts.hedges_won),
            unaffordable: read(&counts.unaffordable),
            refused_open: read(&counts.refused_open),
            refused_full: read(&counts.refused_full),
        }
    }
}
