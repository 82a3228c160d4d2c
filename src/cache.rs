//! What sources answered, kept: bounded by bytes, one question for many who ask it at once, dropped when something of it
//! is written, and shared among replicas where there is a place to share it. It makes no key (`pipeline::execute` knows
//! what reaches a source) and judges no caller: what is taken from here is judged like what has just been read.

pub mod count;
pub mod entry;
mod flight;
pub mod key;
pub mod shared;
pub mod tags;

pub use entry::{Entry, State};
pub use flight::{Filled, Flight};
pub use key::{Key, Spelling};

use crate::plan::cache as plan;
use count::{Counts, Outcome};
use flight::Flights;
use shared::Shared;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::{Duration, Instant as Time},
};
use tags::{Begun, Tag, Tags};
use tokio::time::Instant;

/// All that is kept by one process.
pub struct Cache {
    kept: moka::future::Cache<Key, Arc<Entry>>,
    flights: Flights,
    pub tags: Tags,
    pub counts: Arc<Counts>,
    shared: OnceLock<Shared>,
    /// Who is told of what was written, here or elsewhere.
    heeding: OnceLock<Box<Heed>>,
    bytes: u64,
}

/// What is done when something of a tag was written; of all tags where none is named.
type Heed = dyn Fn(Option<&str>) + Send + Sync;

/// What of a resource is kept now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    pub entries: u64,
    pub bytes: u64,
    pub fresh: u64,
    pub stale: u64,
}

/// What is to be dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purge {
    All,
    /// What is kept of this resource.
    Resource(String),
    /// What is kept of this one of its records, by itself.
    Record(String, String),
    /// All into which this resource is joined, as a write would.
    Tag(String),
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache")
            .field("bytes", &self.bytes)
            .field("shared", &self.shared)
            .finish_non_exhaustive()
    }
}

/// Memory is given back when an entry can be of no more use; whether it may be used is judged by its own age.
struct Lifetime;

impl moka::Expiry<Key, Arc<Entry>> for Lifetime {
    fn expire_after_create(&self, _: &Key, entry: &Arc<Entry>, _: Time) -> Option<Duration> {
        Some(entry.fresh + entry.stale)
    }

    fn expire_after_update(
        &self,
        _: &Key,
        entry: &Arc<Entry>,
        _: Time,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.fresh + entry.stale)
    }
}

impl Cache {
    pub fn new(settings: &plan::Cache) -> Arc<Self> {
        let counts: Arc<Counts> = Arc::default();
        let listener = {
            let counts = Arc::clone(&counts);
            move |_: Arc<Key>, entry: Arc<Entry>, why: moka::notification::RemovalCause| {
                if why == moka::notification::RemovalCause::Size {
                    counts.note(&entry.tag, Outcome::Evicted);
                }
            }
        };
        let kept = moka::future::Cache::builder()
            .max_capacity(settings.bytes)
            .weigher(|_: &Key, entry: &Arc<Entry>| entry.weight)
            .expire_after(Lifetime)
            .eviction_listener(listener)
            .build();
        Arc::new(Self {
            kept,
            flights: Flights::default(),
            tags: Tags::default(),
            counts,
            shared: OnceLock::new(),
            heeding: OnceLock::new(),
            bytes: settings.bytes,
        })
    }

    /// Shares with other replicas from now on.
    pub fn share(self: &Arc<Self>, address: &str) -> Result<(), shared::Unusable> {
        let shared = Shared::open(address, Arc::downgrade(self))?;
        // A second one would be a mistake of the program; the first goes on.
        _ = self.shared.set(shared);
        Ok(())
    }

    pub fn shared(&self) -> Option<&Shared> {
        self.shared.get()
    }

    /// How much may be kept.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What is kept under a key and may still be used.
    pub async fn get(&self, key: &Key) -> Option<Arc<Entry>> {
        let entry = self.kept.get(key).await?;
        let usable = self.tags.hold(&entry.tags, entry.begun) && entry.state(Instant::now()) != State::Gone;
        if !usable {
            self.kept.invalidate(key).await;
        }
        usable.then_some(entry)
    }

