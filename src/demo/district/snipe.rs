//! The asset register in the manner of Snipe-IT's API: `hardware`, `maintenances`, and two tables that the
//! district added itself in the same manner, `maintenance-schedules` and `parts-requests`; `locations`,
//! `models`, `categories`, `statuslabels` and `suppliers` can be read. **Whatever goes wrong with a record
//! comes with HTTP 200** and `"status": "error"`, where `messages` is a text or a map of lists; only a
//! missing key, path or method has a status of its own. Lists give `total` and `rows`. There is no check-in,
//! no audit, no file, no user.
//!
//! Quirks kept from the real one: lists begin with the newest unless told; a sort that is not known is left
//! aside, and so is every unknown parameter; a `limit` above 500 becomes 500; `PUT` changes what it is given
//! and no more, as `PATCH` does; texts are escaped for HTML when read; **a write answers the row of the
//! database**, which has other names and types than what is read.
//!
//! Reading order: [`answer`] is the table of paths, `resource` what each of them has, `listing` its lists,
//! `write` its changes, `print` what a reader gets.

mod columns;
mod listing;
mod print;
mod resource;
mod write;

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode, header};
use serde_json::{Map, Value, json};

pub(super) use self::print::stamp;
use self::resource::Resource;
use super::query::Query;
use super::reply;

/// A row of the database: numbers, texts and null, by column.
pub(super) type Row = Map<String, Value>;

/// So many rows in a table at most: the register lives in memory.
const MOST_ROWS: usize = 5_000;

/// One table.
#[derive(Default)]
pub(super) struct Table {
    rows: BTreeMap<u64, Row>,
}

impl Table {
    /// A table of rows that have an `id`.
    pub(super) fn of(rows: Vec<Row>) -> Self {
        let id = |row: &Row| row.get("id").and_then(Value::as_u64).unwrap_or_default();
        Self { rows: rows.into_iter().map(|row| (id(&row), row)).collect() }
    }

    /// A row that was not deleted.
    fn live(&self, id: u64) -> Option<&Row> {
        self.rows.get(&id).filter(|row| !trashed(row))
    }

    /// Ids are never given twice: rows are only marked as deleted.
    fn next(&self) -> u64 {
        self.rows.last_key_value().map_or(1, |(id, _)| id + 1)
    }
}

/// All tables.
pub(super) struct Register {
    pub(super) hardware: Table,
    pub(super) maintenances: Table,
    pub(super) schedules: Table,
    pub(super) parts_requests: Table,
    pub(super) locations: Table,
}

/// Why a record was not read or written; printed with HTTP 200.
#[derive(Debug, PartialEq)]
enum Refusal {
    Message(String),
    /// Column to messages.
    Fields(BTreeMap<String, Vec<String>>),
}

fn trashed(row: &Row) -> bool {
    row.get("deleted_at").is_some_and(|at| !at.is_null())
}

fn number(row: &Row, column: &str) -> Option<u64> {
    row.get(column).and_then(Value::as_u64)
}

fn text<'r>(row: &'r Row, column: &str) -> &'r str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

/// Answers a request below the prefix whose key was right.
pub(super) fn answer(
    register: &mut Register,
    head: &Parts,
    path: &[String],
    body: &Bytes,
    now: i64,
) -> Response<Bytes> {
    let query = Query::parse(head.uri.query().unwrap_or_default());
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let [name, rest @ ..] = path.as_slice() else { return no_endpoint() };
    let Some(resource) = Resource::named(name) else { return no_endpoint() };
    let sent = || document(&head.headers, body);
    let answered = match (head.method.as_str(), rest) {
        ("GET", []) => Ok(listing::list(register, resource, &query)),
        ("GET", ["bytag", tag]) if resource.path == "hardware" => print::by_tag(register, tag),
        ("GET", ["byserial", serial]) if resource.path == "hardware" => print::by_serial(register, serial),
        ("GET", [id]) => resource.show(register, id),
        ("POST", []) if resource.written => write::create(register, resource, &sent(), now),
        ("PATCH" | "PUT", [id]) if resource.written => write::update(register, resource, id, &sent(), now),
        ("DELETE", [id]) if resource.written => write::delete(register, resource, id, now),
        (_, [] | [_]) => return no_method(resource, rest.is_empty()),
        _ => return no_endpoint(),
    };
    let document = answered.unwrap_or_else(|refusal| match refusal {
        Refusal::Message(message) => failed(&json!(message)),
        Refusal::Fields(fields) => failed(&json!(fields)),
    });
    reply::json(StatusCode::OK, &document)
}

/// For a key that is missing or wrong.
pub(super) fn unauthorized() -> Response<Bytes> {
    let response =
        reply::json(StatusCode::UNAUTHORIZED, &json!({"error": "Unauthorized or unauthenticated."}));
    reply::with(response, header::WWW_AUTHENTICATE, "Token")
}

fn no_endpoint() -> Response<Bytes> {
    reply::json(StatusCode::NOT_FOUND, &failed(&json!("There is no such endpoint.")))
}

fn no_method(resource: &Resource, many: bool) -> Response<Bytes> {
    let response =
        reply::json(StatusCode::METHOD_NOT_ALLOWED, &failed(&json!("The method is not allowed here.")));
    let allowed = match (resource.written, many) {
        (false, _) => "GET",
        (true, true) => "GET, POST",
        (true, false) => "GET, PATCH, PUT, DELETE",
    };
    reply::with(response, header::ALLOW, allowed)
}

fn failed(messages: &Value) -> Value {
    json!({"status": "error", "messages": messages, "payload": null})
}

/// The body's members. As the framework below the real one does: what cannot be read counts as nothing sent,
/// and the validation then misses its fields.
fn document(headers: &HeaderMap, body: &Bytes) -> Row {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let form = String::from_utf8_lossy(body);
        let form = Query::parse(&form);
        return form.pairs().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    }
    if essence.to_ascii_lowercase().ends_with("json") {
        return serde_json::from_slice(body).unwrap_or_default();
    }
    Row::new()
}
