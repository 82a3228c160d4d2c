//! What it costs to know who is calling: the same route for nobody and for a token that was verified before, in turns in one
//! run, so that a busy machine slows both alike. No socket stands in it, so that nothing hides the difference.
//! `--test` walks once; `--check` ends with status 1 where the authenticated way is more than a tenth slower.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a bench is a test: what should not be ends it"
)]

#[path = "../tests/gate/forge.rs"]
mod forge;
#[path = "support/project.rs"]
mod project;
#[path = "support/recorded.rs"]
mod recorded;
#[path = "support/site.rs"]
mod site;

use bytes::Bytes;
use http::Request;
use http_body_util::Empty;
use portico::{
    backend::Sources,
    identity::{
        Authenticate,
        gate::{Gate, Made},
        keys::{Key, Life, Ring},
        proof::Replays,
        revoked::{Kind, Revocation, Revoked},
    },
    pipeline::{Facade, Instance},
    telemetry::clock::{Clock, Fixed},
    value::time::Moment,
};
use serde_json::json;
use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::runtime::{Builder, Runtime};

const NOW: i64 = 1_795_219_200;
const ROUTE: &str = "/v1/species?limit=10";
/// Turns of each, and requests in a turn.
const TURNS: usize = 60;
const REQUESTS: u32 = 300;
/// The authenticated way has to do so much of what the anonymous one does.
const LEAST: f64 = 0.9;

fn gate(signer: &forge::Key) -> Arc<Gate> {
    let clock: Arc<dyn Clock> = Arc::new(Fixed(Moment { seconds: NOW, nanos: 0 }));
    let (ring, revoked) = (Arc::new(Ring::new()), Arc::new(Revoked::default()));
    let key = Key::kept(signer.kid.clone(), &signer.published(), None, Life::from(0)).unwrap();
    ring.set(vec![Arc::new(key)]);
    // As on a busy day: ten thousand things that have been revoked.
    let revocation = |n: i32| Revocation {
        kind: Kind::Grant,
        value: format!("g{n}x").into(),
        before: None,
        expires: NOW + 900,
    };
    revoked.fill((0..10_000).map(revocation), NOW);
    Arc::new(Gate::new(Made {
        clock,
        public_url: "http://127.0.0.1:8080".into(),
        bases: vec!["/v1".into()],
        ring,
        issuers: Vec::new(),
        introspected: Vec::new(),
        keys: None,
        revoked,
        replays: Arc::new(Replays::default()),
    }))
}

fn main() {
    let asked: Vec<String> = std::env::args().collect();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let signer = forge::Key::es256();
    let gate = gate(&signer);
    let facade = runtime.block_on(facade(Arc::clone(&gate)));
    let claims = json!({
        "iss": "http://127.0.0.1:8080", "sub": "a_1", "aud": "http://127.0.0.1:8080", "client_id": "app", "iat": NOW,
        "exp": NOW + 900, "jti": "j", "roles": ["owner"], "claims": { "customer": "66" }, "grant": "g1",
        "scope": "pets:read species:read services:read openid profile",
    });
    let header = format!("Bearer {}", signer.token(&claims));
    for authorization in [None, Some(&*header)] {
        for _ in 0..3 {
            assert_eq!(walk(&runtime, &facade, authorization), 200);
        }
    }
    assert_eq!(walk(&runtime, &facade, Some("Bearer a.b.c")), 401, "a bad one is refused");
    if asked.iter().any(|a| a == "--test") {
        return;
    }
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        without.push(turn(&runtime, &facade, None));
        with.push(turn(&runtime, &facade, Some(&header)));
    }
    let (without, with) = (median(without), median(with));
    let rate = |one: Duration| 1.0 / one.as_secs_f64();
    let ratio = rate(with) / rate(without);
    println!("anonymous      {without:>10.2?} a request  {:>9.0} requests/s", rate(without));
    println!("authenticated  {with:>10.2?} a request  {:>9.0} requests/s", rate(with));
    println!("authenticated / anonymous: {:.1} %", ratio * 100.0);
    println!("the gate alone, a token that is remembered: {:.2?}", alone(&runtime, &gate, &header));
    if asked.iter().any(|a| a == "--check") && ratio < LEAST {
        std::process::exit(1);
    }
}

async fn facade(gate: Arc<Gate>) -> Facade {
    portico::edge::install_tls_provider();
    let plan = project::plan();
    let connect = recorded::connect(site::router());
    let sources = Sources::build(&plan, None, &connect).await.unwrap();
    let clock = Arc::new(Fixed(Moment { seconds: NOW, nanos: 0 }));
    Facade::new(Instance { plan, sources }, clock).with_identity(gate)
}

fn request(authorization: Option<&str>) -> Request<Empty<Bytes>> {
    let mut request = Request::get(ROUTE).header("accept", "application/json");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    request.body(Empty::new()).unwrap()
}

fn walk(runtime: &Runtime, facade: &Facade, authorization: Option<&str>) -> u16 {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    runtime.block_on(facade.answer(request(authorization), deadline)).status().as_u16()
}

/// The time of one request, over a turn.
fn turn(runtime: &Runtime, facade: &Facade, authorization: Option<&str>) -> Duration {
    let before = Instant::now();
    for _ in 0..REQUESTS {
        black_box(walk(runtime, facade, authorization));
    }
    before.elapsed() / REQUESTS
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn alone(runtime: &Runtime, gate: &Gate, header: &str) -> Duration {
    const TIMES: u32 = 50_000;
    let (head, _) = request(Some(header)).into_parts();
    let before = Instant::now();
    runtime.block_on(async {
        for _ in 0..TIMES {
            black_box(gate.caller(&head).await.unwrap());
        }
    });
    before.elapsed() / TIMES
}
