//! The seam between the edge and the road: the edge's requests become the façade's, and what the edge refuses
//! is worded by the façade.

use super::{Serving, admin::health};
use crate::{
    boxed::boxed,
    edge::{self, Counts, Deadline, Incoming, RefuseKind},
    fault::{Code, code},
    identity::{
        self,
        address::{ClientAddress, client, is_trusted},
    },
    limits::{Door, Meter},
    oauth::{Doors, refusal::Refusal},
    pipeline::{
        Body, Facade,
        arrive::Trouble,
        standing::{Standing, VARYING},
    },
    plan,
    telemetry::{
        panics,
        report::{Kind, Report},
    },
};
use http::{Method, Request, Response, header, request::Parts};
use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::Instant;

/// The façade as a service.
#[derive(Debug, Clone)]
pub(super) struct Road {
    facade: Arc<Facade>,
    doors: Option<Doors>,
    /// The networks of the proxies that are believed.
    trusted: Arc<[(std::net::IpAddr, u8)]>,
    /// Whether connections are still taken.
    counts: Arc<Counts>,
}

impl Road {
    pub(super) fn new(facade: Arc<Facade>, doors: Option<Doors>, counts: Arc<Counts>) -> Self {
        let instance = facade.current();
        let trusted = instance.plan.settings.listen.iter().flat_map(|listen| &listen.trusted);
        let trusted = trusted.copied().collect();
        Self { facade, doors, trusted, counts }
    }

    /// Whether the program takes requests, for whoever balances them.
    fn health(&self, method: &Method, path: &str) -> Option<Response<Body>> {
        if path != "/readyz" || !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        let answer = health::answer(path, &self.counts)?;
        self.facade.current().sources.meters.pages.answered(answer.status().as_u16(), Duration::ZERO);
        Some(answer)
    }

    /// Where a request comes from. Only where callers come behind a proxy its word is heard.
    fn client(&self, request: &Request<Incoming>) -> Option<std::net::IpAddr> {
        let peer = request.extensions().get::<edge::Peer>()?;
        let address = peer.address.ip();
        if !peer.behind_proxy {
            return Some(address.to_canonical());
        }
        Some(client(address, request.headers(), &self.trusted))
    }
}

impl From<edge::BodyFault> for Trouble {
    fn from(fault: edge::BodyFault) -> Self {
        match fault {
            edge::BodyFault::TooLarge { .. } => Self::TooLarge,
            edge::BodyFault::TooSlow => Self::TooSlow,
            edge::BodyFault::Broken => Self::Broken,
        }
    }
}

impl tower::Service<Request<Incoming>> for Road {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        if let Some(answer) = self.health(request.method(), request.uri().path()) {
            return Box::pin(std::future::ready(Ok(answer)));
        }
        let facade = Arc::clone(&self.facade);
        let deadline = request.extensions_mut().remove::<Deadline>().map(|d| d.0);
        let deadline = deadline.unwrap_or_else(|| Instant::now() + Duration::from_secs(30));
        let secure = is_secure(request.extensions());
        if let Some(address) = self.client(&request) {
            request.extensions_mut().insert(ClientAddress(address));
        }
        if let Some(peer) = request.extensions().get::<edge::Peer>().map(of_edge) {
            request.extensions_mut().insert(peer);
        }
        let path = request.uri().path();
        // Whom to tell of a weakness is the road's to say.
        let is_contact = path == crate::pipeline::contact::PATH;
        if let Some(doors) = self.doors.clone().filter(|doors| !is_contact && doors.takes(path)) {
            let worded = Worded::new(Arc::clone(&facade));
            let (head, body) = request.into_parts();
            let again = head.clone();
            return Box::pin(async move {
                if let Some(refused) = entered(&facade, &doors, &again).await {
                    return Ok(strict(refused, secure));
                }
                let begun = Instant::now();
                let answered =
                    tokio::time::timeout_at(deadline, doors.answer(Request::from_parts(head, body)));
                let answer = answered
                    .await
                    .unwrap_or_else(|_| edge::Refuse::refuse(&worded, RefuseKind::Timeout, &again));
                let meters = &facade.current().sources.meters;
                meters.oauth.answered(answer.status().as_u16(), begun.elapsed());
                Ok(strict(answer, secure))
            });
        }
        let detached = request.method() == Method::POST && request.headers().contains_key("idempotency-key");
        if !detached {
            let (head, body) = request.into_parts();
            return boxed(|| answered(facade, head, body, deadline, secure));
        }
        // A client that goes before it is answered comes again with the same key: its request goes on meanwhile.
        #[expect(clippy::disallowed_methods, reason = "it ends at the request's deadline")]
        let task = {
            let (head, body) = request.into_parts();
            tokio::spawn(answered(facade, head, body, deadline, secure))
        };
        Box::pin(async move {
            match task.await {
                Ok(answer) => answer,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    // The runtime ends: nobody is there to be answered.
                    Err(_) => std::future::pending().await,
                },
            }
        })
    }
}

