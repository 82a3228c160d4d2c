//! Schemas of an `OpenAPI` document to the members of a record. What has no public form becomes free JSON, with a note.

use super::document::Document;
use crate::import::{
    contract::step,
    member::{Member, Shape, scalar},
    names,
};
use serde_json::{Map, Value};

/// No record of a public API nests deeper; what does is free JSON.
const DEEPEST: usize = 4;

/// An object's properties, those of all that it is made of.
#[derive(Debug, Default, Clone)]
pub struct Flat<'a> {
    pub properties: Vec<(&'a str, &'a Value)>,
    pub required: Vec<&'a str>,
}

impl<'a> Flat<'a> {
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.properties.iter().find(|(known, _)| *known == name).map(|(_, schema)| *schema)
    }

    fn add(&mut self, other: Self) {
        for (name, schema) in other.properties {
            match self.properties.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = schema,
                None => self.properties.push((name, schema)),
            }
        }
        self.required.extend(other.required);
    }
}

/// The properties of a schema that is an object; none of any other.
pub fn flat<'a>(doc: &'a Document, schema: &'a Value) -> Flat<'a> {
    flattened(doc, schema, 0)
}

fn flattened<'a>(doc: &'a Document, schema: &'a Value, depth: usize) -> Flat<'a> {
    let mut found = Flat::default();
    if depth > DEEPEST {
        return found;
    }
    let (schema, _) = doc.resolve(schema);
    for part in listed(schema, "allOf") {
        found.add(flattened(doc, part, depth + 1));
    }
    let alternatives = alternatives(doc, schema);
    let parts: Vec<Flat<'_>> = alternatives.iter().map(|part| flattened(doc, part, depth + 1)).collect();
    if parts.iter().all(|part| !part.properties.is_empty()) {
        let everywhere = |name: &&str| parts.iter().all(|part| part.required.contains(name));
        let required: Vec<&str> =
            parts.first().map_or(Vec::new(), |p| p.required.iter().copied().filter(everywhere).collect());
        for part in parts {
            found.add(Flat { required: Vec::new(), ..part });
        }
        found.required.extend(required);
    }
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let own = properties.map(|(name, schema)| (name.as_str(), schema)).collect();
    let required = listed(schema, "required").iter().filter_map(Value::as_str).collect();
    found.add(Flat { properties: own, required });
    found
}

fn listed<'a>(schema: &'a Value, key: &str) -> &'a [Value] {
    schema.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The schemas of which one holds, without `null`.
fn alternatives<'a>(doc: &'a Document, schema: &'a Value) -> Vec<&'a Value> {
    let all = listed(schema, "oneOf").iter().chain(listed(schema, "anyOf"));
    all.filter(|part| doc.resolve(part).0.get("type").is_none_or(|kind| kind != "null")).collect()
}

/// The name of what a schema is: its reference, or that of the one part that it is made of.
fn reference<'a>(doc: &'a Document, schema: &'a Value) -> Option<&'a str> {
    let (words, name) = doc.resolve(schema);
    name.or_else(|| match parts(doc, words).as_slice() {
        [one] if words.get("properties").is_none() => doc.resolve(one).1,
        _ => None,
    })
}

/// What a schema without a type of its own is made of.
fn parts<'a>(doc: &'a Document, schema: &'a Value) -> Vec<&'a Value> {
    let found = alternatives(doc, schema);
    if found.is_empty() { listed(schema, "allOf").iter().collect() } else { found }
}

/// The one type of a schema, `null` aside; what is not said follows from what else is.
pub fn kind<'a>(doc: &'a Document, schema: &'a Value) -> &'a str {
    let (schema, _) = doc.resolve(schema);
    let said = match schema.get("type") {
        Some(Value::String(kind)) => Some(kind.as_str()),
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
            kinds.next().filter(|_| kinds.next().is_none())
        }
        _ => None,
    };
    let has = |key: &str| schema.get(key).is_some();
    match said {
        Some(kind) => kind,
        None if has("type") => "",
        None if has("properties") || has("allOf") && !flat(doc, schema).properties.is_empty() => "object",
        None if has("items") => "array",
        None if has("enum") || has("const") || has("pattern") => "string",
        None => match parts(doc, schema).as_slice() {
            [first, rest @ ..] if rest.iter().all(|part| kind(doc, part) == kind(doc, first)) => {
                kind(doc, first)
            }
            _ => "",
        },
    }
}

