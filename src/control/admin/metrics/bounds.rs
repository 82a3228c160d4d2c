//! What holds calls to sources in bounds: breakers, places, retries and hedges. An address is told by its number in the
//! configuration.

use super::{counter, gauge};
use crate::resilience::{Phase, Report};
use prometheus_client::{collector::Collector, encoding::DescriptorEncoder};
use std::fmt::Error;

#[derive(Debug)]
pub(super) struct Bounds(pub Vec<Report>);

impl Collector for Bounds {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let encoder = &mut encoder;
        let places = |value: fn(&crate::resilience::Place) -> f64| {
            self.0.iter().flat_map(move |one| {
                one.addresses.iter().enumerate().map(move |(at, place)| {
                    ([("source", one.source.clone()), ("address", at.to_string())], value(place))
                })
            })
        };
        let about = ("portico_source_breaker_state", "0 closed, 1 half open, 2 open");
        let phase = |place: &crate::resilience::Place| match place.breaker {
            Phase::Closed => 0.0,
            Phase::HalfOpen => 1.0,
            Phase::Open => 2.0,
        };
        gauge(encoder, about, places(phase))?;
        let about = ("portico_source_address_well", "Whether health checks find an address well");
        gauge(encoder, about, places(|place| if place.well { 1.0 } else { 0.0 }))?;
        #[expect(clippy::cast_precision_loss, reason = "gauges are floats in the format")]
        let levels = |value: fn(&Report) -> usize| {
            self.0.iter().map(move |one| ([("source", one.source.clone())], value(one) as f64))
        };
        gauge(
            encoder,
            ("portico_source_places", "Calls that may be under way now"),
            levels(|one| one.limit),
        )?;
        let about = ("portico_source_calls_waiting", "Calls that wait for a place");
        gauge(encoder, about, levels(|one| one.waiting))?;
        let counts = |value: fn(&Report) -> u64| {
            self.0.iter().map(move |one| ([("source", one.source.clone())], value(one)))
        };
        counter(
            encoder,
            ("portico_source_retries", "Calls that were made again"),
            counts(|one| one.retries),
        )?;
        let about = ("portico_source_hedges", "Calls that were made twice at once");
        counter(encoder, about, counts(|one| one.hedges))?;
        let about = (
            "portico_source_calls_held",
            "Calls that were not made: the breaker was open, or no place was free",
        );
        let held = self.0.iter().flat_map(|one| {
            let label = |reason| [("source", one.source.clone()), ("reason", String::from(reason))];
            [(label("open"), one.refused_open), (label("full"), one.refused_full)]
        });
        counter(encoder, about, held)
    }
}
