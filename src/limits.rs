//! How much callers may ask for, held: rates, requests at once, quotas. What is allowed is counted here first, without a
//! wait, and then by all programs that share a Redis; without it each counts for itself. It reads no header and makes no
//! body: the road says who asks, and puts the meter's headers on every answer.

mod at_once;
mod limiter;
mod meter;
mod quota;
mod shared;
mod shelf;

pub use meter::Meter;
pub use quota::{Quotas, Use, Uses};
pub use shared::Shared;

use crate::{
    fault::{Fault, code},
    identity::Caller,
    plan::{
        rates::{Kind, PolicyId, Rates, Row},
        resource::Operation,
    },
    telemetry::clock::Clock,
};
use arc_swap::ArcSwapOption;
use at_once::AtOnce;
use limiter::Limiter;
use std::{net::IpAddr, sync::Arc, time::Duration};

/// Whom a limit counts: a hash, so that what is kept of callers is of one size, and no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Principal(u128);

/// Where callers log in or get tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Logins, registrations, forgotten passwords and what else is guessed at.
    Login,
    /// The token endpoint and its like.
    Token,
}

/// All limits of a program. Its counts outlive the plans that it holds to.
#[derive(Debug)]
pub struct Limits {
    clock: Arc<dyn Clock>,
    made: ArcSwapOption<Made>,
    at_once: Arc<AtOnce>,
    quotas: Arc<Quotas>,
    shared: Option<Arc<Shared>>,
}

/// The limiters of a plan.
#[derive(Debug)]
struct Made {
    rates: Arc<Rates>,
    limiters: Vec<Arc<Limiter>>,
}

/// One limit that a request is counted by.
struct Counted<'a> {
    limiter: &'a Arc<Limiter>,
    principal: Principal,
    cost: u32,
}

// === impl Door ===

impl Door {
    /// The entrance that a request is at, by its path; reading a page is none.
    pub fn of(method: &http::Method, path: &str) -> Option<Self> {
        if method != http::Method::POST {
            return None;
        }
        let last = path.rsplit('/').next().unwrap_or_default();
        if path.starts_with("/oauth/") {
            // A device's code is typed by people, and could be guessed.
            return Some(if last == "device" { Self::Login } else { Self::Token });
        }
        let accounts = path.starts_with("/account/") || path.contains("/auth/");
        match last {
            _ if !accounts => None,
            // What cannot be guessed.
            "refresh" => Some(Self::Token),
            "login" | "register" | "forgot" | "reset" | "verify" | "password" => Some(Self::Login),
            _ => None,
        }
    }
}

// === impl Principal ===

impl Principal {
    /// A client or a subject of ours or of a foreign issuer, or a name that is tried.
    pub fn named(kind: &str, issuer: &str, name: &str) -> Self {
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        for part in [kind, issuer, name] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self(hasher.digest128())
    }

    /// An address; of IPv6 the network of 64 bits that one subscriber has (RFC 6177).
    pub fn address(address: IpAddr) -> Self {
        let mut bytes = [0u8; 17];
        let (kind, rest) = bytes.split_at_mut(1);
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                kind.fill(4);
                for (to, from) in rest.iter_mut().zip(v4.octets()) {
                    *to = from;
                }
            }
            IpAddr::V6(v6) => {
                kind.fill(6);
                for (to, from) in rest.iter_mut().zip(v6.octets().into_iter().take(8)) {
                    *to = from;
                }
            }
        }
        Self(xxhash_rust::xxh3::xxh3_128(&bytes))
    }

    pub(crate) fn text(self) -> String {
        format!("{:032x}", self.0)
    }

    fn client(caller: &Caller, address: Option<IpAddr>) -> Option<Self> {
        let issuer = caller.issuer.as_deref().unwrap_or_default();
        match (&caller.client, &caller.subject) {
            (Some(client), _) => Some(Self::named("client", issuer, client)),
            (None, Some(subject)) => Some(Self::named("subject", issuer, subject)),
            (None, None) => address.map(Self::address),
        }
    }

    fn subject(caller: &Caller) -> Option<Self> {
        let issuer = caller.issuer.as_deref().unwrap_or_default();
        caller.subject.as_deref().map(|subject| Self::named("subject", issuer, subject))
    }
}

