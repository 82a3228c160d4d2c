//! How a call leaves: a tower service from a request to what was received, bounded in time, size and number.
//! Redirects are not followed; the authority comes from the configuration alone.

use crate::{
    fault::{Fault, code},
    plan::HttpSource,
};
use std::time::Duration;
use tower::{Service, ServiceExt, util::BoxCloneSyncService};

/// A request to a source.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub method: &'static str,
    /// Complete, and encoded.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    pub deadline: tokio::time::Instant,
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
pub struct Transport {
    service: BoxCloneSyncService<Outgoing, Received, Lost>,
}

impl Transport {
    /// A way made of any service; tests use it to answer without a socket.
    pub fn new<S>(service: S) -> Self
    where
        S: Service<Outgoing, Response = Received, Error = Lost> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        Self { service: BoxCloneSyncService::new(service) }
    }

    pub async fn send(&self, outgoing: Outgoing) -> Result<Received, Lost> {
        let deadline = outgoing.deadline;
        let answered = tokio::time::timeout_at(deadline, self.service.clone().oneshot(outgoing)).await;
        answered.unwrap_or(Err(Lost::TimedOut))
    }
}

/// The way over the network.
pub fn network(source: &HttpSource) -> Result<Transport, Fault> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(connecting(source))
        .timeout(source.deadline)
        .pool_max_idle_per_host(source.concurrency)
        .tcp_nodelay(true)
        .no_proxy()
        .referer(false)
        .build()
        .map_err(|e| Fault::plain(&code::INTERNAL).detail(e.to_string()))?;
    // How many calls are under way is `resilience`'s to say.
    Ok(Transport::new(tower::service_fn(move |outgoing| exchange(client.clone(), outgoing))))
}

/// How long a connection may take to come about: where there are other addresses, there is to be time for them.
fn connecting(source: &HttpSource) -> Duration {
    let share = if source.addresses.len() > 1 { 3 } else { 1 };
    (source.deadline / share).min(Duration::from_secs(5))
}

async fn exchange(client: reqwest::Client, outgoing: Outgoing) -> Result<Received, Lost> {
    let method =
        reqwest::Method::from_bytes(outgoing.method.as_bytes()).map_err(|e| Lost::Broken(e.to_string()))?;
    let mut request = client.request(method, &outgoing.url);
    for (name, value) in outgoing.headers {
        request = request.header(name, value);
    }
    if let Some(body) = outgoing.body {
        request = request.body(body);
    }
    let mut response = request.send().await.map_err(|e| lost(&e))?;
    let headers = std::mem::take(response.headers_mut());
    let retry_after = retry_after(&headers);
    let status = response.status().as_u16();
    let expected = response.content_length().unwrap_or(0);
    if expected > outgoing.limit {
        return Err(Lost::TooLarge);
    }
    let mut body = Vec::with_capacity(usize::try_from(expected).unwrap_or(0).min(1 << 20));
    while let Some(chunk) = response.chunk().await.map_err(|e| lost(&e))? {
        if body.len() as u64 + chunk.len() as u64 > outgoing.limit {
            return Err(Lost::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Received { status, headers, retry_after, body })
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

fn lost(error: &reqwest::Error) -> Lost {
    // The chain's last link says what happened; the first ones repeat the address.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    // What did not connect in time has sent nothing.
    if error.is_connect() {
        Lost::Unreachable(cause.to_string())
    } else if error.is_timeout() {
        Lost::TimedOut
    } else {
        Lost::Broken(cause.to_string())
    }
}
