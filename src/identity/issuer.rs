//! An issuer elsewhere: its keys, had by discovery (OpenID Connect Discovery 1.0; RFC 8414) and kept. One fetch serves all
//! who wait for it, a set is renewed before its end while requests go on with it, and keys that nobody has heard of
//! cause no storm. While the issuer is away its last keys are used within a bound. It judges no claim.

mod document;

use super::{
    fetch::{Ask, Fetch, Got},
    jws::{Algorithm, PublicKey},
};
use crate::{
    fault::{Fault, code},
    plan::identity as plan,
    telemetry::clock::Clock,
};
use arc_swap::ArcSwapOption;
use document::{Discovered, Keys};
use serde_json::Value;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;

/// An issuer is asked at most once in so many seconds, whatever comes: for a key that nobody has heard of, or because it
/// did not answer.
pub const PAUSE: i64 = 10;
/// No set of keys is nearly as large.
const LIMIT: u64 = 512 * 1024;
const DEADLINE: Duration = Duration::from_secs(5);
/// What an issuer says about its keys' life is taken within these bounds, in seconds.
const SHORTEST: i64 = 60;
/// What discovery said is believed so long, in seconds.
const DISCOVERY: i64 = 24 * 3600;

/// An issuer with its keys.
#[derive(Debug)]
pub struct Issuer {
    pub plan: plan::Issuer,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    keys: ArcSwapOption<Held>,
    discovered: ArcSwapOption<(Discovered, i64)>,
    /// Held over a fetch, so that only one is under way.
    flight: Mutex<()>,
    /// When it was last asked, in seconds since 1970.
    asked: AtomicI64,
}

/// A set of keys and its times, in seconds since 1970.
#[derive(Debug)]
struct Held {
    keys: Keys,
    /// From here on it is renewed beside the requests,
    renew: i64,
    /// from here on requests wait for a new one,
    stale: i64,
    /// and from here on it is of no use though there is no other.
    end: i64,
}

/// Why there is no key.
#[derive(Debug)]
pub enum NoKey {
    /// The issuer has none of this name and algorithm.
    Unknown,
    /// Nobody can say.
    Away(Box<Fault>),
}

// === impl Issuer ===

impl Issuer {
    pub fn new(plan: plan::Issuer, fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>) -> Self {
        Self {
            plan,
            fetch,
            clock,
            keys: ArcSwapOption::empty(),
            discovered: ArcSwapOption::empty(),
            flight: Mutex::default(),
            asked: AtomicI64::new(i64::MIN),
        }
    }

    /// Whether a key that verified a token once is still the issuer's. Asks nobody; where the set has to be renewed first
    /// it says no, and the token goes the long way.
    pub fn holds(self: &Arc<Self>, thumbprint: &str, now: i64) -> bool {
        let held = self.keys.load();
        let Some(held) = held.as_ref().filter(|held| now < self.usable(held)) else { return false };
        if now >= held.renew {
            self.renew_beside(now);
        }
        held.keys.holds(thumbprint)
    }

    /// The keys that a token of this name and algorithm may be signed with, newest knowledge first.
    pub async fn keys(
        self: &Arc<Self>,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: i64,
    ) -> Result<Vec<PublicKey>, NoKey> {
        let before = self.keys.load_full();
        if let Some(held) = before.as_ref().filter(|held| now < self.usable(held)) {
            if now >= held.renew {
                self.renew_beside(now);
            }
            let found = held.keys.find(kid, algorithm);
            if !found.is_empty() {
                return Ok(found);
            }
        }
        let after = self.renewed(before.as_ref(), now).await?;
        let found = after.keys.find(kid, algorithm);
        if found.is_empty() { Err(NoKey::Unknown) } else { Ok(found) }
    }

    /// Until when a set is used without waiting: while the issuer does not answer it is its very end.
    fn usable(&self, held: &Held) -> i64 {
        let asked = self.asked.load(Ordering::Acquire);
        // Asked since it went stale and still here: there was no answer.
        if asked >= held.stale { held.end.min(asked.saturating_add(PAUSE)) } else { held.stale }
    }

    /// The set after a fetch, or without one where somebody was faster or it is too early to ask again.
    async fn renewed(self: &Arc<Self>, before: Option<&Arc<Held>>, now: i64) -> Result<Arc<Held>, NoKey> {
        let issuer = Arc::clone(self);
        let before = before.cloned();
        // In a task of its own: who asked first may go away, and the others still wait for its answer.
        #[expect(clippy::disallowed_methods, reason = "it ends with its one fetch, which is bounded in time")]
        let task = tokio::spawn(async move {
            let _flight = issuer.flight.lock().await;
            let current = issuer.keys.load_full();
            let is_newer = match (&current, &before) {
                (Some(current), Some(before)) => !Arc::ptr_eq(current, before),
                (current, None) => current.is_some(),
                (None, Some(_)) => false,
            };
            let since = now.saturating_sub(issuer.asked.load(Ordering::Acquire));
            let usable = |held: &Arc<Held>| now < held.end;
            if is_newer || (0..PAUSE).contains(&since) {
                return current
                    .filter(usable)
                    .ok_or_else(|| NoKey::Away(Box::new(issuer.away(PAUSE - since))));
            }
            match issuer.fetch_keys(now).await {
                Ok(held) => Ok(held),
                Err(why) => {
                    let name = &issuer.plan.name;
                    tracing::warn!(issuer = %name, %why, "an issuer's keys cannot be had");
                    current
                        .filter(usable)
                        .ok_or_else(|| NoKey::Away(Box::new(issuer.away(PAUSE).detail(why))))
                }
            }
        });
        task.await.unwrap_or_else(|_| Err(NoKey::Away(Box::new(self.away(PAUSE)))))
    }

