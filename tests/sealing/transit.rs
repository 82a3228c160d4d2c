//! Data keys at Vault: a fake of the transit engine's HTTP API on this machine, true to it in what we ask of it, and a
//! façade whose data keys it wraps.

use super::bench::{Bench, ask, customer};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use portico::control::{self, Overrides, reseal};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// What the engine keeps, and what it was asked.
#[derive(Debug, Default)]
struct Vault {
    token: String,
    latest: u32,
    least: u32,
    /// Plain text and context, by cipher text.
    kept: BTreeMap<String, (String, String)>,
    asked: Vec<(String, usize)>,
}

type Shared = Arc<Mutex<Vault>>;

/// `POST /v1/transit/:verb/:key` with `batch_input`. As the engine does, it answers 403 to a wrong token, and 400
/// with all results where one of a batch fails.
async fn transit(
    State(vault): State<Shared>,
    Path((verb, key)): Path<(String, String)>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let mut vault = vault.lock().unwrap();
    let token = headers.get("x-vault-token").and_then(|v| v.to_str().ok()).unwrap_or_default();
    if token != vault.token {
        return (StatusCode::FORBIDDEN, Json(json!({ "errors": ["permission denied"] })));
    }
    if key != "pethub" {
        return (StatusCode::BAD_REQUEST, Json(json!({ "errors": ["encryption key not found"] })));
    }
    let items = body["batch_input"].as_array().cloned().unwrap_or_default();
    vault.asked.push((verb.clone(), items.len()));
    let results: Vec<Value> = items.iter().map(|item| vault.one(&verb, item)).collect();
    let failed = results.iter().any(|result| result["error"].is_string());
    let status = if failed { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    (status, Json(json!({ "request_id": "x", "data": { "batch_results": results } })))
}

impl Vault {
    fn one(&mut self, verb: &str, item: &Value) -> Value {
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let context = text("context");
        if STANDARD.decode(&context).is_ok_and(|c| c.is_empty()) {
            return json!({ "error": "missing 'context' for key derivation" });
        }
        let opened = |vault: &Self| {
            let cipher = text("ciphertext");
            let version: u32 = cipher.split(':').nth(1)?.strip_prefix('v')?.parse().ok()?;
            let (plain, of) = vault.kept.get(&cipher)?;
            (*of == context && version >= vault.least).then(|| plain.clone())
        };
        match verb {
            "encrypt" => self.keep(text("plaintext"), context),
            "decrypt" => match opened(self) {
                Some(plain) => json!({ "plaintext": plain }),
                None => json!({ "error": "cipher: message authentication failed" }),
            },
            "rewrap" => match opened(self) {
                Some(plain) => self.keep(plain, context),
                None => json!({ "error": "cipher: message authentication failed" }),
            },
            _ => json!({ "error": "unsupported path" }),
        }
    }

    fn keep(&mut self, plain: String, context: String) -> Value {
        let nonce = STANDARD.encode(format!("{:060}", self.kept.len()));
        let cipher = format!("vault:v{}:{nonce}", self.latest);
        self.kept.insert(cipher.clone(), (plain, context));
        json!({ "ciphertext": cipher, "key_version": self.latest })
    }
}

async fn vault() -> (Shared, String) {
    let vault: Shared =
        Arc::new(Mutex::new(Vault { token: "t1".into(), latest: 1, least: 1, ..Vault::default() }));
    let router =
        Router::new().route("/v1/transit/{verb}/{key}", post(transit)).with_state(Arc::clone(&vault));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (vault, address)
}

fn sealing(address: &str, more: &str) -> String {
    format!(
        "vault: {{ address: \"{address}\", plain: true, token: {{ file: token }}, key: pethub }}\n  index: {{ file: index }}{more}"
    )
}

#[tokio::test]
async fn data_keys_are_wrapped_by_vault_and_wrapped_anew_when_its_key_turns() {
    let (vault, address) = vault().await;
    let mut bench = Bench::sqlite("vault");
    std::fs::write(bench.folder.join("token"), "t1\n").unwrap();
    bench.sealing = sealing(&address, "");
    let facade = bench.facade().await;
    let ada = customer(&facade, "Ada", "ada@example.org").await;
    for at in 0..30 {
        customer(&facade, &format!("Ida{at}"), &format!("ida{at}@example.org")).await;
    }
    // Keys that were had are kept in memory: a second list asks for nothing, and no list asks more than once.
    vault.lock().unwrap().asked.clear();
    let list = async || ask(&facade, "GET", "/v1/customers?limit=31&fields=email,phone", "").await;
    let (status, first) = list().await;
    assert_eq!(status, 200, "{first}");
    assert!(vault.lock().unwrap().asked.len() <= 1, "one batch for a page");
    vault.lock().unwrap().asked.clear();
    assert_eq!(list().await.1, first);
    assert_eq!(vault.lock().unwrap().asked, []);
    // What Vault keeps is never a value of ours, and no key is in the database.
    assert!(bench.bytes().windows(9).any(|w| w == b"vault:v1:"));
    // A token that was renewed is read anew.
    "t2".clone_into(&mut vault.lock().unwrap().token);
    std::fs::write(bench.folder.join("token"), "t2").unwrap();
    customer(&facade, "Eva", "eva@example.org").await;
    // The key turns: the data keys are wrapped anew without being shown.
    vault.lock().unwrap().latest = 2;
    vault.lock().unwrap().asked.clear();
    let done = reseal::reseal(&facade.current(), &mut |_: &reseal::Progress<'_>| {}).await.unwrap();
    assert_eq!((done.done, done.broken), (32, 0));
    assert!(vault.lock().unwrap().asked.iter().all(|(verb, _)| verb != "decrypt"));
    vault.lock().unwrap().least = 2;
    let fresh = bench.facade().await;
    assert_eq!(ask(&fresh, "GET", &format!("/v1/customers/{ada}"), "").await.1["email"], "ada@example.org");
    // A data key of another record does not open for this one.
    bench
        .tamper(&[
            "UPDATE customers SET data_key = (SELECT x.data_key FROM customers x WHERE x.given_name = 'Eva') \
             WHERE given_name = 'Ada'",
        ])
        .await;
    let (status, answer) = ask(&fresh, "GET", &format!("/v1/customers/{ada}"), "").await;
    assert_eq!((status, &answer["code"]), (500, &"F614".into()));
}

#[tokio::test]
async fn from_vault_to_a_key_of_our_own_and_vault_that_is_away() {
    let (vault, address) = vault().await;
    let mut bench = Bench::sqlite("from-vault");
    std::fs::write(bench.folder.join("token"), "t1").unwrap();
    bench.sealing = sealing(&address, "");
    let facade = bench.facade().await;
    let ada = customer(&facade, "Ada", "ada@example.org").await;
    // With a key beside it Vault opens, and wraps nothing new.
    bench.sealing = sealing(&address, "\n  key: { file: a }");
    control::reload(&facade, &bench.configuration(), &Overrides::default()).await.unwrap();
    let done = reseal::reseal(&facade.current(), &mut |_: &reseal::Progress<'_>| {}).await.unwrap();
    assert_eq!((done.done, done.broken), (1, 0));
    bench.sealing = "key: { file: a }\n  index: { file: index }".into();
    let fresh = bench.facade().await;
    let read = async |facade| ask(facade, "GET", &format!("/v1/customers/{ada}"), "").await;
    assert_eq!(read(&fresh).await.0, 200);
    // A token that is refused, and then nobody there: told as ours, and nothing of it to the caller.
    bench.sealing = sealing(&address, "\n  previous: [{ file: a }]");
    let facade = bench.facade().await;
    "other".clone_into(&mut vault.lock().unwrap().token);
    let body = r#"{"givenName":"Ida","familyName":"Wood","email":"ida@example.org"}"#;
    let (status, answer) = ask(&facade, "POST", "/v1/customers", body).await;
    assert_eq!((status, &answer["code"]), (500, &"F914".into()));
    assert!(!answer.to_string().to_lowercase().contains("vault"));
    bench.sealing = sealing("http://127.0.0.1:9", "\n  previous: [{ file: a }]");
    let facade = bench.facade().await;
    assert_eq!(read(&facade).await.0, 200, "what is wrapped by the key that is here needs nobody");
    let (status, answer) = ask(&facade, "POST", "/v1/customers", body).await;
    assert_eq!((status, &answer["code"]), (500, &"F914".into()));
}
