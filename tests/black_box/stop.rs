//! The end: a stop by signal takes nothing new, lets what is under way come to its end, and ends with code 0.

use super::support::{Demo, Raw, answer};
use serde_json::Value;
use std::io::{BufReader, Write};

const PET: &str = r#"{"ownerId":"66","name":"Late","species":"dog"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_the_request_under_way_and_ends_cleanly() {
    let mut demo = Demo::start().await;
    demo.client.get("/v1/pets/109").await.with(200);
    let port = demo.home.port;
    // Half of a body has come when the signal does.
    let mut slow = BufReader::new(Raw::connect(port).unwrap());
    let head = format!(
        "POST /v1/pets HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        demo.client.token().unwrap(),
        PET.len()
    );
    slow.get_mut().write_all(head.as_bytes()).unwrap();
    // The word in between says that the request is being answered: its body is waited for.
    assert_eq!(super::support::line(&mut slow).as_deref(), Some("HTTP/1.1 100 Continue"));
    assert_eq!(super::support::line(&mut slow).as_deref(), Some(""));
    slow.get_mut().write_all(&PET.as_bytes()[..10]).unwrap();
    demo.program.signal("TERM");
    // The stop has begun when nobody is let in any more.
    tokio::task::spawn_blocking(move || {
        while Raw::connect(port).is_ok() {
            std::thread::yield_now();
        }
    })
    .await
    .unwrap();
    assert!(demo.program.is_alive(), "the request under way was not waited for");
    slow.get_mut().write_all(&PET.as_bytes()[10..]).unwrap();
    let reply = answer(&mut slow, false).expect("the request under way was lost");
    assert_eq!(reply.status, 201, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(reply.header("connection"), Some("close"));
    let made: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(made["name"], "Late");
    let status = demo.program.end().await;
    assert_eq!(status.code(), Some(0), "{:?}", demo.program.err.all());
    assert_eq!(demo.program.err.all(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_with_nothing_under_way_ends_at_once() {
    let mut demo = Demo::start().await;
    // A connection that is kept and idle does not hold the end up.
    demo.client.get("/v1/pets?limit=1").await.with(200);
    for signal in ["TERM", "INT"] {
        let (mut program, client) = demo.beside("sql").await;
        client.get("/v1/pets?limit=1").await.with(200);
        program.signal(signal);
        assert_eq!(program.end().await.code(), Some(0), "{signal}: {:?}", program.err.all());
    }
    demo.program.signal("TERM");
    assert_eq!(demo.program.end().await.code(), Some(0), "{:?}", demo.program.err.all());
}
