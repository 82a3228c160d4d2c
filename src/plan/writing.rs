//! How a record is written: which members go to which places, through which converters backwards.
//! The other half of `reading`, made from the same rules.

use super::{
    Kind, LookupId, MemberId,
    contract::Member,
    convert::{Chain, CodeTable, Split},
    reading::SlotId,
};
use crate::value::{
    Value,
    path::{Path, Step},
};
use std::sync::Arc;

#[derive(Debug, Clone, Default)]
pub struct Writing {
    pub rules: Vec<Rule>,
    /// Members that the source has no place for, and the one value of each that it is taken to have; null is none.
    /// Another value would be lost: it is refused.
    pub only: Vec<(MemberId, Value)>,
    /// The look-ups that its rules need.
    pub lookups: Vec<LookupId>,
}

/// What goes to one place of the source.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The slot of the record that the place has when it is read; in SQL its column.
    pub slot: SlotId,
    pub path: Path,
    pub what: What,
}

#[derive(Debug, Clone)]
pub enum What {
    /// One member's value.
    One(MemberId, Chain),
    /// Several members in one scalar, which then goes through the steps before.
    Several(Vec<MemberId>, Together, Chain),
    /// A member with parts, as JSON.
    Whole(MemberId, Chain),
    /// A list of values; the path leads from an item to its value.
    Scalars(MemberId, Path, Chain),
    /// A list of objects.
    Rows(MemberId, Vec<Rule>),
    /// A list of the texts of those members that are true.
    Flags(Vec<(MemberId, Box<str>)>, Path),
    /// Members that are each one item of a list, beside items that are nobody's.
    Picked(Vec<Picked>),
}

/// A member that is one item of a list.
#[derive(Debug, Clone)]
pub struct Picked {
    pub member: MemberId,
    /// The place of the value in the item.
    pub value: Path,
    pub chain: Chain,
    /// Places of the item and the values that tell it; of each the first is the one that is written.
    pub marks: Vec<(Path, Box<[Value]>)>,
}

/// How several members make one scalar.
#[derive(Debug, Clone)]
pub enum Together {
    /// A code for the whole combination.
    Codes(Arc<CodeTable>),
    /// One behind the other in a text.
    Pieces(Arc<Split>),
}

impl Rule {
    fn lookups(&self) -> Vec<LookupId> {
        match &self.what {
            What::One(_, chain)
            | What::Scalars(_, _, chain)
            | What::Whole(_, chain)
            | What::Several(_, _, chain) => chain.lookups().collect(),
            What::Picked(all) => all.iter().flat_map(|one| one.chain.lookups()).collect(),
            What::Rows(_, rules) => rules.iter().flat_map(Self::lookups).collect(),
            What::Flags(..) => Vec::new(),
        }
    }

    /// The members that it writes.
    pub fn members(&self) -> Vec<MemberId> {
        match &self.what {
            What::One(m, _) | What::Whole(m, _) | What::Scalars(m, ..) | What::Rows(m, _) => vec![*m],
            What::Several(members, ..) => members.clone(),
            What::Flags(flags, _) => flags.iter().map(|(m, _)| *m).collect(),
            What::Picked(all) => all.iter().map(|one| one.member).collect(),
        }
    }
}

impl Writing {
    /// The same, with the look-ups that its rules need.
    #[must_use]
    pub fn looked_up(self) -> Self {
        let mut lookups: Vec<LookupId> = self.rules.iter().flat_map(Rule::lookups).collect();
        lookups.sort_unstable();
        lookups.dedup();
        Self { lookups, ..self }
    }

    /// Where an object of the contract that is null is null in the source, too: the place of an object that is nobody else's.
    pub fn whole(&self, object: &Member) -> Option<&[Step]> {
        if !matches!(object.kind, Kind::Object) || !object.nullable {
            return None;
        }
        let inside = |rule: &&Rule| rule.members().iter().all(|id| (object.id..object.end).contains(id));
        let mut paths = self.rules.iter().filter(inside).map(|rule| &rule.path.0[..]);
        let first = paths.next()?;
        // The names that all of them begin with; the last one of each is a member within the object.
        let shared = |one: &[Step], other: &[Step]| one.iter().zip(other).take_while(|(a, b)| a == b).count();
        let most = first.len().saturating_sub(1);
        let length = paths.fold(most, |least, path| least.min(path.len() - 1).min(shared(first, path)));
        let prefix = first.get(..length).filter(|prefix| matches!(prefix, [.., Step::Key(_)]))?;
        let others = |rule: &Rule| !inside(&rule) && rule.path.0.starts_with(prefix);
        (!self.rules.iter().any(others)).then_some(prefix)
    }
}
