//! What stands around the service for each request: the checks that both HTTP versions share, the
//! deadline, the bounded body, and the end of a panic. Framing is not judged here; [`screen`](super::screen)
//! has done that for HTTP/1, and the HTTP/2 library for HTTP/2.

use super::{
    body::{Incoming, Taken},
    pressure::{Held, Pressure},
    refuse::{Outline, Refuse, RefuseKind},
    secure::secure,
    settings::Limits,
    standing::{self, Kept, Table},
    stop::Phase,
    talk::{Talk, UnderWay},
};
use bytes::Bytes;
use futures_util::{FutureExt, future::Either};
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, Version,
    header::{CONNECTION, CONTENT_ENCODING, HOST},
    request::Parts,
};
use http_body::{Body, Frame, SizeHint};
use std::{
    convert::Infallible,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};
use tokio::{
    sync::watch,
    time::{Duration, Instant, timeout_at},
};
use tower::{Service, ServiceExt as _, util::Oneshot};

/// The service knows the deadline and words its own timeouts better; the edge steps in only behind it.
const BEHIND_DEADLINE: Duration = Duration::from_millis(250);

/// Request extension: who sent it, as the socket knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The proxy's own address when `behind_proxy`; what a proxy says of its client is not read here.
    pub address: SocketAddr,
    /// Whether this connection is TLS that ended here.
    pub tls: bool,
    pub behind_proxy: bool,
    /// SHA-256 of the client's certificate, where one was asked for, came and was verified here.
    pub certificate: Option<[u8; 32]>,
}

/// Request extension: until when the request must be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub Instant);

/// The service as one connection sees it.
pub(super) struct Guard<S, R> {
    pub service: S,
    pub refuse: Arc<R>,
    pub limits: Limits,
    pub peer: Peer,
    pub talk: Arc<Talk>,
    pub pressure: Arc<Pressure>,
    pub standing: Option<Arc<Table>>,
    pub phase: watch::Receiver<Phase>,
}

/// The service's answer, which most services begin at once.
type Calling<S> = Either<<S as Service<Request<Incoming>>>::Future, Pin<Box<Oneshot<S, Request<Incoming>>>>>;

/// A request that the service has.
struct Called<F> {
    call: F,
    deadline: Instant,
    taken: Taken,
}

/// An answer's body, which counts as under way until it is written or dropped.
pub(super) struct Outgoing<B> {
    body: B,
    held: Held,
    _under_way: UnderWay,
}

/// The answer's body panicked; what was sent of it is all there will be.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutgoingFault<E> {
    #[error("the answer's body panicked")]
    Panic,
    #[error("the answer's body failed")]
    Body(#[source] E),
}

// === impl Guard ===

impl<S, R> Guard<S, R> {
    /// What is called lives in a box of its own: of the request, only what a refusal says is held here until there is an answer.
    pub(super) fn answer<B>(
        self: Arc<Self>,
        request: Request<hyper::body::Incoming>,
    ) -> impl Future<Output = Result<Response<Outgoing<B>>, Infallible>>
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone,
        R: Refuse<B>,
        B: Body<Data = Bytes>,
    {
        let ordinal = self.talk.call();
        let under_way = self.talk.begin();
        let (parts, body) = request.into_parts();
        let asked = self.talk.asked().filter(|_| standing::is_plain(&parts));
        let is_http1 = parts.version < Version::HTTP_2;
        let outline = Outline::of(&parts);
        let called = match self.talk.refusal(ordinal).filter(|_| is_http1) {
            Some(refused) => Err((self.refuse(refused.kind, refused.outline), true)),
            None => self.call(parts, body, &outline),
        };
        async move {
            let (mut response, is_whole) = match called {
                Ok(Called { call, deadline, taken }) => {
                    let call = AssertUnwindSafe(call).catch_unwind();
                    let response = match timeout_at(deadline + BEHIND_DEADLINE, call).await {
                        Ok(Ok(Ok(response))) => response,
                        Ok(Ok(Err(never))) => match never {},
                        Ok(Err(_)) => self.refuse(RefuseKind::Panic, outline),
                        Err(_) => self.refuse(RefuseKind::Timeout, outline),
                    };
                    (response, taken.is_whole())
                }
                Err(refused) => refused,
            };
            secure(response.headers_mut());
            // hyper closes behind a body that nobody read; a client that is not told loses its next request.
            if is_http1 && (!is_whole || *self.phase.borrow() != Phase::Serving) {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            if let (Some(asked), Some(table)) = (asked, &self.standing)
                && let Some(kept) = Kept::of(asked, &response, self.peer.tls)
            {
                table.put(kept);
            }
            let outgoing = |body: B| {
                let held = self.pressure.hold(body.size_hint().lower());
                Outgoing { body, held, _under_way: under_way }
            };
            Ok(response.map(outgoing))
        }
    }

    /// The service at work; or the refusal of what it is not asked, and whether the request's body was read to its end.
    fn call<B>(
        &self,
        mut parts: Parts,
        body: hyper::body::Incoming,
        outline: &Outline,
    ) -> Result<Called<Calling<S>>, (Response<B>, bool)>
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone,
        R: Refuse<B>,
    {
        if let Err(kind) = admit(&parts, &self.limits) {
            return Err((self.refuse(kind, outline.clone()), body.is_end_stream()));
        }
        if !body.is_end_stream() && is_coded(&parts.headers) {
            return Err((self.refuse(RefuseKind::CodedBody, outline.clone()), false));
        }
        let deadline = Instant::now() + self.limits.request_deadline;
        parts.extensions.insert(self.peer);
        parts.extensions.insert(Deadline(deadline));
        let body = Incoming::new(body, &self.limits, Deadline(deadline));
        let taken = body.taken();
        let request = Request::from_parts(parts, body);
        // The service is a clone of its own and is dropped with its panic: nothing half-changed is seen again.
        let mut service = self.service.clone();
        let call = AssertUnwindSafe(|| match service.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(())) => Either::Left(service.call(request)),
            Poll::Pending => Either::Right(Box::pin(service.oneshot(request))),
        });
        match catch_unwind(call) {
            Ok(call) => Ok(Called { call, deadline, taken }),
            Err(_) => Err((self.refuse(RefuseKind::Panic, outline.clone()), taken.is_whole())),
        }
    }

    fn refuse<B>(&self, kind: RefuseKind, outline: Outline) -> Response<B>
    where
        R: Refuse<B>,
    {
        tracing::debug!(?kind, peer = %self.peer.address, "refused at the edge");
        let mut head = outline.into_parts();
        head.extensions.insert(self.peer);
        self.refuse.refuse(kind, &head)
    }
}

