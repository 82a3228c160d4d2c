//! Systems that are gone or fail: the answer says so in public words, and a shortcut shows what it has.

use super::super::support::{Client, Demo, Home, Program, path};
use portico::demo::seed::seed;
use serde_json::json;

const PASSWORD: &str = "a password for one test";

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_system_is_told_and_found_again() {
    let home = Home::new();
    home.edit("config/demo.yaml", "services: ezyvet", "services: stub");
    home.write("state/drupal7.password", PASSWORD);
    let listen = format!("127.0.0.1:{}", home.legacy);
    let log = home.path("state/drupal7.log");
    let system = || {
        Program::start(&[
            "system",
            "drupal7",
            "--listen",
            &listen,
            "--password",
            PASSWORD,
            "--log",
            path(&log),
        ])
    };
    let mut legacy = system();
    assert!(legacy.is_ready().await);
    // Each request is to find for itself that nobody is there.
    let text = home.read("config/demo.yaml");
    let line = text.lines().find(|line| line.contains("drupal7.password")).unwrap().to_owned();
    home.edit("config/demo.yaml", &line, &format!("{line}\n    resilience: {{ breaker: never }}"));
    let config = home.config();
    let made = [
        "client",
        "add",
        "Tests",
        "--id",
        "tests",
        "--tier",
        "partner",
        "--role",
        "admin",
        "-c",
        path(&config),
    ];
    assert!(Program::run(&made).status.success());
    let minted = Program::run(&["token", "mint", "tests", "-c", path(&config)]);
    let token = String::from_utf8(minted.stdout).unwrap();
    home.write("state/tokens.json", &json!({ "admin": token.trim() }).to_string());
    let facade = Program::start(&["serve", "-c", path(&home.config())]);
    assert!(facade.is_ready().await);
    let client = Client::new(home.url()).of(&home, "admin");
    let before = client.get("/v1/pets/109").await.with(200);

    legacy.kill().await;
    let pet = json!({ "ownerId": "66", "name": "Rex", "species": "dog" });
    for request in [
        "/v1/pets/109",
        "/v1/pets?limit=1",
        "/v1/species",
        "/v1/pets/109/publicProfile",
        "/v1/pets/109/medical-records",
    ] {
        let reply = client.get(request).await;
        let body = reply.refused(500, "F511");
        for inside in ["127.0.0.1", "drupal", "node", "refused", "rest/"] {
            assert!(!body["message"].as_str().unwrap().contains(inside), "`{inside}` shows in {body}");
        }
    }
    let xml = client.get("/v1/pets/109.xml").await.with(500);
    assert!(xml.text().contains("<code>F511</code>"), "{}", xml.text());
    client.json("PATCH", "/v1/pets/109", &json!({ "name": "X" })).await.refused(500, "F511");
    // The owner is looked for first, and the store of this façade has no customers.
    client.json("POST", "/v1/pets", &pet).await.refused(400, "F451");
    let quiet = client.get("/v1/pets/109?suppress_response_codes=true").await.with(200);
    assert_eq!((&quiet.json()["response_code"], &quiet.json()["code"]), (&json!(500), &json!("F511")));
    // What lives elsewhere goes on.
    client.get("/v1/customers").await.with(200);
    client.get("/v1/services").await.with(200);

    let again = system();
    assert!(again.is_ready().await);
    // The session of before is unknown there now: it is renewed without anyone seeing.
    assert_eq!(client.get("/v1/pets/109").await.with(200).body, before.body);
    let log = home.read("state/drupal7.log");
    assert!(log.lines().any(|line| line.starts_with("POST /rest/user/login")), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shortcut_names_the_part_that_failed() {
    let demo = Demo::start().await;
    let seed = seed();
    let pet = seed
        .pets
        .iter()
        .find(|p| p.visibility.profile && p.visibility.contact && p.visibility.emergency_contacts)
        .unwrap();
    let request = format!("/v1/pets/{}/publicProfile", pet.id);
    let whole = demo.client.get(&request).await.with(200).json();
    assert!(whole["owner"].is_object() && whole.get("metadata").is_none(), "{whole}");

    // The store loses its customers.
    let url = format!("sqlite:{}", demo.home.path("state/store.db").display());
    let mut store = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    sqlx::query("ALTER TABLE customers RENAME TO gone").execute(&mut store).await.unwrap();
    let partial = demo.client.get(&request).await.with(200).json();
    assert_eq!(partial["profile"], whole["profile"]);
    assert_eq!(partial["owner"], json!(null));
    assert_eq!(partial["emergencyContacts"], json!(null));
    assert_eq!(partial["metadata"]["partial"], json!([{ "part": "owner", "code": "F513" }]));
    let xml = demo.client.get(&request.replace("publicProfile", "publicProfile.xml")).await.with(200);
    assert!(
        xml.text().contains(
            "<metadata><partial><missing><part>owner</part><code>F513</code></missing></partial></metadata>"
        ),
        "{}",
        xml.text()
    );
    // Who does not ask for that part does not miss it.
    let without = demo.client.get(&format!("{request}?fields=profile")).await.with(200).json();
    assert_eq!(without, json!({ "profile": whole["profile"] }));
    let body = demo.client.get("/v1/customers/66").await.refused(500, "F513");
    assert!(!body.to_string().contains("table"), "{body}");

    sqlx::query("ALTER TABLE gone RENAME TO customers").execute(&mut store).await.unwrap();
    assert_eq!(demo.client.get(&request).await.with(200).json(), whole);
}
