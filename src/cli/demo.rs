//! `portico demo` and `portico system`: the embedded legacy systems, and the façade in front of them.

mod tokens;

use super::{Files, runtime, show, told};
use crate::{
    backend::{
        self,
        keys::Keys,
        sql::{Flavor, pool::Pool},
    },
    control::{self, Serving},
    demo::{
        faults, seed,
        station::{self, Station},
        store, systems,
    },
    plan::{Plan, SecretRef, SourceKind, SqlSource, sealing::KeySource},
    seal::Material,
    telemetry::clock,
};
use anyhow::{Context, bail};
use clap::Args;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

#[derive(Debug, Args)]
#[command(after_help = "The demo's data is made anew at each start, the same every time.")]
pub(super) struct Demo {
    #[command(flatten)]
    files: Files,
    /// The folder of the demo's own files: the store, and the log of what each system was asked.
    #[arg(long, default_value = "target/demo", value_name = "FOLDER")]
    state: PathBuf,
    /// A file that says what goes wrong, a line for each system such as `drupal7 latency 300ms`; it is read again
    /// whenever it changes.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// A file that gets an access token for each role, as JSON by the role's name; it always holds fresh ones.
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct System {
    /// Which one.
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(systems::NAMES))]
    name: String,
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:4101")]
    listen: SocketAddr,
    /// The password of its user `portico`, where it has one.
    #[arg(long, env = "PORTICO_DRUPAL7_PASSWORD")]
    password: Option<String>,
    /// A credential that it asks for, as `name=value`; what is not said is `portico`.
    #[arg(long, value_name = "NAME=VALUE")]
    credential: Vec<String>,
    /// A file that gets a line for each request.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// A file that says what goes wrong; it is read again whenever it changes.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
}

