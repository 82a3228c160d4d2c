//! JSON Schema to contract. It takes the part of the language that says what a record is: objects with
//! named members, lists, scalars, `enum`, `$ref` into `$defs`; the rest of the keywords is left to the validator.

use super::{Contract, Format, Kind, Label, Member, MemberId, sure};
use crate::{fault::Diagnostics, fault::mapping as m, fault::nearest::cure, spec::Doc, value::Value};
use serde_json::Value as Json;
use std::sync::Arc;

/// Words that mean the same in every API; no contract may use one for its own.
pub const RESERVED: &[&str] = &[
    "fields",
    "limit",
    "offset",
    "sort",
    "q",
    "count",
    "suppress_response_codes",
    "method",
    "response_code",
    "more_info",
    "metadata",
];

/// What a compiled pattern may take, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

struct Compiler<'a> {
    doc: &'a Doc<Json>,
    out: &'a mut Diagnostics,
    members: Vec<Member>,
}

/// Compiles one contract; `None` where a fault was found.
pub fn compile(name: &str, doc: &Doc<Json>, out: &mut Diagnostics) -> Option<Contract> {
    let before = out.errors();
    // Patterns without a memory of their own take time in proportion to the text, whatever a client sends.
    let patterns = jsonschema::PatternOptions::regex().size_limit(PATTERN_BYTES);
    let options = jsonschema::options().should_validate_formats(true).with_pattern_options(patterns);
    let validator = match options.build(&doc.words) {
        Ok(validator) => Some(validator),
        Err(error) => {
            let pointer = error.instance_path().to_string();
            let path: Vec<&str> = pointer.split('/').skip(1).collect();
            doc.error(out, m::BAD_SCHEMA, &path, format!("this is no valid JSON Schema: {error}"), Some("compare it with JSON Schema 2020-12; a `type` is one of string, number, integer, boolean, object, array, null".into()));
            None
        }
    };
    let mut compiler = Compiler { doc, out, members: Vec::new() };
    let top = compiler.object(&doc.words, None, "", &mut Vec::new(), false);
    let members = compiler.members;
    let title = doc.words.get("title").and_then(Json::as_str).unwrap_or_default().to_owned();
    if title.is_empty() {
        let hint = Some("the title is the type's name, for example `Pet`".into());
        doc.error(out, m::BAD_SCHEMA, &[], "the contract has no `title`", hint);
    }
    if out.errors() > before {
        return None;
    }
    Some(Contract {
        name: name.into(),
        title,
        members,
        top,
        validator: validator?,
        sure: sure::compile(&doc.words, &options),
        schema: Arc::clone(&doc.words),
    })
}

