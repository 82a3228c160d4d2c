//! What one request does on its way: its trace, its stages and its calls to sources. It travels beside the request as a value
//! of its task, so that whoever calls a source needs no word of it. A request has one only where somebody wants to know.

use super::{
    meters::Outcome,
    trace::{Context, SpanId, TraceId, written},
};
use crate::value::time::Moment;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// More spans than these are counted and not kept.
const SPANS: usize = 128;

tokio::task_local! {
    static CURRENT: Option<Arc<Journal>>;
}

/// The journal of the request that this task works for.
pub fn current() -> Option<Arc<Journal>> {
    CURRENT.try_with(Clone::clone).ok().flatten()
}

/// Runs work for a request; what it spawns is not for it unless it is scoped again.
pub fn scope<F: Future>(journal: Option<Arc<Journal>>, work: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(journal, work)
}

/// How a request is followed.
#[derive(Debug, Clone, PartialEq)]
pub struct Following {
    /// What came from before us, where it is trusted.
    pub context: Option<Context>,
    /// How many of the traces that begin here are sampled, from 0 to 1.
    pub share: f64,
    /// Whether sources are told of the trace.
    pub told: bool,
    /// Whether somebody takes spans.
    pub kept: bool,
}

impl Following {
    /// Nobody takes spans and no source is told; calls are counted.
    pub const NOWHERE: Self = Self { context: None, share: 0.0, told: false, kept: false };
}

#[derive(Debug)]
pub struct Journal {
    pub trace: TraceId,
    /// The span of the request itself.
    pub span: SpanId,
    parent: Option<SpanId>,
    state: Option<Box<str>>,
    pub sampled: bool,
    told: bool,
    kept: bool,
    begun: Instant,
    begun_at: Moment,
    calls: AtomicU32,
    /// Microseconds, all calls together.
    called: AtomicU64,
    spans: Mutex<Vec<Span>>,
}

/// A call to a source, before it is made.
#[derive(Debug, Clone)]
pub struct Call {
    pub source: Box<str>,
    /// `http`, or the database: `sqlite`, `postgresql`, `mariadb`.
    pub system: &'static str,
    /// The method, or the kind of statement.
    pub what: &'static str,
}

/// A call under way, as its request's journal knows it.
#[derive(Debug)]
pub struct Calling {
    journal: Arc<Journal>,
    call: Call,
    span: SpanId,
    begun: Instant,
}

/// Something that took time within a request.
#[derive(Debug, Clone)]
pub struct Span {
    pub id: SpanId,
    pub parent: SpanId,
    pub name: Name,
    /// From the request's beginning.
    pub begun: Duration,
    pub took: Duration,
}

#[derive(Debug, Clone)]
pub enum Name {
    Stage(&'static str),
    Call { call: Call, outcome: Outcome, status: Option<u16> },
}

/// A request with its spans, as it is handed on when it has ended.
#[derive(Debug, Clone)]
pub struct Record {
    pub trace: TraceId,
    pub span: SpanId,
    pub parent: Option<SpanId>,
    pub state: Option<Box<str>>,
    pub begun_at: Moment,
    pub took: Duration,
    /// A method of HTTP, or `_OTHER`.
    pub method: &'static str,
    /// For example `pethub/v1/pets list`.
    pub route: String,
    pub status: u16,
    /// The code of the refusal, where it is one.
    pub code: Option<&'static str>,
    pub spans: Vec<Span>,
}

impl Journal {
    pub fn new(following: Following, now: Moment) -> Arc<Self> {
        let Following { context, share, told, kept } = following;
        let (trace, parent, sampled, state) = if let Some(came) = context {
            (came.trace, Some(came.parent), came.sampled, came.state)
        } else {
            let trace = TraceId::new();
            (trace, None, trace.is_sampled(share), None)
        };
        Arc::new(Self {
            trace,
            span: SpanId::new(),
            parent,
            state,
            sampled,
            told,
            kept,
            begun: Instant::now(),
            begun_at: now,
            calls: AtomicU32::new(0),
            called: AtomicU64::new(0),
            spans: Mutex::default(),
        })
    }

    pub(super) fn begin(self: Arc<Self>, call: Call) -> Calling {
        Calling { journal: self, call, span: SpanId::new(), begun: Instant::now() }
    }

