//! Converters, compiled: what stands between a place of a source and a public member. The steps are
//! named for reading; `translate` runs them both ways.

use super::LookupId;
use crate::value::{
    Value,
    decimal::Decimal,
    time::{lapse::Lapse, pattern::Pattern, zone::Zone},
};
use std::sync::Arc;

/// The steps from a place to a member, in the order of reading.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chain {
    /// For reading.
    pub read: Vec<Op>,
    /// For writing: the steps whose backs are taken, last one first. Mostly the same as `read`.
    pub write: Vec<Op>,
    /// Scalars of the source that mean nothing; the first is the one that is written.
    pub blank: Box<[Value]>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// A number of JSON, and one again when it is written.
    Number,
    /// A truth of JSON, and one again when it is written.
    Truth,
    /// Number in a text.
    Decimal,
    /// Whole number in a text.
    Integer,
    /// Number or truth as text.
    Text,
    /// Truth in one of its usual spellings.
    Boolean,
    /// JSON in a text.
    Json,
    /// Age on today's date from a date.
    Age,
    /// Code to code.
    Codes(Arc<Codes>),
    /// One code to one of several members.
    Part(Arc<CodeTable>, usize),
    /// One text to one of several members.
    Piece(Arc<Split>, usize),
    /// Key to meaning.
    Lookup(LookupId),
    /// Date in a pattern.
    Date(Pattern),
    /// Time in a pattern, in UTC or in the pattern's zone.
    DateTime(Pattern),
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
    /// A count since 1970, this many in a second, to the date of that moment in UTC.
    EpochDay(u16),
    /// A time to the date that a calendar in this zone shows then.
    LocalDate(Zone),
    /// A time to what a clock on the wall in this zone shows then.
    LocalTime(Zone),
    /// Whether a text holds this one.
    Holds(Box<str>),
    /// A text without this one, wherever it stands.
    Without(Box<str>),
    /// Whole number to a decimal with this many digits after the point.
    Scaled(u8),
    /// Text before and behind.
    Affix(Box<str>, Box<str>),
    /// Thousands parted by this sign.
    Grouped(char),
    /// A number to a text with this many digits after the point.
    Fixed(u8),
    /// A number in another unit.
    Scale(Box<Scale>),
    /// A span of time to a duration.
    Lapse(Lapse),
    /// Text out of HTML, and how it is written.
    Html(Html),
    /// A time as databases and RFC 3339 write it, brought to UTC with `Z`.
    Time,
    /// A date, checked.
    Day,
    /// One of the contract's codes, checked.
    OneOf(Arc<[Box<str>]>),
}

/// How a text that comes escaped for HTML is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Html {
    /// As it is: the source escapes what it shows.
    Plain,
    Escaped,
}

/// Codes of a source and what each is outside.
#[derive(Debug, PartialEq)]
pub struct Codes {
    pub pairs: Vec<(Box<str>, Value)>,
    /// What an unknown one is; a fault where there is nothing.
    pub unknown: Option<Value>,
}

/// Codes of a source and what each is for several members at once.
#[derive(Debug, PartialEq)]
pub struct CodeTable {
    pub rows: Vec<(Box<str>, Vec<Value>)>,
}

/// How one text holds several members.
#[derive(Debug, PartialEq)]
pub struct Split {
    pub at: Box<str>,
    /// How `at` is written.
    pub join: Box<str>,
    /// Parts that mean nothing.
    pub nothing: Box<[Box<str>]>,
    /// Whether the last member takes all that is left.
    pub rest: bool,
    pub members: usize,
}

/// A factor, with the digits that each way is rounded to.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    pub by: Decimal,
    pub digits: u8,
    pub back: u8,
}

impl Codes {
    #[inline]
    pub fn give(&self, code: &str) -> Option<&Value> {
        self.pairs.iter().find(|(from, _)| &**from == code).map(|(_, to)| to).or(self.unknown.as_ref())
    }

    pub fn back(&self, value: &Value) -> Option<&str> {
        self.pairs.iter().find(|(_, to)| to == value).map(|(from, _)| &**from)
    }
}

impl CodeTable {
    #[inline]
    pub fn give(&self, code: &str, part: usize) -> Option<&Value> {
        self.rows.iter().find(|(from, _)| &**from == code).and_then(|(_, to)| to.get(part))
    }

    /// The code of a whole combination.
    pub fn back(&self, values: &[Value]) -> Option<&str> {
        self.rows.iter().find(|(_, to)| to == values).map(|(from, _)| &**from)
    }

    /// The codes in which one part has this value, for a filter.
    pub fn with<'a>(&'a self, part: usize, value: &'a Value) -> impl Iterator<Item = &'a str> {
        self.rows.iter().filter(move |(_, to)| to.get(part) == Some(value)).map(|(from, _)| &**from)
    }
}

impl Scale {
    /// The fewest digits of a quotient that bring every public number back: half of its last digit, times the factor, has
    /// to be less than half of the public number's last digit.
    pub fn least_back(by: &Decimal, digits: u8) -> Option<u8> {
        (0..=60).find(|back| by.times(&Decimal::unit(*back)) < Decimal::unit(digits))
    }
}

impl Chain {
    /// Whether the source's order and comparison of this place are the public ones.
    pub fn keeps_order(&self) -> bool {
        self.read.iter().all(|op| {
            matches!(
                op,
                Op::Number
                    | Op::Decimal
                    | Op::Integer
                    | Op::EpochSeconds
                    | Op::EpochMillis
                    | Op::Scaled(_)
                    | Op::Time
                    | Op::Day
                    | Op::OneOf(_)
            )
        })
    }

    /// Whether a public value has one form in the source, so that the source can look for it. What is rounded has many.
    pub fn has_one_form(&self) -> bool {
        !self.read.iter().any(|op| match op {
            Op::Piece(..)
            | Op::Scale(_)
            | Op::Lapse(_)
            | Op::Age
            | Op::EpochDay(_)
            | Op::LocalDate(_)
            | Op::LocalTime(_)
            | Op::Holds(_)
            | Op::Without(_) => true,
            Op::Date(pattern) => pattern.is_partial(),
            _ => false,
        })
    }

    /// The look-ups that it asks.
    pub fn lookups(&self) -> impl Iterator<Item = LookupId> {
        self.read.iter().chain(&self.write).filter_map(|op| match op {
            Op::Lookup(id) => Some(*id),
            _ => None,
        })
    }

    pub fn has_way_back(&self) -> bool {
        !self.write.iter().any(|op| match op {
            Op::Age | Op::LocalDate(_) | Op::LocalTime(_) | Op::Holds(_) | Op::Without(_) => true,
            Op::Date(pattern) => pattern.is_partial(),
            _ => false,
        })
    }
}