impl System {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut credentials = systems::Credentials::new();
        for pair in &self.credential {
            let (name, value) = pair.split_once('=').context("a credential is written `name=value`")?;
            credentials.push((name.to_owned(), value.to_owned()));
        }
        credentials.extend(self.password.map(|password| ("password".to_owned(), password)));
        runtime()?.block_on(async {
            let settings = station::Settings { log: self.log, ..station::Settings::default() };
            let station = systems::station(&self.name, &seed::seed(), &credentials, settings);
            let station = station.with_context(|| format!("there is no system `{}`", self.name))?;
            let listener = bind(self.listen).await?;
            println!("ready http://{}", listener.local_addr()?);
            let switches = switches(self.faults, vec![Arc::clone(&station)]);
            tokio::select! {
                served = axum::serve(listener, station.router()) => served?,
                () = switches => {}
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

async fn bind(address: SocketAddr) -> anyhow::Result<tokio::net::TcpListener> {
    tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} cannot be listened on; is another demo running?"))
}

/// Turns the fault switches as the file says, whenever it changes; for ever.
async fn switches(file: Option<PathBuf>, stations: Vec<Arc<Station>>) {
    let Some(file) = file else { return std::future::pending().await };
    let names: Vec<&str> = stations.iter().map(|station| station.name()).collect();
    let mut before = None;
    loop {
        // Once a second is often enough for a person, and works on every file system.
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if before.as_ref() != Some(&text) {
            match faults::parse(&text, &names) {
                Ok(plans) => {
                    for station in &stations {
                        let plan = plans.iter().find(|(name, _)| name == station.name());
                        station.fault(plan.and_then(|(_, plan)| plan.clone()));
                    }
                    if before.is_some() {
                        eprintln!("{}: taken over", file.display());
                    }
                }
                Err(mistakes) => {
                    for mistake in mistakes {
                        eprintln!("{}: {mistake}", file.display());
                    }
                }
            }
            before = Some(text);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

impl Demo {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin("warn");
        std::fs::create_dir_all(&self.state)
            .with_context(|| format!("`{}` cannot be made", self.state.display()))?;
        runtime()?.block_on(self.start())
    }

    async fn start(self) -> anyhow::Result<ExitCode> {
        let (plan, _, diagnostics) = control::plan(&self.files.config, &self.files.overrides());
        let Some(plan) = plan else {
            show(&diagnostics);
            bail!("the files have {} errors", diagnostics.errors());
        };
        let keys = Self::keys(&plan)?;
        // A system may have several sources that speak to it, in tongues of their own.
        let mut wanted: BTreeMap<SocketAddr, (&'static str, systems::Credentials)> = BTreeMap::new();
        for source in &plan.sources {
            match &source.kind {
                SourceKind::Http(http) => {
                    let name = systems::of_source(&source.name)
                        .with_context(|| format!("the demo has no embedded system `{}`", source.name))?;
                    let (_, known) = wanted.entry(local(&http.address)?).or_insert((name, Vec::new()));
                    known.extend(Self::secrets(&http.credentials)?);
                }
                SourceKind::Sql(sql) => fill(sql, &plan, &keys).await?,
                SourceKind::Stub => {}
            }
        }
        let seed = seed::seed();
        let mut tasks = tokio::task::JoinSet::new();
        let mut stations = Vec::new();
        for (address, (name, credentials)) in wanted {
            let log = self.state.join(format!("{name}.log"));
            let _ = std::fs::remove_file(&log);
            let settings = station::Settings { log: Some(log), ..station::Settings::default() };
            let station = systems::station(name, &seed, &credentials, settings).context("a known system")?;
            let listener = bind(address).await?;
            let router = station.router();
            tasks.spawn(async move { axum::serve(listener, router).await });
            stations.push(station);
        }
        let faults = self.faults.clone();
        tasks.spawn(async move {
            switches(faults, stations).await;
            Ok(())
        });
        let overrides = self.files.overrides();
        let opened = control::open(&self.files.config, &overrides, Arc::new(clock::System));
        let opened = opened.await.map_err(told)?;
        show(&opened.diagnostics);
        if let Some(doors) = &opened.doors
            && let Some((ledger, _)) =
                control::open_rules(&self.files.config, &overrides).await.map_err(told)?
        {
            let now = clock::Clock::now(&clock::System).seconds;
            tokens::clients(&ledger, &self.state, now).await?;
            let people = match doors.desk() {
                Some(desk) => tokens::people(desk, &self.state).await?,
                None => tokens::People::new(),
            };
            if let Some(file) = self.tokens.clone() {
                let keeping = tokens::Keeping { file, ledger, server: Arc::clone(doors.server()), people };
                // They are there before anybody is told that the demo is ready.
                keeping.write().await?;
                tasks.spawn(async move {
                    keeping.go_on().await.map_err(|why| {
                        eprintln!("the demo's tokens are not written: {why:#}");
                        std::io::Error::other(why)
                    })
                });
            }
        }
        let public = plan.settings.public_url.clone();
        let (tokens, state) = (self.tokens.clone(), self.state.clone());
        let ready = move |_: &[SocketAddr]| greet(&public, tokens.as_deref(), &state);
        let config = self.files.config.clone();
        control::serve(opened, config, overrides, Serving::default(), ready).await.map_err(told)?;
        tasks.shutdown().await;
        Ok(ExitCode::SUCCESS)
    }

    /// The keys that the store is sealed with. They are made where there are none, and kept: the ledger is, too.
    fn keys(plan: &Plan) -> anyhow::Result<Keys> {
        let Some(sealing) = &plan.settings.sealing else { return Ok(Keys::default()) };
        let here = |source: &KeySource| match source {
            KeySource::Here(reference) => Some(reference.clone()),
            KeySource::Transit(_) => None,
        };
        for reference in here(&sealing.current).iter().chain(&sealing.index) {
            let SecretRef::File(file) = reference else { continue };
            if !file.exists() {
                if let Some(folder) = file.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::write(file, &*Material::random()?.to_text())
                    .with_context(|| format!("`{}`", file.display()))?;
            }
        }
        let ring = backend::keys::open(sealing, &backend::http::network);
        Ok(Keys::of(ring.map_err(|fault| anyhow::anyhow!(fault.detail.unwrap_or(fault.message)))?))
    }

    /// The demo's secrets, by reference like all others: each file that a source names gets a new value.
    fn secrets(credentials: &[(String, SecretRef)]) -> anyhow::Result<systems::Credentials> {
        let mut found = systems::Credentials::new();
        for (name, reference) in credentials {
            if let SecretRef::File(file) = reference {
                let value = uuid::Uuid::now_v7().simple().to_string();
                if let Some(folder) = file.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::write(file, &value).with_context(|| format!("`{}`", file.display()))?;
            }
            found.push((name.clone(), backend::secret::resolve(reference)?));
        }
        Ok(found)
    }
}

fn greet(public: &str, tokens: Option<&Path>, state: &Path) {
    println!("ready {public}");
    println!();
    println!("Try what is for everyone:");
    println!("  curl '{public}/v1/species'");
    println!("  curl '{public}/v1/pets/109/publicProfile'");
    if let Some(tokens) = tokens {
        println!("and, with the token of a vendor (there is one for each role in {}):", tokens.display());
        println!("  TOKEN=$(sed -n 's/.*\"vendor\": *\"\\([^\"]*\\).*/\\1/p' {})", tokens.display());
        let ask = |path: &str| println!("  curl -H \"Authorization: Bearer $TOKEN\" '{public}{path}'");
        ask("/v1/pets?limit=3&offset=7&fields=name,species,weight(value)&sort=name");
        ask("/v1/pets/109.xml");
        ask("/v1/adoptable-pets?species=dog&weight.value.lt=25&sort=-intakeDate&limit=3");
        ask("/api/v1/auto-parts?category=brakes&fields=sku,description,listPrice&limit=3");
    } else {
        println!("All else needs a token: `--tokens FILE` writes one for each role.");
    }
    println!("Log in at {public}/account as any of those in {}.", state.join("people.json").display());
}

/// The address of a source that runs on this machine.
fn local(address: &str) -> anyhow::Result<SocketAddr> {
    let authority = address.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let address: SocketAddr =
        authority.parse().with_context(|| format!("`{authority}` is no IP address with a port"))?;
    if !address.ip().is_loopback() {
        bail!("the demo's systems run on this machine: `{address}` is elsewhere");
    }
    Ok(address)
}

/// Makes the store anew and fills it with the same pets and customers that the legacy systems have.
async fn fill(sql: &SqlSource, plan: &Plan, keys: &Keys) -> anyhow::Result<()> {
    let url = backend::secret::resolve(&sql.url)?;
    if let Some(file) = url.strip_prefix("sqlite:") {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(sql.root.join(format!("{file}{suffix}")));
        }
    }
    let pool = Pool::open(&url, &sql.root, 1, sql.deadline).await?;
    let folder = sql.migrations.as_deref().unwrap_or(Path::new("migrations/pethub"));
    pool.migrate(&folder.join(pool.flavor().folder())).await?;
    // MariaDB takes times in another spelling.
    let times = match pool.flavor() {
        Flavor::Mariadb => store::Times::Plain,
        Flavor::Sqlite | Flavor::Postgres => store::Times::Rfc3339,
    };
    pool.run_all(&super::fill::inserts(&seed::seed(), times, plan, keys).await?).await?;
    Ok(())
}
