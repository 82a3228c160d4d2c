//! One pair of paths to a resource: its members, its key, its calls, and what lists are filtered by.

use super::{
    document::{Document, Operation},
    paging::{self, Pages},
    pairs::Pair,
    schema::{Flat, Shapes, flat, kind},
};
use crate::{
    fault::Diagnostics,
    import::{
        contract::step,
        member::{Member, key, settle},
        names::{self, plain},
        project::{Resource, keep_key},
    },
};
use serde_json::{Map, Value, json};

/// Names under which lists keep their rows, the likeliest first.
const ROWS: &[&str] = &[
    "data", "items", "results", "rows", "value", "values", "records", "entries", "list", "content",
    "elements", "hits",
];
/// How many rows are looked through for what the source cannot do by itself.
const WITHIN: u64 = 1000;
/// How far an offset may walk along a cursor.
const MOST_OFFSET: u64 = 10_000;

/// Where an answer has its rows or its record, and what they are.
struct Found<'a> {
    place: String,
    schema: &'a Value,
}

/// A resource with what its list says of pages.
pub fn resource(
    doc: &Document,
    pair: &Pair<'_>,
    base: &str,
    out: &mut Diagnostics,
) -> Option<(Resource, Pages)> {
    let word = pair.word();
    let title = names::title(word);
    let list = pair.list.and_then(|list| Some((list, rows(doc, list.answer()?, word)?)));
    let parameter = pair.record.map(|(_, key)| key);
    let read = pair.read.and_then(|read| Some((read, record(doc, read.answer()?, word, parameter)?)));
    let Some(schema) = read.as_ref().map(|(_, f)| f.schema).or(list.as_ref().map(|(_, f)| f.schema)) else {
        let message = format!("no answer of `{}` has a schema of records in JSON: left out", pair.collection);
        doc.left_out(pair.collection, message, "add a schema to the answer of its `get`", out);
        return None;
    };
    let mut shapes = Shapes::new(doc);
    let mut members = shapes.record(schema, &title);
    let mut made = Resource::new(pair.name(), title.clone());
    let Some(at) = key(&members, parameter, &title) else {
        let message = format!("no member of `{}` can be the key: left out", pair.collection);
        doc.left_out(pair.collection, message, "a record has a text or a whole number such as `id`", out);
        return None;
    };
    let place = keep_key(&mut members, at, &mut made);
    if let Some(name) = parameter.filter(|name| plain(name) != plain(&place)) {
        made.of_binding.push(format!("Guessed: `{place}` is what the path calls `{name}`."));
    }
    let pages = list.as_ref().map(|(list, _)| paging::pages(list)).unwrap_or_default();
    let writes = read.is_some();
    let body = pair.body().filter(|_| writes).map(|body| sent(doc, body));
    if let Some((body, _)) = &body {
        judge(doc, &mut members, body, &mut made);
    }
    // Who makes a record gives it its key where that must be sent.
    let chosen =
        pair.create.and_then(|create| create.body()).filter(|_| writes).map(|schema| sent(doc, schema).0);
    let chosen = chosen.is_some_and(|body| {
        let own = body
            .get(&place)
            .and_then(|schema| doc.resolve(schema).0.get("readOnly"))
            .and_then(Value::as_bool);
        body.required.contains(&place.as_str()) && own != Some(true)
    });
    if let Some(member) = members.get_mut(at).filter(|_| chosen) {
        member.read_only = false;
        made.of_binding.push(format!("Guessed: who makes a record gives it its `{place}`."));
    }
    let changing = writes && (pair.create.is_some() || pair.replace.is_some());
    let loosened = settle(&mut members, changing);
    made.of_contract.extend(shapes.notes);
    let loose = |name: &String| {
        format!(
            "`{name}` is free JSON, as the source has it. Decide: which of its members are always there, and their names."
        )
    };
    made.of_contract.extend(loosened.iter().map(loose));
    made.of_contract
        .push("Decide: which members the public sees, their names, and which of them must be there.".into());
    made.members = members;
    let inside = body.and_then(|(_, inside)| inside);
    let mut calls = Calls { base, words: Map::new(), inside };
    if let Some((list, found)) = &list {
        lists(doc, &mut made, &mut calls, list, found, &pages, read.as_ref().map(|(_, f)| f.schema));
    }
    if let Some((operation, found)) = &read {
        made.operations.push("read");
        let place = (found.place != "$").then_some(found.place.as_str());
        calls.add("one", "get", operation.path, place, false);
        made.binding.insert("read".into(), json!({ "call": "one", "absent": [404] }));
        changes(doc, pair, &mut made, &mut calls, chosen);
    }
    if !writes && pair.operations().len() > usize::from(list.is_some()) {
        made.of_binding.push(
            "Decide: nothing is written here, for a write has to be read back and no record can be.".into(),
        );
    }
    let order = ["list", "create", "read", "replace", "patch", "delete"];
    made.operations.sort_by_key(|operation| order.iter().position(|known| known == operation));
    let mut words = Map::new();
    words.insert("calls".into(), Value::Object(calls.words));
    words.extend(std::mem::take(&mut made.binding));
    made.binding = words;
    Some((made, pages))
}

