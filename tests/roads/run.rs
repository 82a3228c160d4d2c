//! One specification from end to end: its files are compiled, its requests travel the road, and every answer is
//! held against the one that is written down.

use super::{
    backend::{Recorded, Shared, connect},
    read::{Message, Request, Spec, Step, read},
};
use crate::support::{self, diff::diff};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    backend::Sources,
    fault::Diagnostics,
    pipeline::{Facade, Instance},
    plan::{Plan, compile::compile},
    spec::load::{Tree, load},
    telemetry::clock::Fixed,
    value::time::Moment,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// The time of every specification.
const NOW: &str = "2026-11-21T12:00:00Z";
/// No request of a specification waits for anything but a poll: this ends one that hangs. Calls end a little before.
const LONG: Duration = Duration::from_secs(21);
/// Headers that an answer shows when it is blessed for the first time.
const TELLING: &[&str] = &["location", "retry-after"];

/// Runs the specification in this file.
pub fn check(name: &str) {
    let text = support::read(name);
    let spec = read(&text).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(spec.paused).build().unwrap();
    let (answers, complaints) = runtime.block_on(travel(name, &spec));
    if support::blesses() {
        bless(name, &text, &spec, &answers);
    }
    let mut told = complaints;
    if !support::blesses() {
        for (request, came) in requests(&spec).zip(&answers) {
            let (wanted, came) = (request.answer.to_string(), came.to_string());
            if wanted != came {
                let asked = format!("line {}: {}", request.line, request.ask);
                told.push(format!("{asked}\n{}", diff(&wanted, &came)));
            }
        }
    }
    assert!(told.is_empty(), "{name}:\n  {}\n(BLESS=1 rewrites the answers)", told.join("\n  "));
}

fn requests(spec: &Spec) -> impl Iterator<Item = &Request> {
    spec.steps.iter().filter_map(|step| if let Step::Request(request) = step { Some(request) } else { None })
}

async fn travel(name: &str, spec: &Spec) -> (Vec<Message>, Vec<String>) {
    let plan = plan(name, spec);
    let recorded: Shared = Arc::default();
    let connect = connect(&plan, &recorded);
    let sources = Sources::build(&plan, None, &connect).await;
    let sources = sources.unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
    let clock = Fixed(Moment::parse(NOW).unwrap());
    let facade = Facade::new(Instance { plan, sources }, Arc::new(clock));
    let (mut answers, mut complaints): (Vec<Message>, Vec<String>) = (Vec::new(), Vec::new());
    let mut tag = String::new();
    // Requests that go out while the next one is on its way.
    let mut beside: Vec<&Request> = Vec::new();
    for step in &spec.steps {
        match step {
            Step::Exchange(exchange) => recorded.lock().unwrap().add(exchange.clone()),
            Step::Request(request) if request.meanwhile.is_some() => beside.push(request),
            Step::Request(request) => {
                tokio::time::sleep(Duration::from_secs(request.after)).await;
                recorded.lock().unwrap().begin();
                let all = beside.drain(..).chain([request]).map(|request| {
                    let (facade, tag) = (&facade, &tag);
                    async move {
                        tokio::time::sleep(Duration::from_secs(request.meanwhile.unwrap_or(0))).await;
                        send(name, facade, request, tag).await
                    }
                });
                for (answer, new_tag) in futures_util::future::join_all(all).await {
                    tag = new_tag.unwrap_or(tag);
                    answers.push(answer);
                }
                let ended = Recorded::end(&mut recorded.lock().unwrap());
                complaints.extend(
                    ended.into_iter().map(|c| format!("line {}: {}: {c}", request.line, request.ask)),
                );
            }
        }
    }
    assert!(beside.is_empty(), "{name}: no request follows the one that is sent meanwhile");
    let left = Recorded::end(&mut recorded.lock().unwrap());
    complaints.extend(left);
    (answers, complaints)
}

