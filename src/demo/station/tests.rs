//! The shell as callers see it: over a real connection where a fault is one of transport, through the router elsewhere.

#![allow(clippy::disallowed_methods, reason = "a test ends with the tasks that it began")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tower::ServiceExt;

use super::*;

const NOW: i64 = 1_795_000_000;

/// Answers with what it was asked; `/long` with 400 bytes, `/none` with nothing.
#[derive(Debug, Default)]
struct Echo {
    asked: AtomicU32,
    expired: AtomicU32,
    outgoing: Mutex<Vec<Outgoing>>,
}

impl System for Echo {
    fn answer(&self, head: &Parts, body: &Bytes, now: i64) -> Response<Bytes> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let text = match head.uri.path() {
            "/long" => "0123456789".repeat(40),
            "/none" => String::new(),
            path => format!("{} {path} {} {now}", head.method, body.len()),
        };
        let mut response = Response::new(Bytes::from(text));
        if head.uri.path() == "/none" {
            *response.status_mut() = StatusCode::NO_CONTENT;
        }
        response
    }

    fn expire(&self) {
        self.expired.fetch_add(1, Ordering::Relaxed);
    }

    fn logs_in(&self, path: &str) -> bool {
        path == "/login"
    }

    fn outgoing(&self) -> Vec<Outgoing> {
        std::mem::take(&mut lock(&self.outgoing))
    }
}

fn station() -> (Arc<Station>, Arc<Echo>) {
    let echo = Arc::new(Echo::default());
    let settings = Settings { log: None, clock: || NOW };
    let system: Arc<dyn System> = echo.clone();
    (Station::new("echo", system, settings), echo)
}

/// A station behind a listener on loopback.
struct Served {
    station: Arc<Station>,
    echo: Arc<Echo>,
    address: SocketAddr,
    server: JoinHandle<std::io::Result<()>>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find_map(|line| line.strip_prefix(name))?;
        line.strip_prefix(": ")
    }

    fn announced(&self) -> usize {
        self.header("content-length").unwrap().parse().unwrap()
    }
}

async fn served() -> Served {
    let (station, echo) = station();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(IntoFuture::into_future(axum::serve(listener, station.router())));
    Served { station, echo, address, server }
}

impl Served {
    fn strike(&self, fault: Fault) {
        self.station.fault(Some(FaultPlan { times: Some(1), ..fault.into() }));
    }

    async fn get(&self, path: &str) -> Option<Answer> {
        self.ask("GET", path, "").await
    }

    /// One request on a connection of its own; `None` when it breaks before any answer.
    async fn ask(&self, method: &str, path: &str, body: &str) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = Vec::new();
        // A reset after some bytes is as good an end as a close.
        let _ = stream.read_to_end(&mut text).await;
        let text = String::from_utf8(text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
    }
}

// === without faults ===

#[tokio::test]
async fn a_call_reaches_the_system_with_its_body_and_the_time() {
    let served = served().await;
    let answer = served.ask("POST", "/a?b=c", "four").await.unwrap();
    assert_eq!((answer.status, answer.body), (200, format!("POST /a 4 {NOW}")));
    assert_eq!(served.station.calls(), ["POST /a?b=c 200"]);
    served.station.clear_calls();
    assert!(served.station.calls().is_empty());
    assert_eq!(served.station.name(), "echo");
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let served = served().await;
    let answer = served.ask("HEAD", "/long", "").await.unwrap();
    assert_eq!((answer.status, answer.announced(), answer.body.as_str()), (200, 400, ""));
    assert_eq!(served.station.calls(), ["HEAD /long 200"]);
}

#[tokio::test]
async fn a_body_has_a_largest_size() {
    let (station, echo) = station();
    let send = async |size: usize| {
        let request = Request::builder().method("POST").uri("/a").body(Body::from(vec![b' '; size])).unwrap();
        station.router().oneshot(request).await.unwrap().status().as_u16()
    };
    assert_eq!(send(LARGEST_BODY).await, 200);
    assert_eq!(send(LARGEST_BODY + 1).await, 413);
    assert_eq!(echo.asked.load(Ordering::Relaxed), 1);
    assert_eq!(station.calls(), ["POST /a 200", "POST /a 413"]);
}

#[tokio::test]
async fn a_log_file_has_a_line_for_each_request() {
    let path = std::env::temp_dir().join(format!("station-{}.log", uuid::Uuid::now_v7()));
    let settings = Settings { log: Some(path.clone()), ..Settings::default() };
    let station = Station::new("echo", Arc::new(Echo::default()), settings);
    for (method, uri) in [("GET", "/a?page=1"), ("PUT", "/none")] {
        let request = Request::builder().method(method).uri(uri).body(Body::empty()).unwrap();
        station.router().oneshot(request).await.unwrap();
    }
    station.clear_calls();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(text, "GET /a?page=1 200\nPUT /none 204\n");
}

