//! Bringing plans to life: load, build, reload, serve. What two floors below must not know of each other meets here.

mod admin;
pub mod audit;
pub mod cache;
mod certificates;
mod contact;
pub mod difference;
pub mod drift;
mod folders;
mod gate;
mod identity;
pub mod indexes;
mod limits;
pub mod purge;
pub mod reload;
pub mod reseal;
pub mod sealing;
mod service;
mod telling;
mod watch;
pub mod writes;

use crate::{
    backend::{self, Sources},
    edge,
    fault::{Diagnostics, Fault, code},
    identity::{audit::Note, keys::Ring, proof::Replays, revoked::Revoked, sealer::Sealer},
    ledger::{Ledger, audit::Trail},
    oauth::{Doors, rules::Rules},
    pipeline::{Facade, Instance},
    plan::{Plan, SourceKind, compile},
    spec::{Files, load},
    telemetry::{
        Outlets,
        clock::{Clock, System},
    },
};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};
use telling::{Telling, Tells};

/// What stands above the configuration file, as the command line says it.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// The port of the first listener, and of the public address.
    pub port: Option<u16>,
}

/// Why the program cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The files have faults; they have been told.
    #[error("the files have {} errors", .0.errors())]
    Files(Diagnostics),
    #[error("a source cannot be opened: {}", .0.detail.as_deref().unwrap_or(&.0.message))]
    Source(Box<Fault>),
    #[error(transparent)]
    Edge(#[from] edge::Fault),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Reads and compiles a configuration. Warnings stand beside a plan.
pub fn plan(config: &Path, overrides: &Overrides) -> (Option<Plan>, Files, Diagnostics) {
    plan_again(config, overrides, &Files::default(), None)
}

/// The same, where most files are as they were: of what is written in the others nothing is read or compiled again that depends
/// on nothing else.
fn plan_again(
    config: &Path,
    overrides: &Overrides,
    before: &Files,
    compiled: Option<&Plan>,
) -> (Option<Plan>, Files, Diagnostics) {
    let mut out = Diagnostics::new();
    let mut files = load::again(&load::Tree::Disk, config, before, &mut out);
    if let (Some(port), Some(doc)) = (overrides.port, &mut files.config) {
        let words = Arc::make_mut(&mut doc.words);
        if let Some(first) = words.listen.first_mut()
            && let Ok(mut address) = first.address.parse::<SocketAddr>()
        {
            address.set_port(port);
            first.address = address.to_string();
        }
        if let Some((scheme, rest)) = words.public_url.split_once("://") {
            let host = rest.split([':', '/']).next().unwrap_or_default();
            words.public_url = format!("{scheme}://{host}:{port}");
        }
    }
    let plan = compile::again(&files, compiled, &mut out);
    contact::judge(plan.as_ref(), &files, System.now(), &mut out);
    out.sort();
    let plan = plan.filter(|_| !out.has_errors());
    (plan, files, out)
}

/// Builds a plan's sources; what is the same as before goes on.
pub async fn instance(plan: Plan, before: Option<&Instance>) -> Result<Instance, Refusal> {
    let before = before.map(|b| &b.sources);
    let sources = Sources::build(&plan, before, &backend::http::network).await;
    let sources = sources.map_err(|fault| Refusal::Source(Box::new(fault)))?;
    Ok(Instance { plan, sources })
}

/// A façade over a configuration, not yet listening.
pub async fn facade(config: &Path, overrides: &Overrides) -> Result<(Arc<Facade>, Diagnostics), Refusal> {
    facade_at(config, overrides, Arc::new(System)).await
}

/// The same with a clock of the caller's choosing.
pub async fn facade_at(
    config: &Path,
    overrides: &Overrides,
    clock: Arc<dyn Clock>,
) -> Result<(Arc<Facade>, Diagnostics), Refusal> {
    let built = Box::pin(built(config, overrides, clock, &Trust::default(), Tells::Nothing)).await?;
    Ok((built.facade, built.diagnostics))
}

/// What the authorization server and the gate share: what proves tokens, what has been revoked, and the proofs that came.
#[derive(Debug, Clone, Default)]
struct Trust {
    ring: Arc<Ring>,
    revoked: Arc<Revoked>,
    replays: Arc<Replays>,
}

/// A façade, and who lets its callers in, not yet listening.
#[derive(Debug)]
pub struct Opened {
    pub facade: Arc<Facade>,
    /// What the façade was made of: a reload reads what is written otherwise since.
    files: Files,
    /// The authorization server, where the configuration has an `identity`.
    pub doors: Option<Doors>,
    pub diagnostics: Diagnostics,
    pub ledger: Option<Ledger>,
    trail: Option<Trail>,
    telling: Telling,
    /// What has been revoked is learnt of as long as this lives.
    following: Option<gate::Following>,
}

/// Opens all that a configuration names.
pub async fn open(config: &Path, overrides: &Overrides, clock: Arc<dyn Clock>) -> Result<Opened, Refusal> {
    let trust = Trust::default();
    let Built { facade, files, ledger, sealer, trail, telling, diagnostics } =
        built(config, overrides, Arc::clone(&clock), &trust, Tells::All).await?;
    let following = match &ledger {
        Some(ledger) if facade.current().plan.settings.identity.is_some() => {
            let (ledger, revoked) = (ledger.clone(), Arc::clone(&trust.revoked));
            let begun = gate::Following::begin(ledger, revoked, Arc::clone(&clock)).await;
            Some(begun.map_err(|fault| Refusal::Source(Box::new(fault)))?)
        }
        _ => None,
    };
    let doors = identity::doors(&facade, ledger.clone(), clock, &trust, sealer).await?;
    Ok(Opened { facade, files, doors, diagnostics, ledger, trail, telling, following })
}

/// A façade, and what it shares with those around it.
struct Built {
    facade: Arc<Facade>,
    files: Files,
    ledger: Option<Ledger>,
    sealer: Arc<dyn Sealer>,
    trail: Option<Trail>,
    telling: Telling,
    diagnostics: Diagnostics,
}

/// A façade with its ledger. The ring holds the keys that prove our tokens, once the authorization server is open.
async fn built(
    config: &Path,
    overrides: &Overrides,
    clock: Arc<dyn Clock>,
    trust: &Trust,
    tells: Tells,
) -> Result<Built, Refusal> {
    edge::install_tls_provider();
    let (plan, files, diagnostics) = plan(config, overrides);
    let Some(plan) = plan else { return Err(Refusal::Files(diagnostics)) };
    // Its tables are brought up to date before anything is served.
    let ledger = ledger(&plan).await?;
    let instance = instance(plan, None).await?;
    reseal::complete(&instance).await.map_err(|fault| Refusal::Source(Box::new(fault)))?;
    let sealer = sealing::sealer(&instance, ledger.as_ref()).await?;
    let trail = audit::trail(&instance.plan, ledger.as_ref(), &sealer, Arc::clone(&clock));
    let note = trail.clone().map(|trail| Arc::new(trail) as Arc<dyn Note>);
    let (outlets, telling) = match tells {
        Tells::All => telling::open(&instance.plan, &instance.sources.meters, &clock)?,
        Tells::Nothing => <(Outlets, Telling)>::default(),
    };
    let facade = Facade::new(instance, Arc::clone(&clock)).with_audit(note).with_outlets(outlets);
    let mut facade = limits::equip(facade, ledger.as_ref(), &sealer, &clock)?;
    if let Some(ledger) = &ledger {
        // What was counted is of use, and nothing hangs on it.
        match ledger.drift().await {
            Ok(rows) => facade.current().sources.radars.restore(&rows),
            Err(fault) => tracing::warn!(detail = fault.detail.as_deref(), "drift begins anew"),
        }
    }
    let gate = gate::open(&facade.current().plan, ledger.as_ref(), &clock, trust)?;
    if let Some(gate) = gate {
        facade = facade.with_identity(Arc::new(gate));
    }
    share(&facade)?;
    Ok(Built { facade: Arc::new(facade), files, ledger, sealer, trail, telling, diagnostics })
}

/// Meets other replicas where the configuration says. That the place is away now is no matter; that its address cannot be
/// had is a mistake.
fn share(facade: &Facade) -> Result<(), Refusal> {
    let Some(reference) = facade.current().plan.settings.shared.clone() else { return Ok(()) };
    let wrong = |why: String| {
        let fault = Fault::plain(&code::INTERNAL).detail(format!("`shared.redis`: {why}"));
        Refusal::Source(Box::new(fault))
    };
    let address = backend::secret::resolve(&reference).map_err(|why| wrong(why.to_string()))?;
    facade.cache().share(&address).map_err(|why| wrong(why.to_string()))
}

/// The internal store of a configuration, open, where it names one.
pub async fn open_ledger(config: &Path, overrides: &Overrides) -> Result<Option<Ledger>, Refusal> {
    let (plan, _, diagnostics) = plan(config, overrides);
    let Some(plan) = plan else { return Err(Refusal::Files(diagnostics)) };
    ledger(&plan).await
}

/// The internal store of a configuration with the rules of its authorization server, where it names both.
pub async fn open_rules(config: &Path, overrides: &Overrides) -> Result<Option<(Ledger, Rules)>, Refusal> {
    let (plan, _, diagnostics) = plan(config, overrides);
    let Some(plan) = plan else { return Err(Refusal::Files(diagnostics)) };
    Ok(ledger(&plan).await?.zip(Rules::of(&plan)))
}

/// The internal store of a plan, open, where it names one.
async fn ledger(plan: &Plan) -> Result<Option<Ledger>, Refusal> {
    let Some(source) = &plan.settings.ledger else { return Ok(None) };
    Ledger::open(source).await.map(Some).map_err(|fault| Refusal::Source(Box::new(fault)))
}

/// A plan with sources that are never asked: no database is opened and nothing is migrated.
pub async fn explaining(config: &Path, overrides: &Overrides) -> Result<Instance, Refusal> {
    edge::install_tls_provider();
    let (plan, _, diagnostics) = plan(config, overrides);
    let Some(mut plan) = plan else { return Err(Refusal::Files(diagnostics)) };
    // Nor is a key asked for.
    plan.settings.sealing = None;
    for source in &mut plan.sources {
        if let SourceKind::Sql(sql) = &mut source.kind {
            sql.migrations = None;
        }
    }
    instance(plan, None).await
}

/// A plan with its sources and keys, for work on what is stored: nothing is served.
pub async fn storing(config: &Path, overrides: &Overrides) -> Result<Instance, Refusal> {
    edge::install_tls_provider();
    let (plan, _, diagnostics) = plan(config, overrides);
    let Some(plan) = plan else { return Err(Refusal::Files(diagnostics)) };
    instance(plan, None).await
}

/// Compiles anew and exchanges the plan. On any fault nothing changes.
pub async fn reload(facade: &Facade, config: &Path, overrides: &Overrides) -> Result<Diagnostics, Refusal> {
    let (taken, _) = reload::taken(facade, config, overrides, Arc::default()).await?;
    Ok(taken.diagnostics)
}

/// How the program listens, beside what the configuration says.
#[derive(Debug, Clone, Default)]
pub struct Serving {
    pub upgrade: bool,
    pub upgrade_socket: Option<PathBuf>,
}

/// Serves until a signal ends it. `ready` is told the addresses once requests are taken.
pub async fn serve(
    opened: Opened,
    config: PathBuf,
    overrides: Overrides,
    serving: Serving,
    ready: impl FnOnce(&[SocketAddr]),
) -> Result<(), Refusal> {
    let Opened { facade, files, doors, ledger, trail, telling, following, .. } = opened;
    let settings = service::settings(&facade.current().plan.settings, &serving);
    let orders = edge::signals()?;
    let edge = edge::Edge::open(settings)?;
    let folders = watch::folders(&config, &files);
    let reloader = reload::Reloader::new(Arc::clone(&facade), config, overrides, files);
    let watching = watch::begin(reloader.clone(), &folders)?;
    let renewing = certificates::begin(Arc::clone(&facade), edge.certificates())?;
    let purging = purge::begin(Arc::clone(&facade));
    let keeping = drift::begin(Arc::clone(&facade), ledger);
    let sweeping = audit::begin(Arc::clone(&facade), trail.clone());
    let limiting = limits::begin(Arc::clone(&facade));
    let admin = admin::begin(&facade, trail, (reloader, edge.counts()), serving.upgrade)?;
    ready(edge.addresses());
    let service = service::Road::new(Arc::clone(&facade), doors, edge.counts());
    let refuse = service::Worded::new(facade);
    let served = edge.serve(service, refuse, orders).await;
    drop((watching, renewing, purging, sweeping, admin, following));
    limiting.finish().await;
    keeping.finish().await;
    telling.finish().await;
    served.map_err(Refusal::Edge)
}
