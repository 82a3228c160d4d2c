//! The timer of one direction of a connection. It decides nothing: what is waited for is said at each poll.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::time::{Duration, Instant, Sleep, sleep_until};

/// A timer that is moved only when it must fire sooner, or has fired too soon: between requests the moment
/// waited for moves on each time, and moving a timer costs more than comparing two instants.
#[derive(Debug, Default)]
pub(super) struct Clock {
    sleep: Option<Pin<Box<Sleep>>>,
    /// It fires at the latest this long from now, whenever that is.
    within: Option<Duration>,
}

// === impl Clock ===

impl Clock {
    /// Ready once `until` is past. Wakes the task at the latest then.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, until: Instant) -> Poll<()> {
        self.within = None;
        self.until(cx, until)
    }

    /// The same for a moment that moves on with each poll, so long from now. As long as nothing else is waited for in between
    /// nobody has to look what time it is.
    pub(super) fn poll_within(&mut self, cx: &mut Context<'_>, longest: Duration) -> Poll<()> {
        let waits = self.sleep.as_mut().filter(|_| self.within == Some(longest));
        if waits.is_some_and(|sleep| sleep.as_mut().poll(cx).is_pending()) {
            return Poll::Pending;
        }
        self.within = Some(longest);
        self.until(cx, Instant::now() + longest)
    }

    fn until(&mut self, cx: &mut Context<'_>, until: Instant) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(until)));
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
