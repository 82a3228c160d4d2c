//! Drift as operators see it: on the listener of their own, and by `portico drift` when the server has gone.

use super::support::{Client, Demo, Program, path};
use crate::support::port::free_port;
use std::sync::atomic::{AtomicU16, Ordering};

const FILE: &str = "mappings/pethub/v1/pets.drupal7.yaml";
const BINDING: &str = "pethub/v1/pets.drupal7";

async fn demo() -> (Demo, Client) {
    let port = AtomicU16::new(0);
    let demo = Demo::start_with(|home| {
        port.store(free_port(), Ordering::Relaxed);
        let admin = format!("admin: {{ address: 127.0.0.1:{} }}\napis:\n", port.load(Ordering::Relaxed));
        home.edit("config/demo.yaml", "apis:\n", &admin);
        // The site has pets whose sex is `Male`: a code that the mapping does not know.
        home.edit(FILE, "Male: male", "Mail: male");
    });
    let demo = demo.await;
    let client = Client::new(format!("http://127.0.0.1:{}", port.load(Ordering::Relaxed)));
    (demo, client)
}

fn drift(demo: &Demo, more: &[&str]) -> (Option<i32>, String) {
    let config = demo.home.config();
    let args: Vec<&str> = ["drift", "-c", path(&config)].into_iter().chain(more.iter().copied()).collect();
    let output = Program::run(&args);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout) + &text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_what_drifts_while_the_server_runs_and_after_it() {
    let (mut demo, admin) = demo().await;
    assert_eq!(admin.get("/drift").await.with(200).json()["drift"], serde_json::json!([]));
    demo.client.get("/v1/pets?limit=10&fields=name,weight").await.with(200);
    demo.client.get("/v1/customers?limit=10").await.with(200);
    demo.client.get("/v1/pets?limit=100&fields=sex").await.refused(500, "F612");

    let metrics = admin.get("/metrics").await.with(200);
    let kind = metrics.header("content-type").unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let text = metrics.text();
    let has = |line: &str| assert!(text.lines().any(|l| l.starts_with(line)), "`{line}` is not in:\n{text}");
    has(&format!(
        "portico_source_field_values_total{{binding=\"{BINDING}\",place=\"title\",kind=\"text\"}} "
    ));
    has(&format!(
        "portico_source_field_drift{{binding=\"{BINDING}\",place=\"field_gender.und[0].value\",what=\"unknownCode\"}} 1"
    ));
    has(&format!("portico_source_unknown_fields_total{{binding=\"{BINDING}\"}} "));
    assert!(text.ends_with("# EOF\n"));
    for secret in ["Tibbles", "example.org", "password"] {
        assert!(!text.contains(secret), "`{secret}` stands in the metrics");
    }

    let told = admin.get("/drift").await.with(200).json();
    assert_eq!(told["drift"].as_array().unwrap().len(), 1, "{told:#}");
    let line = &told["drift"][0];
    assert_eq!(
        (&line["what"], &line["resource"], &line["binding"]),
        (&"unknownCode".into(), &"pets".into(), &BINDING.into())
    );

    // Nothing else is there, and nothing of it where callers come.
    for other in ["/", "/v1/pets", "/metrics/", "/drift?x=1&y"] {
        let status = if other.starts_with("/drift") { 200 } else { 404 };
        assert_eq!(admin.get(other).await.status, status, "{other}");
    }
    assert_eq!(admin.send("POST", "/drift", &[], None).await.status, 405);
    for path in ["/metrics", "/drift"] {
        demo.client.get(path).await.with(404);
    }

    demo.program.signal("TERM");
    assert!(demo.program.end().await.success());
    let (status, text) = drift(&demo, &[]);
    assert_eq!(status, Some(0), "{text}");
    let said = format!("/{FILE}: `field_gender.und[0].value`: unknown code `Male` (1 answers), since ");
    assert!(text.contains(&said), "{text}");
    assert!(text.contains("Answers with it are refused; say what it means in the mapping."), "{text}");
    assert_eq!(drift(&demo, &["--check"]).0, Some(1));
    let (status, text) = drift(&demo, &["--check", "--resource", "customers"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.starts_with("nothing drifts ("), "{text}");
    let (_, text) = drift(&demo, &["--all"]);
    assert!(text.lines().any(|line| line.contains("title") && line.ends_with("as expected")), "{text}");
    let (_, text) = drift(&demo, &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["drift"][0]["place"], "field_gender.und[0].value");
    let (status, text) = drift(&demo, &["--resource", "cats"]);
    assert_eq!(status, Some(1));
    assert!(text.contains("`cats`"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_told_and_nothing_is_served() {
    let (demo, admin) = demo().await;
    let config = demo.home.read("config/demo.yaml").replace(
        &format!("address: 127.0.0.1:{}", demo.home.port),
        &format!("address: 127.0.0.1:{}", free_port()),
    );
    demo.home.write("config/second.yaml", &config);
    let output = Program::run(&["serve", "-c", path(&demo.home.path("config/second.yaml"))]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(told.contains(&format!("127.0.0.1:{}", admin.port())), "{told}");
}
