//! Who may do what with a resource: scopes, roles, ownership, and members that need a scope of their own.

use super::{OneOrMany, Scalar, resource::Operation};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// Who may use a resource.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Access {
    /// Anyone may do all of it, without a login.
    Open(Open),
    Ruled(Box<Rules>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Open {
    /// Anyone, without a login.
    Public,
}

/// Who may do what. A caller does what the first of the API's roles that they have, and that may do it, lets them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rules {
    /// Operations that anyone may do, without a login.
    #[serde(default)]
    pub public: Vec<Operation>,
    /// The scope for lists and reads; `<resource>:read` where it is not said.
    #[serde(default)]
    pub read: Option<String>,
    /// The scope for everything that changes something; `<resource>:write` where it is not said.
    #[serde(default)]
    pub write: Option<String>,
    /// Members that need a scope of their own besides. Without it they do not exist.
    #[serde(default)]
    pub fields: IndexMap<String, String>,
    /// What each role may do.
    #[serde(default)]
    pub roles: IndexMap<String, Grant>,
}

/// What a role may do, with which records, and what it sees of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Grant {
    pub may: May,
    /// The member that has to hold the caller's claim: other records do not exist for them.
    #[serde(default)]
    pub own: Option<String>,
    /// Records that another resource, as far as it is the caller's, leads to. One of several is enough.
    #[serde(default)]
    pub through: Option<OneOrMany<Through>>,
    /// What the records have to have: members with a value, or with one of several.
    #[serde(default, rename = "where")]
    pub having: IndexMap<String, OneOrMany<Scalar>>,
    /// The members that are shown; the others do not exist for this role. All where it is not said.
    #[serde(default)]
    pub fields: Option<Vec<String>>,
    /// A further condition in CEL, over `caller`, `operation`, `now` and, but for lists, `record`.
    #[serde(default)]
    pub when: Option<String>,
}

/// The operations that a role may do.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum May {
    Sum(Sum),
    Each(Vec<Operation>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Sum {
    /// Everything that the resource can.
    All,
    /// `list` and `read`.
    Read,
}

/// A resource whose records lead to the ones that are meant.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Through {
    /// The resource that is listed, as far as the role may.
    pub resource: String,
    /// Its member that holds what leads on.
    pub by: String,
    /// The member of this resource that has the same value; its key where it is not said.
    #[serde(default)]
    pub member: Option<String>,
    /// What the records of that resource have to have, to lead anywhere.
    #[serde(default, rename = "where")]
    pub having: IndexMap<String, OneOrMany<Scalar>>,
}

/// Who may use a shortcut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ShortcutAccess {
    /// Anyone, without a login: its conditions alone decide what is shown.
    Public,
    /// Whoever may read its parts; each part shows what the caller may see of it.
    Callers,
}

/// A role of an API.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Role {
    /// What people call it.
    #[serde(default)]
    pub title: Option<String>,
    /// The claim of a caller that ties the role to records, for example `customer`.
    #[serde(default)]
    pub claim: Option<String>,
}
