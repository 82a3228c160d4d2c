//! Calls to one source: how many, what came of them, how long they took, how many are under way. Each call is a span of the
//! request that it is made for, where that request is traced.

use super::{Count, Latency, Level};
use crate::telemetry::journal::{self, Call};
use std::time::Instant;

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered well.
    Ok,
    /// It was answered with a refusal: a status of 4xx, a constraint.
    Refused,
    /// It was asked to come later.
    Busy,
    /// It was answered with a failure: a status of 5xx, an error of the database.
    Failed,
    TimedOut,
    Unreachable,
    /// The answer broke off, or could not be read.
    Broken,
    /// Nobody waits for it any more.
    GivenUp,
}

impl Outcome {
    pub const ALL: [Self; 8] = [
        Self::Ok,
        Self::Refused,
        Self::Busy,
        Self::Failed,
        Self::TimedOut,
        Self::Unreachable,
        Self::Broken,
        Self::GivenUp,
    ];

    /// As the label says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Broken => "broken",
            Self::GivenUp => "given_up",
        }
    }

    /// Whether the source is what went wrong.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut | Self::Unreachable | Self::Broken)
    }
}

/// The numbers of one source.
#[derive(Debug)]
pub struct Source {
    pub name: Box<str>,
    outcomes: [Count; 8],
    pub took: Latency,
    pub under_way: Level,
}

impl Source {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            outcomes: Default::default(),
            took: Latency::default(),
            under_way: Level::default(),
        }
    }

    /// Calls that came to this.
    pub fn came_to(&self, outcome: Outcome) -> u64 {
        let at = Outcome::ALL.iter().position(|known| *known == outcome);
        at.and_then(|at| self.outcomes.get(at)).map_or(0, Count::get)
    }

    /// Counts a call from here until it is told what came of it. Dropped before that, it was given up. `system` and `what` are
    /// as [`Call`] has them.
    pub fn begin(&self, system: &'static str, what: &'static str) -> Begun<'_> {
        self.under_way.change(1);
        let call =
            journal::current().map(|journal| journal.begin(Call { source: self.name.clone(), system, what }));
        Begun { source: self, since: Instant::now(), call, outcome: Outcome::GivenUp, status: None }
    }
}

/// A call under way.
#[derive(Debug)]
pub struct Begun<'a> {
    source: &'a Source,
    since: Instant,
    call: Option<journal::Calling>,
    outcome: Outcome,
    status: Option<u16>,
}

impl Begun<'_> {
    /// What the source is to be told of the trace: `traceparent`, and `tracestate` where one came.
    pub fn context(&self) -> Option<(String, Option<&str>)> {
        self.call.as_ref()?.context()
    }

    /// Says what came of it, with the status where it was answered over HTTP.
    pub fn end(mut self, outcome: Outcome, status: Option<u16>) {
        (self.outcome, self.status) = (outcome, status);
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        let took = self.since.elapsed();
        self.source.under_way.change(-1);
        self.source.took.note(took);
        let at = Outcome::ALL.iter().position(|known| *known == self.outcome);
        if let Some(count) = at.and_then(|at| self.source.outcomes.get(at)) {
            count.add(1);
        }
        if let Some(call) = self.call.take() {
            call.end(self.outcome, self.status);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_counted_by_its_outcome_and_one_that_is_dropped_was_given_up() {
        let source = Source::new("desk");
        let begun = source.begin("http", "GET");
        assert_eq!(source.under_way.get(), 1);
        begun.end(Outcome::Ok, Some(200));
        drop(source.begin("http", "GET"));
        assert_eq!(source.under_way.get(), 0);
        assert_eq!((source.came_to(Outcome::Ok), source.came_to(Outcome::GivenUp)), (1, 1));
    }
}
