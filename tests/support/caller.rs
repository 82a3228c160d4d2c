//! Callers as tests describe them: a role, what ties it to records, and the scopes that were granted.

use portico::identity::Caller;
use std::sync::Arc;

/// A caller of this role; `none` is nobody and `operator` is held to nothing. Claims are written `provider:12,school:3`;
/// scopes stand beside each other with commas, and are all of them where none is said.
pub fn described(role: &str, claims: &str, scopes: Option<&str>) -> Arc<Caller> {
    match role {
        "none" => Caller::anonymous(),
        "operator" => Caller::operator(),
        _ => Arc::new(Caller {
            subject: Some(format!("a_{role}").into()),
            roles: role.split(',').map(Into::into).collect(),
            scopes: scopes.map(|all| all.split(',').map(Into::into).collect()),
            claims: claims
                .split(',')
                .filter_map(|one| one.split_once(':'))
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            ..Caller::default()
        }),
    }
}
