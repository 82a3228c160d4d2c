//! A resource file: a plural noun as vendors see it. It knows no backend.

use super::{Access, Span, binding::Converter};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A public resource: its contract, its URLs, and what can be asked of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Resource {
    /// The plural name, in kebab-case, as it stands in the path.
    pub resource: String,
    /// The contract's file below `schemas/`.
    pub contract: String,
    /// The member that identifies a record.
    pub key: String,
    /// The path of the collection below the API's base. `{member}` stands for a parent's id.
    pub path: String,
    /// Further paths of the same collection, for example below its owner.
    #[serde(default)]
    pub also: Vec<String>,
    /// For a parent in a path whose parameter is not named as a member is: the member that holds its key. A list holds the
    /// keys of all parents that a record has.
    #[serde(default)]
    pub parents: IndexMap<String, String>,
    /// What can be done.
    pub operations: Vec<Operation>,
    /// Who may do it.
    pub access: Access,
    /// The default order; the last member is the key. `-` in front means descending.
    pub order: Vec<String>,
    /// How keys are ordered, where it is not by code point.
    #[serde(default)]
    pub key_order: Option<super::binding::Order>,
    /// The members that can be filtered by. One of a list's items meets a condition where any of the items does.
    #[serde(default)]
    pub filter: Vec<String>,
    /// The members that can be sorted by.
    #[serde(default)]
    pub sort: Vec<String>,
    /// Whether every list says how many records there are in all.
    pub total: Total,
    /// How far `offset` may go, where a backend cannot go further in time; nothing is no bound.
    #[serde(default)]
    pub max_offset: Option<u64>,
    /// Members that follow from others; no backend fills them.
    #[serde(default)]
    pub derived: IndexMap<String, Derived>,
    /// Members that hold the key of another resource: its records must exist when they are written.
    #[serde(default)]
    pub references: IndexMap<String, String>,
    /// Members that are given when a record is made, and never changed.
    #[serde(default)]
    pub create_only: Vec<String>,
    /// How long look-ups that are filled from it are used.
    #[serde(default)]
    pub fresh: Option<Span>,
    /// How long reads are kept, and answered without asking; `never` says that nobody keeps them.
    #[serde(default)]
    pub cache: Option<super::cache::Cache>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    List,
    Create,
    Read,
    Replace,
    Patch,
    Delete,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Total {
    /// Every list says `totalCount`, unless the caller spares it with `count=false`.
    Promised,
    /// No list says it.
    None,
}

/// A member that is made from another one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Derived {
    /// The member that it is made from.
    pub from: String,
    /// How.
    pub via: Vec<Converter>,
}

impl Operation {
    /// Whether it changes something.
    pub fn is_write(self) -> bool {
        !matches!(self, Self::List | Self::Read)
    }
}
