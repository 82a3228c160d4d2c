//! A dialect file: how a family of systems speaks, whatever the resource.

use super::{Span, binding::Call};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// How a family of systems speaks: paging, order, nothing, logins, errors.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Dialect {
    pub dialect: String,
    pub format: Format,
    pub paging: Paging,
    #[serde(default)]
    pub sorting: Sorting,
    #[serde(default)]
    pub empty: Empty,
    #[serde(default)]
    pub login: Option<Login>,
    #[serde(default)]
    pub errors: Errors,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Format {
    Json,
}

/// Pages by number.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Paging {
    /// The parameter that holds the page's number.
    pub page: String,
    /// The number of the first page, 0 or 1.
    #[schemars(range(min = 0, max = 1))]
    pub from: u32,
    pub size: PageSize,
}

/// The sizes that the system takes: one, or any up to a maximum.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PageSize {
    /// The parameter that holds the size.
    #[serde(default)]
    pub parameter: Option<String>,
    /// The only size.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10000))]
    pub fixed: Option<u32>,
    /// The largest size.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10000))]
    pub maximum: Option<u32>,
    /// Whether the size is sent at all; some systems refuse even their own.
    #[serde(default = "yes")]
    pub send: bool,
}

fn yes() -> bool {
    true
}

/// How the direction of an order is said.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Sorting {
    pub ascending: String,
    pub descending: String,
}

impl Default for Sorting {
    fn default() -> Self {
        Self { ascending: "asc".into(), descending: "desc".into() }
    }
}

/// What stands for nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Empty {
    /// Forms that mean nothing when read.
    pub read: Vec<Nothing>,
    /// What is sent for a member of several parts that is to be emptied; `null` where it is not said.
    pub write: Option<serde_json::Value>,
}

impl Default for Empty {
    fn default() -> Self {
        Self { read: vec![Nothing::Absent, Nothing::Null], write: None }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Nothing {
    #[serde(rename = "absent")]
    Absent,
    #[serde(rename = "null")]
    Null,
    #[serde(rename = "")]
    EmptyText,
    #[serde(rename = "[]")]
    EmptyList,
    #[serde(rename = "{}")]
    EmptyObject,
}

/// A login call, and what is carried after it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Login {
    /// The call. `${user}` and `${password}` are the source's credentials.
    pub call: Call,
    /// The cookie of every later call; `{name}` is a member of the login's answer.
    #[serde(default)]
    pub cookie: Option<String>,
    /// Headers of every later call.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// How long a session is used before it is renewed.
    pub expires: Span,
    /// Statuses that tell that the session has ended: one new login, and the call once more.
    pub refused: Vec<u16>,
}

/// Where an error's words stand.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Errors {
    /// The message, for the operator's log.
    pub message: Option<String>,
    /// A map from the system's fields to what is wrong with them.
    pub fields: Option<String>,
}
