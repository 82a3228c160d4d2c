//! Answers that stand: who sends the same bytes is answered the same, and whoever sends others is not.

use super::*;
use crate::edge::{Again, Lines, Standing};
use http::{HeaderName, HeaderValue, header};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

static VARYING: [HeaderName; 1] = [header::AGE];

/// A service that counts how often it is asked, and how often its answers were given again.
#[derive(Debug, Default)]
struct Shop {
    asked: AtomicU32,
    again: AtomicU32,
    is_over: AtomicBool,
    panics: AtomicBool,
}

#[derive(Debug)]
struct Sold(Arc<Shop>);

impl Again for Sold {
    fn again(&self, peer: &Peer) -> Option<Lines> {
        assert!(peer.address.ip().is_loopback());
        assert!(!self.0.panics.load(Ordering::SeqCst), "as wanted");
        if self.0.is_over.load(Ordering::SeqCst) {
            return None;
        }
        let age = self.0.again.fetch_add(1, Ordering::SeqCst) + 1;
        Some(vec![(header::AGE, age.to_string().into())])
    }
}

impl Shop {
    fn answer(self: &Arc<Self>, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let body = Bytes::from(format!("{} {asked}", request.uri().path()));
        let mut response = Response::new(Full::new(body.clone()));
        response.headers_mut().insert(header::AGE, HeaderValue::from_static("0"));
        response.headers_mut().insert(header::ETAG, HeaderValue::from_static("\"a\""));
        match request.uri().path() {
            "/missing" => *response.status_mut() = StatusCode::NOT_FOUND,
            "/new" => return response,
            _ => {}
        }
        let again: Arc<dyn Again> = Arc::new(Sold(Arc::clone(self)));
        response.extensions_mut().insert(Standing { again, body, varying: &VARYING });
        response
    }

    /// How often the service was asked, and how often it was not needed.
    fn counts(&self) -> (u32, u32) {
        (self.asked.load(Ordering::SeqCst), self.again.load(Ordering::SeqCst))
    }
}

fn open(listen: Listen) -> (Running, Arc<Shop>) {
    let shop = Arc::new(Shop::default());
    let edge = Edge::open(settings(listen)).unwrap();
    let address = edge.addresses()[0];
    let (orders, received) = mpsc::channel(1);
    let service = {
        let shop = Arc::clone(&shop);
        tower::service_fn(move |request: Request<Incoming>| {
            let answer = shop.answer(&request);
            async move { Ok::<_, Infallible>(answer) }
        })
    };
    let ended = tokio::spawn(edge.serve(service, Words, received));
    (Running { address, orders, ended }, shop)
}

fn head(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\n{more}\r\n")
}

async fn ask(stream: &mut TcpStream, request: &str, end: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    read_until(stream, end).await
}

#[tokio::test]
async fn the_same_bytes_are_answered_the_same_on_any_connection() {
    let (running, shop) = open(plain());
    let mut first = running.connect().await;
    let answer = ask(&mut first, &head("/a", ""), "/a 1").await;
    assert_eq!(shop.counts(), (1, 0));
    let mut second = running.connect().await;
    for (stream, age) in [(&mut first, 1), (&mut second, 2)] {
        let again = ask(stream, &head("/a", ""), "/a 1").await;
        // The same but for what differs each time; what the edge says of each answer is there, too.
        let mut lines: Vec<&str> = again.lines().collect();
        let mut known: Vec<&str> = answer.lines().collect();
        assert!(lines.contains(&format!("age: {age}").as_str()), "{again}");
        let differs = |line: &&str| !line.starts_with("age: ") && !line.starts_with("date: ");
        lines.retain(differs);
        known.retain(differs);
        lines.sort_unstable();
        known.sort_unstable();
        assert_eq!(lines, known);
        assert!(again.contains("date: ") && again.contains("x-frame-options: DENY"), "{again}");
    }
    // A connection goes on with others, and comes back.
    for round in 0..3 {
        ask(&mut first, &head("/new", ""), &format!("/new {}", round + 2)).await;
        ask(&mut first, &head("/a", ""), "/a 1").await;
        ask(&mut first, &head("/a", ""), "/a 1").await;
    }
    assert_eq!(shop.counts(), (4, 8));
    // In pieces, it is the same request.
    let whole = head("/a", "");
    first.write_all(&whole.as_bytes()[..20]).await.unwrap();
    sleep(Duration::from_millis(20)).await;
    ask(&mut first, &whole[20..], "/a 1").await;
    assert_eq!(shop.counts().0, 4);
}

