//! The resource `node`: index, retrieve, create, update, delete. Other targeted actions of Services are not here.

use serde_json::{Map, Value, json};

use super::fields::{AUTOCREATE, Field, accept, initial, of_type};
use super::index::Direction::Descending;
use super::index::{Cell, May, Place, Table};
use super::query::Query;
use super::refusal::Refusal;
use super::store::{Node, Store};

/// The width of the column `title`.
const LONGEST_TITLE: usize = 255;

const TABLE: Table<Node> = Table {
    name: "node",
    columns: &[
        ("nid", May::Filter, |node| Cell::id(node.nid)),
        ("vid", May::Show, |node| Cell::id(node.vid)),
        ("uid", May::Filter, |node| Cell::id(node.uid)),
        ("title", May::Filter, |node| Cell::Text(&node.title)),
        ("type", May::Filter, |node| Cell::Text(&node.kind)),
        ("language", May::Show, |_| Cell::Text("und")),
        ("status", May::Filter, |node| Cell::Number(node.status.into())),
        ("created", May::Filter, |node| Cell::Number(node.created)),
        ("changed", May::Filter, |node| Cell::Number(node.changed)),
        ("promote", May::Show, |node| Cell::Number(node.promote.into())),
        ("sticky", May::Sort, |node| Cell::Number(node.sticky.into())),
        ("comment", May::Show, |node| Cell::Number(node.comment.into())),
    ],
    order: &[("sticky", Descending), ("created", Descending)],
};

pub(super) fn index(store: &Store, query: &Query, place: &Place<'_>) -> Result<Value, Refusal> {
    TABLE.list(store.nodes.values(), query, place)
}

/// The whole node: base columns, what modules add, and the fields.
pub(super) fn retrieve(store: &Store, nid: &str, base: &str) -> Result<Value, Refusal> {
    let node = find(store, nid)?;
    let author = store.users.get(&node.uid).map_or("", |user| user.name.as_str());
    let mut object = members(&json!({
        "vid": node.vid.to_string(),
        "uid": node.uid.to_string(),
        "title": node.title,
        "log": "",
        "status": node.status.to_string(),
        "comment": node.comment.to_string(),
        "promote": node.promote.to_string(),
        "sticky": node.sticky.to_string(),
        "nid": node.nid.to_string(),
        "type": node.kind,
        "language": "und",
        "created": node.created.to_string(),
        "changed": node.changed.to_string(),
        "tnid": "0",
        "translate": "0",
        "revision_timestamp": node.changed.to_string(),
        "revision_uid": node.uid.to_string(),
    }));
    object.extend(node.fields.clone());
    object.extend(members(&json!({
        "name": author,
        "picture": "0",
        "data": null,
        "path": format!("{base}/node/{}", node.nid),
    })));
    Ok(Value::Object(object))
}

/// Makes a node of a form.
pub(super) fn create(store: &mut Store, form: &Value, now: i64, base: &str) -> Result<Value, Refusal> {
    let kind = form.get("type").and_then(Value::as_str).ok_or(Refusal::NoType)?;
    let fields = of_type(kind).ok_or_else(|| Refusal::UnknownType(kind.to_owned()))?;
    let mut node = Node {
        nid: 0,
        vid: 0,
        // The service's own account, unless the form names an author.
        uid: 1,
        title: String::new(),
        kind: kind.to_owned(),
        status: 1,
        created: now,
        changed: now,
        promote: 0,
        sticky: 0,
        comment: 1,
        fields: fields.iter().map(|field| (field.name.to_owned(), initial(field))).collect(),
    };
    let mut errors = fill(&mut node, fields, form, store);
    if form.get("title").is_none() {
        // Shown first, as on the form.
        errors.shift_insert(0, "title".to_owned(), json!("Title field is required."));
    }
    if !errors.is_empty() {
        return Err(Refusal::Form(errors));
    }
    save_tags(store, &mut node)?;
    let nid = store.add(node).ok_or(Refusal::Full)?;
    Ok(written(nid, base))
}

