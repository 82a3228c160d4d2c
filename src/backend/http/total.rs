//! Totals that a list's answer does not say: asked by a call of its own, or found by looking for the last page; kept for their time.

use super::{
    Http,
    pager::{At, Question},
    request::{Draft, Inputs, Parameter},
};
use crate::backend::http::send::Purpose;
use crate::{
    fault::{Fault, code},
    plan::http::{Call, Paging, Total},
    translate::extract,
    value::path::Path,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Counts by question. A write through the façade makes all of them old at once.
#[derive(Debug)]
pub(super) struct Totals {
    kept: moka::future::Cache<String, (u64, tokio::time::Instant)>,
    generation: AtomicU64,
}

impl Default for Totals {
    fn default() -> Self {
        // A few thousand questions at once, of a few hundred bytes each.
        let cache = moka::future::Cache::builder().max_capacity(4096).time_to_live(Duration::from_hours(24));
        Self { kept: cache.build(), generation: AtomicU64::new(0) }
    }
}

impl Totals {
    pub(super) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.kept.invalidate_all();
    }
}

/// A walk over a cursor counts no further than this where the mapping states no bound.
const FURTHEST: u64 = 100_000;

impl Http {
    /// How many rows there are: at least `known`. An order changes no number, so that filters alone tell counts apart.
    pub(super) async fn total(
        &self,
        question: Question<'_>,
        filters: &[Parameter],
        known: u64,
    ) -> Result<u64, Fault> {
        let keep = match &question.list.total {
            Some(Total::Walk(keep) | Total::Call(_, _, keep)) => *keep,
            _ => return Ok(known),
        };
        let generation = self.totals.generation.load(Ordering::SeqCst);
        let key = format!("{generation} {} {filters:?}", question.subject.binding.file);
        if let Some((total, until)) = self.totals.kept.get(&key).await {
            if until > tokio::time::Instant::now() && total >= known {
                return Ok(total);
            }
            self.totals.kept.invalidate(&key).await;
        }
        // In a box: most lists never count, and none is to have room for it.
        let count = Box::pin(async {
            let total = match &question.list.total {
                Some(Total::Call(call, at, _)) => {
                    self.asked(Question { parameters: filters, ..question }, call, at).await?
                }
                _ => self.looked_for(question, known).await?,
            };
            Ok::<_, Fault>((total, tokio::time::Instant::now() + keep))
        });
        let found = self.totals.kept.try_get_with(key, count);
        found.await.map(|(total, _)| total).map_err(|fault: Arc<Fault>| (*fault).clone())
    }

    async fn asked(&self, question: Question<'_>, call: &Call, at: &Path) -> Result<u64, Fault> {
        let dialect = &question.means.dialect;
        let secrets = self.secrets.values();
        let draft = Draft {
            source: &self.source,
            dialect,
            secrets: &secrets,
            now: question.journey.now,
            call,
            inputs: Inputs::default(),
            parameters: question.parameters,
            record: None,
            wanted: std::slice::from_ref(at),
        };
        let heard = self
            .send(dialect, call, draft.outgoing()?, None, Purpose::read(question.means), question.journey)
            .await?;
        let (_, text) = self.good(dialect, call, heard)?;
        let total = extract::scalar(&text, at).and_then(|text| text.trim().parse().ok());
        total.ok_or_else(|| self.fault(&code::NOT_UNDERSTOOD, call, &format!("there is no total at `{at}`")))
    }

    /// Looks for the last page that has rows: doubling the step until a page is short, then halving. A cursor is walked.
    async fn looked_for(&self, question: Question<'_>, known: u64) -> Result<u64, Fault> {
        let pages = &question.means.dialect.pages;
        if !pages.jumps() {
            let most = question.list.within.map_or(FURTHEST, u64::from);
            let found = match &pages.style {
                Paging::Cursor { .. } if !pages.repeats => self.counted(question, known, most).await?,
                Paging::Offset { .. } | Paging::Range { .. } if !pages.repeats => {
                    self.counted_by_row(question, known, most).await?
                }
                _ => self.walk(question, most + 1).await?.end,
            };
            return found.ok_or_else(|| {
                let detail = format!("{}: more than {most} rows to count", self.name);
                Fault::plain(&code::TOO_MANY_ROWS).detail(detail)
            });
        }
        let size = u64::from(pages.size.most());
        let place = |number: u64| match &pages.style {
            Paging::Number { .. } => At::Page(number),
            _ => At::Row(number * size),
        };
        // All pages before `full` are full; no page from `end` on has rows.
        let mut full = known / size;
        let mut end: Option<u64> = None;
        let mut step = 1;
        loop {
            let next = match end {
                Some(end) if end <= full => return Ok(full * size),
                Some(end) => full + (end - full) / 2,
                None => {
                    let next = full + step - 1;
                    step *= 2;
                    next
                }
            };
            let (count, more) = self.count_at(question, &place(next), size as u32).await?;
            let count = u64::from(count);
            if count == 0 {
                end = Some(next);
            } else if more.map_or(count < size, |more| !more) {
                return Ok(next * size + count);
            } else {
                full = next + 1;
            }
        }
    }

    /// Where pages are shorter than was asked for only an empty one is the end.
    async fn counted_by_row(
        &self,
        question: Question<'_>,
        known: u64,
        most: u64,
    ) -> Result<Option<u64>, Fault> {
        let size = question.means.dialect.pages.size.most();
        let mut position = known;
        while position <= most {
            let (count, more) = self.count_at(question, &At::Row(position), size).await?;
            position += u64::from(count);
            if count == 0 || more == Some(false) {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }
}
