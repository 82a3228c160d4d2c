//! The timer of one direction of a connection. It decides nothing: what is waited for is said at each poll.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::time::{Instant, Sleep, sleep_until};

/// A timer that is moved only when it must fire sooner, or has fired too soon: between requests the moment
/// waited for moves on each time, and moving a timer costs more than comparing two instants.
#[derive(Debug, Default)]
pub(super) struct Clock(Option<Pin<Box<Sleep>>>);

// === impl Clock ===

impl Clock {
    /// Ready once `until` is past. Wakes the task at the latest then.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, until: Instant) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if until < sleep.deadline() {
            sleep.as_mut().reset(until);
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            if Instant::now() >= until {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(until);
        }
    }
}
