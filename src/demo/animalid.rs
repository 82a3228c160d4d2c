//! An embedded microchip registry in the manner of Animal-ID: chips, who keeps the animals behind them, and what the
//! owners let others see. It has no pages for people, no search, and deletes nothing. What is of the family is the way
//! of signing and the `payload`; fields, codes and dictionaries are this registry's own.
//!
//! - **Every request is signed**: `X-Key`, `X-Timestamp` (unix seconds, within 300 of the registry's), `X-Signature`:
//!   HMAC-SHA256 in hex over `METHOD\npath?query\nsha256hex(body)\nunixtime`. A signature that has written once is
//!   refused, so that a repetition has to be signed in another second; reads may be repeated.
//! - **Every answer is a list**, `{"payload":[...]}`, for one record too; errors are
//!   `{"error":{"code","message","details"}}`, those of a body with `loc`, `msg` and `type` for each place.
//! - **Every write has an `Idempotency-Key`**: the first answer is given again, and the key means one request only.
//! - One registration is done at once (201). Several are a job: 202 with `Location`, then `GET /api/v1/jobs/{id}`,
//!   and a signed webhook when it is done. With `Prefer: wait=N` (RFC 7240, 4.3) they are done at once, too: 200, or
//!   207 where some record was rejected.
//! - A chip has an `ETag`; to change it takes `If-Match`.
//!
//! Reading order: [`AnimalId::answer`] (of [`System`]) is the way of a request, `route` the table of resources.

mod accept;
mod chip;
mod content;
mod dictionary;
mod jobs;
mod query;
mod refusal;
mod register;
mod reply;
mod signature;
mod store;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, Response, StatusCode, header};
use serde_json::{Value, json};

use self::accept::Keeper;
use self::dictionary::Dictionary;
use self::jobs::{Jobs, Webhook};
use self::query::Query;
use self::refusal::{Refusal, Violation};
use self::reply::{Replies, Reply};
use self::signature::{Seen, TOLERANCE};
use self::store::Store;
use super::seed::Seed;
use super::station::{Outgoing, System};

/// The most chips on a page, and how many there are when nobody says.
const MOST_CHIPS: u64 = 50;

/// How a registry is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What `X-Key` has to say.
    pub key: String,
    /// What signs requests: its bytes as they stand.
    pub secret: String,
    /// Where webhooks are sent; without it there are none.
    pub callback_url: Option<String>,
    /// What signs webhooks: `whsec_` and the key in base64, or the key itself.
    pub webhook_secret: String,
    /// Now, in unix seconds, for what falls due while nobody asks.
    pub clock: fn() -> i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            key: "portico".to_owned(),
            secret: "portico-secret".to_owned(),
            callback_url: None,
            // Nothing but the demo's own: "portico-webhook-secret!!" in base64.
            webhook_secret: "whsec_cG9ydGljby13ZWJob29rLXNlY3JldCEh".to_owned(),
            clock: super::clock::real,
        }
    }
}

/// One registry with a store of its own.
#[derive(Debug)]
pub struct AnimalId {
    settings: Settings,
    dictionary: Dictionary,
    state: Mutex<Registry>,
}

/// What changes.
#[derive(Debug)]
struct Registry {
    store: Store,
    jobs: Jobs,
    replies: Replies,
    seen: Seen,
    webhook: Webhook,
}

impl AnimalId {
    /// A registry filled with the chips of the seed's pets.
    pub fn new(seed: &Seed, settings: Settings) -> Arc<Self> {
        let dictionary = Dictionary::new(seed);
        let state = Mutex::new(Registry {
            store: Store::new(content::chips(seed, &dictionary)),
            jobs: Jobs::default(),
            replies: Replies::default(),
            seen: Seen::default(),
            webhook: Webhook { url: settings.callback_url.clone(), secret: settings.webhook_secret.clone() },
        });
        Arc::new(Self { settings, dictionary, state })
    }

