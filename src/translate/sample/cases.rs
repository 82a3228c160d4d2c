//! A systematic series: each member in turn takes each of its edge values while the others are plain, and
//! the values of up to three members that have few of them meet in all combinations. Which of them a
//! mapping should survive is not its business: all are valid, read-only members included.

use super::{
    Sampler, cover,
    dice::Dice,
    harsh,
    likely::{Manner, Presence, distinct, make},
    place,
    shape::{Field, Kind, List, Shape},
};
use crate::value::{Value, path::Step};

/// Something to put at a place; nothing takes away what is there.
pub type Change = (Vec<Step>, Option<Value>);

/// More values of one member than this are not combined with its siblings'.
const COMBINED: usize = 12;

/// A place with all that could stand there.
pub struct Slot {
    pub steps: Vec<Step>,
    pub options: Vec<Option<Value>>,
}

/// The series. It ends after `count` values.
pub struct Cases<'a> {
    sampler: Sampler<'a>,
    base: Value,
    head: std::vec::IntoIter<Vec<Change>>,
    seen: std::collections::HashSet<u64>,
    seed: u64,
    left: usize,
}

impl<'a> Cases<'a> {
    pub fn new(sampler: Sampler<'a>, count: usize) -> Self {
        let base = sampler.full();
        let head = head(&sampler.shape, &base).into_iter();
        Self { sampler, base, head, seen: std::collections::HashSet::new(), seed: 0, left: count }
    }

    /// The next of the head that is valid and has not been there.
    fn systematic(&mut self) -> Option<Value> {
        loop {
            let changes = self.head.next()?;
            let mut value = self.base.clone();
            for (steps, new) in changes {
                place::put(&mut value, &steps, new);
            }
            let print = xxhash_rust::xxh3::xxh3_64(value.to_json().as_bytes());
            if self.seen.insert(print) && self.sampler.is_valid(&value) {
                return Some(value);
            }
        }
    }
}

impl Iterator for Cases<'_> {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        if let Some(value) = self.systematic() {
            return Some(value);
        }
        self.seed += 1;
        Some(self.sampler.arbitrary(self.seed - 1))
    }
}

/// All changes of the head: the plain value first, then edges and combinations by turns, so that a short
/// series has some of both, and something of each member.
fn head(shape: &Shape, base: &Value) -> Vec<Vec<Change>> {
    let mut edges = Vec::new();
    let slots = slots(shape, base);
    let rounds = slots.iter().map(|slot| slot.options.len()).max().unwrap_or(0);
    for round in 0..rounds {
        for slot in &slots {
            if let Some(option) = slot.options.get(round) {
                edges.push(vec![(slot.steps.clone(), option.clone())]);
            }
        }
    }
    let mut combined = Vec::new();
    combinations(shape, &mut Vec::new(), base, &mut combined);
    let mut all = vec![Vec::new()];
    let (mut edges, mut combined) = (edges.into_iter(), combined.into_iter());
    loop {
        match (edges.next(), combined.next()) {
            (None, None) => return all,
            (edge, row) => all.extend(edge.into_iter().chain(row)),
        }
    }
}

/// All places of a value, each with its edge values.
pub fn slots(shape: &Shape, base: &Value) -> Vec<Slot> {
    let mut out = Vec::new();
    visit(shape, false, &mut Vec::new(), base, &mut out);
    out
}

fn visit(shape: &Shape, optional: bool, steps: &mut Vec<Step>, base: &Value, out: &mut Vec<Slot>) {
    let mut found: Vec<Option<Value>> = options(shape).into_iter().map(Some).collect();
    if optional {
        found.insert(0, None);
    }
    out.push(Slot { steps: steps.clone(), options: found });
    each_inner(shape, base, steps, |inner, optional, steps, value| visit(inner, optional, steps, value, out));
}

/// Goes to all that stands within: members, and the first item of a list.
fn each_inner(
    shape: &Shape,
    base: &Value,
    steps: &mut Vec<Step>,
    mut go: impl FnMut(&Shape, bool, &mut Vec<Step>, &Value),
) {
    match (&shape.kind, base) {
        (Kind::Object(fields), Value::Object(_)) => {
            for field in fields {
                if let Some(value) = base.get(&field.name) {
                    steps.push(Step::Key(field.name.as_str().into()));
                    go(&field.shape, !field.required, steps, value);
                    steps.pop();
                }
            }
        }
        (Kind::List(list), Value::List(items)) => {
            if let Some(first) = items.first() {
                steps.push(Step::Index(0));
                go(&list.items, false, steps, first);
                steps.pop();
            }
        }
        _ => {}
    }
}

