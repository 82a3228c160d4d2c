//! What is counted of requests and of calls to sources: handles that are found once, when a plan's instance is built, so that
//! a request adds to numbers and takes no lock. It knows no text form: `control::admin` shows the numbers to Prometheus.
//! Labels are names of the files: an API, a resource, an operation, a source. Nothing that a caller sends becomes one.

mod latency;
mod source;

pub use latency::{BOUNDS, Latency};
pub use source::{Outcome, Source};

use crate::fault::code;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// A number of things that are there now.
#[derive(Debug, Default)]
pub struct Level(AtomicI64);

impl Level {
    pub fn change(&self, by: i64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What names a route in metrics, lines and spans: words of the files, never a path that came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteId {
    /// For example `pethub/v1`; empty for what belongs to no API.
    pub api: Box<str>,
    /// A resource, or a shortcut; `unknown` for all paths that lead nowhere.
    pub route: Box<str>,
    /// `list`, `read`, `create`, `replace`, `patch`, `delete`; empty where nothing of it was found out.
    pub operation: &'static str,
}

impl RouteId {
    /// What belongs to no API: `pages`, `hook`, `oauth`, `edge`, `unknown`.
    pub fn own(route: &str) -> Self {
        Self { api: "".into(), route: route.into(), operation: "" }
    }
}

impl std::fmt::Display for RouteId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.api.is_empty() {
            return f.write_str(&self.route);
        }
        write!(f, "{}/{} {}", self.api, self.route, self.operation)
    }
}

/// The numbers of one route.
#[derive(Debug)]
pub struct Route {
    pub id: RouteId,
    /// By the status' first digit, from 1.
    answers: [Count; 5],
    pub took: Latency,
}

impl Route {
    fn new(id: RouteId) -> Self {
        Self { id, answers: Default::default(), took: Latency::default() }
    }

    pub fn answered(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).saturating_sub(1);
        if let Some(count) = self.answers.get(class) {
            count.add(1);
        }
        self.took.note(took);
    }

    /// The classes that were answered, with how often.
    pub fn classes(&self) -> impl Iterator<Item = (&'static str, u64)> {
        const NAMES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
        NAMES.into_iter().zip(self.answers.iter().map(Count::get)).filter(|(_, count)| *count > 0)
    }
}

/// Everything that is counted. It outlives reloads: a route or a source that goes and comes back counts on.
#[derive(Debug)]
pub struct Meters {
    routes: RwLock<BTreeMap<RouteId, Arc<Route>>>,
    sources: RwLock<BTreeMap<Box<str>, Arc<Source>>>,
    /// By the place in the table of codes.
    refusals: Box<[Count]>,
    /// Requests under way.
    pub under_way: Level,
    /// Requests whose caller went away before there was an answer.
    pub abandoned: Count,
    pub panics: Count,
    /// Lines, spans and reports that were dropped because their queue was full or their receiver away.
    pub dropped_lines: Count,
    pub dropped_spans: Count,
    pub dropped_reports: Count,
    pub reloads: Reloads,
    /// Paths that lead nowhere, all of them together.
    pub unknown: Arc<Route>,
    /// What was refused before there was a request on the road.
    pub edge: Arc<Route>,
    /// Pages, error codes and health.
    pub pages: Arc<Route>,
    pub hook: Arc<Route>,
    pub oauth: Arc<Route>,
}

/// What became of reloads.
#[derive(Debug, Default)]
pub struct Reloads {
    pub taken: Count,
    pub refused: Count,
    /// When the last one was taken up, in seconds since 1970.
    pub last: Count,
    pub last_failed: Count,
}

impl Default for Meters {
    fn default() -> Self {
        let own = |name: &str| Arc::new(Route::new(RouteId::own(name)));
        Self {
            routes: RwLock::default(),
            sources: RwLock::default(),
            refusals: code::ALL.iter().map(|_| Count::default()).collect(),
            under_way: Level::default(),
            abandoned: Count::default(),
            panics: Count::default(),
            dropped_lines: Count::default(),
            dropped_spans: Count::default(),
            dropped_reports: Count::default(),
            reloads: Reloads::default(),
            unknown: own("unknown"),
            edge: own("edge"),
            pages: own("pages"),
            hook: own("hook"),
            oauth: own("oauth"),
        }
    }
}

impl Meters {
    /// The handle of a route; for when an instance is built, not for requests.
    pub fn route(&self, id: RouteId) -> Arc<Route> {
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(routes.entry(id.clone()).or_insert_with(|| Arc::new(Route::new(id))))
    }

    /// The handle of a source; for when an instance is built.
    pub fn source(&self, name: &str) -> Arc<Source> {
        let mut sources = self.sources.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(sources.entry(name.into()).or_insert_with(|| Arc::new(Source::new(name))))
    }

    /// Counts a refusal by its code.
    pub fn refused(&self, id: &str) {
        let at = code::ALL.iter().position(|code| code.id == id);
        if let Some(count) = at.and_then(|at| self.refusals.get(at)) {
            count.add(1);
        }
    }

    /// Codes that were answered, with how often.
    pub fn refusals(&self) -> Vec<(&'static str, u64)> {
        let counted = code::ALL.iter().zip(&self.refusals).map(|(code, count)| (code.id, count.get()));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// All routes, those of no API behind the others.
    pub fn routes(&self) -> Vec<Arc<Route>> {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let own = [&self.unknown, &self.edge, &self.pages, &self.hook, &self.oauth];
        routes.values().chain(own).map(Arc::clone).collect()
    }

    pub fn sources(&self) -> Vec<Arc<Source>> {
        self.sources.read().unwrap_or_else(PoisonError::into_inner).values().map(Arc::clone).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_counted_by_class_and_outlives_who_asked_for_it() {
        let meters = Meters::default();
        let id = RouteId { api: "shop/v1".into(), route: "items".into(), operation: "list" };
        meters.route(id.clone()).answered(200, Duration::from_millis(3));
        meters.route(id.clone()).answered(404, Duration::from_millis(3));
        meters.route(id.clone()).answered(999, Duration::ZERO);
        let counted: Vec<_> = meters.route(id).classes().collect();
        assert_eq!(counted, [("2xx", 1), ("4xx", 1)]);
    }

    #[test]
    fn refusals_are_counted_by_codes_of_the_table_alone() {
        let meters = Meters::default();
        meters.refused("F112");
        meters.refused("F112");
        meters.refused("no code of ours");
        assert_eq!(meters.refusals(), [("F112", 2)]);
    }
}
