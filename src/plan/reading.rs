//! How a record is read: which places of the source fill which slots, and how the slots become the
//! members of the contract, in its order. It says nothing of calls.

pub mod habit;

use super::{Kind, LookupId, MemberId, Selection, convert::Chain};
use crate::value::{
    Value,
    path::{Path, Step},
};

/// A slot's number within its level.
pub type SlotId = u16;
/// A level's number: 0 is the record, the others are lists within it.
pub type LevelId = u16;

/// Everything that reading one resource from one source needs.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The members at the top, in the contract's order.
    pub top: Vec<Node>,
    /// Which members need which look-ups, found once (see [`Reading::found`]).
    looks: Box<[Look]>,
    pub levels: Vec<Level>,
    /// For documents: where the slots are found.
    pub trie: Trie,
    /// How documents were written so far.
    pub habit: habit::Habit,
    pub empty: Empties,
    /// Slots of the record that no document fills: what the list was asked with for a member.
    pub asked: Vec<(SlotId, MemberId)>,
}

/// A member that is shown by look-ups.
#[derive(Debug, Clone)]
struct Look {
    /// The member below all that it stands in: it is shown where all of them are wanted.
    members: Box<[MemberId]>,
    lookups: Box<[LookupId]>,
}

/// The slots of a record, or of a list's item.
#[derive(Debug, Clone, Default)]
pub struct Level {
    /// The place of each slot, as it was written in the mapping.
    pub places: Vec<Path>,
    /// The slot of the level above that holds this list.
    pub within: Option<(LevelId, SlotId)>,
}

/// A member and what fills it.
#[derive(Debug, Clone)]
pub enum Node {
    Leaf(Leaf),
    Object(ObjectNode),
    List(ListNode),
}

#[derive(Debug, Clone)]
pub struct Leaf {
    pub member: MemberId,
    pub kind: Kind,
    pub fill: Fill,
    pub nothing: Nothing,
}

#[derive(Debug, Clone)]
pub struct ObjectNode {
    pub member: MemberId,
    pub children: Vec<Node>,
    /// What stands for an object whose required members are nothing.
    pub nothing: Nothing,
    /// The children that decide whether it is nothing: the required ones, or all where none is.
    pub decisive: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct ListNode {
    pub member: MemberId,
    /// The slot that holds the list, in the level that the node stands in.
    pub slot: SlotId,
    /// What an item has to hold to be shown; all of it.
    pub condition: Box<[Condition]>,
    pub item: Item,
}

/// A place of a list's item and the scalars of which it has to hold one.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// In the level of the items.
    pub slot: SlotId,
    pub values: Box<[Value]>,
}

#[derive(Debug, Clone)]
pub enum Item {
    /// Items that are objects.
    Object(Vec<Node>),
    /// Items of one value each.
    Scalar(Leaf),
}

#[derive(Debug, Clone)]
pub enum Fill {
    /// A place, through converters.
    Slot(SlotId, Chain),
    /// Whether the list in this slot holds the text in this slot of an item that meets the conditions.
    Has(SlotId, SlotId, Box<str>, Box<[Condition]>),
    /// The value in this slot of the first item, of the list in the slot before, that meets the conditions.
    Pick(SlotId, SlotId, Chain, Box<[Condition]>),
    /// JSON of the contract's own form, for a member with parts.
    Whole(SlotId, Chain),
    Constant(Value),
    /// The source has nothing for it.
    Absent,
}

/// What is shown where the source has nothing. The contract decides it, never the source.
#[derive(Debug, Clone, PartialEq)]
pub enum Nothing {
    Null,
    Default(Value),
    Omit,
    /// The contract requires a value: a fault of that answer.
    Fault,
}

/// Which forms of a document mean nothing. An absent member always does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Empties {
    pub null: bool,
    pub text: bool,
    pub list: bool,
    pub object: bool,
    /// A list of one may come as its element, and a single value as a list of one.
    pub one_or_many: bool,
}

impl Default for Empties {
    fn default() -> Self {
        Self { null: true, text: false, list: false, object: false, one_or_many: false }
    }
}

/// The places of all slots as one tree, so that a document is walked once.
#[derive(Debug, Clone, Default)]
pub struct Trie {
    pub nodes: Vec<TrieNode>,
}

#[derive(Debug, Clone, Default)]
pub struct TrieNode {
    /// What stands here goes into this slot of the current level.
    pub slot: Option<SlotId>,
    pub keys: Vec<Key>,
    pub indexes: Vec<(usize, usize)>,
    /// What stands here is a list; its items go into this level, each from this node on.
    pub each: Option<(LevelId, usize)>,
}

