//! Values from the edge of what a contract allows, to prove that a mapping brings every value back. It
//! believes no example and no name; whether the whole is valid is asked by the caller.

use super::{
    dice::Dice,
    likely::distinct,
    shape::{Field, Kind, List, Map, Shape},
};
use crate::value::{Brief, Value};

/// Names of members that nobody has chosen well. U+0000 is not among them.
const NAMES: &[&str] = &[
    "a",
    "A",
    "",
    " ",
    "a.b",
    "a[0]",
    "$ref",
    "null",
    "0",
    "é",
    "e\u{301}",
    "\"",
    "\\",
    "\n",
    "🐶",
    "__proto__",
];

pub fn make(shape: &Shape, dice: &mut Dice) -> Value {
    if shape.nullable && dice.one_in(6) {
        return Value::Null;
    }
    match &shape.kind {
        Kind::Null => Value::Null,
        Kind::Choice(choices) => dice.pick(choices).cloned().unwrap_or_default(),
        Kind::Boolean => Value::Bool(dice.one_in(2)),
        Kind::Text(text) => Value::Text(text.any(&shape.name, dice).into()),
        Kind::Number(number) => {
            if dice.one_in(2) {
                let edges = number.edges();
                if let Some(edge) = dice.pick(&edges) {
                    return edge.clone();
                }
            }
            number.any(dice)
        }
        Kind::Object(fields) => Value::Object(object(fields, dice)),
        Kind::Map(map) => Value::Object(entries(map, dice)),
        Kind::List(list) => Value::List(items(list, dice)),
        Kind::Either(shapes) => dice.pick(shapes).map(|one| make(one, dice)).unwrap_or_default(),
        Kind::Free => free(dice, 0),
    }
}

fn object(fields: &[Field], dice: &mut Dice) -> Vec<(Brief, Value)> {
    let empty = dice.one_in(10);
    let there = |field: &&Field, dice: &mut Dice| field.required || !(empty || dice.one_in(4));
    let mut members = Vec::new();
    for field in fields {
        if there(&field, dice) {
            members.push((Brief::new(&field.name), make(&field.shape, dice)));
        }
    }
    members
}

fn entries(map: &Map, dice: &mut Dice) -> Vec<(Brief, Value)> {
    let Some(values) = &map.values else { return Vec::new() };
    let most = map.most.unwrap_or(4).min(NAMES.len()).max(map.least);
    let count = dice.length(map.least, most);
    let start = dice.below(NAMES.len());
    let names = NAMES.iter().cycle().skip(start).take(NAMES.len()).map(|name| (*name).to_owned());
    let more = (0..).map(|at| format!("member{at}"));
    names.chain(more).take(count).map(|name| (name.into(), make(values, dice))).collect()
}

fn items(list: &List, dice: &mut Dice) -> Vec<Value> {
    let full = list.full();
    let count = match dice.below(6) {
        0 => list.least,
        1 => full,
        _ => dice.length(list.least, full.min(list.least.saturating_add(3))),
    };
    let mut items = distinct(count, list.unique, list.least, || make(&list.items, dice));
    if !list.unique && dice.one_in(3) {
        repeat(&mut items);
    }
    items
}

/// The last item becomes a copy of the first.
pub fn repeat(items: &mut [Value]) {
    if let [first, .., last] = items {
        *last = first.clone();
    }
}

/// Any JSON. Numbers have the form in which every store gives them back: no exponent, no zero at the end.
pub fn free(dice: &mut Dice, depth: usize) -> Value {
    const NUMBERS: &[&str] = &["0", "-1", "1.5", "-0.001", "9007199254740991", "38.5", "100"];
    const TEXTS: &[&str] = &["", "null", "true", "1", "[]", "{}", "é e\u{301} 🐶", "a\"b\\c\n\u{1}", " x "];
    match dice.below(if depth < 3 { 9 } else { 6 }) {
        0 => Value::Null,
        1 => Value::Bool(true),
        2 => Value::Bool(false),
        3 => Value::Number(dice.pick(NUMBERS).copied().unwrap_or("0").into()),
        4 | 5 => Value::Text(dice.pick(TEXTS).copied().unwrap_or_default().into()),
        6 => Value::List((0..dice.below(4)).map(|_| free(dice, depth + 1)).collect()),
        _ => {
            let start = dice.below(NAMES.len());
            let count = dice.below(4);
            let names = NAMES.iter().cycle().skip(start).take(count);
            Value::Object(names.map(|name| ((*name).into(), free(dice, depth + 1))).collect())
        }
    }
}
