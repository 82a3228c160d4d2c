//! The time, behind a trait, so that a test chooses it.

use crate::value::time::Moment;
use std::time::UNIX_EPOCH;

pub trait Clock: Send + Sync + std::fmt::Debug {
    fn now(&self) -> Moment;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct System;

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    fn now(&self) -> Moment {
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX), nanos: since.subsec_nanos() }
    }
}

/// A clock that stands still.
#[derive(Debug, Clone, Copy)]
pub struct Fixed(pub Moment);

impl Clock for Fixed {
    fn now(&self) -> Moment {
        self.0
    }
}
