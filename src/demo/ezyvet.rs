//! An embedded clinic in the manner of ezyVet's public API: contacts, animals, the diary with its services
//! and people, consults and vaccinations. It answers requests and nothing else: the station around it has
//! the listener, the faults and the log; the façade knows it by its address alone. It has no billing, no
//! attachments, no webhooks and one client.
//!
//! Shapes are those of the vendor's reference (developers.ezyvet.com: Authenticating, Filtering Guide,
//! Booking Appointments, and the resources named in `schema`): a page number and totals in `meta`; **each
//! item in an object under its singular name**; times as epochs and truths as 0 and 1, here as strings and
//! there as numbers; errors as `messages`. What differs from the vendor's is said beside the code: a token
//! ends long before its `expires_in`; booking takes ids, as the rest of this version does, where the real
//! one takes `uid`s; 429 comes without `Retry-After`.
//!
//! Reading order: [`Clinic::answer`], then `Clinic::handle`, the table of paths.

mod accept;
mod booking;
mod content;
mod filter;
mod limit;
mod list;
mod query;
mod refusal;
mod schema;
mod store;
mod token;
mod write;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use self::booking::Desk;
use self::query::Query;
use self::refusal::{Message, Refusal};
use self::schema::{THINGS, Thing};
use self::store::Store;
pub use self::token::Life;
use self::token::Tokens;
use super::seed::Seed;
use super::station::System;

const LOGIN: &str = "/v1/oauth/access_token";
/// The scope that booking needs; other scopes are `read-` and `write-` with the name of a thing.
const CREATE_BOOKING: &str = "create-booking";

/// How a clinic is set up.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    pub partner_id: String,
    pub client_id: String,
    pub client_secret: String,
    /// Calls in a minute before 429, over all clients.
    pub calls_a_minute: u32,
    /// How long a token really lives.
    pub token: Life,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            partner_id: "portico".to_owned(),
            client_id: "portico".to_owned(),
            client_secret: "portico".to_owned(),
            calls_a_minute: 6000,
            token: Life::default(),
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("client_id", &self.client_id)
            .field("calls_a_minute", &self.calls_a_minute)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// One clinic with a store of its own.
#[derive(Debug)]
pub struct Clinic {
    settings: Settings,
    store: Mutex<Store>,
    tokens: Mutex<Tokens>,
    meter: Mutex<limit::Meter>,
}

impl System for Clinic {
    fn answer(&self, head: &Parts, body: &Bytes, now: i64) -> Response<Bytes> {
        let left = lock(&self.meter).count(self.settings.calls_a_minute, now);
        let answer = if left.exceeded { Err(Refusal::too_many()) } else { self.handle(head, body, now) };
        let (status, document) = match answer {
            Ok((status, document)) => (status, document),
            Err(refusal) => (refusal.status, refusal.body()),
        };
        let mut response = Response::new(Bytes::from(document.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        left.tell(headers);
        response
    }

    fn expire(&self) {
        lock(&self.tokens).clear();
    }

    fn logs_in(&self, path: &str) -> bool {
        path == LOGIN
    }
}

/// What a request comes to.
type Answer = Result<(StatusCode, Value), Refusal>;

impl Clinic {
    /// A clinic filled with the seed data.
    pub fn new(seed: &Seed, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            settings,
            store: Mutex::new(Store::new(seed)),
            tokens: Mutex::default(),
            meter: Mutex::default(),
        })
    }

    /// The paths. Without a token nobody learns what exists.
    fn handle(&self, head: &Parts, body: &Bytes, now: i64) -> Answer {
        let path = head.uri.path();
        let method = if head.method == Method::HEAD { "GET" } else { head.method.as_str() };
        if path == LOGIN {
            return match method {
                "POST" => self.login(&form(head, body)?, now),
                other => Err(Refusal::method(other)),
            };
        }
        let scopes = self.scopes(head, now)?;
        let may = |scope: &str| {
            let held = scopes.is_empty() || scopes.iter().any(|held| held == scope);
            if held { Ok(()) } else { Err(Refusal::scope(scope)) }
        };
        let query = Query::parse(head.uri.query().unwrap_or_default());
        let segments: Vec<&str> = path.trim_end_matches('/').split('/').skip(1).collect();
        let mut store = lock(&self.store);
        match (method, segments.as_slice()) {
            ("GET", ["v1", "ezycab", "availability"]) => {
                may("read-appointment")?;
                Ok((StatusCode::OK, booking::availability(&store, &query, now)?))
            }
            ("POST", ["v1", "ezycab", "booking"]) => {
                may(CREATE_BOOKING)?;
                let id = booking::book(&mut store, &document(head, body)?, now)?;
                Ok((StatusCode::CREATED, shown(&store, Thing::Appointment, id)))
            }
            (other, ["v1", "ezycab", "availability" | "booking"]) => Err(Refusal::method(other)),
            (method, ["v1", word, rest @ ..]) => {
                let thing = Thing::named(word).ok_or_else(Refusal::endpoint)?;
                let write = format!("write-{word}");
                match (method, rest) {
                    ("GET", []) => {
                        may(&format!("read-{word}"))?;
                        Ok((StatusCode::OK, list::list(&store, thing, &query, now)?))
                    }
                    ("GET", [id]) => {
                        may(&format!("read-{word}"))?;
                        let (id, _) = store.find(thing, id).ok_or_else(|| Refusal::record(word, id))?;
                        Ok((StatusCode::OK, shown(&store, thing, id)))
                    }
                    ("POST", []) if thing.writable() => {
                        may(&write)?;
                        let id = write::create(&mut store, thing, &document(head, body)?, Desk::Staff, now)?;
                        Ok((StatusCode::CREATED, shown(&store, thing, id)))
                    }
                    ("PATCH", [id]) if thing.writable() => {
                        may(&write)?;
                        let id = write::update(&mut store, thing, id, &document(head, body)?, now)?;
                        Ok((StatusCode::OK, shown(&store, thing, id)))
                    }
                    (other, [] | [_]) => Err(Refusal::method(other)),
                    _ => Err(Refusal::endpoint()),
                }
            }
            _ => Err(Refusal::endpoint()),
        }
    }

