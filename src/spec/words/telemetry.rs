//! What the running program tells of itself: a line for each request, traces, timings for callers who may see them, and where
//! its own faults are reported.

use super::config::Secret;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// What the running program tells of itself, beside metrics, which the operators' listener always has.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Telemetry {
    /// One line for each request; none is written where it is not said.
    pub requests: Option<Requests>,
    /// Traces of requests; requests are not traced where it is not said.
    pub traces: Option<Traces>,
    /// Who is told in `Server-Timing` how long the stages of a request took; nobody where it is not said.
    pub server_timing: Option<ServerTiming>,
    /// Where faults of our own are reported; nowhere where it is not said.
    pub faults: Option<Faults>,
}

/// One line for each request.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Requests {
    pub format: Format,
    /// `stdout`, `stderr`, or a file, relative to this one.
    pub to: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Format {
    #[default]
    Json,
    Logfmt,
}

/// Traces of requests.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Traces {
    /// The collector's address for OTLP over HTTP, for example `http://127.0.0.1:4318`. Without it spans are not kept, and
    /// sources are still told of the trace.
    pub endpoint: Option<String>,
    /// Headers that the collector wants, for example a key.
    pub headers: IndexMap<String, Secret>,
    /// How many of the traces that begin here are kept: from 0 (none) to 1 (all).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub share: f64,
    /// Networks whose `traceparent` is believed, as `10.0.0.0/8`; others begin a trace of their own.
    pub trust: Vec<String>,
    /// Whether sources are told of the trace.
    pub tell_sources: bool,
    /// The name of this program in traces.
    pub service: String,
}

impl Default for Traces {
    fn default() -> Self {
        Self {
            endpoint: None,
            headers: IndexMap::new(),
            share: 0.1,
            trust: Vec::new(),
            tell_sources: true,
            service: "portico".into(),
        }
    }
}

/// Who sees timings: whoever has one of these.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ServerTiming {
    pub roles: Vec<String>,
    /// Scopes that were granted.
    pub scopes: Vec<String>,
    /// OAuth clients.
    pub clients: Vec<String>,
}

/// Where faults of our own are reported.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Faults {
    /// The DSN of a project at Sentry or what is compatible with it: `https://KEY@host/PROJECT`.
    pub dsn: Secret,
    /// For example `production`.
    #[serde(default)]
    pub environment: Option<String>,
}
