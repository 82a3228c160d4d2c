//! The calls of one minute, counted over the whole database as the agreement has it. Minutes are those of
//! the clock, not sixty seconds from the first call, so that a burst across a full minute passes.

use axum::http::{HeaderMap, HeaderValue};

/// What is left of the running minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    limit: u32,
    remaining: u32,
    /// Unix seconds at which the next minute begins.
    reset: i64,
    pub(super) exceeded: bool,
}

#[derive(Debug, Default)]
pub(super) struct Meter {
    minute: i64,
    calls: u32,
}

impl Meter {
    /// Counts a call; one that is refused counts as well.
    pub(super) fn count(&mut self, limit: u32, now: i64) -> Left {
        let minute = now.div_euclid(60);
        if self.minute != minute {
            *self = Self { minute, calls: 0 };
        }
        self.calls = self.calls.saturating_add(1);
        Left {
            limit,
            remaining: limit.saturating_sub(self.calls),
            reset: minute.saturating_add(1).saturating_mul(60),
            exceeded: self.calls > limit,
        }
    }
}

impl Left {
    /// The three headers; there is no `Retry-After`.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        headers.insert("x-ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("x-ratelimit-reset", HeaderValue::from(self.reset));
    }
}

#[cfg(test)]
mod tests {
    use super::Meter;

    #[test]
    fn a_minute_has_its_calls_and_the_next_one_its_own() {
        let mut meter = Meter::default();
        let one = meter.count(2, 119);
        assert_eq!((one.remaining, one.reset, one.exceeded), (1, 120, false));
        assert!(!meter.count(2, 119).exceeded);
        let over = meter.count(2, 119);
        assert_eq!((over.remaining, over.exceeded), (0, true));
        let next = meter.count(2, 120);
        assert_eq!((next.remaining, next.reset, next.exceeded), (1, 180, false));
    }
}
