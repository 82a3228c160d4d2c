//! The operations of one noun to a resource: its members, its key, its calls, its filters and pages.

use super::{Group, call, elements};
use crate::{
    import::{
        member::{Member, key, settle},
        names::{self, plain},
        openapi::paging::{OFFSET, PAGE, SIZE, TOTAL},
        project::{Resource, keep_key},
    },
    plan::soap::Operation,
};
use elements::{Elements, Place};
use serde_json::{Map, Value, json};

/// How many rows are looked through for what the source cannot do by itself.
const WITHIN: u64 = 1000;

/// A resource with what its list says of pages.
pub struct Made {
    pub resource: Resource,
    pub paging: Map<String, Value>,
    pub notes: Vec<String>,
}

/// The resource; else why there is none.
pub fn resource(group: &Group, shared: &[String]) -> Result<Made, String> {
    let name = names::resource(&group.noun);
    let title = names::title(&group.noun);
    let list = group.list.as_ref().and_then(|list| Some((list, elements::rows(list, &name)?)));
    let read = group
        .read
        .as_ref()
        .and_then(|read| Some((read, elements::record(&read.types, &read.output, &name)?)));
    let (operation, place) = read.as_ref().or(list.as_ref()).ok_or("none of them gives records")?;
    let mut elements = Elements::new(&operation.types);
    let mut members = elements.members(place.id, &title, "");
    let mut made = Resource::new(name, title.clone());
    let asked = read.as_ref().and_then(|(read, _)| parameter(read, &members, shared));
    let named = asked.as_ref().map(|(_, name)| name.as_str());
    let at = key(&members, named, &title).ok_or("no element of a record can be its key")?;
    let key = keep_key(&mut members, at, &mut made);
    let sent = read.as_ref().and_then(|_| group.create.as_ref().or(group.replace.as_ref()));
    if let Some(sent) = sent {
        judge(&mut members, sent, &made.name);
    }
    let chosen =
        read.as_ref().and(group.create.as_ref()).is_some_and(|create| is_sent(create, &key, &made.name));
    if let Some(member) = members.get_mut(at).filter(|_| chosen) {
        member.read_only = false;
    }
    let loosened = settle(&mut members, sent.is_some());
    let loose = |name: &String| {
        format!("`{name}` is free JSON, as the source has it. Decide: which of its members are always there.")
    };
    made.of_contract.extend(std::mem::take(&mut elements.notes));
    made.of_contract.extend(loosened.iter().map(loose));
    made.of_contract
        .push("Decide: which members the public sees, their names, and which of them must be there.".into());
    made.members = members;
    let mut calls = Map::new();
    let mut words = Map::new();
    let (mut paging, mut notes) = (Map::new(), Vec::new());
    if let Some((list, rows)) = &list {
        lists(&mut made, list, rows, read.is_some(), shared, &mut calls, &mut words);
        (paging, notes) = pages(list);
        let total = elements::find(&list.types, &list.output, TOTAL);
        made.total = total.is_some() || paging.is_empty();
        if let (Some(total), Some(words)) = (total, words.get_mut("list").and_then(Value::as_object_mut)) {
            words.insert("total".into(), json!({ "at": total }));
        }
    }
    if let Some((read, record)) = &read {
        made.operations.push("read");
        let by = asked
            .map(|(path, _)| path)
            .ok_or("the operation that reads one takes no single value for its key")?;
        let mut one = json!({ "with": { by: "{key}" } });
        if let (Some(one), true) = (one.as_object_mut(), record.path != "$") {
            one.insert("rows".into(), record.path.as_str().into());
        }
        calls.insert("one".into(), call(read, &one));
        words.insert("read".into(), json!({ "call": "one", "absent": ["missing"] }));
        made.of_binding.push("Guessed: an answer without the record says that there is none.".into());
        changes(group, &mut made, (&key, chosen), shared, &mut calls, &mut words);
    }
    let order = ["list", "create", "read", "replace", "patch", "delete"];
    made.operations.sort_by_key(|operation| order.iter().position(|known| known == operation));
    made.binding.insert("calls".into(), Value::Object(calls));
    made.binding.extend(words);
    Ok(Made { resource: made, paging, notes })
}

