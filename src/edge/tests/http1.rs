//! HTTP/1: requests, and everything that is no request.

use super::*;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// The edge answers `bytes` with a refusal of this kind, once, and closes.
async fn check_refused(running: &Running, bytes: impl AsRef<[u8]>, kind: &str) {
    let answer = running.send(&bytes).await;
    let shown = bytes.as_ref().get(..80).unwrap_or(bytes.as_ref()).escape_ascii().to_string();
    assert!(answer.starts_with("HTTP/1.1 400"), "{shown}: {answer}");
    assert!(answer.contains(&format!("refused {kind}")), "{shown}: {answer}");
    assert!(answer.contains("connection: close"), "{shown}: {answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{shown}: {answer}");
}

#[tokio::test]
async fn requests_follow_each_other_on_one_connection() {
    let running = start(settings(plain()));
    let mut stream = running.connect().await;
    stream.write_all(GET.as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "hello").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("date: "), "{answer}");
    stream.write_all(b"GET /peer HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    read_until(&mut stream, "127.0.0.1 tls=false").await;
    // In pieces, and two in one.
    for piece in ["GET /pe", "er HTTP/1.1\r\nHo", "st: a\r\n\r", "\n"] {
        stream.write_all(piece.as_bytes()).await.unwrap();
        sleep(Duration::from_millis(10)).await;
    }
    read_until(&mut stream, "tls=false").await;
    stream.write_all(format!("{GET}{GET}").as_bytes()).await.unwrap();
    let both = read_until(&mut stream, "hello").await;
    if both.matches("hello").count() == 1 {
        read_until(&mut stream, "hello").await;
    }
}

#[tokio::test]
async fn ambiguous_framing_is_refused_and_closed() {
    let running = start(settings(plain()));
    for fields in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: xchunked",
    ] {
        // What is smuggled behind it is not answered.
        let request = format!("POST /echo HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n0\r\n\r\n{GET}");
        check_refused(&running, request, "AmbiguousFraming POST /echo").await;
    }
    let old = "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let answer = running.send(old).await;
    assert!(answer.starts_with("HTTP/1.0 400") && answer.contains("AmbiguousFraming"), "{answer}");
}

#[tokio::test]
async fn malformed_heads_are_refused_and_closed() {
    let running = start(settings(plain()));
    for request in [
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\nB: c\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nB: \0\r\n\r\n",
        "\x16\x03\x01\x02\x00\r\n",
    ] {
        check_refused(&running, request, "Malformed").await;
    }
    check_refused(&running, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "UnsupportedMethod").await;
}

#[tokio::test]
async fn hosts_are_refused_when_missing_or_more_than_one() {
    let running = start(settings(plain()));
    for (host, target) in [("", "/"), ("Host: a\r\nHost: a\r\n", "/"), ("Host: b\r\n", "http://a/")] {
        let answer = running.send(format!("GET {target} HTTP/1.1\r\n{host}Connection: close\r\n\r\n")).await;
        assert!(answer.contains("refused BadHost"), "{answer}");
    }
}

#[tokio::test]
async fn heads_are_bounded() {
    let running = start(settings(plain()));
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(2000));
    check_refused(&running, long, "UriTooLong").await;
    // Far more than is read before the refusal: it must reach the client all the same.
    let large = format!("GET / HTTP/1.1\r\nHost: a\r\nA: {}\r\n\r\n", "a".repeat(500_000));
    check_refused(&running, large, "HeaderTooLarge").await;
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "A: b\r\n".repeat(50));
    check_refused(&running, many, "TooManyHeaders").await;
}