    /// Renews the set while requests go on with the one that is there.
    fn renew_beside(self: &Arc<Self>, now: i64) {
        let since = now.saturating_sub(self.asked.load(Ordering::Acquire));
        if (0..PAUSE).contains(&since) || self.flight.try_lock().is_err() {
            return;
        }
        let issuer = Arc::clone(self);
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with its one fetch, which is bounded in time"
        )]
        drop(tokio::spawn(async move {
            let Ok(_flight) = issuer.flight.try_lock() else { return };
            if (0..PAUSE).contains(&now.saturating_sub(issuer.asked.load(Ordering::Acquire))) {
                return;
            }
            if let Err(why) = issuer.fetch_keys(now).await {
                tracing::warn!(issuer = %issuer.plan.name, %why, "an issuer's keys cannot be renewed");
            }
        }));
    }

    async fn fetch_keys(&self, now: i64) -> Result<Arc<Held>, String> {
        self.asked.store(now, Ordering::Release);
        let address = match &self.plan.keys {
            Some(address) => address.to_string(),
            None => self.discover(now).await?.keys,
        };
        let fetched =
            self.ask(address, None, None).await.and_then(|got| Ok((Keys::read(&body(&got)?)?, got)));
        let (keys, got) = fetched.inspect_err(|_| {
            // The keys may have moved: the next time it is asked where they are.
            self.discovered.store(None);
        })?;
        let fresh = i64::try_from(self.plan.fresh.as_secs()).unwrap_or(i64::MAX);
        let said = got.max_age.and_then(|age| i64::try_from(age.as_secs()).ok());
        let fresh = said.map_or(fresh, |said| said.max(SHORTEST).min(fresh));
        let stale = now.saturating_add(fresh);
        let held = Arc::new(Held {
            keys,
            renew: now.saturating_add(fresh - fresh / 4),
            stale,
            end: stale.saturating_add(i64::try_from(self.plan.stale.as_secs()).unwrap_or(i64::MAX)),
        });
        self.keys.store(Some(Arc::clone(&held)));
        Ok(held)
    }

    async fn discover(&self, now: i64) -> Result<Discovered, String> {
        if let Some(known) = self.discovered.load_full()
            && now.saturating_sub(known.1) < DISCOVERY
        {
            return Ok(known.0.clone());
        }
        let base = self.plan.issuer.trim_end_matches('/');
        let got = self.ask(format!("{base}/.well-known/openid-configuration"), None, None).await?;
        let discovered = Discovered::read(&body(&got)?, &self.plan)?;
        self.discovered.store(Some(Arc::new((discovered.clone(), now))));
        Ok(discovered)
    }

    /// Where tokens are asked about.
    pub(super) async fn introspection_address(&self) -> Result<String, String> {
        if let Some(address) = self.plan.introspection.as_ref().and_then(|asked| asked.address.as_ref()) {
            return Ok(address.to_string());
        }
        let discovered = self.discover(self.clock.now().seconds).await?;
        discovered.introspection.ok_or_else(|| "its discovery names no `introspection_endpoint`".to_owned())
    }

    pub(super) async fn ask(
        &self,
        address: String,
        form: Option<Vec<(String, String)>>,
        basic: Option<(String, String)>,
    ) -> Result<Got, String> {
        let reach = self.plan.reach;
        let ask = Ask { address, form, basic, reach, limit: LIMIT, deadline: DEADLINE };
        match tokio::time::timeout(DEADLINE, self.fetch.fetch(ask)).await {
            Ok(Ok(got)) if got.status == 200 => Ok(got),
            Ok(Ok(got)) => Err(format!("status {}", got.status)),
            Ok(Err(why)) => Err(why.to_string()),
            Err(_) => Err("did not answer in time".into()),
        }
    }

    pub(super) fn away(&self, pause: i64) -> Fault {
        let pause = Duration::from_secs(u64::try_from(pause.clamp(1, PAUSE)).unwrap_or(1));
        Fault::plain(&code::IDENTITY_AWAY)
            .retry_after(Some(pause))
            .detail(format!("the issuer `{}` cannot be asked", self.plan.name))
    }
}

pub(super) fn body(got: &Got) -> Result<Value, String> {
    serde_json::from_slice(&got.body).map_err(|_| "the answer is no JSON".to_owned())
}

#[cfg(test)]
mod tests;
