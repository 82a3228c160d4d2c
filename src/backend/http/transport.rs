//! How a call leaves: a way from a request to what was received, bounded in time and size.
//! Redirects are not followed; the authority comes from the configuration alone.

use super::direct::{self, Direct};
use crate::{
    boxed::boxed,
    fault::{Fault, code},
    plan::HttpSource,
    value::Brief,
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::Full;
use hyper_rustls::{HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::{
    borrow::Cow,
    fmt,
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tower::{BoxError, Service, ServiceBuilder, ServiceExt, util::BoxCloneSyncService};

/// A request to a source.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub method: &'static str,
    /// Complete, and encoded.
    pub url: String,
    pub headers: Vec<(Brief, Brief)>,
    pub body: Option<Bytes>,
    pub deadline: Instant,
    /// More bytes than this are not read.
    pub limit: u64,
}

#[derive(Debug, Clone)]
pub struct Received {
    pub status: u16,
    pub headers: http::HeaderMap,
    /// How long it asks to be left alone: seconds, or a date (RFC 9110, section 10.2.3).
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

/// Why there is no answer. The texts are for the operator's log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    #[error("did not answer in time")]
    TimedOut,
    #[error("the answer broke off: {0}")]
    Broken(String),
    #[error("the answer is larger than is allowed")]
    TooLarge,
}

/// The way to one source, whatever lies on it.
#[derive(Debug, Clone)]
pub struct Transport(Arc<dyn Way>);

/// A call under way.
pub type Under<'w> = Pin<Box<dyn Future<Output = Result<Received, Lost>> + Send + 'w>>;

/// How calls leave. The way that ends at the source ends a call at its deadline; what lies around it (what counts calls) need not.
pub trait Way: fmt::Debug + Send + Sync {
    fn send<'w>(&'w self, outgoing: Cow<'w, Outgoing>) -> Under<'w>;
}

impl Transport {
    pub fn over(way: impl Way + 'static) -> Self {
        Self(Arc::new(way))
    }

    /// A way made of any service; tests use it to answer without a socket.
    pub fn new<S>(service: S) -> Self
    where
        S: Service<Outgoing, Response = Received, Error = Lost> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        Self::over(Served(service))
    }

    /// Sends a request, which stays the caller's where that has lent it: it may be wanted once more.
    pub fn send<'w>(&'w self, outgoing: impl Into<Cow<'w, Outgoing>>) -> Under<'w> {
        self.0.send(outgoing.into())
    }
}

impl From<Outgoing> for Cow<'_, Outgoing> {
    fn from(outgoing: Outgoing) -> Self {
        Self::Owned(outgoing)
    }
}

impl<'o> From<&'o Outgoing> for Cow<'o, Outgoing> {
    fn from(outgoing: &'o Outgoing) -> Self {
        Self::Borrowed(outgoing)
    }
}

/// A call that is ended at its deadline. It stays where it is: what waits for it would have it copied as a whole.
async fn in_time<F>(deadline: Instant, call: Pin<&mut F>) -> Result<Received, Lost>
where
    F: Future<Output = Result<Received, Lost>>,
{
    timeout_at(deadline, call).await.unwrap_or(Err(Lost::TimedOut))
}

struct Served<S>(S);

impl<S> fmt::Debug for Served<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Served")
    }
}

impl<S> Way for Served<S>
where
    S: Service<Outgoing, Response = Received, Error = Lost> + Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
{
    fn send<'w>(&'w self, outgoing: Cow<'w, Outgoing>) -> Under<'w> {
        boxed(|| async move {
            in_time(outgoing.deadline, pin!(self.0.clone().oneshot(outgoing.into_owned()))).await
        })
    }
}

/// The client below: hyper's own. Addresses are made here and nowhere else, so that nothing has to read them once more, and
/// redirects, cookies, proxies and compression are none of a source's business.
type Client = legacy::Client<Connector, Full<Bytes>>;
/// A connection to a source.
pub(super) type Wire = MaybeHttpsStream<TokioIo<TcpStream>>;
/// How connections come about, in time.
pub(super) type Connector = BoxCloneSyncService<Uri, Wire, BoxError>;

/// How long a connection to a source may take, where the source's own deadline is not shorter.
const CONNECT: Duration = Duration::from_secs(5);
/// A connection that is not used is kept so long.
pub(super) const IDLE: Duration = Duration::from_secs(90);
/// How a connection that has died unseen is found out: asked every so often, so many times.
const PROBE: Duration = Duration::from_secs(15);
const PROBES: u32 = 3;

/// What a mapping's literal texts may hold and no address can; values are encoded before.
const NOT_IN_ADDRESSES: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'#');

