//! A YAML or JSON text as a tree in which every key and value knows its bytes.
//!
//! It takes a file and hands on a [`Node`]; it refuses with M001 (syntax), M002 (a key twice), M003 (a feature of
//! YAML that is not used here) and M004 (too large, too deep). It knows no schema and no word of the operator's
//! language. Anchors, tags, merge keys and several documents are refused, so that a file means what it shows.

mod complaint;
mod read;
mod scalar;

use std::ops::Range;
use std::sync::Arc;

use serde_json::Number;

use crate::fault::diagnostic::{Diagnostics, SourceFile};

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Bytes of the file's text. A block runs from its first key or entry to the end of its last value; a value
    /// that is missing (`key:`) has an empty span.
    pub span: Range<usize>,
    /// The value.
    pub value: Value,
}

/// What a node holds.
///
/// Plain words are read by the core schema of YAML 1.2, in lower case only: `true`, `false`, `null`, `~`, and
/// numbers. `yes`, `No`, `on`, `True` and `.inf` are texts, and so is everything in quotes.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~`, or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number of 64 bits, decimal, `0x` or `0o`.
    Integer(i64),
    /// Any other number.
    Float {
        /// The nearest float; always finite.
        number: f64,
        /// The digits as they were written.
        text: String,
    },
    /// A text, without its quotes and escapes.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file. Of a key that stands twice only the first is held.
    Map(Vec<Entry>),
}

/// A member of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key as text: `1:` is "1" and `true:` is "true".
    pub key: String,
    /// The key's bytes, quotes included.
    pub key_span: Range<usize>,
    /// The value.
    pub node: Node,
}

/// A step from a node to one within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// To a map's member.
    Key(&'a str),
    /// To a list's entry, counted from 0.
    Index(usize),
}

/// The deepest node that a path led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<'n> {
    /// The node.
    pub node: &'n Node,
    /// The entry that holds it, where it is a member of a map.
    pub entry: Option<&'n Entry>,
    /// How many steps of the path exist. All of them where the path was found.
    pub steps: usize,
}

/// Reads a text. Every fault that can be told from the others goes to `out`.
///
/// Nothing is handed on where the tree would not be what the file says: after a fault of syntax, a merge key, an
/// alias, or where the text is empty, too large or too deep. After other faults the tree can be examined further,
/// so that all of them are shown at once; whether the file may be used is for `out` to say.
pub fn parse(file: &Arc<SourceFile>, out: &mut Diagnostics) -> Option<Node> {
    read::document(file, out)
}

// === impl Node ===

impl Node {
    /// The tree as JSON, without places.
    ///
    /// A number without a fraction becomes an integer however it is written (`10.0` is 10), as JSON Schema counts
    /// it as one.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(truth) => (*truth).into(),
            Value::Integer(number) => (*number).into(),
            Value::Float { number, text } => scalar::json_number(*number, text),
            Value::Text(text) => text.as_str().into(),
            Value::List(nodes) => nodes.iter().map(Self::to_json).collect(),
            Value::Map(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect()
            }
        }
    }

    /// A map's member. None where there is none or where this is no map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// A map's member with its key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The members of a map; none where this is no map.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The node at the end of a path. None where the path does not exist.
    pub fn at(&self, path: &[Step<'_>]) -> Option<&Self> {
        path.iter().try_fold(self, |node, step| match (step, &node.value) {
            (Step::Key(key), _) => node.get(key),
            (Step::Index(index), Value::List(nodes)) => nodes.get(*index),
            _ => None,
        })
    }

    /// Follows a JSON Pointer's segments (already without their escapes) as far as they exist. A segment is the
    /// key of a map or, in a list, an index counted from 0.
    pub fn find(&self, pointer: &[&str]) -> Found<'_> {
        let mut found = Found { node: self, entry: None, steps: 0 };
        for segment in pointer {
            let (node, entry) = match &found.node.value {
                Value::Map(_) => match found.node.entry(segment) {
                    Some(entry) => (&entry.node, Some(entry)),
                    None => break,
                },
                Value::List(nodes) => match segment.parse().ok().and_then(|index: usize| nodes.get(index)) {
                    Some(node) => (node, None),
                    None => break,
                },
                _ => break,
            };
            found = Found { node, entry, steps: found.steps + 1 };
        }
        found
    }
}

// === impl Found ===

impl Found<'_> {
    /// Where to point for the node's value: its bytes, or its key's where the value is missing or runs over several
    /// lines. `text` is the file's.
    pub fn span(&self, text: &str) -> Range<usize> {
        match self.entry {
            Some(entry) if self.node.span.is_empty() || runs_over_lines(&self.node.span, text) => {
                entry.key_span.clone()
            }
            _ => self.node.span.clone(),
        }
    }

    /// Where to point for the node as a member: its key's bytes, or its own where it has no key.
    pub fn key_span(&self) -> Range<usize> {
        self.entry.map_or_else(|| self.node.span.clone(), |entry| entry.key_span.clone())
    }
}

fn runs_over_lines(span: &Range<usize>, text: &str) -> bool {
    text.get(span.clone()).is_some_and(|written| written.contains('\n'))
}

/// A float as JSON. A float that JSON cannot write is never held, see [`Value`].
fn number(value: f64) -> serde_json::Value {
    Number::from_f64(value).map_or(serde_json::Value::Null, serde_json::Value::Number)
}

#[cfg(test)]
mod tests;
