//! Fifty callers: every role of the demo with different claims, scopes and clients, and a gate that takes their tokens.

use crate::embedded::ask::{Desk, NOW, rows};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use portico::{
    identity::{
        Authenticate, Caller,
        gate::{Gate, Made},
        keys::{Key, Life, Ring},
        proof::Replays,
        revoked::Revoked,
    },
    telemetry::clock::Fixed,
    value::time::Moment,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

const PUBLIC: &str = "http://127.0.0.1:8080";

/// Somebody with a token; nobody has none.
pub struct Person {
    pub name: String,
    pub token: Option<String>,
    /// As the gate knows them, asked once and by itself.
    pub caller: Arc<Caller>,
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A gate that knows one key of ours, and the key.
pub fn gate() -> (Arc<Gate>, Ed25519KeyPair) {
    let pair = Ed25519KeyPair::generate().unwrap();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key()), "alg": "EdDSA" });
    let ring = Arc::new(Ring::new());
    ring.set(vec![Arc::new(Key::kept("k".into(), &jwk, None, Life::from(0)).unwrap())]);
    let gate = Gate::new(Made {
        clock: Arc::new(Fixed(Moment::parse(NOW).unwrap())),
        public_url: PUBLIC.into(),
        bases: vec!["/v1".into(), "/api/v1".into()],
        ring,
        issuers: Vec::new(),
        introspected: Vec::new(),
        keys: None,
        revoked: Arc::new(Revoked::default()),
        replays: Arc::new(Replays::default()),
    });
    (Arc::new(gate), pair)
}

fn token(
    pair: &Ed25519KeyPair,
    number: usize,
    roles: &[&str],
    claims: &Value,
    scope: &str,
    client: &str,
) -> String {
    let now = Moment::parse(NOW).unwrap().seconds;
    let payload = json!({
        "iss": PUBLIC, "sub": format!("a_{number}"), "aud": PUBLIC, "client_id": client, "iat": now, "exp": now + 900,
        "jti": format!("j{number}"), "roles": roles, "claims": claims, "grant": format!("g{number}"), "scope": scope,
    });
    let head = json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": "k" });
    let text = format!("{}.{}", encode(head.to_string()), encode(payload.to_string()));
    format!("{text}.{}", encode(pair.sign(text.as_bytes())))
}

/// Different values of a member, as they come.
async fn values(desk: &Desk, target: &str, name: &str, most: usize) -> Vec<String> {
    let mut found = BTreeSet::new();
    for record in rows(&desk.get(&format!("{target}?limit=100")).await) {
        if let Some(value) = record[name].as_str() {
            found.insert(value.to_owned());
        }
    }
    assert!(found.len() >= 2, "{target} has {found:?} as {name}");
    found.into_iter().take(most).collect()
}

/// Everybody, and the gate that knows them.
pub async fn everybody(desk: &Desk, customers: &[String]) -> (Arc<Gate>, Vec<Person>) {
    let current = desk.facade().current();
    let each = current
        .plan
        .resources
        .iter()
        .flat_map(|one| [format!("{}:read", one.name), format!("{}:write", one.name)]);
    let every: String = each.collect::<Vec<_>>().join(" ");
    let every = every.as_str();
    let (gate, pair) = gate();
    let mut plans: Vec<(Vec<&str>, Value, &str, &str)> = Vec::new();
    let owners = values(desk, "/v1/pets", "ownerId", 10).await;
    for owner in owners.iter().chain(customers) {
        plans.push((vec!["owner"], json!({ "customer": owner }), every, "pethub-app"));
    }
    for provider in values(desk, "/v1/care-providers", "providerId", 4).await {
        for role in ["groomer", "vet", "provider"] {
            plans.push((vec![role], json!({ "provider": provider }), every, "pethub-app"));
        }
    }
    for school in values(desk, "/api/v1/schools", "schoolId", 5).await {
        plans.push((vec!["school-staff"], json!({ "school": school }), every, "district"));
    }
    for partner in values(desk, "/api/v1/suppliers", "supplierId", 4).await {
        plans.push((vec!["partner"], json!({ "partner": partner }), every, "demo-partner"));
    }
    for (client, scope) in [
        ("one", every),
        ("two", "pets:read"),
        ("three", "pets:read medical-records:read"),
        ("four", "services:read"),
    ] {
        plans.push((vec!["vendor"], json!({}), scope, client));
    }
    plans.push((vec!["inventory-manager"], json!({}), every, "depot"));
    plans.push((vec!["inventory-manager"], json!({}), "stock:read", "depot"));
    plans.push((vec!["admin"], json!({}), every, "desk"));
    plans.push((vec!["admin"], json!({}), "customers:read", "desk"));
    plans.push((vec!["stranger"], json!({}), every, "desk"));
    plans.push((
        vec!["owner", "vet"],
        json!({ "customer": owners[0], "provider": "1" }),
        every,
        "pethub-app",
    ));
    // Roles that are tied to records, with nothing that ties.
    plans.push((vec!["owner"], json!({}), every, "pethub-app"));
    plans.push((vec!["school-staff"], json!({}), every, "district"));
    let mut all = Vec::new();
    for (number, (roles, claims, scope, client)) in plans.into_iter().enumerate() {
        let token = token(&pair, number, &roles, &claims, scope, client);
        let request = http::Request::get("/v1/pets").header("authorization", format!("Bearer {token}"));
        let (head, ()) = request.body(()).unwrap().into_parts();
        let caller = gate.caller(&head).await.unwrap();
        all.push(Person {
            name: format!("{roles:?} {claims} {}", scope.get(..30).unwrap_or(scope)),
            token: Some(token),
            caller,
        });
    }
    while all.len() < 50 {
        all.push(Person { name: "nobody".into(), token: None, caller: Caller::anonymous() });
    }
    assert_eq!(all.len(), 50, "everybody");
    (gate, all)
}
