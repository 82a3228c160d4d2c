//! Retention: once an hour, what was removed softly and has been kept long enough goes for good.

use crate::{
    backend::Subject,
    pipeline::{Facade, Instance},
    plan::Means,
    value::time::Moment,
};
use std::{sync::Arc, time::Duration};

const EVERY: Duration = Duration::from_hours(1);

/// Purging goes on as long as this lives.
pub(super) struct Purging(tokio::task::JoinHandle<()>);

impl Drop for Purging {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(super) fn begin(facade: Arc<Facade>) -> Purging {
    #[expect(clippy::disallowed_methods, reason = "it ends with `Purging`")]
    let task = tokio::spawn(async move {
        let mut hours = tokio::time::interval(EVERY);
        loop {
            hours.tick().await;
            let now = facade.clock().now();
            purge(&facade.current(), now).await;
        }
    });
    Purging(task)
}

/// Purges what every serving binding has kept for longer than it says; how many records went.
pub async fn purge(instance: &Instance, now: Moment) -> u64 {
    let mut all = 0;
    for resource in &instance.plan.resources {
        let Means::Sql(means) = &resource.binding.means else { continue };
        let kept = i64::try_from(means.retention.as_secs()).unwrap_or(i64::MAX);
        let before = Moment { seconds: now.seconds.saturating_sub(kept), nanos: 0 };
        let Ok(source) = instance.sources.of(resource.binding.source) else { continue };
        match source.purge(Subject { resource, binding: &resource.binding }, before).await {
            Ok(0) => {}
            Ok(purged) => {
                tracing::info!(resource = %resource.name, purged, "purged");
                all += purged;
            }
            Err(fault) => {
                tracing::warn!(resource = %resource.name, code = fault.code.id, detail = fault.detail.as_deref(), "not purged");
            }
        }
    }
    all
}
