//! The shell that every embedded system runs in: the fault switch, the log of calls, the limit of a body, and the
//! delivery of what a system tells others later. It knows nothing of what a system is; a system knows nothing of it.
//!
//! Reading order: [`System`] is what a system has to be, [`Station::answer`] the way of a request.

mod deliver;
mod fault;
mod log;
mod switch;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, Response, request::Parts};

pub use self::fault::{Fault, FaultPlan};

/// The largest body that the web server in front lets through, in bytes.
const LARGEST_BODY: usize = 1 << 20;

/// What a system is inside: one request to one answer. It knows no faults, no log, no transport.
pub trait System: Send + Sync + std::fmt::Debug + 'static {
    /// Answers one request; `now` is unix seconds. A `HEAD` comes as the `GET` that it asks about.
    fn answer(&self, head: &Parts, body: &Bytes, now: i64) -> Response<Bytes>;

    /// Forgets every token and session, as a restart of the system's database does.
    fn expire(&self) {}

    /// Whether this path, without its query, logs in: the fault [`Fault::Expired`] leaves it alone.
    fn logs_in(&self, path: &str) -> bool {
        let _ = path;
        false
    }

    /// What happened inside that the system tells others of later, oldest first; each message is given out once. Asked
    /// after every answer.
    fn outgoing(&self) -> Vec<Outgoing> {
        Vec::new()
    }
}

/// A message to somebody else, sent as a `POST`; a signature, if any, is among the headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Absolute, `http://127.0.0.1:8080/hooks/animalid`.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// How a station is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A file to append `METHOD path?query status` to, a line for each request as it is answered.
    pub log: Option<PathBuf>,
    /// Now, in unix seconds.
    pub clock: fn() -> i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { log: None, clock: super::clock::real }
    }
}

/// A running system: the fault switch and the call log around it.
#[derive(Debug)]
pub struct Station {
    name: &'static str,
    system: Arc<dyn System>,
    clock: fn() -> i64,
    switch: Mutex<switch::Switch>,
    log: Mutex<log::Log>,
    post: Arc<deliver::Post>,
}

impl Station {
    /// A station around a system. A log file that cannot be opened is a warning.
    pub fn new(name: &'static str, system: Arc<dyn System>, settings: Settings) -> Arc<Self> {
        let Settings { log, clock } = settings;
        Arc::new(Self {
            name,
            system,
            clock,
            switch: Mutex::default(),
            log: Mutex::new(log::Log::open(name, log.as_deref())),
            post: deliver::Post::new(name),
        })
    }

    /// The name that the station was given.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The service to put behind a listener.
    pub fn router(self: &Arc<Self>) -> Router {
        // One handler for all: systems read their own paths, some of which no route pattern can say.
        Router::new().fallback(Self::answer).with_state(Arc::clone(self))
    }

    /// Sets what goes wrong from now on, or that nothing does.
    pub fn fault(&self, plan: Option<FaultPlan>) {
        lock(&self.switch).set(plan);
    }

    /// Ends every session and token of the system.
    pub fn expire(&self) {
        self.system.expire();
    }

    /// The last 10,000 requests, `METHOD path?query status`, oldest first.
    pub fn calls(&self) -> Vec<String> {
        lock(&self.log).lines()
    }

    /// Forgets the calls so far; the log file keeps them.
    pub fn clear_calls(&self) {
        lock(&self.log).clear();
    }

    /// Asks the system for messages and sends them in the background. Every answer does so; a caller of this is needed
    /// only for what falls due while nobody asks anything. Only within a tokio runtime.
    pub fn deliver(&self) {
        self.post.take(|| self.system.outgoing());
    }

    async fn answer(State(station): State<Arc<Self>>, request: Request) -> Response<Body> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let method = request.method().clone();
        let response = station.respond(request, &path).await;
        lock(&station.log).note(format!("{method} {path} {}", response.status().as_u16()));
        response
    }

    async fn respond(&self, request: Request, path_and_query: &str) -> Response<Body> {
        let (mut head, body) = request.into_parts();
        let logs_in = self.system.logs_in(head.uri.path());
        let fault = lock(&self.switch).strike(path_and_query, logs_in);
        match fault {
            Some(Fault::Latency(pause)) => tokio::time::sleep(pause).await,
            Some(Fault::TooMany { retry_after }) => return fault::too_many(retry_after),
            Some(Fault::ServerError) => return fault::server_error(),
            Some(Fault::HtmlPage) => return fault::maintenance(),
            Some(Fault::Reset) => return fault::reset(),
            Some(Fault::Expired) => self.system.expire(),
            Some(Fault::Truncated | Fault::Drip) | None => {}
        }
        let Ok(body) = to_bytes(body, LARGEST_BODY).await else { return fault::too_large() };
        if head.method == Method::HEAD {
            // The same answer; the router leaves the body out and keeps its length.
            head.method = Method::GET;
        }
        let response = self.system.answer(&head, &body, (self.clock)());
        self.deliver();
        match fault {
            Some(Fault::Truncated) => fault::truncated(response),
            Some(Fault::Drip) => fault::drip(response),
            _ => response.map(Body::from),
        }
    }
}

/// A poisoned lock guards nothing worse than a half-made change of a demo: go on with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