/// The element by which an operation is told which record is meant, with its name: one that a record has, too; else
/// the one that must be there, or the first.
fn parameter(operation: &Operation, members: &[Member], shared: &[String]) -> Option<(String, String)> {
    let all = elements::parameters(&operation.types, &operation.input);
    let all: Vec<_> = all.into_iter().filter(|parameter| !shared.contains(&parameter.path)).collect();
    let known = |name: &str| {
        members.iter().any(|m| ["string", "integer"].contains(&m.kind()) && plain(&m.place) == plain(name))
    };
    let found = all.iter().find(|parameter| known(parameter.name()));
    let found = found.or_else(|| all.iter().find(|parameter| parameter.required)).or(all.first())?;
    Some((found.path.clone(), found.name().to_owned()))
}

/// What can be sent is what can be written; what must be sent must be there.
fn judge(members: &mut [Member], sent: &Operation, resource: &str) {
    let Some(place) = elements::record(&sent.types, &sent.input, resource) else { return };
    let Some(complex) = sent.types.get(place.id) else { return };
    for member in members {
        let name = member.place.split('.').next().unwrap_or_default();
        match (complex.field(name), complex.attribute(name.trim_start_matches('@'))) {
            (Some(field), _) => {
                member.required = if member.read_only {
                    member.required
                } else {
                    field.required && !field.many && !member.nullable
                };
            }
            (None, Some(_)) => {}
            (None, None) => member.read_only = true,
        }
    }
}

/// Whether who makes a record gives it its key.
fn is_sent(create: &Operation, key: &str, resource: &str) -> bool {
    let place = elements::record(&create.types, &create.input, resource);
    let complex = place.and_then(|place| create.types.get(place.id));
    complex.and_then(|complex| complex.field(key)).is_some_and(|field| field.required)
}

fn lists(
    made: &mut Resource,
    list: &Operation,
    rows: &Place,
    can_read: bool,
    shared: &[String],
    calls: &mut Map<String, Value>,
    words: &mut Map<String, Value>,
) {
    made.operations.push("list");
    let mut all = Map::from_iter([("rows".to_owned(), Value::from(rows.path.as_str()))]);
    let mut how = Map::from_iter([("call".to_owned(), Value::from("all"))]);
    // A list that gives less than a record is completed by a call for each row.
    let given: Vec<String> =
        list.types.get(rows.id).map(crate::plan::soap::Complex::members).unwrap_or_default();
    let heads = made.members.iter().map(|member| member.place.split('.').next().unwrap_or_default());
    if can_read && heads.clone().any(|head| !given.iter().any(|name| name == head)) {
        let gives: Vec<&str> = heads.filter(|head| given.iter().any(|name| name == head)).collect();
        all.insert("gives".into(), json!(gives));
        how.insert("complete".into(), "one".into());
        made.of_binding
            .push("The list gives less than a record: each row is completed by a call of its own.".into());
    }
    let mut filters = Map::new();
    let mut others = Vec::new();
    let paging = [PAGE, OFFSET, SIZE].concat();
    for parameter in
        elements::parameters(&list.types, &list.input).iter().filter(|p| !shared.contains(&p.path))
    {
        let name = parameter.name();
        let member =
            made.members.iter().find(|member| member.is_scalar() && plain(&member.place) == plain(name));
        match member {
            Some(member) => drop(filters.insert(member.name.clone(), parameter.path.as_str().into())),
            None if paging.contains(&plain(name).as_str()) => {}
            None => others.push(format!("`{}`", parameter.path)),
        }
    }
    if !others.is_empty() {
        made.of_binding
            .push(format!("Decide: the list takes {} too, which no member is.", others.join(", ")));
    }
    made.filter = filters.keys().cloned().collect();
    if !filters.is_empty() {
        how.insert("filter".into(), Value::Object(filters));
        made.of_binding.push(format!(
            "Guessed: filters by one value are the source's; others are looked for in up to {WITHIN} rows."
        ));
    }
    how.insert("order".into(), json!([made.key]));
    made.of_binding.push(format!(
        "Decide: the source is taken to order lists by `{}` itself; say `sort` where it does not.",
        made.key
    ));
    if !made.filter.is_empty() {
        how.insert("within".into(), WITHIN.into());
    }
    calls.insert("all".into(), call(list, &Value::Object(all)));
    words.insert("list".into(), Value::Object(how));
}