// === impl Limits ===

impl Limits {
    /// Limits that are counted by this program alone.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            quotas: Arc::new(Quotas::new(None)),
            clock,
            made: ArcSwapOption::empty(),
            at_once: Arc::default(),
            shared: None,
        }
    }

    /// The same, with quotas that outlast the program.
    #[must_use]
    pub fn with_quotas(mut self, uses: Option<Arc<dyn Uses>>) -> Self {
        self.quotas = Arc::new(Quotas::new(uses));
        self
    }

    /// The same, with rates that several programs share.
    #[must_use]
    pub fn with_shared(mut self, shared: Option<Arc<Shared>>) -> Self {
        self.shared = shared;
        self
    }

    /// Whether other programs have to be asked.
    pub fn are_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// What clients have used of their quotas, for whoever keeps it.
    pub fn quotas(&self) -> &Arc<Quotas> {
        &self.quotas
    }

    /// How many callers are kept in mind, by policy.
    pub fn kept(&self) -> Vec<(String, usize)> {
        let made = self.made.load();
        let limiters = made.iter().flat_map(|made| &made.limiters);
        limiters.map(|limiter| (limiter.policy.name.to_string(), limiter.len())).collect()
    }

    fn made(&self, rates: &Arc<Rates>) -> Arc<Made> {
        let made = self.made.load_full();
        match made {
            Some(made) if Arc::ptr_eq(&made.rates, rates) => made,
            before => {
                let known = |at: usize| {
                    let policy = rates.policies.get(at)?;
                    let before = before.as_ref().filter(|before| before.rates.keys == rates.keys)?;
                    before.limiters.iter().find(|limiter| limiter.policy == *policy).map(Arc::clone)
                };
                let limiters = rates.policies.iter().enumerate();
                let limiters = limiters
                    .map(|(at, policy)| {
                        known(at).unwrap_or_else(|| Arc::new(Limiter::new(policy.clone(), rates.keys)))
                    })
                    .collect();
                let made = Arc::new(Made { rates: Arc::clone(rates), limiters });
                self.made.store(Some(Arc::clone(&made)));
                made
            }
        }
    }

    /// Counts a request by its address, before anything is known of who asks. Refuses with F311.
    pub async fn arrive(
        &self,
        rates: &Arc<Rates>,
        api: usize,
        address: Option<IpAddr>,
        meter: &mut Meter,
    ) -> Result<(), Fault> {
        let Some(row) = rates.row(api, None) else { return Ok(()) };
        let (Some(policy), Some(address)) = (row.address, address) else { return Ok(()) };
        let made = self.made(rates);
        self.count(&made, [Some((policy, Principal::address(address), 1)), None, None], meter).await
    }

    /// Counts a request by who asks. Refuses with F311 (a rate), F312 (too many at once) and F313 (a quota).
    pub async fn admit(
        &self,
        rates: &Arc<Rates>,
        (api, operation): (usize, Operation),
        caller: &Caller,
        address: Option<IpAddr>,
        meter: &mut Meter,
    ) -> Result<(), Fault> {
        if caller.is_operator() {
            return Ok(());
        }
        let Some(row) = rates.row(api, caller.tier.as_deref()) else { return Ok(()) };
        if row.client.is_none()
            && row.subject.is_none()
            && row.at_once.is_none()
            && row.quota.is_none()
            && row.operation(operation).is_none()
        {
            return Ok(());
        }
        let made = self.made(rates);
        let client = Principal::client(caller, address);
        let cost = row.cost(operation);
        if let (Some(policy), Some(client)) = (row.at_once, client) {
            self.enter(&made, policy, client, meter)?;
        }
        let of =
            |policy: Option<PolicyId>, principal: Option<Principal>, cost| Some((policy?, principal?, cost));
        let counted = [
            of(row.client, client, cost),
            of(row.subject, Principal::subject(caller), cost),
            of(row.operation(operation), client, 1),
        ];
        self.count(&made, counted, meter).await?;
        self.quota(&made, row, client, cost, meter).await
    }

    /// Counts a try at an entrance, by its address and by the account or client that is named. To be called before a secret
    /// is looked at. Refuses with F311.
    pub async fn door(
        &self,
        rates: &Arc<Rates>,
        door: Door,
        address: Option<IpAddr>,
        name: Option<&str>,
        meter: &mut Meter,
    ) -> Result<(), Fault> {
        let entrance = match door {
            Door::Login => rates.login,
            Door::Token => rates.token,
        };
        let made = self.made(rates);
        let by_address = address.map(|address| (entrance.address, Principal::address(address), 1));
        let by_name = name.map(|name| (entrance.name, Principal::named("name", "", &name.to_lowercase()), 1));
        self.count(&made, [by_address, by_name, None], meter).await
    }

    fn enter(
        &self,
        made: &Made,
        policy: PolicyId,
        client: Principal,
        meter: &mut Meter,
    ) -> Result<(), Fault> {
        let Some(limiter) = made.limiters.get(policy) else { return Ok(()) };
        let most = limiter.policy.count;
        if let Ok((seat, under_way)) = AtOnce::enter(&self.at_once, policy, client, most) {
            meter.seat(seat);
            meter.note(limiter, most.saturating_sub(under_way), None);
            return Ok(());
        }
        meter.note(limiter, 0, None);
        Err(Fault::plain(&code::TOO_MANY_AT_ONCE).retry_after(Some(Duration::from_secs(1))))
    }

    /// Counts by rates: here, and then where all programs count.
    async fn count(
        &self,
        made: &Made,
        wanted: [Option<(PolicyId, Principal, u32)>; 3],
        meter: &mut Meter,
    ) -> Result<(), Fault> {
        let mut counted: [Option<Counted<'_>>; 3] = [None, None, None];
        let mut wait: Option<Duration> = None;
        for (slot, wanted) in counted.iter_mut().zip(wanted) {
            let Some((policy, principal, cost)) = wanted else { continue };
            let Some(limiter) = made.limiters.get(policy) else { continue };
            // Files are proved to be possible each for itself; a tier's cost may still meet a smaller limit of an API.
            let cost = cost.min(limiter.burst.max(1));
            // What is refused already is not counted by the limits behind it.
            if wait.is_some() {
                continue;
            }
            match limiter.count(principal, cost) {
                Ok((remaining, reset)) => meter.note(limiter, remaining, Some(reset)),
                Err(pause) => {
                    meter.note(limiter, 0, Some(pause));
                    wait = Some(pause);
                }
            }
            *slot = Some(Counted { limiter, principal, cost });
        }
        if wait.is_none()
            && let Some(shared) = &self.shared
            && counted.iter().any(Option::is_some)
        {
            wait = shared.count(&counted, meter).await;
        }
        match wait {
            None => Ok(()),
            Some(pause) => Err(Fault::plain(&code::TOO_MANY).retry_after(Some(whole(pause)))),
        }
    }

    async fn quota(
        &self,
        made: &Made,
        row: &Row,
        client: Option<Principal>,
        cost: u32,
        meter: &mut Meter,
    ) -> Result<(), Fault> {
        let (Some(policy), Some(client)) = (row.quota, client) else { return Ok(()) };
        let Some(limiter) = made.limiters.get(policy) else { return Ok(()) };
        let Kind::Quota(period) = limiter.policy.kind else { return Ok(()) };
        let now = self.clock.now();
        let (period, left) = quota::period(period, now);
        let used = self.quotas.count(&limiter.policy, client, &period, cost, made.rates.keys).await;
        meter.note(limiter, used.unwrap_or(0), Some(left));
        used.map(drop).map_err(|()| Fault::plain(&code::QUOTA_USED).retry_after(Some(left)))
    }

    /// Forgets callers that have not asked for so long that they may ask for all again.
    pub fn sweep(&self) {
        if let Some(made) = &*self.made.load() {
            for limiter in &made.limiters {
                limiter.retain_recent();
            }
        }
    }
}

/// Whole seconds, rounded up: who comes then is not sent away again.
fn whole(pause: Duration) -> Duration {
    Duration::from_secs(pause.as_secs() + u64::from(pause.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests;
