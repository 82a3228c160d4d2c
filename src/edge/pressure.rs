//! How much memory answers hold that their clients have not taken, over all connections of an edge, wherever in the
//! libraries they wait. It closes nothing: the [`screen`](super::screen) asks how long a client may take its time.

use super::settings::Limits;
use bytes::Bytes;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::time::Duration;

/// How long an answer may be left untaken where answers hold too much; and where they hold half as much again.
const HURRY: Duration = Duration::from_secs(1);
const HURRY_MORE: Duration = Duration::from_millis(100);

/// What answers hold of one edge.
#[derive(Debug)]
pub(super) struct Pressure {
    held: AtomicU64,
    most: u64,
    patience: Duration,
}

/// So many bytes, until it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    pressure: Arc<Pressure>,
    bytes: u64,
}

/// Bytes that are counted for as long as anybody has them.
struct Counted {
    bytes: Bytes,
    _held: Held,
}

// === impl Pressure ===

impl Pressure {
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        let (most, patience) = (limits.answer_bytes, limits.write_stall);
        Arc::new(Self { held: AtomicU64::new(0), most, patience })
    }

    /// How long a client may leave an answer untaken now.
    pub(super) fn patience(&self) -> Duration {
        let held = self.held.load(Ordering::Relaxed);
        let hurry = match held.saturating_sub(self.most) {
            0 => return self.patience,
            over if over > self.most / 2 => HURRY_MORE,
            _ => HURRY,
        };
        self.patience.min(hurry)
    }

    /// How often that is to be asked.
    pub(super) fn step(&self) -> Duration {
        self.patience.min(HURRY)
    }

    pub(super) fn hold(self: &Arc<Self>, bytes: u64) -> Held {
        self.held.fetch_add(bytes, Ordering::Relaxed);
        Held { pressure: Arc::clone(self), bytes }
    }
}

// === impl Held ===

impl Held {
    /// Counts these bytes by themselves, and no longer as a part of this.
    pub(super) fn give(&mut self, bytes: Bytes) -> Bytes {
        let given = self.bytes.min(bytes.len() as u64);
        self.bytes -= given;
        self.pressure.held.fetch_sub(given, Ordering::Relaxed);
        let held = self.pressure.hold(bytes.len() as u64);
        Bytes::from_owner(Counted { bytes, _held: held })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.pressure.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_count_for_as_long_as_anybody_has_them() {
        let limits = Limits { answer_bytes: 100, write_stall: Duration::from_secs(30), ..Limits::default() };
        let pressure = Pressure::new(&limits);
        let mut held = pressure.hold(120);
        assert_eq!(pressure.patience(), HURRY);
        let bytes = held.give(Bytes::from(vec![0; 120]));
        drop(held);
        let part = bytes.slice(..10);
        drop(bytes);
        assert_eq!(pressure.patience(), HURRY);
        let more = pressure.hold(31);
        assert_eq!(pressure.patience(), HURRY_MORE);
        drop((part, more));
        assert_eq!(pressure.held.load(Ordering::Relaxed), 0);
        assert_eq!(pressure.patience(), Duration::from_secs(30));
    }
}
