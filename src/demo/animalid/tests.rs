//! The registry as its partner sees it: signed requests answered one by one, no socket.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use sha2::Sha256;

use super::*;
use crate::demo::seed;

const NOW: i64 = 1_795_000_000;
const GRIZZLY: &str = "985141000000109";

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {}", self.text)).to_str().unwrap()
    }

    fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A request under way; `signed` gives it the headers that it needs.
#[derive(Clone)]
struct Call {
    method: String,
    path: String,
    body: String,
    time: i64,
    headers: Vec<(String, String)>,
}

impl Call {
    fn new(method: &str, path: &str) -> Self {
        let (method, path) = (method.to_owned(), path.to_owned());
        Self { method, path, body: String::new(), time: NOW, headers: Vec::new() }
    }

    /// A write with a key that no other call has.
    fn write(method: &str, path: &str, body: &Value) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let key = format!("key-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut call = Self::new(method, path).with("idempotency-key", &key);
        call.body = body.to_string();
        call.with("content-type", "application/json")
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn at(mut self, time: i64) -> Self {
        self.time = time;
        self
    }

    fn signed(self) -> Self {
        let secret = Settings::default().secret;
        let time = self.time.to_string();
        let body = self.body.as_bytes();
        let signature = signature::sign_request(secret.as_bytes(), &self.method, &self.path, body, &time);
        self.with("x-key", "portico").with("x-timestamp", &time).with("x-signature", &signature)
    }

    /// Sends it as it is, at its own time.
    fn send(&self, registry: &AnimalId) -> Answer {
        self.send_at(registry, self.time)
    }

    fn send_at(&self, registry: &AnimalId, now: i64) -> Answer {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let answer = registry.answer(&head, &Bytes::from(self.body.clone()), now);
        let (head, body) = answer.into_parts();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Answer { status: head.status.as_u16(), headers: head.headers, text }
    }
}

fn registry() -> Arc<AnimalId> {
    let callback_url = Some("http://127.0.0.1:8080/hooks/animalid".to_owned());
    AnimalId::new(&seed::seed(), Settings { callback_url, clock: || NOW, ..Settings::default() })
}

fn get(registry: &AnimalId, path: &str) -> Answer {
    Call::new("GET", path).signed().send(registry)
}

fn record(identifier: &str) -> Value {
    json!({
        "identifier": identifier,
        "animal": {"nickname": "Žofka", "species_id": 1, "breed_id": 104, "sex_id": 5, "birth_date": "2024-02-29"},
        "owner": {"first_name": "Zoë", "last_name": "O'Brien", "email": "zoe@example.org", "phone": null},
        "consent": {"share_contact": true, "share_medical": false},
        "implanter": null,
    })
}

fn post(registry: &AnimalId, records: &[Value]) -> Answer {
    Call::write("POST", "/api/v1/chips", &json!({"payload": records})).signed().send(registry)
}

// === signatures ===

#[test]
fn a_request_is_signed_in_every_part() {
    let registry = registry();
    let path = format!("/api/v1/chips/{GRIZZLY}");
    let good = Call::new("GET", &path).signed();
    assert_eq!(good.send(&registry).status, 200);
    // Reads may be repeated, and HEAD, which comes in as GET, is signed as HEAD.
    assert_eq!(good.send(&registry).status, 200);
    let mut head = Call::new("HEAD", &path).signed();
    head.method = "GET".to_owned();
    assert_eq!(head.send(&registry).status, 200);
    let refused = |call: &Call, code: &str| {
        let answer = call.send(&registry);
        assert_eq!((answer.status, answer.code().as_str()), (401, code));
        assert_eq!(answer.header("www-authenticate"), "AnimalID-HMAC-SHA256");
    };
    for name in ["x-key", "x-timestamp", "x-signature"] {
        let mut call = good.clone();
        call.headers.retain(|(known, _)| known != name);
        refused(&call, "SIGNATURE_MISSING");
    }
    refused(&good.clone().with("x-key", "other"), "KEY_UNKNOWN");
    refused(&good.clone().with("x-timestamp", "soon"), "TIMESTAMP_OUT_OF_RANGE");
    refused(&good.clone().with("x-timestamp", &(NOW + 1).to_string()), "SIGNATURE_INVALID");
    refused(&good.clone().with("x-signature", &"0".repeat(64)), "SIGNATURE_INVALID");
    let mut call = good.clone();
    call.path.push_str("?limit=1");
    refused(&call, "SIGNATURE_INVALID");
    let mut call = good;
    call.body.push(' ');
    refused(&call, "SIGNATURE_INVALID");
    // Nothing is known of paths, either.
    refused(&Call::new("GET", "/nothing"), "SIGNATURE_MISSING");
}

#[test]
fn a_time_may_be_five_minutes_off() {
    let registry = registry();
    for (off, status) in [(0, 200), (300, 200), (-300, 200), (301, 401), (-301, 401)] {
        let call = Call::new("GET", "/api/v1/dictionaries/sexes").at(NOW + off).signed();
        assert_eq!(call.send_at(&registry, NOW).status, status, "{off}");
    }
    let call = Call::new("GET", "/api/v1/chips").signed().with("x-timestamp", &i64::MIN.to_string());
    assert_eq!(call.send(&registry).status, 401);
}

#[test]
fn a_signature_writes_once() {
    let registry = registry();
    let call = Call::write("POST", "/api/v1/chips", &json!({"payload": [record("956000000000001")]}));
    assert_eq!(call.clone().signed().send(&registry).status, 201);
    let again = call.clone().signed().send(&registry);
    assert_eq!((again.status, again.code().as_str()), (401, "SIGNATURE_REUSED"));
    // Signed a second later it is a repetition that the key answers.
    let later = call.at(NOW + 1).signed().send(&registry);
    assert_eq!((later.status, later.header("idempotency-replayed")), (201, "true"));
}

// === reading ===

#[test]
fn a_chip_is_a_list_of_one() {
    let answer = get(&registry(), &format!("/api/v1/chips/{GRIZZLY}"));
    let chip = &answer.json()["payload"][0];
    assert_eq!(answer.json()["payload"].as_array().unwrap().len(), 1);
    assert_eq!((&chip["id"], &chip["identifier"]), (&json!(40_109), &json!(GRIZZLY)));
    let animal = json!({
        "id": 109, "nickname": "Grizzly", "species_id": 1, "breed_id": 104, "sex_id": 2, "birth_date": "2013-11-16",
    });
    assert_eq!(chip["animal"], animal);
    assert_eq!(chip["registered_at"], "2014-05-15T08:02:36+0000");
    assert_eq!(chip["consent"], json!({"share_contact": false, "share_medical": false}));
}

#[test]
fn what_is_not_there_is_404() {
    let registry = registry();
    for (path, code) in [
        ("/api/v1/chips/985141000000000", "CHIP_NOT_FOUND"),
        ("/api/v1/chips/109", "CHIP_NOT_FOUND"),
        ("/api/v1/jobs/job_00000001", "JOB_NOT_FOUND"),
        ("/api/v1/dictionaries/colors", "DICTIONARY_NOT_FOUND"),
        ("/api/v1/owners", "NOT_FOUND"),
        ("/", "NOT_FOUND"),
    ] {
        let answer = get(&registry, path);
        assert_eq!((answer.status, answer.code().as_str()), (404, code), "{path}");
        assert_eq!(answer.json()["error"]["details"], json!([]));
    }
    let answer = Call::new("DELETE", "/api/v1/chips/1").signed().send(&registry);
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, PATCH"));
}

#[test]
fn whoever_has_it_gets_304() {
    let registry = registry();
    let path = format!("/api/v1/chips/{GRIZZLY}");
    let etag = get(&registry, &path).header("etag").to_owned();
    let ask = |tag: &str| Call::new("GET", &path).with("if-none-match", tag).signed().send(&registry);
    for tag in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
        let answer = ask(&tag);
        assert_eq!(
            (answer.status, answer.text.as_str(), answer.header("etag")),
            (304, "", etag.as_str()),
            "{tag}"
        );
        assert_eq!(answer.headers.get("content-type"), None);
    }
    assert_eq!(ask("\"x\"").status, 200);
}