    /// How many calls there were, and how long they took together.
    pub fn calls(&self) -> (u32, Duration) {
        let took = Duration::from_micros(self.called.load(Ordering::Relaxed));
        (self.calls.load(Ordering::Relaxed), took)
    }

    fn push(&self, span: Span) {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        if spans.len() < SPANS {
            spans.push(span);
        }
    }

    /// The request with its spans, where somebody takes them; `stages` are names with their beginning and length.
    pub fn record(
        &self,
        method: &'static str,
        route: impl FnOnce() -> String,
        (status, code): (u16, Option<&'static str>),
        stages: impl Iterator<Item = (&'static str, Duration, Duration)>,
    ) -> Option<Record> {
        if !self.sampled || !self.kept {
            return None;
        }
        for (name, begun, took) in stages {
            self.push(Span { id: SpanId::new(), parent: self.span, name: Name::Stage(name), begun, took });
        }
        let spans = std::mem::take(&mut *self.spans.lock().unwrap_or_else(PoisonError::into_inner));
        Some(Record {
            trace: self.trace,
            span: self.span,
            parent: self.parent,
            state: self.state.clone(),
            begun_at: self.begun_at,
            took: self.begun.elapsed(),
            method,
            route: route(),
            status,
            code,
            spans,
        })
    }
}

impl Calling {
    /// What the source is told of the trace, where it is told.
    pub fn context(&self) -> Option<(String, Option<&str>)> {
        let journal = &self.journal;
        let parent = || written(journal.trace, self.span, journal.sampled);
        journal.told.then(|| (parent(), journal.state.as_deref()))
    }

    pub(super) fn end(self, outcome: Outcome, status: Option<u16>) {
        let took = self.begun.elapsed();
        let journal = &self.journal;
        journal.calls.fetch_add(1, Ordering::Relaxed);
        journal.called.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
        if journal.sampled && journal.kept {
            let begun = self.begun.duration_since(journal.begun);
            let name = Name::Call { call: self.call, outcome, status };
            journal.push(Span { id: self.span, parent: journal.span, name, begun, took });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn following(share: f64) -> Following {
        Following { context: None, share, told: true, kept: true }
    }

    fn call() -> Call {
        Call { source: "desk".into(), system: "http", what: "GET" }
    }

    const NOW: Moment = Moment { seconds: 1_795_219_200, nanos: 0 };

    #[tokio::test]
    async fn a_call_belongs_to_the_request_whose_task_makes_it() {
        assert!(current().is_none());
        let journal = Journal::new(following(1.0), NOW);
        scope(Some(Arc::clone(&journal)), async {
            let calling = current().unwrap().begin(call());
            let (parent, state) = calling.context().unwrap();
            assert!(parent.starts_with(&format!("00-{}-", journal.trace)) && parent.ends_with("-01"));
            assert_eq!(state, None);
            calling.end(Outcome::Ok, Some(200));
        })
        .await;
        assert_eq!(journal.calls().0, 1);
        let stages = [("arrive", Duration::ZERO, Duration::from_millis(1))];
        let record = journal.record("GET", || "x".into(), (200, None), stages.into_iter()).unwrap();
        assert_eq!(record.spans.len(), 2);
        assert!(record.spans.iter().all(|span| span.parent == journal.span));
    }

    #[test]
    fn what_is_not_sampled_leaves_no_record_and_is_still_told_to_sources() {
        let journal = Journal::new(following(0.0), NOW);
        assert!(Arc::clone(&journal).begin(call()).context().unwrap().0.ends_with("-00"));
        assert!(journal.record("GET", String::new, (200, None), std::iter::empty()).is_none());
    }

    #[test]
    fn who_was_sampled_before_us_is_sampled_here() {
        let context =
            Context { trace: TraceId(7), parent: SpanId(8), sampled: true, state: Some("a=1".into()) };
        let journal = Journal::new(Following { context: Some(context), ..following(0.0) }, NOW);
        let record = journal.record("GET", String::new, (200, None), std::iter::empty()).unwrap();
        assert_eq!((record.trace, record.parent), (TraceId(7), Some(SpanId(8))));
        assert_eq!(record.state.as_deref(), Some("a=1"));
    }
}