/// A name that leads on.
#[derive(Debug, Clone)]
pub struct Key {
    pub name: Box<str>,
    /// The name as most systems write it: `"name":`. What begins so needs no reading of the name.
    pub token: Box<str>,
    pub next: usize,
}

impl Key {
    fn new(name: &str, next: usize) -> Self {
        let mut token = Vec::new();
        crate::value::json::write::text(&mut token, name);
        token.push(b':');
        Self { name: name.into(), token: String::from_utf8_lossy(&token).into(), next }
    }
}

impl Trie {
    pub fn new() -> Self {
        Self { nodes: vec![TrieNode::default()] }
    }

    fn add(&mut self) -> usize {
        self.nodes.push(TrieNode::default());
        self.nodes.len() - 1
    }

    /// The node at the end of a path, made where it is not there yet.
    pub fn reach(&mut self, from: usize, path: &Path) -> usize {
        let mut at = from;
        for step in &path.0 {
            let Some(node) = self.nodes.get(at) else { return at };
            let next = match step {
                Step::Key(name) => node.keys.iter().find(|key| key.name == *name).map(|key| key.next),
                Step::Index(index) => node.indexes.iter().find(|(i, _)| i == index).map(|(_, next)| *next),
            };
            at = if let Some(next) = next {
                next
            } else {
                let next = self.add();
                if let Some(node) = self.nodes.get_mut(at) {
                    match step {
                        Step::Key(name) => node.keys.push(Key::new(name, next)),
                        Step::Index(index) => node.indexes.push((*index, next)),
                    }
                }
                next
            };
        }
        at
    }
}

impl Reading {
    pub fn new(empty: Empties) -> Self {
        Self { levels: vec![Level::default()], trie: Trie::new(), empty, ..Self::default() }
    }

    /// The slot of a place, made where it is not there yet. `root` is the trie's node of the level.
    pub fn slot(&mut self, level: LevelId, root: usize, path: &Path) -> SlotId {
        let Some(known) = self.levels.get_mut(usize::from(level)) else { return 0 };
        if let Some(at) = known.places.iter().position(|p| p == path) {
            return at as SlotId;
        }
        known.places.push(path.clone());
        let id = (known.places.len() - 1) as SlotId;
        let node = self.trie.reach(root, path);
        if let Some(node) = self.trie.nodes.get_mut(node) {
            node.slot = Some(id);
        }
        id
    }

    /// The slot of what a list is asked with for a member. It has a place that no document has.
    pub fn asked(&mut self, member: MemberId, name: &str) -> SlotId {
        if let Some((slot, _)) = self.asked.iter().find(|(_, known)| *known == member) {
            return *slot;
        }
        let Some(record) = self.levels.first_mut() else { return 0 };
        record.places.push(Path(vec![Step::Key(format!("(asked) {name}").into())]));
        let slot = (record.places.len() - 1) as SlotId;
        self.asked.push((slot, member));
        slot
    }

    /// The level of a list's items, and the trie's node that they are read from.
    pub fn level(&mut self, level: LevelId, root: usize, path: &Path) -> (SlotId, LevelId, usize) {
        let slot = self.slot(level, root, path);
        let at = self.trie.reach(root, path);
        if let Some((inner, node)) = self.trie.nodes.get(at).and_then(|n| n.each) {
            return (slot, inner, node);
        }
        let inner = self.levels.len() as LevelId;
        self.levels.push(Level { places: Vec::new(), within: Some((level, slot)) });
        let node = self.trie.add();
        if let Some(holder) = self.trie.nodes.get_mut(at) {
            holder.each = Some((inner, node));
        }
        (slot, inner, node)
    }

    /// The node from which a row is read that stands wrapped in these names.
    pub fn wrapped(&mut self, within: &Path) -> usize {
        within.0.iter().rev().fold(0, |inner, step| {
            let node = self.trie.add();
            if let Some(wrapper) = self.trie.nodes.get_mut(node) {
                match step {
                    Step::Key(name) => wrapper.keys.push(Key::new(name, inner)),
                    Step::Index(index) => wrapper.indexes.push((*index, inner)),
                }
            }
            node
        })
    }

    /// The slots of each level that a selection needs.
    pub fn needed(&self, selection: &Selection) -> Vec<Vec<bool>> {
        let mut needed: Vec<Vec<bool>> = self.levels.iter().map(|l| vec![false; l.places.len()]).collect();
        for node in &self.top {
            node.mark(selection, 0, self, &mut needed);
        }
        needed
    }

    /// The level that a list's slot leads to.
    pub fn inner(&self, level: LevelId, slot: SlotId) -> Option<LevelId> {
        self.levels.iter().position(|l| l.within == Some((level, slot))).map(|at| at as LevelId)
    }

