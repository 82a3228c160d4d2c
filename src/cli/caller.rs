//! Who a request is made as: the operator, for whom no access rule holds, or somebody who is described.

use crate::identity::Caller;
use anyhow::Context;
use clap::Args;
use std::sync::Arc;

#[derive(Debug, Args)]
#[group(id = "caller")]
pub(super) struct As {
    /// As a caller of this role, instead of as the operator, who may do everything. May be repeated; `none` is a caller
    /// without a login.
    #[arg(long = "as", value_name = "ROLE")]
    roles: Vec<String>,
    /// What ties that caller to records, for example customer=66. May be repeated.
    #[arg(long = "claim", value_name = "NAME=VALUE", requires = "roles")]
    claims: Vec<String>,
    /// A scope that was granted; all of them where none is said. May be repeated.
    #[arg(long = "scope", value_name = "SCOPE", requires = "roles")]
    scopes: Vec<String>,
}

impl As {
    pub(super) fn read(&self) -> anyhow::Result<Arc<Caller>> {
        if self.roles.is_empty() {
            return Ok(Caller::operator());
        }
        if self.roles.iter().any(|role| role == "none") {
            return Ok(Caller::anonymous());
        }
        let mut claims = Vec::new();
        for claim in &self.claims {
            let (name, value) = claim.split_once('=').context("a claim is written as `name=value`")?;
            claims.push((name.into(), value.into()));
        }
        let scopes = self.scopes.iter().map(|scope| scope.as_str().into()).collect();
        Ok(Arc::new(Caller {
            subject: Some("described".into()),
            roles: self.roles.iter().map(|role| role.as_str().into()).collect(),
            scopes: (!self.scopes.is_empty()).then_some(scopes),
            claims,
            ..Caller::default()
        }))
    }
}
