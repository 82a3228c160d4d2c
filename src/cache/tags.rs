//! When what was read became old: each tag has the number of its latest drop, and an answer counts only where it was
//! begun behind the drops of all its tags. Nothing is searched for when something is written.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// After a write whose outcome nobody knows, it may still come about so long.
const SETTLING: Duration = Duration::from_secs(30);

/// A tag: the name of a resource.
pub type Tag = Arc<str>;

/// The drops of all tags; as many as there are resources.
#[derive(Debug, Default)]
pub struct Tags {
    number: AtomicU64,
    /// All that was begun before this is old.
    floor: AtomicU64,
    dropped: RwLock<HashMap<Tag, Dropped>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Dropped {
    at: u64,
    /// Until then nothing new is kept.
    unsettled: Option<Instant>,
}

/// When something was begun, in the order of drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Begun(u64);

impl Tags {
    pub fn begin(&self) -> Begun {
        Begun(self.number.load(Ordering::SeqCst))
    }

    /// What was begun before this is old.
    pub fn drop(&self, tag: &Tag) {
        self.put(tag, None);
    }

    /// The same; and nothing is kept for a while, because a write may still come about.
    pub fn drop_unsettled(&self, tag: &Tag) {
        self.put(tag, Some(Instant::now() + SETTLING));
    }

    /// All that was begun before this is old.
    pub fn drop_all(&self) {
        let _dropped = self.dropped.write().unwrap_or_else(PoisonError::into_inner);
        let at = self.number.fetch_add(1, Ordering::SeqCst) + 1;
        self.floor.store(at, Ordering::SeqCst);
    }

    fn put(&self, tag: &Tag, unsettled: Option<Instant>) {
        let mut dropped = self.dropped.write().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: whoever begins behind this number sees the drop.
        let at = self.number.fetch_add(1, Ordering::SeqCst) + 1;
        let known = dropped.entry(Arc::clone(tag)).or_default();
        known.at = at;
        known.unsettled = known.unsettled.max(unsettled);
    }

    /// Whether nothing was dropped since.
    pub fn hold(&self, tags: &[Tag], begun: Begun) -> bool {
        let dropped = self.dropped.read().unwrap_or_else(PoisonError::into_inner);
        self.floor.load(Ordering::SeqCst) <= begun.0
            && tags.iter().all(|tag| dropped.get(tag).is_none_or(|known| known.at <= begun.0))
    }

    /// Whether no write is left of which nobody knows the outcome.
    pub fn are_settled(&self, tags: &[Tag]) -> bool {
        let now = Instant::now();
        let dropped = self.dropped.read().unwrap_or_else(PoisonError::into_inner);
        tags.iter()
            .all(|tag| dropped.get(tag).and_then(|known| known.unsettled).is_none_or(|until| until <= now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_before_a_drop_does_not_count() {
        let tags = Tags::default();
        let (pets, species): (Tag, Tag) = ("pets".into(), "species".into());
        let before = tags.begin();
        assert!(tags.hold(&[Arc::clone(&pets), Arc::clone(&species)], before));
        tags.drop(&species);
        assert!(!tags.hold(&[Arc::clone(&pets), Arc::clone(&species)], before));
        assert!(tags.hold(&[Arc::clone(&pets)], before), "another tag is not meant");
        assert!(tags.hold(&[pets, species], tags.begin()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_may_still_come_about_keeps_from_keeping() {
        let tags = Tags::default();
        let pets: Tag = "pets".into();
        tags.drop_unsettled(&pets);
        tags.drop(&pets);
        assert!(!tags.are_settled(&[Arc::clone(&pets)]));
        tokio::time::advance(SETTLING).await;
        assert!(tags.are_settled(&[pets]));
    }
}
