//! The gate, built of a plan and a ledger, and what keeps it in step with the ledger: revocations of other programs are
//! learnt of within a second.

use super::{Refusal, Trust};
use crate::{
    backend::fetch::{Network, Referenced},
    fault::{Fault, code},
    identity::{
        apikey,
        gate::{Gate, Made},
        introspection::Introspected,
        issuer::Issuer,
        revoked::{Kind, Revocation, Revoked},
    },
    ledger::Ledger,
    plan::Plan,
    telemetry::clock::Clock,
};
use std::{sync::Arc, time::Duration};

/// How often the ledger is asked what has been revoked.
const EVERY: Duration = Duration::from_secs(1);

/// The gate of a plan that has an `identity`; nothing where it has none.
pub(super) fn open(
    plan: &Plan,
    ledger: Option<&Ledger>,
    clock: &Arc<dyn Clock>,
    trust: &Trust,
) -> Result<Option<Gate>, Refusal> {
    let Some(identity) = &plan.settings.identity else { return Ok(None) };
    let failed = |why: String| Refusal::Source(Box::new(Fault::plain(&code::INTERNAL).detail(why)));
    let network = Arc::new(Network::open().map_err(failed)?);
    let mut introspected = Vec::new();
    let mut issuers = Vec::new();
    for words in &identity.issuers {
        let issuer = Arc::new(Issuer::new(words.clone(), network.clone(), Arc::clone(clock)));
        if let Some(asked) = &words.introspection {
            let credentials = Arc::new(Referenced::new(asked.client.clone(), asked.secret.clone()));
            introspected.push(Introspected::new(Arc::clone(&issuer), Arc::clone(clock), credentials));
        }
        issuers.push(issuer);
    }
    // The longest beginning is the closest.
    introspected.sort_by_key(|one| std::cmp::Reverse(one.prefix().len()));
    let keys = ledger
        .map(|ledger| apikey::Keys::new(Arc::new(ledger.clone()), Arc::clone(clock), identity.tiers.clone()));
    Ok(Some(Gate::new(Made {
        clock: Arc::clone(clock),
        public_url: plan.settings.public_url.as_str().into(),
        bases: plan.apis.iter().map(|api| api.base.as_str().into()).collect(),
        ring: Arc::clone(&trust.ring),
        issuers,
        introspected,
        keys,
        revoked: Arc::clone(&trust.revoked),
        replays: Arc::clone(&trust.replays),
    })))
}

/// Fills the set from the ledger: all at the start, and then what is new, each second, until it is dropped.
#[derive(Debug)]
pub(super) struct Following {
    task: tokio::task::JoinHandle<()>,
}

impl Following {
    /// Refuses with F913: a gate that does not know what is revoked must not open.
    pub(super) async fn begin(
        ledger: Ledger,
        revoked: Arc<Revoked>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        fill(&ledger, &revoked, clock.now().seconds).await?;
        #[expect(clippy::disallowed_methods, reason = "it ends with `Following`")]
        let task = tokio::spawn(async move {
            let mut failing = false;
            let mut ticks = tokio::time::interval(EVERY);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                match fill(&ledger, &revoked, clock.now().seconds).await {
                    Ok(()) => failing = false,
                    // Once, until it answers again.
                    Err(fault) if !failing => {
                        failing = true;
                        tracing::error!(detail = fault.detail.as_deref(), "revocations cannot be read");
                    }
                    Err(_) => {}
                }
            }
        });
        Ok(Self { task })
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn fill(ledger: &Ledger, revoked: &Revoked, now: i64) -> Result<(), Fault> {
    let rows = ledger.revocations(now).await?;
    let read = rows.into_iter().filter_map(|row| {
        Some(Revocation {
            kind: Kind::parse(&row.kind)?,
            value: row.value.into(),
            before: Some(row.before).filter(|before| *before > 0),
            expires: row.expires_at,
        })
    });
    revoked.fill(read, now);
    revoked.is_read(now);
    Ok(())
}
