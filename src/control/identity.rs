//! Who lets callers in, brought together: the authorization server over the plan of now, the ledger and the keys.

pub mod people;

use super::{Refusal, Trust};
use crate::{
    fault::Fault,
    identity::sealer::Sealer,
    ledger::Ledger,
    limits::{Door, Meter},
    oauth::{self, Doors, Parts, rules::Rules, seams},
    pipeline::{Facade, Instance},
    telemetry::clock::Clock,
};
use arc_swap::ArcSwap;
use async_trait::async_trait;
use std::sync::{Arc, Weak};

/// The rules of a façade's plan, made once for each plan.
#[derive(Debug)]
struct OfFacade {
    facade: Arc<Facade>,
    made: ArcSwap<(Weak<Instance>, Arc<Rules>)>,
}

impl seams::Current for OfFacade {
    fn rules(&self) -> Arc<Rules> {
        let instance = self.facade.current();
        let made = self.made.load();
        if Weak::as_ptr(&made.0) == Arc::as_ptr(&instance) {
            return Arc::clone(&made.1);
        }
        // A plan that no longer says who may come leaves the rules as they were: tokens end by themselves.
        let rules = Rules::of(&instance.plan).map_or_else(|| Arc::clone(&made.1), Arc::new);
        self.made.store(Arc::new((Arc::downgrade(&instance), Arc::clone(&rules))));
        rules
    }
}

/// Tries by name, counted by the limits of a façade's plan.
#[derive(Debug)]
struct OfLimits(Arc<Facade>);

#[async_trait]
impl seams::Entrances for OfLimits {
    async fn tried(&self, door: Door, name: &str) -> Result<(), Fault> {
        let instance = self.0.current();
        let mut meter = Meter::default();
        self.0.limits().door(&instance.plan.rates, door, None, Some(name), &mut meter).await
    }
}

/// The authorization server, where the plan has an `identity` and a ledger.
pub(super) async fn doors(
    facade: &Arc<Facade>,
    ledger: Option<Ledger>,
    clock: Arc<dyn Clock>,
    trust: &Trust,
    sealer: Arc<dyn Sealer>,
) -> Result<Option<Doors>, Refusal> {
    let instance = facade.current();
    let (Some(ledger), Some(rules)) = (ledger, Rules::of(&instance.plan)) else { return Ok(None) };
    let made = ArcSwap::from_pointee((Arc::downgrade(&instance), Arc::new(rules)));
    let people = people::open(facade, &ledger, &clock, &sealer).await?;
    let accounts: Arc<dyn seams::Accounts> = match &people {
        Some(people) => Arc::clone(&people.desk) as _,
        None => Arc::new(seams::NoAccounts),
    };
    let parts = Parts {
        ledger,
        ring: Arc::clone(&trust.ring),
        revoked: Arc::clone(&trust.revoked),
        clock,
        current: Arc::new(OfFacade { facade: Arc::clone(facade), made }),
        accounts,
        sealer,
        entrances: Arc::new(OfLimits(Arc::clone(facade))),
        note: facade.audit().cloned(),
        people,
    };
    oauth::open(parts).await.map(Some).map_err(|fault| Refusal::Source(Box::new(fault)))
}
