//! The configuration's part on who may come: lifetimes of tokens, and the tiers that vendors subscribe to.

pub mod accounts;
mod issuer;

use super::Span;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

pub use issuer::{Introspection, Issuer, IssuerRoles};

/// Who may come, and with what. Needs the `ledger`; without it only what is public can be had.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Identity {
    #[serde(default)]
    pub tokens: Tokens,
    /// What clients subscribe to, by name.
    #[serde(default)]
    pub tiers: IndexMap<String, Tier>,
    /// People who log in here; nobody does where it is not said.
    #[serde(default)]
    pub accounts: Option<accounts::Accounts>,
    /// How messages to them are sent.
    #[serde(default)]
    pub mail: Option<accounts::Mail>,
    /// Issuers elsewhere whose tokens are taken, by a name of yours.
    #[serde(default)]
    pub issuers: IndexMap<String, Issuer>,
}

/// How long tokens live.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Tokens {
    /// Access tokens: fifteen minutes at most.
    pub access: Span,
    /// Refresh tokens, each of which is used once.
    pub refresh: Span,
}

impl Default for Tokens {
    fn default() -> Self {
        let seconds = |n| Span(std::time::Duration::from_secs(n));
        Self { access: seconds(15 * 60), refresh: seconds(30 * 86_400) }
    }
}

/// What a client may ask for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tier {
    /// What people call it.
    #[serde(default)]
    pub title: Option<String>,
    /// The scopes that its clients may be granted. `pets:*` is both of a resource's, `*:read` all that read.
    pub scopes: Vec<String>,
    /// How much its clients may ask for; it takes the place of what an API says.
    #[serde(default)]
    pub rate: Option<super::rates::Rates>,
}
