//! The façade of `config/demo.yaml` with its embedded systems behind it. Time stands still for both.

use crate::support;
use axum::{Router, body::Body};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    backend::{
        Sources,
        http::{Lost, Outgoing, Received, Transport, transport},
    },
    demo::{
        seed,
        station::{self, Station},
        systems,
    },
    fault::Diagnostics,
    identity::{Authenticate, Caller},
    pipeline::{Facade, Instance},
    plan::{HttpSource, SourceKind, compile::compile},
    spec::load::{Tree, load},
    telemetry::clock::Fixed,
    value::time::Moment,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;
use tower::ServiceExt;

pub const NOW: &str = "2026-11-21T12:00:00Z";
/// No request waits for anything: this ends one that hangs.
const LONG: Duration = Duration::from_mins(1);

/// The same moment in unix seconds, for the systems.
fn now() -> i64 {
    1_795_262_400
}

/// The same moment and that one minute later by turns, so that what systems allow in a minute is never used up.
pub fn swinging() -> i64 {
    static ASKED: AtomicI64 = AtomicI64::new(0);
    now() + ASKED.fetch_add(1, Ordering::Relaxed) / 30 % 2 * 60
}

/// A façade, and the systems behind it by name.
pub struct Desk {
    facade: Facade,
    stations: BTreeMap<&'static str, Arc<Station>>,
}

/// What came back: the status and the body.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Desk {
    /// Everything as the demo has it, but for secrets and files, which are of this test alone.
    pub async fn open() -> Self {
        Self::open_with(now, &|_, _| {}).await
    }

    /// The same with another clock for the systems, and files that were changed: by their name and text.
    pub async fn open_with(clock: fn() -> i64, change: &dyn Fn(&str, &mut String)) -> Self {
        let mut stations = BTreeMap::new();
        let facade = over(&mut stations, clock, change).await;
        Self { facade, stations }
    }

    /// Another façade over the same systems.
    pub async fn beside(&self, change: &dyn Fn(&str, &mut String)) -> Self {
        let mut stations = self.stations.clone();
        let facade = over(&mut stations, now, change).await;
        Self { facade, stations }
    }

    /// The same with who tells its callers apart.
    pub fn with_identity(self, identity: Arc<dyn Authenticate>) -> Self {
        Self { facade: self.facade.with_identity(identity), ..self }
    }

    pub fn facade(&self) -> &Facade {
        &self.facade
    }

    /// Sends a request; the body is JSON.
    pub async fn ask(&self, method: &str, target: &str, body: Option<Value>) -> Answer {
        self.ask_as(&Caller::operator(), method, target, body).await
    }

    /// The same of somebody.
    pub async fn ask_as(
        &self,
        caller: &Arc<Caller>,
        method: &str,
        target: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut request = http::Request::builder().method(method).uri(target);
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let response = self
            .facade
            .answer_as(Arc::clone(caller), request.body(Full::new(bytes)).unwrap(), Instant::now() + LONG)
            .await;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&body).unwrap_or_else(|e| panic!("{target}: {e}"));
        Answer { status, body }
    }

    /// What a GET gives, which has to be there.
    pub async fn get(&self, target: &str) -> Value {
        let answer = self.ask("GET", target, None).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.body);
        answer.body
    }

    /// All records of a list, walked with this limit; the total has to be their number on every page.
    pub async fn walk(&self, path: &str, limit: usize) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let body = self.get(&format!("{path}{}limit={limit}&offset={}", and(path), all.len())).await;
            let page = rows(&body);
            let total = usize::try_from(body["metadata"]["totalCount"].as_u64().unwrap()).unwrap();
            assert_eq!(page.len(), limit.min(total - all.len()), "{path} from {} on", all.len());
            all.extend(page);
            if all.len() == total {
                return all;
            }
        }
    }

    /// What a system was asked since the last time.
    pub fn calls(&self, system: &str) -> Vec<String> {
        let station = &self.stations[system];
        let calls = station.calls();
        station.clear_calls();
        calls
    }
}

/// A façade of the demo's files over these systems; those that are not there yet are begun.
async fn over(
    stations: &mut BTreeMap<&'static str, Arc<Station>>,
    clock: fn() -> i64,
    change: &dyn Fn(&str, &mut String),
) -> Facade {
    let mut files = support::tree("", &["mappings", "schemas", "config"]);
    let config = files.get_mut(Path::new("config/demo.yaml")).unwrap();
    *config = support::with_keys(config);
    let secret = regex::Regex::new(r"\{ file: [^}]+ \}").unwrap();
    let store = regex::Regex::new(r#""sqlite:[^"]*""#).unwrap();
    *config = store.replace_all(&secret.replace_all(config, "portico"), "\"sqlite::memory:\"").into_owned();
    for (name, text) in &mut files {
        change(&name.to_string_lossy(), text);
    }
    let mut out = Diagnostics::new();
    let files = load(&Tree::Memory(files), Path::new("config/demo.yaml"), &mut out);
    let plan = compile(&files, &mut out).unwrap_or_else(|| panic!("{}", out.render_plain()));
    let seed = seed::seed();
    let mut by_address: BTreeMap<String, Router> = BTreeMap::new();
    for source in &plan.sources {
        let SourceKind::Http(http) = &source.kind else { continue };
        let name = systems::of_source(&source.name).unwrap();
        let station = stations.entry(name).or_insert_with(|| {
            let settings = station::Settings { clock, ..station::Settings::default() };
            let known = vec![("key".to_owned(), "portico".to_owned())];
            systems::station(name, &seed, &known, settings).unwrap()
        });
        by_address.entry(http.address.clone()).or_insert_with(|| station.router());
    }
    let connect = move |source: &HttpSource| {
        let (address, router) = (source.address.clone(), by_address[&source.address].clone());
        Ok(Transport::new(tower::service_fn(move |outgoing: Outgoing| {
            received(address.clone(), router.clone(), outgoing)
        })))
    };
    let sources = Sources::build(&plan, None, &connect).await.unwrap();
    let clock = Fixed(Moment::parse(NOW).unwrap());
    Facade::new(Instance { plan, sources }, Arc::new(clock))
}

/// The records of a list's body.
pub fn rows(body: &Value) -> Vec<Value> {
    let found = body.as_object().unwrap().values().find_map(Value::as_array);
    found.unwrap_or_else(|| panic!("{body}")).clone()
}

pub fn and(target: &str) -> char {
    if target.contains('?') { '&' } else { '?' }
}

/// One call to an embedded system.
async fn received(address: String, router: Router, outgoing: Outgoing) -> Result<Received, Lost> {
    let authority = address.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let path = outgoing.url.split_once(authority).map_or("/", |(_, path)| path).to_owned();
    let mut request = http::Request::builder().method(outgoing.method).uri(path);
    request = request.header("host", authority);
    for (name, value) in &outgoing.headers {
        request = request.header(name.as_str(), value.as_str());
    }
    let request = request.body(Body::from(outgoing.body.unwrap_or_default())).unwrap();
    let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
    let (head, body) = response.into_parts();
    let body = body.collect().await.map_err(|e| Lost::Broken(e.to_string()))?.to_bytes().to_vec();
    let retry_after = transport::retry_after(&head.headers);
    Ok(Received { status: head.status.as_u16(), headers: head.headers, retry_after, body })
}
