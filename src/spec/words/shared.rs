//! What several programs share.

use super::config::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

/// What several programs share; each is for itself where it is not said.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Shared {
    /// A Redis or Valkey: `redis://host:6379/0`, `rediss://` with TLS, or a reference to such an address.
    pub redis: Secret,
}