#[test]
fn a_list_is_walked_by_the_last_id() {
    let registry = registry();
    let (mut after, mut seen, mut pages) = (0, Vec::new(), 0);
    loop {
        let rows = get(&registry, &format!("/api/v1/chips?limit=50&after={after}")).json();
        let rows = rows["payload"].as_array().unwrap().clone();
        pages += 1;
        seen.extend(rows.iter().map(|row| row["identifier"].as_str().unwrap().to_owned()));
        let Some(last) = rows.last() else { break };
        after = last["id"].as_u64().unwrap();
    }
    let chipped = seed::seed().pets.into_iter().filter_map(|pet| pet.microchip).collect::<Vec<_>>();
    assert_eq!(seen, chipped);
    assert_eq!(pages, chipped.len().div_ceil(50) + 1);
    for (query, kind) in [
        ("limit=51", "less_than_equal"),
        ("limit=0", "less_than_equal"),
        ("after=x", "int_parsing"),
        ("page=2", "extra_forbidden"),
    ] {
        let answer = get(&registry, &format!("/api/v1/chips?{query}"));
        let detail = &answer.json()["error"]["details"][0];
        assert_eq!((answer.status, &detail["type"]), (422, &json!(kind)), "{query}");
        assert_eq!(detail["loc"][0], "query");
    }
}

