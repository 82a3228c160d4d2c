//! Bindings of HTTP calls: templates are supplied with what they need, operations have their calls.

use super::{
    Compiler,
    converters::{Ground, constant},
    fields::Places,
};
use crate::{
    fault::{Diagnostics, mapping as m, nearest::cure},
    plan::{
        Means,
        http::{Call, HttpMeans, List, Method, Piece, Pushed, Read, Total, Write},
        reading::{Reading, SlotId},
        writing::Writing,
    },
    spec::{
        Bound, Doc,
        words::{
            self,
            binding::{Absent, Filter, TotalBy},
            resource::Operation,
        },
    },
    value::path::Path,
};

/// The cure of a path that is none.
const PATHS: &str = "a path is names with dots between them, `[0]` for a place in a list, `$` for all of it";

/// Places are paths into a document.
struct Document;

impl Places for Document {
    fn path(&self, text: &str, _: Option<&str>) -> Result<Path, String> {
        Path::parse(text).map_err(|wrong| wrong.to_string())
    }

    fn list(&self, text: &str) -> Result<Path, String> {
        Path::parse(text).map_err(|wrong| wrong.to_string())
    }

    fn can_write(&self, _: &str) -> bool {
        true
    }

    fn form(&self) -> &'static str {
        PATHS
    }
}

/// Compiles one call. `slot` finds the slot of a name that stands in braces in the path.
pub(super) fn call<T>(
    doc: &Doc<T>,
    out: &mut Diagnostics,
    place: &[&str],
    name: &str,
    words: &words::binding::Call,
    slot: &dyn Fn(&str) -> Option<SlotId>,
) -> Option<Call> {
    let methods = [
        (Method::Get, "get", &words.get),
        (Method::Post, "post", &words.post),
        (Method::Put, "put", &words.put),
        (Method::Patch, "patch", &words.patch),
        (Method::Delete, "delete", &words.delete),
    ];
    let said: Vec<_> =
        methods.iter().filter_map(|(method, key, path)| path.as_ref().map(|p| (*method, *key, p))).collect();
    let [(method, key, path)] = said.as_slice() else {
        let hint = Some("write for example `get: /rest/node.json`".into());
        doc.error_at_key(
            out,
            m::NO_CALL,
            place,
            format!("the call `{name}` has one method and its path"),
            hint,
        );
        return None;
    };
    let here = [place, &[*key]].concat();
    if !path.starts_with('/') {
        let hint = Some(format!("write `{key}: \"/{path}\"`"));
        doc.error(out, m::BAD_PLACE, &here, "a call's path begins with `/`", hint);
    }
    let mut pieces = Vec::new();
    let mut rest = path.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((input, tail)) = after.split_once('}') else {
            let hint = Some("close it behind the name, for example `/pets/{id}`".into());
            doc.error(out, m::BAD_PLACE, &here, "`}` is missing", hint);
            return None;
        };
        pieces.push(Piece::Literal(before.to_owned()));
        if let Some(slot) = slot(input) {
            pieces.push(Piece::Slot(slot, input.to_owned()));
        } else {
            let hint = Some("name a place that one of the fields reads, for example that of the key".into());
            doc.error(out, m::INPUT_MISSING, &here, format!("nothing supplies `{{{input}}}`"), hint);
            return None;
        }
        rest = tail;
    }
    pieces.push(Piece::Literal(rest.to_owned()));
    let rows = match words.rows.as_deref().map(Path::parse) {
        None => Path::default(),
        Some(Ok(path)) => path,
        Some(Err(wrong)) => {
            doc.error(out, m::BAD_PLACE, &[place, &["rows"]].concat(), wrong.to_string(), Some(PATHS.into()));
            return None;
        }
    };
    Some(Call {
        name: name.to_owned(),
        method: *method,
        path: pieces,
        query: words
            .query
            .iter()
            .map(|(n, v)| (n.clone(), constant(v).scalar().unwrap_or_default().to_owned()))
            .collect(),
        carries: words.carries.iter().map(|(n, v)| (n.clone(), constant(v))).collect(),
        rows,
        gives: words.gives.clone(),
    })
}

