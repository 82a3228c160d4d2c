//! What a request leaves behind: numbers, a line, spans, timings for callers who may see them, and a report where the fault
//! is ours. No path, parameter or value of a caller stands in any of it: routes are named as our files name them, and a
//! method is one of HTTP's.

use super::{
    envelope::Answer,
    route::{Routed, To},
};
use crate::{
    fault::{Code, Fault, code::Whose},
    identity::{Caller, Peer},
    pipeline::Instance,
    plan::{
        ResourceId,
        resource::Operation,
        telemetry::{Timing, Traces},
    },
    telemetry::{
        Outlets,
        clock::Clock,
        journal::{Following, Journal},
        lines::Line,
        meters::{Meters, Route},
        report::{Kind, Report},
        trace::Context,
    },
    value::time::Moment,
};
use http::{HeaderName, Method, header, request::Parts};
use std::{
    fmt::Write,
    sync::Arc,
    time::{Duration, Instant},
};

/// <https://www.w3.org/TR/server-timing/>.
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The stages in the order of the road.
const STAGES: [&str; 11] = [
    "hook",
    "arrive",
    "route",
    "limits",
    "authenticate",
    "authorize",
    "validate",
    "select",
    "execute",
    "translate",
    "audit",
];

/// The trail of one request.
#[derive(Debug)]
pub struct Trail<'i> {
    instance: &'i Instance,
    outlets: &'i Outlets,
    under_way: UnderWay<'i>,
    method: &'static str,
    begun: Instant,
    /// The clock's time, where somebody wants to know.
    begun_at: Moment,
    stage: &'static str,
    last: Instant,
    /// How long stages took, where anybody wants to know.
    stages: Option<Box<[Stage; STAGES.len()]>>,
    fault: Option<(&'static Code, Option<String>)>,
    route: &'i Route,
    caller: Option<Arc<Caller>>,
    journal: Option<Arc<Journal>>,
    received: Option<u64>,
}

/// How long a stage took, and when it began.
#[derive(Debug, Clone, Copy, Default)]
struct Stage {
    begun: Duration,
    took: Duration,
}

/// A request under way; dropped without an answer, its caller went away.
#[derive(Debug)]
struct UnderWay<'i> {
    meters: &'i Meters,
    answered: bool,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.meters.under_way.change(-1);
        if !self.answered {
            self.meters.abandoned.add(1);
        }
    }
}

impl<'i> Trail<'i> {
    pub fn begin(head: &Parts, instance: &'i Instance, outlets: &'i Outlets, clock: &dyn Clock) -> Self {
        let traces = instance.plan.settings.telemetry.traces.as_ref();
        let following = traces.map(|traces| following(traces, head, outlets));
        let length = if outlets.lines.is_some() { head.headers.get(header::CONTENT_LENGTH) } else { None };
        let received = length.and_then(|length| length.to_str().ok()?.parse().ok());
        Self::of((method(&head.method), received), following, instance, (outlets, clock), Instant::now())
    }

    /// The trail of a `GET` that is answered as one before it was, where nobody follows it.
    pub fn again(instance: &'i Instance, outlets: &'i Outlets, clock: &dyn Clock, begun: Instant) -> Self {
        Self::of(("GET", None), None, instance, (outlets, clock), begun)
    }

