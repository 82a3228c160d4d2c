//! The configuration: where things are, which binding serves, and the limits. Secrets by reference only.

use super::Span;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// Where things are and which binding serves.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    pub listen: Vec<Listen>,
    /// The address under which the world sees this program; links are made of it.
    pub public_url: String,
    /// The folder of the mapping files, relative to this file.
    #[serde(default = "mappings")]
    pub mappings: String,
    /// The folder of the contracts, relative to this file.
    #[serde(default = "schemas")]
    pub schemas: String,
    /// The APIs that are served, as `name/version`.
    pub apis: IndexMap<String, Served>,
    pub sources: IndexMap<String, Source>,
    /// The internal store's system tables; in memory where it is not said.
    #[serde(default)]
    pub ledger: Option<Sql>,
    #[serde(default)]
    pub limits: Limits,
    /// How much callers may ask for; without a limit where it is not said, but for logins and tokens.
    #[serde(default)]
    pub rates: Option<super::rates::AllRates>,
    /// Where operators read metrics and drift; never an address that callers use. Nowhere where it is not said.
    #[serde(default)]
    pub admin: Option<Listen>,
    /// Who may come, and with what; only what is public can be had where it is not said.
    #[serde(default)]
    pub identity: Option<super::identity::Identity>,
    /// The audit trail, in the `ledger`: who did what to which records. Kept wherever `identity` is said.
    #[serde(default)]
    pub audit: Option<super::audit::Trail>,
    /// How much of what was read is kept in memory.
    #[serde(default)]
    pub cache: super::cache::Memory,
    /// What replicas share; each stands alone where it is not said.
    #[serde(default)]
    pub shared: Option<super::shared::Shared>,
    /// Where the keys are that stored values are sealed with.
    #[serde(default)]
    pub sealing: Option<super::sealing::Sealing>,
    /// Whom to tell of a weakness, at `/.well-known/security.txt`; nothing is there where it is not said.
    #[serde(default)]
    pub security_txt: Option<super::edge::SecurityTxt>,
}

fn mappings() -> String {
    "../mappings".into()
}

