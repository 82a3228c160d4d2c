//! An embedded shelter partner in the manner of Shelterluv's public API, version 1: animals in and out of custody, what
//! happened to them, and the people they went to. It is read only, has one key, and keeps nothing that a request says
//! but how many there were.
//!
//! Lists and records have the shapes of answers that shelters' public programs read: `{"success":1,"animals":[...],
//! "has_more":true,"total_count":123}` for a list, a bare object for one animal. The vendor's specification is given to
//! its customers only; what public programs do not show is this shelter's own: the words of errors, the rate headers,
//! `Publish` on a whole record. **An error has status 200** and is `{"success":0,"error_message":"..."}`, an unknown
//! animal too. Only what stands before the API speaks HTTP: 404 and 405 as pages, 429 when the window is used up.
//!
//! Quirks that the family has and its callers must know:
//! - An animal is addressed by its `Internal-ID`; the `ID` that people see (`PH-A-1204`) finds nothing.
//! - `limit` above 100 is 100, and the answer does not say so; a `limit` or `offset` that is no number is ignored.
//! - `status_type` filters by status. What must not be shown (`"Publish":"No"`, on the record and on an attribute) is
//!   in the answer all the same: to leave it out is the caller's part.
//!
//! Reading order: [`Shelterluv::answer`] (of [`System`]) is the way of a request, `list` the way of a list.

mod content;
mod query;
mod rate;
mod record;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Value, json};

use self::content::Content;
use self::query::{Query, Sort};
use self::rate::{Budget, Window};
use super::seed::Seed;
use super::station::System;

/// How a shelter is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What `X-Api-Key` has to say.
    pub key: String,
    /// Requests in a window of [`Settings::window`] seconds.
    pub limit: u32,
    /// Seconds.
    pub window: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { key: "portico".to_owned(), limit: 600, window: 60 }
    }
}

/// One shelter with its animals.
#[derive(Debug)]
pub struct Shelterluv {
    settings: Settings,
    content: Content,
    window: Mutex<Window>,
}

impl Shelterluv {
    /// A shelter filled from the seed: its breeds and species, and some of its customers as adopters and fosters.
    pub fn new(seed: &Seed, settings: Settings) -> Arc<Self> {
        let window = Mutex::new(Window::new(settings.limit, settings.window));
        Arc::new(Self { content: Content::new(seed), window, settings })
    }

    /// The document of a path, with everything that goes wrong inside a document.
    fn handle(&self, path: &Place<'_>, head: &Parts, now: i64) -> Value {
        if text(&head.headers, "x-api-key") != Some(&self.settings.key) {
            return failure("Invalid API key");
        }
        let query = match Query::parse(head.uri.query().unwrap_or_default()) {
            Ok(query) => query,
            Err(message) => return failure(message),
        };
        match *path {
            Place::Animals => {
                let mut rows: Vec<_> = self
                    .content
                    .animals
                    .iter()
                    .filter(|animal| query.status.is_none_or(|of| of.admits(animal.status)))
                    .filter(|animal| query.since.is_none_or(|since| animal.updated >= since))
                    .collect();
                if query.sort == Sort::Updated {
                    rows.sort_by_key(|animal| (animal.updated, animal.id));
                }
                list("animals", &rows, &query, |animal| record::animal(animal, now))
            }
            Place::Animal(id) => self
                .content
                .animal(id)
                .map_or_else(|| failure("Animal not found"), |animal| record::animal(animal, now)),
            Place::AnimalEvents(id) => match self.content.animal(id) {
                Some(animal) => {
                    let rows: Vec<_> = self.content.events_of(animal.id).collect();
                    list("events", &rows, &query, record::event)
                }
                None => failure("Animal not found"),
            },
            Place::Events => {
                let since = |time| query.since.is_none_or(|since| time >= since);
                let rows: Vec<_> = self.content.events.iter().filter(|event| since(event.time)).collect();
                list("events", &rows, &query, record::event)
            }
            Place::People => {
                let since = |time| query.since.is_none_or(|since| time >= since);
                let mut rows: Vec<_> =
                    self.content.people.iter().filter(|person| since(person.updated)).collect();
                if query.sort == Sort::Updated {
                    rows.sort_by_key(|person| (person.updated, person.id));
                }
                list("people", &rows, &query, record::person)
            }
            Place::Person(id) => {
                self.content.person(id).map_or_else(|| failure("Person not found"), record::person)
            }
        }
    }
}

impl System for Shelterluv {
    fn answer(&self, head: &Parts, _body: &Bytes, now: i64) -> Response<Bytes> {
        let path: Vec<&str> = head.uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
        let Some(place) = Place::of(&path) else {
            return page(StatusCode::NOT_FOUND, "Page not found");
        };
        if head.method != Method::GET {
            let mut response = page(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let budget = self.window.lock().unwrap_or_else(PoisonError::into_inner).take(now);
        let (status, document) = if budget.used_up {
            // No `Retry-After`: `X-RateLimit-Reset` has to do.
            (StatusCode::TOO_MANY_REQUESTS, failure("Too many requests"))
        } else {
            (StatusCode::OK, self.handle(&place, head, now))
        };
        let mut response = Response::new(Bytes::from(document.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
        limits(headers, budget);
        response
    }
}

/// What can be asked for.
enum Place<'p> {
    Animals,
    Animal(&'p str),
    AnimalEvents(&'p str),
    Events,
    People,
    Person(&'p str),
}

impl<'p> Place<'p> {
    fn of(path: &[&'p str]) -> Option<Self> {
        Some(match *path {
            ["v1", "animals"] => Self::Animals,
            ["v1", "animals", id] => Self::Animal(id),
            ["v1", "animals", id, "events"] => Self::AnimalEvents(id),
            ["v1", "events"] => Self::Events,
            ["v1", "people"] => Self::People,
            ["v1", "people", id] => Self::Person(id),
            _ => return None,
        })
    }
}

/// One page of rows, in the envelope that every list has.
fn list<T>(name: &str, rows: &[&T], query: &Query, print: impl Fn(&T) -> Value) -> Value {
    let page: Vec<Value> = rows.iter().skip(query.offset).take(query.limit).map(|row| print(row)).collect();
    let has_more = query.offset.saturating_add(page.len()) < rows.len() && !page.is_empty();
    json!({"success": 1, name: page, "has_more": has_more, "total_count": rows.len()})
}

fn failure(message: &str) -> Value {
    json!({"success": 0, "error_message": message})
}

fn limits(headers: &mut HeaderMap, budget: Budget) {
    headers.insert("x-ratelimit-limit", HeaderValue::from(budget.limit));
    headers.insert("x-ratelimit-remaining", HeaderValue::from(budget.remaining));
    headers.insert("x-ratelimit-reset", HeaderValue::from(budget.reset));
}

/// What the web server before the API answers itself.
fn page(status: StatusCode, title: &str) -> Response<Bytes> {
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>{title}</title></head>\n<body><h1>{title}</h1>\
         <p>The page that you asked for is not here.</p></body>\n</html>\n"
    );
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests;
