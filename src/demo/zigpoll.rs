//! A survey partner in the manner of Zigpoll: surveys that customers answer after a service or at any time, and their
//! answers. Surveys are listed, read and made; answers come from the partner's own widget and are only read. It asks
//! nobody anything, deletes nothing and sends nothing.
//!
//! What a caller has to know: the whole `Authorization` header is the key, without a scheme; lists are walked by
//! `startCursor` and `endCursor` in the body, newest first, without a total; times are epoch milliseconds; a `POST`
//! answers the id alone; parameters that a list does not know are passed over without a word.
//!
//! Reading order: `Zigpoll::handle` is the table of resources, [`paging`] the walk through a list.

mod content;
mod form;
mod ids;
mod paging;
mod query;
mod refusal;
mod store;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Value, json};

use self::query::Query;
use self::refusal::{Problem, Refusal};
use self::store::Store;
use super::seed::Seed;
use super::station::System;

/// How the partner is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The account's one key.
    pub api_key: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { api_key: "zigpoll-demo-key".to_owned() }
    }
}

/// One account at the partner.
#[derive(Debug)]
pub struct Zigpoll {
    settings: Settings,
    store: Mutex<Store>,
}

impl Zigpoll {
    /// An account with its first surveys and answers.
    pub fn new(seed: &Seed, settings: Settings) -> Arc<Self> {
        Arc::new(Self { settings, store: Mutex::new(content::store(seed)) })
    }

    /// The resources. Without the key nothing is told apart, not even what is missing.
    fn handle(&self, head: &Parts, body: &Bytes, now: i64) -> Result<(StatusCode, Value), Refusal> {
        self.known(head)?;
        let path: Vec<&str> = head.uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
        let query = Query::parse(head.uri.query().unwrap_or_default());
        // What a HEAD would answer is what a GET answers; whoever sends it leaves the body out.
        let method = if head.method == Method::HEAD { "GET" } else { head.method.as_str() };
        let mut store = self.store();
        match (method, path.as_slice()) {
            ("GET", ["v1", "surveys"]) => Ok((StatusCode::OK, store.surveys(&query)?)),
            ("POST", ["v1", "surveys"]) => {
                let draft = form::draft(&document(head, body)?)?;
                let id = store.add(draft, now).ok_or(Refusal::Full)?;
                Ok((StatusCode::CREATED, json!({ "id": id })))
            }
            ("GET", ["v1", "surveys", id]) => Ok((StatusCode::OK, store.survey(id, "id")?.json())),
            ("GET", ["v1", "responses"]) => Ok((StatusCode::OK, store.responses(&query)?)),
            (_, ["v1", "surveys"]) => Err(Refusal::Method("GET, HEAD, POST")),
            (_, ["v1", "surveys", _] | ["v1", "responses"]) => Err(Refusal::Method("GET, HEAD")),
            _ => Err(Refusal::NoResource),
        }
    }

    fn known(&self, head: &Parts) -> Result<(), Refusal> {
        let given = head.headers.get(header::AUTHORIZATION).ok_or(Refusal::NoKey)?;
        // Byte for byte: `Bearer` in front makes it another key.
        if given.as_bytes() == self.settings.api_key.as_bytes() { Ok(()) } else { Err(Refusal::Key) }
    }

    /// A poisoned lock guards nothing worse than a half-made change of a demo: go on with it.
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl System for Zigpoll {
    fn answer(&self, head: &Parts, body: &Bytes, now: i64) -> Response<Bytes> {
        let (status, document, allow) = match self.handle(head, body, now) {
            Ok((status, document)) => (status, document, None),
            Err(refusal) => (refusal.status(), refusal.body(), refusal.allow()),
        };
        let mut response = Response::new(Bytes::from(document.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        if let Some(allow) = allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        response
    }
}

/// The body as JSON.
fn document(head: &Parts, body: &Bytes) -> Result<Value, Refusal> {
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::ContentType);
    }
    serde_json::from_slice(body).map_err(|error| {
        // Without serde's own words, which the real partner does not speak.
        let message =
            format!("The body is not valid JSON (line {}, column {}).", error.line(), error.column());
        Refusal::Invalid(vec![Problem { code: "invalid_json", message, field: None }])
    })
}

#[cfg(test)]
mod tests;
