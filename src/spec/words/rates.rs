//! How much callers may ask for: rates, quotas, costs, and how many requests at once.

use super::resource::Operation;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// How much callers may ask for, of all APIs together, and of the pages where they log in.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct AllRates {
    /// Of all APIs together. An API's own `rate` takes the place of what is said here, and a tier's that of both.
    pub all: Option<Rates>,
    /// Logins and what is like them; 30 a minute for an address and 10 for a name where it is not said.
    pub login: Option<Entrance>,
    /// The token endpoint; 600 a minute for an address and 120 for a client where it is not said.
    pub token: Option<Entrance>,
    /// How many callers each limit keeps in mind; 100000 where it is not said. Beyond that the one that asked least lately
    /// is forgotten.
    #[schemars(range(min = 1000, max = 10_000_000))]
    pub keys: Option<u32>,
}

/// How much may be asked for at an entrance.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Entrance {
    /// For each address.
    pub per_address: Option<Allowance>,
    /// For each account or client that is named, from whatever address.
    pub per_name: Option<Allowance>,
}

/// How much callers may ask for.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Rates {
    /// For each address, before anything is known of who asks.
    pub per_address: Option<Allowance>,
    /// For each client; who has none is told apart by subject, or else by address.
    pub per_client: Option<Allowance>,
    /// For each person or program that a token stands for, whatever client brings it.
    pub per_subject: Option<Allowance>,
    /// For each client, of one operation alone.
    pub operations: IndexMap<Operation, Allowance>,
    /// What one request of an operation counts for; 1 where it is not said.
    pub costs: IndexMap<Operation, u32>,
    /// How many requests of a client may be under way at once, on each node.
    #[schemars(range(min = 1, max = 100_000))]
    pub at_once: Option<u32>,
    /// For each client in a day or a month of UTC: `100000/day`, `1000000/month`.
    pub quota: Option<String>,
}

/// How many in which time: `1000/m`, or with a burst of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Allowance {
    /// `10/s`, `1000/m`, `5000/h`, `100000/d`; as many may come at once.
    Rate(String),
    Full(FullAllowance),
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FullAllowance {
    /// `10/s`, `1000/m`, `5000/h`, `100000/d`.
    pub rate: String,
    /// How many may come at once, by who has been quiet; as many as the rate says where it is not said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub burst: Option<u32>,
}