impl Compiler<'_> {
    pub(super) fn http_binding(
        &mut self,
        at: usize,
        bound: &Bound,
        resource: usize,
        source: usize,
    ) -> Option<(Reading, Writing, Means)> {
        let doc = &bound.doc;
        let dialect = self.dialect(doc)?;
        let ground = Ground { doc, at, api_id: &bound.api, source, sql: false };
        let (mut reading, writing) = self.fields(ground, resource, dialect.empty, &Document)?;
        let draft = self.drafts.get(resource)?;
        let (contract, key_member) = (draft.contract.clone(), draft.public.key);
        let operations = draft.doc.words.operations.clone();
        let promised = draft.doc.words.total == words::resource::Total::Promised;
        let key = if let Some(crate::plan::reading::Fill::Slot(slot, _)) =
            reading.leaf(key_member).map(|leaf| &leaf.fill)
        {
            *slot
        } else {
            let name = contract.get(key_member).map_or("", |k| &k.path).to_owned();
            doc.error_at_key(
                self.out,
                m::BAD_PLACE,
                &["fields", &name],
                "the key comes from one place",
                Some("say it as `<key>: <place>`, without `const` or `each`".into()),
            );
            return None;
        };
        let mut fixed = Vec::new();
        for (name, value) in &doc.words.fixed {
            match Path::parse(name) {
                Ok(path) => fixed.push((reading.slot(0, 0, &path), path, constant(value))),
                Err(wrong) => {
                    let hint = Some(PATHS.into());
                    doc.error_at_key(self.out, m::BAD_PLACE, &["fixed", name], wrong.to_string(), hint);
                }
            }
        }
        let before = self.out.errors();
        let list = match &doc.words.list {
            Some(list) if operations.contains(&Operation::List) => {
                self.list(doc, &reading, &contract, list, promised)
            }
            _ => None,
        };
        let read = doc.words.read.as_ref().and_then(|read| {
            let call = self.keyed(doc, &reading, key, &["read", "call"], &read.call)?;
            let statuses =
                read.absent.iter().filter_map(|a| if let Absent::Status(s) = a { Some(*s) } else { None });
            let bodies = read
                .absent
                .iter()
                .filter_map(|a| if let Absent::Body(b) = a { Some(b.clone()) } else { None });
            Some(Read { call, absent_statuses: statuses.collect(), absent_bodies: bodies.collect() })
        });
        let create = doc.words.create.as_ref().and_then(|write| {
            let call = self.named(doc, &["create", "call"], &write.call, &|_| None)?;
            if write.then.is_some() {
                self.gives_key(doc, &reading, key, &call);
            }
            Some(Write { call, read_back: write.then.is_some() })
        });
        let replace = doc.words.replace.as_ref().and_then(|write| {
            let call = self.keyed(doc, &reading, key, &["replace", "call"], &write.call)?;
            Some(Write { call, read_back: write.then.is_some() })
        });
        let delete = doc
            .words
            .delete
            .as_ref()
            .and_then(|w| self.keyed(doc, &reading, key, &["delete", "call"], &w.call));
        let done = [
            (Operation::List, list.is_some(), "list"),
            (Operation::Read, read.is_some(), "read"),
            (Operation::Create, create.is_some() && read.is_some(), "create"),
            (Operation::Replace, replace.is_some() && read.is_some(), "replace"),
            (Operation::Patch, replace.is_some() && read.is_some(), "replace"),
            (Operation::Delete, delete.is_some() && read.is_some(), "delete"),
        ];
        if self.out.errors() > before {
            return None;
        }
        for (operation, done, how) in done {
            if operations.contains(&operation) && !done {
                let name = format!("{operation:?}").to_lowercase();
                let hint = Some(format!(
                    "add `{how}: {{ call: ... }}` (writes need `read`, too), or take `{name}` from the resource's operations"
                ));
                doc.error(
                    self.out,
                    m::OPERATION_MISSING,
                    &["binds"],
                    format!("nothing says how to {name}"),
                    hint,
                );
            }
        }
        let mut means = HttpMeans { dialect, list, read, create, replace, delete, fixed, key };
        self.http_promises(doc, resource, &reading, &mut means);
        (self.out.errors() == before).then(|| (reading, writing, Means::Http(Box::new(means))))
    }

    fn named(
        &mut self,
        doc: &Doc<words::Binding>,
        place: &[&str],
        name: &str,
        slot: &dyn Fn(&str) -> Option<SlotId>,
    ) -> Option<Call> {
        let Some(words) = doc.words.calls.get(name) else {
            let hint = Some(cure(name, doc.words.calls.keys().map(String::as_str)));
            doc.error(self.out, m::NO_CALL, place, format!("there is no call `{name}`"), hint);
            return None;
        };
        call(doc, self.out, &["calls", name], name, words, slot)
    }

    /// A call that is about one record: the key is all that is known of it.
    fn keyed(
        &mut self,
        doc: &Doc<words::Binding>,
        reading: &Reading,
        key: SlotId,
        place: &[&str],
        name: &str,
    ) -> Option<Call> {
        let path = place_of(reading, key);
        self.named(doc, place, name, &|input| (input == path).then_some(key))
    }

    fn list(
        &mut self,
        doc: &Doc<words::Binding>,
        reading: &Reading,
        contract: &crate::plan::Contract,
        list: &words::binding::List,
        promised: bool,
    ) -> Option<List> {
        let call = self.named(doc, &["list", "call"], &list.call, &|_| None)?;
        if let Some(gives) = &call.gives {
            for (at, name) in gives.iter().enumerate() {
                let at = at.to_string();
                if name.contains(['.', '[']) {
                    let message = format!("`{name}`: `gives` has the names at the top of a row");
                    let head = name.split(['.', '[']).next().unwrap_or_default();
                    let hint = Some(format!("write `{head}`"));
                    doc.error(self.out, m::BAD_PLACE, &["calls", &call.name, "gives", &at], message, hint);
                }
            }
        }
        let given = given(reading, &call);
        let complete = match &list.complete {
            None => None,
            Some(name) => {
                let slot = |input: &str| {
                    let at = reading.levels.first()?.places.iter().position(|p| p.to_string() == input)?;
                    given.get(at).copied().unwrap_or(false).then_some(at as SlotId)
                };
                Some(self.named(doc, &["list", "complete"], name, &slot)?)
            }
        };
        let mut filters = Vec::new();
        for (name, filter) in &list.filter {
            let place = ["list", "filter", name.as_str()];
            let Some(member) = self.member(doc, contract, &place, name) else { continue };
            let (parameter, any) = match filter {
                Filter::Parameter(parameter) => (parameter.clone(), None),
                Filter::Full(full) => (full.parameter.clone(), full.any.clone()),
            };
            filters.push(Pushed { member, parameter, any });
        }
        let mut sorts = Vec::new();
        for (name, parameter) in &list.sort {
            if let Some(member) = self.member(doc, contract, &["list", "sort", name], name) {
                sorts.push((member, parameter.clone()));
            }
        }
        let total = match &list.total {
            None => None,
            Some(TotalBy::Walk(span)) => Some(Total::Walk(span.0)),
            Some(TotalBy::At(text)) => match Path::parse(text) {
                Ok(path) => Some(Total::At(path)),
                Err(wrong) => {
                    let hint = Some(PATHS.into());
                    doc.error(self.out, m::BAD_PLACE, &["list", "total", "at"], wrong.to_string(), hint);
                    None
                }
            },
        };
        if promised && total.is_none() {
            let hint = Some(
                "add `total: { walk: 30s }`, or `total: { at: <path> }` where the source says it".into(),
            );
            doc.error_at_key(
                self.out,
                m::PROMISE_BROKEN,
                &["list"],
                "the resource promises a total, and nothing says how to have it",
                hint,
            );
        }
        Some(List { call, complete, filters, sorts, total, within: list.within, given })
    }

    /// A record that is read back after it was made is found by the key in the answer.
    fn gives_key(&mut self, doc: &Doc<words::Binding>, reading: &Reading, key: SlotId, call: &Call) {
        let path = place_of(reading, key);
        if !call.gives.as_ref().is_none_or(|names| names.contains(&path)) {
            let message =
                format!("the answer of `{}` does not give `{path}`, by which the record is read", call.name);
            doc.error_at_key(
                self.out,
                m::INPUT_MISSING,
                &["calls", &call.name],
                message,
                Some(format!("add `gives: [{path}]`")),
            );
        }
    }
}

fn place_of(reading: &Reading, slot: SlotId) -> String {
    reading
        .levels
        .first()
        .and_then(|l| l.places.get(usize::from(slot)))
        .map_or_else(String::new, ToString::to_string)
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
