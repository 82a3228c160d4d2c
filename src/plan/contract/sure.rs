//! The part of a contract that a body can be held against in one walk, and be found valid beyond doubt. It never finds a body
//! wrong: what it doubts is the schema validator's to judge, which alone knows what to say.

use crate::value::decimal::Decimal;
use serde_json::{Map, Value as Json};

/// What a value can be.
#[derive(Debug)]
pub struct Sure {
    pub nullable: bool,
    pub is: Is,
}

#[derive(Debug)]
pub enum Is {
    Object(Object),
    List {
        item: Box<Sure>,
        /// The least and the most items.
        count: (usize, usize),
    },
    Text(Text),
    Number(Number),
    Boolean,
    OneOf(Box<[Box<str>]>),
    /// What the schema says of it is the validator's alone.
    Doubtful,
}

#[derive(Debug)]
pub struct Object {
    /// In the contract's order; no others are taken.
    pub members: Box<[Named]>,
    /// How many of them have to be there.
    pub required: usize,
}

#[derive(Debug)]
pub struct Named {
    pub name: Box<str>,
    pub required: bool,
    /// The system sets it: whether it may be sent depends on what for.
    pub read_only: bool,
    pub value: Sure,
}

#[derive(Debug)]
pub struct Text {
    /// The least and the most code points.
    pub length: (usize, usize),
    pub form: Form,
}

#[derive(Debug)]
pub enum Form {
    Any,
    Date,
    /// A pattern, or another format than a date: by the validator of this one value.
    By(Box<jsonschema::Validator>),
}

/// Bounds of a number, by its digits.
#[derive(Debug, Default)]
pub struct Number {
    pub whole: bool,
    pub least: Option<Decimal>,
    pub most: Option<Decimal>,
    pub above: Option<Decimal>,
    pub below: Option<Decimal>,
    /// The digits behind the point.
    pub places: Option<u8>,
}

/// Words that judge no value.
const TELLING: [&str; 9] =
    ["title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "xml", "$comment"];
/// Words that stand at the top of a file.
const HEADING: [&str; 3] = ["$schema", "$id", "$defs"];
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// More levels than a contract has: a schema within itself ends here.
const DEEP: usize = 32;

/// What a contract's schema says without doubt.
pub(super) fn compile(schema: &Json, options: &jsonschema::ValidationOptions<'_>) -> Sure {
    let known = schema.get("$schema").is_none_or(|dialect| dialect == DIALECT);
    let compiler = Compiler { root: schema, options };
    if known { compiler.sure(schema, 0) } else { DOUBTFUL }
}

const DOUBTFUL: Sure = Sure { nullable: false, is: Is::Doubtful };

struct Compiler<'a> {
    root: &'a Json,
    options: &'a jsonschema::ValidationOptions<'a>,
}

impl Compiler<'_> {
    fn sure(&self, schema: &Json, depth: usize) -> Sure {
        self.plain(schema, depth).unwrap_or(DOUBTFUL)
    }

    /// `None` where a word is not one of those that are understood here.
    fn plain(&self, schema: &Json, depth: usize) -> Option<Sure> {
        let words = schema.as_object().filter(|_| depth < DEEP)?;
        if words.contains_key("$ref") {
            only(words, &["$ref"], depth)?;
            return Some(self.sure(resolved(self.root, schema)?, depth + 1));
        }
        if let Some(choices) = words.get("enum") {
            return one_of(words, choices.as_array()?, depth);
        }
        let (kind, nullable) = kind(words.get("type")?)?;
        let is = match kind {
            "object" => self.object(words, depth)?,
            "array" => {
                only(words, &["type", "items", "minItems", "maxItems"], depth)?;
                let item = Box::new(self.sure(words.get("items")?, depth + 1));
                Is::List { item, count: bounds(words, "minItems", "maxItems")? }
            }
            "string" => self.text(schema, words, depth)?,
            "number" | "integer" => number(words, kind == "integer", depth)?,
            "boolean" => {
                only(words, &["type"], depth)?;
                Is::Boolean
            }
            _ => return None,
        };
        Some(Sure { nullable, is })
    }

    fn object(&self, words: &Map<String, Json>, depth: usize) -> Option<Is> {
        only(words, &["type", "properties", "required", "additionalProperties"], depth)?;
        // What is not named is never sure, so it does not matter what `additionalProperties` says.
        let properties = words.get("properties")?.as_object()?;
        let names = match words.get("required") {
            None => Vec::new(),
            Some(names) => names.as_array()?.iter().map(Json::as_str).collect::<Option<Vec<_>>>()?,
        };
        let named = |(name, schema): (&String, &Json)| {
            let says = resolved(self.root, schema).and_then(|schema| schema.get("readOnly")?.as_bool());
            let read_only = says.unwrap_or(false);
            let required = !read_only && names.contains(&name.as_str());
            Named { name: name.as_str().into(), required, read_only, value: self.sure(schema, depth + 1) }
        };
        let members: Box<[Named]> = properties.iter().map(named).collect();
        if names.iter().any(|name| !properties.contains_key(*name)) {
            return None;
        }
        let required = members.iter().filter(|member| member.required).count();
        Some(Is::Object(Object { members, required }))
    }

    fn text(&self, schema: &Json, words: &Map<String, Json>, depth: usize) -> Option<Is> {
        only(words, &["type", "minLength", "maxLength", "format", "pattern"], depth)?;
        let form = match (words.get("format").map(Json::as_str), words.get("pattern")) {
            (None, None) => Form::Any,
            (Some(Some("date")), None) => Form::Date,
            // A time has to have a zone here, which the schema does not say.
            (Some(Some("date-time")), _) => return None,
            _ => Form::By(Box::new(self.options.build(schema).ok()?)),
        };
        Some(Is::Text(Text { length: bounds(words, "minLength", "maxLength")?, form }))
    }
}

