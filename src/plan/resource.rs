//! An API and its resources: what is public, whatever runs behind.

use super::{Binding, Contract, MemberId, ResourceId, Selection};
pub use crate::spec::words::resource::Operation;
use std::sync::Arc;

#[derive(Debug)]
pub struct Api {
    /// For example `pethub/v1`.
    pub id: String,
    pub base: String,
    pub title: String,
    /// In the order in which they count.
    pub roles: Vec<super::access::Role>,
    pub default_limit: u32,
    pub maximum_limit: u32,
    /// What pages of other origins may do; nothing where it is not said.
    pub cors: Option<super::edge::Cors>,
}

#[derive(Debug)]
pub struct Resource {
    pub id: ResourceId,
    pub api: usize,
    /// The plural name in kebab-case.
    pub name: String,
    /// The plural name in lowerCamelCase: the member of a list's body.
    pub plural: String,
    /// `"serviceRequests":`, ready to be written.
    pub plural_label: super::contract::Label,
    pub contract: Arc<Contract>,
    /// The member that identifies a record. Where there is none, the first member of the order, which identifies nothing.
    pub key: MemberId,
    /// Whether records have keys at all; without them there are lists alone.
    pub keyed: bool,
    /// Whether there is one record below each parent, and its key is the parent's.
    pub single: bool,
    /// Whether keys order as numbers do: shorter first, then by code point.
    pub numeric_key: bool,
    pub order: Vec<SortKey>,
    pub filters: Vec<MemberId>,
    /// Filters that every list has to be asked with.
    pub required: Vec<Required>,
    /// Filters that are asked of another resource, by name.
    pub through: Vec<Through>,
    pub sorts: Vec<MemberId>,
    /// Members among the filters that are compared for equality alone.
    pub exact: Vec<MemberId>,
    /// Members that are not searched for card numbers.
    pub no_cards: Vec<MemberId>,
    pub total: bool,
    /// How far an offset may go.
    pub max_offset: Option<u64>,
    /// Members that hold the key of another resource.
    pub references: Vec<(MemberId, ResourceId)>,
    /// Members that are given when a record is made, and never changed.
    pub create_only: Vec<MemberId>,
    /// Paths below the base, the first one its own.
    pub paths: Vec<ResourcePath>,
    pub operations: Vec<Operation>,
    pub all: Selection,
    pub access: Arc<super::access::Access>,
    pub binding: Arc<Binding>,
    pub fresh: std::time::Duration,
    pub caching: super::cache::Caching,
    /// Which reads are noted; nothing where none is.
    pub audit: Option<super::audit::Audit>,
}

/// A filter that is not left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    Member(MemberId),
    /// The one of this number in `through`.
    Through(usize),
}

/// A filter whose value says which records of another resource are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Through {
    /// The query's parameter.
    pub name: String,
    /// The member that holds the other resource's key.
    pub member: MemberId,
    pub other: ResourceId,
    /// The other resource's members that the value may be one of, in order.
    pub by: Vec<MemberId>,
    /// How many records may be meant at once.
    pub most: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    pub member: MemberId,
    pub descending: bool,
}

/// One place where a collection stands.
#[derive(Debug, Clone)]
pub struct ResourcePath {
    /// For example `/customers/{ownerId}/pets`.
    pub path: String,
    /// The parent, and the member that holds its key.
    pub parent: Option<(ResourceId, MemberId)>,
}

impl Resource {
    /// Whether a member can be filtered by.
    pub fn narrows(&self, member: MemberId) -> bool {
        self.filters.contains(&member)
            || self.paths.iter().any(|path| path.parent.is_some_and(|(_, known)| known == member))
    }

    pub fn can(&self, operation: Operation) -> bool {
        self.operations.contains(&operation)
    }
}

/// How a member is compared with a filter's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Equal,
    /// None of the values; nothing is none of them.
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// The suffix of the query parameter.
    pub fn word(self) -> &'static str {
        match self {
            Self::Equal => "",
            Self::NotEqual => "ne",
            Self::Less => "lt",
            Self::LessOrEqual => "lte",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "gte",
        }
    }

    pub fn accepts(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}