    /// The leaf that fills a member, with the level that it is read from.
    pub fn leaf(&self, member: MemberId) -> Option<&Leaf> {
        fn find(nodes: &[Node], member: MemberId) -> Option<&Leaf> {
            nodes.iter().find_map(|node| match node {
                Node::Leaf(leaf) => (leaf.member == member).then_some(leaf),
                Node::Object(object) => find(&object.children, member),
                Node::List(_) => None,
            })
        }
        find(&self.top, member)
    }

    /// The leaf that a filter by a member looks at, also in the items of lists.
    pub fn compared(&self, member: MemberId) -> Option<&Leaf> {
        fn find(nodes: &[Node], member: MemberId) -> Option<&Leaf> {
            nodes.iter().find_map(|node| match node {
                Node::Leaf(leaf) => (leaf.member == member).then_some(leaf),
                Node::Object(object) => find(&object.children, member),
                Node::List(list) => match &list.item {
                    Item::Object(nodes) => find(nodes, member),
                    Item::Scalar(leaf) => (list.member == member).then_some(leaf),
                },
            })
        }
        find(&self.top, member)
    }

    /// The members are known: what each of them needs is found out.
    pub fn found(&mut self, top: Vec<Node>) {
        let mut looks = Vec::new();
        for node in &top {
            node.looks(&mut Vec::new(), &mut looks);
        }
        (self.top, self.looks) = (top, looks.into());
    }

    /// The look-ups that a selection needs.
    pub fn lookups(&self, selection: &Selection) -> Vec<LookupId> {
        let wanted =
            self.looks.iter().filter(|look| look.members.iter().all(|member| selection.has(*member)));
        let mut found: Vec<LookupId> = wanted.flat_map(|look| look.lookups.iter().copied()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Node {
    pub fn member(&self) -> MemberId {
        match self {
            Node::Leaf(leaf) => leaf.member,
            Node::Object(object) => object.member,
            Node::List(list) => list.member,
        }
    }

    fn mark(&self, selection: &Selection, level: LevelId, reading: &Reading, needed: &mut [Vec<bool>]) {
        if !selection.has(self.member()) {
            return;
        }
        let mut set = |level: LevelId, slot: SlotId| {
            if let Some(place) = needed.get_mut(usize::from(level)).and_then(|l| l.get_mut(usize::from(slot)))
            {
                *place = true;
            }
        };
        match self {
            Node::Leaf(leaf) => match &leaf.fill {
                Fill::Slot(slot, _) | Fill::Whole(slot, _) => set(level, *slot),
                Fill::Has(list, item, _, condition) | Fill::Pick(list, item, _, condition) => {
                    set(level, *list);
                    if let Some(inner) = reading.inner(level, *list) {
                        set(inner, *item);
                        condition.iter().for_each(|one| set(inner, one.slot));
                    }
                }
                Fill::Constant(_) | Fill::Absent => {}
            },
            Node::Object(object) => {
                // Whether the object is there at all is decided by members that may not be asked for.
                for at in &object.decisive {
                    if let Some(child) = object.children.get(*at) {
                        child.mark(&selection.with(child.member()), level, reading, needed);
                    }
                }
                for child in &object.children {
                    child.mark(selection, level, reading, needed);
                }
            }
            Node::List(list) => {
                set(level, list.slot);
                let Some(inner) = reading.inner(level, list.slot) else { return };
                list.condition.iter().for_each(|one| set(inner, one.slot));
                match &list.item {
                    Item::Object(nodes) => {
                        for n in nodes {
                            n.mark(selection, inner, reading, needed);
                        }
                    }
                    Item::Scalar(leaf) => {
                        if let Fill::Slot(slot, _) = &leaf.fill {
                            set(inner, *slot);
                        }
                    }
                }
            }
        }
    }

    fn looks(&self, within: &mut Vec<MemberId>, found: &mut Vec<Look>) {
        within.push(self.member());
        match self {
            Node::Leaf(leaf) => leaf.looks(within, found),
            Node::Object(object) => object.children.iter().for_each(|child| child.looks(within, found)),
            Node::List(list) => match &list.item {
                Item::Object(nodes) => nodes.iter().for_each(|child| child.looks(within, found)),
                Item::Scalar(leaf) => leaf.looks(within, found),
            },
        }
        within.pop();
    }
}

impl Leaf {
    fn looks(&self, within: &[MemberId], found: &mut Vec<Look>) {
        if let Fill::Slot(_, chain) | Fill::Whole(_, chain) = &self.fill {
            let lookups: Box<[LookupId]> = chain.lookups().collect();
            if !lookups.is_empty() {
                found.push(Look { members: within.into(), lookups });
            }
        }
    }
}