/// The façade's answer, with how it is given again where it may be. What is given here is not moved any more: an `async fn`
/// has a second place for each of its arguments.
fn answered(
    facade: Arc<Facade>,
    head: Parts,
    body: Incoming,
    deadline: Instant,
    secure: bool,
) -> impl Future<Output = Result<Response<Body>, Infallible>> + Send {
    let mut body = Some(body);
    async move {
        let mut answered = facade.answer_parts(&head, &mut body, deadline).await;
        if let Some(standing) = answered.extensions_mut().remove::<Standing>() {
            let body = standing.body.clone();
            let again = Arc::new(Repeated { facade: Arc::clone(&facade), standing });
            answered.extensions_mut().insert(edge::Standing { again, body, varying: &VARYING });
        }
        Ok(strict(answered, secure))
    }
}

/// An answer that the façade gives again.
#[derive(Debug)]
struct Repeated {
    facade: Arc<Facade>,
    standing: Standing,
}

impl edge::Again for Repeated {
    fn again(&self, peer: &edge::Peer) -> Option<edge::Lines> {
        self.standing.again(&self.facade, Some(peer.address.ip().to_canonical()))
    }
}

/// The refusal of a try at an entrance that comes too often from its address; names are counted where they are read.
async fn entered(facade: &Facade, doors: &Doors, head: &Parts) -> Option<Response<Body>> {
    let door = Door::of(&head.method, head.uri.path())?;
    let address = head.extensions.get::<ClientAddress>().map(|found| found.0);
    let instance = facade.current();
    let mut meter = Meter::default();
    let counted = facade.limits().door(&instance.plan.rates, door, address, None, &mut meter).await;
    let fault = counted.err()?;
    let page = doors.wait(head, fault.retry_after).await;
    // Who speaks OAuth is refused in OAuth's form.
    if page.is_none() && head.uri.path().starts_with("/oauth/") {
        return Some(Refusal::from(fault).answer());
    }
    let worded = facade.refuse_by(head, &fault, &meter);
    let Some(mut page) = page else { return Some(worded) };
    for (name, value) in worded.headers() {
        if *name == header::RETRY_AFTER || name.as_str().starts_with("ratelimit") {
            page.headers_mut().insert(name.clone(), value.clone());
        }
    }
    Some(page)
}

/// Who holds the other end, as the road takes it.
fn of_edge(peer: &edge::Peer) -> identity::Peer {
    identity::Peer { address: peer.address.ip(), certificate: peer.certificate }
}

/// Whether the client speaks TLS, here or with the proxy in front.
fn is_secure(extensions: &http::Extensions) -> bool {
    extensions.get::<edge::Peer>().is_some_and(|peer| peer.tls || peer.behind_proxy)
}

