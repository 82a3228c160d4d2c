//! Whether the machine was ours: how much of its time a hypervisor gave to others meanwhile, and how long a run waits for a
//! better moment because of it. A turn that lost a tenth of its time says something of the neighbours and little of who was
//! driven.

use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

/// A turn that lost more than this share of the cores' time is driven again, as long as there is patience.
const BEARABLE: f64 = 0.03;
/// How often at most; of all that were driven the one that lost least counts.
pub const TRIES: u32 = 12;
/// Neighbours come and go within seconds: no use in asking again at once.
const PAUSE: Duration = Duration::from_secs(1);

/// How many turns of a run may be driven again, over all.
pub struct Patience(AtomicU32);

/// What the processors' time had gone into at a moment, in ticks (`/proc/stat`, proc(5)).
#[derive(Clone, Copy)]
pub struct Moment {
    stolen: u64,
    all: u64,
}

impl Patience {
    pub fn of(turns: u32) -> Self {
        Self(AtomicU32::new(turns))
    }

    /// Whether a turn that lost so much is to be driven again: then a moment has passed.
    pub fn again(&self, stolen: f64) -> bool {
        let again = stolen > BEARABLE
            && self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        if again {
            thread::sleep(PAUSE);
        }
        again
    }
}

impl Moment {
    pub fn now() -> Self {
        let text = fs::read_to_string("/proc/stat").unwrap_or_default();
        // user, nice, system, idle, iowait, irq, softirq, steal; guests' time is in the first two already.
        let line = text.lines().next().unwrap_or_default();
        let ticks: Vec<u64> =
            line.split_whitespace().skip(1).take(8).map(|word| word.parse().unwrap_or(0)).collect();
        Self { stolen: ticks.get(7).copied().unwrap_or(0), all: ticks.iter().sum() }
    }

    /// The share of the time since then that others had.
    pub fn stolen(self) -> f64 {
        let now = Self::now();
        let all = now.all.saturating_sub(self.all);
        if all == 0 { 0.0 } else { now.stolen.saturating_sub(self.stolen) as f64 / all as f64 }
    }
}
