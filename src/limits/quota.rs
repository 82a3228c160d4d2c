//! What clients may use in a day or a month: counted in memory, added to the ledger every few seconds. Of several programs
//! each learns of what the others counted when it adds its own: until then a quota may be overdrawn by what they did in
//! that time.

use super::Principal;
use crate::{
    fault::Fault,
    plan::rates::{Period, Policy},
    value::time::{Date, Moment},
};
use async_trait::async_trait;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// So long a request waits for what its client used before; then it is let through, and counted.
const PATIENCE: Duration = Duration::from_millis(200);

/// What a client used of a quota in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub policy: String,
    pub principal: String,
    /// `2026-11-21` or `2026-11`.
    pub period: String,
    pub used: u64,
}

/// Where uses are kept. Refuses with F913.
#[async_trait]
pub trait Uses: Send + Sync + std::fmt::Debug {
    /// What was used so far, by everybody who shares this.
    async fn used(&self, policy: &str, principal: &str, period: &str) -> Result<u64, Fault>;

    /// Adds to what was used, all or nothing.
    async fn add(&self, uses: &[Use]) -> Result<(), Fault>;

    /// Removes what is of earlier periods than this one.
    async fn sweep_uses(&self, before: &str) -> Result<(), Fault>;
}

type Key = (String, Principal, String);

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    /// What the ledger knows, when it was asked last.
    kept: u64,
    /// What it does not know yet.
    pending: u64,
    /// What it is being told.
    told: u64,
    asked: bool,
}

#[derive(Debug)]
pub struct Quotas {
    uses: Option<Arc<dyn Uses>>,
    counts: Mutex<HashMap<Key, Count>>,
}

impl Quotas {
    pub(super) fn new(uses: Option<Arc<dyn Uses>>) -> Self {
        Self { uses, counts: Mutex::default() }
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<Key, Count>) -> T) -> T {
        work(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts a request; what is left, or nothing where the quota is used up.
    pub(super) async fn count(
        &self,
        policy: &Policy,
        principal: Principal,
        period: &str,
        cost: u32,
        most: usize,
    ) -> Result<u32, ()> {
        let key: Key = (policy.name.to_string(), principal, period.to_owned());
        let asked = self.with(|counts| counts.get(&key).is_some_and(|count| count.asked));
        if !asked && let Some(uses) = &self.uses {
            let principal = principal.text();
            let used = uses.used(&key.0, &principal, period);
            match tokio::time::timeout(PATIENCE, used).await {
                Ok(Ok(used)) => self.with(|counts| {
                    let count = counts.entry(key.clone()).or_default();
                    if !count.asked {
                        (count.kept, count.asked) = (used, true);
                    }
                }),
                Ok(Err(fault)) => tracing::warn!(detail = fault.detail.as_deref(), "a quota begins anew"),
                Err(_) => tracing::warn!("the ledger does not say in time what was used of a quota"),
            }
        }
        self.with(|counts| {
            if counts.len() >= most && !counts.contains_key(&key) {
                // What the ledger knows can be asked for again.
                counts.retain(|other, count| other.2 == key.2 && (count.pending > 0 || count.told > 0));
                if counts.len() >= most {
                    counts.clear();
                }
            }
            let count = counts.entry(key).or_default();
            count.asked |= self.uses.is_none();
            let used = count.kept + count.told + count.pending + u64::from(cost);
            let left = u64::from(policy.count).checked_sub(used).ok_or(())?;
            count.pending += u64::from(cost);
            Ok(u32::try_from(left).unwrap_or(u32::MAX))
        })
    }

    /// Tells the ledger what it does not know, and learns what others counted.
    pub async fn flush(&self) {
        let Some(uses) = &self.uses else { return };
        let rows: Vec<(Key, Use)> = self.with(|counts| {
            counts
                .iter_mut()
                .filter(|(_, count)| count.pending > 0)
                .map(|(key, count)| {
                    count.told += std::mem::take(&mut count.pending);
                    let (policy, principal, period) = key.clone();
                    let principal = principal.text();
                    (key.clone(), Use { policy, principal, period, used: count.told })
                })
                .collect()
        });
        for chunk in rows.chunks(100) {
            let told: Vec<Use> = chunk.iter().map(|(_, used)| used.clone()).collect();
            let added = uses.add(&told).await;
            for (key, used) in chunk {
                let total = match &added {
                    Ok(()) => uses.used(&used.policy, &used.principal, &used.period).await.ok(),
                    Err(_) => None,
                };
                self.with(|counts| {
                    let Some(count) = counts.get_mut(key) else { return };
                    if added.is_ok() {
                        count.told = 0;
                        count.kept = total.unwrap_or(count.kept + used.used);
                        count.asked = true;
                    } else {
                        count.pending += std::mem::take(&mut count.told);
                    }
                });
            }
            if let Err(fault) = added {
                tracing::warn!(detail = fault.detail.as_deref(), "what was used of quotas is not kept");
            }
        }
    }

    /// Removes what is of earlier months.
    pub async fn sweep(&self, now: Moment) {
        let (month, _) = period(Period::Month, now);
        self.with(|counts| counts.retain(|(_, _, of), count| of.starts_with(&month) || count.pending > 0));
        if let Some(uses) = &self.uses
            && let Err(fault) = uses.sweep_uses(&month).await
        {
            tracing::warn!(detail = fault.detail.as_deref(), "old uses of quotas are not swept");
        }
    }
}

/// The name of the period that this moment is in, in UTC, and how long it still is.
pub(super) fn period(period: Period, now: Moment) -> (String, Duration) {
    let today = now.date().unwrap_or(Date { year: 1970, month: 1, day: 1 });
    let Date { year, month, day } = today;
    let (name, next) = match period {
        Period::Day => (format!("{year:04}-{month:02}-{day:02}"), Date::from_days(today.days() + 1)),
        Period::Month if month == 12 => (format!("{year:04}-12"), Date::new(year + 1, 1, 1)),
        Period::Month => (format!("{year:04}-{month:02}"), Date::new(year, month + 1, 1)),
    };
    let begins = next.map_or(now.seconds, |next| next.days() * 86_400);
    (name, Duration::from_secs(u64::try_from(begins - now.seconds).unwrap_or(0)))
}
