//! What the two sides of one connection tell each other: the [`screen`](super::screen) below hyper
//! and the [`guard`](super::guard) above it. hyper itself carries none of it.

use super::tracker::Refused;
use bytes::Bytes;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};
use tokio::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Talk {
    began: Instant,
    /// When the last answer ended, in milliseconds from the beginning.
    quiet_since: AtomicU64,
    /// How often hyper has called the service.
    calls: AtomicU64,
    /// The requests whose answers are not written to their end.
    under_way: AtomicUsize,
    is_refusing: AtomicBool,
    refused: Mutex<Option<Refused>>,
    /// The bytes of the next request, where its answer could stand.
    asked: Mutex<Option<Bytes>>,
    is_asking: AtomicBool,
}

/// One request under way, until it is dropped.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<Talk>);

// === impl Talk ===

impl Talk {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            quiet_since: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            under_way: AtomicUsize::new(0),
            is_refusing: AtomicBool::new(false),
            refused: Mutex::new(None),
            asked: Mutex::new(None),
            is_asking: AtomicBool::new(false),
        })
    }

    /// A request has reached the service; its number, from 1, in the order of the heads on HTTP/1.
    pub(super) fn call(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::AcqRel) + 1
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Acquire)
    }

    pub(super) fn begin(self: &Arc<Self>) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::AcqRel);
        UnderWay(Arc::clone(self))
    }

    pub(super) fn is_busy(&self) -> bool {
        self.under_way.load(Ordering::Acquire) > 0
    }

    pub(super) fn quiet_since(&self) -> Instant {
        self.began + Duration::from_millis(self.quiet_since.load(Ordering::Acquire))
    }

    /// Says in what bytes the next request was asked, where its answer could stand.
    pub(super) fn ask(&self, asked: Option<Bytes>) {
        self.is_asking.store(asked.is_some(), Ordering::Release);
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = asked;
    }

    /// The same, for the request that the service is called for; once.
    pub(super) fn asked(&self) -> Option<Bytes> {
        if !self.is_asking.load(Ordering::Acquire) {
            return None;
        }
        self.is_asking.store(false, Ordering::Release);
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn refuse(&self, refused: Refused) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(refused);
        self.is_refusing.store(true, Ordering::Release);
    }

    /// The refusal that is to be answered as the request of this number.
    pub(super) fn refusal(&self, ordinal: u64) -> Option<Refused> {
        if !self.is_refusing.load(Ordering::Acquire) {
            return None;
        }
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.take_if(|refused| refused.ordinal == ordinal)
    }
}

// === impl UnderWay ===

impl Drop for UnderWay {
    fn drop(&mut self) {
        let now = self.0.began.elapsed().as_millis() as u64;
        self.0.quiet_since.store(now, Ordering::Release);
        self.0.under_way.fetch_sub(1, Ordering::AcqRel);
    }
}
