//! The proof: what is kept is shown to nobody who would not be answered so by a façade that keeps nothing.

use super::{
    dice::Dice,
    people::{Person, everybody},
    poison::{Extra, extra, odd},
    targets::{self, Target},
};
use crate::embedded::ask::{Desk, swinging};
use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use portico::{identity::Caller, pipeline::Facade};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// So many ask at once.
const TOGETHER: usize = 50;
/// URLs that are asked for at one time, few so that callers meet, and those of them that are others the next time.
const URLS: usize = 24;
const NEW: usize = 2;
const LONG: Duration = Duration::from_mins(1);

fn requests() -> usize {
    if std::env::var_os("PORTICO_PROVE").is_some_and(|value| value == "1") { 100_000 } else { 3_000 }
}

/// An answer as far as it belongs to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Came {
    status: u16,
    tag: String,
    form: String,
    body: Vec<u8>,
}

/// What is said to whoever keeps answers on the way, and what was kept here.
#[derive(Debug, Clone)]
struct Told {
    control: String,
    cache: String,
}

async fn taken(response: http::Response<portico::pipeline::Body>) -> (Came, Told) {
    let (head, body) = response.into_parts();
    let text = |name: &str| head.headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
    let came = Came {
        status: head.status.as_u16(),
        tag: text("etag"),
        form: text("content-type"),
        body: body.collect().await.unwrap().to_bytes().to_vec(),
    };
    (came, Told { control: text("cache-control"), cache: text("cache-status") })
}

/// A question as it is sent to the façade that keeps.
#[derive(Debug, Clone)]
struct Question {
    person: usize,
    method: Method,
    target: String,
    extra: Extra,
}

impl Question {
    /// Whether this can be a request of HTTP at all.
    fn sent(&self, person: &Person) -> Option<Request<Full<Bytes>>> {
        let mut request = Request::builder().method(self.method.clone()).uri(&self.target);
        if let Some(token) = &person.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let Extra { accept, if_none_match, poison, second } = &self.extra;
        for (name, value) in poison.iter().chain(second) {
            request = request.header(*name, value);
        }
        if let Some(accept) = accept {
            request = request.header(header::ACCEPT, *accept);
        }
        if let Some(tags) = if_none_match {
            request = request.header(header::IF_NONE_MATCH, tags);
        }
        request.body(Full::default()).ok()
    }

    /// The same with what may count alone.
    fn bare(&self) -> Request<Full<Bytes>> {
        let mut request = Request::builder().method(self.method.clone()).uri(&self.target);
        if let Some(accept) = self.extra.accept {
            request = request.header(header::ACCEPT, accept);
        }
        if let Some(tags) = &self.extra.if_none_match {
            request = request.header(header::IF_NONE_MATCH, tags);
        }
        request.body(Full::default()).unwrap()
    }
}

/// The façade that keeps nothing, with what it has answered since the last write.
struct Oracle<'d> {
    facade: &'d Facade,
    said: HashMap<(usize, Method, String, Option<&'static str>, Option<String>), Came>,
}

impl Oracle<'_> {
    async fn answer(&mut self, question: &Question, people: &[Person]) -> Came {
        let Question { person, method, target, extra } = question;
        let key = (*person, method.clone(), target.clone(), extra.accept, extra.if_none_match.clone());
        if let Some(known) = self.said.get(&key) {
            return known.clone();
        }
        let caller = Arc::clone(&people[*person].caller);
        let response = self.facade.answer_as(caller, question.bare(), Instant::now() + LONG).await;
        let (came, told) = taken(response).await;
        assert!(!told.cache.contains("hit"), "the oracle keeps: {}", told.cache);
        self.said.insert(key, came.clone());
        came
    }
}

/// Every resource is kept for long, but for those of which the files say `never`.
fn keeping(name: &str, text: &mut String) {
    if is_resource(text) && !text.contains("\ncache: never") {
        unkept(name, text);
        text.push_str("\ncache: { fresh: 1h, stale: 1h, negative: 1m }\n");
    }
    unlimited(name, text);
}

fn is_resource(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("resource:"))
}

fn unkept(_: &str, text: &mut String) {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("cache:")).collect();
    *text = lines.join("\n") + "\n";
}