    fn of(
        (method, received): (&'static str, Option<u64>),
        following: Option<Following>,
        instance: &'i Instance,
        (outlets, clock): (&'i Outlets, &dyn Clock),
        begun: Instant,
    ) -> Self {
        let said = &instance.plan.settings.telemetry;
        let timed = outlets.lines.is_some() || said.traces.is_some() || said.timing.is_some();
        let begun_at = if timed { clock.now() } else { Moment { seconds: 0, nanos: 0 } };
        // Calls are told in the line.
        let following = following.or_else(|| outlets.lines.as_ref().map(|_| Following::NOWHERE));
        let journal = following.map(|following| Journal::new(following, begun_at));
        let meters = &*instance.sources.meters;
        meters.under_way.change(1);
        Self {
            instance,
            outlets,
            under_way: UnderWay { meters, answered: false },
            method,
            begun,
            begun_at,
            stage: "arrive",
            last: begun,
            stages: timed.then(Box::default),
            fault: None,
            route: &meters.unknown,
            caller: None,
            journal,
            received,
        }
    }

    /// What follows the request to where it calls.
    pub fn journal(&self) -> Option<Arc<Journal>> {
        self.journal.clone()
    }

    /// Notes how far the request has come.
    pub fn stage<T>(&mut self, name: &'static str, outcome: Result<T, Fault>) -> Result<T, Fault> {
        self.stage = name;
        if let Some(stages) = &mut self.stages {
            let now = Instant::now();
            let at = STAGES.iter().position(|known| *known == name);
            if let Some(stage) = at.and_then(|at| stages.get_mut(at)) {
                if stage.took.is_zero() {
                    stage.begun = self.last - self.begun;
                }
                stage.took += now - self.last;
            }
            self.last = now;
        }
        outcome
    }

    /// Notes where it goes.
    pub fn goes(&mut self, routed: &Routed<'_>) {
        match routed.to {
            To::Resource(resource, _) => self.goes_to(resource.id, routed.operation),
            To::Shortcut(shortcut) => {
                if let Some(route) = self.instance.sources.routes.shortcut(&shortcut.path) {
                    self.route = route;
                }
            }
        }
    }

    /// The same, of a resource's operation.
    pub fn goes_to(&mut self, resource: ResourceId, operation: Operation) {
        if let Some(route) = self.instance.sources.routes.resource(resource, operation) {
            self.route = route;
        }
    }

    /// It is another's to answer, and to leave a trail.
    pub fn leave(mut self) {
        self.under_way.answered = true;
    }

    /// Notes that it is for a source's hook, or was refused before it was on the road.
    pub fn is_beside(&mut self, beside: impl FnOnce(&Meters) -> &Arc<Route>) {
        self.route = beside(self.under_way.meters);
    }

    pub fn caller(&mut self, caller: &Arc<Caller>) {
        if self.stages.is_some() {
            self.caller = Some(Arc::clone(caller));
        }
    }

    pub fn fault(&mut self, fault: &Fault) {
        self.fault = Some((fault.code, fault.detail.clone()));
    }

    /// A page is counted, and leaves nothing else.
    pub fn page(mut self, status: u16) {
        self.under_way.answered = true;
        self.under_way.meters.pages.answered(status, self.begun.elapsed());
    }

    pub fn end(mut self, answer: &mut Answer, cache: Option<&'static str>) {
        self.under_way.answered = true;
        let took = self.begun.elapsed();
        let meters = self.under_way.meters;
        let status = self.fault.as_ref().map_or(answer.status, |(code, _)| code.status);
        self.route.answered(status, took);
        self.log(answer.status, took);
        if let Some((code, _)) = &self.fault {
            meters.refused(code.id);
            if code.whose == Whose::Ours {
                self.report(code);
            }
        }
        let timing = self.instance.plan.settings.telemetry.timing.as_ref();
        if timing.is_some_and(|timing| self.caller.as_ref().is_some_and(|caller| shows(timing, caller))) {
            answer.headers.push((SERVER_TIMING, self.timing(took).into()));
        }
        let code = self.fault.as_ref().map(|(code, _)| code.id);
        if let Some(lines) = &self.outlets.lines {
            let mut stages: [(&'static str, Duration); STAGES.len()] = [("", Duration::ZERO); STAGES.len()];
            let mut count = 0;
            for ((name, _, took), place) in self.gone_through().zip(&mut stages) {
                *place = (name, took);
                count += 1;
            }
            let caller = self.caller.as_deref();
            let line = Line {
                at: self.begun_at,
                trace: self.journal.as_ref().map(|journal| journal.trace),
                method: self.method,
                route: &self.route.id,
                status,
                code,
                took,
                stages: stages.get(..count).unwrap_or_default(),
                received: self.received,
                sent: answer.body.len(),
                client: caller.and_then(|caller| caller.client.as_deref()),
                roles: caller.map_or(&[], |caller| &caller.roles),
                cache,
                calls: self.journal.as_ref().map(|journal| journal.calls()),
                plan: &self.instance.plan.made.digest,
            };
            lines.write(&line, meters);
        }
        if let (Some(spans), Some(journal)) = (&self.outlets.spans, &self.journal) {
            let route = || self.route.id.to_string();
            let record = journal.record(self.method, route, (status, code), self.gone_through());
            if record.is_some_and(|record| !spans.offer(record)) {
                meters.dropped_spans.add(1);
            }
        }
    }

    /// The stages that took time: their name, beginning and length.
    fn gone_through(&self) -> impl Iterator<Item = (&'static str, Duration, Duration)> {
        let stages = self.stages.iter().flat_map(|stages| STAGES.into_iter().zip(stages.iter()));
        stages.filter(|(_, stage)| !stage.took.is_zero()).map(|(name, stage)| (name, stage.begun, stage.took))
    }

    fn timing(&self, took: Duration) -> String {
        let mut text = String::with_capacity(256);
        for (name, _, took) in self.gone_through().chain([("total", Duration::ZERO, took)]) {
            let between = if text.is_empty() { "" } else { ", " };
            _ = write!(text, "{between}{name};dur={:.3}", took.as_secs_f64() * 1000.0);
        }
        text
    }

    fn report(&self, code: &'static Code) {
        let Some(reports) = &self.outlets.reports else { return };
        let report = Report {
            kind: Kind::Fault { code: code.id, title: code.title },
            route: self.route.id.to_string(),
            trace: self.journal.as_ref().map(|journal| journal.trace),
            stage: self.stage,
        };
        if !reports.offer(report) {
            self.under_way.meters.dropped_reports.add(1);
        }
    }

    fn log(&self, status: u16, took: Duration) {
        let took = took.as_micros();
        let (method, stage) = (self.method, self.stage);
        let Some((code, detail)) = &self.fault else {
            tracing::debug!(method, status, took, "answered");
            return;
        };
        let (id, detail) = (code.id, detail.as_deref());
        match code.whose {
            Whose::Caller => tracing::debug!(method, status, code = id, stage, detail, took, "refused"),
            Whose::Backend => {
                tracing::warn!(method, status, code = id, stage, detail, took, "a system behind failed");
            }
            Whose::Ours => tracing::error!(method, status, code = id, stage, detail, took, "failed"),
        }
    }
}

/// How a request is followed, by what is said of traces and by what came.
fn following(traces: &Traces, head: &Parts, outlets: &Outlets) -> Following {
    let peer = head.extensions.get::<Peer>().map(|peer| peer.address);
    let trusted = peer.is_some_and(|address| traces.trusts(address));
    Following {
        context: if trusted { Context::of(&head.headers) } else { None },
        share: traces.share,
        told: traces.tell_sources,
        kept: outlets.spans.is_some(),
    }
}

/// Whether a caller sees timings.
fn shows(timing: &Timing, caller: &Caller) -> bool {
    let is_one = |all: &[String], name: &str| all.iter().any(|known| *known == *name);
    caller.is_operator()
        || caller.roles.iter().any(|role| is_one(&timing.roles, role))
        || caller.client.as_ref().is_some_and(|client| is_one(&timing.clients, client))
        // A caller whose roles alone decide was granted no scope.
        || caller.scopes.iter().flatten().any(|scope| is_one(&timing.scopes, scope))
}

/// A method of HTTP as it is told; a client may send any other word.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "TRACE" => "TRACE",
        _ => "_OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timings_are_seen_by_those_who_are_named() {
        let timing = Timing {
            roles: vec!["admin".into()],
            scopes: vec!["timing".into()],
            clients: vec!["lab".into()],
        };
        let named = |change: fn(&mut Caller)| {
            let mut caller = Caller::default();
            change(&mut caller);
            shows(&timing, &caller)
        };
        assert!(!named(|_| {}));
        assert!(named(|caller| caller.roles.push("admin".into())));
        assert!(!named(|caller| caller.roles.push("vet".into())));
        assert!(named(|caller| caller.client = Some("lab".into())));
        assert!(named(|caller| caller.scopes = Some(vec!["timing".into()])));
        assert!(!named(|caller| caller.scopes = Some(Vec::new())));
    }

    #[test]
    fn a_word_that_is_no_method_is_told_as_none() {
        assert_eq!(method(&Method::PATCH), "PATCH");
        assert_eq!(method(&Method::from_bytes(b"SECRET").unwrap()), "_OTHER");
    }
}
