//! Who works and who waits. On one node those that come second wait for the first without asking the store; over several
//! nodes they ask it again and again.

use super::{Begun, Effect, End, Id, Intent, KEPT, Kept, Keyed, Mark, Row, SETTLED, State, Store};
use crate::{
    fault::{Fault, code},
    telemetry::clock::Clock,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout_at},
};

/// The first pause between two questions to the store; each is twice the one before.
const FIRST: Duration = Duration::from_millis(20);
const LAST: Duration = Duration::from_millis(500);
/// So long before the deadline waiting ends, so that there is time to say so.
const BEFORE: Duration = Duration::from_millis(50);
/// A request that has not ended so long after its deadline has crashed, in milliseconds.
const LATE: i64 = 5_000;

/// What the first gives to those that wait for it: the hash of what was asked, and the answer.
type Shared = Option<Arc<(String, Kept)>>;

/// Keys under way on this node, and the store of all.
#[derive(Debug)]
pub struct Engine {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// This run of the program.
    holder: String,
    flights: Mutex<HashMap<Id, watch::Receiver<Shared>>>,
}

/// What a request with a key is to do.
#[derive(Debug)]
pub enum Entered {
    /// The first answer is given again.
    Replay(Arc<(String, Kept)>),
    /// It is the first: it is carried out.
    Run(Ticket),
    /// An earlier one was begun, and nobody knows what came of it: it is resolved first.
    Doubt(Ticket, Row),
}

/// The right to work on a key. Whoever drops it without an end gave up: what surely did nothing frees the key, the rest is
/// unknown.
#[derive(Debug)]
pub struct Ticket {
    engine: Arc<Engine>,
    id: Id,
    hash: String,
    pub mark: Arc<Mark>,
    /// What it is where it ends without having done anything: a doubt stays one.
    doubtful: bool,
    ended: bool,
    told: watch::Sender<Shared>,
}

// === impl Engine ===

