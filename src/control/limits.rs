//! What keeps requests with a key and the counts of limits: the ledger where there is one, a Redis where one is shared, and
//! the work that is due now and then.

use super::Refusal;
use crate::{
    backend::secret,
    fault::{Fault, code},
    idempotency::{Engine, Memory, Sealed, Store},
    identity::sealer::Sealer,
    ledger::Ledger,
    limits::{Limits, Shared, Uses},
    pipeline::Facade,
    telemetry::clock::Clock,
};
use std::{sync::Arc, time::Duration};

/// A crash loses so much of what was counted for quotas.
const FLUSH: Duration = Duration::from_secs(5);
/// Between two sweeps, in flushes: an hour.
const SWEEP: u64 = 720;

/// Limits are kept as long as this lives.
pub(super) struct Keeping {
    facade: Arc<Facade>,
    task: tokio::task::JoinHandle<()>,
}

/// Gives a façade its ledger's keys and counts, and the Redis that its plan names.
pub(super) fn equip(
    facade: Facade,
    ledger: Option<&Ledger>,
    sealer: &Arc<dyn Sealer>,
    clock: &Arc<dyn Clock>,
) -> Result<Facade, Refusal> {
    let shared = match &facade.current().plan.settings.shared {
        None => None,
        Some(reference) => {
            let failed = |why: String| Refusal::Source(Box::new(Fault::plain(&code::INTERNAL).detail(why)));
            let address = secret::resolve(reference).map_err(|e| failed(format!("`shared.redis`: {e}")))?;
            Some(Shared::begin(&address).map_err(failed)?)
        }
    };
    let store: Arc<dyn Store> = match ledger {
        // A key that ends with the process would make answers end with it, too.
        Some(ledger) if facade.current().sources.keys.find().is_none() => Arc::new(ledger.clone()),
        Some(ledger) => Arc::new(Sealed::new(Arc::new(ledger.clone()), Arc::clone(sealer))),
        None => Arc::new(Memory::default()),
    };
    let uses = ledger.map(|ledger| Arc::new(ledger.clone()) as Arc<dyn Uses>);
    let limits = Limits::new(Arc::clone(clock)).with_quotas(uses).with_shared(shared);
    let engine = Engine::new(store, Arc::clone(clock));
    Ok(facade.with_idempotency(Arc::new(engine)).with_limits(Arc::new(limits)))
}

pub(super) fn begin(facade: Arc<Facade>) -> Keeping {
    let own = Arc::clone(&facade);
    #[expect(clippy::disallowed_methods, reason = "it ends with `Keeping`")]
    let task = tokio::spawn(async move {
        let mut ticks = tokio::time::interval(FLUSH);
        ticks.tick().await;
        for number in 1_u64.. {
            ticks.tick().await;
            let limits = own.limits();
            limits.quotas().flush().await;
            limits.sweep();
            if number % SWEEP == 1 {
                let now = own.clock().now();
                limits.quotas().sweep(now).await;
                let swept = own.idempotency().store().sweep(now.seconds.saturating_mul(1_000)).await;
                if let Err(fault) = swept {
                    tracing::warn!(detail = fault.detail.as_deref(), "old answers are not swept");
                }
            }
        }
    });
    Keeping { facade, task }
}

impl Keeping {
    /// Keeps what was counted last, and ends.
    pub(super) async fn finish(self) {
        self.task.abort();
        self.facade.limits().quotas().flush().await;
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        self.task.abort();
    }
}
