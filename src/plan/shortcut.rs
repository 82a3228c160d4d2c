//! A read composed of public resources: a graph of parts, and a rule for each member.

use super::{Contract, MemberId, ResourceId, Selection};
use std::sync::Arc;

#[derive(Debug)]
pub struct Shortcut {
    pub api: usize,
    pub name: String,
    pub path: String,
    /// Whether anyone may use it: then its conditions alone decide what is shown. Else each part is the caller's own.
    pub public: bool,
    pub contract: Arc<Contract>,
    pub all: Selection,
    /// The names of the path's parameters, in order.
    pub parameters: Vec<String>,
    pub parts: Vec<Part>,
    /// Rules for the members at the top, in the contract's order.
    pub fills: Vec<Fill>,
}

#[derive(Debug, Clone)]
pub struct Part {
    pub name: String,
    pub resource: ResourceId,
    pub ask: Ask,
    pub when: Option<PartMember>,
    pub required: bool,
    /// The parts that must be there first.
    pub needs: Vec<usize>,
}

#[derive(Debug, Clone)]
pub enum Ask {
    /// The record of this key, where its members are these.
    Read(Input, Vec<(MemberId, Input)>),
    List {
        having: Vec<(MemberId, Input)>,
        limit: u32,
    },
}

/// Where a part's input comes from.
#[derive(Debug, Clone)]
pub enum Input {
    /// The path's parameter of this number.
    Parameter(usize),
    Member(PartMember),
}

/// A member of a part's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartMember {
    pub part: usize,
    pub member: MemberId,
}

/// How one member of the contract is filled.
#[derive(Clone)]
pub struct Fill {
    pub member: MemberId,
    pub part: usize,
    /// A member of the part's record; the whole record, or the list, where it is not said.
    pub from: Option<MemberId>,
    /// The leaves of the member (itself, where nothing stands below it), each with the part's member that fills it.
    pub leaves: Vec<(MemberId, MemberId)>,
    pub when: Option<PartMember>,
}

/// As the mapping says it: plans are compared by this, and the leaves follow from the contracts.
impl std::fmt::Debug for Fill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { member, part, from, when, .. } = self;
        f.debug_tuple("Fill").field(&(member, part, from, when)).finish()
    }
}

impl Fill {
    /// The members of the part that a selection of the shortcut's own contract means.
    pub fn theirs<'f>(&'f self, selection: &'f Selection) -> impl Iterator<Item = MemberId> + 'f {
        self.leaves.iter().filter(|(ours, _)| selection.has(*ours)).map(|(_, theirs)| *theirs)
    }
}
