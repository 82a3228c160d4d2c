//! What an edge counts: connections, and whether it still takes them. Numbers only; whoever shows them reads them here.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// The numbers of one edge, from its opening to its end.
#[derive(Debug, Default)]
pub struct Counts {
    accepted: AtomicU64,
    ended: AtomicU64,
    draining: AtomicBool,
}

/// A connection that is counted as open until this is dropped.
#[derive(Debug)]
pub(super) struct Open(Arc<Counts>);

impl Counts {
    /// Connections that were accepted, those that were closed at once included.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Connections that are open now.
    pub fn open(&self) -> u64 {
        self.accepted().saturating_sub(self.ended.load(Ordering::Relaxed))
    }

    /// Whether no more connections are taken.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn begin(self: &Arc<Self>) -> Open {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(self))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_open_until_it_ends() {
        let counts = Arc::new(Counts::default());
        let (one, two) = (counts.begin(), counts.begin());
        assert_eq!((counts.accepted(), counts.open()), (2, 2));
        drop(one);
        assert_eq!((counts.accepted(), counts.open()), (2, 1));
        drop(two);
        assert_eq!(counts.open(), 0);
        assert!(!counts.is_draining());
        counts.drain();
        assert!(counts.is_draining());
    }
}
