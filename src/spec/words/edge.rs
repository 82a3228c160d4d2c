//! Words of the edge: certificates by name, what web pages of other origins may do, and whom to tell of a weakness.

use super::Span;
use schemars::JsonSchema;
use serde::Deserialize;

/// A certificate for some of the names that clients ask for (SNI).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Named {
    /// Host names; `*.example.com` stands for one label.
    #[schemars(length(min = 1))]
    pub names: Vec<String>,
    /// A PEM file with the chain, relative to this file.
    pub certificate: String,
    /// A PEM file with the key, relative to this file.
    pub key: String,
}

/// What pages of other origins may do here in a browser (CORS). What is not said may not be done.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cors {
    /// Origins as browsers send them (`https://app.example.com`), or `*` alone for every one.
    #[schemars(length(min = 1))]
    pub origins: Vec<String>,
    /// The methods that pages may use; all that the API has where it is not said.
    #[serde(default)]
    pub methods: Vec<String>,
    /// The headers that pages may send; those that the API reads where it is not said.
    #[serde(default)]
    pub headers: Vec<String>,
    /// The headers of answers that pages may read; those that the API writes where it is not said.
    #[serde(default)]
    pub expose: Vec<String>,
    /// How long a browser may remember this; ten minutes where it is not said.
    #[serde(default)]
    pub max_age: Option<Span>,
    /// Whether browsers may send cookies and client certificates of their own accord. Tokens need it not.
    #[serde(default)]
    pub credentials: bool,
}

/// Whom to tell of a weakness, at `/.well-known/security.txt` (RFC 9116).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SecurityTxt {
    /// Where to write, the best first: `mailto:`, `https:` or `tel:`.
    #[schemars(length(min = 1))]
    pub contact: Vec<String>,
    /// Until when this is true, as a date or a time in UTC (`2027-06-30`, `2027-06-30T12:00:00Z`).
    pub expires: String,
    /// Keys to write with.
    #[serde(default)]
    pub encryption: Vec<String>,
    /// Where those who have told something are thanked.
    #[serde(default)]
    pub acknowledgments: Vec<String>,
    /// The languages that are understood, as tags (`en`, `es`).
    #[serde(default)]
    pub languages: Vec<String>,
    /// How reports are treated.
    #[serde(default)]
    pub policy: Vec<String>,
    /// Where people for this are looked for.
    #[serde(default)]
    pub hiring: Vec<String>,
}
