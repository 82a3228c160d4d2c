//! The same public list over every way of paging: the same rows in the same order whatever the limit, none missing and
//! none twice, the same total, and no call more than needed. What goes wrong on the way is tried in `trouble`.

mod least;
mod shelf;
mod trouble;

use crate::support;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use least::{Request, least};
use portico::{
    backend::Sources,
    fault::Diagnostics,
    pipeline::{Facade, Instance},
    plan::compile::compile,
    spec::load::{Tree, load},
    telemetry::clock::Fixed,
    value::time::Moment,
};
use shelf::{ROWS, Shelf, id};
use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};
use tokio::time::Instant;

const LIMITS: [usize; 6] = [1, 3, 7, 10, 37, 100];
const FURTHEST: usize = 1000;

/// A façade over the shelf that speaks in this style.
pub async fn facade(shelf: &Arc<Shelf>, style: &str) -> Facade {
    let name = format!("tests/paging/styles/{style}.yaml");
    let text = support::read(&name);
    let (dialect, binding) =
        text.split_once("\n---\n").unwrap_or_else(|| panic!("{name}: `---` parts two files"));
    let files = [
        ("config/library.yaml", "listen: [{ address: 127.0.0.1:8080 }]\npublicUrl: https://library.example\napis:\n  library/v1:\n    serve: { books: shelf }\nsources:\n  shelf:\n    http: { address: https://shelf.example/api }\n".to_owned()),
        ("schemas/library/v1/book.json", r#"{ "title": "Book", "type": "object", "required": ["bookId", "title"], "properties": { "bookId": { "type": "string", "readOnly": true }, "title": { "type": "string" } } }"#.to_owned()),
        ("mappings/library/v1/api.yaml", "api: library\nversion: v1\nbase: /v1\ntitle: Town library\nlimit: { default: 10, maximum: 100 }\n".to_owned()),
        ("mappings/library/v1/books.yaml", format!("resource: books\ncontract: library/v1/book.json\nkey: bookId\npath: /books\noperations: [list, read]\naccess: public\norder: [bookId]\ntotal: promised\nmaxOffset: {FURTHEST}\n")),
        ("mappings/dialects/shelf.yaml", dialect.to_owned()),
        ("mappings/library/v1/books.shelf.yaml", binding.to_owned()),
    ];
    let files: BTreeMap<_, _> = files.into_iter().map(|(name, text)| (name.into(), text)).collect();
    let mut out = Diagnostics::new();
    let files = load(&Tree::Memory(files), Path::new("config/library.yaml"), &mut out);
    let plan = compile(&files, &mut out);
    assert!(!out.has_errors(), "{style}:\n{}", out.render_plain());
    let plan = plan.expect("a plan");
    let connect = {
        let shelf = Arc::clone(shelf);
        move |_: &portico::plan::HttpSource| Ok(shelf.transport())
    };
    let sources = Sources::build(&plan, None, &connect).await.unwrap();
    Facade::new(Instance { plan, sources }, Arc::new(Fixed(Moment::parse("2026-11-21T12:00:00Z").unwrap())))
}

/// What a list answered.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub ids: Vec<String>,
    pub total: Option<usize>,
    pub next: Option<String>,
    pub body: serde_json::Value,
}

pub async fn ask(facade: &Facade, target: &str) -> Page {
    let request = http::Request::builder().uri(target).body(Full::new(Bytes::new())).unwrap();
    let response = facade
        .answer_as(portico::identity::Caller::operator(), request, Instant::now() + Duration::from_secs(20))
        .await;
    let (head, body) = response.into_parts();
    let body: serde_json::Value = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap();
    let books = body["books"].as_array().cloned().unwrap_or_default();
    let link = head.headers.get("link").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let next = link.split(", ").find_map(|part| part.strip_suffix(">; rel=\"next\"")?.strip_prefix('<'));
    Page {
        status: head.status.as_u16(),
        ids: books.iter().map(|book| book["bookId"].as_str().unwrap().to_owned()).collect(),
        total: body["metadata"]["totalCount"].as_u64().map(|n| n as usize),
        next: next.map(|url| url.strip_prefix("https://library.example").unwrap().to_owned()),
        body,
    }
}

pub fn reference() -> Vec<String> {
    (1..=ROWS).map(id).collect()
}