    /// Sends webhooks elsewhere from now on, for whoever learns the address only when all are listening.
    pub fn call_back(&self, url: Option<String>) {
        self.state().webhook.url = url;
    }

    /// A poisoned lock guards nothing worse than a half-made change of a demo: go on with it.
    fn state(&self) -> MutexGuard<'_, Registry> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does the jobs that are due.
    fn settle(&self, state: &mut Registry, now: i64) {
        let Registry { store, jobs, webhook, .. } = state;
        jobs.settle(now, webhook, |record| register::register(store, &self.dictionary, record, now));
    }

    /// Whether a request is signed by the registry's one partner. Nobody else learns anything.
    fn check(&self, state: &mut Registry, head: &Parts, body: &[u8], now: i64) -> Result<(), Refusal> {
        let word = |name| text(&head.headers, name).ok_or(Refusal::Signature("SIGNATURE_MISSING"));
        let (key, time, signature) = (word("x-key")?, word("x-timestamp")?, word("x-signature")?);
        if key != self.settings.key {
            return Err(Refusal::Signature("KEY_UNKNOWN"));
        }
        let seconds: i64 = time.parse().map_err(|_| Refusal::Signature("TIMESTAMP_OUT_OF_RANGE"))?;
        if seconds.abs_diff(now) > TOLERANCE.unsigned_abs() {
            return Err(Refusal::Signature("TIMESTAMP_OUT_OF_RANGE"));
        }
        let secret = self.settings.secret.as_bytes();
        let signed = |method: &&str| {
            signature::same(signature, &signature::sign_request(secret, method, path(head), body, time))
        };
        // A `HEAD` comes in as the `GET` that it asks about, and was signed as what it was.
        let methods = if head.method == Method::GET { ["GET", "HEAD"] } else { [head.method.as_str(); 2] };
        if !methods.iter().any(signed) {
            return Err(Refusal::Signature("SIGNATURE_INVALID"));
        }
        if head.method != Method::GET && !state.seen.first_time(signature, seconds, now) {
            return Err(Refusal::Signature("SIGNATURE_REUSED"));
        }
        Ok(())
    }

    fn handle(&self, head: &Parts, body: &[u8], now: i64) -> Result<Reply, Refusal> {
        let mut state = self.state();
        self.settle(&mut state, now);
        self.check(&mut state, head, body, now)?;
        let reply = self.route(&mut state, head, body, now);
        // A job may have had its last poll.
        self.settle(&mut state, now);
        reply
    }

    fn route(&self, state: &mut Registry, head: &Parts, body: &[u8], now: i64) -> Result<Reply, Refusal> {
        let path: Vec<&str> = head.uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
        let ["api", "v1", path @ ..] = path.as_slice() else { return Err(Refusal::Missing("NOT_FOUND")) };
        match (head.method.as_str(), path) {
            ("GET", ["chips"]) => Self::list(state, head),
            ("GET", ["chips", code]) => {
                let chip = state.store.find(code).ok_or(Refusal::Missing("CHIP_NOT_FOUND"))?;
                Ok(tagged(head, chip::envelope(vec![chip.print()])))
            }
            ("POST", ["chips"]) => {
                once(state, head, body, now, |state| self.register(state, head, body, now))
            }
            ("PATCH", ["chips", code]) => {
                once(state, head, body, now, |state| change(state, code, head, body))
            }
            ("GET", ["jobs", id]) => {
                let (job, pending) = state.jobs.poll(id).ok_or(Refusal::Missing("JOB_NOT_FOUND"))?;
                let reply = Reply::new(StatusCode::OK, chip::envelope(vec![job]));
                Ok(if pending { reply.with(header::RETRY_AFTER, "1") } else { reply })
            }
            ("GET", ["dictionaries", name]) => {
                let known: &[&str] = if *name == "breeds" { &["species_id"] } else { &[] };
                let query = Query::parse(head.uri.query(), known)?;
                let entries = self.dictionary.print(name, query.get("species_id"));
                Ok(tagged(head, chip::envelope(entries.ok_or(Refusal::Missing("DICTIONARY_NOT_FOUND"))?)))
            }
            (_, ["chips"]) => Err(Refusal::Method("GET, HEAD, POST")),
            (_, ["chips", _]) => Err(Refusal::Method("GET, HEAD, PATCH")),
            (_, ["jobs" | "dictionaries", _]) => Err(Refusal::Method("GET, HEAD")),
            _ => Err(Refusal::Missing("NOT_FOUND")),
        }
    }

