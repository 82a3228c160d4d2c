//! What became of questions, counted by resource. The names are those of the plan, never a caller's.

use super::tags::Tag;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// What can become of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Hit,
    /// From what replicas share.
    SharedHit,
    Stale,
    Miss,
    /// It waited for another one's answer.
    Joined,
    Bypass,
    /// An answer that had to make room.
    Evicted,
}

impl Outcome {
    pub const ALL: [Self; 7] =
        [Self::Hit, Self::SharedHit, Self::Stale, Self::Miss, Self::Joined, Self::Bypass, Self::Evicted];

    /// As metrics call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::SharedHit => "shared_hit",
            Self::Stale => "stale",
            Self::Miss => "miss",
            Self::Joined => "joined",
            Self::Bypass => "bypass",
            Self::Evicted => "evicted",
        }
    }
}

#[derive(Debug, Default)]
pub struct Counts(RwLock<BTreeMap<Tag, Arc<[AtomicU64; 7]>>>);

impl Counts {
    pub fn note(&self, tag: &Tag, outcome: Outcome) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(tag).cloned();
        let counters = known.unwrap_or_else(|| {
            let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(Arc::clone(tag)).or_default())
        });
        if let Some(counter) = counters.get(outcome as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// By resource, in the order of [`Outcome::ALL`].
    pub fn all(&self) -> Vec<(Tag, [u64; 7])> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let values = |counters: &[AtomicU64; 7]| counters.each_ref().map(|one| one.load(Ordering::Relaxed));
        all.iter().map(|(tag, counters)| (Arc::clone(tag), values(counters))).collect()
    }

    pub fn of(&self, tag: &str, outcome: Outcome) -> u64 {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let counter = all.get(tag).and_then(|counters| counters.get(outcome as usize));
        counter.map_or(0, |counter| counter.load(Ordering::Relaxed))
    }
}
