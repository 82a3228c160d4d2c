//! How a list comes in pages, guessed from the names of its parameters and of what stands around its rows.

use super::{
    document::{Operation, Parameter},
    schema::{Flat, flat, kind},
};
use crate::import::names::plain;
use serde_json::{Map, Value, json};

pub const PAGE: &[&str] = &["page", "pagenumber", "pageno", "pagenum", "pageindex", "currentpage"];
pub const OFFSET: &[&str] = &["offset", "skip", "start", "startindex", "startat", "from", "pageoffset"];
const CURSOR: &[&str] = &[
    "cursor",
    "after",
    "startingafter",
    "pagetoken",
    "nexttoken",
    "nextpagetoken",
    "continuationtoken",
    "marker",
    "pageafter",
    "pagecursor",
    "next",
];
pub const SIZE: &[&str] = &[
    "perpage",
    "pagesize",
    "limit",
    "size",
    "maxresults",
    "pagelimit",
    "top",
    "pagelen",
    "count",
    "take",
    "first",
    "resultsperpage",
];
/// Where an answer says where the next page begins.
const NEXT: &[&str] = &[
    "nextcursor",
    "nextpagetoken",
    "nexttoken",
    "endcursor",
    "next",
    "cursor",
    "nextpage",
    "continuationtoken",
    "nextmarker",
];
const MORE: &[&str] = &["hasmore", "more", "hasnextpage", "hasnext", "moreitems"];
pub const TOTAL: &[&str] = &[
    "total",
    "totalcount",
    "totalitems",
    "totalresults",
    "totalelements",
    "totalrecords",
    "recordcount",
    "numberofrecords",
    "totalhits",
    "totalrows",
];
/// Objects beside the rows that speak of the page.
const AROUND: &[&str] = &[
    "meta",
    "metadata",
    "paging",
    "pagination",
    "pageinfo",
    "page",
    "info",
    "links",
    "cursors",
    "responsemetadata",
];

/// What a list says of its pages.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Pages {
    /// The words of `paging`.
    pub words: Map<String, Value>,
    /// Names of parameters that are not filters.
    pub taken: Vec<String>,
    pub cursor: bool,
    pub notes: Vec<String>,
}

/// A place around the rows whose name is among these, and what it holds.
fn around<'a>(operation: &Operation<'a>, names: &[&str]) -> Option<(String, &'a Value)> {
    let answer = operation.answer()?;
    let top = flat(operation.doc, answer);
    let find = |flat: &Flat<'a>, prefix: &str| {
        names.iter().find_map(|wanted| {
            let found = flat.properties.iter().find(|(name, _)| plain(name) == **wanted)?;
            let scalar = !["object", "array"].contains(&kind(operation.doc, found.1));
            scalar.then(|| (format!("{prefix}{}", found.0), found.1))
        })
    };
    let inner = || {
        top.properties.iter().filter(|(name, _)| AROUND.contains(&plain(name).as_str())).find_map(
            |(name, schema)| {
                let flat = flat(operation.doc, schema);
                find(&flat, &format!("{name}."))
            },
        )
    };
    find(&top, "").or_else(inner)
}

/// Where a list says how many there are: a place of the answer, or a header.
pub fn total(operation: &Operation<'_>) -> Option<Value> {
    let whole = |place: &(String, &Value)| kind(operation.doc, place.1) == "integer";
    if let Some((place, _)) = around(operation, TOTAL).filter(whole) {
        return Some(json!({ "at": place }));
    }
    // A `count` beside `next` is of all, as Django's REST framework has it; alone it may be the page's own.
    let counted = around(operation, &["count"]).filter(whole);
    if let (Some((place, _)), Some(_)) = (counted, around(operation, &["next"])) {
        return Some(json!({ "at": place }));
    }
    let headers = operation.answer_headers();
    let header =
        headers.iter().find(|name| ["xtotalcount", "xtotal", "totalcount"].contains(&plain(name).as_str()));
    header.map(|name| json!({ "header": name }))
}