    /// The scopes of the caller's token; none for all of them.
    fn scopes(&self, head: &Parts, now: i64) -> Result<Vec<String>, Refusal> {
        let given = head.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let mut tokens = lock(&self.tokens);
        let scopes = given.and_then(|given| tokens.use_up(given, self.settings.token, now));
        scopes.map(<[String]>::to_vec).ok_or_else(Refusal::token)
    }

    /// Client credentials (RFC 6749, 4.4) with a partner beside the client. A request without `scope` gets all that the
    /// integration has (3.3 there leaves it to the server).
    fn login(&self, form: &Map<String, Value>, now: i64) -> Answer {
        let word = |name: &str| form.get(name).and_then(Value::as_str).unwrap_or_default();
        let needed = ["partner_id", "client_id", "client_secret", "grant_type"];
        let missing = needed.iter().filter(|name| word(name).is_empty());
        let missing: Vec<Message> =
            missing.map(|name| Message::field(name, format!("The {name} is required."))).collect();
        if !missing.is_empty() {
            return Err(Refusal::invalid(missing));
        }
        if word("grant_type") != "client_credentials" {
            let text = "The grant_type must be client_credentials.";
            return Err(Refusal::invalid(vec![Message::field("grant_type", text)]));
        }
        let settings = &self.settings;
        let known = [
            ("partner_id", &settings.partner_id),
            ("client_id", &settings.client_id),
            ("client_secret", &settings.client_secret),
        ];
        if known.iter().any(|(name, expected)| word(name) != expected.as_str()) {
            return Err(Refusal::client());
        }
        let scopes: Vec<String> =
            word("scope").split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
        if let Some(unknown) = scopes.iter().find(|scope| !exists(scope)) {
            let text = format!("The scope {unknown} does not exist.");
            return Err(Refusal::invalid(vec![Message::field("scope", text)]));
        }
        Ok((StatusCode::OK, lock(&self.tokens).grant(scopes, now)))
    }
}

/// Whether there is a scope of this name.
fn exists(scope: &str) -> bool {
    let of = |prefix| scope.strip_prefix(prefix).and_then(Thing::named);
    scope == CREATE_BOOKING || of("read-").is_some() || of("write-").is_some_and(Thing::writable)
}

/// All scopes that a client may ask for, as a mapping or a configuration would list them.
pub fn scopes() -> Vec<String> {
    let reads = THINGS.iter().map(|(name, _)| format!("read-{name}"));
    let writes = THINGS.iter().filter(|(_, thing)| thing.writable()).map(|(name, _)| format!("write-{name}"));
    reads.chain(writes).chain([CREATE_BOOKING.to_owned()]).collect()
}

/// One record as an answer.
fn shown(store: &Store, thing: Thing, id: u64) -> Value {
    let items: Vec<Value> = store.get(thing, id).map(|row| store.item(thing, id, row)).into_iter().collect();
    json!({ "items": items })
}

/// A poisoned lock guards nothing worse than a half-made change of a demo: go on with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The content type without its parameters, in lower case.
fn essence(head: &Parts) -> String {
    let given = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    given.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The body of a write: JSON, also under the name of a merge patch.
fn document(head: &Parts, body: &Bytes) -> Result<Value, Refusal> {
    match essence(head).as_str() {
        "application/json" | "application/merge-patch+json" => {}
        _ => return Err(Refusal::request("The request must be of the content type application/json.")),
    }
    serde_json::from_slice(body).map_err(|_| Refusal::request("The body is not valid JSON."))
}

/// The body of a login: a form or JSON.
fn form(head: &Parts, body: &Bytes) -> Result<Map<String, Value>, Refusal> {
    if essence(head) == "application/x-www-form-urlencoded" {
        let query = Query::parse(&String::from_utf8_lossy(body));
        return Ok(query.pairs().map(|(name, value)| (name.to_owned(), json!(value))).collect());
    }
    match document(head, body)? {
        Value::Object(form) => Ok(form),
        _ => Err(Refusal::request("The body must be an object.")),
    }
}

#[cfg(test)]
mod tests;