/// The calls of a binding while they are made.
struct Calls<'a> {
    base: &'a str,
    words: Map<String, Value>,
    inside: Option<String>,
}

impl Calls<'_> {
    fn add(&mut self, name: &str, method: &str, path: &str, rows: Option<&str>, sends: bool) {
        self.with(name, method, path, rows, sends, Map::new());
    }

    /// The same with further words.
    fn with(
        &mut self,
        name: &str,
        method: &str,
        path: &str,
        rows: Option<&str>,
        sends: bool,
        more: Map<String, Value>,
    ) {
        let mut words = Map::new();
        words.insert(method.to_owned(), format!("{}{}", self.base, keyed(path)).into());
        words.extend(more);
        words.extend(rows.map(|rows| ("rows".to_owned(), Value::from(rows))));
        words.extend(
            self.inside
                .as_ref()
                .filter(|_| sends)
                .map(|inside| ("inside".to_owned(), Value::from(inside.as_str()))),
        );
        self.words.insert(name.to_owned(), Value::Object(words));
    }
}

/// A path whose one parameter is the record's key.
fn keyed(path: &str) -> String {
    match (path.find('{'), path.rfind('}')) {
        (Some(start), Some(end)) if start < end => {
            format!(
                "{}{{key}}{}",
                path.get(..start).unwrap_or_default(),
                path.get(end + 1..).unwrap_or_default()
            )
        }
        _ => path.to_owned(),
    }
}

/// The rows of a list's answer.
fn rows<'a>(doc: &'a Document, schema: &'a Value, word: &str) -> Option<Found<'a>> {
    let items = |schema: &'a Value| -> Option<&'a Value> {
        let items = doc.resolve(schema).0.get("items")?;
        (!flat(doc, items).properties.is_empty()).then_some(items)
    };
    let found = |place: String, schema: &'a Value| {
        // Rows that are each wrapped in one name.
        let inner = flat(doc, schema);
        match inner.properties.as_slice() {
            [(name, only)] if !flat(doc, only).properties.is_empty() && kind(doc, only) == "object" => {
                let place = if place == "$" { String::new() } else { place };
                Found { place: format!("{place}[].{}", step(name)), schema: only }
            }
            _ => Found { place, schema },
        }
    };
    if kind(doc, schema) == "array" {
        return items(schema).map(|schema| found("$".into(), schema));
    }
    let top = flat(doc, schema);
    let plural = plain(&names::resource(word));
    let of = |flat: &Flat<'a>, prefix: &str| {
        let lists = || flat.properties.iter().filter_map(|(name, schema)| Some((*name, items(schema)?)));
        let named = lists().find(|(name, _)| plain(name) == plural || ROWS.contains(&plain(name).as_str()));
        named
            .or_else(|| lists().next())
            .map(|(name, schema)| found(format!("{prefix}{}", step(name)), schema))
    };
    let below = || {
        let objects = top.properties.iter().filter(|(_, schema)| kind(doc, schema) == "object");
        objects
            .map(|(name, schema)| (name, flat(doc, schema)))
            .find_map(|(name, flat)| of(&flat, &format!("{}.", step(name))))
    };
    of(&top, "").or_else(below)
}

/// The record of an answer, which may be wrapped in a name.
fn record<'a>(doc: &'a Document, schema: &'a Value, word: &str, key: Option<&str>) -> Option<Found<'a>> {
    let top = flat(doc, schema);
    let one = plain(&names::title(word));
    let known = |name: &str| {
        ["data", "item", "result", "record", "value"].contains(&plain(name).as_str()) || plain(name) == one
    };
    let has_key = key.is_some_and(|key| top.properties.iter().any(|(name, _)| plain(name) == plain(key)));
    let objects: Vec<_> =
        top.properties.iter().filter(|(_, s)| !flat(doc, s).properties.is_empty()).collect();
    let wrapped = match (objects.as_slice(), top.properties.len()) {
        _ if has_key || top.get("id").is_some() => None,
        ([one], 1) => Some(*one),
        (several, _) => several.iter().find(|(name, _)| known(name)).copied(),
    };
    match wrapped {
        Some((name, schema)) => Some(Found { place: step(name), schema }),
        None if top.properties.is_empty() => None,
        None => Some(Found { place: "$".into(), schema }),
    }
}

