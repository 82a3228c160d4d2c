//! A binding file: how one resource is done on one source.

pub use super::converter::{Converter, Values};
pub use super::resilience::Hedged;
use super::{
    OneOrMany, Scalar, Span,
    call::Call,
    operation::{List, Read, Write},
};
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
    /// Members with `seal: true` are sealed at rest; each record has a data key of its own.
    #[serde(default)]
    pub sealed: Option<Sealed>,

    /// Answers made from the contract, until there is a backend.
    #[serde(default)]
    pub stub: Option<Stub>,

    /// When reads over HTTP are asked a second time beside the first; as the source says where it is not said.
    #[serde(default)]
    pub hedge: Option<Hedged>,
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
    /// The place that is written, where a record is sent in another form than it comes in: `asset_id` beside `asset.id`.
    /// For a parent's key that no body says: the place at which the source is told it when a record is made.
    pub to: Option<String>,
    /// The place of a list; `from` or `fields` then speak of its items.
    pub each: Option<String>,
    /// The members of a list's items.
    pub fields: IndexMap<String, Field>,
    /// With `each` and `from`: the member is true where the list holds this value.
    pub has: Option<String>,
    /// With `each`, `where` and `from`: the member is the value of the first item that counts. A write changes that item, or
    /// adds one, and leaves the others as they are.
    pub pick: Option<bool>,
    /// With `each`: only items whose places hold these values count. An empty place holds none. What is hidden so would
    /// be lost by a write: such a list is read-only.
    #[serde(rename = "where")]
    pub condition: IndexMap<String, Values>,
    /// Converters from the source's form to the public one; a write goes through them backwards.
    pub via: Vec<Converter>,
    /// Converters for reading alone, where the halves differ.
    pub read: Option<Vec<Converter>>,
    /// Converters for writing alone, from the public form to the source's.
    pub write: Option<Vec<Converter>>,
    /// A value of the source that means nothing, or several of them; the first is the one that is written.
    pub blank: Option<Values>,
    /// A value that is always shown; the source has no place for it. A write of another one is refused.
    #[serde(rename = "const", deserialize_with = "said")]
    pub constant: Option<Scalar>,
    /// The source has nothing for this optional member. A write of it is refused.
    pub absent: Option<bool>,
    /// With `codes`: values of the contract that the source has no code for. A write of one is refused.
    pub lacks: Vec<String>,
    /// What is shown where the source has nothing, for a member that the contract does not let be nothing.
    pub otherwise: Option<Scalar>,
    /// The source does not say it: it is what the list was asked with. The resource requires it.
    #[serde(default)]
    pub asked: Option<bool>,
    /// What is shown for a code of the source that is not known; a fault where it is not said.
    pub unknown: Option<Scalar>,
    /// The column is set by us: when a record is made, or whenever it is written.
    pub stamp: Option<Stamp>,
    /// How the source orders this place, where it is not by code point.
    pub order: Option<Order>,
    /// The column's SQL type, where it does not follow from the contract.
    #[serde(rename = "type")]
    pub sql_type: Option<String>,
    /// The column is sealed at rest: what lies in the database is read by nobody who has the database alone.
    pub seal: Option<bool>,
    /// The column beside a sealed one by which it is found: it holds a keyed hash of the value.
    pub index: Option<String>,
    /// With `index`: upper and lower case are one, and a filter finds both.
    pub ignore_case: Option<bool>,
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

/// How a table's sealed members are sealed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Sealed {
    /// The column that holds the record's wrapped data key.
    pub key: String,
    /// What is done with rows that have no data key yet; `refuse` where it is not said.
    #[serde(default)]
    pub plain: Plain,
}

/// Rows of a sealed table that are not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Plain {
    /// They are a fault: nobody can put a plain value in the place of a sealed one.
    #[default]
    Refuse,
    /// They are read as they are, until all have been sealed.
    Read,
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
