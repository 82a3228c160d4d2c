//! A call to a source, as it stands in bindings and dialects.

use super::{OneOrMany, Scalar, answer::Condition};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// One call: one method with its path, or one SOAP operation. `{name}` in a text is the record's key, a value that an
/// earlier call gave, or a place of what is sent; `{name+3600}` adds to a whole number; `${name}` is one of the source's
/// credentials.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Call {
    pub get: Option<String>,
    pub post: Option<String>,
    pub put: Option<String>,
    pub patch: Option<String>,
    pub delete: Option<String>,
    /// The operation's name in the WSDL.
    pub soap: Option<String>,
    /// A document made from what is asked for; the call is a `post`.
    pub graphql: Option<GraphQl>,
    /// Query parameters that every such call carries.
    pub query: IndexMap<String, Scalar>,
    /// Headers that every such call carries.
    pub headers: IndexMap<String, String>,
    /// What every body carries: places and values.
    #[serde(rename = "with")]
    pub carries: IndexMap<String, serde_json::Value>,
    /// Where in the body a record stands; the body itself where it is not said.
    pub inside: Option<String>,
    /// What is sent stands in the body only where blanks name it: for bodies of another shape than what is read.
    pub apart: bool,
    /// The body is a form, not the dialect's format.
    pub form: bool,
    /// Where in the answer the rows, or the record, stand: `$` is the answer itself, `items[].animal` rows that are
    /// each wrapped in a name, `data{}` an object whose members are the rows.
    pub rows: Option<String>,
    /// The names that a row of the answer has; all of a record where it is not said.
    pub gives: Option<Vec<String>>,
    /// What must hold of the answer for the call to have done what it was asked.
    pub expect: OneOrMany<Condition>,
}

/// Which fields of the schema are asked, and with which arguments.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct GraphQl {
    /// The fields of the query, and for each the names of the variables that are its arguments of the same name.
    pub query: IndexMap<String, Vec<String>>,
    /// The fields of the mutation.
    pub mutation: IndexMap<String, Vec<String>>,
    /// The types of the variables, for example `Int` or `ID!`.
    pub variables: IndexMap<String, String>,
}
