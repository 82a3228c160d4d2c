//! One policy at work: governor's arithmetic (GCRA) over a bounded shelf and the runtime's own clock, which tests stop.

use super::{Principal, shelf::Shelf};
use crate::plan::rates::{Kind, Period, Policy};
use governor::{Quota, RateLimiter, clock::Clock, middleware::StateInformationMiddleware};
use std::{num::NonZeroU32, time::Duration};
use tokio::time::Instant;

/// The time since the limiter was made.
#[derive(Debug, Clone)]
struct Ticks {
    since: Instant,
}

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        // Governor takes off from its beginning: there is something before it.
        self.since.elapsed() + Duration::from_secs(1)
    }
}

type Governor = RateLimiter<Principal, Shelf, Ticks, StateInformationMiddleware>;

#[derive(Debug)]
pub(super) struct Limiter {
    pub policy: Policy,
    /// The time in which one request becomes possible again.
    pub interval: Duration,
    pub burst: u32,
    /// The policy as it is told: `"name";q=1000;w=60`.
    pub told: String,
    ticks: Ticks,
    governor: Option<Governor>,
}

impl Limiter {
    pub(super) fn new(policy: Policy, keys: usize) -> Self {
        let ticks = Ticks { since: Instant::now() };
        let (interval, burst) = match policy.kind {
            Kind::Rate { window, burst } => (window / policy.count.max(1), burst),
            Kind::AtOnce | Kind::Quota(_) => (Duration::ZERO, 0),
        };
        let told = told(&policy);
        let quota = Quota::with_period(interval);
        let governor = quota
            .zip(NonZeroU32::new(burst))
            .map(|(quota, burst)| Governor::new(quota.allow_burst(burst), Shelf::new(keys), ticks.clone()));
        Self { policy, interval, burst, told, ticks, governor }
    }

    /// Counts a request. How many more may come at once, and when all may again; or how long to wait.
    pub(super) fn count(&self, principal: Principal, cost: u32) -> Result<(u32, Duration), Duration> {
        let (Some(governor), Some(cost)) = (&self.governor, NonZeroU32::new(cost)) else {
            return Ok((u32::MAX, Duration::ZERO));
        };
        match governor.check_key_n(&principal, cost) {
            Ok(Ok(state)) => {
                let remaining = state.remaining_burst_capacity();
                Ok((remaining, self.interval * self.burst.saturating_sub(remaining)))
            }
            Ok(Err(not_until)) => Err(not_until.wait_time_from(self.ticks.now())),
            // More than ever fits: the files are refused for that, but a tier's cost may meet another limit's burst.
            Err(_) => Err(self.interval * self.burst),
        }
    }

    pub(super) fn retain_recent(&self) {
        if let Some(governor) = &self.governor {
            governor.retain_recent();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.governor.as_ref().map_or(0, RateLimiter::len)
    }
}

/// A policy as an item of the header `RateLimit-Policy`.
fn told(policy: &Policy) -> String {
    let named = format!("\"{}\";q={}", policy.name, policy.count);
    match policy.kind {
        Kind::Rate { window, .. } => format!("{named};w={}", window.as_secs()),
        Kind::AtOnce => format!("{named};qu=\"concurrent-requests\""),
        Kind::Quota(Period::Day) => format!("{named};w=86400"),
        // A month has no one length: the longest is told.
        Kind::Quota(Period::Month) => format!("{named};w=2678400"),
    }
}
