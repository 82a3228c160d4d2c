//! A document as a tree, for what is not on the road of a read: bodies of clients, writes, defaults.
//! Numbers are kept as their digits.

use super::path::{Path, Step};

/// A text that holds up to 24 bytes in its own place: most names of members and most values of a record are as short, and ask
/// for no memory.
pub type Brief = compact_str::CompactString;

/// A JSON value. Members keep their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    /// The number as it was written.
    Number(Brief),
    Text(Brief),
    List(Vec<Value>),
    Object(Vec<(Brief, Value)>),
}

impl Value {
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members.iter().find(|(n, _)| n == name).map(|(_, v)| v),
            _ => None,
        }
    }

    /// Follows a dotted path of names.
    pub fn at(&self, dotted: &str) -> Option<&Value> {
        dotted.split('.').try_fold(self, |value, name| value.get(name))
    }

    /// Puts a member in, or replaces it where it stands. Nothing happens to what is no object.
    pub fn set(&mut self, name: &str, value: Value) {
        if let Value::Object(members) = self {
            match members.iter_mut().find(|(n, _)| n == name) {
                Some((_, place)) => *place = value,
                None => members.push((name.into(), value)),
            }
        }
    }

    /// Puts a value at a dotted path, making the objects on the way.
    pub fn set_at(&mut self, dotted: &str, value: Value) {
        match dotted.split_once('.') {
            None => self.set(dotted, value),
            Some((first, rest)) => {
                if !matches!(self.get(first), Some(Value::Object(_))) {
                    self.set(first, Value::Object(Vec::new()));
                }
                if let Value::Object(members) = self
                    && let Some((_, inner)) = members.iter_mut().find(|(n, _)| n == first)
                {
                    inner.set_at(rest, value);
                }
            }
        }
    }

    /// Follows a path of names and indexes.
    pub fn follow(&self, path: &Path) -> Option<&Value> {
        path.0.iter().try_fold(self, |value, step| match (step, value) {
            (Step::Key(name), value) => value.get(name),
            (Step::Index(index), Value::List(items)) => items.get(*index),
            _ => None,
        })
    }

    /// Puts a value at the end of a path, making the objects and lists on the way.
    pub fn put(&mut self, path: &[Step], value: Value) {
        let Some((step, rest)) = path.split_first() else {
            *self = value;
            return;
        };
        match step {
            Step::Key(name) => {
                if !matches!(self, Value::Object(_)) {
                    *self = Value::Object(Vec::new());
                }
                let Value::Object(members) = self else { return };
                let at = members.iter().position(|(n, _)| **n == **name).unwrap_or_else(|| {
                    members.push((Brief::new(name), Value::Null));
                    members.len() - 1
                });
                if let Some((_, place)) = members.get_mut(at) {
                    place.put(rest, value);
                }
            }
            Step::Index(index) => {
                if !matches!(self, Value::List(_)) {
                    *self = Value::List(Vec::new());
                }
                let Value::List(items) = self else { return };
                if items.len() <= *index {
                    items.resize(index + 1, Value::Null);
                }
                if let Some(place) = items.get_mut(*index) {
                    place.put(rest, value);
                }
            }
        }
    }

    /// Lays another document over this one: objects member by member, everything else whole.
    pub fn overlay(&mut self, other: Value) {
        match (self, other) {
            (Value::Object(members), Value::Object(others)) => {
                for (name, value) in others {
                    match members.iter_mut().find(|(n, _)| *n == name) {
                        Some((_, place)) => place.overlay(value),
                        None => members.push((name, value)),
                    }
                }
            }
            (place, value) => *place = value,
        }
    }

    pub fn remove(&mut self, name: &str) -> Option<Value> {
        match self {
            Value::Object(members) => {
                members.iter().position(|(n, _)| n == name).map(|at| members.remove(at).1)
            }
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The scalar's text: digits, words and texts alike. `None` for what has parts, and for null.
    pub fn scalar(&self) -> Option<&str> {
        match self {
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::Number(text) | Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// JSON Merge Patch (RFC 7396, section 2).
    pub fn merge(&mut self, patch: Value) {
        let Value::Object(changes) = patch else {
            *self = patch;
            return;
        };
        if !matches!(self, Value::Object(_)) {
            *self = Value::Object(Vec::new());
        }
        for (name, change) in changes {
            if change.is_null() {
                self.remove(&name);
                continue;
            }
            let mut inner = self.get(&name).cloned().unwrap_or_default();
            inner.merge(change);
            self.set(&name, inner);
        }
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Value::Null => out.extend_from_slice(b"null"),
            Value::Bool(true) => out.extend_from_slice(b"true"),
            Value::Bool(false) => out.extend_from_slice(b"false"),
            Value::Number(text) => out.extend_from_slice(text.as_bytes()),
            Value::Text(text) => super::json::write::text(out, text),
            Value::List(items) => {
                out.push(b'[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Value::Object(members) => {
                out.push(b'{');
                for (i, (name, value)) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    super::json::write::text(out, name);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
        }
    }

    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        self.write(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// For the schema validator alone: numbers become what `serde_json` can hold. A number beyond
    /// its reach is `None`; the caller refuses it.
    pub fn to_serde(&self) -> Option<serde_json::Value> {
        Some(match self {
            Value::Null => serde_json::Value::Null,
            Value::Bool(b) => (*b).into(),
            Value::Number(text) => serde_json::Value::Number(serde_json::from_str(text).ok()?),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Value::to_serde).collect::<Option<Vec<_>>>()?.into(),
            Value::Object(members) => serde_json::Value::Object(
                members.iter().map(|(n, v)| Some((n.to_string(), v.to_serde()?))).collect::<Option<_>>()?,
            ),
        })
    }
}

impl From<&serde_json::Value> for Value {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(b) => Value::Bool(*b),
            serde_json::Value::Number(n) => Value::Number(n.to_string().into()),
            serde_json::Value::String(s) => Value::Text(s.into()),
            serde_json::Value::Array(items) => Value::List(items.iter().map(Value::from).collect()),
            serde_json::Value::Object(members) => {
                Value::Object(members.iter().map(|(n, v)| (n.into(), Value::from(v))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Value {
        Value::from(&serde_json::from_str::<serde_json::Value>(text).unwrap())
    }

    /// The examples of RFC 7396, appendix A.
    #[test]
    fn merges_as_the_standard_says() {
        for (target, patch, result) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            let mut value = parse(target);
            value.merge(parse(patch));
            assert_eq!(value.to_json(), result, "{target} with {patch}");
        }
    }
}
