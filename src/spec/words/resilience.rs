//! How calls to a source are held in bounds: retries, breaker, bulkhead, hedging, health checks. All but hedging and health
//! checks are on where nothing is said.

use super::{Span, cache::Never};
use schemars::JsonSchema;
use serde::Deserialize;

/// How calls to a source are held in bounds.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Resilience {
    /// How often reads are made again; writes are where no byte of them has left. `never` turns it off.
    pub retry: Option<Retry>,
    /// When a source that fails is left alone. `never` turns it off.
    pub breaker: Option<Breaker>,
    /// How many calls wait where as many are under way as may be.
    pub bulkhead: Bulkhead,
    /// When a read is asked a second time beside the first. Not at all where it is not said.
    pub hedge: Option<Hedge>,
    /// How the addresses of a source over HTTP are asked whether they are well. Not at all where it is not said.
    pub health: Option<Health>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Retry {
    Never(Never),
    Tuned(Retries),
}

/// How often a call is made again.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Retries {
    /// How often at most.
    #[schemars(range(min = 1, max = 10))]
    pub times: u32,
    /// The longest pause before the first repetition; it doubles with each one, and is drawn by lot.
    pub after: Span,
    /// How many repetitions there may be for a hundred calls.
    #[schemars(range(min = 1, max = 100))]
    pub budget: u32,
}

impl Default for Retries {
    fn default() -> Self {
        Self { times: 2, after: millis(50), budget: 20 }
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Breaker {
    Never(Never),
    Tuned(Trips),
}

/// When a source is left alone, and for how long.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Trips {
    /// How many of a hundred calls fail.
    #[schemars(range(min = 1, max = 100))]
    pub failures: u32,
    /// How many calls there have to be within the window. So many failures in a row are enough by themselves.
    #[schemars(range(min = 1, max = 10000))]
    pub calls: u32,
    pub window: Span,
    /// How long it is left alone.
    pub rest: Span,
    /// How many calls are tried behind that, and have to go well. A health check that goes well is as good as one.
    #[schemars(range(min = 1, max = 100))]
    pub trials: u32,
}

impl Default for Trips {
    fn default() -> Self {
        Self { failures: 50, calls: 20, window: millis(10_000), rest: millis(5_000), trials: 2 }
    }
}

/// Calls that wait for a place. How many are under way at most says `concurrency` of `http`, `connections` of `sql`.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Bulkhead {
    /// How many calls wait at most; four times as many as may be under way where it is not said, and 1000 at least.
    #[schemars(range(min = 0, max = 100_000))]
    pub queue: Option<u32>,
    /// How long one waits at most; two seconds where it is not said.
    pub wait: Option<Span>,
    /// The number of calls under way follows what the source bears. It stays as it is where it is not said.
    pub adaptive: Option<Adaptive>,
}

/// A number of calls that goes up by one and down by a tenth (additive increase, multiplicative decrease).
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Adaptive {
    /// It does not go below.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10000))]
    pub least: u32,
    /// An answer that takes longer says that there are too many.
    pub slow: Span,
}

fn one() -> u32 {
    1
}

/// When a read is asked a second time. Exactly one of them.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Hedge {
    /// Behind this span.
    pub after: Option<Span>,
    /// When it takes longer than so many of a hundred recent ones.
    #[schemars(range(min = 50, max = 99))]
    pub percentile: Option<u32>,
}

/// What a binding says of hedging, whatever its source says.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Hedged {
    Never(Never),
    When(Hedge),
}

/// How each address is asked whether it is well: by a GET, whose answer has a status from 200 to 399.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Health {
    /// The path behind the address.
    pub path: String,
    #[serde(default = "five_seconds")]
    pub every: Span,
    /// How long an answer may take.
    #[serde(default = "a_second")]
    pub deadline: Span,
    /// So many failures in a row, and calls go elsewhere.
    #[serde(default = "three")]
    #[schemars(range(min = 1, max = 100))]
    pub falls: u32,
    /// So many successes in a row, and calls go there again.
    #[serde(default = "two")]
    #[schemars(range(min = 1, max = 100))]
    pub rises: u32,
}

fn millis(number: u64) -> Span {
    Span(std::time::Duration::from_millis(number))
}

fn five_seconds() -> Span {
    millis(5_000)
}

fn a_second() -> Span {
    millis(1_000)
}

fn three() -> u32 {
    3
}

fn two() -> u32 {
    2
}