/// What is sent: its properties, and the name that it is wrapped in.
fn sent<'a>(doc: &'a Document, schema: &'a Value) -> (Flat<'a>, Option<String>) {
    let top = flat(doc, schema);
    match top.properties.as_slice() {
        [(name, only)] if !flat(doc, only).properties.is_empty() && kind(doc, only) == "object" => {
            (flat(doc, only), Some(step(name)))
        }
        _ => (top, None),
    }
}

/// What can be sent is what can be written; what must be sent must be there.
fn judge(doc: &Document, members: &mut [Member], body: &Flat<'_>, made: &mut Resource) {
    if body.properties.is_empty() {
        return;
    }
    for member in members.iter_mut() {
        let place = member.place.trim_start_matches("[\"").trim_end_matches("\"]");
        match body.get(place) {
            None => member.read_only = true,
            Some(schema) => {
                let said = doc.resolve(schema).0.get("readOnly").and_then(Value::as_bool);
                member.read_only |= said == Some(true);
                member.required = body.required.contains(&place) || member.required && member.read_only;
            }
        }
    }
    let shown = |name: &str| {
        members.iter().any(|m| m.place.trim_start_matches("[\"").trim_end_matches("\"]") == name)
    };
    for (name, _) in body.properties.iter().filter(|(name, _)| !shown(name)) {
        let must = if body.required.contains(name) { "must" } else { "can" };
        made.of_binding.push(format!("Decide: `{name}` {must} be sent and is not given back: no member has it; `with` can give it a constant."));
    }
}

/// The list, its filters and its total.
fn lists(
    doc: &Document,
    made: &mut Resource,
    calls: &mut Calls<'_>,
    list: &Operation<'_>,
    found: &Found<'_>,
    pages: &Pages,
    whole: Option<&Value>,
) {
    made.operations.push("list");
    let mut words = Map::new();
    words.insert("call".into(), "all".into());
    let given = flat(doc, found.schema);
    let all: Vec<&str> = whole
        .map(|schema| flat(doc, schema).properties.into_iter().map(|(name, _)| name).collect())
        .unwrap_or_default();
    let gives: Vec<&str> = all.iter().copied().filter(|name| given.get(name).is_some()).collect();
    let mut more = Map::new();
    if gives.len() < all.len() {
        more.insert("gives".into(), json!(gives));
        words.insert("complete".into(), "one".into());
        made.of_binding
            .push("The list gives less than a record: each row is completed by a call of its own.".into());
    }
    let mut filters = Map::new();
    let mut query = Map::new();
    let mut others = Vec::new();
    for parameter in list.query() {
        if pages.taken.iter().any(|name| name == parameter.name) {
            continue;
        }
        let name = parameter.name.trim_start_matches("filter[").trim_end_matches(']');
        let member = made.members.iter().find(|m| m.is_scalar() && plain(&m.place) == plain(name));
        if let Some(usual) = parameter.required.then(|| constant(&parameter)).flatten() {
            query.insert(parameter.name.to_owned(), usual);
            made.of_binding
                .push(format!("Decide: the list asks for `{}`; one value of it is sent.", parameter.name));
        } else if let Some(member) = member {
            let several = parameter.joined && kind(doc, parameter.schema) == "array";
            let by =
                if several { json!({ "as": parameter.name, "any": "," }) } else { parameter.name.into() };
            filters.insert(member.name.clone(), by);
        } else {
            others.push(format!("`{}`", parameter.name));
        }
    }
    if !query.is_empty() {
        more.insert("query".into(), Value::Object(query));
    }
    calls.with("all", "get", list.path, Some(&found.place), false, more);
    if !others.is_empty() {
        made.of_binding
            .push(format!("Decide: the list takes {} too, which no member is.", others.join(", ")));
    }
    made.filter = filters.keys().cloned().collect();
    if !filters.is_empty() {
        words.insert("filter".into(), Value::Object(filters));
        made.of_binding.push(format!(
            "Guessed: filters by one value are the source's; others are looked for in up to {WITHIN} rows."
        ));
    }
    words.insert("order".into(), json!([made.key]));
    made.of_binding.push(format!(
        "Decide: the source is taken to order lists by `{}` itself; say `sort` where it does not.",
        made.key
    ));
    let total = paging::total(list);
    made.total = total.is_some() || pages.words.is_empty();
    if let Some(total) = total {
        words.insert("total".into(), total);
    } else if !pages.words.is_empty() {
        made.of_resource.push("Decide: the source does not say how many records there are; `total: { walk: 30s }` in the binding counts pages.".into());
    }
    if !made.filter.is_empty() {
        words.insert("within".into(), WITHIN.into());
    }
    made.max_offset = pages.cursor.then_some(MOST_OFFSET);
    made.binding.insert("list".into(), Value::Object(words));
}