/// The edge values of a place, null among them where it may be.
fn options(shape: &Shape) -> Vec<Value> {
    let bare = Manner { presence: Presence::Required, examples: false };
    let mut dice = Dice::of(&["options", &shape.name]);
    let mut all = match &shape.kind {
        Kind::Null => vec![Value::Null],
        Kind::Choice(choices) => choices.clone(),
        Kind::Boolean => vec![Value::Bool(true), Value::Bool(false)],
        Kind::Text(text) => text.edges().iter().map(|edge| Value::Text(edge.as_str().into())).collect(),
        Kind::Number(number) => number.edges(),
        Kind::Object(fields) => {
            let required = |field: &&Field| field.required;
            let members = fields
                .iter()
                .filter(required)
                .map(|f| (f.name.as_str().into(), make(&f.shape, bare, &mut dice)));
            vec![Value::Object(members.collect())]
        }
        Kind::List(list) => lists(list, &mut dice),
        Kind::Map(_) => (0..12).map(|_| harsh::make(shape, &mut dice)).filter(|v| !v.is_null()).collect(),
        Kind::Either(shapes) => shapes.iter().flat_map(options).collect(),
        Kind::Free => (0..12).map(|_| harsh::free(&mut dice, 0)).collect(),
    };
    if shape.nullable && !all.contains(&Value::Null) {
        all.insert(0, Value::Null);
    }
    all
}

/// The shortest list, the longest one, and one that says the same twice.
fn lists(list: &List, dice: &mut Dice) -> Vec<Value> {
    let plain = Manner { presence: Presence::Always, examples: true };
    let mut of = |count: usize| distinct(count, list.unique, list.least, || make(&list.items, plain, dice));
    let mut all = vec![Value::List(of(list.least))];
    if list.full() > 1 {
        // Where few distinct items are found, copies fill the list.
        let mut full = of(list.full());
        let found = full.len();
        let copies: Vec<Value> = full.iter().cycle().take(list.full()).skip(found).cloned().collect();
        full.extend(copies.into_iter().filter(|_| !list.unique));
        all.push(Value::List(full));
        let mut twice = of(2.max(list.least));
        if let ([one], false) = (twice.as_slice(), list.unique) {
            twice = vec![one.clone(), one.clone()];
        }
        if !list.unique {
            harsh::repeat(&mut twice);
            all.push(Value::List(twice));
        }
    }
    all
}

/// For each object the rows in which its members' few values meet.
fn combinations(shape: &Shape, steps: &mut Vec<Step>, base: &Value, out: &mut Vec<Vec<Change>>) {
    if let Kind::Object(fields) = &shape.kind {
        let mut columns: Vec<(Vec<Step>, Vec<Value>)> = Vec::new();
        for field in fields {
            let Some(present) = base.get(&field.name) else { continue };
            let values = few(&field.shape, present);
            if (2..=COMBINED).contains(&values.len()) {
                let mut place = steps.clone();
                place.push(Step::Key(field.name.as_str().into()));
                columns.push((place, values));
            }
        }
        let sizes: Vec<usize> = columns.iter().map(|(_, values)| values.len()).collect();
        for row in cover::rows(&sizes) {
            let changes = row.iter().zip(&columns);
            let changes = changes
                .filter_map(|(at, (place, values))| Some((place.clone(), Some(values.get(*at)?.clone()))));
            out.push(changes.collect());
        }
    }
    each_inner(shape, base, steps, |inner, _, steps, value| combinations(inner, steps, value, out));
}

/// The values of a member that has few of them; of any other only itself, and null where it may be.
fn few(shape: &Shape, present: &Value) -> Vec<Value> {
    let mut values = match &shape.kind {
        Kind::Choice(choices) => choices.clone(),
        Kind::Boolean => vec![Value::Bool(true), Value::Bool(false)],
        _ => vec![present.clone()],
    };
    if shape.nullable && !values.contains(&Value::Null) {
        values.push(Value::Null);
    }
    values
}
