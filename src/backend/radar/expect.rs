//! What a binding's rules expect at each place: the kinds of values that they can read, and whether nothing may stand
//! there. It compares nothing; it is asked once for each binding.

use crate::{
    plan::{
        Kind,
        contract::Format,
        convert::{Chain, Codes, Op},
        reading::{Empties, Fill, Item, Leaf, LevelId, Node, Nothing, Reading, SlotId},
    },
    translate::tally::{Seen, Shape},
    value::Value,
};
use std::{fmt::Write as _, sync::Arc};

/// The kinds of values that are right at a place, a bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected(u16);

/// Kinds that stand for nothing, whatever the binding says.
const NOTHING: &[Seen] = &[Seen::Absent, Seen::Null];

impl Expected {
    /// No rule judges it: what is there is compared with what was there.
    const ANYTHING: Self = Self(u16::MAX);

    fn of(kinds: &[Seen]) -> Self {
        Self(kinds.iter().fold(0, |all, kind| all | 1 << *kind as u16))
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn fits(self, kind: Seen) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    /// For people: `a text, a number or nothing`.
    pub fn sentence(self) -> String {
        if self == Self::ANYTHING {
            return "what stood there before".to_owned();
        }
        let named = [
            (Seen::Text, "a text"),
            (Seen::Number, "a number"),
            (Seen::Truth, "a truth"),
            (Seen::List, "a list"),
            (Seen::Object, "an object"),
            (Seen::Absent, "nothing"),
        ];
        let words: Vec<&str> =
            named.iter().filter(|(kind, _)| self.fits(*kind)).map(|(_, word)| *word).collect();
        match words.split_last() {
            None => "nothing that could be read".to_owned(),
            Some((last, [])) => (*last).to_owned(),
            Some((last, before)) => format!("{} or {last}", before.join(", ")),
        }
    }
}

/// A place whose codes are completed by `unknown`, with the steps that lead to them.
#[derive(Debug)]
pub struct Absorbing {
    pub level: LevelId,
    pub slot: SlotId,
    /// What stands before the codes.
    pub before: Chain,
    pub codes: Arc<Codes>,
}

/// What the rules of a binding expect.
#[derive(Debug)]
pub struct Expectations {
    /// By the number of a place in the reading's [`Shape`].
    pub places: Vec<Expected>,
    pub absorbing: Vec<Absorbing>,
    /// The rules as text, for telling whether they are the same as before.
    pub rules: String,
}

impl Expectations {
    pub fn of(reading: &Reading, shape: &Shape) -> Self {
        let places = vec![Expected::ANYTHING; shape.places()];
        let mut all = Self { places, absorbing: Vec::new(), rules: format!("{:?}", reading.empty) };
        all.nodes(reading, shape, &reading.top, 0, false);
        all
    }

    fn nodes(&mut self, reading: &Reading, shape: &Shape, nodes: &[Node], level: LevelId, optional: bool) {
        for node in nodes {
            match node {
                Node::Leaf(leaf) => self.leaf(reading, shape, leaf, level, optional),
                // Where an object may be nothing, so may each of its members.
                Node::Object(object) => {
                    let optional = optional || object.nothing != Nothing::Fault;
                    self.nodes(reading, shape, &object.children, level, optional);
                }
                Node::List(list) => {
                    self.expect(shape.at(level, list.slot), list_like(reading.empty));
                    let Some(inner) = reading.inner(level, list.slot) else { continue };
                    match &list.item {
                        Item::Object(nodes) => self.nodes(reading, shape, nodes, inner, false),
                        Item::Scalar(leaf) => self.leaf(reading, shape, leaf, inner, false),
                    }
                }
            }
        }
    }