#[test]
fn the_content_has_owners_and_has_none() {
    let registry = registry();
    let rows: Vec<_> = registry.state().store.after(0).cloned().collect();
    let statuses: BTreeSet<&str> = rows.iter().map(|chip| chip.status).collect();
    let all = ["deceased", "deregistered", "registered", "reported_missing", "transfer_pending"];
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), all);
    let some = |test: fn(&chip::Chip) -> bool| rows.iter().any(test) && !rows.iter().all(test);
    assert!(some(|chip| chip.owner.is_none()));
    assert!(some(|chip| chip.consent.share_contact));
    assert!(some(|chip| chip.animal.sex_id.is_none()));
    assert!(some(|chip| chip.animal.breed_id.is_none()));
    assert!(some(|chip| chip.implanter.as_deref() == Some("")));
}

#[test]
fn dictionaries_belong_together() {
    let registry = registry();
    let list = |path: &str| get(&registry, path).json()["payload"].as_array().unwrap().clone();
    assert_eq!(list("/api/v1/dictionaries/species")[0], json!({"id": 1, "code": "dog", "name": "Dog"}));
    assert_eq!(list("/api/v1/dictionaries/sexes").len(), 9);
    let breeds = list("/api/v1/dictionaries/breeds");
    assert_eq!(breeds[3], json!({"id": 104, "name": "Chihuahua", "species_id": 1}));
    let cats = list("/api/v1/dictionaries/breeds?species_id=2");
    assert!(cats.len() < breeds.len() && cats.iter().all(|breed| breed["species_id"] == 2));
    assert_eq!(get(&registry, "/api/v1/dictionaries/sexes?species_id=2").status, 422);
}

// === registering ===

#[test]
fn one_registration_is_done_at_once() {
    let registry = registry();
    let answer = post(&registry, &[record("956000000000001")]);
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.header("location"), "/api/v1/chips/956000000000001");
    let chip = answer.json()["payload"][0].clone();
    assert_eq!((&chip["id"], &chip["animal"]["id"]), (&json!(100_001), &json!(100_002)));
    assert_eq!((&chip["status"], &chip["owner"]["phone"]), (&json!("registered"), &json!(null)));
    let read = get(&registry, answer.header("location"));
    assert_eq!(read.json(), answer.json());
    assert_eq!(read.header("etag"), answer.header("etag"));
    // An animal that the caller knows keeps its number.
    let mut own = record("956000000000002");
    own["animal"]["id"] = json!(109);
    assert_eq!(post(&registry, &[own]).json()["payload"][0]["animal"]["id"], 109);
}

#[test]
fn a_form_is_refused_with_all_its_faults() {
    let registry = registry();
    let mut bad = record("12345");
    bad["animal"] = json!({"species_id": "dog", "birth_date": "2023-02-29", "tail": true});
    bad["owner"] = json!({"first_name": " ", "last_name": "B", "email": "nobody", "country": "us"});
    bad["consent"]["share_contact"] = json!("yes");
    bad["extra"] = json!(1);
    let answer = post(&registry, &[record("956000000000001"), bad]);
    assert_eq!((answer.status, answer.code().as_str()), (422, "VALIDATION_FAILED"));
    let body = answer.json();
    let details = body["error"]["details"].as_array().unwrap();
    let found: BTreeSet<(String, &str)> = details
        .iter()
        .map(|detail| {
            let loc: Vec<String> = detail["loc"].as_array().unwrap().iter().map(Value::to_string).collect();
            (loc.join(".").replace('"', ""), detail["type"].as_str().unwrap())
        })
        .collect();
    let expected = [
        ("payload.1.animal.birth_date", "date_from_datetime_parsing"),
        ("payload.1.animal.nickname", "missing"),
        ("payload.1.animal.species_id", "int_type"),
        ("payload.1.animal.tail", "extra_forbidden"),
        ("payload.1.consent.share_contact", "bool_type"),
        ("payload.1.extra", "extra_forbidden"),
        ("payload.1.identifier", "string_pattern_mismatch"),
        ("payload.1.owner.country", "string_pattern_mismatch"),
        ("payload.1.owner.email", "value_error"),
        ("payload.1.owner.first_name", "string_too_short"),
    ];
    let found: Vec<(&str, &str)> = found.iter().map(|(loc, kind)| (loc.as_str(), *kind)).collect();
    assert_eq!(found, expected);
    // Nothing of it was done.
    assert_eq!(get(&registry, "/api/v1/chips/956000000000001").status, 404);
}

