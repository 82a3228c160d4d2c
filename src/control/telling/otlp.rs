//! Spans to a collector: OTLP over HTTP in protobuf. The names of attributes are those of OpenTelemetry's semantic conventions
//! for HTTP and databases (<https://opentelemetry.io/docs/specs/semconv/>).

use super::{DEADLINE, Refusal, refused, resolved};
use crate::{
    backend::http::{Outgoing, Transport},
    plan::telemetry::Traces,
    telemetry::{
        journal::{Name, Record},
        meters::{Meters, Outcome},
        queue::Receiver,
    },
    value::Brief,
};
use async_trait::async_trait;
use bytes::Bytes;
use opentelemetry::{
    InstrumentationScope, KeyValue,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks},
};
use std::{
    str::FromStr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Requests that are sent together.
const TOGETHER: usize = 64;
/// How long they are waited for: a collector rather has few large messages than many small ones.
const GATHER: Duration = Duration::from_millis(500);

pub(super) fn exporter(traces: &Traces, endpoint: &str, way: Transport) -> Result<SpanExporter, Refusal> {
    let mut headers = std::collections::HashMap::new();
    for (name, value) in &traces.headers {
        headers.insert(name.clone(), resolved(&format!("telemetry.traces.headers.{name}"), value)?);
    }
    let built = SpanExporter::builder()
        .with_http()
        .with_http_client(Way(way))
        .with_headers(headers)
        .with_endpoint(format!("{endpoint}/v1/traces"))
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(DEADLINE)
        .build();
    let mut exporter = built.map_err(|why| refused(format!("`telemetry.traces`: {why}")))?;
    let resource = Resource::builder_empty().with_attributes([
        KeyValue::new("service.name", traces.service.clone()),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
    ]);
    exporter.set_resource(&resource.build());
    Ok(exporter)
}

/// Sends spans until no request is left that makes some.
pub(super) async fn carry(exporter: SpanExporter, mut records: Receiver<Record>, meters: Arc<Meters>) {
    let scope = InstrumentationScope::builder("portico").with_version(env!("CARGO_PKG_VERSION")).build();
    loop {
        let mut taken = records.some(TOGETHER).await;
        if taken.is_empty() {
            return;
        }
        if taken.len() < TOGETHER {
            tokio::time::sleep(GATHER).await;
            taken.extend(records.ready(TOGETHER));
        }
        let count = taken.len() as u64;
        let spans = taken.into_iter().flat_map(|record| spans(record, &scope)).collect();
        if let Err(why) = exporter.export(spans).await {
            meters.dropped_spans.add(count);
            tracing::debug!(%why, count, "the collector does not take spans");
        }
    }
}

fn spans(record: Record, scope: &InstrumentationScope) -> Vec<SpanData> {
    let trace = TraceId::from(record.trace.0);
    let state = record.state.as_deref().and_then(|state| TraceState::from_str(state).ok());
    let state = state.unwrap_or_default();
    let context =
        |id: u64| SpanContext::new(trace, SpanId::from(id), TraceFlags::SAMPLED, false, state.clone());
    let begun = moment(record.begun_at);
    let data = |id: u64, parent: u64, name: String, kind, (from, took): (Duration, Duration)| SpanData {
        span_context: context(id),
        parent_span_id: SpanId::from(parent),
        parent_span_is_remote: false,
        span_kind: kind,
        name: name.into(),
        start_time: begun + from,
        end_time: begun + from + took,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: scope.clone(),
    };
    let parent = record.parent.map_or(0, |parent| parent.0);
    let name = format!("{} {}", record.method, record.route);
    let mut whole = data(record.span.0, parent, name, SpanKind::Server, (Duration::ZERO, record.took));
    whole.parent_span_is_remote = record.parent.is_some();
    whole.attributes = vec![
        KeyValue::new("http.request.method", record.method),
        KeyValue::new("http.route", record.route),
        KeyValue::new("http.response.status_code", i64::from(record.status)),
    ];
    if let Some(code) = record.code {
        whole.attributes.push(KeyValue::new("error.type", code));
    }
    if record.status >= 500 {
        whole.status = Status::error("");
    }
    let mut all = vec![whole];
    for span in record.spans {
        let times = (span.begun, span.took);
        all.push(match span.name {
            Name::Stage(stage) => data(span.id.0, span.parent.0, stage.to_owned(), SpanKind::Internal, times),
            Name::Call { call, outcome, status } => {
                let name = format!("{} {}", call.what, call.source);
                let mut one = data(span.id.0, span.parent.0, name, SpanKind::Client, times);
                one.attributes.push(KeyValue::new("peer.service", call.source.to_string()));
                if call.system == "http" {
                    one.attributes.push(KeyValue::new("http.request.method", call.what));
                } else {
                    one.attributes.push(KeyValue::new("db.system.name", call.system));
                    one.attributes.push(KeyValue::new("db.operation.name", call.what));
                }
                if let Some(status) = status {
                    one.attributes.push(KeyValue::new("http.response.status_code", i64::from(status)));
                }
                if outcome != Outcome::Ok {
                    one.attributes.push(KeyValue::new("error.type", outcome.name()));
                }
                if outcome.is_failure() {
                    one.status = Status::error("");
                }
                one
            }
        });
    }
    all
}

fn moment(at: crate::value::time::Moment) -> SystemTime {
    UNIX_EPOCH + Duration::new(at.seconds.max(0).unsigned_abs(), at.nanos)
}

/// Our own client for the exporter.
#[derive(Debug)]
struct Way(Transport);

#[async_trait]
impl HttpClient for Way {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let headers = head
            .headers
            .iter()
            .filter_map(|(name, value)| Some((Brief::new(name), value.to_str().ok()?.into())));
        let outgoing = Outgoing {
            method: "POST",
            url: head.uri.to_string(),
            headers: headers.collect(),
            body: Some(body),
            deadline: tokio::time::Instant::now() + DEADLINE,
            limit: 64 * 1024,
        };
        let received = self.0.send(outgoing).await?;
        let mut response = Response::new(Bytes::from(received.body));
        *response.status_mut() = http::StatusCode::from_u16(received.status)?;
        *response.headers_mut() = received.headers;
        Ok(response)
    }
}
