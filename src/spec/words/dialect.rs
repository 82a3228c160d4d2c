//! A dialect file: how a family of systems speaks, whatever the resource.

mod login;

use super::{
    OneOrMany, Scalar, Span,
    answer::{Condition, Meaning},
};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

pub use login::{Expires, Login, OAuth2, Said, SecretIn};

/// How a family of systems speaks: format, paging, order, filters, nothing, logins, errors.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Dialect {
    pub dialect: String,
    pub format: Format,
    /// For `format: xml`: how bodies are written.
    #[serde(default)]
    pub xml: Option<Xml>,
    /// For `format: soap`: where the service is described.
    #[serde(default)]
    pub soap: Option<Soap>,
    #[serde(default)]
    pub paging: Paging,
    #[serde(default)]
    pub sorting: Sorting,
    #[serde(default)]
    pub filters: Filters,
    #[serde(default)]
    pub empty: Empty,
    /// A list of one may come as its element alone, and a single value as a list of one. The contract decides.
    #[serde(default)]
    pub one_or_many: bool,
    /// What every call carries, logins too.
    #[serde(default)]
    pub always: Always,
    #[serde(default)]
    pub auth: Auth,
    #[serde(default)]
    pub login: Option<Login>,
    #[serde(default)]
    pub errors: Errors,
    #[serde(default)]
    pub limits: Option<Limits>,
    /// How calls say how much time is left for them. They do not where it is not said.
    #[serde(default)]
    pub time_left: Option<TimeLeft>,
}

/// A header with the time that is left for a call, as a whole number.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TimeLeft {
    pub header: String,
    /// What it counts; milliseconds where it is not said.
    #[serde(default, rename = "in")]
    pub unit: TimeUnit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TimeUnit {
    #[default]
    Milliseconds,
    Seconds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Format {
    /// JSON; GraphQL and JSON-RPC, too.
    Json,
    /// XML over plain HTTP, without a schema.
    Xml,
    /// SOAP 1.1 or 1.2, described by a WSDL.
    Soap,
    /// XML-RPC: a call's body has `method` and `params`.
    XmlRpc,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Xml {
    /// The root element of a body that is sent.
    pub root: String,
    #[serde(default)]
    pub namespace: Option<String>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Soap {
    /// The WSDL's file, relative to this one. Its schemas stand beside it.
    pub wsdl: String,
    /// The port (WSDL 1.1, section 2.6), where there are several.
    #[serde(default)]
    pub port: Option<String>,
    /// `1.1` or `1.2`, where the port is not named.
    #[serde(default)]
    pub version: Option<String>,
}

/// How lists come in pages. It says `page`, `offset`, `first` and `last`, `cursor`, or nothing of them: then all comes at once.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Paging {
    /// The parameter that holds the page's number.
    pub page: Option<String>,
    /// The parameter that holds the number of rows to pass over.
    pub offset: Option<String>,
    /// The parameter that holds the first row's number.
    pub first: Option<String>,
    /// The parameter that holds the last row's number; that row is included.
    pub last: Option<String>,
    /// The number of the first page or row: 0 or 1.
    #[schemars(range(min = 0, max = 1))]
    pub from: Option<u32>,
    /// Each page says where the next one begins.
    pub cursor: Option<Cursor>,
    pub size: PageSize,
    /// The place in an answer that says whether there is more.
    pub more: Option<String>,
    /// The system may show a row on two pages.
    pub repeats: bool,
    /// A page may have fewer rows than were asked for, though there is more behind it: the system has a smaller maximum than
    /// it says, or hides rows that it counts. Then only an empty page, `more` or the total tells the end.
    pub short: bool,
}

/// Where the next page's beginning is said, and where it is sent. Exactly one of `next`, `lastKey`, `link` and `linkHeader`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Cursor {
    /// The parameter that the cursor is sent in.
    pub parameter: Option<String>,
    /// The place in an answer that holds the next cursor.
    pub next: Option<String>,
    /// The cursor is the last row's key.
    pub last_key: bool,
    /// The place in an answer that holds the next page's address.
    pub link: Option<String>,
    /// The next page's address stands in the header `Link` (RFC 8288).
    pub link_header: bool,
}

/// The sizes that the system takes: one, some, or any up to a maximum.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct PageSize {
    /// The parameter that holds the size.
    pub parameter: Option<String>,
    /// The only size.
    #[schemars(range(min = 1, max = 100_000))]
    pub fixed: Option<u32>,
    /// The largest size.
    #[schemars(range(min = 1, max = 100_000))]
    pub maximum: Option<u32>,
    /// The only sizes.
    pub sizes: Option<Vec<u32>>,
    /// Whether the size is sent at all; some systems refuse even their own.
    pub send: Option<bool>,
}

/// How an order is said: a parameter for each member where nothing else is said.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Sorting {
    pub ascending: String,
    pub descending: String,
    /// The one parameter of all terms.
    #[serde(rename = "in")]
    pub parameter: Option<String>,
    /// A term: a text, or JSON in a body, with `{field}` and `{direction}`.
    pub term: Option<serde_json::Value>,
    /// What joins terms in a text.
    pub join: String,
    /// The parameter of the directions, where they stand apart from the fields.
    pub directions: Option<String>,
    /// How many keys it takes.
    pub most: Option<u32>,
    /// Rows that are equal come by their key, ascending, without being told.
    pub ties: bool,
}

