//! `portico serve`.

use super::{Files, runtime_of, show, told};
use crate::{
    control::{self, Serving},
    telemetry::clock::System,
};
use clap::Args;
use std::{path::PathBuf, process::ExitCode, sync::Arc};

#[derive(Debug, Args)]
#[command(after_help = "\
Signals:
  SIGHUP    read the files anew; on any fault in them the old plan serves on (a changed file does the same)
  SIGTERM   take no more requests, finish those under way, end
  SIGINT    end at once
  SIGQUIT   hand the sockets over to a process that was started with --upgrade")]
pub(super) struct Serve {
    #[command(flatten)]
    files: Files,
    /// Take the sockets over from the running process.
    #[arg(long, requires = "upgrade_socket")]
    upgrade: bool,
    /// Where two processes meet to hand sockets over; its folder must be yours alone.
    #[arg(long, value_name = "PATH")]
    upgrade_socket: Option<PathBuf>,
    /// How many threads answer requests; one for each core that the process may use, where it is not said.
    #[arg(long, value_name = "NUMBER")]
    threads: Option<std::num::NonZeroUsize>,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin("warn");
        crate::telemetry::panics::quiet();
        runtime_of(self.threads)?.block_on(async {
            let overrides = self.files.overrides();
            let opened = control::open(&self.files.config, &overrides, Arc::new(System));
            let opened = opened.await.map_err(told)?;
            show(&opened.diagnostics);
            let serving = Serving { upgrade: self.upgrade, upgrade_socket: self.upgrade_socket };
            let listen = opened.facade.current().plan.settings.listen.clone();
            let ready = move |addresses: &[std::net::SocketAddr]| {
                for (address, listen) in addresses.iter().zip(&listen) {
                    let scheme = if listen.certificate.is_some() { "https" } else { "http" };
                    println!("ready {scheme}://{address}");
                }
            };
            control::serve(opened, self.files.config, overrides, serving, ready).await.map_err(told)
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