/// How a list comes in pages.
pub fn pages(operation: &Operation<'_>) -> Pages {
    let query = operation.query();
    let named =
        |names: &[&str]| names.iter().find_map(|wanted| query.iter().find(|p| plain(p.name) == **wanted));
    let (page, offset, cursor) = (named(PAGE), named(OFFSET), named(CURSOR));
    let size = named(SIZE);
    let mut pages = Pages::default();
    let linked = operation.answer_headers().iter().any(|name| name.eq_ignore_ascii_case("link"));
    let next = around(operation, NEXT);
    let more = around(operation, MORE).map(|(place, _)| place);
    let words = &mut pages.words;
    match (cursor, page, offset) {
        (Some(cursor), ..) if next.is_some() || more.is_some() => {
            let said = match &next {
                Some((place, schema)) if is_address(schema) => json!({ "link": place }),
                Some((place, _)) => json!({ "parameter": cursor.name, "next": place }),
                None => json!({ "parameter": cursor.name, "lastKey": true }),
            };
            words.insert("cursor".into(), said);
            pages.cursor = true;
            pages.notes.push("Guessed: a cursor leads from page to page.".into());
        }
        (_, Some(page), _) => {
            words.insert("page".into(), page.name.into());
            words.insert("from".into(), begins(page, 1).into());
            pages.notes.push(format!("Guessed: pages have numbers, and the first is {}.", begins(page, 1)));
        }
        (_, _, Some(offset)) => {
            words.insert("offset".into(), offset.name.into());
            words.insert("from".into(), begins(offset, 0).into());
            pages.notes.push("Guessed: a page begins behind a number of rows.".into());
        }
        _ if linked => {
            words.insert("cursor".into(), json!({ "linkHeader": true }));
            pages.cursor = true;
            pages.notes.push("Guessed: the header `Link` names the next page.".into());
        }
        _ => {
            let Some((place, _)) = next.filter(|(_, schema)| is_address(schema)) else {
                let note = "Decide: nothing says how lists come in pages; each is taken to come whole.";
                pages.notes.push(note.into());
                pages.taken.extend(cursor.map(|cursor| cursor.name.to_owned()));
                return pages;
            };
            words.insert("cursor".into(), json!({ "link": place }));
            pages.cursor = true;
            pages.notes.push(format!("Guessed: `{place}` of an answer is the next page's address."));
        }
    }
    words.insert("size".into(), Value::Object(sizes(size, &mut pages.notes)));
    if let Some(place) = more {
        words.insert("more".into(), place.into());
    }
    let used = [cursor, page, offset, size].into_iter().flatten();
    pages.taken.extend(used.map(|parameter| parameter.name.to_owned()));
    pages
}

fn is_address(schema: &Value) -> bool {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    ["uri", "url", "uri-reference"].contains(&format)
}

/// The number of the first page or row: 0 or 1.
fn begins(parameter: &Parameter<'_>, usual: u64) -> u64 {
    let number = |key: &str| parameter.schema.get(key).and_then(Value::as_u64);
    number("minimum").or_else(|| number("default")).filter(|from| *from < 2).unwrap_or(usual)
}

fn sizes(size: Option<&Parameter<'_>>, notes: &mut Vec<String>) -> Map<String, Value> {
    let mut words = Map::new();
    let Some(size) = size else {
        words.insert("fixed".into(), 20.into());
        notes.push("Decide: nothing says how large a page is; 20 rows are guessed.".into());
        return words;
    };
    words.insert("parameter".into(), size.name.into());
    let number =
        |key: &str| size.schema.get(key).and_then(Value::as_u64).filter(|n| (1..=100_000).contains(n));
    match (number("maximum"), number("default")) {
        (Some(most), _) => drop(words.insert("maximum".into(), most.into())),
        (None, usual) => {
            let most = usual.unwrap_or(50);
            words.insert("maximum".into(), most.into());
            notes.push(format!("Decide: nothing says how large a page may be; {most} rows are guessed."));
        }
    }
    words
}
