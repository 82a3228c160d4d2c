//! A contract as the engine sees it: the members of a JSON Schema (2020-12) in order, each with its type,
//! its names in JSON and XML, and what stands for it when there is nothing. It keeps the schema's own
//! validator beside, and never judges a body by itself.

pub mod compile;
pub mod selection;
pub mod sure;
pub mod xml;

use crate::value::Value;
pub use selection::Selection;
use std::sync::Arc;

/// A member's number: its place in the contract, in document order.
pub type MemberId = u16;

#[derive(Debug)]
pub struct Contract {
    /// The file's name below `schemas/`.
    pub name: String,
    /// The type's name in `UpperCamelCase`.
    pub title: String,
    members: Vec<Member>,
    top: Vec<MemberId>,
    pub validator: jsonschema::Validator,
    /// What of the schema is held against a body before the validator is asked.
    pub sure: sure::Sure,
    pub schema: Arc<serde_json::Value>,
}

/// One member, at any depth. The members of a list's items stand below the list.
#[derive(Debug, Clone)]
pub struct Member {
    pub id: MemberId,
    pub parent: Option<MemberId>,
    /// Its own name.
    pub name: Box<str>,
    /// Its dotted name from the top; lists add nothing: `photos.url`.
    pub path: Box<str>,
    pub label: Label,
    pub kind: Kind,
    pub nullable: bool,
    pub required: bool,
    pub read_only: bool,
    /// It is sent, and never shown.
    pub write_only: bool,
    pub default: Option<Value>,
    pub children: Vec<MemberId>,
    /// The first member behind its own ones.
    pub end: MemberId,
    /// Whether it stands in a list's items.
    pub in_list: bool,
}

/// How a value is announced in each format.
#[derive(Debug, Clone, Default)]
pub struct Label {
    /// `"name":`, ready to be written; empty for a list's item.
    pub json: Box<str>,
    /// The element's name.
    pub xml: Box<str>,
    /// The element's name of each item, for a list.
    pub item: Box<str>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Text(Format),
    /// The digits after the point, where the contract says them by `multipleOf`.
    Number(Option<u8>),
    Integer,
    Boolean,
    /// Texts of which it is one.
    Enum(Vec<Box<str>>),
    Object,
    /// A list of objects (the members stand in `children`) or of scalars of one kind.
    List(Option<Box<Kind>>),
    /// Anything in JSON.
    Free,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Plain,
    Date,
    DateTime,
}

impl Kind {
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Kind::Object | Kind::List(_) | Kind::Free)
    }

    /// What a person calls it.
    pub fn noun(&self) -> &'static str {
        match self {
            Kind::Text(Format::Plain) => "a text",
            Kind::Text(Format::Date) => "a date such as `2019-04-23`",
            Kind::Text(Format::DateTime) => "a time such as `2019-04-23T10:00:00Z`",
            Kind::Number(_) => "a number",
            Kind::Integer => "a whole number",
            Kind::Boolean => "`true` or `false`",
            Kind::Enum(_) => "one of the contract's codes",
            Kind::Object => "an object",
            Kind::List(_) => "a list",
            Kind::Free => "JSON",
        }
    }
}

impl Label {
    pub fn new(name: &str) -> Self {
        Self { json: format!("\"{name}\":").into(), xml: name.into(), item: "item".into() }
    }
}

impl Contract {
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    pub fn get(&self, id: MemberId) -> Option<&Member> {
        self.members.get(usize::from(id))
    }

    /// The members at the top, in order.
    pub fn top(&self) -> impl Iterator<Item = &Member> {
        self.top.iter().filter_map(|id| self.get(*id))
    }

    pub fn children<'a>(&'a self, member: &'a Member) -> impl Iterator<Item = &'a Member> {
        member.children.iter().filter_map(|id| self.get(*id))
    }

    /// The member of this dotted name.
    pub fn find(&self, path: &str) -> Option<&Member> {
        self.members.iter().find(|m| &*m.path == path)
    }

    /// All dotted names, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|m| &*m.path)
    }

    /// Whether a member, or one that it stands in, is sent and never shown.
    pub fn is_write_only(&self, member: &Member) -> bool {
        member.write_only || member.parent.and_then(|p| self.get(p)).is_some_and(|p| self.is_write_only(p))
    }

    /// Whether a member, or one that it stands in, is read-only.
    pub fn is_read_only(&self, member: &Member) -> bool {
        member.read_only || member.parent.and_then(|p| self.get(p)).is_some_and(|p| self.is_read_only(p))
    }
}

/// What the contract shows for a member that is nothing.
#[derive(Debug, PartialEq)]
pub enum Stands<'m> {
    Null,
    Default(&'m Value),
    EmptyList,
    Omit,
    Fault,
}

impl Member {
    /// Nullable members are `null`, lists are empty, members with a default have it, other optional ones are left out.
    pub fn stands_for_nothing(&self) -> Stands<'_> {
        if self.nullable {
            Stands::Null
        } else if let Some(default) = &self.default {
            Stands::Default(default)
        } else if matches!(self.kind, Kind::List(_)) {
            Stands::EmptyList
        } else if self.required {
            Stands::Fault
        } else {
            Stands::Omit
        }
    }
}