/// Whether `null` is among what it allows.
fn nullable(doc: &Document, schema: &Value) -> bool {
    let null = |value: &Value| value == "null";
    let truth = |key: &str| schema.get(key).and_then(Value::as_bool) == Some(true);
    let alternatives = listed(schema, "oneOf").iter().chain(listed(schema, "anyOf"));
    let mut parts = alternatives.map(|part| doc.resolve(part).0);
    truth("nullable")
        || truth("x-nullable")
        || schema
            .get("type")
            .is_some_and(|kind| null(kind) || kind.as_array().is_some_and(|all| all.iter().any(null)))
        || listed(schema, "enum").contains(&Value::Null)
        || parts.any(|part| part.get("type").is_some_and(null) || truth_of(part))
}

fn truth_of(schema: &Value) -> bool {
    schema.get("nullable").and_then(Value::as_bool) == Some(true)
}

/// Whether each of its types is one of single values.
fn is_single(schema: &Value) -> bool {
    let kinds = listed(schema, "type").iter().filter_map(Value::as_str);
    let mut kinds = kinds.filter(|kind| *kind != "null").peekable();
    kinds.peek().is_some() && kinds.all(|kind| ["string", "integer", "number"].contains(&kind))
}

/// Makes members of schemas, and keeps what has to be said of it.
#[derive(Debug)]
pub struct Shapes<'a> {
    doc: &'a Document,
    /// The references that lead here: one that comes again is a circle.
    open: Vec<&'a str>,
    pub notes: Vec<String>,
}

impl<'a> Shapes<'a> {
    pub fn new(doc: &'a Document) -> Self {
        Self { doc, open: Vec::new(), notes: Vec::new() }
    }

    /// The members of a record of this name.
    pub fn record(&mut self, schema: &'a Value, owner: &str) -> Vec<Member> {
        self.open = reference(self.doc, schema).into_iter().collect();
        self.members(schema, owner, "")
    }

    /// The members of an object of this name.
    fn members(&mut self, schema: &'a Value, owner: &str, place: &str) -> Vec<Member> {
        let flat = flat(self.doc, schema);
        let mut taken = names::Members::of(owner);
        let mut members = Vec::new();
        for (name, schema) in &flat.properties {
            let (words, _) = self.doc.resolve(schema);
            let truth = |key: &str| {
                let of = |value: &Value| value.get(key).and_then(Value::as_bool) == Some(true);
                of(words) || of(schema)
            };
            let full = if place.is_empty() { (*name).to_owned() } else { format!("{place}.{name}") };
            if truth("writeOnly") {
                self.notes.push(format!("`{full}` is left out: it can be sent and is never given back."));
                continue;
            }
            let public = taken.name(name);
            if public != *name && names::words(name).len() == names::words(&public).len() - 1 {
                self.notes.push(format!(
                    "`{full}` is `{public}` here: its own name means something else in every API."
                ));
            }
            let shape = self.shape(schema, name, &full);
            let mut member = Member::new(public, step(name), shape);
            member.nullable = nullable(self.doc, words) || nullable(self.doc, schema);
            member.required = flat.required.contains(name);
            member.read_only = truth("readOnly");
            member.description = text(schema, words);
            members.push(member);
        }
        members
    }

    fn shape(&mut self, schema: &'a Value, name: &str, place: &str) -> Shape {
        let (words, _) = self.doc.resolve(schema);
        let reference = reference(self.doc, schema);
        if let Some(reference) = reference {
            if self.open.contains(&reference) || self.open.len() > DEEPEST {
                self.notes.push(format!("`{place}` leads back to what it stands in: it is free JSON."));
                return Shape::Free;
            }
            self.open.push(reference);
        }
        let depth = place.matches('.').count();
        let shape = match kind(self.doc, words) {
            "object" if depth < DEEPEST => {
                let members = self.members(words, name, place);
                if members.is_empty() { Shape::Free } else { Shape::Object(members) }
            }
            "array" if depth < DEEPEST => self.list(words, name, place),
            "object" | "array" => Shape::Free,
            "" if is_single(words) => {
                self.notes
                    .push(format!("`{place}` can be of several types: it is a text here. Decide: one type."));
                Shape::Scalar(scalar("string"))
            }
            "" => {
                self.notes.push(format!(
                    "Decide: `{place}` has no clear type; it is taken for an object or a list."
                ));
                Shape::Free
            }
            kind => Shape::Scalar(self.single(words, kind, place)),
        };
        if reference.is_some() {
            self.open.pop();
        }
        shape
    }

