//! An `OpenAPI` document of version 2.0, 3.0 or 3.1 as a tree: its references, its paths, and of each operation its
//! parameters, bodies and answers, however its version says them. It judges no schema.

use crate::{
    fault::{Diagnostic, Diagnostics, SourceFile, mapping as m},
    spec::yaml,
};
use serde_json::Value;
use std::{path::Path, sync::Arc};

/// Nothing, where something was asked for that is not there.
static NOTHING: Value = Value::Null;
/// References that lead to references; more are a circle.
const MOST_HOPS: usize = 16;

#[derive(Debug)]
pub struct Document {
    pub file: Arc<SourceFile>,
    node: yaml::Node,
    pub json: Value,
    /// Version 2.0, which was called Swagger.
    pub old: bool,
}

/// One operation of a path.
#[derive(Debug, Clone, Copy)]
pub struct Operation<'a> {
    pub doc: &'a Document,
    pub path: &'a str,
    words: &'a Value,
    item: &'a Value,
}

/// A parameter of the query.
#[derive(Debug, Clone)]
pub struct Parameter<'a> {
    pub name: &'a str,
    pub required: bool,
    /// What it takes; of version 2.0 the parameter itself.
    pub schema: &'a Value,
    /// Several values are joined by a comma.
    pub joined: bool,
}

impl Document {
    pub fn read(path: &Path, out: &mut Diagnostics) -> Option<Self> {
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                let file = SourceFile::new(name, "");
                let hint = "name a file in YAML or JSON that can be read";
                out.push(
                    Diagnostic::error(
                        m::UNREADABLE,
                        &file,
                        0..0,
                        format!("this file cannot be read: {error}"),
                    )
                    .with_hint(hint),
                );
                return None;
            }
        };
        let file = SourceFile::new(name, text);
        let before = out.errors();
        let node = yaml::parse(&file, out)?;
        if out.errors() > before {
            return None;
        }
        let json = node.to_json();
        let version = |key: &str| {
            json.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let (old, known) = match (version("swagger"), version("openapi")) {
            (Some(version), None) => (true, version.starts_with('2')),
            (None, Some(version)) => (false, version.starts_with("3.0") || version.starts_with("3.1")),
            _ => (false, false),
        };
        if !known || !json.get("paths").is_some_and(Value::is_object) {
            let span = node.entries().first().map_or(0..0, |entry| entry.key_span.clone());
            let hint = "it begins with `openapi: 3.1.0` (or 3.0.x) or `swagger: \"2.0\"`, and has `paths`";
            out.push(
                Diagnostic::error(m::NOT_IMPORTABLE, &file, span, "this is no OpenAPI document")
                    .with_hint(hint),
            );
            return None;
        }
        let document = Self { file, node, json, old };
        document.references(&document.node, out);
        (out.errors() == before).then_some(document)
    }

    /// Every reference leads to something in this document.
    fn references(&self, node: &yaml::Node, out: &mut Diagnostics) {
        match &node.value {
            yaml::Value::List(items) => items.iter().for_each(|item| self.references(item, out)),
            yaml::Value::Map(entries) => {
                for entry in entries {
                    match &entry.node.value {
                        yaml::Value::Text(to) if entry.key == "$ref" => self.reference(to, &entry.node, out),
                        // An example is not read, whatever it holds.
                        _ if entry.key == "example" || entry.key == "examples" => {}
                        _ => self.references(&entry.node, out),
                    }
                }
            }
            _ => {}
        }
    }

    fn reference(&self, to: &str, node: &yaml::Node, out: &mut Diagnostics) {
        let (message, hint) = if !to.starts_with('#') {
            let cure =
                "put all into one file first, for example with `redocly bundle` or `swagger-cli bundle`";
            (format!("`{to}` leads out of this document"), cure)
        } else if self.pointed(to).is_none() {
            (format!("`{to}` leads to nothing"), "correct it, or add what it names to this document")
        } else {
            return;
        };
        out.push(
            Diagnostic::error(m::REFERENCE_OUTSIDE, &self.file, node.span.clone(), message).with_hint(hint),
        );
    }

    fn pointed(&self, reference: &str) -> Option<&Value> {
        let pointer =
            percent_encoding::percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?;
        self.json.pointer(&pointer)
    }

    /// What a value is, behind its references; with the name of the last one.
    pub fn resolve<'a>(&'a self, value: &'a Value) -> (&'a Value, Option<&'a str>) {
        let (mut value, mut name) = (value, None);
        for _ in 0..MOST_HOPS {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return (value, name) };
            name = Some(reference);
            value = self.pointed(reference).unwrap_or(&NOTHING);
        }
        (&NOTHING, name)
    }

    /// The value at a member, behind its references.
    pub fn get<'a>(&'a self, value: &'a Value, key: &str) -> &'a Value {
        value.get(key).map_or(&NOTHING, |value| self.resolve(value).0)
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.json
            .get("paths")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|paths| paths.keys().map(String::as_str))
    }

    /// The operation of this method (in lower case) at a path.
    pub fn operation<'a>(&'a self, path: &'a str, method: &str) -> Option<Operation<'a>> {
        let (key, item) = self.json.get("paths")?.as_object()?.get_key_value(path)?;
        let item = self.resolve(item).0;
        Some(Operation { doc: self, path: key, words: item.get(method)?, item })
    }

    /// A warning at a path of the document.
    pub fn left_out(&self, path: &str, message: String, hint: &str, out: &mut Diagnostics) {
        let span = self.node.find(&["paths", path]).key_span();
        out.push(Diagnostic::warning(m::LEFT_OUT, &self.file, span, message).with_hint(hint));
    }
}