impl Engine {
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        let holder = uuid::Uuid::now_v7().to_string();
        Self { store, clock, holder, flights: Mutex::default() }
    }

    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    fn now(&self) -> i64 {
        let now = self.clock.now();
        now.seconds.saturating_mul(1_000).saturating_add(i64::from(now.nanos / 1_000_000))
    }

    /// Finds out what a request with a key is to do, and waits for the first where that still runs.
    ///
    /// Refuses with F466 (the key stands for another request), F911 (the first still runs at the deadline), F519 (nobody
    /// knows yet what came of the first, and it is too early to ask) and F913 (the store is away: nothing is promised then).
    pub async fn enter(
        self: &Arc<Self>,
        keyed: &Keyed,
        what: &str,
        deadline: Instant,
    ) -> Result<Entered, Fault> {
        let until = deadline.checked_sub(BEFORE).unwrap_or(deadline);
        if let Ok(entered) = timeout_at(until, self.entered(keyed, what, deadline)).await {
            return entered;
        }
        let message = "The first request with this key still runs. Send it again, with the same key.";
        Err(Fault::new(&code::DEADLINE, message).retry_after(Some(Duration::from_secs(1))))
    }

    async fn entered(
        self: &Arc<Self>,
        keyed: &Keyed,
        what: &str,
        deadline: Instant,
    ) -> Result<Entered, Fault> {
        let mut pause = FIRST;
        loop {
            let told = match self.flight(&keyed.id) {
                Ok(told) => told,
                Err(mut first) => {
                    // An error says that the first is gone without an answer: then it is asked anew.
                    let shared = first.wait_for(Option::is_some).await.ok().and_then(|shared| shared.clone());
                    match shared {
                        Some(shared) => return same(&shared.0, keyed).map(|()| Entered::Replay(shared)),
                        None => continue,
                    }
                }
            };
            let mark = Arc::new(Mark::new(uuid::Uuid::now_v7().to_string()));
            let mut ticket = Ticket {
                engine: Arc::clone(self),
                id: keyed.id.clone(),
                hash: keyed.hash.clone(),
                mark,
                doubtful: false,
                // Nothing is ours yet.
                ended: true,
                told,
            };
            let now = self.now();
            let intent = Intent {
                id: keyed.id.clone(),
                hash: keyed.hash.clone(),
                what: what.to_owned(),
                holder: self.holder.clone(),
                now,
                held_until: now.saturating_add(left(deadline)).saturating_add(LATE),
                record: ticket.mark.chosen.clone(),
            };
            let row = match self.store.begin(&intent).await? {
                Begun::Ours => {
                    ticket.ended = false;
                    return Ok(Entered::Run(ticket));
                }
                Begun::Stands(row) => row,
            };
            same(&row.hash, keyed)?;
            match (row.state, &row.answer) {
                (State::Done, Some(answer)) => {
                    let shared = Arc::new((row.hash.clone(), answer.clone()));
                    ticket.told.send_replace(Some(Arc::clone(&shared)));
                    return Ok(Entered::Replay(shared));
                }
                (State::Done, None) => {
                    return Err(Fault::plain(&code::STORE_FAILED).detail("ledger: an answer is missing"));
                }
                (State::Running, _) if row.held_until > now => {
                    // Another node works on it. Those who wait here wait for this one.
                    sleep(pause).await;
                    pause = (pause * 2).min(LAST);
                }
                (State::Running | State::Unknown, _) if row.held_until.saturating_add(SETTLED) > now => {
                    let left = row.held_until.saturating_add(SETTLED).saturating_sub(now);
                    let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
                    return Err(Fault::plain(&code::OUTCOME_UNKNOWN)
                        .detail("an earlier request with this key was given up; it is too early to look for its effect")
                        .retry_after(Some(left + Duration::from_secs(1))));
                }
                _ => {
                    if self.store.take(&keyed.id, &row, &self.holder, intent.held_until).await? {
                        ticket.mark = Arc::new(Mark::new(row.record.clone()));
                        ticket.doubtful = true;
                        ticket.ended = false;
                        return Ok(Entered::Doubt(ticket, row));
                    }
                }
            }
        }
    }

    /// A flight of our own, or the one that is under way.
    fn flight(&self, id: &Id) -> Result<watch::Sender<Shared>, watch::Receiver<Shared>> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = flights.get(id) {
            // One whose sender is gone is over.
            if first.has_changed().is_ok() {
                return Err(first.clone());
            }
        }
        let (told, first) = watch::channel(None);
        flights.insert(id.clone(), first);
        Ok(told)
    }

    fn landed(&self, id: &Id) {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

fn left(deadline: Instant) -> i64 {
    let left = deadline.saturating_duration_since(Instant::now()).as_millis();
    i64::try_from(left).unwrap_or(i64::MAX / 4).min(KEPT)
}

fn same(hash: &str, keyed: &Keyed) -> Result<(), Fault> {
    if hash == keyed.hash { Ok(()) } else { Err(Fault::plain(&code::KEY_REUSED)) }
}

// === impl Ticket ===

impl Ticket {
    /// Keeps an answer: who asks again gets it. Where it cannot be kept the answer is as true; who asks again is told that
    /// the outcome is not known, or gets what a look-up finds.
    pub async fn done(mut self, answer: Kept) {
        let end = End::Done(answer);
        self.end(&end).await;
        if let End::Done(answer) = end {
            self.told.send_replace(Some(Arc::new((std::mem::take(&mut self.hash), answer))));
        }
    }

    /// Frees the key: surely nothing was done.
    pub async fn free(mut self) {
        self.end(&End::Free).await;
    }

    /// Notes that nobody knows what came of it.
    pub async fn unknown(mut self) {
        let end = End::Unknown(self.mark.record().to_owned());
        self.end(&end).await;
    }

    async fn end(&mut self, end: &End) {
        let engine = Arc::clone(&self.engine);
        // Whoever is dropped while this waits says so by `Drop` once more: an end is written by its holder alone.
        if let Err(fault) = engine.store.end(&self.id, &engine.holder, end, engine.now()).await {
            tracing::error!(
                detail = fault.detail.as_deref(),
                "what came of a request with a key is not noted"
            );
        }
        self.ended = true;
    }

    /// Goes on with a doubt that was resolved: nothing was done.
    pub fn cleared(&mut self) {
        self.doubtful = false;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.engine.landed(&self.id);
        if self.ended {
            return;
        }
        let nothing = self.mark.effect() == Effect::None && !self.doubtful;
        let end = if nothing { End::Free } else { End::Unknown(self.mark.record().to_owned()) };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (engine, id) = (Arc::clone(&self.engine), self.id.clone());
        runtime.spawn(async move {
            if let Err(fault) = engine.store.end(&id, &engine.holder, &end, engine.now()).await {
                tracing::error!(
                    detail = fault.detail.as_deref(),
                    "what came of a request with a key is not noted"
                );
            }
        });
    }
}