/// A value of a parameter that must be sent: its default, its first choice, or its example.
fn constant(parameter: &super::document::Parameter<'_>) -> Option<Value> {
    let holders = [Some(parameter.schema), parameter.schema.get("items")];
    let choice = |holder: &Value| {
        let first = holder.get("enum").and_then(Value::as_array).and_then(|all| all.first());
        holder.get("default").or(first).or_else(|| holder.get("example")).cloned()
    };
    let found = holders.into_iter().flatten().find_map(choice)?;
    (found.is_string() || found.is_number() || found.is_boolean()).then_some(found)
}

/// What changes records: each with its call.
fn changes(doc: &Document, pair: &Pair<'_>, made: &mut Resource, calls: &mut Calls<'_>, chosen: bool) {
    if let Some(create) = pair.create.filter(|create| create.body().is_some()) {
        made.operations.push("create");
        calls.add("add", "post", create.path, None, true);
        let mut words = Map::new();
        words.insert("call".into(), "add".into());
        words.insert("then".into(), "read".into());
        let key = made
            .members
            .iter()
            .find(|member| member.name == made.key)
            .map(|m| m.place.clone())
            .unwrap_or_default();
        match created(doc, &create, &key) {
            _ if chosen => drop(words.insert("key".into(), "sent".into())),
            Some(place) if place == key => {}
            Some(place) => drop(words.insert("key".into(), place.into())),
            None => made.of_binding.push(format!(
                "Decide: the answer to `add` is taken to have `{key}`; say `key` where it stands elsewhere."
            )),
        }
        made.binding.insert("create".into(), Value::Object(words));
    }
    if let Some((method, replace)) = pair.replace.filter(|(_, replace)| replace.body().is_some()) {
        made.operations.extend(["replace", "patch"]);
        let flat = pair.record.is_none_or(|(path, _)| path != replace.path);
        let place = made
            .members
            .iter()
            .find(|member| member.name == made.key)
            .map(|m| m.place.clone())
            .unwrap_or_default();
        // Where the path does not name the record, what is sent does.
        let named =
            if flat { Map::from_iter([("with".to_owned(), json!({ place: "{key}" }))]) } else { Map::new() };
        calls.with("save", method, replace.path, None, true, named);
        let mut words = Map::new();
        words.insert("call".into(), "save".into());
        words.insert("then".into(), "read".into());
        if method == "put" {
            words.insert("sends".into(), "all".into());
        }
        made.binding.insert("replace".into(), Value::Object(words));
    }
    if let Some(delete) = pair.delete {
        made.operations.push("delete");
        calls.add("drop", "delete", delete.path, None, false);
        made.binding.insert("delete".into(), json!({ "call": "drop" }));
    }
    if made.writes() {
        made.of_binding.push("Decide: who may write; until then everybody may.".into());
    }
}

/// Where the answer to what makes a record has its key; nothing where nothing says it.
fn created(doc: &Document, create: &Operation<'_>, key: &str) -> Option<String> {
    if let Some(schema) = create.answer() {
        let top = flat(doc, schema);
        let name = key.trim_start_matches("[\"").trim_end_matches("\"]");
        if top.get(name).is_some() {
            return Some(key.to_owned());
        }
        let wrapper = top.properties.iter().find(|(_, schema)| flat(doc, schema).get(name).is_some());
        if let Some((wrapper, _)) = wrapper {
            return Some(format!("{}.{key}", step(wrapper)));
        }
    }
    let located = create.answer_headers().iter().any(|name| name.eq_ignore_ascii_case("location"));
    located.then(|| "header:Location".to_owned())
}
