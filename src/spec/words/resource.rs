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
    /// The member that identifies a record. Without one there are lists and nothing else.
    #[serde(default)]
    pub key: Option<String>,
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
    /// There is one record below each parent: it has one URL, and its key is the parent's.
    #[serde(default)]
    pub single: bool,
    /// Who may do it.
    pub access: Access,
    /// The default order; the last member is the key, where there is one. `-` in front means descending.
    #[serde(default)]
    pub order: Vec<String>,
    /// How keys are ordered, where it is not by code point.
    #[serde(default)]
    pub key_order: Option<super::binding::Order>,
    /// The members that can be filtered by. One of a list's items meets a condition where any of the items does.
    #[serde(default)]
    pub filter: Vec<String>,
    /// Filters that every list has to be asked with, once each and for one value. Each is one of `filter` or `through`.
    #[serde(default)]
    pub require: Vec<String>,
    /// Filters that are asked of another resource: the values of a member are the keys of the records found there.
    #[serde(default)]
    pub through: IndexMap<String, Through>,
    /// Members of `filter` that are compared for equality alone: `email` and `email.ne`, and no order.
    #[serde(default)]
    pub exact: Vec<String>,
    /// Members whose numbers are no card numbers, whatever they look like: they are not looked at.
    #[serde(default)]
    pub no_cards: Vec<String>,
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
    /// What of it is personal or medical, so that who reads it is noted.
    #[serde(default)]
    pub audit: Option<super::audit::Audit>,
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

/// A filter whose value says which records of another resource are meant: `service=grooming` are all services of this kind.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Through {
    /// The member that holds the other resource's key.
    pub to: String,
    /// The other resource.
    #[serde(rename = "in")]
    pub other: String,
    /// The other resource's members that the value may be one of: the first one that takes it counts.
    pub by: Vec<String>,
    /// How many records may be meant at once; 20 where it is not said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub most: Option<u32>,
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
    /// As files say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Create => "create",
            Self::Read => "read",
            Self::Replace => "replace",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }

    pub fn is_write(self) -> bool {
        !matches!(self, Self::List | Self::Read)
    }
}
