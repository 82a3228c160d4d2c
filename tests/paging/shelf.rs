//! A backend that serves the same rows in every way of paging that is known, and writes down what it was asked.
//! It is strict: what a system of the kind refuses it refuses, too.

use portico::backend::http::{Lost, Outgoing, Received, Transport};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// How many rows there are.
pub const ROWS: usize = 163;

/// What has gone wrong, or is about to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// The cursor is the same on every page.
    CursorStands,
    /// Two cursors lead to each other.
    CursorTurns,
    /// The next page's address is another host's.
    LinkElsewhere,
    /// A row is put in front of the list behind the first call.
    RowComesIn,
}

pub struct Shelf {
    style: &'static str,
    pub asked: Mutex<Vec<String>>,
    pub trouble: Mutex<Trouble>,
    rows: Mutex<Vec<usize>>,
    /// Cursors that end lose their validity by this number.
    age: Mutex<usize>,
}

/// A question taken apart.
struct Asked {
    path: String,
    query: BTreeMap<String, String>,
    body: Value,
}

type Reply = (u16, Vec<(&'static str, String)>, Value);

impl Asked {
    fn number(&self, name: &str) -> Option<usize> {
        self.query.get(name).map(|text| text.parse().unwrap_or_else(|_| panic!("`{name}` is `{text}`")))
    }
}

pub fn id(row: usize) -> String {
    format!("b{row:03}")
}

fn book(row: usize) -> Value {
    json!({ "id": id(row), "t": format!("Book {row}") })
}

fn refused(why: &str) -> Reply {
    (400, Vec::new(), json!({ "error": why }))
}

fn good(body: Value) -> Reply {
    (200, Vec::new(), body)
}

impl Shelf {
    pub fn new(style: &'static str) -> Arc<Self> {
        Arc::new(Self {
            style,
            asked: Mutex::default(),
            trouble: Mutex::new(Trouble::None),
            rows: Mutex::new((1..=ROWS).collect()),
            age: Mutex::new(0),
        })
    }

    pub fn calls(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub fn transport(self: &Arc<Self>) -> Transport {
        let shelf = Arc::clone(self);
        Transport::new(tower::service_fn(move |outgoing: Outgoing| {
            let shelf = Arc::clone(&shelf);
            async move {
                // Others come in between, as over a network.
                tokio::task::yield_now().await;
                Ok::<_, Lost>(shelf.answer(&outgoing))
            }
        }))
    }

    fn answer(&self, outgoing: &Outgoing) -> Received {
        let target = outgoing.url.strip_prefix("https://shelf.example/api").expect("the source's address");
        self.asked.lock().unwrap().push(format!("{} {target}", outgoing.method));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let decode =
            |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
        let query = query.split('&').filter(|p| !p.is_empty()).map(|pair| pair.split_once('=').unwrap());
        let query = query.map(|(name, value)| (decode(name), decode(value))).collect();
        let body = outgoing.body.as_ref().map_or(Value::Null, |b| serde_json::from_slice(b).unwrap());
        let (status, headers, body) = self.reply(&Asked { path: path.to_owned(), query, body });
        let mut all = http::HeaderMap::new();
        for (name, value) in headers {
            all.insert(name, value.parse().unwrap());
        }
        if *self.trouble.lock().unwrap() == Trouble::RowComesIn && self.calls() == 1 {
            self.rows.lock().unwrap().insert(0, 0);
        }
        Received { status, headers: all, retry_after: None, body: serde_json::to_vec(&body).unwrap() }
    }

    /// Rows from a place on, as many as there are.
    fn from(&self, start: usize, count: usize) -> (Vec<Value>, usize) {
        let rows = self.rows.lock().unwrap();
        (rows.iter().skip(start).take(count).copied().map(book).collect(), rows.len())
    }

    fn reply(&self, asked: &Asked) -> Reply {
        if let Some(key) = asked.path.strip_prefix("/books/") {
            let found = self.rows.lock().unwrap().iter().find(|row| id(**row) == key).copied().map(book);
            return found.map_or_else(|| (404, Vec::new(), Value::Null), good);
        }
        match self.style {
            "p01_offset_total" | "p08_first_and_last" | "p14_cap_unsaid" | "p16_order_unless_asked" => {
                self.by_row_with_total(asked)
            }
            "p02_has_more"
            | "p03_total_in_header"
            | "p04_count_call"
            | "p14_silent_cap"
            | "p14_offset_ignored"
            | "p15_both_or_an_error" => self.by_row(asked),
            "p05_page_from_one"
            | "p06_page_from_zero"
            | "p07_page_and_rows"
            | "p12_ids_then_each"
            | "p12_ids_then_several"
            | "p13_no_paging"
            | "p14_pages_overlap" => self.by_page(asked),
            _ => self.by_cursor(asked),
        }
    }

    fn by_row_with_total(&self, asked: &Asked) -> Reply {
        if self.style == "p08_first_and_last" {
            let (Some(first), Some(last)) = (asked.number("start_number"), asked.number("end_number")) else {
                return refused("start_number and end_number");
            };
            if first < 1 || last < first || last - first >= 30 {
                return refused("1 to 30 rows, from 1");
            }
            let (rows, total) = self.from(first - 1, last - first + 1);
            return good(json!({ "total_books": total, "books": rows }));
        }
        let (offset, limit, most) = match self.style {
            "p01_offset_total" => (asked.number("offset"), asked.number("limit"), 25),
            "p14_cap_unsaid" => (asked.number("offset"), asked.number("limit").map(|n| n.min(40)), 40),
            _ => (asked.number("$offset"), asked.number("$limit"), 30),
        };
        let (Some(offset), Some(limit)) = (offset, limit.filter(|n| *n <= most)) else {
            return refused("offset and limit");
        };
        if self.style == "p16_order_unless_asked" && asked.query.get("$order").is_none_or(|o| o != "id asc") {
            // Nobody asked for an order: another one each time.
            let mut rows = self.rows.lock().unwrap().clone();
            let turn = self.calls() * 31 % rows.len();
            rows.rotate_left(turn);
            rows.reverse();
            let rows: Vec<Value> = rows.iter().skip(offset).take(limit).copied().map(book).collect();
            return good(json!({ "total": ROWS, "books": rows }));
        }
        let (rows, total) = self.from(offset, limit);
        let name = if self.style == "p16_order_unless_asked" { "books" } else { "rows" };
        good(json!({ "total": total, name: rows }))
    }

    fn by_row(&self, asked: &Asked) -> Reply {
        match self.style {
            "p02_has_more" => {
                let (offset, limit) =
                    (asked.number("offset").unwrap_or(0), asked.number("limit").unwrap_or(50));
                if limit > 50 {
                    return refused("limit");
                }
                let (rows, total) = self.from(offset, limit);
                let more = offset + rows.len() < total;
                good(json!({ "success": 1, "books": rows, "has_more": more }))
            }
            "p03_total_in_header" => {
                let (rows, total) =
                    self.from(asked.number("offset").unwrap(), asked.number("limit").unwrap());
                (200, vec![("x-total-count", total.to_string())], json!(rows))
            }
            "p04_count_call" => {
                if asked.query.get("$select").is_some_and(|s| s == "count(*)") {
                    assert_eq!(asked.query.len(), 1, "a count has no stretch");
                    return good(json!([{ "count": self.from(0, 0).1.to_string() }]));
                }
                let limit = asked.number("$limit").unwrap();
                assert!(limit <= 40);
                good(json!(self.from(asked.number("$offset").unwrap(), limit).0))
            }
            "p14_silent_cap" => {
                let limit = asked.number("limit").unwrap().min(40);
                good(json!(self.from(asked.number("offset").unwrap(), limit).0))
            }
            "p14_offset_ignored" => good(json!({ "data": self.from(0, asked.number("limit").unwrap()).0 })),
            _ => match (asked.number("since"), asked.number("limit")) {
                (Some(since), Some(limit)) if limit <= 100 => good(json!(self.from(since, limit).0)),
                _ => refused("`since` and `limit` go together"),
            },
        }
    }

    fn by_page(&self, asked: &Asked) -> Reply {
        let ids = |rows: Vec<Value>| rows.into_iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
        match self.style {
            "p05_page_from_one" => {
                let (page, size) = (asked.number("page").unwrap(), asked.number("limit").unwrap());
                if page < 1 || size > 30 {
                    return refused("page from 1, limit to 30");
                }
                let (rows, total) = self.from((page - 1) * size, size);
                let items: Vec<Value> = rows.into_iter().map(|row| json!({ "book": row })).collect();
                good(json!({ "meta": { "items_total": total }, "items": items }))
            }
            "p07_page_and_rows" => {
                let (page, size) = (asked.number("page").unwrap(), asked.number("rows").unwrap());
                if page < 1 || ![10, 25, 50].contains(&size) {
                    return refused("page from 1, rows 10, 25 or 50");
                }
                let (rows, total) = self.from((page - 1) * size, size);
                (200, vec![("datatotalrows", total.to_string())], json!(rows))
            }
            "p12_ids_then_each" => good(json!(ids(self.from(0, usize::MAX).0))),
            "p13_no_paging" => good(json!({ "books": self.from(0, usize::MAX).0 })),
            "p14_pages_overlap" => {
                let (page, size) = (asked.number("page").unwrap(), asked.number("limit").unwrap());
                let start = ((page - 1) * (size - 1)).min(ROWS - size);
                good(json!({ "data": self.from(start, size).0 }))
            }
            _ if asked.path == "/several" => {
                let keys: Vec<&str> =
                    asked.body["ids"].as_array().unwrap().iter().map(|k| k.as_str().unwrap()).collect();
                assert!(keys.len() <= 30);
                let rows = self.rows.lock().unwrap();
                // In an order of its own.
                let rows: Vec<Value> =
                    rows.iter().rev().filter(|row| keys.contains(&&*id(**row))).copied().map(book).collect();
                good(json!({ "books": rows }))
            }
            _ => {
                let (page, size) = (asked.number("page").unwrap(), asked.number("pagesize"));
                if size.is_some_and(|size| size != 20) {
                    return refused("pages have 20 rows");
                }
                let rows = self.from(page * 20, 20).0;
                good(if asked.path == "/ids" { json!(ids(rows)) } else { json!(rows) })
            }
        }
    }

    fn by_cursor(&self, asked: &Asked) -> Reply {
        let trouble = *self.trouble.lock().unwrap();
        let (cursor, size) = match self.style {
            "p10_last_key" => (asked.query.get("starting_after").cloned(), asked.number("limit")),
            "p17_key_in_the_body" => {
                let key = asked.body["ExclusiveStartKey"]["id"]["S"].as_str().map(str::to_owned);
                (key, asked.body["Limit"].as_u64().map(|n| n as usize))
            }
            "p11_link_in_body" | "p11_link_in_header" => {
                (asked.query.get("after").cloned(), asked.number("_count"))
            }
            _ => (asked.query.get("startCursor").cloned(), asked.number("limit")),
        };
        let Some(size) = size.filter(|size| (1..=50).contains(size)) else { return refused("1 to 50") };
        let age = *self.age.lock().unwrap();
        let keyed = matches!(self.style, "p10_last_key" | "p17_key_in_the_body");
        let start = match &cursor {
            None => 0,
            Some(key) if keyed => {
                let rows = self.rows.lock().unwrap();
                rows.iter().position(|row| id(*row) == *key).expect("a key of ours") + 1
            }
            Some(cursor) if trouble == Trouble::CursorStands || trouble == Trouble::CursorTurns => {
                if cursor == "x" { 50 } else { 100 }
            }
            Some(cursor) => {
                let (of, at) = cursor.split_once(':').expect("a cursor of ours");
                if of.parse() != Ok(age) {
                    return (410, Vec::new(), json!({ "error": "the cursor has expired" }));
                }
                at.parse().unwrap()
            }
        };
        let (rows, total) = self.from(start, size);
        let end = start + rows.len();
        let more = end < total;
        let next = match trouble {
            Trouble::CursorStands => "x".to_owned(),
            Trouble::CursorTurns => if cursor.as_deref() == Some("x") { "y" } else { "x" }.to_owned(),
            _ => format!("{age}:{end}"),
        };
        let host = if trouble == Trouble::LinkElsewhere {
            "https://evil.example/api"
        } else {
            "https://shelf.example/api"
        };
        let link = format!("{host}/books?_count={size}&after={next}");
        let last = rows.last().map_or(Value::Null, |row| row["id"].clone());
        match self.style {
            "p10_last_key" => good(json!({ "data": rows })),
            "p17_key_in_the_body" => {
                let mut answer = json!({ "Items": rows, "Count": rows.len() });
                if more {
                    answer["LastEvaluatedKey"] = json!({ "id": { "S": last } });
                }
                good(answer)
            }
            "p11_link_in_body" => {
                let links = if more { json!({ "self": "/", "next": link }) } else { json!({ "self": "/" }) };
                good(json!({ "total": total, "data": rows, "links": links }))
            }
            "p11_link_in_header" => {
                let mut headers = vec![("x-total-count", total.to_string())];
                headers.extend(more.then(|| {
                    ("link", format!("<https://shelf.example/>; rel=\"first\", <{link}>; rel=\"next\""))
                }));
                (200, headers, json!(rows))
            }
            _ => good(json!({ "data": rows, "total": total, "endCursor": next, "hasNextPage": more })),
        }
    }

    /// Every cursor that was given ends.
    pub fn end_cursors(&self) {
        *self.age.lock().unwrap() += 1;
    }
}
