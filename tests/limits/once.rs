//! One key, one effect, one answer: on one node, on two that share a ledger, and over a restart. Customers are kept in an
//! SQL store, keys in a ledger of their own.

use super::{Hands, Heard, Question, ask, get, post, thousand};
use crate::support::at;
use portico::{
    control::{self, Overrides},
    idempotency::{Begun, Intent, Keyed, Store},
    identity::Caller,
    ledger::Ledger,
    pipeline::Facade,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Duplicates of each request.
const EACH: usize = 50;

pub(super) struct Files {
    folder: PathBuf,
    config: PathBuf,
}

impl Files {
    pub(super) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("portico-once-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let text = std::fs::read_to_string(at("config/demo.yaml"))
            .unwrap()
            .replace("../target/demo/", "")
            .replace("../migrations", &at("migrations").display().to_string());
        for secret in text.split("file: ").skip(1).filter_map(|rest| rest.split([' ', '}']).next()) {
            let text = if secret.contains("sealing") { crate::support::KEY } else { "x" };
            std::fs::write(folder.join(secret), text).unwrap();
        }
        let folders =
            format!("mappings: {}\nschemas: {}\n", at("mappings").display(), at("schemas").display());
        let config = folder.join("config.yaml");
        std::fs::write(&config, format!("{folders}{text}")).unwrap();
        Self { folder, config }
    }

    pub(super) async fn facade(&self, clock: &Arc<Hands>) -> Arc<Facade> {
        let clock = Arc::clone(clock);
        control::facade_at(&self.config, &Overrides::default(), clock).await.unwrap().0
    }

    pub(super) async fn ledger(&self) -> Ledger {
        let (plan, ..) = control::plan(&self.config, &Overrides::default());
        Ledger::open(plan.unwrap().settings.ledger.as_ref().unwrap()).await.unwrap()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(Path::new(&self.folder));
    }
}

pub(super) fn customer(number: usize) -> Question {
    let body = format!(
        r#"{{"givenName":"Ada","familyName":"Wood {number}","email":"ada{number}@example.org","emergencyContacts":[{{"name":"Vet","phone":"+1 555 010 0100"}}]}}"#
    );
    post("/v1/customers", &format!("key-{number}"), &body)
}

pub(super) async fn total(facade: &Facade) -> u64 {
    let heard =
        ask(facade, &Question { caller: Some(Caller::operator()), ..get("/v1/customers?limit=1") }).await;
    let body: serde_json::Value = serde_json::from_str(&heard.body).unwrap();
    body["metadata"]["totalCount"].as_u64().unwrap()
}

/// Asks each question so many times at once, spread over the façades.
async fn storm(facades: &[Arc<Facade>], keys: usize, each: usize) -> Vec<Vec<Heard>> {
    let gate = Arc::new(tokio::sync::Semaphore::new(400));
    let mut tasks = Vec::new();
    for round in 0..each {
        for number in 0..keys {
            let facade = Arc::clone(&facades[(round + number) % facades.len()]);
            let gate = Arc::clone(&gate);
            #[allow(clippy::disallowed_methods, reason = "they run at once and are waited for")]
            let task = tokio::spawn(async move {
                let _turn = gate.acquire_owned().await.unwrap();
                ask(&facade, &customer(number)).await
            });
            tasks.push((number, task));
        }
    }
    let mut answers = vec![Vec::new(); keys];
    for (number, task) in tasks {
        answers[number].push(task.await.unwrap());
    }
    answers
}

fn same(answers: &[Vec<Heard>], firsts: usize) {
    for (number, of_key) in answers.iter().enumerate() {
        let first = &of_key[0];
        assert_eq!(first.status, 201, "{number}: {first:?}");
        for one in of_key {
            let told = (one.status, &one.body, one.header("location"), one.header("etag"));
            assert_eq!(told, (201, &first.body, first.header("location"), first.header("etag")), "{number}");
        }
        let new = of_key.iter().filter(|one| one.header("idempotency-replayed").is_none()).count();
        assert_eq!(new, firsts, "{number}: so many answers were not replayed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_keys_with_many_duplicates_have_one_effect_each_also_over_a_restart() {
    let (files, clock, keys) = (Files::new("storm"), Hands::new(), thousand());
    let facade = files.facade(&clock).await;
    let before = total(&facade).await;
    let mut answers = storm(&[Arc::clone(&facade)], keys, EACH - 10).await;
    same(&answers, 1);
    assert_eq!(total(&facade).await - before, keys as u64, "each key made one record");
    drop(facade);
    let facade = files.facade(&clock).await;
    let later = storm(&[Arc::clone(&facade)], keys, 10).await;
    same(&later, 0);
    for (all, more) in answers.iter_mut().zip(later) {
        all.extend(more);
    }
    same(&answers, 1);
    assert_eq!(total(&facade).await - before, keys as u64);
    // After a day the key is free again.
    clock.forward(24 * 3_600 + 1);
    assert_eq!(ask(&facade, &customer(0)).await.header("idempotency-replayed"), None);
    assert_eq!(total(&facade).await - before, keys as u64 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_with_one_ledger_do_it_once() {
    let (files, clock, keys) = (Files::new("replicas"), Hands::new(), thousand() / 5);
    let facades = [files.facade(&clock).await, files.facade(&clock).await];
    let before = total(&facades[0]).await;
    same(&storm(&facades, keys, 10).await, 1);
    assert_eq!(total(&facades[0]).await - before, keys as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_one_request_of_one_caller() {
    let (files, clock) = (Files::new("other"), Hands::new());
    let facade = files.facade(&clock).await;
    let first = ask(&facade, &customer(1)).await;
    assert_eq!(first.status, 201);
    let other = Question { key: Some("key-1".into()), ..customer(2) };
    assert_eq!(ask(&facade, &other).await.code(), "F466");
    let elsewhere = Question { path: "/v1/customers?fields=customerId".into(), ..customer(1) };
    assert_eq!(ask(&facade, &elsewhere).await.code(), "F466");
    // Of another caller it is another key.
    let role = Caller { subject: Some("s".into()), roles: vec!["admin".into()], ..Caller::default() };
    let theirs = Question { caller: Some(Arc::new(role)), ..customer(1) };
    let heard = ask(&facade, &theirs).await;
    assert_eq!((heard.status, heard.header("idempotency-replayed")), (201, None), "{heard:?}");
    // In quotes, as the draft has it, it is the same.
    let quoted = Question { key: Some("\"key-1\"".into()), ..customer(1) };
    assert_eq!(ask(&facade, &quoted).await.header("idempotency-replayed"), Some("true"));
    for wrong in ["", "a b", "\"open", &"x".repeat(256), "a\"b"] {
        let heard = ask(&facade, &Question { key: Some(wrong.into()), ..customer(3) }).await;
        assert_eq!((heard.status, heard.code()), (400, "F465".to_owned()), "{wrong}");
    }
    // What is refused before anything is called leaves the key free.
    let empty = Question { body: "{}".into(), ..customer(4) };
    assert_eq!(ask(&facade, &empty).await.status, 400);
    assert_eq!(ask(&facade, &customer(4)).await.status, 201);
}

/// What a program that crashed has left: an intent, and perhaps the record.
async fn crashed(files: &Files, clock: &Hands, number: usize, record: &str) {
    use portico::telemetry::clock::Clock;
    let question = customer(number);
    let (head, ()) = http::Request::post(&question.path)
        .header("content-type", "application/json")
        .body(())
        .unwrap()
        .into_parts();
    let key = question.key.unwrap();
    let keyed = Keyed::of(key, &Caller::operator(), None, &head, Some(question.body.as_bytes()));
    let now = clock.now().seconds * 1_000;
    let intent = Intent {
        id: keyed.id,
        hash: keyed.hash,
        what: "create pethub/v1/customers".into(),
        holder: "gone".into(),
        now,
        held_until: now + 5_000,
        record: record.into(),
    };
    assert!(matches!(files.ledger().await.begin(&intent).await.unwrap(), Begun::Ours));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_found_by_the_key_that_it_would_have() {
    let (files, clock) = (Files::new("crash"), Hands::new());
    let facade = files.facade(&clock).await;
    let made = ask(&facade, &Question { key: None, ..customer(1) }).await;
    let made: serde_json::Value = serde_json::from_str(&made.body).unwrap();
    let record = made["customerId"].as_str().unwrap();
    crashed(&files, &clock, 1, record).await;
    crashed(&files, &clock, 2, "01890000-0000-7000-8000-000000000000").await;
    let before = total(&facade).await;
    clock.forward(6);
    // The system behind may still be at it.
    let early = ask(&facade, &customer(1)).await;
    assert_eq!((early.status, early.code()), (500, "F519".to_owned()));
    assert!(early.header("retry-after").is_some());
    let unknown = files.ledger().await.unknown(i64::MAX, 10).await.unwrap();
    assert_eq!(unknown.len(), 2);
    assert!(unknown.iter().all(|one| one.crashed && one.what == "create pethub/v1/customers"));
    clock.forward(30);
    // The one was done, the other was not.
    let found = ask(&facade, &customer(1)).await;
    let shown: serde_json::Value = serde_json::from_str(&found.body).unwrap();
    assert_eq!((found.status, shown["customerId"].as_str()), (201, Some(record)));
    assert_eq!(total(&facade).await, before);
    let done = ask(&facade, &customer(2)).await;
    let shown: serde_json::Value = serde_json::from_str(&done.body).unwrap();
    assert_eq!(
        shown["customerId"], "01890000-0000-7000-8000-000000000000",
        "it gets the key that it would have had"
    );
    assert_eq!(total(&facade).await, before + 1);
    assert_eq!(files.ledger().await.unknown(i64::MAX, 10).await.unwrap(), []);
    assert_eq!(ask(&facade, &customer(1)).await.header("idempotency-replayed"), Some("true"));
}
