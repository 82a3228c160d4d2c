//! What a JSON Schema says of keys, types and words, read without an instance.
//!
//! It validates nothing. It sees references within one document (`#/$defs/...`) only, as schemars makes them.

use serde_json::{Map, Value};

/// Schemas within schemas that are followed; a schema that contains itself ends here.
const DEEPEST: usize = 16;

/// The schema itself, or the one that it refers to.
pub(super) fn resolved<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let mut schema = schema;
    for _ in 0..DEEPEST {
        let plain_reference = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
        // Beside a `$ref` other keywords may stand; with a `type` or `properties` of its own it is a schema, not
        // only a reference.
        match plain_reference.and_then(|pointer| root.pointer(pointer)) {
            Some(next) if schema.get("properties").is_none() && schema.get("type").is_none() => schema = next,
            _ => break,
        }
    }
    schema
}

/// The keys that a map may have, alternatives included, each once and in order.
pub(super) fn known_keys<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s str> {
    let mut keys = Vec::new();
    let mut add = |part: &'s Value| {
        for key in properties(part).into_iter().flat_map(Map::keys) {
            if !keys.contains(&key.as_str()) {
                keys.push(key.as_str());
            }
        }
    };
    each_part(root, schema, DEEPEST, &mut add);
    keys
}

/// The schemas of one key, in all alternatives.
pub(super) fn member<'s>(root: &'s Value, schema: &'s Value, key: &str) -> Option<&'s Value> {
    let mut found = None;
    each_part(root, schema, DEEPEST, &mut |part| {
        found = found.or_else(|| properties(part).and_then(|properties| properties.get(key)));
    });
    found.map(|schema| resolved(root, schema))
}

/// The names of JSON types that a schema accepts; all of them where it says nothing.
pub(super) fn types(root: &Value, schema: &Value) -> Vec<&'static str> {
    accepted(root, schema, DEEPEST).unwrap_or_else(|| ALL.to_vec())
}

/// The type names of JSON Schema.
const ALL: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];

fn accepted(root: &Value, schema: &Value, depth: usize) -> Option<Vec<&'static str>> {
    let schema = resolved(root, schema);
    if depth == 0 {
        return None;
    }
    if let Some(named) = schema.get("type") {
        let names: Vec<&str> = match named {
            Value::String(name) => vec![name.as_str()],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => return None,
        };
        return Some(ALL.into_iter().filter(|known| names.contains(known)).collect());
    }
    if let Some(words) = words(schema) {
        return Some(words.iter().map(|word| type_name(word)).collect());
    }
    if let Some(branches) = alternatives(schema) {
        let mut all = Vec::new();
        for branch in branches {
            all.extend(accepted(root, branch, depth - 1)?);
        }
        return Some(all);
    }
    schema.get("properties").is_some().then(|| vec!["object"])
}

/// The words of an `enum` or a `const`.
pub(super) fn words(schema: &Value) -> Option<Vec<&Value>> {
    match (schema.get("enum"), schema.get("const")) {
        (Some(Value::Array(words)), _) => Some(words.iter().collect()),
        (_, Some(word)) => Some(vec![word]),
        _ => None,
    }
}

/// The words of which a value is one, be they said together or each in a branch with its description.
pub(super) fn choices(schema: &Value) -> Option<Vec<&Value>> {
    let branches =
        || alternatives(schema)?.iter().map(words).collect::<Option<Vec<_>>>().map(|all| all.concat());
    words(schema).or_else(branches)
}

/// The branches of an `anyOf` or a `oneOf`.
pub(super) fn alternatives(schema: &Value) -> Option<&Vec<Value>> {
    schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array)
}

/// The one key of a schema that accepts maps with exactly this key: serde's form of an enum's variant with content.
pub(super) fn only_key<'s>(root: &'s Value, schema: &'s Value) -> Option<&'s str> {
    let schema = resolved(root, schema);
    let mut keys = properties(schema)?.keys();
    let key = keys.next()?;
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    (keys.next().is_none() && closed && required(schema).eq([key.as_str()])).then_some(key)
}

/// The keys that have to be there.
pub(super) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The keys of this very schema with theirs.
pub(super) fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties").and_then(Value::as_object)
}

/// The name of a value's type.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Calls for the schema and all that apply to the same value: references, alternatives, conditions.
fn each_part<'s>(root: &'s Value, schema: &'s Value, depth: usize, visit: &mut impl FnMut(&'s Value)) {
    if depth == 0 {
        return;
    }
    let at = resolved(root, schema);
    visit(at);
    let listed = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| at.get(key)?.as_array()).flatten();
    let single = ["then", "else"].into_iter().filter_map(|key| at.get(key));
    let beside = at
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|to| to.strip_prefix('#'))
        .and_then(|pointer| root.pointer(pointer));
    for part in listed.chain(single).chain(beside) {
        each_part(root, part, depth - 1, visit);
    }
}
