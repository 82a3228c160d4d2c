//! The configuration's part on who may come.

mod issuers;

use super::Compiler;
use crate::{
    fault::mapping as m,
    plan::identity::{Identity, Tier},
    spec::{Doc, words},
};
use std::time::Duration;

/// Access tokens live no longer than this, whatever is written.
const LONGEST: Duration = Duration::from_secs(15 * 60);

impl Compiler<'_> {
    pub(super) fn identity(&mut self, config: &Doc<words::Config>) -> Option<Identity> {
        let words = config.words.identity.as_ref()?;
        let access = words.tokens.access.0;
        if access > LONGEST || access.is_zero() {
            let hint = Some("write `15m` or less".into());
            let message = "access tokens live from one second to fifteen minutes";
            config.error(self.out, m::BAD_IDENTITY, &["identity", "tokens", "access"], message, hint);
        }
        if config.words.ledger.is_none() {
            let hint = Some("add `ledger: { url: ... }`, where grants, accounts and keys are kept".into());
            config.error_at_key(self.out, m::BAD_IDENTITY, &["identity"], "there is no ledger for it", hint);
        }
        let tiers = words.tiers.iter().map(|(name, tier)| Tier {
            name: name.clone(),
            title: tier.title.clone(),
            scopes: tier.scopes.clone(),
        });
        Some(Identity {
            access_lifetime: access,
            refresh_lifetime: words.tokens.refresh.0,
            tiers: tiers.collect(),
            issuers: self.issuers(config, words),
        })
    }
}
