//! The configuration's part on sealing at rest: where the keys are.

use super::{Span, config::Secret};
use schemars::JsonSchema;
use serde::Deserialize;

/// Where the keys are that stored values are sealed with.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Sealing {
    /// The key that wraps the data keys of new records: 32 random bytes in base64, by reference.
    #[serde(default)]
    pub key: Option<Secret>,
    /// Keys that wrapped data keys before: they open, and wrap nothing new.
    #[serde(default)]
    pub previous: Vec<Secret>,
    /// The key of the blind indexes, in the same form.
    #[serde(default)]
    pub index: Option<Secret>,
    /// Keys of the blind indexes before: what was entered by them is found until it has been entered anew.
    #[serde(default)]
    pub previous_index: Vec<Secret>,
    /// Data keys are wrapped by Vault's transit engine. Where `key` stands too, Vault opens, and wraps nothing new.
    #[serde(default)]
    pub vault: Option<Vault>,
}

/// The transit engine of a `HashiCorp` Vault, or of what speaks like it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Vault {
    /// Scheme, host and port.
    pub address: String,
    /// Says that it is meant to be spoken to without TLS.
    #[serde(default)]
    pub plain: bool,
    /// The token, by reference; read again when it is refused.
    pub token: Secret,
    /// The name of the key; it has to be made with `derived: true`.
    pub key: String,
    /// Where the engine is mounted; `transit` where it is not said.
    #[serde(default)]
    pub mount: Option<String>,
    /// The namespace, where there are some.
    #[serde(default)]
    pub namespace: Option<String>,
    /// The longest that one call may take; two seconds where it is not said.
    #[serde(default)]
    pub deadline: Option<Span>,
}
