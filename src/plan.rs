//! What the machine will do: the compiled form of all files. Immutable, with no I/O and no serde; built by
//! `plan::compile` alone. Everything that can be decided before a request comes is decided here.

pub mod access;
pub mod audit;
pub mod binding;
pub mod cache;
pub mod compile;
pub mod contract;
pub mod convert;
pub mod edge;
pub mod http;
pub mod identity;
pub mod rates;
pub mod reading;
pub mod resilience;
pub mod resource;
pub mod route;
pub mod sealing;
pub mod shortcut;
pub mod soap;
pub mod sql;
pub mod writing;

pub use binding::{Binding, Means};
pub use contract::{Contract, Kind, MemberId, Selection};
pub use resource::{Api, Resource};
pub use shortcut::Shortcut;

use std::sync::Arc;

/// A resource's number in the plan.
pub type ResourceId = usize;
/// A source's number in the plan.
pub type SourceId = usize;
/// A look-up's number in the plan.
pub type LookupId = usize;

/// All that is served, and how.
#[derive(Debug)]
pub struct Plan {
    pub apis: Vec<Api>,
    pub resources: Vec<Arc<Resource>>,
    pub shortcuts: Vec<Arc<Shortcut>>,
    pub sources: Vec<Source>,
    pub lookups: Vec<Lookup>,
    /// Every binding of the files with its resource, serving or not: all of them are proved.
    pub bindings: Vec<(ResourceId, Arc<Binding>)>,
    pub routes: route::Routes,
    /// How much callers may ask for.
    pub rates: Arc<rates::Rates>,
    pub settings: Settings,
    /// What all files say of resources and of what runs behind, as a number: answers of another one are not used.
    pub revision: String,
}

/// What is true of the program as a whole.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Without a slash at its end.
    pub public_url: String,
    pub listen: Vec<Listen>,
    pub limits: Limits,
    pub ledger: Option<SqlSource>,
    /// Where operators look.
    pub admin: Option<Listen>,
    /// Who may come, and with what.
    pub identity: Option<identity::Identity>,
    /// The audit trail; nothing where none is kept.
    pub trail: Option<audit::Trail>,
    /// How much of what was read is kept.
    pub cache: cache::Cache,
    /// Where the keys are that stored values are sealed with.
    pub sealing: Option<sealing::Sealing>,
    /// Whom to tell of a weakness.
    pub security_txt: Option<edge::SecurityTxt>,
    /// The Redis that several programs share.
    pub shared: Option<SecretRef>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    pub address: std::net::SocketAddr,
    pub certificate: Option<(std::path::PathBuf, std::path::PathBuf)>,
    /// Other certificates, by the names that clients ask for.
    pub named: Vec<edge::Named>,
    pub clients: Option<Clients>,
    pub behind_proxy: bool,
    /// Networks of proxies that are believed: an address, and how many bits of it count.
    pub trusted: Vec<(std::net::IpAddr, u8)>,
}

/// Certificates of clients, which are asked for beside TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clients {
    /// A file with the authorities that they have to be from.
    pub authorities: std::path::PathBuf,
    /// Whether a connection without one is refused.
    pub required: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub header_bytes: u32,
    pub header_count: u32,
    pub header_deadline: std::time::Duration,
    pub body_bytes: u64,
    pub request_deadline: std::time::Duration,
    /// How many requests may be under way at once.
    pub requests: usize,
    pub grace: std::time::Duration,
    /// At once; those of one address as well, or of one `/64`.
    pub connections: u32,
    pub connections_per_address: u32,
    pub keep_alive: std::time::Duration,
    /// In bytes a second.
    pub body_rate: u32,
    pub answer_rate: u32,
    pub answer_wait: std::time::Duration,
    pub answer_bytes: u64,
    /// Of one HTTP/2 connection.
    pub streams: u32,
    pub resets: u32,
}

/// A backend, as it is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub name: String,
    pub kind: SourceKind,
    pub resilience: resilience::Resilience,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SourceKind {
    Http(HttpSource),
    Sql(SqlSource),
    Stub,
}

#[derive(Debug, Clone, PartialEq)]
pub struct HttpSource {
    /// Scheme, authority and a path without a slash at its end. Calls are made for this one, and sent to any.
    pub address: String,
    /// All addresses, the first one too.
    pub addresses: Vec<String>,
    pub deadline: std::time::Duration,
    pub concurrency: usize,
    pub answer_bytes: u64,
    /// What templates name as `${name}`.
    pub credentials: Vec<(String, SecretRef)>,
    pub when_busy: WhenBusy,
    /// The dialect that its bindings speak; the first one's where they speak several.
    pub dialect: Option<Arc<http::Dialect>>,
}

/// What is done when a source has had all the calls that it takes for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenBusy {
    Wait,
    Slow,
    Fail,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SqlSource {
    pub url: SecretRef,
    /// Where a relative file of `SQLite`, and of the migrations, starts from.
    pub root: std::path::PathBuf,
    pub migrations: Option<std::path::PathBuf>,
    pub connections: u32,
    pub deadline: std::time::Duration,
}

/// Where a value is to be had. The plan never holds a secret itself.
#[derive(Clone, PartialEq)]
pub enum SecretRef {
    Plain(String),
    Env(String),
    File(std::path::PathBuf),
    Command(Vec<String>),
}

impl std::fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain(_) => f.write_str("Plain(..)"),
            Self::Env(name) => write!(f, "Env({name})"),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Command(_) => f.write_str("Command(..)"),
        }
    }
}

/// A table of keys and what they mean, filled from another resource's records on the same source.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// The first look-up that asks the same; those share one table.
    pub table: LookupId,
    /// The resource's name, for people.
    pub name: String,
    pub resource: ResourceId,
    pub binding: Arc<Binding>,
    /// The slot of the record that holds the key.
    pub by: u16,
    /// The public member that is given.
    pub give: MemberId,
    /// How long the table is used.
    pub fresh: std::time::Duration,
    /// More rows than this are refused.
    pub most: u32,
}

impl Plan {
    /// The resource of this number.
    pub fn resource(&self, id: ResourceId) -> Option<&Arc<Resource>> {
        self.resources.get(id)
    }

    /// All scopes that anything here asks for, sorted: those of resources, and those of members that have their own.
    pub fn scopes(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for access in self.resources.iter().map(|resource| &resource.access).filter(|access| !access.open) {
            found.extend(access.grants.iter().flat_map(|grant| {
                [&*access.read_scope, &*access.write_scope]
                    .into_iter()
                    .zip([false, true])
                    .filter(|(_, writes)| grant.may.any(*writes))
                    .map(|(scope, _)| scope)
            }));
            found.extend(access.scoped.iter().map(|(_, scope)| &**scope));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether children may be there of a parent that is not: where another system keeps the parents, or where the parents'
    /// resource leaves some of its system's records out.
    pub fn is_doubtful(&self, resource: &Resource, path: usize) -> bool {
        let owner = resource.paths.get(path).and_then(|p| p.parent);
        owner.and_then(|(owner, _)| self.resource(owner)).is_some_and(|owner| {
            let leaves_out = matches!(&owner.binding.means, Means::Http(means) if !means.fixed.is_empty());
            leaves_out || owner.binding.source != resource.binding.source
        })
    }
}
