//! Services that are described by a WSDL: operations are found, and every place that a mapping names is looked up in
//! the schema, so that a wrong name, a missing input or another cardinality is told before anything is called.

use super::Compiler;
use crate::{
    fault::{Diagnostic, mapping as m},
    plan::{
        compile::wsdl::{self, Choice, Complaint, Service, Wanted},
        http::{Call, Dialect, Format, call},
        reading::Reading,
        soap::{Element, Lost, Operation, Version},
        writing::Writing,
    },
    spec::{
        Doc,
        load::normal,
        words::{self, binding::Field},
    },
    value::path::{Path, Step},
};
use std::{path::Path as FilePath, sync::Arc};

/// A dialect's service, and which of its ports is meant.
pub(super) struct Described {
    service: Service,
    port: Option<String>,
    version: Option<Version>,
}

impl Compiler<'_> {
    /// Reads the descriptions of all dialects that speak SOAP.
    pub(super) fn services(&mut self) {
        let files = self.files;
        for doc in files.dialects.iter().filter(|doc| doc.words.format == words::dialect::Format::Soap) {
            let Some(soap) = &doc.words.soap else {
                let hint = Some("add `soap: { wsdl: ../wsdl/<name>.wsdl }`".into());
                let message = "nothing says where the service is described";
                doc.error(self.out, m::BAD_SERVICE, &["format"], message, hint);
                self.blamed.insert(doc.words.dialect.clone());
                continue;
            };
            let version = match soap.version.as_deref() {
                None => None,
                Some("1.1") => Some(Version::V11),
                Some("1.2") => Some(Version::V12),
                Some(other) => {
                    let message = format!("there is no SOAP {other}");
                    let hint = Some("write `\"1.1\"` or `\"1.2\"`".into());
                    doc.error(self.out, m::BAD_SERVICE, &["soap", "version"], message, hint);
                    continue;
                }
            };
            let folder = FilePath::new(&doc.file.name).parent().unwrap_or(FilePath::new(""));
            let main = normal(&folder.join(&soap.wsdl)).to_string_lossy().into_owned();
            if !files.services.contains_key(&main) {
                let known = files.services.keys().map(String::as_str);
                let hint = match crate::fault::nearest::nearest(&main, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        "save the WSDL below the folder of the mappings, and name it relative to this file"
                            .into()
                    }
                };
                let message = format!("there is no file `{main}`");
                doc.error(self.out, m::BAD_SERVICE, &["soap", "wsdl"], message, Some(hint));
                self.blamed.insert(doc.words.dialect.clone());
                continue;
            }
            let mut load = |name: &str| {
                let found = files.services.get(name).map(|file| Arc::from(file.text.as_str()));
                found.ok_or_else(|| "there is no such file below the folder of the mappings".to_owned())
            };
            match wsdl::read(&main, &mut load, Wanted::All) {
                Ok(service) => {
                    let described = Described { service, port: soap.port.clone(), version };
                    self.services.insert(doc.words.dialect.clone(), described);
                }
                Err(complaints) => {
                    self.complain(&complaints);
                    self.blamed.insert(doc.words.dialect.clone());
                }
            }
        }
    }

    /// What is wrong in a description, at its place.
    fn complain(&mut self, complaints: &[Complaint]) {
        for complaint in complaints {
            let file = self.files.services.get(&*complaint.file).cloned();
            let file = file
                .unwrap_or_else(|| crate::fault::SourceFile::new(complaint.file.to_string(), String::new()));
            let span = complaint.span.clone();
            let cure = if complaint.cure.is_empty() {
                "correct the file, or ask the service for a new one"
            } else {
                &complaint.cure
            };
            let told = Diagnostic::error(m::BAD_SERVICE, &file, span, complaint.message.clone());
            self.out.push(told.with_hint(cure.to_owned()));
        }
    }

    /// Gives a call the operation that it names. Whether all is well so far.
    pub(super) fn described(
        &mut self,
        doc: &Doc<words::Binding>,
        call: &mut Call,
        words: &words::call::Call,
    ) -> bool {
        let dialect = doc.words.dialect.as_deref().unwrap_or_default();
        let speaks = self.dialects.get(dialect).is_some_and(|dialect| dialect.format == Format::Soap);
        let place = ["calls", call.name.as_str(), "soap"];
        let Some(name) = &words.soap else {
            if speaks && !words.form {
                let hint = Some("write `soap: <operation>`".into());
                let message = format!("the call `{}` names no operation of the service", call.name);
                doc.error_at_key(self.out, m::NO_OPERATION, &["calls", &call.name], message, hint);
            }
            return !speaks;
        };
        if !speaks {
            let hint = Some("call it by `get`, `post`, ..., or write `format: soap` in the dialect".into());
            let message = format!("the dialect `{dialect}` speaks no SOAP");
            doc.error(self.out, m::NO_OPERATION, &place, message, hint);
            return false;
        }
        let Some(described) = self.services.get(dialect) else { return false };
        let choice = Choice { service: None, port: described.port.as_deref(), version: described.version };
        match described.service.operation(name, choice) {
            Ok(operation) => {
                call.soap = Some(call::Described(Arc::new(operation)));
                true
            }
            Err(unknown) => {
                let complaints = unknown.complaints.clone();
                doc.error(self.out, m::NO_OPERATION, &place, unknown.message, Some(unknown.cure));
                self.complain(&complaints);
                false
            }
        }
    }

    /// The places of a record that an operation answers: each is in the schema, and of the cardinality that it says.
    pub(super) fn answered(
        &mut self,
        doc: &Doc<words::Binding>,
        reading: &Reading,
        call: &Call,
        is_list: bool,
    ) {
        let Some(soap) = &call.soap else { return };
        let operation = &soap.0;
        let place = ["calls", call.name.as_str(), "rows"];
        let mut top = dotted(&call.rows.at);
        match operation.find_output(&top) {
            Ok(found) if is_list && !found.many => {
                let message = format!("`{top}` stands at most once, and a list is expected");
                let hint = Some("name the element that repeats".into());
                doc.error(self.out, m::NOT_IN_SCHEMA, &place, message, hint);
                return;
            }
            Ok(found) if !is_list && found.many => {
                let message = format!("`{top}` is a list, and one record is expected");
                doc.error(self.out, m::NOT_IN_SCHEMA, &place, message, Some(format!("write `{top}[0]`")));
                return;
            }
            Ok(_) => {}
            Err(lost) => return self.lost(doc, &place, &lost),
        }
        if is_list {
            top.push_str("[]");
        }
        let top = joined(&top, &dotted(&call.rows.within));
        let mut bases: Vec<String> = Vec::new();
        for level in &reading.levels {
            let base = match level.within {
                None => top.clone(),
                Some((above, slot)) => {
                    let list =
                        reading.levels.get(usize::from(above)).and_then(|l| l.places.get(usize::from(slot)));
                    let list = list.map(dotted).unwrap_or_default();
                    let outer = bases.get(usize::from(above)).map_or("", String::as_str);
                    format!("{}[]", joined(outer, &list))
                }
            };
            for path in level.places.iter().filter(|path| !path.0.is_empty()) {
                let full = joined(&base, &dotted(path));
                let lists = reading.levels.iter().any(|inner| {
                    inner.within.is_some_and(|(above, slot)| {
                        let same =
                            reading.levels.get(usize::from(above)).map(|l| &l.places) == Some(&level.places);
                        same && level.places.get(usize::from(slot)) == Some(path)
                    })
                });
                let place = place_of(doc, path);
                let place: Vec<&str> = place.iter().map(String::as_str).collect();
                match operation.find_output(&full) {
                    Ok(found) if found.many && !lists => {
                        let message = format!("`{path}` is a list in the schema");
                        let hint = Some("read it with `each`, or name one of its elements: `[0]`".into());
                        doc.error(self.out, m::NOT_IN_SCHEMA, &place, message, hint);
                    }
                    Ok(found) if !found.many && lists => {
                        let message = format!("`{path}` stands at most once in the schema");
                        let hint = Some("read it with `from`".into());
                        doc.error(self.out, m::NOT_IN_SCHEMA, &place, message, hint);
                    }
                    Ok(_) => {}
                    Err(lost) => self.lost(doc, &place, &lost),
                }
            }
            bases.push(base);
        }
    }

    /// What an operation is sent: each place is in the schema, and what the schema requires is supplied.
    pub(super) fn supplied(
        &mut self,
        doc: &Doc<words::Binding>,
        dialect: &Dialect,
        call: &Call,
        writing: Option<&Writing>,
        more: &[Path],
    ) {
        let Some(soap) = &call.soap else { return };
        let operation = &soap.0;
        let mut given: Vec<String> = more.iter().map(dotted).collect();
        for (path, json) in &call.carries {
            let text = dotted(path);
            let name = path.to_string();
            if let Err(lost) = find(operation, &operation.input, &text) {
                self.lost(doc, &["calls", &call.name, "with", &name], &lost);
            }
            leaves(&text, json, &mut given);
        }
        for (path, json) in &dialect.always.body {
            leaves(&dotted(path), json, &mut given);
        }
        for rule in writing.iter().flat_map(|writing| &writing.rules) {
            let text = joined(&dotted(&call.inside), &dotted(&rule.path));
            if let Err(lost) = find(operation, &operation.input, &text) {
                let place = place_of(doc, &rule.path);
                let place: Vec<&str> = place.iter().map(String::as_str).collect();
                self.lost(doc, &place, &lost);
            }
            given.push(text);
        }
        let plain = |path: &str| path.replace("[]", "").replace("[0]", "");
        let given: Vec<String> = given.iter().map(|path| plain(path)).collect();
        for required in operation.required() {
            let wanted = plain(&required);
            let below = |path: &String| {
                *path == wanted
                    || path.starts_with(&format!("{wanted}."))
                    || wanted.starts_with(&format!("{path}."))
            };
            if !given.iter().any(below) {
                let message = format!("`{}` requires `{required}`, and nothing supplies it", operation.name);
                let hint = Some(format!("add `with: {{ {required}: ... }}`, or a field that writes it"));
                doc.error_at_key(self.out, m::INPUT_MISSING, &["calls", &call.name], message, hint);
            }
        }
    }

    fn lost(&mut self, doc: &Doc<words::Binding>, place: &[&str], lost: &Lost) {
        let hint = match lost {
            Lost::Unknown { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Lost::Unknown { known, .. } if !known.is_empty() => {
                let known: Vec<String> = known.iter().take(12).map(|name| format!("`{name}`")).collect();
                format!("the schema has {}", known.join(", "))
            }
            Lost::List { .. } => "read it with `each`, or name one of its elements: `[0]`".into(),
            Lost::Single { .. } => "read it with `from`, and without an index".into(),
            Lost::Unknown { .. } | Lost::Scalar { .. } => "look it up in the schema".into(),
            Lost::Syntax { .. } => super::calls::PATHS.into(),
        };
        let message = match lost {
            Lost::Unknown { at, .. } => format!("the schema has no `{at}`"),
            other => other.to_string(),
        };
        doc.error(self.out, m::NOT_IN_SCHEMA, place, message, Some(hint));
    }
}