#[test]
fn bodies_that_are_no_payload_are_refused() {
    let registry = registry();
    for (body, kind) in [
        (json!({}), "missing"),
        (json!([]), "missing"),
        (json!({"payload": {}}), "list_type"),
        (json!({"payload": []}), "too_short"),
        (json!({"payload": vec![record("956000000000001"); 101]}), "too_long"),
        (json!({"payload": [7]}), "dict_type"),
        (json!({"payload": [record("956000000000001")], "dry": true}), "extra_forbidden"),
    ] {
        let answer = Call::write("POST", "/api/v1/chips", &body).signed().send(&registry);
        assert_eq!(answer.json()["error"]["details"][0]["type"], kind, "{body}");
        assert_eq!(answer.status, 422);
    }
    let call = Call::write("POST", "/api/v1/chips", &json!(null));
    let answer = call.clone().with("content-type", "text/plain").signed().send(&registry);
    assert_eq!((answer.status, answer.code().as_str()), (415, "UNSUPPORTED_MEDIA_TYPE"));
    let mut call = call;
    call.body = "{".to_owned();
    let answer = call.signed().send(&registry);
    assert_eq!((answer.status, answer.code().as_str()), (400, "MALFORMED_JSON"));
}

#[test]
fn a_single_record_that_cannot_be_is_refused_at_its_place() {
    let registry = registry();
    let check = |record: Value, loc: Value, kind: &str| {
        let answer = post(&registry, std::slice::from_ref(&record));
        let body = answer.json();
        let detail = &body["error"]["details"][0];
        assert_eq!((answer.status, &detail["loc"], &detail["type"]), (422, &loc, &json!(kind)), "{record}");
    };
    let identifier = json!(["payload", 0, "identifier"]);
    check(record("956274877906944"), identifier.clone(), "CHECK_DIGIT");
    check(record("999000000000001"), identifier.clone(), "COUNTRY_CODE");
    check(record(GRIZZLY), identifier, "DUPLICATE");
    let mut cat = record("956000000000001");
    cat["animal"]["species_id"] = json!(2);
    check(cat.clone(), json!(["payload", 0, "animal", "breed_id"]), "WRONG_SPECIES");
    cat["animal"]["species_id"] = json!(99);
    check(cat, json!(["payload", 0, "animal", "species_id"]), "UNKNOWN_ID");
    assert_eq!(post(&registry, &[record("956274877906943")]).status, 201);
}

#[test]
fn several_with_a_wait_are_answered_each() {
    let registry = registry();
    let send = |records: &[Value]| {
        let call = Call::write("POST", "/api/v1/chips", &json!({"payload": records}));
        call.with("prefer", "respond-async, wait=10").signed().send(&registry)
    };
    let answer = send(&[record("956000000000001"), record(GRIZZLY), record("956000000000001")]);
    assert_eq!((answer.status, answer.header("preference-applied")), (207, "wait=10"));
    let body = answer.json();
    assert_eq!(body["payload"][0], json!({"index": 0, "status": "accepted", "id": 100_001}));
    let second = &body["payload"][1];
    assert_eq!((&second["status"], &second["errors"][0]["code"]), (&json!("rejected"), &json!("DUPLICATE")));
    assert_eq!(second["errors"][0]["field"], "identifier");
    // Twice in one request is once.
    assert_eq!(body["payload"][2]["status"], "rejected");
    assert_eq!(send(&[record("956000000000003"), record("956000000000004")]).status, 200);
}

// === keys ===

