//! What was found to be wrong, before it has a sentence: where, and what kind of thing. Findings are ordered,
//! and those that another one explains are dropped. It judges nothing.

use crate::{
    plan::{Contract, Kind, contract::Member},
    value::pointer,
};
use std::collections::HashSet;

/// More findings than this are not kept, so that a hostile body costs no more memory than a bad one.
const MOST: usize = 10_000;

/// A step from the body to a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Name(String),
    Index(usize),
}

/// A step while a body is walked: most are never told of.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'b> {
    Name(&'b str),
    Index(usize),
}

/// The steps that a walk has taken.
pub(super) fn taken(steps: &[At<'_>]) -> Vec<Step> {
    let owned = |step: &At<'_>| match step {
        At::Name(name) => Step::Name((*name).to_owned()),
        At::Index(index) => Step::Index(*index),
    };
    steps.iter().map(owned).collect()
}

/// One thing that is wrong.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub steps: Vec<Step>,
    pub what: What,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    ReadOnly,
    Missing,
    /// Holds what stands there, as a noun, and the types that could, by JSON Schema's names.
    WrongType {
        found: &'static str,
        types: Vec<&'static str>,
    },
    /// The values that are possible, and the text that was sent.
    NotOneOf {
        choices: Vec<serde_json::Value>,
        sent: Option<String>,
    },
    Unknown,
    /// The format by JSON Schema's name.
    Format(String),
    Bounds(Bound),
    /// Half a sentence that follows the member's name.
    Other(&'static str),
}

/// A bound that a value is beyond. Numbers are as the contract writes them.
#[derive(Debug, Clone)]
pub(super) enum Bound {
    /// The number's digits or its size cannot be kept.
    Digits,
    Least(String),
    Most(String),
    Above(String),
    Below(String),
    Places(u8),
    MultipleOf(String),
    Shortest(u64),
    Longest(u64),
    FewestItems(u64),
    MostItems(u64),
    FewestMembers(u64),
    MostMembers(u64),
    Unique,
    Pattern(String),
}

/// All findings, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

/// Where steps lead by the contract.
pub(super) enum Spot<'a> {
    /// The body itself.
    Top,
    /// A member.
    Member(&'a Member),
    /// An item of this list.
    Item(&'a Member),
    /// What the contract does not describe.
    Unknown,
}

// === impl Step ===

pub(super) fn pointer(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Name(name) => pointer::push(&mut text, name),
            Step::Index(index) => pointer::push_index(&mut text, *index),
        }
    }
    text
}

// === impl Spot ===

impl<'a> Spot<'a> {
    /// The member, or the list of the item.
    pub fn member(&self) -> Option<&'a Member> {
        match self {
            Self::Member(member) | Self::Item(member) => Some(member),
            Self::Top | Self::Unknown => None,
        }
    }

    /// The kind of what stands there.
    pub fn kind(&self) -> Option<&'a Kind> {
        match self {
            Self::Top => Some(&Kind::Object),
            Self::Member(member) => Some(&member.kind),
            Self::Item(list) => match &list.kind {
                Kind::List(Some(kind)) => Some(kind),
                _ => Some(&Kind::Object),
            },
            Self::Unknown => None,
        }
    }

    /// The members of the object that stands there.
    pub fn members(&self, contract: &'a Contract) -> Vec<&'a Member> {
        match self {
            Self::Top => contract.top().collect(),
            Self::Member(member) if member.kind == Kind::Object => contract.children(member).collect(),
            Self::Item(list) if list.kind == Kind::List(None) => contract.children(list).collect(),
            _ => Vec::new(),
        }
    }

    fn step(self, contract: &'a Contract, step: &Step) -> Self {
        match (self, step) {
            (Self::Member(list), Step::Index(_)) if matches!(list.kind, Kind::List(_)) => Self::Item(list),
            (spot, Step::Name(name)) => spot
                .members(contract)
                .into_iter()
                .find(|member| *member.name == **name)
                .map_or(Self::Unknown, Self::Member),
            _ => Self::Unknown,
        }
    }

    pub fn at(contract: &'a Contract, steps: &[Step]) -> Self {
        steps.iter().fold(Self::Top, |spot, step| spot.step(contract, step))
    }
}

/// The steps of the validator's pointer. What is an index is told by the contract, as `0` can be a name.
pub(super) fn steps(contract: &Contract, pointer: &str) -> Vec<Step> {
    let mut spot = Spot::Top;
    let mut steps = Vec::new();
    for part in pointer.split('/').skip(1) {
        let list = matches!(&spot, Spot::Member(member) if matches!(member.kind, Kind::List(_)));
        let step = match part.parse::<usize>() {
            Ok(index) if list => Step::Index(index),
            _ => Step::Name(pointer::unescape(part)),
        };
        spot = spot.step(contract, &step);
        steps.push(step);
    }
    steps
}

// === impl Findings ===

impl Findings {
    pub fn push(&mut self, steps: Vec<Step>, what: What) {
        if self.0.len() < MOST {
            self.0.push(Finding { steps, what });
        }
    }

    /// Whether no more are kept.
    pub fn full(&self) -> bool {
        self.0.len() >= MOST
    }

    /// By place, in the contract's order; unknown members last, as they were sent. Of what stands at or below a
    /// read-only or an unknown member only that is said, and of a value of the wrong type, or of a number that nobody can
    /// keep, nothing else.
    pub fn sorted(self, contract: &Contract) -> Vec<Finding> {
        let places = |test: fn(&What) -> bool| -> HashSet<Vec<Step>> {
            self.0.iter().filter(|f| test(&f.what)).map(|f| f.steps.clone()).collect()
        };
        let read_only = places(|what| matches!(what, What::ReadOnly));
        let mistyped = places(|what| matches!(what, What::WrongType { .. }));
        let endless = places(|what| matches!(what, What::Bounds(Bound::Digits)));
        let unknown = places(|what| matches!(what, What::Unknown));
        let within = |whole: &HashSet<Vec<Step>>, steps: &[Step]| {
            !whole.is_empty()
                && (0..=steps.len()).any(|n| steps.get(..n).is_some_and(|up| whole.contains(up)))
        };
        let explained = |Finding { steps, what }: &Finding| match what {
            What::ReadOnly => false,
            _ if within(&read_only, steps) => true,
            What::Unknown => false,
            _ if within(&unknown, steps) => true,
            What::WrongType { .. } => false,
            _ if mistyped.contains(steps) => true,
            What::Bounds(Bound::Digits) => false,
            _ => endless.contains(steps),
        };
        let mut keyed: Vec<(Vec<(u8, usize)>, Finding)> = Vec::new();
        let mut seen = HashSet::new();
        let kept: Vec<bool> = self.0.iter().map(|finding| !explained(finding)).collect();
        for (serial, (finding, kept)) in self.0.into_iter().zip(kept).enumerate() {
            if kept && seen.insert((finding.steps.clone(), finding.what.code().id)) {
                keyed.push((key(contract, &finding.steps, serial), finding));
            }
        }
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        keyed.into_iter().map(|(_, finding)| finding).collect()
    }
}

/// What a place is sorted by: a rank and a number for each step.
fn key(contract: &Contract, steps: &[Step], serial: usize) -> Vec<(u8, usize)> {
    let mut spot = Spot::Top;
    let mut key = Vec::with_capacity(steps.len());
    for step in steps {
        spot = spot.step(contract, step);
        key.push(match (step, &spot) {
            (Step::Index(index), _) => (0, *index),
            (Step::Name(_), Spot::Member(member)) => (0, usize::from(member.id)),
            (Step::Name(_), _) => (1, serial),
        });
    }
    key
}