fn find<'a>(operation: &'a Operation, element: &'a Element, path: &str) -> Result<(), Lost> {
    element.find(&operation.types, path).map(drop)
}

/// The places that JSON has values at.
fn leaves(base: &str, json: &call::Json, found: &mut Vec<String>) {
    match json {
        call::Json::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                leaves(&joined(base, name), value, found);
            }
        }
        _ => found.push(base.to_owned()),
    }
}

/// A path with dots and indexes, as the schema is asked for it.
fn dotted(path: &Path) -> String {
    path.0.iter().fold(String::new(), |all, step| match step {
        Step::Key(name) if all.is_empty() => name.to_string(),
        Step::Key(name) => format!("{all}.{name}"),
        Step::Index(index) => format!("{all}[{index}]"),
    })
}

fn joined(outer: &str, inner: &str) -> String {
    match (outer.is_empty(), inner.is_empty()) {
        (true, _) => inner.to_owned(),
        (_, true) => outer.to_owned(),
        _ => format!("{outer}.{inner}"),
    }
}

/// Where a file says a place: the field's `from` or `each`.
fn place_of(doc: &Doc<words::Binding>, path: &Path) -> Vec<String> {
    fn search(fields: &indexmap::IndexMap<String, Field>, path: &Path, at: &mut Vec<String>) -> bool {
        let same = |text: &str| Path::parse(text).is_ok_and(|known| known == *path);
        for (name, field) in fields {
            at.push("fields".into());
            at.push(name.clone());
            match field {
                Field::Place(text) if same(text) => return true,
                Field::Rule(rule) => {
                    for (key, text) in [("from", &rule.from), ("each", &rule.each)] {
                        if text.as_deref().is_some_and(same) {
                            at.push(key.into());
                            return true;
                        }
                    }
                    if search(&rule.fields, path, at) {
                        return true;
                    }
                }
                Field::Place(_) => {}
            }
            at.truncate(at.len() - 2);
        }
        false
    }
    let mut at = Vec::new();
    if search(&doc.words.fields, path, &mut at) { at } else { vec!["binds".into()] }
}
