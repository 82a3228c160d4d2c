//! An answer before it is printed, and the memory of answers by idempotency key. A key is kept for a day; only what was
//! done is kept, so that a request that was refused may be mended and sent again with its key.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use super::refusal::Refusal;
use super::signature::sha256_hex;

/// The most keys kept; the oldest make room.
const MOST: usize = 5_000;
const DAY: i64 = 86_400;

#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    /// `None` is an answer without a body.
    pub(super) document: Option<Value>,
    pub(super) headers: Vec<(HeaderName, String)>,
}

impl Reply {
    pub(super) fn new(status: StatusCode, document: Value) -> Self {
        Self { status, document: Some(document), headers: Vec::new() }
    }

    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        let body = self.document.as_ref().map(|document| Bytes::from(document.to_string()));
        let mut response = Response::new(body.unwrap_or_default());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if self.document.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let reply = Self::new(refusal.status(), refusal.body());
        match refusal {
            Refusal::Method(allowed) => reply.with(header::ALLOW, allowed),
            Refusal::Signature(_) => reply.with(header::WWW_AUTHENTICATE, "AnimalID-HMAC-SHA256"),
            _ => reply,
        }
    }
}

/// What was answered under which key.
#[derive(Debug, Default)]
pub(super) struct Replies {
    known: HashMap<String, Kept>,
    /// By arrival, with the unix second of it.
    order: VecDeque<(i64, String)>,
}

#[derive(Debug)]
struct Kept {
    request: String,
    reply: Reply,
}

impl Replies {
    /// The first answer of a key, or `None` where there is none; the same key with another request is refused.
    pub(super) fn find(&self, key: &str, request: &str) -> Result<Option<Reply>, Refusal> {
        match self.known.get(key) {
            None => Ok(None),
            Some(kept) if kept.request == request => {
                let replayed = HeaderName::from_static("idempotency-replayed");
                Ok(Some(kept.reply.clone().with(replayed, "true")))
            }
            Some(_) => Err(Refusal::KeyReused),
        }
    }

    /// Forgets what is older than a day.
    pub(super) fn age(&mut self, now: i64) {
        while self.order.front().is_some_and(|(since, _)| since.saturating_add(DAY) <= now) {
            self.drop_oldest();
        }
    }

    pub(super) fn keep(&mut self, key: String, request: String, reply: &Reply, now: i64) {
        if self.order.len() >= MOST {
            self.drop_oldest();
        }
        self.order.push_back((now, key.clone()));
        self.known.insert(key, Kept { request, reply: reply.clone() });
    }

    fn drop_oldest(&mut self) {
        if let Some((_, key)) = self.order.pop_front() {
            self.known.remove(&key);
        }
    }
}

/// What makes two requests the same under a key: method, path, and the bytes of the body.
pub(super) fn fingerprint(method: &str, path: &str, body: &[u8]) -> String {
    format!("{method} {path} {}", sha256_hex(body))
}
