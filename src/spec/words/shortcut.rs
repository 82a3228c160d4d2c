//! A shortcut file: one read composed of several resources.

use super::access::ShortcutAccess;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// One read composed of public resources, wherever they live.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Shortcut {
    pub shortcut: String,
    /// The contract's file below `schemas/`.
    pub contract: String,
    pub path: String,
    /// Who may use it.
    pub access: ShortcutAccess,
    /// What it is composed of, by name.
    pub parts: IndexMap<String, Part>,
    /// A rule for each member of the contract.
    pub fields: IndexMap<String, Fill>,
}

/// A resource that is read or listed. What a part needs of another makes the order; the rest runs at once.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Part {
    /// The resource of which one record is read.
    #[serde(default)]
    pub read: Option<String>,
    /// The record's key: `{petId}` of the path, or a member of another part such as `pet.ownerId`.
    #[serde(default)]
    pub key: Option<String>,
    /// The resource that is listed.
    #[serde(default)]
    pub list: Option<String>,
    /// What the listed records have, by member. A record that is read and has something else is not there.
    #[serde(default, rename = "where")]
    pub having: IndexMap<String, String>,
    /// How many are listed.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u32>,
    /// A truth of another part without which this one is not fetched.
    #[serde(default)]
    pub when: Option<String>,
    pub need: Need,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Need {
    /// Without it there is no answer.
    Required,
    /// Without it `null` stands in, and `metadata.partial` names it.
    Optional,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Fill {
    /// A part, or a member of one.
    From(String),
    /// The same, under a condition.
    Full(FillWhen),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FillWhen {
    pub from: String,
    /// A truth of a part; `null` is shown where it does not hold.
    #[serde(default)]
    pub when: Option<String>,
}
