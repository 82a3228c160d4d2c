//! Values as real records have them. What a schema's author wrote comes first (`examples`, `enum`, `const`,
//! `default`), then what a property's name and format suggest, then the type with its bounds. Whether the
//! whole is valid is asked by the caller.

use super::{
    dice::Dice,
    shape::{Field, Kind, List, Map, Shape},
    words,
};
use crate::value::{Brief, Value, time::Moment};

/// Which optional parts are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Four of five members, and five of six values that could be null.
    Mostly,
    /// All members, no nulls, and an item in each list: something to change one by one.
    Always,
    /// What is required and no more.
    Required,
}

/// How a value is made.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    pub presence: Presence,
    /// Whether to believe `examples` and `default`.
    pub examples: bool,
}

pub fn make(shape: &Shape, manner: Manner, dice: &mut Dice) -> Value {
    if manner.examples {
        let plain = |value: &&Value| manner.presence != Presence::Always || !value.is_null();
        let examples: Vec<&Value> = shape.examples.iter().filter(plain).collect();
        if let Some(example) = dice.pick(&examples) {
            return completed(shape, example, manner, dice);
        }
    }
    let null = match manner.presence {
        Presence::Mostly => shape.nullable && dice.one_in(6),
        Presence::Always => false,
        Presence::Required => shape.nullable,
    };
    if null {
        return Value::Null;
    }
    if let Kind::Choice(choices) = &shape.kind {
        return dice.pick(choices).cloned().unwrap_or_default();
    }
    match &shape.default {
        Some(default) if manner.examples && !default.is_null() => default.clone(),
        _ => typed(shape, manner, dice),
    }
}

/// An example of an object need not say what every record has anyway, such as its key.
fn completed(shape: &Shape, example: &Value, manner: Manner, dice: &mut Dice) -> Value {
    let mut record = example.clone();
    if let (Kind::Object(fields), Value::Object(_)) = (&shape.kind, example) {
        for field in fields.iter().filter(|f| f.required && example.get(&f.name).is_none()) {
            record.set(&field.name, make(&field.shape, manner, dice));
        }
    }
    record
}

fn typed(shape: &Shape, manner: Manner, dice: &mut Dice) -> Value {
    let bare = manner.presence == Presence::Required;
    match &shape.kind {
        Kind::Null | Kind::Choice(_) => Value::Null,
        Kind::Boolean => Value::Bool(dice.one_in(2)),
        Kind::Text(text) if bare => Value::Text(text.barest(&shape.name, dice).into()),
        Kind::Text(text) => Value::Text(text.likely(&shape.name, dice).into()),
        Kind::Number(number) if bare => number.barest(),
        Kind::Number(number) => {
            let (low, high) = words::range(&shape.name);
            number.likely(low, high, dice)
        }
        Kind::Object(fields) => Value::Object(object(fields, manner, dice)),
        Kind::Map(map) => Value::Object(entries(map, manner, dice)),
        Kind::List(list) => Value::List(items(list, manner, dice)),
        Kind::Either(shapes) => dice.pick(shapes).map(|one| make(one, manner, dice)).unwrap_or_default(),
        Kind::Free => {
            Value::Text(words::text(&shape.name, dice).unwrap_or_else(|| words::sentence(dice)).into())
        }
    }
}

fn object(fields: &[Field], manner: Manner, dice: &mut Dice) -> Vec<(Brief, Value)> {
    let mut members = Vec::new();
    for field in fields {
        // Thrown for each member, so that making one member required leaves its neighbours as they are.
        let chosen = !dice.one_in(5);
        let there = match manner.presence {
            Presence::Mostly => field.required || chosen,
            Presence::Always => true,
            Presence::Required => field.required,
        };
        if there {
            members.push((Brief::new(&field.name), make(&field.shape, manner, dice)));
        }
    }
    in_order(&mut members);
    members
}

/// What is updated was created before.
fn in_order(members: &mut [(Brief, Value)]) {
    const PAIRS: &[(&str, &str)] = &[
        ("createdAt", "updatedAt"),
        ("createdAt", "deletedAt"),
        ("startsAt", "endsAt"),
        ("startDate", "endDate"),
        ("startsOn", "endsOn"),
    ];
    for (first, second) in PAIRS {
        let at = |name: &str| members.iter().position(|(n, _)| n == name);
        let text = |value: &Value| value.scalar().map(str::to_owned).filter(|_| !value.is_null());
        if let (Some(first), Some(second)) = (at(first), at(second))
            && let Some(early) = members.get(first).and_then(|(_, v)| text(v))
            && let Some(late) = members.get(second).and_then(|(_, v)| text(v))
            && Moment::parse(&early).is_some() == Moment::parse(&late).is_some()
            && early > late
        {
            for (place, text) in [(first, late), (second, early)] {
                if let Some((_, value @ Value::Text(_))) = members.get_mut(place) {
                    *value = Value::Text(text.into());
                }
            }
        }
    }
}

fn entries(map: &Map, manner: Manner, dice: &mut Dice) -> Vec<(Brief, Value)> {
    const NAMES: &[&str] = &["source", "reference", "remark", "batch", "channel", "origin"];
    let Some(values) = &map.values else { return Vec::new() };
    let most = map.most.unwrap_or(usize::MAX);
    let count = match manner.presence {
        Presence::Required => map.least,
        Presence::Always => map.least.max(1).min(most),
        Presence::Mostly => dice.length(map.least, map.least.max(3).min(most)),
    };
    let name = |at: usize| match NAMES.get(at) {
        Some(name) => (*name).to_owned(),
        None => format!("member{at}"),
    };
    (0..count).map(|at| (name(at).into(), make(values, manner, dice))).collect()
}

fn items(list: &List, manner: Manner, dice: &mut Dice) -> Vec<Value> {
    let most = list.most.unwrap_or(usize::MAX);
    let count = match manner.presence {
        Presence::Required => list.least,
        Presence::Always => list.least.max(1).min(most),
        Presence::Mostly => dice.length(list.least, list.least.max(3).min(most)),
    };
    distinct(count, list.unique, list.least, || make(&list.items, manner, dice))
}

/// So many items, none twice. Where distinct ones are hard to find, the rest is left away, except that a
/// list which may repeat itself is filled up to its least length.
pub fn distinct(count: usize, unique: bool, least: usize, mut make: impl FnMut() -> Value) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for _ in 0..count {
        if let Some(item) = (0..20).map(|_| make()).find(|item| !found.contains(item)) {
            found.push(item);
        }
    }
    while !unique && found.len() < least {
        found.push(make());
    }
    found
}