/// Nothing but these words, and those that judge nothing.
fn only(words: &Map<String, Json>, known: &[&str], depth: usize) -> Option<()> {
    let is_known = |name: &str| {
        known.contains(&name)
            || TELLING.contains(&name)
            || name.starts_with("x-")
            || (depth == 0 && HEADING.contains(&name))
    };
    words.keys().all(|name| is_known(name)).then_some(())
}

/// One type, and whether null is another.
fn kind(types: &Json) -> Option<(&str, bool)> {
    match types {
        Json::String(one) => Some((one, false)),
        Json::Array(several) => match several.as_slice() {
            [one] => Some((one.as_str()?, false)),
            [one, null] if null == "null" => Some((one.as_str()?, true)),
            [null, one] if null == "null" => Some((one.as_str()?, true)),
            _ => None,
        },
        _ => None,
    }
}

fn one_of(words: &Map<String, Json>, choices: &[Json], depth: usize) -> Option<Sure> {
    only(words, &["enum", "type"], depth)?;
    let (texts, null) = match words.get("type") {
        None => (true, true),
        Some(types) => kind(types).map(|(kind, nullable)| (kind == "string", nullable))?,
    };
    let nullable = null && choices.contains(&Json::Null);
    let texts: Box<[Box<str>]> =
        choices.iter().filter(|_| texts).filter_map(Json::as_str).map(Into::into).collect();
    Some(Sure { nullable, is: Is::OneOf(texts) })
}

fn number(words: &Map<String, Json>, whole: bool, depth: usize) -> Option<Is> {
    let bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
    only(words, &[&["type", "multipleOf"], &bounds[..]].concat(), depth)?;
    let mut found = [const { None }; 4];
    for (bound, place) in bounds.iter().zip(&mut found) {
        if let Some(limit) = words.get(*bound) {
            *place = Some(Decimal::parse(&limit.to_string())?);
        }
    }
    let places = match words.get("multipleOf") {
        None => None,
        Some(multiple) => Some(super::compile::scale(multiple)?),
    };
    let [least, most, above, below] = found;
    Some(Is::Number(Number { whole, least, most, above, below, places }))
}

/// The least and the most of something that is counted.
fn bounds(words: &Map<String, Json>, least: &str, most: &str) -> Option<(usize, usize)> {
    let of = |name: &str, otherwise: usize| match words.get(name) {
        None => Some(otherwise),
        Some(count) => usize::try_from(count.as_u64()?).ok(),
    };
    Some((of(least, 0)?, of(most, usize::MAX)?))
}

/// The schema behind a reference within the file.
fn resolved<'s>(root: &'s Json, schema: &'s Json) -> Option<&'s Json> {
    let mut schema = schema;
    for _ in 0..DEEP {
        let Some(reference) = schema.get("$ref") else { return Some(schema) };
        schema = root.pointer(reference.as_str()?.strip_prefix('#')?)?;
    }
    None
}
