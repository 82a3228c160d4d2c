//! The seam between the edge and the road: the edge's requests become the façade's, and what the edge refuses
//! is worded by the façade.

use super::Serving;
use crate::{
    edge::{self, Deadline, Incoming, RefuseKind},
    fault::{Code, code},
    identity,
    oauth::Doors,
    pipeline::{Body, Facade, arrive::Trouble},
    plan,
};
use http::{Request, Response, request::Parts};
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
}

impl Road {
    pub(super) fn new(facade: Arc<Facade>, doors: Option<Doors>) -> Self {
        Self { facade, doors }
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
        let facade = Arc::clone(&self.facade);
        let deadline = request.extensions().get::<Deadline>().map(|d| d.0);
        let deadline = deadline.unwrap_or_else(|| Instant::now() + Duration::from_secs(30));
        let secure = is_secure(request.extensions());
        if let Some(peer) = request.extensions().get::<edge::Peer>().map(of_edge) {
            request.extensions_mut().insert(peer);
        }
        if let Some(doors) = self.doors.clone().filter(|doors| doors.takes(request.uri().path())) {
            let worded = Worded::new(facade);
            let (head, body) = request.into_parts();
            let again = head.clone();
            return Box::pin(async move {
                let answered =
                    tokio::time::timeout_at(deadline, doors.answer(Request::from_parts(head, body)));
                let answer = answered
                    .await
                    .unwrap_or_else(|_| edge::Refuse::refuse(&worded, RefuseKind::Timeout, &again));
                Ok(strict(answer, secure))
            });
        }
        Box::pin(async move { Ok(strict(facade.answer(request, deadline).await, secure)) })
    }
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
        response.headers_mut().insert(http::header::STRICT_TRANSPORT_SECURITY, year);
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
        };
        strict(self.facade.refuse(head, code), is_secure(&head.extensions))
    }
}

pub(super) fn listen(one: &plan::Listen) -> edge::Listen {
    edge::Listen {
        address: one.address,
        tls: one.certificate.clone().map(|(certificate, key)| {
            let clients = one.clients.clone();
            let clients = clients
                .map(|plan::Clients { authorities, required }| edge::Clients { authorities, required });
            edge::Tls { pair: edge::Pair { certificate, key }, named: Vec::new(), clients }
        }),
        behind_proxy: one.behind_proxy,
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
