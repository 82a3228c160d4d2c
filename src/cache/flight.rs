//! One question under way for all who ask it. It goes on when those who wait for it go away: what comes is of use to the
//! next one. A question that was begun before a write is not joined by who comes after it.

use super::{
    Cache, Entry, Key,
    tags::{Begun, Tag},
};
use crate::fault::{Fault, code};
use futures_util::future::{BoxFuture, FutureExt, Shared};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// What a question brought.
#[derive(Debug, Clone)]
pub struct Filled {
    pub entry: Arc<Entry>,
    /// Whether it may be kept.
    pub keep: bool,
    /// Whether a replica had it.
    pub shared: bool,
}

/// A question under way.
pub type Flight = Shared<BoxFuture<'static, Result<Filled, Fault>>>;

#[derive(Debug, Default)]
pub struct Flights(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    all: HashMap<Key, (u64, Begun, Flight)>,
    next: u64,
}

/// Takes a question off the list when it has ended, however it did.
struct Landing {
    cache: Arc<Cache>,
    key: Key,
    number: u64,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut open = self.cache.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.all.get(&self.key).is_some_and(|(number, ..)| *number == self.number) {
            open.all.remove(&self.key);
        }
    }
}

impl Cache {
    /// Joins the question that is under way, or begins it; and whether it was joined.
    pub fn fly<F, Asked>(self: &Arc<Self>, key: Key, tags: &[Tag], ask: F) -> (Flight, bool)
    where
        F: FnOnce(Begun) -> Asked,
        Asked: Future<Output = Result<Filled, Fault>> + Send + 'static,
    {
        let mut open = self.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, begun, flight)) = open.all.get(&key)
            && self.tags.hold(tags, *begun)
        {
            return (flight.clone(), true);
        }
        let begun = self.begin();
        let asked = ask(begun);
        open.next += 1;
        let number = open.next;
        let landing = Landing { cache: Arc::clone(self), key, number };
        #[expect(
            clippy::disallowed_methods,
            reason = "it outlives the caller who began it, and ends with its deadline"
        )]
        let task = tokio::spawn(async move {
            let filled = asked.await;
            if let Ok(Filled { entry, keep: true, .. }) = &filled {
                landing.cache.put(landing.key, entry).await;
            }
            // It is kept before it is off the list: who comes now finds one of both.
            drop(landing);
            filled
        });
        let flight = task
            .map(|ended| {
                ended.unwrap_or_else(|why| {
                    Err(Fault::plain(&code::INTERNAL).detail(format!("a question did not end: {why}")))
                })
            })
            .boxed()
            .shared();
        open.all.insert(key, (number, begun, flight.clone()));
        (flight, false)
    }

    /// How many questions are under way.
    pub fn under_way(&self) -> usize {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).all.len()
    }
}
