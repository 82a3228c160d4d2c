//! The whole road over a backend in the same process: from a request to an answer's bytes, with recorded answers of
//! `drupal7` in the place of the network. No socket, no client of HTTP and no edge stand in it; what is left is ours.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench is a test: what should not be ends it"
)]

#[path = "support/project.rs"]
mod project;
#[path = "support/recorded.rs"]
mod recorded;
#[path = "support/site.rs"]
mod site;

use bytes::Bytes;
use criterion::Criterion;
use http::Request;
use http_body_util::{BodyExt, Empty};
use portico::{
    backend::Sources,
    pipeline::{Facade, Instance},
    telemetry::clock::Fixed,
    value::time::Moment,
};
use std::{hint::black_box, sync::Arc, time::Duration};
use tokio::{
    runtime::{Builder, Runtime},
    time::Instant,
};

/// What is asked, and the status of its answer.
const ROADS: [(&str, &str, u16); 6] = [
    ("record", "/v1/pets/109", 200),
    ("list of 10 from their details", "/v1/pets?limit=10", 200),
    ("list of 10 from the index", "/v1/pets?limit=10&fields=petId,name,ownerId,createdAt", 200),
    ("list of 100 from the index", "/v1/pets?limit=100&fields=petId,name,ownerId,createdAt", 200),
    ("list of 10 of a stub", "/v1/services?limit=10", 200),
    ("refusal", "/v1/pets?limit=10&nmae=Tibbles&sort=nmae", 400),
];

fn main() {
    let asked: Vec<String> = std::env::args().collect();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let facade = runtime.block_on(facade());
    for (name, target, expected) in ROADS {
        // The first walk records, the second has everything that it needs.
        for _ in 0..2 {
            let (status, body) = runtime.block_on(walk(&facade, target));
            assert_eq!(status, expected, "{name}: {}", String::from_utf8_lossy(&body));
        }
    }
    if asked.iter().any(|a| a == "--test") {
        return;
    }
    if let Some(at) = asked.iter().position(|a| a == "--spin") {
        return spin(&runtime, &facade, asked.get(at + 1).map_or("record", String::as_str));
    }
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("road");
    for (name, target, _) in ROADS {
        group.bench_function(name, |bencher| bencher.iter(|| runtime.block_on(walk(&facade, target))));
    }
    group.finish();
    criterion.final_summary();
}

async fn facade() -> Facade {
    portico::edge::install_tls_provider();
    let plan = project::plan();
    let connect = recorded::connect(site::router());
    let sources = Sources::build(&plan, None, &connect).await.unwrap();
    // A moment that stands still: ages are the same in every run.
    Facade::new(Instance { plan, sources }, Arc::new(Fixed(Moment { seconds: 1_795_219_200, nanos: 0 })))
}

async fn walk(facade: &Facade, target: &str) -> (u16, Bytes) {
    let request =
        Request::get(target).header("accept", "application/json").body(Empty::<Bytes>::new()).unwrap();
    let answer = facade
        .answer_as(portico::identity::Caller::operator(), request, Instant::now() + Duration::from_secs(10))
        .await;
    let status = answer.status().as_u16();
    (status, answer.into_body().collect().await.unwrap().to_bytes())
}

/// One road over and over, for a profiler.
fn spin(runtime: &Runtime, facade: &Facade, wanted: &str) {
    let (_, target, _) = ROADS.iter().find(|(name, ..)| *name == wanted).unwrap();
    for _ in 0..20_000 {
        black_box(runtime.block_on(walk(facade, target)));
    }
}