#[tokio::test]
async fn what_differs_in_one_byte_or_is_more_than_a_head_is_the_services() {
    let (running, shop) = open(plain());
    ask(&mut running.connect().await, &head("/a", ""), "/a 1").await;
    let others = [
        head("/b", ""),
        head("/a", "Authorization: Bearer x\r\n"),
        head("/a", "Accept: */*\r\n"),
        head("/a", "").replace("Host: a", "Host: b"),
        head("/a", "").replace("GET", "HEAD"),
        head("/a", "Connection: close\r\n"),
        head("/a", "Content-Length: 4\r\n") + "\r\n\r\n",
        head("/a", "").replace("1.1", "1.0"),
    ];
    let each = async |other: &str| {
        let mut stream = running.connect().await;
        let number = shop.counts().0 + 1;
        // Of `HEAD` there is no body.
        let end = if other.starts_with("HEAD") { "\r\n\r\n".to_owned() } else { format!(" {number}") };
        let answer = ask(&mut stream, other, &end).await;
        assert!(answer.starts_with("HTTP/1."), "{other}: {answer}");
    };
    for other in &others {
        each(other).await;
    }
    assert_eq!(shop.counts(), (1 + others.len() as u32, 0));
    // Those that speak of the connection, a body or another version are never given again.
    for other in others.iter().skip(4) {
        each(other).await;
    }
    assert_eq!(shop.counts(), (5 + others.len() as u32, 0));
    // Two at once come both, in their turn.
    let mut stream = running.connect().await;
    let both = ask(&mut stream, &(head("/a", "") + &head("/new", "")), "/new 15").await;
    assert!(both.contains("/a 14") && both.matches("HTTP/1.1 200").count() == 2, "{both}");
}

#[tokio::test]
async fn what_does_not_stand_any_more_is_the_services() {
    let (running, shop) = open(plain());
    let mut stream = running.connect().await;
    ask(&mut stream, &head("/missing", ""), "/missing 1").await;
    ask(&mut stream, &head("/missing", ""), "/missing 2").await;
    let mut stream = running.connect().await;
    ask(&mut stream, &head("/a", ""), "/a 3").await;
    ask(&mut stream, &head("/a", ""), "/a 3").await;
    shop.is_over.store(true, Ordering::SeqCst);
    ask(&mut stream, &head("/a", ""), "/a 4").await;
    // What came in its place stands now.
    shop.is_over.store(false, Ordering::SeqCst);
    ask(&mut running.connect().await, &head("/a", ""), "/a 4").await;
    shop.panics.store(true, Ordering::SeqCst);
    ask(&mut running.connect().await, &head("/a", ""), "/a 5").await;
    shop.panics.store(false, Ordering::SeqCst);
    ask(&mut running.connect().await, &head("/a", ""), "/a 5").await;
    // Who idles is let go as always.
    let answer = running.send(head("/a", "")).await;
    assert!(answer.ends_with("/a 5"), "{answer}");
}

#[tokio::test]
async fn behind_a_proxy_nothing_stands() {
    let (running, shop) = open(Listen { behind_proxy: true, ..plain() });
    for number in 1..4 {
        ask(&mut running.connect().await, &head("/a", ""), &format!("/a {number}")).await;
    }
    assert_eq!(shop.counts(), (3, 0));
}
