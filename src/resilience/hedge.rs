//! How long a read is waited for before it is asked a second time: a span, or a percentile of the recent ones.

use crate::plan::resilience::Hedge;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// So many are remembered.
const KEPT: usize = 256;
/// Fewer say nothing.
const ENOUGH: usize = 32;
/// The order is made anew behind so many.
const ANEW: usize = 32;

/// How long the recent reads took.
#[derive(Debug, Default)]
pub struct Latencies(Mutex<Ring>);

#[derive(Debug, Default)]
struct Ring {
    all: Vec<Duration>,
    next: usize,
    sorted: Vec<Duration>,
}

impl Latencies {
    pub fn note(&self, took: Duration) {
        let mut ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = ring.next % KEPT;
        match ring.all.get_mut(at) {
            Some(place) => *place = took,
            None => ring.all.push(took),
        }
        ring.next += 1;
        if ring.next.is_multiple_of(ANEW) {
            let mut sorted = ring.all.clone();
            sorted.sort_unstable();
            ring.sorted = sorted;
        }
    }

    /// How long is waited; nothing where too little is known.
    pub fn wait(&self, hedge: Hedge) -> Option<Duration> {
        match hedge {
            Hedge::After(span) => Some(span),
            Hedge::Percentile(percent) => {
                let ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if ring.sorted.len() < ENOUGH {
                    return None;
                }
                let at = ring.sorted.len() * percent.min(100) as usize / 100;
                ring.sorted.get(at.min(ring.sorted.len() - 1)).copied()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_that_of_the_recent_ones() {
        let latencies = Latencies::default();
        let (hedge, ms) = (Hedge::Percentile(90), Duration::from_millis);
        for took in 1..32 {
            latencies.note(ms(took));
        }
        assert_eq!(latencies.wait(hedge), None);
        latencies.note(ms(32));
        assert_eq!(latencies.wait(hedge), Some(ms(29)));
        for _ in 0..KEPT {
            latencies.note(ms(7));
        }
        assert_eq!(latencies.wait(hedge), Some(ms(7)));
        assert_eq!(latencies.wait(Hedge::After(ms(200))), Some(ms(200)));
    }
}
