//! JSON Schema (2020-12) to a shape. It takes schemas that have been compiled to a validator before, and
//! fetches nothing: a `$ref` leads into its own file or nowhere.

use super::{
    Field, Kind, List, Map, Shape,
    merge::{names, narrow},
};
use crate::translate::sample::{number::Number, text::Text, words};
use crate::value::{Value, decimal::Decimal};
use serde_json::Value as Json;

/// Deeper than any contract; a schema that refers to itself ends here.
const MAX_DEPTH: usize = 12;

type Schema = serde_json::Map<String, Json>;

struct Compiler<'a> {
    root: &'a Json,
}

pub fn compile(root: &Json) -> Shape {
    let compiler = Compiler { root };
    let title = root.get("title").and_then(Json::as_str).unwrap_or_default();
    compiler.shape(title, compiler.flat(root, 0), 0)
}

// === impl Compiler ===

impl Compiler<'_> {
    /// The schema with what it refers to, and with all parts of its `allOf`.
    fn flat(&self, schema: &Json, depth: usize) -> Schema {
        let mut flat = schema.as_object().cloned().unwrap_or_default();
        if depth > MAX_DEPTH {
            return flat;
        }
        if let Some(Json::String(reference)) = flat.remove("$ref") {
            let target = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            if let Some(target) = target {
                narrow(&mut flat, self.flat(target, depth + 1));
            }
        }
        if let Some(Json::Array(parts)) = flat.remove("allOf") {
            for part in &parts {
                narrow(&mut flat, self.flat(part, depth + 1));
            }
        }
        flat
    }

    fn inner(&self, name: &str, schema: &Json, depth: usize) -> Shape {
        self.shape(name, self.flat(schema, depth), depth + 1)
    }

    fn shape(&self, name: &str, mut schema: Schema, depth: usize) -> Shape {
        let examples = schema.remove("examples");
        let default = schema.remove("default");
        let (kind, nullable) = self.kind(name, &schema, depth);
        let mut shape = Shape::plain(name, kind);
        shape.nullable = nullable;
        let examples = examples.as_ref().and_then(Json::as_array).into_iter().flatten();
        let examples = examples.map(|example| shape.settle(Value::from(example)));
        shape.examples = examples.filter(|example| shape.could_be(example)).collect();
        shape.default = default.map(|value| shape.settle(Value::from(&value)));
        shape
    }

    /// The kind, and whether null may stand there, too.
    fn kind(&self, name: &str, schema: &Schema, depth: usize) -> (Kind, bool) {
        if depth > MAX_DEPTH {
            return (Kind::Null, true);
        }
        for word in ["oneOf", "anyOf"] {
            if let Some(branches) = schema.get(word).and_then(Json::as_array) {
                return self.branches(name, schema, word, branches, depth);
            }
        }
        let said = schema.get("type").map(names).unwrap_or_default();
        let choices = match (schema.get("const"), schema.get("enum")) {
            (Some(one), _) => Some(vec![one]),
            (None, Some(Json::Array(several))) => Some(several.iter().collect()),
            _ => None,
        };
        if let Some(mut choices) = choices {
            choices.retain(|choice| said.is_empty() || said.iter().any(|name| is_of(choice, name)));
            let nullable = choices.iter().any(|choice| choice.is_null());
            let rest: Vec<Value> = choices.into_iter().filter(|c| !c.is_null()).map(Value::from).collect();
            return if rest.is_empty() { (Kind::Null, true) } else { (Kind::Choice(rest), nullable) };
        }
        let nullable = said.contains(&"null");
        let mut types: Vec<&str> = said.into_iter().filter(|name| *name != "null").collect();
        if types.is_empty() && !nullable {
            types.extend(guess(schema));
        }
        // A whole number is a number: one of the two says all.
        if types.contains(&"number") {
            types.retain(|name| *name != "integer");
        }
        let kind = match types.as_slice() {
            [] if nullable => Kind::Null,
            [] => Kind::Free,
            [one] => self.typed(name, one, schema, depth),
            several => {
                let shapes =
                    several.iter().map(|one| Shape::plain(name, self.typed(name, one, schema, depth)));
                Kind::Either(shapes.collect())
            }
        };
        (kind, nullable)
    }

    fn typed(&self, name: &str, of: &str, schema: &Schema, depth: usize) -> Kind {
        let count = |key: &str| schema.get(key).and_then(whole);
        match of {
            "string" => Kind::Text(Text::of(schema)),
            "integer" => Kind::Number(Number::of(schema, true)),
            "number" => Kind::Number(Number::of(schema, false)),
            "boolean" => Kind::Boolean,
            "object" if schema.contains_key("properties") => Kind::Object(self.fields(name, schema, depth)),
            "object" => Kind::Map(Map {
                least: count("minProperties").unwrap_or(0),
                most: count("maxProperties"),
                values: match schema.get("additionalProperties") {
                    Some(Json::Bool(false)) => None,
                    values => Some(Box::new(self.inner("", values.unwrap_or(&Json::Bool(true)), depth))),
                },
            }),
            "array" => Kind::List(List {
                items: Box::new(self.inner(name, schema.get("items").unwrap_or(&Json::Bool(true)), depth)),
                least: count("minItems").unwrap_or(0),
                most: count("maxItems"),
                unique: schema.get("uniqueItems") == Some(&Json::Bool(true)),
            }),
            _ => Kind::Null,
        }
    }

    fn fields(&self, owner: &str, schema: &Schema, depth: usize) -> Vec<Field> {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        let mut fields = Vec::new();
        for (name, property) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
            // `false` says that the member never stands there.
            if property != &Json::Bool(false) {
                let required = required.contains(&name.as_str());
                let meaning = words::known_as(owner, name);
                fields.push(Field {
                    name: name.clone(),
                    required,
                    shape: self.inner(&meaning, property, depth),
                });
            }
        }
        for name in required {
            if !fields.iter().any(|field| field.name == name) {
                let shape = self.inner(name, &Json::Bool(true), depth);
                fields.push(Field { name: name.to_owned(), required: true, shape });
            }
        }
        fields
    }

    /// Each branch together with what stands around it.
    fn branches(&self, name: &str, schema: &Schema, word: &str, all: &[Json], depth: usize) -> (Kind, bool) {
        let mut around = schema.clone();
        around.remove(word);
        let mut shapes = Vec::new();
        let mut nullable = false;
        for branch in all {
            let mut joined = around.clone();
            narrow(&mut joined, self.flat(branch, depth + 1));
            let shape = self.shape(name, joined, depth + 1);
            nullable |= shape.nullable;
            if !matches!(shape.kind, Kind::Null) {
                shapes.push(shape);
            }
        }
        if shapes.is_empty() { (Kind::Null, true) } else { (Kind::Either(shapes), nullable) }
    }
}

/// The type that the keywords of a schema without `type` are about.
fn guess(schema: &Schema) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|word| schema.contains_key(*word));
    if has(&["properties", "required", "additionalProperties"]) {
        Some("object")
    } else if has(&["items", "minItems", "maxItems"]) {
        Some("array")
    } else if has(&["pattern", "format", "minLength", "maxLength"]) {
        Some("string")
    } else if has(&["minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"]) {
        Some("number")
    } else {
        None
    }
}

fn is_of(value: &Json, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => whole(value).is_some() || value.is_i64(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        _ => false,
    }
}

/// A count; schemas may say `3.0` for three.
pub fn whole(value: &Json) -> Option<usize> {
    let text = Decimal::parse(&value.as_number()?.to_string())?.to_text(Some(0))?;
    text.parse().ok()
}
