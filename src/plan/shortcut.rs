//! A read composed of public resources: a graph of parts, and a rule for each member.

use super::{Contract, MemberId, Resource, ResourceId, Selection};
use std::{borrow::Cow, sync::Arc};

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
    pub whole: Whole,
}

/// What each part is asked for where the whole shortcut is.
#[derive(Clone, Default)]
pub struct Whole(Vec<Option<Selection>>);

/// It follows from the parts, the fills and the contracts: plans are compared without it.
impl std::fmt::Debug for Whole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Whole")
    }
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
    /// The members directly below it, each with the part's member of its name, where it is filled with a whole record or list.
    pub below: Vec<(MemberId, MemberId)>,
    /// The part's members that the leaves are filled by.
    pub whole: Selection,
    pub when: Option<PartMember>,
}

/// As the mapping says it: plans are compared by this, and the members below follow from the contracts.
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

    /// The same as a selection of the part's contract.
    pub fn wanted(&self, theirs: &Contract, selection: &Selection) -> Selection {
        if selection.is_all() {
            return self.whole.clone();
        }
        Selection::of(theirs, self.theirs(selection))
    }
}

impl Shortcut {
    /// What each part is asked for where this is asked of the shortcut; nothing where a part is not needed at all. `resources`
    /// are the plan's.
    pub fn asked(&self, resources: &[Arc<Resource>], selection: &Selection) -> Cow<'_, [Option<Selection>]> {
        if selection.is_all() && self.whole.0.len() == self.parts.len() {
            return Cow::Borrowed(&self.whole.0);
        }
        Cow::Owned(self.worked_out(resources, selection))
    }

    /// The same with what the whole is asked for known.
    #[must_use]
    pub fn known(self, resources: &[Arc<Resource>]) -> Self {
        let whole = Whole(self.worked_out(resources, &self.all));
        Self { whole, ..self }
    }

    fn worked_out(&self, resources: &[Arc<Resource>], selection: &Selection) -> Vec<Option<Selection>> {
        let mut asked = Asked { of: self, resources, wanted: vec![None; self.parts.len()] };
        for fill in self.fills.iter().filter(|f| selection.has(f.member)) {
            asked.take(fill.part, fill.theirs(selection));
            if let Some(when) = fill.when {
                asked.take(when.part, [when.member]);
            }
        }
        // A required part decides whether there is an answer at all, whatever was asked for.
        for (at, part) in self.parts.iter().enumerate().filter(|(_, part)| part.required) {
            let key = resources.get(part.resource).map(|resource| resource.key);
            asked.take(at, key);
        }
        // What a wanted part needs of others is wanted too. Circles were refused when the plan was made.
        for _ in 0..self.parts.len() {
            for (at, part) in self.parts.iter().enumerate() {
                asked.needs(at, part);
            }
        }
        asked.wanted
    }
}

/// What the parts are asked for, as far as it is known.
struct Asked<'a> {
    of: &'a Shortcut,
    resources: &'a [Arc<Resource>],
    wanted: Vec<Option<Selection>>,
}

impl Asked<'_> {
    /// Takes members of a part in; a part of which nothing is taken is wanted none the less.
    fn take(&mut self, part: usize, members: impl IntoIterator<Item = MemberId>) {
        let resource = self.of.parts.get(part).and_then(|part| self.resources.get(part.resource));
        let (Some(place), Some(resource)) = (self.wanted.get_mut(part), resource) else { return };
        let selection = place.get_or_insert_with(|| Selection::none(&resource.contract));
        for member in members {
            selection.add(&resource.contract, member);
        }
    }

    /// Takes in what a part that is wanted is found by.
    fn needs(&mut self, at: usize, part: &Part) {
        if self.wanted.get(at).is_none_or(Option::is_none) {
            return;
        }
        let (key, having) = match &part.ask {
            Ask::Read(key, having) => (Some(key), having),
            Ask::List { having, .. } => (None, having),
        };
        for input in key.into_iter().chain(having.iter().map(|(_, input)| input)) {
            if let Input::Member(member) = input {
                self.take(member.part, [member.member]);
            }
        }
        if key.is_some() {
            self.take(at, having.iter().map(|(member, _)| *member));
        }
        if let Some(when) = part.when {
            self.take(when.part, [when.member]);
        }
    }
}