    /// Chips behind an id, by id; there is no total, and a page that is not full is the last.
    fn list(state: &Registry, head: &Parts) -> Result<Reply, Refusal> {
        let query = Query::parse(head.uri.query(), &["limit", "after"])?;
        let limit = query.get("limit").unwrap_or(MOST_CHIPS);
        if !(1..=MOST_CHIPS).contains(&limit) {
            let loc = [json!("query"), json!("limit")];
            let message = format!("Input should be from 1 to {MOST_CHIPS}");
            return Err(Refusal::Invalid(vec![Violation::new(&loc, message, "less_than_equal")]));
        }
        let limit = usize::try_from(limit).unwrap_or_default();
        let rows = state.store.after(query.get("after").unwrap_or_default()).take(limit);
        Ok(Reply::new(StatusCode::OK, chip::envelope(rows.map(chip::Chip::print).collect())))
    }

    fn register(&self, state: &mut Registry, head: &Parts, body: &[u8], now: i64) -> Result<Reply, Refusal> {
        let mut records = accept::registrations(&document(head, body)?)?;
        if records.len() == 1
            && let Some(record) = records.pop()
        {
            return self.register_one(state, record, now);
        }
        if let Some(wait) = waits(&head.headers) {
            let register = |record| register::register(&mut state.store, &self.dictionary, record, now);
            let outcomes: Vec<register::Outcome> = records.into_iter().map(register).collect();
            let all = outcomes.iter().all(Result::is_ok);
            let status = if all { StatusCode::OK } else { StatusCode::MULTI_STATUS };
            let reply = Reply::new(status, chip::envelope(register::results(&outcomes)));
            return Ok(reply.with(HeaderName::from_static("preference-applied"), wait));
        }
        let job = state.jobs.open(records, now);
        let location = format!("/api/v1/jobs/{job}");
        let document = chip::envelope(vec![json!({"job": job, "status": "pending"})]);
        let reply = Reply::new(StatusCode::ACCEPTED, document).with(header::LOCATION, location);
        Ok(reply.with(header::RETRY_AFTER, "1"))
    }

    fn register_one(&self, state: &mut Registry, record: accept::Record, now: i64) -> Result<Reply, Refusal> {
        if state.store.full() {
            return Err(Refusal::Full);
        }
        let identifier = record.identifier.clone();
        // For one record there is no list of results: what is wrong is told as it is of a form.
        register::register(&mut state.store, &self.dictionary, record, now).map_err(|objections| {
            let violation = |of: register::Objection| {
                let mut loc = vec![json!("payload"), json!(0)];
                loc.extend(of.field.split('.').map(Value::from));
                Violation::new(&loc, of.message, of.code)
            };
            Refusal::Invalid(objections.into_iter().map(violation).collect())
        })?;
        let chip = state.store.find(&identifier).ok_or(Refusal::Missing("CHIP_NOT_FOUND"))?;
        let reply = Reply::new(StatusCode::CREATED, chip::envelope(vec![chip.print()]));
        let location = format!("/api/v1/chips/{identifier}");
        Ok(reply.with(header::LOCATION, location).with(header::ETAG, chip.etag()))
    }
}

impl System for AnimalId {
    fn answer(&self, head: &Parts, body: &Bytes, now: i64) -> Response<Bytes> {
        self.handle(head, body, now).unwrap_or_else(Reply::from).into_response()
    }

