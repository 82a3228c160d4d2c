//! Requests, calls to sources, connections, reloads and what telemetry itself has lost.

use super::{count, counter, gauge, level};
use crate::{
    edge::Counts,
    telemetry::meters::{Latency, Meters, Outcome, Route, Source},
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet},
    metrics::MetricType,
};
use std::{fmt::Error, sync::Arc};

#[derive(Debug)]
pub(super) struct Traffic {
    pub meters: Arc<Meters>,
    pub counts: Arc<Counts>,
    /// The plan's digest.
    pub plan: String,
    /// Those of the plan.
    pub sources: Vec<Box<str>>,
}

impl Collector for Traffic {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        self.requests(&mut encoder)?;
        self.sources(&mut encoder)?;
        self.program(&mut encoder)
    }
}

fn named(route: &Route) -> [(&'static str, &str); 3] {
    [("api", &route.id.api), ("route", &route.id.route), ("operation", route.id.operation)]
}

fn histogram<L: EncodeLabelSet>(
    encoder: &mut DescriptorEncoder<'_>,
    (name, help): (&str, &str),
    values: impl Iterator<Item = (L, (f64, u64, Vec<(f64, u64)>))>,
) -> Result<(), Error> {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
    for (labels, (sum, count, buckets)) in values {
        metric.encode_family(&labels)?.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
    }
    Ok(())
}

fn any(latency: &Latency) -> bool {
    latency.read().1 > 0
}

#[expect(clippy::cast_precision_loss, reason = "gauges are floats in the format")]
fn float(value: u64) -> f64 {
    value as f64
}

impl Traffic {
    fn requests(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let routes = self.meters.routes();
        let answered = routes.iter().flat_map(|route| {
            let [api, name, operation] = named(route);
            route.classes().map(move |(class, count)| ([api, name, operation, ("status", class)], count))
        });
        let about = ("portico_requests", "Requests that were answered, by route and the status' class");
        counter(encoder, about, answered)?;
        let took = routes.iter().filter(|route| any(&route.took));
        let took = took.map(|route| (named(route), route.took.read()));
        let about = ("portico_request_duration_seconds", "From the request's head to the answer's, by route");
        histogram(encoder, about, took)?;
        let refused = self.meters.refusals().into_iter().map(|(code, count)| ([("code", code)], count));
        counter(encoder, ("portico_refusals", "Requests that were refused, by code (docs/errors)"), refused)?;
        let about = ("portico_requests_in_flight", "Requests under way");
        let under_way = self.meters.under_way.get().max(0).unsigned_abs();
        level(encoder, about, float(under_way))?;
        let about = ("portico_requests_abandoned", "Requests whose caller went away before the answer");
        count(encoder, about, self.meters.abandoned.get())?;
        let about = ("portico_connections_accepted", "Connections that were accepted");
        count(encoder, about, self.counts.accepted())?;
        let about = ("portico_connections_open", "Connections that are open");
        level(encoder, about, float(self.counts.open()))
    }

    fn sources(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let all = self.meters.sources();
        // One that the plan no longer has is shown while its calls end.
        let known: Vec<&Arc<Source>> = all
            .iter()
            .filter(|source| self.sources.contains(&source.name) || source.under_way.get() > 0)
            .collect();
        let name = |source: &Arc<Source>| [("source", source.name.to_string())];
        let outcomes = known.iter().flat_map(|source| {
            Outcome::ALL.into_iter().map(|outcome| {
                let labels = [("source", &*source.name), ("outcome", outcome.name())];
                (labels, source.came_to(outcome))
            })
        });
        let outcomes = outcomes.filter(|(_, count)| *count > 0);
        counter(encoder, ("portico_source_calls", "Calls to sources, by what came of them"), outcomes)?;
        let about = ("portico_source_call_duration_seconds", "How long calls to sources took");
        let took = known.iter().filter(|source| any(&source.took));
        histogram(encoder, about, took.map(|source| (name(source), source.took.read())))?;
        let about = ("portico_source_calls_in_flight", "Calls to sources under way");
        let under_way = |source: &Arc<Source>| float(source.under_way.get().max(0).unsigned_abs());
        gauge(encoder, about, known.iter().map(|source| (name(source), under_way(source))))
    }

    fn program(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let reloads = &self.meters.reloads;
        let outcomes = [("taken", reloads.taken.get()), ("refused", reloads.refused.get())];
        let outcomes = outcomes.into_iter().map(|(outcome, count)| ([("outcome", outcome)], count));
        counter(encoder, ("portico_reloads", "Reloads, by what came of them"), outcomes)?;
        let about = ("portico_reload_last_failed", "Whether the last reload was refused");
        level(encoder, about, float(reloads.last_failed.get()))?;
        if reloads.last.get() > 0 {
            let about =
                ("portico_reload_last_timestamp_seconds", "When a plan was last taken up by a reload");
            level(encoder, about, float(reloads.last.get()))?;
        }
        let about = ("portico_plan_info", "Which plan serves");
        gauge(encoder, about, std::iter::once(([("plan", self.plan.as_str())], 1.0)))?;
        let about = ("portico_build_info", "Which program this is");
        gauge(encoder, about, std::iter::once(([("version", env!("CARGO_PKG_VERSION"))], 1.0)))?;
        let about = ("portico_draining", "Whether no more connections are taken");
        let draining = if self.counts.is_draining() { 1.0 } else { 0.0 };
        level(encoder, about, draining)?;
        count(encoder, ("portico_panics", "Requests that ended with a panic"), self.meters.panics.get())?;
        let dropped = [
            ("lines", self.meters.dropped_lines.get()),
            ("spans", self.meters.dropped_spans.get()),
            ("reports", self.meters.dropped_reports.get()),
        ];
        let dropped = dropped.into_iter().map(|(what, count)| ([("what", what)], count));
        let about = ("portico_telemetry_dropped", "What was not told because nobody could take it");
        counter(encoder, about, dropped)
    }
}
