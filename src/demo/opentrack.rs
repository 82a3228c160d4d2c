//! An embedded auto-parts dealer system over SOAP, document/literal, in the manner of Dealertrack's `OpenTrack` parts
//! service: parts, their stock by bin, suppliers, orders and shipments. It has no paging, no sessions and no prices for
//! customers; it never resolves an entity.
//!
//! What is like the family (public help pages of `PartsAPI.asmx`): the namespaces are no absolute URIs; every request
//! carries a `Dealer`; credentials come as a WS-Security `UsernameToken`; **dates go in as `dateTime` and come out as
//! decimals `yyyymmdd`, 0 for none**; what goes wrong in the business is an `Error` inside a 200, what is wrong with the
//! message a `soap:Fault` with 500; a write answers a key and not the record. The WSDL stands at `?wsdl` and imports
//! `?xsd=1` (requests and results, qualified), which imports `?xsd=2` (records, **unqualified**).
//!
//! Reading order: [`OpenTrack::perform`] is the way of a call, `service::OPERATIONS` the table of operations.

mod content;
mod documents;
mod envelope;
mod fault;
mod lexical;
mod orders;
mod part_form;
mod parts;
mod printer;
mod reader;
mod refusal;
mod security;
mod service;
mod shipments;
mod stock;
mod store;
mod suppliers;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};

use self::envelope::{Envelope, Version};
use self::fault::Fault;
use self::security::Nonces;
use self::service::Call;
use self::store::Store;
use super::seed::Seed;
use super::station::System;

/// The namespace of requests and results.
const MESSAGES: &str = "opentrack.example.org";
/// The only path, in any case as on IIS.
const PATH: &str = "/Parts.asmx";

/// How a system is set up.
#[derive(Clone)]
pub struct Settings {
    pub user: String,
    pub password: String,
    /// Whose data this is: the one dealer that the account may ask for.
    pub dealer: Dealer,
}

/// The tenant that every request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dealer {
    pub company_number: String,
    pub enterprise_code: String,
    /// A request may leave it empty.
    pub server_name: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user: "portico".to_owned(),
            password: "portico".to_owned(),
            dealer: Dealer {
                company_number: "PH7".to_owned(),
                enterprise_code: "PH".to_owned(),
                server_name: "dms.example.org".to_owned(),
            },
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("user", &self.user)
            .field("dealer", &self.dealer)
            .finish_non_exhaustive()
    }
}

/// One dealer's system with a store of its own.
#[derive(Debug)]
pub struct OpenTrack {
    settings: Settings,
    store: Mutex<Store>,
    nonces: Mutex<Nonces>,
}

impl System for OpenTrack {
    fn answer(&self, head: &Parts, body: &Bytes, now: i64) -> Response<Bytes> {
        if !head.uri.path().eq_ignore_ascii_case(PATH) {
            return page(StatusCode::NOT_FOUND, documents::NOT_FOUND.to_owned());
        }
        match head.method {
            // The router takes the body off the answer to a HEAD.
            Method::GET | Method::HEAD => {
                let host = text(&head.headers, header::HOST).unwrap_or_default();
                documents::answer(head.uri.query().unwrap_or_default(), host)
            }
            Method::POST => self.post(head, body, now),
            _ => {
                let mut response = page(StatusCode::METHOD_NOT_ALLOWED, String::new());
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
                response
            }
        }
    }

    /// Forgets the nonces, all that it knows of a client between two calls.
    fn expire(&self) {
        lock(&self.nonces).clear();
    }
}

impl OpenTrack {
    /// A system filled from the seed data and from content of its own.
    pub fn new(seed: &Seed, settings: Settings) -> Arc<Self> {
        Arc::new(Self { store: Mutex::new(content::store(seed)), nonces: Mutex::default(), settings })
    }

    fn post(&self, head: &Parts, body: &Bytes, now: i64) -> Response<Bytes> {
        let content_type = text(&head.headers, header::CONTENT_TYPE).unwrap_or_default();
        let Some((version, parameter)) = envelope::media(content_type) else {
            return page(StatusCode::UNSUPPORTED_MEDIA_TYPE, String::new());
        };
        let action = match version {
            Version::Soap11 => text(&head.headers, "soapaction").map(str::to_owned),
            Version::Soap12 => parameter,
        };
        let (status, body) = match self.perform(version, action.as_deref(), body, now) {
            Ok(body) => (StatusCode::OK, body),
            Err(fault) => (fault.status(version), fault.body(version)),
        };
        let mut response = Response::new(Bytes::from(envelope::wrap(version, &body)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(version.content_type()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=0"));
        response
    }

    /// The way of a call: well-formed, an envelope, an action that fits, known credentials, and only then the body.
    /// Gives what belongs inside `Body`.
    fn perform(
        &self,
        version: Version,
        action: Option<&str>,
        body: &[u8],
        now: i64,
    ) -> Result<String, Fault> {
        let text = envelope::decode(body)?;
        let document = envelope::parse(text)?;
        let envelope = Envelope::of(&document, version)?;
        let operation = service::find(version, action, envelope.operation)?;
        self.admit(&envelope, now)?;
        let mut store = lock(&self.store);
        Call::run(operation, envelope.operation, &self.settings.dealer, &mut store, now)
    }

    fn admit(&self, envelope: &Envelope<'_, '_>, now: i64) -> Result<(), Fault> {
        let token = security::Token::read(envelope.security)?;
        token.check(&self.settings.user, &self.settings.password, now)?;
        lock(&self.nonces).take(&token, now)
    }
}

/// A poisoned lock guards nothing worse than a half-made change of a demo: go on with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn page(status: StatusCode, html: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(html));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests;