impl Default for Sorting {
    fn default() -> Self {
        Self {
            ascending: "asc".into(),
            descending: "desc".into(),
            parameter: None,
            term: None,
            join: ",".into(),
            directions: None,
            most: None,
            ties: false,
        }
    }
}

/// How conditions are said: a parameter for each where nothing else is said.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Filters {
    /// The one parameter of all predicates.
    #[serde(rename = "in")]
    pub parameter: Option<String>,
    /// A predicate: a text, or JSON in a body, with `{field}`, `{operator}` and `{value}`.
    pub term: Option<serde_json::Value>,
    /// What can be said. Without `in`: the parameter's name with `{field}`. With it: the operator's symbol.
    pub operators: Option<Operators>,
    /// Each field has an object of conditions, such as `{"gt": "5"}`; `operators` has their names.
    pub objects: bool,
    pub and: Option<String>,
    /// What joins alternatives in an expression.
    pub or: Option<String>,
    /// What stands around alternatives; `{}` is them.
    pub group: Option<String>,
    /// What a quote within a value becomes, for example `{ "'": "''" }`.
    pub quote: IndexMap<String, String>,
    /// How several values of one condition are sent: `repeat`, or what joins them. With `objects` and terms: the operator that takes a list.
    pub several: Option<String>,
    /// How many predicates one question may have.
    pub most: Option<u32>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Operators {
    pub eq: Option<String>,
    pub ne: Option<String>,
    pub lt: Option<String>,
    pub lte: Option<String>,
    pub gt: Option<String>,
    pub gte: Option<String>,
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

/// What every call carries. `${name}` is one of the source's credentials.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Always {
    pub headers: IndexMap<String, String>,
    pub query: IndexMap<String, Scalar>,
    #[serde(rename = "with")]
    pub body: IndexMap<String, serde_json::Value>,
}

/// What proves who calls, where it is more than a constant in `always`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Auth {
    /// HTTP Basic (RFC 7617).
    pub basic: Option<Basic>,
    /// A keyed hash over the request.
    pub hmac: Option<Hmac>,
    /// AWS Signature Version 4.
    pub aws: Option<Aws>,
    /// WS-Security `UsernameToken`.
    pub username_token: Option<UsernameToken>,
    /// A short-lived JSON Web Token of our own.
    pub jwt: Option<Jwt>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Basic {
    pub user: String,
    pub password: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Hmac {
    pub hash: Hash,
    pub secret: String,
    /// What is signed, of `{method}`, `{path}` (with the query), `{body}`, `{bodyHash}`, `{time}` (seconds since 1970).
    pub over: String,
    #[serde(default)]
    pub base64: bool,
    /// What carries it, with `{signature}` and `{time}`.
    pub headers: IndexMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Hash {
    Sha256,
    Sha512,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Aws {
    pub service: String,
    pub region: String,
    pub key: String,
    pub secret: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UsernameToken {
    pub user: String,
    pub password: String,
    /// The password goes as a digest (`PasswordDigest`), not as it is.
    #[serde(default)]
    pub digest: bool,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Jwt {
    pub secret: String,
    pub claims: IndexMap<String, String>,
    pub life: Span,
    /// The word before the token in `Authorization`.
    #[serde(default = "bearer")]
    pub scheme: String,
}

fn bearer() -> String {
    "Bearer".into()
}

/// Where an error's words stand, and what answers mean whatever their status.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Errors {
    /// The message, for the operator's log.
    pub message: Option<String>,
    /// A map from the system's fields to what is wrong with them, or a list of their names; or several such places.
    pub fields: OneOrMany<String>,
    /// A list of faults, each with the name of its field.
    pub list: Option<ErrorList>,
    /// The field's name stands in a message.
    pub named: Option<ErrorName>,
    /// The first rule whose conditions all hold says what an answer means. Where none does the status says it.
    pub rules: Vec<ErrorRule>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ErrorList {
    /// The place of the list.
    pub at: String,
    /// The place of the field's name in each: a name, a pointer, or a list of names.
    pub field: String,
}

/// A name between two texts of a message.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorName {
    pub at: String,
    pub after: String,
    pub before: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ErrorRule {
    #[serde(default)]
    pub when: OneOrMany<Condition>,
    pub means: Meaning,
}

/// What the system says of its own limits.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Limits {
    /// The header with the number of calls that are left.
    pub remaining: Option<String>,
    /// The header that says when they are new.
    pub reset: Option<String>,
    /// What that header counts.
    pub reset_in: Option<ResetIn>,
    /// Statuses that mean "too many calls", beside 429 and 503.
    pub busy: Vec<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ResetIn {
    /// Seconds from now.
    Seconds,
    /// Seconds since 1970.
    Epoch,
    /// Milliseconds since 1970.
    EpochMilliseconds,
}
