//! The pace that a source allows: it says how many calls are left and when they are new, or that there were too many.
//! What then becomes of our calls is the operator's choice.

use crate::{
    fault::{Fault, code},
    plan::{
        WhenBusy,
        http::{Limits, dialect::ResetUnit},
    },
    value::time::Moment,
};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A source that says no end is tried again after this long.
const UNSAID: Duration = Duration::from_secs(1);
/// The longest that a source is believed.
const LONGEST: Duration = Duration::from_hours(1);

#[derive(Debug, Default)]
pub(super) struct Pace {
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// No call is made before.
    closed_until: Option<Instant>,
    /// Calls are spread until then, this far from each other.
    spread: Option<(Instant, Duration)>,
    /// The next call's place while they are spread.
    next: Option<Instant>,
}

impl Pace {
    /// Waits for the call's turn, or refuses it.
    pub(super) async fn enter(&self, policy: WhenBusy, deadline: Instant) -> Result<(), Fault> {
        let Some(turn) = self.turn(policy) else { return Ok(()) };
        let now = Instant::now();
        if policy == WhenBusy::Fail || turn > deadline {
            let pause = turn.saturating_duration_since(now);
            return Err(busy(Some(pause)).detail("the source's limit of calls is reached"));
        }
        tokio::time::sleep_until(turn).await;
        Ok(())
    }

    /// When a call may be made that cannot be made now.
    fn turn(&self, policy: WhenBusy) -> Option<Instant> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed_until.is_none() && state.spread.is_none() {
            return None;
        }
        let now = Instant::now();
        state.closed_until = state.closed_until.filter(|until| *until > now);
        state.spread = state.spread.filter(|(until, _)| *until > now);
        if let Some(until) = state.closed_until {
            return Some(until);
        }
        let (_, gap) = state.spread.filter(|_| policy == WhenBusy::Slow)?;
        let turn = state.next.filter(|next| *next > now);
        state.next = Some(turn.unwrap_or(now) + gap);
        turn
    }

    /// Learns from an answer's headers.
    pub(super) fn observe(&self, limits: &Limits, headers: &http::HeaderMap, now: Moment) {
        let number = |name: &Option<String>| -> Option<u64> {
            let text = headers.get(name.as_ref()?)?.to_str().ok()?;
            text.trim().split(['.', ',', ';']).next()?.parse().ok()
        };
        let Some(remaining) = number(&limits.remaining) else { return };
        let reset = number(&limits.reset).map(|reset| until(limits.unit, reset, now));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let end = Instant::now() + reset.unwrap_or(UNSAID).min(LONGEST);
        if remaining == 0 {
            state.closed_until = Some(end);
        } else if let Some(left) = reset {
            // The last tenth of a minute's calls is what is worth spreading.
            let few = remaining < 20;
            let gap = left / u32::try_from(remaining).unwrap_or(u32::MAX).max(1);
            state.spread = few.then_some((end, gap));
        }
    }

    /// Learns from an answer that said "too many": how long it is to be left alone.
    pub(super) fn close(&self, pause: Option<Duration>) -> Duration {
        let pause = pause.unwrap_or(UNSAID).min(LONGEST);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let until = Instant::now() + pause;
        state.closed_until = Some(state.closed_until.map_or(until, |known| known.max(until)));
        pause
    }
}

fn until(unit: ResetUnit, value: u64, now: Moment) -> Duration {
    match unit {
        ResetUnit::Seconds => Duration::from_secs(value),
        ResetUnit::Epoch => {
            Duration::from_secs(value.saturating_sub(u64::try_from(now.seconds).unwrap_or_default()))
        }
        ResetUnit::EpochMilliseconds => {
            let now =
                u64::try_from(now.seconds).unwrap_or_default() * 1000 + u64::from(now.nanos / 1_000_000);
            Duration::from_millis(value.saturating_sub(now))
        }
    }
}

pub(super) fn busy(pause: Option<Duration>) -> Fault {
    // A pause is said in whole seconds, rounded up.
    let whole = pause.map(|p| Duration::from_secs(p.as_secs() + u64::from(p.subsec_nanos() > 0)));
    Fault::plain(&code::BUSY).retry_after(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment { seconds: 1_000, nanos: 0 };

    fn limits() -> Limits {
        Limits {
            remaining: Some("x-left".into()),
            reset: Some("x-reset".into()),
            unit: ResetUnit::Seconds,
            busy: Vec::new(),
        }
    }

    fn headers(left: &str, reset: &str) -> http::HeaderMap {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-left", left.parse().unwrap());
        headers.insert("x-reset", reset.parse().unwrap());
        headers
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_without_calls_is_waited_for_or_refused_by_policy() {
        let pace = Pace::default();
        let start = Instant::now();
        pace.observe(&limits(), &headers("0", "7"), NOW);
        let refused = pace.enter(WhenBusy::Fail, start + Duration::from_secs(30)).await.unwrap_err();
        assert_eq!(refused.retry_after, Some(Duration::from_secs(7)));
        // It would take longer than the request has.
        assert!(pace.enter(WhenBusy::Wait, start + Duration::from_secs(3)).await.is_err());
        pace.enter(WhenBusy::Wait, start + Duration::from_secs(30)).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(7));
        pace.enter(WhenBusy::Fail, start + Duration::from_secs(30)).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_calls_are_spread() {
        let pace = Pace::default();
        let start = Instant::now();
        pace.observe(&limits(), &headers("5", "10"), NOW);
        for _ in 0..3 {
            pace.enter(WhenBusy::Slow, start + Duration::from_secs(30)).await.unwrap();
        }
        assert_eq!(start.elapsed(), Duration::from_secs(4));
    }
}