impl<'a> Operation<'a> {
    /// The parameters of the query; those of the operation stand before those of the path.
    pub fn query(&self) -> Vec<Parameter<'a>> {
        self.parameters()
            .into_iter()
            .filter_map(|(place, parameter)| (place == "query").then_some(parameter))
            .collect()
    }

    fn parameters(&self) -> Vec<(&'a str, Parameter<'a>)> {
        let mut found: Vec<(&str, Parameter<'_>)> = Vec::new();
        for holder in [self.words, self.item] {
            for words in holder.get("parameters").and_then(Value::as_array).into_iter().flatten() {
                let words = self.doc.resolve(words).0;
                let text = |key| words.get(key).and_then(Value::as_str);
                let (Some(name), Some(place)) = (text("name"), text("in")) else { continue };
                if found.iter().any(|(known, parameter)| *known == place && parameter.name == name) {
                    continue;
                }
                let schema = words.get("schema").map_or(words, |schema| self.doc.resolve(schema).0);
                let joined = match text("collectionFormat") {
                    Some(format) => format == "csv",
                    None if self.doc.old => true,
                    None => words.get("explode").and_then(Value::as_bool) == Some(false),
                };
                let required = words.get("required").and_then(Value::as_bool).unwrap_or(false);
                found.push((place, Parameter { name, required, schema, joined }));
            }
        }
        found
    }

    fn answers(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let answers = self.words.get("responses").and_then(Value::as_object);
        let doc = self.doc;
        answers.into_iter().flatten().map(move |(status, answer)| (status.as_str(), doc.resolve(answer).0))
    }

    /// The first answer that means success.
    fn good(&self) -> Option<&'a Value> {
        let good = |status: &str| status.starts_with('2');
        let first = self.answers().find(|(status, answer)| good(status) && self.schema(answer).is_some());
        first
            .or_else(|| self.answers().find(|(status, _)| good(status) || *status == "default"))
            .map(|(_, answer)| answer)
    }

    /// The schema of what succeeds.
    pub fn answer(&self) -> Option<&'a Value> {
        self.schema(self.good()?)
    }

    /// The names of the headers of what succeeds.
    pub fn answer_headers(&self) -> Vec<&'a str> {
        let headers = self.good().and_then(|answer| answer.get("headers")).and_then(Value::as_object);
        headers.into_iter().flat_map(|headers| headers.keys().map(String::as_str)).collect()
    }

    /// The schemas of what fails.
    pub fn failures(&self) -> Vec<&'a Value> {
        let failing =
            self.answers().filter(|(status, _)| status.starts_with(['4', '5']) || *status == "default");
        failing.filter_map(|(_, answer)| self.schema(answer)).collect()
    }

    /// The schema of what is sent.
    pub fn body(&self) -> Option<&'a Value> {
        if !self.doc.old {
            return self.schema(self.doc.get(self.words, "requestBody"));
        }
        let all =
            [self.words, self.item].into_iter().filter_map(|holder| holder.get("parameters")?.as_array());
        let mut all = all.flatten().map(|words| self.doc.resolve(words).0);
        all.find(|words| words.get("in").is_some_and(|place| place == "body"))?.get("schema")
    }

    /// What must be proven to call it; nothing where it is as for all operations.
    pub fn security(&self) -> Option<&'a Value> {
        self.words.get("security")
    }

    /// The schema of a body in JSON, of whatever media type.
    fn schema(&self, holder: &'a Value) -> Option<&'a Value> {
        if self.doc.old {
            return holder.get("schema");
        }
        let content = holder.get("content")?.as_object()?;
        let json = |media: &str| media.contains("json") || media == "*/*";
        let (_, media) = content.iter().find(|(media, _)| json(media))?;
        media.get("schema")
    }
}
