//! Secrets and personal values stand in nothing that the program tells of itself: they are driven through it, marked, with all
//! that it can tell turned on, and looked for everywhere. The systems behind repeat what they are sent, as some do.

use super::{shop::Shop, told::Receiver};
use crate::black_box::support::Client;
use portico::backend::sql::pool::Pool;
use std::time::{Duration, Instant};

/// What marks a value that must not be seen. Each place has a number of its own, so that a leak says where it is from.
const MARK: &str = "m4rk";

/// Method, target, headers and body.
type Asked<'a> = (&'a str, String, &'a [(&'a str, &'a str)], Option<&'a str>);

const NOTE: &str = r#"{ "title": "Note", "type": "object", "additionalProperties": false, "required": ["noteId", "email"], "properties": { "noteId": { "type": "string", "readOnly": true }, "email": { "type": "string" }, "password": { "type": "string", "writeOnly": true } } }"#;
const NOTES: &str = "resource: notes\ncontract: shop/v1/note.json\nkey: noteId\npath: /notes\noperations: [list, create, read]\naccess: public\norder: [noteId]\nfilter: [email]\ntotal: promised\n";
const DIALECT: &str = "dialect: desk\nformat: json\nalways: { headers: { x-desk-key: \"${key}\" } }\n";
const BINDING: &str = "binds: notes\ndialect: desk\nfields:\n  noteId: id\n  email: email\n  password: { to: password }\ncalls:\n  all: { get: /notes, rows: $ }\n  one: { get: \"/notes/{id}\" }\n  add: { post: /notes, gives: [id] }\nlist: { call: all, order: [noteId], within: 1000 }\nread: { call: one, absent: [404] }\ncreate: { call: add }\n";

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_and_no_personal_value_is_told_by_anything() {
    // The desk fails, and says why in words that repeat what came.
    let desk = Receiver::echoing();
    let (collector, sentry) = (Receiver::begin(200, ""), Receiver::begin(200, ""));
    let more = format!(
        "telemetry:\n  requests: {{ to: ../../state/requests.log }}\n  serverTiming: {{ roles: [admin] }}\n  traces: {{ endpoint: \"http://127.0.0.1:{}\", share: 1, trust: [127.0.0.1], headers: {{ x-key: {MARK}01 }} }}\n  faults: {{ dsn: \"http://{MARK}02@127.0.0.1:{}/1\" }}\nledger: {{ url: \"sqlite:../../state/ledger.db\" }}\nadminToken: {{ file: ../../state/token }}\n",
        collector.port, sentry.port
    );
    let source = format!(
        "sources:\n  desk:\n    http: {{ address: \"http://127.0.0.1:{}\", plain: true }}\n    credentials: {{ key: {MARK}03 }}\n",
        desk.port
    );
    let beside = [
        ("schemas/shop/v1/note.json", NOTE),
        ("mappings/shop/v1/notes.yaml", NOTES),
        ("mappings/dialects/desk.yaml", DIALECT),
        ("mappings/shop/v1/notes.desk.yaml", BINDING),
    ];
    let edits = [
        ("config/shop.yaml", "sources:\n", source.as_str()),
        ("config/shop.yaml", "items: store", "items: store, notes: desk"),
    ];
    let shop = Shop::new_with(&more, &beside, &edits);
    std::fs::write(shop.path("state/token"), format!("{MARK}04-and-more-of-it")).unwrap();
    let mut program = shop.start_with(&[], &[("RUST_LOG", "trace")]);
    assert!(program.is_ready().await, "{:?}", program.err.all());

    let callers = Client::new(format!("http://127.0.0.1:{}", shop.port));
    let operators = Client::new(format!("http://127.0.0.1:{}", shop.admin));
    let (bearer, cookie) = (format!("Bearer {MARK}05"), format!("session={MARK}06"));
    let (key, browser, referer) =
        (format!("{MARK}07"), format!("{MARK}08/1.0"), format!("https://a.example/{MARK}09"));
    let came = format!("a={MARK}10");
    let odd = format!("{MARK}11");
    let marked = [
        ("cookie", &*cookie),
        (http::header::USER_AGENT.as_str(), &*browser),
        ("referer", &*referer),
        ("x-odd", &*odd),
        ("x-forwarded-for", &*odd),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("tracestate", &*came),
    ];
    let mut signed = marked.to_vec();
    signed.push(("authorization", &bearer));
    let mut writing = marked.to_vec();
    writing.push(("content-type", "application/json"));
    let mut keyed = writing.clone();
    keyed.push(("idempotency-key", &key));
    let note = format!("{{\"email\":\"{MARK}12@mail.example\",\"password\":\"{MARK}13\"}}");
    let wrong = format!("{{\"email\":7,\"{MARK}14\":\"{MARK}15\"}}");
    let broken = format!("{{\"email\":\"{MARK}16");
    let card = "{\"name\":\"4111 1111 1111 1111\"}";
    let item = format!("{{\"name\":\"{MARK}17\"}}");
    let get = |path: String| ("GET", path, &marked[..], None);
    let requests: Vec<Asked> = vec![
        get(format!("/v1/items?name={MARK}18")),
        get(format!("/v1/items?{MARK}19=1")),
        get(format!("/v1/items/{MARK}20")),
        get(format!("/v1/{MARK}21")),
        get(format!("/{MARK}22/x?y={MARK}23")),
        get(format!("/v1/notes/{MARK}24")),
        get(format!("/v1/notes?email={MARK}25@mail.example")),
        get(format!("/v1/items?access_token={MARK}26")),
        ("GET", "/v1/items".to_owned(), &signed, None),
        ("GET", format!("/v1/notes?fields={MARK}27"), &signed, None),
        ("POST", "/v1/notes".to_owned(), &writing, Some(&note)),
        ("POST", "/v1/notes".to_owned(), &keyed, Some(&note)),
        ("POST", "/v1/items".to_owned(), &keyed, Some(&item)),
        ("POST", "/v1/items".to_owned(), &keyed, Some(card)),
        ("POST", "/v1/notes".to_owned(), &writing, Some(&wrong)),
        ("POST", "/v1/notes".to_owned(), &writing, Some(&broken)),
        ("POST", "/v1/items".to_owned(), &writing, Some(card)),
        (MARK, "/v1/items".to_owned(), &marked, None),
        ("POST", format!("/hooks/{MARK}28"), &writing, Some(&note)),
    ];
    for (method, path, headers, body) in &requests {
        callers.send(method, path, headers, *body).await;
    }
    assert!(
        desk.all().iter().any(|(_, body)| super::told::holds(body, &format!("{MARK}13"))),
        "the desk was not asked"
    );
    // A fault of our own, and an operator who mistypes.
    let state = shop.path("state");
    let pool = Pool::open("sqlite:ledger.db", &state, 1, Duration::from_secs(5)).await.unwrap();
    pool.run_all(&["DROP TABLE idempotency".to_owned()]).await.unwrap();
    callers.send("POST", "/v1/items", &keyed, Some(&item)).await.refused(500, "F913");
    sentry.until("a report", |_, body| super::told::holds(body, "F913"));
    let wrong = [("authorization", "Bearer m4rk29")];
    operators.send("GET", &format!("/audit?subject={MARK}30"), &wrong, None).await.with(401);
    let token = format!("Bearer {MARK}04-and-more-of-it");
    let proof = [("authorization", &*token)];
    operators.send("GET", &format!("/audit?{MARK}31=1"), &proof, None).await;
    operators.send("POST", &format!("/cache/purge?resource={MARK}32"), &proof, None).await;
    operators.send("POST", "/reload", &proof, None).await.with(200);
    let metrics = operators.send("GET", "/metrics", &proof, None).await.with(200).text().to_owned();
    let until = Instant::now() + Duration::from_secs(20);
    let lines = loop {
        let lines = std::fs::read_to_string(shop.path("state/requests.log")).unwrap_or_default();
        if lines.lines().count() > requests.len() {
            break lines;
        }
        assert!(Instant::now() < until, "{lines}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    program.signal("TERM");
    program.end().await;

    let bytes = |all: Vec<(String, Vec<u8>)>| -> String {
        all.iter().map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect()
    };
    let (spans, reports) = (bytes(collector.all()), bytes(sentry.all()));
    assert!(cfg!(not(feature = "otlp")) || spans.contains("http.route"), "no span came");
    let (out, err) = (program.out.all().join("\n"), program.err.all().join("\n"));
    assert!(err.contains("a system behind failed"), "{err}");
    // What came in as `tracestate` goes on in it: the collector is told of no other word of a caller.
    let spans = spans.replace(&came, "");
    for (what, text) in [
        ("standard output", &out),
        ("the log", &err),
        ("metrics", &metrics),
        ("the requests' lines", &lines),
        ("spans", &spans),
        ("reports", &reports),
    ] {
        // Two groups of the card, and not one: a time, a port or a trace can have four such digits of its own.
        let card = ["4111 1111", "4111+1111", "4111%201111", "41111111"];
        for word in [MARK, &MARK.to_uppercase(), "bTRya", "mail.example"].into_iter().chain(card) {
            if let Some(at) = text.find(word) {
                let start = text[..at].char_indices().rev().nth(300).map_or(0, |(at, _)| at);
                let end = text[at..].char_indices().nth(100).map_or(text.len(), |(more, _)| at + more);
                panic!("`{word}` is in {what}: … {} …", &text[start..end]);
            }
        }
    }
}
