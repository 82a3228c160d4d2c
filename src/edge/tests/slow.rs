//! Clients that take their time, in every place where one can.

use super::*;

/// What is asked for so often fills every buffer on the way.
const ASKED: usize = 8;

fn hasty() -> Settings {
    let limits = Limits { write_stall: Duration::from_millis(500), answer_rate: 1_000_000, ..limits() };
    Settings { limits, ..settings(plain()) }
}

#[tokio::test]
async fn one_address_has_so_many_connections() {
    let limits = Limits { connections_per_address: 2, ..limits() };
    let running = start(Settings { limits, ..settings(plain()) });
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let (mut first, mut second) = (running.connect().await, running.connect().await);
    for stream in [&mut first, &mut second] {
        stream.write_all(request).await.unwrap();
        read_until(stream, "hello").await;
    }
    assert_eq!(read_all(&mut running.connect().await).await, "");
    drop(first);
    // The seat comes back when the edge has seen the end.
    let answered = async {
        loop {
            let mut stream = running.connect().await;
            stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
            let mut text = Vec::new();
            if stream.read_to_end(&mut text).await.is_ok() && text.ends_with(b"hello") {
                return;
            }
        }
    };
    timeout(PATIENCE, answered).await.expect("there is a seat again");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_comes_too_slowly_is_refused_before_the_deadline() {
    let limits = Limits { body_rate: 10, request_deadline: Duration::from_mins(1), ..limits() };
    let running = start(Settings { limits, ..settings(plain()) });
    let mut stream = running.connect().await;
    stream.write_all(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n").await.unwrap();
    let begun = tokio::time::Instant::now();
    let (mut reading, mut writing) = stream.split();
    let drip = async {
        loop {
            sleep(Duration::from_secs(1)).await;
            // 20 bytes a second are enough, 5 are not.
            let many = if begun.elapsed() < Duration::from_secs(11) { 20 } else { 5 };
            if writing.write_all(&vec![b'x'; many]).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut text = String::new();
    let read = async { reading.read_to_string(&mut text).await };
    tokio::select! { _ = read => {}, () = drip => {} }
    assert!(text.contains("TooSlow"), "{text}");
    assert!(begun.elapsed() > Duration::from_secs(12), "{:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_answer_that_is_taken_too_slowly_ends() {
    let running = start(hasty());
    let mut stream = running.connect().await;
    let request = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n".repeat(ASKED);
    stream.write_all(request.as_bytes()).await.unwrap();
    // It never stops for as long as an answer may be left alone.
    let mut taken = 0;
    for _ in 0..100 {
        let mut piece = [0; 512];
        let Ok(read) = stream.read(&mut piece).await else { break };
        taken += read;
        sleep(Duration::from_millis(20)).await;
    }
    let mut rest = Vec::new();
    // What was on its way may still come, and then the end, or a reset.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("closed");
    assert!(taken + rest.len() < ASKED * 16 * 1024 * 1024, "all of it came");
}

#[tokio::test]
async fn where_answers_hold_too_much_nobody_is_waited_for() {
    let limits = Limits { answer_bytes: 1024, write_stall: PATIENCE * 10, ..limits() };
    let running = start(Settings { limits, ..settings(plain()) });
    let mut stream = running.connect().await;
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    // It reads nothing until others are answered, and finds that its answer has an end before all of it.
    sleep(Duration::from_secs(1)).await;
    assert!(running.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.ends_with("hello"));
    let mut taken = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut taken)).await.expect("closed");
    assert!(taken.len() < 16 * 1024 * 1024, "all of it came");
}

#[tokio::test(start_paused = true)]
async fn who_comes_again_after_any_while_is_answered() {
    let waiting = Duration::from_mins(2);
    let limits =
        Limits { keep_alive: waiting, header_deadline: waiting, request_deadline: waiting, ..limits() };
    let running = start(Settings { limits, ..settings(plain()) });
    let mut stream = running.connect().await;
    // Around the time after which the edge lets go of what it has for requests.
    for pause in [3000, 0, 240, 245, 248, 249, 250, 251, 252, 255, 260, 2500, 1, 60_000] {
        sleep(Duration::from_millis(pause)).await;
        for (request, end) in [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "hello"),
            ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "got 3"),
            (
                "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /version HTTP/1.1\r\nHost: a\r\n\r\nGET /",
                "HTTP/1.1",
            ),
            (" HTTP/1.1\r\nHost: a\r\n\r\n", "hello"),
        ] {
            stream.write_all(request.as_bytes()).await.unwrap();
            read_until(&mut stream, end).await;
        }
    }
}

#[tokio::test]
async fn bodies_that_are_compressed_are_refused() {
    let running = start(settings(plain()));
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n";
    let text = running.send(format!("{head}Content-Encoding: gzip\r\n\r\nabc")).await;
    assert!(text.contains("refused CodedBody POST /echo"), "{text}");
    let text = running.send(format!("{head}Content-Encoding: Identity\r\n\r\nabc")).await;
    assert!(text.ends_with("got 3"), "{text}");
}

#[tokio::test]
async fn every_answer_is_harmless_in_a_browser() {
    let running = start(settings(plain()));
    for (path, host) in [("/", "Host: a\r\n"), ("/panic", "Host: a\r\n"), ("/", "")] {
        let text = running.send(format!("GET {path} HTTP/1.1\r\n{host}Connection: close\r\n\r\n")).await;
        for header in [
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "content-security-policy: default-src 'none'; frame-ancestors 'none'",
            "x-frame-options: DENY",
            "cross-origin-resource-policy: same-origin",
            "cache-control: no-store",
        ] {
            assert!(text.contains(header), "{path}: {header} in {text}");
        }
    }
}
