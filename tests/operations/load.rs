//! Clients that count honestly: a refused connection, a reset, an end without an answer and any status but the expected one are
//! failures. What the server announces (`Connection: close`, GOAWAY) is obeyed, and is none. Nothing is tried twice.

use super::shop::plan_of;
use crate::black_box::support::{Raw, Shape, answer};
use bytes::Bytes;
use std::{
    io::{BufReader, Write},
    net::TcpStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Each client rests a little, so that two cores carry all of them and the program that they ask.
const REST: Duration = Duration::from_millis(3);

/// What clients have seen.
#[derive(Default)]
pub struct Seen {
    pub over: AtomicBool,
    pub kept: AtomicUsize,
    pub new: AtomicUsize,
    pub http2: AtomicUsize,
    pub uploads: AtomicUsize,
    /// Connections that were made anew because the server had said so.
    pub obeyed: AtomicUsize,
    /// The newest plan that was known to be taken up.
    pub floor: AtomicUsize,
    pub failures: Mutex<Vec<String>>,
    pub plans: Mutex<std::collections::BTreeSet<usize>>,
}

impl Seen {
    fn fail(&self, who: &str, what: &str) {
        self.failures.lock().unwrap().push(format!("{who}: {what}"));
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Judges a list that was asked for when this plan was known to serve.
    fn list(&self, who: &str, floor: usize, status: u16, link: Option<&str>, body: &[u8]) {
        if status != 200 {
            return self.fail(who, &format!("status {status}: {}", String::from_utf8_lossy(body)));
        }
        match plan_of(link, body) {
            Ok(plan) if plan < floor => {
                self.fail(who, &format!("plan {plan} after plan {floor} was taken up"));
            }
            Ok(plan) => _ = self.plans.lock().unwrap().insert(plan),
            Err(why) => self.fail(who, &format!("a mixed answer: {why}")),
        }
    }
}

/// All kinds of clients at once, until told to end.
pub struct Load {
    pub seen: Arc<Seen>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    pub fn begin(port: u16, of_each: usize) -> Self {
        let seen = Arc::new(Seen::default());
        let mut threads = Vec::new();
        for _ in 0..of_each {
            for client in [kept, new, http2, upload] {
                let seen = Arc::clone(&seen);
                threads.push(thread::spawn(move || client(port, &seen)));
            }
        }
        Self { seen, threads }
    }

    /// Waits until every kind of client has been answered so many times more.
    pub fn answered(&self, more: usize) {
        let kinds = [&self.seen.kept, &self.seen.new, &self.seen.http2];
        let wanted = kinds.map(|kind| kind.load(Ordering::Acquire) + more);
        let until = std::time::Instant::now() + crate::black_box::support::PATIENCE;
        while kinds.iter().zip(wanted).any(|(kind, wanted)| kind.load(Ordering::Acquire) < wanted) {
            assert!(std::time::Instant::now() < until, "clients are not answered: {:?}", self.seen.failures);
            thread::sleep(REST);
        }
    }

    /// Ends all clients; what they have seen.
    pub fn end(self) -> Arc<Seen> {
        self.seen.over.store(true, Ordering::Release);
        for thread in self.threads {
            thread.join().unwrap();
        }
        self.seen
    }
}

const GET: &str = "GET /v1/items HTTP/1.1\r\nHost: shop.example\r\n";

fn connected(who: &str, port: u16, seen: &Seen) -> Option<BufReader<TcpStream>> {
    match Raw::connect(port) {
        Ok(stream) => Some(BufReader::new(stream)),
        Err(error) => {
            seen.fail(who, &format!("cannot connect: {error}"));
            None
        }
    }
}

fn exchanged(stream: &mut BufReader<TcpStream>, request: &str) -> Result<Shape, String> {
    stream.get_mut().write_all(request.as_bytes()).map_err(|error| format!("cannot send: {error}"))?;
    answer(stream, false).ok_or_else(|| "the connection ended without an answer".to_owned())
}

/// Many requests on one connection.
fn kept(port: u16, seen: &Seen) {
    let mut stream = None;
    while !seen.is_over() {
        let mut open = match stream.take() {
            Some(open) => open,
            None => match connected("kept", port, seen) {
                Some(open) => open,
                None => continue,
            },
        };
        let floor = seen.floor.load(Ordering::Acquire);
        match exchanged(&mut open, &format!("{GET}\r\n")) {
            Ok(shape) => {
                seen.list("kept", floor, shape.status, shape.header("link"), &shape.body);
                seen.kept.fetch_add(1, Ordering::AcqRel);
                if shape.header("connection").is_some_and(|said| said.eq_ignore_ascii_case("close")) {
                    seen.obeyed.fetch_add(1, Ordering::AcqRel);
                } else {
                    stream = Some(open);
                }
            }
            Err(why) => seen.fail("kept", &why),
        }
        thread::sleep(REST);
    }
}

/// A connection for each request.
fn new(port: u16, seen: &Seen) {
    while !seen.is_over() {
        let floor = seen.floor.load(Ordering::Acquire);
        if let Some(mut open) = connected("new", port, seen) {
            match exchanged(&mut open, &format!("{GET}Connection: close\r\n\r\n")) {
                Ok(shape) => {
                    seen.list("new", floor, shape.status, shape.header("link"), &shape.body);
                    seen.new.fetch_add(1, Ordering::AcqRel);
                }
                Err(why) => seen.fail("new", &why),
            }
        }
        thread::sleep(REST);
    }
}

/// A body that takes its time, on a connection of its own.
fn upload(port: u16, seen: &Seen) {
    const PIECES: usize = 12;
    while !seen.is_over() {
        let Some(mut open) = connected("upload", port, seen) else { continue };
        let body = format!("{{\"name\":\"{}\"}}", "slow ".repeat(2_000));
        let head = format!(
            "POST /v1/items HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut sent = open.get_mut().write_all(head.as_bytes());
        for piece in body.as_bytes().chunks(body.len() / PIECES + 1) {
            thread::sleep(Duration::from_millis(60));
            sent = sent.and_then(|()| open.get_mut().write_all(piece));
        }
        if let Err(error) = sent {
            seen.fail("upload", &format!("cannot send: {error}"));
            continue;
        }
        match answer(&mut open, false) {
            Some(shape) if shape.status == 201 => _ = seen.uploads.fetch_add(1, Ordering::AcqRel),
            Some(shape) => {
                let body = String::from_utf8_lossy(&shape.body).into_owned();
                seen.fail("upload", &format!("status {}: {body}", shape.status));
            }
            None => seen.fail("upload", "the connection ended without an answer"),
        }
    }
}

/// Streams of one HTTP/2 connection, by prior knowledge (RFC 9113, section 3.3).
fn http2(port: u16, seen: &Seen) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        while !seen.is_over() {
            match connection(port, seen).await {
                Ok(()) => _ = seen.obeyed.fetch_add(1, Ordering::AcqRel),
                Err(why) => seen.fail("http2", &why),
            }
        }
    });
}

