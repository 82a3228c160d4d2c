//! A bulkhead: so many calls of one source under way, a short queue, and an end to waiting in it, so that one slow source
//! cannot take all that there is. Where it is adaptive the number follows what the source bears.

use crate::plan::resilience::{Adaptive, Bulkhead as Rules};
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};

/// What is left of the number of calls where there were too many.
const LESS: f64 = 0.9;

#[derive(Debug)]
pub struct Bulkhead {
    rules: Rules,
    seats: Semaphore,
    waiting: AtomicUsize,
    under_way: AtomicUsize,
    limit: Mutex<Limit>,
}

#[derive(Debug)]
struct Limit {
    /// How many calls may be under way; whole seats are what is below the point.
    now: f64,
    /// Seats that are to go when they become free.
    owed: usize,
    /// What was begun before this says nothing of the number that there has been since.
    lowered: Option<Instant>,
}

/// A place for one call.
#[derive(Debug)]
#[must_use]
pub struct Seat<'b> {
    bulkhead: &'b Bulkhead,
    permit: Option<SemaphorePermit<'b>>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// As many wait as may.
    Queue,
    /// It was waited for as long as may be.
    Waited,
}

// === impl Bulkhead ===

impl Bulkhead {
    pub fn new(rules: Rules) -> Self {
        let limit = Limit { now: rules.calls as f64, owed: 0, lowered: None };
        Self {
            seats: Semaphore::new(rules.calls),
            waiting: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            limit: Mutex::new(limit),
            rules,
        }
    }

    /// A place at once, or in the queue's turn.
    pub async fn enter(&self, deadline: Instant) -> Result<Seat<'_>, Full> {
        if let Some(seat) = self.enter_now() {
            return Ok(seat);
        }
        let _waiting = Waiting::begin(self).ok_or(Full::Queue)?;
        let until = deadline.min(Instant::now() + self.rules.wait);
        match timeout_at(until, self.seats.acquire()).await {
            Ok(Ok(permit)) => Ok(self.seat(permit)),
            _ => Err(Full::Waited),
        }
    }

    /// A place at once, or none.
    pub fn enter_now(&self) -> Option<Seat<'_>> {
        self.seats.try_acquire().ok().map(|permit| self.seat(permit))
    }

    fn seat<'b>(&'b self, permit: SemaphorePermit<'b>) -> Seat<'b> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Seat { bulkhead: self, permit: Some(permit) }
    }

    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How many calls may be under way now.
    pub fn limit(&self) -> usize {
        whole(self.limit.lock().unwrap_or_else(PoisonError::into_inner).now)
    }

    /// Learns from a call: when it began, and whether the source had too much of it.
    pub fn learn(&self, began: Instant, now: Instant, overloaded: bool) {
        let Some(Adaptive { least, slow }) = self.rules.adaptive else { return };
        let mut limit = self.limit.lock().unwrap_or_else(PoisonError::into_inner);
        let before = whole(limit.now);
        if overloaded || now.duration_since(began) > slow {
            // All that were under way together say the same thing once.
            if limit.lowered.is_some_and(|lowered| began < lowered) {
                return;
            }
            limit.lowered = Some(now);
            limit.now = (limit.now * LESS).floor().max(least as f64);
        } else if self.under_way() * 2 >= before {
            // A number that is not used is not known to be borne.
            limit.now = (limit.now + 1.0 / limit.now).min(self.rules.calls as f64);
        }
        let after = whole(limit.now);
        if after > before {
            let more = after - before;
            let spared = more.min(limit.owed);
            limit.owed -= spared;
            self.seats.add_permits(more - spared);
        } else if after < before {
            let gone = self.seats.forget_permits(before - after);
            limit.owed += before - after - gone;
        }
    }
}

#[expect(clippy::cast_sign_loss, reason = "it is between 1 and the most calls")]
fn whole(limit: f64) -> usize {
    (limit as usize).max(1)
}

// === impl Seat ===

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.bulkhead.under_way.fetch_sub(1, Ordering::Relaxed);
        let Some(permit) = self.permit.take() else { return };
        if self.bulkhead.rules.adaptive.is_some() {
            let mut limit = self.bulkhead.limit.lock().unwrap_or_else(PoisonError::into_inner);
            if limit.owed > 0 {
                limit.owed -= 1;
                permit.forget();
            }
        }
    }
}

/// One more in the queue, as long as it lives.
struct Waiting<'b>(&'b Bulkhead);

impl<'b> Waiting<'b> {
    fn begin(bulkhead: &'b Bulkhead) -> Option<Self> {
        let waiting = bulkhead.waiting.fetch_add(1, Ordering::Relaxed);
        let one = Self(bulkhead);
        (waiting < bulkhead.rules.queue).then_some(one)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How long somebody who finds it full had better wait.
pub const AGAIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(adaptive: Option<Adaptive>) -> Rules {
        Rules { calls: 10, queue: 2, wait: Duration::from_secs(1), adaptive }
    }

    fn far() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_the_queue_full_is_refused_at_once_and_who_waits_too_long_then() {
        let bulkhead = Bulkhead::new(Rules { calls: 1, ..rules(None) });
        let first = bulkhead.enter(far()).await.unwrap();
        let begun = Instant::now();
        let all = [far(), far(), far()].map(|far| bulkhead.enter(far));
        let found: Vec<_> = futures_util::future::join_all(all).await;
        let found: Vec<_> = found.into_iter().map(|one| one.map(drop).unwrap_err()).collect();
        assert_eq!(found, [Full::Waited, Full::Waited, Full::Queue]);
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
        assert_eq!((bulkhead.waiting(), bulkhead.under_way()), (0, 1));
        // A deadline that is nearer than the wait ends it.
        let near = Instant::now() + Duration::from_millis(100);
        assert!(bulkhead.enter(near).await.is_err());
        assert_eq!(begun.elapsed(), Duration::from_millis(1100));
        drop(first);
        assert!(bulkhead.enter(far()).await.is_ok());
        assert_eq!(bulkhead.under_way(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_is_overloaded_gets_fewer_calls_and_then_slowly_more() {
        let adaptive = Adaptive { least: 2, slow: Duration::from_secs(1) };
        let bulkhead = Bulkhead::new(rules(Some(adaptive)));
        let mut seats = Vec::new();
        for _ in 0..10 {
            seats.push(bulkhead.enter_now().unwrap());
        }
        let began = Instant::now();
        tokio::time::advance(Duration::from_secs(2)).await;
        // All ten were too slow: that is one message.
        for _ in 0..10 {
            bulkhead.learn(began, Instant::now(), false);
        }
        assert_eq!(bulkhead.limit(), 9);
        for _ in 0..40 {
            tokio::time::advance(Duration::from_secs(1)).await;
            bulkhead.learn(Instant::now(), Instant::now(), true);
        }
        assert_eq!(bulkhead.limit(), 2);
        // Seats that were taken go when they become free.
        drop(seats);
        let (one, two) = (bulkhead.enter_now().unwrap(), bulkhead.enter_now().unwrap());
        assert!(bulkhead.enter_now().is_none());
        tokio::time::advance(Duration::from_secs(1)).await;
        for _ in 0..200 {
            bulkhead.learn(Instant::now(), Instant::now(), false);
        }
        // It is two of at most four that are used.
        assert_eq!(bulkhead.limit(), 5);
        drop((one, two));
        let seats: Vec<_> = std::iter::from_fn(|| bulkhead.enter_now()).collect();
        assert_eq!(seats.len(), 5);
    }
}
