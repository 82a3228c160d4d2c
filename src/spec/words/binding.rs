//! A binding file: how one resource is done on one source.

use super::{OneOrMany, Scalar, Span, answer::Condition, call::Call};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// How one resource is done on one source. It speaks of calls, of a table, or of a stub.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Binding {
    /// The resource that it does.
    pub binds: String,
    /// The source in the configuration; the middle part of the file's name where it is not said.
    #[serde(default)]
    pub source: Option<String>,
    /// How the source's family of systems speaks.
    #[serde(default)]
    pub dialect: Option<String>,
    /// A rule for each public member, by its dotted name. Two names with a comma share one place.
    #[serde(default)]
    pub fields: IndexMap<String, Field>,
    /// Places of the source and the values that they must have for a record to be this resource's. The source keeps
    /// others away by itself, by its call or its filters.
    #[serde(default)]
    pub fixed: IndexMap<String, OneOrMany<Scalar>>,
    /// Places of the source and the values that they must have for a record to be shown. The façade picks the rows.
    #[serde(default, rename = "where")]
    pub picked: IndexMap<String, OneOrMany<Scalar>>,

    /// The HTTP calls that the operations are made of, by name.
    #[serde(default)]
    pub calls: IndexMap<String, Call>,
    /// How a list is had.
    #[serde(default)]
    pub list: Option<List>,
    /// How one record is had.
    #[serde(default)]
    pub read: Option<Read>,
    /// How a record is made.
    #[serde(default)]
    pub create: Option<Write>,
    /// How a record is replaced or patched.
    #[serde(default)]
    pub replace: Option<Write>,
    /// How a record is removed.
    #[serde(default)]
    pub delete: Option<Write>,

    /// A table and its alias: `pets p`.
    #[serde(default)]
    pub table: Option<String>,
    /// Tables that one row of this one points to, by alias. Their columns are read-only.
    #[serde(default)]
    pub joins: IndexMap<String, Join>,
    /// Tables with several rows for one record, by a name that `each` uses.
    #[serde(default)]
    pub children: IndexMap<String, Child>,
    /// The column that is set when a record is removed; removed records are not seen.
    #[serde(default)]
    pub soft_delete: Option<String>,
    /// How long a removed record is kept before it is purged; 30 days where it is not said.
    #[serde(default)]
    pub retention: Option<Span>,
    /// The column that counts the writes of a row; it makes `If-Match` atomic.
    #[serde(default)]
    pub version: Option<String>,
    /// How a new record's key is made.
    #[serde(default)]
    pub new_key: Option<NewKey>,

    /// Answers made from the contract, until there is a backend.
    #[serde(default)]
    pub stub: Option<Stub>,
}

/// A rule: a place alone, or a place with what is to be done to it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Field {
    /// The place in the source.
    Place(String),
    /// The place and its converters.
    Rule(Box<Rule>),
}

/// Joins public members with their place in the source, both ways.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Rule {
    /// The place: a path into the record, or a column.
    pub from: Option<String>,
    /// The place of a list; `from` or `fields` then speak of its items.
    pub each: Option<String>,
    /// The members of a list's items.
    pub fields: IndexMap<String, Field>,
    /// With `each` and `from`: the member is true where the list holds this value.
    pub has: Option<String>,
    /// Converters from the source's form to the public one; a write goes through them backwards.
    pub via: Vec<Converter>,
    /// Converters for reading alone, where the halves differ.
    pub read: Option<Vec<Converter>>,
    /// Converters for writing alone, from the public form to the source's.
    pub write: Option<Vec<Converter>>,
    /// A value of the source that means nothing.
    pub blank: Option<String>,
    /// A value that is always shown; the source has no place for it.
    #[serde(rename = "const", deserialize_with = "said")]
    pub constant: Option<Scalar>,
    /// The source has nothing for this optional member.
    pub absent: Option<bool>,
    /// What is shown for a code of the source that is not known; a fault where it is not said.
    pub unknown: Option<String>,
    /// The column is set by us: when a record is made, or whenever it is written.
    pub stamp: Option<Stamp>,
    /// How the source orders this place, where it is not by code point.
    pub order: Option<Order>,
    /// The column's SQL type, where it does not follow from the contract.
    #[serde(rename = "type")]
    pub sql_type: Option<String>,
}

