//! What a source is trusted with, and for how long: retries, the circuit breaker, the bulkhead, hedging, health checks.
//! Numbers alone; `resilience` sets them in motion.

use std::time::Duration;

/// How calls to one source are held in bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resilience {
    /// Nothing where calls are never made again.
    pub retry: Option<Retry>,
    /// Nothing where a sick source goes on being asked.
    pub breaker: Option<Breaker>,
    pub bulkhead: Bulkhead,
    /// When a read is asked a second time beside the first; never where it is not said.
    pub hedge: Option<Hedge>,
    /// How addresses are looked after; they are not asked where it is not said.
    pub health: Option<Health>,
}

impl Resilience {
    /// In a line, for people.
    pub fn told(&self) -> String {
        let Bulkhead { calls, queue, wait, adaptive } = &self.bulkhead;
        let fewer = if adaptive.is_some() { " or fewer, as it bears them" } else { "" };
        let mut told = vec![format!("{calls} calls at once{fewer}, {queue} wait for {}", span(*wait))];
        if let Some(Retry { times, budget, .. }) = &self.retry {
            told.push(format!("reads again {times} times, {budget} in a hundred"));
        }
        if let Some(Breaker { failures, calls, window, rest, .. }) = &self.breaker {
            let (window, rest) = (span(*window), span(*rest));
            told.push(format!(
                "left alone for {rest} where {failures} % of {calls} calls or more in {window} fail"
            ));
        }
        told.extend(self.hedge.map(|hedge| match hedge {
            Hedge::After(after) => format!("a second read behind {}", span(after)),
            Hedge::Percentile(percent) => {
                format!("a second read where it is slower than {percent} % of the recent ones")
            }
        }));
        if let Some(Health { path, every, .. }) = &self.health {
            told.push(format!("GET {path} every {}", span(*every)));
        }
        told.join("; ")
    }
}

fn span(span: Duration) -> String {
    if span.subsec_millis() == 0 {
        format!("{} s", span.as_secs())
    } else {
        format!("{} ms", span.as_millis())
    }
}

/// Calls that are made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How often after the first time.
    pub times: u32,
    /// The pause before the first repetition; it doubles, and is drawn between nothing and that.
    pub after: Duration,
    /// How many repetitions there may be for a hundred calls, over the last ten seconds; hedges count.
    pub budget: u32,
}

/// When a source is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// Of a hundred calls, so many failures.
    pub failures: u32,
    /// Fewer calls than this within the window say nothing.
    pub calls: u32,
    pub window: Duration,
    /// How long it is left alone.
    pub rest: Duration,
    /// How many calls are tried behind that, one beside the other, and have to go well.
    pub trials: u32,
    /// So many failures one after the other are enough, whatever went well before them in the window.
    pub in_a_row: u32,
}

/// How many calls are under way and wait at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulkhead {
    pub calls: usize,
    pub queue: usize,
    pub wait: Duration,
    pub adaptive: Option<Adaptive>,
}

/// The number of calls follows what the source bears: additive increase, multiplicative decrease (AIMD).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adaptive {
    pub least: usize,
    /// An answer that takes longer says that there are too many.
    pub slow: Duration,
}

/// When a read is asked a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hedge {
    After(Duration),
    /// When it has taken longer than so many of a hundred recent ones.
    Percentile(u32),
}

/// How an address is asked whether it is well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Behind each address.
    pub path: String,
    pub every: Duration,
    pub deadline: Duration,
    /// So many failures in a row: it is not asked any more.
    pub falls: u32,
    /// So many successes in a row: it is asked again.
    pub rises: u32,
}
