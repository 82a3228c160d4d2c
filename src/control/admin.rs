//! The operators' listener, on an address of its own and by an edge of its own: `/metrics` for Prometheus, `/drift`, `/audit`,
//! `/cache` and `/writes` as JSON, `/healthz` and `/readyz`, and `POST /reload`. It serves nothing of the APIs, and nothing of it
//! but health is ever served where callers come. Where it can be reached from elsewhere it asks for a credential.

mod cache;
pub(super) mod health;
mod metrics;
mod reload;
mod trail;

use super::{Refusal, drift, reload::Reloader, service, writes};
use crate::{
    backend::secret,
    edge::{self, Counts, Incoming},
    fault::{Fault, code},
    ledger::audit::Trail,
    pipeline::{Body, Facade},
    plan,
};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header, request::Parts};
use http_body_util::Full;
use sha2::{Digest, Sha256};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{sync::mpsc, time::sleep};

/// Scrapers and a few people.
const CONNECTIONS: u32 = 64;
/// After this, connections under way are ended.
const GRACE: Duration = Duration::from_secs(1);
/// A token of fewer characters is guessed.
const LEAST: usize = 16;
/// Between two tries to get the address from the process that hands over.
const AGAIN: Duration = Duration::from_millis(500);

const PLAIN: &str = "text/plain; charset=utf-8";

/// What there is, with the method that it takes.
const PATHS: [(&str, &str); 6] = [
    ("/metrics", "GET, HEAD"),
    ("/drift", "GET, HEAD"),
    ("/audit", "GET, HEAD"),
    ("/writes", "GET, HEAD"),
    ("/reload", "POST"),
    ("/readyz", "GET, HEAD"),
];

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
/// `counts` are those of the edge where callers come.
pub(super) fn begin(
    facade: &Arc<Facade>,
    trail: Option<Trail>,
    (reloader, counts): (Reloader, Arc<Counts>),
    upgrade: bool,
) -> Result<Admin, Refusal> {
    let Some(listen) = facade.current().plan.settings.admin.clone() else { return Ok(Admin(None)) };
    let token = token(facade)?;
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
        let desk = Desk { facade, trail, reloader, counts, token };
        if let Err(fault) = edge.serve(desk, refuse, never).await {
            tracing::error!(%fault, "operators are no longer served");
        }
    });
    Ok(Admin(Some(task)))
}

/// What operators prove who they are with, hashed: a comparison then tells nothing of it by its time.
fn token(facade: &Facade) -> Result<Option<[u8; 32]>, Refusal> {
    let Some(reference) = facade.current().plan.settings.admin_token.clone() else { return Ok(None) };
    let refused = |why: String| {
        Refusal::Source(Box::new(Fault::plain(&code::INTERNAL).detail(format!("`adminToken`: {why}"))))
    };
    let token = secret::resolve(&reference).map_err(|why| refused(why.to_string()))?;
    if token.trim().len() < LEAST {
        return Err(refused(format!("it has less than {LEAST} characters")));
    }
    Ok(Some(Sha256::digest(token.trim().as_bytes()).into()))
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
    reloader: Reloader,
    counts: Arc<Counts>,
    token: Option<[u8; 32]>,
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
            Ok(desk.answer(&head).await)
        })
    }
}

impl Desk {
    async fn answer(&self, head: &Parts) -> Response<Body> {
        let path = head.uri.path();
        // Whether it lives is nobody's secret, and asked by what has none.
        if let Some(answer) = health::answer(path, &self.counts) {
            return answer;
        }
        if !self.is_known(head) {
            let sentence = "Send `Authorization: Bearer` with the value of `adminToken`.\n";
            let mut refused = text(StatusCode::UNAUTHORIZED, PLAIN, sentence.into());
            refused.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            return refused;
        }
        if let Some(answer) = cache::answer(&self.facade, head).await {
            return answer;
        }
        let Some((_, allowed)) = PATHS.iter().find(|(known, _)| *known == path) else {
            let there = "There are /metrics, /drift, /audit, /cache, /writes, /healthz, /readyz and /reload (POST) here.\n";
            return text(StatusCode::NOT_FOUND, PLAIN, there.into());
        };
        if !allowed.split(", ").any(|method| method == head.method.as_str()) {
            let mut refused = text(StatusCode::METHOD_NOT_ALLOWED, PLAIN, format!("{allowed}\n"));
            refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
            return refused;
        }
        match path {
            "/metrics" => self.metrics(),
            "/drift" => {
                let report = self.facade.current().sources.radars.report(self.facade.clock().now());
                text(StatusCode::OK, "application/json", drift::json(&report, false))
            }
            "/audit" => trail::answer(self.trail.as_ref(), head).await,
            "/writes" => self.writes().await,
            _ => reload::answer(&self.reloader, head).await,
        }
    }

    /// Whether a request comes from an operator, as far as that is asked.
    fn is_known(&self, head: &Parts) -> bool {
        let Some(token) = &self.token else { return true };
        let mut said = head.headers.get_all(header::AUTHORIZATION).iter();
        let (Some(one), None) = (said.next(), said.next()) else { return false };
        let came = one.to_str().ok().and_then(|value| value.split_once(' '));
        came.is_some_and(|(scheme, value)| {
            let digest: [u8; 32] = Sha256::digest(value.trim().as_bytes()).into();
            scheme.eq_ignore_ascii_case("bearer")
                && aws_lc_rs::constant_time::verify_slices_are_equal(&digest, token).is_ok()
        })
    }

    fn metrics(&self) -> Response<Body> {
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        match metrics::text(self) {
            Ok(metrics) => text(StatusCode::OK, kind, metrics),
            Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, String::new()),
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
}

fn text(status: StatusCode, kind: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