#[tokio::test]
async fn what_the_system_tells_others_is_sent_after_the_answer() {
    let (receiver, sender) = (served().await, served().await);
    let message = |path: &str| Outgoing {
        url: format!("http://{}{path}", receiver.address),
        headers: vec![("x-signature".to_owned(), "abc".to_owned())],
        body: "{}".to_owned(),
    };
    *lock(&sender.echo.outgoing) = vec![message("/one"), message("/two")];
    assert!(receiver.station.calls().is_empty());
    sender.get("/a").await;
    let deadline = Instant::now() + Duration::from_secs(10);
    while receiver.station.calls().len() < 2 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(receiver.station.calls(), ["POST /one 200", "POST /two 200"]);
}

// === faults ===

#[tokio::test]
async fn latency_delays_the_answer_only() {
    let served = served().await;
    served.strike(Fault::Latency(Duration::from_millis(200)));
    let start = Instant::now();
    assert_eq!(served.get("/a").await.unwrap().status, 200);
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn too_many_comes_with_retry_after_and_without_the_system() {
    let served = served().await;
    served.strike(Fault::TooMany { retry_after: 7 });
    let answer = served.get("/a").await.unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("7")));
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(served.echo.asked.load(Ordering::Relaxed), 0);
    assert_eq!(served.get("/a").await.unwrap().status, 200);
    assert_eq!(served.station.calls(), ["GET /a 429", "GET /a 200"]);
}

#[tokio::test]
async fn a_server_error_is_a_page_with_a_stack() {
    let served = served().await;
    served.strike(Fault::ServerError);
    let answer = served.get("/a").await.unwrap();
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("Stack trace"));
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
}

#[tokio::test]
async fn an_html_page_comes_with_200() {
    let served = served().await;
    served.strike(Fault::HtmlPage);
    let answer = served.get("/a").await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.body.starts_with("<!DOCTYPE html>"));
    assert_eq!(served.echo.asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_truncated_answer_ends_at_its_half() {
    let served = served().await;
    served.strike(Fault::Truncated);
    let answer = served.get("/long").await.unwrap();
    assert_eq!((answer.status, answer.announced(), answer.body.len()), (200, 400, 200));
    // The call was carried out.
    assert_eq!(served.echo.asked.load(Ordering::Relaxed), 1);
    served.strike(Fault::Truncated);
    assert!(served.get("/none").await.is_none());
    assert_eq!(served.echo.asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_reset_answers_nothing_and_carries_nothing_out() {
    let served = served().await;
    served.strike(Fault::Reset);
    assert!(served.get("/a").await.is_none());
    assert_eq!(served.echo.asked.load(Ordering::Relaxed), 0);
    assert_eq!(served.get("/a").await.unwrap().status, 200);
}

#[tokio::test]
async fn a_drip_brings_two_hundred_bytes_a_second() {
    let served = served().await;
    served.strike(Fault::Drip);
    let start = Instant::now();
    let answer = served.get("/long").await.unwrap();
    assert_eq!((answer.announced(), answer.body.len()), (400, 400));
    // The first drop is there at once: seven pauses for eight drops.
    assert!(start.elapsed() >= Duration::from_millis(7 * 250));
    assert!(start.elapsed() < Duration::from_secs(20));
    served.strike(Fault::Drip);
    assert_eq!(served.get("/none").await.unwrap().status, 204);
}

#[tokio::test]
async fn expired_strikes_calls_and_not_logins() {
    let served = served().await;
    served.strike(Fault::Expired);
    served.get("/login?expired=1").await;
    assert_eq!(served.echo.expired.load(Ordering::Relaxed), 0);
    served.get("/a").await;
    served.get("/a").await;
    assert_eq!(served.echo.expired.load(Ordering::Relaxed), 1);
    served.station.expire();
    assert_eq!(served.echo.expired.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_plan_strikes_only_the_paths_that_it_names() {
    let served = served().await;
    let only_path_containing = Some("page=2".to_owned());
    served.station.fault(Some(FaultPlan { only_path_containing, ..Fault::ServerError.into() }));
    assert_eq!(served.get("/a?page=1").await.unwrap().status, 200);
    assert_eq!(served.get("/a?page=2").await.unwrap().status, 500);
    served.station.fault(None);
    assert_eq!(served.get("/a?page=2").await.unwrap().status, 200);
}
