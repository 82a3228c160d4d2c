//! Places in a document: what stands there, and the same document with something else there. It makes no
//! parents on the way.

use crate::value::{Value, path::Step};

fn within<'a>(value: &'a mut Value, step: &Step) -> Option<&'a mut Value> {
    match (value, step) {
        (Value::Object(members), Step::Key(name)) => {
            members.iter_mut().find(|(n, _)| **n == **name).map(|(_, value)| value)
        }
        (Value::List(items), Step::Index(at)) => items.get_mut(*at),
        _ => None,
    }
}

/// What stands at a place.
pub fn get<'a>(value: &'a Value, steps: &[Step]) -> Option<&'a Value> {
    steps.iter().try_fold(value, |value, step| match (value, step) {
        (Value::Object(_), Step::Key(name)) => value.get(name),
        (Value::List(items), Step::Index(at)) => items.get(*at),
        _ => None,
    })
}

/// Puts something at a place, or takes what is there away. Nothing happens where the way does not exist.
pub fn put(value: &mut Value, steps: &[Step], new: Option<Value>) {
    let Some((last, way)) = steps.split_last() else {
        if let Some(new) = new {
            *value = new;
        }
        return;
    };
    let Some(parent) = way.iter().try_fold(value, within) else { return };
    match (parent, last, new) {
        (parent @ Value::Object(_), Step::Key(name), Some(new)) => parent.set(name, new),
        (parent @ Value::Object(_), Step::Key(name), None) => drop(parent.remove(name)),
        (Value::List(items), Step::Index(at), Some(new)) => {
            if let Some(item) = items.get_mut(*at) {
                *item = new;
            }
        }
        (Value::List(items), Step::Index(at), None) if *at < items.len() => drop(items.remove(*at)),
        _ => {}
    }
}

/// All places in a document, each before those within it.
pub fn all(value: &Value) -> Vec<Vec<Step>> {
    let mut found = vec![Vec::new()];
    below(value, &mut Vec::new(), &mut found);
    found
}

fn below(value: &Value, steps: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    let inner: Vec<(Step, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(n, v)| (Step::Key(n.as_str().into()), v)).collect(),
        Value::List(items) => items.iter().enumerate().map(|(at, v)| (Step::Index(at), v)).collect(),
        _ => Vec::new(),
    };
    for (step, value) in inner {
        steps.push(step);
        found.push(steps.clone());
        below(value, steps, found);
        steps.pop();
    }
}