/// Changes what the form mentions and leaves the rest.
pub(super) fn update(
    store: &mut Store,
    nid: &str,
    form: &Value,
    now: i64,
    base: &str,
) -> Result<Value, Refusal> {
    let mut node = find(store, nid)?.clone();
    let fields = of_type(&node.kind).unwrap_or_default();
    let errors = fill(&mut node, fields, form, store);
    if !errors.is_empty() {
        return Err(Refusal::Form(errors));
    }
    save_tags(store, &mut node)?;
    node.changed = now;
    let nid = node.nid;
    store.nodes.insert(nid, node);
    Ok(written(nid, base))
}

pub(super) fn delete(store: &mut Store, nid: &str) -> Result<Value, Refusal> {
    let nid = find(store, nid)?.nid;
    store.nodes.remove(&nid);
    Ok(json!([true]))
}

/// Makes terms of the names that the form brought along, and refers to them.
fn save_tags(store: &mut Store, node: &mut Node) -> Result<(), Refusal> {
    let items = node.fields.values_mut().filter_map(|field| field.get_mut("und")?.as_array_mut()).flatten();
    for item in items.filter(|item| item.get("tid").is_some_and(|tid| tid == AUTOCREATE)) {
        let vid = item.get("vid").and_then(Value::as_str).and_then(|vid| vid.parse().ok());
        let name = item.get("name").and_then(Value::as_str);
        let (Some(vid), Some(name)) = (vid, name) else { continue };
        let tid = store.add_tag(vid, name).ok_or(Refusal::Full)?;
        *item = json!({ "tid": tid.to_string() });
    }
    Ok(())
}

fn find<'s>(store: &'s Store, nid: &str) -> Result<&'s Node, Refusal> {
    nid.parse().ok().and_then(|id: u64| store.nodes.get(&id)).ok_or_else(|| Refusal::NoNode(nid.to_owned()))
}

fn written(nid: u64, base: &str) -> Value {
    json!({ "nid": nid.to_string(), "uri": format!("{base}/rest/node/{nid}") })
}

fn members(object: &Value) -> Map<String, Value> {
    object.as_object().cloned().unwrap_or_default()
}

/// Puts what the form mentions into the node; all that is wrong, by field. A node with errors is thrown away.
fn fill(node: &mut Node, fields: &[Field], form: &Value, store: &Store) -> Map<String, Value> {
    let mut errors = Map::new();
    if let Some(title) = form.get("title") {
        match title_of(title) {
            Ok(title) => node.title = title,
            Err(message) => {
                errors.insert("title".to_owned(), json!(message));
            }
        }
    }
    if let Some(uid) = form.get("uid") {
        let word = uid.as_str().map_or_else(|| uid.to_string(), str::to_owned);
        match word.parse().ok().filter(|uid| store.users.contains_key(uid)) {
            Some(uid) => node.uid = uid,
            None => {
                errors.insert("uid".to_owned(), json!(format!("The user {word} does not exist.")));
            }
        }
    }
    for (name, place) in
        [("status", &mut node.status), ("promote", &mut node.promote), ("sticky", &mut node.sticky)]
    {
        match form.get(name) {
            Some(Value::Null) | None => {}
            Some(flag) => *place = u8::from(![json!("0"), json!(0), json!(false), json!("")].contains(flag)),
        }
    }
    for field in fields {
        match form.get(field.name).map(|given| accept(field, given, store)) {
            Some(Ok(stored)) => {
                node.fields.insert(field.name.to_owned(), stored);
            }
            Some(Err(message)) => {
                errors.insert(field.name.to_owned(), json!(message));
            }
            None => {}
        }
    }
    errors
}

fn title_of(given: &Value) -> Result<String, String> {
    let title =
        given.as_str().map_or_else(|| given.as_i64().map(|n| n.to_string()), |text| Some(text.to_owned()));
    let title = title.filter(|title| !title.trim().is_empty()).ok_or("Title field is required.")?;
    match title.chars().count() {
        length if length > LONGEST_TITLE => Err(format!(
            "Title cannot be longer than {LONGEST_TITLE} characters but is currently {length} characters long."
        )),
        _ => Ok(title),
    }
}
