//! What a browser is told: who may call from a page, and how an answer is to be treated.

use crate::black_box::support::{Client, Demo, Reply};

const APP: &str = "https://app.example.com";

async fn demo() -> Demo {
    Demo::start_with(|home| {
        let file = "mappings/pethub/v1/api.yaml";
        let text = home.read(file);
        home.write(file, &format!("{text}\ncors: {{ origins: [\"{APP}\"], maxAge: 5m }}\n"));
        let text = home.read("config/demo.yaml");
        let contact = "securityTxt: { contact: [\"mailto:security@pethub.example\"], expires: \"2999-01-01\", languages: [en, es] }\n";
        home.write("config/demo.yaml", &format!("{text}{contact}"));
    })
    .await
}

async fn asks(client: &Client, path: &str, origin: &str) -> Reply {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "authorization"),
    ];
    client.send("OPTIONS", path, &headers, None).await
}

fn varies(reply: &Reply) -> bool {
    reply.headers.get_all("vary").iter().any(|value| value.to_str().unwrap().contains("Origin"))
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins_may_what_their_api_says() {
    let demo = demo().await;
    let stranger = Client::new(demo.home.url());

    // Asked in front: no credential, no backend, and only where it is listed.
    let before = demo.asked().len();
    for path in ["/v1/pets/110", "/v%31/pets", "/v1/no-such-path"] {
        let told = asks(&stranger, path, APP).await.with(204);
        assert_eq!(told.header("access-control-allow-origin"), Some(APP), "{path}");
        assert_eq!(told.header("access-control-max-age"), Some("300"));
        assert!(told.header("access-control-allow-methods").unwrap().contains("PUT"));
        assert!(told.header("access-control-allow-headers").unwrap().contains("Authorization"));
        assert_eq!(told.header("access-control-allow-credentials"), None);
        assert!(varies(&told));
    }
    assert_eq!(demo.asked().len(), before);
    for origin in
        ["https://app.example.com.evil.example", "https://APP.example.com", "http://app.example.com", "null"]
    {
        let told = asks(&stranger, "/v1/pets", origin).await;
        told.refused(400, "F113");
        assert_eq!(told.header("access-control-allow-origin"), None, "{origin}");
        assert!(varies(&told));
    }
    // Another API says nothing, nor do addresses beside them.
    for path in ["/api/v1/schools", "/errors", "/v11/pets"] {
        let told = asks(&stranger, path, APP).await;
        assert_eq!(told.header("access-control-allow-origin"), None, "{path}");
    }

    // An answer and a refusal can be read by the page that may, and by no other.
    for path in ["/v1/species", "/v1/pets", "/v1/pets?limit=x"] {
        let told = stranger.send("GET", path, &[("origin", APP)], None).await;
        assert_eq!(told.header("access-control-allow-origin"), Some(APP), "{path}: {}", told.text());
        assert!(told.header("access-control-expose-headers").unwrap().contains("ETag"));
        assert!(varies(&told));
        let told = stranger.send("GET", path, &[("origin", "https://evil.example")], None).await;
        assert_eq!(told.header("access-control-allow-origin"), None);
        assert!(varies(&told));
        assert!(varies(&stranger.get(path).await));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_how_it_is_to_be_treated() {
    let demo = demo().await;
    let stranger = Client::new(demo.home.url());
    let long = format!("/{}", "a".repeat(9000));
    for path in [
        "/v1/species",
        "/v1/pets",
        "/v1/nothing",
        "/errors",
        "/errors/F112",
        "/healthz",
        "/oauth/token",
        &long,
    ] {
        let told = stranger.get(path).await;
        for name in [
            "x-content-type-options",
            "referrer-policy",
            "content-security-policy",
            "x-frame-options",
            "cross-origin-resource-policy",
            "cache-control",
        ] {
            assert!(told.header(name).is_some(), "{path} has no {name}");
        }
        assert!(told.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{path}");
    }
    let mine = demo.client.get("/v1/pets/110").await.with(200);
    assert!(!mine.header("cache-control").unwrap().contains("public"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_to_tell_of_a_weakness_stands_at_its_place() {
    let demo = demo().await;
    let stranger = Client::new(demo.home.url());
    let told = stranger.get("/.well-known/security.txt").await.with(200);
    assert_eq!(told.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(
        told.text(),
        "Contact: mailto:security@pethub.example\nPreferred-Languages: en, es\nExpires: 2999-01-01T00:00:00Z\n"
    );
    demo.program.err.until("this day is more than a year ahead", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_bodies_are_refused_and_told_what_is_taken() {
    let demo = Demo::start().await;
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let told = demo.client.send("POST", "/v1/pets", &headers, Some("{}")).await;
    told.refused(400, "F131");
    assert_eq!(told.header("accept-encoding"), Some("identity"));
}
