//! The operators' listener: `GET /metrics` for Prometheus, `GET /drift`, `/audit`, `/cache` and `/writes` as JSON, on an address of
//! its own and by an edge of its own. It serves nothing of the APIs, and nothing of it is ever served where callers come.

mod cache;
mod trail;

use super::{Refusal, drift, service, writes};
use crate::{
    edge::{self, Incoming},
    ledger::audit::Trail,
    pipeline::{Body, Facade},
    plan,
};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, atomic::AtomicU64},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{sync::mpsc, time::sleep};

/// Scrapers and a few people.
const CONNECTIONS: u32 = 64;
/// After this, connections under way are ended: nothing here changes anything.
const GRACE: Duration = Duration::from_secs(1);
/// Between two tries to get the address from the process that hands over.
const AGAIN: Duration = Duration::from_millis(500);

type Labels = Vec<(&'static str, String)>;

/// Operators are served as long as this lives.
pub(super) struct Admin(Option<tokio::task::JoinHandle<()>>);

impl Drop for Admin {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Listens where the plan says. A process that takes over waits for the address until the old one lets it go.
pub(super) fn begin(facade: &Arc<Facade>, trail: Option<Trail>, upgrade: bool) -> Result<Admin, Refusal> {
    let Some(listen) = facade.current().plan.settings.admin.clone() else { return Ok(Admin(None)) };
    let first = match edge::Edge::open(settings(&listen)) {
        Ok(edge) => Some(edge),
        Err(fault) if upgrade => {
            tracing::info!(%fault, "the operators' address is waited for");
            None
        }
        Err(fault) => return Err(Refusal::Edge(fault)),
    };
    let facade = Arc::clone(facade);
    #[expect(clippy::disallowed_methods, reason = "it ends with `Admin`")]
    let task = tokio::spawn(async move {
        let edge = match first {
            Some(edge) => edge,
            None => loop {
                sleep(AGAIN).await;
                if let Ok(edge) = edge::Edge::open(settings(&listen)) {
                    break edge;
                }
            },
        };
        tracing::info!(addresses = ?edge.addresses(), "operators are served");
        // Nobody orders: it ends with the task.
        let (_orders, never) = mpsc::channel(1);
        let refuse = service::Worded::new(Arc::clone(&facade));
        if let Err(fault) = edge.serve(Desk { facade, trail }, refuse, never).await {
            tracing::error!(%fault, "operators are no longer served");
        }
    });
    Ok(Admin(Some(task)))
}

fn settings(listen: &plan::Listen) -> edge::Settings {
    edge::Settings {
        listen: vec![service::listen(listen)],
        limits: edge::Limits { connections: CONNECTIONS, body_bytes: 1024, ..edge::Limits::default() },
        grace: GRACE,
        upgrade_socket: None,
        upgrade: false,
    }
}

/// What operators are given.
#[derive(Debug, Clone)]
struct Desk {
    facade: Arc<Facade>,
    trail: Option<Trail>,
}

impl tower::Service<Request<Incoming>> for Desk {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let desk = self.clone();
        Box::pin(async move {
            let (head, _) = request.into_parts();
            if let Some(answer) = cache::answer(&desk.facade, &head).await {
                return Ok(answer);
            }
            if head.uri.path() == "/audit" && matches!(head.method, Method::GET | Method::HEAD) {
                return Ok(trail::answer(desk.trail.as_ref(), &head).await);
            }
            if head.uri.path() == "/writes" && matches!(head.method, Method::GET | Method::HEAD) {
                return Ok(desk.writes().await);
            }
            Ok(desk.answer(&head.method, head.uri.path()))
        })
    }
}

impl Desk {
    fn answer(&self, method: &Method, path: &str) -> Response<Body> {
        let known = matches!(path, "/metrics" | "/drift" | "/audit" | "/writes");
        if known && !matches!(*method, Method::GET | Method::HEAD) {
            let mut refused =
                text(StatusCode::METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", "GET\n".into());
            refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refused;
        }
        match path {
            "/metrics" => match self.metrics() {
                Ok(metrics) => text(
                    StatusCode::OK,
                    "application/openmetrics-text; version=1.0.0; charset=utf-8",
                    metrics,
                ),
                Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", String::new()),
            },
            "/drift" => {
                let report = self.facade.current().sources.radars.report(self.facade.clock().now());
                text(StatusCode::OK, "application/json", drift::json(&report, false))
            }
            _ => text(
                StatusCode::NOT_FOUND,
                "text/plain; charset=utf-8",
                "There are /metrics, /drift, /audit, /cache and /writes here.\n".into(),
            ),
        }
    }

    /// Requests with a key of which nobody knows what came.
    async fn writes(&self) -> Response<Body> {
        let now = self.facade.clock().now().seconds.saturating_mul(1_000);
        match self.facade.idempotency().store().unknown(now, writes::MOST).await {
            Ok(all) => {
                let all: Vec<_> = all.iter().map(writes::json).collect();
                text(StatusCode::OK, "application/json", serde_json::json!({ "unknown": all }).to_string())
            }
            Err(fault) => {
                tracing::error!(
                    detail = fault.detail.as_deref(),
                    "the ledger does not say what is not known"
                );
                let kind = "text/plain; charset=utf-8";
                text(StatusCode::INTERNAL_SERVER_ERROR, kind, "the ledger is away\n".into())
            }
        }
    }

    /// The labels are bindings, places and words of ours: as many as the mappings have, and none of a caller.
    fn metrics(&self) -> Result<String, std::fmt::Error> {
        let radars = Arc::clone(&self.facade.current().sources.radars);
        let values = Family::<Labels, Counter>::default();
        let unknown = Family::<Labels, Counter>::default();
        let drifts = Family::<Labels, Gauge<f64, AtomicU64>>::default();
        let label = |name, value: &str| (name, value.to_owned());
        for radar in radars.all() {
            let binding = radar.id.as_str();
            for (place, kind, count) in radar.values() {
                let labels = vec![label("binding", binding), label("place", place), label("kind", kind)];
                values.get_or_create(&labels).inc_by(count);
            }
            if radar.unknown_fields() > 0 {
                unknown.get_or_create(&vec![label("binding", binding)]).inc_by(radar.unknown_seen());
            }
        }
        for line in radars.report(self.facade.clock().now()).drifting() {
            let what = line.drift.map_or("", crate::backend::radar::Drift::name);
            let labels =
                vec![label("binding", &line.binding), label("place", &line.place), label("what", what)];
            let gauge = drifts.get_or_create(&labels);
            // Of a name no share is known: that it is there is 1.
            gauge.set(gauge.get().max(if line.share > 0.0 { line.share } else { 1.0 }));
        }
        let mut registry = Registry::default();
        registry.register(
            "portico_source_field_values",
            "Values that sources gave, by place and kind",
            values,
        );
        registry.register(
            "portico_source_unknown_fields",
            "Members that no rule wants, each time that one was noted",
            unknown,
        );
        registry.register(
            "portico_source_field_drift",
            "Places whose values are not what is expected: their share of the recent ones",
            drifts,
        );
        cache::metrics(&self.facade, &mut registry);
        let mut out = String::new();
        encode(&mut out, &registry)?;
        Ok(out)
    }
}

fn text(status: StatusCode, kind: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