#[test]
fn a_key_is_needed_and_means_one_request() {
    let registry = registry();
    let body = json!({"payload": [record("956000000000001")]});
    let call = Call::write("POST", "/api/v1/chips", &body).with("idempotency-key", "k");
    let mut without = call.clone();
    without.headers.retain(|(name, _)| name != "idempotency-key");
    let answer = without.at(NOW + 1).signed().send(&registry);
    assert_eq!((answer.status, answer.code().as_str()), (400, "IDEMPOTENCY_KEY_MISSING"));
    let answer = call.clone().with("idempotency-key", &"k".repeat(256)).at(NOW + 2).signed().send(&registry);
    assert_eq!((answer.status, answer.code().as_str()), (400, "IDEMPOTENCY_KEY_MALFORMED"));
    let first = call.clone().at(NOW + 3).signed().send(&registry);
    assert_eq!(first.status, 201);
    assert_eq!(first.headers.get("idempotency-replayed"), None);
    let again = call.clone().at(NOW + 60).signed().send(&registry);
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert_eq!(again.header("location"), first.header("location"));
    let mut other = call.clone();
    other.body = json!({"payload": [record("956000000000002")]}).to_string();
    let answer = other.at(NOW + 61).signed().send(&registry);
    assert_eq!((answer.status, answer.code().as_str()), (409, "IDEMPOTENCY_KEY_REUSED"));
    // After a day the key is forgotten, and the chip is there.
    let late = call.at(NOW + 3 + 86_400).signed().send(&registry);
    assert_eq!(late.json()["error"]["details"][0]["type"], "DUPLICATE");
}

#[test]
fn a_refused_request_may_be_mended_under_its_key() {
    let registry = registry();
    let call = |identifier: &str| {
        let body = json!({"payload": [record(identifier)]});
        Call::write("POST", "/api/v1/chips", &body).with("idempotency-key", "k").signed().send(&registry)
    };
    assert_eq!(call("1").status, 422);
    assert_eq!(call("956000000000001").status, 201);
}

// === jobs ===

#[test]
fn several_are_a_job_that_is_done_after_two_polls() {
    let registry = registry();
    let answer = post(&registry, &[record("956000000000001"), record(GRIZZLY)]);
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json(), json!({"payload": [{"job": "job_00000001", "status": "pending"}]}));
    let location = answer.header("location").to_owned();
    for _ in 0..2 {
        assert!(registry.outgoing().is_empty());
        let poll = get(&registry, &location);
        assert_eq!(
            (&poll.json()["payload"][0]["status"], poll.header("retry-after")),
            (&json!("pending"), "1")
        );
    }
    let done = get(&registry, &location);
    let job = &done.json()["payload"][0];
    assert_eq!((&job["status"], done.headers.get("retry-after")), (&json!("done"), None));
    assert_eq!(job["results"][0]["status"], "accepted");
    assert_eq!(job["results"][1]["errors"][0]["code"], "DUPLICATE");
    assert_eq!(get(&registry, "/api/v1/chips/956000000000001").status, 200);
}

#[test]
fn a_job_is_done_after_two_seconds_and_tells_so_once() {
    let registry = registry();
    assert_eq!(post(&registry, &[record("956000000000001"), record("956000000000002")]).status, 202);
    let path = "/api/v1/chips/956000000000002";
    assert_eq!(Call::new("GET", path).at(NOW + 1).signed().send(&registry).status, 404);
    assert_eq!(Call::new("GET", path).at(NOW + 2).signed().send(&registry).status, 200);
    let messages = registry.outgoing();
    assert_eq!(messages.len(), 1);
    assert!(registry.outgoing().is_empty());
    let message = &messages[0];
    assert_eq!(message.url, "http://127.0.0.1:8080/hooks/animalid");
    let header = |name: &str| &message.headers.iter().find(|(known, _)| known == name).unwrap().1;
    let body: Value = serde_json::from_str(&message.body).unwrap();
    assert_eq!((&body["type"], &body["data"]["job"]), (&json!("registration.done"), &json!("job_00000001")));
    assert_eq!(body["data"]["results"].as_array().unwrap().len(), 2);
    // As a receiver checks it.
    let text = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), message.body);
    let mut mac = Hmac::<Sha256>::new_from_slice(b"portico-webhook-secret!!").unwrap();
    mac.update(text.as_bytes());
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(header("webhook-signature"), &expected);
    assert_eq!(header("webhook-timestamp"), &(NOW + 2).to_string());
}