/// How a list comes in pages, by the names of its elements.
fn pages(list: &Operation) -> (Map<String, Value>, Vec<String>) {
    let all = elements::parameters(&list.types, &list.input);
    let named = |names: &[&str]| {
        let found = all.iter().find(|parameter| names.contains(&plain(parameter.name()).as_str()));
        found.map(|parameter| parameter.path.clone())
    };
    let rows = [OFFSET, &["first", "firstrow", "startrow"]].concat();
    let (page, offset) = (named(PAGE), named(&rows));
    let sizes: Vec<&str> = SIZE
        .iter()
        .copied()
        .filter(|name| offset.as_deref().is_none_or(|o| plain(o.rsplit('.').next().unwrap_or(o)) != *name))
        .collect();
    let size = named(&sizes);
    let mut words = Map::new();
    let mut notes = Vec::new();
    match (page, offset) {
        (Some(page), _) => {
            words.insert("page".into(), page.into());
            words.insert("from".into(), 1.into());
            notes.push("Decide: pages have numbers, and the first is taken to be 1.".into());
        }
        (None, Some(offset)) => {
            words.insert("offset".into(), offset.into());
            words.insert("from".into(), 0.into());
            notes.push(
                "Decide: a page begins behind a number of rows, which is taken to count from 0.".into(),
            );
        }
        (None, None) => {
            notes.push("Decide: nothing says how lists come in pages; each is taken to come whole.".into());
            return (words, notes);
        }
    }
    let size = match size {
        Some(size) => json!({ "parameter": size, "maximum": 50 }),
        None => json!({ "fixed": 20 }),
    };
    words.insert("size".into(), size);
    notes.push("Decide: how large a page may be; the number is guessed.".into());
    (words, notes)
}

/// What changes records: each with its operation.
fn changes(
    group: &Group,
    made: &mut Resource,
    (key, chosen): (&str, bool),
    shared: &[String],
    calls: &mut Map<String, Value>,
    words: &mut Map<String, Value>,
) {
    let name = made.name.clone();
    let inside = |operation: &Operation| {
        let place = elements::record(&operation.types, &operation.input, &name);
        place.map(|place| place.path).filter(|path| path != "$")
    };
    let sending = |operation: &Operation, mut more: Map<String, Value>| {
        more.extend(inside(operation).map(|inside| ("inside".to_owned(), inside.into())));
        call(operation, &Value::Object(more))
    };
    if let Some(create) = &group.create {
        made.operations.push("create");
        calls.insert("add".into(), sending(create, Map::new()));
        let mut add =
            Map::from_iter([("call".to_owned(), Value::from("add")), ("then".to_owned(), "read".into())]);
        let names = [plain(key), "id".to_owned()];
        match elements::find(&create.types, &create.output, &names.each_ref().map(String::as_str)) {
            _ if chosen => drop(add.insert("key".into(), "sent".into())),
            Some(place) => drop(add.insert("key".into(), place.into())),
            None => made.of_binding.push(format!(
                "Decide: the answer to `add` is taken to have `{key}`; say `key` where it stands elsewhere."
            )),
        }
        words.insert("create".into(), Value::Object(add));
    }
    if let Some(replace) = &group.replace {
        made.operations.extend(["replace", "patch"]);
        // The record is named beside what is sent, or in it.
        let all = elements::parameters(&replace.types, &replace.input);
        let place = all
            .iter()
            .find(|parameter| plain(parameter.name()) == plain(key))
            .map(|parameter| parameter.path.clone());
        let mut more = Map::new();
        match place {
            Some(place) => drop(more.insert("with".into(), json!({ place: "{key}" }))),
            None => made
                .of_binding
                .push("Decide: nothing in what `save` sends names the record; say it by `with`.".into()),
        }
        calls.insert("save".into(), sending(replace, more));
        words.insert("replace".into(), json!({ "call": "save", "then": "read", "sends": "all" }));
    }
    if let Some(delete) = &group.delete {
        if let Some((by, _)) = parameter(delete, &made.members, shared) {
            made.operations.push("delete");
            calls.insert("drop".into(), call(delete, &json!({ "with": { by: "{key}" } })));
            words.insert("delete".into(), json!({ "call": "drop" }));
        } else {
            made.of_binding.push(format!(
                "Decide: nothing says which record `{}` removes; it is left out.",
                delete.name
            ));
        }
    }
    if made.writes() {
        made.of_binding.push("Decide: who may write; until then everybody may.".into());
    }
}