/// The way over the network.
pub fn network(source: &HttpSource) -> Result<Transport, Fault> {
    let internal = |e: String| Fault::plain(&code::INTERNAL).detail(e);
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_keepalive(Some(PROBE));
    connector.set_keepalive_interval(Some(PROBE));
    connector.set_keepalive_retries(Some(PROBES));
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_platform_verifier(rustls::crypto::aws_lc_rs::default_provider())
        .map_err(|e| internal(e.to_string()))?
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(connector);
    // The handshake is part of it.
    let connector = ServiceBuilder::new().timeout(connecting(source)).service(connector);
    let connector = BoxCloneSyncService::new(connector);
    let client: Client = legacy::Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(source.concurrency)
        .build(connector.clone());
    // How many calls are under way is `resilience`'s to say.
    Ok(Transport::over(Ways { direct: Direct::new(connector, source.concurrency), client }))
}

/// Plain HTTP goes over connections of our own; where TLS agrees on the protocol, hyper's client sees to it.
#[derive(Debug)]
struct Ways {
    direct: Direct,
    client: Client,
}

impl Way for Ways {
    fn send<'w>(&'w self, outgoing: Cow<'w, Outgoing>) -> Under<'w> {
        boxed(|| async move { in_time(outgoing.deadline, pin!(self.exchange(&outgoing))).await })
    }
}

/// How long a connection may take to come about: where there are other addresses, there is to be time for them.
fn connecting(source: &HttpSource) -> Duration {
    let share = if source.addresses.len() > 1 { 3 } else { 1 };
    (source.deadline / share).min(CONNECT)
}

impl Ways {
    async fn exchange(&self, outgoing: &Outgoing) -> Result<Received, Lost> {
        if let Some((authority, target)) = apart(&outgoing.url) {
            return self.direct.exchange(authority, || request(outgoing, &target), outgoing.limit).await;
        }
        let request = request(outgoing, &outgoing.url)?;
        // In a box: what goes over connections of our own makes no room for it.
        Box::pin(self.pooled(request, outgoing.limit)).await
    }

    async fn pooled(&self, request: Request<Full<Bytes>>, limit: u64) -> Result<Received, Lost> {
        let (head, mut incoming) = self.client.request(request).await.map_err(|e| lost(&e))?.into_parts();
        let size = incoming.size_hint();
        gathered((head, size), &mut |cx| Pin::new(&mut incoming).poll_frame(cx), limit).await
    }
}

/// An address of plain HTTP as its authority and its path with what follows.
fn apart(url: &str) -> Option<(&str, Cow<'_, str>)> {
    let rest = url.strip_prefix(direct::SCHEME)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at_checked(end)?;
    let target = if target.starts_with('/') { target.into() } else { format!("/{target}").into() };
    Some((authority, target))
}

/// The next piece of a body, or its end.
pub(super) type Framed = Poll<Option<Result<Frame<Bytes>, hyper::Error>>>;

/// An answer with its whole body, which is not read on where it becomes too large.
pub(super) async fn gathered(
    (head, size): (http::response::Parts, SizeHint),
    frames: &mut (dyn FnMut(&mut Context<'_>) -> Framed + Send),
    limit: u64,
) -> Result<Received, Lost> {
    let retry_after = retry_after(&head.headers);
    let expected = size.exact().unwrap_or(0);
    if expected > limit {
        return Err(Lost::TooLarge);
    }
    let mut body = Vec::with_capacity(usize::try_from(expected).unwrap_or(0).min(1 << 20));
    while let Some(frame) = poll_fn(&mut *frames).await {
        let Ok(data) = frame.map_err(|e| broken(&e))?.into_data() else { continue };
        if body.len() as u64 + data.len() as u64 > limit {
            return Err(Lost::TooLarge);
        }
        body.extend_from_slice(&data);
    }
    Ok(Received { status: head.status.as_u16(), headers: head.headers, retry_after, body })
}

fn request(outgoing: &Outgoing, url: &str) -> Result<Request<Full<Bytes>>, Lost> {
    let uri = if let Ok(uri) = Uri::try_from(url) {
        uri
    } else {
        let encoded = utf8_percent_encode(url, NOT_IN_ADDRESSES).to_string();
        Uri::try_from(encoded).map_err(|e| Lost::Broken(e.to_string()))?
    };
    let method = Method::from_bytes(outgoing.method.as_bytes()).map_err(|e| Lost::Broken(e.to_string()))?;
    let mut request = Request::new(Full::new(outgoing.body.clone().unwrap_or_default()));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    let all = request.headers_mut();
    all.reserve(outgoing.headers.len());
    for (name, value) in &outgoing.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| Lost::Broken(e.to_string()))?;
        let value = HeaderValue::from_str(value).map_err(|e| Lost::Broken(e.to_string()))?;
        all.append(name, value);
    }
    if !all.contains_key(header::ACCEPT) {
        all.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    }
    Ok(request)
}

