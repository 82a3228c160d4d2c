//! What of the plan the authorization server goes by: who we are, how long tokens live, which scopes there are, and
//! what tiers hold.

use crate::plan::{Plan, identity::Tier};
use std::collections::BTreeSet;

/// Taken from a plan; a reload makes new ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Our public address, without a slash at its end: the `iss` of all that we sign.
    pub issuer: String,
    /// Seconds that access tokens live.
    pub access: i64,
    /// Seconds that refresh tokens live.
    pub refresh: i64,
    pub tiers: Vec<Tier>,
    /// All scopes that there are.
    pub scopes: BTreeSet<String>,
    /// The bases of the APIs, such as `/v1`.
    pub bases: Vec<String>,
    /// The ids of the company's own apps, which need not be registered.
    pub apps: Vec<String>,
}

impl Rules {
    /// Nothing where the configuration has no `identity`.
    pub fn of(plan: &Plan) -> Option<Self> {
        let identity = plan.settings.identity.as_ref()?;
        let seconds = |span: std::time::Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        Some(Self {
            issuer: plan.settings.public_url.clone(),
            access: seconds(identity.access_lifetime).max(1),
            refresh: seconds(identity.refresh_lifetime).max(1),
            tiers: identity.tiers.clone(),
            scopes: scopes(plan),
            apps: identity.accounts.as_ref().map_or_else(Vec::new, |accounts| accounts.apps.clone()),
            bases: plan.apis.iter().map(|api| api.base.clone()).collect(),
        })
    }

    pub fn tier(&self, name: &str) -> Option<&Tier> {
        self.tiers.iter().find(|tier| tier.name == name)
    }

    /// Whether a token may be asked for a resource (RFC 8707): all of us, or one API.
    pub fn serves(&self, resource: &str) -> bool {
        let Some(rest) = resource.strip_prefix(self.issuer.as_str()) else { return false };
        rest.is_empty() || self.bases.iter().any(|base| base == rest)
    }

    /// Whether a token of an audience may be used here at all: what the road accepts.
    pub fn audiences(&self) -> Vec<String> {
        let bases = self.bases.iter().map(|base| format!("{}{base}", self.issuer));
        std::iter::once(self.issuer.clone()).chain(bases).collect()
    }
}

/// All scopes that a plan knows: those that its resources and members ask for, and who somebody is.
pub fn scopes(plan: &Plan) -> BTreeSet<String> {
    plan.scopes().into_iter().map(str::to_owned).chain(["openid".to_owned()]).collect()
}
