//! What stands between the plan and the calls to a source: breaker, bulkhead, retries within a budget, hedging, several
//! addresses; and the bound of requests under way. It makes no call by itself, knows no protocol and words no error: whoever
//! calls says what came of it (`Judged`), and hears why nothing was called (`Refused`).
//!
//! The time is tokio's: it goes forward only, whatever the wall clock does, and a test stops it.

mod addresses;
mod breaker;
mod bulkhead;
mod hedge;
mod report;
mod shed;

#[cfg(test)]
mod tests;

use crate::{
    boxed::boxed,
    plan::resilience::{Hedge, Resilience},
};
use addresses::{Addresses, Chosen};
use bulkhead::{Bulkhead, Seat};
use futures_util::future::{Either, select};
use hedge::Latencies;
use std::{
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tokio::time::Instant;
use tower::retry::budget::{Budget as _, TpsBudget};

pub use breaker::Phase;
pub use report::{Place, Report};
pub use shed::{Gate, NoRoom, Room};

/// What is left of a request for wording its answer when a source has not answered.
pub const MARGIN: Duration = Duration::from_millis(100);
/// Retries are counted over this span.
const BUDGETED: Duration = Duration::from_secs(10);
/// Whoever has hardly called yet may make so many retries a second.
const SPARE: u32 = 1;
/// A pause between two tries is not longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// An answer that is not there behind so long says something of the source, however little the request had left.
const TELLING: Duration = Duration::from_secs(1);

/// Holds the calls to one source in bounds.
#[derive(Debug)]
pub struct Guard {
    pub name: String,
    rules: Resilience,
    bulkhead: Bulkhead,
    budget: Option<TpsBudget>,
    addresses: Addresses,
    dice: addresses::Dice,
    latencies: Latencies,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    calls: AtomicU64,
    retries: AtomicU64,
    hedges: AtomicU64,
    hedges_won: AtomicU64,
    unaffordable: AtomicU64,
    refused_open: AtomicU64,
    refused_full: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// A call that is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Whether it changes nothing, so that it may be made again though it has left.
    pub safe: bool,
    pub deadline: Instant,
    pub hedge: Option<Hedge>,
}

/// One try of a call.
#[derive(Debug, Clone, Copy)]
pub struct Try {
    /// The address's number.
    pub address: usize,
    pub deadline: Instant,
}

/// What came of a try, as far as the source and its bounds are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the source is well; nothing where this says nothing of it.
    pub well: Option<bool>,
    /// Whether it has too much to do.
    pub overloaded: bool,
    pub again: Again,
    /// No byte has left, so that nothing can have come of it.
    pub unsent: bool,
}

/// Whether it is of use to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    No,
    /// Behind a pause of ours.
    Soon,
    /// Not before, as the source says itself.
    Behind(Duration),
}

impl Verdict {
    /// It did what it was asked for, whatever it said.
    pub const GOOD: Self = Self { well: Some(true), overloaded: false, again: Again::No, unsent: false };
    /// It says nothing of the source.
    pub const NOTHING: Self = Self { well: None, ..Self::GOOD };
    /// It failed behind the call's beginning.
    pub const FAILED: Self = Self { well: Some(false), again: Again::Soon, ..Self::GOOD };
    /// It was not reached.
    pub const UNSENT: Self = Self { unsent: true, ..Self::FAILED };
    /// It did not answer in time: what has taken so long is not begun anew.
    pub const SLOW: Self = Self { overloaded: true, again: Again::No, ..Self::FAILED };
}

/// What came of a try.
pub trait Judged {
    fn verdict(&self) -> Verdict;
}

/// Why nothing was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("its circuit breaker is open")]
    Open(Duration),
    #[error("as many calls wait for it as may")]
    Full(Duration),
    #[error("a place for the call did not become free in time")]
    Waited(Duration),
}

impl Refused {
    /// When it is worth coming again.
    pub fn pause(self) -> Duration {
        let (Self::Open(pause) | Self::Full(pause) | Self::Waited(pause)) = self;
        pause
    }
}

