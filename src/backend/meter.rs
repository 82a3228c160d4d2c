//! Where calls to sources are counted: around a transport, and around statements. The handles of a plan's routes are found
//! here, too, once for each instance.

use super::{
    http::{Lost, Outgoing, Received, Transport, Under, Way},
    sql::{Flavor, pool::Failed},
};
use crate::{
    boxed::boxed,
    pace::breathe,
    plan::{Plan, ResourceId, resource::Operation},
    telemetry::meters::{Meters, Outcome, Route, RouteId, Source},
};
use std::{borrow::Cow, sync::Arc};

const OPERATIONS: [Operation; 6] = [
    Operation::List,
    Operation::Create,
    Operation::Read,
    Operation::Replace,
    Operation::Patch,
    Operation::Delete,
];

/// The handles of a plan's routes.
#[derive(Debug, Default)]
pub struct Routes {
    /// By the resource's number, in the order of [`OPERATIONS`].
    resources: Vec<[Arc<Route>; 6]>,
    shortcuts: Vec<(Arc<str>, Arc<Route>)>,
}

impl Routes {
    pub fn of(plan: &Plan, meters: &Meters) -> Self {
        let api = |at: usize| plan.apis.get(at).map_or("", |api| api.id.as_str());
        let route = |at: usize, name: &str, operation| {
            meters.route(RouteId { api: api(at).into(), route: name.into(), operation: word(operation) })
        };
        let resources = plan.resources.iter();
        let resources = resources.map(|one| {
            breathe();
            OPERATIONS.map(|operation| route(one.api, &one.name, operation))
        });
        let resources = resources.collect();
        let shortcuts = plan.shortcuts.iter();
        let shortcuts = shortcuts
            .map(|one| (one.path.as_str().into(), route(one.api, &one.name, Operation::Read)))
            .collect();
        Self { resources, shortcuts }
    }

    pub fn resource(&self, id: ResourceId, operation: Operation) -> Option<&Arc<Route>> {
        let at = OPERATIONS.iter().position(|known| *known == operation)?;
        self.resources.get(id)?.get(at)
    }

    /// The shortcut at this path.
    pub fn shortcut(&self, path: &str) -> Option<&Arc<Route>> {
        self.shortcuts.iter().find(|(known, _)| **known == *path).map(|(_, route)| route)
    }
}

/// An operation as labels say it.
pub fn word(operation: Operation) -> &'static str {
    match operation {
        Operation::List => "list",
        Operation::Create => "create",
        Operation::Read => "read",
        Operation::Replace => "replace",
        Operation::Patch => "patch",
        Operation::Delete => "delete",
    }
}

/// The same way with every call counted, and told of the trace that it belongs to.
pub fn measured(transport: Transport, source: &Arc<Source>) -> Transport {
    Transport::over(Measured { transport, source: Arc::clone(source) })
}

#[derive(Debug)]
struct Measured {
    transport: Transport,
    source: Arc<Source>,
}

impl Way for Measured {
    fn send<'w>(&'w self, mut outgoing: Cow<'w, Outgoing>) -> Under<'w> {
        boxed(|| async move {
            let begun = self.source.begin("http", outgoing.method);
            if let Some((parent, state)) = begun.context() {
                // What a mapping sends by this name is its own affair.
                if !outgoing.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("traceparent")) {
                    let headers = &mut outgoing.to_mut().headers;
                    headers.push(("traceparent".into(), parent.into()));
                    headers.extend(state.map(|state| ("tracestate".into(), state.into())));
                }
            }
            let came = self.transport.send(outgoing).await;
            let (outcome, status) = judged(&came);
            begun.end(outcome, status);
            came
        })
    }
}

fn judged(came: &Result<Received, Lost>) -> (Outcome, Option<u16>) {
    match came {
        Ok(received) => {
            let outcome = match received.status {
                429 => Outcome::Busy,
                503 if received.retry_after.is_some() => Outcome::Busy,
                400..=499 => Outcome::Refused,
                500.. => Outcome::Failed,
                _ => Outcome::Ok,
            };
            (outcome, Some(received.status))
        }
        Err(Lost::TimedOut) => (Outcome::TimedOut, None),
        Err(Lost::Unreachable(_)) => (Outcome::Unreachable, None),
        Err(_) => (Outcome::Broken, None),
    }
}