fn schemas() -> String {
    "../schemas".into()
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Listen {
    /// An IP address and a port.
    pub address: String,
    #[serde(default)]
    pub tls: Option<Tls>,
    /// A trusted proxy in front ends TLS; without it plain HTTP is refused on other than loopback.
    #[serde(default)]
    pub behind_proxy: bool,
    /// With `behindProxy`: the proxies whose `Forwarded` or `X-Forwarded-For` is believed, as addresses or networks
    /// (`10.0.0.0/8`). Without them the proxy's own address is the client's.
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tls {
    /// A PEM file with the chain, relative to this file.
    pub certificate: String,
    /// A PEM file with the key, relative to this file.
    pub key: String,
    /// Other certificates, by the names that clients ask for. Who asks for no name, or another one, is shown the first.
    #[serde(default)]
    pub named: Vec<super::edge::Named>,
    /// Certificates of clients: tokens may be bound to them (RFC 8705).
    #[serde(default)]
    pub clients: Option<Clients>,
}

/// Which certificates of clients are taken.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Clients {
    /// A PEM file with the authorities that they have to be from, relative to this file.
    pub authorities: String,
    /// A connection without a certificate is refused.
    #[serde(default)]
    pub required: bool,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Served {
    /// The binding that serves each resource.
    pub serve: IndexMap<String, String>,
}

/// A backend. Exactly one of `http`, `sql` and `stub` says its kind.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Source {
    #[serde(default)]
    pub http: Option<Http>,
    #[serde(default)]
    pub sql: Option<Sql>,
    #[serde(default)]
    pub stub: Option<StubSource>,
    /// What dialects name as `${name}`: a value, or where it is to be had.
    #[serde(default)]
    pub credentials: IndexMap<String, Secret>,
    /// How calls are held in bounds: retries, breaker, bulkhead, hedging, health checks.
    #[serde(default)]
    pub resilience: super::resilience::Resilience,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Http {
    /// Scheme, host, port and a path in front of every call's.
    #[serde(default)]
    pub address: Option<String>,
    /// Several of them, where any does as well as another: calls are spread over those that are well.
    #[serde(default)]
    pub addresses: Option<Vec<String>>,
    /// Says that this source is meant to be spoken to without TLS.
    #[serde(default)]
    pub plain: bool,
    /// The longest that one call may take.
    #[serde(default)]
    pub deadline: Option<Span>,
    /// How many calls may be under way at once.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10000))]
    pub concurrency: Option<u32>,
    /// The largest answer in bytes.
    #[serde(default)]
    pub answer_bytes: Option<u64>,
    /// What is done when the source is at its limit of calls; `wait` where it is not said.
    #[serde(default)]
    pub when_busy: WhenBusy,
}

/// What is done when a source has had all the calls that it takes for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum WhenBusy {
    /// Calls wait until it takes them again, as long as the request may.
    #[default]
    Wait,
    /// Calls are spread over the time that is left, and wait when there are none.
    Slow,
    /// Calls fail at once, and say when to come again.
    Fail,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Sql {
    /// `sqlite:FILE` (relative to this file), `postgres://...` or `mysql://...`; or a reference to it.
    pub url: Secret,
    /// A folder with a folder of migrations for each kind of database, relative to this file.
    #[serde(default)]
    pub migrations: Option<String>,
    /// How many connections are held at most.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub connections: Option<u32>,
    /// The longest that one statement may take.
    #[serde(default)]
    pub deadline: Option<Span>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StubSource {}

/// A value, or where it is to be had. A secret is never written here itself.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Secret {
    /// The value itself, for what is no secret (a file's name, a database without a password).
    Plain(String),
    /// A reference.
    By(SecretBy),
}

#[derive(Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SecretBy {
    /// A variable of the environment.
    Env(String),
    /// A file, relative to this one; white space at its end is dropped.
    File(String),
    /// A command and its arguments; its output is the value.
    Command(Vec<String>),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// How much one request may be, and one client.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Limits {
    /// The largest header of a request in bytes, all lines together.
    #[schemars(range(min = 1024, max = 1_048_576))]
    pub header_bytes: u32,
    #[schemars(range(min = 8, max = 1000))]
    pub header_count: u32,
    /// How long a header may take to come in.
    pub header_deadline: Span,
    /// The largest body of a request in bytes.
    #[schemars(range(min = 1024, max = 1_073_741_824))]
    pub body_bytes: u64,
    /// How long a request may take as a whole.
    pub request_deadline: Span,
    /// How many requests may be under way at once; further ones are refused before anything of them is looked at.
    #[schemars(range(min = 16, max = 1_000_000))]
    pub requests: u32,
    /// How long a stop waits for requests under way.
    pub grace: Span,
    /// How many connections may be open at once, those in a handshake included; more are closed.
    #[schemars(range(min = 16, max = 1_000_000))]
    pub connections: u32,
    /// How many of them may come from one address, or from one `/64` of IPv6. Those of proxies are not counted.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub connections_per_address: u32,
    /// How long a connection may stay open with no request under way.
    pub keep_alive: Span,
    /// The least bytes a second that a body comes with, over each five seconds.
    #[schemars(range(max = 1_048_576))]
    pub body_rate: u32,
    /// The least bytes a second that an answer is taken with, over each `answerWait`.
    #[schemars(range(max = 1_048_576))]
    pub answer_rate: u32,
    /// How long a client may leave an answer untaken.
    pub answer_wait: Span,
    /// How many bytes answers may hold that are not taken, over all connections; beyond it clients that take their time are
    /// not waited for.
    #[schemars(range(min = 1_048_576))]
    pub answer_bytes: u64,
    /// How many streams one HTTP/2 connection may have open at once.
    #[schemars(range(min = 1, max = 1000))]
    pub streams: u32,
    /// How many requests a client may take back on one HTTP/2 connection, beyond those that it lets be answered; one a
    /// second is forgiven.
    #[schemars(range(min = 1, max = 1000))]
    pub resets: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = |n| Span(std::time::Duration::from_secs(n));
        Self {
            header_bytes: 32 * 1024,
            header_count: 100,
            header_deadline: seconds(5),
            body_bytes: 1024 * 1024,
            request_deadline: seconds(30),
            requests: 2000,
            grace: seconds(30),
            connections: 20_000,
            connections_per_address: 1000,
            keep_alive: seconds(75),
            body_rate: 512,
            answer_rate: 512,
            answer_wait: seconds(30),
            answer_bytes: 32 * 1024 * 1024,
            streams: 100,
            resets: 20,
        }
    }
}