/// Walks the list by its `next` links from the start, then back by offsets.
async fn walk(style: &'static str, limit: usize, counted: bool) {
    let shelf = Shelf::new(style);
    let facade = facade(&shelf, style).await;
    let count = if counted { "" } else { "&count=false" };
    let mut target = Some(format!("/v1/books?limit={limit}{count}"));
    let (mut ids, mut offset) = (Vec::new(), 0);
    while let Some(asked) = target {
        let before = shelf.calls();
        let page = ask(&facade, &asked).await;
        assert_eq!(page.status, 200, "{style} {asked}: {}", page.body);
        assert_eq!(page.total, counted.then_some(ROWS), "{style} {asked}");
        let request = Request { offset, limit, counts: counted && offset == 0, marked: true };
        let made = shelf.asked.lock().unwrap()[before..].to_vec();
        assert_eq!(made.len(), least(style, request), "{style} {asked}: {made:#?}");
        offset += limit;
        ids.extend(page.ids);
        assert!(ids.len() <= ROWS, "{style} {asked}: more rows than there are");
        target = page.next;
    }
    assert_eq!(ids, reference(), "{style}, limit {limit}");
    let pages = ROWS.div_ceil(limit);
    for page in (0..pages).rev() {
        let offset = page * limit;
        let before = shelf.calls();
        let came = ask(&facade, &format!("/v1/books?limit={limit}&offset={offset}{count}")).await;
        assert_eq!(came.ids, reference()[offset..(offset + limit).min(ROWS)], "{style}, back at {offset}");
        let most = least(style, Request { offset, limit, counts: false, marked: true });
        let made = shelf.calls() - before;
        assert!(made <= most, "{style}, back at {offset}: {made} calls, and {most} are enough");
    }
}

/// Asks for stretches anywhere, also behind the end, each time of a façade that knows nothing yet and of one that does.
async fn jump(style: &'static str) {
    let (shelf, mut seed) = (Shelf::new(style), 7_usize);
    let known = facade(&shelf, style).await;
    let anywhere = (0..20).map(|_| {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        (seed / 65_536 % 180, seed / 7 % 100 + 1)
    });
    for (offset, limit) in anywhere.chain([(162, 1), (163, 10), (FURTHEST, 100), (0, 100)]) {
        let target = format!("/v1/books?limit={limit}&offset={offset}&count=false");
        let expected = &reference()[offset.min(ROWS)..(offset + limit).min(ROWS)];
        let new = facade(&shelf, style).await;
        for (facade, what) in [(&new, "new"), (&known, "known")] {
            let before = shelf.calls();
            let page = ask(facade, &target).await;
            assert_eq!(page.status, 200, "{style} {target}: {}", page.body);
            assert_eq!(page.ids, expected, "{style} {target}");
            let most = least(style, Request { offset, limit, counts: false, marked: false });
            let made = shelf.asked.lock().unwrap()[before..].to_vec();
            assert!(made.len() <= most, "{style} {target} ({what}): {most} are enough for {made:#?}");
        }
    }
}

macro_rules! styles {
    ($($style:ident)*) => {
        $(
            #[tokio::test]
            async fn $style() {
                for limit in LIMITS {
                    walk(stringify!($style), limit, true).await;
                    walk(stringify!($style), limit, false).await;
                }
                jump(stringify!($style)).await;
            }
        )*

        #[test]
        fn every_style_is_walked() {
            let walked = [$(stringify!($style)),*];
            let there = support::below("tests/paging/styles");
            let there: Vec<&str> = there.iter().map(|name| name.trim_start_matches("tests/paging/styles/").trim_end_matches(".yaml")).collect();
            assert_eq!(there, walked);
        }
    };
}

styles! {
    p01_offset_total
    p02_has_more
    p03_total_in_header
    p04_count_call
    p05_page_from_one
    p06_page_from_zero
    p07_page_and_rows
    p08_first_and_last
    p09_cursor
    p09_cursor_walked
    p10_last_key
    p11_link_in_body
    p11_link_in_header
    p12_ids_then_each
    p12_ids_then_several
    p13_no_paging
    p14_cap_unsaid
    p14_offset_ignored
    p14_pages_overlap
    p14_silent_cap
    p15_both_or_an_error
    p16_order_unless_asked
    p17_key_in_the_body
}
