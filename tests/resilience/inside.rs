//! The same by a time of our choosing: a façade whose source is a function.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    backend::{
        Sources,
        http::{Lost, Outgoing, Received, Transport},
    },
    fault::Diagnostics,
    pipeline::{Facade, Instance},
    plan::compile::compile,
    spec::load::{Tree, load},
    telemetry::clock::System,
};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

const FILES: [(&str, &str); 4] = [
    ("mappings/ward/v1/api.yaml", "api: ward\nversion: v1\nbase: /v1\ntitle: Ward\n"),
    (
        "mappings/ward/v1/items.yaml",
        "resource: items\ncontract: ward/v1/item.json\nkey: itemId\npath: /items\noperations: [read]\naccess: public\n",
    ),
    (
        "schemas/ward/v1/item.json",
        r#"{ "title": "Item", "type": "object", "additionalProperties": false, "required": ["itemId"], "properties": { "itemId": { "type": "string" } } }"#,
    ),
    ("mappings/dialects/far.yaml", "dialect: far\nformat: json\n"),
];
const CONFIG: &str = "listen: [{ address: 127.0.0.1:8080 }]\npublicUrl: https://ward.example\napis: { ward/v1: { serve: { items: far } } }\nsources:\n  far:\n    http: { addresses: [https://one.example/api, https://two.example/api], deadline: 5s }\n";
const BINDING: &str = "binds: items\ndialect: far\nfields: { itemId: id }\ncalls: { one: { get: \"/items/{id}\" } }\nread: { call: one, absent: [404] }\n";

/// How a call is answered: by its number, counted from one.
type Answers = dyn Fn(usize) -> (Duration, Result<u16, Lost>) + Send + Sync;

/// What left, and how many calls were given up.
#[derive(Default)]
struct Seen {
    left: Mutex<Vec<Outgoing>>,
    dropped: Mutex<usize>,
}

/// A call under way; where it is dropped before its end it was given up.
struct Under(Arc<Seen>, bool);

impl Drop for Under {
    fn drop(&mut self) {
        *self.0.dropped.lock().unwrap() += usize::from(!self.1);
    }
}

