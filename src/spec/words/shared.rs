//! What replicas share.

use super::config::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

/// What replicas share; each stands alone where it is not said.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Shared {
    /// A Redis or Valkey, for what is kept and for rates: `redis://user:password@host:port/db`, `rediss://` with TLS,
    /// `unix:///path`, or a reference to such an address.
    pub redis: Secret,
}
