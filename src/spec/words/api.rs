//! `api.yaml`: a versioned public product.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A versioned public product: its base path and the rules that all its resources share.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Api {
    /// The product's name, in kebab-case.
    pub api: String,
    /// The version as it stands in the path, for example `v1`.
    pub version: String,
    /// The path under which everything stands, for example `/v1`.
    pub base: String,
    /// What people call it.
    pub title: String,
    /// How long lists may be.
    #[serde(default)]
    pub limit: Limit,
    /// How much callers may ask for.
    #[serde(default)]
    pub rate: Option<super::rates::Rates>,
    /// The roles that callers have here. Where a caller has several, the one that stands first and may do it counts.
    #[serde(default)]
    pub roles: IndexMap<String, super::access::Role>,
    /// What pages of other origins may do here in a browser; nothing where it is not said.
    #[serde(default)]
    pub cors: Option<super::edge::Cors>,
}

/// The sizes of a page.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Limit {
    /// Used where a request names no `limit`.
    #[schemars(range(min = 1, max = 1000))]
    pub default: u32,
    /// A larger `limit` is refused.
    #[schemars(range(min = 1, max = 10000))]
    pub maximum: u32,
}

impl Default for Limit {
    fn default() -> Self {
        Self { default: 10, maximum: 100 }
    }
}
