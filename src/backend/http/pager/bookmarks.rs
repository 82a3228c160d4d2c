//! Bookmarks: where in a list a cursor leads, so that a caller who walks it forward costs one call a page.

use super::Question;
use crate::value::Value;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// So many lists have bookmarks at once.
const MOST_LISTS: u64 = 512;
/// So many bookmarks one list has.
const MOST_MARKS: usize = 256;
/// A cursor is believed this long.
const KEPT: Duration = Duration::from_mins(5);

type Marks = Arc<Mutex<BTreeMap<u64, Value>>>;

#[derive(Debug)]
pub(in crate::backend::http) struct Bookmarks {
    lists: moka::future::Cache<String, Marks>,
    generation: AtomicU64,
}

impl Default for Bookmarks {
    fn default() -> Self {
        let lists = moka::future::Cache::builder().max_capacity(MOST_LISTS).time_to_live(KEPT).build();
        Self { lists, generation: AtomicU64::new(0) }
    }
}

impl Bookmarks {
    /// The nearest place at or before a row, and the cursor that leads there; the start has none.
    pub(super) async fn nearest(&self, key: &str, offset: u64) -> (u64, Option<Value>) {
        let Some(marks) = self.lists.get(&self.generated(key)).await else { return (0, None) };
        let marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
        let found = marks.range(..=offset).next_back();
        found.map_or((0, None), |(at, cursor)| (*at, Some(cursor.clone())))
    }

    pub(super) async fn put(&self, key: &str, at: u64, cursor: Value) {
        let marks = self.lists.get_with(self.generated(key), async { Marks::default() }).await;
        let mut marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
        // The far ones save the most; of two near each other one is enough.
        if marks.len() >= MOST_MARKS {
            let every_second: Vec<u64> = marks.keys().copied().step_by(2).collect();
            for at in every_second {
                marks.remove(&at);
            }
        }
        marks.insert(at, cursor);
    }

    pub(super) async fn forget_one(&self, key: &str) {
        self.lists.invalidate(&self.generated(key)).await;
    }

    /// Forgets all: something was written.
    pub(in crate::backend::http) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.lists.invalidate_all();
    }

    fn generated(&self, key: &str) -> String {
        format!("{} {key}", self.generation.load(Ordering::SeqCst))
    }
}

/// What tells one list from another.
pub(super) fn key(question: Question<'_>) -> String {
    format!("{} {:?}", question.subject.binding.file, question.parameters)
}
