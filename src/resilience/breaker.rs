//! A circuit breaker: closed while enough calls go well, open for a while where they do not, half open for a few trials.
//! The time is handed in, so that a test chooses it. It makes no call and knows no error.

use crate::plan::resilience::Breaker as Rules;
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// The window is counted in so many parts: the oldest is forgotten as a whole.
const PARTS: u32 = 10;
/// What is said where trials are under way, and nobody knows how long they take.
const SOON: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Breaker {
    rules: Rules,
    state: Mutex<State>,
}

/// What operators see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Closed,
    Open,
    HalfOpen,
}

impl Phase {
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

#[derive(Debug)]
struct State {
    at: At,
    /// It changes with each phase: what was begun in an earlier one says nothing of this one.
    turn: u64,
    parts: VecDeque<Part>,
    in_a_row: u32,
    opened: u64,
}

#[derive(Debug, Clone, Copy)]
enum At {
    Closed,
    Open { until: Instant },
    HalfOpen { under_way: u32, good: u32 },
}

#[derive(Debug, Clone, Copy)]
struct Part {
    begun: Instant,
    good: u32,
    bad: u32,
}

/// A call that was let through. Where it is dropped unsettled (given up, a loser of two) it says nothing.
#[derive(Debug)]
#[must_use]
pub struct Pass<'b> {
    breaker: &'b Breaker,
    turn: u64,
    settled: bool,
}

// === impl Breaker ===