#[tokio::test]
async fn a_refusal_comes_behind_the_answers_before_it_and_has_no_body_for_head() {
    let running = start(settings(plain()));
    let answer = running.send(format!("{GET}HEAD /x HTTP/1.1\r\nBad Name: x\r\n\r\n")).await;
    let (first, second) = answer.split_once("hello").expect("the first answer");
    assert!(first.starts_with("HTTP/1.1 200") && second.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(second.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn a_slow_head_is_closed_by_its_deadline() {
    let running = start(settings(plain()));
    let mut silent = running.connect().await;
    let mut slow = running.connect().await;
    slow.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let began = std::time::Instant::now();
    // A byte now and then does not move the deadline.
    for _ in 0..4 {
        sleep(Duration::from_millis(60)).await;
        slow.write_all(b"A").await.unwrap();
    }
    assert_eq!(read_all(&mut slow).await, "");
    assert_eq!(read_all(&mut silent).await, "");
    let taken = began.elapsed();
    assert!(taken > Duration::from_millis(250) && taken < Duration::from_millis(900), "{taken:?}");
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let running = start(settings(plain()));
    let mut stream = running.connect().await;
    // Longer than both the head's deadline and the idle time.
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    read_until(&mut stream, "slow").await;
    let began = std::time::Instant::now();
    assert_eq!(read_all(&mut stream).await, "");
    let taken = began.elapsed();
    assert!(taken > Duration::from_millis(500) && taken < Duration::from_secs(2), "{taken:?}");
}

#[tokio::test]
async fn bodies_are_bounded_in_bytes_and_time() {
    let running = start(settings(plain()));
    let post = |fields: &str, body: &str| {
        format!("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n\r\n{body}")
    };
    let large = "a".repeat(1001);
    for (fields, body, expected) in [
        ("Content-Length: 1000", &large[1..], "got 1000"),
        ("Content-Length: 1001", &large[..], "more than 1000"),
        ("Transfer-Encoding: chunked", &format!("3e9\r\n{large}\r\n0\r\n\r\n"), "more than 1000"),
        ("Transfer-Encoding: chunked", "3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n", "got 3"),
        ("Transfer-Encoding: chunked", "3\nabc\r\n0\r\n\r\n", "Broken"),
        ("Content-Length: 10", "abc", "refused BodyTooSlow POST /echo"),
    ] {
        let answer = running.send(post(fields, body)).await;
        assert!(answer.ends_with(expected), "{fields} {expected}: {answer}");
    }
}

#[tokio::test]
async fn a_body_that_the_service_does_not_read_is_not_taken_for_a_request() {
    let running = start(settings(plain()));
    let body = GET.repeat(2000);
    let head = format!("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len());
    let answer = running.send(head + &body).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert!(answer.ends_with("ignored"), "{answer}");
}

#[tokio::test]
async fn as_many_fields_are_taken_as_are_said() {
    // Fewer than hyper takes of itself, and more.
    for most in [20, 150] {
        let mut settings = settings(plain());
        settings.limits.header_count = most;
        let running = start(settings);
        let head = |count: usize| {
            let others: Vec<_> = (2..count).map(|at| format!("f{at}: 1\r\n")).collect();
            format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{}\r\n", others.concat())
        };
        let (taken, refused) = (running.send(head(most)).await, running.send(head(most + 1)).await);
        assert!(taken.ends_with("hello"), "{most}: {taken}");
        assert!(refused.contains("refused TooManyHeaders"), "{most}: {refused}");
    }
}

#[tokio::test]
async fn a_service_that_hangs_or_panics_ends_one_request() {
    let running = start(settings(plain()));
    let mut stream = running.connect().await;
    stream.write_all(b"GET /panic?x HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    read_until(&mut stream, "refused Panic GET /panic?x").await;
    stream.write_all(b"GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    read_until(&mut stream, "refused Timeout GET /stuck").await;
    stream.write_all(GET.as_bytes()).await.unwrap();
    read_until(&mut stream, "hello").await;
}

#[tokio::test]
async fn connections_above_the_limit_are_closed() {
    let mut settings = settings(plain());
    settings.limits.connections = 1;
    let running = start(settings);
    let mut first = running.connect().await;
    first.write_all(GET.as_bytes()).await.unwrap();
    read_until(&mut first, "hello").await;
    let mut second = running.connect().await;
    assert_eq!(read_all(&mut second).await, "");
}

#[tokio::test]
async fn an_answer_that_is_not_taken_ends_the_connection() {
    let mut settings = settings(plain());
    settings.limits.write_stall = Duration::from_millis(300);
    let large = tower::service_fn(|_: Request<Incoming>| async {
        Ok(Response::new(Full::from(vec![0; 64 * 1024 * 1024])))
    });
    let edge = Edge::open(settings).unwrap();
    let mut stream = TcpStream::connect(edge.addresses()[0]).await.unwrap();
    let (orders, received) = mpsc::channel(1);
    let ended = tokio::spawn(edge.serve(large, Words, received));
    stream.write_all(GET.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(900)).await;
    // Nothing is under way any more, so that draining has nothing to wait for.
    orders.send(Order::Drain).await.unwrap();
    timeout(Duration::from_secs(1), ended).await.expect("drained").unwrap().unwrap();
}

/// Not ready the first few times that somebody looks.
#[derive(Clone)]
struct Late(u8);

impl tower::Service<Request<Incoming>> for Late {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        let Some(left) = self.0.checked_sub(1) else { return std::task::Poll::Ready(Ok(())) };
        self.0 = left;
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    }

    fn call(&mut self, _: Request<Incoming>) -> Self::Future {
        assert_eq!(self.0, 0, "called before it was ready");
        std::future::ready(Ok(Response::new(Full::from("late"))))
    }
}

#[tokio::test]
async fn a_service_that_is_not_ready_at_once_is_waited_for() {
    for looks in [0, 1, 3] {
        let running = start_with(settings(plain()), Late(looks));
        let answer = running.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
        assert!(answer.ends_with("late"), "{looks}: {answer}");
    }
}
