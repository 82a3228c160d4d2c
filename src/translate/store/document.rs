//! The document that places make together, as a tree.

use super::{Content, Placed};
use crate::value::{Value, path::Step};

/// The document that places make together. A member of several parts that is all nothing is sent as `empty`.
pub fn document(placed: Vec<Placed<'_>>, empty: Option<&Value>) -> Value {
    let mut document = Value::Object(Vec::with_capacity(placed.len()));
    let mut deep = Vec::new();
    for Placed { path, content, .. } in placed {
        document.put(path, of(content));
        if empty.is_some() && path.len() > 1 {
            deep.push(path);
        }
    }
    if let (Some(empty), Value::Object(members)) = (empty, &mut document) {
        for (name, value) in members.iter_mut() {
            if deep.iter().any(|path| matches!(path.first(), Some(Step::Key(first)) if **first == **name))
                && is_hollow(value)
            {
                *value = empty.clone();
            }
        }
    }
    document
}

pub(super) fn of(content: Content<'_>) -> Value {
    match content {
        Content::Scalar(value) | Content::Whole(value) => value,
        Content::Rows(rows) => Value::List(rows.into_iter().map(item).collect()),
    }
}

/// A list's item: an object, or the value itself where the path within the item is empty.
fn item(mut row: Vec<Placed<'_>>) -> Value {
    if let [Placed { path, content: Content::Scalar(value), .. }] = row.as_mut_slice()
        && path.is_empty()
    {
        return std::mem::take(value);
    }
    document(row, None)
}

/// Whether there is no value anywhere in it.
pub(super) fn is_hollow(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::List(items) => items.iter().all(is_hollow),
        Value::Object(members) => members.iter().all(|(_, v)| is_hollow(v)),
        _ => false,
    }
}
