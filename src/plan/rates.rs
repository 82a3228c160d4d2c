//! How much callers may ask for, compiled: policies, and which of them hold for an API and a tier.

use crate::plan::resource::Operation;
use std::time::Duration;

/// A policy's number.
pub type PolicyId = usize;

/// Operations, by their place in a row.
pub const OPERATIONS: usize = 6;

/// All policies, and where they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    pub policies: Vec<Policy>,
    /// By API, then by tier in the order of `tiers`; the last one is of callers without a tier.
    pub rows: Vec<Vec<Row>>,
    /// The names of the tiers.
    pub tiers: Vec<String>,
    pub login: Entrance,
    pub token: Entrance,
    /// How many callers each policy keeps in mind.
    pub keys: usize,
}

/// How much of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Unique, of visible ASCII without quotes: callers read it in `RateLimit`.
    pub name: Box<str>,
    pub kind: Kind,
    /// How many in the time.
    pub count: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// So many in a time, and so many at once.
    Rate {
        window: Duration,
        burst: u32,
    },
    AtOnce,
    Quota(Period),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    Day,
    Month,
}

/// What holds for an API and a tier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub address: Option<PolicyId>,
    pub client: Option<PolicyId>,
    pub subject: Option<PolicyId>,
    pub operations: [Option<PolicyId>; OPERATIONS],
    pub costs: [Option<u32>; OPERATIONS],
    pub at_once: Option<PolicyId>,
    pub quota: Option<PolicyId>,
}

/// What holds where callers log in or get tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entrance {
    pub address: PolicyId,
    pub name: PolicyId,
}

/// The place of an operation in a row.
pub fn place(operation: Operation) -> usize {
    match operation {
        Operation::List => 0,
        Operation::Read => 1,
        Operation::Create => 2,
        Operation::Replace => 3,
        Operation::Patch => 4,
        Operation::Delete => 5,
    }
}

impl Rates {
    pub fn policy(&self, id: PolicyId) -> Option<&Policy> {
        self.policies.get(id)
    }

    /// What holds for an API's callers of a tier.
    pub fn row(&self, api: usize, tier: Option<&str>) -> Option<&Row> {
        let of_api = self.rows.get(api)?;
        let at = tier.and_then(|tier| self.tiers.iter().position(|known| known == tier));
        of_api.get(at.unwrap_or(self.tiers.len()))
    }
}

impl Row {
    /// What one request of this operation counts for.
    pub fn cost(&self, operation: Operation) -> u32 {
        self.costs.get(place(operation)).copied().flatten().unwrap_or(1)
    }

    /// The policy of this operation alone.
    pub fn operation(&self, operation: Operation) -> Option<PolicyId> {
        self.operations.get(place(operation)).copied().flatten()
    }

    /// What this one says, and where it is silent what the other says.
    #[must_use]
    pub fn over(&self, below: &Self) -> Self {
        let mut all = self.clone();
        all.address = all.address.or(below.address);
        all.client = all.client.or(below.client);
        all.subject = all.subject.or(below.subject);
        all.at_once = all.at_once.or(below.at_once);
        all.quota = all.quota.or(below.quota);
        for (own, other) in all.operations.iter_mut().zip(below.operations) {
            *own = own.or(other);
        }
        for (own, other) in all.costs.iter_mut().zip(below.costs) {
            *own = own.or(other);
        }
        all
    }
}
