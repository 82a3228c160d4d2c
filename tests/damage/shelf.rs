//! A made-up system beside the demo's: things by offset with a stated total, notes by cursors that it signs. It takes
//! writes, and its mapping stands here too.

use serde_json::{Value, json};

pub const FILES: &[(&str, &str)] = &[
    (
        "mappings/dialects/shelf.yaml",
        r"
dialect: shelf
format: json
paging: { offset: skip, size: { parameter: take, maximum: 7 } }
",
    ),
    (
        "mappings/dialects/shelf-notes.yaml",
        r"
dialect: shelf-notes
format: json
paging: { cursor: { parameter: after, next: next }, more: more, size: { parameter: take, maximum: 7 } }
",
    ),
    ("mappings/shelf/v1/api.yaml", "{ api: shelf, version: v1, base: /shelf, title: Shelf }\n"),
    (
        "mappings/shelf/v1/things.yaml",
        r"
resource: things
contract: shelf/v1/thing.json
key: thingId
path: /things
operations: [list, read, create]
access: public
order: [thingId]
filter: [label]
total: promised
",
    ),
    (
        "mappings/shelf/v1/things.shelf.yaml",
        r#"
binds: things
dialect: shelf
fields:
  thingId: id
  label: label
  size: { from: size, via: [integer] }
  open: { from: on, via: [truth] }
  tags: { each: tags, from: name }
calls:
  all: { get: /things, rows: rows }
  one: { get: "/things/{id}" }
  add: { post: /things, gives: [id] }
list: { call: all, order: [thingId], total: { at: total }, within: 100 }
read: { call: one, absent: [404] }
create: { call: add, then: read }
"#,
    ),
    (
        "mappings/shelf/v1/notes.yaml",
        r"
resource: notes
contract: shelf/v1/note.json
key: noteId
path: /notes
operations: [list]
access: public
order: [noteId]
maxOffset: 1000
total: none
",
    ),
    (
        "mappings/shelf/v1/notes.shelf.yaml",
        r"
binds: notes
dialect: shelf-notes
fields: { noteId: id, label: label }
calls: { all: { get: /notes, rows: rows } }
list: { call: all, order: [noteId] }
",
    ),
    (
        "schemas/shelf/v1/thing.json",
        r#"{ "$id": "shelf/v1/thing.json", "title": "Thing", "type": "object", "additionalProperties": false,
            "required": ["thingId", "label"], "properties": {
              "thingId": { "type": "string", "readOnly": true }, "label": { "type": "string" },
              "size": { "type": ["integer", "null"] }, "open": { "type": ["boolean", "null"] },
              "tags": { "type": "array", "items": { "type": "string", "xml": { "name": "tag" } } } } }"#,
    ),
    (
        "schemas/shelf/v1/note.json",
        r#"{ "$id": "shelf/v1/note.json", "title": "Note", "type": "object", "additionalProperties": false,
            "required": ["noteId", "label"], "properties": {
              "noteId": { "type": "string", "readOnly": true }, "label": { "type": "string" } } }"#,
    ),
];

/// What it has before anybody writes.
const FIRST: usize = 30;

#[derive(Debug, Default)]
pub struct Shelf {
    added: Vec<Value>,
}

impl Shelf {
    pub fn reset(&mut self) {
        self.added.clear();
    }

    /// Status and body; the path begins behind the host.
    pub fn answer(&mut self, method: &str, path: &str, body: Option<&[u8]>) -> (u16, String) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parameter =
            |name: &str| query.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('=')).unwrap_or("");
        let take: usize = parameter("take").parse().unwrap_or(7).min(7);
        if method == "POST" {
            let mut new: Value = serde_json::from_slice(body.unwrap_or_default()).unwrap_or_default();
            let id = 101 + FIRST + self.added.len();
            new["id"] = json!(id.to_string());
            self.added.push(new);
            return (201, json!({ "id": id.to_string() }).to_string());
        }
        let all: Vec<Value> = (1..=FIRST).map(thing).chain(self.added.iter().cloned()).collect();
        if path == "/things" {
            let rows: Vec<&Value> =
                all.iter().skip(parameter("skip").parse().unwrap_or(0)).take(take).collect();
            return (200, json!({ "rows": rows, "total": all.len(), "note": "as of today" }).to_string());
        }
        if path == "/notes" {
            // A cursor is the number of rows before it, and a sign that nobody else makes.
            let from = match parameter("after") {
                "" => 0,
                cursor => match (0..FIRST).find(|at| sign(*at) == cursor) {
                    Some(at) => at,
                    None => return (400, json!({ "error": "no such cursor" }).to_string()),
                },
            };
            let rows: Vec<Value> = (from + 1..=FIRST).take(take).map(note).collect();
            let end = from + rows.len();
            let next = (end < FIRST).then(|| sign(end));
            return (200, json!({ "rows": rows, "next": next, "more": end < FIRST }).to_string());
        }
        let id = path.trim_start_matches("/things/");
        match all.iter().find(|thing| thing["id"] == id) {
            Some(thing) => (200, thing.to_string()),
            None => (404, json!({ "error": "nothing there" }).to_string()),
        }
    }
}

fn sign(at: usize) -> String {
    format!("c{at}x{}", (at + 7) * 7919 % 9973)
}

/// Ids of two digits, so that their order is that of the rows.
fn thing(number: usize) -> Value {
    let tags: Vec<Value> = (0..number % 3).map(|n| json!({ "name": format!("tag {n}") })).collect();
    json!({
        "id": format!("{}", number + 100), "label": format!("Thing \"{number}\" of steel"),
        "size": (number * 3).to_string(), "on": number.is_multiple_of(2), "tags": tags, "spare": { "a": [1, 2] },
    })
}

fn note(number: usize) -> Value {
    json!({ "id": format!("{}", number + 500), "label": format!("Note {number}") })
}
