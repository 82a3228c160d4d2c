//! The façade of the demo and of the made-up shelf, with a wire in between that spoils one answer of a request when it
//! is told to. There is no socket.

use super::{
    harm::{Dice, Harm, spoil},
    shelf::{FILES, Shelf},
};
use crate::support;
use axum::{
    Router,
    body::{Body, to_bytes},
};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use portico::{
    backend::{
        Sources,
        http::{Lost, Outgoing, Received, Transport},
    },
    demo::{
        drupal7::{Settings, Site},
        seed::seed,
        station::{self, Station},
    },
    fault::Diagnostics,
    pipeline::{Facade, Instance},
    plan::{HttpSource, compile::compile},
    spec::load::{Tree, load},
    telemetry::clock::Fixed,
    value::time::Moment,
};
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;
use tower::ServiceExt as _;

pub const CONFIG: &str = r#"
listen: [{ address: 127.0.0.1:8080 }]
publicUrl: https://api.pethub.example
apis:
  pethub/v1:
    serve:
      pets: drupal7
      customers: sql
      species: drupal7
      breeds: drupal7
      services: stub
      appointments: ezyvet
      care-providers: ezyvet
      medical-records: stub
      consents: sql
      adoptable-pets: shelterluv
      chips: animalid
      surveys: zigpoll
      survey-answers: zigpoll
      availability: ezyvet
      vaccinations: ezyvet
  shelf/v1:
    serve: { things: shelf, notes: shelf }
sealing:
  key: { command: [echo, MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=] }
  index: { command: [echo, MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=] }
sources:
  drupal7:
    http: { address: "http://127.0.0.1:4101", plain: true, deadline: 5s, concurrency: 32 }
    credentials: { user: portico, password: { command: [echo, portico] } }
  shelf:
    http: { address: "http://127.0.0.1:4199", plain: true, deadline: 5s }
  ezyvet:
    http: { address: "http://127.0.0.1:4102", plain: true }
    credentials: { partner: portico, client: portico, secret: { command: [echo, portico] } }
  shelterluv:
    http: { address: "http://127.0.0.1:4103", plain: true }
    credentials: { key: { command: [echo, portico] } }
  animalid:
    http: { address: "http://127.0.0.1:4104", plain: true }
    credentials: { key: portico, secret: { command: [echo, portico] } }
  zigpoll:
    http: { address: "http://127.0.0.1:4107", plain: true }
    credentials: { key: { command: [echo, portico] } }
  sql:
    sql: { url: "sqlite::memory:", migrations: ../migrations/pethub }
  stub:
    stub: {}
"#;
/// The moment at which everything happens.
pub const NOW: i64 = 1_795_219_200;

/// What lies between the façade and the systems.
#[derive(Debug, Default)]
pub struct Wire {
    kept: HashMap<String, Received>,
    pub shelf: Shelf,
    /// The calls since the request began.
    pub calls: Vec<String>,
    /// Which call's answer is to be spoilt, and the dice for it.
    pub strike: Option<(usize, Dice)>,
    pub struck: Option<Harm>,
}

pub struct Rig {
    pub facade: Facade,
    pub wire: Arc<Mutex<Wire>>,
    pub station: Arc<Station>,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    pub status: u16,
    pub body: String,
}

impl Rig {
    pub async fn new() -> Self {
        portico::edge::install_tls_provider();
        let files = files("config/damage.yaml", CONFIG.to_owned());
        let mut out = Diagnostics::new();
        let words = load(&Tree::Memory(files), Path::new("config/damage.yaml"), &mut out);
        let plan = compile(&words, &mut out).unwrap_or_else(|| panic!("{}", out.render_plain()));
        let settings = station::Settings { clock: || NOW, ..station::Settings::default() };
        let station = Station::new("drupal7", Site::new(&seed(), Settings::default()), settings);
        let wire = Arc::new(Mutex::new(Wire::default()));
        let sources = Sources::build(&plan, None, &connect(&wire, station.router())).await.unwrap();
        let clock = Fixed(Moment { seconds: NOW, nanos: 0 });
        Self { facade: Facade::new(Instance { plan, sources }, Arc::new(clock)), wire, station }
    }