/// Runs a statement with its call counted.
pub async fn statement<T>(
    source: &Source,
    flavor: Flavor,
    what: &'static str,
    work: impl Future<Output = Result<T, Failed>>,
) -> Result<T, Failed> {
    let system = match flavor {
        Flavor::Sqlite => "sqlite",
        Flavor::Postgres => "postgresql",
        Flavor::Mariadb => "mariadb",
    };
    let begun = source.begin(system, what);
    let came = work.await;
    let outcome = match &came {
        Ok(_) => Outcome::Ok,
        Err(Failed::Unreachable(_)) => Outcome::Unreachable,
        Err(Failed::TimedOut) => Outcome::TimedOut,
        Err(Failed::Refused(_) | Failed::LostRace) => Outcome::Refused,
        Err(_) => Outcome::Failed,
    };
    begun.end(outcome, None);
    came
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::journal::{self, Following, Journal};
    use crate::value::time::Moment;
    use std::time::Duration;

    fn answering(status: u16) -> Transport {
        Transport::new(tower::service_fn(move |outgoing: Outgoing| async move {
            let mut headers = http::HeaderMap::new();
            for (name, value) in &outgoing.headers {
                let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
                headers.insert(name, value.parse().unwrap());
            }
            Ok(Received { status, headers, retry_after: None, body: Vec::new() })
        }))
    }

    fn outgoing() -> Outgoing {
        Outgoing {
            method: "GET",
            url: "https://desk.example/".into(),
            headers: Vec::new(),
            body: None,
            deadline: tokio::time::Instant::now() + Duration::from_secs(5),
            limit: 1,
        }
    }

    #[tokio::test]
    async fn calls_are_counted_by_what_came_of_them() {
        let meters = Meters::default();
        let source = meters.source("desk");
        for (status, outcome) in [
            (200, Outcome::Ok),
            (404, Outcome::Refused),
            (429, Outcome::Busy),
            (500, Outcome::Failed),
            (503, Outcome::Failed),
        ] {
            let before = source.came_to(outcome);
            measured(answering(status), &source).send(outgoing()).await.unwrap();
            assert_eq!(source.came_to(outcome), before + 1, "{status}");
        }
        assert_eq!(source.took.read().1, 5);
    }

    #[tokio::test]
    async fn a_call_that_ends_at_its_deadline_is_counted_as_late_and_not_as_given_up() {
        let source = Meters::default().source("desk");
        let silent = Transport::new(tower::service_fn(|_: Outgoing| std::future::pending()));
        let outgoing = Outgoing { deadline: tokio::time::Instant::now(), ..outgoing() };
        let way = measured(silent, &source);
        let sent = tokio::time::timeout(Duration::from_secs(10), way.send(outgoing));
        assert_eq!(sent.await.unwrap().unwrap_err(), Lost::TimedOut);
        assert_eq!((source.came_to(Outcome::TimedOut), source.came_to(Outcome::GivenUp)), (1, 0));
    }

    #[tokio::test]
    async fn a_source_is_told_of_the_trace_where_there_is_one() {
        let source = Meters::default().source("desk");
        let came = measured(answering(200), &source).send(outgoing()).await.unwrap();
        assert!(came.headers.is_empty());
        let following = Following { context: None, share: 1.0, told: true, kept: true };
        let journal = Journal::new(following, Moment { seconds: 0, nanos: 0 });
        let way = measured(answering(200), &source);
        let sent = way.send(outgoing());
        let came = journal::scope(Some(Arc::clone(&journal)), sent).await.unwrap();
        let parent = came.headers["traceparent"].to_str().unwrap();
        assert!(parent.contains(&journal.trace.to_string()), "{parent}");
        assert!(!parent.contains(&journal.span.to_string()), "a call is a span of its own: {parent}");
        assert_eq!(journal.calls().0, 1);
    }
}
