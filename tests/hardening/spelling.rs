//! Odd spellings: a path has one reading or none, and a document one depth and one size that are borne.

use crate::black_box::support::{Demo, Raw};

/// Sends a request line with this target as it stands, and tells the status and the code that came.
fn ask(raw: &mut Raw, token: &str, target: &str) -> (u16, String) {
    let bytes = format!("GET {target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n");
    told(raw, bytes.as_bytes())
}

fn send(raw: &mut Raw, token: &str, media: &str, body: &str) -> (u16, String) {
    let head = format!(
        "POST /v1/pets HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    told(raw, head.as_bytes())
}

fn told(raw: &mut Raw, bytes: &[u8]) -> (u16, String) {
    let shape = raw.exchange(bytes, false).expect("an answer");
    let body: serde_json::Value = serde_json::from_slice(&shape.body).unwrap_or_default();
    (shape.status, body["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_has_one_reading_or_none() {
    let demo = Demo::start().await;
    let (port, token) = (demo.home.port, demo.client.token().unwrap());
    let before = demo.asked().len();
    let odd = move || {
        let mut raw = Raw::new(port);
        for target in [
            "/v1//pets",
            "/v1/./pets",
            "/v1/../v1/pets",
            "/v1/%2e%2e/v1/pets",
            "/v1/%2E/pets",
            "/v1/pets%2f110",
            "/v1/pets/%5c110",
            "/v1/pets\\110",
            "/v1/pets/110%00",
            "/v1/pets/110%0a",
            "/v1/pets/%c0%ae%c0%ae/customers",
            "/v1/pets/%e0%80%af",
            "/v1/pets/%ed%a0%80",
            "/v1/pets/%",
            "/v1/pets/%1",
            "/v1/pets/%u0031",
            "/v1/pets/",
            "/",
        ] {
            let (status, code) = ask(&mut raw, &token, target);
            assert!(
                matches!((status, &*code), (400, "F115" | "F124") | (404, "F111")),
                "{target}: {status} {code}"
            );
        }
        // Parameters of a segment and doubled encodings are texts like others: there is nothing of that name.
        for target in [
            "/v1/pets;a=b/110",
            "/v1/pets/110;a=b",
            "/v1/pets/%2531%2531%2530",
            "/V1/pets/110",
            "/v1/Pets/110",
        ] {
            let (status, code) = ask(&mut raw, &token, target);
            assert!(status == 404 || (status, &*code) == (400, "F445"), "{target}: {status} {code}");
        }
        // Other spellings of the same are the same.
        for target in ["/v1/pets/110", "/v1/%70ets/%31%31%30", "/v1/pets/110.json", "http://a/v1/pets/110"] {
            assert_eq!(ask(&mut raw, &token, target).0, 200, "{target}");
        }
    };
    tokio::task::spawn_blocking(odd).await.unwrap();
    // Behind, only the one record was asked for, and what names its members.
    for call in &demo.asked()[before..] {
        let known = ["POST /rest/user/login ", "GET /rest/taxonomy_term.json?", "GET /rest/node/110.json "];
        assert!(known.iter().any(|known| call.starts_with(known)), "{call}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_bounded_in_depth_and_size() {
    let mut demo = Demo::start().await;
    let (port, token) = (demo.home.port, demo.client.token().unwrap());
    let hostile = move || {
        let mut raw = Raw::new(port);
        let deep = 100_000;
        let json = "application/json";
        let xml = "application/xml";
        for (media, body, wanted) in [
            (json, "[".repeat(deep), "F432"),
            (json, "{\"a\":".repeat(deep), "F432"),
            (json, format!("{{\"name\":{}1{}}}", "[".repeat(5000), "]".repeat(5000)), "F432"),
            (xml, "<a>".repeat(deep), "F433"),
            (xml, "<!DOCTYPE a [<!ENTITY b \"b\">]><a>&b;</a>".to_owned(), "F433"),
            (xml, format!("<pet><name>{}</name></pet>", "&#x41;&undefined;".repeat(10)), "F433"),
            (json, format!("{{\"name\":\"{}\"}}", "x".repeat(1024 * 1024)), "F434"),
        ] {
            let (status, code) = send(&mut raw, &token, media, &body);
            assert_eq!((status, &*code), (400, wanted), "{media}: {}", &body[..40]);
        }
        // As many faults as a body can hold: it is answered, and with less than was sent.
        let many =
            format!("{{{}}}", (0..60_000).map(|n| format!("\"x{n}\":0")).collect::<Vec<_>>().join(","));
        let (status, _) = send(&mut raw, &token, json, &many);
        assert_eq!(status, 400);
    };
    tokio::task::spawn_blocking(hostile).await.unwrap();
    assert!(demo.program.is_alive());
    demo.client.get("/v1/pets/110").await.with(200);
}