/// Without limits: it is not how much anybody asks that is tried.
fn unlimited(name: &str, text: &mut String) {
    if name.ends_with("/api.yaml") {
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("rate:")).collect();
        *text = lines.join("\n") + "\n";
    }
}

/// A store that both façades use, and what is written into it.
struct Store(std::path::PathBuf);

impl Store {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("portico-mixing-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn put(&self, text: &mut String) {
        *text =
            text.replace("\"sqlite::memory:\"", &format!("\"sqlite:{}\"", self.0.join("store.db").display()));
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Customers with pets' records and consents, so that there is something of each to be mixed up.
async fn filled(desk: &Desk) -> Vec<String> {
    let mut customers = Vec::new();
    for name in ["Ada", "Ben", "Cleo", "Dan", "Eve"] {
        let body = json!({ "givenName": name, "familyName": "Wood", "email": format!("{name}@example.org") });
        let answer = desk.ask("POST", "/v1/customers", Some(body)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        customers.push(answer.body["customerId"].as_str().unwrap().to_owned());
    }
    let pets = desk.get("/v1/pets?limit=12").await;
    for (at, pet) in pets["pets"].as_array().unwrap().iter().enumerate() {
        let id = pet["petId"].as_str().unwrap();
        let body = json!({ "type": "examination", "description": format!("Seen {at}"), "title": "Seen", "date": "2026-11-01" });
        // What the contract asks for is the contract's affair: the proof needs some, and says below how many.
        desk.ask("POST", &format!("/v1/pets/{id}/medical-records"), Some(body)).await;
    }
    customers
}

/// The pets, by the one change that is written between rounds.
async fn write(kept: &Desk, dice: &mut Dice, pets: &[String], round: usize) -> u16 {
    let target = format!("/v1/pets/{}", dice.pick(pets));
    let request = Request::patch(&target).header(header::CONTENT_TYPE, "application/merge-patch+json");
    let body = json!({ "name": format!("Name {round}") }).to_string();
    let request = request.body(Full::new(Bytes::from(body))).unwrap();
    let answer = kept.facade().answer_as(Caller::operator(), request, Instant::now() + LONG).await;
    answer.status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_what_is_anothers() {
    let store = Store::new();
    let kept = Desk::open_with(swinging, &|name, text| {
        keeping(name, text);
        store.put(text);
    })
    .await;
    let plain = kept
        .beside(&|name, text| {
            if is_resource(text) {
                unkept(name, text);
            }
            unlimited(name, text);
            store.put(text);
        })
        .await;
    let customers = filled(&plain).await;
    let (gate, people) = everybody(&plain, &customers).await;
    let targets = targets::all(&plain).await;
    let kept = Arc::new(kept.with_identity(gate));
    let people = Arc::new(people);
    prove(&kept, &plain, &people, &targets).await;
}

async fn prove(kept: &Arc<Desk>, plain: &Desk, people: &Arc<Vec<Person>>, targets: &[Target]) {
    let tokens: Vec<String> = people.iter().filter_map(|one| one.token.clone()).collect();
    let pets: Vec<String> = targets
        .iter()
        .filter_map(|one| one.path.strip_prefix("/v1/pets/"))
        .filter(|rest| !rest.contains('/'))
        .map(str::to_owned)
        .collect();
    let mut dice = Dice::new(2026);
    let mut oracle = Oracle { facade: plain.facade(), said: HashMap::new() };
    let (mut sent, mut hits, mut joined, mut tags) = (0, 0, 0, Vec::new());
    let mut urls: Vec<(&Target, Vec<String>)> = Vec::new();
    let answered = answered(plain, people, targets).await;
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for round in 0.. {
        if sent >= requests() {
            break;
        }
        if dice.once_in(6) {
            assert_eq!(write(kept, &mut dice, &pets, round).await, 200);
            oracle.said.clear();
        }
        for _ in 0..NEW {
            if urls.len() == URLS {
                urls.swap_remove(dice.below(URLS));
            }
            let target = dice.pick(targets);
            urls.push((target, target.asked(&mut dice)));
        }
        let asked: Vec<Question> = (0..TOGETHER)
            .map(|_| {
                let (target, parameters) = dice.pick(&urls);
                let may = &answered[&target.like];
                let anyone = may.is_empty() || dice.once_in(4);
                Question {
                    person: if anyone { dice.below(people.len()) } else { *dice.pick(may) },
                    method: if dice.once_in(12) { Method::HEAD } else { Method::GET },
                    target: odd(&mut dice, &target.path, parameters),
                    extra: extra(&mut dice, &tags, &tokens),
                }
            })
            .collect();
        // All at once to the one that keeps; then one after the other to the one that does not.
        let mut under_way = Vec::new();
        for question in asked {
            let Some(request) = question.sent(&people[question.person]) else { continue };
            let kept = Arc::clone(kept);
            #[expect(clippy::disallowed_methods, reason = "they run at once and are waited for")]
            let task = tokio::spawn(async move {
                let response = kept.facade().answer(request, Instant::now() + LONG).await;
                taken(response).await
            });
            under_way.push((question, task));
        }
        for (question, task) in under_way {
            let (came, told) = task.await.unwrap();
            sent += 1;
            *statuses.entry(came.status).or_default() += 1;
            hits += usize::from(told.cache.contains("; hit"));
            joined += usize::from(told.cache.contains("collapsed"));
            judge(&question, &came, &told, &mut oracle, people).await;
            if !came.tag.is_empty() && tags.len() < 500 {
                tags.push(came.tag);
            }
        }
    }
    println!(
        "{sent} requests: {hits} from what was kept, {joined} together with another; statuses {statuses:?}"
    );
    assert!(
        hits > sent / 10 && joined > 0,
        "{hits} hits and {joined} joined of {sent} requests: nothing was tried"
    );
    assert!(statuses[&200] > sent / 4, "{statuses:?}");
}

/// Who is answered of each kind of target, so that most questions are not refused.
async fn answered(plain: &Desk, people: &[Person], targets: &[Target]) -> BTreeMap<String, Vec<usize>> {
    let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for target in targets {
        if found.contains_key(&target.like) {
            continue;
        }
        let mut may = Vec::new();
        for (at, person) in people.iter().enumerate() {
            let request = Request::get(&target.like).body(Full::<Bytes>::default()).unwrap();
            let caller = Arc::clone(&person.caller);
            let answer = plain.facade().answer_as(caller, request, Instant::now() + LONG).await;
            if answer.status().is_success() {
                may.push(at);
            }
        }
        found.insert(target.like.clone(), may);
    }
    found
}

async fn judge(question: &Question, came: &Came, told: &Told, oracle: &mut Oracle<'_>, people: &[Person]) {
    let who = &people[question.person].name;
    assert!(came.status < 500 && came.status != 429, "{question:?} of {who}: {came:?}");
    // More than one credential, or one in the address, is refused as a whole; only a path of no reading is told before.
    let beside = question.extra.second.is_some() && people[question.person].token.is_some();
    if beside || question.target.contains("access_token=") {
        assert!(is_refusal(came), "{question:?} of {who}: {came:?}");
        return;
    }
    if question.extra.second.is_some() {
        return; // Nobody with somebody's token is that somebody.
    }
    let expected = oracle.answer(question, people).await;
    assert!(
        *came == expected,
        "{question:?} of {who}\n came ({}): {} {}\n not: {} {}",
        told.cache,
        came.status,
        String::from_utf8_lossy(&came.body),
        expected.status,
        String::from_utf8_lossy(&expected.body),
    );
    // What a cache on the way may show to anybody is what anybody is answered.
    if told.control.contains("public") && came.status == 200 {
        let nobody = people.iter().position(|one| one.token.is_none()).unwrap();
        let anyone = oracle.answer(&Question { person: nobody, ..question.clone() }, people).await;
        assert_eq!(*came, anyone, "{question:?} of {who} is called public");
    }
}

/// Whether nothing is shown; where the status is suppressed, the body has it alone.
fn is_refusal(came: &Came) -> bool {
    matches!(came.status, 400 | 401 | 404 | 405 | 406)
        || serde_json::from_slice::<Value>(&came.body).is_ok_and(|body| body.get("response_code").is_some())
        || came.body.windows(15).any(|part| part == b"<response_code>")
        || came.body.is_empty()
}
