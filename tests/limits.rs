//! Requests that are carried out once, and how much callers may ask for: over real stores, a real Redis, and chosen times.

#[cfg(debug_assertions)]
mod crash;
mod once;
mod rates;
mod redis;
mod unknown;

use crate::support;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    backend::{
        Sources,
        http::{Lost, Outgoing, Received, Transport},
    },
    fault::Diagnostics,
    idempotency::{Engine, Store},
    identity::{Caller, address::ClientAddress},
    pipeline::{Facade, Instance},
    plan::compile::compile,
    spec::load::{Tree, load},
    telemetry::clock::Clock,
    value::time::Moment,
};
use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

/// A clock whose hands a test moves.
#[derive(Debug)]
pub struct Hands(Mutex<Moment>);

impl Hands {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Moment::parse("2026-11-21T12:00:00Z").unwrap())))
    }

    pub fn forward(&self, seconds: i64) {
        self.0.lock().unwrap().seconds += seconds;
    }
}

impl Clock for Hands {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }
}

/// An answer as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Heard {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn code(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A question: who asks, from where, and what.
#[derive(Debug, Clone)]
pub struct Question {
    pub caller: Option<Arc<Caller>>,
    pub address: Option<&'static str>,
    pub method: &'static str,
    pub path: String,
    pub key: Option<String>,
    pub body: String,
}

pub fn get(path: &str) -> Question {
    Question { caller: None, address: None, method: "GET", path: path.into(), key: None, body: String::new() }
}

pub fn post(path: &str, key: &str, body: &str) -> Question {
    let caller = Some(Caller::operator());
    Question {
        caller,
        address: None,
        method: "POST",
        path: path.into(),
        key: Some(key.into()),
        body: body.into(),
    }
}

pub fn client(name: &str) -> Arc<Caller> {
    Arc::new(Caller { client: Some(name.into()), ..Caller::default() })
}

pub async fn ask(facade: &Facade, question: &Question) -> Heard {
    let mut built = http::Request::builder().method(question.method).uri(&question.path);
    if let Some(key) = &question.key {
        built = built.header("idempotency-key", key);
    }
    if !question.body.is_empty() {
        built = built.header("content-type", "application/json");
    }
    let mut request = built.body(Full::new(Bytes::from(question.body.clone()))).unwrap();
    if let Some(address) = question.address {
        request.extensions_mut().insert(ClientAddress(address.parse().unwrap()));
    }
    let deadline = Instant::now() + Duration::from_secs(30);
    let answer = match &question.caller {
        Some(caller) => facade.answer_as(Arc::clone(caller), request, deadline).await,
        None => facade.answer(request, deadline).await,
    };
    let (head, body) = answer.into_parts();
    let headers = head.headers.iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned()));
    let (status, headers) = (head.status.as_u16(), headers.collect());
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    Heard { status, headers, body }
}

/// The shelter over a system that a function is, with files in the place of its own.
pub async fn shelter<F, A>(
    files: &[(&str, &str)],
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
    system: F,
) -> Facade
where
    F: Fn(Outgoing) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Result<Received, Lost>> + Send + 'static,
{
    let mut all = support::tree("tests/mappings/shelter/", &["mappings", "schemas", "config"]);
    for (name, text) in files {
        let text = match text.strip_prefix("+") {
            Some(more) => format!("{}{more}", all[Path::new(name)]),
            None => (*text).to_owned(),
        };
        all.insert((*name).into(), text);
    }
    let mut out = Diagnostics::new();
    let files = load(&Tree::Memory(all), Path::new("config/base.yaml"), &mut out);
    let plan = compile(&files, &mut out);
    assert!(!out.has_errors(), "{}", out.render_plain());
    let connect = move |_: &portico::plan::HttpSource| {
        let system = system.clone();
        Ok(Transport::new(tower::service_fn(move |outgoing: Outgoing| system(outgoing))))
    };
    let plan = plan.unwrap();
    let sources = Sources::build(&plan, None, &connect).await.unwrap();
    let engine = Arc::new(Engine::new(store, Arc::clone(&clock)));
    Facade::new(Instance { plan, sources }, clock).with_idempotency(engine)
}

pub fn received(status: u16, body: &str) -> Received {
    Received { status, headers: http::HeaderMap::new(), retry_after: None, body: body.as_bytes().to_vec() }
}

/// A thousand where everything is to be proved, else a tenth.
pub fn thousand() -> usize {
    if std::env::var_os("PORTICO_PROVE").is_some_and(|value| value == "1") { 1_000 } else { 100 }
}
