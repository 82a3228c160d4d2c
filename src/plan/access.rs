//! Who may do what, compiled: for each resource the scopes that are needed, and for each role what it may do, with
//! which records, and what it sees of them. It knows no caller; the road holds callers to it.

pub mod condition;

use super::{MemberId, ResourceId, Selection, resource::Operation};
pub use condition::Condition;

/// A role of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    pub name: Box<str>,
    pub title: Option<Box<str>>,
    /// The claim of a caller that ties the role to records.
    pub claim: Option<Box<str>>,
}

/// Who may use a resource.
#[derive(Debug, Default)]
pub struct Access {
    /// Whether anyone may do all of it.
    pub open: bool,
    /// What anyone may do.
    pub public: Operations,
    /// For lists and reads.
    pub read_scope: Box<str>,
    /// For everything that changes something.
    pub write_scope: Box<str>,
    /// Members that need a scope of their own, with all that stands below them.
    pub scoped: Vec<(Vec<MemberId>, Box<str>)>,
    /// What roles may do, in the order of the API's roles.
    pub grants: Vec<Grant>,
}

/// What a role may do.
#[derive(Debug)]
pub struct Grant {
    pub role: Box<str>,
    /// The claim that ties the role to records.
    pub claim: Option<Box<str>>,
    pub may: Operations,
    pub rows: Rows,
    /// Members with the values of which one has to be theirs.
    pub having: Vec<(MemberId, Vec<String>)>,
    /// What is shown; nothing is all.
    pub view: Option<Selection>,
    pub when: Option<Condition>,
}

/// With which records.
#[derive(Debug)]
pub enum Rows {
    All,
    /// Those whose member holds the caller's claim.
    Own(MemberId),
    /// Those that one of these leads to.
    Through(Vec<Through>),
}

/// A resource whose records lead to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Through {
    pub resource: ResourceId,
    /// The member of that resource.
    pub by: MemberId,
    /// Whether that resource can be listed by this member's value.
    pub direct: bool,
    /// The member of this one.
    pub member: MemberId,
    /// What records of that resource have to have.
    pub having: Vec<(MemberId, Vec<String>)>,
}

/// A set of operations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Operations(u8);

// === impl Operations ===

impl Operations {
    fn bit(operation: Operation) -> u8 {
        1 << match operation {
            Operation::List => 0,
            Operation::Create => 1,
            Operation::Read => 2,
            Operation::Replace => 3,
            Operation::Patch => 4,
            Operation::Delete => 5,
        }
    }

    pub fn has(self, operation: Operation) -> bool {
        self.0 & Self::bit(operation) != 0
    }

    pub fn add(&mut self, operation: Operation) {
        self.0 |= Self::bit(operation);
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether any of them changes something, or does not.
    pub fn any(self, writes: bool) -> bool {
        let reads = Self::bit(Operation::List) | Self::bit(Operation::Read);
        self.0 & if writes { !reads } else { reads } != 0
    }
}

impl FromIterator<Operation> for Operations {
    fn from_iter<I: IntoIterator<Item = Operation>>(all: I) -> Self {
        let mut set = Self::default();
        all.into_iter().for_each(|one| set.add(one));
        set
    }
}

// === impl Access ===

impl Access {
    /// The scope that an operation needs of those who come by scopes.
    pub fn scope(&self, operation: Operation) -> &str {
        if operation.is_write() { &self.write_scope } else { &self.read_scope }
    }
}
