//! Totals of sources that never say one: the last page is looked for, and the count kept for its time.

use super::{Http, request};
use crate::{
    backend::{Journey, Subject},
    fault::Fault,
    plan::http::{HttpMeans, List},
    translate::Batch,
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

impl Http {
    /// How many rows there are: at least `known`.
    #[expect(clippy::too_many_arguments, reason = "the question, and what is known of its answer")]
    pub(super) async fn total(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        list: &List,
        parameters: &[(String, String)],
        keep: Duration,
        known: u64,
        journey: &Journey,
    ) -> Result<u64, Fault> {
        // The order does not change how many there are.
        let sorts = |name: &str| list.sorts.iter().any(|(_, parameter)| parameter == name);
        let filters: Vec<_> = parameters.iter().filter(|(name, _)| !sorts(name)).collect();
        let generation = self.totals.generation.load(Ordering::SeqCst);
        let key = format!("{generation} {} {filters:?}", subject.binding.file);
        if let Some((total, until)) = self.totals.kept.get(&key).await {
            if until > tokio::time::Instant::now() && total >= known {
                return Ok(total);
            }
            self.totals.kept.invalidate(&key).await;
        }
        let found = self.totals.kept.try_get_with(key, async {
            let total = self.walk(subject, means, list, parameters, known, journey).await?;
            Ok::<_, Fault>((total, tokio::time::Instant::now() + keep))
        });
        found.await.map(|(total, _)| total).map_err(|fault: Arc<Fault>| (*fault).clone())
    }

    /// Looks for the last page that has rows: doubling the step until a page is short, then halving.
    async fn walk(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        list: &List,
        parameters: &[(String, String)],
        known: u64,
        journey: &Journey,
    ) -> Result<u64, Fault> {
        let size = u64::from(request::pages(&means.dialect.paging, 0, 1000).size);
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
            let text = self.page(means, list, parameters, next, size as u32, journey).await?;
            let mut batch = Batch::new(&subject.binding.reading);
            let count = u64::from(self.rows(subject, list, &mut batch, text)?);
            if count == 0 {
                end = Some(next);
            } else if count < size {
                return Ok(next * size + count);
            } else {
                full = next + 1;
            }
        }
    }
}