/// A pause as it is said to callers: in whole seconds, rounded up, and not none.
pub fn whole(pause: Duration) -> Duration {
    Duration::from_secs((pause.as_secs() + u64::from(pause.subsec_nanos() > 0)).max(1))
}

/// A call that came to nothing.
#[derive(Debug)]
pub enum Failed<E> {
    Refused(Refused),
    Call(E),
}

/// One round: what came, and what it says.
type Came<T, E> = (Result<T, E>, Verdict);
/// What a try has, and since when.
type Placed<'a> = (Seat<'a>, Chosen<'a>, Instant);

// === impl Guard ===

impl Guard {
    pub fn new(name: String, rules: Resilience, addresses: usize) -> Self {
        let budget = rules.retry.map(|retry| {
            #[expect(clippy::cast_precision_loss, reason = "a percentage")]
            let share = retry.budget.min(1000) as f32 / 100.0;
            TpsBudget::new(BUDGETED, SPARE, share)
        });
        Self {
            name,
            bulkhead: Bulkhead::new(rules.bulkhead),
            budget,
            addresses: Addresses::new(addresses, rules.breaker),
            dice: addresses::Dice::default(),
            latencies: Latencies::default(),
            counts: Counts::default(),
            rules,
        }
    }

    pub fn rules(&self) -> &Resilience {
        &self.rules
    }

    /// Refuses where no address takes a call: asked before there is anything to prepare.
    pub fn admits(&self) -> Result<(), Refused> {
        match self.addresses.pause(Instant::now()) {
            None => Ok(()),
            Some(pause) => {
                count(&self.counts.refused_open);
                Err(Refused::Open(pause))
            }
        }
    }

