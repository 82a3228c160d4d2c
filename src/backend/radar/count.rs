//! The counters of one place: all that came, what came first (the baseline), and what came lately.
//! Adding is a few atomic additions for each answer; sums that race are wrong by one answer, which no share shows.

use crate::translate::tally::{KINDS, Seen};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

/// How many values of a place make its baseline.
pub const BASELINE: u64 = 1000;

/// How many values of a place are lately: at least so many, at most twice as many.
const WINDOW: u64 = 1000;

#[derive(Debug, Default)]
pub struct Counter([Cell; KINDS]);

#[derive(Debug, Default)]
struct Cell {
    all: AtomicU64,
    base: AtomicU64,
    now: AtomicU64,
    last: AtomicU64,
    /// Seconds since 1970; 0 is never.
    first: AtomicI64,
    latest: AtomicI64,
}

/// One kind's numbers at one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbers {
    pub all: u64,
    pub base: u64,
    pub recent: u64,
    pub first: i64,
    pub latest: i64,
}

impl Counter {
    /// Adds the counts of one answer, at this time in seconds since 1970.
    pub fn add(&self, counts: &[u32; KINDS], at: i64) {
        let sum = |of: fn(&Cell) -> &AtomicU64| self.0.iter().map(|cell| of(cell).load(Relaxed)).sum::<u64>();
        if sum(|cell| &cell.now) >= WINDOW {
            for cell in &self.0 {
                cell.last.store(cell.now.swap(0, Relaxed), Relaxed);
            }
        }
        let early = sum(|cell| &cell.base) < BASELINE;
        for (cell, count) in self.0.iter().zip(counts).filter(|(_, count)| **count > 0) {
            let count = u64::from(*count);
            cell.all.fetch_add(count, Relaxed);
            cell.now.fetch_add(count, Relaxed);
            if early {
                cell.base.fetch_add(count, Relaxed);
            }
            if cell.first.load(Relaxed) == 0 {
                cell.first.store(at, Relaxed);
            }
            cell.latest.store(at, Relaxed);
        }
    }

    pub fn numbers(&self) -> [Numbers; KINDS] {
        std::array::from_fn(|kind| self.0.get(kind).map(Cell::numbers).unwrap_or_default())
    }

    /// Adds what the ledger keeps of a kind.
    pub fn restore(&self, kind: Seen, kept: Numbers) {
        let Some(cell) = self.0.get(kind as usize) else { return };
        cell.all.fetch_add(kept.all, Relaxed);
        cell.base.fetch_add(kept.base, Relaxed);
        cell.last.fetch_add(kept.recent, Relaxed);
        cell.first.store(kept.first, Relaxed);
        cell.latest.fetch_max(kept.latest, Relaxed);
    }
}

impl Cell {
    fn numbers(&self) -> Numbers {
        Numbers {
            all: self.all.load(Relaxed),
            base: self.base.load(Relaxed),
            recent: self.now.load(Relaxed) + self.last.load(Relaxed),
            first: self.first.load(Relaxed),
            latest: self.latest.load(Relaxed),
        }
    }
}
