//! What another request in the same words is answered, without the road: an answer that anybody would have been given, and
//! that rests on one kept question. It is limited, counted and told of as one that came the road; whether it still stands is
//! asked anew each time, so that a write, a purge, an exchange of plans or its age end it at once.

use super::{Facade, Instance, caching::Account, envelope::Answer, tell, trail::Trail};
use crate::{
    cache::{Entry, Key, State, count},
    identity::Caller,
    limits::Meter,
    plan::{ResourceId, resource::Operation},
};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderName, Method, header, request::Parts};
use std::{
    borrow::Cow,
    net::IpAddr,
    sync::{Arc, Weak},
};
use tokio::time::Instant;

/// The headers that differ from one time to the next.
pub static VARYING: [HeaderName; 5] =
    [header::AGE, header::CACHE_CONTROL, super::caching::STATUS, Meter::LIMIT, Meter::POLICY];

/// What an answer rests on. It stands in the extensions of the response.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The plan that it was made by.
    instance: Weak<Instance>,
    ground: Ground,
    key: Key,
    entry: Weak<Entry>,
    /// The answer's body, all of it.
    pub body: Bytes,
}

/// Which operation an answer is of that nobody in particular asked for.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    pub resource: ResourceId,
    pub operation: Operation,
    pub api: usize,
}

impl Standing {
    /// What an answer rests on, where it stands.
    pub(super) fn of(
        instance: &Arc<Instance>,
        account: &Account,
        head: &Parts,
        answer: &Answer,
    ) -> Option<Self> {
        // Who is followed leaves more than can be told without its headers.
        let followed = instance.plan.settings.telemetry.traces.is_some();
        if followed || head.method != Method::GET || answer.status != 200 {
            return None;
        }
        let (ground, key, entry) = account.rests_on()?;
        Some(Self { instance: Arc::downgrade(instance), ground, key, entry, body: answer.body.clone() })
    }

    /// Answers the same once more, for somebody at this address: the headers of [`VARYING`] as they are now. Nothing where
    /// the request has to come the road.
    pub fn again(
        &self,
        facade: &Facade,
        address: Option<IpAddr>,
    ) -> Option<Vec<(HeaderName, Cow<'static, str>)>> {
        let instance = facade.current();
        if Weak::as_ptr(&self.instance) != Arc::as_ptr(&instance) {
            return None;
        }
        // A cache that has to wait for something, and limits that others share, are the road's.
        let entry = facade.cache.get(&self.key).now_or_never()??;
        let now = Instant::now();
        let State::Fresh(left) = entry.state(now) else { return None };
        if Weak::as_ptr(&self.entry) != Arc::as_ptr(&entry) || facade.limits.are_shared() {
            return None;
        }
        let plan = &instance.plan;
        let _room = facade.gate.enter(plan.settings.limits.requests)?;
        let Ground { resource, operation, api } = self.ground;
        let mut trail = Trail::again(&instance, &facade.outlets, &*facade.clock, now.into_std());
        trail.goes_to(resource, operation);
        let mut meter = Meter::default();
        let arrived = facade.limits.arrive(&plan.rates, api, address, &mut meter).now_or_never();
        let nobody = Caller::anonymous();
        // One that is refused here is refused on the road, in its own words.
        let counted = match arrived {
            Some(Ok(())) => {
                let admitted =
                    facade.limits.admit(&plan.rates, (api, operation), &nobody, address, &mut meter);
                admitted.now_or_never()
            }
            other => other,
        };
        if !matches!(counted, Some(Ok(()))) {
            trail.leave();
            return None;
        }
        facade.cache.counts.note(&entry.tag, count::Outcome::Hit);
        let account = Account::default();
        account.is_everybodys(true, false);
        account.hit(self.key, &entry, (now, left));
        let mut answer =
            Answer { status: 200, headers: Vec::with_capacity(VARYING.len()), body: self.body.clone() };
        account.mark(&mut answer);
        tell(&meter, &mut answer);
        trail.end(&mut answer, account.word());
        Some(answer.headers)
    }
}