    fn list(&mut self, words: &'a Value, name: &str, place: &str) -> Shape {
        let Some(items) = words.get("items").filter(|items| items.is_object()) else {
            return Shape::List(Box::new(Shape::Free));
        };
        Shape::List(Box::new(self.shape(items, &names::singular(name), place)))
    }

    /// A scalar's keywords: those that mean the same here as there.
    fn single(&mut self, words: &'a Value, kind: &str, place: &str) -> Map<String, Value> {
        // The parts of a schema that is put together say one thing each.
        let words = match parts(self.doc, words).as_slice() {
            [one] => self.doc.resolve(one).0,
            _ => words,
        };
        let mut out = Map::new();
        let texts: Vec<&Value> =
            listed(words, "enum").iter().chain(words.get("const")).filter(|v| v.is_string()).collect();
        if kind == "string" && !texts.is_empty() {
            let mut distinct: Vec<&Value> = Vec::new();
            for text in texts {
                if !distinct.contains(&text) {
                    distinct.push(text);
                }
            }
            let default = words.get("default").filter(|value| distinct.contains(value)).cloned();
            out.insert("enum".into(), distinct.into_iter().cloned().collect());
            out.extend(default.map(|value| ("default".to_owned(), value)));
            return out;
        }
        let kind = if ["string", "integer", "number", "boolean"].contains(&kind) { kind } else { "string" };
        out.extend(scalar(kind));
        match kind {
            "string" => self.text(words, place, &mut out),
            "integer" | "number" => number(words, kind, &mut out),
            _ => {}
        }
        let fits = |value: &&Value| match kind {
            "string" => value.is_string(),
            "integer" => value.is_i64(),
            "number" => value.is_number(),
            _ => value.is_boolean(),
        };
        out.extend(words.get("default").filter(fits).map(|value| ("default".to_owned(), value.clone())));
        // An example shows what a record looks like; where the text has a form it may be an old one.
        let example = words.get("example").or_else(|| words.get("examples")?.as_array()?.first());
        if let Some(example) =
            example.filter(fits).filter(|_| !out.contains_key("pattern") && !out.contains_key("format"))
        {
            out.insert("examples".into(), Value::Array(vec![example.clone()]));
        }
        out
    }

    fn text(&mut self, words: &Value, place: &str, out: &mut Map<String, Value>) {
        let known = ["date", "date-time", "email", "uri", "uuid"];
        let format = words.get("format").and_then(Value::as_str).filter(|format| known.contains(format));
        let dated = format.is_some_and(|format| format.starts_with("date"));
        out.extend(format.map(|format| ("format".to_owned(), format.into())));
        for key in ["minLength", "maxLength"] {
            out.extend(
                words.get(key).filter(|v| v.is_u64() && !dated).map(|value| (key.to_owned(), value.clone())),
            );
        }
        if let Some(pattern) = words.get("pattern").and_then(Value::as_str).filter(|_| format.is_none()) {
            if names::is_plain_pattern(pattern) {
                out.insert("pattern".into(), pattern.into());
            } else {
                self.notes.push(format!("The pattern of `{place}` is left out: `{pattern}`."));
            }
        }
    }
}

fn number(words: &Value, kind: &str, out: &mut Map<String, Value>) {
    let bounds = [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")];
    for (bound, exclusive) in bounds {
        let value = words.get(bound).filter(|value| value.is_number());
        match (value, words.get(exclusive)) {
            // Until version 3.0 a truth beside the bound says that it is not included.
            (Some(value), Some(Value::Bool(true))) => drop(out.insert(exclusive.into(), value.clone())),
            (_, Some(value)) if value.is_number() => drop(out.insert(exclusive.into(), value.clone())),
            (Some(value), _) => drop(out.insert(bound.into(), value.clone())),
            _ => {}
        }
    }
    let multiple = words.get("multipleOf").filter(|_| kind == "number");
    let decimal = |value: &&Value| {
        let text = value.to_string();
        text.strip_prefix("0.").is_some_and(|digits| digits.trim_start_matches('0') == "1")
    };
    out.extend(multiple.filter(decimal).map(|value| ("multipleOf".to_owned(), value.clone())));
}

/// The first sentence of a description.
fn text(schema: &Value, words: &Value) -> Option<String> {
    let said = schema.get("description").or_else(|| words.get("description"))?.as_str()?;
    let line = said.lines().find(|line| !line.trim().is_empty())?.trim();
    let short: String = line.chars().take(200).collect();
    Some(if short.len() < line.len() { format!("{short}…") } else { short })
}
