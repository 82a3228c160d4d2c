//! Members to a contract's JSON Schema, and to the rules of a mapping's `fields`.

use super::member::{Member, Shape};
use serde_json::{Map, Value, json};

/// The contract of a record.
pub fn contract(file: &str, title: &str, comment: &[String], members: &[Member]) -> Value {
    let mut words = Map::new();
    words.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    words.insert("$id".into(), file.into());
    words.insert("$comment".into(), comment.join(" ").into());
    words.insert("title".into(), title.into());
    words.extend(object(members));
    Value::Object(words)
}

fn object(members: &[Member]) -> Map<String, Value> {
    let mut words = Map::new();
    words.insert("type".into(), "object".into());
    words.insert("additionalProperties".into(), false.into());
    let required: Vec<&str> = members.iter().filter(|m| m.required).map(|m| m.name.as_str()).collect();
    if !required.is_empty() {
        words.insert("required".into(), json!(required));
    }
    let properties: Map<String, Value> =
        members.iter().map(|member| (member.name.clone(), Value::Object(property(member)))).collect();
    words.insert("properties".into(), Value::Object(properties));
    words
}

fn property(member: &Member) -> Map<String, Value> {
    let mut words = shape(&member.shape);
    if member.nullable {
        if let Some(choices) = words.get_mut("enum").and_then(Value::as_array_mut) {
            choices.push(Value::Null);
        } else {
            let kind = words.get("type").cloned().unwrap_or_default();
            words.insert("type".into(), json!([kind, "null"]));
        }
        words.remove("default");
    }
    if member.read_only {
        words.insert("readOnly".into(), true.into());
    }
    if let Some(text) = &member.description {
        words.insert("description".into(), text.as_str().into());
    }
    words
}

fn shape(shape: &Shape) -> Map<String, Value> {
    let list = |items: Map<String, Value>| {
        let mut words = Map::new();
        words.insert("type".into(), "array".into());
        words.insert("items".into(), Value::Object(items));
        words
    };
    match shape {
        Shape::Scalar(words) => words.clone(),
        Shape::Object(members) => object(members),
        Shape::List(items) => list(self::shape(items)),
        Shape::Rows(_, members) => list(object(members)),
        Shape::Free => std::iter::once(("type".to_owned(), Value::from("object"))).collect(),
    }
}

/// The rules of `fields`.
pub fn fields(members: &[Member]) -> Map<String, Value> {
    let mut rules = Map::new();
    rule_all(members, "", "", &mut rules);
    rules
}

fn rule_all(members: &[Member], name: &str, place: &str, rules: &mut Map<String, Value>) {
    for member in members {
        let name = format!("{name}{}", member.name);
        let place = joined(place, &member.place);
        match &member.shape {
            Shape::Object(inner) if !inner.is_empty() && !member.whole => {
                rule_all(inner, &format!("{name}."), &place, rules);
            }
            _ => drop(rules.insert(name, rule(member, &place))),
        }
    }
}

/// A place within another.
fn joined(outer: &str, step: &str) -> String {
    match step {
        _ if outer.is_empty() => step.to_owned(),
        // The text of an element: at the beginning of a path the sign means all of it.
        "[\"$\"]" => format!("{outer}.$"),
        step => format!("{outer}.{step}"),
    }
}

fn rule(member: &Member, place: &str) -> Value {
    let items = |members: &[Member]| -> Map<String, Value> {
        members.iter().map(|member| (member.name.clone(), rule(member, &member.place))).collect()
    };
    match &member.shape {
        Shape::List(inner) => match &**inner {
            Shape::Scalar(_) => json!({ "each": place, "from": "$" }),
            Shape::Object(members) | Shape::Rows(_, members) => {
                json!({ "each": place, "fields": items(members) })
            }
            Shape::List(_) | Shape::Free => place.into(),
        },
        Shape::Rows(child, members) => json!({ "each": child, "fields": items(members) }),
        Shape::Scalar(_) | Shape::Object(_) | Shape::Free if member.rule.is_empty() => place.into(),
        Shape::Scalar(_) | Shape::Object(_) | Shape::Free => {
            let mut words = Map::new();
            words.insert("from".into(), place.into());
            words.extend(member.rule.clone());
            Value::Object(words)
        }
    }
}

/// A name of the source as a step of a path.
pub fn step(name: &str) -> String {
    if name.contains(['.', '[', ']']) || name.starts_with('$') || name.is_empty() {
        format!("[\"{name}\"]")
    } else {
        name.to_owned()
    }
}