/// Who has come by TLS is to come by nothing else for a year (RFC 6797, section 6.1).
fn strict(mut response: Response<Body>, secure: bool) -> Response<Body> {
    if secure {
        let year = http::HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

/// The edge's refusals in the façade's form.
#[derive(Debug)]
pub(super) struct Worded {
    facade: Arc<Facade>,
}

impl Worded {
    pub(super) fn new(facade: Arc<Facade>) -> Self {
        Self { facade }
    }
}

impl Worded {
    /// A panic is counted and reported with its place. What it said is not told.
    fn panicked(&self) {
        let meters = &self.facade.current().sources.meters;
        meters.panics.add(1);
        let report = Report {
            kind: Kind::Panic { place: panics::last() },
            route: meters.edge.id.to_string(),
            trace: None,
            stage: "panic",
        };
        if self.facade.outlets().reports.as_ref().is_some_and(|reports| !reports.offer(report)) {
            meters.dropped_reports.add(1);
        }
    }
}

impl edge::Refuse<Body> for Worded {
    fn refuse(&self, kind: RefuseKind, head: &Parts) -> Response<Body> {
        let code: &'static Code = match kind {
            RefuseKind::Timeout => &code::DEADLINE,
            RefuseKind::Panic => &code::INTERNAL,
            RefuseKind::UriTooLong => &code::URI_TOO_LONG,
            RefuseKind::HeaderTooLarge | RefuseKind::TooManyHeaders => &code::HEADERS_TOO_LARGE,
            RefuseKind::AmbiguousFraming => &code::BAD_FRAMING,
            RefuseKind::Malformed => &code::MALFORMED_HEAD,
            RefuseKind::BadHost => &code::BAD_HOST,
            RefuseKind::UnsupportedMethod => &code::NO_METHOD,
            RefuseKind::CodedBody => &code::BAD_CODING,
            RefuseKind::BodyTooSlow => &code::BODY_TOO_SLOW,
        };
        if kind == RefuseKind::Panic {
            self.panicked();
        }
        let mut refused = self.facade.refuse(head, code);
        if kind == RefuseKind::CodedBody {
            // What is taken instead (RFC 9110, section 12.5.3).
            refused.headers_mut().insert(header::ACCEPT_ENCODING, http::HeaderValue::from_static("identity"));
        }
        strict(refused, is_secure(&head.extensions))
    }
}

pub(super) fn listen(one: &plan::Listen) -> edge::Listen {
    edge::Listen {
        address: one.address,
        tls: one.certificate.clone().map(|(certificate, key)| {
            let clients = one.clients.clone();
            let clients = clients
                .map(|plan::Clients { authorities, required }| edge::Clients { authorities, required });
            let named = one.named.iter().map(|one| edge::Named {
                names: one.names.clone(),
                pair: edge::Pair { certificate: one.certificate.clone(), key: one.key.clone() },
            });
            edge::Tls { pair: edge::Pair { certificate, key }, named: named.collect(), clients }
        }),
        behind_proxy: one.behind_proxy,
        proxies: if one.trusted.is_empty() {
            edge::Proxies::default()
        } else {
            let trusted = one.trusted.clone();
            edge::Proxies::new(move |address| is_trusted(address.to_canonical(), &trusted))
        },
    }
}

/// The plan's settings as the edge takes them.
pub(super) fn settings(settings: &plan::Settings, serving: &Serving) -> edge::Settings {
    let limits = &settings.limits;
    edge::Settings {
        listen: settings.listen.iter().map(listen).collect(),
        limits: edge::Limits {
            header_bytes: limits.header_bytes,
            header_count: limits.header_count as usize,
            header_deadline: limits.header_deadline,
            body_bytes: limits.body_bytes,
            request_deadline: limits.request_deadline,
            connections: limits.connections,
            connections_per_address: limits.connections_per_address,
            keep_alive: limits.keep_alive,
            body_rate: limits.body_rate,
            answer_rate: limits.answer_rate,
            write_stall: limits.answer_wait,
            answer_bytes: limits.answer_bytes,
            h2_streams: limits.streams,
            h2_resets: limits.resets,
            ..edge::Limits::default()
        },
        grace: limits.grace,
        upgrade_socket: serving.upgrade_socket.clone(),
        upgrade: serving.upgrade,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_came_by_tls_is_told_to_stay_with_it() {
        for (tls, behind_proxy, told) in [(true, false, true), (false, true, true), (false, false, false)] {
            let mut extensions = http::Extensions::new();
            extensions.insert(edge::Peer {
                address: ([127, 0, 0, 1], 1).into(),
                tls,
                behind_proxy,
                certificate: None,
            });
            let response = strict(Response::new(Body::default()), is_secure(&extensions));
            assert_eq!(response.headers().contains_key("strict-transport-security"), told);
        }
    }
}