fn plan(name: &str, spec: &Spec) -> Plan {
    let mut files = match spec.uses.as_deref() {
        None => BTreeMap::new(),
        Some("demo") => demo(),
        Some(folder @ ("base" | "shelter")) => {
            support::tree(&format!("tests/mappings/{folder}/"), &["mappings", "schemas", "config"])
        }
        Some("guide") => support::tree("docs/guides/map-a-system/", &["mappings", "schemas", "config"]),
        Some(other) => panic!("{name}: `uses: {other}` is none of `demo`, `base`, `shelter` and `guide`"),
    };
    let own = |file: &String| file.starts_with("config/");
    let config = spec.files.iter().map(|(file, _)| file).find(|f| own(f)).cloned();
    let used = if spec.uses.as_deref() == Some("demo") { "demo" } else { "base" };
    let config = config.unwrap_or_else(|| format!("config/{used}.yaml"));
    files.extend(spec.files.iter().map(|(file, text)| (file.into(), text.clone())));
    let mut out = Diagnostics::new();
    let files = load(&Tree::Memory(files), Path::new(&config), &mut out);
    let plan = compile(&files, &mut out);
    assert!(!out.has_errors(), "{name}:\n{}", out.render_plain());
    let mut plan = plan.unwrap_or_else(|| panic!("{name}: no plan came of its files"));
    // Each exchange is recorded once; what is made again is `resilience`'s.
    for source in &mut plan.sources {
        source.resilience.retry = None;
    }
    plan
}

/// The project's files, with the demo's secrets known (each is `sesame`) and its store empty.
fn demo() -> BTreeMap<PathBuf, String> {
    let mut files = support::tree("", &["mappings", "schemas", "config"]);
    let config = files.get_mut(Path::new("config/demo.yaml")).unwrap();
    let mut text = config.replace(", migrations: ../migrations/pethub", "");
    text = support::with_keys(&text);
    for (from, until, to) in
        [("{ file: ../target/demo/", " }", "sesame"), ("sqlite:../target/demo/", "\"", "sqlite::memory:\"")]
    {
        while let Some(at) = text.find(from) {
            let end = at + text[at..].find(until).unwrap() + until.len();
            text.replace_range(at..end, to);
        }
    }
    *config = text;
    files
}

/// Sends a request. `{etag}` in it is the last tag that an answer had.
async fn send(name: &str, facade: &Facade, request: &Request, tag: &str) -> (Message, Option<String>) {
    let (method, target) = request.ask.split_once(' ').unwrap_or_else(|| panic!("{name}: `{}`", request.ask));
    let mut built = http::Request::builder().method(method).uri(target);
    for (header, value) in &request.headers {
        built = built.header(header, value.replace("{etag}", tag));
    }
    let body = request.body.clone().unwrap_or_default();
    let built =
        built.body(Full::new(Bytes::from(body))).unwrap_or_else(|e| panic!("{name}: `{}`: {e}", request.ask));
    let response = facade.answer_as(Arc::clone(&request.caller), built, Instant::now() + LONG).await;
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let text = |header: &str| {
        let all: Vec<&str> = head.headers.get_all(header).iter().map(|v| v.to_str().unwrap()).collect();
        (!all.is_empty()).then(|| all.join(", "))
    };
    let wanted = request.answer.headers.iter().map(|(n, _)| n.as_str());
    let new = request.answer.first.is_empty() || request.answer.first == "?";
    let telling = TELLING.iter().copied().filter(|n| new && text(n).is_some());
    let headers = wanted.chain(telling).map(|n| (n.to_owned(), text(n).unwrap_or_else(|| "(none)".into())));
    let body = String::from_utf8(body.to_vec()).unwrap();
    let answer = Message {
        first: head.status.as_u16().to_string(),
        headers: headers.collect(),
        body: (!body.is_empty()).then_some(body),
    };
    (answer, text("etag"))
}

/// Rewrites the answers, from the last to the first, so that places stay true.
fn bless(name: &str, text: &str, spec: &Spec, answers: &[Message]) {
    let mut new = text.to_owned();
    let all: Vec<_> = requests(spec).zip(answers).collect();
    for (request, came) in all.into_iter().rev() {
        new.replace_range(request.place.clone(), &came.to_string());
    }
    if new != text {
        std::fs::write(support::at(name), new).unwrap();
    }
}
