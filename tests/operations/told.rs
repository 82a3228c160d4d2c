//! What is told of requests: numbers, lines, timings, spans and reports, by a running program to receivers of our own.

use super::shop::Shop;
use crate::black_box::support::{Client, Program};
use portico::backend::sql::pool::Pool;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// The target with the headers, and the body.
type Came = (String, Vec<u8>);

/// A receiver that takes whatever it is sent by HTTP/1.1 and keeps it: the target with the headers, and the body.
#[derive(Clone)]
pub struct Receiver {
    pub port: u16,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Receiver {
    /// One that answers with this status.
    pub fn begin(status: u16, more: &'static str) -> Self {
        Self::answering(move |_, _| format!("HTTP/1.1 {status} Said\r\n{more}Content-Length: 2\r\n\r\n[]"))
    }

    /// One that fails, and repeats all that it was sent.
    pub fn echoing() -> Self {
        Self::answering(|head, body| {
            let said =
                serde_json::json!({ "error": { "head": head, "body": String::from_utf8_lossy(body) } });
            let said = said.to_string();
            format!(
                "HTTP/1.1 500 No\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{said}",
                said.len()
            )
        })
    }

    fn answering(answer: impl Fn(&str, &[u8]) -> String + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let came = Arc::<Mutex<Vec<(String, Vec<u8>)>>>::default();
        let receiver = Self { port, came: Arc::clone(&came) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let came = Arc::clone(&came);
                let answer = answer.clone();
                std::thread::spawn(move || drop(take(stream, &came, answer)));
            }
        });
        receiver
    }

    pub fn all(&self) -> Vec<(String, Vec<u8>)> {
        self.came.lock().unwrap().clone()
    }

    /// Waits until something came that is as it is looked for.
    pub fn until(&self, what: &str, is: impl Fn(&str, &[u8]) -> bool) -> (String, Vec<u8>) {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(found) = self.all().into_iter().find(|(head, body)| is(head, body)) {
                return found;
            }
            assert!(Instant::now() < until, "{what} did not come; there came {}", self.all().len());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn take(
    stream: TcpStream,
    came: &Mutex<Vec<(String, Vec<u8>)>>,
    answer: impl Fn(&str, &[u8]) -> String,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let length = head.to_ascii_lowercase();
        let length =
            length.split_once("content-length: ").and_then(|(_, rest)| rest.split('\r').next()?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body)?;
        let said = answer(&head, &body);
        came.lock().unwrap().push((head, body));
        stream.get_mut().write_all(said.as_bytes())?;
    }
}

pub fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