/// Asks on one connection until it is over, or the server says that it ends it.
async fn connection(port: u16, seen: &Seen) -> Result<(), String> {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port));
    let stream = stream.await.map_err(|error| format!("cannot connect: {error}"))?;
    let (client, connection) =
        h2::client::handshake(stream).await.map_err(|error| format!("no handshake: {error}"))?;
    #[expect(clippy::disallowed_methods, reason = "it ends with its connection")]
    let driving = tokio::spawn(connection);
    let mut client = client;
    while !seen.is_over() {
        client = match client.ready().await {
            Ok(client) => client,
            // A GOAWAY without an error says that nothing new is taken here (RFC 9113, section 6.8).
            Err(error) if is_announced(&error) => return Ok(()),
            // The server has said so, and closed behind its last answer.
            Err(_) if driving.is_finished() => {
                return match driving.await {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(error)) if is_announced(&error) => Ok(()),
                    other => Err(format!("the connection ended: {other:?}")),
                };
            }
            Err(error) => return Err(format!("not ready: {error}")),
        };
        let floor = seen.floor.load(Ordering::Acquire);
        let request = http::Request::get("http://shop.example/v1/items").body(()).unwrap();
        let answered = async {
            let (response, _) = client.send_request(request, true)?;
            let response = response.await?;
            let (head, mut body) = response.into_parts();
            let mut bytes = Vec::new();
            while let Some(piece) = body.data().await {
                let piece: Bytes = piece?;
                let _ = body.flow_control().release_capacity(piece.len());
                bytes.extend_from_slice(&piece);
            }
            Ok::<_, h2::Error>((head, bytes))
        };
        match tokio::time::timeout(crate::black_box::support::PATIENCE, answered).await {
            Ok(Ok((head, body))) => {
                let link = head.headers.get("link").and_then(|value| value.to_str().ok());
                seen.list("http2", floor, head.status.as_u16(), link, &body);
                seen.http2.fetch_add(1, Ordering::AcqRel);
            }
            // The stream was not begun: the server says so by the last stream that it takes.
            Ok(Err(error)) if is_announced(&error) => return Ok(()),
            Ok(Err(error)) => return Err(format!("no answer: {error}")),
            Err(_) => return Err("no answer in time".into()),
        }
        tokio::time::sleep(REST).await;
    }
    Ok(())
}

fn is_announced(error: &h2::Error) -> bool {
    error.is_remote() && error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR)
}