    fn leaf(&mut self, reading: &Reading, shape: &Shape, leaf: &Leaf, level: LevelId, optional: bool) {
        match &leaf.fill {
            Fill::Slot(slot, chain) | Fill::Whole(slot, chain) => {
                let mut expected = Expected::of(readable(chain, &leaf.kind));
                if let Some(Op::Codes(codes)) = chain.read.first()
                    && codes.give("").is_some()
                {
                    expected = expected.and(Expected::of(&[Seen::EmptyText]));
                }
                if optional || leaf.nothing != Nothing::Fault {
                    expected = expected.and(nothing(reading.empty, chain));
                }
                self.expect(shape.at(level, *slot), expected);
                self.note(level, *slot, chain, &leaf.kind);
            }
            Fill::Has(list, item, ..) => {
                self.expect(shape.at(level, *list), list_like(reading.empty));
                if let Some(inner) = reading.inner(level, *list) {
                    let text = Expected::of(&[Seen::Text, Seen::EmptyText]).and(Expected::of(NOTHING));
                    self.expect(shape.at(inner, *item), text);
                }
            }
            // What the items hold that are nobody's is nobody's business.
            Fill::Pick(list, item, chain, _) => {
                self.expect(shape.at(level, *list), list_like(reading.empty));
                if let Some(inner) = reading.inner(level, *list) {
                    self.note(inner, *item, chain, &leaf.kind);
                }
            }
            Fill::Constant(_) | Fill::Absent => {}
        }
    }

    /// Several members may be read from one place: what is right there has to be right for all.
    fn expect(&mut self, place: usize, expected: Expected) {
        if let Some(known) = self.places.get_mut(place) {
            *known = Expected(known.0 & expected.0);
        }
    }

    fn note(&mut self, level: LevelId, slot: SlotId, chain: &Chain, kind: &Kind) {
        let _ = write!(self.rules, "|{level}.{slot} {kind:?} {:?}", chain.blank);
        for op in &chain.read {
            match op {
                // The number of a look-up depends on other files.
                Op::Lookup(_) => self.rules.push_str(" look-up"),
                op => _ = write!(self.rules, " {op:?}"),
            }
        }
        let codes = chain.read.iter().enumerate().find_map(|(at, op)| match op {
            Op::Codes(codes) if codes.unknown.is_some() => Some((at, codes)),
            _ => None,
        });
        if let Some((at, codes)) = codes {
            let read = chain.read.iter().take(at).cloned().collect();
            let before = Chain { read, write: Vec::new(), blank: chain.blank.clone() };
            self.absorbing.push(Absorbing { level, slot, before, codes: Arc::clone(codes) });
        }
    }
}

/// What the first step takes. Which values of a kind it takes is found when they are translated.
fn readable(chain: &Chain, kind: &Kind) -> &'static [Seen] {
    match (chain.read.first(), kind) {
        (None, Kind::Number(_) | Kind::Integer) => &[Seen::Number],
        (None, Kind::Boolean) => &[Seen::Truth],
        (None, Kind::Text(Format::Plain)) => &[Seen::Text, Seen::EmptyText, Seen::Number],
        (None, Kind::Text(_) | Kind::Enum(_)) => &[Seen::Text],
        (None, Kind::Object | Kind::List(_) | Kind::Free) => &[Seen::List, Seen::Object, Seen::Hollow],
        (Some(op), _) => match op {
            Op::Truth => &[Seen::Truth, Seen::Text],
            Op::Text => &[Seen::Text, Seen::EmptyText, Seen::Number, Seen::Truth],
            Op::Boolean | Op::Codes(_) | Op::Part(..) | Op::Lookup(_) | Op::OneOf(_) => {
                &[Seen::Text, Seen::Number, Seen::Truth]
            }
            Op::Json => &[Seen::Text, Seen::List, Seen::Object, Seen::Hollow],
            Op::Age | Op::Time | Op::Day => &[Seen::Text],
            // Numbers, dates and parts of texts, each in a text or as a number.
            _ => &[Seen::Text, Seen::Number],
        },
    }
}

fn nothing(empty: Empties, chain: &Chain) -> Expected {
    let mut all = Expected::of(NOTHING);
    if empty.text || chain.blank.iter().any(|blank| *blank == Value::Text("".into())) {
        all = all.and(Expected::of(&[Seen::EmptyText]));
    }
    if empty.list || empty.object {
        all = all.and(Expected::of(&[Seen::Hollow]));
    }
    all
}

/// A list that is not there is an empty one.
fn list_like(empty: Empties) -> Expected {
    let all = Expected::of(&[Seen::List, Seen::Hollow]).and(Expected::of(NOTHING));
    if empty.text { all.and(Expected::of(&[Seen::EmptyText])) } else { all }
}
