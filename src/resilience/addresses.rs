//! The addresses of one source: each with its breaker, what is under way there, and what health checks say. Of two that are
//! drawn the one with less to do is taken (the power of two choices). It opens no connection.

use super::breaker::{Breaker, Pass};
use crate::plan::resilience::{Breaker as Rules, Health};
use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

#[derive(Debug)]
pub struct Addresses {
    all: Vec<Address>,
    dice: Dice,
}

#[derive(Debug)]
pub(super) struct Address {
    pub breaker: Option<Breaker>,
    pub under_way: AtomicUsize,
    /// What the health checks say; an address that was never asked is well.
    pub down: AtomicBool,
    /// Answers of the same kind in a row: positive where they were good.
    row: Mutex<i64>,
}

/// A call's place at an address.
#[derive(Debug)]
pub(super) struct Chosen<'a> {
    pub at: usize,
    pass: Option<Pass<'a>>,
    address: &'a Address,
}

// === impl Addresses ===

impl Addresses {
    pub(super) fn new(count: usize, rules: Option<Rules>) -> Self {
        let address = || Address {
            breaker: rules.map(Breaker::new),
            under_way: AtomicUsize::new(0),
            down: AtomicBool::new(false),
            row: Mutex::new(0),
        };
        Self { all: (0..count.max(1)).map(|_| address()).collect(), dice: Dice::default() }
    }

    pub(super) fn all(&self) -> &[Address] {
        &self.all
    }

    /// How long no address takes a call; nothing where one does.
    pub(super) fn pause(&self, now: Instant) -> Option<Duration> {
        let pause = |one: &Address| one.breaker.as_ref().and_then(|breaker| breaker.pause(now));
        self.all.iter().map(pause).min_by_key(|pause| pause.unwrap_or(Duration::ZERO)).flatten()
    }

    /// An address for a call, rather not one of these; how long there is none.
    pub(super) fn choose(&self, tried: &[usize], now: Instant) -> Result<Chosen<'_>, Duration> {
        let none = || self.pause(now).unwrap_or(Duration::from_secs(1));
        if self.all.len() == 1 {
            return self.take(0, now).ok_or_else(none);
        }
        let is_well = |at: &usize| self.all.get(*at).is_some_and(|one| !one.down.load(Ordering::Relaxed));
        let open = |at: &usize| {
            self.all.get(*at).is_some_and(|one| one.breaker.as_ref().is_none_or(|b| b.pause(now).is_none()))
        };
        let mut left: Vec<usize> = (0..self.all.len()).filter(open).collect();
        // Where none is well by the checks all may be asked: the checks may be what is wrong.
        for wish in [&(|at: &usize| !tried.contains(at)) as &dyn Fn(&usize) -> bool, &is_well] {
            if left.iter().any(wish) {
                left.retain(wish);
            }
        }
        while !left.is_empty() {
            let (one, two) = (self.dice.below(left.len()), self.dice.below(left.len()));
            let load = |place: usize| {
                let address = left.get(place).and_then(|at| self.all.get(*at));
                address.map_or(usize::MAX, |address| address.under_way.load(Ordering::Relaxed))
            };
            let at = left.swap_remove(if load(two) < load(one) { two } else { one });
            // Another call may have taken the last trial.
            if let Some(chosen) = self.take(at, now) {
                return Ok(chosen);
            }
        }
        Err(none())
    }

    /// A place at this address, where it takes a call.
    fn take(&self, at: usize, now: Instant) -> Option<Chosen<'_>> {
        let address = self.all.get(at)?;
        let pass = match &address.breaker {
            Some(breaker) => Some(breaker.admit(now).ok()?),
            None => None,
        };
        address.under_way.fetch_add(1, Ordering::Relaxed);
        Some(Chosen { at, pass, address })
    }

    /// What a health check found. Whether the address has changed by it. A good one is a trial for a breaker that has
    /// rested; a bad one opens none: the checks may be what is wrong.
    pub fn checked(&self, at: usize, good: bool, health: &Health, now: Instant) -> bool {
        let Some(address) = self.all.get(at) else { return false };
        if let Some(breaker) = address.breaker.as_ref().filter(|_| good) {
            breaker.found_well(now);
        }
        let mut row = address.row.lock().unwrap_or_else(PoisonError::into_inner);
        *row = match (good, *row > 0) {
            (true, true) => row.saturating_add(1),
            (true, false) => 1,
            (false, true) => -1,
            (false, false) => row.saturating_sub(1),
        };
        let down = address.down.load(Ordering::Relaxed);
        let turns = if down { *row >= i64::from(health.rises) } else { *row <= -i64::from(health.falls) };
        if turns {
            address.down.store(!down, Ordering::Relaxed);
        }
        turns
    }
}