#[test]
fn nobody_is_told_where_nobody_wants_it_and_time_alone_is_enough() {
    let registry = AnimalId::new(&seed::seed(), Settings { clock: || NOW + 5, ..Settings::default() });
    let records = [record("956000000000001"), record("956000000000002")];
    assert_eq!(post(&registry, &records).status, 202);
    assert!(registry.outgoing().is_empty());
    // It was done all the same, by the registry's own clock.
    assert_eq!(get(&registry, "/api/v1/chips/956000000000001").status, 200);
    registry.call_back(Some("http://127.0.0.1:9/".to_owned()));
    let records = [record("956000000000003"), record("956000000000004")];
    assert_eq!(post(&registry, &records).status, 202);
    assert_eq!(registry.outgoing().len(), 1);
}

// === changing ===

#[test]
fn a_change_needs_the_tag_of_what_was_read() {
    let registry = registry();
    let path = format!("/api/v1/chips/{GRIZZLY}");
    let before = get(&registry, &path);
    let body = json!({"payload": [{"consent": {"share_contact": true}}]});
    let change = |tag: Option<&str>, time: i64| {
        let call = Call::write("PATCH", &path, &body).at(time);
        let call = tag.map_or(call.clone(), |tag| call.with("if-match", tag));
        call.signed().send(&registry)
    };
    assert_eq!((change(None, NOW).status, change(None, NOW + 1).code().as_str()), (428, "IF_MATCH_MISSING"));
    assert_eq!(change(Some("\"x\""), NOW + 2).status, 412);
    assert_eq!(change(Some(&format!("W/{}", before.header("etag"))), NOW + 3).status, 412);
    let after = change(Some(before.header("etag")), NOW + 4);
    assert_eq!(after.status, 200, "{}", after.text);
    let consent = json!({"share_contact": true, "share_medical": false});
    assert_eq!(after.json()["payload"][0]["consent"], consent);
    assert_eq!(after.json()["payload"][0]["owner"], before.json()["payload"][0]["owner"]);
    assert_ne!(after.header("etag"), before.header("etag"));
    assert_eq!(get(&registry, &path).header("etag"), after.header("etag"));
    assert_eq!(change(Some(before.header("etag")), NOW + 5).status, 412);
    assert_eq!(change(Some("*"), NOW + 6).status, 200);
}

#[test]
fn a_repeated_change_is_answered_by_its_key_not_by_its_tag() {
    let registry = registry();
    let path = format!("/api/v1/chips/{GRIZZLY}");
    let etag = get(&registry, &path).header("etag").to_owned();
    let body = json!({"payload": [{"consent": {"share_medical": true}}]});
    let call = Call::write("PATCH", &path, &body).with("if-match", &etag);
    let first = call.clone().signed().send(&registry);
    let again = call.at(NOW + 9).signed().send(&registry);
    assert_eq!((first.status, again.status, first.text), (200, 200, again.text));
}

#[test]
fn an_owner_is_replaced_as_a_whole_and_taken_away_by_null() {
    let registry = registry();
    let waiting =
        registry.state().store.after(0).find(|chip| chip.status == "transfer_pending").cloned().unwrap();
    let path = format!("/api/v1/chips/{}", waiting.identifier);
    let change = |body: Value, time: i64| {
        let call = Call::write("PATCH", &path, &json!({"payload": [body]})).with("if-match", "*");
        call.at(time).signed().send(&registry)
    };
    let owner = json!({"first_name": "Ana", "last_name": "Peña", "phone": "+1 555 010 0999"});
    let answer = change(json!({"owner": owner}), NOW);
    let chip = answer.json()["payload"][0].clone();
    assert_eq!(chip["status"], "registered");
    assert_eq!((&chip["owner"]["last_name"], &chip["owner"]["city"]), (&json!("Peña"), &json!(null)));
    assert_eq!(change(json!({"owner": null}), NOW + 1).json()["payload"][0]["owner"], json!(null));
    for (body, kind) in [
        (json!({"status": "deceased"}), "extra_forbidden"),
        (json!({"owner": {"first_name": "A", "last_name": "B"}}), "missing"),
        (json!({"owner": "me"}), "dict_type"),
        (json!({"consent": null}), "dict_type"),
    ] {
        let answer = change(body.clone(), NOW + 2);
        assert_eq!(
            (answer.status, &answer.json()["error"]["details"][0]["type"]),
            (422, &json!(kind)),
            "{body}"
        );
    }
    let call = Call::write("PATCH", "/api/v1/chips/1", &json!({})).with("if-match", "*").signed();
    assert_eq!(call.send(&registry).code(), "CHIP_NOT_FOUND");
}