async fn facade(
    bounds: &str,
    binding: &str,
    dialect: &str,
    answers: Arc<Answers>,
) -> (Arc<Facade>, Arc<Seen>) {
    let config = format!("{CONFIG}{bounds}");
    let binding = format!("{BINDING}{binding}");
    let mut files: BTreeMap<_, _> =
        FILES.iter().map(|(name, text)| ((*name).into(), (*text).to_owned())).collect();
    files.insert("config/ward.yaml".into(), config);
    files.insert("mappings/ward/v1/items.far.yaml".into(), binding);
    files.entry("mappings/dialects/far.yaml".into()).or_default().push_str(dialect);
    let mut out = Diagnostics::new();
    let words = load(&Tree::Memory(files), Path::new("config/ward.yaml"), &mut out);
    let plan = compile(&words, &mut out);
    assert!(!out.has_errors(), "{}", out.render_plain());
    let plan = plan.unwrap();
    let seen = Arc::new(Seen::default());
    let far = Arc::clone(&seen);
    let transport = Transport::new(tower::service_fn(move |outgoing: Outgoing| {
        let (seen, answers) = (Arc::clone(&far), Arc::clone(&answers));
        async move {
            let number = {
                let mut left = seen.left.lock().unwrap();
                left.push(outgoing.clone());
                left.len()
            };
            let mut under = Under(seen, false);
            let (takes, came) = answers(number);
            tokio::time::sleep(takes).await;
            under.1 = true;
            let status = came?;
            let id = outgoing.url.rsplit('/').next().unwrap();
            let body = format!(r#"{{"id":"{id}"}}"#).into_bytes();
            let retry_after = (status == 429).then(|| Duration::from_secs(2));
            Ok(Received { status, headers: http::HeaderMap::new(), retry_after, body })
        }
    }));
    let connect = move |_: &portico::plan::HttpSource| Ok(transport.clone());
    let sources = Sources::build(&plan, None, &connect).await.unwrap();
    (Arc::new(Facade::new(Instance { plan, sources }, Arc::new(System))), seen)
}

/// Status, code and `Retry-After` of a read.
async fn read(facade: &Facade, within: Duration) -> (u16, String, Option<String>) {
    let request = http::Request::get("/v1/items/7").body(Full::new(Bytes::new())).unwrap();
    let (head, body) = facade.answer(request, Instant::now() + within).await.into_parts();
    let body: serde_json::Value = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap();
    let again = head.headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    (head.status.as_u16(), body["code"].as_str().unwrap_or_default().to_owned(), again)
}

const LONG: Duration = Duration::from_secs(30);
const MS: Duration = Duration::from_millis(1);

fn at_once(_: usize) -> (Duration, Result<u16, Lost>) {
    (Duration::ZERO, Ok(200))
}

#[tokio::test(start_paused = true)]
async fn a_call_has_what_the_request_has_left_and_says_so() {
    let time = "timeLeft: { header: X-Left-Ms }\n";
    let hang: Arc<Answers> = Arc::new(|_| (LONG, Ok(200)));
    let (facade, seen) = facade("", "", time, hang).await;
    let left = |seen: &Seen| {
        let calls = seen.left.lock().unwrap();
        let header = calls.last().unwrap().headers.iter().find(|(name, _)| name == "x-left-ms");
        header.unwrap().1.parse::<u64>().unwrap()
    };
    let begun = Instant::now();
    let (status, code, _) = read(&facade, MS * 1500).await;
    assert_eq!((status, code.as_str()), (500, "F512"));
    // A tenth of a second is left for the answer.
    assert_eq!((left(&seen), begun.elapsed()), (1400, MS * 1400));
    let begun = Instant::now();
    read(&facade, LONG).await;
    assert_eq!((left(&seen), begun.elapsed()), (5000, MS * 5000));
}

#[tokio::test(start_paused = true)]
async fn a_read_goes_to_the_other_address_where_one_does_not_answer() {
    let lost: Arc<Answers> = Arc::new(|number| match number {
        1 => (Duration::ZERO, Err(Lost::Unreachable("refused".into()))),
        _ => at_once(number),
    });
    let (facade, seen) = facade("", "", "", lost).await;
    assert_eq!(read(&facade, LONG).await.0, 200);
    let mut urls: Vec<String> = seen.left.lock().unwrap().iter().map(|one| one.url.clone()).collect();
    urls.sort();
    assert_eq!(urls, ["https://one.example/api/items/7", "https://two.example/api/items/7"]);
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_asked_for_is_made_within_the_deadline() {
    let busy: Arc<Answers> = Arc::new(|number| (Duration::ZERO, Ok(if number == 1 { 429 } else { 200 })));
    let (facade, seen) = facade("", "", "", busy).await;
    let begun = Instant::now();
    assert_eq!(read(&facade, LONG).await.0, 200);
    assert!(begun.elapsed() >= Duration::from_secs(2));
    // There is no time for it: the caller is told.
    seen.left.lock().unwrap().clear();
    assert_eq!(read(&facade, MS * 1000).await, (500, "F517".into(), Some("2".into())));
    assert_eq!(seen.left.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_read_is_asked_a_second_time_where_the_files_say_so() {
    let first_slow: fn(usize) -> (Duration, Result<u16, Lost>) =
        |number| if number % 2 == 1 { (MS * 3000, Ok(200)) } else { (MS * 10, Ok(200)) };
    let source = "    resilience: { hedge: { after: 200ms } }\n";
    for (bounds, binding, takes, calls) in [
        ("", "", 3000, 1),
        (source, "", 210, 2),
        (source, "hedge: never\n", 3000, 1),
        ("", "hedge: { after: 100ms }\n", 110, 2),
    ] {
        let (facade, seen) = facade(bounds, binding, "", Arc::new(first_slow)).await;
        let begun = Instant::now();
        assert_eq!(read(&facade, LONG).await.0, 200);
        assert_eq!(begun.elapsed(), MS * takes, "{bounds}{binding}");
        assert_eq!(seen.left.lock().unwrap().len(), calls);
        // The loser is given up, and asked elsewhere than the winner.
        assert_eq!(*seen.dropped.lock().unwrap(), calls - 1);
        let urls: std::collections::BTreeSet<String> =
            seen.left.lock().unwrap().iter().map(|one| one.url.clone()).collect();
        assert_eq!(urls.len(), calls);
    }
}