    fn outgoing(&self) -> Vec<Outgoing> {
        let mut state = self.state();
        self.settle(&mut state, (self.settings.clock)());
        state.jobs.outgoing()
    }
}

/// Does a write once for each idempotency key.
fn once(
    state: &mut Registry,
    head: &Parts,
    body: &[u8],
    now: i64,
    write: impl FnOnce(&mut Registry) -> Result<Reply, Refusal>,
) -> Result<Reply, Refusal> {
    let key = head.headers.get("idempotency-key").ok_or(Refusal::KeyMissing)?;
    let key = key.to_str().ok().filter(|key| (1..=255).contains(&key.len())).ok_or(Refusal::KeyMalformed)?;
    let request = reply::fingerprint(head.method.as_str(), path(head), body);
    state.replies.age(now);
    if let Some(reply) = state.replies.find(key, &request)? {
        return Ok(reply);
    }
    let reply = write(state)?;
    state.replies.keep(key.to_owned(), request, &reply, now);
    Ok(reply)
}

/// Changes owner and consent. A new owner ends a transfer.
fn change(state: &mut Registry, code: &str, head: &Parts, body: &[u8]) -> Result<Reply, Refusal> {
    let chip = state.store.find_mut(code).ok_or(Refusal::Missing("CHIP_NOT_FOUND"))?;
    let expected = text(&head.headers, header::IF_MATCH.as_str()).ok_or(Refusal::MatchMissing)?;
    let now = chip.etag();
    // Strong comparison: a tag that is marked as weak equals nothing (RFC 9110, 13.1.1).
    if expected.trim() != "*" && !expected.split(',').any(|tag| tag.trim() == now) {
        return Err(Refusal::MatchFailed);
    }
    let change = accept::change(&document(head, body)?)?;
    match change.owner {
        Keeper::Stays => {}
        Keeper::Leaves => chip.owner = None,
        Keeper::Is(owner) => {
            if chip.status == "transfer_pending" && chip.owner.as_ref() != Some(&owner) {
                chip.status = "registered";
            }
            chip.owner = Some(owner);
        }
    }
    chip.consent.share_contact = change.share_contact.unwrap_or(chip.consent.share_contact);
    chip.consent.share_medical = change.share_medical.unwrap_or(chip.consent.share_medical);
    let reply = Reply::new(StatusCode::OK, chip::envelope(vec![chip.print()]));
    Ok(reply.with(header::ETAG, chip.etag()))
}

/// The document with its tag, or 304 for a caller who has it. Tags are compared weakly (RFC 9110, 13.1.2).
fn tagged(head: &Parts, document: Value) -> Reply {
    let etag = chip::etag(&document);
    let known = text(&head.headers, header::IF_NONE_MATCH.as_str()).unwrap_or_default();
    let same = |tag: &str| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag;
    let mut reply = Reply::new(StatusCode::OK, document);
    if known.split(',').any(|tag| same(tag.trim())) {
        reply.status = StatusCode::NOT_MODIFIED;
        reply.document = None;
    }
    reply.with(header::ETAG, etag)
}

/// The preference `wait=N`, as it stands.
fn waits(headers: &HeaderMap) -> Option<&str> {
    let mut preferences = text(headers, "prefer")?.split(',').map(str::trim);
    preferences.find(|of| of.strip_prefix("wait=").is_some_and(|seconds| seconds.parse::<u32>().is_ok()))
}

/// The body as JSON.
fn document(head: &Parts, body: &[u8]) -> Result<Value, Refusal> {
    let content_type = text(&head.headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::NotJson);
    }
    serde_json::from_slice(body).map_err(|_| Refusal::Malformed)
}

/// Path and query as they stand in the request line.
fn path(head: &Parts) -> &str {
    head.uri.path_and_query().map_or("/", |path| path.as_str())
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests;