    /// Makes a call, and makes it again where that is allowed and of use.
    pub async fn call<T, E, F, Fut>(&self, wanted: Wanted, attempt: F) -> Result<T, Failed<E>>
    where
        T: Judged,
        E: Judged,
        F: Fn(Try) -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        count(&self.counts.calls);
        if let Some(budget) = &self.budget {
            budget.deposit();
        }
        let (mut tried, mut times, mut last): (Vec<usize>, u32, Option<Result<T, E>>) = (Vec::new(), 0, None);
        loop {
            let (came, verdict) = match self.round(wanted, &attempt, &mut tried).await {
                Ok(round) => round,
                // What the source said before says more.
                Err(refused) => {
                    return last.map_or(Err(Failed::Refused(refused)), |came| came.map_err(Failed::Call));
                }
            };
            let Some(pause) = self.pause(wanted, verdict, times) else {
                return came.map_err(Failed::Call);
            };
            times += 1;
            count(&self.counts.retries);
            last = Some(came);
            tokio::time::sleep(pause).await;
        }
    }

    /// How long to wait before the call is made again; nothing where it is not.
    fn pause(&self, wanted: Wanted, verdict: Verdict, times: u32) -> Option<Duration> {
        let retry = self.rules.retry?;
        if times >= retry.times || !(wanted.safe || verdict.unsent) {
            return None;
        }
        let longest = retry.after.saturating_mul(1 << times.min(16)).min(LONGEST_PAUSE);
        let pause = match verdict.again {
            Again::No => return None,
            Again::Soon => self.dice.part_of(longest),
            Again::Behind(said) => said.saturating_add(self.dice.part_of(retry.after)),
        };
        if Instant::now() + pause >= wanted.deadline {
            return None;
        }
        if !self.budget.as_ref()?.withdraw() {
            count(&self.counts.unaffordable);
            return None;
        }
        Some(pause)
    }

    /// One try, and a second one beside it where the first takes long.
    async fn round<T, E, F, Fut>(
        &self,
        wanted: Wanted,
        attempt: &F,
        tried: &mut Vec<usize>,
    ) -> Result<Came<T, E>, Refused>
    where
        T: Judged,
        E: Judged,
        F: Fn(Try) -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let (seat, chosen, now) = self.place(wanted, tried).await?;
        tried.push(chosen.at);
        let first = pin!(self.attempt(wanted, (seat, chosen, now), attempt));
        let wait = wanted.hedge.filter(|_| wanted.safe).and_then(|hedge| self.latencies.wait(hedge));
        let Some(wait) = wait else { return Ok(first.await) };
        let first = match select(first, pin!(tokio::time::sleep(wait))).await {
            Either::Left((came, _)) => return Ok(came),
            Either::Right(((), first)) => first,
        };
        let Some((seat, chosen)) = self.second(tried) else { return Ok(first.await) };
        tried.push(chosen.at);
        count(&self.counts.hedges);
        // In a box: a call that needs no second try makes no room for one.
        let second = boxed(|| self.attempt(wanted, (seat, chosen, Instant::now()), attempt));
        // Whoever loses is dropped, and its connection with it.
        match select(first, second).await {
            Either::Left((came, _)) if is_answer(&came) => Ok(came),
            Either::Left((_, second)) => Ok(second.await),
            Either::Right((came, _)) if is_answer(&came) => {
                count(&self.counts.hedges_won);
                Ok(came)
            }
            Either::Right((_, first)) => Ok(first.await),
        }
    }

    /// A place and an address for a call, and when it has them.
    async fn place(&self, wanted: Wanted, tried: &[usize]) -> Result<Placed<'_>, Refused> {
        let seat = match self.bulkhead.enter(wanted.deadline).await {
            Ok(seat) => seat,
            Err(full) => {
                count(&self.counts.refused_full);
                return Err(match full {
                    bulkhead::Full::Queue => Refused::Full(bulkhead::AGAIN),
                    bulkhead::Full::Waited => Refused::Waited(bulkhead::AGAIN),
                });
            }
        };
        let now = Instant::now();
        match self.addresses.choose(tried, now) {
            Ok(chosen) => Ok((seat, chosen, now)),
            Err(pause) => {
                count(&self.counts.refused_open);
                Err(Refused::Open(pause))
            }
        }
    }

    /// The same for a hedge: at once, and paid for, or not at all.
    fn second(&self, tried: &[usize]) -> Option<(Seat<'_>, Chosen<'_>)> {
        let seat = self.bulkhead.enter_now()?;
        let chosen = self.addresses.choose(tried, Instant::now()).ok()?;
        if !self.budget.as_ref()?.withdraw() {
            count(&self.counts.unaffordable);
            return None;
        }
        Some((seat, chosen))
    }

    async fn attempt<T, E, F, Fut>(
        &self,
        wanted: Wanted,
        (seat, chosen, began): Placed<'_>,
        attempt: &F,
    ) -> Came<T, E>
    where
        T: Judged,
        E: Judged,
        F: Fn(Try) -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let came = attempt(Try { address: chosen.at, deadline: wanted.deadline }).await;
        let now = Instant::now();
        let mut verdict = match &came {
            Ok(answer) => answer.verdict(),
            Err(error) => error.verdict(),
        };
        let took = now.duration_since(began);
        if verdict == Verdict::SLOW && took < TELLING {
            // The request had hardly any time left: that is no fault of the source.
            verdict.well = None;
            verdict.overloaded = false;
        }
        if wanted.safe && wanted.hedge.is_some() && came.is_ok() {
            self.latencies.note(took);
        }
        self.bulkhead.learn(began, now, verdict.overloaded);
        chosen.settle(verdict.well, now);
        drop(seat);
        (came, verdict)
    }

    /// What a health check of an address found. Whether the address has changed by it.
    pub fn checked(&self, address: usize, good: bool) -> bool {
        self.rules
            .health
            .as_ref()
            .is_some_and(|health| self.addresses.checked(address, good, health, Instant::now()))
    }
}

/// Whether this one is worth no waiting for the other.
fn is_answer<T, E>((came, verdict): &Came<T, E>) -> bool {
    came.is_ok() && verdict.well != Some(false) && !verdict.overloaded
}
