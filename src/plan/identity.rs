//! Who may come, compiled: lifetimes of tokens and what tiers hold.

mod issuer;

use std::time::Duration;

pub use issuer::{Introspection, Issuer, Reach, Roles};

/// Who may come, and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    pub access_lifetime: Duration,
    pub refresh_lifetime: Duration,
    pub tiers: Vec<Tier>,
    /// Those elsewhere whose tokens are taken.
    pub issuers: Vec<Issuer>,
}

/// What a client may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    pub name: String,
    pub title: Option<String>,
    /// As they were written: `pets:read`, `pets:*`, `*:read`.
    pub scopes: Vec<String>,
}

impl Tier {
    /// Whether a scope is among those that its clients may be granted.
    pub fn allows(&self, scope: &str) -> bool {
        let (resource, verb) = scope.split_once(':').unwrap_or((scope, ""));
        self.scopes.iter().any(|pattern| match pattern.split_once(':') {
            Some(("*", wanted)) => wanted == verb,
            Some((named, "*")) => named == resource && !verb.is_empty(),
            _ => pattern == scope,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_half_of_a_scope() {
        let tier = Tier {
            name: "t".into(),
            title: None,
            scopes: vec!["pets:*".into(), "*:read".into(), "openid".into()],
        };
        for scope in ["pets:read", "pets:write", "services:read", "openid"] {
            assert!(tier.allows(scope), "{scope}");
        }
        for scope in ["services:write", "pets", "profile", ""] {
            assert!(!tier.allows(scope), "{scope}");
        }
    }
}
