//! `portico call`.

use super::{Files, request::Typed, runtime, told};
use crate::control;
use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt, Full};
use std::{io::Write, process::ExitCode};

#[derive(Debug, Args)]
pub(super) struct Call {
    #[command(flatten)]
    typed: Typed,
    #[command(flatten)]
    caller: super::caller::As,
    #[command(flatten)]
    files: Files,
    /// Show the status and the headers, too.
    #[arg(short, long)]
    include: bool,
}

impl Call {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin_for_asker("warn");
        let (request, body) = self.typed.read()?;
        let caller = self.caller.read()?;
        runtime()?.block_on(async {
            let (facade, _) =
                control::facade(&self.files.config, &self.files.overrides()).await.map_err(told)?;
            let deadline =
                tokio::time::Instant::now() + facade.current().plan.settings.limits.request_deadline;
            let request = request.map(|()| Full::new(body.unwrap_or_else(Bytes::new)));
            let response = facade.answer_as(caller, request, deadline).await;
            let status = response.status();
            let mut out = std::io::stdout().lock();
            if self.include {
                writeln!(out, "{status}")?;
                for (name, value) in response.headers() {
                    writeln!(out, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
                }
                writeln!(out)?;
            }
            let body = response.into_body().collect().await?.to_bytes();
            out.write_all(&body)?;
            writeln!(out)?;
            Ok(if status.is_success() || status.as_u16() == 304 {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        })
    }
}