async fn started(shop: &Shop) -> (Program, Client, Client) {
    let program = shop.start(&[]);
    assert!(program.is_ready().await, "{:?}", program.err.all());
    let callers = Client::new(format!("http://127.0.0.1:{}", shop.port));
    (program, callers, Client::new(format!("http://127.0.0.1:{}", shop.admin)))
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_calls_are_counted_by_names_of_the_files_alone() {
    let shop = Shop::new("");
    let (_program, callers, operators) = started(&shop).await;
    for _ in 0..3 {
        callers.get("/v1/items?limit=2").await.with(200);
    }
    callers.get("/v1/items/001").await.with(200);
    callers.get("/v1/items/none").await.with(404);
    for path in ["/v1/nothing-of-ours", "/elsewhere/4711", "/v1/items/a/b/c"] {
        callers.get(path).await.with(404);
    }
    callers.json("POST", "/v1/items", &serde_json::json!({ "name": "new" })).await.with(201);
    callers.send("BREW", "/v1/items", &[], None).await.with(400);
    let metrics = operators.get("/metrics").await.with(200);
    let text = metrics.text();
    let route = "api=\"shop/v1\",route=\"items\"";
    for line in [
        format!("portico_requests_total{{{route},operation=\"list\",status=\"2xx\"}} 3"),
        format!("portico_requests_total{{{route},operation=\"read\",status=\"2xx\"}} 1"),
        format!("portico_requests_total{{{route},operation=\"read\",status=\"4xx\"}} 1"),
        format!("portico_requests_total{{{route},operation=\"create\",status=\"2xx\"}} 1"),
        "portico_requests_total{api=\"\",route=\"unknown\",operation=\"\",status=\"4xx\"} 4".to_owned(),
        "portico_refusals_total{code=\"F111\"} 3".to_owned(),
        "portico_refusals_total{code=\"F112\"} 1".to_owned(),
        format!("portico_request_duration_seconds_count{{{route},operation=\"list\"}} 3"),
        "portico_source_calls_in_flight{source=\"store\"} 0.0".to_owned(),
        "portico_requests_in_flight 0.0".to_owned(),
        "portico_draining 0.0".to_owned(),
        "portico_panics_total 0".to_owned(),
    ] {
        assert!(text.lines().any(|found| found == line), "no `{line}` in\n{text}");
    }
    for name in [
        "portico_source_calls_total{source=\"store\",outcome=\"ok\"} ",
        "portico_source_call_duration_seconds_bucket{le=\"0.01\",source=\"store\"} ",
        "portico_connections_accepted_total ",
        "portico_connections_open ",
        "portico_plan_info{plan=\"",
        "portico_build_info{version=\"",
        "process_resident_memory_bytes ",
        "process_open_fds ",
        "process_cpu_seconds_total ",
        "process_start_time_seconds ",
    ] {
        assert!(text.lines().any(|line| line.starts_with(name)), "no `{name}` in\n{text}");
    }
    for word in ["nothing-of-ours", "4711", "BREW", "none\""] {
        assert!(!text.contains(word), "`{word}` of a caller is in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_leaves_one_line_with_its_trace_and_sources_are_told_of_it() {
    let shop = Shop::new(
        "telemetry:\n  requests: { to: ../../state/requests.log }\n  traces: { share: 0, trust: [127.0.0.1] }\n",
    );
    let (_program, callers, _) = started(&shop).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let headers = [("traceparent", &*parent)];
    callers.send("GET", "/v1/items?limit=2&name=Item+1", &headers, None).await.with(200);
    callers.get("/v1/items/none").await.with(404);
    let lines = lines(&shop, 2);
    let (one, two) = (&lines[0], &lines[1]);
    for (name, value) in [
        ("event", "request"),
        ("trace", trace),
        ("method", "GET"),
        ("api", "shop/v1"),
        ("route", "items"),
        ("operation", "list"),
        ("cache", "bypass"),
    ] {
        assert_eq!(one[name], value, "{one}");
    }
    assert_eq!((&one["status"], one["source_calls"].as_u64() > Some(0)), (&200.into(), true), "{one}");
    assert!(one["sent_bytes"].as_u64() > Some(20) && one["seconds"].as_f64() > Some(0.0), "{one}");
    for stage in ["arrive", "route", "validate", "execute", "translate"] {
        assert!(one[format!("{stage}_seconds")].is_f64(), "no {stage} in {one}");
    }
    assert!(!one.to_string().contains("Item"), "{one}");
    assert_eq!((&two["status"], &two["code"]), (&404.into(), &"F112".into()), "{two}");
    assert_ne!(two["trace"], one["trace"]);
}

/// The lines of the shop's file, once there are so many.
fn lines(shop: &Shop, count: usize) -> Vec<serde_json::Value> {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let text = std::fs::read_to_string(shop.path("state/requests.log")).unwrap_or_default();
        if text.lines().count() >= count {
            return text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        }
        assert!(Instant::now() < until, "{text}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_of_who_is_not_trusted_is_not_taken_over() {
    let shop = Shop::new(
        "telemetry:\n  requests: { to: ../../state/requests.log }\n  traces: { trust: [10.0.0.0/8] }\n",
    );
    let (_program, callers, _) = started(&shop).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    callers.send("GET", "/v1/items", &[("traceparent", &parent)], None).await.with(200);
    let line = &lines(&shop, 1)[0];
    assert_eq!(line["trace"].as_str().unwrap().len(), 32);
    assert_ne!(line["trace"], trace);
}

#[cfg(feature = "otlp")]
#[tokio::test(flavor = "multi_thread")]
async fn spans_of_requests_stages_and_calls_reach_the_collector_and_one_that_is_away_costs_nothing() {
    let collector = Receiver::begin(200, "");
    let shop = Shop::new(&format!(
        "telemetry:\n  traces:\n    endpoint: http://127.0.0.1:{}\n    share: 1\n    trust: [127.0.0.1]\n    headers: {{ x-key: collector-key }}\n",
        collector.port
    ));
    let (mut program, callers, operators) = started(&shop).await;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    callers.send("GET", "/v1/items?limit=2", &[("traceparent", parent)], None).await.with(200);
    let (head, body) = collector.until("a span", |_, body| holds(body, "GET shop/v1/items list"));
    assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains("x-key: collector-key\r\n"), "{head}");
    assert!(head.contains("application/x-protobuf"), "{head}");
    for text in [
        "http.route",
        "http.request.method",
        "http.response.status_code",
        "execute",
        "translate",
        "SELECT store",
        "db.system.name",
        "sqlite",
        "service.name",
        "portico",
    ] {
        assert!(holds(&body, text), "no `{text}` in {}", String::from_utf8_lossy(&body));
    }
    let id = hex::decode("4bf92f3577b34da6a3ce929d0e0e4736").unwrap();
    let caller = hex::decode("00f067aa0ba902b7").unwrap();
    assert!(body.windows(16).any(|part| part == id) && body.windows(8).any(|part| part == caller));
    program.signal("TERM");
    assert_eq!(program.end().await.code(), Some(0));
    drop(operators);

    // The same with nobody there.
    let nobody = crate::support::port::free_port();
    let shop = Shop::new(&format!(
        "telemetry: {{ traces: {{ endpoint: \"http://127.0.0.1:{nobody}\", share: 1 }} }}\n"
    ));
    let (_program, callers, operators) = started(&shop).await;
    for _ in 0..20 {
        callers.get("/v1/items").await.with(200);
    }
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let text = operators.get("/metrics").await.with(200).text().to_owned();
        if text.contains("portico_telemetry_dropped_total{what=\"spans\"} 20") {
            break;
        }
        assert!(Instant::now() < until, "{text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_our_own_are_reported_without_anything_of_the_request() {
    let sentry = Receiver::begin(200, "");
    let shop = Shop::new(&format!(
        "telemetry:\n  traces: {{ share: 0 }}\n  faults: {{ dsn: \"http://k3y@127.0.0.1:{}/42\", environment: test }}\nledger: {{ url: \"sqlite:../../state/ledger.db\" }}\n",
        sentry.port
    ));
    let (_program, callers, operators) = started(&shop).await;
    callers.get("/v1/items/none?fields=name").await.with(404);
    // Our own store fails.
    let pool = Pool::open("sqlite:ledger.db", &shop.path("state"), 1, Duration::from_secs(5)).await.unwrap();
    pool.run_all(&["DROP TABLE idempotency".to_owned()]).await.unwrap();
    let secret = "ada-lovelace@mail.example";
    let headers = [("idempotency-key", secret), ("content-type", "application/json"), ("x-odd", secret)];
    let body = format!("{{\"name\":\"{secret}\"}}");
    let answer = callers.send("POST", "/v1/items", &headers, Some(&body)).await;
    answer.refused(500, "F913");
    assert!(operators.get("/metrics").await.text().contains("portico_refusals_total{code=\"F913\"} 1"));
    let (head, body) = sentry.until("a report", |_, body| holds(body, "F913"));
    assert!(head.starts_with("POST /api/42/envelope/ HTTP/1.1\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains("sentry_key=k3y"), "{head}");
    let text = String::from_utf8(body).unwrap();
    let event: serde_json::Value = serde_json::from_str(text.lines().nth(2).unwrap()).unwrap();
    assert_eq!(event["transaction"], "shop/v1/items create", "{event}");
    assert_eq!((&event["environment"], &event["tags"]["code"]), (&"test".into(), &"F913".into()));
    assert_eq!(event["contexts"]["trace"]["trace_id"].as_str().map(str::len), Some(32));
    assert!(!text.contains(secret) && !text.contains("ada"), "{text}");
    assert_eq!(sentry.all().len(), 1, "what is a caller's own fault is not reported");
}

#[tokio::test]
async fn timings_are_for_those_who_may_see_them() {
    let desk = crate::cache::desk::Desk::new();
    let more = "telemetry: { serverTiming: { roles: [admin], scopes: [\"timing:read\"] } }\n";
    let facade = desk.facade_in("", more).await;
    for (role, scopes, sees) in [
        ("admin", None, true),
        ("vet", None, false),
        ("vet", Some("pets:read"), false),
        ("vet", Some("pets:read,timing:read"), true),
    ] {
        let caller = crate::support::caller::described(role, "", scopes);
        let request =
            http::Request::get("/v1/pets?limit=1").body(http_body_util::Full::<bytes::Bytes>::default());
        let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
        let answer = facade.answer_as(caller, request.unwrap(), deadline).await;
        assert_eq!(answer.status(), 200, "{role}");
        let timing = answer.headers().get("server-timing").map(|value| value.to_str().unwrap());
        let Some(timing) = timing else {
            assert!(!sees, "{role} {scopes:?} sees no timings");
            continue;
        };
        assert!(sees, "{role} {scopes:?} sees {timing}");
        for stage in ["arrive", "route", "validate", "execute", "translate", "total"] {
            let found = timing.split(", ").find_map(|one| one.strip_prefix(&format!("{stage};dur=")));
            assert!(found.is_some_and(|took| took.parse::<f64>().is_ok()), "no {stage} in {timing}");
        }
    }
}
