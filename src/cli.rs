//! The command line: what people type, and what they read. Colours only on a terminal. No rule of an API is here.

mod access;
mod account;
mod audit;
mod cache;
mod call;
mod caller;
mod check;
mod client;
mod demo;
mod drift;
mod explain;
pub(crate) mod fill;
mod import;
mod key;
mod keys;
mod live;
mod noted;
mod request;
mod schemas;
mod serve;
mod token;
mod writes;

use crate::control::Overrides;
use clap::{Args, Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

/// An API façade: a stable public API over SQL, REST, SOAP and RPC systems of any age.
#[derive(Debug, Parser)]
#[command(
    name = "portico",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "\
Start here:
  portico demo                      everything on this machine, with embedded legacy systems
  portico check                     prove the files before they are used
  portico explain 'GET /v1/pets?limit=3&fields=name'
                                    what a request would call, without calling it
  portico call 'GET /v1/pets/109'   one request through the whole road, without a socket"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the APIs of a configuration.
    Serve(serve::Serve),
    /// Prove the files: every fault at its line, and the round-trip law for every binding.
    Check(check::Check),
    /// Show what a request would call, without calling it.
    Explain(explain::Explain),
    /// Answer one request through the whole road, without a socket.
    Call(call::Call),
    /// Make accounts for staff, and look after those that there are.
    Account(account::Account),
    /// Show who may do what, with which records, on which fields.
    Access(access::Access),
    /// Show where the systems behind give something else than their mappings expect, or than they did.
    Drift(drift::Drift),
    /// Look into the audit trail: who did what to which records; and prove that nobody has changed it.
    Audit(audit::Audit),
    /// Show what a running server keeps of what it read, or drop some of it.
    Cache(cache::Cache),
    /// Show requests of which nobody knows what came, and settle one.
    Writes(writes::Writes),
    /// Run everything on this machine: the façade and the embedded legacy systems.
    Demo(demo::Demo),
    /// Run one of the embedded legacy systems alone.
    System(demo::System),
    /// Who may ask for tokens: vendors and partners.
    Client(client::Client),
    /// Make a token by hand, or show what one says.
    Token(token::Token),
    /// The keys that sign tokens, and those that stored values are sealed with.
    Keys(keys::Keys),
    /// Write a first contract, dialect and mapping for a person to finish.
    Import(import::Import),
    /// Keys of vendors that send one with each request: add, list, replace, remove.
    Key(key::Key),
    /// Write the JSON Schemas of our own files, for editors.
    Schemas(schemas::Schemas),
}

/// Which files are meant.
#[derive(Debug, Clone, Args)]
struct Files {
    /// The configuration file; the folders of mappings and contracts are named in it.
    #[arg(
        short,
        long,
        global = true,
        default_value = "config/demo.yaml",
        env = "PORTICO_CONFIG",
        value_name = "FILE"
    )]
    config: PathBuf,
    /// Listen on this port instead of the configured one.
    #[arg(long, global = true, env = "PORT", value_name = "PORT")]
    port: Option<u16>,
}

impl Files {
    fn overrides(&self) -> Overrides {
        Overrides { port: self.port }
    }
}

/// Runs what was typed.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Serve(serve) => serve.run(),
        Command::Check(check) => check.run(),
        Command::Explain(explain) => explain.run(),
        Command::Call(call) => call.run(),
        Command::Account(account) => account.run(),
        Command::Access(access) => access.run(),
        Command::Drift(drift) => drift.run(),
        Command::Audit(audit) => audit.run(),
        Command::Cache(cache) => cache.run(),
        Command::Writes(writes) => writes.run(),
        Command::Demo(demo) => demo.run(),
        Command::System(system) => system.run(),
        Command::Client(client) => client.run(),
        Command::Token(token) => token.run(),
        Command::Keys(keys) => keys.run(),
        Command::Import(import) => import.run(),
        Command::Key(key) => key.run(),
        Command::Schemas(schemas) => schemas.run(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("{}error{}: {error:#}", style(anstyle::AnsiColor::Red), anstyle::Reset);
            ExitCode::FAILURE
        }
    }
}

fn style(colour: anstyle::AnsiColor) -> anstyle::Style {
    anstyle::Style::new().bold().fg_color(Some(colour.into()))
}

/// Whether standard error takes colours.
fn coloured() -> bool {
    use std::io::IsTerminal;
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Shows diagnostics, all of them.
fn show(diagnostics: &crate::fault::Diagnostics) {
    if !diagnostics.is_empty() {
        let text = if coloured() { diagnostics.render_coloured() } else { diagnostics.render_plain() };
        eprintln!("{text}\n");
    }
}

/// A refusal of `control` for people: diagnostics are shown, the rest is an error.
fn told(refusal: crate::control::Refusal) -> anyhow::Error {
    if let crate::control::Refusal::Files(diagnostics) = &refusal {
        show(diagnostics);
    }
    refusal.into()
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    runtime_of(None)
}

/// With so many threads, or as many as there are cores.
fn runtime_of(threads: Option<std::num::NonZeroUsize>) -> anyhow::Result<tokio::runtime::Runtime> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = threads {
        runtime.worker_threads(threads.get());
    }
    Ok(runtime.enable_all().build()?)
}
