//! Bindings of HTTP calls: operations have their calls, calls have their inputs, what is promised is kept.

mod form;
mod schema;
mod writes;

use super::{
    Compiler,
    calls::{Inputs, NO_INPUTS, PATHS, Plain, Site, given},
    converters::{Ground, constant},
    dialects::plain,
    fields::Places,
};
use crate::{
    fault::mapping as m,
    plan::{
        Contract, Means, MemberId,
        http::{Complete, Dialect, Fixed, HttpMeans, List, Many, Pages, Pushed, Read, Spot, Target, Total},
        reading::{Fill, Reading, SlotId},
        resource::{Operator, SortKey},
        writing::Writing,
    },
    spec::{
        Bound, Doc,
        words::{
            self, OneOrMany, Scalar,
            operation::{self as said, Absent, Comparison, Filter, TotalBy},
            resource::Operation,
        },
    },
    value::{Value, path::Path},
};
use std::sync::Arc;

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

/// What the operations of one binding share.
struct Work<'a> {
    doc: &'a Doc<words::Binding>,
    dialect: Arc<Dialect>,
    contract: Arc<Contract>,
    reading: Reading,
    key: SlotId,
    /// The names by which a call can ask for the record's key.
    keys: Vec<String>,
    /// The members that lists are filtered by.
    filters: Vec<MemberId>,
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
        let (reading, writing) = self.fields(ground, resource, dialect.empty, &Document)?;
        let draft = self.drafts.get(resource)?;
        let (contract, key_member) = (draft.contract.clone(), draft.public.key);
        let filters = draft.public.filters.clone();
        let operations = draft.doc.words.operations.clone();
        let promised = draft.doc.words.total == words::resource::Total::Promised;
        let max_offset = draft.doc.words.max_offset;
        let Some(Fill::Slot(key, _)) = reading.leaf(key_member).map(|leaf| &leaf.fill) else {
            let name = contract.get(key_member).map_or("", |k| &k.path).to_owned();
            let hint = Some("say it as `<key>: <place>`, without `const` or `each`".into());
            let message = "the key comes from one place";
            doc.error_at_key(self.out, m::BAD_PLACE, &["fields", &name], message, hint);
            return None;
        };
        let key = *key;
        let keys = vec![place_of(&reading, key), "key".to_owned()];
        let dialect = match &doc.words.list {
            Some(list) if list.whole => Arc::new(Dialect { pages: Pages::whole(), ..(*dialect).clone() }),
            _ => dialect,
        };
        let mut work = Work { doc, dialect, contract, reading, key, keys, filters };
        let before = self.out.errors();
        let fixed = self.fixed(&mut work);
        let hedge = self.hedge(doc, source);
        let list = match &doc.words.list {
            Some(list) if operations.contains(&Operation::List) => self.list(&mut work, list, promised),
            _ => None,
        };
        let read = doc.words.read.as_ref().and_then(|read| self.read(&mut work, read));
        let create = doc.words.create.as_ref().and_then(|write| self.write(&mut work, "create", write));
        let replace = doc.words.replace.as_ref().and_then(|write| self.write(&mut work, "replace", write));
        let delete = doc.words.delete.as_ref().and_then(|write| self.write(&mut work, "delete", write));
        if self.out.errors() > before {
            return None;
        }
        let done = [
            (Operation::List, list.is_some(), "list"),
            (Operation::Read, read.is_some(), "read"),
            (Operation::Create, create.is_some() && read.is_some(), "create"),
            (Operation::Replace, replace.is_some() && read.is_some(), "replace"),
            (Operation::Patch, replace.is_some() && read.is_some(), "replace"),
            (Operation::Delete, delete.is_some() && read.is_some(), "delete"),
        ];
        for (operation, done, how) in done {
            if operations.contains(&operation) && !done {
                let name = operation.name();
                let hint = Some(format!(
                    "add `{how}: {{ call: ... }}` (writes need `read`, too), or take `{name}` from the resource's operations"
                ));
                let message = format!("nothing says how to {name}");
                doc.error(self.out, m::OPERATION_MISSING, &["binds"], message, hint);
            }
        }
        let mut means =
            HttpMeans { dialect: work.dialect, list, read, create, replace, delete, fixed, key, hedge };
        self.in_schema(doc, &work.reading, &writing, &means);
        schema::repeating(&work.reading, &mut means);
        if let Some(create) = &mut means.create {
            create.form = form::form(&means.dialect, &create.call, &work.contract, &writing);
        }
        self.credentials(doc, source, &means);
        self.http_promises(doc, resource, &work.reading, &mut means, max_offset);
        (self.out.errors() == before).then(|| (work.reading, writing, Means::Http(Box::new(means))))
    }

    /// The conditions on a record: those that the source keeps by itself, and those that are looked at here.
    fn fixed(&mut self, work: &mut Work<'_>) -> Vec<Fixed> {
        let words = &work.doc.words;
        let said = [("fixed", &words.fixed, true), ("where", &words.picked, false)];
        let mut found = Vec::new();
        for (key, all, by_source) in said {
            for (name, values) in all {
                let mut site = Site { doc: work.doc, out: self.out };
                let Some(path) = site.path(&[key, name], name) else { continue };
                let values: Vec<Value> = OneOrMany::<Scalar>::iter(values).map(constant).collect();
                found.push(Fixed { slot: work.reading.slot(0, 0, &path), path, values, by_source });
            }
        }
        found
    }

    fn read(&mut self, work: &mut Work<'_>, read: &said::Read) -> Option<Read> {
        let doc = work.doc;
        let inputs = Inputs { names: &work.keys.clone(), sent: false };
        let call = self.named(doc, &mut work.reading, &["read", "call"], &read.call, &inputs)?;
        let statuses =
            read.absent.iter().filter_map(|a| if let Absent::Status(s) = a { Some(*s) } else { None });
        let bodies =
            read.absent.iter().filter_map(|a| if let Absent::Body(b) = a { Some(b.as_str()) } else { None });
        let version = match &read.version {
            None => None,
            Some(text) => Some(self.spot(doc, &["read", "version"], text)?),
        };
        if read.find && [&doc.words.create, &doc.words.replace, &doc.words.delete].iter().any(|w| w.is_some())
        {
            let hint = Some("read it by a call of its own".into());
            let message = "a record that is written is not looked for in a list";
            doc.error_at_key(self.out, m::SAID_TWICE, &["read", "find"], message, hint);
        }
        Some(Read {
            find: read.find,
            call,
            absent_statuses: statuses.collect(),
            absent_bodies: bodies.clone().filter(|b| *b != "missing").map(str::to_owned).collect(),
            absent_missing: bodies.clone().any(|b| b == "missing"),
            version,
        })
    }

    fn spot(&mut self, doc: &Doc<words::Binding>, place: &[&str], text: &str) -> Option<Spot> {
        if let Some(name) = text.strip_prefix("header:") {
            return Some(Spot::Header(name.to_ascii_lowercase()));
        }
        Site { doc, out: self.out }.path(place, text).map(Spot::At)
    }

    fn list(&mut self, work: &mut Work<'_>, list: &said::List, promised: bool) -> Option<List> {
        let doc = work.doc;
        let plain = plain(&work.dialect.format);
        let (filters, parents) = self.pushed(work, list, plain);
        let inputs = Inputs { names: &parents, sent: false };
        let call = self.named(doc, &mut work.reading, &["list", "call"], &list.call, &inputs)?;
        for (at, name) in call.gives.iter().flatten().enumerate() {
            if name.contains(['.', '[']) {
                let message = format!("`{name}`: `gives` has the names at the top of a row");
                let hint = Some(format!("write `{}`", name.split(['.', '[']).next().unwrap_or_default()));
                let at = at.to_string();
                doc.error(self.out, m::BAD_PLACE, &["calls", &call.name, "gives", &at], message, hint);
            }
        }
        let key = match &list.key {
            None => work.key,
            Some(text) => {
                let path = Site { doc, out: self.out }.path(&["list", "key"], text)?;
                work.reading.slot(0, 0, &path)
            }
        };
        let given = given(&work.reading, &call);
        let complete = match &list.complete {
            None => None,
            Some(complete) => Some(self.complete(work, complete, &given, plain)?),
        };
        let mut sorts = Vec::new();
        for (name, field) in &list.sort {
            if let Some(member) = self.member(doc, &work.contract, &["list", "sort", name], name) {
                sorts.push((member, field.clone()));
            }
        }
        let mut own = Vec::new();
        for (at, text) in list.order.iter().enumerate() {
            let name = text.strip_prefix('-').unwrap_or(text);
            if let Some(member) = self.member(doc, &work.contract, &["list", "order", &at.to_string()], name)
            {
                own.push(SortKey { member, descending: text.starts_with('-') });
            }
        }
        let total = self.total(work, list, &parents);
        let whole = work.dialect.pages.style == crate::plan::http::Paging::Whole;
        // Where rows are picked here, all are looked through, and counted.
        if promised && total.is_none() && !whole && doc.words.picked.is_empty() {
            let hint = Some(
                "add `total: { walk: 30s }`, or `total: { at: <path> }` where the source says it".into(),
            );
            let message = "the resource promises a total, and nothing says how to have it";
            doc.error_at_key(self.out, m::PROMISE_BROKEN, &["list"], message, hint);
        }
        Some(List { call, complete, key, filters, sorts, order: own, total, within: list.within, given })
    }

    /// What the source filters by, and the names of the path's blanks that filters fill.
    fn pushed(&mut self, work: &Work<'_>, list: &said::List, plain: Plain) -> (Vec<Pushed>, Vec<String>) {
        let doc = work.doc;
        let mut filters = Vec::new();
        let mut parents = Vec::new();
        for (name, filter) in &list.filter {
            let place = ["list", "filter", name.as_str()];
            let Some(member) = self.member(doc, &work.contract, &place, name) else { continue };
            let (field, any, only, wide, each) = match filter {
                Filter::Name(name) => (name.clone(), None, None, false, false),
                Filter::Full(full) => {
                    (full.parameter.clone(), full.any.clone(), full.operators.clone(), full.wide, full.each)
                }
            };
            let own = ["query:", "header:", "body:", "path:"].iter().any(|prefix| field.starts_with(prefix));
            let mut site = Site { doc, out: self.out };
            let target = if own { site.target(&place, &field, plain) } else { None };
            if let Some(Target::Path(name)) = &target {
                parents.push(name.to_string());
            }
            if each && work.dialect.pages.style != crate::plan::http::Paging::Whole {
                let message = "values are asked one by one where all rows come at once";
                let hint = Some("say `whole: true` beside `call`, if they do; or take `each` out".into());
                doc.error_at_key(
                    self.out,
                    m::PROMISE_BROKEN,
                    &[&place[..], &["each"]].concat(),
                    message,
                    hint,
                );
            }
            let only = only.map(|all| all.into_iter().map(operator).collect());
            filters.push(self.ways(
                work,
                Pushed { member, field, target, any, wide, each, ways: Vec::new(), only },
                &place,
                plain,
            ));
        }
        (filters, parents)
    }

    /// The parameters of a member for each operator that the dialect has.
    fn ways(&mut self, work: &Work<'_>, mut pushed: Pushed, place: &[&str], plain: Plain) -> Pushed {
        use crate::plan::http::dialect::FilterStyle;
        let filters = &work.dialect.filters;
        if let Some(target) = &pushed.target {
            pushed.ways = vec![(Operator::Equal, Some(target.clone()), String::new())];
            return pushed;
        }
        let said = filters
            .operators
            .iter()
            .filter(|(o, _)| pushed.only.as_ref().is_none_or(|only| only.contains(o)));
        let mut site = Site { doc: work.doc, out: self.out };
        for (operator, text) in said {
            let target = match &filters.style {
                FilterStyle::Parameters { .. } => {
                    let Some(target) = site.target(place, &text.replace("{field}", &pushed.field), plain)
                    else {
                        continue;
                    };
                    Some(target)
                }
                FilterStyle::Objects { .. } => {
                    let Some(target) = site.target(place, &pushed.field, plain) else { continue };
                    Some(target)
                }
                FilterStyle::Expression { .. } | FilterStyle::Terms { .. } => None,
            };
            pushed.ways.push((*operator, target, text.clone()));
        }
        pushed
    }

    fn complete(
        &mut self,
        work: &mut Work<'_>,
        complete: &said::Complete,
        given: &[bool],
        plain: Plain,
    ) -> Option<Complete> {
        let doc = work.doc;
        match complete {
            said::Complete::Call(name) => {
                // The key is known of a row that gives it, or that is it.
                let known = work.doc.words.list.as_ref().is_some_and(|l| l.key.is_some())
                    || given.get(usize::from(work.key)).copied().unwrap_or(false);
                let keys = if known { work.keys.clone() } else { Vec::new() };
                let inputs = Inputs { names: &keys, sent: false };
                let call = self.named(doc, &mut work.reading, &["list", "complete"], name, &inputs)?;
                Some(Complete { call, many: None })
            }
            said::Complete::Many(many) => {
                let place = ["list", "complete", "call"];
                let call = self.named(doc, &mut work.reading, &place, &many.call, &NO_INPUTS)?;
                let mut site = Site { doc, out: self.out };
                let keys = site.target(&["list", "complete", "keys"], &many.keys, plain)?;
                let each = many.each.as_ref().map(Value::from);
                Some(Complete {
                    call,
                    many: Some(Many { keys, join: many.join.clone(), each, most: many.most }),
                })
            }
        }
    }

    fn total(&mut self, work: &mut Work<'_>, list: &said::List, parents: &[String]) -> Option<Total> {
        let doc = work.doc;
        match list.total.as_ref()? {
            TotalBy::Walk(span) => Some(Total::Walk(span.0)),
            TotalBy::At(text) => {
                Site { doc, out: self.out }.path(&["list", "total", "at"], text).map(Total::At)
            }
            TotalBy::Header(name) => Some(Total::Header(name.to_ascii_lowercase())),
            TotalBy::Call(call) => {
                let inputs = Inputs { names: parents, sent: false };
                let place = ["list", "total", "call", "name"];
                let made = self.named(doc, &mut work.reading, &place, &call.name, &inputs)?;
                let at = Site { doc, out: self.out }.path(&["list", "total", "call", "at"], &call.at)?;
                Some(Total::Call(Box::new(made), at, call.keep.0))
            }
        }
    }

    /// Every credential that is named is configured.
    fn credentials(&mut self, doc: &Doc<words::Binding>, source: usize, means: &HttpMeans) {
        let Some(source) = self.sources.get(source) else { return };
        let crate::plan::SourceKind::Http(http) = &source.kind else { return };
        let named = means.dialect.credentials().into_iter().chain(means.credentials());
        let mut missing: Vec<&str> =
            named.filter(|name| !http.credentials.iter().any(|(known, _)| known == name)).collect();
        missing.sort_unstable();
        missing.dedup();
        for name in missing {
            let known = http.credentials.iter().map(|(known, _)| known.as_str());
            let hint = match crate::fault::nearest::nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    format!("add `{name}` to the `credentials` of `{}` in the configuration", source.name)
                }
            };
            let message = format!("the source `{}` has no credential `{name}`", source.name);
            let place: &[&str] = if doc.words.source.is_some() { &["source"] } else { &["binds"] };
            doc.error(self.out, m::INPUT_MISSING, place, message, Some(hint));
        }
    }
}

fn operator(word: Comparison) -> Operator {
    match word {
        Comparison::Eq => Operator::Equal,
        Comparison::Ne => Operator::NotEqual,
        Comparison::Lt => Operator::Less,
        Comparison::Lte => Operator::LessOrEqual,
        Comparison::Gt => Operator::Greater,
        Comparison::Gte => Operator::GreaterOrEqual,
    }
}

fn path_of(reading: &Reading, slot: SlotId) -> Path {
    reading.levels.first().and_then(|l| l.places.get(usize::from(slot))).cloned().unwrap_or_default()
}

fn place_of(reading: &Reading, slot: SlotId) -> String {
    path_of(reading, slot).to_string()
}