impl Breaker {
    pub fn new(rules: Rules) -> Self {
        let state = State { at: At::Closed, turn: 0, parts: VecDeque::new(), in_a_row: 0, opened: 0 };
        Self { rules, state: Mutex::new(state) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a call through, or says how long none is.
    pub fn admit(&self, now: Instant) -> Result<Pass<'_>, Duration> {
        let mut state = self.state();
        if let Some(pause) = closed_for(&state, &self.rules, now) {
            return Err(pause);
        }
        if let At::Open { .. } = state.at {
            state.turn += 1;
            state.at = At::HalfOpen { under_way: 0, good: 0 };
        }
        if let At::HalfOpen { under_way, .. } = &mut state.at {
            *under_way += 1;
        }
        Ok(Pass { breaker: self, turn: state.turn, settled: false })
    }

    /// How long no call is let through; nothing where one is.
    pub fn pause(&self, now: Instant) -> Option<Duration> {
        closed_for(&self.state(), &self.rules, now)
    }

    /// A trial that no caller makes: what is asked beside the calls, and has answered well behind the rest.
    pub fn found_well(&self, now: Instant) {
        if self.phase(now) == Phase::HalfOpen
            && let Ok(pass) = self.admit(now)
        {
            pass.settle(true, now);
        }
    }

    pub fn phase(&self, now: Instant) -> Phase {
        match self.state().at {
            At::Closed => Phase::Closed,
            At::Open { until } if now < until => Phase::Open,
            At::Open { .. } | At::HalfOpen { .. } => Phase::HalfOpen,
        }
    }

    /// How often it has opened.
    pub fn opened(&self) -> u64 {
        self.state().opened
    }

    fn settle(&self, turn: u64, good: bool, now: Instant) {
        let mut state = self.state();
        if state.turn != turn {
            return;
        }
        match &mut state.at {
            At::Open { .. } => {}
            At::HalfOpen { under_way, good: well } => {
                *under_way = under_way.saturating_sub(1);
                if !good {
                    self.open(&mut state, now);
                    return;
                }
                *well += 1;
                if *well >= self.rules.trials {
                    state.at = At::Closed;
                    state.turn += 1;
                    state.parts.clear();
                    state.in_a_row = 0;
                }
            }
            At::Closed => {
                state.in_a_row = if good { 0 } else { state.in_a_row + 1 };
                let (calls, bad) = self.count(&mut state, good, now);
                let too_many = calls >= self.rules.calls
                    && u64::from(bad) * 100 >= u64::from(calls) * u64::from(self.rules.failures);
                let row = state.in_a_row >= self.rules.in_a_row;
                if !good && (too_many || row) {
                    self.open(&mut state, now);
                }
            }
        }
    }

    /// Counts a call; how many there were within the window, and how many of them failed.
    fn count(&self, state: &mut State, good: bool, now: Instant) -> (u32, u32) {
        let window = self.rules.window;
        while state.parts.front().is_some_and(|part| now.duration_since(part.begun) >= window) {
            state.parts.pop_front();
        }
        let fits = |part: &&mut Part| now.duration_since(part.begun) < window / PARTS;
        if let Some(part) = state.parts.back_mut().filter(fits) {
            part.good += u32::from(good);
            part.bad += u32::from(!good);
        } else {
            state.parts.push_back(Part { begun: now, good: u32::from(good), bad: u32::from(!good) });
        }
        state.parts.iter().fold((0, 0), |(calls, bad), part| (calls + part.good + part.bad, bad + part.bad))
    }

    fn open(&self, state: &mut State, now: Instant) {
        state.at = At::Open { until: now + self.rules.rest };
        state.turn += 1;
        state.opened += 1;
        state.parts.clear();
        state.in_a_row = 0;
    }

    /// A trial that came to nothing makes room for another one.
    fn give_back(&self, turn: u64) {
        let mut state = self.state();
        if state.turn == turn
            && let At::HalfOpen { under_way, .. } = &mut state.at
        {
            *under_way = under_way.saturating_sub(1);
        }
    }
}

fn closed_for(state: &State, rules: &Rules, now: Instant) -> Option<Duration> {
    match state.at {
        At::Closed => None,
        At::Open { until } => (now < until).then(|| until - now),
        At::HalfOpen { under_way, good } => (under_way + good >= rules.trials).then(|| SOON.min(rules.rest)),
    }
}

// === impl Pass ===

impl Pass<'_> {
    /// Says how the call went.
    pub fn settle(mut self, good: bool, now: Instant) {
        self.settled = true;
        self.breaker.settle(self.turn, good, now);
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.breaker.give_back(self.turn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let (window, rest) = (Duration::from_secs(10), Duration::from_secs(5));
        Rules { failures: 50, calls: 4, window, rest, trials: 2, in_a_row: 1000 }
    }

    fn call(breaker: &Breaker, good: bool, now: Instant) {
        breaker.admit(now).expect("it is let through").settle(good, now);
    }

    #[test]
    fn it_opens_where_half_of_enough_calls_failed_and_says_for_how_long() {
        let (breaker, now) = (Breaker::new(rules()), Instant::now());
        for good in [true, false, true] {
            call(&breaker, good, now);
        }
        assert_eq!(breaker.phase(now), Phase::Closed);
        call(&breaker, false, now);
        assert_eq!(breaker.phase(now), Phase::Open);
        let later = now + Duration::from_secs(2);
        assert_eq!(breaker.admit(later).unwrap_err(), Duration::from_secs(3));
        assert_eq!(breaker.opened(), 1);
    }

    #[test]
    fn few_failures_and_old_ones_open_nothing() {
        let (breaker, now) = (Breaker::new(rules()), Instant::now());
        for _ in 0..3 {
            call(&breaker, false, now);
        }
        // They are forgotten by then.
        let later = now + Duration::from_secs(11);
        for good in [true, true, true, false] {
            call(&breaker, good, later);
        }
        assert_eq!(breaker.phase(later), Phase::Closed);
    }

    #[test]
    fn behind_its_rest_trials_go_through_and_close_it() {
        let (breaker, now) = (Breaker::new(rules()), Instant::now());
        for _ in 0..4 {
            call(&breaker, false, now);
        }
        let later = now + Duration::from_secs(5);
        let (first, second) = (breaker.admit(later).unwrap(), breaker.admit(later).unwrap());
        assert_eq!(breaker.phase(later), Phase::HalfOpen);
        assert_eq!(breaker.admit(later).unwrap_err(), Duration::from_secs(1), "two trials, not three");
        first.settle(true, later);
        assert!(breaker.admit(later).is_err(), "one has gone well, and one is under way");
        second.settle(true, later);
        assert_eq!(breaker.phase(later), Phase::Closed);
    }

    #[test]
    fn a_trial_that_fails_opens_it_again_and_one_that_is_given_up_makes_room() {
        let (breaker, now) = (Breaker::new(rules()), Instant::now());
        for _ in 0..4 {
            call(&breaker, false, now);
        }
        let later = now + Duration::from_secs(5);
        drop((breaker.admit(later).unwrap(), breaker.admit(later).unwrap()));
        let (first, late) = (breaker.admit(later).unwrap(), breaker.admit(later).unwrap());
        first.settle(false, later);
        assert_eq!(breaker.phase(later), Phase::Open);
        // What belongs to an earlier turn does not count in this one.
        late.settle(true, later);
        assert_eq!(breaker.phase(later), Phase::Open);
        assert_eq!(breaker.pause(later), Some(Duration::from_secs(5)));
    }

    #[test]
    fn what_was_found_well_behind_the_rest_is_a_trial_and_nothing_else() {
        let (breaker, now) = (Breaker::new(rules()), Instant::now());
        for _ in 0..3 {
            call(&breaker, false, now);
        }
        // While it is closed only calls count: the fourth one opens it.
        breaker.found_well(now);
        assert_eq!(breaker.phase(now), Phase::Closed);
        call(&breaker, false, now);
        assert_eq!(breaker.phase(now), Phase::Open);
        breaker.found_well(now + Duration::from_secs(4));
        assert_eq!(breaker.phase(now + Duration::from_secs(4)), Phase::Open, "within its rest");
        let later = now + Duration::from_secs(5);
        breaker.found_well(later);
        assert_eq!(breaker.phase(later), Phase::HalfOpen, "one of two trials");
        breaker.found_well(later);
        assert_eq!(breaker.phase(later), Phase::Closed);
        assert_eq!(breaker.opened(), 1);
    }

    #[test]
    fn a_row_of_failures_is_enough_whatever_went_well_before() {
        let rules = Rules { in_a_row: 2, calls: 100, ..rules() };
        let (breaker, now) = (Breaker::new(rules), Instant::now());
        for good in [true; 200].into_iter().chain([false, true, false]) {
            call(&breaker, good, now);
        }
        assert_eq!(breaker.phase(now), Phase::Closed);
        call(&breaker, false, now);
        assert_eq!(breaker.phase(now), Phase::Open);
    }
}
