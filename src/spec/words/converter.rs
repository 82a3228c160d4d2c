//! The steps between a source's form of a value and the public one. They are named for reading; a write goes through
//! them backwards.

use super::Scalar;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// One step between the source's form and the public one, named for reading.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Converter {
    /// The source has a number of JSON: what the steps behind it make is written as one. It stands first.
    Number,
    /// The source has a truth of JSON, `true` or `false`, and is written one. It stands first.
    Truth,
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
    /// A code of the source for each public one. Numbers and truths of the source are codes by their digits and words.
    Codes(IndexMap<String, Scalar>),
    /// Several public members in one code of the source.
    Table(IndexMap<String, Vec<Scalar>>),
    /// Several public members in one text of the source, one behind the other: `Franklin^Leo`.
    Split(Split),
    /// A key of the source that another resource's records explain.
    Lookup(Lookup),
    /// A date in this pattern of `%Y %y %m %b %d`. One of digits alone may also come as a number: `20140131.0`.
    Date(DateIn),
    /// A time in this pattern, in which `%H %I %p %M %S %f %z` can stand too; in UTC where it says no zone.
    DateTime(TimeIn),
    /// A time as a count since 1970. For a date: of its first moment in UTC; any other moment of the day is read as it.
    Epoch(Unit),
    /// The date that a calendar in this zone shows at a time (`[{ epoch: seconds }, { localDate: America/Phoenix }]`);
    /// cannot be written.
    LocalDate(String),
    /// What a clock on the wall in this zone shows at a time, as `09:30`; cannot be written.
    LocalTime(String),
    /// Whether a text holds this one, as a truth; cannot be written.
    Holds(String),
    /// A text without this one, wherever it stands in it: the blanks of `985 112 300`; cannot be written.
    Without(String),
    /// A whole number with this many of its last digits behind the point.
    Scaled(u8),
    /// Text around the value: the `$` of `$50.00`, `/Date(` and `)/` of `/Date(1384560000000)/`.
    Affix(Affix),
    /// A number whose thousands are parted by this sign: `1,299.00`. It is written so.
    Grouped(String),
    /// A number, shown as a text with just this many digits behind the point: `39.90` for 39.9. More are a fault.
    Fixed(#[schemars(range(max = 18))] u8),
    /// A number in another unit.
    Scale(Scale),
    /// A span of time in words (`375 weeks 1 day`) or as a count, shown as a duration of ISO 8601 (`P375W1D`).
    Lapse(Lapse),
    /// A text that is escaped for HTML, `O&#039;Neill &amp; Sons`; it says how the source takes one.
    Html(Html),
}

/// How a text that comes escaped for HTML is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Html {
    /// As it is: the source escapes by itself what it shows.
    Plain,
    /// Escaped: the source shows what it was given.
    Escaped,
}

/// A text that holds several members. Spaces around a part are not its own, and an empty part is nothing. A value that
/// holds the sign, or has spaces around it, cannot be kept and is refused.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Split {
    /// The sign between two parts.
    pub at: String,
    /// How it is written, where spaces belong around it; as it is where nothing is said.
    #[serde(default)]
    pub join: Option<String>,
    /// Parts that mean nothing.
    #[serde(default)]
    pub nothing: Vec<String>,
    /// The last member takes all that is left, signs included. More parts than members are a fault otherwise.
    #[serde(default)]
    pub rest: bool,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum DateIn {
    /// The pattern.
    Pattern(String),
    /// The pattern, and whether less than a day may come.
    Full(PartialDate),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PartialDate {
    pub pattern: String,
    /// `2013` and `2013-11` are read as their first day. Such a member cannot be written.
    #[serde(default)]
    pub partial: bool,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TimeIn {
    /// The pattern; times are in UTC.
    Pattern(String),
    /// The pattern, and the zone of the clock that these times are of.
    Full(ZonedTime),
}

/// Of a time that comes twice, when clocks are put back, the earlier is meant, and the later is refused in a write. A time
/// that never comes, when clocks are put forward, is a fault of the source's answer. With `%z` in the pattern both are plain.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ZonedTime {
    pub pattern: String,
    /// A name of the IANA database, for example `America/New_York`.
    #[serde(default)]
    pub zone: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Unit {
    Seconds,
    Milliseconds,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Affix {
    #[serde(default)]
    pub before: String,
    #[serde(default)]
    pub after: String,
}

/// The public number is the source's times `by`, rounded half to even.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Scale {
    /// A decimal in quotes, so that its digits stay what they are: `"0.45359237"` kilograms in a pound.
    pub by: String,
    /// The digits that the public number is rounded to.
    #[schemars(range(max = 18))]
    pub digits: u8,
    /// The digits that are written; the fewest that bring the public number back where nothing is said.
    #[serde(default)]
    #[schemars(range(max = 18))]
    pub back: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Lapse {
    /// In English, the largest unit first: `3 years 2 months`.
    Words,
    Months,
    Weeks,
    Days,
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

/// A value, or several of which any is meant.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Values {
    One(Scalar),
    Any(Vec<Scalar>),
}

impl Values {
    pub fn all(&self) -> &[Scalar] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Any(values) => values,
        }
    }
}