    /// Asks once; with dice, one of the first `calls` answers behind is spoilt.
    pub async fn ask(
        &self,
        (method, target, body): (&str, &str, &str),
        strike: Option<(usize, Dice)>,
    ) -> (Came, Option<Harm>) {
        {
            let mut wire = self.wire.lock().unwrap();
            (wire.strike, wire.struck) = (strike, None);
            wire.calls.clear();
        }
        let mut request = Request::builder().method(method).uri(target).header("host", "api.pethub.example");
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        let response = self
            .facade
            .answer_as(
                portico::identity::Caller::operator(),
                request,
                Instant::now() + Duration::from_secs(20),
            )
            .await;
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).expect("a public body is UTF-8");
        let struck = self.wire.lock().unwrap().struck.take();
        (Came { status: head.status.as_u16(), body }, struck)
    }
}

/// The project's files, the shelf's, and a configuration.
pub fn files(config: &str, text: String) -> BTreeMap<PathBuf, String> {
    let mut files = support::tree("", &["mappings", "schemas"]);
    files.extend(FILES.iter().map(|(file, text)| ((*file).into(), (*text).to_owned())));
    files.insert(config.into(), text);
    files
}

fn connect(
    wire: &Arc<Mutex<Wire>>,
    router: Router,
) -> impl Fn(&HttpSource) -> Result<Transport, portico::fault::Fault> + Send + Sync + use<> {
    let wire = Arc::clone(wire);
    move |source| {
        let (wire, router, address) = (Arc::clone(&wire), router.clone(), source.address.clone());
        Ok(Transport::new(tower::service_fn(move |outgoing: Outgoing| {
            carry(Arc::clone(&wire), router.clone(), address.clone(), outgoing)
        })))
    }
}

async fn carry(
    wire: Arc<Mutex<Wire>>,
    router: Router,
    address: String,
    outgoing: Outgoing,
) -> Result<Received, Lost> {
    let url = outgoing.url.clone();
    let path = url.strip_prefix(&address).unwrap_or(&url).to_owned();
    let honest = if url.contains(":4199") {
        let (status, body) =
            wire.lock().unwrap().shelf.answer(outgoing.method, &path, outgoing.body.as_deref());
        received(status, body)
    } else {
        let kept = (outgoing.method == "GET").then(|| wire.lock().unwrap().kept.get(&url).cloned()).flatten();
        match kept {
            Some(kept) => kept,
            None => forward(&wire, router, &outgoing).await,
        }
    };
    let mut wire = wire.lock().unwrap();
    let at = wire.calls.len();
    wire.calls.push(format!("{} {path}", outgoing.method));
    if wire.strike.as_ref().is_none_or(|(wanted, _)| *wanted != at) {
        return Ok(honest);
    }
    let Some((_, mut dice)) = wire.strike.take() else { return Ok(honest) };
    let key = if url.contains(":4199") { "id" } else { "nid" };
    let other = wire.another(&url);
    let harm = spoil(&mut dice, &honest.body, key, other.as_deref());
    let spoilt = Received { body: harm.body.clone(), ..honest };
    wire.struck = Some(harm);
    Ok(spoilt)
}

async fn forward(wire: &Mutex<Wire>, router: Router, outgoing: &Outgoing) -> Received {
    let mut request = Request::builder().method(outgoing.method).uri(&outgoing.url);
    for (name, value) in &outgoing.headers {
        request = request.header(name.as_str(), value.as_str());
    }
    let request = request.body(Body::from(outgoing.body.clone().unwrap_or_default())).unwrap();
    let (head, body) = router.oneshot(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let answer = received(head.status.as_u16(), String::from_utf8(bytes.to_vec()).unwrap());
    // Writes go to the record that nothing else is asked of.
    if outgoing.method == "GET" && answer.status == 200 && !outgoing.url.contains("/node/130.json") {
        wire.lock().unwrap().kept.insert(outgoing.url.clone(), answer.clone());
    }
    answer
}

fn received(status: u16, body: String) -> Received {
    Received { status, headers: http::HeaderMap::new(), retry_after: None, body: body.into_bytes() }
}

impl Wire {
    /// The answer about another record, as a confused cache in between would give it.
    fn another(&mut self, url: &str) -> Option<Vec<u8>> {
        if url.contains(":4199") {
            return url
                .contains("/things/")
                .then(|| self.shelf.answer("GET", "/things/103", None).1.into_bytes());
        }
        let node = |url: &str| url.contains("/rest/node/");
        let mut urls: Vec<&String> = self.kept.keys().filter(|known| node(known) && *known != url).collect();
        urls.sort();
        let found = node(url).then(|| urls.first().copied()).flatten();
        found.and_then(|url| self.kept.get(url)).map(|kept| kept.body.clone())
    }
}
