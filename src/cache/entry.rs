//! One kept answer: what it is, since when, and how long it is good.

use super::tags::{Begun, Tag};
use crate::{
    backend::{Answer, Content},
    plan::cache::{Caching, Kept},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// What an entry takes besides its answer.
const OWN_WEIGHT: usize = 512;
/// A source that has just failed is left alone so long before it is asked for the same again.
const HOLD: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Entry {
    /// Nothing: there is no such record.
    pub answer: Option<Answer>,
    /// When it was read.
    pub born: Instant,
    pub begun: Begun,
    pub fresh: Duration,
    pub stale: Duration,
    pub tag: Tag,
    pub tags: Arc<[Tag]>,
    /// The record's key, where it is about one.
    pub record: Option<Box<str>>,
    pub weight: u32,
    /// Until then it is not asked for anew.
    held: Mutex<Option<Instant>>,
}

/// How good an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// For so long.
    Fresh(Duration),
    /// Since so long, and for so long.
    Stale(Duration, Duration),
    Gone,
}

impl Entry {
    /// `size` is that of the answer's public form.
    pub fn new(
        mut answer: Option<Answer>,
        caching: &Caching,
        kept: &Kept,
        record: Option<Box<str>>,
        (born, begun): (Instant, Begun),
        size: usize,
    ) -> Self {
        let content = match answer.as_ref().map(|answer| &answer.content) {
            None => 0,
            // The public form is kept beside it, once it has been printed.
            Some(Content::Slots { batch, rows, .. }) => {
                batch.bytes() + rows.len() * size_of::<u32>() * 2 + size
            }
            // A tree of values takes some times its text.
            Some(Content::Values(_)) => size * 4,
        };
        let (fresh, stale) =
            if answer.is_some() { (kept.fresh, kept.stale) } else { (kept.negative, Duration::ZERO) };
        if let Some(answer) = &mut answer {
            answer.printed = Some(Arc::default());
        }
        Self {
            answer,
            born,
            begun,
            fresh,
            stale,
            tag: Arc::clone(&caching.tag),
            tags: Arc::clone(&caching.tags),
            record,
            weight: u32::try_from(content + OWN_WEIGHT).unwrap_or(u32::MAX),
            held: Mutex::new(None),
        }
    }

    pub fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.born)
    }

    pub fn state(&self, now: Instant) -> State {
        let age = self.age(now);
        if age < self.fresh {
            State::Fresh(self.fresh.saturating_sub(age))
        } else if age < self.fresh + self.stale {
            State::Stale(age.saturating_sub(self.fresh), (self.fresh + self.stale).saturating_sub(age))
        } else {
            State::Gone
        }
    }

    /// Leaves the source alone for a moment.
    pub fn hold(&self) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + HOLD);
    }

    pub fn is_held(&self, now: Instant) -> bool {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| now < until)
    }
}
