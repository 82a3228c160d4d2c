//! The numbers as Prometheus reads them (the text of `OpenMetrics`). Labels are bindings, places, routes, sources and words of ours: as
//! many as the files have, and none of a caller. docs/guides/operations.md has the table.

mod bounds;
mod process;
mod traffic;

use super::{Desk, cache};
use crate::backend::radar;
use prometheus_client::{
    encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet, text::encode},
    metrics::{MetricType, counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use std::{
    fmt::Error,
    sync::{Arc, atomic::AtomicU64},
};

type Labels = super::Labels;

/// All numbers, in text.
pub(super) fn text(desk: &Desk) -> Result<String, Error> {
    let mut registry = Registry::default();
    drift(desk, &mut registry);
    cache::metrics(&desk.facade, &mut registry);
    let instance = desk.facade.current();
    registry.register_collector(Box::new(traffic::Traffic {
        meters: Arc::clone(&instance.sources.meters),
        counts: Arc::clone(&desk.counts),
        plan: instance.plan.made.digest.clone(),
        sources: instance.plan.sources.iter().map(|source| source.name.as_str().into()).collect(),
    }));
    registry.register_collector(Box::new(bounds::Bounds(instance.sources.resilience())));
    registry.register_collector(Box::new(process::Process));
    let mut out = String::new();
    encode(&mut out, &registry)?;
    Ok(out)
}

fn counter(
    encoder: &mut DescriptorEncoder<'_>,
    (name, help): (&str, &str),
    values: impl Iterator<Item = (impl EncodeLabelSet, u64)>,
) -> Result<(), Error> {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, value) in values {
        metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&value, None)?;
    }
    Ok(())
}

fn gauge(
    encoder: &mut DescriptorEncoder<'_>,
    (name, help): (&str, &str),
    values: impl Iterator<Item = (impl EncodeLabelSet, f64)>,
) -> Result<(), Error> {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in values {
        metric.encode_family(&labels)?.encode_gauge(&value)?;
    }
    Ok(())
}

/// A number that stands alone.
fn count(encoder: &mut DescriptorEncoder<'_>, (name, help): (&str, &str), value: u64) -> Result<(), Error> {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    metric.encode_counter::<NoLabelSet, _, u64>(&value, None)
}

/// The same for what goes up and down.
fn level(encoder: &mut DescriptorEncoder<'_>, (name, help): (&str, &str), value: f64) -> Result<(), Error> {
    encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)
}

fn drift(desk: &Desk, registry: &mut Registry) {
    let radars = Arc::clone(&desk.facade.current().sources.radars);
    let values = Family::<Labels, Counter>::default();
    let unknown = Family::<Labels, Counter>::default();
    let drifts = Family::<Labels, Gauge<f64, AtomicU64>>::default();
    let label = |name, value: &str| (name, value.to_owned());
    for radar in radars.all() {
        let binding = radar.id.as_str();
        for (place, kind, count) in radar.values() {
            let labels = vec![label("binding", binding), label("place", place), label("kind", kind)];
            values.get_or_create(&labels).inc_by(count);
        }
        if radar.unknown_fields() > 0 {
            unknown.get_or_create(&vec![label("binding", binding)]).inc_by(radar.unknown_seen());
        }
    }
    for line in radars.report(desk.facade.clock().now()).drifting() {
        let what = line.drift.map_or("", radar::Drift::name);
        let labels = vec![label("binding", &line.binding), label("place", &line.place), label("what", what)];
        let gauge = drifts.get_or_create(&labels);
        // Of a name no share is known: that it is there is 1.
        gauge.set(gauge.get().max(if line.share > 0.0 { line.share } else { 1.0 }));
    }
    registry.register("portico_source_field_values", "Values that sources gave, by place and kind", values);
    registry.register(
        "portico_source_unknown_fields",
        "Members that no rule wants, each time that one was noted",
        unknown,
    );
    registry.register(
        "portico_source_field_drift",
        "Places whose values are not what is expected: their share of the recent ones",
        drifts,
    );
}
