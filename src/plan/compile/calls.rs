//! Calls: templates are supplied with what they need, parameters have their targets, answers their places.

use super::{Compiler, converters::constant};
use crate::{
    fault::{Diagnostics, mapping as m, nearest::cure},
    plan::{
        http::{
            Call, Condition, Method, Target, Template,
            call::{GraphQl, Json, Rows},
            rules::{Of, Test},
        },
        reading::Reading,
    },
    spec::{
        Doc,
        words::{self, OneOrMany},
    },
    value::{Value, path::Path},
};
use std::sync::Arc;

/// The cure of a path that is none.
pub(super) const PATHS: &str =
    "a path is names with dots between them, `[0]` for a place in a list, `$` for all of it";

/// What a call's blanks can be filled with.
pub(super) struct Inputs<'a> {
    /// Names that are known.
    pub names: &'a [String],
    /// Places of what is sent may be named, too.
    pub sent: bool,
}

pub(super) const NO_INPUTS: Inputs<'static> = Inputs { names: &[], sent: false };

/// Where a file's words are compiled, and where what is wrong with them goes.
pub(super) struct Site<'a, T> {
    pub doc: &'a Doc<T>,
    pub out: &'a mut Diagnostics,
}

impl<T> Site<'_, T> {
    /// A path of an answer or a body.
    pub(super) fn path(&mut self, place: &[&str], text: &str) -> Option<Path> {
        match Path::parse(text) {
            Ok(path) => Some(path),
            Err(wrong) => {
                self.doc.error(self.out, m::BAD_PLACE, place, wrong.to_string(), Some(PATHS.into()));
                None
            }
        }
    }

    pub(super) fn template(&mut self, place: &[&str], text: &str, inputs: &Inputs<'_>) -> Option<Template> {
        let template = match Template::parse(text) {
            Ok(template) => template,
            Err(wrong) => {
                let hint = Some("close it behind the name, for example `/pets/{id}`".into());
                self.doc.error(self.out, m::BAD_PLACE, place, wrong, hint);
                return None;
            }
        };
        let mut sound = true;
        for input in template.inputs() {
            sound &= self.supplied(place, input, inputs);
        }
        sound.then_some(template)
    }

    fn supplied(&mut self, place: &[&str], input: &str, inputs: &Inputs<'_>) -> bool {
        if inputs.sent || inputs.names.iter().any(|known| known == input) {
            return true;
        }
        let hint = match inputs.names {
            [] => "name a place that one of the fields reads, for example that of the key; this call is given none".into(),
            names => format!("this call is given {}", names.iter().map(|n| format!("`{{{n}}}`")).collect::<Vec<_>>().join(", ")),
        };
        self.doc.error(
            self.out,
            m::INPUT_MISSING,
            place,
            format!("nothing supplies `{{{input}}}`"),
            Some(hint),
        );
        false
    }

    /// JSON with blanks in its texts.
    pub(super) fn json(
        &mut self,
        place: &[&str],
        value: &serde_json::Value,
        inputs: &Inputs<'_>,
    ) -> Option<Json> {
        Some(match value {
            serde_json::Value::String(text) => Json::Text(self.template(place, text, inputs)?),
            serde_json::Value::Array(items) => {
                Json::List(items.iter().map(|item| self.json(place, item, inputs)).collect::<Option<_>>()?)
            }
            serde_json::Value::Object(members) => {
                let members = members.iter().map(|(n, v)| Some((n.clone(), self.json(place, v, inputs)?)));
                Json::Object(members.collect::<Option<_>>()?)
            }
            plain => Json::Plain(Value::from(plain)),
        })
    }

    /// Where a parameter goes: `query:`, `header:`, `body:` or `path:` say it, else `plain` does.
    pub(super) fn target(&mut self, place: &[&str], text: &str, plain: Plain) -> Option<Target> {
        if let Some(name) = text.strip_prefix("query:") {
            return Some(Target::Query(name.into()));
        }
        if let Some(name) = text.strip_prefix("header:") {
            return Some(Target::Header(name.to_ascii_lowercase().into()));
        }
        if let Some(name) = text.strip_prefix("path:") {
            return Some(Target::Path(name.into()));
        }
        if let Some(path) = text.strip_prefix("body:") {
            return self.path(place, path).map(Target::Body);
        }
        match plain {
            Plain::Query => Some(Target::Query(text.into())),
            Plain::Body => self.path(place, text).map(Target::Body),
        }
    }

    pub(super) fn conditions(
        &mut self,
        place: &[&str],
        words: &OneOrMany<words::answer::Condition>,
    ) -> Vec<Condition> {
        let mut found = Vec::new();
        for (at, words) in words.iter().enumerate() {
            let at = at.to_string();
            let listed = [place, &[at.as_str()]].concat();
            self.condition(&listed, words, &mut found);
        }
        found
    }

    fn condition(&mut self, place: &[&str], words: &words::answer::Condition, found: &mut Vec<Condition>) {
        let before = found.len();
        if let Some(statuses) = &words.status {
            let test = Test::Is(statuses.iter().map(ToString::to_string).collect());
            found.push(Condition { of: Of::Status, test });
        }
        let of = match (&words.header, &words.at) {
            (Some(name), None) => Some(Of::Header(name.to_ascii_lowercase())),
            (None, Some(text)) => match self.path(&[place, &["at"]].concat(), text) {
                Some(path) => Some(Of::At(path)),
                None => return,
            },
            _ => None,
        };
        let text = |scalar: &words::Scalar| match constant(scalar) {
            Value::Null => "null".to_owned(),
            value => value.scalar().unwrap_or_default().to_owned(),
        };
        let texts = |all: &OneOrMany<words::Scalar>| all.iter().map(text).collect::<Vec<_>>();
        let mut tests = Vec::new();
        tests.extend(words.is.as_ref().map(|all| Test::Is(texts(all))));
        tests.extend(words.not.as_ref().map(|all| Test::Not(texts(all))));
        tests.extend(words.there.map(Test::There));
        tests.extend(
            words.says.as_ref().map(|all| Test::Says(all.iter().map(|t| t.to_lowercase()).collect())),
        );
        if let Some(text) = &words.same {
            tests.extend(self.path(&[place, &["same"]].concat(), text).map(Test::Same));
        }
        if let Some(of) = of {
            found.extend(tests.into_iter().map(|test| Condition { of: of.clone(), test }));
        }
        if found.len() == before {
            let hint = "write for example `{ status: 409 }`, `{ at: success, is: 0 }` or `{ header: X-Error, there: true }`";
            self.doc.error(
                self.out,
                m::INPUT_MISSING,
                place,
                "this condition tests nothing",
                Some(hint.into()),
            );
        }
    }

    /// Compiles one call; places of rows are entered into the reading, where there is one.
    pub(super) fn call(
        &mut self,
        place: &[&str],
        name: &str,
        words: &words::call::Call,
        inputs: &Inputs<'_>,
        reading: Option<&mut Reading>,
    ) -> Option<Call> {
        let (method, path) = self.method(place, name, words)?;
        let here = [place, &[path.0]].concat();
        if path.0 != "soap" && !path.1.starts_with('/') {
            let hint = Some(format!("write `{}: \"/{}\"`", path.0, path.1));
            self.doc.error(self.out, m::BAD_PLACE, &here, "a call's path begins with `/`", hint);
        }
        let template = self.template(&here, path.1, inputs)?;
        let mut query = Vec::new();
        for (name, value) in &words.query {
            let text = constant(value).scalar().unwrap_or_default().to_owned();
            query.push((name.clone(), self.template(&[place, &["query", name]].concat(), &text, inputs)?));
        }
        let mut headers = Vec::new();
        for (name, text) in &words.headers {
            let value = self.template(&[place, &["headers", name]].concat(), text, inputs)?;
            headers.push((name.to_ascii_lowercase(), value));
        }
        let mut carries = Vec::new();
        for (name, value) in &words.carries {
            let here = [place, &["with", name]].concat();
            carries.push((self.path(&here, name)?, self.json(&here, value, inputs)?));
        }
        let inside = match &words.inside {
            None => Path::default(),
            Some(text) => self.path(&[place, &["inside"]].concat(), text)?,
        };
        let rows = match &words.rows {
            None => Rows::default(),
            Some(text) => self.rows(&[place, &["rows"]].concat(), text, reading)?,
        };
        let expect = self.conditions(&[place, &["expect"]].concat(), &words.expect);
        let graphql = match &words.graphql {
            None => None,
            Some(words) => Some(Arc::new(self.graphql(&[place, &["graphql"]].concat(), words)?)),
        };
        Some(Call {
            name: name.to_owned(),
            method,
            path: template,
            query,
            headers,
            carries,
            inside,
            apart: words.apart,
            form: words.form,
            graphql,
            soap: None,
            rows,
            gives: words.gives.clone(),
            expect,
            lists: Vec::new(),
        })
    }

    fn method<'w>(
        &mut self,
        place: &[&str],
        name: &str,
        words: &'w words::call::Call,
    ) -> Option<(Method, (&'static str, &'w str))> {
        let methods = [
            (Method::Get, "get", &words.get),
            (Method::Post, "post", &words.post),
            (Method::Put, "put", &words.put),
            (Method::Patch, "patch", &words.patch),
            (Method::Delete, "delete", &words.delete),
        ];
        let mut said =
            methods.iter().filter_map(|(method, key, path)| Some((*method, *key, path.as_deref()?)));
        match (said.next(), said.next(), &words.soap) {
            (Some((method, key, path)), None, _) => Some((method, (key, path))),
            // An operation is posted to the source's own address.
            (None, _, Some(_)) => Some((Method::Post, ("soap", ""))),
            _ => {
                let hint = Some("write for example `get: /rest/node.json`".into());
                let message = format!("the call `{name}` has one method and its path");
                self.doc.error(self.out, m::NO_CALL, place, message, hint);
                None
            }
        }
    }

    /// `$`, `data.list`, `items[].animal` or `data{}`.
    fn rows(&mut self, place: &[&str], text: &str, reading: Option<&mut Reading>) -> Option<Rows> {
        let (at, rest, keyed) = match (text.split_once("[]"), text.split_once("{}")) {
            (Some((at, rest)), None) => (at, rest, false),
            (None, Some((at, rest))) => (at, rest, true),
            _ => (text, "", false),
        };
        let at = self.path(place, if at.is_empty() { "$" } else { at })?;
        let within = match rest.strip_prefix('.') {
            Some(rest) => self.path(place, rest)?,
            None if rest.is_empty() => Path::default(),
            None => {
                let hint = Some("write for example `items[].animal`".into());
                self.doc.error(
                    self.out,
                    m::BAD_PLACE,
                    place,
                    format!("`{rest}` cannot follow the rows"),
                    hint,
                );
                return None;
            }
        };
        let entry = reading.map_or(0, |reading| reading.wrapped(&within));
        Some(Rows { at, within, keyed, entry })
    }

    fn graphql(&mut self, place: &[&str], words: &words::call::GraphQl) -> Option<GraphQl> {
        let (mutation, said) = match (words.query.is_empty(), words.mutation.is_empty()) {
            (false, true) => (false, &words.query),
            (true, false) => (true, &words.mutation),
            _ => {
                let hint = Some("write for example `query: { allParts: [page, perPage] }`".into());
                let message = "a GraphQL call has either `query` or `mutation`";
                self.doc.error(self.out, m::INPUT_MISSING, place, message, hint);
                return None;
            }
        };
        let mut fields = Vec::new();
        for (name, arguments) in said {
            let path = self.path(place, name)?;
            for argument in arguments {
                if !words.variables.contains_key(argument) {
                    let hint = Some(format!("add `{argument}: <type>` to `variables`"));
                    let message = format!("the argument `{argument}` has no type");
                    self.doc.error(self.out, m::INPUT_MISSING, place, message, hint);
                }
            }
            fields.push((path, arguments.clone()));
        }
        let variables = words.variables.iter().map(|(n, t)| (n.clone(), t.clone())).collect();
        Some(GraphQl { mutation, fields, variables })
    }
}

/// Where a parameter goes whose name says nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plain {
    Query,
    Body,
}

impl Compiler<'_> {
    /// A call of a binding by its name.
    pub(super) fn named(
        &mut self,
        doc: &Doc<words::Binding>,
        reading: &mut Reading,
        place: &[&str],
        name: &str,
        inputs: &Inputs<'_>,
    ) -> Option<Call> {
        let Some(words) = doc.words.calls.get(name) else {
            let hint = Some(cure(name, doc.words.calls.keys().map(String::as_str)));
            doc.error(self.out, m::NO_CALL, place, format!("there is no call `{name}`"), hint);
            return None;
        };
        let mut site = Site { doc, out: self.out };
        let mut call = site.call(&["calls", name], name, words, inputs, Some(reading))?;
        if !self.described(doc, &mut call, words) {
            return None;
        }
        Some(call)
    }
}

/// The slots of a record that a call's answer has.
pub(super) fn given(reading: &Reading, call: &Call) -> Vec<bool> {
    let places = reading.levels.first().map(|l| l.places.as_slice()).unwrap_or_default();
    places
        .iter()
        .map(|path| match &call.gives {
            None => true,
            Some(names) => path.head().is_some_and(|head| names.iter().any(|n| n == head)),
        })
        .collect()
}
