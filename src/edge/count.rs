//! What an edge counts: connections, and whether it still takes them. Numbers only; whoever shows them reads them here.

use async_trait::async_trait;
use pingora_core::listeners::ConnectionFilter;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// The numbers of one edge, from its opening to its end.
#[derive(Debug, Default)]
pub struct Counts {
    arrived: AtomicU64,
    met: AtomicU64,
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

    /// One that has arrived has its seat, or was turned away.
    pub(super) fn meet(&self) {
        self.met.fetch_add(1, Ordering::Release);
    }

    /// Connections that were taken from the kernel.
    pub(super) fn arrived(&self) -> u64 {
        self.arrived.load(Ordering::Relaxed)
    }

    /// Those of them whose own task has not begun yet.
    pub(super) fn on_their_way(&self) -> u64 {
        let met = self.met.load(Ordering::Acquire);
        self.arrived().saturating_sub(met)
    }
}

/// Counts connections where they are taken from the kernel: between there and their own task nobody else knows of them.
#[derive(Debug)]
pub(super) struct Doorstep(pub Arc<Counts>);

#[async_trait]
impl ConnectionFilter for Doorstep {
    async fn should_accept(&self, _: Option<&SocketAddr>) -> bool {
        self.0.arrived.fetch_add(1, Ordering::Relaxed);
        true
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

    #[tokio::test]
    async fn a_connection_is_on_its_way_until_it_is_met() {
        let counts = Arc::new(Counts::default());
        let doorstep = Doorstep(Arc::clone(&counts));
        assert!(doorstep.should_accept(None).await && doorstep.should_accept(None).await);
        assert_eq!((counts.on_their_way(), counts.accepted()), (2, 0));
        counts.meet();
        assert_eq!(counts.on_their_way(), 1);
        counts.meet();
        assert_eq!(counts.on_their_way(), 0);
    }

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