/// The header `Retry-After`, in either of its forms.
pub fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    let text = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_second();
    let now = crate::telemetry::clock::Clock::now(&crate::telemetry::clock::System).seconds;
    u64::try_from(date - now).ok().map(Duration::from_secs)
}

fn lost(error: &legacy::Error) -> Lost {
    let (cause, late) = last(error);
    // What did not connect in time has sent nothing.
    if error.is_connect() {
        Lost::Unreachable(cause)
    } else if late {
        Lost::TimedOut
    } else {
        Lost::Broken(cause)
    }
}

pub(super) fn broken(error: &hyper::Error) -> Lost {
    let (cause, late) = last(error);
    if late || error.is_timeout() { Lost::TimedOut } else { Lost::Broken(cause) }
}

/// The chain's last link, which says what happened, and whether it took too long.
pub(super) fn last(error: &(dyn std::error::Error + 'static)) -> (String, bool) {
    let mut cause = error;
    let mut late = false;
    loop {
        let io = cause.downcast_ref::<std::io::Error>();
        late |= io.is_some_and(|io| io.kind() == std::io::ErrorKind::TimedOut);
        match cause.source() {
            Some(inner) => cause = inner,
            None => return (cause.to_string(), late),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Plain connections alone.
    pub(in crate::backend::http) fn connector() -> Connector {
        let plain = HttpConnector::new();
        BoxCloneSyncService::new(plain.map_response(MaybeHttpsStream::Http).map_err(BoxError::from))
    }

    #[tokio::test]
    async fn a_call_is_ended_at_its_deadline_by_whatever_way_it_leaves() {
        // It takes connections and says nothing.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = legacy::Client::builder(TokioExecutor::new()).build(connector());
        let ways = [
            Transport::over(Ways { direct: Direct::new(connector(), 1), client }),
            Transport::new(tower::service_fn(|_: Outgoing| std::future::pending())),
        ];
        for way in ways {
            let outgoing = Outgoing {
                method: "GET",
                url: format!("http://{}/", silent.local_addr().unwrap()),
                headers: Vec::new(),
                body: None,
                deadline: Instant::now(),
                limit: 0,
            };
            let came = tokio::time::timeout(Duration::from_secs(10), way.send(outgoing)).await;
            assert_eq!(came.expect("ended by itself").unwrap_err(), Lost::TimedOut, "{way:?}");
        }
    }

    fn sent(url: &str, headers: &[(&str, &str)]) -> Result<Request<Full<Bytes>>, Lost> {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let (headers, url) = (headers.collect(), url.to_owned());
        let outgoing =
            Outgoing { method: "GET", url, headers, body: None, deadline: Instant::now(), limit: 0 };
        request(&outgoing, &outgoing.url)
    }

    #[test]
    fn an_address_goes_as_it_was_made() {
        for (made, gone) in [
            ("http://legacy/rest/a%2Fb.json?p[x]=1&q=a%20b", "/rest/a%2Fb.json?p[x]=1&q=a%20b"),
            // What is encoded is one segment, and leads nowhere.
            ("http://legacy/rest/%2E%2E/admin", "/rest/%2E%2E/admin"),
            ("http://legacy/two words?q=\u{e4}", "/two%20words?q=%C3%A4"),
        ] {
            let request = sent(made, &[]).unwrap();
            assert_eq!(request.uri().path_and_query().unwrap().as_str(), gone, "{made}");
        }
        assert!(matches!(sent("no address", &[]), Err(Lost::Broken(_))));
    }

    #[test]
    fn headers_are_those_that_are_said() {
        let request = sent("http://legacy/", &[("accept", "application/json"), ("x-key", "1")]).unwrap();
        assert_eq!(request.headers().len(), 2);
        assert_eq!(sent("http://legacy/", &[]).unwrap().headers().get("accept").unwrap(), "*/*");
        assert!(matches!(sent("http://legacy/", &[("x-key", "a\r\nb")]), Err(Lost::Broken(_))));
    }

    #[test]
    fn what_came_too_late_is_told_from_what_broke() {
        let late = std::io::Error::new(std::io::ErrorKind::TimedOut, "late");
        assert_eq!(last(&late), ("late".to_owned(), true));
        let broken = std::io::Error::other(std::io::Error::new(std::io::ErrorKind::BrokenPipe, "gone"));
        assert_eq!(last(&broken), ("gone".to_owned(), false));
    }
}