    /// Keeps an answer, unless something of it was written since it was begun.
    async fn put(&self, key: Key, entry: &Arc<Entry>) {
        let counts = self.tags.hold(&entry.tags, entry.begun) && self.tags.are_settled(&entry.tags);
        if counts && !entry.fresh.is_zero() {
            self.kept.insert(key, Arc::clone(entry)).await;
        }
    }

    pub async fn forget(&self, key: &Key) {
        self.kept.invalidate(key).await;
    }

    /// Something of a resource was written: what was read before does not count any more, here and at other replicas.
    pub fn written(&self, tag: &Tag, outcome_known: bool) {
        // First, so that nobody who comes behind the drop takes up what is shared before the store knows of it.
        if let Some(shared) = self.shared() {
            shared.written(tag);
        }
        if outcome_known {
            self.tags.drop(tag);
        } else {
            self.tags.drop_unsettled(tag);
        }
        self.tell(Some(tag));
    }

    /// Another replica wrote something of a resource.
    fn heard(&self, tag: &Tag) {
        self.tags.drop(tag);
        self.tell(Some(tag));
    }

    /// Nothing that was read before counts any more.
    pub fn drop_all(&self) {
        self.tags.drop_all();
        self.tell(None);
    }

    /// Has somebody told of all that is written, here and at other replicas; the first one only.
    pub fn heed(&self, heed: Box<Heed>) {
        _ = self.heeding.set(heed);
    }

    fn tell(&self, tag: Option<&str>) {
        if let Some(heed) = self.heeding.get() {
            heed(tag);
        }
    }

    /// What is kept, by resource.
    pub fn held(&self) -> BTreeMap<Tag, Held> {
        let now = Instant::now();
        let mut all: BTreeMap<Tag, Held> = BTreeMap::new();
        for (_, entry) in &self.kept {
            if !self.tags.hold(&entry.tags, entry.begun) {
                continue;
            }
            let place = all.entry(Arc::clone(&entry.tag)).or_default();
            match entry.state(now) {
                State::Fresh(_) => place.fresh += 1,
                State::Stale(..) => place.stale += 1,
                State::Gone => continue,
            }
            place.entries += 1;
            place.bytes += u64::from(entry.weight);
        }
        all
    }

    /// Drops what is meant; how many answers that were here. Replicas are told of what has a tag.
    pub async fn purge(&self, what: &Purge) -> u64 {
        let meant = |entry: &Entry| match what {
            Purge::All => true,
            Purge::Resource(tag) => *entry.tag == **tag,
            Purge::Record(tag, key) => *entry.tag == **tag && entry.record.as_deref() == Some(key.as_str()),
            Purge::Tag(tag) => entry.tags.iter().any(|one| **one == **tag),
        };
        let mut keys = Vec::new();
        for (key, entry) in &self.kept {
            if meant(&entry) {
                keys.push(*key);
            }
        }
        for key in &keys {
            self.kept.invalidate(key).await;
        }
        match what {
            Purge::All => self.drop_all(),
            Purge::Resource(tag) | Purge::Tag(tag) => self.written(&Tag::from(tag.as_str()), true),
            // What replicas share does not say whose record it is about: all of its resource goes there.
            Purge::Record(tag, _) => {
                if let Some(shared) = self.shared() {
                    shared.written(&Tag::from(tag.as_str()));
                }
            }
        }
        keys.len() as u64
    }

    /// Waits until what was put in and taken out is counted; for tests and lists.
    pub async fn settle(&self) {
        self.kept.run_pending_tasks().await;
    }

    /// The bytes that are in use.
    pub fn used(&self) -> u64 {
        self.kept.weighted_size()
    }

    pub fn begin(&self) -> Begun {
        self.tags.begin()
    }
}