impl Compiler<'_> {
    fn error(&mut self, code: &'static str, place: &[String], message: String, hint: Option<String>) {
        let path: Vec<&str> = place.iter().map(String::as_str).collect();
        self.doc.error(self.out, code, &path, message, hint);
    }

    fn error_at_key(&mut self, code: &'static str, place: &[String], message: String, hint: String) {
        let path: Vec<&str> = place.iter().map(String::as_str).collect();
        self.doc.error_at_key(self.out, code, &path, message, Some(hint));
    }

    /// The schema behind a `$ref` within the file; a schema without one is itself. Circles end in a fault.
    fn resolve(&mut self, schema: &Json, place: &[String]) -> Json {
        let mut schema = schema.clone();
        for _ in 0..8 {
            let Some(reference) = schema.get("$ref").and_then(Json::as_str) else { return schema };
            match reference.strip_prefix('#').and_then(|pointer| self.doc.words.pointer(pointer)) {
                Some(target) if place.len() < 100 => schema = target.clone(),
                _ => break,
            }
        }
        let hint =
            Some("`$ref` points into this file, for example `#/$defs/address`, and not in a circle".into());
        self.error(m::UNSUPPORTED_SCHEMA, place, "this `$ref` leads nowhere".into(), hint);
        Json::Null
    }

    /// Adds an object's members and hands out their numbers.
    fn object(
        &mut self,
        schema: &Json,
        parent: Option<MemberId>,
        prefix: &str,
        place: &mut Vec<String>,
        in_list: bool,
    ) -> Vec<MemberId> {
        let schema = self.resolve(schema, place);
        let Some(properties) = schema.get("properties").and_then(Json::as_object) else {
            self.error(
                m::BAD_SCHEMA,
                place,
                "an object of a contract names its `properties`".into(),
                Some("add `properties`".into()),
            );
            return Vec::new();
        };
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        let mut ids = Vec::new();
        for (name, property) in properties {
            place.push("properties".into());
            place.push(name.clone());
            self.check_name(name, place);
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            let is_required = required.contains(&name.as_str());
            ids.push(self.member(name, &path, property, parent, is_required, place, in_list));
            place.truncate(place.len() - 2);
        }
        for (at, name) in required.into_iter().enumerate() {
            if !properties.contains_key(name) {
                let here: Vec<String> =
                    place.iter().cloned().chain(["required".to_owned(), at.to_string()]).collect();
                let hint = cure(name, properties.keys().map(String::as_str));
                let message = format!("`required` names `{name}`, which is no property");
                self.error(m::BAD_SCHEMA, &here, message, Some(hint));
            }
        }
        ids
    }

    fn check_name(&mut self, name: &str, place: &[String]) {
        if RESERVED.contains(&name) {
            let hint = "these words mean the same in every API; choose another name".to_owned();
            self.error_at_key(m::RESERVED, place, format!("`{name}` is a reserved word"), hint);
        }
        let camel = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric());
        if !camel && !RESERVED.contains(&name) {
            let hint = "members are lowerCamelCase, for example `birthDate`".to_owned();
            self.error_at_key(m::NOT_CAMEL, place, format!("`{name}` is not lowerCamelCase"), hint);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one place, walked down with its context")]
    fn member(
        &mut self,
        name: &str,
        path: &str,
        schema: &Json,
        parent: Option<MemberId>,
        required: bool,
        place: &mut Vec<String>,
        in_list: bool,
    ) -> MemberId {
        let id = self.members.len() as MemberId;
        let schema = &self.resolve(schema, place);
        let truth = |key: &str| schema.get(key).and_then(Json::as_bool).unwrap_or(false);
        let (kind, nullable) = self.kind(schema, place);
        let mut label = Label::new(name);
        if let Some(xml) = schema.get("xml").and_then(|x| x.get("name")).and_then(Json::as_str) {
            label.xml = xml.into();
        }
        let items = schema.get("items");
        if let Some(xml) = items.and_then(|i| i.get("xml")).and_then(|x| x.get("name")).and_then(Json::as_str)
        {
            label.item = xml.into();
        }
        self.members.push(Member {
            id,
            parent,
            name: name.into(),
            path: path.into(),
            label,
            kind: kind.clone(),
            nullable,
            required,
            read_only: truth("readOnly"),
            write_only: truth("writeOnly"),
            default: schema.get("default").map(Value::from),
            children: Vec::new(),
            end: id + 1,
            in_list,
        });
        let children = match (&kind, items) {
            (Kind::Object, _) => self.object(schema, Some(id), path, place, in_list),
            (Kind::List(None), Some(items)) => {
                place.push("items".into());
                let ids = self.object(items, Some(id), path, place, true);
                place.pop();
                ids
            }
            _ => Vec::new(),
        };
        let end = self.members.len() as MemberId;
        if let Some(member) = self.members.get_mut(usize::from(id)) {
            member.children = children;
            member.end = end;
        }
        id
    }

    /// The kind, and whether `null` is among the types.
    fn kind(&mut self, schema: &Json, place: &mut Vec<String>) -> (Kind, bool) {
        let schema = &self.resolve(schema, place);
        let mut types: Vec<&str> = match schema.get("type") {
            Some(Json::String(one)) => vec![one],
            Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        let choices = schema.get("enum").and_then(Json::as_array);
        let mut nullable = types.contains(&"null");
        types.retain(|t| *t != "null");
        if let Some(choices) = choices {
            nullable |= choices.contains(&Json::Null);
            let texts: Vec<Box<str>> = choices.iter().filter_map(Json::as_str).map(Into::into).collect();
            let others = choices.iter().filter(|c| !c.is_string() && !c.is_null()).count();
            if others > 0 {
                self.error(
                    m::UNSUPPORTED_SCHEMA,
                    place,
                    "`enum` can hold texts and null here".into(),
                    Some("write texts, and let the mapping translate the codes".into()),
                );
            }
            return (Kind::Enum(texts), nullable);
        }
        let format = match schema.get("format").and_then(Json::as_str) {
            Some("date") => Format::Date,
            Some("date-time") => Format::DateTime,
            _ => Format::Plain,
        };
        let kind = match types.as_slice() {
            ["string"] => Kind::Text(format),
            ["integer"] => Kind::Integer,
            ["boolean"] => Kind::Boolean,
            ["number"] => Kind::Number(schema.get("multipleOf").and_then(scale)),
            ["object"] if schema.get("properties").is_some() => Kind::Object,
            ["object"] => Kind::Free,
            ["array"] => {
                place.push("items".into());
                let list = match schema.get("items") {
                    None => {
                        self.error(
                            m::UNSUPPORTED_SCHEMA,
                            place,
                            "a list says what its `items` are".into(),
                            Some("add `items`".into()),
                        );
                        Kind::Free
                    }
                    Some(items) => match self.kind(items, place).0 {
                        Kind::Object => Kind::List(None),
                        Kind::List(_) => {
                            let hint = Some("put an object between them".to_owned());
                            self.error(
                                m::UNSUPPORTED_SCHEMA,
                                place,
                                "a list of lists has no public form".into(),
                                hint,
                            );
                            Kind::Free
                        }
                        scalar => Kind::List(Some(Box::new(scalar))),
                    },
                };
                place.pop();
                list
            }
            _ => {
                let hint = Some("say one `type` (and perhaps `null`), or an `enum`".to_owned());
                self.error(m::UNSUPPORTED_SCHEMA, place, "the member's type is not clear".into(), hint);
                Kind::Free
            }
        };
        (kind, nullable)
    }
}

/// The digits after the point of a `multipleOf` that is a power of ten.
pub(super) fn scale(multiple: &Json) -> Option<u8> {
    let text = multiple.to_string();
    match text.split_once('.') {
        None if text == "1" => Some(0),
        Some(("0", fraction)) if fraction.trim_start_matches('0') == "1" => u8::try_from(fraction.len()).ok(),
        _ => None,
    }
}
