//! An embedded Drupal 7 site with Services 3, as the company's own first site was: pets are nodes, persons are accounts, species
//! and breeds are taxonomy terms. It speaks HTTP and nothing else; the façade knows it by its address alone. It has no
//! pages for people, no files to upload, no revisions, and one account for services. Faults, the log of calls and the
//! listener are those of its [`Station`](super::station::Station).
//!
//! Shapes are those of the Services module (`services.module`, `resources/*.inc`) and of Drupal's field API:
//! lists show base columns only; **an empty field is `[]` and a full one an object**; every value is a string; errors
//! are bare arrays of one sentence. Where this site was configured or patched away from the module it says so beside
//! the code (`Refusal::PageSize`, `store::File`). Titles compare as bytes: the database has the collation `utf8_bin`.
//!
//! Reading order: [`Site::answer`](System::answer) is the way of a request, `Site::handle` the table of resources.

mod fields;
mod index;
mod json;
mod nodes;
mod query;
mod refusal;
mod session;
mod store;
mod terms;
mod users;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Value, json};

use self::index::Place;
use self::query::Query;
use self::refusal::Refusal;
use self::session::{COOKIE, Sessions};
use self::store::Store;
use super::seed::Seed;
use super::station::System;

/// How a site is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name of the service's account.
    pub user: String,
    pub password: String,
    /// Rows on a page; a `pagesize` that says anything else is refused.
    pub page_size: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { user: "portico".to_owned(), password: "portico".to_owned(), page_size: 20 }
    }
}

/// One site with a store of its own.
#[derive(Debug)]
pub struct Site {
    settings: Settings,
    store: Mutex<Store>,
    sessions: Mutex<Sessions>,
}

impl Site {
    /// A site filled with the seed data.
    pub fn new(seed: &Seed, settings: Settings) -> Arc<Self> {
        Arc::new(Self { store: Mutex::new(Store::new(seed)), sessions: Mutex::default(), settings })
    }

    /// The resources. Whoever is not logged in learns nothing else, not even what is missing.
    fn handle(&self, head: &Parts, body: &Bytes, now: i64) -> Result<Value, Refusal> {
        let path = head.uri.path();
        let path = path.strip_suffix(".json").unwrap_or(path);
        let path: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        // What a HEAD would answer is what a GET answers; whoever sends it leaves the body out.
        let method = if head.method == Method::HEAD { "GET" } else { head.method.as_str() };
        if let ("POST", ["rest", "user", "login"]) = (method, path.as_slice()) {
            return self.login(&document(head, body)?, now);
        }
        let cookies = text(&head.headers, header::COOKIE);
        let session = lock(&self.sessions).find(cookies, now);
        let session = session.ok_or_else(|| Refusal::Denied("anonymous".to_owned()))?;
        if method != "GET" && text(&head.headers, "x-csrf-token") != Some(&session.token) {
            return Err(Refusal::Csrf);
        }
        let query = Query::parse(head.uri.query().unwrap_or_default());
        let base = format!("http://{}", text(&head.headers, header::HOST).unwrap_or("localhost"));
        let place = Place { base: &base, page_size: self.settings.page_size };
        let mut store = lock(&self.store);
        match (method, path.as_slice()) {
            ("POST", ["rest", "user", "logout"]) => {
                lock(&self.sessions).close(cookies);
                Ok(json!([true]))
            }
            ("GET", ["rest", "node"]) => nodes::index(&store, &query, &place),
            ("GET", ["rest", "node", nid]) => nodes::retrieve(&store, nid, &base),
            ("POST", ["rest", "node"]) => nodes::create(&mut store, &document(head, body)?, now, &base),
            ("PUT", ["rest", "node", nid]) => {
                nodes::update(&mut store, nid, &document(head, body)?, now, &base)
            }
            ("DELETE", ["rest", "node", nid]) => nodes::delete(&mut store, nid),
            ("GET", ["rest", "user"]) => users::index(&store, &query, &place),
            ("GET", ["rest", "user", uid]) => users::retrieve(&store, uid),
            ("GET", ["rest", "taxonomy_term"]) => terms::index(&store, &query, &place),
            ("GET", ["rest", "taxonomy_term", tid]) => terms::retrieve(&store, tid),
            ("GET", ["rest", "taxonomy_vocabulary"]) => terms::vocabularies(&store, &query, &place),
            ("GET", ["rest", "taxonomy_vocabulary", vid]) => terms::vocabulary(&store, vid),
            ("POST", ["rest", "taxonomy_vocabulary", "getTree"]) => {
                terms::tree(&store, &document(head, body)?)
            }
            // The account may not write these.
            ("POST", ["rest", "user" | "taxonomy_term" | "taxonomy_vocabulary"])
            | ("PUT" | "DELETE", ["rest", "user" | "taxonomy_term" | "taxonomy_vocabulary", _]) => {
                Err(Refusal::Denied(self.settings.user.clone()))
            }
            _ => Err(Refusal::NoController),
        }
    }

    fn login(&self, form: &Value, now: i64) -> Result<Value, Refusal> {
        let word = |name| form.get(name).and_then(Value::as_str).ok_or(Refusal::Missing(name));
        let (user, password) = (word("username")?, word("password")?);
        if user != self.settings.user || password != self.settings.password {
            return Err(Refusal::Credentials);
        }
        let session = lock(&self.sessions).open(now);
        Ok(json!({
            "sessid": session.id,
            "session_name": COOKIE,
            "token": session.token,
            "user": {
                "uid": "1",
                "name": user,
                "mail": "services@example.org",
                "created": "1325580000",
                "access": now.to_string(),
                "login": now.to_string(),
                "status": "1",
                "language": "",
                "picture": null,
                "data": false,
                "roles": { "2": "authenticated user", "4": "services" },
            },
        }))
    }
}

impl System for Site {
    fn answer(&self, head: &Parts, body: &Bytes, now: i64) -> Response<Bytes> {
        let (status, document) = match self.handle(head, body, now) {
            Ok(document) => (StatusCode::OK, document),
            Err(refusal) => (refusal.status(), refusal.body()),
        };
        let mut response = Response::new(Bytes::from(json::print(&document).unwrap_or_default()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, must-revalidate"));
        if let Some(cookie) = document.get("sessid").and_then(Value::as_str).and_then(set_cookie) {
            headers.insert(header::SET_COOKIE, cookie);
        }
        response
    }

    fn expire(&self) {
        lock(&self.sessions).close_all();
    }

    fn logs_in(&self, path: &str) -> bool {
        path.starts_with("/rest/user/login")
    }
}

/// A poisoned lock guards nothing worse than a half-made change of a demo: go on with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn set_cookie(session: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("{COOKIE}={session}; path=/; HttpOnly")).ok()
}

/// The body as JSON, the one content type that the endpoint is configured for.
fn document(head: &Parts, body: &Bytes) -> Result<Value, Refusal> {
    let content_type = text(&head.headers, header::CONTENT_TYPE).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::ContentType(essence.to_owned()));
    }
    serde_json::from_slice(body).map_err(|_| Refusal::Undecodable)
}

#[cfg(test)]
mod tests;