/// What is wrong with a request although its framing is sound.
fn admit(parts: &Parts, limits: &Limits) -> Result<(), RefuseKind> {
    if parts.method == Method::CONNECT {
        return Err(RefuseKind::UnsupportedMethod);
    }
    if parts.headers.len() > limits.header_count {
        return Err(RefuseKind::TooManyHeaders);
    }
    if parts.uri.path_and_query().is_some_and(|target| target.as_str().len() > limits.uri_bytes) {
        return Err(RefuseKind::UriTooLong);
    }
    let target = parts.uri.authority().map(|authority| authority.as_str().as_bytes());
    if is_host_sound(&parts.headers, target, parts.version) { Ok(()) } else { Err(RefuseKind::BadHost) }
}

/// Whether a body is said to be compressed: what it unfolds to would have no bound that the client pays for.
fn is_coded(headers: &HeaderMap) -> bool {
    let mut coded = headers.get_all(CONTENT_ENCODING).iter().map(HeaderValue::as_bytes);
    coded.any(|value| !value.trim_ascii().eq_ignore_ascii_case(b"identity"))
}

/// One host, said once or twice alike: HTTP/1.1 needs `Host` (RFC 9112 section 3.2), HTTP/2 either that or
/// `:authority` (RFC 9113 section 8.3.1), HTTP/1.0 nothing.
fn is_host_sound(headers: &HeaderMap, target: Option<&[u8]>, version: Version) -> bool {
    let mut hosts = headers.get_all(HOST).iter().map(HeaderValue::as_bytes);
    let (host, second) = (hosts.next(), hosts.next());
    let is_missing = match version {
        Version::HTTP_11 => host.is_none(),
        Version::HTTP_2 => host.or(target).is_none(),
        _ => false,
    };
    let differ = host.zip(target).is_some_and(|(host, target)| !host.eq_ignore_ascii_case(target));
    !is_missing && !differ && second.is_none() && host.is_none_or(is_host) && target.is_none_or(is_host)
}

/// A name or address with or without a port. No user information, nothing that a URL would take apart.
fn is_host(host: &[u8]) -> bool {
    !host.is_empty() && host.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-:_~[]%".contains(byte))
}

// === impl Outgoing ===

impl<B: Body<Data = Bytes> + Unpin> Body for Outgoing<B> {
    type Data = Bytes;
    type Error = OutgoingFault<B::Error>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let body = AssertUnwindSafe(|| Pin::new(&mut this.body).poll_frame(cx));
        let Ok(frame) = catch_unwind(body) else { return Poll::Ready(Some(Err(OutgoingFault::Panic))) };
        frame.map(|frame| {
            frame.map(|frame| match frame {
                Ok(frame) => Ok(frame.map_data(|data| this.held.give(data))),
                Err(error) => Err(OutgoingFault::Body(error)),
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(version: Version, target: Option<&str>, hosts: &[&str], expected: bool) {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(HOST, HeaderValue::from_str(host).unwrap());
        }
        let got = is_host_sound(&headers, target.map(str::as_bytes), version);
        assert_eq!(got, expected, "{version:?} {target:?} {hosts:?}");
    }

    #[test]
    fn hosts() {
        check(Version::HTTP_11, None, &["api.example:8080"], true);
        check(Version::HTTP_11, None, &["[::1]:80"], true);
        check(Version::HTTP_11, Some("A.example"), &["a.example"], true);
        check(Version::HTTP_10, None, &[], true);
        check(Version::HTTP_2, Some("a"), &[], true);
        check(Version::HTTP_2, None, &["a"], true);

        check(Version::HTTP_11, None, &[], false);
        check(Version::HTTP_11, None, &["a", "a"], false);
        check(Version::HTTP_11, Some("a"), &["b"], false);
        check(Version::HTTP_11, None, &[""], false);
        check(Version::HTTP_11, None, &["a/b"], false);
        check(Version::HTTP_11, None, &["user@a"], false);
        check(Version::HTTP_10, None, &["a", "b"], false);
        check(Version::HTTP_2, None, &[], false);
        check(Version::HTTP_2, Some("a"), &["b"], false);
    }
}
