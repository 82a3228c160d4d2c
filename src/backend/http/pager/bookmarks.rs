//! Bookmarks: where in a list a cursor leads, so that a caller who walks it forward costs one call a page.

use super::Question;
use crate::{plan::http::Size, value::Value};
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

type Marks = Arc<Mutex<BTreeMap<u64, Mark>>>;

/// A place in a list, and how one goes on from there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    /// So many rows are before it.
    pub at: u64,
    /// The start has none.
    pub cursor: Option<Value>,
    /// The size of the pages from there on, where the cursor is an address and has it in it.
    pub size: u32,
}

impl Mark {
    /// The start of a list of which so many rows are wanted.
    pub(super) fn start(size: &Size, wanted: u64) -> Self {
        Self { at: 0, cursor: None, size: size.holding(wanted) }
    }
}

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
    /// The place at or before a row from which the fewest calls lead to the end of what is wanted; of those that need
    /// as many the one with the fewest rows.
    pub(super) async fn best(
        &self,
        key: &str,
        question: Question<'_>,
        offset: u64,
        limit: u32,
        start: Mark,
    ) -> Mark {
        let pages = &question.means.dialect.pages;
        let wanted = offset + u64::from(limit);
        let cost = |mark: &Mark| {
            let size = if pages.links() { mark.size } else { pages.size.most() };
            let calls = (wanted - mark.at).div_ceil(u64::from(size.max(1)));
            let rows = if pages.links() { calls * u64::from(size) } else { wanted - mark.at };
            (calls, rows)
        };
        let Some(marks) = self.lists.get(&self.generated(key)).await else { return start };
        let marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks
            .range(..=offset)
            .map(|(_, mark)| mark)
            .chain([&start])
            .min_by_key(|m| cost(m))
            .cloned()
            .unwrap_or(start.clone())
    }

    /// The place from which what is left is counted by the fewest calls.
    pub(super) async fn furthest(&self, key: &str, question: Question<'_>, known: u64, start: Mark) -> Mark {
        let Some(marks) = self.lists.get(&self.generated(key)).await else { return start };
        let marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, last)) = marks.range(known..).next_back().or_else(|| marks.iter().next_back()) else {
            return start;
        };
        // Small pages from there on may be more calls than large ones from the start; how many nobody knows yet.
        let small = question.means.dialect.pages.links() && last.size < start.size;
        if small && last.at < u64::from(start.size) { start } else { last.clone() }
    }

    pub(super) async fn put(&self, key: &str, mark: Mark) {
        let marks = self.lists.get_with(self.generated(key), async { Marks::default() }).await;
        let mut marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
        // The far ones save the most; of two near each other one is enough.
        if marks.len() >= MOST_MARKS {
            let every_second: Vec<u64> = marks.keys().copied().step_by(2).collect();
            for at in every_second {
                marks.remove(&at);
            }
        }
        marks.insert(mark.at, mark);
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
