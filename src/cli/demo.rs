//! `portico demo` and `portico system`: the embedded legacy systems, and the façade in front of them.

use super::{Files, runtime, show, told};
use crate::{
    backend::sql::{Flavor, pool::Pool},
    control::{self, Serving},
    demo::{drupal7, seed, store},
    plan::{SourceKind, SqlSource},
};
use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

#[derive(Debug, Args)]
#[command(after_help = "The demo's data is made anew at each start, the same every time.")]
pub(super) struct Demo {
    #[command(flatten)]
    files: Files,
    /// The folder of the demo's own files: the store, and the log of what each system was asked.
    #[arg(long, default_value = "target/demo", value_name = "FOLDER")]
    state: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Name {
    Drupal7,
}

#[derive(Debug, Args)]
pub(super) struct System {
    /// Which one.
    name: Name,
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:4101")]
    listen: SocketAddr,
    /// The password of its user `portico`.
    #[arg(long, default_value = "portico", env = "PORTICO_DRUPAL7_PASSWORD")]
    password: String,
    /// A file that gets a line for each request.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

impl System {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let Name::Drupal7 = self.name;
        runtime()?.block_on(async {
            let site = site(self.password, self.log);
            let listener = bind(self.listen).await?;
            println!("ready http://{}", listener.local_addr()?);
            axum::serve(listener, site.router()).await?;
            Ok(ExitCode::SUCCESS)
        })
    }
}

fn site(password: String, log: Option<PathBuf>) -> Arc<drupal7::Site> {
    let settings =
        drupal7::Settings { user: "portico".into(), password, log, ..drupal7::Settings::default() };
    drupal7::Site::new(&seed::seed(), settings)
}

async fn bind(address: SocketAddr) -> anyhow::Result<tokio::net::TcpListener> {
    tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} cannot be listened on; is another demo running?"))
}

impl Demo {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin("warn");
        std::fs::create_dir_all(&self.state)
            .with_context(|| format!("`{}` cannot be made", self.state.display()))?;
        // The demo's one secret, by reference like every other.
        let password = uuid::Uuid::now_v7().simple().to_string();
        std::fs::write(self.state.join("drupal7.password"), &password)?;
        runtime()?.block_on(self.start(password))
    }

    async fn start(self, password: String) -> anyhow::Result<ExitCode> {
        let (plan, _, diagnostics) = control::plan(&self.files.config, &self.files.overrides());
        let Some(plan) = plan else {
            show(&diagnostics);
            bail!("the files have {} errors", diagnostics.errors());
        };
        let mut systems = tokio::task::JoinSet::new();
        for source in &plan.sources {
            match (&source.kind, source.name.as_str()) {
                (SourceKind::Http(http), "drupal7") => {
                    let log = self.state.join("drupal7.log");
                    let _ = std::fs::remove_file(&log);
                    let site = site(password.clone(), Some(log));
                    let listener = bind(local(&http.address)?).await?;
                    systems.spawn(async move { axum::serve(listener, site.router()).await });
                }
                (SourceKind::Http(_), name) => bail!("the demo has no embedded system `{name}`"),
                (SourceKind::Sql(sql), _) => fill(sql).await?,
                (SourceKind::Stub, _) => {}
            }
        }
        let (facade, diagnostics) =
            control::facade(&self.files.config, &self.files.overrides()).await.map_err(told)?;
        show(&diagnostics);
        let public = plan.settings.public_url.clone();
        let ready = move |_: &[SocketAddr]| greet(&public);
        let (config, overrides) = (self.files.config.clone(), self.files.overrides());
        control::serve(facade, config, overrides, Serving::default(), ready).await.map_err(told)?;
        systems.shutdown().await;
        Ok(ExitCode::SUCCESS)
    }
}

fn greet(public: &str) {
    println!("ready {public}");
    println!();
    println!("Try:");
    println!("  curl '{public}/v1/pets?limit=3&offset=7&fields=name,species,weight(value)&sort=name'");
    println!("  curl '{public}/v1/pets/109/publicProfile'");
    println!("  curl '{public}/v1/pets/109.xml'");
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
async fn fill(sql: &SqlSource) -> anyhow::Result<()> {
    let url = crate::backend::secret::resolve(&sql.url)?;
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
    pool.run_all(&store::inserts(&seed::seed(), times)).await?;
    Ok(())
}