/// A constant that is said is there, also where it is `null`.
fn said<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Scalar>, D::Error> {
    Scalar::deserialize(deserializer).map(Some)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Stamp {
    Created,
    Changed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Order {
    /// Shorter first, then by code point: the order of numbers for ids that are digits.
    Numeric,
}

/// One step between the source's form and the public one, named for reading.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Converter {
    /// A decimal number in a text.
    Decimal,
    /// A whole number in a text.
    Integer,
    /// A number or truth as a text.
    Text,
    /// A truth as `1`/`0`, `true`/`false`, `t`/`f` or `Y`/`N`; written as `1`/`0`.
    Boolean,
    /// JSON in a text: lists and objects of the contract's own form.
    Json,
    /// The age on today's date from a date of birth; cannot be written.
    Age,
    /// A code of the source for each public one.
    Codes(IndexMap<String, Scalar>),
    /// Several public members in one code of the source.
    Table(IndexMap<String, Vec<Scalar>>),
    /// A key of the source that another resource's records explain.
    Lookup(Lookup),
    /// A date in this pattern of `%Y %m %d %H %M %S`.
    Date(String),
    /// A time in UTC in this pattern.
    DateTime(String),
    /// A time as a count since 1970.
    Epoch(Unit),
    /// A whole number with this many of its last digits behind the point.
    Scaled(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Unit {
    Seconds,
    Milliseconds,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Lookup {
    /// The resource whose records explain the key. It has a binding on the same source.
    #[serde(rename = "in")]
    pub table: String,
    /// The place in that resource's rows that the key is found by.
    pub by: String,
    /// The public member of that resource that is given.
    pub give: String,
}

/// How a list is had.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct List {
    /// The call that gives the rows.
    pub call: String,
    /// Where a row holds its key; `$` for rows that are keys alone. The key's own place where it is not said.
    #[serde(default)]
    pub key: Option<String>,
    /// The call that completes one row, where the list does not give all.
    #[serde(default)]
    pub complete: Option<Complete>,
    /// Members that the source filters by, and its name for each.
    #[serde(default)]
    pub filter: IndexMap<String, Filter>,
    /// Members that the source sorts by, and its name for each.
    #[serde(default)]
    pub sort: IndexMap<String, String>,
    /// The order that the source keeps by itself, as in the resource's `order`.
    #[serde(default)]
    pub order: Vec<String>,
    /// How many there are in all.
    #[serde(default)]
    pub total: Option<TotalBy>,
    /// How many rows may be looked through where the source cannot filter or sort by itself.
    #[serde(default)]
    pub within: Option<u32>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Complete {
    /// A call for each row.
    Call(String),
    /// A call for several rows.
    Many(CompleteMany),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CompleteMany {
    /// The call; its `rows` are a list.
    pub call: String,
    /// The parameter that takes the keys.
    pub keys: String,
    /// What joins them; a repeated parameter, or a list in a body, where it is not said.
    #[serde(default)]
    pub join: Option<String>,
    /// What each key is put into, in a body: JSON in which `{}` is the key.
    #[serde(default)]
    pub each: Option<serde_json::Value>,
    /// How many one call takes.
    #[schemars(range(min = 1, max = 1000))]
    pub most: u32,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Filter {
    /// The source's name for the member.
    Name(String),
    /// The name, and how the source takes it.
    Full(FilterAs),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FilterAs {
    /// The source's name for the member: `query:NAME`, `header:NAME`, `body:PLACE` or `path:NAME` say a parameter of its own.
    #[serde(rename = "as")]
    pub parameter: String,
    /// What joins several values, any of which may match.
    #[serde(default)]
    pub any: Option<String>,
    /// The operators that this member takes; all of the dialect's where it is not said.
    #[serde(default)]
    pub operators: Option<Vec<Comparison>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
}

/// How the total is had.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TotalBy {
    /// By looking for the last page; kept for this long.
    Walk(Span),
    /// At this path of a list's answer.
    At(String),
    /// In this header of a list's answer.
    Header(String),
    /// By a call of its own.
    Call(TotalCall),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TotalCall {
    pub name: String,
    /// The number's place in the answer.
    pub at: String,
    /// How long it is kept.
    pub keep: Span,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Read {
    pub call: String,
    /// What tells that there is no such record: statuses, a body such as `null`, or `missing` where an answer without
    /// the record says so.
    #[serde(default)]
    pub absent: Vec<Absent>,
    /// What guards a write against another one: a place of the record, or `header:ETag`.
    #[serde(default)]
    pub version: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Absent {
    Status(u16),
    Body(String),
}

/// How a record is made, written or removed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Write {
    pub call: String,
    /// What follows, for a source that does not answer with the record.
    #[serde(default)]
    pub then: Option<Then>,
    /// Where a new record's key stands: a place of the answer, `header:Location` (its last segment), `sent` where it
    /// is what was sent, `kept:NAME` where an earlier call gave it. The key's own place where it is not said.
    #[serde(default)]
    pub key: Option<String>,
    /// What a replace sends: the members that changed, where it is not said.
    #[serde(default)]
    pub sends: Sends,
    /// The header of a key that keeps a repeated call from being carried out twice.
    #[serde(default)]
    pub idempotency: Option<String>,
    /// Where the version that was read goes: `header:If-Match`, or a place of the body.
    #[serde(default)]
    pub guard: Option<String>,
    /// The source would overwrite a record that is there: it is read first, and there must be none.
    #[serde(default)]
    pub fresh: bool,
    /// Calls that come before, in order.
    #[serde(default)]
    pub first: Vec<Step>,
    /// Calls that come behind, in order.
    #[serde(default)]
    pub after: Vec<Step>,
    /// The call that undoes it, where a later one fails.
    #[serde(default)]
    pub undo: Option<String>,
    /// How the outcome is had that the answer does not have yet.
    #[serde(default)]
    pub poll: Option<Poll>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Then {
    Read,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Sends {
    /// The members that changed.
    #[default]
    Changed,
    /// All members.
    All,
    /// All members, laid over the record as the source has it.
    Merged,
}

/// One more call of a write.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Step {
    pub call: String,
    /// Values of its answer that later calls name in braces.
    #[serde(default)]
    pub keep: IndexMap<String, String>,
    /// The call that undoes it, where a later one fails.
    #[serde(default)]
    pub undo: Option<String>,
}

/// How the outcome of a write that is carried out later is asked for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Poll {
    pub call: String,
    /// Values of the write's answer that this call names in braces: places, or `header:Location`.
    #[serde(default)]
    pub keep: IndexMap<String, String>,
    /// All of it holds where the write is done.
    pub until: OneOrMany<Condition>,
    /// All of it holds where the write has failed.
    #[serde(default)]
    pub failed: OneOrMany<Condition>,
    /// The pause between two calls.
    pub every: Span,
    /// The longest that is waited.
    pub most: Span,
    /// Where the new record's key stands in the last answer.
    #[serde(default)]
    pub key: Option<String>,
}

/// A table that one row points to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Join {
    pub table: String,
    /// Column of the joined table: column of this one.
    pub on: IndexMap<String, String>,
}

/// A table with several rows for one record.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Child {
    /// The table and its alias.
    pub table: String,
    /// Column of the child: column of this table.
    pub on: IndexMap<String, String>,
    /// The column that holds a row's place among its siblings, from 0.
    pub order: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum NewKey {
    /// A UUID of version 7 (RFC 9562): unique without asking, and in the order of making.
    Uuid,
    /// The database gives it.
    Database,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Stub {
    /// How many records a list has (of one parent, where there is one).
    #[schemars(range(min = 0, max = 10000))]
    pub rows: u32,
}