// === impl Chosen ===

impl Chosen<'_> {
    /// Says how the call went; nothing where it says nothing of the address.
    pub(super) fn settle(mut self, good: Option<bool>, now: Instant) {
        if let (Some(pass), Some(good)) = (self.pass.take(), good) {
            pass.settle(good, now);
        }
    }
}

impl Drop for Chosen<'_> {
    fn drop(&mut self) {
        self.address.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Numbers that are good enough to spread calls; nothing that is secret hangs on them.
#[derive(Debug, Default)]
pub(super) struct Dice {
    seed: RandomState,
    thrown: AtomicU64,
}

impl Dice {
    fn throw(&self) -> u64 {
        self.seed.hash_one(self.thrown.fetch_add(1, Ordering::Relaxed))
    }

    fn below(&self, end: usize) -> usize {
        usize::try_from(self.throw() % (end.max(1) as u64)).unwrap_or_default()
    }

    /// A span between nothing and this one.
    pub(super) fn part_of(&self, span: Duration) -> Duration {
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.throw() % nanos.saturating_add(1).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::breaker::Phase, *};

    fn rules() -> Rules {
        let (window, rest) = (Duration::from_secs(10), Duration::from_secs(5));
        Rules { failures: 50, calls: 100, window, rest, trials: 1, in_a_row: 2 }
    }

    fn health() -> Health {
        let (every, deadline) = (Duration::from_secs(1), Duration::from_secs(1));
        Health { path: "/".into(), every, deadline, falls: 2, rises: 2 }
    }

    #[test]
    fn the_address_with_less_to_do_is_taken() {
        let addresses = Addresses::new(2, None);
        let now = Instant::now();
        let held: Vec<_> = (0..40).map(|_| addresses.choose(&[], now).unwrap()).collect();
        let first = held.iter().filter(|one| one.at == 0).count();
        assert!((15..=25).contains(&first), "{first}");
        drop(held);
        assert!(addresses.all().iter().all(|one| one.under_way.load(Ordering::Relaxed) == 0));
    }

    #[test]
    fn one_that_fails_is_left_out_and_tried_again() {
        let addresses = Addresses::new(2, Some(rules()));
        let now = Instant::now();
        for _ in 0..2 {
            // Whoever has tried the other one comes here.
            addresses.choose(&[1], now).unwrap().settle(Some(false), now);
        }
        assert!((0..20).all(|_| addresses.choose(&[], now).unwrap().at == 1));
        assert_eq!(addresses.pause(now), None);
        for _ in 0..2 {
            addresses.choose(&[], now).unwrap().settle(Some(false), now);
        }
        assert_eq!(addresses.choose(&[], now).unwrap_err(), Duration::from_secs(5));
        assert_eq!(addresses.pause(now), Some(Duration::from_secs(5)));
        let later = now + Duration::from_secs(5);
        let (one, two) = (addresses.choose(&[], later).unwrap(), addresses.choose(&[], later).unwrap());
        assert_ne!(one.at, two.at, "one trial for each");
    }

    #[test]
    fn a_breaker_that_has_rested_is_closed_by_checks_alone() {
        let addresses = Addresses::new(2, Some(rules()));
        let now = Instant::now();
        for _ in 0..2 {
            addresses.choose(&[1], now).unwrap().settle(Some(false), now);
        }
        let later = now + Duration::from_secs(5);
        addresses.checked(0, false, &health(), later);
        assert_eq!(addresses.all()[0].breaker.as_ref().unwrap().phase(later), Phase::HalfOpen);
        addresses.checked(0, true, &health(), later);
        // Many at once go there now, and none waits for the trial of another.
        let held: Vec<_> = (0..40).map(|_| addresses.choose(&[], later).unwrap()).collect();
        assert!(held.iter().filter(|one| one.at == 0).count() > 10);
    }

    #[test]
    fn one_that_the_checks_call_down_is_asked_only_where_all_are() {
        let addresses = Addresses::new(2, None);
        let now = Instant::now();
        assert!(!addresses.checked(0, false, &health(), now));
        assert!(addresses.checked(0, false, &health(), now));
        assert!((0..20).all(|_| addresses.choose(&[], now).unwrap().at == 1));
        assert!(addresses.checked(1, false, &health(), now) || addresses.checked(1, false, &health(), now));
        assert!((0..40).any(|_| addresses.choose(&[], now).unwrap().at == 0));
        assert!(!addresses.checked(0, true, &health(), now));
        assert!(addresses.checked(0, true, &health(), now));
        assert!((0..20).all(|_| addresses.choose(&[], now).unwrap().at == 0));
    }
}
